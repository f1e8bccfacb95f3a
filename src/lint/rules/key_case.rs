//! A key in small letters.

use crate::doc::shell::Assignment;
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
    remedy: "Write the key in capitals: kvmnet check --fix key-case (not where that would take the interface down).",
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

/// Keys that may take the interface down, or out of the hands of who has it, once they are in force.
const CUTTING: &[&str] = &[
    "BRIDGE",
    "BRIDGE_UUID",
    "MASTER",
    "NM_CONTROLLED",
    "ONBOOT",
    "ONPARENT",
    "OVS_BRIDGE",
    "SLAVE",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts.flat_map(of_script).collect()
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

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let found = script.doc.assignments().filter_map(|assignment| {
        let key = meant(script, &assignment.name)?;
        let name = &assignment.name;
        let message = format!("`{name}` is not `{key}`, and nobody reads it");
        let finding = RULE
            .finding(format!("{} {name}", script.path), message)
            .at(script.place(assignment));
        Some(
            match (script.get(&key), is_safe(script, assignment, &key)) {
                (Some(holds), _) => finding
                    .at(script.place(holds).label("this one holds"))
                    .help(format!("delete the line with {name}")),
                (None, true) => {
                    finding.help(format!("kvmnet check --fix key-case   (writes {key})"))
                }
                (None, false) => finding.help(format!(
                    "write {key} if that is meant: the interface may be cut off"
                )),
            },
        )
    });
    found.collect()
}

/// Returns whether the key can be put in force: no other one holds, and the interface stays up where it is up.
fn is_safe(script: &Script<'_>, assignment: &Assignment, key: &str) -> bool {
    let last = script.get(&assignment.name).map(|last| &last.span) == Some(&assignment.span);
    let value = assignment.value.literal().unwrap_or("");
    let harmless =
        !CUTTING.contains(&key) || (key == "ONBOOT" && value.eq_ignore_ascii_case("yes"));
    last && harmless && !value.is_empty() && script.get(key).is_none()
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let script = mender.script(path)?;
    let subject = finding.subject.rsplit(' ').next()?;
    let assignment = script.get(subject)?;
    let key = meant(script, &assignment.name)?;
    let start = assignment.span.start;
    is_safe(script, assignment, &key).then(|| Fix::Edit {
        path: path.clone(),
        edits: vec![(start..start + assignment.name.len(), key)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted() {
        assert!(KEYS.is_sorted());
        assert!(CUTTING.iter().all(|key| KEYS.contains(key)));
    }
}
