//! The registry: every rule once, sorted by name.

mod network_file_name;
mod stray_backup;

use super::Rule;

/// All rules, sorted by name.
pub static RULES: &[&Rule] = &[&network_file_name::RULE, &stray_backup::RULE];
