//! Writes networks: new ones from a template or from the text of another, changed ones field by field.
//!
//! Only what differs between two networks is written; everything else in the file stays as it stands. Where a new element
//! goes is given by the order in which libvirt writes them (`virNetworkDefFormatBuf()` in conf/network_conf.c).

use std::collections::BTreeSet;

use serde_json::json;

use super::draft::{Draft, place};
use super::{AUTOSTART, Mismatch, NETWORKS, link_in, pairs, subnet_write};
use crate::backend::{EmitError, Emitter};
use crate::doc::xml::{Fragment, Step, XmlDoc};
use crate::host::Host;
use crate::host::network::{Forward, HostEntry, Network, Subnet};
use crate::host::profile::Switch;
use crate::tree::{Attrs, Entry, HostPath, Tree};

/// The order of libvirt's elements.
pub(super) const ORDER: &[&str] = &[
    "name",
    "uuid",
    "title",
    "description",
    "metadata",
    "forward",
    "bridge",
    "mtu",
    "mac",
    "domain",
    "dns",
    "vlan",
    "bandwidth",
    "port",
    "ip",
    "route",
    "virtualport",
    "portgroup",
];

/// Writes all networks in which `after` differs from `before`.
pub(super) fn all(emitter: &mut Emitter<'_>, before: &Host, after: &Host) -> Result<(), EmitError> {
    let kept: BTreeSet<&HostPath> = after
        .networks()
        .filter_map(|network| network.origin.as_ref())
        .collect();
    for gone in before.networks() {
        if let Some(origin) = gone.origin.as_ref().filter(|path| !kept.contains(path)) {
            emitter.editor.delete(origin);
            emitter.editor.delete(&link_in(AUTOSTART, &gone.name));
        }
    }
    for (old, new) in changed(before, after) {
        let path = match (old, &new.origin) {
            (Some(old), Some(path)) => {
                rewrite(emitter, path, old, new)?;
                path.clone()
            }
            (_, _) => create(emitter, before, new)?,
        };
        autostart(emitter, old, new, &path)?;
    }
    Ok(())
}

fn changed<'h>(before: &'h Host, after: &'h Host) -> Vec<(Option<&'h Network>, &'h Network)> {
    let same_origin =
        |old: &Network, new: &Network| old.origin.is_some() && old.origin == new.origin;
    pairs(
        before.networks(),
        &after.networks,
        Network::is_same,
        same_origin,
    )
}

fn fault(network: &Network) -> EmitError {
    EmitError::Fault {
        about: format!("the network `{}`", network.name),
    }
}

fn rewrite(
    emitter: &mut Emitter<'_>,
    path: &HostPath,
    old: &Network,
    new: &Network,
) -> Result<(), EmitError> {
    let file = emitter.tree.file(path).ok_or_else(|| fault(new))?;
    let text = std::str::from_utf8(&file.bytes).map_err(|_| fault(new))?;
    let written = edited(text, old, new).ok_or_else(|| fault(new))?;
    if written != text {
        emitter.editor.rewrite(path, written.into_bytes());
    }
    Ok(())
}

fn create(emitter: &mut Emitter<'_>, before: &Host, new: &Network) -> Result<HostPath, EmitError> {
    let path = HostPath::literal(NETWORKS).join(&new.file_name());
    if emitter.tree.exists(&path) {
        return Err(EmitError::InTheWay {
            message: format!(
                "{path} is there already, and holds no network `{}`",
                new.name
            ),
            help: "look at it, and move it away".to_owned(),
            path,
        });
    }
    let text = match &new.like {
        Some(like) => {
            let source = before
                .networks()
                .find(|network| network.origin.as_ref() == Some(like));
            let text = emitter
                .tree
                .file(like)
                .and_then(|file| std::str::from_utf8(&file.bytes).ok());
            let copied = source
                .zip(text)
                .and_then(|(old, text)| edited(text, old, new));
            copied.ok_or_else(|| fault(new))?
        }
        None => {
            let template = match new.forward.owns_bridge() {
                true => "network",
                false => "network-bridge",
            };
            emitter.rendered.push((template.to_owned(), path.clone()));
            emitter.templates.render(template, &values(new))?
        }
    };
    let (like, attrs) = neighbour(emitter.tree, new.like.as_ref());
    emitter
        .editor
        .create(&path, text.into_bytes(), attrs, &like);
    Ok(path)
}

/// Returns the file that a new one takes its owner and label from; libvirt writes its files with mode 0600.
fn neighbour(tree: &Tree, like: Option<&HostPath>) -> (HostPath, Attrs) {
    let folder = HostPath::literal(NETWORKS);
    let xml = tree
        .names(&folder)
        .filter(|(name, _)| name.ends_with(".xml"))
        .map(|(_, path)| path);
    let mut files = like.into_iter().chain(xml);
    let found = files.find_map(|path| Some((path.clone(), tree.file(path)?.attrs)));
    let mode = 0o600;
    match found {
        Some((path, attrs)) => (path, Attrs { mode, ..attrs }),
        None => (
            folder,
            Attrs {
                mode,
                uid: 0,
                gid: 0,
            },
        ),
    }
}

/// Makes or takes away the link by which libvirt starts a network: absolute, as `virNetworkObj…SetAutostart` makes it.
fn autostart(
    emitter: &mut Emitter<'_>,
    old: Option<&Network>,
    new: &Network,
    path: &HostPath,
) -> Result<(), EmitError> {
    let link = link_in(AUTOSTART, &new.name);
    if old.is_some_and(|old| old.autostart) == new.autostart {
        return match emitter.tree.get(&link) {
            // a link that was left behind would start the new network
            Some(Entry::Link { .. }) if old.is_none() => {
                emitter.editor.delete(&link);
                Ok(())
            }
            _ => Ok(()),
        };
    }
    if !new.autostart {
        emitter.editor.delete(&link);
        return Ok(());
    }
    if matches!(
        emitter.tree.get(&link),
        Some(Entry::Other(_) | Entry::Unreadable(_))
    ) {
        return Err(EmitError::InTheWay {
            message: format!("{link} is there, and is neither a file nor a link"),
            help: "look at it, and move it away".to_owned(),
            path: link,
        });
    }
    emitter.editor.link(&link, path.as_str());
    Ok(())
}

/// Returns `text`, which says `old`, with the changes that make it say `new`.
fn edited(text: &str, old: &Network, new: &Network) -> Option<String> {
    let mut draft = Draft::new(text);
    if old.name != new.name || old.uuid != new.uuid {
        identity(&mut draft, old, new);
    }
    if old.forward != new.forward {
        forward(&mut draft, old, new);
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
        draft.change(|doc| match doc.child(0, name) {
            Some((index, _)) => Some(Step::Text(index, value)),
            None => Some(Step::Insert(place(doc, 0, ORDER, name), &fragment)),
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
fn shell_safe(network: &Network) -> String {
    let unsafe_for_shells = |c: char| "\r\t\n !\"#$&'()*;<>?[\\]^`{|}~".contains(c);
    let name = &network.name;
    match network.uuid {
        Some(uuid) if name.contains("--") || name.contains(unsafe_for_shells) => uuid.to_string(),
        Some(_) | None => name.clone(),
    }
}

fn forward(draft: &mut Draft, old: &Network, new: &Network) {
    if new.forward == Forward::Isolated {
        draft.change_all(|doc| Some(Step::Remove(doc.child(0, "forward")?.0)));
        return;
    }
    let mode = new.forward.word();
    let routed = |forward: &Forward| forward.owns_bridge() && *forward != Forward::Isolated;
    if !(routed(&old.forward) && routed(&new.forward)) || is_emptied(draft, new) {
        // what is in it belongs to the other kind
        draft.change_all(|doc| {
            let (_, element) = doc.child(0, "forward")?;
            let plain =
                element.attributes.iter().all(|a| a.name == "mode") && element.inner.is_none();
            (!plain).then_some(Step::Remove(doc.child(0, "forward")?.0))
        });
    }
    let fragment = Fragment::new("forward").with("mode", mode);
    draft.change(|doc| match doc.child(0, "forward") {
        Some((index, _)) => Some(Step::Set(index, "mode", mode)),
        None => Some(Step::Insert(place(doc, 0, ORDER, "forward"), &fragment)),
    });
    // libvirt refuses <nat> outside of mode nat, and devices in mode open
    draft.change_all(|doc| {
        let (forward, _) = doc.child(0, "forward")?;
        let refused = |name: &str| match new.forward {
            Forward::Open => matches!(name, "nat" | "interface"),
            Forward::Nat => false,
            Forward::Isolated | Forward::Route | Forward::Bridge | Forward::Direct(_) => {
                name == "nat"
            }
        };
        let mut children = doc.children(forward);
        let (index, _) = children.find(|(_, child)| refused(child.name))?;
        Some(Step::Remove(index))
    });
    if new.forward == Forward::Open {
        draft.change(|doc| {
            let (index, element) = doc.child(0, "forward")?;
            element.attribute("dev")?;
            Some(Step::Unset(index, "dev"))
        });
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

fn bridge(draft: &mut Draft, old: &Network, new: &Network) {
    let Some(name) = &new.bridge else {
        draft.change(|doc| Some(Step::Remove(doc.child(0, "bridge")?.0)));
        return;
    };
    let mut fragment = Fragment::new("bridge").with("name", name);
    if new.forward.owns_bridge() {
        fragment = fragment.with("stp", "on").with("delay", "0");
    }
    draft.change(|doc| match doc.child(0, "bridge") {
        Some((index, _)) => Some(Step::Set(index, "name", name)),
        None => Some(Step::Insert(place(doc, 0, ORDER, "bridge"), &fragment)),
    });
    if new.forward.owns_bridge() {
        let made = [("stp", "on"), ("delay", "0")];
        for (attribute, value) in made.iter().filter(|_| !old.forward.owns_bridge()) {
            draft.change(|doc| {
                let (index, element) = doc.child(0, "bridge")?;
                let set = Step::Set(index, attribute, value);
                element.attribute(attribute).is_none().then_some(set)
            });
        }
        return;
    }
    // of a bridge of the host the network says no more than the name; what it would do itself, libvirt refuses
    for attribute in ["stp", "delay", "zone", "macTableManager"] {
        draft.change(|doc| {
            let (index, element) = doc.child(0, "bridge")?;
            element.attribute(attribute)?;
            Some(Step::Unset(index, attribute))
        });
    }
    for element in ["mtu", "dns"] {
        draft.change_all(|doc| Some(Step::Remove(doc.child(0, element)?.0)));
    }
}

/// An element with one attribute: set, made or taken away.
fn named(draft: &mut Draft, name: &'static str, attribute: &'static str, value: Option<&str>) {
    let Some(value) = value else {
        draft.change_all(|doc| Some(Step::Remove(doc.child(0, name)?.0)));
        return;
    };
    let fragment = Fragment::new(name).with(attribute, value);
    draft.change(|doc| match doc.child(0, name) {
        Some((index, _)) => Some(Step::Set(index, attribute, value)),
        None => Some(Step::Insert(place(doc, 0, ORDER, name), &fragment)),
    });
}

/// Routes keep their place; only their gateway follows the subnet, and they go where there is none.
fn routes(draft: &mut Draft, new: &Network) {
    if new.routes.is_empty() {
        draft.change_all(|doc| Some(Step::Remove(doc.child(0, "route")?.0)));
        return;
    }
    for (ordinal, route) in new.routes.iter().enumerate() {
        let gateway = route.gateway.to_string();
        draft.change(|doc| {
            let (index, _) = doc.named(0, "route").nth(ordinal)?;
            Some(Step::Set(index, "gateway", &gateway))
        });
    }
}

fn values(network: &Network) -> serde_json::Value {
    let subnet = |subnet: &Subnet| {
        let dhcp = subnet.dhcp.as_ref();
        let range = |range: &crate::host::network::DhcpRange| json!({ "first": range.first.to_string(), "last": range.last.to_string() });
        let host = |host: &HostEntry| {
            json!({
                "mac": host.mac.map(|mac| mac.to_string()),
                "id": host.id,
                "name": host.name,
                "ip": host.ip.map(|ip| ip.to_string()),
            })
        };
        json!({
            "ipv6": subnet.address.addr().is_ipv6(),
            "address": subnet.address.addr().to_string(),
            "netmask": subnet.address.netmask().to_string(),
            "prefix": subnet.address.prefix_len(),
            "dhcp": dhcp.is_some(),
            "ranges": dhcp.map(|dhcp| dhcp.ranges.iter().map(range).collect::<Vec<_>>()),
            "hosts": dhcp.map(|dhcp| dhcp.hosts.iter().map(host).collect::<Vec<_>>()),
        })
    };
    json!({
        "edit": shell_safe(network),
        "name": network.name,
        "uuid": network.uuid.map(|uuid| uuid.to_string()),
        "forward": (network.forward != Forward::Isolated).then_some(network.forward.word()),
        "bridge": network.bridge,
        "mac": network.mac.map(|mac| mac.to_string()),
        "domain": network.domain,
        "subnets": network.subnets.iter().map(subnet).collect::<Vec<_>>(),
        "ovs": network.switch == Switch::Ovs,
    })
}

/// Reads the networks that changed again, and returns the first that does not say what was meant.
pub(super) fn read_back(
    written: &dyn Fn(&HostPath) -> Tree,
    before: &Host,
    after: &Host,
) -> Result<(), Mismatch> {
    for (_, meant) in changed(before, after) {
        let path = match &meant.origin {
            Some(path) => path.clone(),
            None => HostPath::literal(NETWORKS).join(&meant.file_name()),
        };
        let found = super::one(&written(&path), &path, &meant.name, super::network::read);
        let same = found.is_ok_and(|found| {
            let meant = Network {
                origin: Some(path.clone()),
                like: None,
                // links and run-time folders are no part of the file
                autostart: found.autostart,
                active: found.active,
                ..meant.clone()
            };
            found == meant
        });
        if !same {
            return Err(Mismatch {
                path,
                about: format!("the network `{}`", meant.name),
            });
        }
    }
    Ok(())
}
