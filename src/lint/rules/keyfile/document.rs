//! NetworkManager's keyfiles as rules see them.

use std::sync::Arc;

use crate::doc::keyfile::KeyfileDoc;
use crate::lint::{Finding, Place, Rule};
use crate::many;
use crate::readers::refused::Refusal;
use crate::readers::{Doc, Docs, KEYFILES};
use crate::tree::{Attrs, Entry, HostPath, Tree};

/// A file in the folder of keyfiles, whatever its name.
#[derive(Debug)]
pub struct Keyfile<'t> {
    /// The file.
    pub path: &'t HostPath,
    /// Its text.
    pub doc: Arc<KeyfileDoc>,
    /// Why NetworkManager refuses it, if it does.
    pub refusal: Option<Refusal>,
    /// Mode and owner.
    pub attrs: Attrs,
}

impl Keyfile<'_> {
    /// Returns whether its name is one that NetworkManager gives to profiles.
    #[must_use]
    pub fn is_profile(&self) -> bool {
        let name = self.path.name();
        name.ends_with(".nmconnection") && !name.starts_with('.')
    }

    /// Returns whether NetworkManager trusts it: a file that is not its owner's alone is passed over.
    ///
    /// Source: `nm_utils_file_check_permissions()` of NetworkManager (run).
    #[must_use]
    pub fn is_trusted(&self, owner: u32) -> bool {
        self.attrs.mode & 0o077 == 0 && self.attrs.uid == owner
    }

    /// Returns the value of `key` in `section`, `None` where it is absent or empty.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<String> {
        let value = self.doc.string(section, key)?;
        (!value.is_empty()).then_some(value)
    }

    /// Returns the place of `key` in `section`: the last one, which holds; of the file where it is absent.
    #[must_use]
    pub fn place_of(&self, section: &str, key: &str) -> Place {
        let pair = self.doc.get(section, key);
        Place::line(self.path, pair.map(|pair| pair.line))
    }

    /// Returns what `rule` finds if NetworkManager refuses this file.
    pub(super) fn refused_by(&self, rule: &'static Rule, refusal: &Refusal) -> Finding {
        let (name, why) = (self.path.name(), &refusal.why);
        let message = format!("NetworkManager refuses `{name}`: {why}");
        let place = Place::line(self.path, refusal.line);
        rule.finding(self.path.as_str(), message).at(place)
    }
}

/// Returns the profiles that NetworkManager refuses, with the reason.
pub(super) fn refused<'k>(
    keyfiles: &'k [Keyfile<'_>],
) -> impl Iterator<Item = (&'k Keyfile<'k>, &'k Refusal)> {
    let profiles = keyfiles.iter().filter(|keyfile| keyfile.is_profile());
    profiles.filter_map(|keyfile| Some((keyfile, keyfile.refusal.as_ref()?)))
}

/// Returns the profiles that NetworkManager does not refuse.
pub(super) fn taken<'k>(keyfiles: &'k [Keyfile<'_>]) -> impl Iterator<Item = &'k Keyfile<'k>> {
    let profiles = keyfiles.iter();
    profiles.filter(|keyfile| keyfile.is_profile() && keyfile.refusal.is_none())
}

/// Returns the files in the folder of keyfiles, sorted by path, links followed; what is no plain text the rule not-understood
/// names.
pub(in crate::lint) fn all<'t>(tree: &'t Tree, docs: &Docs) -> Vec<Keyfile<'t>> {
    let names = tree.names(&HostPath::literal(KEYFILES));
    let paths = names.map(|(_, path)| path);
    let paths = paths.filter(|path| !matches!(tree.get(path), Some(Entry::Other(_))));
    let paths: Vec<&HostPath> = paths.collect();
    let read = |path: &&'t HostPath| {
        let file = tree.file(path)?;
        let text = std::str::from_utf8(&file.bytes).ok()?;
        let Doc { doc, refusal } = (!text.contains('\0')).then(|| docs.of(path, text))?;
        Some(Keyfile {
            path,
            doc,
            refusal,
            attrs: file.attrs,
        })
    };
    many::map(&paths, read).into_iter().flatten().collect()
}
