//! Devices of the host that networks and guests of libvirt name.

use std::collections::HashMap;

use super::switches;
use crate::host::Host;
use crate::host::guest::{GuestInterface, Source};
use crate::host::network::{DevicePart, Forward};
use crate::host::profile::Profile;
use crate::host::wording::{Attachment, ControllerKind, ControllerName};
use crate::lint::{Finding, Meaning, Place};
use crate::tree::{HostPath, word_of};

/// The places of a network or guest that name a device of the host for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Named<'h> {
    /// The device.
    pub(in crate::lint) device: &'h str,
    /// Who names it, such as "the guest `vm1`".
    pub(in crate::lint) who: String,
    /// Whether that is a guest.
    pub(in crate::lint) guest: bool,
    /// The name of the network or guest.
    pub(in crate::lint) name: &'h str,
    /// The file.
    pub(in crate::lint) at: &'h HostPath,
    /// The lines.
    pub(in crate::lint) lines: Vec<Option<u32>>,
    /// What for.
    pub(in crate::lint) how: How,
}

/// What a device is named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) enum How {
    /// As the only way out.
    WayOut,
    /// For macvtap, beside others.
    Macvtap,
    /// For a macvtap that has it for itself: mode passthrough.
    Alone,
    /// For its virtual functions.
    Functions,
}

/// Returns all of them, in the order of files.
pub(in crate::lint) fn all(host: &Host) -> Vec<Named<'_>> {
    let networks = host
        .networks()
        .filter(|network| network.is_loaded() && !network.is_refused());
    let of_networks = networks.flat_map(|network| {
        let named = network.devices.iter().filter_map(move |device| {
            Some(Named {
                device: &device.name,
                who: format!("the network `{}`", network.name),
                guest: false,
                name: &network.name,
                at: network.origin.as_ref()?,
                lines: vec![device.spot.line],
                how: match (device.part, &network.forward) {
                    (DevicePart::Pf, _) => How::Functions,
                    (_, Forward::Direct(mode)) if is_alone(mode) => How::Alone,
                    (_, Forward::Direct(_) | Forward::Bridge) => How::Macvtap,
                    (_, _) => How::WayOut,
                },
            })
        });
        named.collect::<Vec<_>>()
    });
    let of_guests = host.guests().flat_map(|guest| {
        let interfaces = guest.interfaces.iter();
        let named = interfaces.filter_map(move |interface| match &interface.source {
            Source::Device(device) => Some(Named {
                device,
                who: format!("the guest `{}`", guest.name),
                guest: true,
                name: &guest.name,
                at: &guest.origin,
                lines: vec![interface.spot.line],
                how: match interface.mode.as_deref().is_some_and(is_alone) {
                    true => How::Alone,
                    false => How::Macvtap,
                },
            }),
            Source::Network { .. } | Source::Bridge(_) | Source::Other(_) => None,
        });
        named.collect::<Vec<_>>()
    });
    let mut all = Vec::<Named<'_>>::new();
    for named in of_networks.chain(of_guests) {
        let same = |last: &&mut Named<'_>| {
            (last.at, last.device, last.how) == (named.at, named.device, named.how)
        };
        match all.last_mut().filter(same) {
            Some(last) => last.lines.extend(named.lines),
            None => all.push(named),
        }
    }
    all
}

/// Returns whether a macvtap of this mode shares its device with nobody.
pub(in crate::lint) fn is_alone(mode: &str) -> bool {
    matches!(mode, "passthrough" | "hostdev")
}

/// Returns the finding with the places that name the device.
pub(in crate::lint) fn at(finding: Finding, named: &Named<'_>) -> Finding {
    let lines = named.lines.iter();
    lines.fold(finding, |finding, line| {
        finding.at(Place::word(named.at, *line, named.device))
    })
}

/// Returns the bond or team that a file attaches the interface to, as the file names it.
fn bond_of(profile: &Profile) -> Option<&ControllerName> {
    let mut controllers = profile.wording.controllers.iter();
    let is_bond = |of: &&Attachment| matches!(of.kind, ControllerKind::Bond | ControllerKind::Team);
    Some(&controllers.find(is_bond)?.name)
}

/// Returns the command that puts on `bridge` what has a device for itself: there it is beside others.
pub(in crate::lint) fn beside(meaning: &Meaning<'_>, named: &Named<'_>, bridge: &str) -> String {
    let (host, name) = (meaning.host, word_of(named.name));
    let is_bridge = meaning
        .joined
        .profile(bridge)
        .is_none_or(|of| of.switch().is_some());
    if !is_bridge {
        return "name another device there, one that the host does not use".to_owned();
    }
    if !named.guest {
        return format!(
            "kvmnet network set {name} --mode bridge --bridge {}",
            word_of(bridge)
        );
    }
    let mut guests = host.guests().filter(|guest| guest.origin == *named.at);
    let interface = guests.next().and_then(|guest| {
        let is_it = |interface: &&GuestInterface| {
            named.lines.contains(&interface.spot.line)
                && matches!(&interface.source, Source::Device(device) if device == named.device)
        };
        Some((guest, guest.interfaces.iter().find(is_it)?))
    });
    match interface {
        Some((guest, interface)) => switches::connect(guest, interface, bridge),
        None => format!("kvmnet guest connect {name} --bridge {}", word_of(bridge)),
    }
}

/// Returns the ports of bridges and bonds, each with its bridge or bond.
pub(in crate::lint) fn bridges<'s>(meaning: &'s Meaning<'_>) -> HashMap<&'s str, &'s str> {
    let mut bridges = ports_of_bridges(meaning);
    let named = meaning.host.profiles();
    let by_uuid: HashMap<String, &str> = named
        .filter_map(|of| {
            Some((
                of.uuid.as_ref()?.to_ascii_lowercase(),
                of.interface.as_str(),
            ))
        })
        .collect();
    let of_bonds = meaning
        .host
        .profiles()
        .filter(|profile| profile.controller.is_none());
    for profile in of_bonds {
        let named = match bond_of(profile) {
            Some(ControllerName::Interface(name)) => Some(name.as_str()),
            Some(ControllerName::Uuid(uuid)) => by_uuid.get(&uuid.to_ascii_lowercase()).copied(),
            None => None,
        };
        bridges.extend(named.map(|named| (profile.interface.as_str(), named)));
    }
    bridges
}

/// Returns the ports of bridges, each with its bridge.
pub(in crate::lint) fn ports_of_bridges<'s>(meaning: &'s Meaning<'_>) -> HashMap<&'s str, &'s str> {
    let mut bridges = HashMap::new();
    for (bridge, claim, _) in meaning.readers.bridges() {
        bridges.extend(claim.ports.iter().map(|port| (port.as_str(), bridge)));
    }
    for profile in meaning.host.profiles() {
        if let Some(bridge) = &profile.controller {
            bridges.insert(profile.interface.as_str(), bridge.as_str());
        }
    }
    bridges
}
