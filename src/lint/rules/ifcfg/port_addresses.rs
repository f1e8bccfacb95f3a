//! Addresses on the port of a bridge.

use crate::backend::ifcfg;
use crate::doc::edits::Edits;
use crate::doc::shell::Assignment;
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Backend, Profile};
use crate::lint::{BOTH, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-addresses",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "The port of a bridge with an address, or DHCP, in its own file.",
    why: "Nothing configures it: network-scripts pass it over, and NetworkManager drops it. If the bridge has no address\nof its own, the host has none; and where the bridge cannot be made, the address is on the port again.",
    example: "
DEVICE=ens33
BRIDGE=br0
BOOTPROTO=dhcp",
    remedy: "Move it to the file of the bridge, or take it away: kvmnet check --fix port-addresses",
    source: "ifup-eth of initscripts (the branch of ports exits before addresses; run), _normalize_ip_config() in\nNetworkManager's nm-connection.c",
    check,
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let ports = sight.host.profiles().filter(|profile| is_port(profile));
    ports.filter_map(|port| finding(sight, port)).collect()
}

fn is_port(profile: &Profile) -> bool {
    profile.home.backend == Backend::Ifcfg && profile.controller.is_some()
}

/// Returns the settings that give the port an address.
fn left<'s>(sight: &'s Sight<'_>, port: &Profile) -> impl Iterator<Item = &'s Assignment> {
    let script = port.home.file.as_ref().and_then(|path| sight.script(path));
    let settings = script
        .into_iter()
        .flat_map(|script| script.doc.assignments());
    settings.filter(|assignment| {
        let value = assignment.value.literal().unwrap_or("");
        let method = matches!(assignment.name.as_str(), "BOOTPROTO" | "OVSBOOTPROTO");
        let none = method && matches!(value, "none" | "static" | "");
        ifcfg::is_address_key(&assignment.name) && !none
    })
}

fn finding(sight: &Sight<'_>, port: &Profile) -> Option<Finding> {
    let layer3 = &port.layer3;
    let bridge = port.controller.as_ref()?;
    // Open vSwitch puts it on the port: another rule's
    let ovs = sight.host.switch_of(bridge) == Some(crate::host::profile::Switch::Ovs);
    let first = left(sight, port)
        .next()
        .filter(|_| !layer3.gives_no_address() && !ovs)?;
    let what = match (layer3.addresses().next(), layer3.not_valid().next()) {
        _ if layer3.is_dhcp() => "DHCP".to_owned(),
        (Some(address), _) => format!("the address {address}"),
        (None, Some(address)) => format!("the address {address} (not valid)"),
        (None, None) => "an address".to_owned(),
    };
    let name = &port.interface;
    let message =
        format!("`{name}` is a port of `{bridge}`, and {what} in its own file is not in force");
    let place = Place::line(port.home.file.as_ref()?, first.line);
    let help = match fixable(sight, port) {
        true => "kvmnet check --fix port-addresses   (takes it away)".to_owned(),
        false if sight.joined.profile(bridge.as_str()).is_none() => {
            format!(
                "kvmnet bridge add {bridge} --port {name}   (makes {bridge}, and moves it there)"
            )
        }
        false => format!("move it to the file of {bridge}, which has no address"),
    };
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(place)
            .help(help),
    )
}

/// Safe where the bridge has an address: then nothing is lost that was in force.
fn fixable(sight: &Sight<'_>, port: &Profile) -> bool {
    let bridge = port
        .controller
        .as_ref()
        .and_then(|bridge| sight.joined.profile(bridge.as_str()));
    bridge.is_some_and(|bridge| !bridge.layer3.gives_no_address())
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let port = mender.profile_at(path)?;
    if !fixable(mender, port) {
        return None;
    }
    let doc = ShellDoc::parse(std::str::from_utf8(&mender.tree.file(path)?.bytes).ok()?);
    let keys: Vec<&str> = left(mender, port)
        .map(|assignment| assignment.name.as_str())
        .collect();
    let mut edits = Edits::default();
    doc.unset(&mut edits, &keys);
    Some(Fix::Edit {
        path: path.clone(),
        edits: edits.into_spans(),
    })
}
