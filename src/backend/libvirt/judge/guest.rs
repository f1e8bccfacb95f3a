//! Guests, as far as their interfaces are concerned.
//!
//! Source: `virDomainDefParseXML()` in conf/domain_conf.c, which looks for `./devices/interface`.

use super::found::Found;
use super::page::Node;
use super::unknown::unknown;
use super::{document, form};

/// Judges a guest.
pub(super) fn guest(root: Node<'_>, found: &mut Found) {
    if !document::head(&root, "domain", found) {
        return;
    }
    for interface in root
        .all("devices")
        .flat_map(|devices| devices.all("interface"))
    {
        unknown(&interface, form::interface(), form::interface(), found);
    }
}
