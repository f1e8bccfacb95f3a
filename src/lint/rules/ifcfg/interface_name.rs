//! The name of an interface that the kernel does not take.

use super::script::Role;
use crate::host::value::InterfaceName;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "interface-name",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A `DEVICE` that is not a valid interface name.",
    why: "Network-scripts fail, and NetworkManager takes the profile for any network card: it drops the name with a warning. There\nis no interface of that name.",
    example: "
DEVICE=bridge-for-guests",
    remedy: "Choose a name of at most 15 bytes, without `/`, white space and `:`.",
    source: "dev_valid_name() in the kernel's net/core/dev.c; make_connection_setting() in nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles = sight
        .scripts
        .iter()
        .filter(|script| script.role == Role::Profile);
    let wrong = profiles.filter_map(|script| {
        let error = InterfaceName::parse(script.value("DEVICE")?).err()?;
        let finding = RULE.finding(script.path.as_str(), error.to_string());
        Some(
            finding
                .at(script.place_of("DEVICE"))
                .help("choose a name of at most 15 bytes, without `/`, white space and `:`"),
        )
    });
    wrong.collect()
}
