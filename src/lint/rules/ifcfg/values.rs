//! What the values of keys must be, for which reader, and what happens else: one table.
//!
//! Addresses, masks and gateways are told by `forms`; what several keys say together is the matter of rules of their own.
//! To add a key: its row, and its line in `CASES` below.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::OnceLock;

use super::forms::{self, Fault};
use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::doc::shell::Assignment;
use crate::lint::Sight;

/// What becomes of an interface whose key has a value that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The program does not read the key.
    NotRead,
    /// The setting is passed over, with this result.
    Passed(&'static str),
    /// The interface is not configured as a whole, or has no address, for this reason.
    Fatal(&'static str),
}

/// A key, and what its value must be.
pub(super) struct Row {
    /// The keys, with blanks between them; `#` stands for a number, or none.
    keys: &'static str,
    /// Says what is wrong with a value.
    form: fn(&str, &str, Reader) -> Option<Fault>,
    /// To NetworkManager.
    nm: Effect,
    /// To network-scripts.
    scripts: Effect,
}

const REFUSED: Effect = Effect::Fatal("NetworkManager refuses the whole file");
const NO_ROUTE: Effect = Effect::Fatal("ip-route(8) fails, and there is no default route");
const NO_ADDRESS: Effect = Effect::Fatal("ip-address(8) fails, and the address is not set");
const DEFAULT: Effect = Effect::Passed("it counts as if it were not there");

/// The table.
///
/// Source, by row: the functions of nms-ifcfg-rh-reader.c and of libnm's verify() on the one side, the lines of ifup-eth,
/// ifup-ipv6, ifup-aliases, network-functions of initscripts 9.49 and 10.00 on the other.
static ROWS: &[Row] = &[
    // make_wired_setting(), nm-setting-wired.c; ifup-eth: `[ "${FOUNDMACADDR}" != "${HWADDR}" … ]`
    Row {
        keys: "HWADDR",
        form: forms::mac,
        nm: REFUSED,
        scripts: Effect::Fatal("ifup compares it with that of the card, and leaves the card alone"),
    },
    // make_wired_setting(), `cloned-mac-address` in nm-setting-wired.c; ifup-eth: `ip link set dev ${DEVICE} address`
    Row {
        keys: "MACADDR",
        form: forms::mac_or_word,
        nm: REFUSED,
        scripts: Effect::Passed("the card keeps its own address"),
    },
    // make_bridge_setting(), nm-setting-bridge.c
    Row {
        keys: "BRIDGE_MACADDR",
        form: forms::mac,
        nm: REFUSED,
        scripts: Effect::NotRead,
    },
    // make_wired_setting(): `invalid MTU`; ifup-eth: `ip link set dev ${DEVICE} mtu ${MTU}`, dev_validate_mtu() of the kernel
    Row {
        keys: "MTU",
        form: forms::mtu,
        nm: DEFAULT,
        scripts: Effect::Passed("the interface keeps the MTU that it has"),
    },
    // ipv6_set_mtu() in network-functions-ipv6
    Row {
        keys: "IPV6_MTU",
        form: forms::mtu_v6,
        nm: Effect::NotRead,
        scripts: DEFAULT,
    },
    // ifup-eth: `ip addr add … brd ${broadcast[$idx]:-+}`
    Row {
        keys: "BROADCAST#",
        form: forms::v4,
        nm: Effect::NotRead,
        scripts: NO_ADDRESS,
    },
    // ifup-eth: `ip route replace default ${METRIC:+metric $METRIC} … ${WINDOW:+window $WINDOW} ${SRC}`
    Row {
        keys: "METRIC WINDOW",
        form: forms::number,
        nm: Effect::NotRead,
        scripts: NO_ROUTE,
    },
    Row {
        keys: "SRCADDR",
        form: forms::v4,
        nm: Effect::NotRead,
        scripts: NO_ROUTE,
    },
    // ifup-aliases: `Error in $FILE: invalid alias number`, `IPADDR_START greater than IPADDR_END`
    Row {
        keys: "IPADDR_START IPADDR_END",
        form: forms::v4,
        nm: Effect::NotRead,
        scripts: Effect::Fatal("ifup-aliases sets none of the addresses"),
    },
    // svGetValueInt64() of make_ip4_setting(), make_ip6_setting(), make_connection_setting()
    Row {
        keys: "IPV4_ROUTE_METRIC IPV6_ROUTE_METRIC IPV4_DHCP_TIMEOUT IPV6_DHCP_TIMEOUT IPV4_DNS_PRIORITY IPV6_DNS_PRIORITY \
            AUTOCONNECT_PRIORITY AUTOCONNECT_RETRIES",
        form: forms::signed,
        nm: DEFAULT,
        scripts: Effect::NotRead,
    },
    Row {
        keys: "IPV4_ROUTE_TABLE IPV6_ROUTE_TABLE",
        form: forms::number,
        nm: Effect::Passed("the routes are in the main table"),
        scripts: Effect::NotRead,
    },
    // ifup-eth: `/bin/sleep ${LINKDELAY}`, `arping -w ${ARPING_WAIT:-3}`; is_available_wait()
    Row {
        keys: "LINKDELAY",
        form: forms::seconds,
        nm: Effect::NotRead,
        scripts: Effect::Passed("ifup does not wait"),
    },
    Row {
        keys: "ARPING_WAIT ARPING_UPDATE_WAIT",
        form: forms::number,
        nm: Effect::NotRead,
        scripts: Effect::Passed("arping fails, and does not look whether the address is taken"),
    },
    Row {
        keys: "DEVTIMEOUT",
        form: forms::seconds,
        nm: DEFAULT,
        scripts: Effect::Passed("ifup does not wait for the card"),
    },
    // ifup-eth: `brctl setageing`, `ip link set … type bridge`; handle_bridge_option()
    Row {
        keys: "DELAY AGEING PRIO",
        form: forms::seconds,
        nm: DEFAULT,
        scripts: Effect::Passed("the bridge keeps the kernel's default"),
    },
    // make_bridge_setting(): "Missing or invalid STP property means no"; is_true() in ifup-eth
    Row {
        keys: "STP",
        form: forms::stp,
        nm: Effect::Passed("STP is off"),
        scripts: Effect::Passed("STP is off"),
    },
    // handle_bond_option(); install_bonding_driver() in network-functions writes it into sysfs
    Row {
        keys: "BONDING_OPTS",
        form: forms::bonding,
        nm: Effect::Passed(
            "the kernel's default holds, and without a mode the bond comes up as balance-rr",
        ),
        scripts: Effect::Passed(
            "the kernel's default holds, and without a mode the bond comes up as balance-rr",
        ),
    },
    // `team.config: invalid json` of nm-setting-team.c; teamd(8), which ifup-Team starts
    Row {
        keys: "TEAM_CONFIG TEAM_PORT_CONFIG",
        form: forms::json,
        nm: REFUSED,
        scripts: Effect::Fatal("teamd does not start"),
    },
    // make_ip6_setting(): `IPV6_PRIVACY`; ifup-ipv6: `[ "$IPV6_PRIVACY" = "rfc3041" ]`
    Row {
        keys: "IPV6_PRIVACY",
        form: forms::privacy,
        nm: Effect::Passed("there are no temporary addresses"),
        scripts: Effect::Passed("there are no temporary addresses"),
    },
    // make_ip6_setting(): svGetValueEnum()
    Row {
        keys: "IPV6_ADDR_GEN_MODE",
        form: forms::gen_mode,
        nm: DEFAULT,
        scripts: Effect::NotRead,
    },
    // svGetValueBoolean() of make_ip4_setting(), make_ip6_setting(), make_connection_setting()
    Row {
        keys: "AUTOCONNECT_SLAVES BONDING_MASTER IPV4_FAILURE_FATAL IPV6_DEFROUTE IPV6_DISABLED IPV6_FAILURE_FATAL IPV6_PEERDNS \
            IPV6_PEERROUTES PEERROUTES DHCP_SEND_HOSTNAME REORDER_HDR",
        form: forms::boolean,
        nm: DEFAULT,
        scripts: Effect::NotRead,
    },
    // is_true(), is_false() in ifup-post, ifup-ipv6, ifup-eth
    Row {
        keys: "IPV6INIT PEERDNS",
        form: forms::boolean,
        nm: DEFAULT,
        scripts: DEFAULT,
    },
    Row {
        keys: "DHCPV6C PERSISTENT_DHCLIENT DHCPRELEASE NOROUTESET RESOLV_MODS",
        form: forms::boolean,
        nm: Effect::NotRead,
        scripts: DEFAULT,
    },
    // ifup-eth: `[ "${DEFROUTE}" != "no" ]`; ifup-ipv6: `[ "$IPV6_AUTOCONF" = "yes" ]`
    Row {
        keys: "DEFROUTE",
        form: forms::not_no,
        nm: DEFAULT,
        scripts: Effect::Passed("it is taken for yes"),
    },
    Row {
        keys: "IPV6_AUTOCONF",
        form: forms::boolean,
        nm: DEFAULT,
        scripts: DEFAULT,
    },
    // ifup-eth: `[ -z "${NOZEROCONF}" … ]`
    Row {
        keys: "NOZEROCONF",
        form: forms::yes_alone,
        nm: Effect::NotRead,
        scripts: Effect::Passed("it is taken for yes, as any word is"),
    },
    // init.d/network and ifup compare with `no`; svGetValueBoolean() with the default TRUE
    Row {
        keys: "ONBOOT",
        form: forms::onboot,
        nm: Effect::Passed("it is taken for yes"),
        scripts: Effect::Passed("it is taken for yes"),
    },
];

/// A value that is not valid for the reader of its file.
pub(super) struct Wrong<'s> {
    /// The file.
    pub(super) script: &'s Script<'s>,
    /// Where the value is given.
    pub(super) assignment: &'s Assignment,
    /// What is wrong, and what to write.
    pub(super) fault: Fault,
    /// What becomes of it.
    pub(super) effect: Effect,
}

/// Returns every value that the reader of its file does not take.
pub(super) fn wrong<'s>(sight: &'s Sight<'_>) -> Vec<Wrong<'s>> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    let found = scripts.flat_map(|script| {
        let assignments = script.doc.assignments();
        assignments.filter_map(move |assignment| of(script, assignment))
    });
    found.collect()
}

fn of<'s>(script: &'s Script<'_>, assignment: &'s Assignment) -> Option<Wrong<'s>> {
    let name = assignment.name.as_str();
    let value = assignment
        .value
        .literal()
        .filter(|value| !value.is_empty())?;
    let row = row(name)?;
    // the assignment that holds alone counts
    if script.get(name).map(|held| &held.span) != Some(&assignment.span) {
        return None;
    }
    let effect = match script.reader {
        Reader::NetworkManager => row.nm,
        Reader::NetworkScripts => row.scripts,
        Reader::Unknown => match row.nm {
            Effect::NotRead => row.scripts,
            Effect::Passed(_) | Effect::Fatal(_) => row.nm,
        },
    };
    if effect == Effect::NotRead {
        return None;
    }
    let fault = (row.form)(name, value, script.reader)?;
    Some(Wrong {
        script,
        assignment,
        fault,
        effect,
    })
}

/// Returns the row of a key.
fn row(name: &str) -> Option<&'static Row> {
    static BY_KEY: OnceLock<HashMap<&'static str, &'static Row>> = OnceLock::new();
    let rows = BY_KEY.get_or_init(|| {
        let keys = |row: &'static Row| row.keys.split_ascii_whitespace().map(move |key| (key, row));
        ROWS.iter().flat_map(keys).collect()
    });
    let numbered = || {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        (stem == "BROADCAST").then(|| rows.get("BROADCAST#"))?
    };
    rows.get(name).or_else(numbered).copied()
}

/// Returns the class of an address by which both programs choose a mask where none is said.
///
/// Source: `get_default_prefix()` of ipcalc, `nm_utils_ip4_get_default_prefix()`.
pub(super) fn class_of(address: Ipv4Addr) -> u8 {
    match address.octets()[0] {
        0..=127 => 8,
        128..=191 => 16,
        192..=255 => 24,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key, values that are valid, and values that are not, for NetworkManager and for network-scripts.
    type Line = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );

    const NM: &[Line] = &[
        (
            "TEAM_CONFIG",
            &["{\"runner\": {\"name\": \"lacp\"}}"],
            &["{runner: {name: lacp}}", "{\"runner\": {"],
        ),
        (
            "HWADDR",
            &["52:54:00:aa:bb:cc", "52-54-00-AA-BB-CC"],
            &["525400aabbcc", "52:54:00:aa:bb", "x"],
        ),
        (
            "MACADDR",
            &[
                "52:54:00:aa:bb:cc",
                "random",
                "stable",
                "preserve",
                "permanent",
                "stable-ssid",
            ],
            &["52:54", "auto"],
        ),
        ("BRIDGE_MACADDR", &["52:54:00:aa:bb:cc"], &["random"]),
        ("MTU", &["0", "1500", "9000"], &["9k", "70000", "-1"]),
        ("IPV4_ROUTE_METRIC", &["-1", "100"], &["low"]),
        ("IPV6_DNS_PRIORITY", &["-50"], &["50%"]),
        ("IPV4_ROUTE_TABLE", &["254"], &["main"]),
        ("DEVTIMEOUT", &["5"], &["5s"]),
        ("DELAY", &["15"], &["fast"]),
        ("STP", &["yes", "OFF"], &["true", "1"]),
        (
            "BONDING_OPTS",
            &[
                "mode=1 miimon=100",
                "mode=802.3ad lacp_rate=fast xmit_hash_policy=layer3+4",
            ],
            &["mode=lacp", "mode=active_backup", "mode=1 mimon=100"],
        ),
        (
            "IPV6_PRIVACY",
            &["rfc3041", "rfc4941", "no", "yes"],
            &["rfc3014"],
        ),
        (
            "IPV6_ADDR_GEN_MODE",
            &["eui64", "stable-privacy", "default", "default-or-eui64"],
            &["stable"],
        ),
        ("IPV6_PEERDNS", &["no", "TRUE", "0"], &["off", "none"]),
        ("PEERDNS", &["no"], &["off", "none"]),
        ("DEFROUTE", &["no", "n", "Yes"], &["off", "never"]),
        ("IPV6_AUTOCONF", &["no"], &["off"]),
        ("ONBOOT", &["no", "yes", "true"], &["on-demand", "auto"]),
    ];

    const SCRIPTS: &[Line] = &[
        (
            "TEAM_CONFIG",
            &["{\"runner\": {\"name\": \"lacp\"}}"],
            &["{runner: {name: lacp}}", "{\"runner\": {"],
        ),
        (
            "HWADDR",
            &["52:54:00:AA:BB:CC"],
            &["52-54-00-AA-BB-CC", "5254.00aa.bbcc", "52:54:00:aa:bb:zz"],
        ),
        ("MACADDR", &["52:54:00:aa:bb:cc"], &["random", "52:54"]),
        ("MTU", &["1500", "68"], &["9k", "0", "67"]),
        ("IPV6_MTU", &["1280"], &["1000", "x"]),
        ("BROADCAST", &["192.168.50.255"], &["192.168.50", "+1"]),
        ("BROADCAST1", &["192.168.50.255"], &["192.168.50.256"]),
        ("METRIC", &["0", "100"], &["-1", "low"]),
        ("WINDOW", &["65535"], &["64k"]),
        ("SRCADDR", &["192.168.50.20"], &["192.168.50.20/24"]),
        ("IPADDR_START", &["192.168.50.20"], &["20"]),
        ("LINKDELAY", &["10", "0.5"], &["ten"]),
        ("ARPING_WAIT", &["3"], &["3s"]),
        ("AGEING", &["300"], &["5min"]),
        ("DEVTIMEOUT", &["5"], &["soon"]),
        ("IPV6_AUTOCONF", &["yes", "no"], &["off"]),
        ("STP", &["yes", "on", "1", "off"], &["enabled"]),
        (
            "BONDING_OPTS",
            &["mode=active-backup primary=ens33", "miimon=100"],
            &["mode=7", "active-backup"],
        ),
        ("IPV6_PRIVACY", &["rfc3041", "no"], &["rfc4941", "yes"]),
        ("IPV6INIT", &["no", "off", "yes"], &["never"]),
        ("DHCPV6C", &["yes"], &["dhcp"]),
        (
            "DEFROUTE",
            &["no", "yes", "YES", "x"],
            &["NO", "off", "false", "0"],
        ),
        ("NOZEROCONF", &["yes", "true", "1"], &["no", "false"]),
        ("ONBOOT", &["no", "yes", "NO"], &["auto"]),
    ];

    fn fault(key: &str, value: &str, reader: Reader) -> Option<Fault> {
        let row = row(key).unwrap();
        (row.form)(key, value, reader)
    }

    #[test]
    fn every_row_knows_what_is_valid() {
        for (lines, reader) in [
            (NM, Reader::NetworkManager),
            (SCRIPTS, Reader::NetworkScripts),
        ] {
            for (key, valid, wrong) in lines {
                for value in *valid {
                    assert!(
                        fault(key, value, reader).is_none(),
                        "{key}={value}, {reader:?}"
                    );
                }
                for value in *wrong {
                    assert!(
                        fault(key, value, reader).is_some(),
                        "{key}={value}, {reader:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_row_is_tried_for_who_reads_it() {
        for row in ROWS {
            for (lines, effect) in [(NM, row.nm), (SCRIPTS, row.scripts)] {
                let tried = lines
                    .iter()
                    .any(|(key, ..)| super::row(key).is_some_and(|of| std::ptr::eq(of, row)));
                assert!(tried || effect == Effect::NotRead, "{}", row.keys);
            }
        }
    }
}
