//! A change that waits to be confirmed: the files that are there only while it does.
//!
//! systemd takes the change back unless it is confirmed in time. What it runs for that lies in the tree, and so does the marker
//! without which it runs nothing. They are state, no content: they are made with the change, and before anything else of it; they
//! go once it is taken back or confirmed, the marker first, and never come back.

use super::journal::Header;
use super::{Guard, Result, Store, TransactionError, disk, own};
use crate::root::RootError;
use crate::tree::HostPath;

/// The name of the marker in kvmnet's folder: a change waits while it is there.
pub const MARKER: &str = "unconfirmed";

/// The longest marker that is read, in bytes.
const LONGEST: usize = 1 << 16;

/// A change that waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its transaction, the last one that was to be confirmed; none, where that is not kept.
    pub by: Option<Header>,
}

impl Store<'_> {
    /// Returns the change that waits to be confirmed, if there is a marker.
    ///
    /// # Errors
    /// The state or a journal that cannot be read, understood or trusted.
    pub fn waiting(&self) -> Result<Option<Waiting>> {
        if !self.root.has_history() {
            return Ok(None);
        }
        let Some(state) = self.state()? else {
            return Ok(None);
        };
        if own::read(&state, MARKER, LONGEST)?.is_none() {
            return Ok(None);
        }
        let headers = self.headers()?.into_iter().rev();
        let mut by = headers.filter(|header| header.confirm_within.is_some());
        Ok(Some(Waiting { by: by.next() }))
    }
}

impl Guard<'_> {
    /// Takes a file away by which a change waited to be confirmed, and makes that durable; one that is not there is no error.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn end_wait(&self, path: &HostPath) -> Result<()> {
        let folder = match self.store.root.open_real_folder(&path.folder()) {
            Ok(folder) => folder,
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if folder.read_node(path.name())?.is_none() {
            return Ok(());
        }
        disk::remove(&folder, path.name())?;
        disk::sync_folder(&folder)
    }

    /// Takes a folder away that was made for such a file, if nothing is left in it.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn end_folder(&self, path: &HostPath) -> Result<()> {
        match self.store.root.open_real_folder(&path.folder()) {
            Ok(folder) => disk::remove_empty(&folder, path.name()),
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => Ok(()),
            Err(error) => Err(TransactionError::from(error)),
        }
    }
}
