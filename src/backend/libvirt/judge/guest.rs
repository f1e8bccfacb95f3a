//! Guests, as far as their interfaces are concerned, and the order in which they boot from them.
//!
//! Sources: `virDomainDefParseXML()` in conf/domain_conf.c, which looks for `./devices/interface`;
//! `virDomainDefBootOrderPostParse()` in conf/domain_postparse.c.

use std::collections::HashSet;

use super::found::Found;
use super::interface::interface;
use super::page::Node;
use super::unknown::unknown;
use super::validate::validate;
use super::values::Number;
use super::{document, form};

/// Judges a guest.
pub(super) fn guest(root: Node<'_>, found: &mut Found) {
    if !document::head(&root, "domain", found) {
        return;
    }
    let hypervisor = root.prop("type");
    let qemu = hypervisor.is_some_and(|kind| matches!(kind.text, "kvm" | "qemu" | "hvf"));
    for node in root
        .all("devices")
        .flat_map(|devices| devices.all("interface"))
    {
        if let Some(kind) = interface(&node, found) {
            validate(&node, kind, qemu, found);
        }
        unknown(&node, form::interface(), form::interface(), found);
    }
    boot_order(&root, found);
}

/// Devices have places in the boot order, each another one, or the guest has a list of kinds.
fn boot_order(root: &Node<'_>, found: &mut Found) {
    let os = root.first("os");
    let kind = os.and_then(|os| os.first("type"));
    if kind.is_none_or(|kind| kind.text() != "hvm") {
        return;
    }
    let devices = root.all("devices").flat_map(|devices| devices.children());
    let boots = devices
        .filter(Node::is_plain)
        .filter_map(|device| device.first("boot"));
    let listed = os.is_some_and(|os| os.first("boot").is_some());
    let mut known = HashSet::new();
    for boot in boots {
        let Some(order) = boot.prop("order") else {
            continue;
        };
        let Some(number) = Number::INT.read(order.text).filter(|number| *number > 0) else {
            continue;
        };
        let first = known.is_empty();
        if !known.insert(number) {
            let why = format!("the place {number} in the boot order a second time");
            found.refuse(order.span, why, "write another number");
        } else if listed && first {
            let why = "a place in the boot order beside `<boot dev=…>` in `<os>`";
            let help = "delete one of the two: places of devices, or the list in <os>";
            found.refuse(order.span, why, help);
        }
    }
}
