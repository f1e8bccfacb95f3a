//! One MAC address on two interfaces of guests.

use std::collections::HashMap;

use crate::host::guest::{Guest, GuestInterface, Teaming};
use crate::host::value::MacAddress;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-mac-twice",
    severity: Severity::Warning,
    readers: &[],
    finds: "The same MAC address on two guest interfaces.",
    why: "On one bridge the two guests receive each other's frames. DHCP gives both the same lease, and the bridge
sends to whichever spoke last. A guest that was made by copying a file keeps the address.",
    example: "
/etc/libvirt/qemu/vm1.xml      <mac address='52:54:00:63:99:c1'/>
/etc/libvirt/qemu/vm2.xml      <mac address='52:54:00:63:99:c1'/>",
    remedy: "Give one of them another address, in its file (with the guest shut off), and in the guest's own
configuration where that names the address.",
    source: "libvirt checks it neither at load nor at define (seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

type Known<'h> = HashMap<MacAddress, (&'h Guest, &'h GuestInterface)>;

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (Known::new(), Vec::new());
    for guest in sight.host.guests() {
        for interface in &guest.interfaces {
            let Some(mac) = interface.mac.filter(|mac| !mac.is_zero()) else {
                continue;
            };
            match known.get(&mac) {
                // one guest in two files is another rule's
                Some((first, _)) if first.name == guest.name && first.origin != guest.origin => {}
                // the guest makes one of the two halves, which must have one address
                Some((first, other))
                    if first.origin == guest.origin && is_pair(interface, other) => {}
                Some((first, other)) => {
                    found.push(finding(mac, (guest, interface), (first, other)))
                }
                None => {
                    known.insert(mac, (guest, interface));
                }
            }
        }
    }
    found
}

/// Returns whether two interfaces are the halves of a failover pair.
///
/// Source: `<teaming>` in formatdomain of libvirt; net_failover of the kernel.
fn is_pair(one: &GuestInterface, other: &GuestInterface) -> bool {
    let stands_in = |transient: &GuestInterface, persistent: &GuestInterface| {
        let named = match &transient.teaming {
            Some(Teaming::Transient(named)) => Some(named),
            Some(Teaming::Persistent) | None => None,
        };
        let is_other = persistent.teaming == Some(Teaming::Persistent);
        is_other && named.is_some() && named == persistent.alias.as_ref()
    };
    stands_in(one, other) || stands_in(other, one)
}

fn finding(
    mac: MacAddress,
    (guest, interface): (&Guest, &GuestInterface),
    (first, other): (&Guest, &GuestInterface),
) -> Finding {
    let message = match guest.origin == first.origin {
        true => format!(
            "two interfaces of the guest `{}` have the address {mac}",
            guest.name
        ),
        false => format!(
            "the guests `{}` and `{}` share the address {mac}",
            first.name, guest.name
        ),
    };
    let spelled = mac.to_string();
    RULE.finding(format!("{} {mac}", guest.origin), message)
        .at(Place::word(
            &guest.origin,
            interface.mac_spot.line,
            &spelled,
        ))
        .at(Place::word(&first.origin, other.mac_spot.line, &spelled).label("and here"))
        .help(format!(
            "give one of them another address, such as {}",
            next_to(mac)
        ))
}

/// Returns an address in the same block.
fn next_to(mac: MacAddress) -> String {
    let text = mac.to_string();
    let last = u8::from_str_radix(&text[text.len() - 2..], 16).unwrap_or(0);
    format!("{}{:02x}", &text[..text.len() - 2], last.wrapping_add(1))
}
