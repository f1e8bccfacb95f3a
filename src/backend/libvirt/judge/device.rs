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
        "drive" => &["controller", "bus", "target", "unit"],
        "virtio-serial" => &["controller", "bus", "port"],
        "ccid" => &["controller", "slot"],
        "usb" => &["bus"],
        _ => &[],
    };
    for name in numbers {
        found.number(place.prop(name), Number::INT);
    }
    match kind.text {
        "pci" => {
            pci(place, found);
        }
        "ccw" => ccw(place, found),
        "usb" => usb(place, found),
        "spapr-vio" => {
            found.number(place.prop("reg"), Number::HEXADECIMAL);
        }
        "isa" => {
            for name in ["iobase", "irq"] {
                found.number(place.prop(name), Number::HEXADECIMAL);
            }
        }
        _ => {}
    }
}

/// `virCCWDeviceAddressParseXML()`: all three numbers, or none.
fn ccw(place: &Node<'_>, found: &mut Found) {
    let limits = [("cssid", 254), ("ssid", 3), ("devno", 0xffff)];
    let mut said = 0;
    for (name, most) in limits {
        let Some(value) = place.prop(name) else {
            continue;
        };
        said += 1;
        let number = found.number(Some(value.clone()), Number::ANY_BASE);
        if number.is_some_and(|number| number > most) {
            found.bad(&value, format_args!("a number of at most {most:#x}"));
        }
    }
    if matches!(said, 1 | 2) {
        let why = "an address of type `ccw` with one or two of `cssid`, `ssid` and `devno`";
        found.refuse(
            place.tag(),
            why,
            "add what is missing, or delete the address",
        );
    }
}

/// `virDomainDeviceUSBAddressParsePort()`: up to four numbers, with dots between them.
fn usb(place: &Node<'_>, found: &mut Found) {
    let Some(port) = place.prop("port") else {
        return;
    };
    let mut parts = port.text.split('.');
    let sound = parts.clone().count() <= 4 && parts.all(|part| Number::INT.read(part).is_some());
    if !sound {
        found.bad(&port, "up to four numbers, with dots between them");
    }
}
