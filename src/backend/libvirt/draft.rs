//! A document under change: one step after another, each on what the one before left.

use crate::doc::SyntaxError;
pub(super) use crate::doc::xml::place;
use crate::doc::xml::{Editing, XmlDoc};

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

    /// Makes the changes that `step` finds to be needed, all on one document.
    pub(super) fn change(&mut self, step: impl FnOnce(&XmlDoc<'_>, &mut Editing<'_>)) {
        let changed = match XmlDoc::parse(&self.text) {
            Ok(doc) => {
                let mut editing = Editing::of(&doc);
                step(&doc, &mut editing);
                editing.finish()
            }
            Err(error) => {
                self.failed.get_or_insert(error);
                return;
            }
        };
        self.text = changed;
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

/// Returns what of `new` is which of `count` old ones, by their ordinals.
pub(super) fn by_ordinal<T>(
    new: &[T],
    count: usize,
    ordinal: impl Fn(&T) -> Option<usize>,
) -> Vec<Option<&T>> {
    let mut found = vec![None; count];
    for item in new {
        if let Some(place) = ordinal(item).and_then(|ordinal| found.get_mut(ordinal)) {
            place.get_or_insert(item);
        }
    }
    found
}
