//! Failover pairs: a card of the host (`<teaming type='transient'>`), and the virtio interface that the guest falls back to.
//!
//! Sources: libvirt's formatdomain page, *Teaming a virtio/hostdev NIC pair*; `qemuValidateDomainDeviceDefNetwork()` in
//! qemu/qemu_validate.c; QEMU's docs/system/virtio-net-failover.rst: the card is plugged in only once the guest's driver has
//! taken the virtio interface for its standby.

use super::found::{Card, Found};
use crate::host::guest::{Guest, GuestInterface, Source, Teaming};

/// Says what is left of a pair once the interface `index` is gone.
pub(super) fn left(guest: &Guest, index: usize) -> Option<String> {
    let gone = &guest.interfaces[index];
    let number = index + 1;
    match gone.teaming.as_ref()? {
        Teaming::Persistent => {
            let other = transient(guest, gone.alias.as_deref()?)?;
            Some(format!(
                "interface {number} is the persistent half of a failover pair: without it the guest never gets the other half, {other}, and loses this network; remove both, or neither"
            ))
        }
        Teaming::Transient(alias) => {
            let mut others = guest.interfaces.iter().enumerate();
            let (place, other) = others.find(|(_, other)| other.alias.as_ref() == Some(alias))?;
            let half = format!(
                "interface {number} is the transient half of a failover pair: the other half remains, {}",
                named(place, other)
            );
            Some(match other.link_down {
                true => format!("{half}, whose link is down: the guest loses its network"),
                false => format!("{half}, alone"),
            })
        }
    }
}

/// Says that an interface which is a card of the host's by its pair becomes none.
pub(super) fn parted(guest: &Guest, index: usize, found: &Found) -> Option<String> {
    let interface = &guest.interfaces[index];
    let Some(Teaming::Transient(alias)) = &interface.teaming else {
        return None;
    };
    let half = format!(
        "the interface is the transient half of a failover pair (with {alias}), which is a card of the host"
    );
    match (&found.source, found.card) {
        (_, Card::Hostdev | Card::Unknown) => None,
        (Source::Network { .. }, _) => {
            Some(format!("{half}: here it is not, and there is no failover"))
        }
        (_, _) => Some(format!("{half}: on a bridge the guest will not start")),
    }
}

/// Returns the half that stands in for the interface of this alias.
fn transient(guest: &Guest, alias: &str) -> Option<String> {
    let is = |interface: &GuestInterface| matches!(&interface.teaming, Some(Teaming::Transient(of)) if of == alias);
    if let Some(place) = guest.interfaces.iter().position(is) {
        return Some(named(place, &guest.interfaces[place]));
    }
    let card = guest.stands_in.iter().any(|of| of == alias);
    card.then(|| "a <hostdev>".to_owned())
}

fn named(place: usize, interface: &GuestInterface) -> String {
    let on = format!("{} {}", interface.source.word(), interface.source.name());
    format!("interface {} ({})", place + 1, on.trim_end())
}
