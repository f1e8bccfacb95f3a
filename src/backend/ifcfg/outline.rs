//! What a text of assignments is made of, and how it is written: what a summary of it needs.

use crate::doc::shell::{LineKind, ShellDoc, Value};

/// What a text of assignments is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The names that are assigned, in their order.
    pub keys: Vec<String>,
    /// How many lines have a comment.
    pub comments: usize,
    /// Whether there are lines that only a shell understands.
    pub has_code: bool,
    /// The first line that is such, or has a value that is.
    pub first_shell: Option<u32>,
    /// Whether it begins with a byte order mark.
    pub byte_order_mark: bool,
    /// Whether its lines end in CR LF.
    pub cr_lf: bool,
}

/// Returns the outline of a text of assignments.
#[must_use]
pub fn outline(text: &str) -> Outline {
    let doc = ShellDoc::parse(text);
    let code = || {
        doc.lines()
            .iter()
            .filter(|line| line.kind == LineKind::Code)
    };
    let values = doc.assignments();
    let values = values.filter(|assignment| assignment.value == Value::Shell);
    let values = values.map(|assignment| assignment.line);
    let commented = doc.lines().iter().filter(|line| line.comment.is_some());
    Outline {
        keys: doc.assignments().map(|a| a.name.clone()).collect(),
        comments: commented.count(),
        has_code: code().next().is_some(),
        first_shell: code().map(|line| line.number).chain(values).min(),
        byte_order_mark: text.starts_with('\u{feff}'),
        cr_lf: doc.line_end() == "\r\n",
    }
}
