//! What is on top of an interface that becomes a port.
//!
//! Source: `br_handle_frame()` and `macvlan_handle_frame()` of the kernel: an interface has one of them, and hands no frame to
//! what else is on top of it; a port has no address that a tunnel could leave by.

use crate::host::Host;
use crate::host::profile::{Foreign, Link, OnTop, Profile};
use crate::host::value::InterfaceName;
use crate::op::{Force, Refusal};

/// Refuses a port with something on top that no frame reaches any more; returns what is to be changed by hand.
pub(super) fn ensure_nothing(
    host: &Host,
    port: &InterfaceName,
    bridge: &InterfaceName,
    force: Force,
) -> Result<Vec<String>, Refusal> {
    let mut notes = Vec::new();
    for (profile, on_top) in on_top_of(host, port) {
        let (name, kind) = (&profile.interface, &on_top.kind);
        if on_top.needs_frames {
            let message = format!(
                "`{name}` ({kind}) is on top of `{port}`, and gets no frames once that is the port of a bridge"
            );
            Refusal::new(message)
                .at(profile.home.file.as_ref(), on_top.parent.line())
                .help(format!("put it on top of `{bridge}` afterwards: parent={bridge} in that file; go on with --force"))
                .unless(force)?;
        }
        notes.push(format!(
            "`{name}` ({kind}) names `{port}` as its parent: change that to `{bridge}`, which has the addresses"
        ));
    }
    Ok(notes)
}

fn on_top_of<'h>(
    host: &'h Host,
    port: &'h InterfaceName,
) -> impl Iterator<Item = (&'h Profile, &'h OnTop)> {
    host.profiles()
        .filter_map(move |profile| match &profile.link {
            Link::Foreign(Foreign {
                on_top: Some(on_top),
                ..
            }) => (*on_top.parent == port.as_str()).then_some((profile, on_top)),
            Link::Ethernet | Link::Bridge(_) | Link::Bond | Link::Vlan(_) | Link::Foreign(_) => {
                None
            }
        })
}
