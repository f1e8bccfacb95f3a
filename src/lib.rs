//! kvmnet edits the network configuration of a KVM host purely as files.

pub mod backend;
pub mod change;
pub mod cli;
pub mod diff;
pub mod doc;
pub mod host;
pub mod op;
pub mod plan;
pub mod root;
pub mod template;
pub mod transaction;
pub mod tree;
