//! A DHCP lease as a record of libvirt or dnsmasq has it: state of the running host, never edited.

use std::net::IpAddr;

use super::value::MacAddress;

/// An address that a guest was given by the DHCP server of a libvirt network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The bridge device of the network: libvirt names the record after it; "" where it is named after the network.
    pub bridge: String,
    /// The network, where its record is named after it: dnsmasq's own, of libvirt before 1.2.6.
    pub network: Option<String>,
    /// The address.
    pub address: IpAddr,
    /// The hardware address that it was given to.
    pub mac: Option<MacAddress>,
    /// The name that the guest gave, as it gave it: any text.
    pub host: Option<String>,
    /// The client's identifier: of IPv4 as it sent one, of IPv6 its DUID.
    pub client_id: Option<String>,
    /// Identifier of the interface among those of the client, of IPv6 alone.
    pub iaid: Option<String>,
    /// When it ends, in seconds since 1970 (UTC), 0 for never; `None` where the record does not say.
    pub expires: Option<i64>,
    /// The line of its address in the record, where that is known.
    pub line: Option<u32>,
}

impl Lease {
    /// Returns whether it has ended at `now`.
    ///
    /// Source: libvirt's `networkGetDHCPLeases()`, which leaves out leases with 0 < expiry-time <= now.
    #[must_use]
    pub fn has_expired(&self, now: i64) -> bool {
        self.expires
            .is_some_and(|expires| expires > 0 && expires <= now)
    }
}
