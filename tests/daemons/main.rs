//! What the real programs make of the files: libvirtd and NetworkManager are shown what `kvmnet` made, and what `check`
//! says of files is held against them.
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

mod check;
mod glib;
mod go_live;
mod guest_verdicts;
mod libvirt;
mod live;
mod nm_bridges;
mod nm_conf;
mod nm_migrate;
mod refused;
mod schemas;
mod status;
#[path = "../support/mod.rs"]
mod support;
mod verdicts;
