//! kvmnet's own folder: whose it must be, and how what is in it is read.
//!
//! It lies in the tree, which others may have made. So it must belong to who runs kvmnet (or to root, whom nothing holds
//! back), nobody else may write in it, and no link leads into it. What it says is held to what commands do all the same.

use rustix::fs::{AtFlags, FlockOperation};
use rustix::io::Errno;

use super::{Result, STATE, Store, TransactionError, disk};
use crate::root::{Folder, RootError, retry};
use crate::tree::{Attrs, HostPath};

/// How many numbers are tried for a folder that is put aside.
const MOST_ASIDE: u32 = 10_000;

/// Returns the folder `name`, if it is there and to be trusted.
pub(super) fn child(folder: &Folder, name: &str) -> Result<Option<Folder>> {
    match folder.child(name) {
        Ok(Some(child)) => {
            trusted(child.path(), child.attrs()?)?;
            Ok(Some(child))
        }
        Ok(None) => Ok(None),
        Err(RootError::NotFolder { path }) => Err(TransactionError::Distrusted {
            path,
            why: "it is a link, or no folder".to_owned(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// Reads the file `name`, if it is there and to be trusted, up to `most` bytes.
pub(super) fn read(folder: &Folder, name: &str, most: usize) -> Result<Option<Vec<u8>>> {
    let path = folder.path().join(name);
    let distrusted = |why: &str| TransactionError::Distrusted {
        path: path.clone(),
        why: why.to_owned(),
    };
    let io = |source| TransactionError::Io {
        doing: "read",
        path: path.clone(),
        source,
    };
    let opened = match folder.kind_of(name).map_err(io)? {
        None => return Ok(None),
        Some(kind) if kind.is_file() => folder.open_file(name).map_err(io)?,
        Some(_) => None,
    };
    let Some(opened) = opened else {
        return Err(distrusted("it is no regular file"));
    };
    trusted(&path, opened.attrs())?;
    let file = opened.read(most).map_err(io)?;
    file.map(|file| Some(file.bytes))
        .ok_or_else(|| distrusted("it is larger than kvmnet writes"))
}

fn trusted(path: &HostPath, attrs: Attrs) -> Result<()> {
    let me = rustix::process::geteuid().as_raw();
    let why = if attrs.uid != me && attrs.uid != 0 {
        format!("it belongs to user {}, not to user {me}", attrs.uid)
    } else if attrs.mode & 0o022 != 0 {
        format!("its mode {:04o} lets others write", attrs.mode)
    } else {
        return Ok(());
    };
    let path = path.clone();
    Err(TransactionError::Distrusted { path, why })
}

impl Store<'_> {
    /// Puts kvmnet's folder aside, whatever it is, and returns where it is now; nothing, if there was none.
    ///
    /// # Errors
    /// Another process writes, or what the kernel refuses.
    pub fn put_aside(&self) -> Result<Option<HostPath>> {
        let state = HostPath::literal(STATE);
        let parent = match self.root.resolve_folder(&state.folder()) {
            Ok(parent) => parent,
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let io = |source| TransactionError::Io {
            doing: "look at",
            path: state.clone(),
            source,
        };
        if parent.kind_of(state.name()).map_err(io)?.is_none() {
            return Ok(None);
        }
        // held until it is moved: who waits for it finds another folder of that name, or none
        let mut held = None;
        if let Ok(Some(folder)) = parent.child(state.name()) {
            let fd = folder.reopen()?;
            let lock = FlockOperation::NonBlockingLockExclusive;
            if retry(|| rustix::fs::flock(&fd, lock)) == Err(Errno::WOULDBLOCK) {
                return Err(super::lock::held(&folder));
            }
            held = Some(fd);
        }
        for n in 1..MOST_ASIDE {
            let name = format!("{}.distrusted-{n}", state.name());
            let there = rustix::fs::statat(parent.fd(), name.as_str(), AtFlags::SYMLINK_NOFOLLOW);
            if matches!(there, Err(Errno::NOENT)) {
                disk::rename(&parent, state.name(), &name)?;
                disk::sync_folder(&parent)?;
                drop(held);
                return Ok(Some(parent.path().join(&name)));
            }
        }
        Err(io(Errno::EXIST))
    }
}
