//! libvirt's daemons, and the version of its library.
//!
//! Source: libvirt's page on daemons; `libvirt_so_version` in its meson.build: `libvirt.so.0.9000.0` is 9.0.0.

use super::release::Release;
use super::version::Version;
use crate::tree::{Entry, HostPath, Tree};

/// Which daemons serve networks and guests.
///
/// Source: libvirt's daemons page; both kinds read the same files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Libvirt {
    /// One for all: `libvirtd`.
    #[default]
    Monolithic,
    /// One for each driver: `virtnetworkd`, `virtqemud` (Fedora 35, RHEL 9 and later).
    Modular,
}

impl Libvirt {
    /// Returns the daemon of the networks.
    #[must_use]
    pub fn networks(self) -> &'static str {
        match self {
            Self::Monolithic => "libvirtd",
            Self::Modular => "virtnetworkd",
        }
    }

    /// Returns the daemon of the guests.
    #[must_use]
    pub fn guests(self) -> &'static str {
        match self {
            Self::Monolithic => "libvirtd",
            Self::Modular => "virtqemud",
        }
    }
}

/// What shows libvirt's daemons, the surest first: what runs, what is started with the host, what is installed.
const LIBVIRT: &[(&str, Libvirt)] = &[
    ("/run/libvirtd.pid", Libvirt::Monolithic),
    ("/run/virtnetworkd.pid", Libvirt::Modular),
    (
        "/etc/systemd/system/multi-user.target.wants/libvirtd.service",
        Libvirt::Monolithic,
    ),
    (
        "/etc/systemd/system/sockets.target.wants/libvirtd.socket",
        Libvirt::Monolithic,
    ),
    (
        "/etc/systemd/system/sockets.target.wants/virtnetworkd.socket",
        Libvirt::Modular,
    ),
    (
        "/etc/systemd/system/multi-user.target.wants/virtnetworkd.service",
        Libvirt::Modular,
    ),
    ("/usr/sbin/libvirtd", Libvirt::Monolithic),
    ("/usr/sbin/virtnetworkd", Libvirt::Modular),
];

/// Where the library lies; the link of this name leads to the version.
const LIBRARY: &[&str] = &[
    "/usr/lib64/libvirt.so.0",
    "/usr/lib/libvirt.so.0",
    "/usr/lib/x86_64-linux-gnu/libvirt.so.0",
    "/usr/lib/aarch64-linux-gnu/libvirt.so.0",
];

/// Folders that distributions and manuals serve by TFTP: others are not looked for.
pub const TFTP_ROOTS: &[&str] = &[
    "/srv/tftp",
    "/srv/tftpboot",
    "/tftpboot",
    "/var/lib/tftp",
    "/var/lib/tftpboot",
];
/// The folders above them.
const ABOVE: &[&str] = &["/srv", "/var/lib"];

pub(super) fn present() -> Vec<HostPath> {
    let daemons = LIBVIRT.iter().map(|(path, _)| path);
    daemons
        .chain(LIBRARY)
        .chain(TFTP_ROOTS)
        .chain(ABOVE)
        .map(|path| HostPath::literal(path))
        .collect()
}

pub(super) fn daemons(tree: &Tree) -> Libvirt {
    LIBVIRT
        .iter()
        .find(|(path, _)| tree.exists(&HostPath::literal(path)))
        .map_or(Libvirt::default(), |(_, kind)| *kind)
}

/// Returns the version of the library, else that of the release.
pub(super) fn version(tree: &Tree, release: Option<&Release>) -> Option<Version> {
    let library = LIBRARY
        .iter()
        .find_map(|path| match tree.get(&HostPath::literal(path)) {
            Some(Entry::Link { target, .. }) => {
                let numbers = target.rsplit('/').next()?.strip_prefix("libvirt.so.0.")?;
                let (both, micro) = numbers.split_once('.')?;
                let both: u32 = both.parse().ok()?;
                Some(Version::of(&[
                    both / 1000,
                    both % 1000,
                    micro.parse().ok()?,
                ]))
            }
            _ => None,
        });
    library.or_else(|| release.and_then(Release::libvirt))
}
