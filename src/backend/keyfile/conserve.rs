//! The law of conservation for keyfiles: what a file says that changes or goes is in the files that are written, or the model
//! gave it up.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::difference::Difference;
use super::keys::{self, BRIDGE_PORT};
use super::pieces::{is_told, pieces};
use super::spell;
use crate::backend::lens::Piece;
use crate::backend::violation::{Law, Violation};
use crate::change::{Change, ChangeSet};
use crate::doc::keyfile::KeyfileDoc;
use crate::host::Host;
use crate::host::home::Home;
use crate::host::profile::Profile;
use crate::readers::KEYFILES;
use crate::tree::{HostPath, Node, Tree};

/// Checks that nothing is lost.
pub(super) fn conserves(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    meant: &Host,
) -> Result<(), Violation> {
    let difference = Difference::of(tree, before, meant, false);
    let folder = tree.real(&HostPath::literal(KEYFILES).join("x")).folder();
    let files = files(tree, &difference);
    let changes: Vec<&Change> = set
        .iter()
        .filter(|change| change.path.folder() == folder || files.contains(&change.path))
        .collect();
    let mut left: HashMap<Piece, usize> = HashMap::new();
    for change in &changes {
        for (_, piece) in said(change.after.as_ref()) {
            *left.entry(piece).or_default() += 1;
        }
    }
    let given_up = given_up(&difference);
    for change in &changes {
        let goes = change.after.is_none();
        for (line, piece) in said(change.before.as_ref()) {
            let count = left.get_mut(&piece).filter(|count| **count > 0);
            if let Some(count) = count {
                *count -= 1;
                continue;
            }
            if is_told(&piece, goes) || given_up.contains(&piece) {
                continue;
            }
            return Err(Violation {
                law: Law::Conservation,
                path: change.path.clone(),
                line: u32::try_from(line + 1).ok(),
                about: format!("the profile in {}", change.path),
            });
        }
    }
    Ok(())
}

fn said(node: Option<&Node>) -> Vec<(usize, Piece)> {
    match node {
        Some(Node::File(file)) => pieces(&file.bytes),
        Some(Node::Link(_)) | None => Vec::new(),
    }
}

/// Returns the files of the profiles that change, which may lie behind links.
fn files(tree: &Tree, difference: &Difference<'_>) -> HashSet<HostPath> {
    let profiles = difference.changed().chain(difference.gone_profiles());
    let files = profiles.filter_map(|profile| profile.home.file.as_ref());
    files.map(|file| tree.end_of(file)).collect()
}

/// Returns what profiles said, and nobody says any more: layer 3 that no other profile takes over, or that it takes over with
/// other addresses, and what only a port has.
fn given_up(difference: &Difference<'_>) -> BTreeSet<Piece> {
    let mut heirs: HashMap<&Home, &Profile> = HashMap::new();
    for heir in difference.changed() {
        if let Some(from) = &heir.layer3.from {
            heirs.entry(from).or_insert(heir);
        }
    }
    let current = difference
        .changed()
        .filter_map(|new| Some((difference.current(new)?, Some(new))));
    let gone = difference.gone_profiles().map(|old| (old, None));
    let mut pieces = BTreeSet::new();
    for (old, new) in current.chain(gone) {
        let Some(doc) = difference.doc(old) else {
            continue;
        };
        let heir = heirs.get(&old.home).copied();
        let taken = heir.and_then(|heir| difference.taken(heir));
        let all: HashSet<Piece> = layer3_of(doc).into_iter().collect();
        if new.is_none() {
            // the rest of a file that goes, the plan says so, goes with it
            let own = pieces_of(doc.source()).into_iter();
            pieces.extend(own.filter(|piece| !all.contains(piece)));
        }
        pieces.extend(match (heir, taken) {
            (Some(heir), Some(taken)) => {
                let taken = taken.pieces();
                let goes = |piece: &Piece| !taken.contains(piece) || is_respelled(piece, old, heir);
                all.into_iter().filter(goes).collect()
            }
            _ => all,
        });
        let was_port = old.controller.is_some() && new.is_none_or(|new| new.controller.is_none());
        if was_port {
            pieces.extend(of_groups(doc, |group| group == BRIDGE_PORT));
        }
    }
    pieces
}

/// Returns whether a piece is one that the lens spells anew where `heir` takes over from `old`.
fn is_respelled(piece: &Piece, old: &Profile, heir: &Profile) -> bool {
    let Piece::Setting(key, _) = piece else {
        return false;
    };
    let parts = key
        .split_once('.')
        .filter(|(group, _)| matches!(*group, "ipv4" | "ipv6"));
    parts.is_some_and(|(group, key)| spell::is_respelled(&old.layer3, &heir.layer3, group, key))
}

fn pieces_of(text: &str) -> Vec<Piece> {
    let pieces = pieces(text.as_bytes()).into_iter();
    pieces.map(|(_, piece)| piece).collect()
}

fn layer3_of(doc: &KeyfileDoc) -> Vec<Piece> {
    let mut found = of_groups(doc, keys::is_layer3_group);
    let own = doc.pairs().iter().filter(|pair| pair.group == "connection");
    for pair in own.filter(|pair| keys::is_layer3(&pair.group, &pair.key)) {
        let span = doc.span(doc.with_head(pair.line));
        let text = format!("[connection]\n{}", &doc.source()[span]);
        found.extend(pieces_of(&text));
    }
    found
}

fn of_groups(doc: &KeyfileDoc, is_meant: impl Fn(&str) -> bool) -> Vec<Piece> {
    let sections = doc
        .sections()
        .iter()
        .filter(|section| is_meant(&section.group));
    let texts = sections.map(|section| doc.text_of(section));
    texts.flat_map(|text| pieces_of(&text)).collect()
}
