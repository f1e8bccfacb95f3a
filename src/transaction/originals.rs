//! What is kept for good: the bytes that transactions replaced, when the transactions themselves are forgotten.
//!
//! `originals/PATH/before-ID` is what was at PATH before transaction ID, private like all of the state. Each content of a
//! path is kept once, the first one of all among them. A transaction is forgotten only when all that it replaced is durable
//! here, so that no moment is without it.

use super::kept::number;
use super::{Guard, Result, Store, TransactionError, disk, own};
use crate::root::{Folder, MAX_FILE_BYTES};
use crate::tree::HostPath;

/// The folder of what is kept for good.
const ORIGINALS: &str = "originals";
/// How its files are named, followed by the number of the transaction.
const NAME: &str = "before-";
/// Folders are not followed deeper than any path of a host goes; kvmnet makes none that deep.
const DEEPEST: usize = 128;

/// A file that is kept for good.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Original {
    /// Where its bytes were.
    pub of: HostPath,
    /// The transaction that replaced them.
    pub id: u64,
    /// How many bytes they are.
    pub len: u64,
}

impl Original {
    /// Returns the file that holds the bytes.
    #[must_use]
    pub fn at(&self, state: &HostPath) -> HostPath {
        let folder = state.join(ORIGINALS);
        let folder = self.of.parts().fold(folder, |at, part| at.join(part));
        folder.join(&self.name())
    }

    fn name(&self) -> String {
        format!("{NAME}{}", self.id)
    }
}

/// How much the state holds, in bytes of its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// In all.
    pub all: u64,
    /// Of that, what is kept for good.
    pub originals: u64,
}

impl Store<'_> {
    /// Returns all that is kept for good, by path.
    ///
    /// # Errors
    /// A folder that cannot be read or trusted.
    pub fn originals(&self) -> Result<Vec<Original>> {
        let mut found = Vec::new();
        if let Some(folder) = self.state()?.map(|state| own::child(&state, ORIGINALS)) {
            let root = HostPath::literal("/");
            folder?.map_or(Ok(()), |folder| list(&folder, &root, 0, &mut found))?;
        }
        found.sort();
        Ok(found)
    }

    /// Returns how much the state holds.
    ///
    /// # Errors
    /// A folder that cannot be read or trusted.
    pub fn held(&self) -> Result<Held> {
        let Some(state) = self.state()? else {
            return Ok(Held::default());
        };
        let originals = match own::child(&state, ORIGINALS)? {
            Some(folder) => size(&folder, 0)?,
            None => 0,
        };
        let all = size(&state, 0)?;
        Ok(Held { all, originals })
    }
}

impl Guard<'_> {
    /// Returns whether these bytes are kept as a content of `of`.
    pub(super) fn has(&self, of: &HostPath, bytes: &[u8]) -> Result<bool> {
        let mut folder = own::child(&self.state, ORIGINALS)?;
        for part in of.parts() {
            let Some(above) = folder else { break };
            folder = own::child(&above, part)?;
        }
        folder.map_or(Ok(false), |folder| holds(&folder, bytes))
    }

    pub(super) fn keep(&self, of: &HostPath, id: u64, bytes: &[u8]) -> Result<()> {
        let mut folder = made(&self.state, ORIGINALS)?;
        if of.parts().count() > DEEPEST {
            return Err(too_deep(&folder));
        }
        for part in of.parts() {
            folder = made(&folder, part)?;
        }
        if holds(&folder, bytes)? {
            return Ok(());
        }
        let name = format!("{NAME}{id}");
        if length(&folder, &name)?.is_some() {
            return Err(TransactionError::Distrusted {
                path: folder.path().join(&name),
                why: "its contents differ from the original".to_owned(),
            });
        }
        let new = format!("{name}.new");
        disk::remove(&folder, &new)?;
        disk::write_private(&folder, &new, bytes)?;
        disk::rename(&folder, &new, &name)?;
        disk::sync_folder(&folder)
    }

    /// Drops what is kept for good: these files, and the folders that are left empty.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn drop_originals(&self, originals: &[Original]) -> Result<()> {
        for original in originals {
            let mut folders = vec![self.state.open_child(ORIGINALS)?];
            for part in original.of.parts() {
                let Some(last) = folders.last() else { break };
                folders.push(own::open_child(last, part)?);
            }
            if let Some(last) = folders.last() {
                disk::remove(last, &original.name())?;
            }
            let parts: Vec<&str> = original.of.parts().collect();
            for (folder, part) in folders.iter().zip(parts).rev() {
                disk::remove_empty(folder, part)?;
            }
        }
        disk::remove_empty(&self.state, ORIGINALS)
    }
}

/// Returns the folder `name`, made durable if it is missing.
fn made(folder: &Folder, name: &str) -> Result<Folder> {
    if disk::make_folder(folder, name, 0o700)? {
        disk::sync_folder(folder)?;
    }
    own::open_child(folder, name)
}

fn is_kept(name: &str) -> bool {
    name.strip_prefix(NAME).and_then(number).is_some()
}

/// Returns whether a file that is kept in the folder has these bytes.
fn holds(folder: &Folder, bytes: &[u8]) -> Result<bool> {
    for (name, _) in folder.names()? {
        let Some(name) = name.to_str().ok().filter(|name| is_kept(name)) else {
            continue;
        };
        if length(folder, name)? == Some(bytes.len() as u64)
            && own::read(folder, name, MAX_FILE_BYTES)?.as_deref() == Some(bytes)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns how long a file is, if it is there.
fn length(folder: &Folder, name: &str) -> Result<Option<u64>> {
    let found = folder.look_at(name);
    let found = found.map_err(|source| TransactionError::Io {
        doing: "look at",
        path: folder.path().join(name),
        source,
    })?;
    Ok(found.map(|stat| u64::try_from(stat.st_size).unwrap_or(0)))
}

fn list(folder: &Folder, of: &HostPath, depth: usize, found: &mut Vec<Original>) -> Result<()> {
    if depth > DEEPEST {
        return Err(too_deep(folder));
    }
    for (name, kind) in folder.names()? {
        let Ok(name) = name.to_str() else { continue };
        if kind.is_dir() {
            if let Some(child) = own::child(folder, name)? {
                list(&child, &of.join(name), depth + 1, found)?;
            }
        } else if let Some(id) = name.strip_prefix(NAME).and_then(number) {
            let len = length(folder, name)?.unwrap_or(0);
            let of = of.clone();
            found.push(Original { of, id, len });
        }
    }
    Ok(())
}

fn size(folder: &Folder, depth: usize) -> Result<u64> {
    if depth > DEEPEST {
        return Err(too_deep(folder));
    }
    let mut sum = 0_u64;
    for (name, kind) in folder.names()? {
        let Ok(name) = name.to_str() else { continue };
        let more = match kind.is_dir() {
            true => match own::child(folder, name)? {
                Some(child) => size(&child, depth + 1)?,
                None => 0,
            },
            false => length(folder, name)?.unwrap_or(0),
        };
        sum = sum.saturating_add(more);
    }
    Ok(sum)
}

fn too_deep(folder: &Folder) -> TransactionError {
    TransactionError::Distrusted {
        path: folder.path().clone(),
        why: "it is nested deeper than kvmnet writes".to_owned(),
    }
}
