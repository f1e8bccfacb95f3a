//! What a file says that the model has no word for.

/// A setting that is carried without being understood: another format could not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// The field's name for it, `PEERDNS`.
    pub key: String,
    /// Its value, `None` where only a shell knows.
    pub value: Option<String>,
}
