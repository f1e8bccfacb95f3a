//! Addresses in short.

use std::net::IpAddr;

use super::value::{IpNet, Ipv6Net};

/// Returns the part of an address that the subnet leaves open.
#[must_use]
pub fn in_short(subnet: &IpNet, ip: IpAddr) -> String {
    let parts = usize::from(subnet.prefix_len() / 8);
    match ip {
        IpAddr::V4(ip) => ip.octets()[parts.min(3)..]
            .iter()
            .fold(String::new(), |text, octet| format!("{text}.{octet}")),
        IpAddr::V6(ip) => {
            let mask = Ipv6Net::new(ip, subnet.prefix_len().min(128));
            let mask = mask.map_or(u128::MAX, |net| u128::from(net.hostmask()));
            std::net::Ipv6Addr::from(u128::from(ip) & mask).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_of_an_address_what_the_subnet_leaves_open() {
        let short = |net: &str, ip: &str| in_short(&net.parse().unwrap(), ip.parse().unwrap());
        assert_eq!(short("192.168.122.0/24", "192.168.122.254"), ".254");
        assert_eq!(short("10.1.0.0/16", "10.1.2.3"), ".2.3");
        assert_eq!(short("10.1.2.0/30", "10.1.2.2"), ".2");
        assert_eq!(short("fd00:1::/64", "fd00:1::ff"), "::ff");
    }
}
