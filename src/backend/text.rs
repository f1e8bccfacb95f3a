//! From the bytes of a tree to text, or to what keeps them from being text.

use crate::doc::{SyntaxError, SyntaxKind};
use crate::host::{Broken, Cause, Cure, Subject};
use crate::tree::{Entry, HostPath, LinkEnd, Tree};

/// Returns the text of the file at `path`, whatever its bytes are.
pub(super) fn text_of(tree: &Tree, path: &HostPath) -> Option<String> {
    let file = tree.file(path)?;
    Some(String::from_utf8_lossy(&file.bytes).into_owned())
}

/// Returns the text of the file at `path`, links followed.
///
/// # Errors
/// What is there instead of a readable text file; `about` names the interface, network or guest concerned.
pub(super) fn text<'a>(tree: &'a Tree, path: &HostPath, about: &str) -> Result<&'a str, Broken> {
    text_in(tree, path, tree.get(path), about)
}

/// Returns the text of the file at `path`, where `entry` is, links followed.
///
/// # Errors
/// As [`text`].
pub(super) fn text_in<'a>(
    tree: &'a Tree,
    path: &HostPath,
    entry: Option<&'a Entry>,
    about: &str,
) -> Result<&'a str, Broken> {
    let broken = |place: Option<(u32, u32)>, why: String| {
        let (line, column) = place.unzip();
        Broken {
            path: path.clone(),
            subject: Subject::default(),
            about: about.to_owned(),
            line,
            column,
            excerpt: String::new(),
            why,
            cause: Cause::Fault,
            cure: Cure::default(),
            also: None,
        }
    };
    let Some(file) = entry.and_then(|entry| tree.file_in(entry)) else {
        let cause = match entry {
            Some(Entry::Unreadable(_)) => Cause::Limit,
            Some(Entry::File(_) | Entry::Link { .. } | Entry::Unread | Entry::Other(_)) | None => {
                Cause::Fault
            }
        };
        let (why, cure) = missing(tree, entry);
        return Err(Broken {
            cause,
            cure,
            ..broken(None, why)
        });
    };
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        let place = place(&file.bytes, error.valid_up_to());
        Broken {
            cause: Cause::Limit,
            cure: Cure::Convert,
            ..broken(Some(place), "not valid UTF-8".to_owned())
        }
    })?;
    match text.find('\0') {
        Some(at) => {
            let place = place(text.as_bytes(), at);
            Err(broken(Some(place), "contains a NUL byte".to_owned()))
        }
        None => Ok(text),
    }
}

/// Returns what is there instead of a file that can be read, and what helps.
fn missing(tree: &Tree, entry: Option<&Entry>) -> (String, Cure) {
    match entry {
        Some(Entry::Link {
            end: LinkEnd::Broken(why),
            ..
        }) => (why.clone(), Cure::MendLink),
        Some(Entry::Link {
            end: LinkEnd::At(end),
            ..
        }) => match tree.get(end) {
            Some(Entry::Link { .. }) | None => {
                let why = format!("a link to `{end}`, which could not be read");
                (why, Cure::MendLink)
            }
            entry => missing(tree, entry),
        },
        Some(Entry::Other(kind)) => (format!("a {kind}, not a file"), Cure::ReplaceByFile),
        Some(Entry::Unreadable(why)) => (why.clone(), Cure::Correct),
        Some(
            Entry::Link {
                end: LinkEnd::NotFollowed,
                ..
            }
            | Entry::Unread
            | Entry::File(_),
        )
        | None => ("not read".to_owned(), Cure::Correct),
    }
}

/// Returns line and column of the byte `at`.
fn place(bytes: &[u8], at: usize) -> (u32, u32) {
    let before = &bytes[..at];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count()
        + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

/// Returns the problem that a syntax error in the file at `path` is.
pub(super) fn broken_by(error: &SyntaxError, path: &HostPath, about: &str) -> Broken {
    Broken {
        path: path.clone(),
        subject: Subject::default(),
        about: about.to_owned(),
        line: Some(error.line),
        column: Some(error.column),
        excerpt: error.excerpt.clone(),
        why: error.message.clone(),
        cause: match error.kind {
            SyntaxKind::Malformed => Cause::Fault,
            SyntaxKind::Beyond => Cause::Limit,
        },
        cure: Cure::default(),
        also: error.also,
    }
}
