//! What a command that changes files asks for: typed once, so that a saved plan can be made again from its command.

use super::args::{ChangeOptions, CheckArgs, Command, MigrateCommand, TemplatesCommand};
use super::error::CliError;
use super::planned::{Asked, Planned};
use super::rollback::{self, Extent};
use super::seen::Seen;
use super::{bridge, check, guest, label, network, templates, waiting};
use crate::lint::Rule;
use crate::op::Operation;
use crate::plan::{Goal, Migration, drops_session};
use crate::root::denied_text;
use crate::tree::HostPath;

/// What is to be changed.
#[derive(Debug)]
pub(super) enum Request {
    /// Bridges, networks and guests.
    Operation(Box<Operation>),
    /// Move profiles to another format.
    Migrate(Migration),
    /// Mend what these rules find.
    Mend(Vec<&'static Rule>),
    /// Take transactions back.
    RollBack(Extent),
    /// Write the built-in templates to this folder.
    Export(HostPath),
}

impl Request {
    /// Returns what `command` asks to change, with its options; nothing, if it only looks.
    pub(super) fn of(command: &Command) -> Result<Option<(Self, &ChangeOptions)>, CliError> {
        let operation = |operation| Self::Operation(Box::new(operation));
        Ok(Some(match command {
            Command::Bridge(command) => {
                let (request, options) = bridge::operation(command)?;
                (operation(request), options)
            }
            Command::Network(command) => {
                let (request, options) = network::operation(command)?;
                (operation(request), options)
            }
            Command::Guest(command) => {
                let (request, options) = guest::operation(command);
                (operation(request), options)
            }
            Command::Migrate(MigrateCommand::Keyfile {
                ifaces,
                accept_loss,
                options,
            }) => {
                let migration = Migration {
                    interfaces: ifaces.clone(),
                    accept_loss: *accept_loss,
                };
                (Self::Migrate(migration), options)
            }
            Command::Check(args @ CheckArgs { fix: Some(_), .. }) => {
                (Self::Mend(check::selected(args)), &args.options)
            }
            Command::Rollback {
                id,
                to,
                unconfirmed,
                options,
            } => {
                let extent = match (id, to, unconfirmed) {
                    (_, _, true) => Extent::Unconfirmed,
                    (_, Some(id), _) => Extent::After(*id),
                    (Some(id), None, _) => Extent::One(*id),
                    (None, None, _) => Extent::Last,
                };
                (Self::RollBack(extent), options)
            }
            Command::Templates(TemplatesCommand::Export { dir, options }) => {
                (Self::Export(templates::folder(dir)?), options)
            }
            Command::Show { .. }
            | Command::Leases { .. }
            | Command::Check(_)
            | Command::Status { .. }
            | Command::Apply { .. }
            | Command::History { .. }
            | Command::Confirm
            | Command::Recover { .. }
            | Command::Templates(_)
            | Command::Units { .. }
            | Command::Man { .. }
            | Command::Completions { .. } => return Ok(None),
        }))
    }

    /// Returns the plan for it, from what is there now.
    pub(super) fn plan(&self, seen: &Seen<'_>, asked: &Asked<'_>) -> Result<Planned, CliError> {
        let mut planned = match self {
            Self::Operation(operation) => asked.planned(seen, Goal::Operation(operation)),
            Self::Mend(rules) => asked.planned(seen, Goal::Mend(rules)),
            Self::Migrate(migration) => asked.planned(seen, Goal::Migrate(migration)),
            Self::RollBack(extent) => rollback::planned(seen, *extent, asked),
            Self::Export(folder) => {
                let me = (
                    rustix::process::geteuid().as_raw(),
                    rustix::process::getegid().as_raw(),
                );
                asked.planned(seen, Goal::Export { folder, owner: me })
            }
        }?;
        let root = seen.root();
        let undone = planned.undoes.as_ref();
        if undone.is_none_or(|undone| undone.ends.is_empty()) && !asked.options.force {
            waiting::refuse_on_top(seen, &planned.plan)?;
        }
        let waits_still = undone.is_none_or(|undone| undone.ends.is_empty());
        let label = label::warning(root, &planned.plan);
        let warnings = planned.plan.warnings_mut();
        for folder in root.passed_over() {
            let text = denied_text(&folder);
            if !warnings.contains(&text) {
                warnings.push(text);
            }
        }
        warnings.extend(label);
        if waits_still {
            warnings.extend(waiting::warning(seen));
        }
        if asked.options.distrust_history {
            warnings.push(
                "the history under the root, if there is one, is set aside: what it contains can no longer be rolled back"
                    .to_owned(),
            );
        }
        if asked.site.root().is_some() {
            // whoever is logged in there is not cut off by files
            warnings.retain(|warning| !drops_session(warning));
        }
        Ok(planned)
    }
}
