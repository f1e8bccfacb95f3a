//! Changes the text of a network field by field; all else stays as it stands.
//!
//! Where a new element goes is given by the order in which libvirt writes them (`virNetworkDefFormatBuf()` in
//! conf/network_conf.c).

use super::draft::{Draft, place};
use super::order::ORDER;
use super::{network, subnet_write};
use crate::doc::xml::{Editing, Element, Fragment, XmlDoc};
use crate::host::network::{Forward, Network};
use crate::host::profile::Switch;

/// Returns `text`, which says `old`, with the changes that make it say `new`.
pub(super) fn edited(text: &str, old: &Network, new: &Network) -> Option<String> {
    let mut draft = Draft::new(text);
    if old.name != new.name || old.uuid != new.uuid {
        identity(&mut draft, old, new);
    }
    if old.forward != new.forward {
        forward(&mut draft, old, new);
    }
    if old.forward == new.forward && old.devices != new.devices {
        devices(&mut draft, new);
    }
    if old.bridge != new.bridge || old.forward.owns_bridge() != new.forward.owns_bridge() {
        bridge(&mut draft, old, new);
    }
    if old.mac != new.mac {
        let mac = new.mac.map(|mac| mac.to_string());
        named(&mut draft, "mac", "address", mac.as_deref());
    }
    if old.domain != new.domain {
        named(&mut draft, "domain", "name", new.domain.as_deref());
    }
    if old.subnets != new.subnets {
        subnet_write::all(&mut draft, &old.subnets, &new.subnets);
    }
    if old.routes != new.routes {
        routes(&mut draft, new);
    }
    if old.switch != new.switch {
        let kind = (new.switch == Switch::Ovs).then_some("openvswitch");
        named(&mut draft, "virtualport", "type", kind);
    }
    draft.finish().ok()
}

/// Name and UUID, and the name in libvirt's own comment at the head.
fn identity(draft: &mut Draft, old: &Network, new: &Network) {
    let (from, to) = (shell_safe(old), shell_safe(new));
    if from != to {
        draft.in_header("virsh net-edit ", &from, &to);
    }
    let text = |draft: &mut Draft, name: &'static str, value: &str| {
        let fragment = Fragment::new(name).text(value);
        draft.change(|doc, editing| match doc.child(0, name) {
            Some((index, _)) => editing.text(index, value),
            None => editing.insert(place(doc, 0, ORDER, name), &fragment),
        });
    };
    if old.name != new.name {
        text(draft, "name", &new.name);
    }
    if let Some(uuid) = new.uuid.filter(|uuid| old.uuid != Some(*uuid)) {
        text(draft, "uuid", &uuid.to_string());
    }
}

/// What libvirt puts into its comment: the name, or the UUID where a shell would take the name for something else.
///
/// Source: `virXMLPickShellSafeComment()` in util/virxml.c.
pub(super) fn shell_safe(network: &Network) -> String {
    let unsafe_for_shells = |c: char| "\r\t\n !\"#$&'()*;<>?[\\]^`{|}~".contains(c);
    let name = &network.name;
    match network.uuid {
        Some(uuid) if name.contains("--") || name.contains(unsafe_for_shells) => uuid.to_string(),
        Some(_) | None => name.clone(),
    }
}

fn forward(draft: &mut Draft, old: &Network, new: &Network) {
    if new.forward == Forward::Isolated {
        drop(draft, "forward");
        return;
    }
    let mode = new.forward.word();
    let routed = |forward: &Forward| forward.owns_bridge() && *forward != Forward::Isolated;
    if !(routed(&old.forward) && routed(&new.forward)) || is_emptied(draft, new) {
        // what is in it belongs to the other kind
        draft.change(|doc, editing| {
            let plain = |element: &Element<'_>| {
                element.attributes.iter().all(|a| a.name == "mode") && element.inner.is_none()
            };
            let full = doc
                .named(0, "forward")
                .take_while(|(_, element)| !plain(element));
            full.for_each(|(index, _)| editing.remove(index));
        });
    }
    let fragment = Fragment::new("forward").with("mode", mode);
    draft.change(|doc, editing| match doc.child(0, "forward") {
        Some((index, _)) => editing.set(index, "mode", mode),
        None => editing.insert(place(doc, 0, ORDER, "forward"), &fragment),
    });
    draft.change(|doc, editing| {
        if let Some((forward, _)) = doc.child(0, "forward") {
            drop_refused(doc, editing, forward, &new.forward);
        }
    });
}

/// libvirt refuses `<nat>` outside of mode nat, and devices in mode open.
fn drop_refused(doc: &XmlDoc<'_>, editing: &mut Editing<'_>, forward: usize, mode: &Forward) {
    let refused = |name: &str| match mode {
        Forward::Open => matches!(name, "nat" | "interface"),
        Forward::Nat => false,
        Forward::Isolated | Forward::Route | Forward::Bridge | Forward::Direct(_) => name == "nat",
    };
    let children = doc.children(forward);
    children
        .filter(|(_, child)| refused(child.name))
        .for_each(|(index, _)| editing.remove(index));
    if *mode == Forward::Open {
        editing.unset(forward, "dev");
    }
}

/// Returns whether the new mode takes all from `<forward>` that is in it, comments apart: then it is written anew.
fn is_emptied(draft: &Draft, new: &Network) -> bool {
    let emptied = |doc: &XmlDoc<'_>| {
        let (index, element) = doc.child(0, "forward")?;
        let inner = element.inner.as_ref()?;
        let comment = doc
            .comments()
            .iter()
            .any(|span| inner.contains(&span.start));
        let mut children = doc.children(index).peekable();
        children.peek()?;
        Some(
            !comment
                && match new.forward {
                    Forward::Open => true,
                    Forward::Route => {
                        let plain = element.attributes.iter().all(|a| a.name == "mode");
                        plain && children.all(|(_, child)| child.name == "nat")
                    }
                    Forward::Isolated | Forward::Nat | Forward::Bridge | Forward::Direct(_) => {
                        false
                    }
                },
        )
    };
    draft.says(emptied).unwrap_or(false)
}

/// Devices are renamed where they stand.
fn devices(draft: &mut Draft, new: &Network) {
    draft.change(|doc, editing| {
        let named = network::device_elements(doc).into_iter().enumerate();
        for (ordinal, (_, index, element)) in named {
            let mut wanted = new.devices.iter();
            let wanted = wanted.find(|device| device.spot.ordinal == Some(ordinal));
            if let Some(device) = wanted.filter(|d| element.value("dev") != Some(&d.name)) {
                editing.set(index, "dev", &device.name);
            }
        }
    });
}

fn bridge(draft: &mut Draft, old: &Network, new: &Network) {
    let Some(name) = &new.bridge else {
        draft.change(|doc, editing| {
            if let Some((index, _)) = doc.child(0, "bridge") {
                editing.remove(index);
            }
        });
        return;
    };
    let mut fragment = Fragment::new("bridge").with("name", name);
    if new.forward.owns_bridge() {
        fragment = fragment.with("stp", "on").with("delay", "0");
    }
    draft.change(|doc, editing| match doc.child(0, "bridge") {
        Some((index, _)) => editing.set(index, "name", name),
        None => editing.insert(place(doc, 0, ORDER, "bridge"), &fragment),
    });
    draft.change(|doc, editing| {
        let Some((index, element)) = doc.child(0, "bridge") else {
            return;
        };
        if new.forward.owns_bridge() {
            let made = [("stp", "on"), ("delay", "0")];
            for (attribute, value) in made.iter().filter(|_| !old.forward.owns_bridge()) {
                if element.attribute(attribute).is_none() {
                    editing.set(index, attribute, value);
                }
            }
            return;
        }
        // of a bridge of the host the network says no more than the name; what it would do itself, libvirt refuses
        for attribute in ["stp", "delay", "zone", "macTableManager"] {
            editing.unset(index, attribute);
        }
        for name in ["mtu", "dns"] {
            doc.named(0, name)
                .for_each(|(index, _)| editing.remove(index));
        }
    });
}

/// Takes all elements `name` away.
fn drop(draft: &mut Draft, name: &str) {
    draft.change(|doc, editing| {
        doc.named(0, name)
            .for_each(|(index, _)| editing.remove(index));
    });
}

/// An element with one attribute: set, made or taken away.
fn named(draft: &mut Draft, name: &'static str, attribute: &'static str, value: Option<&str>) {
    let Some(value) = value else {
        return drop(draft, name);
    };
    let fragment = Fragment::new(name).with(attribute, value);
    draft.change(|doc, editing| match doc.child(0, name) {
        Some((index, _)) => editing.set(index, attribute, value),
        None => editing.insert(place(doc, 0, ORDER, name), &fragment),
    });
}

/// Routes keep their place; only their gateway follows the subnet, and they go where there is none.
fn routes(draft: &mut Draft, new: &Network) {
    draft.change(|doc, editing| {
        for (ordinal, (index, _)) in doc.named(0, "route").enumerate() {
            match new.routes.get(ordinal) {
                Some(route) => editing.set(index, "gateway", &route.gateway.to_string()),
                None if new.routes.is_empty() => editing.remove(index),
                None => {}
            }
        }
    });
}
