//! Who is the port of which bond or team, as the files say it.

use std::collections::HashMap;

use crate::host::profile::{Link, Profile};
use crate::host::wording::{Attachment, ControllerKind, ControllerName};
use crate::lint::Meaning;

/// What a port of a bond or team names as its controller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Membership<'h> {
    /// The port.
    pub(super) port: &'h Profile,
    /// How it says so.
    pub(super) attachment: &'h Attachment,
    /// The profile of the controller, if there is one.
    pub(super) controller: Option<&'h Profile>,
}

/// Returns the ports of bonds and teams.
pub(super) fn members<'h>(meaning: &Meaning<'h>) -> Vec<Membership<'h>> {
    let host = meaning.host;
    let mut by_uuid: HashMap<&str, &Profile> = HashMap::new();
    for profile in host.profiles() {
        if let Some(uuid) = &profile.uuid {
            by_uuid.entry(uuid).or_insert(profile);
        }
    }
    let ports = host.profiles().filter(|port| !port.wording.copy);
    let of_port = |port: &'h Profile| {
        let attachment = port.wording.controllers.iter().find(|attachment| {
            matches!(attachment.kind, ControllerKind::Bond | ControllerKind::Team)
        })?;
        let controller = match &attachment.name {
            ControllerName::Interface(name) => meaning.joined.profile(name),
            ControllerName::Uuid(uuid) => by_uuid.get(uuid.to_ascii_lowercase().as_str()).copied(),
        };
        Some(Membership {
            port,
            attachment,
            controller,
        })
    };
    ports.filter_map(of_port).collect()
}

/// Returns the word for a controller of this kind.
pub(super) fn word(kind: ControllerKind) -> &'static str {
    match kind {
        ControllerKind::Team => "team",
        ControllerKind::Bond => "bond",
        ControllerKind::Bridge | ControllerKind::OvsBridge => "bridge",
    }
}

/// Returns whether a profile makes a bond or a team, as far as that can be told.
pub(super) fn is_bond(profile: &Profile) -> bool {
    match profile.link {
        Link::Bond | Link::Foreign(_) => true,
        Link::Ethernet | Link::Bridge(_) | Link::Vlan(_) => false,
    }
}
