//! Conditions that a device meets, as NetworkManager's configuration spells them.
//!
//! Source: NetworkManager.conf(5), "Device List Format"; nm-core-utils.c (`nm_match_spec_device()`).

use super::super::{Device, glob};

/// What a list of conditions comes to: an exception that is met decides; exceptions alone mean all others.
pub(super) fn decide(conditions: impl Iterator<Item = (bool, bool)>) -> bool {
    let (mut any, mut met, mut plain) = (false, false, false);
    for (is_plain, holds) in conditions {
        if !is_plain && holds {
            return false;
        }
        any = true;
        plain |= is_plain;
        met |= is_plain && holds;
    }
    met || (any && !plain)
}

/// A condition that a device meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) plain: bool,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    All,
    Name(String),
    Pattern(String),
    Mac(String),
    Kind(String),
    /// What files do not tell, such as a driver.
    Other,
    /// Nothing: it is no condition.
    Never,
}

impl Spec {
    pub(super) fn parse(word: &str) -> Self {
        // the words before the colon may have any case
        let tag = |word: &str, tag: &str| {
            let start = word.get(..tag.len())?;
            start
                .eq_ignore_ascii_case(tag)
                .then(|| word[tag.len()..].to_owned())
        };
        let (plain, word) = match tag(word, "except:") {
            Some(word) => (false, word),
            None => (true, word.to_owned()),
        };
        let word = word.as_str();
        let what = if word == "*" {
            What::All
        } else if let Some(name) = tag(word, "interface-name:") {
            match (name.strip_prefix('='), name.strip_prefix('~')) {
                (Some(name), _) => What::Name(name.to_owned()),
                (None, Some(name)) => What::Pattern(name.to_owned()),
                (None, None) => What::Pattern(name),
            }
        } else if let Some(mac) = tag(word, "mac:") {
            What::Mac(mac.to_ascii_lowercase().replace('-', ":"))
        } else if let Some(kind) = tag(word, "type:") {
            What::Kind(kind)
        } else if word.contains(':') && !is_mac(word) {
            What::Other
        } else if !plain {
            // a name or an address alone is no exception
            What::Never
        } else if is_mac(word) {
            What::Mac(word.to_ascii_lowercase())
        } else {
            What::Name(word.to_owned())
        };
        Self { plain, what }
    }

    fn holds(&self, device: &Device<'_>) -> bool {
        match &self.what {
            What::All => true,
            What::Name(name) => name == device.name,
            What::Pattern(pattern) => glob::fits_stars(pattern, device.name),
            What::Mac(mac) => device.mac.is_some_and(|own| own.eq_ignore_ascii_case(mac)),
            What::Kind(kind) => device.kind == Some(kind),
            What::Other | What::Never => false,
        }
    }
}

fn is_mac(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    let hex = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    parts.len() == 6 && parts.iter().all(hex)
}

pub(super) fn matched(specs: &[Spec], device: &Device<'_>) -> bool {
    decide(specs.iter().map(|spec| (spec.plain, spec.holds(device))))
}
