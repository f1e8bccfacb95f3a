//! The plan for an operation on bridges, networks and guests: what it changes; then, since it is only known now which files
//! those are, their copies and their history; then originals and words.

use std::collections::BTreeSet;

use super::backup;
use super::copies::Copies;
use super::judge::Unjudged;
use super::restore::{self, EarlierTransaction};
use super::ruling::PutRight;
use super::words::{self, describe, gateways, gone_from_profiles};
use super::{Options, Plan, PlanError, Run, Source, next};
use crate::backend::{self, Interest};
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::host::profile::{Profile, Switch};
use crate::op::{self, BridgeAdd, Choice, Future, Operation, Refusal};
use crate::tree::{Scope, Tree};

/// Returns the plan for `operation`.
pub(super) fn draft<'o, S: Source>(
    source: &S,
    operation: &'o Operation,
    options: &Options,
) -> Result<Unjudged<'o>, PlanError<S::Error>> {
    let interest = interest(operation);
    let scope = backend::scope(interest);
    let mut tree = source.files(&scope).map_err(PlanError::Unread)?;
    let before = backend::inspect(&tree, interest);
    let refused = |refusal| PlanError::refused(&tree, refusal);
    let future = op::plan(&before, operation, options.force).map_err(refused)?;
    refuse_helper_script(&before, operation, &future).map_err(refused)?;
    let set = backend::emit(&tree, &before, &future.host).map_err(PlanError::Emit)?;
    let mut copies = options.copies(source)?;
    let detaches = !set.is_empty() && detaches(operation);
    copies.look(source, &mut tree, &wanted(&set, &copies, detaches))?;
    let earlier = match detaches {
        true => source.history().map_err(PlanError::Unread)?,
        false => Vec::new(),
    };
    let inputs = Inputs {
        tree: &tree,
        before: &before,
        earlier: &earlier,
        copies: &copies,
    };
    let plan = inputs.plan(operation, future, set, &options.run);
    let comes_back = put_right(&plan.set, &earlier);
    Ok(Unjudged {
        plan,
        tree,
        before,
        interest,
        found: None,
        put_right: None,
        comes_back,
    })
}

/// Returns what was wrong before the transactions that changed these files, and may come back with what the files were.
fn put_right(set: &ChangeSet, earlier: &[EarlierTransaction]) -> PutRight {
    let touches = |earlier: &&EarlierTransaction| {
        let mut changes = set.iter();
        changes.any(|change| earlier.set.get(&change.path).is_some())
    };
    let earlier = earlier.iter().filter(touches);
    PutRight(
        earlier
            .flat_map(|earlier| earlier.repaired.clone())
            .collect(),
    )
}

/// Returns what `operation` needs to have read.
fn interest(operation: &Operation) -> Interest<'_> {
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

/// Refuses the name of a bridge for which ifup of RHEL 7 would run another script.
///
/// Source: ifup of 9.49: the helper is `ifup-` and the name of the device less its digits at the end.
fn refuse_helper_script(
    before: &Host,
    operation: &Operation,
    future: &Future,
) -> Result<(), Refusal> {
    let readers = &before.readers;
    let Some(bridge) = operation.bridge() else {
        return Ok(());
    };
    // one of Open vSwitch has DEVICETYPE=ovs, and its helper is ifup-ovs whatever its name
    let linux =
        |profile: &Profile| matches!(profile.bridge(), Some(b) if b.switch == Switch::Linux);
    let new = before.profile(bridge).is_none() && future.host.profile(bridge).is_some_and(linux);
    let old_scripts = readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl);
    let stem = bridge
        .as_str()
        .trim_end_matches(|c: char| c.is_ascii_digit());
    if new
        && old_scripts
        && readers
            .helpers
            .iter()
            .any(|helper| helper == stem && stem != "eth")
    {
        let message = format!("ifup would run ifup-{stem} for a bridge named `{bridge}`");
        return Err(Refusal::new(message).help("choose another name, such as br0"));
    }
    Ok(())
}

/// Returns whether `operation` gives files back what they were before they were a port's: copies and earlier transactions
/// tell what that was.
fn detaches(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::BridgeRemove { .. } | Operation::RemovePort { .. }
    )
}

/// Returns what must be read before there is a plan: copies of originals, old and to come.
fn wanted(set: &ChangeSet, copies: &Copies, detaches: bool) -> Scope {
    let places = |change: &Change| copies.places(&change.path);
    Scope {
        folders: match detaches {
            true => copies.folders(),
            false => Vec::new(),
        },
        files: set.iter().flat_map(places).collect(),
        ..Scope::default()
    }
}

/// All that was read.
struct Inputs<'a> {
    tree: &'a Tree,
    before: &'a Host,
    earlier: &'a [EarlierTransaction],
    copies: &'a Copies,
}

impl Inputs<'_> {
    /// Returns the plan; `run` is what the user typed.
    fn plan(&self, operation: &Operation, mut future: Future, set: ChangeSet, run: &Run) -> Plan {
        let (tree, before) = (self.tree, self.before);
        let readers = &*before.readers;
        let mut warnings = future.notes.clone();
        let sources = restore::Sources {
            tree,
            readers,
            before,
            after: &future.host,
            earlier: self.earlier,
            copies: self.copies,
        };
        let (set, restored) = restore::originals(&sources, set, operation);
        restored.leave(&mut future);
        warnings.extend(gateways::bare(tree, readers, operation, &set));
        // what came back says itself what it uses
        warnings.retain(|warning| !op::is_followed(warning) || !restored.of(warning));
        let restored = restored.said;
        let idle = gateways::idle_gateways(tree, before, &future, &set);
        let mut moves = describe::moves(tree, &set, &future, before, operation, &idle);
        if !restored.is_empty() {
            moves.push(("brought back".to_owned(), restored));
        }
        let back = gone_from_profiles::back(&set, operation, (tree, before, &future));
        moves.extend(words::one_by_one("comes back", back));
        let gone = gone_from_profiles::lines(&set, operation, (tree, before, &future));
        moves.extend(words::one_by_one("goes away", gone));
        let (full, backups) = backup::add(tree, readers, &set, self.copies);
        warnings.extend(words::warnings(
            tree, readers, operation, before, &future, &set,
        ));
        warnings.extend(words::copies::explain(&backups));
        let next_steps = match set.is_empty() {
            true => Vec::new(),
            false => next::steps((tree, &set), operation, before, &future, run),
        };
        Plan {
            title: describe::title(operation),
            moves,
            full,
            set,
            backups,
            warnings,
            losses: Vec::new(),
            waits: BTreeSet::new(),
            next_steps,
        }
    }
}
