//! Attaches the interface of a guest elsewhere: MAC address, model, PCI address and all else stay; what only the old type
//! of interface has, goes.
//!
//! Sources: `domaincommon.rng`, and what libvirtd 9.0.0 refuses to load: `virDomainNetDefParseXML()`,
//! `virNetDevBandwidthParse()`, `virNetDevVPortProfileParse()`.

use std::collections::BTreeSet;

use super::domain;
use super::draft::{Draft, place};
use crate::doc::xml::{Editing, Fragment, XmlDoc};
use crate::host::guest::{GuestInterface, Source};

/// How libvirt orders what is in an interface, as far as it is put in here.
const ORDER: &[&str] = &["mac", "source", "vlan", "virtualport", "model"];

/// Attributes of a `<source>` that say what it is attached to, those of run time included.
const OF_SOURCE: &[&str] = &["network", "portgroup", "portid", "bridge", "dev", "mode"];

/// Attributes of the `<parameters>` of a virtual port that Open vSwitch takes.
const OF_OVS: &[&str] = &["interfaceid", "profileid"];

/// The attributes of a `<source>`.
fn attributes(source: &Source) -> Vec<(&'static str, &str)> {
    match source {
        Source::Network { name, portgroup } => {
            let group = portgroup.as_deref().map(|group| ("portgroup", group));
            std::iter::once(("network", name.as_str()))
                .chain(group)
                .collect()
        }
        Source::Bridge(name) => vec![("bridge", name)],
        Source::Device(name) => vec![("dev", name)],
        Source::Other(_) => Vec::new(),
    }
}

/// Returns a new `<source>`.
pub(super) fn source(source: &Source) -> Fragment {
    let attributes = attributes(source).into_iter();
    attributes.fold(Fragment::new("source"), |source, (name, value)| {
        source.with(name, value)
    })
}

/// An interface that changes: the how many-th of its guest it is, what it was and what it becomes.
pub(super) type Change<'g> = (usize, &'g GuestInterface, &'g GuestInterface);

/// Attaches interfaces of a guest as they shall be; each step is made on all of them at once.
pub(super) fn connect(draft: &mut Draft, changes: &[Change<'_>]) {
    let mut each = |step: &mut dyn FnMut(&mut Interface<'_, '_>)| {
        draft.change(|doc, editing| {
            let elements: Vec<usize> = domain::elements(doc, 0).map(|(index, _)| index).collect();
            for (ordinal, old, new) in changes {
                if let Some(&index) = elements.get(*ordinal) {
                    step(&mut Interface {
                        doc,
                        editing,
                        index,
                        old,
                        new,
                    });
                }
            }
        });
    };
    each(&mut |interface| interface.retype());
    each(&mut |interface| interface.give_source());
    each(&mut |interface| interface.set_source());
    each(&mut |interface| interface.clean_source());
    let mut emptied = BTreeSet::new();
    each(&mut |interface| emptied.extend(interface.empty_source()));
    each(&mut |interface| interface.close_source(&emptied));
    each(&mut |interface| interface.drop_virtualport());
    each(&mut |interface| interface.give_virtualport());
    each(&mut |interface| interface.drop_floor());
}

/// One interface in the draft of its guest.
struct Interface<'e, 'd> {
    doc: &'e XmlDoc<'e>,
    editing: &'e mut Editing<'d>,
    /// Its element.
    index: usize,
    old: &'e GuestInterface,
    new: &'e GuestInterface,
}

impl Interface<'_, '_> {
    fn retyped(&self) -> bool {
        self.old.source.word() != self.new.source.word()
    }

    /// Returns the element at the end of `path`.
    fn inner(&self, path: &[&str]) -> Option<usize> {
        path.iter().try_fold(self.index, |parent, name| {
            self.doc.child(parent, name).map(|(index, _)| index)
        })
    }

    /// Takes all elements of this name away.
    fn drop(&mut self, name: &str) {
        for (index, _) in self.doc.named(self.index, name) {
            self.editing.remove(index);
        }
    }

    /// Gives the interface its type, and takes away what libvirt accepts, or what makes sense, on the old one alone.
    fn retype(&mut self) {
        if !self.retyped() {
            return;
        }
        self.editing.set(self.index, "type", self.new.source.word());
        self.editing.unset(self.index, "managed");
        // a tap that somebody else makes is not libvirt's to make
        if let Some((target, element)) = self.doc.child(self.index, "target") {
            match element.value("managed") {
                Some("no") => self.editing.remove(target),
                Some(_) | None => self.editing.unset(target, "managed"),
            }
        }
        let own: &[&str] = match self.old.source.word() {
            "hostdev" => &["driver"],
            "user" | "vhostuser" => &["backend", "portForward", "ip", "route"],
            "ethernet" => &["script", "downscript", "ip", "route"],
            _ => &[],
        };
        for name in own {
            self.drop(name);
        }
    }

    fn give_source(&mut self) {
        if self.inner(&["source"]).is_none() {
            let place = place(self.doc, self.index, ORDER, "source");
            self.editing.insert(place, &source(&self.new.source));
        }
    }

    /// Makes the `<source>` name what the interface is attached to.
    fn set_source(&mut self) {
        let Some((index, element)) = self.doc.child(self.index, "source") else {
            return;
        };
        for (name, value) in attributes(&self.new.source) {
            if element.value(name) != Some(value) {
                self.editing.set(index, name, value);
            }
        }
    }

    /// Takes away what the `<source>` named before; those that are there gave the new ones their quotes.
    fn clean_source(&mut self) {
        let (wanted, retyped) = (attributes(&self.new.source), self.retyped());
        let shared = self.new.mode.is_some();
        self.drop_attributes(&["source"], |name| {
            let stays =
                wanted.iter().any(|(wanted, _)| *wanted == name) || shared && name == "mode";
            !stays && (retyped || OF_SOURCE.contains(&name))
        });
    }

    /// Takes attributes of the element at the end of `path` away.
    fn drop_attributes(&mut self, path: &[&str], goes: impl Fn(&str) -> bool) {
        let Some(index) = self.inner(path) else {
            return;
        };
        for attribute in &self.doc.elements()[index].attributes {
            if goes(attribute.name) {
                self.editing.unset(index, attribute.name);
            }
        }
    }

    /// Empties the `<source>` of an interface of another type; returns the interface if there was something in it.
    fn empty_source(&mut self) -> Option<usize> {
        let source = self.inner(&["source"]).filter(|_| self.retyped())?;
        let mut full = None;
        for (index, _) in self.doc.children(source) {
            self.editing.remove(index);
            full = self.new.spot.ordinal;
        }
        full
    }

    fn close_source(&mut self, emptied: &BTreeSet<usize>) {
        let source = self.inner(&["source"]);
        let is_emptied = |ordinal: usize| emptied.contains(&ordinal);
        if let Some(source) = source.filter(|_| self.new.spot.ordinal.is_some_and(is_emptied)) {
            self.editing.close(source);
        }
    }

    /// Returns whether the interface gets another kind of virtual port, or none.
    fn other_port(&self) -> bool {
        self.old.virtualport != self.new.virtualport
    }

    /// Returns whether the network of the interface told the type of its virtual port until now.
    fn port_without_type(&self) -> bool {
        self.old.virtualport.as_deref() == Some("")
    }

    /// Takes the virtual port away, or completes one without a type.
    fn drop_virtualport(&mut self) {
        if !self.other_port() {
            return;
        }
        let Some(kind) = self
            .new
            .virtualport
            .as_deref()
            .filter(|_| self.port_without_type())
        else {
            return self.drop("virtualport");
        };
        if let Some(port) = self.inner(&["virtualport"]) {
            self.editing.set(port, "type", kind);
        }
        self.drop_attributes(&["virtualport", "parameters"], |name| {
            !OF_OVS.contains(&name)
        });
    }

    /// Gives the interface the kind of virtual port that its switch needs.
    fn give_virtualport(&mut self) {
        if !self.other_port() || self.port_without_type() {
            return;
        }
        if let Some(kind) = &self.new.virtualport {
            let place = place(self.doc, self.index, ORDER, "virtualport");
            let fragment = Fragment::new("virtualport").with("type", kind);
            self.editing.insert(place, &fragment);
        }
    }

    /// Takes the floor of the bandwidth away; without an average there is nothing left of the element.
    fn drop_floor(&mut self) {
        let goes = self.old.floor && !self.new.floor;
        let inbound = domain::floor(self.doc, self.index).filter(|_| goes);
        match inbound {
            Some(inbound) if self.doc.elements()[inbound].attribute("average").is_some() => {
                self.editing.unset(inbound, "floor");
            }
            Some(inbound) => self.editing.remove(inbound),
            None => {}
        }
    }
}
