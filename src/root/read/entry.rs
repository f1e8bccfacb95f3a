//! Reads what one name in a folder is: a file, a link and where it leads, or that it is there.

use rustix::fs::FileType;
use rustix::io::Errno;

use super::super::RootError;
use super::super::folder::{Folder, word};
use super::super::resolve::{self, End, Links};
use super::Reader;
use crate::tree::budget::{self, Spent};
use crate::tree::{Entry, HostPath, LinkEnd, Pick, Time};

impl Reader<'_> {
    /// Adds the entry `path`; what was read before is not read again, nor covered by a mere note.
    pub(super) fn pick(
        &mut self,
        folder: &Folder,
        path: HostPath,
        kind: FileType,
        pick: Pick,
    ) -> Result<(), RootError> {
        let longest = budget::longest(&path);
        self.pick_of(folder, path, kind, pick, longest)
    }

    /// Adds the entry `path`, of which up to `longest` bytes are read.
    fn pick_of(
        &mut self,
        folder: &Folder,
        path: HostPath,
        kind: FileType,
        pick: Pick,
        longest: usize,
    ) -> Result<(), RootError> {
        let known = self
            .tree
            .get(&path)
            .is_some_and(|entry| *entry != Entry::Unread || matches!(pick, Pick::Note));
        let entry = match pick {
            Pick::Read | Pick::Dated if !known => self.entry(folder, path.name(), kind, longest)?,
            Pick::Note if !known => Some(Entry::Unread),
            Pick::Point if !known => Some(pointer(folder, path.name())),
            Pick::Read | Pick::Dated | Pick::Note | Pick::Point | Pick::Enter(_) | Pick::Skip => {
                None
            }
        };
        if let Some(entry) = entry {
            self.count(&path)?;
            self.tree.insert(path, entry);
        }
        Ok(())
    }

    /// Returns the link `name`, if it leads straight to a file that was read.
    pub(super) fn plain_link(&self, folder: &Folder, name: &str) -> Option<Entry> {
        let target = folder.read_link(name).ok()??;
        let end = self.read_already(&target)?;
        Some(Entry::Link { target, end })
    }

    /// Returns what `name` is; nothing, if it has vanished since it was listed.
    fn entry(
        &mut self,
        folder: &Folder,
        name: &str,
        kind: FileType,
        longest: usize,
    ) -> Result<Option<Entry>, RootError> {
        Ok(match kind {
            FileType::RegularFile => self.file(folder, name, longest)?,
            FileType::Symlink => self.link(folder, name, longest)?,
            // Some file systems do not tell the kind in the listing, readdir(3).
            FileType::Unknown => match folder.kind_of(name) {
                Ok(Some(FileType::Unknown)) => Some(Entry::Other(word(FileType::Unknown))),
                Ok(Some(kind)) => self.entry(folder, name, kind, longest)?,
                Ok(None) => None,
                Err(errno) => Some(unreadable(errno)),
            },
            FileType::Directory
            | FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice => Some(Entry::Other(word(kind))),
        })
    }

    fn file(
        &mut self,
        folder: &Folder,
        name: &str,
        longest: usize,
    ) -> Result<Option<Entry>, RootError> {
        let read = self.open_and_read(folder, name, longest);
        let read = read.map_err(|spent| self.too_much(&folder.path().join(name), spent))?;
        Ok(match read {
            Ok((entry, _)) => Some(entry),
            Err(Errno::NOENT) => None,
            Err(Errno::LOOP) => self.link(folder, name, longest)?,
            Err(errno) => Some(unreadable(errno)),
        })
    }

    /// Reads where a link leads; what it leads to may be as long as what the link stands for.
    fn link(
        &mut self,
        folder: &Folder,
        name: &str,
        longest: usize,
    ) -> Result<Option<Entry>, RootError> {
        let target = match folder.read_link(name) {
            Ok(Some(target)) => target,
            Ok(None) => {
                return Ok(Some(Entry::Unreadable(
                    "a link to a name that is not plain text".to_owned(),
                )));
            }
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Ok(Some(unreadable(errno))),
        };
        if let Some(end) = self.read_already(&target) {
            return Ok(Some(Entry::Link { target, end }));
        }
        let end = match resolve::walk(self.root, &folder.path().join(name), Links::Follow) {
            Ok(End::Folder(folder)) => self.end(folder.path().clone(), Entry::Other("folder")),
            Ok(End::Entry { folder, name, kind }) => {
                let path = folder.path().join(&name);
                let longest = longest.min(budget::longest(&path));
                self.pick_of(&folder, path.clone(), kind, Pick::Read, longest)?;
                LinkEnd::At(path)
            }
            Err(error) => LinkEnd::Broken(error.to_string()),
        };
        Ok(Some(Entry::Link { target, end }))
    }

    /// Returns where an absolute link leads, if that is a file in a folder that was read, and no link is on the way:
    /// libvirt has such links by the thousand.
    fn read_already(&self, target: &str) -> Option<LinkEnd> {
        let path = HostPath::parse(target).ok()?;
        let known = matches!(self.tree.get(&path), Some(Entry::File(_)));
        (known && self.tree.is_real(&path)).then_some(LinkEnd::At(path))
    }

    fn end(&mut self, path: HostPath, entry: Entry) -> LinkEnd {
        if !self.tree.exists(&path) {
            self.tree.insert(path.clone(), entry);
        }
        LinkEnd::At(path)
    }

    /// Reads the regular file `name` of at most `longest` bytes, and when it was last changed.
    pub(super) fn open_and_read(
        &self,
        folder: &Folder,
        name: &str,
        longest: usize,
    ) -> Result<Result<(Entry, Option<Time>), Errno>, Spent> {
        let opened = match folder.open_file(name) {
            Ok(Some(opened)) => opened,
            Ok(None) => {
                let why = "it was replaced while it was being read".to_owned();
                return Ok(Ok((Entry::Unreadable(why), None)));
            }
            Err(errno) => return Ok(Err(errno)),
        };
        let too_long = || Entry::Unreadable(format!("larger than {}", budget::shown(longest)));
        let length = opened.len();
        if length > longest {
            return Ok(Ok((too_long(), None)));
        }
        self.budget.bytes(length, longest)?;
        let entry = match opened.read(longest) {
            Ok(Some(file)) => {
                // it may have grown
                let more = file.bytes.len().saturating_sub(length);
                self.budget.bytes(more, longest)?;
                Entry::File(file)
            }
            Ok(None) => too_long(),
            Err(errno) => unreadable(errno),
        };
        Ok(Ok((entry, Some(opened.changed_at()))))
    }
}

/// Returns that `name` is there, and where it points to if it is a link.
fn pointer(folder: &Folder, name: &str) -> Entry {
    match folder.read_link(name) {
        Ok(Some(target)) => Entry::Link {
            target,
            end: LinkEnd::NotFollowed,
        },
        Ok(None) | Err(_) => Entry::Unread,
    }
}

fn unreadable(errno: Errno) -> Entry {
    Entry::Unreadable(errno.to_string())
}
