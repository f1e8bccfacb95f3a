//! A change in words: its title, what moves, what stays.

use std::net::IpAddr;

use crate::backend::lenses;
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::layer3::Layer3;
use crate::host::profile::Backend;
use crate::host::spot::{Said, Spot};
use crate::op::guest::{GuestOperation, Target, Which};
use crate::op::network::NetworkOperation;
use crate::op::{self, Choice, Future, Move, Operation};
use crate::tree::{File, HostPath, Node, Tree};

pub(in crate::plan) fn title(operation: &Operation) -> String {
    match operation {
        Operation::BridgeAdd(request) => {
            let ports: Vec<_> = request.ports.iter().map(|port| port.as_str()).collect();
            let word = if ports.len() == 1 { "port" } else { "ports" };
            format!("bridge {} with {word} {}", request.bridge, ports.join(", "))
        }
        Operation::BridgeRemove { bridge, .. } => format!("remove bridge {bridge}"),
        Operation::AddPort { bridge, port, .. } => format!("attach {port} to bridge {bridge}"),
        Operation::RemovePort { bridge, port } => format!("detach {port} from bridge {bridge}"),
        Operation::Network(operation) => network_title(operation),
        Operation::Guest(operation) => guest_title(operation),
    }
}

fn network_title(operation: &NetworkOperation) -> String {
    match operation {
        NetworkOperation::Add { name, mode, .. } => format!("network {name}, {}", mode.word()),
        NetworkOperation::Copy { source, name, .. } => format!("network {name} like {source}"),
        NetworkOperation::Set { name, .. } => format!("change network {name}"),
        NetworkOperation::Remove { name } => format!("remove network {name}"),
    }
}

fn guest_title(operation: &GuestOperation) -> String {
    match operation {
        GuestOperation::Connect {
            guest,
            target,
            which,
        } => {
            let to = match target {
                Target::Network(name) => format!("network {name}"),
                Target::Bridge(name) => format!("bridge {name}"),
            };
            match which {
                Which::New { .. } => format!("give guest {guest} an interface on {to}"),
                Which::Only | Which::Mac(_) | Which::Number(_) => {
                    format!("connect guest {guest} to {to}")
                }
            }
        }
        GuestOperation::Disconnect { guest, .. } => format!("take an interface from guest {guest}"),
    }
}

/// Says what moves where, and what stays.
pub(in crate::plan) fn moves(
    tree: &Tree,
    set: &ChangeSet,
    future: &Future,
    before: &Host,
    operation: &Operation,
    idle: &[IpAddr],
) -> Vec<(String, Vec<String>)> {
    let Some(moved) = &future.moved else {
        return Vec::new();
    };
    let layer3 = &moved.layer3;
    let mut parts = vec![op::describe(layer3)];
    let gateway = |gateway: IpAddr| match idle.contains(&gateway) {
        true => format!("gateway {gateway} (no default route)"),
        false => format!("gateway {gateway}"),
    };
    parts.extend(layer3.gateways().map(gateway));
    let servers: Vec<String> = layer3.servers().map(|server| server.to_string()).collect();
    if !servers.is_empty() {
        parts.push(format!("DNS {}", servers.join(" ")));
    }
    parts.extend(more(layer3));
    let given =
        matches!(operation, Operation::BridgeAdd(request) if request.addressing != Choice::Move);
    let verb = if given { "set on" } else { "moves to" };
    let mut moves = vec![(format!("{verb} {}", moved.to), parts)];
    if !given && layer3.is_unsaid() {
        moves.clear();
    }
    let home = before.profile(&moved.from).map(|profile| &profile.home);
    let stays = home.and_then(|home| {
        let file = home.file.as_ref()?;
        Some(stays(set, &tree.end_of(file), home.backend))
    });
    let stays = stays.unwrap_or_default();
    if matches!(operation, Operation::BridgeAdd(_)) && !stays.is_empty() {
        moves.push((format!("stays on {}", moved.from), stays));
    }
    let kept = kept(before, future, moved);
    if !kept.is_empty() {
        moves.push((format!("set on {}", moved.to), kept));
    }
    moves
}

/// Names what a profile is given by which others know the host, since the interface that it comes from has it unsaid.
fn kept(before: &Host, future: &Future, moved: &Move) -> Vec<String> {
    let (Some(from), Some(to)) = (before.profile(&moved.from), future.host.profile(&moved.to))
    else {
        return Vec::new();
    };
    let (old, new) = (&from.layer3, &to.layer3);
    let said = |said: &Option<Said<String>>| said.as_ref().map(|said| said.value.clone());
    let given = |old: &Option<Said<String>>, new: &Option<Said<String>>| {
        said(new).filter(|new| said(old).as_ref() != Some(new))
    };
    let metric = |metric: String, family: &str| format!("metric {metric} for routes of {family}");
    let iaid = |iaid: String, family: &str| format!("DHCP identity {iaid} for {family}");
    let is_new = before.profile(&moved.to).is_none();
    let bridge = to.bridge().filter(|_| is_new);
    let mac = bridge.and_then(|bridge| match (bridge.keeps_mac, bridge.mac) {
        (true, _) => Some("the MAC address of its port".to_owned()),
        (false, Some(mac)) => Some(format!("MAC address {mac}")),
        (false, None) => None,
    });
    let parts = [
        given(&old.metrics.v4, &new.metrics.v4).map(|said| metric(said, "IPv4")),
        given(&old.metrics.v6, &new.metrics.v6).map(|said| metric(said, "IPv6")),
        given(&old.dhcp.iaid_v4, &new.dhcp.iaid_v4).map(|said| iaid(said, "IPv4")),
        given(&old.dhcp.iaid_v6, &new.dhcp.iaid_v6).map(|said| iaid(said, "IPv6")),
        mac,
    ];
    parts.into_iter().flatten().collect()
}

/// Says what else goes with the addresses.
fn more(layer3: &Layer3) -> Vec<String> {
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {one}s")),
    };
    // those in files of their own are counted with these
    let is_own = |at: Option<&Spot>| {
        at.is_some_and(|at| !layer3.further.iter().any(|part| part.at == at.file))
    };
    let routes = layer3.routes.iter().filter(|said| is_own(said.at.as_ref()));
    let rules = layer3.rules.iter().filter(|said| is_own(said.at.as_ref()));
    let zone = layer3.zone.as_ref();
    let files = match layer3.further.len() {
        0 => None,
        1 => Some("1 file found by name".to_owned()),
        files => Some(format!("{files} files found by name")),
    };
    let parts = [
        counted(routes.count(), "route"),
        counted(rules.count(), "rule"),
        zone.map(|zone| format!("zone {}", zone.value)),
        files,
    ];
    parts.into_iter().flatten().collect()
}

/// Names what is left in the file at `path` beside what every profile has.
fn stays(set: &ChangeSet, path: &HostPath, format: Backend) -> Vec<String> {
    let Some(Node::File(file)) = set.get(path).and_then(|change| change.after.as_ref()) else {
        return Vec::new();
    };
    let outline = |file: &File| (lenses::of(format).outline)(&String::from_utf8_lossy(&file.bytes));
    let was = match set.get(path).and_then(|change| change.before.as_ref()) {
        Some(Node::File(file)) => outline(file).keys,
        Some(Node::Link(_)) | None => Vec::new(),
    };
    let outline = outline(file);
    let mut parts = outline.notable;
    // what is new did not stay
    parts.retain(|key| was.contains(key));
    parts.dedup();
    if outline.has_code {
        parts.push("shell code".to_owned());
    }
    match outline.comments {
        0 => {}
        1 => parts.push("1 comment".to_owned()),
        comments => parts.push(format!("{comments} comments")),
    }
    parts
}
