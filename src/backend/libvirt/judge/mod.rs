//! What libvirt makes of a file: what it refuses to load, what it loads and neither defines again nor starts, and what it
//! passes over in silence.
//!
//! Each part of a file has its module here, which names the function of libvirt's that it follows, check by check. What a
//! module tells was seen with libvirt 9.0 (`tests/daemons/verdicts.rs` and `guest_verdicts.rs` ask it again); where a later version takes
//! more, the finding says from which on.

mod addresses;
mod define;
mod device;
mod dns;
mod document;
mod form;
mod forward;
mod found;
mod guest;
mod interface;
mod judged;
mod length;
mod near;
mod network;
mod page;
mod parts;
mod route;
mod source;
mod start;
mod subnet;
mod unknown;
mod validate;
mod values;
mod virtualport;

use std::net::IpAddr;

use crate::doc::xml::XmlDoc;
use crate::host::network::Faults;
use found::Found;
use page::Page;

/// Returns what libvirt does not take of a network's file.
pub(super) fn network(doc: &XmlDoc<'_>) -> Faults {
    let page = Page::of(doc);
    let mut found = Found::default();
    network::network(page.root(), &mut found);
    found.faults()
}

/// Returns what libvirt does not take of a guest's file, as far as it is about its interfaces.
pub(super) fn guest(doc: &XmlDoc<'_>) -> Faults {
    let page = Page::of(doc);
    let mut found = Found::default();
    guest::guest(page.root(), &mut found);
    found.faults()
}

/// Returns the address that libvirt reads in `text`.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    values::address(text, values::Family::Any)
}
