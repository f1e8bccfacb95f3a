//! Whose port a profile is, and of which kind.

use super::reading::Reading;
use super::{Fault, Refusal};

/// The groups of ports, and the kind that each tells.
///
/// Source: `_nm_connection_detect_port_type()` in nm-connection.c.
const GROUPS: &[(&str, &str)] = &[
    ("bridge-port", "bridge"),
    ("bond-port", "bond"),
    ("team-port", "team"),
    ("ovs-port", "ovs-bridge"),
    ("ovs-interface", "ovs-port"),
];

/// Kinds that have no group of ports.
const BARE: &[&str] = &["vrf"];

/// The spellings that a version reads; of two the first counts.
struct Words {
    controller: &'static [&'static str],
    kind: &'static [&'static str],
}

/// The spellings that every version reads.
const OLD: Words = Words {
    controller: &["master"],
    kind: &["slave-type"],
};

/// The spellings from version 1.46 on.
const NEW: Words = Words {
    controller: &["master", "controller"],
    kind: &["slave-type", "port-type"],
};

/// A file is refused if it is by those that read the old spellings alone, and by those that read both.
pub(super) fn refused(file: &Reading<'_>, _: Option<&str>) -> Option<Refusal> {
    by(file, &OLD).and_then(|_| by(file, &NEW))
}

/// Source: `_nm_connection_detect_port_type_full()` in nm-setting-connection.c, verify() of the settings of ports.
fn by(file: &Reading<'_>, words: &Words) -> Option<Refusal> {
    let said = |keys: &'static [&'static str]| {
        let mut said = keys.iter().map(|key| (*key, file.text("connection", key)));
        said.find_map(|(key, text)| Some((key, text?)))
    };
    let (controller, kind) = (said(words.controller), said(words.kind));
    let groups = GROUPS.iter().filter(|(group, _)| file.has(group));
    let groups: Vec<&(&str, &str)> = groups.collect();
    let lacks = |there: &str, missing| {
        let why = format!("it has `{there}`, but no `{missing}`");
        let refusal = file.refusal("connection", there, why)?;
        let fault = Fault::Port(missing);
        Some(Refusal { fault, ..refusal })
    };
    match (controller, kind) {
        (None, None) => None,
        (Some((there, _)), None) => match groups[..] {
            [_] => None,
            _ => lacks(there, "slave-type"),
        },
        (controller, Some((key, kind))) => {
            let known = GROUPS.iter().any(|(_, of)| *of == kind) || BARE.contains(&&*kind);
            let odd = groups.iter().find(|(_, of)| *of != kind);
            match (known, controller, odd) {
                (false, ..) => {
                    let why = format!("`{kind}` is not a known kind of port");
                    file.refusal("connection", key, why)
                }
                (true, None, _) => lacks(key, "master"),
                // those of Open vSwitch have reasons of their own
                (true, Some(_), Some((group, of))) if !of.starts_with("ovs-") => {
                    let why = format!("the group [{group}] is not for a port of a {kind}");
                    file.refusal(group, "", why)
                }
                (true, Some(_), _) => None,
            }
        }
    }
}
