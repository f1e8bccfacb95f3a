//! The difference of two hosts in their ifcfg profiles, with the text of those that differ.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::carry::{Source, carried};
use super::text::Text;
use super::words::{ByInterface, dhcp_interfaces};
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::tree::{HostPath, Tree};

/// What is known of two hosts, and of the text of the profiles in which they differ.
pub(super) struct Difference<'a> {
    pub(super) before: &'a Host,
    pub(super) after: &'a Host,
    /// The profiles of `before`.
    pub(super) were: ByInterface<'a>,
    /// The profiles of `after`.
    pub(super) are: ByInterface<'a>,
    old: BTreeMap<&'a HostPath, &'a Profile>,
    new: BTreeMap<&'a HostPath, &'a Profile>,
    /// The texts of the profiles of `before` that change, or that others take text from.
    texts: HashMap<&'a HostPath, Text>,
    all: bool,
}

impl<'a> Difference<'a> {
    /// Reads what is needed to write `after` in a tree that holds `before`.
    ///
    /// With `all` profiles that are as they were are read and written, too.
    pub(super) fn of(tree: &Tree, before: &'a Host, after: &'a Host, all: bool) -> Self {
        let (old, new) = (by_origin(before), by_origin(after));
        let mut difference = Self {
            all,
            before,
            after,
            were: before.by_interface(),
            are: after.by_interface(),
            old,
            new,
            texts: HashMap::new(),
        };
        let changed = difference
            .changed()
            .flat_map(|profile| profile.home.file.iter().chain(source(profile)));
        let gone = difference.gone();
        let origins: HashSet<&HostPath> = changed.chain(gone).collect();
        if origins.is_empty() {
            return difference;
        }
        let sources = origins.into_iter();
        difference.texts = sources
            .filter_map(|origin| Some((origin, *difference.old.get(origin)?)))
            .map(|(origin, profile)| (origin, Text::of(tree, &before.readers, profile)))
            .collect();
        difference
    }

    /// Returns the profiles that are written.
    pub(super) fn changed(&self) -> impl Iterator<Item = &'a Profile> {
        let ours = self.after.profiles();
        let ours = ours.filter(|profile| profile.home.backend == Backend::Ifcfg);
        ours.filter(|wanted| match self.current(wanted) {
            Some(current) => {
                let others =
                    || dhcp_interfaces(current, self.before) != dhcp_interfaces(wanted, self.after);
                self.all || !current.is_same(wanted) || joins_new(wanted, &self.are) || others()
            }
            None => true,
        })
    }

    /// Returns the files of profiles that are no more.
    pub(super) fn gone(&self) -> impl Iterator<Item = &'a HostPath> {
        let old = self.old.keys();
        old.filter(|origin| !self.new.contains_key(*origin))
            .copied()
    }

    /// Returns the profiles that are no more.
    pub(super) fn gone_profiles(&self) -> impl Iterator<Item = &'a Profile> {
        self.gone()
            .filter_map(|origin| self.old.get(origin).copied())
    }

    /// Returns what a profile is now.
    pub(super) fn current(&self, wanted: &Profile) -> Option<&'a Profile> {
        self.old.get(wanted.home.file.as_ref()?).copied()
    }

    /// Returns the text that the file of a profile has now.
    pub(super) fn text(&self, profile: &Profile) -> Option<&Text> {
        self.texts.get(profile.home.file.as_ref()?)
    }

    /// Returns the text that a profile is to have.
    pub(super) fn carried(&self, wanted: &Profile) -> Text {
        let none = Text::default();
        let own = self.text(wanted).unwrap_or(&none);
        let from = source(wanted).and_then(|origin| {
            Some(Source {
                profile: self.old.get(origin)?,
                text: self.texts.get(origin)?,
                goes: !self.new.contains_key(origin),
            })
        });
        carried(wanted, own, from)
    }
}

/// Returns the file that the layer-3 configuration of a profile is taken from, as text: one of this format.
fn source(profile: &Profile) -> Option<&HostPath> {
    let from = profile.layer3.from.as_ref();
    from.filter(|home| home.backend == Backend::Ifcfg)?
        .file
        .as_ref()
}

/// Returns whether the bridge of a port is made just now: the file of the port may name it already, in the spelling of another
/// software.
pub(super) fn joins_new(port: &Profile, after: &ByInterface<'_>) -> bool {
    let bridge = port.controller.as_ref().and_then(|name| after.get(name));
    bridge.is_some_and(|bridge| bridge.home.file.is_none())
}

fn by_origin(host: &Host) -> BTreeMap<&HostPath, &Profile> {
    let ours = host
        .profiles()
        .filter(|profile| profile.home.backend == Backend::Ifcfg);
    ours.filter_map(|profile| Some((profile.home.file.as_ref()?, profile)))
        .collect()
}
