//! Whether NetworkManager takes a keyfile that was made.

use super::{Entry, Keyfile};
use crate::doc::keyfile::KeyfileDoc;
use crate::readers::refused;
use crate::tree::HostPath;

/// Why NetworkManager would refuse a keyfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong: ends the sentence "NetworkManager refuses it: …".
    pub why: String,
    /// The line of the ifcfg file, or of one beside it, that says so, if one does.
    pub at: Option<(HostPath, u32)>,
}

impl Keyfile {
    /// Returns why NetworkManager would refuse it.
    #[must_use]
    pub fn refused(&self) -> Option<Refused> {
        let doc = KeyfileDoc::parse(&self.text);
        let found = refused::of(&doc)?;
        let line_of = |entry: &Entry| doc.get(entry.group, &entry.key).map(|pair| pair.line);
        let mut said = self.said.iter();
        let entry = said.find(|entry| found.line.is_some() && line_of(entry) == found.line);
        Some(Refused {
            why: found.why,
            at: entry.and_then(|entry| entry.at.clone()),
        })
    }
}
