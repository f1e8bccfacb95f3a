//! Fills a [`Tree`] with what a [`Scope`] names.
//!
//! One unreadable file never hides the rest: it becomes an entry that says so. A folder that cannot be listed is an
//! error, since nobody could tell what is missing. There may be 20,000 files: a file costs open, fstat, read and close.
//! How much is read is bounded by a [`Budget`]: a file that is too long is an entry that says so, too much in all is an error.

mod entry;

use std::collections::HashSet;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::folder::{Folder, is_name};
use super::{Root, RootError, TEMP_PREFIX};
use crate::many;
use crate::tree::budget::{self, Budget, Spent};
use crate::tree::{HostPath, Pick, Scope, Tree};

/// Reads all that `scope` names.
pub(super) fn tree(root: &Root, scope: &Scope) -> Result<Tree, RootError> {
    let mut reader = Reader {
        root,
        tree: Tree::default(),
        budget: Budget::default(),
        noted: HashSet::new(),
    };
    for (folder, pick) in &scope.folders {
        reader.list(folder, *pick)?;
    }
    for path in &scope.files {
        reader.single(path, Pick::Read)?;
    }
    for path in &scope.present {
        reader.single(path, Pick::Point)?;
    }
    Ok(reader.tree)
}

struct Reader<'a> {
    root: &'a Root,
    tree: Tree,
    budget: Budget,
    /// What was noted, each once.
    noted: HashSet<String>,
}

impl Reader<'_> {
    fn list(&mut self, logical: &HostPath, pick: fn(&str) -> Pick) -> Result<(), RootError> {
        let Some(folder) = self.open(logical)? else {
            return Ok(());
        };
        let mut many = Vec::new();
        let names = match folder.names() {
            Ok(names) => names,
            Err(error) if self.root.passes_over(logical, &error) => {
                self.note_denied(logical);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (name, kind) in names {
            let name = match name.to_str() {
                Ok(name) if is_name(name) => name,
                text => {
                    let why = match text {
                        Ok(_) => "its name contains control characters",
                        Err(_) => "its name is not valid UTF-8",
                    };
                    let name = name.to_bytes().escape_ascii();
                    self.note_oddity(format!("`{logical}/{name}` was skipped: {why}"));
                    continue;
                }
            };
            let pick = match name.starts_with(TEMP_PREFIX) {
                true => Pick::Skip,
                false => pick(name),
            };
            match (pick, kind) {
                (Pick::Read | Pick::Dated, FileType::RegularFile | FileType::Symlink) => {
                    self.count(logical)?;
                    many.push((name.to_owned(), kind, pick));
                }
                (Pick::Enter(_), FileType::RegularFile) => {}
                (Pick::Enter(inner), _) => self.enter(&logical.join(name), inner)?,
                _ => self.pick(&folder, logical.join(name), kind, pick)?,
            }
        }
        many.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        self.many(&folder, logical, &many)
    }

    /// Lists a folder in a folder; one that may not be read is said to be passed over.
    fn enter(&mut self, logical: &HostPath, pick: fn(&str) -> Pick) -> Result<(), RootError> {
        match self.list(logical, pick) {
            Err(RootError::Io { source, .. }) if source == Errno::ACCESS => {
                self.note_denied(logical);
                Ok(())
            }
            listed => listed,
        }
    }

    /// Reads regular files and links, sorted by name, many of them in several threads: opening and closing is what takes
    /// the time.
    fn many(
        &mut self,
        folder: &Folder,
        logical: &HostPath,
        names: &[(String, FileType, Pick)],
    ) -> Result<(), RootError> {
        let read = |(name, kind, pick): &(String, FileType, Pick)| {
            let path = logical.join(name);
            let read = match kind.is_symlink() {
                true => Ok(self.plain_link(folder, name).map(|link| (link, None))),
                false => {
                    let longest = budget::longest(&path);
                    self.open_and_read(folder, name, longest).map(Result::ok)
                }
            };
            (path, *kind, *pick, read)
        };
        let (mut found, mut left) = (Vec::with_capacity(names.len()), Vec::new());
        let mut times = Vec::new();
        for (path, kind, pick, read) in many::map(names, read) {
            match read.map_err(|spent| self.too_much(&path, spent))? {
                Some((entry, time)) => {
                    if let (Pick::Dated, Some(time)) = (pick, time) {
                        times.push((path.clone(), time));
                    }
                    found.push((path, entry));
                }
                None => left.push((path, kind, pick)),
            }
        }
        self.tree.insert_sorted(found);
        for (path, time) in times {
            self.tree.insert_time(path, time);
        }
        // exchanged since it was listed, or a link that leads far: the slow way knows what to do
        for (path, kind, pick) in left {
            self.pick(folder, path, kind, pick)?;
        }
        Ok(())
    }

    fn single(&mut self, path: &HostPath, pick: Pick) -> Result<(), RootError> {
        let Some(folder) = self.open(&path.folder())? else {
            return Ok(());
        };
        match folder.kind_of(path.name()) {
            Ok(Some(kind)) => self.pick(&folder, path.clone(), kind, pick)?,
            Ok(None) => {}
            Err(errno) => {
                let error = RootError::io("look at", path.clone())(errno);
                if !self.root.passes_over(&path.folder(), &error) {
                    return Err(error);
                }
                self.note_denied(&path.folder());
            }
        }
        Ok(())
    }

    /// Says that a folder may not be read.
    fn note_denied(&mut self, folder: &HostPath) {
        self.note_oddity(super::denied_text(folder));
    }

    /// Opens a folder; one that programs cannot find either is no error.
    fn open(&mut self, logical: &HostPath) -> Result<Option<Folder>, RootError> {
        match self.root.resolve_folder(logical) {
            Ok(folder) => {
                self.tree
                    .insert_folder(logical.clone(), folder.path().clone());
                Ok(Some(folder))
            }
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => Ok(None),
            Err(
                error @ (RootError::Dangling { .. }
                | RootError::Loop { .. }
                | RootError::LinkText { .. }),
            ) => {
                self.note_oddity(error.to_string());
                Ok(None)
            }
            // it is the folder above that does not let through
            Err(RootError::Io {
                doing,
                path,
                source,
            }) => {
                let above = path.folder();
                let error = RootError::Io {
                    doing,
                    path,
                    source,
                };
                if !self.root.passes_over(&above, &error) {
                    return Err(error);
                }
                self.note_denied(&above);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Counts an entry.
    fn count(&self, path: &HostPath) -> Result<(), RootError> {
        self.budget
            .entry()
            .map_err(|spent| self.too_much(path, spent))
    }

    fn too_much(&self, path: &HostPath, spent: Spent) -> RootError {
        RootError::TooMuch {
            folder: path.folder(),
            spent,
            root: self.root.path.clone(),
        }
    }

    fn note_oddity(&mut self, text: String) {
        if self.noted.insert(text.clone()) {
            self.tree.insert_oddity(text);
        }
    }
}
