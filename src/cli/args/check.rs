//! The words of `kvmnet check`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::ChangeOptions;
use crate::lint::RULES;

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// Explain a rule at length
    #[arg(long, value_name = "RULE", value_parser = rules(), hide_possible_values = true,
        conflicts_with_all = ["list", "fix", "only", "skip", "strict", "dry_run", "exit_code", "yes", "out", "force",
            "distrust_history", "backup"])]
    pub(in crate::cli) explain: Option<String>,
    /// List the rules
    #[arg(long, conflicts_with_all = ["fix", "strict", "dry_run", "exit_code", "yes", "out", "force", "distrust_history",
        "backup"])]
    pub(in crate::cli) list: bool,
    /// Check only these rules [default: all]
    #[arg(long, value_name = "RULE", value_delimiter = ',',
        value_parser = rules(), hide_possible_values = true)]
    pub(in crate::cli) only: Vec<String>,
    /// Skip these rules [default: none]
    #[arg(long, value_name = "RULE", value_delimiter = ',',
        value_parser = rules(), hide_possible_values = true)]
    pub(in crate::cli) skip: Vec<String>,
    /// Exit with status 1 for warnings as well
    #[arg(long, conflicts_with = "fix")]
    pub(in crate::cli) strict: bool,
    /// Plan fixes where that is safe, for these rules [without a value: for all]
    #[arg(long, value_name = "RULE", num_args = 0..=1, value_delimiter = ',',
        value_parser = rules(), hide_possible_values = true)]
    pub(in crate::cli) fix: Option<Vec<String>>,
    #[command(flatten)]
    pub(in crate::cli) options: ChangeOptions,
}

fn rules() -> PossibleValuesParser {
    PossibleValuesParser::new(RULES.iter().map(|rule| rule.name))
}
