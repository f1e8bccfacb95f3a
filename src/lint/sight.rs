//! What rules look at: the files, what they mean, and who reads them. Made once, for all rules.

use super::keyfile::{self, Keyfile};
use super::script::{self, Role, Script};
use crate::host::Host;
use crate::host::joined::Joined;
use crate::readers::Readers;
use crate::tree::Tree;

/// What rules look at.
#[derive(Debug)]
pub struct Sight<'t> {
    /// The files.
    pub tree: &'t Tree,
    /// What they mean, as far as they can be understood.
    pub host: &'t Host,
    /// Who hangs on what, by name.
    pub joined: Joined<'t>,
    /// The programs that read them.
    pub readers: Readers,
    /// The ifcfg files that a program reads.
    pub scripts: Vec<Script<'t>>,
    /// The files in NetworkManager's folder.
    pub keyfiles: Vec<Keyfile<'t>>,
}

impl<'t> Sight<'t> {
    /// Returns the sight of `tree`, whose files mean `host`.
    #[must_use]
    pub fn of(tree: &'t Tree, host: &'t Host) -> Self {
        let readers = Readers::of(tree);
        Self {
            tree,
            host,
            joined: Joined::of(host),
            scripts: script::all(tree, &readers),
            keyfiles: keyfile::all(tree),
            readers,
        }
    }

    /// Returns the ifcfg files that are connection profiles, copies of others left out.
    pub fn profiles(&self) -> impl Iterator<Item = &Script<'t>> {
        self.scripts
            .iter()
            .filter(|script| script.role == Role::Profile && !script.stray)
    }
}
