//! kvmnet edits the network configuration of a KVM host purely as files.

pub mod change;
pub mod diff;
pub mod tree;
