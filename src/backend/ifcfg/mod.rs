//! The lens between `ifcfg-*` files with their companions and connection profiles.
//!
//! `read` finds the profiles, `write` turns the difference of two hosts into edits, `companion` knows the files that are
//! found by an interface's name, `layout` and `addressing` say what the settings are. What is not understood is carried.
//! Source of the rules: initscripts' network-scripts and NetworkManager's ifcfg-rh plugin.

mod addressing;
pub(super) mod companion;
mod create;
mod default_route;
mod keys;
mod kind;
mod layout;
mod moves;
mod read;
pub(super) mod routes;
mod write;

pub(super) use addressing::{address_v4, as_written};
pub(super) use default_route::{passed_over, switched_off};
pub(super) use read::profiles;
pub(super) use write::write;
