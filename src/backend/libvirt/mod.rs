//! Lenses between libvirt's files and the model.
//!
//! Networks are in `network` (read) and `network_write`, guests in `domain` and `domain_write`; here is what both share:
//! folders, autostart links, what runs. Sources: libvirt's formatnetwork and formatdomain pages,
//! `virNetworkObjLoadAllConfigs()`, `virDomainObjListLoadAllConfigs()`, `virFileLinkPointsTo()`.

mod addresses;
mod conserve;
mod domain;
mod domain_write;
mod draft;
mod hanging;
mod interface_write;
mod judge;
mod live;
mod losses;
mod network;
mod network_edit;
mod network_write;
mod order;
mod plain;
mod sought;
mod subnet_write;
mod tags;
mod updates;

pub use addresses::addresses_in;
pub use losses::{Loss, Losses, Lost, losses};
pub use updates::{InterfaceUpdate, NetworkUpdate, interface_updates, network_updates};

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub(super) use conserve::conserves;
pub(crate) use hanging::guests_on;
pub(crate) use live::add_what_runs;
pub(super) use live::{active_networks, running, running_guests};
pub(super) use sought::Sought;

use super::text::{broken_by, text_in};
use super::violation::{Law, Violation};
use super::{EmitError, Emitter};
use crate::change::ChangeSet;
use crate::doc::SyntaxError;
use crate::doc::xml::XmlDoc;
use crate::host::guest::Guest;
use crate::host::network::{Faults, Network, Uuid};
use crate::host::{Broken, Cause, Host, Subject};
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
pub(super) const ACTIVE: &str = "/run/libvirt/network";
/// A file for each running guest.
pub(super) const RUNNING: &str = "/run/libvirt/qemu";

/// Returns the folders that tell of networks.
pub(super) fn network_folders() -> Vec<(HostPath, Picker)> {
    vec![
        (HostPath::literal(NETWORKS), pick_xml),
        (HostPath::literal(AUTOSTART), pick_xml),
        (HostPath::literal(ACTIVE), |_| Pick::Note),
    ]
}

/// Returns the folders that tell of guests; with `live`, those that run are read as well.
pub(super) fn guest_folders(live: bool) -> Vec<(HostPath, Picker)> {
    let running: Picker = match live {
        true => |name| match name.ends_with(".xml") {
            true => Pick::Read,
            false => Pick::Note,
        },
        false => |_| Pick::Note,
    };
    vec![
        (HostPath::literal(GUESTS), pick_xml),
        (HostPath::literal(GUESTS_AUTOSTART), pick_xml),
        (HostPath::literal(RUNNING), running),
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

/// Returns the networks; with `sought`, those whose file holds it. What is `known` is not read again.
pub(super) fn networks(
    tree: &Tree,
    sought: Option<&Sought<'_>>,
    known: &Known<'_>,
) -> (Vec<Arc<Network>>, Vec<Broken>) {
    let old = known.unchanged(tree, known.host.networks.iter(), |n| n.origin.as_ref());
    let (mut networks, broken) = read(tree, NETWORKS, sought, &old, network::read);
    let (active, links) = (marked(tree, ACTIVE), links(tree, AUTOSTART));
    for network in &mut networks {
        let origin = network.origin.as_ref();
        let autostart = origin.is_some_and(|origin| starts(tree, &links, &network.name, origin));
        let active = active.contains(network.name.as_str());
        if (network.autostart, network.active) != (autostart, active) {
            let network = Arc::make_mut(network);
            (network.autostart, network.active) = (autostart, active);
        }
    }
    (networks, broken)
}

/// Returns the guests; with `sought`, those whose file holds it. What is `known` is not read again.
pub(super) fn guests(
    tree: &Tree,
    sought: Option<&Sought<'_>>,
    known: &Known<'_>,
) -> (Vec<Arc<Guest>>, Vec<Broken>) {
    let old = known.unchanged(tree, known.host.guests.iter(), |guest| Some(&guest.origin));
    let (mut guests, broken) = read(tree, GUESTS, sought, &old, domain::read);
    let (running, links) = (marked(tree, RUNNING), links(tree, GUESTS_AUTOSTART));
    for guest in &mut guests {
        let autostart = starts(tree, &links, &guest.name, &guest.origin);
        let running = running.contains(guest.name.as_str());
        if (guest.autostart, guest.running) != (autostart, running) {
            let guest = Arc::make_mut(guest);
            (guest.autostart, guest.running) = (autostart, running);
        }
    }
    (guests, broken)
}

/// What was read before a change, and the change.
pub(super) struct Known<'h> {
    pub(super) host: &'h Host,
    pub(super) set: &'h ChangeSet,
}

impl Known<'_> {
    /// Returns those of `items` whose file is as it was, by file.
    fn unchanged<'i, T>(
        &self,
        tree: &Tree,
        items: impl Iterator<Item = &'i Arc<T>>,
        origin: fn(&T) -> Option<&HostPath>,
    ) -> BTreeMap<&'i HostPath, &'i Arc<T>> {
        let changed = |path: &HostPath| {
            self.set.get(&tree.end_of(path)).is_some() || self.set.get(&tree.real(path)).is_some()
        };
        items
            .filter_map(|item| Some((origin(item)?, item)))
            .filter(|(path, _)| !changed(path))
            .collect()
    }
}

/// Returns whether the tree shows what runs.
pub(super) fn shows_running(tree: &Tree) -> bool {
    [ACTIVE, RUNNING]
        .iter()
        .any(|folder| tree.names(&HostPath::literal(folder)).next().is_some())
}

/// Returns where the links in `folder` lead, by name.
fn links<'t>(tree: &'t Tree, folder: &'static str) -> HashMap<&'t str, &'t HostPath> {
    let listed = tree.listed(&HostPath::literal(folder));
    let end = |(name, _, entry): (&'t str, _, &'t Entry)| match entry {
        Entry::Link {
            end: LinkEnd::At(end),
            ..
        } => Some((name, end)),
        Entry::Link { .. }
        | Entry::File(_)
        | Entry::Unread
        | Entry::Other(_)
        | Entry::Unreadable(_) => None,
    };
    listed.filter_map(end).collect()
}

/// Returns whether the link of the network or guest `name` leads to its file; only that one is looked at.
fn starts(tree: &Tree, links: &HashMap<&str, &HostPath>, name: &str, origin: &HostPath) -> bool {
    if links.is_empty() {
        return false;
    }
    let end = links.get(link_name(name).as_str());
    end.is_some_and(|end| **end == tree.end_of(origin))
}

fn link_name(name: &str) -> String {
    format!("{name}.xml")
}

fn link_in(folder: &'static str, name: &str) -> HostPath {
    HostPath::literal(folder).join(&link_name(name))
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

/// Parses each `*.xml` in `folder` that holds what is `sought`, if that is given; many of them in several threads.
fn read<T: Send + Sync>(
    tree: &Tree,
    folder: &'static str,
    sought: Option<&Sought<'_>>,
    known: &BTreeMap<&HostPath, &Arc<T>>,
    lens: Lens<T>,
) -> (Vec<Arc<T>>, Vec<Broken>) {
    let named: Vec<(&str, &HostPath, &Entry)> = tree
        .listed(&HostPath::literal(folder))
        .filter_map(|(name, path, entry)| Some((name.strip_suffix(".xml")?, path, entry)))
        .collect();
    let subject = match folder {
        GUESTS => Subject::Guest,
        _ => Subject::Network,
    };
    let judge = judge_of(subject);
    let parsed = many::map(&named, |(about, path, entry)| {
        if let (Some(sought), Some(file)) = (sought, tree.file_in(entry))
            && !sought.is_in(&file.bytes)
        {
            return None;
        }
        if let Some(known) = known.get(path) {
            return Some(Ok(Arc::clone(known)));
        }
        let broken = |broken| Broken { subject, ..broken };
        Some(
            one(tree, path, Some(entry), about, (lens, judge))
                .map(Arc::new)
                .map_err(broken),
        )
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
    entry: Option<&Entry>,
    about: &str,
    (lens, judge): (Lens<T>, Judge),
) -> Result<T, Broken> {
    let text = text_in(tree, path, entry, about).map_err(|broken| match declares(tree, path) {
        true => broken,
        // libxml2 takes a file that declares no encoding for UTF-8
        false if broken.line.is_some() => Broken {
            cause: Cause::Fault,
            ..broken
        },
        false => broken,
    })?;
    let broken = |error: &SyntaxError| broken_by(error, path, about);
    let doc = XmlDoc::parse(text).map_err(|error| broken(&error))?;
    lens(path, &doc).map_err(|wrong| match judge(&doc).refused() {
        Some(fault) => broken(&SyntaxError::at(text, fault.span.start, &*fault.why)),
        // libvirt takes what the model has no word for
        None => broken(&SyntaxError::at(text, wrong.offset, wrong.why).beyond()),
    })
}

/// What a document says.
type Lens<T> = fn(&HostPath, &XmlDoc<'_>) -> Result<T, Wrong>;

/// What libvirt makes of a document.
type Judge = fn(&XmlDoc<'_>) -> Faults;

fn judge_of(subject: Subject) -> Judge {
    match subject {
        Subject::Guest => judge::guest,
        Subject::Network | Subject::Interface | Subject::Leases => judge::network,
    }
}

/// Returns what libvirt makes of the file at `path` that is about a network or guest, whether the model can hold it or not;
/// `None` where it is no XML.
#[must_use]
pub fn judged(tree: &Tree, path: &HostPath, subject: Subject) -> Option<Faults> {
    let text = str::from_utf8(&tree.file(path)?.bytes).ok()?;
    let doc = XmlDoc::parse(text).ok()?;
    Some(judge_of(subject)(&doc))
}

/// Returns whether a file declares its encoding.
fn declares(tree: &Tree, path: &HostPath) -> bool {
    let head = tree
        .file(path)
        .map(|file| &file.bytes[..file.bytes.len().min(200)]);
    head.is_some_and(|head| {
        let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
        utf16 || memchr::memmem::find(head, b"encoding").is_some()
    })
}

/// Returns the `<name>` of a root element `kind`: the first one, as it stands (`virXPathString("string(./name[1])")`).
fn name_of(doc: &XmlDoc<'_>, kind: &str) -> Result<String, Wrong> {
    let root = doc.root();
    if root.name != kind {
        let why = format!(
            "the root element is `{}`, and libvirt expects `{kind}`",
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

/// Returns the `<uuid>` of a network or guest, in any of the spellings that libvirt takes (`virUUIDParse()`).
fn uuid(doc: &XmlDoc<'_>) -> Result<Option<Uuid>, Wrong> {
    let Some((_, element)) = doc.child(0, "uuid") else {
        return Ok(None);
    };
    let digits: String = element
        .text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let plain = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match Uuid::parse_str(&digits) {
        Ok(uuid) if plain => Ok(Some(uuid)),
        Ok(_) | Err(_) => Err(Wrong::at(element.span.start, "a malformed `<uuid>`")),
    }
}

/// Returns the line of the first element `name` in the root.
fn line_of(doc: &XmlDoc<'_>, name: &str) -> Option<u32> {
    doc.child(0, name)
        .map(|(_, element)| doc.line(element.span.start))
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
) -> Result<(), Violation> {
    let written = |path: &HostPath| {
        let set = set.only(&[tree.end_of(path), tree.real(path)]);
        set.apply_to(&tree.only(std::slice::from_ref(path)))
    };
    network_write::read_back(&written, before, after)?;
    domain_write::read_back(&written, before, after)
}

/// Returns what says that a file does not say what was meant.
fn mismatch(path: HostPath, about: String) -> Violation {
    Violation {
        law: Law::PutGet,
        path,
        line: None,
        about,
    }
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
