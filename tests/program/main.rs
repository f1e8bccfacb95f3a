//! The program as a process: its options and help, what it prints for people and for programs, and what becomes of it on
//! old, bare, full and busy systems.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, run programs, fail by panicking and say what they tried"
)]

mod commutes;
mod complete;
mod complete_shells;
mod denied;
mod disk;
mod help;
mod man;
mod many;
mod old_systems;
mod options;
mod recover;
mod rows;
mod site;
mod status;
#[path = "../support/mod.rs"]
mod support;
