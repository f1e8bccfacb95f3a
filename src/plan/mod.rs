//! The plan as a value: what will be written, what the user should know, and what to do next.
//!
//! [`make`] is the only way to one that can be committed, and it is the same for every command: read what the goal needs
//! ([`Source`]), draft what changes, judge it ([`judge`]). Nothing here looks at a disk or a clock. To add a goal: a variant of
//! [`Goal`], a module whose `draft` returns the plan that nobody has judged yet, and its arm in [`make`].

mod backup;
pub mod confirm;
mod copies;
mod export;
mod fix;
mod judge;
mod libvirt;
mod live;
mod mend;
mod migrate;
mod next;
mod operation;
pub mod permitted;
mod restore;
mod ruling;
pub mod saved;
mod settle;
mod take_back;
mod words;

pub use backup::{Backup, Because, ensure_copy};
pub use confirm::Confirm;
pub use copies::BackupMode;
pub use judge::{ChangedFindings, Judged};
pub use migrate::{Migration, loss_in_words};
pub use next::{Line, NextSteps, Run, Timing, When, in_one_go, script};
pub use restore::EarlierTransaction;
pub use ruling::PutRight;
pub use take_back::TakeBack;
pub use words::{drops_session, one_by_one};

use std::collections::{BTreeMap, BTreeSet};

use copies::Copies;
use next::steps_after;

use crate::backend::EmitError;
use crate::backend::migrate::Loss;
use crate::change::ChangeSet;
use crate::lint::{Diagnosis, Rule};
use crate::op::{Force, Operation, Refusal};
use crate::secret;
use crate::tree::{HostPath, Scope, Tree};

/// What a plan is for.
#[derive(Clone, Copy, Debug)]
pub enum Goal<'a> {
    /// Changes bridges, networks or guests.
    Operation(&'a Operation),
    /// Mends what these rules find.
    Mend(&'a [&'static Rule]),
    /// Writes the built-in templates to a folder.
    Export {
        /// The folder.
        folder: &'a HostPath,
        /// User and group of new files.
        owner: (u32, u32),
    },
    /// Moves profiles to another format.
    Migrate(&'a Migration),
    /// Takes transactions back.
    TakeBack(&'a TakeBack),
}

/// How a plan is made, whatever it is for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where copies of originals go.
    pub backup: BackupMode,
    /// Whether refusals that may be forced are.
    pub force: Force,
    /// The command that next steps name.
    pub run: Run,
    /// How the change waits to be confirmed, if it does.
    pub confirm: Option<Confirm>,
}

impl Options {
    /// Returns how copies are made; what is there already is not known yet.
    fn copies<S: Source>(&self, source: &S) -> Result<Copies, PlanError<S::Error>> {
        Ok(Copies {
            mode: self.backup,
            state: source.state_folder().map_err(PlanError::Unread)?,
            own: BTreeMap::new(),
        })
    }
}

/// Where a plan gets what it must know: the files of a host, and what kvmnet did to them before.
pub trait Source {
    /// Why something cannot be read.
    type Error;

    /// Returns the files of `scope`.
    ///
    /// # Errors
    /// They cannot be read.
    fn files(&self, scope: &Scope) -> Result<Tree, Self::Error>;

    /// Returns the folder of kvmnet's state, without links on the way.
    ///
    /// # Errors
    /// It cannot be told where it is.
    fn state_folder(&self) -> Result<HostPath, Self::Error>;

    /// Returns which of these files kvmnet wrote last, as copies of originals, each with what it wrote.
    fn own_copies(&self, there: &BTreeSet<HostPath>) -> BTreeMap<HostPath, Vec<u8>>;

    /// Returns the earlier transactions, the first one first.
    ///
    /// # Errors
    /// They cannot be read.
    fn history(&self) -> Result<Vec<EarlierTransaction>, Self::Error>;
}

/// A migration that would lose what the host may not be reached without.
#[derive(Debug)]
pub struct Lossy {
    /// What is refused, and why.
    pub refusal: Refusal,
    /// The text of the line that it points to.
    pub line: Option<String>,
    /// All that would be lost.
    pub losses: Vec<Loss>,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError<E> {
    /// The goal will not be met.
    Refused {
        /// What is refused, and why.
        refusal: Refusal,
        /// The text of the line that it points to.
        line: Option<String>,
    },
    /// What the host may not be reached without would be lost.
    Lossy(Box<Lossy>),
    /// It cannot be written.
    Emit(EmitError),
    /// What is taken back reaches further than commands do.
    NotPermitted(permitted::NotPermitted),
    /// It would make this wrong, which is not wrong before.
    Worse(Vec<Diagnosis>),
    /// What it needs cannot be read.
    Unread(E),
}

impl<E> PlanError<E> {
    fn refused(tree: &Tree, refusal: Refusal) -> Self {
        Self::Refused {
            line: pointed_to(tree, &refusal),
            refusal,
        }
    }

    fn lossy(tree: &Tree, refusal: Refusal, losses: Vec<Loss>) -> Self {
        Self::Lossy(Box::new(Lossy {
            line: pointed_to(tree, &refusal),
            refusal,
            losses,
        }))
    }
}

/// Returns the text of the line that a refusal points to.
fn pointed_to(tree: &Tree, refusal: &Refusal) -> Option<String> {
    let (path, line) = refusal.at.as_ref()?;
    let index = (*line)?.checked_sub(1)? as usize;
    let text = String::from_utf8_lossy(&tree.file(path)?.bytes).into_owned();
    secret::nth_line(path, &text, index)
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
    /// What is said in files that go, and in none that comes.
    pub losses: Vec<Loss>,
    /// Commands that take the files into use.
    pub next_steps: Vec<NextSteps>,
    /// Files among the changes that are there only while it waits to be confirmed.
    pub waits: BTreeSet<HostPath>,
}

impl Plan {
    /// Returns whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

/// Returns the plan for a goal, judged.
///
/// # Errors
/// Why there is none.
pub fn make<S: Source>(
    source: &S,
    goal: Goal<'_>,
    options: &Options,
) -> Result<Judged, PlanError<S::Error>> {
    let mut unjudged = match goal {
        Goal::Operation(operation) => operation::draft(source, operation, options),
        Goal::Mend(rules) => mend::draft(source, rules, options),
        Goal::Export { folder, owner } => export::draft(source, folder, owner, options),
        Goal::Migrate(migration) => migrate::draft(source, migration, options),
        Goal::TakeBack(back) => take_back::draft(source, back, options),
    }?;
    let waits = options.confirm.as_ref();
    if let Some(confirm) = waits.filter(|_| !unjudged.plan.is_empty()) {
        confirm::add(source, &mut unjudged, confirm, &options.run)?;
    }
    judge::judge(unjudged, options.force).map_err(PlanError::Worse)
}
