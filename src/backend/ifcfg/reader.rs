//! Who reads an ifcfg file, and what that program takes a word for: yes, no, a BOOTPROTO, a TYPE. Everything that wants to
//! know asks here.
//!
//! Source: is_true() and is_false() in init.d/functions, `VLAN` in ifup, `SLAVE`, `BOOTPROTO` and `DEFROUTE` in ifup-eth,
//! `IPV6_AUTOCONF` in ifup-ipv6, `ONBOOT` in init.d/network and ifup, all of initscripts 9.49 and 10.00; `svParseBoolean()` in
//! NetworkManager's shvar.c, make_ip4_setting() in nms-ifcfg-rh-reader.c (run).

use crate::doc::shell::ShellDoc;
use crate::host::layer3::Method;
use crate::readers::Readers;

/// A program that reads ifcfg files: the two take one file for different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// initscripts' network-scripts.
    NetworkScripts,
    /// NetworkManager.
    NetworkManager,
    /// Neither as far as can be told, as in a copy of /etc alone: a word means what it means to one of the two.
    Unknown,
}

/// Keys that scripts compare with `yes` and `no` themselves: no other word counts.
const EXACT: &[&str] = &["DEFROUTE", "IPV6_AUTOCONF", "SLAVE", "VLAN"];

/// Keys for yes or no that NetworkManager alone reads.
const NOT_OF_SCRIPTS: &[&str] = &["IPV6_DEFROUTE", "IPV6_DISABLED"];

impl Reader {
    /// Returns who reads the file: of a TYPE that it does not know NetworkManager makes no profile, and ifup goes on by itself.
    pub(crate) fn of(doc: &ShellDoc, readers: &Readers) -> Self {
        let scripts = readers.scripts.as_ref();
        let started = scripts.is_some_and(|scripts| !scripts.starts.never());
        let left = started && doc.literal("TYPE").is_some_and(|kind| !nm_knows(kind));
        if readers.managed_by_nm(nm_controlled(doc)) && !left {
            return Self::NetworkManager;
        }
        match scripts.is_some() {
            true => Self::NetworkScripts,
            false => Self::Unknown,
        }
    }

    /// Returns whether the value of `key` means no.
    pub(crate) fn is_no(self, key: &str, value: &str) -> bool {
        self.takes(key, value, "no", &["no", "n", "f", "false", "0"], "off")
    }

    /// Returns whether the value of `key` means yes.
    pub(crate) fn is_yes(self, key: &str, value: &str) -> bool {
        self.takes(key, value, "yes", &["yes", "y", "t", "true", "1"], "on")
    }

    /// Returns the keys by which a profile has its bridge, the first one before the others: scripts know no UUIDs.
    pub(super) fn bridge_keys(self) -> &'static [&'static str] {
        match self {
            Self::NetworkScripts => &["OVS_BRIDGE", "BRIDGE"],
            Self::NetworkManager | Self::Unknown => &["OVS_BRIDGE", "BRIDGE_UUID", "BRIDGE"],
        }
    }

    /// Of the words for one meaning, both know `common` in any case, and is_true() or is_false() one `more`.
    fn takes(self, key: &str, value: &str, exact: &str, common: &[&str], more: &str) -> bool {
        let word = value.to_ascii_lowercase();
        let known = common.contains(&word.as_str());
        match self {
            // a word of its own reading, make_bridge_setting()
            Self::NetworkManager if key == "STP" => word == exact || word == more,
            Self::NetworkManager => known,
            Self::NetworkScripts if EXACT.contains(&key) => value == exact,
            Self::NetworkScripts => !NOT_OF_SCRIPTS.contains(&key) && (known || word == more),
            Self::Unknown => known || word == more,
        }
    }

    /// Returns what a BOOTPROTO means, in a file that has static addresses or not.
    pub(crate) fn method(self, word: &str, has_addresses: bool) -> Method {
        let exact = self == Self::NetworkScripts;
        match word.to_ascii_lowercase().as_str() {
            // to network-scripts every other word means static addresses
            "dhcp" | "bootp" if exact && !matches!(word, "dhcp" | "bootp") => Method::Manual,
            "dhcp" | "bootp" => Method::Dhcp,
            "none" | "static" | "" => Method::Manual,
            _ if exact && has_addresses => Method::Manual,
            other => Method::Other(other.to_owned()),
        }
    }
}

/// Returns whether NetworkManager may have the interface of a file, in its own reading: what it does not know is no `no`.
pub(crate) fn nm_controlled(doc: &ShellDoc) -> bool {
    let value = doc.literal("NM_CONTROLLED");
    !value.is_some_and(|value| Reader::NetworkManager.is_no("NM_CONTROLLED", value))
}

/// Returns whether the interface of a file is brought up at boot.
///
/// init.d/network of 9.49 passes over a file with a line that begins `ONBOOT=no`, in any letters, be it the one that holds or
/// not; what it does not see ifup compares with `no` and `NO`.
pub(crate) fn brings_up(doc: &ShellDoc, readers: &Readers, nm_controlled: bool) -> bool {
    let value = doc.literal("ONBOOT");
    let scripts = readers.scripts.as_ref();
    let by_lines = scripts.is_some_and(|scripts| scripts.needs_brctl);
    if !by_lines || readers.managed_by_nm(nm_controlled) {
        return readers.bring_up(value, nm_controlled);
    }
    let says_no = |line: &str| {
        let value = line.strip_prefix("ONBOOT=");
        let value = value.map(|value| value.strip_prefix(['\'', '"']).unwrap_or(value));
        let word = value.and_then(|value| value.get(..2));
        word.is_some_and(|word| word.eq_ignore_ascii_case("no"))
    };
    !doc.source().lines().any(says_no) && !matches!(value, Some("no" | "NO"))
}

/// Returns whether NetworkManager makes a profile of a file with this TYPE.
pub(crate) fn nm_knows(kind: &str) -> bool {
    let known = [
        "",
        "bond",
        "bridge",
        "ctc",
        "ethernet",
        "infiniband",
        "team",
        "vlan",
        "wireless",
    ];
    known.contains(&kind.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::Scripts;

    #[test]
    fn what_means_yes_and_no_to_whom() {
        let (scripts, nm) = (Reader::NetworkScripts, Reader::NetworkManager);
        for (key, value, expected) in [
            ("DEFROUTE", "no", [true, true, true]),
            ("DEFROUTE", "NO", [false, true, true]),
            ("DEFROUTE", "off", [false, false, true]),
            ("IPV6INIT", "off", [true, false, true]),
            ("IPV6INIT", "F", [true, true, true]),
            ("IPV6INIT", "none", [false, false, false]),
            ("IPV6_DEFROUTE", "no", [false, true, true]),
        ] {
            let found = [scripts, nm, Reader::Unknown].map(|reader| reader.is_no(key, value));
            assert_eq!(found, expected, "{key}={value}");
        }
        for (key, value, expected) in [
            ("VLAN", "yes", [true, true, true]),
            ("VLAN", "YES", [false, true, true]),
            ("VLAN", "on", [false, false, true]),
            ("DHCPV6C", "on", [true, false, true]),
            ("DHCPV6C", "T", [true, true, true]),
        ] {
            let found = [scripts, nm, Reader::Unknown].map(|reader| reader.is_yes(key, value));
            assert_eq!(found, expected, "{key}={value}");
        }
    }

    #[test]
    fn what_is_brought_up_by_the_lines_of_a_file() {
        let readers = |needs_brctl| {
            let mut readers = Readers::default();
            readers.scripts = Some(Scripts {
                needs_brctl,
                ..Scripts::default()
            });
            readers
        };
        for (text, seven, eight) in [
            ("", true, true),
            ("ONBOOT='No'\n", false, false),
            ("ONBOOT=none\n", false, true),
            ("ONBOOT=off\n", true, false),
            ("  ONBOOT=No\n", true, false),
            ("  ONBOOT=NO\n", false, false),
            ("export ONBOOT=no\n", false, false),
            ("ONBOOT=no\nONBOOT=yes\n", false, true),
            ("#ONBOOT=no\n", true, true),
        ] {
            let doc = ShellDoc::parse(text);
            let found = [true, false].map(|seven| brings_up(&doc, &readers(seven), true));
            assert_eq!(found, [seven, eight], "{text}");
        }
    }

    #[test]
    fn network_scripts_know_two_words_for_dhcp() {
        let other = |word: &str| Method::Other(word.to_owned());
        for (word, addresses, scripts, nm) in [
            ("dhcp", true, Method::Dhcp, Method::Dhcp),
            ("bootp", false, Method::Dhcp, Method::Dhcp),
            ("DHCP", false, Method::Manual, Method::Dhcp),
            ("Static", false, Method::Manual, Method::Manual),
            ("autoip", true, Method::Manual, other("autoip")),
            ("autoip", false, other("autoip"), other("autoip")),
        ] {
            assert_eq!(
                Reader::NetworkScripts.method(word, addresses),
                scripts,
                "{word}"
            );
            assert_eq!(Reader::NetworkManager.method(word, addresses), nm, "{word}");
        }
    }
}
