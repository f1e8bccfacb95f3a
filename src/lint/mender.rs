//! What mends findings works on: the sight, and what is made of it once for all findings.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use super::rules::meaning::device;
use super::rules::meaning::overlap::Taken;
use super::{Fix, Sight};
use crate::backend::keyfile;
use crate::doc::xml::{Editing, XmlDoc};
use crate::host::guest::Guest;
use crate::host::invent::Inventor;
use crate::host::network::Network;
use crate::host::profile::Profile;
use crate::tree::HostPath;

/// What mends findings works on.
#[derive(Debug)]
pub struct Mender<'t> {
    sight: &'t Sight<'t>,
    /// Values that nobody gave.
    pub(super) inventor: RefCell<Inventor<'t>>,
    /// The document that was asked for last: findings come by file.
    last: RefCell<Option<Rc<Document<'t>>>>,
    taken: OnceCell<Taken<'t>>,
    bridges: OnceCell<HashMap<&'t str, &'t str>>,
    guests: HashMap<&'t HostPath, &'t Guest>,
    networks: HashMap<&'t HostPath, &'t Network>,
    profiles: HashMap<&'t HostPath, &'t Profile>,
}

/// A file of libvirt's.
#[derive(Debug)]
struct Document<'t> {
    path: HostPath,
    doc: XmlDoc<'t>,
    /// The elements of a guest's interfaces.
    interfaces: Vec<usize>,
}

impl<'t> Deref for Mender<'t> {
    type Target = Sight<'t>;

    fn deref(&self) -> &Self::Target {
        self.sight
    }
}

impl<'t> Mender<'t> {
    /// Returns one that mends what was found in `sight`.
    #[must_use]
    pub fn of(sight: &'t Sight<'t>) -> Self {
        let (guests, networks) = (sight.host.guests(), sight.host.networks());
        let profiles = sight.host.profiles();
        Self {
            sight,
            inventor: RefCell::new(Inventor::of(sight.host)),
            last: RefCell::default(),
            taken: OnceCell::new(),
            bridges: OnceCell::new(),
            guests: guests.map(|guest| (&guest.origin, guest)).collect(),
            networks: networks
                .filter_map(|network| Some((network.origin.as_ref()?, network)))
                .collect(),
            profiles: profiles
                .filter_map(|profile| Some((profile.home.file.as_ref()?, profile)))
                .collect(),
        }
    }

    /// Returns the guest whose file is at `path`.
    pub(super) fn guest_at(&self, path: &HostPath) -> Option<&'t Guest> {
        self.guests.get(path).copied()
    }

    /// Returns the network whose file is at `path`.
    pub(super) fn network_at(&self, path: &HostPath) -> Option<&'t Network> {
        self.networks.get(path).copied()
    }

    /// Returns the profile whose file is at `path`.
    pub(super) fn profile_at(&self, path: &HostPath) -> Option<&'t Profile> {
        self.profiles.get(path).copied()
    }

    /// Returns the ports of bridges, each with its bridge.
    pub(super) fn bridges(&self) -> &HashMap<&'t str, &'t str> {
        self.bridges
            .get_or_init(|| device::bridges(&self.sight.meaning))
    }

    /// Returns what the networks that are loaded take.
    pub(super) fn taken(&self) -> &Taken<'t> {
        self.taken.get_or_init(|| Taken::of(self.sight.host))
    }

    /// Returns the edit of the profile at `path` that takes its addresses away.
    pub(super) fn without_addresses(&self, path: &HostPath) -> Option<Fix> {
        let keyfile = || {
            let keyfile = self.sight.keyfile(path)?;
            Some(Fix::Edit {
                path: path.clone(),
                edits: keyfile::without_addresses(&keyfile.doc).into_spans(),
            })
        };
        let script = self.script(path);
        script
            .and_then(|script| Some(script.whole()?.without_addresses()))
            .or_else(keyfile)
    }

    /// Returns the edit of the file of libvirt's at `path` that `step` finds to be needed; it is given the elements of a
    /// guest's interfaces.
    pub(super) fn edit(
        &self,
        path: &HostPath,
        step: impl FnOnce(&XmlDoc<'_>, &[usize], &mut Editing<'_>) -> Option<()>,
    ) -> Option<Fix> {
        let document = self.document(path)?;
        let mut editing = Editing::of(&document.doc);
        step(&document.doc, &document.interfaces, &mut editing)?;
        Some(Fix::Edit {
            path: path.clone(),
            edits: editing.into_spans(),
        })
    }

    fn document(&self, path: &HostPath) -> Option<Rc<Document<'t>>> {
        let last = self.last.borrow().clone();
        if let Some(last) = last.filter(|last| last.path == *path) {
            return Some(last);
        }
        let text = std::str::from_utf8(&self.sight.tree.file(path)?.bytes).ok()?;
        let doc = XmlDoc::parse(text).ok()?;
        let devices = doc.child(0, "devices");
        let interfaces = devices.map(|(devices, _)| doc.named(devices, "interface"));
        let interfaces = interfaces.map(|all| all.map(|(index, _)| index).collect());
        let document = Rc::new(Document {
            path: path.clone(),
            interfaces: interfaces.unwrap_or_default(),
            doc,
        });
        *self.last.borrow_mut() = Some(Rc::clone(&document));
        Some(document)
    }
}
