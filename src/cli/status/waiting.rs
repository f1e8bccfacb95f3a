//! What was applied on trial, and waits for its confirmation.

use crate::root::Root;

/// Returns what waits beneath the root, in words. So far nothing can: no command applies on trial.
pub(super) fn waiting(_root: &Root) -> Option<String> {
    None
}
