//! What the sources, the manifest and the pages say of themselves: layers, what is built in, the rules, and the examples and links of the pages.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, run programs, fail by panicking and say what they tried"
)]

mod circles;
mod dependencies;
mod formats;
mod layers;
mod links;
mod oracles;
mod output;
mod packages;
mod pages;
mod reading;
mod readme;
mod rules;
mod rules_by_host;
#[path = "../support/mod.rs"]
mod support;
mod units;
mod uses;
