//! What the interfaces of a change have no more: a default route, or an address.

use std::net::IpAddr;

use crate::backend::lenses;
use crate::change::ChangeSet;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{Future, Operation};
use crate::readers::Readers;
use crate::tree::Tree;

/// The gateway of what moves may be no default route for the programs that read it.
pub(super) fn no_default_route(
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
    let mut profiles = lenses::profiles(tree, readers).into_iter();
    profiles.find(|profile| profile.interface == *interface)
}

/// Returns the gateways of what moves that are no default route, whatever the reason.
pub(in crate::plan) fn idle_gateways(
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
