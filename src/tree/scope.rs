//! What a command reads.

use super::HostPath;

/// What to do with a name that is found in a folder.
#[derive(Clone, Copy, Debug)]
pub enum Pick {
    /// Read the file.
    Read,
    /// Read the file, and when it was last changed.
    Dated,
    /// Note that it is there.
    Note,
    /// Note that it is there, and of a link where it points to.
    Point,
    /// List the folder of this name, and decide for each name in it.
    Enter(Picker),
    /// Pass it over.
    Skip,
}

/// Decides for each name in a folder.
pub type Picker = fn(&str) -> Pick;

/// What a command reads: the only way to ask for files.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Folders to list, and for each name what to do with it. A missing folder is no error.
    pub folders: Vec<(HostPath, Picker)>,
    /// Single files to read. A missing file is no error.
    pub files: Vec<HostPath>,
    /// Single paths of which only the presence matters, and of links where they point to.
    pub present: Vec<HostPath>,
}
