//! Proof that nothing is lost: commands of the real program are disturbed in every way at every call, and judged.
//!
//! Each row of [`SCENES`] is a command that changes files; a new one is a row here. It is killed before each call, each
//! call fails with each error, writes are short, the power is cut; and so is what comes behind: taking back, and
//! `recover`. Every state that is left is recovered by the program, and must be the tree as before or as after, as the
//! exit status said (`judge`). strace does the disturbing (`inject`, `short`); power cuts are read off a recorded run
//! (`disk`, `power`). Of more than [`SAMPLE`] ways of one kind a fair sample is tried, with `KVMNET_WHOLE` all of them.
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
#[path = "../tree/mod.rs"]
mod tree;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use disk::{Op, Run};
use inject::{Fault, Recorded};
use judge::{Judge, Said, Scene, done, folder, history, text};
use table::{Kind, Table, each};
use tree::{Snapshot, Thing, snapshot, whole};

/// The most ways of one kind that are tried without `KVMNET_WHOLE`: kills of a command are never left out.
const SAMPLE: usize = 600;

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
    row("the 21st", "tutorial", TWENTY, COPY, Depth::Unsynced),
];

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

#[test]
fn nothing_is_lost() {
    if !support::strace::have_strace() {
        return;
    }
    if std::env::var_os("KVMNET_FAULTS").is_some_and(|value| value == "apart") {
        println!("skipped: KVMNET_FAULTS=apart, they are run by a step of their own");
        return;
    }
    let (begun, table) = (Instant::now(), Table::default());
    let only = std::env::var("KVMNET_SCENE").unwrap_or_default();
    for row in SCENES.iter().filter(|row| row.name.contains(&only)) {
        table.scene(row.name);
        let begun = Instant::now();
        let scene = scene(row);
        let judge = Judge::new(&scene);
        disturb(&judge, row.depth, &table);
        println!(
            "{}: {} different states judged, {:.0?}; {} times it failed and left the rest to `recover`",
            row.name,
            judge.different(),
            begun.elapsed(),
            judge.stuck.load(Ordering::Relaxed)
        );
    }
    table.print();
    println!("{:.0?}", begun.elapsed());
    assert_eq!(table.lost(), 0, "nothing may be lost");
}

/// Makes the tree of a row, and looks what its command does undisturbed.
fn scene(row: &Row) -> Scene {
    let dir = folder();
    let (root, end) = (dir.path().join("root"), dir.path().join("end"));
    tree::copy(&support::fixture(row.fixture), &root);
    fs::create_dir_all(root.join("var/lib")).unwrap();
    for words in row.earlier {
        done(&root, words).unwrap();
    }
    let mut before = snapshot(&root);
    let mut history_before = history(&root).unwrap();
    if let Some(words) = row.killed {
        kill_before_commit(&root, words);
    }
    tree::copy(&root, &end);
    done(&end, row.words).unwrap();
    let (after, history_after) = (snapshot(&end), history(&end).unwrap());
    if row.killed.is_some() {
        // it restores: what it finds is neither
        (before, history_before) = (after.clone(), history_after.clone());
    }
    Scene {
        words: row.words,
        again: row.again,
        start: whole(&root),
        before,
        after,
        history_before,
        history_after,
    }
}

/// Kills a command before its last rename: every file is changed, and the transaction is not applied.
fn kill_before_commit(root: &std::path::Path, words: &[&str]) {
    let recorded = inject::record(&whole(root), words, &[]).unwrap();
    let kills = inject::kills(&recorded.points);
    let mut renames = kills.iter().filter(|fault| fault.is_of("renameat"));
    let options = renames.next_back().unwrap().options();
    let log = root.with_extension("log");
    let output = support::strace::traced(root, words, &log, &options);
    assert_eq!(output.status.code(), None, "{}", text(&output.stderr));
}

fn disturb(judge: &Judge<'_>, depth: Depth, table: &Table) {
    let scene = judge.scene;
    let recorded = inject::record(&scene.start, scene.words, &[]).unwrap();
    each(&inject::kills(&recorded.points), |fault| {
        table.count(Kind::Killed, inject::try_one(judge, fault))
    });
    let killed: Vec<Snapshot> = judge.interrupted.lock().unwrap().clone();
    cut_power(judge, &recorded.run, 0, table);
    match depth {
        Depth::All => {}
        Depth::Ended => return,
        Depth::Unsynced => return leave_out_syncs(judge, &recorded.run),
    }
    kill_recoveries(judge, &killed, table);
    inject_all(judge, Kind::Failed, inject::errors(&recorded.points), table);
    inject_all(
        judge,
        Kind::FailedOn,
        inject::lasting(&recorded.points),
        table,
    );
    inject_all(judge, Kind::Unread, inject::unread(&recorded.points), table);
    each(&sample(short::writes(&recorded)), |write| {
        table.count(Kind::Short, short::try_one(judge, *write));
    });
    kill_taking_back(judge, &recorded, table);
    each(&sample(killed), |state| {
        table.count(Kind::NextCommand, judge.next_command(state))
    });
}

/// Returns every kth of them, so that no more than [`SAMPLE`] are left, and always the last; with `KVMNET_WHOLE` all.
fn sample<T>(mut all: Vec<T>) -> Vec<T> {
    if std::env::var_os("KVMNET_WHOLE").is_some() {
        return all;
    }
    let (step, last) = (all.len().div_ceil(SAMPLE).max(1), all.len());
    let mut n = 0;
    all.retain(|_| {
        n += 1;
        (last - n).is_multiple_of(step)
    });
    all
}

fn inject_all(judge: &Judge<'_>, kind: Kind, faults: Vec<Fault>, table: &Table) {
    each(&sample(faults), |fault| {
        table.count(kind, inject::try_one(judge, fault))
    });
}

/// Judges every state that a power cut leaves behind the first `skip` operations of a run.
fn cut_power(judge: &Judge<'_>, run: &Run, skip: usize, table: &Table) {
    let owner = owner(&judge.scene.start);
    let mut states = Vec::new();
    power::states(run, skip, |state| states.push(state));
    each(&sample(states), |state| {
        let said = if state.said {
            Said::Applied
        } else {
            Said::Nothing
        };
        let verdict = judge.judge(&state.disk.snapshot(owner), said);
        table.count(
            Kind::PowerCut(state.cut),
            verdict
                .map(|_| ())
                .map_err(|why| format!("{}: {why}", state.what)),
        );
    });
}

/// Leaves out each sync of a run in turn, to see that the proof would find it out.
fn leave_out_syncs(judge: &Judge<'_>, run: &Run) {
    let owner = owner(&judge.scene.start);
    let is_sync = |at: &usize| matches!(run.ops[*at], Op::Sync(_));
    let syncs: Vec<usize> = (0..run.ops.len()).filter(is_sync).collect();
    let found = AtomicUsize::new(0);
    each(&syncs, |left_out| {
        let mut ops = run.ops.clone();
        ops.remove(*left_out);
        let run = Run {
            start: run.start.clone(),
            ops,
        };
        let mut lost = false;
        power::states(&run, 0, |state| {
            let said = if state.said {
                Said::Applied
            } else {
                Said::Nothing
            };
            lost = lost || judge.judge(&state.disk.snapshot(owner), said).is_err();
        });
        found.fetch_add(usize::from(lost), Ordering::Relaxed);
    });
    let found = found.into_inner();
    println!(
        "    left out one by one, {found} of {} syncs would lose something",
        syncs.len()
    );
    assert!(
        found * 2 > syncs.len(),
        "the proof is blind to a missing sync"
    );
}

/// Kills the recovery of each interrupted state before each call.
fn kill_recoveries(judge: &Judge<'_>, killed: &[Snapshot], table: &Table) {
    let owner = owner(&judge.scene.start);
    each(&sample(killed.to_vec()), |state| {
        match inject::record(state, &["recover"], &[]) {
            Err(why) => table.count(Kind::RecoveryKilled, Err(why)),
            Ok(recorded) => prefixes(&recorded.run, 0, |n, disk| {
                let verdict = judge.judge(&disk.snapshot(owner), Said::Nothing);
                let verdict = verdict
                    .map(|_| ())
                    .map_err(|why| format!("recovery stopped at {n}: {why}"));
                table.count(Kind::RecoveryKilled, verdict);
            }),
        }
    });
}

/// Lets each call fail, and kills the program before each call by which it takes back what it had done.
fn kill_taking_back(judge: &Judge<'_>, recorded: &Recorded, table: &Table) {
    let scene = judge.scene;
    let owner = owner(&scene.start);
    let faults = inject::errors(&recorded.points);
    let faults: Vec<_> = faults
        .iter()
        .filter(|fault| fault.is_error("EIO"))
        .collect();
    each(&sample(faults), |fault| {
        let options = fault.options().split_off(1);
        let failed = match inject::record(&scene.start, scene.words, &options) {
            Ok(failed) => failed.run,
            Err(why) => return table.count(Kind::TakingBackKilled, Err(why)),
        };
        let both = failed.ops.iter().zip(&recorded.run.ops);
        let same = both.take_while(|(one, other)| one.is_like(other)).count();
        prefixes(&failed, same, |n, disk| {
            let verdict = judge.judge(&disk.snapshot(owner), Said::Nothing);
            let why = |why: String| format!("{fault:?}, taking back stopped at {n}: {why}");
            table.count(Kind::TakingBackKilled, verdict.map(|_| ()).map_err(why));
        });
        if fault.is_last_sync(recorded) {
            cut_power(judge, &failed, same, table);
        }
    });
}

/// Calls `f` with the disk behind each operation from the `first` on.
fn prefixes(run: &Run, first: usize, f: impl Fn(usize, &disk::Disk)) {
    let mut disk = run.after(first);
    for (n, op) in run.ops.iter().enumerate().skip(first) {
        disk.perform(op);
        f(n, &disk);
    }
}

/// Returns to whom the files belong.
fn owner(start: &Snapshot) -> (u32, u32) {
    let mut owners = start.values().filter_map(|thing| match thing {
        Thing::File { owner, .. } => Some(*owner),
        _ => None,
    });
    owners.next_back().unwrap()
}
