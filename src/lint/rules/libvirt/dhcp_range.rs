//! A DHCP range that libvirt refuses.

use super::ranges;
use crate::host::limits::{RangeFault, of_range};
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "dhcp-range",
    severity: Severity::Error,
    readers: &[],
    finds: "A DHCP range that is outside its subnet, reversed, too large, or contains the subnet's first or last address.",
    why: "libvirt refuses the whole network, not only the range.",
    example: "
<ip address='192.168.67.1' netmask='255.255.255.0'>
  <dhcp>
    <range start='192.168.68.2' end='192.168.68.254'/>",
    remedy: "Give a range of the subnet: kvmnet network set NAME --dhcp FIRST-LAST",
    source: "virSocketAddrGetRange() in libvirt's util/virsocketaddr.c (seen with libvirt 9.0)",
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
            for range in subnet.dhcp.iter().flat_map(|dhcp| &dhcp.ranges) {
                let Some(fault) = of_range(&subnet.address, range) else {
                    continue;
                };
                let (first, last, net) = (range.first, range.last, subnet.address.trunc());
                let why = match fault {
                    RangeFault::Outside => format!("is outside {net}"),
                    RangeFault::Reversed => "is reversed".to_owned(),
                    RangeFault::TooLarge => {
                        "is too large for libvirt: its ends may differ only in their last 16 bits"
                            .to_owned()
                    }
                    RangeFault::Ends => format!("contains the first or the last address of {net}"),
                };
                let message = format!(
                    "libvirt does not load the network `{}`: the range {first}-{last} {why}",
                    network.name
                );
                let subject = format!("{} range {first}-{last}", network.name);
                let place = Place::line(origin, range.spot.line);
                let within = Place::line(origin, subnet.spot.line).label("the subnet");
                found.push(
                    RULE.finding(subject, message)
                        .at(place)
                        .at(within)
                        .help(ranges::set(network, subnet)),
                );
            }
        }
    }
    found
}
