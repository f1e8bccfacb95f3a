//! Operations on libvirt networks.
//!
//! Everything that `net-define` would refuse is refused here, and what libvirt accepts but can never start as well
//! (facts of libvirt's network/bridge_driver.c, `networkValidate()`, which never runs on load).

mod add;
mod check;
mod convert;
mod copy;
mod dhcp;
mod entries;
mod free;
mod limits;
mod removal;
mod remove;
mod set;

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Force, Future, Refusal, refusals};
use crate::host::Host;
use crate::host::network::{Forward, HostEntry, LibvirtName, Network, Uuid};
use crate::host::profile::Switch;
use crate::host::value::{InterfaceName, IpNet, MacAddress};

pub(super) use check::host_bridge;

/// What becomes of DHCP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DhcpWish {
    /// What is usual: of a new subnet nearly all addresses, of an existing one what it has.
    #[default]
    Usual,
    /// It does not run.
    Off,
    /// It gives out these, first and last.
    Ranges(Vec<(IpAddr, IpAddr)>),
}

/// What a user says of a network; what is left out is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Subnets, one of each family at most; with host bits, they name the host's own address.
    pub subnets: Vec<IpNet>,
    /// DHCP.
    pub dhcp: DhcpWish,
    /// Host entries that it has (of `set`: that are added).
    pub hosts: Vec<HostEntry>,
    /// Host entries for guests, whose files tell the MAC addresses.
    pub for_guests: Vec<GuestEntry>,
    /// The DNS domain of its guests.
    pub domain: Option<String>,
    /// The bridge device that libvirt makes.
    pub device: Option<InterfaceName>,
    /// The hardware address of that device.
    pub mac: Option<MacAddress>,
    /// The UUID.
    pub uuid: Option<Uuid>,
    /// Whether it is started with the host.
    pub autostart: Option<bool>,
    /// The bridge of the host that it hangs on.
    pub bridge: Option<InterfaceName>,
    /// The software behind that bridge.
    pub switch: Option<Switch>,
}

/// A host entry for a guest of this host, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestEntry {
    /// The guest.
    pub guest: String,
    /// Its address.
    pub ip: IpAddr,
    /// The name that DHCP gives it.
    pub name: Option<String>,
}

/// A wish about a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkOperation {
    /// Makes a network.
    Add {
        /// Its name.
        name: LibvirtName,
        /// How it reaches the world.
        mode: Forward,
        /// All else.
        wishes: Wishes,
    },
    /// Makes a network like another.
    Copy {
        /// The other.
        source: String,
        /// Its name.
        name: LibvirtName,
        /// How it reaches the world, if not as the other does.
        mode: Option<Forward>,
        /// What is to differ, beside what must.
        wishes: Wishes,
    },
    /// Changes a network.
    Set {
        /// Its name.
        name: String,
        /// How it is to reach the world.
        mode: Option<Forward>,
        /// All else.
        wishes: Wishes,
        /// Host entries that go, each by hardware address, address, name or client id, or by its guest.
        remove_hosts: Vec<String>,
    },
    /// Takes a network away.
    Remove {
        /// Its name.
        name: String,
    },
}

impl NetworkOperation {
    /// Returns the name of the network that it makes or changes.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Add { name, .. } | Self::Copy { name, .. } => name.as_str(),
            Self::Set { name, .. } | Self::Remove { name } => name,
        }
    }
}

/// Returns the host after the operation.
pub(super) fn plan(
    host: &Host,
    operation: &NetworkOperation,
    force: Force,
) -> Result<Future, Refusal> {
    match operation {
        NetworkOperation::Add { name, mode, wishes } => {
            let wishes = entries::with_macs(host, name.as_str(), wishes)?;
            add::plan(host, name, mode, &wishes, force)
        }
        NetworkOperation::Copy {
            source,
            name,
            mode,
            wishes,
        } => {
            let wishes = entries::with_macs(host, name.as_str(), wishes)?;
            copy::plan(host, source, name, mode.as_ref(), &wishes, force)
        }
        NetworkOperation::Set {
            name,
            mode,
            wishes,
            remove_hosts,
        } => {
            // one that is not there has no guests
            let wishes = match host.network(name) {
                Some(_) => entries::with_macs(host, name, wishes)?,
                None => wishes.clone(),
            };
            set::plan(host, name, mode.as_ref(), &wishes, remove_hosts, force)
        }
        NetworkOperation::Remove { name } => remove::plan(host, name, force),
    }
}

/// Returns the network `name`, which must be readable and loaded by libvirt.
fn the_network<'h>(host: &'h Host, name: &str) -> Result<Option<&'h Network>, Refusal> {
    super::ensure_network_understood(host, name)?;
    let Some(network) = host.network(name) else {
        return Ok(None);
    };
    match &network.origin {
        Some(path) if path.name() != network.file_name() => {
            let message = format!(
                "libvirt does not load the network `{name}`: its file is not named {}",
                network.file_name()
            );
            let to = path.folder().join(&network.file_name());
            Err(Refusal::new(message).at(Some(path), None).help(format!(
                "rename it: mv {} {}",
                path.word(),
                to.word()
            )))
        }
        Some(_) | None => Ok(Some(network)),
    }
}

/// As many subnets of a network are looked at each with each; a host has one of each family, rarely more.
const MOST_SUBNETS: usize = 256;

/// Refuses to change or copy a network of very many subnets.
fn ensure_few_subnets(network: &Network) -> Result<(), Refusal> {
    if network.subnets.len() <= MOST_SUBNETS {
        return Ok(());
    }
    let message = format!(
        "the network `{}` has {} subnets: kvmnet changes networks with at most {MOST_SUBNETS}",
        network.name,
        network.subnets.len()
    );
    Err(Refusal::new(message)
        .at(network.origin.as_ref(), None)
        .help("remove the unused ones with an editor"))
}

/// Returns the refusal for a network that is not there.
pub(super) fn missing(host: &Host, name: &str) -> Refusal {
    let refusal = Refusal::new(refusals::absent("network", name));
    let names = host.networks().map(|network| network.name.as_str());
    let names: BTreeSet<&str> = names.collect();
    let names: Vec<&str> = names.into_iter().collect();
    refusal.help(match refusals::listed(&names) {
        Some(names) => names,
        None => "create one: kvmnet network add NAME --mode nat".to_owned(),
    })
}

/// Adds a network to the host.
fn with(mut future: Future, network: Network) -> Future {
    future.host.networks.push(std::sync::Arc::new(network));
    future
}

/// Refuses what only a network with a bridge of its own has.
fn refuse_own_bridge(wishes: &Wishes, mode: &Forward) -> Result<(), Refusal> {
    let given = [
        ("--subnet", !wishes.subnets.is_empty()),
        ("--dhcp", matches!(wishes.dhcp, DhcpWish::Ranges(_))),
        ("--no-dhcp", wishes.dhcp == DhcpWish::Off),
        ("a host entry", !wishes.hosts.is_empty()),
        ("--domain", wishes.domain.is_some()),
        ("--device", wishes.device.is_some()),
        ("--mac", wishes.mac.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Refusal::new(format!(
            "{option} cannot be used in mode {}: there libvirt runs neither DHCP nor a bridge of its own",
            mode.word()
        ))
        .help("the subnet is that of the bridge; choose mode nat, isolated, route or open for another")),
        None => Ok(()),
    }
}

/// Refuses what only a network on a bridge of the host has.
fn refuse_host_bridge(wishes: &Wishes, mode: &Forward) -> Result<(), Refusal> {
    let option = match (&wishes.bridge, wishes.switch) {
        (None, None) => return Ok(()),
        (Some(_), _) => "--bridge",
        (None, Some(_)) => "--switch",
    };
    let message = format!(
        "{option} cannot be used in mode {}: libvirt creates the bridge itself",
        mode.word()
    );
    Err(Refusal::new(message).help("its name is given with --device"))
}
