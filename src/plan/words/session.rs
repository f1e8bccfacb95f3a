//! Who is logged in over an interface is cut off when it loses its configuration.

use crate::host::{Host, ReferenceKind};
use crate::op::{Future, Operation};

/// What the warning says of a session.
const DROPS: &str = "; a session over it drops";

/// Returns whether a warning is about a session over an interface of the running machine.
#[must_use]
pub fn drops_session(warning: &str) -> bool {
    warning.contains(DROPS)
}

/// The interface that loses its configuration may carry the admin's session.
pub(super) fn lockout(operation: &Operation, before: &Host, future: &Future) -> Option<String> {
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
        .any(|r| r.interface == *name && r.kind == ReferenceKind::DefaultRoute);
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
    Some(format!("`{name}` {carries}{DROPS} {when}"))
}
