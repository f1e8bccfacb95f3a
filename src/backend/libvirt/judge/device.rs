//! What any device of a guest may say: its place on a bus, its place in the boot order, its ROM.
//!
//! Source: `virDomainDeviceInfoParseXML()` and what it calls in conf/domain_conf.c and conf/device_conf.c.

use super::found::Found;
use super::page::Node;
use super::parts::pci;
use super::values::Number;

/// The types of addresses (`virDomainDeviceAddressType`).
const ADDRESSES: &[&str] = &[
    "pci",
    "drive",
    "virtio-serial",
    "ccid",
    "usb",
    "spapr-vio",
    "ccw",
    "virtio-mmio",
    "isa",
    "dimm",
    "unassigned",
];

/// The longest `loadparm`.
const LONGEST_LOADPARM: usize = 8;

/// Judges what a device says of itself.
pub(super) fn info(node: &Node<'_>, found: &mut Found) {
    if let Some(master) = node.first("master") {
        found.number(master.prop("startport"), Number::INT);
    }
    if let Some(boot) = node.first("boot") {
        let order = found.needed(&boot, "order");
        found.nonzero(order, Number::INT);
        let known = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == ' ';
        if let Some(parm) = boot.prop("loadparm") {
            let length = parm.text.len();
            if !(1..=LONGEST_LOADPARM).contains(&length) || !parm.text.chars().all(known) {
                found.bad(&parm, "one to eight letters, digits, dots or blanks");
            }
        }
    }
    if let Some(rom) = node.first("rom") {
        let enabled = found.yes_no(rom.prop("enabled"));
        let bar = rom.prop("bar");
        found.on_off(bar.clone());
        if let Some(extra) = bar.or(rom.prop("file")).filter(|_| enabled == Some(false)) {
            let why = format!("`{}` of a `<rom>` that is not enabled", extra.name);
            found.refuse(extra.span, why, "delete it, or enabled='no'");
        }
    }
    if let Some(acpi) = node.first("acpi") {
        found.nonzero(acpi.prop("index"), Number::INT);
    }
    if let Some(place) = node.first("address") {
        address(&place, found);
    }
}

fn address(place: &Node<'_>, found: &mut Found) {
    let Some(kind) = found.needed(place, "type") else {
        return;
    };
    if found.word(&kind, ADDRESSES).is_none() {
        return;
    }
    let numbers: &[&str] = match kind.text {
        "pci" => {
            pci(place, found);
            &[]
        }
        "drive" => &["controller", "bus", "target", "unit"],
        "virtio-serial" => &["controller", "bus", "port"],
        "ccid" => &["controller", "slot"],
        "usb" => &["bus"],
        _ => &[],
    };
    for name in numbers {
        found.number(place.prop(name), Number::INT);
    }
}
