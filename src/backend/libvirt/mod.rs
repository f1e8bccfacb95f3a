//! Lenses between libvirt's files and the model.
//!
//! Networks are in `network` (read) and `network_write`, guests in `domain` and `domain_write`; here is what both share:
//! folders, autostart links, what runs. Sources: libvirt's formatnetwork and formatdomain pages,
//! `virNetworkObjLoadAllConfigs()`, `virDomainObjListLoadAllConfigs()`, `virFileLinkPointsTo()`.

mod domain;
mod domain_write;
mod draft;
mod interface_write;
mod network;
mod network_edit;
mod network_write;
mod subnet_write;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::text::{broken_by, text};
use super::{EmitError, Emitter};
use crate::change::ChangeSet;
use crate::doc::SyntaxError;
use crate::doc::xml::XmlDoc;
use crate::host::guest::Guest;
use crate::host::network::Network;
use crate::host::{Broken, Host, Subject};
use crate::many;
use crate::tree::{Entry, HostPath, LinkEnd, Pick, Picker, Tree};

/// Where libvirt keeps its networks.
pub(super) const NETWORKS: &str = "/etc/libvirt/qemu/networks";
/// Where libvirt keeps its guests.
pub(super) const GUESTS: &str = "/etc/libvirt/qemu";
/// Links to the networks that are started with the host.
const AUTOSTART: &str = "/etc/libvirt/qemu/networks/autostart";
/// Links to the guests that are started with the host.
const GUESTS_AUTOSTART: &str = "/etc/libvirt/qemu/autostart";
/// A file for each active network.
const ACTIVE: &str = "/run/libvirt/network";
/// A file for each running guest.
const RUNNING: &str = "/run/libvirt/qemu";

/// Returns the folders that tell of networks.
pub(super) fn network_folders() -> Vec<(HostPath, Picker)> {
    vec![
        (HostPath::literal(NETWORKS), pick_xml),
        (HostPath::literal(AUTOSTART), pick_xml),
        (HostPath::literal(ACTIVE), |_| Pick::Note),
    ]
}

/// Returns the folders that tell of guests.
pub(super) fn guest_folders() -> Vec<(HostPath, Picker)> {
    vec![
        (HostPath::literal(GUESTS), pick_xml),
        (HostPath::literal(GUESTS_AUTOSTART), pick_xml),
        (HostPath::literal(RUNNING), |_| Pick::Note),
    ]
}

/// Only names that end in `.xml` are loaded.
pub(super) fn pick_xml(name: &str) -> Pick {
    if name.ends_with(".xml") {
        Pick::Read
    } else {
        Pick::Skip
    }
}

/// Returns the networks; with `word`, those whose file holds it.
pub(super) fn networks(tree: &Tree, word: Option<&str>) -> (Vec<Arc<Network>>, Vec<Broken>) {
    let (mut networks, broken) = read(tree, NETWORKS, word, network::read);
    let active = marked(tree, ACTIVE);
    for network in &mut networks {
        let origin = network.origin.as_ref();
        network.autostart =
            origin.is_some_and(|origin| starts(tree, AUTOSTART, &network.name, origin));
        network.active = active.contains(network.name.as_str());
    }
    (networks.into_iter().map(Arc::new).collect(), broken)
}

/// Returns the guests; with `word`, those whose file holds it.
pub(super) fn guests(tree: &Tree, word: Option<&str>) -> (Vec<Arc<Guest>>, Vec<Broken>) {
    let (mut guests, broken) = read(tree, GUESTS, word, domain::read);
    let running = marked(tree, RUNNING);
    for guest in &mut guests {
        guest.autostart = starts(tree, GUESTS_AUTOSTART, &guest.name, &guest.origin);
        guest.running = running.contains(guest.name.as_str());
    }
    (guests.into_iter().map(Arc::new).collect(), broken)
}

/// Returns whether the tree shows what runs.
pub(super) fn shows_running(tree: &Tree) -> bool {
    [ACTIVE, RUNNING]
        .iter()
        .any(|folder| tree.names(&HostPath::literal(folder)).next().is_some())
}

/// Returns whether the link of the network or guest `name` in `folder` leads to its file; only that one is looked at.
fn starts(tree: &Tree, folder: &'static str, name: &str, origin: &HostPath) -> bool {
    match tree.get(&link_in(folder, name)) {
        Some(Entry::Link {
            end: LinkEnd::At(end),
            ..
        }) => *end == tree.end_of(origin),
        Some(_) | None => false,
    }
}

fn link_in(folder: &'static str, name: &str) -> HostPath {
    let file = format!("{name}.xml");
    HostPath::literal(folder).join(&file)
}

/// Returns the names of the `*.xml` in a run-time folder.
fn marked<'t>(tree: &'t Tree, folder: &'static str) -> BTreeSet<&'t str> {
    tree.names(&HostPath::literal(folder))
        .filter_map(|(name, _)| name.strip_suffix(".xml"))
        .collect()
}

/// Why a document is no network or guest, and where.
struct Wrong {
    offset: usize,
    why: String,
}

impl Wrong {
    fn at(offset: usize, why: impl Into<String>) -> Self {
        Self {
            offset,
            why: why.into(),
        }
    }
}

/// Parses each `*.xml` in `folder` that holds `word`, if one is given; many of them in several threads.
fn read<T: Send>(
    tree: &Tree,
    folder: &'static str,
    word: Option<&str>,
    lens: fn(&HostPath, &XmlDoc<'_>) -> Result<T, Wrong>,
) -> (Vec<T>, Vec<Broken>) {
    let named: Vec<(&str, &HostPath)> = tree
        .names(&HostPath::literal(folder))
        .filter_map(|(name, path)| Some((name.strip_suffix(".xml")?, path)))
        .collect();
    let relevant = |bytes: &[u8]| {
        word.is_none_or(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
    };
    let subject = match folder {
        GUESTS => Subject::Guest,
        _ => Subject::Network,
    };
    let parsed = many::map(&named, |(about, path)| {
        if word.is_some() && tree.file(path).is_some_and(|file| !relevant(&file.bytes)) {
            return None;
        }
        let broken = |broken| Broken { subject, ..broken };
        Some(one(tree, path, about, lens).map_err(broken))
    });
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for result in parsed.into_iter().flatten() {
        match result {
            Ok(value) => found.push(value),
            Err(problem) => broken.push(problem),
        }
    }
    (found, broken)
}

fn one<T>(
    tree: &Tree,
    path: &HostPath,
    about: &str,
    lens: fn(&HostPath, &XmlDoc<'_>) -> Result<T, Wrong>,
) -> Result<T, Broken> {
    let text = text(tree, path, about)?;
    let broken = |error: &SyntaxError| broken_by(error, path, about);
    let doc = XmlDoc::parse(text).map_err(|error| broken(&error))?;
    lens(path, &doc).map_err(|wrong| broken(&SyntaxError::at(text, wrong.offset, wrong.why)))
}

/// Returns the `<name>` of a root element `kind`: the first one, as it stands (`virXPathString("string(./name[1])")`).
fn name_of(doc: &XmlDoc<'_>, kind: &str) -> Result<String, Wrong> {
    let root = doc.root();
    if root.name != kind {
        let why = format!(
            "the root element is `{}`, and libvirt wants `{kind}`",
            root.name
        );
        return Err(Wrong::at(root.span.start, why));
    }
    if root.foreign {
        return Err(Wrong::at(
            root.span.start,
            "a default namespace, in which libvirt finds no name",
        ));
    }
    match doc.child(0, "name") {
        // virDomainDefParseXML() and virNetworkDefParseXML() refuse both; as part of a path it would lead elsewhere
        Some((_, name)) if name.text.contains(['/', '\n']) => Err(Wrong::at(
            name.span.start,
            "a `<name>` with `/` or a line end, which libvirt refuses",
        )),
        Some((_, name)) if !name.text.is_empty() => Ok(name.text.to_string()),
        Some((_, name)) => Err(Wrong::at(name.span.start, "an empty `<name>`")),
        None => Err(Wrong::at(root.span.start, "there is no `<name>`")),
    }
}

/// Writes the networks and guests in which `after` differs from `before`.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    before: &Host,
    after: &Host,
) -> Result<(), EmitError> {
    network_write::all(emitter, before, after)?;
    domain_write::all(emitter, before, after)
}

/// The law PutGet: networks and guests that changed are read again.
pub(super) fn read_back(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    after: &Host,
) -> Result<(), Mismatch> {
    let written = |path: &HostPath| set.apply_to(&tree.only(std::slice::from_ref(path)));
    network_write::read_back(&written, before, after)?;
    domain_write::read_back(&written, before, after)
}

/// What does not say what was meant.
pub(super) struct Mismatch {
    /// The file.
    pub(super) path: HostPath,
    /// What it is about, such as "network lab".
    pub(super) about: String,
}

/// Returns what changed between two lists that share what did not.
fn pairs<'h, T>(
    before: impl Iterator<Item = &'h T>,
    after: &'h [Arc<T>],
    is_same: fn(&T, &T) -> bool,
    same_origin: fn(&T, &T) -> bool,
) -> Vec<(Option<&'h T>, &'h T)> {
    let before: Vec<&T> = before.collect();
    let old = |new: &T| before.iter().copied().find(|old| same_origin(old, new));
    // what is shared stands at the same place, or one further
    let shared = |index: usize, new: &T| {
        let near = before.iter().skip(index.saturating_sub(1)).take(3);
        near.into_iter().any(|old| std::ptr::eq(*old, new))
    };
    let changed = after.iter().map(Arc::as_ref).enumerate();
    changed
        .filter(|(index, new)| !shared(*index, new))
        .map(|(_, new)| (old(new), new))
        .filter(|(old, new)| !old.is_some_and(|old| is_same(old, new)))
        .collect()
}
