//! A host entry with an address that is in no subnet.

use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "dhcp-host-outside",
    severity: Severity::Warning,
    readers: &[],
    finds: "A DHCP host entry whose address is not one that a guest of its subnet can have.",
    why: "libvirt loads it, but dnsmasq never assigns the address: the guest gets another one from the range.",
    example: "
<ip address='192.168.67.1' netmask='255.255.255.0'>
  <dhcp>
    <host mac='52:54:00:63:99:c1' ip='192.168.122.10'/>",
    remedy: "Give the entry an address of the subnet: kvmnet network set NAME --remove-host MAC --add-host MAC=IP",
    source: "dnsmasq(8), --dhcp-host: addresses outside of the subnet are not used (seen with libvirt 9.0: loads and starts)",
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
            for host in subnet.dhcp.iter().flat_map(|dhcp| &dhcp.hosts) {
                let Some(ip) = host.ip else { continue };
                let why = match ip {
                    ip if !subnet.address.contains(&ip) => {
                        format!("is outside {}", subnet.address.trunc())
                    }
                    ip if ip == own => "is the host's own address".to_owned(),
                    _ => continue,
                };
                let name = &network.name;
                let message =
                    format!("the address {ip} of a host entry of the network `{name}` {why}");
                let place = Place::word(origin, host.spot.line, &ip.to_string());
                let key = host
                    .mac
                    .map_or_else(|| "KEY".to_owned(), |mac| mac.to_string());
                let help = format!(
                    "kvmnet network set {} --remove-host {ip} --add-host {key}=IP",
                    word_of(name)
                );
                found.push(
                    RULE.finding(format!("{name} host {ip}"), message)
                        .at(place)
                        .help(help),
                );
            }
        }
    }
    found
}
