//! What was read to make a plan: later, under the lock, it can be asked whether all of it is still so.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::error::CliError;
use crate::plan::{EarlierTransaction, Source};
use crate::root::Root;
use crate::transaction::journal::State;
use crate::transaction::{Budget, Store};
use crate::tree::{HostPath, Scope, Tree};

/// Reads the same again, and returns whether it is the same.
type Again = Box<dyn Fn(&Root) -> bool>;

/// The root as it was seen.
pub(super) struct Seen<'r> {
    root: &'r Root,
    /// Nothing, where nobody will ask.
    again: Option<RefCell<Vec<Again>>>,
}

impl<'r> Seen<'r> {
    /// Returns a look at the root after which nobody will ask whether it is still so.
    pub(super) fn once(root: &'r Root) -> Self {
        Self { root, again: None }
    }

    /// Returns a look at the root that is remembered.
    pub(super) fn remembered(root: &'r Root) -> Self {
        Self {
            root,
            again: Some(RefCell::default()),
        }
    }

    /// Returns the root.
    pub(super) fn root(&self) -> &'r Root {
        self.root
    }

    /// Returns what `read` sees.
    pub(super) fn look<T: Clone + PartialEq + 'static>(
        &self,
        read: impl Fn(&Root) -> Result<T, CliError> + 'static,
    ) -> Result<T, CliError> {
        let seen = read(self.root)?;
        if let Some(again) = &self.again {
            let known = seen.clone();
            let is_so = move |root: &Root| read(root).is_ok_and(|now| now == known);
            again.borrow_mut().push(Box::new(is_so));
        }
        Ok(seen)
    }

    /// Returns whether all that was seen is still so.
    pub(super) fn is_so(&self) -> bool {
        let again = self.again.as_ref();
        again.is_some_and(|again| again.borrow().iter().all(|is_so| is_so(self.root)))
    }
}

impl Source for Seen<'_> {
    type Error = CliError;

    fn files(&self, scope: &Scope) -> Result<Tree, CliError> {
        let scope = scope.clone();
        self.look(move |root| Ok(root.read_tree(&scope)?))
    }

    fn state_folder(&self) -> Result<HostPath, CliError> {
        self.look(|root| Ok(Store::new(root).path()?))
    }

    /// One that cannot be read wrote none.
    fn own_copies(&self, there: &BTreeSet<HostPath>) -> BTreeMap<HostPath, Vec<u8>> {
        let there = there.clone();
        let own = self.look(move |root| {
            let own = Store::new(root).own_copies(&there, &mut Budget::of_all());
            Ok(own.unwrap_or_default())
        });
        own.unwrap_or_default()
    }

    /// One that cannot be read is no reason to fail, only to know less.
    fn history(&self) -> Result<Vec<EarlierTransaction>, CliError> {
        self.look(|root| Ok(earlier(&Store::new(root))))
    }
}

/// Returns the transactions that were applied, as far back as they can be read, the first one first.
fn earlier(store: &Store<'_>) -> Vec<EarlierTransaction> {
    let headers = store.headers().unwrap_or_default();
    let applied = headers
        .iter()
        .rev()
        .filter(|header| header.state == State::Applied);
    let budget = &mut Budget::of_all();
    let mut earlier: Vec<EarlierTransaction> = applied
        .map_while(|header| {
            let record = store.record(header.id, budget).ok()?;
            let set = store.change_set(&record, budget).ok()?;
            Some(EarlierTransaction {
                id: header.id,
                command: record.header.command,
                set,
                repaired: record.repaired,
            })
        })
        .collect();
    earlier.reverse();
    earlier
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;

    use super::*;

    #[test]
    fn what_was_seen_is_so_until_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "1").unwrap();
        let root = Root::open(Utf8Path::from_path(dir.path()).unwrap()).unwrap();
        let file = HostPath::literal("/a");
        let scope = Scope {
            files: vec![file.clone(), HostPath::literal("/b")],
            ..Scope::default()
        };
        let seen = Seen::remembered(&root);
        assert!(seen.files(&scope).unwrap().exists(&file));
        assert!(seen.is_so());
        fs::write(&path, "2").unwrap();
        assert!(!seen.is_so());
        fs::write(&path, "1").unwrap();
        assert!(seen.is_so());
        fs::write(dir.path().join("b"), "1").unwrap();
        assert!(!seen.is_so(), "what was missing counts, too");
    }

    #[test]
    fn what_is_not_remembered_may_be_another() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(Utf8Path::from_path(dir.path()).unwrap()).unwrap();
        assert!(!Seen::once(&root).is_so());
    }
}
