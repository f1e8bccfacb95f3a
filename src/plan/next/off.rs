//! Guests that must be off before something is touched, or read their files anew.

use std::collections::BTreeSet;

use super::steps::{NextSteps, Run};
use crate::backend::shell_word;

/// Returns the commands that shut guests down, before what they keep busy is touched.
pub(super) fn shut_down(guests: &BTreeSet<String>, unit: &str, run: &Run) -> Option<NextSteps> {
    let commands: Vec<String> = guests.iter().map(|guest| off(guest)).collect();
    let interrupts = guests.iter().map(|guest| format!("guest {guest}"));
    let interrupts = interrupts.collect();
    (!commands.is_empty())
        .then(|| NextSteps::after("libvirt", commands, unit, run).interrupting(interrupts))
}

/// Returns the command that shuts a guest down, and waits until it is off.
pub(super) fn off(guest: &str) -> String {
    let name = shell_word(guest);
    format!(
        "virsh shutdown {name} && until [ \"$(LC_ALL=C virsh domstate {name})\" = 'shut off' ]; do sleep 1; done"
    )
}
