//! Which interface a keyfile, or a word in one, is for.

use std::collections::{BTreeMap, BTreeSet};

use super::parsed::Parsed;
use crate::backend::kernel;
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::{Broken, Cause};
use crate::tree::Tree;

/// Names that files use for interfaces.
#[derive(Default)]
pub(super) struct Names {
    /// Interfaces by the UUIDs of their profiles.
    by_uuid: BTreeMap<String, InterfaceName>,
    /// Cards by their hardware addresses, as the kernel shows them.
    by_mac: BTreeMap<MacAddress, InterfaceName>,
}

impl Names {
    pub(super) fn of(tree: &Tree, parsed: &[Parsed]) -> Self {
        let mut names = Self::default();
        let mut cards: Vec<_> = kernel::addresses(tree).into_iter().collect();
        let others = parsed.iter().filter(|file| !file.is_ethernet());
        let others: BTreeSet<String> = others
            .filter_map(|file| file.get("connection", "interface-name"))
            .collect();
        // a VLAN, and a bridge, may have the address of a card
        let is_card = |name: &InterfaceName| {
            let name = name.as_str();
            !name.contains('.') && !name.starts_with("br") && !others.contains(name)
        };
        cards.sort_by_key(|(name, _)| !is_card(name));
        for (name, mac) in cards {
            names.by_mac.entry(mac).or_insert(name);
        }
        for file in parsed {
            let interface = file.interface(&names).ok().flatten();
            if let Some(interface) = interface {
                names.by_uuid.entry(file.uuid()).or_insert(interface);
            }
        }
        names
    }

    /// Returns the interface that a file names by its name or by the UUID of its profile.
    pub(super) fn interface(&self, name: &str) -> Option<InterfaceName> {
        let known = self.by_uuid.get(&name.to_ascii_lowercase()).cloned();
        known.or_else(|| InterfaceName::parse(name).ok())
    }
}

impl Parsed {
    /// Returns the interface that the file is for: by its name, else by its hardware address.
    pub(super) fn interface(&self, names: &Names) -> Result<Option<InterfaceName>, Broken> {
        if let Some(pair) = self.doc.get("connection", "interface-name") {
            let Some(name) = self.get("connection", "interface-name") else {
                return Ok(None);
            };
            let name = InterfaceName::parse(&name);
            return name.map(Some).map_err(|error| {
                // NetworkManager takes some names that kvmnet does not
                let (why, stem) = (error.to_string(), self.stem());
                self.broken(Some(pair.line), stem, why, Cause::Limit)
            });
        }
        let mac = self.mac().filter(|_| self.is_ethernet());
        Ok(mac.and_then(|mac| names.by_mac.get(&mac)).cloned())
    }
}
