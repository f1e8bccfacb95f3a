//! The difference of two hosts in their keyfiles, with the documents of those that differ.

use std::collections::BTreeMap;

use super::carry::Taken;
use crate::doc::keyfile::KeyfileDoc;
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::readers::KEYFILES;
use crate::tree::{Attrs, HostPath, Tree};

/// What is known of two hosts, and of the documents of the profiles in which they differ.
pub(super) struct Difference<'a> {
    tree: &'a Tree,
    after: &'a Host,
    old: BTreeMap<&'a HostPath, &'a Profile>,
    new: BTreeMap<&'a HostPath, &'a Profile>,
    docs: BTreeMap<&'a HostPath, KeyfileDoc>,
    all: bool,
}

impl<'a> Difference<'a> {
    /// Reads what is needed to write `after` in `tree`, which holds `before`.
    ///
    /// With `all` profiles that are as they were are written, too.
    pub(super) fn of(tree: &'a Tree, before: &'a Host, after: &'a Host, all: bool) -> Self {
        let mut difference = Self {
            tree,
            after,
            old: by_file(before),
            new: by_file(after),
            docs: BTreeMap::new(),
            all,
        };
        let mut files: Vec<&HostPath> = difference.gone().collect();
        for profile in difference.changed() {
            files.extend(&profile.home.file);
            let from = profile.layer3.from.as_ref();
            files.extend(from.and_then(|home| home.file.as_ref()));
        }
        for path in files {
            if let (true, Some(file)) = (difference.old.contains_key(path), tree.file(path)) {
                let doc = KeyfileDoc::parse(&String::from_utf8_lossy(&file.bytes));
                difference.docs.insert(path, doc);
            }
        }
        difference
    }

    /// Returns the tree as it is.
    pub(super) fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// Returns the profiles that are written.
    pub(super) fn changed(&self) -> impl Iterator<Item = &'a Profile> {
        let ours = self.after.profiles().filter(|profile| is_ours(profile));
        let (old, all) = (&self.old, self.all);
        ours.filter(move |wanted| {
            let current = wanted.home.file.as_ref().and_then(|file| old.get(file));
            current.is_none_or(|current| all || !current.is_same(wanted))
        })
    }

    /// Returns the files of profiles that are no more.
    pub(super) fn gone(&self) -> impl Iterator<Item = &'a HostPath> {
        let old = self.old.keys().copied();
        old.filter(|path| !self.new.contains_key(*path))
    }

    /// Returns the profiles that are no more.
    pub(super) fn gone_profiles(&self) -> impl Iterator<Item = &'a Profile> {
        self.gone().filter_map(|path| self.old.get(path).copied())
    }

    /// Returns what a profile is now.
    pub(super) fn current(&self, wanted: &Profile) -> Option<&'a Profile> {
        self.old.get(wanted.home.file.as_ref()?).copied()
    }

    /// Returns the document of a profile that has a file.
    pub(super) fn doc(&self, profile: &Profile) -> Option<&KeyfileDoc> {
        self.docs.get(profile.home.file.as_ref()?)
    }

    /// Returns the profile whose file says the layer-3 configuration of another one.
    pub(super) fn source(&self, wanted: &Profile) -> Option<&'a Profile> {
        let from = wanted.layer3.from.as_ref();
        let file = from
            .filter(|home| home.backend == Backend::NmKeyfile)?
            .file
            .as_ref();
        self.old.get(file?).copied()
    }

    /// Returns the text that comes with the layer-3 configuration of a profile from the file of another one.
    pub(super) fn taken(&self, wanted: &Profile) -> Option<Taken> {
        let from = self.source(wanted)?;
        let doc = self.docs.get(from.home.file.as_ref()?)?;
        Some(Taken::of(doc, &from.interface, &wanted.interface))
    }

    /// Returns who may control a new profile: who may control the one that its configuration comes from.
    pub(super) fn permissions(&self, wanted: &Profile) -> Vec<String> {
        let doc = self.source(wanted).and_then(|from| self.doc(from));
        let found = doc.and_then(|doc| {
            let raw = doc.raw(doc.get("connection", "permissions")?);
            (!raw.trim().is_empty()).then(|| format!("permissions={raw}"))
        });
        found.into_iter().collect()
    }

    /// Returns where the file of a profile is, or will be: where the name is taken with the UUID, as NetworkManager does it.
    /// What comes with the image is written to /etc.
    ///
    /// Source: `_internal_write_connection()` in nms-keyfile-writer.c.
    pub(super) fn place(&self, profile: &Profile) -> HostPath {
        let file = profile.home.file.as_ref();
        let name = match file {
            Some(file) if !profile.home.is_of_image() => return file.clone(),
            Some(file) => file.name().trim_end_matches(".nmconnection"),
            None => profile.interface.as_str(),
        };
        let folder = HostPath::literal(KEYFILES);
        let path = folder.join(&format!("{name}.nmconnection"));
        match self.tree.exists(&path) {
            true => folder.join(&format!(
                "{name}-{}.nmconnection",
                profile.uuid.as_deref().unwrap_or_default()
            )),
            false => path,
        }
    }

    /// Returns the file that a new one takes its owner and label from: that of a port, else any other one.
    pub(super) fn neighbour(&self, wanted: &Profile) -> (HostPath, Attrs) {
        let folder = HostPath::literal(KEYFILES);
        let port = self.after.ports_of(&wanted.interface).next();
        let origin = port.and_then(|port| port.home.file.clone());
        let others = self.old.keys().map(|path| (*path).clone());
        for path in origin.into_iter().chain(others) {
            if let Some(file) = self.tree.file(&path) {
                return (path, file.attrs);
            }
        }
        let root = Attrs {
            mode: 0,
            uid: 0,
            gid: 0,
        };
        (folder, root)
    }
}

fn is_ours(profile: &Profile) -> bool {
    profile.home.backend == Backend::NmKeyfile
}

fn by_file(host: &Host) -> BTreeMap<&HostPath, &Profile> {
    let ours = host.profiles().filter(|profile| is_ours(profile));
    ours.filter_map(|profile| Some((profile.home.file.as_ref()?, profile)))
        .collect()
}
