//! The whole way with the real program, for every network, guest and interface of the fixture hosts. The one of bridges
//! is `sweep.rs`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, run programs, fail by panicking and say what they tried"
)]

mod gone;
mod gone_profiles;
mod networks;
#[path = "../support/mod.rs"]
mod support;
