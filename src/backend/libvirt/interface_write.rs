//! Attaches the interface of a guest elsewhere: MAC address, model, PCI address and all else stay; what only the old type
//! of interface has, goes.
//!
//! Sources: `domaincommon.rng`, and what libvirtd 9.0.0 refuses to load: `virDomainNetDefParseXML()`,
//! `virNetDevBandwidthParse()`, `virNetDevVPortProfileParse()`.

use super::domain;
use super::draft::{Draft, place};
use crate::doc::xml::{Fragment, Step, XmlDoc};
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

/// Attaches the interface `ordinal` as `new` says.
pub(super) fn connect(
    draft: &mut Draft,
    ordinal: usize,
    old: &GuestInterface,
    new: &GuestInterface,
) {
    let mut interface = Interface { draft, ordinal };
    let kind = new.source.word();
    let retyped = old.source.word() != kind;
    if retyped {
        interface.change(|_, index| Some(Step::Set(index, "type", kind)));
        interface.drop_of_type(old.source.word());
    }
    interface.attach(&new.source, retyped);
    if old.virtualport != new.virtualport {
        let known = old.virtualport.as_deref();
        interface.virtualport(known, new.virtualport.as_deref());
    }
    if old.floor && !new.floor {
        interface.drop_floor();
    }
}

/// One interface in the draft of its guest.
struct Interface<'d> {
    draft: &'d mut Draft,
    ordinal: usize,
}

impl Interface<'_> {
    /// Makes the change that `step` finds to be needed, given the element of the interface.
    fn change<'a>(&mut self, step: impl FnOnce(&XmlDoc<'_>, usize) -> Option<Step<'a>>) {
        let ordinal = self.ordinal;
        self.draft.change(|doc| {
            let (index, _) = domain::elements(doc).nth(ordinal)?;
            step(doc, index)
        });
    }

    /// Makes changes until `step` finds none to be needed.
    fn change_all<'a>(&mut self, step: impl Fn(&XmlDoc<'_>, usize) -> Option<Step<'a>>) {
        let ordinal = self.ordinal;
        self.draft.change_all(|doc| {
            let (index, _) = domain::elements(doc).nth(ordinal)?;
            step(doc, index)
        });
    }

    /// Takes all elements of this name away.
    fn drop(&mut self, name: &str) {
        self.change_all(|doc, index| Some(Step::Remove(doc.child(index, name)?.0)));
    }

    /// Makes the `<source>` name what the interface is attached to; one of another type loses all else.
    fn attach(&mut self, to: &Source, retyped: bool) {
        let fragment = source(to);
        self.change(|doc, index| match doc.child(index, "source") {
            Some(_) => None,
            None => Some(Step::Insert(place(doc, index, ORDER, "source"), &fragment)),
        });
        let wanted = attributes(to);
        // those that are there give the new ones their quotes, so add before taking away
        for (name, value) in &wanted {
            self.change(|doc, index| {
                let (source, element) = doc.child(index, "source")?;
                let there = element.value(name) == Some(value);
                (!there).then_some(Step::Set(source, name, value))
            });
        }
        let goes = |name: &str| {
            let stays = wanted.iter().any(|(wanted, _)| *wanted == name);
            !stays && (retyped || OF_SOURCE.contains(&name))
        };
        self.drop_attributes(&["source"], goes);
        if retyped {
            self.empty_source();
        }
    }

    /// Takes attributes of the element at the end of `path` away.
    fn drop_attributes(&mut self, path: &[&str], goes: impl Fn(&str) -> bool) {
        self.draft_names(path)
            .iter()
            .filter(|name| goes(name))
            .for_each(|name| {
                self.change(|doc, index| Some(Step::Unset(inner(doc, index, path)?, name)));
            });
    }

    /// Returns the names of the attributes of the element at the end of `path`.
    fn draft_names(&mut self, path: &[&str]) -> Vec<String> {
        let mut names = Vec::new();
        self.change(|doc, index| {
            let attributes = &doc.elements()[inner(doc, index, path)?].attributes;
            names.extend(
                attributes
                    .iter()
                    .map(|attribute| attribute.name.to_string()),
            );
            None
        });
        names
    }

    fn empty_source(&mut self) {
        let mut full = false;
        self.change(|doc, index| {
            let (source, _) = doc.child(index, "source")?;
            full = doc.children(source).next().is_some();
            None
        });
        if !full {
            return;
        }
        self.change_all(|doc, index| {
            let (source, _) = doc.child(index, "source")?;
            Some(Step::Remove(doc.children(source).next()?.0))
        });
        self.change(|doc, index| Some(Step::Close(doc.child(index, "source")?.0)));
    }

    /// Takes away what libvirt accepts, or what makes sense, on interfaces of type `kind` alone.
    fn drop_of_type(&mut self, kind: &str) {
        self.change(|_, index| Some(Step::Unset(index, "managed")));
        // a tap that somebody else makes is not libvirt's to make
        self.change(|doc, index| {
            let (target, element) = doc.child(index, "target")?;
            match element.value("managed")? {
                "no" => Some(Step::Remove(target)),
                _ => Some(Step::Unset(target, "managed")),
            }
        });
        let own: &[&str] = match kind {
            "hostdev" => &["driver"],
            "user" | "vhostuser" => &["backend", "portForward", "ip", "route"],
            "ethernet" => &["script", "downscript", "ip", "route"],
            _ => &[],
        };
        for name in own {
            self.drop(name);
        }
    }

    /// Gives the interface the kind of virtual port that its switch needs, or none.
    fn virtualport(&mut self, old: Option<&str>, new: Option<&str>) {
        let Some(kind) = new else {
            return self.drop("virtualport");
        };
        if old == Some("") {
            // its network told the type until now
            self.change(|doc, index| {
                Some(Step::Set(doc.child(index, "virtualport")?.0, "type", kind))
            });
            self.drop_attributes(&["virtualport", "parameters"], |name| {
                !OF_OVS.contains(&name)
            });
            return;
        }
        self.drop("virtualport");
        let fragment = Fragment::new("virtualport").with("type", kind);
        self.change(|doc, index| {
            let place = place(doc, index, ORDER, "virtualport");
            Some(Step::Insert(place, &fragment))
        });
    }

    /// Takes the floor of the bandwidth away; without an average there is nothing left of the element.
    fn drop_floor(&mut self) {
        self.change(|doc, index| {
            let inbound = domain::floor(doc, index)?;
            match doc.elements()[inbound].attribute("average") {
                Some(_) => Some(Step::Unset(inbound, "floor")),
                None => Some(Step::Remove(inbound)),
            }
        });
    }
}

/// Returns the element at the end of `path`.
fn inner(doc: &XmlDoc<'_>, index: usize, path: &[&str]) -> Option<usize> {
    path.iter().try_fold(index, |parent, name| {
        doc.child(parent, name).map(|(index, _)| index)
    })
}
