//! A document under change: one step after another, each on what the one before left.

use crate::doc::SyntaxError;
pub(super) use crate::doc::xml::place;
use crate::doc::xml::{Step, XmlDoc};

/// The text of a document that is being changed.
pub(super) struct Draft {
    text: String,
    /// The first text that was no document: a fault of a step.
    failed: Option<SyntaxError>,
}

impl Draft {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            failed: None,
        }
    }

    /// Returns what `look` sees in the document.
    pub(super) fn says<T>(&self, look: impl FnOnce(&XmlDoc<'_>) -> Option<T>) -> Option<T> {
        look(&XmlDoc::parse(&self.text).ok()?)
    }

    /// Makes the change that `step` finds to be needed.
    pub(super) fn change<'a>(&mut self, step: impl FnOnce(&XmlDoc<'_>) -> Option<Step<'a>>) {
        let changed = match XmlDoc::parse(&self.text) {
            Ok(doc) => step(&doc).map(|step| doc.change(&step)),
            Err(error) => {
                self.failed.get_or_insert(error);
                None
            }
        };
        if let Some(text) = changed {
            self.text = text;
        }
    }

    /// Makes changes until `step` finds none to be needed; each must bring the end nearer.
    pub(super) fn change_all<'a>(&mut self, step: impl Fn(&XmlDoc<'_>) -> Option<Step<'a>>) {
        loop {
            let known = self.text.clone();
            self.change(&step);
            if self.text == known {
                return;
            }
        }
    }

    /// Replaces `from` by `to` behind `words` in the comment that libvirt puts at the head of its files.
    pub(super) fn in_header(&mut self, words: &str, from: &str, to: &str) {
        let Ok(doc) = XmlDoc::parse(&self.text) else {
            return;
        };
        let Some(header) = doc.comments().first() else {
            return;
        };
        let comment = &self.text[header.clone()];
        let known = comment.contains("THIS IS AN AUTO-GENERATED FILE");
        let at = comment
            .find(words)
            .map(|at| header.start + at + words.len());
        if let Some(at) = at.filter(|at| known && self.text[*at..].starts_with(from)) {
            self.text.replace_range(at..at + from.len(), to);
        }
    }

    pub(super) fn finish(self) -> Result<String, SyntaxError> {
        match self.failed {
            Some(error) => Err(error),
            None => XmlDoc::parse(&self.text).map(|_| self.text.clone()),
        }
    }
}
