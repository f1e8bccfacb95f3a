//! An address that is none of a host.

use std::net::IpAddr;

use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::host::value::IpNet;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "address-reserved",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "An address of the host that is the subnet's own or its broadcast address, a multicast or loopback address, or its own gateway.",
    why: "The kernel sets it, and the host is not reached by it: neighbours do not answer to the address of a subnet or to one that\nstands for all hosts. With its own address as gateway the host reaches nothing beyond its subnet.",
    example: "
IPADDR=192.168.50.0
PREFIX=24",
    remedy: "Write an address between the first and the last of the subnet.",
    source: "RFC 1122, section 3.2.1.3; RFC 4291, section 2.7; fib_add_ifaddr() in the kernel's net/ipv4/fib_frontend.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let own = meaning.host.profiles().filter(|profile| {
        let lo = profile.interface.as_str() == "lo";
        profile.controller.is_none() && profile.is_read() && !profile.wording.copy && !lo
    });
    own.flat_map(of_profile).collect()
}

fn of_profile(profile: &Profile) -> Vec<Finding> {
    let layer3 = &profile.layer3;
    let name = &profile.interface;
    let all = layer3.v4.addresses.iter().chain(&layer3.v6.addresses);
    let odd = all.filter_map(|net| {
        let what = what(net)?;
        let message = format!("the address {} of `{name}` is {what}", net.value);
        finding(
            net,
            name.as_str(),
            message,
            "write an address of a host in the subnet",
        )
    });
    let gateways = layer3.v4.gateways.iter().chain(&layer3.v6.gateways);
    let own = gateways.filter_map(|gateway| {
        layer3.addresses().find(|net| net.addr() == gateway.value)?;
        let message = format!(
            "the gateway {} of `{name}` is its own address",
            gateway.value
        );
        finding(
            gateway,
            name.as_str(),
            message,
            "write the address of the router",
        )
    });
    odd.chain(own).collect()
}

fn finding<T: std::fmt::Display>(
    said: &Said<T>,
    name: &str,
    message: String,
    help: &str,
) -> Option<Finding> {
    let place = Place::of(said.at.as_ref()?);
    let subject = format!("interface {name} {}", said.value);
    Some(RULE.finding(subject, message).at(place).help(help))
}

/// Returns what an address is, if it is none of a host.
fn what(net: &IpNet) -> Option<String> {
    let address = net.addr();
    if address.is_multicast() {
        return Some("a multicast address".to_owned());
    }
    if address.is_loopback() {
        return Some("a loopback address".to_owned());
    }
    if address.is_unspecified() {
        return Some("no address, but stands for all".to_owned());
    }
    // links of two hosts have no such addresses: RFC 3021; routers of IPv6 have the first as well
    if !address.is_ipv4() || net.prefix_len() > 30 {
        return None;
    }
    let own = net.trunc();
    if own.addr() == address {
        return Some(format!("that of the subnet {own} itself"));
    }
    let last: IpAddr = net.broadcast();
    (last == address).then(|| format!("the broadcast address of the subnet {own}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_hosts_are_told() {
        for (net, odd) in [
            ("192.168.50.0/24", true),
            ("192.168.50.255/24", true),
            ("192.168.50.0/23", true),
            ("192.168.51.0/23", false),
            ("192.168.50.20/24", false),
            ("192.168.50.0/31", false),
            ("192.168.50.0/32", false),
            ("224.0.0.5/24", true),
            ("127.0.0.2/8", true),
            ("0.0.0.0/8", true),
            ("2001:db8::/64", false),
            ("ff02::1/64", true),
            ("::1/128", true),
        ] {
            let parsed: IpNet = net.parse().unwrap();
            assert_eq!(what(&parsed).is_some(), odd, "{net}");
        }
    }
}
