//! What is carried as it stands, or left as it is, and may mean another thing now.

use std::net::IpAddr;

use super::unread_keys;
use crate::backend::lenses;
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::host::spot::Spot;
use crate::host::value::InterfaceName;
use crate::lint::{self, Sight};
use crate::op::{Future, Operation};
use crate::tree::{HostPath, Tree};

/// Addresses that are not valid go where they belong, as they stand.
pub(super) fn not_valid(future: &Future) -> Vec<String> {
    let Some(moved) = &future.moved else {
        return Vec::new();
    };
    let not_valid = moved.layer3.not_valid();
    not_valid
        .map(|said| {
            let at = said.at.as_ref();
            let place = at.map_or_else(String::new, |at| format!(" ({}:{})", at.file, at.line));
            let address = said.split('/').next().unwrap_or(said);
            let what = match address.parse::<IpAddr>() {
                Ok(_) => "the prefix length or netmask of the address",
                Err(_) => "the address",
            };
            format!("{what} {said} is not valid{place}; it is moved unchanged")
        })
        .collect()
}

/// The rule that finds values that are no addresses.
const NO_ADDRESS: &str = "bad-address";

/// Gateways and name servers that are not valid go along, as they stand.
pub(super) fn no_addresses(
    tree: &Tree,
    before: &Host,
    future: &Future,
    set: &ChangeSet,
) -> Vec<String> {
    let Some(rule) = lint::rule(NO_ADDRESS).filter(|_| future.moved.is_some()) else {
        return Vec::new();
    };
    let paths: Vec<HostPath> = set.iter().map(|change| change.path.clone()).collect();
    let part = set.apply_to(tree).only(&paths);
    let found = rule.check.look(&Sight::of(&part, before)).into_iter();
    let further = found.filter(|finding| {
        let key = finding.subject.rsplit(' ').next().unwrap_or("");
        key.starts_with("GATEWAY") || key.starts_with("DNS") || key == "IPV6_DEFAULTGW"
    });
    further
        .map(|finding| format!("{}; it is moved unchanged", finding.message))
        .collect()
}

/// Files that lean on shell code say other things to bash than to NetworkManager, or to no reader what they seem to.
pub(super) fn shell_code(tree: &Tree, before: &Host, set: &ChangeSet) -> Vec<String> {
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
        let outline =
            (lenses::of(profile.home.backend).outline)(&String::from_utf8_lossy(&file.bytes));
        if outline.byte_order_mark {
            warnings.push(format!(
                "{origin} begins with a byte order mark, and its first line is not read, nor moved (fix it first: \
                 kvmnet check --fix byte-order-mark)"
            ));
        } else if let Some(line) = outline.first_shell {
            warnings.push(format!(
                "{origin}:{line} uses shell code; it is kept unchanged and never evaluated"
            ));
        }
        if profile.home.backend != Backend::Ifcfg {
            continue;
        }
        warnings.extend(unread_keys::warnings(
            tree,
            &before.readers,
            origin,
            &outline.keys,
        ));
        if outline.cr_lf {
            warnings.push(format!(
                "{origin} has CR LF line ends: bash takes the CR as part of every value, so network-scripts \
                 cannot use this file (fix it: sed -i 's/\\r$//' {})",
                origin.word()
            ));
        }
    }
    warnings
}

/// Files that name an interface whose configuration goes elsewhere, and that are not edited.
pub(super) fn mentions(operation: &Operation, before: &Host, future: &Future) -> Vec<String> {
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
    let mut warnings: Vec<String> = named
        .map(|mention| warning(&mention.at, mention.line, &mention.interface, to))
        .collect();
    let others = match operation {
        Operation::BridgeAdd(request) => request.ports.as_slice(),
        Operation::AddPort { .. }
        | Operation::RemovePort { .. }
        | Operation::BridgeRemove { .. }
        | Operation::Network(_)
        | Operation::Guest(_) => &[],
    };
    let others = others.iter().filter(|port| Some(*port) != from);
    for interface in from.into_iter().chain(others) {
        let places = before.profiles().chain(&before.idle);
        let places = places.filter(|profile| profile.interface != *interface);
        let places = places.flat_map(|profile| of_routing(profile, interface));
        warnings.extend(places.map(|at| warning(&at.file, at.line, interface, to)));
    }
    warnings
}

/// Returns the places of a profile whose routes and rules name another interface: a port has neither, and nothing comes in
/// through it as the kernel's routing sees it.
///
/// Source: ip-route(8), ip-rule(8); br_pass_frame_up() in net/bridge/br_input.c of Linux.
fn of_routing<'h>(
    profile: &'h Profile,
    interface: &'h InterfaceName,
) -> impl Iterator<Item = &'h Spot> {
    let (rules, routes) = (profile.layer3.rules.iter(), profile.layer3.routes.iter());
    let name = interface.as_str();
    let by_rules = rules.filter(move |rule| {
        let mut words = rule.words.windows(2);
        words.any(|two| ["iif", "oif", "dev"].contains(&two[0].as_str()) && two[1] == name)
    });
    let by_routes = routes.filter(move |route| route.device.as_deref() == Some(name));
    let by_rules = by_rules.filter_map(|rule| rule.at.as_ref());
    by_rules.chain(by_routes.filter_map(|route| route.at.as_ref()))
}

fn warning(
    at: &HostPath,
    line: u32,
    interface: &InterfaceName,
    to: Option<&InterfaceName>,
) -> String {
    match to {
        Some(to) => {
            format!(
                "{at}:{line} names `{interface}`, and is left unchanged: should it now name `{to}`?"
            )
        }
        None => format!("{at}:{line} names `{interface}`, and is left unchanged"),
    }
}
