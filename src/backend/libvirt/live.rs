//! What runs, as libvirt notes it: `/run/libvirt/qemu/GUEST.xml` holds the guest as it is now, which may differ from its file,
//! and `/run/libvirt/network/NETWORK.xml` the network.
//!
//! Source: `virNetworkObjFormat()` (`<networkstatus>` with the `<network>`) in conf/virnetworkobj.c; `virDomainObjFormat()` (`<domstatus>` with the `<domain>`) and `virDomainActualNetDefFormat()` in libvirt's
//! conf/domain_conf.c: an interface on a network has `<actual>`, with what it got there. These files are libvirt's own; what is
//! odd in one tells nothing, and hinders nothing.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use memchr::memmem;

use super::sought::Sought;
use super::{ACTIVE, RUNNING, Wrong, domain, network};
use crate::doc::xml::{Element, XmlDoc};
use crate::host::Host;
use crate::host::guest::{Guest, Link, Running, Source};
use crate::host::network::Network;
use crate::tree::{HostPath, Tree};

/// Returns the guests that run, as far as the tree tells how; with `sought`, of one whose file holds nothing of it, just that.
pub(in crate::backend) fn running(tree: &Tree, sought: Option<&Sought<'_>>) -> Vec<Running> {
    let listed = tree.listed(&HostPath::literal(RUNNING));
    let running = listed.filter_map(|(name, path, entry)| {
        let bytes = &tree.file_in(entry)?.bytes;
        // an empty one, or one that is no such file, does not tell
        memmem::find(bytes, b"</domstatus>")?;
        Some(Running {
            name: name.strip_suffix(".xml")?.to_owned(),
            at: path.clone(),
            links: match sought.is_none_or(|sought| sought.is_in(bytes)) {
                true => links(bytes)?,
                false => Vec::new(),
            },
        })
    });
    running.collect()
}

/// Returns the active networks by name, each as it is in use; nothing where that is not told.
pub(in crate::backend) fn active_networks(tree: &Tree) -> BTreeMap<String, Option<Network>> {
    inner(tree, ACTIVE, "network", network::read, |_| true)
}

/// Returns the running guests by name, each as it runs; nothing where that is not told.
pub(in crate::backend) fn running_guests(tree: &Tree) -> BTreeMap<String, Option<Guest>> {
    inner(tree, RUNNING, "domain", domain::read, |_| true)
}

/// Adds to a host what runs and has no file beneath /etc, since it is gone when it stops, and the states of guests that are on and not
/// running; what is listed in [`ACTIVE`] and [`RUNNING`] was read.
pub(crate) fn add_what_runs(tree: &Tree, host: &mut Host) {
    let known: HashSet<&str> = host.networks().map(|network| &*network.name).collect();
    let transient = inner(tree, ACTIVE, "network", network::read, |name| {
        !known.contains(name)
    });
    // one under the name of another tells nothing
    let networks = transient.into_iter().filter_map(|(name, network)| {
        let mut network = network.filter(|network| network.name == name)?;
        network.active = true;
        Some(Arc::new(network))
    });
    let networks: Vec<Arc<Network>> = networks.collect();
    let known: HashSet<&str> = host.guests().map(|guest| &*guest.name).collect();
    let transient = inner(tree, RUNNING, "domain", domain::read, |name| {
        !known.contains(name)
    });
    let guests = transient.into_iter().filter_map(|(name, guest)| {
        let mut guest = guest.filter(|guest| guest.name == name)?;
        guest.running = true;
        Some(Arc::new(guest))
    });
    let guests: Vec<Arc<Guest>> = guests.collect();
    host.networks.extend(networks);
    host.guests.extend(guests);
    let listed = tree.listed(&HostPath::literal(RUNNING));
    let states = listed.filter_map(|(name, _, entry)| {
        let state = state(&tree.file_in(entry)?.bytes)?;
        Some((name.strip_suffix(".xml")?.to_owned(), state))
    });
    host.states = states.collect();
}

/// States of a guest that is on, and the words that virsh has for them; a running one has none.
///
/// Source: `virDomainState` in conf/domain_conf.c, `virshDomainState` in tools/virsh-domain-monitor.c.
const STATES: &[(&str, &str)] = &[
    ("nostate", "no state"),
    ("blocked", "idle"),
    ("paused", "paused"),
    ("shutdown", "in shutdown"),
    ("shutoff", "shut off"),
    ("crashed", "crashed"),
    ("pmsuspended", "pmsuspended"),
];

/// Returns the state that the file of a guest begins with; nothing of one that is running.
fn state(bytes: &[u8]) -> Option<&'static str> {
    let from = memmem::find(bytes, b"<domstatus")?;
    let text = bytes.get(from..)?;
    let end = memchr::memchr(b'>', text)?;
    let tag = str::from_utf8(&text[..end]).ok()?;
    let (_, value) = tag.split_once("state=")?;
    let quote = value.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    let word = value[1..].split(quote).next()?;
    let mut states = STATES.iter();
    states
        .find(|(state, _)| *state == word)
        .map(|(_, said)| *said)
}

/// Reads the element `kind` in each file of a run-time folder whose name is `wanted`.
fn inner<T>(
    tree: &Tree,
    folder: &'static str,
    kind: &str,
    read: fn(&HostPath, &XmlDoc<'_>) -> Result<T, Wrong>,
    wanted: impl Fn(&str) -> bool,
) -> BTreeMap<String, Option<T>> {
    let of_one = |path: &HostPath, bytes: &[u8]| {
        let doc = XmlDoc::parse(str::from_utf8(bytes).ok()?).ok()?;
        let (_, element) = doc.child(0, kind)?;
        let inner = XmlDoc::parse(doc.source().get(element.span.clone())?).ok()?;
        read(path, &inner).ok()
    };
    let listed = tree.listed(&HostPath::literal(folder));
    let listed = listed.filter_map(|(name, path, entry)| {
        let name = name.strip_suffix(".xml").filter(|name| wanted(name))?;
        let file = tree.file_in(entry);
        let read = file.and_then(|file| of_one(path, &file.bytes));
        Some((name.to_owned(), read))
    });
    listed.collect()
}

fn links(bytes: &[u8]) -> Option<Vec<Link>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let doc = XmlDoc::parse(text).ok()?;
    let (domain, _) = doc.child(0, "domain")?;
    let found = domain::elements(&doc, domain).map(|(index, element)| link(&doc, index, element));
    Some(found.flatten().collect())
}

/// Returns what an interface is attached to: what it got, where it says so.
fn link(doc: &XmlDoc<'_>, index: usize, element: &Element<'_>) -> Option<Link> {
    let (index, element) = doc.child(index, "actual").unwrap_or((index, element));
    let (_, source) = doc.child(index, "source")?;
    let named = |attribute: &str| source.value(attribute).map(str::to_owned);
    let found = match element.value("type")? {
        "direct" => Source::Device(named("dev")?),
        "bridge" => Source::Bridge(named("bridge")?),
        _ => return None,
    };
    Some(Link {
        source: found,
        line: doc.line(source.span.start),
    })
}
