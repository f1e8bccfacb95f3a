//! Leases joined with the networks and guests that they belong to.

use std::collections::BTreeMap;

use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::lease::Lease;
use crate::host::network::Network;
use crate::host::value::MacAddress;

/// A lease with what it belongs to.
pub(super) struct Row<'a> {
    pub(super) lease: &'a Lease,
    pub(super) network: Option<&'a Network>,
    pub(super) guest: Option<&'a Guest>,
}

impl<'a> Row<'a> {
    /// Returns the name of the network, or what stands for it where no such network is defined.
    pub(super) fn name(&self) -> &'a str {
        let unknown = || self.lease.network.as_ref().unwrap_or(&self.lease.bridge);
        self.network
            .map_or_else(|| unknown().as_str(), |network| &network.name)
    }

    /// Returns whether the lease is of dnsmasq's own record.
    pub(super) fn is_dnsmasqs(&self) -> bool {
        self.lease.network.is_some()
    }

    /// Returns when the lease ends; last, if it never does, or is in force by the record that libvirt keeps today.
    pub(super) fn until(&self, now: i64) -> i64 {
        match self.lease.expires {
            Some(..=0) => i64::MAX,
            Some(_) if !self.is_dnsmasqs() && !self.lease.has_expired(now) => i64::MAX,
            Some(expires) => expires,
            None => i64::MIN,
        }
    }

    /// Returns the bridge of the network.
    pub(super) fn bridge(&self) -> Option<&'a str> {
        match self.lease.network {
            None => Some(&self.lease.bridge),
            Some(_) => self.network?.own_bridge(),
        }
    }
}

/// What leases are joined with, by bridge and by hardware address.
pub(super) struct Index<'a> {
    networks: BTreeMap<&'a str, Vec<&'a Network>>,
    by_name: BTreeMap<&'a str, &'a Network>,
    guests: BTreeMap<MacAddress, Vec<(&'a Guest, &'a GuestInterface)>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(host: &'a Host) -> Self {
        let (mut networks, mut guests) = (BTreeMap::new(), BTreeMap::new());
        for network in host.networks() {
            if let Some(bridge) = network.own_bridge() {
                let known: &mut Vec<_> = networks.entry(bridge).or_default();
                known.push(network);
            }
        }
        for guest in host.guests() {
            for interface in &guest.interfaces {
                if let Some(mac) = interface.mac {
                    let known: &mut Vec<_> = guests.entry(mac).or_default();
                    known.push((guest, interface));
                }
            }
        }
        let named = |network: &'a Network| (network.name.as_str(), network);
        let by_name = host.networks().map(named).collect();
        Self {
            networks,
            by_name,
            guests,
        }
    }

    pub(super) fn join(&self, lease: &'a Lease) -> Row<'a> {
        if let Some(name) = &lease.network {
            let network = self.by_name.get(name.as_str()).copied();
            return Row {
                lease,
                network,
                guest: self.guest(lease, network),
            };
        }
        let owners = self.networks.get(lease.bridge.as_str());
        let owners = owners.map_or(&[][..], Vec::as_slice);
        // of two networks with one bridge only one can run
        let holds = |network: &&&Network| {
            let mut subnets = network.subnets.iter();
            subnets.any(|subnet| subnet.address.contains(&lease.address))
        };
        let network = owners
            .iter()
            .find(holds)
            .or_else(|| owners.first())
            .copied();
        Row {
            lease,
            network,
            guest: self.guest(lease, network),
        }
    }

    /// Returns the guest with the hardware address; of several, such as copies of one, that which is on the network.
    fn guest(&self, lease: &Lease, network: Option<&Network>) -> Option<&'a Guest> {
        let having = self.guests.get(&lease.mac?)?;
        let on = |(_, interface): &&(&Guest, &GuestInterface)| {
            let source = &interface.source;
            (lease.network.is_none() && source.bridge() == Some(&lease.bridge))
                || network.is_some_and(|network| source.network() == Some(&network.name))
        };
        let found = having.iter().find(on).or_else(|| having.first());
        found.map(|(guest, _)| *guest)
    }
}
