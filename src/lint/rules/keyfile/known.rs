//! The keys that NetworkManager knows in the groups of a keyfile that matter here.
//!
//! Source: gen-metadata-nm-settings-libnm-core.xml.in (1.58), nm-setting-bond.h and nm-settings-keyfile(5); defaults of
//! nm-settings(5), seen with 1.42.

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A boolean, and what it is where the file does not say it.
    Boolean(bool),
    /// The number 0 or 1, or -1 for the default: words are no numbers.
    Switch,
}

/// A group, all of whose keys are known.
pub(super) struct Group {
    /// Its names.
    names: &'static [&'static str],
    /// Keys with a boolean, and what each is where the file does not say it.
    booleans: &'static [(&'static str, bool)],
    /// Keys with a number that switches something.
    switches: &'static [&'static str],
}

/// The two spellings of a key, the old one first.
///
/// Source: nm-settings-keyfile(5) of 1.46; run with 1.42, 1.52 and 1.58.
pub(super) const SPELLINGS: [[&str; 2]; 3] = [
    ["master", "controller"],
    ["slave-type", "port-type"],
    ["autoconnect-slaves", "autoconnect-ports"],
];

/// The names of the group of a card.
pub(super) const ETHERNET: [&str; 2] = ["ethernet", "802-3-ethernet"];

const GROUPS: &[Group] = &[
    Group {
        names: &["connection"],
        booleans: &[("autoconnect", true)],
        switches: &["autoconnect-ports", "autoconnect-slaves"],
    },
    Group {
        names: &ETHERNET,
        booleans: &[("auto-negotiate", false)],
        switches: &["accept-all-mac-addresses"],
    },
    Group {
        names: &["bridge"],
        booleans: &[
            ("multicast-querier", false),
            ("multicast-query-use-ifaddr", false),
            ("multicast-snooping", true),
            ("stp", true),
            ("vlan-filtering", false),
            ("vlan-stats-enabled", false),
        ],
        switches: &[],
    },
    Group {
        names: &["bridge-port"],
        booleans: &[("hairpin-mode", false)],
        switches: &[],
    },
    Group {
        names: &["vlan"],
        booleans: &[],
        switches: &[],
    },
    Group {
        names: &["bond"],
        booleans: &[],
        switches: &[],
    },
    Group {
        names: &["ipv4", "ipv6"],
        booleans: &[
            ("dhcp-send-hostname", true),
            ("ignore-auto-dns", false),
            ("ignore-auto-routes", false),
            ("may-fail", true),
            ("never-default", false),
        ],
        switches: &[
            "auto-route-ext-gw",
            "dhcp-send-release",
            "replace-local-rule",
        ],
    },
];

/// Returns the group of a name.
pub(super) fn group(name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.names.contains(&name))
}

impl Group {
    /// Returns what the value of a key is, if it is a boolean or a switch.
    pub(super) fn sort(&self, key: &str) -> Option<Sort> {
        let boolean = self.booleans.iter().find(|(known, _)| *known == key);
        let boolean = boolean.map(|(_, default)| Sort::Boolean(*default));
        boolean.or_else(|| self.switches.contains(&key).then_some(Sort::Switch))
    }
}
