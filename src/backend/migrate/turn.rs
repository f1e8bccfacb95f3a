//! What becomes of the value of a key: the kinds of values that rows are made of.

use super::source::Source;
use crate::doc::keyfile::value;

/// Turns the value of a key into that of its counterpart, as it is written; nothing where it is the default.
pub(super) type Turn = fn(&Source<'_>, &str) -> Result<Option<String>, NotValid>;

/// A value that the reader passes over.
pub(super) struct NotValid;

pub(super) const I32: i64 = i32::MAX as i64;
pub(super) const U32: i64 = u32::MAX as i64;

pub(super) fn text(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok(source.text(key).map(value::escape))
}

/// A list whose items are separated by blanks.
pub(super) fn words(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    words_of(source.text(key))
}

/// A list whose items are separated by blanks that no backslash precedes; of a backslash before anything else both stay.
///
/// Source: `nm_utils_escaped_tokens_split()` (run).
pub(super) fn escaped_words(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let Some(text) = source.text(key) else {
        return Ok(None);
    };
    let (mut items, mut item) = (Vec::new(), String::new());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c) if c.is_ascii_whitespace() || c == '\\' => item.push(c),
                other => item.extend([c].into_iter().chain(other)),
            },
            c if c.is_ascii_whitespace() => items.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
    }
    items.push(item);
    let items = items.iter().filter(|item| !item.is_empty());
    let item = |item: &String| value::escape(item).replace(';', "\\;") + ";";
    Ok(Some(items.map(item).collect()))
}

/// A list that is said though it is empty.
pub(super) fn maybe_words(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    words_of(source.any(key))
}

pub(super) fn words_of(text: Option<&str>) -> Result<Option<String>, NotValid> {
    let words = text.map(str::split_ascii_whitespace);
    let item = |word: &str| value::escape(word).replace(';', "\\;") + ";";
    Ok(words.map(|words| words.map(item).collect()))
}

pub(super) fn no_is_true(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(false)).then(|| "true".to_owned()))
}

pub(super) fn no_is_false(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(false)).then(|| "false".to_owned()))
}

pub(super) fn yes_is_false(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(true)).then(|| "false".to_owned()))
}

pub(super) fn yes_is_true(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(true)).then(|| "true".to_owned()))
}

/// 1 for yes, 0 for no.
pub(super) fn bit(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    numbered(source, key, "1", "0")
}

pub(super) fn metered(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    numbered(source, key, "1", "2")
}

pub(super) fn numbered(
    source: &Source<'_>,
    key: &str,
    yes: &str,
    no: &str,
) -> Result<Option<String>, NotValid> {
    if source.text(key).is_none() {
        return Ok(None);
    }
    let word = source.boolean(key).ok_or(NotValid)?;
    Ok(Some(if word { yes } else { no }.to_owned()))
}

/// A number between two bounds, less a default that is not written.
pub(super) fn number<const LEAST: i64, const MOST: i64, const USUAL: i64>(
    source: &Source<'_>,
    key: &str,
) -> Result<Option<String>, NotValid> {
    if source.text(key).is_none() {
        return Ok(None);
    }
    let number = source.number(key, LEAST, MOST).ok_or(NotValid)?;
    Ok((number != USUAL).then(|| number.to_string()))
}

/// One of these words, each with its number, or the number itself.
pub(super) fn choice(
    source: &Source<'_>,
    key: &str,
    words: &[(&str, i64)],
) -> Result<Option<String>, NotValid> {
    let Some(value) = source.text(key) else {
        return Ok(None);
    };
    let named = words.iter().find(|(word, _)| *word == value);
    let number = named.map(|(_, number)| *number);
    let number = number.or_else(|| value.parse().ok()).ok_or(NotValid)?;
    Ok((number != -1).then(|| number.to_string()))
}

pub(super) fn resolved(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [("default", -1), ("no", 0), ("resolve", 1), ("yes", 2)];
    choice(source, key, &words)
}

pub(super) fn over_tls(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [("default", -1), ("no", 0), ("opportunistic", 1), ("yes", 2)];
    choice(source, key, &words)
}

pub(super) fn link_local(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [
        ("default", -1),
        ("auto", 1),
        ("disabled", 2),
        ("enabled", 3),
        ("fallback", 4),
    ];
    let found = choice(source, key, &words)?;
    Ok(found.filter(|number| number != "0"))
}

/// Flags, by names that blanks or commas separate, or numbers.
///
/// Source: `_nm_utils_enum_from_str_full()` of NetworkManager.
pub(super) fn flags(
    source: &Source<'_>,
    key: &str,
    names: &[(&str, u32)],
) -> Result<Option<String>, NotValid> {
    let Some(value) = source.text(key) else {
        return Ok(None);
    };
    let mut flags = 0;
    for word in value.split([',', ' ']).filter(|word| !word.is_empty()) {
        let named = names.iter().find(|(name, _)| *name == word);
        let hex = word.strip_prefix("0x");
        let hex = hex.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = named.map(|(_, flag)| *flag).or(hex);
        flags |= number.or_else(|| word.parse().ok()).ok_or(NotValid)?;
    }
    Ok((flags != 0).then(|| flags.to_string()))
}

pub(super) fn mptcp(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let names = [
        ("none", 0),
        ("disabled", 0x1),
        ("enabled", 0x2),
        ("also-without-sysctl", 0x4),
        ("also-without-default-route", 0x8),
        ("signal", 0x10),
        ("subflow", 0x20),
        ("backup", 0x40),
        ("fullmesh", 0x80),
    ];
    flags(source, key, &names)
}

pub(super) fn lldp(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    match source.text(key) {
        Some("rx") => Ok(Some("1".to_owned())),
        Some(_) => bit(source, key),
        None => Ok(None),
    }
}

pub(super) fn users(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let users = source.text(key).map(str::split_ascii_whitespace);
    Ok(users.map(|users| users.map(|user| format!("user:{user}:;")).collect()))
}

pub(super) fn ping(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let found = number::<0, I32, 0>(source, key)?;
    Ok(found.map(|seconds| seconds.parse().unwrap_or(600_i64).min(600).to_string()))
}

/// Seconds, maybe with a fraction, as milliseconds.
pub(super) fn wait(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let Some(value) = source.text(key) else {
        return Ok(None);
    };
    let seconds: f64 = value.trim().parse().map_err(|_| NotValid)?;
    let fits = (0.0..=2_147_483.0).contains(&seconds);
    let milliseconds = format!("{:.0}", seconds * 1000.0);
    fits.then_some(Some(milliseconds)).ok_or(NotValid)
}
