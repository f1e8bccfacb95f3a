//! A range of addresses in a file that NetworkManager does not read.

use super::script::Role;
use crate::lint::{Check, Finding, NM, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "range-unread",
    severity: Severity::Error,
    readers: NM,
    finds: "A file `ifcfg-IFACE-rangeN` of an interface that NetworkManager brings up.",
    why: "Its addresses are lost: network-scripts alone know ranges. NetworkManager takes the file for a profile of its own, and refuses\nit (`had neither TYPE nor DEVICE keys`).",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33-range0   on RHEL 8",
    remedy: "Write each address into the file of the interface: IPADDR1=, PREFIX1=, and so on.",
    source: "connection_from_file_full() in NetworkManager's nms-ifcfg-rh-reader.c (run); ifup-aliases of initscripts",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let found = sight.scripts.iter().filter_map(|range| {
        let Role::Range(base) = range.role else {
            return None;
        };
        let owner = sight.profile_called(base)?;
        if !sight.readers.managed_by_nm(owner.nm_controlled()) {
            return None;
        }
        let message = format!(
            "NetworkManager reads no ranges: the addresses of `{}` are lost",
            range.path.name()
        );
        let found = RULE
            .finding(range.path.as_str(), message)
            .at(Place::line(range.path, 1));
        Some(found.help(format!(
            "write them into {} as IPADDR1=, IPADDR2= and so on",
            owner.path.name()
        )))
    });
    found.collect()
}
