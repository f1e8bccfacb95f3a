//! An address on the port of a bond or team.

use super::script::Script;
use crate::backend::ifcfg::{self, Reader};
use crate::lint::{BOTH, Check, Finding, Fix, Mender, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bond-port-addresses",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A port of a bond or team with an address, or DHCP, in its own file.",
    why: "Nothing configures it: ifup adds the card to its bond and ends, and NetworkManager drops the addresses of a port. If the\nbond has no address of its own, the host has none.",
    example: "
DEVICE=ens33
MASTER=bond0
SLAVE=yes
IPADDR=192.168.50.20",
    remedy: "Move the lines to the file of the bond, or delete them: kvmnet check --fix bond-port-addresses",
    source: "ifup-eth of initscripts (the branch of ports exits before addresses), nm_connection_normalize() of NetworkManager",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles();
    read.filter_map(|script| finding(sight, script)).collect()
}

fn finding(sight: &Sight<'_>, script: &Script<'_>) -> Option<Finding> {
    let is_port =
        script.reader != Reader::Unknown && ifcfg::is_bond_port(&script.doc, script.reader);
    let masters = ["MASTER", "TEAM_MASTER", "MASTER_UUID", "TEAM_MASTER_UUID"];
    let bond = masters
        .iter()
        .find_map(|key| script.value(key))
        .filter(|_| is_port)?;
    let given = script.doc.assignments().find(|a| ifcfg::gives_address(a))?;
    let device = script.device();
    let message = format!(
        "`{device}` is a port of `{bond}`, and {} in its own file has no effect",
        given.name
    );
    let found = RULE
        .finding(format!("interface {device}"), message)
        .at(script.place(given));
    Some(found.help(match fixable(sight, bond) {
        true => "kvmnet check --fix bond-port-addresses   # removes it".to_owned(),
        false => format!("move it to the file of `{bond}`, which has no address"),
    }))
}

/// Safe where the bond has an address, or its bridge: then nothing is lost that was in force.
fn fixable(sight: &Sight<'_>, bond: &str) -> bool {
    let bond = sight.joined.profile(bond);
    bond.is_some_and(|bond| !bond.layer3.gives_no_address() || bond.controller.is_some())
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let script = mender.script(path)?.whole()?;
    let masters = ["MASTER", "TEAM_MASTER"];
    let bond = masters.iter().find_map(|key| script.value(key))?;
    fixable(mender, bond).then(|| mender.without_addresses(path))?
}
