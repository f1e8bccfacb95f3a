//! What a command that changes files asks for: typed once, so that a saved plan can be made again from its command.

use super::args::{ChangeOptions, CheckArgs, Command, TemplatesCommand};
use super::change::Planned;
use super::error::CliError;
use super::rollback::{self, Which};
use super::site::Site;
use super::{bridge, check, guest, label, network, operation, quoted, templates};
use crate::lint::Rule;
use crate::op::Operation;
use crate::plan::{Plan, Run, drops_session};
use crate::root::{Root, denied_text};
use crate::tree::HostPath;

/// What is to be changed.
#[derive(Debug)]
pub(super) enum Wish {
    /// Bridges, networks and guests.
    Operation(Box<Operation>),
    /// Mend what these rules find.
    Mend(Vec<&'static Rule>),
    /// Take transactions back.
    RollBack(Which),
    /// Write the built-in templates to this folder.
    Export(HostPath),
}

/// How it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// The options of the change.
    pub(super) options: &'a ChangeOptions,
    /// The words of the command, without those that only say how it is run.
    pub(super) words: &'a [String],
    /// The saved plan that next steps name, instead of the command.
    pub(super) plan: Option<&'a str>,
    /// Whether findings are coloured.
    pub(super) colored: bool,
    /// Which machine it is for.
    pub(super) site: &'a Site,
}

impl Asked<'_> {
    /// Returns the command that next steps run.
    pub(super) fn run(&self) -> Run {
        let mut words = self.words.to_vec();
        if self.options.distrust_history {
            words.push("--distrust-history".to_owned());
        }
        self.run_instead_of(quoted(&words))
    }

    /// Returns the command that next steps run, where it is not as typed.
    pub(super) fn run_instead_of(&self, command: String) -> Run {
        // the host that the tree belongs to does not have the file
        let command = match self.plan.filter(|_| self.site.root().is_none()) {
            Some(plan) => quoted(&["apply".to_owned(), plan.to_owned()]),
            None => command,
        };
        Run {
            command,
            forced: self.options.force,
        }
    }

    /// Returns the plan with the command that it is for.
    pub(super) fn planned(&self, plan: Plan) -> Planned {
        Planned {
            plan,
            words: self.words.to_vec(),
            undoes: None,
        }
    }
}

impl Wish {
    /// Returns what `command` asks to change, with its options; nothing, if it only looks.
    pub(super) fn of(command: &Command) -> Result<Option<(Self, &ChangeOptions)>, CliError> {
        let operation = |operation| Self::Operation(Box::new(operation));
        Ok(Some(match command {
            Command::Bridge(command) => {
                let (wish, options) = bridge::operation(command)?;
                (operation(wish), options)
            }
            Command::Network(command) => {
                let (wish, options) = network::operation(command)?;
                (operation(wish), options)
            }
            Command::Guest(command) => {
                let (wish, options) = guest::operation(command);
                (operation(wish), options)
            }
            Command::Check(args @ CheckArgs { fix: Some(_), .. }) => {
                (Self::Mend(check::selected(args)), &args.options)
            }
            Command::Rollback { id, to, options } => {
                let which = match (id, to) {
                    (_, Some(id)) => Which::After(*id),
                    (Some(id), None) => Which::One(*id),
                    (None, None) => Which::Last,
                };
                (Self::RollBack(which), options)
            }
            Command::Templates(TemplatesCommand::Export { dir, options }) => {
                (Self::Export(templates::folder(dir)?), options)
            }
            Command::Show { .. }
            | Command::Leases { .. }
            | Command::Check(_)
            | Command::Apply { .. }
            | Command::History { .. }
            | Command::Recover { .. }
            | Command::Templates(_)
            | Command::Completions { .. } => return Ok(None),
        }))
    }

    /// Returns the plan for it, from what is there now.
    pub(super) fn plan(&self, root: &Root, asked: &Asked<'_>) -> Result<Planned, CliError> {
        let mut planned = match self {
            Self::Operation(wish) => operation::planned(root, wish, asked),
            Self::Mend(rules) => check::planned(root, rules, asked),
            Self::RollBack(which) => rollback::planned(root, *which, asked),
            Self::Export(dir) => templates::planned(root, dir, asked),
        }?;
        for folder in root.passed_over() {
            let text = denied_text(&folder);
            if !planned.plan.warnings.contains(&text) {
                planned.plan.warnings.push(text);
            }
        }
        let warning = label::warning(root, &planned.plan);
        planned.plan.warnings.extend(warning);
        if asked.options.distrust_history {
            planned.plan.warnings.push(
                "the history beneath the root, if there is one, is put aside: what it holds cannot be rolled back any more"
                    .to_owned(),
            );
        }
        if asked.site.root().is_some() {
            // whoever is logged in there is not cut off by files
            planned
                .plan
                .warnings
                .retain(|warning| !drops_session(warning));
        }
        Ok(planned)
    }
}
