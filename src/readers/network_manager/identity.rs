//! By what NetworkManager makes a host known to others: the identity of a DHCP client, and the metrics of routes.
//!
//! Source: `nm_utils_create_dhcp_iaid()` in nm-core-utils.c; `nm_device_get_route_metric_default()` in nm-device.c (run).

use std::hash::Hasher;

/// The key of the hash that IAIDs are made with.
const KEY: [u64; 2] = [0xee03_4afe_c28c_1180, 0x0914_3936_6f0c_d63e];

/// Returns the IAID (identity association, RFC 8415) of the interface `name`, which is made of its name.
#[must_use]
pub fn iaid(name: &str) -> u32 {
    #[allow(
        deprecated,
        reason = "the one SipHash of the standard library that takes a key"
    )]
    let mut hasher = std::hash::SipHasher::new_with_keys(KEY[0], KEY[1]);
    hasher.write(name.as_bytes());
    let [a, b, c, d, e, f, g, h] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iaids_are_those_of_network_manager() {
        for (name, expected) in [
            ("ens33", 731_133_121),
            ("br0", 1_021_421_011),
            ("eth0", 726_689_589),
        ] {
            assert_eq!(iaid(name), expected, "{name}");
        }
    }
}
