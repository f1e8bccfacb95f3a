//! Why a path beneath the root could not be looked at or written.

use camino::Utf8PathBuf;
use rustix::io::Errno;

use crate::tree::HostPath;
use crate::tree::budget::Spent;

/// A path beneath the root could not be looked at or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// The root itself is not there.
    #[error("root folder `{path}` does not exist")]
    NoSuchRoot {
        /// As given by the user.
        path: Utf8PathBuf,
    },
    /// The root itself is something else than a folder.
    #[error("root `{path}` is not a folder")]
    RootNoFolder {
        /// As given by the user.
        path: Utf8PathBuf,
    },
    /// The root itself could not be opened.
    #[error("root folder `{path}`: cannot open: {source}")]
    RootUnopened {
        /// As given by the user.
        path: Utf8PathBuf,
        /// What the kernel said.
        source: Errno,
    },
    /// Nothing is there.
    #[error("`{path}` does not exist")]
    Missing {
        /// The first part of the way that is missing.
        path: HostPath,
    },
    /// A link leads to nothing.
    #[error("link `{link}` leads to `{missing}`, which does not exist")]
    Dangling {
        /// The link.
        link: HostPath,
        /// The first part of its way that is missing.
        missing: HostPath,
    },
    /// Links lead in a circle, or through more than 40 links.
    #[error("`{path}` leads through too many links, or a loop of links")]
    Loop {
        /// The path that was asked for.
        path: HostPath,
    },
    /// A link is where a write may not follow one.
    #[error("`{path}` is a link: it was put there since the files were read")]
    Link {
        /// The link.
        path: HostPath,
    },
    /// A link whose text is in no UTF-8, or holds control characters.
    #[error("link `{path}` leads to a name that is not plain text")]
    LinkText {
        /// The link.
        path: HostPath,
    },
    /// A part of the way is no folder.
    #[error("`{path}` is not a folder")]
    NotFolder {
        /// The part.
        path: HostPath,
    },
    /// Neither a file nor a link is where one is needed.
    #[error("`{path}` is not a file but a {found}")]
    NoFile {
        /// The path.
        path: HostPath,
        /// What is there: `folder`, `FIFO`, `device` or `socket`.
        found: &'static str,
    },
    /// A file is longer than [`MAX_FILE_BYTES`](crate::tree::budget::MAX_FILE_BYTES).
    #[error("`{path}` is larger than 16 MiB")]
    TooLarge {
        /// The file.
        path: HostPath,
    },
    /// A file has more extended attributes than any configuration needs.
    #[error("`{path}` has more than 1 MiB of extended attributes; list them with getfattr(1)")]
    LongXattrs {
        /// The file.
        path: HostPath,
    },
    /// There is more to read than any host has.
    #[error("`{folder}` contains too much to be read: {spent}")]
    TooMuch {
        /// Where the limit was reached.
        folder: HostPath,
        /// The limit.
        spent: Spent,
        /// As given by the user.
        root: Utf8PathBuf,
    },
    /// The kernel refused something.
    #[error("`{path}`: cannot {doing}: {source}")]
    Io {
        /// What was being tried, such as `open`.
        doing: &'static str,
        /// On what.
        path: HostPath,
        /// What the kernel said.
        source: Errno,
    },
}

impl RootError {
    /// Returns a function that gives a kernel's error its path and what was being tried.
    pub(crate) fn io(doing: &'static str, path: HostPath) -> impl FnOnce(Errno) -> Self {
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
