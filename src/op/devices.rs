//! What libvirt uses by the name of a device, when that becomes the port of a bridge or the bridge goes.
//!
//! Seen by running them: the rules of a network with `<forward dev=>` accept what leaves through that device alone
//! (`iptables -o`), and what leaves a port leaves through its bridge. A macvtap and a bridge port exclude each other, in both
//! orders (`Device or resource busy`: the device has one `rx_handler`, netdev_rx_handler_register() in the kernel's
//! net/core/dev.c); on the bridge itself a macvtap works. Virtual functions of a device that is a port go on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Force, Refusal};
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface, Running, Source};
use crate::host::network::{DevicePart, Forward, Network, NetworkDevice};
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::tree::{HostPath, word_of};

/// How a device is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// As the way out.
    WayOut,
    /// By macvtap, beside others.
    Shared,
    /// By a macvtap that has it for itself.
    Alone,
    /// By its virtual functions.
    Functions,
}

/// One use of a device.
struct Use<'h> {
    how: How,
    /// Who uses it, such as "the guest `vm1`".
    who: String,
    at: Option<&'h HostPath>,
    line: Option<u32>,
    /// The guest that uses it now, and how, such as "with a macvtap on ens33".
    running: Option<(&'h str, String)>,
    /// How to end the use.
    help: String,
}

impl Use<'_> {
    /// Says where it is written.
    fn place(&self) -> String {
        match self.at {
            Some(at) => at.with_line(self.line),
            None => self.who.clone(),
        }
    }

    fn refusal(&self, message: String) -> Refusal {
        Refusal::new(message).at(self.at, self.line)
    }
}

/// Returns how libvirt uses the device.
fn uses<'h>(host: &'h Host, device: &InterfaceName) -> Vec<Use<'h>> {
    let name = device.as_str();
    let networks = host.networks().flat_map(|network| {
        let named = network.devices.iter().filter(|device| device.name == name);
        named.map(move |device| of_network(network, device))
    });
    let guests = host.guests().flat_map(|guest| {
        let named = |interface: &&GuestInterface| is_on(interface, name);
        let runs = runs(host, guest, name);
        let interfaces = guest.interfaces.iter().filter(named);
        interfaces.map(move |interface| Use {
            running: runs.then(|| (guest.name.as_str(), with_macvtap(name))),
            ..of_guest(guest, interface)
        })
    });
    networks
        .chain(guests)
        .chain(by_networks(host, name))
        .chain(live(host, name))
        .collect()
}

fn with_macvtap(device: &str) -> String {
    format!("with a macvtap on `{device}`")
}

/// Returns whether the guest, whose file names the device, runs so, as far as that can be told.
fn runs(host: &Host, guest: &Guest, device: &str) -> bool {
    match noted(host, guest) {
        Some(running) => links(running, device).next().is_some(),
        None => guest.running,
    }
}

fn noted<'h>(host: &'h Host, guest: &Guest) -> Option<&'h Running> {
    let mut running = host.running.iter();
    running.find(|running| running.name == guest.name)
}

fn links<'h>(running: &'h Running, device: &str) -> impl Iterator<Item = u32> + use<'h> {
    let device = Source::Device(device.to_owned());
    let on = running
        .links
        .iter()
        .filter(move |link| link.source == device);
    on.map(|link| link.line)
}

/// Returns the guests that run on a network of macvtap on the device, where nothing tells which device they got.
fn by_networks<'h>(host: &'h Host, device: &str) -> Vec<Use<'h>> {
    let of_macvtap = |network: &&Network| {
        let on = |named: &NetworkDevice| named.name == device && named.part != DevicePart::Pf;
        matches!(network.forward, Forward::Direct(_)) && network.devices.iter().any(on)
    };
    let networks: HashMap<&str, &Network> = host
        .networks()
        .filter(of_macvtap)
        .map(|network| (network.name.as_str(), network))
        .collect();
    let running = host.guests().filter(|guest| guest.running);
    let untold = running.filter(|guest| noted(host, guest).is_none());
    let uses = untold.flat_map(|guest| {
        let found = guest.interfaces.iter().find_map(|interface| {
            let network = networks.get(interface.source.network()?)?;
            Some((interface, *network))
        });
        found.map(|(interface, network)| {
            let has = match network.device_names().len() {
                1 => "has",
                _ => "may have",
            };
            let how = format!(
                "on the network `{}`, through which it {has} a macvtap on `{device}`",
                network.name
            );
            running_use(&guest.name, &guest.origin, interface.spot.line, how)
        })
    });
    uses.collect()
}

/// Returns the guests that got the device, and whose files do not say so.
fn live<'h>(host: &'h Host, device: &str) -> Vec<Use<'h>> {
    let in_file = |running: &Running| {
        let mut guests = host.guests().filter(|guest| guest.name == running.name);
        guests.any(|guest| guest.interfaces.iter().any(|i| is_on(i, device)))
    };
    let running = host.running.iter().filter_map(|running| {
        let line = links(running, device).next()?;
        (!in_file(running))
            .then(|| running_use(&running.name, &running.at, Some(line), with_macvtap(device)))
    });
    running.collect()
}

fn running_use<'h>(guest: &'h str, at: &'h HostPath, line: Option<u32>, how: String) -> Use<'h> {
    Use {
        how: How::Shared,
        who: format!("the guest `{guest}`"),
        at: Some(at),
        line,
        running: Some((guest, how)),
        help: shut_down(guest),
    }
}

fn shut_down(guest: &str) -> String {
    format!("shut down the guest `{guest}` first")
}

fn is_on(interface: &GuestInterface, device: &str) -> bool {
    matches!(&interface.source, Source::Device(name) if name == device)
}

fn of_network<'h>(network: &'h Network, device: &NetworkDevice) -> Use<'h> {
    let name = &network.name;
    let how = match (&network.forward, device.part) {
        (_, DevicePart::Pf) => How::Functions,
        (Forward::Direct(mode), _) if mode == "passthrough" || mode == "hostdev" => How::Alone,
        (Forward::Direct(_) | Forward::Bridge, _) => How::Shared,
        (Forward::Isolated | Forward::Nat | Forward::Route | Forward::Open, _) => How::WayOut,
    };
    let such_as = match how {
        // what has a bridge for itself cuts off all that is on it
        How::Alone => "one that the host does not use",
        How::WayOut | How::Shared | How::Functions => "such as a bridge",
    };
    Use {
        how,
        who: format!("the network `{name}`"),
        at: network.origin.as_ref(),
        line: device.spot.line,
        running: None,
        help: format!("name another device in its file first, {such_as}"),
    }
}

fn of_guest<'h>(guest: &'h Guest, interface: &GuestInterface) -> Use<'h> {
    let name = &guest.name;
    let which = match (guest.interfaces.len(), interface.spot.ordinal) {
        (2.., Some(ordinal)) => format!(" --interface {}", ordinal + 1),
        _ => String::new(),
    };
    Use {
        how: match interface.mode.as_deref() {
            Some("passthrough") => How::Alone,
            _ => How::Shared,
        },
        who: format!("the guest `{name}`"),
        at: Some(&guest.origin),
        line: interface.spot.line,
        running: None,
        help: format!(
            "connect it elsewhere first, for example: kvmnet guest connect {}{which} --network NETWORK",
            word_of(name)
        ),
    }
}

/// Lets what uses `from` use `to`, a bridge and its port or the reverse; refuses what cannot follow. Returns what is to be
/// said of it.
///
/// # Errors
/// A macvtap that has the device for itself, or one of a guest that runs.
pub(super) fn follow(
    host: &mut Host,
    from: &InterfaceName,
    to: &InterfaceName,
    force: Force,
) -> Result<Vec<String>, Refusal> {
    let mut notes = Vec::new();
    for found in uses(host, from) {
        let (who, place) = (&found.who, found.place());
        match (found.how, &found.running) {
            (How::Functions, _) => notes.push(format!(
                "{who} gives virtual functions of `{from}` to its guests, and continues to do so ({place})"
            )),
            (How::Alone, _) => {
                let message =
                    format!("{who} uses `{from}` exclusively, by a macvtap in passthrough mode");
                found
                    .refusal(message)
                    .help(found.help.clone())
                    .unless(force)?;
                notes.push(format!(
                    "{who} uses `{from}` exclusively, and cannot start beside `{to}` ({place})"
                ));
            }
            (How::WayOut | How::Shared, Some((guest, with))) => {
                let message = format!(
                    "{who} runs {with}: until it is shut down `{from}` cannot join or leave a bridge"
                );
                let refusal = found.refusal(message).help(shut_down(guest));
                refusal.unless(force)?;
                notes.push(format!(
                    "{who} runs {with}: until it is shut down `{from}` is busy ({place})"
                ));
            }
            (How::WayOut | How::Shared, None) => {
                notes.push(format!("{who} uses `{from}`: {FOLLOWS} `{to}` ({place})"));
            }
        }
    }
    rename(host, from, to);
    Ok(notes)
}

/// What a note says where something follows.
const FOLLOWS: &str = "from now on it uses";

/// Returns whether a note says that something uses another device from now on.
pub(crate) fn is_followed(note: &str) -> bool {
    note.contains(FOLLOWS)
}

/// Refuses while something uses the device that would not go on if it became a port, or went; if forced, says what will be
/// left without.
///
/// # Errors
/// What uses it.
pub(super) fn unused(
    host: &Host,
    device: &InterfaceName,
    force: Force,
) -> Result<Vec<String>, Refusal> {
    let mut found = uses(host, device);
    found.retain(|found| found.how != How::Functions);
    let Some(first) = found.first() else {
        return Ok(Vec::new());
    };
    let mut who: Vec<&str> = found.iter().map(|found| found.who.as_str()).collect();
    who.dedup();
    first
        .refusal(format!("`{device}` is in use by {}", who.join(", ")))
        .help(first.help.clone())
        .unless(force)?;
    let left = found.iter().map(|found| {
        let place = found.place();
        format!("{} uses `{device}`, and loses it ({place})", found.who)
    });
    Ok(left.collect())
}

/// Refuses while a guest runs on the bridge, though its file does not say so, or no longer; if forced, says it.
///
/// # Errors
/// The guest.
pub(super) fn unplugged(
    host: &Host,
    bridge: &InterfaceName,
    force: Force,
) -> Result<Vec<String>, Refusal> {
    let name = bridge.as_str();
    // a bridge that libvirt makes stays
    if host
        .networks()
        .any(|n| n.is_loaded() && n.own_bridge() == Some(name))
    {
        return Ok(Vec::new());
    }
    let mut notes = Vec::new();
    for running in &host.running {
        let mut links = running.links.iter();
        let on = links.find(|link| link.source.bridge() == Some(name));
        let Some(link) = on.filter(|_| !host.guests_on(name).any(|(g, _)| g.name == running.name))
        else {
            continue;
        };
        let guest = &running.name;
        Refusal::new(format!(
            "the guest `{guest}` runs with an interface on `{bridge}`"
        ))
        .at(Some(&running.at), link.line)
        .help(shut_down(guest))
        .unless(force)?;
        notes.push(format!(
            "the guest `{guest}` runs with an interface on `{bridge}`, and loses its network ({}:{})",
            running.at, link.line
        ));
    }
    Ok(notes)
}

/// Returns the interfaces that become the port of a bridge, cease to be one, or are a bridge on one side alone.
pub(crate) fn other_roles(before: &Host, after: &Host) -> Vec<InterfaceName> {
    let roles = |host: &Host| -> BTreeMap<InterfaceName, (Option<InterfaceName>, bool)> {
        let role = |profile: &Profile| (profile.controller.clone(), profile.bridge().is_some());
        let profiles = host.profiles();
        profiles
            .map(|profile| (profile.interface.clone(), role(profile)))
            .collect()
    };
    let (old, new) = (roles(before), roles(after));
    let names: BTreeSet<&InterfaceName> = old.keys().chain(new.keys()).collect();
    let other = names.into_iter().filter(|name| {
        let none = (None, false);
        old.get(name).unwrap_or(&none) != new.get(name).unwrap_or(&none)
    });
    other.cloned().collect()
}

/// Refuses while a guest runs with a macvtap on one of these.
///
/// # Errors
/// The first such guest.
pub(crate) fn ensure_none_runs(host: &Host, names: &[InterfaceName]) -> Result<(), Refusal> {
    for name in names {
        for found in uses(host, name) {
            if let Some((guest, with)) = &found.running {
                let message = format!(
                    "{} runs {with}: until it is shut down `{name}` cannot join or leave a bridge",
                    found.who
                );
                let refusal = found.refusal(message).help(shut_down(guest));
                return refusal.unless(Force::No);
            }
        }
    }
    Ok(())
}

/// Returns the guests that run with a macvtap on one of these, as far as the tree tells: they must be off before `names` join or
/// leave a bridge.
pub(crate) fn running_on(host: &Host, names: &[InterfaceName]) -> BTreeSet<String> {
    let found = names.iter().flat_map(|name| uses(host, name));
    let running = found.filter_map(|found| Some(found.running?.0));
    running.map(str::to_owned).collect()
}

/// Lets what uses `from`, and can use `to` as well, name that.
pub(crate) fn rename(host: &mut Host, from: &InterfaceName, to: &InterfaceName) {
    let (from, to) = (from.as_str(), to.as_str());
    for network in &mut host.networks {
        let named = |device: &NetworkDevice| {
            device.name == from && of_network(network, device).how.follows()
        };
        let named: Vec<bool> = network.devices.iter().map(named).collect();
        if named.contains(&true) {
            let devices = &mut Arc::make_mut(network).devices;
            for (device, _) in devices.iter_mut().zip(named).filter(|(_, named)| *named) {
                to.clone_into(&mut device.name);
            }
        }
    }
    for guest in &mut host.guests {
        let follows = |guest: &Guest, interface: &GuestInterface| {
            is_on(interface, from) && of_guest(guest, interface).how.follows()
        };
        if !guest
            .interfaces
            .iter()
            .any(|interface| follows(guest, interface))
        {
            continue;
        }
        let old = Arc::clone(guest);
        for interface in &mut Arc::make_mut(guest).interfaces {
            if follows(&old, interface) {
                interface.source = Source::Device(to.to_owned());
            }
        }
    }
}

impl How {
    fn follows(self) -> bool {
        matches!(self, Self::WayOut | Self::Shared)
    }
}

/// Lets every place that names `from` for layer 3 name `to`.
pub(super) fn retarget(host: &mut Host, from: &InterfaceName, to: &InterfaceName) {
    for reference in host
        .references
        .iter_mut()
        .filter(|reference| reference.interface == *from)
    {
        reference.interface = to.clone();
    }
}
