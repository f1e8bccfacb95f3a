//! Rules about what cannot be used: the reader of the format says what is wrong, and where; the rule prints it.

pub(in crate::lint) mod guest_refused;
pub(in crate::lint) mod ifcfg_syntax;
pub(in crate::lint) mod network_ignored_settings;
pub(in crate::lint) mod network_refused;
pub(in crate::lint) mod not_understood;
