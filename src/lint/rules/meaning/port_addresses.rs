//! Addresses on the port of a bridge.

use crate::host::layer3::Method;
use crate::host::profile::{Profile, Switch};
use crate::lint::{BOTH, Check, Finding, Fix, Meaning, Mender, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-addresses",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A port of a bridge with an address, or DHCP, in its own file.",
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
    ports.filter_map(|port| finding(meaning, port)).collect()
}

fn finding(meaning: &Meaning<'_>, port: &Profile) -> Option<Finding> {
    let layer3 = port.wording.dropped.as_deref().unwrap_or(&port.layer3);
    let bridge = port.controller.as_ref()?;
    // Open vSwitch puts it on the port: another rule's
    let ovs = meaning.host.switch_of(bridge) == Some(Switch::Ovs);
    let first = port.wording.addressing.as_ref();
    let first =
        first.filter(|_| !ovs && (port.wording.dropped.is_some() || !layer3.gives_no_address()))?;
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
    let help = match fixable(meaning, port) {
        true => "kvmnet check --fix port-addresses   # removes it".to_owned(),
        false if meaning.joined.profile(bridge.as_str()).is_none() => {
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

/// Safe where the bridge has an address: then nothing is lost that was in force.
fn fixable(meaning: &Meaning<'_>, port: &Profile) -> bool {
    let bridge = port
        .controller
        .as_ref()
        .and_then(|bridge| meaning.joined.profile(bridge.as_str()));
    bridge.is_some_and(|bridge| !bridge.layer3.gives_no_address())
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let port = mender.profile_at(path)?;
    if !fixable(mender, port) {
        return None;
    }
    mender.without_addresses(path)
}
