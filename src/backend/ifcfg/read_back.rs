//! The law PutGet for profiles: the files that changed are read again, and say all that was meant, the rest of a file
//! included: comments, unknown keys, files found by name.

use std::collections::{HashMap, HashSet};

use super::difference::Difference;
use super::text::{Companion, Text};
use super::things::{self, Count};
use super::words::{ByInterface, switch_of};
use super::{addressing, companion};
use crate::backend::lens::Piece;
use crate::backend::violation::{Law, Violation};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::layer3::{DefaultRoute, Layer3};
use crate::host::profile::{Link, Manager, Profile, Switch};
use crate::host::value::{InterfaceName, MacAddress};
use crate::readers::{NETWORK_SCRIPTS, Readers};
use crate::tree::{HostPath, Tree};

/// A profile that changes: what it was, and what it shall be.
type Pair<'h> = (Option<&'h Profile>, &'h Profile);

/// Checks that the files say what was meant.
pub(in crate::backend) fn read_back(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    meant: &Host,
) -> Result<(), Violation> {
    let readers = &before.readers;
    let difference = Difference::of(tree, before, meant, false);
    let pairs = difference
        .changed()
        .map(|new| (difference.current(new), new));
    let changed: Vec<Pair<'_>> = pairs.collect();
    let gone: Vec<&Profile> = difference.gone_profiles().collect();
    let concerned = concerned(before, meant, &changed, &gone);
    let later = set.apply_to(&tree.only(&concerned));
    let (found, _) = super::read::profiles(&later, readers);
    let found: HashMap<Option<&HostPath>, (&Profile, Text)> = found
        .iter()
        .map(|profile| {
            let text = Text::of(&later, readers, profile);
            (profile.home.file.as_ref(), (profile, text))
        })
        .collect();
    let held = held(before);
    let violation = |profile: &Profile| Violation {
        law: Law::PutGet,
        path: file_of(profile),
        line: None,
        about: format!("the profile of `{}`", profile.interface),
    };
    let is_there = |profile: &&&Profile| found.contains_key(&profile.home.file.as_ref());
    if let Some(profile) = gone.iter().find(is_there) {
        return Err(violation(profile));
    }
    for pair in changed {
        let expected = Expected::of(pair, tree, &difference, &held);
        let path = file_of(pair.1);
        let found = found.get(&Some(&path));
        if !found.is_some_and(|(other, text)| expected.is(&later, (other, text))) {
            return Err(violation(pair.1));
        }
    }
    Ok(())
}

/// Returns the file of a profile, the one to come of a new profile.
fn file_of(profile: &Profile) -> HostPath {
    let name = || format!("ifcfg-{}", profile.interface);
    let origin = profile.home.file.clone();
    origin.unwrap_or_else(|| HostPath::literal(NETWORK_SCRIPTS).join(&name()))
}

/// Returns the files to read: those of the profiles, and of those that they are named by.
fn concerned(
    before: &Host,
    meant: &Host,
    changed: &[Pair<'_>],
    gone: &[&Profile],
) -> Vec<HostPath> {
    let new = || changed.iter().map(|(_, new)| new);
    let names: HashSet<&InterfaceName> = new().filter_map(|new| new.controller.as_ref()).collect();
    let macs: HashSet<MacAddress> = new().filter_map(|new| new.mac).collect();
    let is_named = |other: &&Profile| {
        names.contains(&other.interface) || other.mac.is_some_and(|mac| macs.contains(&mac))
    };
    let files = |profile: &Profile| -> Vec<HostPath> {
        let further = profile.layer3.further.iter().map(|part| part.at.clone());
        profile.home.file.iter().cloned().chain(further).collect()
    };
    let mut paths = Vec::new();
    for (old, new) in changed {
        paths.extend(old.iter().flat_map(|old| files(old)).chain(files(new)));
    }
    let named = before.profiles().chain(meant.profiles()).filter(is_named);
    paths.extend(named.filter_map(|other| other.home.file.clone()));
    paths.extend(gone.iter().flat_map(|profile| files(profile)));
    // the ports of a bond tell that it is one
    let others = meant
        .profiles()
        .filter(|p| matches!(p.link, Link::Foreign(_)));
    paths.extend(others.flat_map(files));
    paths.sort();
    paths.dedup();
    paths
}

/// What reading shall give.
struct Expected {
    /// All that is no text.
    profile: Profile,
    /// The files found by name.
    companions: Vec<Named>,
    /// All settings, comments and lines.
    things: Count,
    /// The definitions that the settings use, as far as they do.
    helpers: Vec<Piece>,
    /// Whether the file is made from a template: it may say more.
    is_new: bool,
    /// Whether the lens for Open vSwitch writes or removes `HOTPLUG`.
    ovs: bool,
    /// Whether the interface becomes, or is no longer, a port: what kind of file that makes has a part in its name.
    other_port: bool,
    /// Comments of the file as it was, which the model need not hold.
    comments: HashSet<Piece>,
}

impl Expected {
    fn of((old, new): Pair<'_>, tree: &Tree, difference: &Difference<'_>, held: &Held<'_>) -> Self {
        let before = difference.before;
        let ovs = [(old, &difference.were), (Some(new), &difference.are)]
            .iter()
            .any(|(profile, all)| profile.is_some_and(|profile| is_ovs(profile, all)));
        let mut text = written(old, new, difference.carried(new));
        for companion in &mut text.companions {
            companion.origin = place(companion, new, held, &before.readers);
        }
        if old.is_none() {
            text.rest.extend(text.helpers.iter().cloned());
        }
        let is_used = text.settings.iter().any(|s| s.value.is_none());
        let helpers = text.helpers.iter().filter(|_| is_used);
        let helpers = things::of_settings(helpers, &new.interface);
        let (count, companions) = (count(new, &text, ovs), named(new, &text, &before.readers));
        let mut profile = typed(new);
        profile.home.file = Some(file_of(new));
        let text = old
            .and_then(|old| tree.file(old.home.file.as_ref()?))
            .map(|file| String::from_utf8_lossy(&file.bytes));
        let said = text.map(|text| things::of_file("ifcfg-", &text));
        let comments = said.unwrap_or_default().into_iter();
        Self {
            things: count,
            helpers,
            companions,
            profile,
            is_new: old.is_none(),
            ovs,
            other_port: old.is_none_or(|old| old.controller != new.controller),
            comments: comments
                .map(|(_, thing)| thing)
                .filter(|thing| matches!(thing, Piece::Comment(_)))
                .collect(),
        }
    }

    /// Returns whether `found`, with `text` in `tree`, is what was meant.
    fn is(&self, tree: &Tree, (found, text): (&Profile, &Text)) -> bool {
        let mut same = typed(found);
        // why settings cannot be moved goes with them
        if self.profile.locked.is_some() {
            same.locked.clone_from(&self.profile.locked);
        }
        if self.is_new || self.other_port {
            same.id.clone_from(&self.profile.id);
        }
        if self.is_new {
            same.mac = self.profile.mac;
        }
        let helpers = things::of_settings(&text.helpers, &found.interface);
        same == self.profile
            && as_found(tree, text) == self.companions
            && self.helpers.iter().all(|helper| helpers.contains(helper))
            && self.has_all(&count(found, text, self.ovs))
    }

    /// Returns whether these are the settings, comments and lines that were meant. A comment counts once, since the model
    /// has it with each setting of its line.
    fn has_all(&self, found: &Count) -> bool {
        let is_there = |(thing, count): (&Piece, &usize)| {
            let found = found.get(thing).copied().unwrap_or(0);
            match thing {
                Piece::Setting(..) => found == *count || self.is_new && found > *count,
                Piece::Comment(_) | Piece::Line(_) => found > 0,
            }
        };
        let is_meant = |thing: &Piece| {
            self.is_new || self.things.contains_key(thing) || self.comments.contains(thing)
        };
        self.things.iter().all(is_there) && found.keys().all(is_meant)
    }
}

/// A file that is found by name: where it lies, what it is for, and what it says.
type Named = (HostPath, super::text::CompanionRole, String);

/// Returns whether a bridge, or the bridge of a port, is one of Open vSwitch.
fn is_ovs(profile: &Profile, all: &ByInterface<'_>) -> bool {
    let of_bridge = profile.bridge().map(|bridge| bridge.switch);
    let of_port = profile.controller.as_ref().map(|name| switch_of(all, name));
    of_bridge.or(of_port) == Some(Switch::Ovs)
}

/// Returns the text with the settings that the lens spells for the typed view of `new`.
fn written(old: Option<&Profile>, new: &Profile, text: Text) -> Text {
    let spelled = match old {
        None => new.bridge().is_some(),
        Some(old) => {
            let silent = new.controller.is_some() && new.layer3.gives_no_address();
            !old.layer3.addresses_alike(&new.layer3) && !silent
        }
    };
    match spelled {
        true => addressing::spelled(new, text),
        false => text,
    }
}

/// Files that are found by name, each with the interface that it belongs to.
type Held<'h> = HashSet<(&'h InterfaceName, &'h HostPath)>;

fn held(host: &Host) -> Held<'_> {
    let held = host.profiles().flat_map(|profile| {
        let further = profile.layer3.further.iter();
        further.map(move |part| (&profile.interface, &part.at))
    });
    held.collect()
}

/// Returns where a companion of `owner` lies afterwards; `held` are the files as they were.
fn place(companion: &Companion, owner: &Profile, held: &Held<'_>, readers: &Readers) -> HostPath {
    match held.contains(&(&owner.interface, &companion.origin)) {
        true => companion.origin.clone(),
        false => companion::path(&companion.role, owner, readers),
    }
}

fn count(profile: &Profile, text: &Text, ovs: bool) -> Count {
    let shared = text.shared.iter();
    let shared = shared.filter(|setting| !(ovs && setting.key == "HOTPLUG"));
    let settings = text.settings.iter().chain(&text.rest);
    let mut count = Count::new();
    let things = things::of_settings(settings.chain(shared), &profile.interface);
    things::add(&mut count, things);
    count
}

/// Returns the files that are found by the name of `owner`, as they are written.
fn named(owner: &Profile, text: &Text, readers: &Readers) -> Vec<Named> {
    let of = |companion: &Companion| {
        let content = companion::content(companion, owner, readers);
        (companion.origin.clone(), companion.role.clone(), content)
    };
    sorted(text.companions.iter().map(of).collect())
}

/// Returns the files that are found by the name of a profile, as they are in `tree`.
fn as_found(tree: &Tree, text: &Text) -> Vec<Named> {
    let of = |companion: &Companion| {
        let file = tree.file(&companion.origin)?;
        let content = String::from_utf8_lossy(&file.bytes).into_owned();
        Some((companion.origin.clone(), companion.role.clone(), content))
    };
    sorted(text.companions.iter().filter_map(of).collect())
}

fn sorted(mut named: Vec<Named>) -> Vec<Named> {
    named.sort();
    named
}

/// Returns what the model knows by value: not where it is said, nor what only reading the files can tell.
fn typed(profile: &Profile) -> Profile {
    let mut layer3 = profile.layer3.clone();
    // of two files that say the same one is written
    layer3.routes.sort_by(|a, b| a.value.cmp(&b.value));
    layer3.routes.dedup();
    layer3.rules.sort_by(|a, b| a.value.cmp(&b.value));
    layer3.rules.dedup();
    Profile {
        layer3: Layer3 {
            default_v4: DefaultRoute::default(),
            default_v6: DefaultRoute::default(),
            // told file by file
            further: Vec::new(),
            // counted with the settings
            extras: Vec::new(),
            from: None,
            said: false,
            ..layer3
        },
        manager: Manager::Unknown,
        ..profile.clone()
    }
}
