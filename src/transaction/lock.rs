//! The lock: one process writes at a time.
//!
//! It is on kvmnet's folder, held open: a file in it could be a link or a device, or be removed while it is held. Who
//! holds it is said in a file that is new each time.

use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::names::STATE;
use super::{Guard, Result, Store, TransactionError, disk, own};
use crate::root::Folder;
use crate::tree::HostPath;

/// The name of the file that says who holds the lock.
const HOLDER: &str = "holder";

impl<'r> Store<'r> {
    /// Takes the lock, waiting for it as long as `wait`; `holder` says who has it then.
    ///
    /// # Errors
    /// [`TransactionError::Locked`], or a state folder that cannot be made or trusted.
    pub fn lock(self, wait: Duration, holder: &str) -> Result<Guard<'r>> {
        const PAUSE: Duration = Duration::from_millis(20);
        let mut left = wait;
        loop {
            let state = self.make_state()?;
            let lock: OwnedFd = state.reopen()?;
            match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                // it may have been put aside before the lock was had
                Ok(()) if self.is_current(&state)? => {
                    // who holds it is a courtesy: a full disk must not keep us from taking things back
                    let _ = disk::remove(&state, HOLDER)
                        .and_then(|()| disk::write_note(&state, HOLDER, holder.as_bytes()));
                    return Ok(Guard {
                        store: self,
                        state,
                        _lock: lock,
                    });
                }
                Ok(()) | Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if left.is_zero() => return Err(held(&state)),
                Err(Errno::WOULDBLOCK) => {
                    std::thread::sleep(PAUSE.min(left));
                    left = left.saturating_sub(PAUSE);
                }
                Err(source) => {
                    return Err(TransactionError::Io {
                        doing: "lock",
                        path: state.path().clone(),
                        source,
                    });
                }
            }
        }
    }

    /// Returns whether a folder is the one where the state lies now.
    pub(super) fn is_current(&self, state: &Folder) -> Result<bool> {
        match self.state()? {
            Some(now) => Ok(now.is(state)?),
            None => Ok(false),
        }
    }

    fn make_state(&self) -> Result<Folder> {
        if let Some(folder) = self.state()? {
            return Ok(folder);
        }
        let path = HostPath::literal(STATE);
        let mut here = HostPath::literal("/");
        for part in path.folder().parts() {
            let parent = self.root.resolve_folder(&here)?;
            here = here.join(part);
            if self.root.resolve_folder(&here).is_err() {
                disk::make_folder(&parent, part, 0o755)?;
                disk::sync_folder(&parent)?;
            }
        }
        let parent = self.root.resolve_folder(&here)?;
        disk::make_folder(&parent, path.name(), 0o700)?;
        disk::sync_folder(&parent)?;
        own::open_child(&parent, path.name())
    }
}

/// Says who holds the lock.
pub(super) fn held(state: &Folder) -> TransactionError {
    let text = own::read(state, HOLDER, 1 << 17).ok().flatten();
    let text = String::from_utf8_lossy(&text.unwrap_or_default())
        .trim()
        .to_owned();
    TransactionError::Locked {
        holder: if text.is_empty() {
            "an unnamed process".to_owned()
        } else {
            text
        },
    }
}
