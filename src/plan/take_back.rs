//! The plan that takes transactions back: `rollback`. What is taken back is known from the history; what that means for the
//! host as it is, is found here.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Unjudged;
use super::permitted::Permitted;
use super::ruling::PutRight;
use super::{Options, Plan, PlanError, Source, steps_after, words};
use crate::backend::{self, Interest};
use crate::change::{Change, ChangeSet, Marks};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::op::{self, Force, Refusal};
use crate::readers::Program;
use crate::tree::{HostPath, Scope};

/// What is taken back, as the history and the disk have it.
#[derive(Clone, Debug)]
pub struct TakeBack {
    /// What it is for: "roll back transaction 3 (bridge add br0)".
    pub title: String,
    /// What is written.
    pub full: ChangeSet,
    /// What of it is shown: copies of originals are left out.
    pub shown: ChangeSet,
    /// What is asked for, be it done already or not.
    pub deeds: Vec<Change>,
    /// The marks of what is there.
    pub found: BTreeMap<HostPath, Marks>,
    /// The owners, user and group, that are found where it is written.
    pub owners: BTreeSet<(u32, u32)>,
    /// What moves, in words: a heading and its lines.
    pub moves: Vec<(String, Vec<String>)>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// The name of the unit that next steps run as.
    pub unit: String,
    /// What the transactions had put right.
    pub put_right: PutRight,
}

/// Returns the plan that takes back.
pub(super) fn draft<'a, S: Source>(
    source: &S,
    back: &'a TakeBack,
    options: &Options,
) -> Result<Unjudged<'a>, PlanError<S::Error>> {
    let scope = backend::scope_with_running(Interest::All);
    let mut tree = source.files(&scope).map_err(PlanError::Unread)?;
    let state = source.state_folder().map_err(PlanError::Unread)?;
    let permitted = Permitted::of(&tree, &state, back.owners.iter().copied());
    // what needs no doing is held to the same: folders hang on it
    let checked = permitted.check(&back.deeds, &back.found);
    checked.map_err(PlanError::NotPermitted)?;
    // a link that comes back leads to what nobody else reads
    let behind = Scope {
        files: back
            .full
            .led_to()
            .filter(|path| !tree.exists(path))
            .collect(),
        ..Scope::default()
    };
    tree.absorb(source.files(&behind).map_err(PlanError::Unread)?);
    let before = backend::inspect(&tree, Interest::All);
    let after = back.full.apply_to(&tree);
    let after = backend::inspect_again(&after, &before, &back.full, Interest::All);
    if options.force == Force::No {
        refuse_running(source, &before, &after)?;
        refuse_dark(&before, &after).map_err(|refusal| PlanError::refused(&tree, refusal))?;
    }
    let mut warnings = back.warnings.clone();
    warnings.extend(words::kept_by_switch::warnings(&before, &after));
    Ok(Unjudged {
        plan: Plan {
            title: back.title.clone(),
            losses: Vec::new(),
            waits: BTreeSet::new(),
            next_steps: steps_after(&tree, &back.shown, &back.unit, &options.run),
            set: back.shown.clone(),
            full: back.full.clone(),
            backups: Vec::new(),
            moves: back.moves.clone(),
            warnings,
        },
        tree,
        before,
        interest: Interest::All,
        found: None,
        put_right: Some(&back.put_right),
        comes_back: PutRight::default(),
    })
}

/// Refuses where a program is not started with the host afterwards that brings an interface up, as where one of two migrations is
/// taken back: each has enabled or disabled one.
fn refuse_dark(before: &Host, after: &Host) -> Result<(), Refusal> {
    let dark = |host: &Host, profile: &Profile| {
        let (scripts, manager) = (&host.readers.scripts, &host.readers.network_manager);
        match profile.is_for_network_manager(&host.readers) {
            true => manager
                .as_ref()
                .is_some_and(|manager| manager.starts.never()),
            false => scripts
                .as_ref()
                .is_some_and(|scripts| scripts.starts.never()),
        }
    };
    let was_up = |profile: &Profile| {
        let was = before.profile(&profile.interface);
        was.is_some_and(|was| was.autostart && !dark(before, was))
    };
    let starts = after.profiles().filter(|profile| profile.autostart);
    let mut dark = starts.filter(|profile| dark(after, profile) && was_up(profile));
    let Some(first) = dark.next() else {
        return Ok(());
    };
    let program = match first.is_for_network_manager(&after.readers) {
        true => Program::NetworkManager,
        false => Program::NetworkScripts,
    };
    let name = &first.interface;
    let message = format!(
        "nothing would bring `{name}` up at boot: {} is not started with the host then",
        program.name()
    );
    Refusal::new(message)
        .at(first.home.file.as_ref(), None)
        .help("roll back what came after it, too; to list it: kvmnet history")
        .unless(Force::No)
}

/// Refuses while a guest runs with a macvtap on what becomes a port of a bridge, or ceases to be one.
fn refuse_running<S: Source>(
    source: &S,
    before: &Host,
    after: &Host,
) -> Result<(), PlanError<S::Error>> {
    let names = op::other_roles(before, after);
    let Some(first) = names.first() else {
        return Ok(());
    };
    let interest = Interest::Bridge {
        bridge: first.as_str(),
        ports: &names,
        subnets: false,
    };
    let scope = backend::scope(interest);
    let tree = source.files(&scope).map_err(PlanError::Unread)?;
    let host = backend::inspect(&tree, interest);
    op::ensure_none_runs(&host, &names).map_err(|refusal| PlanError::refused(&tree, refusal))
}
