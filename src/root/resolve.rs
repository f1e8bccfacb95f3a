//! Resolves a path beneath the root as inside a chroot, part by part.
//!
//! Every part is opened relative to its folder's descriptor and never by a longer path, so that a folder or a link which
//! is exchanged meanwhile cannot lead outside: `..` goes back along the folders we came through, and at the root stays
//! there; an absolute link begins at the root again (path_resolution(7)).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::folder::Folder;
use super::signal::retry;
use super::{Root, RootError};
use crate::tree::HostPath;

/// As the kernel's own limit, path_resolution(7).
const MAX_LINKS: usize = 40;

/// What to do with a link on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// Go where it leads.
    Follow,
    /// Stop with [`RootError::Link`].
    Refuse,
}

/// Where a way ends.
#[derive(Debug)]
pub(super) enum End {
    /// At a folder.
    Folder(Folder),
    /// At something else that is no link.
    Entry {
        /// The folder that holds it.
        folder: Folder,
        /// Its name there.
        name: String,
        /// What it is.
        kind: FileType,
    },
}

/// Goes from the root to the end of `path`.
pub(super) fn walk(root: &Root, path: &HostPath, links: Links) -> Result<End, RootError> {
    let mut way = Walk {
        root,
        asked: path,
        links,
        followed: 0,
        behind: Vec::new(),
        ahead: Vec::new(),
    };
    way.push_parts(path.relative(), None);
    while let Some(part) = way.ahead.pop() {
        match part.name.as_str() {
            "." => {}
            ".." => drop(way.behind.pop()),
            _ => {
                if let Some(end) = way.enter(part)? {
                    return Ok(end);
                }
            }
        }
    }
    way.into_folder().map(End::Folder)
}

/// A part of the way that is still ahead, and the link it was read from.
struct Part {
    name: String,
    of_link: Option<HostPath>,
}

struct Walk<'a> {
    root: &'a Root,
    asked: &'a HostPath,
    links: Links,
    followed: usize,
    behind: Vec<Folder>,
    ahead: Vec<Part>,
}

impl Walk<'_> {
    /// Puts the parts of a way before all others; one that ends in `/` must end at a folder.
    fn push_parts(&mut self, text: &str, of_link: Option<&HostPath>) {
        let slash = text.ends_with('/').then_some(".");
        let parts = text.split('/').filter(|name| !name.is_empty()).chain(slash);
        let first = self.ahead.len();
        self.ahead.extend(parts.map(|name| Part {
            name: name.to_owned(),
            of_link: of_link.cloned(),
        }));
        self.ahead[first..].reverse();
    }

    /// Goes one part further; a result is the end of the way.
    fn enter(&mut self, part: Part) -> Result<Option<End>, RootError> {
        let path = self.here_path().join(&part.name);
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd =
            retry(|| rustix::fs::openat(self.here(), part.name.as_str(), flags, Mode::empty()))
                .map_err(|errno| missing(errno, &path, part.of_link))?;
        let stat = rustix::fs::fstat(&fd).map_err(RootError::io("look at", path.clone()))?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind.is_dir() {
            self.behind.push(Folder::new(fd, path));
            return Ok(None);
        }
        if kind.is_symlink() {
            return self.follow(&fd, path).map(|()| None);
        }
        if !self.ahead.is_empty() {
            return Err(RootError::NotFolder { path });
        }
        let folder = self.take_last_folder()?;
        Ok(Some(End::Entry {
            folder,
            name: part.name,
            kind,
        }))
    }

    fn follow(&mut self, link: &OwnedFd, path: HostPath) -> Result<(), RootError> {
        if self.links == Links::Refuse {
            return Err(RootError::Link { path });
        }
        self.followed += 1;
        if self.followed > MAX_LINKS {
            return Err(RootError::Loop {
                path: self.asked.clone(),
            });
        }
        let text = retry(|| rustix::fs::readlinkat(link, "", Vec::new()))
            .map_err(RootError::io("read the link", path.clone()))?;
        let Ok(text) = text.into_string() else {
            return Err(RootError::LinkText { path });
        };
        if text.starts_with('/') {
            self.behind.clear();
        }
        self.push_parts(&text, Some(&path));
        Ok(())
    }

    fn here(&self) -> BorrowedFd<'_> {
        self.behind
            .last()
            .map_or_else(|| self.root.dir.as_fd(), Folder::fd)
    }

    fn here_path(&self) -> HostPath {
        self.behind
            .last()
            .map_or_else(|| HostPath::literal("/"), |folder| folder.path().clone())
    }

    fn take_last_folder(&mut self) -> Result<Folder, RootError> {
        match self.behind.pop() {
            Some(folder) => Ok(folder),
            None => Folder::root(self.root.dir.as_fd()),
        }
    }

    fn into_folder(mut self) -> Result<Folder, RootError> {
        self.take_last_folder()
    }
}

fn missing(errno: Errno, path: &HostPath, of_link: Option<HostPath>) -> RootError {
    match (errno, of_link) {
        (Errno::NOENT, Some(link)) => RootError::Dangling {
            link,
            missing: path.clone(),
        },
        (Errno::NOENT, None) => RootError::Missing { path: path.clone() },
        (source, _) => RootError::Io {
            doing: "open",
            path: path.clone(),
            source,
        },
    }
}
