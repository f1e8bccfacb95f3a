//! What a reader takes an ifcfg file for: which part it plays, and of an interface, of what kind that is and whether it can be
//! the port of a bridge. Everything that wants to know asks here.
//!
//! Source: source_config() in network-functions (`REALDEVICE=${DEVICE%%:*}`), ifup (`VLAN`), ifup-eth (`TYPE`, `SLAVE`,
//! is_bonding_device(), `BRIDGE`, in this order), ifup-aliases (`ifcfg-DEVICE:*`), ifup-ovs; `utils_detect_ifcfg_path()` in
//! nms-ifcfg-rh-utils.c, `connection_from_file_full()` in nms-ifcfg-rh-reader.c (run).

use std::collections::HashSet;

use super::keys;
use super::reader::Reader;
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Bridge, Foreign, Link, Obstacle, Switch};
use crate::host::spot::Said;
use crate::host::value::MacAddress;
use crate::tree::HostPath;

/// The part that a file plays for its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'f> {
    /// The connection profile of an interface.
    Profile,
    /// A further address of an interface, read with the file that this one is called after: `ifcfg-eth0:0`.
    Alias {
        /// The interface.
        of: &'f str,
        /// What stands behind the colon.
        label: &'f str,
    },
    /// A further address of an interface, by `DEVICE=eth0:0`: network-scripts bring it up by itself, whatever its name.
    OwnAlias {
        /// The interface.
        of: &'f str,
        /// What stands behind the colon.
        label: &'f str,
    },
    /// A range of further addresses of an interface: `ifcfg-eth0-range0`.
    Range {
        /// The interface.
        of: &'f str,
        /// What stands behind `-range`.
        label: &'f str,
    },
}

/// Returns the part that `reader` gives to the file `ifcfg-SUFFIX` with this content.
pub(crate) fn part<'f>(suffix: &'f str, doc: &'f ShellDoc, reader: Reader) -> Part<'f> {
    if let Some(part) = part_by_name(suffix) {
        return part;
    }
    let device = doc.literal("DEVICE").and_then(|name| name.split_once(':'));
    match (device, reader) {
        (Some((of, label)), Reader::NetworkScripts | Reader::Unknown) if !of.is_empty() => {
            Part::OwnAlias { of, label }
        }
        // NetworkManager drops such a name, and takes the file for the profile of any card
        (_, Reader::NetworkScripts | Reader::NetworkManager | Reader::Unknown) => Part::Profile,
    }
}

/// Returns the part that the name alone gives to the file `ifcfg-SUFFIX`, whoever reads it.
pub(crate) fn part_by_name(suffix: &str) -> Option<Part<'_>> {
    if let Some((of, label)) = suffix.split_once(':') {
        return Some(Part::Alias { of, label });
    }
    let (of, label) = suffix.split_once("-range")?;
    Some(Part::Range { of, label })
}

/// Returns whether `reader` makes the interface the port of a bond or team: ifup-eth asks for MASTER with SLAVE=yes,
/// NetworkManager for MASTER or TEAM_MASTER alone.
pub(crate) fn is_bond_port(doc: &ShellDoc, reader: Reader) -> bool {
    let set = |key: &str| doc.literal(key).is_some_and(|value| !value.is_empty());
    match reader {
        Reader::NetworkManager => ["MASTER", "MASTER_UUID", "TEAM_MASTER", "TEAM_MASTER_UUID"]
            .into_iter()
            .any(set),
        Reader::NetworkScripts | Reader::Unknown => {
            set("TEAM_MASTER") || (set("MASTER") && doc.literal("SLAVE") == Some("yes"))
        }
    }
}

/// What of other files decides what a file is for.
#[derive(Debug)]
pub(super) struct Around<'a> {
    /// The file.
    pub(super) path: &'a HostPath,
    /// The bonds that ports name, where network-scripts make these ports.
    pub(super) bonds: &'a HashSet<String>,
    /// Whether DELAY is in hundredths of a second.
    pub(super) delay_in_hundredths: bool,
}

/// Returns the kind of the interface `device` that `reader` makes of its file.
///
/// `TYPE=bridge` in small letters is a bridge here for both, since that is what it is meant for: a rule says who reads it
/// otherwise.
pub(super) fn read(doc: &ShellDoc, device: &str, reader: Reader, around: &Around<'_>) -> Link {
    let value = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
    let written = value("TYPE").unwrap_or("");
    let kind = written.to_ascii_lowercase();
    match kind.as_str() {
        "bridge" => {
            let delay_in_hundredths = around.delay_in_hundredths;
            return Link::Bridge(bridge(doc, Switch::Linux, reader, delay_in_hundredths));
        }
        // ovs-vsctl takes `true`
        "ovsbridge" | "ovsuserbridge" => {
            return Link::Bridge(bridge(doc, Switch::Ovs, Reader::Unknown, false));
        }
        _ => {}
    }
    if let Some(obstacle) = obstacle(doc, around.path, device, &kind) {
        return foreign(obstacle);
    }
    let team =
        kind == "team" || value("DEVICETYPE").is_some_and(|v| v.eq_ignore_ascii_case("team"));
    let yes = |key: &str| value(key).is_some_and(|value| Reader::Unknown.is_yes(key, value));
    let options = value("BONDING_OPTS").is_some() || yes("BONDING_MASTER");
    // where its reader knows the word or not: a rule says so
    let says_vlan = yes("VLAN");
    let (bond, vlan) = match reader {
        // TYPE decides where it is known; `Ethernet`, so written, may be a bond all the same
        Reader::NetworkManager => (
            kind == "bond" || (options && ["", "Ethernet"].contains(&written)),
            kind == "vlan" || (says_vlan && kind.is_empty()),
        ),
        // TYPE is not asked: the keys are, and whether ports name the device
        Reader::NetworkScripts | Reader::Unknown => {
            let named = options || around.bonds.contains(device);
            let vlan = says_vlan || kind == "vlan";
            (!vlan && (named || kind == "bond"), vlan)
        }
    };
    if bond || team {
        return Link::Bond;
    }
    if vlan {
        let parent = value("PHYSDEV").or_else(|| device.rsplit_once('.').map(|(parent, _)| parent));
        return Link::Vlan(parent.map(str::to_owned));
    }
    let other = other_type(doc, around.path, &kind, reader);
    match other.or_else(|| in_vrf(doc, around.path, reader)) {
        Some(obstacle) => foreign(obstacle),
        None => Link::Ethernet,
    }
}

/// Keys that make a card a member of a VRF, where NetworkManager reads them.
pub(crate) const VRF: [&str; 2] = ["VRF_UUID", "VRF"];

/// Returns what is in the way of a card in a VRF: as the port of a bridge its addressing would leave that.
///
/// Source: `make_connection_setting()` in nms-ifcfg-rh-reader.c ("Already configured as slave of"; run).
fn in_vrf(doc: &ShellDoc, path: &HostPath, reader: Reader) -> Option<Obstacle> {
    let is_set = |key: &&&str| doc.literal(key).is_some_and(|value| !value.is_empty());
    let key = VRF
        .iter()
        .find(is_set)
        .filter(|_| reader == Reader::NetworkManager)?;
    let because = format!("is in the VRF `{}`", doc.literal(key)?);
    Some(Obstacle {
        because: Said::at(because, path, doc.get(key)?.line),
        help: None,
    })
}

/// Returns what is in the way where TYPE is all that says what the interface is, and it says nothing known.
fn foreign(obstacle: Obstacle) -> Link {
    Link::Foreign(Foreign {
        obstacle,
        bridge: None,
        on_top: None,
        ovs: false,
    })
}

fn other_type(doc: &ShellDoc, path: &HostPath, kind: &str, reader: Reader) -> Option<Obstacle> {
    if ["", "ethernet", "ovsport"].contains(&kind) {
        return None;
    }
    let because = match reader {
        Reader::NetworkManager => {
            format!("is of the type `{kind}`, for which NetworkManager creates no profile")
        }
        Reader::NetworkScripts | Reader::Unknown => {
            format!("is of the type `{kind}`, not an Ethernet device")
        }
    };
    Some(Obstacle {
        because: Said::at(because, path, doc.get("TYPE")?.line),
        help: None,
    })
}

/// Returns what is in the way of a port of a bond or team.
fn of_bond(doc: &ShellDoc, path: &HostPath) -> Option<Obstacle> {
    let found = |line: u32, because: &str, help: String| {
        Some(Obstacle {
            because: Said::at(because.to_owned(), path, line),
            help: Some(help),
        })
    };
    let set = |key: &str| doc.get(key).filter(|a| a.value.literal() != Some(""));
    let mut masters = ["MASTER", "MASTER_UUID", "TEAM_MASTER", "TEAM_MASTER_UUID"].into_iter();
    if let Some(assignment) = masters.find_map(set) {
        let master = doc.literal("MASTER").or_else(|| doc.literal("TEAM_MASTER"));
        let master = master.map_or_else(String::new, |master| format!(": --port {master}"));
        let help = format!("bridge the bond instead{master}");
        return found(assignment.line, "is the port of a bond or team", help);
    }
    // init.d/network leaves such a file to its bond, and there is none
    let slave = doc.get("SLAVE")?;
    let is_left = slave.value.literal().is_none_or(|value| value == "yes");
    let because = "has SLAVE=yes and no MASTER, so that the network service does not start it";
    let help = "remove SLAVE from its file, or name its bond with MASTER".to_owned();
    is_left.then(|| found(slave.line, because, help))?
}

fn obstacle(doc: &ShellDoc, path: &HostPath, device: &str, kind: &str) -> Option<Obstacle> {
    let set = |key: &str| {
        doc.get(key)
            .filter(|a| a.value.literal().is_none_or(|v| !v.is_empty()))
    };
    let found = |line: u32, because: &str, help: Option<String>| {
        Some(Obstacle {
            because: Said::at(because.to_owned(), path, line),
            help,
        })
    };
    if device == "lo" {
        return Some(Obstacle {
            because: "is the loopback interface".to_owned().into(),
            help: None,
        });
    }
    if let Some(obstacle) = of_bond(doc, path) {
        return Some(obstacle);
    }
    if let Some((_, because)) = keys::FOREIGN_TYPES.iter().find(|(name, _)| *name == kind) {
        let routed = because.contains("wireless");
        let help = routed.then(|| "use a routed or NAT network instead of a bridge".to_owned());
        return found(set("TYPE")?.line, because, help);
    }
    if let Some((assignment, because)) = keys::FOREIGN
        .iter()
        .find_map(|(key, why)| Some((set(key)?, why)))
    {
        return found(assignment.line, because, None);
    }
    if kind.starts_with("ovs") && kind != "ovsport" {
        return found(
            set("TYPE")?.line,
            "exists only inside an Open vSwitch bridge",
            None,
        );
    }
    let shell = set("TYPE").filter(|assignment| assignment.value.literal().is_none())?;
    found(
        shell.line,
        "has a TYPE that only a shell could evaluate",
        Some("write the value itself, without shell code".to_owned()),
    )
}

/// How ovs-vsctl is told the forward delay: ovs-vswitchd.conf.db(5), table Bridge, `other_config`.
pub(super) const OVS_FORWARD_DELAY: &str = "other_config:stp-forward-delay=";

fn bridge(doc: &ShellDoc, switch: Switch, reader: Reader, delay_in_hundredths: bool) -> Bridge {
    let stp = doc.literal("STP").map(|value| reader.is_yes("STP", value));
    let delay = match switch {
        Switch::Linux => doc.literal("DELAY"),
        Switch::Ovs => doc
            .literal("OVS_EXTRA")
            .and_then(|extra| extra.split(OVS_FORWARD_DELAY).nth(1)),
    };
    let digits = |text: &str| {
        text.split(|c: char| !c.is_ascii_digit())
            .next()
            .and_then(|digits| digits.parse::<u32>().ok())
    };
    let delay = delay.and_then(digits);
    let said = doc
        .literal("MACADDR")
        .or_else(|| doc.literal("BRIDGE_MACADDR"));
    let mac = said.and_then(MacAddress::parse);
    let seconds = |delay: u32| match delay_in_hundredths {
        // with STP the kernel keeps to its limits: br_stp_start()
        true if stp == Some(true) => (delay / 100).clamp(2, 30),
        true => delay / 100,
        false => delay,
    };
    Bridge {
        switch,
        stp,
        forward_delay_s: delay.map(seconds),
        mac,
        keeps_mac: said == Some("preserve"),
        starts_ports: false,
    }
}
