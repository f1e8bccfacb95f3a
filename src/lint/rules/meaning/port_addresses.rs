//! Addresses on the port of a bridge.

use super::bonds;
use crate::host::layer3::Method;
use crate::host::profile::{Profile, Switch};
use crate::lint::{BOTH, Check, Finding, Fix, Meaning, Mender, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-addresses",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A port of a bridge with an address, or DHCP, in its own file; in a keyfile also a port of a bond or team.",
    why: "Nothing configures it: network-scripts ignore it, and NetworkManager drops it. If the bridge has no address\nof its own, the host has none; and where the bridge cannot be made, the address is on the port again.",
    example: "
DEVICE=ens33
BRIDGE=br0
BOOTPROTO=dhcp",
    remedy: "Move it to the file of the bridge, or remove it: kvmnet check --fix port-addresses",
    source: "ifup-eth of initscripts (the branch of ports exits before addresses; run), _normalize_ip_config() in\nNetworkManager's nm-connection.c",
    check: Check::Meaning(check),
    fix: Some(fix),
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let ports = meaning.host.profiles();
    let ports = ports.filter(|profile| profile.controller.is_some());
    let of_bridges = ports.filter_map(|port| {
        let bridge = port.controller.as_ref()?;
        // Open vSwitch puts it on the port: another rule's
        let ovs = meaning.joined.switch_of(bridge.as_str()) == Some(Switch::Ovs);
        (!ovs).then(|| finding(meaning, port, bridge.as_str()))?
    });
    // what is dropped of others is known from their files alone: another rule's
    let members = bonds::members(meaning).into_iter();
    let dropped = members.filter(|member| member.port.wording.dropped.is_some());
    let of_bonds = dropped.filter_map(|member| {
        let bond = member.controller.map(|bond| bond.interface.as_str());
        finding(
            meaning,
            member.port,
            bond.unwrap_or(member.attachment.name.as_str()),
        )
    });
    of_bridges.chain(of_bonds).collect()
}

fn finding(meaning: &Meaning<'_>, port: &Profile, bridge: &str) -> Option<Finding> {
    let layer3 = port.wording.dropped.as_deref().unwrap_or(&port.layer3);
    let first = port.wording.addressing.as_ref();
    let first = first.filter(|_| port.wording.dropped.is_some() || !layer3.gives_no_address())?;
    let what = match (layer3.addresses().next(), layer3.not_valid().next()) {
        _ if layer3.is_dhcp() => "DHCP".to_owned(),
        (None, None) if *layer3.v6.method == Method::Auto => "IPv6 autoconfiguration".to_owned(),
        (Some(address), _) => format!("the address {address}"),
        (None, Some(address)) => format!("the address {address} (not valid)"),
        (None, None) => "an address".to_owned(),
    };
    let name = &port.interface;
    let message =
        format!("`{name}` is a port of `{bridge}`, and {what} in its own file has no effect");
    let place = Place::line(&first.file, first.line);
    let is_bond = port.controller.is_none();
    let help = match fixable(meaning, port, bridge) {
        true => "kvmnet check --fix port-addresses   # removes it".to_owned(),
        false if !is_bond && meaning.joined.profile(bridge).is_none() => {
            format!(
                "kvmnet bridge add {bridge} --port {name}   # creates `{bridge}`, and moves it there"
            )
        }
        false => format!("move it to the file of `{bridge}`, which has no address"),
    };
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(place)
            .help(help),
    )
}

/// Safe where the bridge has an address, or the bond on which a bridge may be: then nothing is lost that was in force.
fn fixable(meaning: &Meaning<'_>, port: &Profile, controller: &str) -> bool {
    let above = meaning.joined.profile(controller);
    let is_port = |above: &Profile| above.controller.is_some() && port.controller.is_none();
    above.is_some_and(|above| !above.layer3.gives_no_address() || is_port(above))
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let port = mender.profile_at(path)?;
    let members = || bonds::members(mender).into_iter();
    let bond = || {
        members()
            .find(|member| member.port.home == port.home)?
            .controller
    };
    let controller = match &port.controller {
        Some(bridge) => bridge.as_str().to_owned(),
        None => bond()?.interface.to_string(),
    };
    match fixable(mender, port, &controller) {
        true => mender.without_addresses(path),
        false => None,
    }
}
