//! kvmnet: edits the network configuration of a KVM host as files.

use std::process::ExitCode;

fn main() -> ExitCode {
    kvmnet::cli::run(std::env::args_os())
}
