//! A plan as a command has it: how it is asked for, and what is recorded of it beside what it writes.

use super::args::{BackupArg, ChangeOptions};
use super::command_line::quoted;
use super::error::CliError;
use super::refused::refused;
use super::seen::Seen;
use super::site::Site;
use super::waiting;
use crate::op::Force;
use crate::picture::{Extent, Picture};
use crate::plan::{self, BackupMode, Confirm, Goal, Judged, Options, Run};
use crate::tree::HostPath;

/// A plan with what is recorded of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) plan: Judged,
    /// The words of the command that it is for, without those that only say how it is run.
    pub(super) words: Vec<String>,
    /// What it takes back.
    pub(super) undoes: Option<Undone>,
    /// Where it waits to be confirmed, how long, in seconds.
    pub(super) confirm_within: Option<u64>,
    /// What it changes, as a picture, where that is asked for.
    pub(super) picture: Option<Picture>,
    /// How much of that is shown as text.
    pub(super) tree: Option<Extent>,
    /// The command that applies it, without the program's name.
    pub(super) applies: String,
}

impl Planned {
    /// Returns the command that it is for, without the program's name.
    pub(super) fn command(&self) -> String {
        quoted(&self.words)
    }

    /// Returns the picture that is shown as text, if one is.
    pub(super) fn tree(&self) -> Option<Picture> {
        Some(self.picture.as_ref()?.drawn(self.tree?))
    }

    /// Returns whether it would take something back, and there is nothing.
    pub(super) fn is_of_no_transaction(&self) -> bool {
        let undone = self.undoes.as_ref();
        undone.is_some_and(|undone| undone.undoes.is_none() && undone.back_to.is_none())
    }
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Undone {
    /// One transaction.
    pub(super) undoes: Option<u64>,
    /// All after this one.
    pub(super) back_to: Option<u64>,
    /// Later ones of which a part is taken back.
    pub(super) overrides: Vec<u64>,
    /// Copies of originals that were made: the file, and its copy.
    pub(super) copies: Vec<(HostPath, HostPath)>,
    /// Folders that were made, and go where nothing is left in them.
    pub(super) empty: Vec<HostPath>,
    /// Files that were changed since, of which it is said where they are kept.
    pub(super) kept: Vec<HostPath>,
    /// Files that go since a transaction waits no more.
    pub(super) ends: Vec<HostPath>,
}

/// How a plan is asked for.
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
    /// Returns the plan for a goal; `words` are the command that next steps run, with the options that every command has.
    pub(super) fn make(
        &self,
        seen: &Seen<'_>,
        goal: Goal<'_>,
        words: &[String],
    ) -> Result<Judged, CliError> {
        let (force, backup) = (self.options.force, self.options.backup);
        // what is done already waits for nothing
        let waits = self.options.confirm_within.is_some();
        let second = waits.then(|| waiting::refuse_second(seen).err()).flatten();
        let options = Options {
            backup: match backup {
                None => BackupMode::Auto,
                Some(BackupArg::Beside) => BackupMode::Beside,
                Some(BackupArg::Store) => BackupMode::Store,
                Some(BackupArg::None) => BackupMode::None,
            },
            force: if force { Force::Yes } else { Force::No },
            run: self.run(words),
            confirm: match second {
                Some(_) => None,
                None => self.confirm(seen, words)?,
            },
        };
        let plan = plan::make(seen, goal, &options);
        let plan = plan.map_err(|error| refused(error, self.colored, self.site))?;
        match second.filter(|_| !plan.is_empty()) {
            Some(error) => Err(error),
            None => Ok(plan),
        }
    }

    /// Returns the plan for a goal, as it was typed.
    pub(super) fn planned(&self, seen: &Seen<'_>, goal: Goal<'_>) -> Result<Planned, CliError> {
        let mut words = self.words.to_vec();
        if self.options.distrust_history {
            words.push("--distrust-history".to_owned());
        }
        Ok(Planned {
            plan: self.make(seen, goal, &words)?,
            words: self.words.to_vec(),
            undoes: None,
            confirm_within: self.options.confirm_within,
            picture: None,
            tree: None,
            applies: self.applies(&words),
        })
    }

    /// Returns how the change waits to be confirmed, if it does.
    fn confirm(&self, seen: &Seen<'_>, words: &[String]) -> Result<Option<Confirm>, CliError> {
        let Some(seconds) = self.options.confirm_within else {
            return Ok(None);
        };
        Ok(Some(Confirm {
            seconds,
            program: waiting::program(seen, self.site)?,
            owner: (
                rustix::process::geteuid().as_raw(),
                rustix::process::getegid().as_raw(),
            ),
            command: quoted(words),
        }))
    }

    /// Returns the command that applies the plan here: of a saved one, that file, else its own `words`.
    pub(super) fn applies(&self, words: &[String]) -> String {
        match self.plan {
            Some(plan) => quoted(&["apply".to_owned(), plan.to_owned()]),
            None => quoted(words),
        }
    }

    fn run(&self, words: &[String]) -> Run {
        Run {
            // the host that the tree belongs to does not have the file
            command: match self.site.root() {
                Some(_) => quoted(words),
                None => self.applies(words),
            },
            forced: self.options.force,
        }
    }
}
