//! Aliases that DEVICE alone makes one (`ifcfg-eth0_0` with `DEVICE=eth0:0`), and whether they can follow their interface.
//!
//! ifup-eth brings such a file up by itself, before the bridge that has the address of its port, and ifup of the bridge takes
//! the alias away again. It follows under a name by which ifup-aliases reads it with the bridge, `ifcfg-br0:0`: there PREFIX
//! of the bridge outweighs its NETMASK, and some keys are not read (run with initscripts 9.49 and 10.00).

use super::addressing::address_v4;
use super::companion::inherits;
use super::keys::{self, Class};
use super::reader::{Reader, brings_up};
use super::text::{Companion, CompanionRole};
use crate::doc::shell::{Assignment, ShellDoc};
use crate::host::profile::Obstacle;
use crate::readers::Readers;
use crate::tree::HostPath;

/// Layer-3 keys that ifup-aliases reads, or that change nothing in an alias, sorted.
const READ: &[&str] = &[
    "ARPCHECK",
    "ARPUPDATE",
    "BOOTPROTO",
    "BROADCAST",
    "DEFROUTE",
    "IPADDR",
    "NETMASK",
    "NETWORK",
    "NO_ALIASROUTING",
    "ONPARENT",
    "PEERDNS",
    "PREFIX",
];

/// What keeps an alias from following its interface.
struct Fault {
    line: Option<u32>,
    because: String,
    help: String,
}

/// Returns what keeps the aliases among `companions` from following the interface of the file at `path`.
pub(super) fn obstacle(
    doc: &ShellDoc,
    path: &HostPath,
    companions: &[Companion],
    readers: &Readers,
) -> Option<Obstacle> {
    let own = companions.iter().filter(|companion| !inherits(companion));
    let mut aliases = own.filter_map(|companion| match &companion.role {
        CompanionRole::Alias(label) => Some((companion, label)),
        CompanionRole::Range(_)
        | CompanionRole::Route(_)
        | CompanionRole::Rule(_)
        | CompanionRole::Dhclient(_) => None,
    });
    aliases.find_map(|(companion, label)| {
        let alias = ShellDoc::parse(companion.content.raw());
        let fault = label_fault(&alias, label)
            .or_else(|| start_fault(&alias, readers))
            .or_else(|| key_fault(&alias))
            .or_else(|| mask_fault(&alias, doc, path))?;
        let at = companion.origin.with_line(fault.line);
        Some(Obstacle {
            because: format!("has a further address in {at}, {}", fault.because).into(),
            help: Some(format!("{} in {}", fault.help, companion.origin)),
        })
    })
}

/// `new_interface()` of ifup-aliases takes letters, digits and `_` alone.
fn label_fault(alias: &ShellDoc, label: &str) -> Option<Fault> {
    let plain = label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (!plain || label.is_empty()).then(|| Fault {
        line: alias.get("DEVICE").map(|device| device.line),
        because: format!("whose label `{label}` cannot be part of a file name"),
        help: "write DEVICE with a number after the colon".to_owned(),
    })
}

/// By itself it is brought up as ONBOOT says, with its interface as ONPARENT says.
fn start_fault(alias: &ShellDoc, readers: &Readers) -> Option<Fault> {
    let alone = brings_up(alias, readers, false);
    let with_parent = !alias
        .literal("ONPARENT")
        .is_some_and(|word| matches!(word, "no" | "NO"));
    let line = |key: &str| alias.get(key).map(|found| found.line);
    match (alone, with_parent) {
        (false, true) => Some(Fault {
            line: line("ONBOOT"),
            because: "which is not brought up at boot, but would be with the bridge".to_owned(),
            help: "write ONPARENT=no".to_owned(),
        }),
        (true, false) => Some(Fault {
            line: line("ONPARENT"),
            because: "which is brought up at boot, but would not be with the bridge".to_owned(),
            help: "replace ONPARENT=no by ONPARENT=yes".to_owned(),
        }),
        (true, true) | (false, false) => None,
    }
}

fn key_fault(alias: &ShellDoc) -> Option<Fault> {
    let unread = |assignment: &&Assignment| {
        let name = assignment.name.as_str();
        let value = assignment.value.literal();
        let layer3 = matches!(keys::class(name), Class::Layer3(_));
        let off = name == "IPV6INIT"
            && value.is_some_and(|value| Reader::NetworkScripts.is_no(name, value));
        let dynamic = name == "BOOTPROTO" && !matches!(value, Some("" | "none" | "static"));
        layer3 && !off && (dynamic || READ.binary_search(&name).is_err())
    };
    let found = alias.assignments().find(unread)?;
    Some(Fault {
        line: Some(found.line),
        because: format!(
            "whose {} is not read in a file named after the bridge",
            found.name
        ),
        help: format!("omit {}", found.name),
    })
}

/// `ini_env()` of ifup-aliases gives an alias PREFIX and NETMASK of its interface before the file is read, and PREFIX wins.
fn mask_fault(alias: &ShellDoc, parent: &ShellDoc, path: &HostPath) -> Option<Fault> {
    let set = |doc: &ShellDoc, key: &str| {
        let found = doc.get(key);
        found.is_some_and(|found| found.value.literal() != Some(""))
    };
    let inherited = match set(alias, "NETMASK") {
        true => ["PREFIX"].as_slice(),
        false => ["PREFIX", "NETMASK"].as_slice(),
    };
    let key = inherited.iter().find(|key| set(parent, key))?;
    if set(alias, "PREFIX") {
        return None;
    }
    let address = alias.literal("IPADDR")?;
    let net = address_v4(address, None, alias.literal("NETMASK"));
    let line = alias.get("NETMASK").or_else(|| alias.get("IPADDR"));
    Some(Fault {
        line: line.map(|found| found.line),
        because: format!(
            "whose mask is overridden by {key} of {} once the file is named after the bridge",
            path.name()
        ),
        help: match net {
            Some(net) => format!("write PREFIX={}", net.prefix_len()),
            None => "write its prefix length as PREFIX".to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted() {
        assert!(READ.is_sorted());
    }
}
