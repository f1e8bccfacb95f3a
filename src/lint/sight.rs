//! What rules look at: the files, what they mean, and who reads them. Made once, for all rules.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::OnceLock;

use super::Meaning;
use super::rules::ifcfg::script::{self, Role, Script};
use super::rules::keyfile::document::{self, Keyfile};
use crate::backend::ifcfg;
use crate::host::Host;
use crate::tree::{HostPath, Tree};

/// What rules look at.
#[derive(Debug)]
pub struct Sight<'t> {
    /// The files.
    pub tree: &'t Tree,
    /// What they mean, as far as they can be understood.
    pub meaning: Meaning<'t>,
    /// The ifcfg files that a program reads.
    pub scripts: Vec<Script<'t>>,
    /// The files in NetworkManager's folder.
    pub keyfiles: Vec<Keyfile<'t>>,
    /// Who owns the tree.
    pub owner: u32,
    devices: OnceLock<HashMap<String, usize>>,
}

impl<'t> Deref for Sight<'t> {
    type Target = Meaning<'t>;

    fn deref(&self) -> &Self::Target {
        &self.meaning
    }
}

impl<'t> Sight<'t> {
    /// Returns the sight of `tree`, whose files mean `host`.
    #[must_use]
    pub fn of(tree: &'t Tree, host: &'t Host) -> Self {
        Self {
            tree,
            scripts: script::all(tree, &host.readers),
            keyfiles: document::all(tree, &host.docs),
            owner: crate::readers::owner(tree),
            meaning: Meaning::of(host),
            devices: OnceLock::new(),
        }
    }

    /// Returns the ifcfg file at `path`.
    #[must_use]
    pub fn script(&self, path: &HostPath) -> Option<&Script<'t>> {
        let found = self
            .scripts
            .binary_search_by(|script| script.path.cmp(path));
        found.ok().map(|index| &self.scripts[index])
    }

    /// Returns the connection profile in the file `ifcfg-SUFFIX`.
    #[must_use]
    pub fn profile_called(&self, suffix: &str) -> Option<&Script<'t>> {
        let folder = HostPath::literal(crate::readers::NETWORK_SCRIPTS);
        self.script(&folder.join(&format!("ifcfg-{suffix}")))
    }

    /// Returns the file at `path` in NetworkManager's folder.
    #[must_use]
    pub fn keyfile(&self, path: &HostPath) -> Option<&Keyfile<'t>> {
        let found = self
            .keyfiles
            .binary_search_by(|keyfile| keyfile.path.cmp(path));
        found.ok().map(|index| &self.keyfiles[index])
    }

    /// Returns whether the interface of an ifcfg file is brought up at boot, by who reads the file.
    #[must_use]
    pub fn brings_up(&self, script: &Script<'_>) -> bool {
        ifcfg::brings_up(&script.doc, &self.readers, script.nm_controlled())
    }

    /// Returns how many ifcfg files are connection profiles of each interface.
    #[must_use]
    pub fn devices(&self) -> &HashMap<String, usize> {
        self.devices.get_or_init(|| {
            let mut devices = HashMap::new();
            for script in self.profiles() {
                *devices.entry(script.device().to_owned()).or_default() += 1;
            }
            devices
        })
    }

    /// Returns the ifcfg files that are connection profiles, copies of others left out.
    pub fn profiles(&self) -> impl Iterator<Item = &Script<'t>> {
        self.scripts
            .iter()
            .filter(|script| script.role == Role::Profile && !script.stray)
    }
}
