//! What the host needs to take the files into use: commands for the user to run, never run here.
//!
//! Source: init.d/network (`restart` after swapping the files leaves the NIC in its bridge, so: stop, swap, start),
//! nmcli(1) (`connection reload`, `up`; bringing up a port brings up its controller).

use super::libvirt;
use crate::backend;
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::profile::{Profile, Switch};
use crate::host::value::InterfaceName;
use crate::op::{self, Future, Operation};
use crate::readers::{Manager, Readers};
use crate::tree::{HostPath, Tree};

/// Commands under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextSteps {
    /// Which program they are for, and how they are to be run.
    pub heading: String,
    how: How,
}

/// How commands are run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// One after another, once the files are written.
    InTurn(Vec<String>),
    /// As one command, with the change as a part of it.
    AsOne(AsOne),
}

/// Commands around a change that may cut off the session they are typed in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AsOne {
    /// What is stopped or brought up around the change.
    stop: Vec<String>,
    start: Vec<String>,
    /// Whether the files must change in between.
    swap_between: bool,
    unit: String,
    run: Run,
}

/// The change as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its words, without the program's name.
    pub command: String,
    /// Whether refusals that may be forced were: when it is done again, they are too.
    pub forced: bool,
}

/// When the commands are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Before anything is written: the change is part of the commands.
    Before,
    /// After the transaction of this number was applied.
    After(u64),
}

impl NextSteps {
    /// Returns commands that are run one after another.
    pub(super) fn in_turn(heading: String, commands: Vec<String>) -> Self {
        Self {
            heading,
            how: How::InTurn(commands),
        }
    }

    /// Returns the commands, one a line.
    #[must_use]
    pub fn commands(&self, timing: Timing) -> Vec<String> {
        match &self.how {
            How::InTurn(commands) => commands.clone(),
            How::AsOne(steps) => vec![steps.command_line(timing)],
        }
    }
}

impl NextSteps {
    /// Returns the command that tells how it went, where the steps run out of sight.
    #[must_use]
    pub fn outcome(&self) -> Option<String> {
        match &self.how {
            How::AsOne(steps) => Some(format!("journalctl -u 'kvmnet-{}-*'", steps.unit)),
            How::InTurn(_) => None,
        }
    }
}

impl AsOne {
    fn command_line(&self, timing: Timing) -> String {
        let (stop, start) = (self.stop.join("; "), self.start.join("; "));
        let down_and_up: Vec<&str> = self
            .stop
            .iter()
            .chain(&self.start)
            .map(String::as_str)
            .collect();
        let down_and_up = down_and_up.join("; ");
        let change = format!("kvmnet {} --yes", self.run.command);
        let steps = match timing {
            Timing::Before if self.swap_between => format!("{stop}; {change}; {start}"),
            Timing::Before => format!("{change}; {down_and_up}"),
            // the old files must be in place when the network stops: take the change back, stop, and do it again
            Timing::After(id) if self.swap_between => {
                let force = if self.run.forced { " --force" } else { "" };
                format!(
                    "kvmnet rollback {id} --yes && {{ {stop}; kvmnet rollback --yes{force}; {start}; }}"
                )
            }
            Timing::After(_) => down_and_up,
        };
        let script = steps.replace('\'', "'\\''");
        // a unit that failed blocks the next of its name
        let unit = format!("kvmnet-{}-$(date +%s)", self.unit);
        format!("systemd-run --unit={unit} sh -c '{script}'")
    }
}

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
    let manager = op::manager(before, bridge, profile, "bridge");
    let own = match manager == Ok(Manager::NetworkManager) && !ovs {
        true => by_nm(up(operation, bridge, before, future), bridge.as_str(), run),
        false => by_scripts(readers, bridge.as_str(), run),
    };
    // what hangs on a device may follow
    let libvirt = libvirt::steps(readers, before, &future.host);
    std::iter::once(own).chain(libvirt).collect()
}

/// Returns the commands that take changed files into use, whatever changed them.
#[must_use]
pub fn steps_after(tree: &Tree, set: &ChangeSet, unit: &str, run: &Run) -> Vec<NextSteps> {
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
    let part = tree.only(&changed);
    let (old, new) = (
        backend::ifcfg_profiles(&part, readers),
        backend::ifcfg_profiles(&set.apply_to(&part), readers),
    );
    let profiles = || old.iter().chain(&new);
    profiles().next()?;
    let ovs = |profile: &Profile| {
        profile
            .bridge()
            .is_some_and(|bridge| bridge.switch == Switch::Ovs)
    };
    let nm = readers.managed_by_nm(profiles().all(|profile| profile.nm_controlled))
        && !profiles().any(ovs);
    if !nm {
        return Some(by_scripts(readers, unit, run));
    }
    // ports first: they bring up their bridge
    let (bridges, ports): (Vec<_>, Vec<_>) =
        new.iter().partition(|profile| profile.bridge().is_some());
    let up = ports
        .into_iter()
        .chain(bridges)
        .map(|profile| format!("nmcli connection up {}", quoted(&profile.id)));
    Some(by_nm(up.collect(), unit, run))
}

fn by_nm(start: Vec<String>, unit: &str, run: &Run) -> NextSteps {
    NextSteps {
        heading: "NetworkManager, as one command that outlives an SSH session".to_owned(),
        how: How::AsOne(AsOne {
            stop: vec!["nmcli connection reload".to_owned()],
            start,
            swap_between: false,
            unit: unit.to_owned(),
            run: run.clone(),
        }),
    }
}

fn by_scripts(readers: &Readers, unit: &str, run: &Run) -> NextSteps {
    let service = |verb: &str| format!("systemctl {verb} network");
    let found = match readers.scripts {
        Some(_) => "network-scripts",
        None => "no network service was found beneath the root; with network-scripts",
    };
    NextSteps {
        heading: format!("{found}, as one command that outlives an SSH session"),
        how: How::AsOne(AsOne {
            stop: vec![service("stop")],
            start: vec![service("start")],
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
    let left = |name: &&InterfaceName| future.host.profile(name).is_some();
    let ports: Vec<&InterfaceName> = match operation {
        Operation::BridgeAdd(request) => request.ports.iter().collect(),
        Operation::BridgeRemove { bridge, .. } => before
            .ports_of(bridge)
            .map(|port| &port.interface)
            .collect(),
        Operation::AddPort { port, .. } | Operation::RemovePort { port, .. } => vec![port],
        Operation::Network(_) | Operation::Guest(_) => Vec::new(),
    };
    let id = |name: &InterfaceName| {
        future
            .host
            .profile(name)
            .map_or_else(|| name.to_string(), |p| p.id.clone())
    };
    // one without a profile has nothing to bring up
    let mut up: Vec<String> = ports
        .into_iter()
        .filter(left)
        .map(|port| format!("nmcli connection up {}", quoted(&id(port))))
        .collect();
    if matches!(operation, Operation::BridgeAdd(_)) {
        up.push(format!("nmcli connection up {}", quoted(&id(bridge))));
    }
    up
}

pub(super) fn quoted(id: &str) -> String {
    let plain = id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if plain && !id.starts_with('-') {
        id.to_owned()
    } else {
        crate::doc::shell::value::write(id, crate::doc::shell::Quotes::Double)
    }
}
