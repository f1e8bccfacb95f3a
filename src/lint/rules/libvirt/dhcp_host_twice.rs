//! Two DHCP host entries for one guest, or with one address.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::host::network::{HostEntry, Network};
use crate::host::value::MacAddress;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "dhcp-host-twice",
    severity: Severity::Warning,
    readers: &[],
    finds: "Two DHCP host entries of a network with one MAC address, or with one IP address.",
    why: "libvirt loads both. dnsmasq gives the address to one of the two, and the other guest gets one from the range;\nof two addresses for one guest it uses either.",
    example: "
<host mac='52:54:00:63:99:c1' ip='192.168.67.10'/>
<host mac='52:54:00:63:99:c1' ip='192.168.67.11'/>",
    remedy: "Remove one of them: kvmnet network set NAME --remove-host IP",
    source: "dnsmasq(8), --dhcp-host (seen with libvirt 9.0: loads and starts)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let networks = sight.host.networks().filter(|network| network.is_loaded());
    networks.flat_map(of_network).collect()
}

fn of_network(network: &Network) -> Vec<Finding> {
    let mut found = Vec::new();
    for subnet in &network.subnets {
        let mut macs: HashMap<MacAddress, &HostEntry> = HashMap::new();
        let mut ips: HashMap<IpAddr, &HostEntry> = HashMap::new();
        for host in subnet.dhcp.iter().flat_map(|dhcp| &dhcp.hosts) {
            let same_mac = host
                .mac
                .and_then(|mac| Some((mac.to_string(), *macs.get(&mac)?)));
            let same_ip = host
                .ip
                .and_then(|ip| Some((ip.to_string(), *ips.get(&ip)?)));
            if let Some((what, first)) = same_mac.or(same_ip) {
                found.extend(finding(network, host, first, &what));
                continue;
            }
            host.mac.map(|mac| macs.insert(mac, host));
            host.ip.map(|ip| ips.insert(ip, host));
        }
    }
    found
}

fn finding(network: &Network, host: &HostEntry, first: &HostEntry, what: &str) -> Option<Finding> {
    let (name, origin) = (&network.name, network.origin.as_ref()?);
    let message = format!("two host entries of the network `{name}` have {what}");
    let help = match host.ip {
        Some(ip) if Some(ip) != first.ip => {
            format!("kvmnet network set {} --remove-host {ip}", word_of(name))
        }
        Some(_) | None => "delete one of the two lines".to_owned(),
    };
    let finding = RULE.finding(format!("{name} host {what}"), message);
    let place = |host: &HostEntry| Place::word(origin, host.spot.line, what);
    Some(
        finding
            .at(place(host))
            .at(place(first).label("and here"))
            .help(help),
    )
}
