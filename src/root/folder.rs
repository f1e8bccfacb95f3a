//! One open folder beneath the root, and reading the entries in it.
//!
//! All names are single ones, looked up in the folder's descriptor, and no link is followed here.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::signal::retry;
use super::{MAX_FILE_BYTES, RootError, xattr};
use crate::change::Marks;
use crate::tree::{Attrs, File, HostPath, Node, Time};
use crate::work::{self, Work};

/// A folder beneath the root, held open, with its path without links.
#[derive(Debug)]
pub struct Folder {
    fd: OwnedFd,
    path: HostPath,
}

/// A regular file that was opened for reading.
pub(crate) struct Opened {
    pub(crate) fd: OwnedFd,
    stat: Stat,
}

impl Folder {
    pub(super) fn new(fd: OwnedFd, path: HostPath) -> Self {
        Self { fd, path }
    }

    pub(super) fn root(dir: BorrowedFd<'_>) -> Result<Self, RootError> {
        let path = HostPath::literal("/");
        let fd = open(dir, ".", OFlags::PATH | OFlags::DIRECTORY)
            .map_err(RootError::io("open", path.clone()))?;
        Ok(Self { fd, path })
    }

    /// Returns the path of the folder, without links.
    #[must_use]
    pub fn path(&self) -> &HostPath {
        &self.path
    }

    /// Returns the descriptor, good for looking up names only (`O_PATH`).
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Opens the folder itself for listing, syncing or changing its mode.
    pub(crate) fn reopen(&self) -> Result<OwnedFd, RootError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        open(self.fd(), ".", flags).map_err(RootError::io("open", self.path.clone()))
    }

    /// Opens the folder `name`, if it is there; a link is none.
    pub(crate) fn child(&self, name: &str) -> Result<Option<Self>, RootError> {
        let path = self.path.join(name);
        match open(
            self.fd(),
            name,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW,
        ) {
            Ok(fd) => Ok(Some(Self { fd, path })),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(RootError::NotFolder { path }),
            Err(source) => Err(RootError::Io {
                doing: "open",
                path,
                source,
            }),
        }
    }

    /// Opens the folder `name`, which must be there.
    pub(crate) fn open_child(&self, name: &str) -> Result<Self, RootError> {
        let path = self.path.join(name);
        self.child(name)?.ok_or(RootError::Missing { path })
    }

    /// Returns all names with what the folder says of their kind, in its own order.
    pub(crate) fn names(&self) -> Result<Vec<(CString, FileType)>, RootError> {
        let io = || RootError::io("list", self.path.clone());
        let mut names = Vec::new();
        for entry in Dir::new(self.reopen()?).map_err(io())? {
            let entry = entry.map_err(io())?;
            if entry.file_name() != c"." && entry.file_name() != c".." {
                names.push((entry.file_name().to_owned(), entry.file_type()));
            }
        }
        Ok(names)
    }

    /// Returns what `name` is, if it is there.
    pub(crate) fn kind_of(&self, name: &str) -> Result<Option<FileType>, Errno> {
        let stat = self.look_at(name)?;
        Ok(stat.map(|stat| FileType::from_raw_mode(stat.st_mode)))
    }

    /// Opens the regular file `name`; a FIFO does not block, a link is `ELOOP`, another kind `None`.
    pub(crate) fn open_file(&self, name: &str) -> Result<Option<Opened>, Errno> {
        let fd = open(
            self.fd(),
            name,
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK,
        )?;
        let stat = rustix::fs::fstat(&fd)?;
        Ok(FileType::from_raw_mode(stat.st_mode)
            .is_file()
            .then_some(Opened { fd, stat }))
    }

    /// Returns the text of the link `name`; `None` is one that [`is_name`] does not take.
    pub(crate) fn read_link(&self, name: &str) -> Result<Option<String>, Errno> {
        Ok(
            retry(|| rustix::fs::readlinkat(&self.fd, name, Vec::new()))?
                .into_string()
                .ok()
                .filter(|text| is_name(text)),
        )
    }

    /// Returns the file or link `name`, if it is there, with its marks.
    pub(crate) fn read_node(&self, name: &str) -> Result<Option<(Node, Marks)>, RootError> {
        let path = self.path.join(name);
        let io = |doing| RootError::io(doing, path.clone());
        let Some(stat) = self.look_at(name).map_err(io("look at"))? else {
            return Ok(None);
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind.is_symlink() {
            let text = self.read_link(name).map_err(io("read the link"))?;
            let Some(text) = text else {
                return Err(RootError::LinkText { path });
            };
            let marks = Marks {
                xattrs: xattr::read_link(&self.fd, name)
                    .map_err(io("read the extended attributes"))?,
                owner: Some((stat.st_uid, stat.st_gid)),
            };
            return Ok(Some((Node::Link(text), marks)));
        }
        // Opening a device can set it in motion, so look first.
        let opened = if kind.is_file() {
            self.open_file(name).map_err(io("open"))?
        } else {
            None
        };
        let Some(opened) = opened else {
            return Err(RootError::NoFile {
                path,
                found: word(kind),
            });
        };
        let Some(file) = opened.read(MAX_FILE_BYTES).map_err(io("read"))? else {
            return Err(RootError::TooLarge { path });
        };
        let xattrs = match xattr::read(&opened.fd) {
            Err(rustix::io::Errno::TOOBIG) => return Err(RootError::LongXattrs { path }),
            xattrs => xattrs.map_err(io("read the extended attributes"))?,
        };
        let owner = None;
        Ok(Some((Node::File(file), Marks { xattrs, owner })))
    }

    /// Returns owner, group and mode of the folder itself.
    pub(crate) fn attrs(&self) -> Result<Attrs, RootError> {
        let stat = rustix::fs::fstat(&self.fd);
        let stat = stat.map_err(RootError::io("look at", self.path.clone()))?;
        Ok(attrs(&stat))
    }

    /// Returns whether this is the same folder as another one.
    pub(crate) fn is(&self, other: &Self) -> Result<bool, RootError> {
        let identity = |folder: &Self| {
            let stat = rustix::fs::fstat(&folder.fd);
            let stat = stat.map_err(RootError::io("look at", folder.path.clone()))?;
            Ok((stat.st_dev, stat.st_ino))
        };
        Ok(identity(self)? == identity(other)?)
    }

    /// Returns when `name` was last changed, if it is there.
    pub(super) fn changed_at(&self, name: &str) -> Result<Option<Time>, RootError> {
        let stat = self.look_at(name);
        let stat = stat.map_err(RootError::io("look at", self.path.join(name)))?;
        Ok(stat.map(|stat| Time(stat.st_mtime, stat.st_mtime_nsec)))
    }

    pub(crate) fn look_at(&self, name: &str) -> Result<Option<Stat>, Errno> {
        match retry(|| rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => Ok(Some(stat)),
            // nothing can have a name that is too long
            Err(Errno::NOENT | Errno::NAMETOOLONG) => Ok(None),
            Err(errno) => Err(errno),
        }
    }
}

impl Opened {
    /// Returns mode and owner.
    pub(crate) fn attrs(&self) -> Attrs {
        attrs(&self.stat)
    }

    /// Returns when it was last changed.
    pub(crate) fn changed_at(&self) -> Time {
        Time(self.stat.st_mtime, self.stat.st_mtime_nsec)
    }

    /// Returns the length of the file in bytes, as it was when it was opened: holes count.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.stat.st_size).unwrap_or(usize::MAX)
    }

    /// Reads the whole file; `None` means larger than `longest`, be it that it grows while it is read.
    pub(crate) fn read(&self, longest: usize) -> Result<Option<File>, Errno> {
        let size = self.len();
        if size > longest {
            return Ok(None);
        }
        // One byte more than the size tells the end of a file that did not grow without a second read.
        let mut bytes = Vec::with_capacity(size + 1);
        loop {
            let read = retry(|| rustix::io::read(&self.fd, spare_capacity(&mut bytes)))?;
            work::count(Work::Moved, read);
            if read == 0 || bytes.len() == size {
                return Ok(Some(File {
                    bytes,
                    attrs: attrs(&self.stat),
                }));
            }
            if bytes.len() > longest {
                return Ok(None);
            }
            if bytes.len() == bytes.capacity() {
                bytes.reserve(bytes.len().max(4096));
            }
        }
    }
}

/// Returns mode and owner.
pub(crate) fn attrs(stat: &Stat) -> Attrs {
    Attrs {
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
    }
}

/// Returns the word for what is no regular file.
pub(super) fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "file",
        FileType::Directory => "folder",
        FileType::Symlink => "link",
        FileType::Fifo => "FIFO",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        FileType::Unknown => "object of unknown type",
    }
}

/// Returns whether a name can be shown as it is: with a control character in it, it could pass for a line of its own.
pub(super) fn is_name(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn open(dir: BorrowedFd<'_>, name: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    retry(|| rustix::fs::openat(dir, name, flags | OFlags::CLOEXEC, Mode::empty()))
}
