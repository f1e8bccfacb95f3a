//! How much is read: of one file, by where it lies, and of a tree.
//!
//! A tree may be hostile, and what is read takes many times its size in memory. The limits are far above what hosts have,
//! so that who meets one has met a mistake or an attack. To add one: a line in [`PLACES`], with its grounds.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::HostPath;
use crate::layout::{About, kind_of, kinds_in};

/// The longest file of any kind that is read, in bytes. Records of leases may be as long: libvirt itself reads 32 MiB
/// (`VIR_NETWORK_DHCP_LEASE_FILE_SIZE_MAX` in util/virlease.c).
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// The bytes that are read of a tree: 20,000 guests have half of that.
const MAX_TREE_BYTES: usize = 256 << 20;

/// The files and links that are read of a tree, and the names of which the presence is noted.
const MAX_TREE_ENTRIES: usize = 400_000;

/// The bytes that are read of small files together: a thousand for each of the 4,094 VLANs of a card make 4 MiB, and each
/// byte of a line may take a hundred of memory.
const MAX_SMALL_BYTES: usize = 16 << 20;

/// Files up to this limit are small ones.
const SMALL: usize = 1 << 20;

/// The longest file by folder, the nearest one first; other files may have [`MAX_FILE_BYTES`].
const PLACES: &[(&str, usize)] = &[
    // what a keyfile says takes many times its size
    ("/etc/NetworkManager", 64 << 10),
    ("/run/NetworkManager/system-connections", SMALL),
    ("/run/NetworkManager", 64 << 10),
    ("/usr/lib/NetworkManager/system-connections", SMALL),
    ("/usr/lib/NetworkManager", 64 << 10),
    // other programs' files, which people write by hand
    ("/etc/netplan", SMALL),
    ("/run/netplan", SMALL),
    ("/usr/lib/netplan", SMALL),
    ("/lib/netplan", SMALL),
    ("/etc/network", SMALL),
    ("/etc/sysconfig/network", SMALL),
    // the kernel's command line has 2 KiB, grubenv 1 KiB
    ("/boot", 64 << 10),
    ("/etc/default", 64 << 10),
    ("/etc/kernel", 64 << 10),
    ("/etc/docker", 64 << 10),
    ("/etc/modules-load.d", 64 << 10),
    ("/etc/sysctl.d", 64 << 10),
    ("/run/modules-load.d", 64 << 10),
    ("/run/sysctl.d", 64 << 10),
    ("/usr/lib/modules-load.d", 64 << 10),
    ("/usr/lib/sysctl.d", 64 << 10),
    ("/usr/local/lib/modules-load.d", 64 << 10),
    ("/usr/local/lib/sysctl.d", 64 << 10),
    ("/lib/modules-load.d", 64 << 10),
    ("/lib/sysctl.d", 64 << 10),
    ("/etc/systemd", 64 << 10),
    ("/run/systemd", 64 << 10),
    ("/usr/lib/systemd", 64 << 10),
    ("/usr/local/lib/systemd", 64 << 10),
    ("/lib/systemd", 64 << 10),
    ("/etc/kvmnet/templates", 64 << 10),
    // what a client may hand to libvirtd: REMOTE_STRING_MAX in remote/remote_protocol.x
    ("/etc/libvirt", 4 << 20),
    ("/etc/firewalld", SMALL),
];

/// Returns how many bytes the file at `path` may have.
#[must_use]
pub fn longest(path: &HostPath) -> usize {
    let folder = |(folder, _): &&(&str, usize)| {
        let rest = path.as_str().strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    if let Some(kind) = kind_of(path.as_str()) {
        return kind.longest;
    }
    if let Some((_, bytes)) = PLACES.iter().find(folder) {
        return *bytes;
    }
    // other files in the folders of profiles
    let folder = path.folder();
    let mut kinds = kinds_in(folder.as_str());
    match kinds.any(|kind| kind.about == About::Profile) {
        true => SMALL,
        false => MAX_FILE_BYTES,
    }
}

/// Returns the bytes as they are shown: `64 KiB`, `16 MiB`.
#[must_use]
pub fn shown(bytes: usize) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        mebibytes => format!("{mebibytes} MiB"),
    }
}

/// What may still be read of a tree; several threads take of it.
#[derive(Debug)]
pub struct Budget {
    entries: AtomicUsize,
    bytes: AtomicUsize,
    small: AtomicUsize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            entries: AtomicUsize::new(MAX_TREE_ENTRIES),
            bytes: AtomicUsize::new(MAX_TREE_BYTES),
            small: AtomicUsize::new(MAX_SMALL_BYTES),
        }
    }
}

/// More is to be read of a tree than is taken; the text says what of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Spent(String);

impl Budget {
    /// Takes an entry.
    ///
    /// # Errors
    /// There are too many.
    pub fn entry(&self) -> Result<(), Spent> {
        let spent = || Spent(format!("more than {MAX_TREE_ENTRIES} files"));
        take(&self.entries, 1).ok_or_else(spent)
    }

    /// Takes the bytes of a file that may be `longest` bytes long, before there is memory for them.
    ///
    /// # Errors
    /// All files together are too long.
    pub fn bytes(&self, bytes: usize, longest: usize) -> Result<(), Spent> {
        let small = longest <= SMALL;
        let of_small = || Spent(format!("more than {} of them", shown(MAX_SMALL_BYTES)));
        let of_all = || Spent(format!("more than {} of files", shown(MAX_TREE_BYTES)));
        if small {
            take(&self.small, bytes).ok_or_else(of_small)?;
        }
        take(&self.bytes, bytes).ok_or_else(of_all)
    }
}

fn take(left: &AtomicUsize, wanted: usize) -> Option<()> {
    let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(wanted)
    });
    taken.ok().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_decides() {
        let of = |path: &'static str| shown(longest(&HostPath::literal(path)));
        assert_eq!(of("/etc/sysconfig/network-scripts/ifcfg-a"), "1 MiB");
        assert_eq!(of("/etc/NetworkManager/conf.d/a.conf"), "64 KiB");
        assert_eq!(of("/etc/NetworkManager/system-connections/a"), "1 MiB");
        assert_eq!(of("/etc/libvirt/qemu/networks/a.xml"), "4 MiB");
        assert_eq!(of("/etc/libvirtd"), "16 MiB");
    }

    #[test]
    fn what_is_taken_is_gone() {
        let budget = Budget::default();
        for _ in 0..MAX_SMALL_BYTES / SMALL {
            assert_eq!(budget.bytes(SMALL, SMALL), Ok(()));
        }
        assert!(budget.bytes(1, SMALL).is_err());
        assert_eq!(budget.bytes(0, SMALL), Ok(()));
        let left = MAX_TREE_BYTES - MAX_SMALL_BYTES;
        assert!(budget.bytes(left + 1, usize::MAX).is_err());
        assert_eq!(budget.bytes(left, usize::MAX), Ok(()));
        assert!(budget.bytes(1, usize::MAX).is_err());
        for _ in 0..MAX_TREE_ENTRIES {
            assert_eq!(budget.entry(), Ok(()));
        }
        assert!(budget.entry().is_err());
    }
}
