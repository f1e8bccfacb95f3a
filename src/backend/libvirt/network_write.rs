//! Writes networks: new ones from a template or from the text of another, changed ones in place.

use std::collections::BTreeSet;

use serde_json::json;

use super::network_edit::{edited, shell_safe};
use super::{AUTOSTART, NETWORKS, link_in, mismatch, pairs};
use crate::backend::violation::Violation;
use crate::backend::{EmitError, Emitter};
use crate::host::Host;
use crate::host::network::{Forward, HostEntry, Network, Subnet};
use crate::host::profile::Switch;
use crate::tree::{Attrs, Entry, HostPath, Tree};

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
    for (old, new) in changed(before, after, emitter.writes_all()) {
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

/// Returns the networks that changed, or with `all` each of them, with what they were.
pub(super) fn changed<'h>(
    before: &'h Host,
    after: &'h Host,
    all: bool,
) -> Vec<(Option<&'h Network>, &'h Network)> {
    let same_origin =
        |old: &Network, new: &Network| old.origin.is_some() && old.origin == new.origin;
    pairs(
        before.networks(),
        &after.networks,
        if all { |_, _| false } else { Network::is_same },
        same_origin,
    )
}

/// Returns the file of a network, the one to come of a new network.
pub(super) fn file_of(network: &Network) -> HostPath {
    let origin = network.origin.clone();
    origin.unwrap_or_else(|| HostPath::literal(NETWORKS).join(&network.file_name()))
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
    emitter.rewrite(path, written);
    Ok(())
}

fn create(emitter: &mut Emitter<'_>, before: &Host, new: &Network) -> Result<HostPath, EmitError> {
    let path = file_of(new);
    if emitter.tree.exists(&path) {
        return Err(EmitError::InTheWay {
            message: format!(
                "{path} already exists and does not contain the network `{}`",
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
            message: format!("{link} exists and is neither a file nor a link"),
            help: "look at it, and move it away".to_owned(),
            path: link,
        });
    }
    emitter.editor.link(&link, path.as_str());
    Ok(())
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
) -> Result<(), Violation> {
    for (_, meant) in changed(before, after, false) {
        let path = file_of(meant);
        let tree = written(&path);
        let found = super::one(
            &tree,
            &path,
            tree.get(&path),
            &meant.name,
            (super::network::read, super::judge::network),
        );
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
            let about = format!("the network `{}`", meant.name);
            return Err(mismatch(path, about));
        }
    }
    Ok(())
}
