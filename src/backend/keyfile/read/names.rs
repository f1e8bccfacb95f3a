//! Which interface a keyfile, or a word in one, is for.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::parsed::Parsed;
use crate::backend::kernel;
use crate::backend::keyfile::keys::CONTROLLER;
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::{Broken, Cause};
use crate::readers::{Named, name_of_vlan, named};
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
            .filter_map(|file| named(&file.doc).map(|named| named.name))
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
        let mut unnamed: Vec<&Parsed> = parsed.iter().collect();
        // a VLAN without a name has that of its parent, which may be one itself
        for _ in 0..2 {
            unnamed.retain(|file| {
                let interface = file.interface(&names).ok().flatten();
                let is_unnamed = interface.is_none();
                if let Some(interface) = interface {
                    names.by_uuid.entry(file.uuid()).or_insert(interface);
                }
                is_unnamed
            });
        }
        names
    }

    /// Returns whether a file names its controller by the UUID of no keyfile.
    pub(super) fn lack_controller(&self, parsed: &[Parsed]) -> bool {
        let mut controllers = parsed.iter().filter_map(|file| file.spelled(CONTROLLER));
        controllers.any(|controller| {
            let uuid = controller.value.to_ascii_lowercase();
            Uuid::try_parse(&uuid).is_ok() && !self.by_uuid.contains_key(&uuid)
        })
    }

    /// Adds interfaces by the UUIDs of profiles in another format: a keyfile comes first.
    pub(super) fn add(&mut self, others: BTreeMap<String, InterfaceName>) {
        for (uuid, interface) in others {
            self.by_uuid.entry(uuid).or_insert(interface);
        }
    }

    /// Returns the interface that a file names by its name or by the UUID of its profile.
    pub(super) fn interface(&self, name: &str) -> Option<InterfaceName> {
        let known = self.by_uuid.get(&name.to_ascii_lowercase()).cloned();
        known.or_else(|| InterfaceName::parse(name).ok())
    }
}

impl Parsed {
    /// Returns the interface that the file is for: by its name, else that of a VLAN by its parent, that of a card by its hardware
    /// address.
    pub(super) fn interface(&self, names: &Names) -> Result<Option<InterfaceName>, Broken> {
        if let Some(Named { pair, name }) = named(&self.doc) {
            if name.is_empty() {
                return Ok(None);
            }
            let name = InterfaceName::parse(&name);
            return name.map(Some).map_err(|error| {
                // NetworkManager takes some names that kvmnet does not
                let (why, stem) = (error.to_string(), self.stem());
                self.broken(Some(pair.line), stem, why, Cause::Limit)
            });
        }
        if self.get("connection", "type").as_deref() == Some("vlan") {
            let parent = self.get("vlan", "parent");
            let parent = parent.and_then(|parent| names.interface(&parent));
            let name = parent.and_then(|parent| name_of_vlan(&self.doc, parent.as_str()));
            return Ok(name.and_then(|name| InterfaceName::parse(&name).ok()));
        }
        let mac = self.mac().filter(|_| self.is_ethernet());
        Ok(mac.and_then(|mac| names.by_mac.get(&mac)).cloned())
    }
}
