//! What the host needs to take the files into use: commands for the user to run, never run here.
//!
//! Source: init.d/network (`restart` after swapping the files leaves the NIC in its bridge, so: stop, swap, start),
//! nmcli(1) (`connection reload`, `up`; bringing up a port brings up its controller).

pub(super) mod steps;

pub use steps::{NextSteps, Run, Timing, script};

use steps::{AsOne, Order};

use super::libvirt;
use crate::backend::{self, kernel, lenses, references};
use crate::change::ChangeSet;
use crate::host::profile::{Profile, Switch};
use crate::host::value::InterfaceName;
use crate::host::{Host, ReferenceKind};
use crate::op::{self, Future, Operation};
use crate::readers::{IMAGE_KEYFILES, Manager, Program, Readers};
use crate::tree::{HostPath, Tree};

/// Returns the commands that take the change into use.
pub(super) fn steps(
    readers: &Readers,
    operation: &Operation,
    before: &Host,
    future: &Future,
    run: &Run,
) -> Vec<NextSteps> {
    let Some(bridge) = operation.bridge() else {
        return libvirt::steps(readers, before, &future.host)
            .into_iter()
            .collect();
    };
    let profile = future
        .host
        .profile(bridge)
        .or_else(|| before.profile(bridge));
    let ovs = profile
        .and_then(Profile::bridge)
        .is_some_and(|bridge| bridge.switch == Switch::Ovs);
    let manager = match profile {
        Some(profile) => profile.manager.clone(),
        None => op::manager(before, bridge, "bridge"),
    };
    let by_manager = manager == Manager::NetworkManager;
    let own = match by_manager && !ovs {
        true => through_nm(up(operation, bridge, before, future), bridge.as_str(), run),
        false => by_scripts(readers, bridge.as_str(), run),
    };
    let zones = zones(before) != zones(&future.host);
    let own = with_zones(own, zones);
    // what hangs on a device may follow
    let libvirt = libvirt::steps(readers, before, &future.host);
    std::iter::once(own).chain(libvirt).collect()
}

/// Returns the commands that take changed files into use, whatever changed them.
pub(super) fn steps_after(tree: &Tree, set: &ChangeSet, unit: &str, run: &Run) -> Vec<NextSteps> {
    let readers = Readers::of(tree);
    let (old, new) = (
        backend::libvirt_host(tree),
        backend::libvirt_host(&set.apply_to(tree)),
    );
    let libvirt = libvirt::steps(&readers, &old, &new);
    let profiles = steps_of_profiles(tree, &readers, set, unit, run);
    profiles.into_iter().chain(libvirt).collect()
}

fn steps_of_profiles(
    tree: &Tree,
    readers: &Readers,
    set: &ChangeSet,
    unit: &str,
    run: &Run,
) -> Option<NextSteps> {
    let changed: Vec<HostPath> = set
        .iter()
        .flat_map(|change| tree.names_of(&change.path))
        .collect();
    // those of an image are in force where no file comes before them any more
    let image = HostPath::literal(IMAGE_KEYFILES);
    let of_image = tree.names(&image).map(|(_, path)| path.clone());
    let concerned: Vec<HostPath> = changed.iter().cloned().chain(of_image).collect();
    let mut part = tree.only(&concerned);
    kernel::show(&mut part, &kernel::addresses(tree));
    let later = Readers::of(&set.apply_to(tree));
    let (mut old, mut new) = (
        lenses::profiles(&part, readers),
        lenses::profiles(&set.apply_to(&part), &later),
    );
    let (was, is) = (old.clone(), new.clone());
    let stays = |profile: &Profile, others: &[Profile]| {
        profile.home.is_of_image() && others.iter().any(|other| other.is_same(profile))
    };
    old.retain(|profile| !stays(profile, &is));
    new.retain(|profile| !stays(profile, &was));
    let profiles = || old.iter().chain(&new);
    profiles().next()?;
    let by_nm = |profiles: &[Profile], readers: &Readers| {
        let mut profiles = profiles.iter();
        profiles.all(|profile| profile.is_for_network_manager(readers))
    };
    match (by_nm(&old, readers), by_nm(&new, &later)) {
        (true, false) if !old.is_empty() => return Some(back_to_scripts(unit, run)),
        (false, true) if !new.is_empty() => return Some(to_nm(unit, run, false)),
        (_, _) => {}
    }
    let ovs = |profile: &Profile| {
        profile
            .bridge()
            .is_some_and(|bridge| bridge.switch == Switch::Ovs)
    };
    let nm = by_nm(&old, readers) && by_nm(&new, &later);
    let nm = nm && !profiles().any(ovs);
    let zones = changed.iter().any(references::is_zone);
    if !nm {
        return Some(with_zones(by_scripts(readers, unit, run), zones));
    }
    // ports first: they bring up their bridge
    let (bridges, ports): (Vec<_>, Vec<_>) =
        new.iter().partition(|profile| profile.bridge().is_some());
    let up = ports.into_iter().chain(bridges);
    let up = up.map(|profile| match waits(&old, &new, profile) {
        true => disconnect(profile),
        false => up_one(profile),
    });
    Some(with_zones(through_nm(up.collect(), unit, run), zones))
}

/// Returns which interfaces the zones of the firewall name.
fn zones(host: &Host) -> Vec<(&HostPath, &InterfaceName)> {
    let references = host.references.iter();
    let zones = references.filter(|reference| reference.kind == ReferenceKind::Zone);
    zones.map(|zone| (&zone.at, &zone.interface)).collect()
}

/// Lets firewalld load its zones before the interface that they name comes up: it does not watch its files.
///
/// Source: `--reload` in firewall-cmd(1): connections that are established stay.
fn with_zones(mut steps: NextSteps, zones: bool) -> NextSteps {
    if let (true, Order::AsOne(as_one)) = (zones, &mut steps.how) {
        let list = match as_one.swap_between {
            true => &mut as_one.start,
            false => &mut as_one.stop,
        };
        list.insert(0, "firewall-cmd --reload".to_owned());
    }
    steps
}

fn through_nm(start: Vec<String>, unit: &str, run: &Run) -> NextSteps {
    NextSteps {
        heading: "NetworkManager, as one command that survives the loss of the SSH session"
            .to_owned(),
        how: Order::AsOne(AsOne {
            stop: vec!["nmcli connection reload".to_owned()],
            start,
            otherwise: None,
            swap_between: false,
            unit: unit.to_owned(),
            run: run.clone(),
        }),
    }
}

/// What NetworkManager had is the network service's from now on: it lets go of what has no profile.
fn back_to_scripts(unit: &str, run: &Run) -> NextSteps {
    let start = [
        "nmcli connection reload",
        "systemctl stop NetworkManager",
        "systemctl daemon-reload",
        "systemctl start network",
    ];
    NextSteps::around(
        "with the next boot, or now as one command that survives the loss of the SSH session",
        Vec::new(),
        start.map(str::to_owned).to_vec(),
        unit,
        run,
    )
}

/// What the network service had is NetworkManager's from now on: it must stop with the old files.
pub(in crate::plan) fn to_nm(unit: &str, run: &Run, some_are_left: bool) -> NextSteps {
    let start = [
        "systemctl daemon-reload",
        "systemctl restart NetworkManager",
    ];
    let others = some_are_left.then_some("systemctl start network");
    let start = start.into_iter().chain(others).map(str::to_owned);
    let steps = NextSteps::around(
        "with the next boot, or now as one command that survives the loss of the SSH session",
        vec!["systemctl stop network".to_owned()],
        start.collect(),
        unit,
        run,
    );
    match others {
        Some(_) => steps,
        None => steps.or_else("systemctl start network"),
    }
}

fn by_scripts(readers: &Readers, unit: &str, run: &Run) -> NextSteps {
    let service = |verb: &str| format!("systemctl {verb} network");
    let service_of = Program::NetworkScripts.name();
    let found = match readers.scripts {
        Some(_) => service_of.to_owned(),
        None => format!("no network service was found under the root; with {service_of}"),
    };
    NextSteps {
        heading: format!("{found}, as one command that survives the loss of the SSH session"),
        how: Order::AsOne(AsOne {
            stop: vec![service("stop")],
            start: vec![service("start")],
            otherwise: None,
            swap_between: true,
            unit: unit.to_owned(),
            run: run.clone(),
        }),
    }
}

/// Bringing up a port brings up its bridge; a profile that is gone is taken down by the reload.
fn up(
    operation: &Operation,
    bridge: &InterfaceName,
    before: &Host,
    future: &Future,
) -> Vec<String> {
    let ports: Vec<&InterfaceName> = match operation {
        Operation::BridgeAdd(request) => request.ports.iter().collect(),
        Operation::BridgeRemove { bridge, .. } => before
            .ports_of(bridge)
            .map(|port| &port.interface)
            .collect(),
        Operation::AddPort { port, .. } | Operation::RemovePort { port, .. } => vec![port],
        Operation::Network(_) | Operation::Guest(_) => Vec::new(),
    };
    // one without a profile has nothing to bring up
    let ports = ports
        .into_iter()
        .filter_map(|port| future.host.profile(port));
    let heir = future.moved.as_ref().map(|moved| &moved.to);
    let take = |port: &Profile| match port.autostart || heir == Some(&port.interface) {
        true => up_one(port),
        false if port.controller.is_some() => up_one(port),
        false => disconnect(port),
    };
    let mut up: Vec<String> = ports.map(take).collect();
    let bridge = future.host.profile(bridge);
    // a bridge that brings up its ports comes up with them
    let bridge = bridge.filter(|bridge| !bridge.home.backend.is_of_network_manager());
    if matches!(operation, Operation::BridgeAdd(_)) {
        up.extend(bridge.map(up_one));
    }
    up
}

/// Returns whether a profile that is a port no more, of a bridge that stays, is one that waits to be brought up.
fn waits(old: &[Profile], new: &[Profile], profile: &Profile) -> bool {
    let same = |other: &&Profile| other.interface == profile.interface;
    let controller = old
        .iter()
        .find(same)
        .and_then(|old| old.controller.as_ref());
    let stays = |name: &InterfaceName| {
        let of = |all: &[Profile]| all.iter().any(|profile| profile.interface == *name);
        of(new) || !of(old)
    };
    let was_port = controller.is_some_and(stays);
    was_port && profile.controller.is_none() && !profile.autostart
}

/// Returns the command that takes an interface from its bridge, and leaves it down: its profile does not come up by itself.
fn disconnect(profile: &Profile) -> String {
    let name = backend::shell_word(profile.interface.as_str());
    format!("nmcli device disconnect {name}")
}

/// Returns the command that brings up a profile: by its UUID where that is known, since names may be there twice.
fn up_one(profile: &Profile) -> String {
    match &profile.uuid {
        Some(uuid) => format!("nmcli connection up uuid {uuid}"),
        None => format!("nmcli connection up {}", backend::shell_word(&profile.id)),
    }
}
