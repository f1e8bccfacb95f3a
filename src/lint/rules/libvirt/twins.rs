//! Which of two networks that share what is only one's is the copy: `cp default.xml nat1.xml` leaves such twins.
//!
//! Files do not tell when they were made (a clone or a backup of the host has new times), but what is in and around them does.

use crate::host::network::Network;
use crate::lint::Sight;

/// What libvirt writes at the head of a network's file: the name behind it is that of the network it wrote.
const HEAD: &str = "virsh net-edit ";

/// As much of a file is looked at for its head.
const LONGEST_HEAD: usize = 1024;

/// Returns the networks that libvirt loads, each before those that may be copies of it.
///
/// A copy is one whose head names another network; else one that is not `default`, that is not active, that is not started
/// with the host, and last the one whose name comes later.
pub(in crate::lint) fn originals_first<'t>(sight: &Sight<'t>) -> Vec<&'t Network> {
    let loaded = sight.host.networks().filter(|network| network.is_loaded());
    let mut networks: Vec<&Network> = loaded.collect();
    networks.sort_by_cached_key(|network| {
        (
            is_of_another(sight, network),
            network.name != "default",
            !network.active,
            !network.autostart,
            network.name.clone(),
        )
    });
    networks
}

/// Returns whether libvirt wrote the file of `network` for a network of another name.
fn is_of_another(sight: &Sight<'_>, network: &Network) -> bool {
    let file = network
        .origin
        .as_ref()
        .and_then(|path| sight.tree.file(path));
    let Some(file) = file else {
        return false;
    };
    let head = &file.bytes[..file.bytes.len().min(LONGEST_HEAD)];
    let head = String::from_utf8_lossy(head);
    let comment = head.split("-->").next().unwrap_or_default();
    let named = comment.split_once(HEAD).map(|(_, behind)| behind);
    let named = named.and_then(|behind| behind.lines().next());
    // of a name that a shell would take for something else, the UUID stands there
    let is_uuid = |named: &str| network.uuid.is_some_and(|uuid| uuid.to_string() == named);
    named
        .map(str::trim)
        .is_some_and(|named| named != network.name && !is_uuid(named))
}
