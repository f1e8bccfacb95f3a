//! How an ifcfg file words its profile: the places that rules point at.

use std::collections::HashSet;

use super::keys;
use super::reader::Reader;
use super::text::Role;
use crate::doc::shell::{Assignment, ShellDoc};
use crate::host::spot::{Said, Spot};
use crate::host::wording::{Attachment, ControllerKind, ControllerName, Wording};
use crate::tree::HostPath;

/// A key that attaches an interface to a controller, the kind of that, and how the value names it.
type Key = (&'static str, ControllerKind, fn(String) -> ControllerName);

/// The keys that attach an interface to a controller.
const CONTROLLERS: &[Key] = &[
    ("BRIDGE", ControllerKind::Bridge, ControllerName::Interface),
    ("BRIDGE_UUID", ControllerKind::Bridge, ControllerName::Uuid),
    ("MASTER", ControllerKind::Bond, ControllerName::Interface),
    ("MASTER_UUID", ControllerKind::Bond, ControllerName::Uuid),
    (
        "TEAM_MASTER",
        ControllerKind::Team,
        ControllerName::Interface,
    ),
    (
        "TEAM_MASTER_UUID",
        ControllerKind::Team,
        ControllerName::Uuid,
    ),
    (
        "OVS_BRIDGE",
        ControllerKind::OvsBridge,
        ControllerName::Interface,
    ),
];

/// Returns how the file at `path` with the content `doc` words its profile for `reader`.
pub(super) fn of(doc: &ShellDoc, reader: Reader, path: &HostPath, copy: bool) -> Wording {
    let spot = |assignment: &Assignment| statement(path, assignment);
    let at = |key: &str| doc.get(key).map(spot);
    // an empty value says nothing, and neither does one that only a shell knows
    let valued = |key: &str| at(key).filter(|_| doc.literal(key).is_some_and(|v| !v.is_empty()));
    let controllers = CONTROLLERS.iter().filter_map(|(key, kind, name)| {
        Some(Attachment {
            at: valued(key)?,
            kind: *kind,
            name: name(doc.literal(key)?.to_owned()),
            word: key,
        })
    });
    let controllers: Vec<Attachment> = controllers.collect();
    let by = |key: &&str| controllers.iter().find(|found| found.word == *key);
    let gateway = gateway(doc).and_then(|assignment| {
        Some(Said {
            value: assignment.value.literal()?.parse().ok()?,
            at: Some(spot(assignment)),
        })
    });
    Wording {
        dropped: None,
        copy,
        interface: valued("DEVICE"),
        kind: valued("TYPE"),
        autostart: at("ONBOOT"),
        nm_controlled: at("NM_CONTROLLED"),
        addressing: doc.assignments().find(|a| gives_address(a)).map(spot),
        gateway,
        zone: at("ZONE"),
        controller: reader.bridge_keys().iter().find_map(by).cloned(),
        controllers,
    }
}

/// Returns the place of a whole assignment.
pub(super) fn statement(path: &HostPath, assignment: &Assignment) -> Spot {
    Spot {
        file: path.clone(),
        line: assignment.line,
        span: Some(assignment.span.clone()),
    }
}

/// Returns the gateway that network-scripts read, else the first that NetworkManager does.
fn gateway(doc: &ShellDoc) -> Option<&Assignment> {
    let mut numbered = doc.assignments().filter(|assignment| {
        let number = assignment.name.strip_prefix("GATEWAY");
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    doc.get("GATEWAY").or_else(|| numbered.next())
}

/// Returns whether the setting is about addresses, and is more than the word that there are none.
pub(crate) fn gives_address(assignment: &Assignment) -> bool {
    let value = assignment.value.literal().unwrap_or("");
    let method = matches!(assignment.name.as_str(), "BOOTPROTO" | "OVSBOOTPROTO");
    let none = method && matches!(value, "none" | "static" | "");
    keys::class(&assignment.name) == keys::Class::Layer3(Role::Address) && !none
}

/// Returns whether the file `ifcfg-SUFFIX` is a copy: it speaks of the interface of another file, whose name it has with
/// something added.
pub(crate) fn is_copy(suffix: &str, doc: &ShellDoc, suffixes: &HashSet<&str>) -> bool {
    let device = doc.literal("DEVICE").filter(|device| !device.is_empty());
    if device == Some(suffix) {
        return false; // a VLAN: ifcfg-ens33.100
    }
    let bases = suffix
        .char_indices()
        .filter(|(at, c)| *at > 0 && !c.is_ascii_alphanumeric())
        .map(|(at, _)| &suffix[..at]);
    bases
        .into_iter()
        .any(|base| device == Some(base) || (device.is_none() && suffixes.contains(base)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(text: &str) -> Wording {
        of(
            &ShellDoc::parse(text),
            Reader::Unknown,
            &HostPath::literal("/x"),
            false,
        )
    }

    #[test]
    fn places_are_whole_statements() {
        let text = "DEVICE=ens33\nONBOOT=no # later\nZONE=\nIPADDR=10.0.0.5\n";
        let found = wording(text);
        let said = |spot: Option<Spot>| Some(&text[spot?.span?]);
        assert_eq!(said(found.interface), Some("DEVICE=ens33"));
        assert_eq!(said(found.autostart), Some("ONBOOT=no"));
        assert_eq!(said(found.addressing), Some("IPADDR=10.0.0.5"));
        assert_eq!(said(found.zone), Some("ZONE="));
        assert_eq!((found.kind, found.nm_controlled), (None, None));
    }

    #[test]
    fn open_vswitch_comes_before_a_uuid_and_that_before_a_name() {
        let of = |text: &str| wording(text).controller.map(|found| found.word);
        assert_eq!(
            of("BRIDGE=br0\nBRIDGE_UUID=u\nOVS_BRIDGE=br1\n"),
            Some("OVS_BRIDGE")
        );
        assert_eq!(of("BRIDGE=br0\nBRIDGE_UUID=u\n"), Some("BRIDGE_UUID"));
        assert_eq!(of("BRIDGE=br0\nOVS_BRIDGE=\n"), Some("BRIDGE"));
        assert_eq!(of("MASTER=bond0\n"), None);
    }

    #[test]
    fn a_number_does_not_beat_the_plain_gateway() {
        let of = |text: &str| wording(text).gateway.map(|gateway| gateway.to_string());
        assert_eq!(
            of("GATEWAY1=10.0.0.2\nGATEWAY=10.0.0.1\n"),
            Some("10.0.0.1".to_owned())
        );
        assert_eq!(of("GATEWAY1=10.0.0.2\n"), Some("10.0.0.2".to_owned()));
        assert_eq!(of("GATEWAY1=10.0.0.2\nGATEWAY=x\n"), None);
    }

    #[test]
    fn a_copy_has_the_name_of_another_file_with_something_added() {
        let copy = |suffix: &str, text: &str| {
            let suffixes = HashSet::from(["ens33", suffix]);
            is_copy(suffix, &ShellDoc::parse(text), &suffixes)
        };
        assert!(copy("ens33.old", "DEVICE=ens33\n"));
        assert!(copy("ens33.old", ""));
        assert!(!copy("ens33.100", "DEVICE=ens33.100\n"));
        assert!(!copy("uplink", "DEVICE=ens33\n"));
    }
}
