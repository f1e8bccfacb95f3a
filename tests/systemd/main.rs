//! What the real systemd makes of the units: hosts are booted, in namespaces of their own, and the power is cut.
//!
//! They run with `KVMNET_REAL_DAEMONS=1` only; then nothing that they need may be missing.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, run programs, fail by panicking and say what they tried"
)]

mod confirm;
mod machine;
mod paste;
mod recover;
mod smoke;
mod status;
#[path = "../support/mod.rs"]
mod support;
