//! The group [connection]: who the profile is, and for which interface.

use super::super::named::{Named, named};
use super::Refusal;
use super::reading::{ANY, Reading, wrong_name};

/// Returns whether a number is valid.
type Good = fn(i64) -> bool;

/// Numbers of [connection] of which only some are valid. A flag is a bit: MPTCP's `disabled` stands alone, and `signal` does not
/// go with `fullmesh`.
const NUMBERS: &[(&str, Good)] = &[
    ("metered", |n| !(3..=4).contains(&n)),
    ("mdns", |n| (-1..=2).contains(&n)),
    ("llmnr", |n| (-1..=2).contains(&n)),
    ("dns-over-tls", |n| (-1..=2).contains(&n)),
    ("multi-connect", |n| (0..=3).contains(&n)),
    ("mptcp-flags", |n| {
        n < 0 || (n & !0xff == 0 && (n & 1 == 0 || n == 1) && n & 0x90 != 0x90)
    }),
];

/// Kinds of interfaces that are made by their name.
///
/// Source: `_nm_connection_verify_required_interface_name()`, and who calls it.
const NAMED: &[&str] = &["bridge", "bond", "team", "dummy", "vrf", "wireguard"];

/// Source: verify() in nm-setting-connection.c.
pub(super) fn refused(file: &Reading<'_>, kind: Option<&str>) -> Option<Refusal> {
    let group = "connection";
    if file.text(group, "id").is_some_and(|id| id.is_empty()) {
        return file.not_valid(group, "id");
    }
    let uuid = file.text(group, "uuid");
    if let Some(uuid) = uuid.filter(|uuid| !is_uuid(uuid)) {
        return file.refusal(group, "uuid", format!("`{uuid}` is not a valid UUID"));
    }
    ensure_named(file, kind)
        .or_else(|| {
            let wrong = |(key, is_good): &&(&str, Good)| {
                file.number(group, key, ANY).is_some_and(|n| !is_good(n))
            };
            let (key, _) = NUMBERS.iter().find(wrong)?;
            file.not_valid(group, key)
        })
        .or_else(|| {
            let url = file.text(group, "mud-url")?;
            let good =
                url == "none" || (url.starts_with("https://") && (9..=255).contains(&url.len()));
            (!good).then(|| file.not_valid(group, "mud-url"))?
        })
        .or_else(|| {
            let all = file.list(group, "permissions");
            let good = all.iter().all(|permission| is_permission(permission));
            (!good).then(|| file.not_valid(group, "permissions"))?
        })
}

/// Returns whether NetworkManager takes a UUID: also some that were once written.
///
/// Source: `nm_uuid_is_valid_nm()`.
fn is_uuid(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    let (count, is_hex) = (parts.len(), parts.iter().all(|part| is_hex(part)));
    is_hex && matches!((count, text.len()), (5, 36) | (1, 40))
}

fn is_permission(text: &str) -> bool {
    let user = text.strip_prefix("user:");
    let user = user.map(|user| user.strip_suffix(':').unwrap_or(user));
    user.is_some_and(|user| (1..100).contains(&user.len()) && !user.contains(':'))
}

/// Says what is wrong with the name of the interface, which bridges and bonds must have.
fn ensure_named(file: &Reading<'_>, kind: Option<&str>) -> Option<Refusal> {
    let key = "interface-name";
    let Some(Named { pair, name }) = named(file.doc()) else {
        let needs = |of: &&&str| kind == Some(**of) || file.has(of);
        let of = NAMED.iter().find(needs)?;
        let why = format!("a {of} needs interface-name");
        return file.refusal("connection", key, why);
    };
    // what Open vSwitch takes is not what the kernel takes
    let is_ovs = kind.is_none_or(|kind| kind.starts_with("ovs-"));
    let why = wrong_name(&name).filter(|_| !is_ovs)?;
    file.refusal(&pair.group, key, why)
}
