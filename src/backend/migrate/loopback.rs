//! Addresses of the loopback interface, which NetworkManager leaves alone.

use super::loss::{Loss, Weight};
use super::text_of;
use crate::doc::shell::ShellDoc;
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::{HostPath, Tree};

/// Returns the addresses of aliases of the loopback interface, which the network service sets as long as it is started.
///
/// Source: init.d/network of initscripts brings `ifcfg-lo` up, and ifup-aliases its aliases (run).
#[must_use]
pub fn of_loopback(tree: &Tree) -> Vec<Loss> {
    let files = tree.names_with(&HostPath::literal(NETWORK_SCRIPTS), "ifcfg-lo:");
    let lost = files.filter_map(|(_, path)| {
        let doc = ShellDoc::parse(&text_of(tree, path)?);
        Some(Loss {
            at: path.clone(),
            line: Some(doc.get("IPADDR")?.line),
            what: doc.literal("IPADDR")?.to_owned(),
            meant: "an address of the loopback interface, which NetworkManager leaves alone"
                .to_owned(),
            instead: Some("a keyfile with type=loopback, from NetworkManager 1.42 on".to_owned()),
            weight: Weight::Grave,
        })
    });
    lost.collect()
}
