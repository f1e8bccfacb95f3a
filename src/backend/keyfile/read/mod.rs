//! From keyfiles to profiles.

mod controllers;
mod in_force;
mod links;
mod names;
mod parsed;

use std::sync::Arc;

use self::controllers::{attachments, in_vrf, kind_of_port, unnamed};
use self::links::link;
use self::names::Names;
use self::parsed::{Parsed, SUFFIX, mac_of, parse};
use super::addressing;
use super::force;
use super::keys::CONTROLLER;
use crate::backend::lens::Found;
use crate::backend::uuids;
use crate::doc::keyfile::value;
use crate::host::Routed;
use crate::host::layer3::{Layer3, Method};
use crate::host::profile::{Backend, Home, Manager, Profile};
use crate::host::value::InterfaceName;
use crate::host::wording::{ControllerKind, Wording};
use crate::many;
use crate::readers::{
    self, Device, Docs, IMAGE_KEYFILES, KEYFILES, Readers, loads_keyfile, named, pick_keyfile,
};
use crate::tree::{HostPath, Pick, Tree};

/// Returns what the keyfiles say.
pub(super) fn found(tree: &Tree, readers: &Readers, docs: &Docs) -> Found {
    let files = files(tree);
    let (mut parsed, mut found) = (Vec::new(), Found::default());
    for file in many::map(&files, |path| parse(tree, path, docs)) {
        if let Ok(file) = &file {
            found.docs.push((file.path.clone(), file.parsed()));
        }
        match file {
            // NetworkManager tries any file, and one that is no profile is none
            Ok(file) if file.refusal.is_some() && !file.path.name().ends_with(SUFFIX) => {}
            Ok(file) => parsed.push(file),
            Err(problem) if problem.path.name().ends_with(SUFFIX) => found.broken.push(problem),
            Err(_) => {}
        }
    }
    let owner = readers::owner(tree);
    in_force::mark(tree, &mut parsed, owner);
    let mut names = Names::of(tree, &parsed);
    if names.lack_controller(&parsed) {
        names.add(uuids::of_ifcfg(tree, readers));
    }
    let (mut profiles, mut hidden) = (Vec::new(), Vec::new());
    let meant = many::map(&parsed, |file| {
        let interface = file.interface(&names);
        if let Some(problem) = file.refused(interface.as_ref().ok().and_then(Option::as_ref)) {
            return Err(problem);
        }
        let Some(interface) = interface? else {
            return Ok(None);
        };
        let mut profile = profile(file, interface, &names, readers);
        let not_read = file.not_read(tree, profile.interface.as_str(), owner);
        profile.manager = not_read.map_or(profile.manager, Manager::Nobody);
        Ok(Some((Arc::new(profile), file.priority())))
    });
    for (file, meant) in parsed.iter().zip(meant) {
        match meant {
            Ok(Some(ranked)) if file.hidden_by.is_some() => hidden.push(ranked),
            Ok(Some(ranked)) => profiles.push(ranked),
            Ok(None) => {
                found.unnamed.push(unnamed(file, &names));
                found.routed.extend(routed(file));
            }
            Err(problem) => found.broken.push(problem),
        }
    }
    (found.profiles, found.idle) = force::part(profiles, hidden);
    found
}

/// Returns the files that NetworkManager tries: those in /etc, then those of the image.
fn files(tree: &Tree) -> Vec<HostPath> {
    let folders = [KEYFILES, IMAGE_KEYFILES].map(HostPath::literal);
    let [own, image] = &folders;
    let of_image = tree.names(image);
    let of_image = of_image.filter(|(name, _)| matches!(pick_keyfile(name), Pick::Read));
    let names = tree.names(own).filter(|(name, _)| loads_keyfile(name));
    let files = names.chain(of_image);
    files.map(|(_, path)| path.clone()).collect()
}

/// Returns the subnets of a file that names no interface.
fn routed(file: &Parsed) -> Vec<Routed> {
    if file.spelled(CONTROLLER).is_some() {
        return Vec::new();
    }
    addressing::read(file.source(), "").routed("").collect()
}

fn profile(file: &Parsed, interface: InterfaceName, names: &Names, readers: &Readers) -> Profile {
    let source = file.source();
    let home = Home {
        hides: file.hides.clone(),
        ..Home::at(Backend::NmKeyfile, file.path.clone())
    };
    let controller = file.spelled(CONTROLLER);
    let link = link(file, controller.as_ref(), names);
    let is_port = controller.is_some() && !in_vrf(file);
    let mac = file.mac();
    let shown = mac.map(|mac| mac.to_string());
    let device = Device {
        name: interface.as_str(),
        mac: shown.as_deref(),
        kind: link.word(),
    };
    let cloned = file.cloned_mac().filter(|_| file.is_ethernet());
    let of_bridge = kind_of_port(file) == Some(ControllerKind::Bridge);
    Profile {
        id: file
            .get("connection", "id")
            .unwrap_or_else(|| file.stem().to_owned()),
        uuid: Some(file.uuid()),
        manager: readers.manager_of(&device, Backend::NmKeyfile, true),
        controller: controller
            .as_ref()
            .filter(|_| of_bridge)
            .and_then(|controller| names.interface(&controller.value)),
        autostart: file
            .doc
            .get("connection", "autoconnect")
            .and_then(|pair| value::boolean(file.doc.raw(pair)))
            .unwrap_or(true),
        nm_controlled: true,
        mac,
        // a bridge's is its own property
        cloned_mac: cloned.as_deref().and_then(mac_of),
        made_mac: cloned
            .filter(|word| ["random", "stable", "stable-ssid"].contains(&word.as_str())),
        layer3: match is_port {
            // what a port says of it NetworkManager drops
            true => Layer3::default(),
            false => Layer3 {
                from: Some(home.clone()),
                ..addressing::read(source, interface.as_str())
            },
        },
        locked: None,
        wording: match is_port {
            true => wording_of_port(file),
            false => wording(file),
        },
        link,
        home,
        interface,
    }
}

/// Returns how the file of a port is worded, with what NetworkManager drops of it.
///
/// Source: `_normalize_ip_config()` in nm-connection.c (run).
fn wording_of_port(file: &Parsed) -> Wording {
    let mut dropped = addressing::read(file.source(), "");
    let first = [&mut dropped.v4, &mut dropped.v6].map(|family| {
        let asks = !matches!(*family.method, Method::Manual | Method::Off);
        let method = family.method.at.clone().filter(|_| asks);
        if family.method.at.is_none() {
            // there is no group
            family.method = Method::Manual.into();
        }
        let valid = family.addresses.first().and_then(|said| said.at.clone());
        let other = family.not_valid.first().and_then(|said| said.at.clone());
        valid.or(other).or(method)
    });
    let addressing = first.into_iter().flatten().next();
    let says = addressing.is_some() || dropped.zone.is_some();
    Wording {
        addressing,
        dropped: says.then(|| Box::new(dropped)),
        ..wording(file)
    }
}

fn wording(file: &Parsed) -> Wording {
    let said = |key: &str| {
        let pair = file.doc.get("connection", key)?;
        Some(file.source().spot(pair))
    };
    let controllers = attachments(file);
    let bridges = controllers.iter();
    let mut bridges = bridges.filter(|attachment| attachment.kind == ControllerKind::Bridge);
    Wording {
        interface: named(&file.doc).map(|named| file.source().spot(named.pair)),
        kind: said("type"),
        autostart: said("autoconnect"),
        zone: said("zone"),
        controller: bridges.next().cloned(),
        controllers,
        ..Wording::default()
    }
}
