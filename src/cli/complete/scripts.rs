//! The scripts that ask: for each shell one that hands the line over, and takes what comes back as it is.

use clap::CommandFactory;
use clap_complete::{Generator, Shell, generate, shells};

use crate::cli::args::Cli;

/// Returns the script for a shell; those for which there is none of our own know commands and options alone.
pub(in crate::cli) fn script(shell: Shell) -> Vec<u8> {
    let own: &[u8] = match shell {
        Shell::Bash => include_bytes!("scripts/kvmnet.bash"),
        Shell::Fish => include_bytes!("scripts/kvmnet.fish"),
        Shell::Zsh => include_bytes!("scripts/kvmnet.zsh"),
        Shell::Elvish => return of_clap(shells::Elvish),
        Shell::PowerShell | _ => return of_clap(shells::PowerShell),
    };
    own.to_vec()
}

fn of_clap(shell: impl Generator) -> Vec<u8> {
    let mut made = Vec::new();
    generate(shell, &mut Cli::command(), "kvmnet", &mut made);
    made
}
