//! The text of a profile: its settings and companions, as they stand in the files.
//!
//! The model knows what they mean; here they are carried with their spelling.

use std::net::IpAddr;
use std::ops::Range;

use super::owned::OwnedText;
use crate::doc::edits::Edits;
use crate::doc::shell::ShellDoc;
use crate::host::spot::Said;
use crate::layout::FileKind;
use crate::tree::HostPath;

/// What part a setting plays: the facet of the model that says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Addresses, their method, gateways.
    Address,
    /// Whether and how IPv6 configures itself.
    Ipv6,
    /// Name servers.
    Dns,
    /// Any other layer-3 setting.
    Other,
    /// Carried without being understood: an unknown key, a comment, shell code.
    Unknown,
}

/// One setting, carried with its spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// The field's name for it (`IPADDR`), "" for a comment or code.
    pub key: String,
    /// Its value, `None` where only a shell could tell.
    pub value: Option<OwnedText>,
    /// Its lines as they stand in the file, comments above included, LF line ends.
    pub text: OwnedText,
    /// What part it plays.
    pub role: Role,
    /// Its line in the text that it was read from, counted from 1.
    pub line: u32,
    /// The bytes of its value there.
    pub word: Range<usize>,
}

/// What a file that is found by the interface's name is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompanionRole {
    /// Static routes of IPv4, IPv6, or in the oldest form.
    Route(&'static FileKind),
    /// Policy rules of IPv4 or IPv6.
    Rule(&'static FileKind),
    /// A further address under a label: `ifcfg-ens33:0`.
    Alias(String),
    /// A range of further addresses: `ifcfg-ens33-range0`.
    Range(String),
    /// Configuration or hooks of dhclient.
    Dhclient(&'static FileKind),
}

impl Setting {
    /// Returns the setting with another value, which is one plain word.
    pub(super) fn with_value(&self, key: &str, value: &str) -> Self {
        let respell = |text: &str| {
            let doc = ShellDoc::parse(text);
            let mut edits = Edits::default();
            doc.set(&mut edits, key, value);
            edits.apply(text)
        };
        Self {
            value: Some(OwnedText::plain(value)),
            text: self.text.respelled(respell),
            ..self.clone()
        }
    }

    /// Returns whether it is a line that only a shell understands.
    pub(super) fn is_code(&self) -> bool {
        self.key.is_empty() && !self.text.raw().trim_start().starts_with('#')
    }
}

/// A file that belongs to a profile because of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Where it is.
    pub origin: HostPath,
    /// What it is for.
    pub role: CompanionRole,
    /// Its content.
    pub content: OwnedText,
    /// Addresses that an alias or a range adds.
    pub addresses: Vec<Said<IpAddr>>,
}

impl Companion {
    /// Returns whether it is about IPv6 alone.
    pub(super) fn is_v6(&self) -> bool {
        match self.role {
            CompanionRole::Route(kind) | CompanionRole::Rule(kind) => kind.name.contains('6'),
            CompanionRole::Alias(_) | CompanionRole::Range(_) | CompanionRole::Dhclient(_) => false,
        }
    }

    /// Returns whether another file, of the same owner or another one, says the same of it.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.role == other.role && self.content == other.content
    }
}

/// What the files of one profile say, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The settings of layer 3, in the order of the file.
    pub settings: Vec<Setting>,
    /// Definitions that the settings use, such as site variables: they are copied along, and stay.
    pub helpers: Vec<Setting>,
    /// Settings that a bridge gets a copy of, so that both agree (MTU, who may control it …).
    pub shared: Vec<Setting>,
    /// Everything else in the file, comments too: it stays with the interface.
    pub rest: Vec<Setting>,
    /// Files that belong to it because of their name.
    pub companions: Vec<Companion>,
}
