//! Proof that nothing is lost: commands of the real program are disturbed in every way at every call, and judged.
//!
//! Each row of [`SCENES`] is a command that changes files; a new one is a row here. It is killed before each call, each
//! call fails with each error, writes are short, the power is cut; and so is what comes behind: taking back, and
//! `recover`. Every state that is left is recovered by the program, and must be the tree as before or as after, as the
//! exit status said (`judge`). strace does the disturbing (`inject`, `short`); power cuts are read off a recorded run
//! (`disk`, `power`). Each row is a test of its own. Of each kind of disturbance some [`SAMPLE`] ways are tried, evenly
//! chosen; with `KVMNET_WHOLE=1` all of them, which is the proof.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    missing_docs,
    reason = "tests build and read trees, run programs and say what they tried"
)]

mod disk;
mod inject;
mod judge;
mod power;
mod short;
#[path = "../support/mod.rs"]
mod support;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use disk::{Op, Run};
use inject::{Fault, Recorded};
use judge::{Judge, Said, Scene, content, done, folder, history, text};
use libtest_mimic::{Arguments, Failed, Trial};
use support::sample::{each, sample, say, step};
use support::snapshot::{Found, Nodes, copy_to, nodes};
use table::{Column, Kind};

/// About how many ways of one kind are tried without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 4;
/// About how many syncs are left out without it: each is a proof of its own.
const SYNCS: usize = 3;

/// How much a command is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// In every way.
    All,
    /// Killed, and its power cut: it takes no step that the others do not take.
    Ended,
    /// As `Ended`, and each of its syncs is left out, to see that the proof would find it out.
    Unsynced,
}

/// A command, and how its tree is made.
struct Row {
    name: &'static str,
    fixture: &'static str,
    /// Commands that come before.
    earlier: &'static [&'static [&'static str]],
    /// A command that comes before, and is killed just before its commit.
    killed: Option<&'static [&'static str]>,
    words: &'static [&'static str],
    /// The same for a tree on which it may have been done.
    again: &'static [&'static str],
    depth: Depth,
}

const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--yes"];
const WAIT: &[&str] = &[
    "bridge",
    "add",
    "br0",
    "--port",
    "ens33",
    "--confirm-within",
    "10",
    "--yes",
];
const UNDO: &[&str] = &["rollback", "--unconfirmed", "--yes", "--force"];
const REMOVE: &[&str] = &["bridge", "remove", "br0", "--yes"];
const COPY: &[&str] = &["network", "copy", "default", "nat1", "--yes"];
const SET: &[&str] = &[
    "network",
    "set",
    "nat1",
    "--mode",
    "isolated",
    "--no-autostart",
    "--yes",
];
const DELETE: &[&str] = &["network", "remove", "nat1", "--yes"];
const CONNECT: &[&str] = &["guest", "connect", "vm1", "--network", "nat1", "--yes"];
// one of each kind of fix: a link goes, a file is edited, a file is put away
const FIX: &[&str] = &[
    "check",
    "--fix=autostart-dangling,network-mac-missing,guest-name-twice",
    "--yes",
];
const DOMAIN: [&[&str]; 2] = [
    &["network", "set", "default", "--domain", "one", "--yes"],
    &["network", "set", "default", "--domain", "two", "--yes"],
];
/// As many transactions as are kept: the next one makes the first one be forgotten.
const TWENTY: &[&[&str]] = &{
    let mut all = [DOMAIN[0]; 20];
    let mut n = 1;
    while n < 20 {
        all[n] = DOMAIN[n % 2];
        n += 2;
    }
    all
};
const RICH: &str = "static-routes";

const SCENES: &[Row] = &[
    row("bridge add", RICH, &[], ADD, Depth::All),
    row("network copy", "tutorial", &[], COPY, Depth::All),
    row("guest connect", "tutorial", &[COPY], CONNECT, Depth::All),
    Row {
        again: &["rollback", "1", "--yes"],
        ..row(
            "rollback",
            "tutorial",
            &[ADD],
            &["rollback", "--yes"],
            Depth::All,
        )
    },
    Row {
        killed: Some(ADD),
        ..row("recover", RICH, &[], &["recover"], Depth::All)
    },
    row("check --fix", "libvirt-mess", &[], FIX, Depth::All),
    row("bridge remove", "tutorial", &[ADD], REMOVE, Depth::Ended),
    row("network set", "tutorial", &[COPY], SET, Depth::Unsynced),
    row("network remove", "tutorial", &[COPY], DELETE, Depth::Ended),
    row("keyfile add", "rhel9", &[], ADD, Depth::Ended),
    row("keyfile remove", "rhel9", &[ADD], REMOVE, Depth::Ended),
    row("the 21st", "tutorial", TWENTY, COPY, Depth::Unsynced),
    Row {
        again: ADD,
        ..row("add to confirm", "rhel9", &[], WAIT, Depth::Ended)
    },
    row("unconfirmed", "rhel9", &[WAIT], UNDO, Depth::Ended),
];

impl Row {
    /// Returns whether a change waits to be confirmed in it.
    fn waits(&self) -> bool {
        self.words == WAIT || self.earlier.contains(&WAIT)
    }
}

const fn row(
    name: &'static str,
    fixture: &'static str,
    earlier: &'static [&'static [&'static str]],
    words: &'static [&'static str],
    depth: Depth,
) -> Row {
    Row {
        name,
        fixture,
        earlier,
        killed: None,
        words,
        again: words,
        depth,
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let can = support::strace::have_strace();
    let column = |row: &'static Row| (row, Arc::new(Column::new(row.name)));
    let columns: Vec<_> = SCENES.iter().map(column).collect();
    let trial = |(row, column): &(&'static Row, Arc<Column>)| {
        let (row, column) = (*row, Arc::clone(column));
        let name = row.name.replace(" --", "-").replace(' ', "-");
        Trial::test(name, move || nothing_is_lost(row, &column)).with_ignored_flag(!can)
    };
    let trials = columns.iter().map(trial).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let columns = columns.iter().map(|(_, column)| &**column);
    let tried: Vec<&Column> = columns.filter(|column| column.all() > 0).collect();
    if !tried.is_empty() {
        table::print(&tried);
    }
    conclusion.exit_code()
}

fn nothing_is_lost(row: &Row, column: &Column) -> Result<(), Failed> {
    let begun = Instant::now();
    let scene = scene(row);
    let judge = Judge::new(&scene);
    disturb(&judge, row.depth, column);
    say(&format!(
        "{}: {} states tried, {} different, {:.0?}; {} times it failed and left the rest to `recover`",
        row.name,
        column.all(),
        judge.different(),
        begun.elapsed(),
        judge.stuck.load(Ordering::Relaxed)
    ));
    match column.lost() {
        0 => Ok(()),
        lost => Err(format!("{lost} states are lost, the first ones are printed above").into()),
    }
}

/// Makes the tree of a row, and looks what its command does undisturbed.
fn scene(row: &Row) -> Scene {
    let dir = folder();
    let (root, end) = (dir.path().join("root"), dir.path().join("end"));
    copy_to(&support::fixture(row.fixture), &root);
    fs::create_dir_all(root.join("var/lib")).unwrap();
    if row.waits() {
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        support::setup::change(dir.path(), "write usr/bin/kvmnet \"#!/bin/sh\n\"");
        support::setup::change(dir.path(), "chmod 755 usr/bin/kvmnet");
    }
    for words in row.earlier {
        done(&root, words).unwrap();
    }
    let mut before = content(&root);
    let mut history_before = history(&root).unwrap();
    if let Some(words) = row.killed {
        kill_before_commit(&root, words);
    }
    copy_to(&root, &end);
    done(&end, row.words).unwrap();
    let (after, history_after) = (content(&end), history(&end).unwrap());
    if row.killed.is_some() {
        // it restores: what it finds is neither
        (before, history_before) = (after.clone(), history_after.clone());
    }
    Scene {
        words: row.words,
        again: row.again,
        start: nodes(&root),
        before,
        after,
        history_before,
        history_after,
    }
}

/// Kills a command before its last rename: every file is changed, and the transaction is not applied.
fn kill_before_commit(root: &std::path::Path, words: &[&str]) {
    let recorded = inject::record(&nodes(root), words, &[]).unwrap();
    let kills = inject::kills(&recorded.points);
    let mut renames = kills.iter().filter(|fault| fault.is_of("renameat"));
    let options = renames.next_back().unwrap().options();
    let log = root.with_extension("log");
    let output = support::strace::traced(root, words, &log, &options);
    assert_eq!(output.status.code(), None, "{}", text(&output.stderr));
}

fn disturb(judge: &Judge<'_>, depth: Depth, column: &Column) {
    let scene = judge.scene;
    let recorded = inject::record(&scene.start, scene.words, &[]).unwrap();
    inject_all(judge, Kind::Killed, inject::kills(&recorded.points), column);
    let killed: Vec<Nodes> = judge.interrupted.lock().unwrap().clone();
    cut_power(judge, &recorded.run, 0, column);
    match depth {
        Depth::All => {}
        Depth::Ended => return,
        Depth::Unsynced => return leave_out_syncs(judge, &recorded.run, column),
    }
    kill_recoveries(judge, &killed, column);
    for (kind, faults) in [
        (Kind::Failed, inject::errors(&recorded.points)),
        (Kind::FailedOn, inject::lasting(&recorded.points)),
        (Kind::Unread, inject::unread(&recorded.points)),
    ] {
        inject_all(judge, kind, faults, column);
    }
    let writes = some(
        column,
        Kind::Short,
        short::writes(&recorded),
        short::Write::then,
    );
    each(&column.what(Kind::Short), &writes, |write| {
        column.count(Kind::Short, short::try_one(judge, *write));
    });
    kill_taking_back(judge, &recorded, column);
    let killed = some(column, Kind::NextCommand, killed, |_| ());
    each(&column.what(Kind::NextCommand), &killed, |state| {
        column.count(Kind::NextCommand, judge.next_command(state))
    });
}

/// Returns an even sample of the ways of one kind.
fn some<T, K: Ord>(column: &Column, kind: Kind, all: Vec<T>, of: impl Fn(&T) -> K) -> Vec<T> {
    sample(&column.what(kind), all, SAMPLE, |one| [of(one)])
}

fn inject_all(judge: &Judge<'_>, kind: Kind, faults: Vec<Fault>, column: &Column) {
    let faults = some(column, kind, faults, Fault::kind);
    each(&column.what(kind), &faults, |fault| {
        column.count(kind, inject::try_one(judge, fault))
    });
}

/// Judges every state that a power cut leaves behind the first `skip` operations of a run.
fn cut_power(judge: &Judge<'_>, run: &Run, skip: usize, column: &Column) {
    let owner = owner(&judge.scene.start);
    let mut states = BTreeMap::<_, Vec<_>>::new();
    power::states(run, skip, |state| {
        states.entry(state.cut).or_default().push(state);
    });
    for (cut, states) in states {
        let kind = Kind::PowerCut(cut);
        let states = some(column, kind, states, |state| state.said);
        each(&column.what(kind), &states, |state| {
            let said = if state.said {
                Said::Applied
            } else {
                Said::Nothing
            };
            let verdict = judge.judge(&state.disk.snapshot(owner), said);
            let why = |why| format!("{}: {why}", state.what);
            column.count(kind, verdict.map(|_| ()).map_err(why));
        });
    }
}

/// Leaves out each sync of a run in turn, to see that the proof would find it out.
fn leave_out_syncs(judge: &Judge<'_>, run: &Run, column: &Column) {
    let owner = owner(&judge.scene.start);
    let is_sync = |at: &usize| matches!(run.ops[*at], Op::Sync(_));
    let syncs: Vec<usize> = (0..run.ops.len()).filter(is_sync).collect();
    let what = format!("{}: a sync is left out", column.name);
    let syncs = sample(&what, syncs, SYNCS, |_| [()]);
    let whole = support::sample::whole();
    let found = AtomicUsize::new(0);
    each(&what, &syncs, |left_out| {
        let mut ops = run.ops.clone();
        ops.remove(*left_out);
        let run = Run {
            start: run.start.clone(),
            ops,
        };
        let (mut lost, mut n) = (false, 0);
        power::states(&run, 0, |state| {
            n += 1;
            // without `KVMNET_WHOLE=1` one of thirteen
            if lost || !whole && n % 13 != 0 {
                return;
            }
            let said = if state.said {
                Said::Applied
            } else {
                Said::Nothing
            };
            lost = judge.judge(&state.disk.snapshot(owner), said).is_err();
        });
        found.fetch_add(usize::from(lost), Ordering::Relaxed);
    });
    let found = found.into_inner();
    say(&format!(
        "{what}: {found} of {} syncs would lose something",
        syncs.len()
    ));
    let enough = if whole { syncs.len() / 2 } else { 0 };
    assert!(found > enough, "the proof is blind to a missing sync");
}

/// Kills the recovery of each interrupted state before each call.
fn kill_recoveries(judge: &Judge<'_>, killed: &[Nodes], column: &Column) {
    let (owner, kind) = (owner(&judge.scene.start), Kind::RecoveryKilled);
    let killed = some(column, kind, killed.to_vec(), |_| ());
    each(&column.what(kind), &killed, |state| {
        match inject::record(state, &["recover"], &[]) {
            Err(why) => column.count(kind, Err(why)),
            Ok(recorded) => prefixes(&recorded.run, 0, |n, disk| {
                let verdict = judge.judge(&disk.snapshot(owner), Said::Nothing);
                let why = |why| format!("recovery stopped at {n}: {why}");
                column.count(kind, verdict.map(|_| ()).map_err(why));
            }),
        }
    });
}

/// Lets each call fail, and kills the program before each call by which it takes back what it had done.
fn kill_taking_back(judge: &Judge<'_>, recorded: &Recorded, column: &Column) {
    let (scene, kind) = (judge.scene, Kind::TakingBackKilled);
    let owner = owner(&scene.start);
    let mut faults = inject::errors(&recorded.points);
    faults.retain(|fault| fault.is_error("EIO"));
    let faults = some(column, kind, faults, |fault| fault.is_last_sync(recorded));
    each(&column.what(kind), &faults, |fault| {
        let options = fault.options().split_off(1);
        let failed = match inject::record(&scene.start, scene.words, &options) {
            Ok(failed) => failed.run,
            Err(why) => return column.count(kind, Err(why)),
        };
        let both = failed.ops.iter().zip(&recorded.run.ops);
        let same = both.take_while(|(one, other)| one.is_like(other)).count();
        prefixes(&failed, same, |n, disk| {
            let verdict = judge.judge(&disk.snapshot(owner), Said::Nothing);
            let why = |why: String| format!("{fault:?}, taking back stopped at {n}: {why}");
            column.count(kind, verdict.map(|_| ()).map_err(why));
        });
        if fault.is_last_sync(recorded) {
            cut_power(judge, &failed, same, column);
        }
    });
}

/// Calls `f` with the disk behind operations from the `first` on: an even sample of them, the last one among them, or
/// all with `KVMNET_WHOLE=1`.
fn prefixes(run: &Run, first: usize, f: impl Fn(usize, &disk::Disk)) {
    let mut disk = run.after(first);
    let total = run.ops.len() - first;
    let step = if support::sample::whole() {
        1
    } else {
        step(total, SAMPLE)
    };
    for (n, op) in run.ops.iter().enumerate().skip(first) {
        disk.perform(op);
        if (n - first).is_multiple_of(step) || n + 1 == run.ops.len() {
            f(n, &disk);
        }
    }
}

/// Returns to whom the files belong.
fn owner(start: &Nodes) -> (u32, u32) {
    let mut owners = start.values().filter_map(|thing| match thing {
        Found::File { owner, .. } => Some(*owner),
        _ => None,
    });
    owners.next_back().unwrap()
}
