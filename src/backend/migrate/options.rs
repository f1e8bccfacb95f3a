//! Lists of options in one value: `name=value`, separated by blanks.

use super::loss::{Loss, Weight};
use super::source::Source;

/// Returns the options of `key`: `name=value`, separated by blanks.
pub(super) fn options<'s>(
    source: &'s Source<'_>,
    key: &str,
) -> impl Iterator<Item = (&'s str, &'s str)> {
    let text = source.text(key).unwrap_or_default();
    let words = text.split_ascii_whitespace();
    let options = words.filter_map(|word| word.split_once('='));
    options.filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

/// Says that an option is lost.
pub(super) fn lost(
    source: &Source<'_>,
    key: &str,
    name: &str,
    value: &str,
    meant: &str,
    weight: Weight,
) -> Loss {
    Loss {
        at: source.path.clone(),
        line: source.line(key).map(|(_, line)| line),
        what: format!("{name}={value} of {key}"),
        meant: meant.to_owned(),
        instead: None,
        weight,
    }
}

/// Says that a key is lost.
pub(super) fn lost_key(source: &Source<'_>, key: &str, meant: &str, weight: Weight) -> Loss {
    Loss {
        at: source.path.clone(),
        line: source.line(key).map(|(_, line)| line),
        what: key.to_owned(),
        meant: meant.to_owned(),
        instead: None,
        weight,
    }
}
