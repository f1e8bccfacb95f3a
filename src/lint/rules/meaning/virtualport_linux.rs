//! A virtual port of Open vSwitch on a bridge of the kernel.

use super::switches::{self, Switches};
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::host::network::Network;
use crate::host::profile::Switch;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "virtualport-linux",
    severity: Severity::Error,
    readers: &[],
    finds: "A network or guest with `<virtualport type='openvswitch'/>` on a Linux bridge.",
    why: "No guest starts there: ovs-vsctl cannot add its tap device. It knows no bridge of
that name.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0:
    TYPE=Bridge
/etc/libvirt/qemu/networks/lan.xml:
    <bridge name='br0'/>
    <virtualport type='openvswitch'/>",
    remedy: "Connect it anew, which takes the element away: kvmnet guest connect GUEST --bridge BRIDGE, or kvmnet network set NAME\n--bridge BRIDGE. Where Open vSwitch is meant, name its bridge.",
    source: "virNetDevTapAttachBridge() in libvirt's util/virnetdevtap.c, virNetDevOpenvswitchAddPort() in\nutil/virnetdevopenvswitch.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let switches = Switches::of(meaning);
    let mut found = Vec::new();
    for (network, bridge) in switches::networks(meaning) {
        let lines = &network.lines;
        let group = lines.group_port.filter(|_| lines.of_card.is_none());
        let says = network.switch == Switch::Ovs || group.is_some();
        if let Some(made) = switches.made_as(bridge, Switch::Linux).filter(|_| says) {
            found.extend(of_network(network, bridge, made));
        }
    }
    let own = switches::interfaces(meaning).filter(|(_, i)| switches::has_ovs_port(i));
    for (guest, interface) in own {
        let bridge = match &interface.source {
            Source::Bridge(bridge) => Some(bridge.as_str()),
            // a network that says the same has a finding of its own
            Source::Network { name, .. } => meaning
                .joined
                .network(name)
                .filter(|network| network.is_loaded() && network.switch == Switch::Linux)
                .and_then(|network| network.bridge.as_deref()),
            Source::Device(_) | Source::Other(_) => None,
        };
        let made =
            bridge.and_then(|bridge| Some((bridge, switches.made_as(bridge, Switch::Linux)?)));
        found.extend(made.map(|(bridge, made)| of_guest(guest, interface, bridge, made)));
    }
    found
}

fn of_guest(
    guest: &Guest,
    interface: &GuestInterface,
    bridge: &str,
    made: Option<Place>,
) -> Finding {
    let message = format!(
        "the guest `{}` does not start: its interface has a virtual port of Open vSwitch, and `{bridge}` is a Linux bridge",
        guest.name
    );
    let help = match interface.source.network() {
        Some(_) => "delete the <virtualport> of this interface".to_owned(),
        None => switches::connect(guest, interface, bridge),
    };
    let finding = RULE
        .finding(switches::subject(guest, interface), message)
        .at(Place::word(
            &guest.origin,
            interface.spot.line,
            interface.source.name(),
        ))
        .help(help);
    made.into_iter().fold(finding, Finding::at)
}

fn of_network(network: &Network, bridge: &str, made: Option<Place>) -> Option<Finding> {
    let name = &network.name;
    let origin = network.origin.as_ref()?;
    let (what, place, help) = match (network.switch, network.lines.group_port) {
        (Switch::Linux, Some(line)) => (
            "one of its port groups has",
            Place::line(origin, line),
            "delete the <virtualport> of the port group".to_owned(),
        ),
        (Switch::Ovs, _) | (Switch::Linux, None) => (
            "it has",
            Place::word(origin, network.lines.bridge, bridge),
            switches::put_on(network, bridge),
        ),
    };
    let message = format!(
        "guests on the network `{name}` do not start: {what} a virtual port of Open vSwitch, and `{bridge}` is a Linux bridge"
    );
    let finding = RULE
        .finding(format!("network {name}"), message)
        .at(place)
        .help(help);
    Some(made.into_iter().fold(finding, Finding::at))
}
