//! A key in small letters.

use std::ops::Range;

use crate::doc::shell::Assignment;
use crate::lint::effect;
use crate::lint::script::Script;
use crate::lint::{Finding, Fix, Mender, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "key-case",
    severity: Severity::Warning,
    finds: "A key of an ifcfg file in small or mixed letters: `onboot=yes`, `IpAddr=…`.",
    why: "It is not the key, and nobody reads it: names are case-sensitive for bash and for NetworkManager. What it should say\nis as if it were not there: no address, or the default of ONBOOT, which is yes.",
    example: "
device=ens33
ipaddr=192.168.50.20",
    remedy: "Write the key in capitals: kvmnet check --fix key-case (where that changes nothing that is in force).",
    source: "bash(1), names; svFindLineGet() in NetworkManager's shvar.c compares them as they are (run)",
    check,
    fix: Some(fix),
};

/// Keys without their numbers, sorted.
const KEYS: &[&str] = &[
    "ARPCHECK",
    "BONDING_MASTER",
    "BONDING_OPTS",
    "BOOTPROTO",
    "BRIDGE",
    "BRIDGE_UUID",
    "BROADCAST",
    "DEFROUTE",
    "DELAY",
    "DEVICE",
    "DEVICETYPE",
    "DHCP_HOSTNAME",
    "DNS",
    "DOMAIN",
    "ETHTOOL_OPTS",
    "GATEWAY",
    "GATEWAYDEV",
    "HOTPLUG",
    "HWADDR",
    "IPADDR",
    "IPV6ADDR",
    "IPV6ADDR_SECONDARIES",
    "IPV6INIT",
    "IPV6_AUTOCONF",
    "IPV6_DEFAULTDEV",
    "IPV6_DEFAULTGW",
    "IPV6_DEFROUTE",
    "LINKDELAY",
    "MACADDR",
    "MASTER",
    "METRIC",
    "MTU",
    "NAME",
    "NETMASK",
    "NETWORK",
    "NM_CONTROLLED",
    "ONBOOT",
    "ONPARENT",
    "OVS_BRIDGE",
    "PEERDNS",
    "PEERROUTES",
    "PHYSDEV",
    "PREFIX",
    "SEARCH",
    "SLAVE",
    "STP",
    "TYPE",
    "USERCTL",
    "UUID",
    "VLAN",
    "VLAN_ID",
    "ZONE",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts
        .flat_map(|script| of_script(sight, script))
        .collect()
}

/// Returns the key that a name in other letters stands for; a name that the file itself uses is a variable.
fn meant(script: &Script<'_>, name: &str) -> Option<String> {
    let key = name.to_ascii_uppercase();
    let digits = |c: char| c.is_ascii_digit();
    let stem = key.trim_end_matches(digits);
    let known = |key: &str| KEYS.binary_search(&key).is_ok();
    let source = script.doc.source();
    let used = || {
        let uses = |sign: &str| source.contains(&format!("{sign}{name}"));
        uses("$") || uses("${")
    };
    (key != name && (known(&key) || known(stem)) && !used()).then_some(key)
}

fn of_script(sight: &Sight<'_>, script: &Script<'_>) -> Vec<Finding> {
    let found = script.doc.assignments().filter_map(|assignment| {
        let key = meant(script, &assignment.name)?;
        let name = &assignment.name;
        let message = format!("`{name}` is not `{key}`, and nobody reads it");
        let finding = RULE
            .finding(format!("{} {name}", script.path), message)
            .at(script.place(assignment));
        Some(match remedy(sight, script, assignment, &key) {
            Remedy::Delete(holds) => finding
                .at(script.place(holds).label("this one holds"))
                .help(format!("delete the line with {name}")),
            Remedy::Write => finding.help(format!("kvmnet check --fix key-case   (writes {key})")),
            Remedy::Leave(why) => finding.help(format!("write {key} if that is meant: {why}")),
        })
    });
    found.collect()
}

/// What to do about a key in small letters.
enum Remedy<'s> {
    /// The key in capitals is there as well: this is it.
    Delete(&'s Assignment),
    /// It can be put in force: that changes nothing.
    Write,
    /// It cannot be put in force unseen: this would change.
    Leave(String),
}

fn remedy<'s>(
    sight: &Sight<'_>,
    script: &'s Script<'_>,
    assignment: &Assignment,
    key: &str,
) -> Remedy<'s> {
    if let Some(holds) = script.get(key) {
        return Remedy::Delete(holds);
    }
    let last = script.get(&assignment.name).map(|last| &last.span) == Some(&assignment.span);
    let stands = |other: &Assignment| {
        other.span != assignment.span && meant(script, &other.name).as_deref() == Some(key)
    };
    if !last || script.doc.assignments().any(stands) {
        return Remedy::Leave(format!("more than one line says what {key} is"));
    }
    let Some(value) = assignment.value.literal().filter(|value| !value.is_empty()) else {
        return Remedy::Leave("what it says cannot be told".to_owned());
    };
    let mut text = script.doc.source().to_owned();
    text.replace_range(name_of(assignment), key);
    match effect::of_key(sight, script.path, text, (key, value)) {
        None => Remedy::Write,
        Some(changes) => Remedy::Leave(changes),
    }
}

/// Returns where its name stands.
fn name_of(assignment: &Assignment) -> Range<usize> {
    let start = assignment.span.start;
    start..start + assignment.name.len()
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let script = mender.script(path)?;
    let subject = finding.subject.rsplit(' ').next()?;
    let assignment = script.get(subject)?;
    let key = meant(script, &assignment.name)?;
    match remedy(mender, script, assignment, &key) {
        Remedy::Delete(_) => None,
        Remedy::Write => Some(Fix::Edit {
            path: path.clone(),
            edits: vec![(name_of(assignment), key)],
        }),
        Remedy::Leave(why) => Some(Fix::Leave(format!(
            "`{}` in {} is left as it is: {why}",
            assignment.name,
            path.name()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted() {
        assert!(KEYS.is_sorted());
    }
}
