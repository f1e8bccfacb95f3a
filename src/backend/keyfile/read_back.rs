//! The law PutGet for keyfiles: the files that changed are read again, and say all that was meant.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::difference::Difference;
use super::force;
use super::keys::{self, BRIDGE_PORT};
use super::pieces::pieces;
use super::{addressing, read, spell};
use uuid::Uuid;

use crate::backend::kernel;
use crate::backend::lens::Piece;
use crate::backend::violation::{Law, Violation};
use crate::change::ChangeSet;
use crate::doc::keyfile::{KeyfileDoc, Pair};
use crate::host::Host;
use crate::host::layer3::{DefaultRoute, Dns, Layer3, Method};
use crate::host::profile::{Link, Manager, Profile};
use crate::tree::{HostPath, Node, Tree};

/// Checks that the files say what was meant.
pub(super) fn read_back(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    meant: &Host,
) -> Result<(), Violation> {
    let difference = Difference::of(tree, before, meant, false);
    let changed: Vec<&Profile> = difference.changed().collect();
    let gone: Vec<&Profile> = difference.gone_profiles().collect();
    if changed.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let mut files: Vec<HostPath> = changed
        .iter()
        .chain(&gone)
        .filter_map(|profile| profile.home.file.clone())
        .collect();
    files.extend(named(before, set));
    let uuids = gone.iter().filter_map(|profile| profile.uuid.as_deref());
    files.extend(
        uuids
            .filter(|uuid| Uuid::try_parse(uuid).is_ok())
            .map(force::tombstone),
    );
    let mut part = tree.only(&files);
    kernel::show(&mut part, &before.macs);
    let later = set.apply_to(&part);
    let found = read::found(&later, &before.readers, &before.docs);
    let idle = found.idle.into_iter().map(Arc::new);
    let found: Vec<Arc<Profile>> = found.profiles.into_iter().chain(idle).collect();
    let violation = |profile: &Profile| Violation {
        law: Law::PutGet,
        path: difference.place(profile),
        line: None,
        about: format!("the profile of `{}`", profile.interface),
    };
    let mut by_file: HashMap<&HostPath, &Profile> = HashMap::new();
    for profile in &found {
        if let Some(path) = &profile.home.file {
            by_file.entry(path).or_insert(profile);
        }
    }
    let at = |path: &HostPath| by_file.get(path).copied();
    if let Some(profile) = gone.iter().find(|profile| {
        let own = profile.home.file.iter().any(|path| at(path).is_some());
        own || at(&difference.place(profile)).is_some()
    }) {
        return Err(violation(profile));
    }
    for profile in changed {
        let path = difference.place(profile);
        let expected = typed(profile, &path);
        let found = at(&path).map(|found| typed(found, &path));
        let says_more = || says_more(&later, &difference, profile, &path);
        if found != Some(expected) || says_more() || is_open(&later, &difference, &path) {
            return Err(violation(profile));
        }
    }
    Ok(())
}

/// Returns the files of the profiles whose UUIDs are in the files that change: they say which interfaces these name.
fn named(before: &Host, set: &ChangeSet) -> Vec<HostPath> {
    let mut words = BTreeSet::new();
    for change in set.iter() {
        if let Some(Node::File(file)) = &change.after {
            let text = String::from_utf8_lossy(&file.bytes).to_ascii_lowercase();
            let all = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
            words.extend(all.filter(|word| word.len() >= SHORTEST).map(str::to_owned));
        }
    }
    let profiles = before.profiles().chain(&before.idle);
    let named = profiles.filter(|profile| {
        let uuid = profile.uuid.as_deref();
        uuid.is_some_and(|uuid| words.contains(uuid))
    });
    named
        .filter_map(|profile| profile.home.file.clone())
        .collect()
}

/// The shortest spelling of a UUID.
const SHORTEST: usize = 32;

/// Returns whether NetworkManager would ignore a file because others than its owner can read it, and it was not so before.
fn is_open(later: &Tree, difference: &Difference<'_>, path: &HostPath) -> bool {
    let mode = |tree: &Tree| tree.file(path).map(|file| file.attrs.mode & 0o077);
    mode(later) != Some(0) && mode(later) != mode(difference.tree())
}

/// Returns whether the rest of a file, which the model does not hold, is another than it was.
fn says_more(
    later: &Tree,
    difference: &Difference<'_>,
    profile: &Profile,
    path: &HostPath,
) -> bool {
    let Some(old) = difference.current(profile) else {
        return false; // a template may say more
    };
    let (Some(before), Some(after)) = (difference.doc(old), later.file(path)) else {
        return true;
    };
    let detached = old.controller.is_some() && profile.controller.is_none();
    let rest = |text: &str| -> Vec<Piece> {
        let doc = KeyfileDoc::parse(text);
        let pairs = doc.pairs().iter().filter(|pair| {
            let of_port = detached && pair.group == BRIDGE_PORT;
            let (group, key) = (pair.group.as_str(), pair.key.as_str());
            !of_port && !keys::is_layer3(group, key) && !keys::is_typed(group, key)
        });
        let piece = |pair: &Pair| {
            let key = format!("{}.{}", pair.group, pair.key);
            Piece::Setting(key, doc.raw(pair).to_owned())
        };
        pairs.map(piece).collect()
    };
    let comments = |bytes: &[u8]| -> BTreeSet<Piece> {
        let pieces = pieces(bytes).into_iter().map(|(_, piece)| piece);
        pieces
            .filter(|piece| matches!(piece, Piece::Comment(_) | Piece::Line(_)))
            .collect()
    };
    let mut known = comments(before.source().as_bytes());
    let taken = difference.taken(profile);
    known.extend(taken.into_iter().flat_map(|taken| taken.pieces()));
    let text = String::from_utf8_lossy(&after.bytes);
    rest(before.source()) != rest(&text) || !comments(&after.bytes).is_subset(&known)
}

/// Returns what the model knows by value.
fn typed(profile: &Profile, path: &HostPath) -> Profile {
    let mut typed = profile.clone();
    typed.home.file = Some(path.clone());
    typed.home.hides = None;
    typed.manager = Manager::Unknown;
    if let Link::Bridge(bridge) = &mut typed.link {
        // as the template has it
        bridge.starts_ports = false;
        if bridge.stp == Some(false) {
            // without STP there is no delay
            bridge.forward_delay_s = None;
        }
    }
    let unsaid = *typed.layer3.v6.method == Method::Unsaid && typed.controller.is_none();
    if unsaid {
        let word = spell::method_v6(&typed.layer3);
        typed.layer3.v6.method = addressing::method(Some(word), true).into();
    }
    if !typed.layer3.has_family(false) && !typed.layer3.has_family(true) {
        // NetworkManager refuses them there
        typed.layer3.dns = Dns::default();
    }
    typed.layer3 = Layer3 {
        default_v4: DefaultRoute::default(),
        default_v6: DefaultRoute::default(),
        from: None,
        said: false,
        ..typed.layer3
    };
    typed
}
