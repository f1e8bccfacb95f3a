//! A DHCP range with the host's own address in it.

use super::ranges;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "dhcp-range-gateway",
    severity: Severity::Warning,
    readers: &[],
    finds: "A DHCP range that contains the host's own address in the network.",
    why: "The range offers guests an address that the gateway has. libvirt loads it, and dnsmasq skips the
address; any other DHCP server that takes over the range assigns it.",
    example: "
<ip address='192.168.67.1' netmask='255.255.255.0'>
  <dhcp>
    <range start='192.168.67.1' end='192.168.67.254'/>",
    remedy: "Exclude the address: kvmnet network set NAME --dhcp FIRST-LAST",
    source: "libvirt checks it neither at load nor at start (seen with libvirt 9.0)",
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
            let own = subnet.address.addr();
            for range in subnet.dhcp.iter().flat_map(|dhcp| &dhcp.ranges) {
                if !(range.first..=range.last).contains(&own) {
                    continue;
                }
                let name = &network.name;
                let message = format!(
                    "the DHCP range of the network `{name}` contains {own}, the host's own address"
                );
                let place = Place::line(origin, range.spot.line);
                let within = Place::word(origin, subnet.spot.line, &own.to_string())
                    .label("the host's own address");
                found.push(
                    RULE.finding(format!("{name} range with {own}"), message)
                        .at(place)
                        .at(within)
                        .help(ranges::set(network, subnet)),
                );
            }
        }
    }
    found
}
