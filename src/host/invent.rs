//! Values that nobody gave: derived from the machine's identity and the name, so that a dry run and the run after it agree.

use std::collections::BTreeSet;

use super::Host;
use super::network::Uuid;
use super::value::{InterfaceName, MacAddress};

/// Returns the UUID (version 5, RFC 9562) of `what` on this machine; `attempt` tells apart those that are taken.
fn derived(host: &Host, what: &str, attempt: u32) -> Uuid {
    let machine = host
        .machine_id
        .as_deref()
        .and_then(|id| Uuid::parse_str(id).ok());
    let space = machine.unwrap_or(Uuid::NAMESPACE_OID);
    let name = match attempt {
        0 => format!("kvmnet/{what}"),
        again => format!("kvmnet/{what}/{again}"),
    };
    Uuid::new_v5(&space, name.as_bytes())
}

/// What is taken on a host, each kind gathered when it is first asked for; what is invented is taken from then on.
#[derive(Debug)]
pub struct Inventor<'h> {
    host: &'h Host,
    networks: Option<BTreeSet<Uuid>>,
    guests: Option<BTreeSet<Uuid>>,
    macs: Option<BTreeSet<MacAddress>>,
    devices: Option<BTreeSet<&'h str>>,
    /// No device before this one is free.
    next_device: usize,
}

impl<'h> Inventor<'h> {
    /// Returns one that knows what `host` has.
    #[must_use]
    pub fn of(host: &'h Host) -> Self {
        Self {
            host,
            networks: None,
            guests: None,
            macs: None,
            devices: None,
            next_device: 0,
        }
    }

    /// Returns a UUID for the network `name` that no other network has.
    pub fn uuid_of_network(&mut self, name: &str) -> Uuid {
        let host = self.host;
        let taken = || host.networks().filter_map(|network| network.uuid).collect();
        let taken = self.networks.get_or_insert_with(taken);
        free_uuid(host, &format!("network/{name}"), taken)
    }

    /// Returns a UUID for the guest `name` that no other guest has.
    pub fn uuid_of_guest(&mut self, name: &str) -> Uuid {
        let host = self.host;
        let taken = || host.guests().filter_map(|guest| guest.uuid).collect();
        let taken = self.guests.get_or_insert_with(taken);
        free_uuid(host, &format!("guest/{name}"), taken)
    }

    /// Returns a hardware address of KVM's block for `what` that nothing beneath the root has.
    pub fn mac(&mut self, what: &str) -> MacAddress {
        let host = self.host;
        let taken = self.macs.get_or_insert_with(|| {
            let networks = host.networks().filter_map(|network| network.mac);
            let guests = host.guests().flat_map(|guest| guest.interfaces.iter());
            networks
                .chain(guests.filter_map(|interface| interface.mac))
                .collect()
        });
        let candidate = |attempt| {
            let [a, b, c, ..] = *derived(host, &format!("mac/{what}"), attempt).as_bytes();
            MacAddress::of_kvm([a, b, c])
        };
        // 2^24 addresses; whoever has them all has other worries
        let mut candidates = (0..1 << 20).map(candidate);
        let free = candidates.find(|mac| !taken.contains(mac));
        let mac = free.unwrap_or_else(|| candidate(0));
        taken.insert(mac);
        mac
    }

    /// Returns the first free `virbrN`: free of networks, profiles and what the kernel shows.
    pub fn device(&mut self) -> Option<InterfaceName> {
        let host = self.host;
        let taken = self.devices.get_or_insert_with(|| taken_devices(host));
        let candidates = (self.next_device..).map(|n| (n, format!("virbr{n}")));
        let mut free = candidates.filter(|(_, name)| !taken.contains(name.as_str()));
        let (n, name) = free.next()?;
        self.next_device = n + 1;
        InterfaceName::parse(&name).ok()
    }
}

/// Returns the names of devices that networks, profiles and the running kernel have.
fn taken_devices(host: &Host) -> BTreeSet<&str> {
    let networks = host.networks().filter_map(|n| n.bridge.as_deref());
    let profiles = host.profiles().map(|profile| profile.interface.as_str());
    let present = host.present.iter().map(InterfaceName::as_str);
    networks.chain(profiles).chain(present).collect()
}

fn free_uuid(host: &Host, what: &str, taken: &mut BTreeSet<Uuid>) -> Uuid {
    let mut candidates = (0..).map(|attempt| derived(host, what, attempt));
    let uuid = candidates.find(|uuid| !taken.contains(uuid));
    let uuid = uuid.unwrap_or_default();
    taken.insert(uuid);
    uuid
}

/// Returns a UUID for the network `name` that no other network has.
#[must_use]
pub fn uuid_of_network(host: &Host, name: &str) -> Uuid {
    Inventor::of(host).uuid_of_network(name)
}

/// Returns a UUID for the profile of `interface` that no other profile has.
#[must_use]
pub fn uuid_of_profile(host: &Host, interface: &str) -> Uuid {
    let profiles = host.profiles().chain(&host.idle);
    let profiles = profiles.filter_map(|profile| profile.uuid.as_deref());
    let mut taken = profiles
        .filter_map(|uuid| Uuid::parse_str(uuid).ok())
        .collect();
    free_uuid(host, &format!("profile/{interface}"), &mut taken)
}

/// Returns a hardware address of KVM's block for `what` that nothing beneath the root has.
#[must_use]
pub fn mac(host: &Host, what: &str) -> MacAddress {
    Inventor::of(host).mac(what)
}

/// Returns the first free `virbrN`: free of networks, profiles and what the kernel shows.
#[must_use]
pub fn device(host: &Host) -> Option<InterfaceName> {
    Inventor::of(host).device()
}

/// Returns the first free `brN` for a bridge of the host.
#[must_use]
pub fn bridge(host: &Host) -> String {
    let mut taken = taken_devices(host);
    let foreign = host.foreign_bridges().into_iter();
    taken.extend(foreign.map(|(name, ..)| name));
    let mut names = (0..=taken.len()).map(|n| format!("br{n}"));
    names
        .find(|name| !taken.contains(name.as_str()))
        .unwrap_or_else(|| "BRIDGE".to_owned())
}
