//! kvmnet's own folder: whose it must be, and how what is in it is read.
//!
//! It lies in the tree, which others may have made. So it must belong to who runs kvmnet (or to root, whom nothing holds
//! back), nobody else may write in it, and no link leads into it. What it says is held to what commands do all the same.

use super::{Result, TransactionError};
use crate::root::{Folder, RootError};
use crate::tree::{Attrs, HostPath};

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
            why: "it is a link, or not a folder".to_owned(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// Opens the folder `name`, which must be there and to be trusted.
pub(super) fn open_child(folder: &Folder, name: &str) -> Result<Folder> {
    let path = folder.path().join(name);
    Ok(child(folder, name)?.ok_or(RootError::Missing { path })?)
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
        return Err(distrusted("it is not a regular file"));
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
        format!("it is writable by others (mode {:04o})", attrs.mode)
    } else {
        return Ok(());
    };
    let path = path.clone();
    Err(TransactionError::Distrusted { path, why })
}
