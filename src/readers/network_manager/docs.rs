//! Keyfiles that were parsed: each text once, however many ask for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refused::{self, Refusal};
use crate::doc::keyfile::KeyfileDoc;
use crate::tree::HostPath;

/// A keyfile as it was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// Its text.
    pub doc: Arc<KeyfileDoc>,
    /// Why NetworkManager refuses it, if it does.
    pub refusal: Option<Refusal>,
}

/// Keyfiles that were parsed, by file: what one says holds while its text is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs(BTreeMap<HostPath, Doc>);

impl Docs {
    /// Returns what the file at `path` is, which has this text.
    #[must_use]
    pub fn of(&self, path: &HostPath, text: &str) -> Doc {
        let known = self.0.get(path).filter(|known| known.doc.source() == text);
        known.cloned().unwrap_or_else(|| {
            let doc = KeyfileDoc::parse(text);
            Doc {
                refusal: refused::of(&doc),
                doc: Arc::new(doc),
            }
        })
    }

    /// Adds what the file at `path` is.
    pub fn insert(&mut self, path: HostPath, doc: Doc) {
        self.0.insert(path, doc);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_changed_is_parsed_again() {
        let (mut docs, path) = (Docs::default(), HostPath::literal("/x"));
        let first = docs.of(&path, "[connection]\nid=a\n");
        docs.insert(path.clone(), first.clone());
        let same = docs.of(&path, "[connection]\nid=a\n");
        assert!(Arc::ptr_eq(&same.doc, &first.doc));
        let other = docs.of(&path, "[connection]\nid=b\n");
        assert_eq!(other.doc.string("connection", "id").as_deref(), Some("b"));
    }
}
