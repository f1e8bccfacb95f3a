//! IPv6 in a network of mode nat, which is not translated.

use super::texts;
use std::net::IpAddr;

use crate::host::network::{Forward, Network, Subnet};
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::Version;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "nat-ipv6",
    severity: Severity::Note,
    readers: &[],
    finds: "A network of mode nat with an IPv6 subnet and without `<nat ipv6='yes'/>`.",
    why: "Only IPv4 is translated, and IPv6 is routed: who has a route to the subnet reaches the guests, since nothing filters what
comes in, and with local addresses (fd00::/8) the guests reach nobody beyond the host.",
    example: "
<forward mode='nat'/>
<ip family='ipv6' address='fd00:5::1' prefix='64'/>",
    remedy: "Have it translated too, with libvirt 6.5 and later: <forward mode='nat'><nat ipv6='yes'/></forward>. Where routing is\nmeant, say so: kvmnet network set NAME --mode route",
    source: "networkAddIPSpecificFirewallRules() in libvirt's network/bridge_driver_linux.c (seen with libvirt 9.0:\n`-A LIBVIRT_FWI -d fd00:13::/64 -o virbr13 -j ACCEPT`); formatnetwork page",
    check: Check::Files(check),
    fix: None,
};

/// From this version on IPv6 can be translated.
const FROM: [u32; 2] = [6, 5];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    texts::each(sight, "ipv6", |network, path, doc| {
        let v6 = |subnet: &&Subnet| match subnet.address.addr() {
            IpAddr::V4(_) => false,
            IpAddr::V6(address) => !address.is_unicast_link_local(),
        };
        let subnet = network.subnets.iter().find(v6);
        let Some(subnet) = subnet.filter(|_| network.forward == Forward::Nat) else {
            return;
        };
        let nat = doc
            .child(0, "forward")
            .and_then(|(forward, _)| doc.child(forward, "nat"));
        if nat.is_some_and(|(_, nat)| nat.value("ipv6") == Some("yes")) {
            return;
        }
        let finding = finding(sight, network, subnet);
        found.push(finding.at(Place::line(path, subnet.spot.line)));
    });
    found
}

fn finding(sight: &Sight<'_>, network: &Network, subnet: &Subnet) -> Finding {
    let (name, net) = (&network.name, subnet.address.trunc());
    let message = format!(
        "the network `{name}` does not translate IPv6: {net} is routed, and open from outside"
    );
    let version = sight.readers.libvirt_version.as_ref();
    let help = match version {
        Some(version) if *version < Version::of(&FROM) => format!(
            "libvirt {version} cannot translate IPv6 (6.5 can): filter what is forwarded to {net}"
        ),
        Some(_) | None => "write <nat ipv6='yes'/> in <forward mode='nat'>".to_owned(),
    };
    RULE.finding(format!("network {name}"), message).help(help)
}
