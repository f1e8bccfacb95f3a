//! The law of conservation for files of profiles: what a file says that changes, moves or goes is in the files that are
//! written, or the model gave it up.
//!
//! Given up is what profiles held before and none holds afterwards, as when a port loses its own addressing, and of the
//! file of a profile that goes what no model holds: which interface it was, properties of its bridge.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::difference::Difference;
use super::things::{self, Count};
use crate::backend::lens::Piece;
use crate::backend::violation::{Law, Violation};
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::tree::{HostPath, Node, Tree};

/// Checks that nothing is lost.
pub(in crate::backend) fn conserves(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    meant: &Host,
) -> Result<(), Violation> {
    let others = of_others(tree, before, meant);
    let ours = |change: &&Change| is_text(&change.path) && !others.contains(&change.path);
    let changes: Vec<&Change> = set.iter().filter(ours).collect();
    let names = Names::of(tree, before, &changes);
    let mut left = Count::new();
    for change in &changes {
        let said = names.said(change, change.after.as_ref());
        things::add(&mut left, said.into_iter().map(|(_, thing)| thing));
    }
    let is_said: BTreeSet<Piece> = left.keys().cloned().collect();
    let difference = Difference::of(tree, before, meant, false);
    let mut given_up = given_up(&difference);
    // what stays has the first claim to what is there: the file of a profile that goes comes last
    let gone = gone(tree, before, meant);
    let of_gone = |change: &&Change| gone.get(&change.path).copied();
    let (last, first): (Vec<&Change>, Vec<&Change>) = changes
        .into_iter()
        .partition(|change| of_gone(change).is_some());
    for change in first.into_iter().chain(last) {
        let profile = of_gone(&change);
        let held = profile.and_then(|profile| Some((profile, difference.text(profile)?)));
        let held: Option<BTreeSet<Piece>> =
            held.map(|(profile, text)| things::kept_by(profile, text).into_iter().collect());
        for (line, thing) in names.said(change, change.before.as_ref()) {
            // of the file of a profile that goes, what stays is not said twice
            let goes = |held: &BTreeSet<Piece>| !held.contains(&thing) || is_said.contains(&thing);
            let kept = things::take(&mut left, &thing)
                || things::take(&mut given_up, &thing)
                || held.as_ref().is_some_and(goes);
            if !kept {
                return Err(Violation {
                    law: Law::Conservation,
                    path: change.path.clone(),
                    line: Some(line),
                    about: format!("the profile in {}", change.path),
                });
            }
        }
    }
    Ok(())
}

/// Returns whether the file is no document of libvirt or firewalld, which have a law of their own.
fn is_text(path: &HostPath) -> bool {
    !path.name().ends_with(".xml")
}

/// Returns the files of profiles of other formats, whose lenses have this law, too.
fn of_others(tree: &Tree, before: &Host, meant: &Host) -> BTreeSet<HostPath> {
    let profiles = before.profiles().chain(meant.profiles());
    let others = profiles.filter(|profile| profile.home.backend != Backend::Ifcfg);
    let files = others.filter_map(|profile| {
        let new = || HostPath::parse(&profile.home.backend.path(profile.interface.as_str())).ok();
        profile.home.file.clone().or_else(new)
    });
    files.map(|file| tree.end_of(&file)).collect()
}

/// By which names files are known that lie behind links: what is in a file is told by its name.
struct Names<'h>(BTreeMap<HostPath, &'h str>);

impl<'h> Names<'h> {
    fn of(tree: &Tree, before: &'h Host, changes: &[&Change]) -> Self {
        let further = before
            .profiles()
            .flat_map(|profile| profile.layer3.further.iter());
        let companions = further.map(|part| &part.at);
        let origins = before
            .profiles()
            .filter_map(|profile| profile.home.file.as_ref());
        let changed: BTreeSet<&HostPath> = changes.iter().map(|change| &change.path).collect();
        let ends = origins
            .chain(companions)
            .map(|path| (tree.end_of(path), path.name()));
        Self(ends.filter(|(end, _)| changed.contains(end)).collect())
    }

    /// Returns what is in a file before or after it changes.
    fn said(&self, change: &Change, node: Option<&Node>) -> Vec<(u32, Piece)> {
        let Some(Node::File(file)) = node else {
            return Vec::new();
        };
        let name = self.0.get(&change.path).copied();
        let text = String::from_utf8_lossy(&file.bytes);
        let mut said = things::of_file(name.unwrap_or(change.path.name()), &text);
        said.retain(|(_, thing)| things::is_kept(thing));
        said
    }
}

/// Returns the profiles that go with their files, by where these are.
fn gone<'h>(tree: &Tree, before: &'h Host, meant: &Host) -> HashMap<HostPath, &'h Profile> {
    let mut found = HashMap::new();
    for profile in before.profiles() {
        if let Some(file) = &profile.home.file {
            found.entry(tree.real(file)).or_insert(profile);
        }
    }
    let stay: HashSet<_> = meant.profiles().map(|other| &other.home.file).collect();
    found.retain(|_, profile| !stay.contains(&profile.home.file));
    found
}

/// Returns what profiles held, and do not hold any more.
fn given_up(difference: &Difference<'_>) -> Count {
    let mut held = Count::new();
    let current = difference
        .changed()
        .filter_map(|new| difference.current(new));
    for profile in current.chain(difference.gone_profiles()) {
        let text = difference.text(profile);
        things::add(
            &mut held,
            text.into_iter()
                .flat_map(|text| things::kept_by(profile, text)),
        );
    }
    for profile in difference.changed() {
        for thing in things::kept_by(profile, &difference.carried(profile)) {
            things::take(&mut held, &thing);
        }
    }
    held
}
