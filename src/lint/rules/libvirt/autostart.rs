//! The folders of links by which libvirt starts networks and guests with the host.

use crate::tree::{Entry, HostPath, Tree, word_of};

/// What is started by the links in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Kind {
    /// Networks.
    Network,
    /// Guests.
    Guest,
}

impl Kind {
    /// Both kinds.
    pub(in crate::lint) const ALL: [Self; 2] = [Self::Network, Self::Guest];

    /// Returns the word for it.
    pub(in crate::lint) fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Guest => "guest",
        }
    }

    /// Returns the folder of the files that the links lead to.
    pub(in crate::lint) fn folder(self) -> HostPath {
        HostPath::literal(match self {
            Self::Network => "/etc/libvirt/qemu/networks",
            Self::Guest => "/etc/libvirt/qemu",
        })
    }

    /// Returns what is in the folder of the links, by the name of what it starts.
    pub(in crate::lint) fn entries(
        self,
        tree: &Tree,
    ) -> impl Iterator<Item = (&str, &HostPath, &Entry)> {
        let listed = tree.listed(&self.folder().join("autostart"));
        listed.filter_map(|(name, path, entry)| Some((name.strip_suffix(".xml")?, path, entry)))
    }

    /// Returns the command that starts `name` with the host.
    pub(in crate::lint) fn command(self, name: &str) -> String {
        let name = word_of(name);
        match self {
            Self::Network => format!("kvmnet network set {name} --autostart"),
            Self::Guest => format!("virsh autostart {name}"),
        }
    }
}
