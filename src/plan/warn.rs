//! What the user should know before the files are written.

use std::net::IpAddr;

use super::{gone, left, libvirt, unread};
use crate::backend;
use crate::change::ChangeSet;
use crate::doc::shell::{LineKind, ShellDoc, Value};
use crate::host::Host;
use crate::host::profile::{Bridge, Profile, Switch};
use crate::host::value::InterfaceName;
use crate::op::{self, BridgeAdd, Future, Operation, Refusal};
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

/// Refuses the name of a bridge for which ifup of RHEL 7 would run another script.
///
/// Source: ifup of 9.49: the helper is `ifup-` and the name of the device less its digits at the end.
pub(super) fn helper_script(
    readers: &Readers,
    operation: &Operation,
    future: &Future,
    before: &Host,
) -> Result<(), Refusal> {
    let Some(bridge) = operation.bridge() else {
        return Ok(());
    };
    let new = before.profile(bridge).is_none() && future.host.profile(bridge).is_some();
    let old_scripts = readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl);
    let stem = bridge
        .as_str()
        .trim_end_matches(|c: char| c.is_ascii_digit());
    if new
        && old_scripts
        && readers
            .helpers
            .iter()
            .any(|helper| helper == stem && stem != "eth")
    {
        let message = format!("ifup would run ifup-{stem} for a bridge called {bridge}");
        return Err(Refusal::new(message).help("choose another name, such as br0"));
    }
    Ok(())
}

/// Returns all warnings about a change.
pub(super) fn all(
    tree: &Tree,
    readers: &Readers,
    operation: &Operation,
    before: &Host,
    future: &Future,
    set: &ChangeSet,
) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(no_default_route(tree, readers, operation, future, set));
    if set.is_empty() {
        return warnings;
    }
    warnings.extend(untold(operation, before));
    warnings.extend(lockout(operation, before, future));
    warnings.extend(programs(readers, operation, future));
    warnings.extend(shell_code(tree, before, set));
    warnings.extend(not_valid(future));
    warnings.extend(mentions(operation, before, future));
    warnings.extend(gone::warnings(tree, set, operation));
    warnings.extend(libvirt::warnings(before, &future.host));
    warnings.extend(left::warnings(tree, set, before, &future.host));
    warnings.extend(before.broken.iter().map(|broken| {
        let place = if broken.line == 0 {
            String::new()
        } else {
            format!(":{}", broken.line)
        };
        format!("passed over {}{place}: {}", broken.path, broken.why)
    }));
    warnings.extend(tree.oddities().iter().cloned());
    warnings
}

/// What the warning says of a session.
const DROPS: &str = "; a session over it drops";

/// Returns whether a warning is about a session over an interface of the running machine.
#[must_use]
pub fn drops_session(warning: &str) -> bool {
    warning.contains(DROPS)
}

/// The interface that loses its configuration may carry the admin's session.
fn lockout(operation: &Operation, before: &Host, future: &Future) -> Option<String> {
    let name = match operation {
        Operation::AddPort { port, .. } | Operation::RemovePort { port, .. } => port,
        Operation::BridgeAdd(_) | Operation::BridgeRemove { .. } => &future.moved.as_ref()?.from,
        Operation::Network(_) | Operation::Guest(_) => return None,
    };
    let profile = before.profile(name)?;
    let layer3 = &profile.layer3;
    if layer3.gives_no_address() || !profile.autostart {
        return None;
    }
    let default = before
        .references
        .iter()
        .any(|r| r.interface == *name && r.kind == crate::host::ReferenceKind::DefaultRoute);
    let routes = default || profile.layer3.carries_default_route();
    let carries = if routes {
        "carries the default route"
    } else {
        "has addresses"
    };
    let when = match operation {
        Operation::BridgeAdd(_) => "while the bridge is brought up",
        Operation::BridgeRemove { .. } => "while the bridge is taken down",
        Operation::AddPort { .. }
        | Operation::RemovePort { .. }
        | Operation::Network(_)
        | Operation::Guest(_) => "when the files are taken into use",
    };
    Some(format!("{name} {carries}{DROPS} {when}"))
}

/// What cannot be told of who reads the files, for the bridge and its ports.
fn untold(operation: &Operation, before: &Host) -> Option<String> {
    let bridge = operation.bridge()?;
    let port = match operation {
        Operation::BridgeAdd(BridgeAdd { ports, .. }) => ports.first(),
        Operation::AddPort { port, .. } | Operation::RemovePort { port, .. } => Some(port),
        Operation::BridgeRemove { .. } | Operation::Network(_) | Operation::Guest(_) => None,
    };
    let of = |name| op::untold(before, name);
    port.and_then(of).or_else(|| of(bridge))
}

fn programs(readers: &Readers, operation: &Operation, future: &Future) -> Vec<String> {
    let mut warnings = Vec::new();
    let bridge = operation.bridge();
    let Some(profile) = bridge.and_then(|bridge| future.host.profile(bridge)) else {
        return warnings;
    };
    let Some(Bridge { switch, stp, .. }) = profile.bridge() else {
        return warnings;
    };
    let by_scripts = !readers.managed_by_nm(profile.nm_controlled);
    let needs_brctl = readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl);
    match switch {
        Switch::Linux if needs_brctl && !readers.brctl && by_scripts => warnings.push(
            "brctl is not installed (package bridge-utils): ifup of this release then skips BRIDGE= in silence, \
             and the host comes up without an address"
                .to_owned(),
        ),
        Switch::Ovs if !readers.ovs_scripts => warnings.push(
            "openvswitch's ifup-ovs is not in /etc/sysconfig/network-scripts: without it nothing reads these files"
                .to_owned(),
        ),
        Switch::Linux | Switch::Ovs => {}
    }
    let both = readers.network_manager.is_some()
        && readers.scripts.as_ref().is_some_and(|s| !s.needs_brctl);
    if both && *stp == Some(true) {
        warnings.push("DELAY is in seconds for NetworkManager, in hundredths for the network service of this release".to_owned());
    }
    if *stp == Some(true) && profile.layer3.is_dhcp() {
        warnings.push(format!(
            "with STP {} forwards only after twice its forward delay: DHCP takes that long",
            profile.interface
        ));
    }
    warnings
}

/// The gateway of what moves may be no default route for the programs that read it.
fn no_default_route(
    tree: &Tree,
    readers: &Readers,
    operation: &Operation,
    future: &Future,
    set: &ChangeSet,
) -> Option<String> {
    let to = match (&future.moved, operation) {
        (Some(moved), _) => &moved.to,
        (None, Operation::BridgeAdd(request)) => &request.bridge,
        (None, _) => return None,
    };
    let after = set.apply_to(tree);
    let profile = written(&after, readers, to)?;
    let given =
        matches!(operation, Operation::BridgeAdd(request) if request.addressing.has_gateway());
    profile.layer3.no_default_route(given).map(str::to_owned)
}

/// Returns the profile of `interface` as its file has it.
fn written(tree: &Tree, readers: &Readers, interface: &InterfaceName) -> Option<Profile> {
    let mut profiles = backend::ifcfg_profiles(tree, readers).into_iter();
    profiles.find(|profile| profile.interface == *interface)
}

/// Returns the gateways of what moves that are no default route, whatever the reason.
pub(super) fn idle_gateways(
    tree: &Tree,
    readers: &Readers,
    future: &Future,
    set: &ChangeSet,
) -> Vec<IpAddr> {
    let Some(moved) = &future.moved else {
        return Vec::new();
    };
    let after = set.apply_to(tree);
    let Some(profile) = written(&after, readers, &moved.to) else {
        return Vec::new();
    };
    let gateways = moved.layer3.gateways();
    gateways
        .filter(|gateway| !profile.layer3.is_default_route(gateway))
        .collect()
}

/// A detached interface has the configuration of its file, once its original is back.
pub(super) fn bare(
    tree: &Tree,
    readers: &Readers,
    operation: &Operation,
    set: &ChangeSet,
) -> Option<String> {
    let Operation::RemovePort { port, .. } = operation else {
        return None;
    };
    let profiles = backend::ifcfg_profiles(&set.apply_to(tree), readers);
    let profile = profiles.iter().find(|profile| profile.interface == *port)?;
    (!set.is_empty() && profile.layer3.gives_no_address())
        .then(|| format!("{port} has no address of its own until it is given one"))
}

/// Addresses that are not valid go where they belong, as they stand.
fn not_valid(future: &Future) -> Vec<String> {
    let Some(moved) = &future.moved else {
        return Vec::new();
    };
    let not_valid = moved.layer3.not_valid();
    not_valid
        .map(|said| {
            let at = said.at.as_ref();
            let place = at.map_or_else(String::new, |at| format!(" ({}:{})", at.file, at.line));
            format!("the address {said} is not valid{place}; it is carried as it stands")
        })
        .collect()
}

/// Files that lean on shell code say other things to bash than to NetworkManager, or to no reader what they seem to.
fn shell_code(tree: &Tree, before: &Host, set: &ChangeSet) -> Vec<String> {
    let changes = |profile: &&Profile| {
        profile
            .home
            .file
            .as_ref()
            .is_some_and(|o| set.get(&tree.end_of(o)).is_some())
    };
    let mut warnings = Vec::new();
    for profile in before.profiles().filter(changes) {
        let Some(origin) = &profile.home.file else {
            continue;
        };
        let Some(file) = tree.file(origin) else {
            continue;
        };
        let doc = ShellDoc::parse(&String::from_utf8_lossy(&file.bytes));
        if doc.source().starts_with('\u{feff}') {
            warnings.push(format!(
                "{origin} begins with a byte order mark, and its first line is not read, nor moved (mend it first: \
                 kvmnet check --fix byte-order-mark)"
            ));
        } else if let Some(line) = first_shell(&doc) {
            warnings.push(format!(
                "{origin}:{line} leans on shell code; it is carried as it stands, never evaluated"
            ));
        }
        warnings.extend(unread::keys(tree, before, origin, &doc));
        if doc.line_end() == "\r\n" {
            warnings.push(format!(
                "{origin} has CR LF line ends: bash takes the CR for part of every value, so that network-scripts \
                 cannot use this file (mend it: sed -i 's/\\r$//' {origin})"
            ));
        }
    }
    warnings
}

fn first_shell(doc: &ShellDoc) -> Option<u32> {
    let code = doc
        .lines()
        .iter()
        .filter(|line| line.kind == LineKind::Code)
        .map(|line| line.number);
    let values = doc
        .assignments()
        .filter(|assignment| assignment.value == Value::Shell)
        .map(|a| a.line);
    code.chain(values).min()
}

/// Files that name an interface whose configuration goes elsewhere, and that are not edited.
fn mentions(operation: &Operation, before: &Host, future: &Future) -> Vec<String> {
    let from: Option<&InterfaceName> = match operation {
        Operation::AddPort { port, .. } => Some(port),
        Operation::RemovePort { .. } | Operation::Network(_) | Operation::Guest(_) => None,
        Operation::BridgeAdd(_) | Operation::BridgeRemove { .. } => {
            future.moved.as_ref().map(|moved| &moved.from)
        }
    };
    let to = future.moved.as_ref().map(|moved| &moved.to);
    let named = before
        .mentions
        .iter()
        .filter(|mention| Some(&mention.interface) == from);
    named
        .map(|mention| warning(&mention.at, mention.line, &mention.interface, to))
        .collect()
}

fn warning(
    at: &HostPath,
    line: u32,
    interface: &InterfaceName,
    to: Option<&InterfaceName>,
) -> String {
    match to {
        Some(to) => {
            format!("{at}:{line} names {interface}, and is left as it is: does it mean {to} now?")
        }
        None => format!("{at}:{line} names {interface}, and is left as it is"),
    }
}
