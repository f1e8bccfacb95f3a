//! Where new elements go, and putting them there in the manner of their surroundings.

use super::fragment::Fragment;
use super::{Element, XmlDoc};
use crate::doc::edits::Edits;

/// Where an element is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind the element of this index.
    After(usize),
    /// Before the element of this index, and before the comments that head it.
    Before(usize),
    /// As the last one in the element of this index.
    In(usize),
}

/// Returns the place for a new element in `parent`: behind the last of those that `order` has before `name`.
#[must_use]
pub fn place(doc: &XmlDoc<'_>, parent: usize, order: &[&str], name: &str) -> Place {
    let before: Vec<&str> = order.iter().copied().take_while(|n| *n != name).collect();
    let rank = |element: &Element<'_>| before.iter().position(|n| *n == element.name);
    let ranked = doc
        .children(parent)
        .filter_map(|(index, element)| Some((rank(element)?, index)));
    match (ranked.max(), doc.children(parent).next()) {
        (Some((_, index)), _) => Place::After(index),
        (None, Some((index, _))) => Place::Before(index),
        (None, None) => Place::In(parent),
    }
}

impl XmlDoc<'_> {
    pub(super) fn insert(&self, edits: &mut Edits, place: Place, fragments: &[Fragment]) {
        match place {
            Place::After(index) => self.insert_after(edits, index, fragments),
            Place::Before(index) => self.insert_before(edits, index, fragments),
            Place::In(parent) => {
                let end = self.elements[parent].span.end;
                let end = self.elements.partition_point(|e| e.span.start < end);
                let inside = self.elements[..end].iter().enumerate().rev();
                let mut inside = inside.take_while(|(index, _)| *index > parent);
                let last = inside.find(|(_, element)| element.parent == Some(parent));
                match last {
                    Some((index, _)) => self.insert_after(edits, index, fragments),
                    None => self.insert_first(edits, parent, fragments),
                }
            }
        }
    }

    fn insert_after(&self, edits: &mut Edits, index: usize, fragments: &[Fragment]) {
        let element = &self.elements[index];
        let style = self.style_at(index);
        // a comment behind the element speaks of it
        let line_end = self.source[element.span.end..]
            .find('\n')
            .map_or(self.source.len(), |at| element.span.end + at);
        let rest = element.span.end..line_end;
        let mut at = element.span.end;
        for comment in self.comments_in(&rest) {
            if self.blank(at..comment.start) && comment.end <= line_end {
                at = comment.end;
            }
        }
        if !self.blank(at..line_end) {
            at = element.span.end;
        }
        for fragment in fragments {
            edits.insert(at, format!("{}{}", style.gap(), fragment.render(&style)));
        }
    }

    fn insert_before(&self, edits: &mut Edits, index: usize, fragments: &[Fragment]) {
        let style = self.style_at(index);
        let mut at = self.elements[index].span.start;
        let known = self.comments.partition_point(|comment| comment.start < at);
        for comment in self.comments[..known].iter().rev() {
            let between = comment.end..at;
            let heads = self.blank(between.clone())
                && self.source[between].matches('\n').count() <= 1
                && self.blank(self.line_start(comment.start)..comment.start);
            if !heads {
                break;
            }
            at = comment.start;
        }
        for fragment in fragments {
            edits.insert(at, format!("{}{}", fragment.render(&style), style.gap()));
        }
    }

    /// Puts the first element into one that has none.
    fn insert_first(&self, edits: &mut Edits, parent: usize, fragments: &[Fragment]) {
        let element = &self.elements[parent];
        let style = self.style_at(parent);
        let inside = style.deeper();
        let render = |fragment: &Fragment| format!("{}{}", inside.gap(), fragment.render(&inside));
        let text: String = fragments.iter().map(render).collect();
        let Some(inner) = &element.inner else {
            let end = element.span.end;
            let start = self.source[..end - 2].trim_end().len();
            let close = format!("</{}>", element.name);
            edits.replace(start..end, format!(">{text}{}{close}", style.gap()));
            return;
        };
        let content = self.source[inner.clone()].trim_end();
        let at = inner.start + content.len();
        edits.replace(at..inner.end, format!("{text}{}", style.gap()));
    }
}
