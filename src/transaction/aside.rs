//! Putting kvmnet's folder aside: for whoever does not trust what it says, and wants to begin anew.

use rustix::fs::{AtFlags, FlockOperation};
use rustix::io::Errno;

use super::names::STATE;
use super::{Result, Store, TransactionError, disk, lock};
use crate::root::{RootError, retry};
use crate::tree::HostPath;

/// How many numbers are tried for a folder that is put aside.
const MOST_ASIDE: u32 = 10_000;

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
            let how = FlockOperation::NonBlockingLockExclusive;
            if retry(|| rustix::fs::flock(&fd, how)) == Err(Errno::WOULDBLOCK) {
                return Err(lock::held(&folder));
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
