//! Properties of the library that hold whatever the input: transactions, patches, masking, records, paths.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, run programs, fail by panicking and say what they tried"
)]

mod crash;
mod layout;
mod leases;
mod patch;
mod root;
mod routed;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
