//! What is found at a path: files and links as they are read, and as they are written.

use serde::{Deserialize, Serialize};

use super::path::HostPath;

/// The mode and the owner of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attrs {
    /// Permission bits, set-id and sticky bits: the lower twelve bits of `st_mode`.
    pub mode: u32,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
}

/// When a file was last changed: seconds since the epoch, and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64, pub u64);

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The whole content.
    pub bytes: Vec<u8>,
    /// Mode and owner.
    pub attrs: Attrs,
}

/// What kvmnet writes: a regular file or a symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A regular file.
    File(File),
    /// A symbolic link, by the text it holds.
    Link(String),
}

/// Where a symbolic link ends, resolved as inside a chroot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// At this path, which is no link; the tree holds its entry.
    At(HostPath),
    /// Nowhere, or in a circle; the text says which.
    Broken(String),
    /// Nobody asked: only the link's own text was read.
    NotFollowed,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file that was read.
    File(File),
    /// A symbolic link.
    Link {
        /// The text of the link.
        target: String,
        /// Where it leads beneath the root.
        end: LinkEnd,
    },
    /// Something that is there, but was not asked for: its content is unknown.
    Unread,
    /// Something that is no file: a folder, device, socket or FIFO, named by this word.
    Other(&'static str),
    /// A file that was asked for, and could not be read for this reason.
    Unreadable(String),
}
