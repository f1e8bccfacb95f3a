//! A bond or team without a port.

use std::collections::HashSet;

use super::bonds;
use crate::host::profile::{Link, Profile};
use crate::host::{Broken, Cause, Subject};
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bond-without-port",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A bond or team that is brought up at boot, and that no profile is a port of.",
    why: "It has no link, and what is on top of it reaches nothing. With DHCP it delays the boot.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-bond0      BONDING_OPTS=mode=1
/etc/sysconfig/network-scripts/                 no file with MASTER=bond0",
    remedy: "Write into the profiles of its cards which bond they belong to: in ifcfg files MASTER=bond0 and SLAVE=yes, in keyfiles\nmaster=bond0 and slave-type=bond in the group [connection].",
    source: "ifup-eth of initscripts (looks for `MASTER=` in the other files), nm-device-bond.c of NetworkManager",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    // a port may be in a file that could not be read, or be named by its hardware address
    let host = meaning.host;
    let unknown = |broken: &Broken| {
        broken.subject == Subject::Interface && matches!(broken.cause, Cause::Limit | Cause::Fault)
    };
    if host.broken.iter().any(unknown) || !host.unnamed.is_empty() {
        return Vec::new();
    }
    let members = bonds::members(meaning);
    let mut used: HashSet<&str> = members.iter().map(|m| m.attachment.name.as_str()).collect();
    let controllers = members.iter().filter_map(|member| member.controller);
    used.extend(controllers.map(|controller| controller.interface.as_str()));
    let bonds = host.profiles().filter(|profile| {
        matches!(profile.link, Link::Bond) && profile.autostart && profile.is_read()
    });
    let lonely = bonds.filter(|bond| !bond.wording.copy && !used.contains(bond.interface.as_str()));
    lonely.filter_map(finding).collect()
}

fn finding(bond: &Profile) -> Option<Finding> {
    let name = &bond.interface;
    let message = format!("no profile is a port of the bond `{name}`");
    let place = Place::file(bond.home.file.as_ref()?);
    Some(
        RULE.finding(format!("bond {name}"), message)
            .at(place)
            .help(format!(
                "write into the profiles of its cards that they are ports of {name}"
            )),
    )
}
