//! The names of copies that others make: a file's name with `.bak`, `_orig`, `.20240401` or `~` behind it.
//!
//! To add one: its word in [`WORDS`].

use crate::layout::{About, FILES};

/// What says that a file is a copy, behind a dot, `_` or `-`, in small letters: as admins, editors and rpm write it.
const WORDS: &[&str] = &["backup", "bak", "old", "orig", "rpmorig", "rpmsave", "save"];

/// Returns whether `rest`, which stands behind the name of a file, says that it is a copy. Several words may follow each other,
/// and a number of up to three digits a word.
pub(super) fn says_copy(rest: &str) -> bool {
    let Some((left, mark)) = last(rest) else {
        return false;
    };
    match mark {
        Mark::Number => says_copy(left),
        Mark::Word | Mark::Date(_) => left.is_empty() || says_copy(left),
    }
}

/// Returns whether a file of this name may be the copy of a profile, or of what is found by its name.
pub(super) fn may_be_copy(name: &str) -> bool {
    let kinds = FILES
        .iter()
        .filter(|kind| kind.format.is_some() && kind.about != About::Secrets);
    let mut starts = kinds.filter_map(|kind| Some(kind.name.split_once('*')?.0));
    let begins = starts.any(|start| !start.is_empty() && name.starts_with(start));
    (begins || name.contains(".route")) && last(name).is_some()
}

/// Returns the date that `rest` says, as a number that grows with time.
pub(super) fn date(rest: &str) -> Option<u32> {
    match last(rest)? {
        (_, Mark::Date(date)) => Some(date),
        (left, Mark::Word | Mark::Number) => date(left),
    }
}

/// What a name may end in.
enum Mark {
    Word,
    Date(u32),
    Number,
}

/// Returns what the name ends in, and what stands before it.
fn last(name: &str) -> Option<(&str, Mark)> {
    if let Some(left) = name.strip_suffix('~') {
        return Some((left, Mark::Word));
    }
    let at = name.rfind(['.', '_', '-'])?;
    let (left, word) = (&name[..at], &name[at + 1..]);
    if WORDS.contains(&word.to_ascii_lowercase().as_str()) {
        return Some((left, Mark::Word));
    }
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = word.parse().ok().filter(|_| digits)?;
    let (month, day) = (number / 100 % 100, number % 100);
    match word.len() {
        1..=3 => Some((left, Mark::Number)),
        8 if (1990..2100).contains(&(number / 10_000))
            && (1..=12).contains(&month)
            && (1..=31).contains(&day) =>
        {
            Some((left, Mark::Date(number)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_says_that_a_file_is_a_copy() {
        for rest in [
            ".bak",
            ".BAK",
            ".bak.1",
            "_orig",
            "-old",
            "~",
            ".old~",
            ".save",
            ".rpmsave",
            ".20240401",
            ".20240401.bak",
            "_orig.2",
            ".bak-20240401",
        ] {
            assert!(says_copy(rest), "{rest}");
        }
        for rest in [
            "",
            ".100",
            ".100.bak",
            ":0.bak",
            "0",
            ".1",
            ".20241301",
            ".1024",
            "-range0.bak",
            "bak",
            ".rpmnew",
            "_lan",
            ".ä",
            "-",
        ] {
            assert!(!says_copy(rest), "{rest}");
        }
    }

    #[test]
    fn reads_the_date() {
        assert_eq!(date(".20240401.bak"), Some(20_240_401));
        assert_eq!(date(".bak.2"), None);
    }
}
