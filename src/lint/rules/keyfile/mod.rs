//! Rules about NetworkManager's keyfiles: how they are spelled, and which it takes.

pub(in crate::lint) mod document;
pub(in crate::lint) mod keyfile_any_card;
pub(in crate::lint) mod keyfile_boolean;
pub(in crate::lint) mod keyfile_delay;
pub(in crate::lint) mod keyfile_hidden;
pub(in crate::lint) mod keyfile_key;
pub(in crate::lint) mod keyfile_permissions;
pub(in crate::lint) mod keyfile_port;
pub(in crate::lint) mod keyfile_refused;
pub(in crate::lint) mod keyfile_rule_port;
pub(in crate::lint) mod keyfile_spellings;
pub(in crate::lint) mod keyfile_stray;
pub(in crate::lint) mod keyfile_unread;
pub(in crate::lint) mod keyfile_value;
pub(in crate::lint) mod keyfile_version;
mod known;
