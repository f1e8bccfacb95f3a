//! A device that a network or guest uses, and that no file knows.

use super::device::{self, Named};
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "libvirt-device-unknown",
    severity: Severity::Note,
    readers: &[],
    finds: "A network or guest that uses a device of the host that no connection profile creates, and that the running host
does not have.",
    why: "A network of mode nat or route starts nevertheless, but its guests cannot get out; a guest with a macvtap on the
device does not start: `No such device`.",
    example: "
<forward mode='nat' dev='ens44'/>            and there is no ifcfg-ens44",
    remedy: "Correct the name, unless something else creates the device.",
    source: "virNetDevMacVLanCreateWithVPortProfile() in libvirt's util/virnetdevmacvlan.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let Some(made) = meaning.made() else {
        return Vec::new();
    };
    let named = device::all(meaning.host).into_iter();
    named
        .filter(|named| !made.contains(named.device))
        .map(|named| finding(&named))
        .collect()
}

fn finding(named: &Named<'_>) -> Finding {
    let Named {
        device, who, name, ..
    } = named;
    let message = format!("{who} uses the device `{device}`, which no file creates");
    let word = if named.guest { "guest" } else { "network" };
    let finding = RULE.finding(format!("{word} {name}"), message);
    device::at(finding, named).help("correct the name, or write the device's own file")
}
