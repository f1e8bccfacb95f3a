//! What a keyfile is a port of.

use uuid::Uuid;

use super::names::Names;
use super::parsed::{Parsed, Spelled};
use crate::backend::keyfile::keys::{BRIDGE_PORT, CONTROLLER, ETHERNET, PORT_KIND};
use crate::doc::keyfile::Pair;
use crate::host::Unnamed;
use crate::host::spot::Said;
use crate::host::wording::{Attachment, ControllerKind, ControllerName};

/// Returns what a file is that names no interface.
pub(super) fn unnamed(file: &Parsed, names: &Names) -> Unnamed {
    let controller = file.spelled(CONTROLLER).map(|said| {
        let name = names.interface(&said.value).map(|name| name.to_string());
        Said {
            value: name.unwrap_or(said.value),
            at: Some(file.source().spot(said.pair)),
        }
    });
    let mac = ETHERNET
        .iter()
        .find_map(|group| file.get(group, "mac-address"));
    Unnamed {
        file: file.path.clone(),
        controller,
        mac,
        uuid: file.get("connection", "uuid"),
    }
}

/// Returns the kind of what a port is attached to.
pub(super) fn kind_of_port(file: &Parsed) -> Option<ControllerKind> {
    let kind = file.spelled(PORT_KIND).map(|kind| kind.value);
    match kind.as_deref() {
        Some("bridge") => Some(ControllerKind::Bridge),
        Some("bond") => Some(ControllerKind::Bond),
        Some("team") => Some(ControllerKind::Team),
        Some(_) => None,
        // the group of the port's settings says the kind, too
        None if file.doc.has_group(BRIDGE_PORT) => Some(ControllerKind::Bridge),
        None if file.doc.has_group("bond-port") => Some(ControllerKind::Bond),
        None if file.doc.has_group("team-port") => Some(ControllerKind::Team),
        None => None,
    }
}

/// Returns whether a port is that of a VRF, and so has its addresses itself.
///
/// Source: `_supports_addr_family()` in nm-connection.c of NetworkManager.
pub(super) fn in_vrf(file: &Parsed) -> bool {
    let kind = file.spelled(PORT_KIND);
    kind.is_some_and(|kind| kind.value == "vrf")
}

pub(super) fn attachments(file: &Parsed) -> Vec<Attachment> {
    let kind = kind_of_port(file);
    let found = file.spelled(CONTROLLER).and_then(|controller| {
        Some(Attachment {
            kind: kind?,
            name: match Uuid::try_parse(&controller.value) {
                Ok(_) => ControllerName::Uuid(controller.value),
                Err(_) => ControllerName::Interface(controller.value),
            },
            word: controller.word,
            at: file.source().spot(controller.pair),
        })
    });
    found.into_iter().collect()
}

/// Says why a port is one that kvmnet cannot detach: it is not that of a bridge, or says two things; and what can be done.
pub(super) fn odd_port(
    file: &Parsed,
    controller: &Spelled<'_>,
    names: &Names,
) -> Option<(String, Option<String>)> {
    let Spelled {
        word, value, other, ..
    } = controller;
    let second = |other: &Pair| file.doc.raw(other);
    // by its name and by its UUID it is one
    let is_same = |other: &Pair| {
        let named = names.interface(value);
        named.is_some() && named == names.interface(second(other))
    };
    if let Some(other) = other.filter(|other| !is_same(other)) {
        let second = second(other);
        let because = format!("says both {word}={value} and {}={second}", other.key);
        return Some((because, Some("delete one of the two lines".to_owned())));
    }
    let of = match kind_of_port(file) {
        Some(ControllerKind::Bridge) => return None,
        Some(ControllerKind::Bond) => "bond",
        Some(ControllerKind::Team) => "team",
        Some(ControllerKind::OvsBridge) | None => "device",
    };
    let named = names.interface(value);
    let named = named.map_or_else(|| value.clone(), |name| name.to_string());
    // a bond can be the port of a bridge itself
    let help = (of == "bond").then(|| format!("bridge the bond instead: --port {named}"));
    Some((format!("is a port of the {of} `{named}`"), help))
}
