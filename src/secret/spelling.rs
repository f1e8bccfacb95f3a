//! How a file spells its secrets.

use crate::layout::kind_by_name;
use crate::tree::HostPath;

/// How a file spells its secrets.
#[derive(Clone, Copy)]
pub(super) enum Spelling {
    Shell,
    Keyfile,
    Xml,
}

impl Spelling {
    /// Returns the spelling of the file `path`: by its folder, else (behind a linked one) by its name, else by its text.
    pub(super) fn of(path: &HostPath, text: &str) -> Self {
        let (path, name) = (path.as_str(), path.name());
        let path = path.rfind("/etc/").map_or(path, |at| &path[at..]);
        match path {
            path if path.starts_with("/etc/sysconfig/") => Self::Shell,
            path if path.starts_with("/etc/NetworkManager/") => Self::Keyfile,
            path if path.starts_with("/etc/libvirt/") => Self::Xml,
            _ if kind_by_name(name).is_some() => Self::Shell,
            _ if name.contains(".nmconnection") => Self::Keyfile,
            _ if name.contains(".xml") || text.trim_start().starts_with('<') => Self::Xml,
            _ if text.lines().take(100).any(is_section) => Self::Keyfile,
            _ => Self::Shell,
        }
    }
}

fn is_section(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('[') && line.ends_with(']') && !line.contains(['=', ' ', '"', '$'])
}
