//! VLANs, and the groups [802-1x], [match] and [user].

use super::Refusal;
use super::kind::told_by_address;
use super::reading::{Reading, not_of_kernel};
use crate::doc::keyfile::value;

/// The methods of 802.1X.
const EAP: &[&str] = &[
    "leap", "md5", "tls", "peap", "ttls", "sim", "fast", "pwd", "external",
];

pub(super) fn refused(file: &Reading<'_>, _: Option<&str>) -> Option<Refusal> {
    vlan(file)
        .or_else(|| authenticated(file))
        .or_else(|| matched(file))
        .or_else(|| user(file))
}

/// Source: verify() in nm-setting-8021x.c, of which most is left to NetworkManager.
fn authenticated(file: &Reading<'_>) -> Option<Refusal> {
    let methods = file.list("802-1x", "eap");
    let known = methods.iter().all(|method| EAP.contains(&method.as_str()));
    if methods.is_empty() && file.has("802-1x") {
        return file.refusal("802-1x", "eap", "802-1x has no eap".to_owned());
    }
    (!known).then(|| file.not_valid("802-1x", "eap"))?
}

/// Source: verify() in nm-setting-vlan.c.
fn vlan(file: &Reading<'_>) -> Option<Refusal> {
    if !file.has("vlan") {
        return None;
    }
    let Some(parent) = file.text("vlan", "parent") else {
        let why = "the VLAN has no parent".to_owned();
        let told = told_by_address(file);
        return (!told).then(|| file.refusal("vlan", "parent", why))?;
    };
    let of_uuid = |c: char| c.is_ascii_hexdigit() || c == '-';
    let is_uuid = matches!(parent.len(), 36 | 40) && parent.chars().all(of_uuid);
    if !is_uuid && not_of_kernel(&parent).is_some() {
        let why = format!("`{parent}` is neither an interface nor a UUID");
        return file.refusal("vlan", "parent", why);
    }
    let id = file.number("vlan", "id", 0..=4095)?;
    (id > 4094).then(|| file.not_valid("vlan", "id"))?
}

/// Source: verify() in nm-setting-match.c.
fn matched(file: &Reading<'_>) -> Option<Refusal> {
    let keys = ["interface-name", "kernel-command-line", "driver", "path"];
    let has_empty = |key: &&&str| {
        let items = file.list("match", key);
        items.iter().any(String::is_empty)
    };
    let key = keys.iter().find(has_empty)?;
    file.not_valid("match", key)
}

/// Source: `nm_setting_user_check_key()` in nm-setting-user.c, of the key without its escapes.
fn user(file: &Reading<'_>) -> Option<Refusal> {
    let is_regular = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    let is_good = |key: &str| {
        let mut parts = key.split('.');
        let parts_good = parts.all(|part| !part.is_empty() && part.chars().all(is_regular));
        parts_good && key.contains('.') && key.len() <= 255
    };
    let pairs = file.doc().in_force().filter(|pair| pair.group == "user");
    // what is for a language is dropped, and by version 1.52 what has no valid value
    let is_read = |key: &str| !key.contains('[') && file.text("user", key).is_some();
    let mut keys = pairs.filter(|pair| is_read(&pair.key));
    let pair = keys.find(|pair| !value::key(&pair.key).is_some_and(|key| is_good(&key)))?;
    let why = format!("`{}` is not a valid key in [user]", pair.key);
    file.refusal("user", &pair.key, why)
}
