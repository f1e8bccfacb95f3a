//! The tree as it is after a change: files come and go, and links lead elsewhere.

use super::{Change, ChangeSet};
use crate::tree::{Entry, HostPath, LinkEnd, Node, Tree};

impl ChangeSet {
    /// Returns the tree as it is after the change.
    #[must_use]
    pub fn apply_to(&self, tree: &Tree) -> Tree {
        let mut after = tree.clone();
        self.apply(&mut after);
        after
    }

    /// Makes the changes in `tree`.
    pub fn apply(&self, tree: &mut Tree) {
        self.make(tree);
        let moved: Vec<_> = self.links_moved(tree).collect();
        for (path, link) in moved {
            tree.insert(path, link);
        }
    }

    /// Returns the links of `tree`, in which the change was made, that lead elsewhere now: to a file that came, or nowhere.
    fn links_moved(&self, tree: &Tree) -> impl Iterator<Item = (HostPath, Entry)> {
        let file = |path: &HostPath| {
            let change = self.changes.get(path)?;
            Some(matches!(change.after, Some(Node::File(_))))
        };
        let appears = self
            .changes
            .values()
            .any(|change| change.before.is_none() != change.after.is_none());
        let links = tree.entries().filter(move |_| appears);
        links.filter_map(move |(path, entry)| {
            let Entry::Link { target, end } = entry else {
                return None;
            };
            let end = match end {
                LinkEnd::At(at) if !tree.exists(at) && self.changes.contains_key(at) => {
                    LinkEnd::Broken(format!("{at} does not exist"))
                }
                LinkEnd::Broken(_) => {
                    let at = tree.real(&leads(&tree.real(path).folder(), target)?);
                    LinkEnd::At(file(&at)?.then_some(at)?)
                }
                LinkEnd::At(_) | LinkEnd::NotFollowed => return None,
            };
            let target = target.clone();
            Some((path.clone(), Entry::Link { target, end }))
        })
    }

    /// Returns where the links that come lead, by their texts.
    pub fn led_to(&self) -> impl Iterator<Item = HostPath> {
        self.changes
            .values()
            .filter_map(|change| match &change.after {
                Some(Node::Link(target)) => leads(&change.path.folder(), target),
                Some(Node::File(_)) | None => None,
            })
    }

    fn make(&self, tree: &mut Tree) {
        // where links lead is known from the tree as it was
        let entries: Vec<_> = self
            .changes
            .values()
            .flat_map(|change| {
                let entry = self.entry_after(tree, change);
                let names = tree.names_of(&change.path).into_iter();
                names.map(move |name| (name, entry.clone()))
            })
            .collect();
        for (path, entry) in entries {
            match entry {
                Some(entry) => tree.insert(path, entry),
                None => tree.remove(&path),
            }
        }
    }

    fn entry_after(&self, tree: &Tree, change: &Change) -> Option<Entry> {
        Some(match change.after.as_ref()? {
            Node::File(file) => Entry::File(file.clone()),
            Node::Link(target) => {
                let known = tree.link_end(self.renames.get(&change.path).unwrap_or(&change.path));
                let end = known
                    .or_else(|| self.end_of_new(tree, change, target))
                    .unwrap_or_else(|| LinkEnd::Broken("not looked at".to_owned()));
                Entry::Link {
                    target: target.clone(),
                    end,
                }
            }
        })
    }

    /// Returns where a new link leads, if that is a file of the tree or of this set.
    fn end_of_new(&self, tree: &Tree, change: &Change, target: &str) -> Option<LinkEnd> {
        let path = leads(&change.path.folder(), target)?;
        let real = tree.real(&path);
        match self.changes.get(&real) {
            Some(change) => {
                let is_file = matches!(change.after, Some(Node::File(_)));
                is_file.then_some(LinkEnd::At(real))
            }
            None => match tree.get(&path)? {
                Entry::File(_) => Some(LinkEnd::At(path)),
                // a link to a link
                Entry::Link { end, .. } => Some(end.clone()),
                Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
            },
        }
    }
}

/// Returns the path that the text of a link in `folder` names; no link on the way is followed.
fn leads(folder: &HostPath, target: &str) -> Option<HostPath> {
    let whole = match target.starts_with('/') {
        true => target.to_owned(),
        false => format!("{folder}/{target}"),
    };
    let mut parts = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    HostPath::parse(&format!("/{}", parts.join("/"))).ok()
}
