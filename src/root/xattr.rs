//! Reading extended attributes: SELinux label, access control list, user attributes.
//!
//! Not read, since the kernel computes them for each file itself and refuses or misreads copies: `security.ima` and
//! `security.evm`. Of a link, which holds no other, only the SELinux label.

use std::os::fd::AsFd;

use rustix::fs::XattrFlags;
use rustix::io::Errno;

use super::signal::retry;
use crate::change::Xattrs;

/// The SELinux label.
pub(crate) const SELINUX: &str = "security.selinux";
/// The access control list.
pub(crate) const ACL: &str = "system.posix_acl_access";

const COMPUTED: [&str; 2] = ["security.ima", "security.evm"];
/// `XATTR_SIZE_MAX` and `XATTR_LIST_MAX`, limits.h.
const MAX_BYTES: usize = 1 << 16;
/// What one file may have in all, in bytes: no file of a configuration has a hundredth of it.
const MAX_ALL: usize = 1 << 20;

/// Returns all extended attributes of an open file or folder; a file system that has none gives none.
pub(crate) fn read(fd: impl AsFd) -> Result<Xattrs, Errno> {
    let fd = fd.as_fd();
    let names = match sized(|buffer| rustix::fs::flistxattr(fd, buffer)) {
        Err(Errno::NOTSUP) => return Ok(Xattrs::new()),
        names => names?,
    };
    let (mut xattrs, mut length) = (Xattrs::new(), 0);
    for name in names.split(|byte| *byte == 0) {
        let Ok(name) = str::from_utf8(name) else {
            continue;
        };
        if name.is_empty() || COMPUTED.contains(&name) {
            continue;
        }
        match sized(|buffer| rustix::fs::fgetxattr(fd, name, buffer)) {
            Ok(value) => {
                length += value.len();
                if length > MAX_ALL {
                    return Err(Errno::TOOBIG);
                }
                xattrs.insert(name.to_owned(), value);
            }
            // Taken away since the list was read, or not for us to see.
            Err(Errno::NODATA | Errno::NOTSUP) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(xattrs)
}

/// Returns the SELinux label of the link `name`, which lies in `folder`; without /proc nobody can tell.
pub(crate) fn read_link(folder: impl AsFd, name: &str) -> Result<Xattrs, Errno> {
    let path = by_descriptor(folder, name);
    match sized(|buffer| rustix::fs::lgetxattr(path.as_str(), SELINUX, buffer)) {
        Ok(label) => Ok(Xattrs::from([(SELINUX.to_owned(), label)])),
        Err(Errno::NODATA | Errno::NOTSUP | Errno::NOENT) => Ok(Xattrs::new()),
        Err(errno) => Err(errno),
    }
}

/// Gives the link `name` in `folder` a label.
pub(crate) fn set_of_link(
    folder: impl AsFd,
    name: &str,
    key: &str,
    value: &[u8],
) -> Result<(), Errno> {
    let path = by_descriptor(folder, name);
    retry(|| rustix::fs::lsetxattr(path.as_str(), key, value, XattrFlags::empty()))
}

/// Attributes of a link can be had by a path alone, xattr(7): this one starts at the folder that is held open.
fn by_descriptor(folder: impl AsFd, name: &str) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}/{name}", folder.as_fd().as_raw_fd())
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
