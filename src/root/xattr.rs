//! Reading extended attributes: SELinux label, access control list, user attributes.
//!
//! Not read, since the kernel computes them for each file itself and refuses or misreads copies: `security.ima` and
//! `security.evm`. Links carry none: user attributes cannot be on a link, and its label comes from the policy.

use std::os::fd::AsFd;

use rustix::io::Errno;

use super::folder::retry;
use crate::change::Xattrs;

/// The SELinux label.
pub(crate) const SELINUX: &str = "security.selinux";
/// The access control list.
pub(crate) const ACL: &str = "system.posix_acl_access";

const COMPUTED: [&str; 2] = ["security.ima", "security.evm"];
/// `XATTR_SIZE_MAX` and `XATTR_LIST_MAX`, limits.h.
const MAX_BYTES: usize = 1 << 16;

/// Returns all extended attributes of an open file or folder; a file system that has none gives none.
pub(crate) fn read(fd: impl AsFd) -> Result<Xattrs, Errno> {
    let fd = fd.as_fd();
    let names = match sized(|buffer| rustix::fs::flistxattr(fd, buffer)) {
        Err(Errno::NOTSUP) => return Ok(Xattrs::new()),
        names => names?,
    };
    let mut xattrs = Xattrs::new();
    for name in names.split(|byte| *byte == 0) {
        let Ok(name) = str::from_utf8(name) else {
            continue;
        };
        if name.is_empty() || COMPUTED.contains(&name) {
            continue;
        }
        match sized(|buffer| rustix::fs::fgetxattr(fd, name, buffer)) {
            Ok(value) => drop(xattrs.insert(name.to_owned(), value)),
            // Taken away since the list was read, or not for us to see.
            Err(Errno::NODATA | Errno::NOTSUP) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(xattrs)
}

/// Calls with a small buffer, and again with the largest where that was too short.
fn sized(mut call: impl FnMut(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; 512];
    let length = match retry(|| call(&mut buffer)) {
        Err(Errno::RANGE) => {
            buffer.resize(MAX_BYTES, 0);
            retry(|| call(&mut buffer))?
        }
        length => length?,
    };
    buffer.truncate(length);
    Ok(buffer)
}
