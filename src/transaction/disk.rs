//! Single changes of a folder, each durable or not as it says: the only calls that write.
//!
//! Source of the order (write a temporary, fsync it, rename it, fsync the folder): rename(2) is atomic, and only fsync(2)
//! of file and folder makes content and name survive a power cut.

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid, XattrFlags};
use rustix::io::Errno;

use super::TransactionError;
use crate::change::{Marks, Xattrs};
use crate::root::{Folder, retry, xattr};
use crate::tree::{Attrs, HostPath, Node};
use crate::work::{self, Work};

type Result<T> = std::result::Result<T, TransactionError>;

fn io(
    doing: &'static str,
    folder: &Folder,
    name: &str,
) -> impl FnOnce(Errno) -> TransactionError + use<> {
    let path = folder.path().join(name);
    move |source| TransactionError::Io {
        doing,
        path,
        source,
    }
}

/// Makes the folder `name`, or finds it; returns whether it was made.
pub(super) fn make_folder(folder: &Folder, name: &str, mode: u32) -> Result<bool> {
    match retry(|| rustix::fs::mkdirat(folder.fd(), name, Mode::from_raw_mode(mode))) {
        Ok(()) => {
            // whatever the umask says
            let made = folder
                .child(name)?
                .ok_or(Errno::NOENT)
                .and_then(|made| made.reopen().map_err(|_| Errno::ACCESS));
            let made = made.map_err(io("open", folder, name))?;
            retry(|| rustix::fs::fchmod(&made, Mode::from_raw_mode(mode))).map_err(io(
                "set the mode of",
                folder,
                name,
            ))?;
            Ok(true)
        }
        Err(Errno::EXIST) => Ok(false),
        Err(errno) => Err(io("make", folder, name)(errno)),
    }
}

/// Makes names in the folder durable.
pub(super) fn sync_folder(folder: &Folder) -> Result<()> {
    let fd = folder.reopen()?;
    let path = folder.path().clone();
    retry(|| rustix::fs::fsync(&fd)).map_err(|source| TransactionError::Io {
        doing: "sync",
        path,
        source,
    })
}

/// Writes a new private file and makes its content durable.
pub(super) fn write_private(folder: &Folder, name: &str, bytes: &[u8]) -> Result<()> {
    let attrs = Attrs {
        mode: 0o600,
        uid: 0,
        gid: 0,
    };
    write(folder, name, bytes, attrs, None)
}

/// Writes a new private file that may be lost: nobody depends on it.
pub(super) fn write_note(folder: &Folder, name: &str, bytes: &[u8]) -> Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let private = Mode::from_raw_mode(0o600);
    let fd = retry(|| rustix::fs::openat(folder.fd(), name, flags, private))
        .map_err(io("make", folder, name))?;
    retry(|| rustix::io::write(&fd, bytes)).map_err(io("write", folder, name))?;
    Ok(())
}

/// Makes `name` the file or link `node`, with exactly these attributes; a left-over of that name goes first.
pub(super) fn write_node(folder: &Folder, name: &str, node: &Node, marks: &Marks) -> Result<()> {
    remove(folder, name)?;
    match node {
        Node::File(file) => write(folder, name, &file.bytes, file.attrs, Some(&marks.xattrs)),
        Node::Link(target) => write_link(folder, name, target, marks),
    }
}

fn write_link(folder: &Folder, name: &str, target: &str, marks: &Marks) -> Result<()> {
    retry(|| rustix::fs::symlinkat(target, folder.fd(), name)).map_err(io(
        "make the link",
        folder,
        name,
    ))?;
    let made = rustix::fs::statat(folder.fd(), name, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(io("look at", folder, name))?;
    if let Some((uid, gid)) = marks
        .owner
        .filter(|owner| *owner != (made.st_uid, made.st_gid))
    {
        let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
        retry(|| rustix::fs::chownat(folder.fd(), name, uid, gid, AtFlags::SYMLINK_NOFOLLOW))
            .map_err(io("give its owner to", folder, name))?;
    }
    let known =
        xattr::read_link(folder.fd(), name).map_err(io("read the label of", folder, name))?;
    for (key, value) in &marks.xattrs {
        if known.get(key) != Some(value) {
            xattr::set_of_link(folder.fd(), name, key, value).map_err(io(
                "set the label of",
                folder,
                name,
            ))?;
        }
    }
    Ok(())
}

/// Writes a file; with `xattrs`, it gets these and the owner, and may be seen by others only then.
fn write(
    folder: &Folder,
    name: &str,
    bytes: &[u8],
    attrs: Attrs,
    xattrs: Option<&Xattrs>,
) -> Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let private = Mode::from_raw_mode(0o600);
    let fd = retry(|| rustix::fs::openat(folder.fd(), name, flags, private))
        .map_err(io("make", folder, name))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = retry(|| rustix::io::write(&fd, rest)).map_err(io("write", folder, name))?;
        if written == 0 {
            return Err(io("write", folder, name)(Errno::IO));
        }
        work::count(Work::Moved, written);
        rest = &rest[written..];
    }
    if let Some(xattrs) = xattrs {
        let stat = rustix::fs::fstat(&fd).map_err(io("look at", folder, name))?;
        if (stat.st_uid, stat.st_gid) != (attrs.uid, attrs.gid) {
            let owner = (
                Some(Uid::from_raw(attrs.uid)),
                Some(Gid::from_raw(attrs.gid)),
            );
            retry(|| rustix::fs::fchown(&fd, owner.0, owner.1)).map_err(io(
                "give its owner to",
                folder,
                name,
            ))?;
        }
        let known =
            xattr::read(&fd).map_err(io("read the extended attributes of", folder, name))?;
        for (key, value) in xattrs
            .iter()
            .filter(|(key, value)| known.get(*key) != Some(value))
        {
            retry(|| rustix::fs::fsetxattr(&fd, key.as_str(), value, XattrFlags::empty()))
                .map_err(io("set the extended attributes of", folder, name))?;
        }
        // the folder may have given it an access control list
        if known.contains_key(xattr::ACL) && !xattrs.contains_key(xattr::ACL) {
            retry(|| rustix::fs::fremovexattr(&fd, xattr::ACL)).map_err(io(
                "remove the access control list of",
                folder,
                name,
            ))?;
        }
    }
    // after the owner: chown takes set-id bits away
    retry(|| rustix::fs::fchmod(&fd, Mode::from_raw_mode(attrs.mode))).map_err(io(
        "set the mode of",
        folder,
        name,
    ))?;
    retry(|| rustix::fs::fsync(&fd)).map_err(io("sync", folder, name))
}

/// Gives `from` the name `to`, in place of what is there.
pub(super) fn rename(folder: &Folder, from: &str, to: &str) -> Result<()> {
    retry(|| rustix::fs::renameat(folder.fd(), from, folder.fd(), to))
        .map_err(io("rename", folder, from))
}

/// Takes the file or link `name` away, if it is there.
pub(super) fn remove(folder: &Folder, name: &str) -> Result<()> {
    match retry(|| rustix::fs::unlinkat(folder.fd(), name, AtFlags::empty())) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(io("remove", folder, name)(errno)),
    }
}

/// Takes the folder `name` away, if it is there and empty.
pub(super) fn remove_empty(folder: &Folder, name: &str) -> Result<()> {
    match retry(|| rustix::fs::unlinkat(folder.fd(), name, AtFlags::REMOVEDIR)) {
        Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => Ok(()),
        Err(errno) => Err(io("remove", folder, name)(errno)),
    }
}

/// How deep folders lie in one of kvmnet's own that is taken away.
const DEEPEST: usize = 8;

/// Takes the folder `name` away with all that is in it; it is one of kvmnet's own.
pub(super) fn remove_tree(folder: &Folder, name: &str) -> Result<()> {
    remove_beneath(folder, name, DEEPEST)
}

fn remove_beneath(folder: &Folder, name: &str, depth: usize) -> Result<()> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(TransactionError::Distrusted {
            path: folder.path().clone(),
            why: "its folders are nested deeper than kvmnet makes them".to_owned(),
        });
    };
    let Some(inner) = folder.child(name)? else {
        return Ok(());
    };
    for (entry, kind) in inner.names()? {
        let entry = entry.to_string_lossy().into_owned();
        if kind.is_dir() {
            remove_beneath(&inner, &entry, depth)?;
        } else {
            remove(&inner, &entry)?;
        }
    }
    remove_empty(folder, name)
}

/// Refuses beforehand what would fail midway: a folder in which nothing can be written.
pub(super) fn check_writable(folder: &Folder) -> Result<()> {
    use rustix::fs::Access;
    let path = folder.path().clone();
    retry(|| {
        rustix::fs::accessat(
            folder.fd(),
            ".",
            Access::WRITE_OK | Access::EXEC_OK,
            AtFlags::empty(),
        )
    })
    .map_err(|source| TransactionError::Io {
        doing: "write in",
        path,
        source,
    })
}

/// Refuses an owner that only root can give.
pub(super) fn check_owner(path: &HostPath, attrs: Attrs) -> Result<()> {
    let me = rustix::process::geteuid();
    if me.is_root() || attrs.uid == me.as_raw() {
        return Ok(());
    }
    Err(TransactionError::Io {
        doing: "keep the owner of",
        path: path.clone(),
        source: Errno::PERM,
    })
}
