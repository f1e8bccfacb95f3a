//! An alias whose DEVICE is not what its file is called.

use super::script::Role;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "alias-device",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "An alias file whose `DEVICE` does not agree with the name of the file.",
    why: "NetworkManager drops the address, and network-scripts give it an unexpected label. It happens when\nthe file is renamed and the line in it is forgotten.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0:1
  DEVICE=ens33:1",
    remedy: "Write the part of the file name after `ifcfg-`: DEVICE=br0:1",
    source: "read_aliases() in NetworkManager's nms-ifcfg-rh-reader.c, ifup-aliases of initscripts (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let aliases = sight
        .scripts
        .iter()
        .filter(|script| matches!(script.role, Role::Alias(_)));
    let wrong = aliases.filter_map(|script| {
        let device = script
            .value("DEVICE")
            .filter(|device| *device != script.suffix)?;
        let message = format!(
            "`{}` is an alias, but says that it is `{device}`",
            script.path.name()
        );
        Some(
            RULE.finding(script.path.as_str(), message)
                .at(script.place_of("DEVICE"))
                .help(format!("write DEVICE={}", script.suffix)),
        )
    });
    wrong.collect()
}
