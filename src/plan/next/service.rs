//! What the network service of Red Hat is to take into use: the profiles that change, among those that it has.

use std::collections::HashSet;

use super::interrupts::names;
use super::{gone, is_ovs, made};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::layout::{self, About};
use crate::readers::Readers;
use crate::tree::Tree;

/// What a plan writes, and where.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) tree: &'a Tree,
    pub(super) set: &'a ChangeSet,
}

/// What the service is to take into use.
pub(super) struct Service<'a> {
    /// The profiles as they were.
    pub(super) old: &'a [&'a Profile],
    /// As they will be.
    pub(super) new: &'a [&'a Profile],
    /// The files that say so.
    pub(super) written: Written<'a>,
    /// What else there is.
    pub(super) host: &'a Host,
}

impl<'a> Service<'a> {
    /// Returns whether policy rules that are in force are others afterwards.
    pub(super) fn rules_change(&self) -> bool {
        let Written { tree, set } = self.written;
        let is_rule =
            |path: &str| layout::kind_of(path).is_some_and(|kind| kind.about == About::Rules);
        set.iter().any(|change| {
            let mut names = tree.names_of(&change.path).into_iter();
            change.before.is_some() && names.any(|name| is_rule(name.as_str()))
        })
    }

    /// Returns whether a bridge of Open vSwitch changes, or a port of one.
    pub(super) fn concerns_ovs(&self) -> bool {
        let bridges = self.profiles().filter(|profile| is_ovs(profile));
        let bridges: HashSet<&InterfaceName> = bridges.map(|bridge| &bridge.interface).collect();
        let on_one = |profile: &&Profile| {
            let controller = profile.controller.as_ref();
            is_ovs(profile) || controller.is_some_and(|name| bridges.contains(name))
        };
        let mut changed = gone(self.old, self.new).chain(made(self.old, self.new));
        changed.any(|profile| on_one(&profile))
    }

    /// Returns the profiles of the host, and those that change.
    pub(super) fn profiles(&self) -> impl Iterator<Item = &'a Profile> + use<'a> {
        let known = self.host.profiles().chain(self.old.iter().copied());
        known.chain(self.new.iter().copied())
    }

    /// Returns the interfaces that the service takes down and brings up: all of its own.
    pub(super) fn interrupts(&self, readers: &Readers) -> Vec<String> {
        let by_scripts = |profile: &&Profile| !profile.is_for_network_manager(readers);
        let all = self.profiles().filter(by_scripts);
        names(all.filter(|profile| profile.autostart), self.written.tree)
    }
}
