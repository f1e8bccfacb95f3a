//! What the interfaces of a change have no more: a default route, or an address.

use std::net::IpAddr;

use crate::backend::{kernel, lenses, references};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{Future, Operation};
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

/// The gateway of what moves may be no default route for the programs that read it.
pub(super) fn no_default_route(
    tree: &Tree,
    before: &Host,
    operation: &Operation,
    future: &Future,
    set: &ChangeSet,
) -> Option<String> {
    let to = match (&future.moved, operation) {
        (Some(moved), _) => &moved.to,
        (None, Operation::BridgeAdd(request)) => &request.bridge,
        (None, _) => return None,
    };
    let profile = written(tree, before, set, to)?;
    let given =
        matches!(operation, Operation::BridgeAdd(request) if request.addressing.has_gateway());
    profile.layer3.no_default_route(given).map(str::to_owned)
}

/// Returns the profile of `interface` as its file will have it: only what changes, and what lies beside it, is read again.
fn written(
    tree: &Tree,
    before: &Host,
    set: &ChangeSet,
    interface: &InterfaceName,
) -> Option<Profile> {
    let changed = set.iter().flat_map(|change| tree.names_of(&change.path));
    let mut paths: Vec<HostPath> = changed.collect();
    if let Some(profile) = before.profile(interface) {
        paths.extend(profile.home.file.clone());
        paths.extend(profile.layer3.further.iter().map(|part| part.at.clone()));
    }
    paths.push(HostPath::literal(references::NETWORK));
    let mut part = tree.only(&paths);
    kernel::show(&mut part, &before.macs);
    let mut profiles = lenses::profiles(&set.apply_to(&part), &before.readers).into_iter();
    profiles.find(|profile| profile.interface == *interface)
}

/// Returns the gateways of what moves that are no default route, whatever the reason.
pub(in crate::plan) fn idle_gateways(
    tree: &Tree,
    before: &Host,
    future: &Future,
    set: &ChangeSet,
) -> Vec<IpAddr> {
    let Some(moved) = &future.moved else {
        return Vec::new();
    };
    let Some(profile) = written(tree, before, set, &moved.to) else {
        return Vec::new();
    };
    let gateways = moved.layer3.gateways();
    gateways
        .filter(|gateway| !profile.layer3.is_default_route(gateway))
        .collect()
}

/// A detached interface has the configuration of its file, once its original is back.
pub(in crate::plan) fn bare(
    tree: &Tree,
    readers: &Readers,
    operation: &Operation,
    set: &ChangeSet,
) -> Option<String> {
    let Operation::RemovePort { port, .. } = operation else {
        return None;
    };
    let profiles = lenses::profiles(&set.apply_to(tree), readers);
    let profile = profiles.iter().find(|profile| profile.interface == *port)?;
    (!set.is_empty() && profile.layer3.gives_no_address())
        .then(|| format!("`{port}` has no address of its own until it is given one"))
}
