//! The plan as a value: what will be written, what the user should know, and what to do next.
//!
//! Everything here is pure. It comes in two halves, since the copies of originals (`FILE.old`) are only read once it is
//! known which files change: [`draft`] says what is wanted, [`Draft::finish`] makes the plan.

mod backup;
mod describe;
mod fix;
mod gone;
mod gone_profiles;
mod guard;
mod left;
mod libvirt;
mod next;
pub mod reach;
mod restore;
pub mod saved;
mod settle;
mod unread;
mod warn;

pub use backup::{Backup, BackupMode, Because, Copies, is_copy};
pub use fix::{Mending, mend};
pub use guard::{Verdict, judge};
pub use next::{NextSteps, Run, Timing, steps_after};
pub use restore::Past;
pub use warn::drops_session;

use std::sync::Arc;

use backup::Place;

use crate::backend::{self, EmitError, Interest};
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::op::{self, BridgeAdd, Choice, Force, Future, Operation, Refusal};
use crate::readers::Readers;
use crate::tree::{Scope, Tree};

/// Returns `set` with copies of the originals, for changes that no operation made.
#[must_use]
pub fn with_copies(tree: &Tree, set: &ChangeSet, copies: &Copies) -> (ChangeSet, Vec<Backup>) {
    backup::add(tree, &Readers::of(tree), set, copies)
}

/// Says why copies of originals do not lie beside their files.
#[must_use]
pub fn explain(backups: &[Backup]) -> Vec<String> {
    backup::explain(backups)
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The wish will not be met.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot be written.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Returns lines of a summary under one heading, each on its own.
pub fn one_by_one(
    heading: &str,
    lines: Vec<String>,
) -> impl Iterator<Item = (String, Vec<String>)> {
    let lines = lines.into_iter().enumerate();
    lines.map(move |(n, line)| {
        let heading = if n == 0 { heading } else { "" };
        (heading.to_owned(), vec![line])
    })
}

/// What the operation changes, before originals are considered.
#[derive(Debug)]
pub struct Draft {
    operation: Operation,
    before: Host,
    future: Future,
    readers: Arc<Readers>,
    set: ChangeSet,
}

/// What will be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it is for: "bridge br0 with port ens33".
    pub title: String,
    /// The changes that the user asked for: what the patch shows.
    pub set: ChangeSet,
    /// The changes with the copies of originals: what is written.
    pub full: ChangeSet,
    /// The copies, and where they lie.
    pub backups: Vec<Backup>,
    /// What moves, in words: a heading and its lines.
    pub moves: Vec<(String, Vec<String>)>,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
    /// Commands that take the files into use.
    pub next_steps: Vec<NextSteps>,
    /// What rules find that they did not find before, or no longer.
    pub verdict: Verdict,
}

impl Plan {
    /// Returns whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

/// Returns what `operation` needs to have read.
#[must_use]
pub fn interest(operation: &Operation) -> Interest<'_> {
    match operation {
        Operation::BridgeAdd(BridgeAdd {
            bridge,
            ports,
            addressing,
            ..
        }) => Interest::Bridge {
            bridge: bridge.as_str(),
            ports,
            subnets: matches!(addressing, Choice::Static { .. }),
        },
        Operation::BridgeRemove { bridge, .. } => Interest::Bridge {
            bridge: bridge.as_str(),
            ports: &[],
            subnets: false,
        },
        Operation::AddPort { bridge, port, .. } | Operation::RemovePort { bridge, port } => {
            Interest::Bridge {
                bridge: bridge.as_str(),
                ports: std::slice::from_ref(port),
                subnets: false,
            }
        }
        Operation::Network(_) | Operation::Guest(_) => Interest::All,
    }
}

/// Returns what `operation` changes in `tree`.
///
/// # Errors
/// A refusal, or a file that cannot be written.
pub fn draft(tree: &Tree, operation: &Operation, force: Force) -> Result<Draft, PlanError> {
    let before = backend::inspect(tree, interest(operation));
    let readers = Arc::clone(&before.readers);
    let future = op::plan(&before, operation, force)?;
    warn::helper_script(&readers, operation, &future, &before)?;
    let set = backend::emit(tree, &before, &future.host)?;
    Ok(Draft {
        operation: operation.clone(),
        before,
        future,
        readers,
        set,
    })
}

impl Draft {
    /// Returns the host as it is before the change.
    #[must_use]
    pub fn before(&self) -> &Host {
        &self.before
    }

    /// Returns what must be read before [`Draft::finish`]: copies of originals, old and to come.
    #[must_use]
    pub fn wants(&self, copies: &Copies) -> Scope {
        let places = [Place::Beside, Place::Store];
        let of = |change: &Change| places.map(|place| copies.path(place, &change.path));
        let files = self.set.iter().flat_map(of).collect();
        let folders = if self.wants_past() {
            copies.folders()
        } else {
            Vec::new()
        };
        Scope {
            folders,
            files,
            ..Scope::default()
        }
    }

    /// Returns whether earlier transactions are needed to know what originals were.
    #[must_use]
    pub fn wants_past(&self) -> bool {
        !self.set.is_empty()
            && matches!(
                self.operation,
                Operation::BridgeRemove { .. } | Operation::RemovePort { .. }
            )
    }

    /// Returns the plan. `tree` holds what [`Draft::wants`] asked for, `run` is what the user typed.
    #[must_use]
    pub fn finish(self, tree: &Tree, past: &[Past], copies: &Copies, run: &Run) -> Plan {
        let Self {
            operation,
            before,
            mut future,
            readers,
            set,
        } = self;
        let mut warnings = future.notes.clone();
        let sources = restore::Sources {
            tree,
            readers: &readers,
            before: &before,
            after: &future.host,
            past,
            copies,
        };
        let (set, restored) = restore::originals(&sources, set, &operation);
        restored.leave(&mut future);
        warnings.extend(warn::bare(tree, &readers, &operation, &set));
        // what came back says itself what it uses
        warnings.retain(|warning| !op::is_followed(warning) || !restored.of(warning));
        let restored = restored.said;
        let idle = warn::idle_gateways(tree, &readers, &future, &set);
        let mut moves = describe::moves(tree, &set, &future, &before, &operation, &idle);
        if !restored.is_empty() {
            moves.push(("brought back".to_owned(), restored));
        }
        let gone = gone_profiles::lines(&set, &operation, &future);
        moves.extend(one_by_one("goes away", gone));
        let (full, backups) = backup::add(tree, &readers, &set, copies);
        warnings.extend(warn::all(
            tree, &readers, &operation, &before, &future, &set,
        ));
        warnings.extend(backup::explain(&backups));
        let next_steps = if set.is_empty() {
            Vec::new()
        } else {
            next::steps(&readers, &operation, &before, &future, run)
        };
        Plan {
            title: describe::title(&operation),
            moves,
            full,
            set,
            backups,
            warnings,
            next_steps,
            verdict: Verdict::default(),
        }
    }
}
