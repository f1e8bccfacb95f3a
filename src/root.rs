//! The root folder (`--root`): opened once, and every path is resolved beneath it.
//!
//! Links lead where they would lead inside a chroot, by an own resolver (`resolve`) that needs neither `openat2` nor
//! `/proc` and so works on the kernels of RHEL 7. This module reads only; all writing is in `transaction`.
//! It must not know what the files mean.

mod error;
mod folder;
mod read;
mod resolve;
mod signal;
pub(crate) mod xattr;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use std::os::fd::OwnedFd;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;

use crate::change::Marks;
use crate::tree::{HostPath, Node, Scope, Time, Tree};

pub use crate::tree::budget::MAX_FILE_BYTES;
pub use error::RootError;
pub use folder::Folder;
pub(crate) use signal::retry;

use resolve::{End, Links};

/// The prefix of our temporaries' names; such files are never read as input.
pub const TEMP_PREFIX: &str = ".kvmnet-";

/// The folder beneath which every path lies.
#[derive(Debug)]
pub struct Root {
    dir: OwnedFd,
    path: Utf8PathBuf,
    has_history: AtomicBool,
    /// The folders that were passed over, since they may not be read; `None` where that is an error.
    denied: Mutex<Option<BTreeSet<HostPath>>>,
}

/// Says that a folder was skipped, since it may not be read.
pub(crate) fn denied_text(folder: &HostPath) -> String {
    format!("`{folder}` was skipped: {}", Errno::ACCESS)
}

impl Root {
    /// Opens the root folder; `dir` itself may be a link.
    pub fn open(dir: &Utf8Path) -> Result<Self, RootError> {
        let path = dir.to_owned();
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::openat(CWD, dir.as_str(), flags, Mode::empty()) {
            Ok(dir) => Ok(Self {
                dir,
                path,
                has_history: AtomicBool::new(true),
                denied: Mutex::new(None),
            }),
            Err(Errno::NOENT) => Err(RootError::NoSuchRoot { path }),
            Err(Errno::NOTDIR) => Err(RootError::RootNoFolder { path }),
            Err(source) => Err(RootError::RootUnopened { path, source }),
        }
    }

    /// Returns the root as the user named it.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Opens the folder to which `path` leads, links followed; [`Folder::path`] is where it really is.
    pub fn resolve_folder(&self, path: &HostPath) -> Result<Folder, RootError> {
        self.folder(path, Links::Follow)
    }

    /// Opens the folder at `path`, which has no link on its way: the path of a change is such a one.
    pub fn open_real_folder(&self, path: &HostPath) -> Result<Folder, RootError> {
        self.folder(path, Links::Refuse)
    }

    /// Reads all that `scope` names; what is missing is no error.
    pub fn read_tree(&self, scope: &Scope) -> Result<Tree, RootError> {
        read::tree(self, scope)
    }

    /// Returns what is at `path` itself, which has no link on its way; a link is a link.
    pub fn read_node(&self, path: &HostPath) -> Result<Option<Node>, RootError> {
        Ok(self.read_marked(path)?.map(|(node, _)| node))
    }

    /// Returns what [`Root::read_node`] does, with its marks.
    pub fn read_marked(&self, path: &HostPath) -> Result<Option<(Node, Marks)>, RootError> {
        match self.open_real_folder(&path.folder()) {
            Ok(folder) => folder.read_node(path.name()),
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns owner and group of the folder that holds `path`, or of the first above it that is there.
    pub fn owner_above(&self, path: &HostPath) -> Result<(u32, u32), RootError> {
        let mut folder = path.folder();
        loop {
            match self.open_real_folder(&folder) {
                Ok(folder) => return folder.attrs().map(|attrs| (attrs.uid, attrs.gid)),
                Err(RootError::Missing { .. } | RootError::NotFolder { .. })
                    if folder.as_str() != "/" =>
                {
                    folder = folder.folder();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Says whether a history beneath the root is looked at; at first it is.
    pub fn look_at_history(&self, look: bool) {
        self.has_history.store(look, Ordering::Relaxed);
    }

    /// Lets reading pass over folders that may not be read, as who only looks can go on with less; [`Root::passed_over`] has
    /// them. At first such a folder is an error.
    pub fn pass_over_denied(&self) {
        *self.denied() = Some(BTreeSet::new());
    }

    /// Returns the folders that were passed over so far, since they may not be read.
    #[must_use]
    pub fn passed_over(&self) -> Vec<HostPath> {
        self.denied().iter().flatten().cloned().collect()
    }

    /// Returns whether `folder`, which gave `error`, may be passed over, and remembers that it was.
    pub(crate) fn passes_over(&self, folder: &HostPath, error: &RootError) -> bool {
        let refused = matches!(error, RootError::Io { source, .. } if *source == Errno::ACCESS);
        match &mut *self.denied() {
            Some(denied) if refused => {
                denied.insert(folder.clone());
                true
            }
            Some(_) | None => false,
        }
    }

    fn denied(&self) -> MutexGuard<'_, Option<BTreeSet<HostPath>>> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has_history(&self) -> bool {
        self.has_history.load(Ordering::Relaxed)
    }

    /// Returns the content of the file that a program sees at `path`, links followed.
    pub fn read_file(&self, path: &HostPath) -> Result<Option<Vec<u8>>, RootError> {
        let (folder, name) = match resolve::walk(self, path, Links::Follow) {
            Ok(End::Entry { folder, name, .. }) => (folder, name),
            Ok(End::Folder(_)) => {
                return Err(RootError::NoFile {
                    path: path.clone(),
                    found: "folder",
                });
            }
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        match folder.read_node(&name)? {
            Some((Node::File(file), _)) => Ok(Some(file.bytes)),
            Some((Node::Link(_), _)) => Err(RootError::Link {
                path: folder.path().join(&name),
            }),
            None => Ok(None),
        }
    }

    /// Returns when the file that a program sees at `path` was last changed, links followed; nothing where there is none.
    pub fn changed_at(&self, path: &HostPath) -> Result<Option<Time>, RootError> {
        let (folder, name) = match resolve::walk(self, path, Links::Follow) {
            Ok(End::Entry { folder, name, .. }) => (folder, name),
            Ok(End::Folder(_)) | Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        folder.changed_at(&name)
    }

    fn folder(&self, path: &HostPath, links: Links) -> Result<Folder, RootError> {
        match resolve::walk(self, path, links)? {
            End::Folder(folder) => Ok(folder),
            End::Entry { folder, name, .. } => Err(RootError::NotFolder {
                path: folder.path().join(&name),
            }),
        }
    }
}
