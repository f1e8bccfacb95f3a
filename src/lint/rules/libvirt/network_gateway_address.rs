//! A host address of a network that is the network's own.

use super::ranges;
use crate::host::limits::is_broadcast;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-gateway-address",
    severity: Severity::Warning,
    readers: &[],
    finds: "A network in which the host has the first (network) or last (broadcast) address of the subnet.",
    why: "No traffic leaves the network. libvirt starts it, but guests do not accept such an address as a gateway, or do
not answer it.",
    example: "
<ip address='192.168.67.0' netmask='255.255.255.0'/>",
    remedy: "Give the host an address of the subnet: kvmnet network set NAME --subnet 192.168.67.1/24",
    source: "RFC 1122, 3.2.1.3 (seen with libvirt 9.0: loads and starts)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for network in sight.host.networks().filter(|network| network.is_loaded()) {
        let Some(origin) = &network.origin else {
            continue;
        };
        for subnet in &network.subnets {
            let (own, net) = (subnet.address.addr(), subnet.address.trunc());
            let is_first = own == net.addr() && own.is_ipv4() && net.prefix_len() < 31;
            if !(is_first || is_broadcast(&net, own)) {
                continue;
            }
            let (name, word) = (&network.name, own.to_string());
            let which = if is_first { "first" } else { "last" };
            let message =
                format!("the host has {own} in the network `{name}`, the {which} address of {net}");
            let first = ranges::first(&subnet.address).filter(|_| network.subnets.len() == 1);
            let first = first.unwrap_or_else(|| format!("ADDRESS/{}", net.prefix_len()));
            let help = format!("kvmnet network set {} --subnet {first}", word_of(name));
            let place = Place::word(origin, subnet.spot.line, &word);
            found.push(
                RULE.finding(format!("{name} {own}"), message)
                    .at(place)
                    .help(help),
            );
        }
    }
    found
}
