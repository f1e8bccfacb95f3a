//! Calls of the kernel that a signal interrupts: whoever stops kvmnet for a moment must not make it fail.

use rustix::io::Errno;

/// Calls again what a signal has interrupted.
pub(crate) fn retry<T>(call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    rustix::io::retry_on_intr(call)
}
