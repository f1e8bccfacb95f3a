//! Writes the interfaces of guests: what changed, and nothing else of the file.

use super::draft::{Draft, place};
use super::{Mismatch, domain, pairs};
use crate::backend::{EmitError, Emitter};
use crate::doc::xml::{Fragment, Place, Step, XmlDoc};
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::tree::{HostPath, Tree};

/// What libvirt writes before the interfaces of a guest (`virDomainDefFormatInternalSetRootName()`).
const BEFORE_INTERFACES: &[&str] = &[
    "emulator",
    "disk",
    "controller",
    "lease",
    "filesystem",
    "interface",
];

/// What stands before the `<source>` of an interface.
const ORDER: &[&str] = &["mac", "source", "vlan", "virtualport", "model"];

/// Writes all guests in which `after` differs from `before`.
pub(super) fn all(emitter: &mut Emitter<'_>, before: &Host, after: &Host) -> Result<(), EmitError> {
    for (old, new) in changed(before, after) {
        let fault = || EmitError::Fault {
            about: format!("the guest `{}`", new.name),
        };
        let old = old.ok_or_else(fault)?;
        let file = emitter.tree.file(&new.origin).ok_or_else(fault)?;
        let text = std::str::from_utf8(&file.bytes).map_err(|_| fault())?;
        let written = edited(text, old, new).ok_or_else(fault)?;
        emitter.editor.rewrite(&new.origin, written.into_bytes());
    }
    Ok(())
}

fn changed<'h>(before: &'h Host, after: &'h Host) -> Vec<(Option<&'h Guest>, &'h Guest)> {
    let same_origin = |old: &Guest, new: &Guest| old.origin == new.origin;
    pairs(before.guests(), &after.guests, Guest::is_same, same_origin)
}

fn edited(text: &str, old: &Guest, new: &Guest) -> Option<String> {
    let mut draft = Draft::new(text);
    let of = |ordinal: usize| {
        let mut interfaces = new.interfaces.iter();
        interfaces.find(|interface| interface.spot.ordinal == Some(ordinal))
    };
    for (ordinal, before) in old.interfaces.iter().enumerate() {
        if let Some(after) = of(ordinal).filter(|after| *after != before) {
            connect(&mut draft, ordinal, before, after);
        }
    }
    for ordinal in (0..old.interfaces.len()).rev() {
        if of(ordinal).is_none() {
            draft.change(|doc| Some(Step::Remove(domain::elements(doc).nth(ordinal)?.0)));
        }
    }
    let is_new = |interface: &&GuestInterface| interface.spot.ordinal.is_none();
    for interface in new.interfaces.iter().filter(is_new) {
        add(&mut draft, interface);
    }
    draft.finish().ok()
}

/// The attributes of a `<source>`.
fn source_attributes(source: &Source) -> Vec<(&'static str, &str)> {
    match source {
        Source::Network { name, portgroup } => {
            let group = portgroup.as_deref().map(|group| ("portgroup", group));
            std::iter::once(("network", name.as_str()))
                .chain(group)
                .collect()
        }
        Source::Bridge(name) => vec![("bridge", name)],
        Source::Device(name) => vec![("dev", name)],
        Source::Other(_) => Vec::new(),
    }
}

fn add(draft: &mut Draft, interface: &GuestInterface) {
    let mut fragment = Fragment::new("interface").with("type", interface.source.word());
    if let Some(mac) = interface.mac {
        fragment = fragment.child(Fragment::new("mac").with("address", mac));
    }
    let attributes = source_attributes(&interface.source).into_iter();
    let source = attributes.fold(Fragment::new("source"), |source, (name, value)| {
        source.with(name, value)
    });
    fragment = fragment.child(source);
    if let Some(kind) = &interface.virtualport {
        fragment = fragment.child(Fragment::new("virtualport").with("type", kind));
    }
    if let Some(model) = &interface.model {
        fragment = fragment.child(Fragment::new("model").with("type", model));
    }
    let devices = Fragment::new("devices").child(fragment.clone());
    draft.change(|doc| {
        let Some((index, _)) = doc.child(0, "devices") else {
            return Some(Step::Insert(Place::In(0), &devices));
        };
        let place = match domain::elements(doc).last() {
            Some((last, _)) => Place::After(last),
            None => place(doc, index, BEFORE_INTERFACES, "interface"),
        };
        Some(Step::Insert(place, &fragment))
    });
}

/// Attaches an interface elsewhere. MAC address, model, PCI address and all else stay; what only the old type of
/// interface has, goes.
fn connect(draft: &mut Draft, ordinal: usize, old: &GuestInterface, new: &GuestInterface) {
    let kind = new.source.word();
    let at = move |doc: &XmlDoc<'_>| domain::elements(doc).nth(ordinal).map(|(index, _)| index);
    if old.source.word() != kind {
        draft.change(|doc| Some(Step::Set(at(doc)?, "type", kind)));
        drop_of_type(draft, ordinal, old.source.word());
    }
    let wanted = source_attributes(&new.source);
    let fragment = wanted
        .iter()
        .fold(Fragment::new("source"), |source, (name, value)| {
            source.with(name, value)
        });
    draft.change(|doc| {
        let interface = at(doc)?;
        match doc.child(interface, "source") {
            Some(_) => None,
            None => Some(Step::Insert(
                place(doc, interface, ORDER, "source"),
                &fragment,
            )),
        }
    });
    // the first attribute gives the new ones their quotes, so add before taking away
    for (name, value) in &wanted {
        draft.change(|doc| {
            let (source, element) = doc.child(at(doc)?, "source")?;
            let there = element.value(name) == Some(value);
            (!there).then_some(Step::Set(source, name, value))
        });
    }
    let known: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    for name in SOURCE_ATTRIBUTES
        .iter()
        .filter(|name| !known.contains(name))
    {
        draft.change(|doc| {
            let (source, element) = doc.child(at(doc)?, "source")?;
            element.attribute(name)?;
            Some(Step::Unset(source, name))
        });
    }
    if old.source.word() != kind {
        draft.change_all(|doc| {
            let (source, _) = doc.child(at(doc)?, "source")?;
            let (index, _) = doc.children(source).next()?;
            Some(Step::Remove(index))
        });
    }
    if old.virtualport != new.virtualport {
        virtualport(draft, ordinal, new.virtualport.as_deref());
    }
}

/// All attributes that the `<source>` of some type of interface has (domaincommon.rng), run-time ones included.
const SOURCE_ATTRIBUTES: &[&str] = &[
    "network",
    "portgroup",
    "portid",
    "bridge",
    "dev",
    "mode",
    "type",
    "path",
    "name",
    "address",
    "port",
    "switchid",
    "portgroupid",
    "connectionid",
];

/// Takes away what libvirt accepts on interfaces of type `kind` alone.
fn drop_of_type(draft: &mut Draft, ordinal: usize, kind: &str) {
    let at = move |doc: &XmlDoc<'_>| domain::elements(doc).nth(ordinal).map(|(index, _)| index);
    draft.change(|doc| {
        doc.elements()[at(doc)?].attribute("managed")?;
        Some(Step::Unset(at(doc)?, "managed"))
    });
    draft.change(|doc| {
        let (target, element) = doc.child(at(doc)?, "target")?;
        element.attribute("managed")?;
        Some(Step::Unset(target, "managed"))
    });
    let own: &[&str] = match kind {
        "hostdev" | "vdpa" => &["driver"],
        "user" | "vhostuser" => &["backend", "portForward", "ip", "route"],
        "ethernet" => &["script", "ip", "route"],
        "udp" => &["local"],
        _ => &[],
    };
    for name in own {
        draft.change_all(|doc| Some(Step::Remove(doc.child(at(doc)?, name)?.0)));
    }
    if kind == "network" {
        of_networks(draft, ordinal);
    }
}

/// Takes away what libvirt loads on interfaces of type `network` alone: a virtual port that has no type, and a guaranteed
/// bandwidth.
fn of_networks(draft: &mut Draft, ordinal: usize) {
    let at = move |doc: &XmlDoc<'_>| domain::elements(doc).nth(ordinal).map(|(index, _)| index);
    draft.change_all(|doc| {
        let (index, element) = doc.child(at(doc)?, "virtualport")?;
        element
            .attribute("type")
            .is_none()
            .then_some(Step::Remove(index))
    });
    draft.change(|doc| {
        let (bandwidth, _) = doc.child(at(doc)?, "bandwidth")?;
        let (index, element) = doc.child(bandwidth, "inbound")?;
        element.attribute("floor")?;
        Some(match element.attribute("average") {
            Some(_) => Step::Unset(index, "floor"),
            None => Step::Remove(index),
        })
    });
}

/// The kind of virtual port that the switch needs, or none.
fn virtualport(draft: &mut Draft, ordinal: usize, kind: Option<&str>) {
    let at = move |doc: &XmlDoc<'_>| domain::elements(doc).nth(ordinal).map(|(index, _)| index);
    draft.change_all(|doc| Some(Step::Remove(doc.child(at(doc)?, "virtualport")?.0)));
    let Some(kind) = kind else {
        return;
    };
    let fragment = Fragment::new("virtualport").with("type", kind);
    draft.change(|doc| {
        let interface = at(doc)?;
        Some(Step::Insert(
            place(doc, interface, ORDER, "virtualport"),
            &fragment,
        ))
    });
}

/// Reads the guests that changed again, and returns the first that does not say what was meant.
pub(super) fn read_back(
    written: &dyn Fn(&HostPath) -> Tree,
    before: &Host,
    after: &Host,
) -> Result<(), Mismatch> {
    for (_, meant) in changed(before, after) {
        let found = super::one(
            &written(&meant.origin),
            &meant.origin,
            &meant.name,
            domain::read,
        );
        let same = found
            .is_ok_and(|found| found.name == meant.name && found.interfaces == meant.interfaces);
        if !same {
            return Err(Mismatch {
                path: meant.origin.clone(),
                about: format!("the guest `{}`", meant.name),
            });
        }
    }
    Ok(())
}
