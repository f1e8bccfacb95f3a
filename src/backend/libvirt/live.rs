//! What runs, as libvirt notes it: `/run/libvirt/qemu/GUEST.xml` holds the guest as it is now, which may differ from its file,
//! and `/run/libvirt/network/NETWORK.xml` the network.
//!
//! Source: `virNetworkObjFormat()` (`<networkstatus>` with the `<network>`) in conf/virnetworkobj.c; `virDomainObjFormat()` (`<domstatus>` with the `<domain>`) and `virDomainActualNetDefFormat()` in libvirt's
//! conf/domain_conf.c: an interface on a network has `<actual>`, with what it got there. These files are libvirt's own; what is
//! odd in one tells nothing, and hinders nothing.

use std::collections::BTreeMap;

use memchr::memmem;

use super::sought::Sought;
use super::{ACTIVE, RUNNING, Wrong, domain, network};
use crate::doc::xml::{Element, XmlDoc};
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
    inner(tree, ACTIVE, "network", network::read)
}

/// Returns the running guests by name, each as it runs; nothing where that is not told.
pub(in crate::backend) fn running_guests(tree: &Tree) -> BTreeMap<String, Option<Guest>> {
    inner(tree, RUNNING, "domain", domain::read)
}

/// Reads the element `kind` in each file of a run-time folder.
fn inner<T>(
    tree: &Tree,
    folder: &'static str,
    kind: &str,
    read: fn(&HostPath, &XmlDoc<'_>) -> Result<T, Wrong>,
) -> BTreeMap<String, Option<T>> {
    let of_one = |path: &HostPath, bytes: &[u8]| {
        let doc = XmlDoc::parse(str::from_utf8(bytes).ok()?).ok()?;
        let (_, element) = doc.child(0, kind)?;
        let inner = XmlDoc::parse(doc.source().get(element.span.clone())?).ok()?;
        read(path, &inner).ok()
    };
    let listed = tree.listed(&HostPath::literal(folder));
    let listed = listed.filter_map(|(name, path, entry)| {
        let read = tree
            .file_in(entry)
            .and_then(|file| of_one(path, &file.bytes));
        Some((name.strip_suffix(".xml")?.to_owned(), read))
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
