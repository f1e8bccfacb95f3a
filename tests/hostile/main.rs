//! Trees that somebody made to do harm: an image that a customer uploaded is changed by root.
//!
//! Nothing outside the root is read, written or created, nothing hangs, every refusal says why (`places`, `plans`,
//! `swaps`); strace shows that no call could leave the root (`trace`); what files are called and say, and what is
//! typed, reaches a terminal as text, and files as a value (`names`, `out`). What a history says is held to what
//! commands do (`history`), what a plan says to its command (`plans`, `stale`); templates are counted (`templates`);
//! secrets are hidden, and code is not (`secrets`); what is written can be read again (`large`, `sizes`).
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    missing_docs,
    reason = "tests build and read trees, run programs and say what they tried"
)]

mod history;
mod large;
mod names;
mod out;
mod places;
mod plans;
mod run;
mod secrets;
mod sizes;
mod stale;
#[path = "../support/mod.rs"]
mod support;
mod swaps;
mod templates;
mod trace;
