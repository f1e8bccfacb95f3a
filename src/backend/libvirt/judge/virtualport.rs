//! `<virtualport>`: its type, and the parameters that the type has.
//!
//! Sources: `virNetDevVPortProfileParse()` in conf/netdev_vport_profile_conf.c, `virNetDevVPortProfileCheckComplete()` and
//! `virNetDevVPortProfileCheckNoExtras()` in util/virnetdevvportprofile.c.

use super::found::Found;
use super::page::{Node, Value};
use super::values::{Number, is_uuid};

/// The types.
pub(super) const TYPES: &[&str] = &["802.1Qbg", "802.1Qbh", "openvswitch", "midonet"];

/// The longest profile id, in bytes (`LIBVIRT_IFLA_VF_PORT_PROFILE_MAX` less its end).
const LONGEST_PROFILE: usize = 39;

/// What is asked of a virtual port.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Of a port group, or of an interface on a network: nothing; the network may tell the rest.
    Nothing,
    /// Of a network: its type.
    Type,
    /// Of any other interface: its type and all that goes with it, less what libvirt makes up.
    All,
}

/// Judges a `<virtualport>`.
pub(super) fn virtualport(node: Option<Node<'_>>, asked: Asked, found: &mut Found) {
    let Some(node) = node else {
        return;
    };
    let kind = match node.prop("type") {
        Some(value) => found.word(&value, TYPES).map(|index| TYPES[index]),
        None if asked == Asked::Nothing => None,
        None => {
            found.lacks(&node, "type");
            None
        }
    };
    let parameters = node.loose("parameters").next();
    let all = parameters
        .map(|node| values(&node, found))
        .unwrap_or_default();
    let Some(kind) = kind else {
        return;
    };
    for extra in all.iter().filter(|value| !belongs(kind, value.name)) {
        let why = format!(
            "`{}`, which a virtual port of type `{kind}` does not have",
            extra.name
        );
        found.refuse(extra.span.clone(), why, "delete it");
    }
    if asked == Asked::All {
        let is_there = |name: &&&str| all.iter().any(|value| value.name == **name);
        if let Some(missing) = required(kind).iter().find(|name| !is_there(name)) {
            let why = format!("a virtual port of type `{kind}` without `{missing}`");
            let help = format!("put <parameters {missing}='…'/> into it");
            found.refuse(node.tag(), why, help);
        }
    }
}

/// Judges each parameter by itself; returns those that are specified.
fn values<'p>(node: &Node<'p>, found: &mut Found) -> Vec<Value<'p>> {
    let limits = [
        ("managerid", 0xff),
        ("typeid", 0xff_ffff),
        ("typeidversion", 0xff),
    ];
    let mut all = Vec::new();
    for (name, most) in limits {
        let Some(value) = node.prop(name) else {
            continue;
        };
        let number = found.number(Some(value.clone()), Number::ANY_BASE_OR_MINUS);
        if number.is_some_and(|number| number > most) {
            found.bad(&value, format_args!("a number of at most {most:#x}"));
        }
        all.push(value);
    }
    for name in ["instanceid", "interfaceid"] {
        let Some(value) = node.prop(name) else {
            continue;
        };
        if !is_uuid(value.text) {
            found.bad(&value, "a UUID");
        }
        all.push(value);
    }
    if let Some(value) = node.prop("profileid") {
        if value.text.len() > LONGEST_PROFILE {
            found.bad(
                &value,
                format_args!("a name of at most {LONGEST_PROFILE} bytes"),
            );
        }
        // an empty one is none
        all.extend(Some(value).filter(|value| !value.text.is_empty()));
    }
    all
}

/// Returns whether a virtual port of this type may have the parameter; midonet lets all pass.
fn belongs(kind: &str, parameter: &str) -> bool {
    match kind {
        "802.1Qbg" => !matches!(parameter, "profileid" | "interfaceid"),
        "802.1Qbh" => parameter == "profileid",
        "openvswitch" => matches!(parameter, "profileid" | "interfaceid"),
        _ => true,
    }
}

/// Returns what a virtual port of this type must have; `instanceid` and Open vSwitch's `interfaceid` are made up.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "802.1Qbg" => &["managerid", "typeid", "typeidversion"],
        "802.1Qbh" => &["profileid"],
        "midonet" => &["interfaceid"],
        _ => &[],
    }
}
