//! What a command that only looks could not read, or passed over.

use super::session::Session;
use crate::host::Broken;

/// Says that a file was passed over, and why.
pub(super) fn broken(broken: &Broken) -> String {
    let place = broken.path.with_line(broken.line);
    format!("skipped {place}: {}", broken.why)
}

/// Prints warnings of a command that only looks.
pub(super) fn warn(session: &mut Session<'_>, warnings: &[String]) {
    for warning in warnings {
        session.screen.talk(&format!("warning: {warning}"));
    }
}
