//! What kind of interface an ifcfg file makes, and whether it can be the port of a bridge.
//!
//! Source: ifup-eth (`TYPE`, `SLAVE`, `BRIDGE`, in this order), ifup-ovs, `make_connection_setting()` in
//! nms-ifcfg-rh-reader.c.

use super::keys;
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Bridge, Obstacle, ProfileKind, Switch};
use crate::host::value::MacAddress;

/// Returns whether the value means no: `is_false()` in initscripts' network-functions takes these.
pub(super) fn is_no(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "no" | "n" | "f" | "false" | "off" | "0"
    )
}

fn is_yes(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "yes" | "y" | "t" | "true" | "on" | "1"
    )
}

/// Returns the kind of the interface `device`.
pub(super) fn read(doc: &ShellDoc, device: &str, delay_in_hundredths: bool) -> ProfileKind {
    let value = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
    let kind = value("TYPE").unwrap_or("").to_ascii_lowercase();
    match kind.as_str() {
        "bridge" => return ProfileKind::Bridge(bridge(doc, Switch::Linux, delay_in_hundredths)),
        "ovsbridge" => return ProfileKind::Bridge(bridge(doc, Switch::Ovs, false)),
        _ => {}
    }
    if let Some(obstacle) = obstacle(doc, device, &kind) {
        return ProfileKind::Other(obstacle);
    }
    let team =
        kind == "team" || value("DEVICETYPE").is_some_and(|v| v.eq_ignore_ascii_case("team"));
    if kind == "bond"
        || team
        || value("BONDING_OPTS").is_some()
        || value("BONDING_MASTER").is_some_and(is_yes)
    {
        return ProfileKind::Bond;
    }
    if kind == "vlan" || value("VLAN").is_some_and(is_yes) {
        let parent = value("PHYSDEV").or_else(|| device.rsplit_once('.').map(|(parent, _)| parent));
        return ProfileKind::Vlan(parent.map(str::to_owned));
    }
    ProfileKind::Ethernet
}

fn obstacle(doc: &ShellDoc, device: &str, kind: &str) -> Option<Obstacle> {
    let set = |key: &str| {
        doc.get(key)
            .filter(|a| a.value.literal().is_none_or(|v| !v.is_empty()))
    };
    let found = |line: u32, because: &str, help: Option<String>| {
        Some(Obstacle {
            because: because.to_owned(),
            help,
            line,
        })
    };
    if device == "lo" {
        return found(0, "is the loopback interface", None);
    }
    let enslaved = ["MASTER", "MASTER_UUID", "TEAM_MASTER", "TEAM_MASTER_UUID"]
        .into_iter()
        .find_map(set);
    let slave = doc
        .get("SLAVE")
        .filter(|a| a.value.literal().is_none_or(is_yes));
    if let Some(assignment) = enslaved.or(slave) {
        let master = doc
            .literal("MASTER")
            .or_else(|| doc.literal("TEAM_MASTER"))
            .unwrap_or("its bond");
        let help = format!("bridge the bond instead: --port {master}");
        return found(assignment.line, "is the port of a bond or team", Some(help));
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
    let plain = ["", "ethernet", "bond", "team", "vlan", "ovsport"].contains(&kind);
    let shell = set("TYPE").filter(|assignment| assignment.value.literal().is_none());
    match (plain, shell) {
        (_, Some(assignment)) => found(
            assignment.line,
            "has a TYPE that only a shell could tell",
            None,
        ),
        (true, None) => None,
        (false, None) => found(
            set("TYPE")?.line,
            &format!("is of the type `{kind}`, not an Ethernet device"),
            None,
        ),
    }
}

/// How ovs-vsctl is told the forward delay: ovs-vswitchd.conf.db(5), table Bridge, `other_config`.
pub(super) const OVS_FORWARD_DELAY: &str = "other_config:stp-forward-delay=";

fn bridge(doc: &ShellDoc, switch: Switch, delay_in_hundredths: bool) -> Bridge {
    let stp = doc.literal("STP").map(is_yes);
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
    let mac = doc
        .literal("MACADDR")
        .or_else(|| doc.literal("BRIDGE_MACADDR"))
        .and_then(MacAddress::parse);
    Bridge {
        switch,
        stp,
        forward_delay_s: delay.map(|delay| {
            if delay_in_hundredths {
                delay / 100
            } else {
                delay
            }
        }),
        mac,
    }
}
