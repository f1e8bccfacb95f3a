//! The words that ifcfg files have for values of the model.

use std::collections::HashMap;

use crate::host::Host;
use crate::host::profile::{Link, Profile, Switch};
use crate::host::value::InterfaceName;

/// Profiles by their interfaces, of several the first.
pub(super) type ByInterface<'h> = HashMap<&'h InterfaceName, &'h Profile>;

/// Returns the software behind a bridge.
pub(super) fn switch_of(profiles: &ByInterface<'_>, bridge: &InterfaceName) -> Switch {
    let profile = profiles.get(bridge);
    profile
        .and_then(|profile| profile.bridge())
        .map_or(Switch::Linux, |bridge| bridge.switch)
}

/// Returns the TYPE of an interface that is a port or free.
pub(super) fn type_of(kind: &Link) -> &'static str {
    match kind {
        Link::Bond => "Bond",
        Link::Vlan(_) => "Vlan",
        Link::Ethernet | Link::Bridge(_) | Link::Foreign(_) => "Ethernet",
    }
}

/// Returns the word for a switch.
pub(super) fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// The ports through which an Open vSwitch bridge asks for its address; `None` where it does not.
pub(super) fn dhcp_interfaces(profile: &Profile, host: &Host) -> Option<String> {
    let dhcp = profile.layer3.is_dhcp();
    let ovs = profile
        .bridge()
        .is_some_and(|bridge| bridge.switch == Switch::Ovs);
    let ports = || {
        host.ports_of(&profile.interface)
            .map(|port| port.interface.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    (dhcp && ovs).then(ports)
}
