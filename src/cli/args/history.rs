//! The words of `history`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HistoryCommand {
    /// Delete what is kept permanently beyond the last 20 transactions
    Prune(PruneArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PruneArgs {
    /// Also delete all transactions but the last N, with the originals that they replaced [default: 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(in crate::cli) keep: Option<u8>,
    /// Print what would be deleted, delete nothing
    #[arg(short = 'n', long, aliases = ["dryrun", "check"], conflicts_with = "yes")]
    pub(in crate::cli) dry_run: bool,
    /// Delete without asking
    #[arg(short, long, aliases = ["assumeyes", "assume-yes"])]
    pub(in crate::cli) yes: bool,
}
