//! A program that configures interfaces, whether it is started with the host, and where a file says so.

use crate::tree::HostPath;

/// A program that configures interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// The network service of Red Hat.
    NetworkScripts,
    /// NetworkManager.
    NetworkManager,
    /// netplan, whatever renders its files.
    Netplan,
    /// ifupdown or ifupdown2.
    Ifupdown,
    /// systemd-networkd.
    Networkd,
    /// wicked.
    Wicked,
    /// Open vSwitch, which keeps its own bridges.
    OpenVswitch,
}

impl Program {
    /// Returns its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NetworkScripts => "network-scripts",
            Self::NetworkManager => "NetworkManager",
            Self::Netplan => "netplan",
            Self::Ifupdown => "ifupdown",
            Self::Networkd => "systemd-networkd",
            Self::Wicked => "wicked",
            Self::OpenVswitch => "Open vSwitch",
        }
    }
}

/// A place that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The file or folder.
    pub path: HostPath,
    /// Its line; absent for the file or folder as a whole.
    pub line: Option<u32>,
}

impl At {
    /// Returns the file as a whole.
    #[must_use]
    pub fn file(path: HostPath) -> Self {
        Self { path, line: None }
    }
}

/// Whether a program is started with the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Starts {
    /// It is enabled.
    Yes,
    /// It is installed, and not enabled.
    No,
    /// This masks its unit: it is not started, enabled or not.
    Masked(HostPath),
    /// Its configuration says so here: it starts, and does nothing.
    Idle(At),
    /// The tree does not tell.
    #[default]
    Unknown,
}

impl Starts {
    /// Returns whether it is known not to run.
    #[must_use]
    pub fn never(&self) -> bool {
        match self {
            Self::No | Self::Masked(_) | Self::Idle(_) => true,
            Self::Yes | Self::Unknown => false,
        }
    }
}
