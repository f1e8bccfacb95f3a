//! A keyfile as NetworkManager reads it: what a property cannot take is not there.

use std::ops::RangeInclusive;

use super::{Fault, Refusal};
use crate::doc::keyfile::{KeyfileDoc, value};

/// The group of a card, in NetworkManager's words; it counts before the shorter one of files.
pub(super) const ETHERNET: &str = "802-3-ethernet";
/// The group of Wi-Fi, in NetworkManager's words.
pub(super) const WIFI: &str = "802-11-wireless";

/// What a property of 32 bits takes.
pub(super) const ANY: RangeInclusive<i64> = i32::MIN as i64..=u32::MAX as i64;

/// A keyfile.
pub(super) struct Reading<'d> {
    doc: &'d KeyfileDoc,
}

/// Returns the name of a group or of a kind in NetworkManager's words.
///
/// Source: `alias_list` in nm-keyfile-utils.c.
pub(in super::super) fn canonical(name: &str) -> &str {
    match name {
        "ethernet" => ETHERNET,
        "wifi" => WIFI,
        name => name,
    }
}

/// Returns the name of a kind in the words of files.
pub(super) fn spoken(kind: &str) -> &str {
    match kind {
        ETHERNET => "ethernet",
        WIFI => "wifi",
        kind => kind,
    }
}

impl<'d> Reading<'d> {
    pub(super) fn of(doc: &'d KeyfileDoc) -> Self {
        Self { doc }
    }

    /// Returns the document.
    pub(super) fn doc(&self) -> &'d KeyfileDoc {
        self.doc
    }

    /// Returns the name by which the file has a group: the short one counts where the long one is not there.
    fn group<'g>(&self, group: &'g str) -> &'g str {
        match group {
            ETHERNET if !self.doc.has_group(ETHERNET) => "ethernet",
            WIFI if !self.doc.has_group(WIFI) => "wifi",
            group => group,
        }
    }

    /// Returns whether a group is there, be it empty.
    pub(super) fn has(&self, group: &str) -> bool {
        self.doc.has_group(self.group(group))
    }

    /// Returns the value of a key as it is written.
    pub(super) fn raw(&self, group: &str, key: &str) -> Option<&'d str> {
        let pair = self.doc.get(self.group(group), key)?;
        Some(self.doc.raw(pair))
    }

    /// Returns the text of a key; a value with an escape that GLib does not know is dropped.
    pub(super) fn text(&self, group: &str, key: &str) -> Option<String> {
        self.raw(group, key)
            .filter(|raw| value::is_escaped(raw, false))
            .map(value::unescape)
    }

    /// Returns the items of a key.
    pub(super) fn list(&self, group: &str, key: &str) -> Vec<String> {
        let raw = self.raw(group, key);
        raw.filter(|raw| value::is_escaped(raw, true))
            .map(value::list)
            .unwrap_or_default()
    }

    /// Returns the boolean of a key.
    pub(super) fn boolean(&self, group: &str, key: &str) -> Option<bool> {
        value::boolean(self.raw(group, key)?)
    }

    /// Returns the number of a key, if the property takes it: decimal, octal behind 0, hexadecimal behind 0x.
    ///
    /// Source: `read_one_setting_value()` in nm-keyfile.c, `_nm_utils_ascii_str_to_int64()`.
    pub(super) fn number(&self, group: &str, key: &str, takes: RangeInclusive<i64>) -> Option<i64> {
        let number = number(self.raw(group, key)?)?;
        takes.contains(&number).then_some(number)
    }

    /// Returns the refusal for a key; where it is not there the heading of its group is at fault.
    pub(super) fn refusal(&self, group: &str, key: &str, why: String) -> Option<Refusal> {
        let name = self.group(group);
        let pair = self.doc.get(name, key).map(|pair| pair.line);
        let heading = || {
            let mut sections = self.doc.sections().iter();
            let section = sections.find(|section| section.group == name)?;
            u32::try_from(section.heading + 1).ok()
        };
        Some(Refusal {
            why,
            line: pair.or_else(heading),
            fault: Fault::Other,
        })
    }

    /// Returns the refusal for a value that is none of its key.
    pub(super) fn not_valid(&self, group: &str, key: &str) -> Option<Refusal> {
        let raw = self.raw(group, key).unwrap_or_default();
        let why = match raw.is_empty() {
            true => format!("{key} in [{}] is empty", self.group(group)),
            false => format!("`{raw}` is not valid for {key} in [{}]", self.group(group)),
        };
        self.refusal(group, key, why)
    }
}

/// Returns the number that a text is in C.
pub(in super::super) fn number(raw: &str) -> Option<i64> {
    let text = raw.trim_matches(|c: char| c.is_ascii_whitespace());
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    // a second sign is none
    let first = digits.chars().next()?;
    let number = i64::from_str_radix(digits, radix).ok();
    let number = number.filter(|_| first.is_ascii_hexdigit())?;
    Some(if negative { -number } else { number })
}

/// Returns whether a text is a hardware address of six bytes.
///
/// Source: `nm_utils_hwaddr_valid()`.
pub(super) fn is_mac(text: &str) -> bool {
    let is_byte = |part: &&str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    [':', '-'].iter().any(|sign| {
        let parts: Vec<&str> = text.split(*sign).collect();
        parts.len() == 6 && parts.iter().all(is_byte)
    })
}

/// Says what is wrong with a name that the kernel does not take for an interface.
///
/// Source: `nm_utils_ifname_valid_kernel()` in nm-shared-utils.c.
pub(super) fn not_of_kernel(name: &str) -> Option<String> {
    let is_bad = |c: char| matches!(c, '/' | ':' | '\t'..='\r' | ' ');
    let shown = name.escape_debug();
    if name.is_empty() {
        return Some("the name of the interface is empty".to_owned());
    }
    if name.contains(is_bad) {
        let why = "has a character that no name of an interface has";
        return Some(format!("`{shown}` {why}"));
    }
    if name.len() > 15 {
        let why = "bytes long; an interface name has at most 15";
        return Some(format!("`{shown}` is {} {why}", name.len()));
    }
    let reserved = matches!(name, "." | "..");
    reserved.then(|| format!("`{shown}` cannot be the name of an interface"))
}

/// Says what is wrong with the name of the interface that a profile is for.
///
/// Source: `nm_utils_ifname_valid()` in nm-shared-utils.c.
pub(super) fn wrong_name(name: &str) -> Option<String> {
    let taken = ["all", "default", "bonding_masters"].contains(&name) || name.contains('%');
    let why = || format!("`{name}` cannot be the name of an interface");
    not_of_kernel(name).or_else(|| taken.then(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_c() {
        for (raw, expected) in [
            ("1", Some(1)),
            (" 1 ", Some(1)),
            ("+1", Some(1)),
            ("-1", Some(-1)),
            ("0x1f", Some(31)),
            ("017", Some(15)),
            ("0", Some(0)),
            ("08", None),
            ("0x", None),
            ("1.5", None),
            ("--1", None),
            ("+-1", None),
            ("1\\s", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(number(raw), expected, "{raw:?}");
        }
    }
}
