//! The page to review: what is in it, what it must not hold, and where it is written.
//!
//! `golden` is the whole page of the main job; `laws` hold over the pages of all fixtures, `hostile` over names and texts that
//! were made to do harm; `places` are files that may be written, and those that may not; `browser` opens pages in Chromium.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, run programs, fail by panicking and say what they skip"
)]

mod browser;
mod chromium;
mod golden;
mod hostile;
mod laws;
mod parsed;
mod places;
#[path = "../support/mod.rs"]
mod support;
