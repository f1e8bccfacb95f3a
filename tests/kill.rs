//! The crash law held against the program itself: it is killed before every call that changes a file, then recovered.
//!
//! strace sends the signal (`inject=CALL:signal=KILL:when=N`). A first run says which calls there are; those that fail
//! change nothing, so that the state before them is tried with the next one.
#![allow(
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests build and read trees, and run programs"
)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, its helpers too, and says what it tried"
)]

mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tempfile::TempDir;
use tree::{Snapshot, assert_clean, assert_same, snapshot};

/// All calls by which a program could change files; strace passes over those that this machine lacks (`?`).
const CALLS: &[&str] = &[
    "openat",
    "open",
    "creat",
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "ftruncate",
    "truncate",
    "fallocate",
    "copy_file_range",
    "sendfile",
    "splice",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mknod",
    "mknodat",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "lchown",
    "fchown",
    "fchownat",
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
    "utimensat",
    "flock",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "ioctl",
];
/// Calls that change no file: what is before them is before the next call too, so a few of them do.
const HARMLESS: &[&str] = &["flock", "fsync", "fdatasync", "sync_file_range"];
const EVERY: usize = 8;

const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--yes"];
const REMOVE: &[&str] = &["bridge", "remove", "br0", "--yes"];
const ROLLBACK: &[&str] = &["rollback", "--yes"];
const ROLLBACK_FIRST: &[&str] = &["rollback", "1", "--yes"];
const RECOVER: &[&str] = &["recover"];

/// Where the process is killed: before the `n`th call of this name.
#[derive(Clone, Debug)]
struct Kill {
    call: String,
    n: usize,
}

/// A command that is killed, on a tree that is copied for each attempt.
struct Scene<'a> {
    name: &'static str,
    start: &'a Path,
    words: &'a [&'a str],
    /// The same command for a tree on which it may have been done.
    again: &'a [&'a str],
    /// The tree as it is if the command has not happened.
    before: &'a Snapshot,
    after: &'a Snapshot,
}

/// Returns a folder, in memory where that can be: thousands of files are synced.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn program(root: &Path, words: &[&str]) -> Vec<String> {
    let mut all = vec![
        env!("CARGO_BIN_EXE_kvmnet").to_owned(),
        "--root".to_owned(),
        root.to_str().unwrap().to_owned(),
    ];
    all.extend(words.iter().map(|word| (*word).to_owned()));
    all
}

fn output(command: &mut Command) -> Output {
    command
        .env_remove("KVMNET_ROOT")
        .env("LC_ALL", "C")
        .output()
        .unwrap()
}

/// Runs the program, which must end well, and returns what it printed.
#[track_caller]
fn run(root: &Path, words: &[&str]) -> String {
    let all = program(root, words);
    let output = output(Command::new(&all[0]).args(&all[1..]));
    let text = said(&output);
    assert!(output.status.success(), "{words:?}: {text}");
    text
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Returns a command that runs on one processor, where that can be had: strace and what it traces take turns, which is
/// faster there.
fn pinned(program: &str, processor: usize) -> Command {
    static WORKS: LazyLock<bool> = LazyLock::new(|| {
        let all: Vec<String> = (0..workers()).map(|n| n.to_string()).collect();
        let pin = |n: &String| Command::new("taskset").args(["-c", n, "true"]).status();
        all.iter()
            .all(|n| pin(n).is_ok_and(|status| status.success()))
    });
    if !*WORKS {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", &processor.to_string(), program]);
    command
}

fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Runs the program under strace with its log at `log`.
fn traced(root: &Path, words: &[&str], log: &Path, options: &[String], processor: usize) -> Output {
    let mut strace = pinned("strace", processor);
    strace.args(["-f", "-qq", "-s", "200", "-o"]).arg(log);
    output(strace.args(options).arg("--").args(program(root, words)))
}

/// Returns whether strace can be used; where real programs are asked for, it must be.
fn strace_is_missing() -> bool {
    let found = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "--"])
        .args([env!("CARGO_BIN_EXE_kvmnet"), "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let wanted = std::env::var_os("KVMNET_REAL_DAEMONS").is_some_and(|value| value == "1");
    assert!(
        found || !wanted,
        "strace is missing, or may not trace, and KVMNET_REAL_DAEMONS=1"
    );
    !found
}

/// Returns the calls of one undisturbed run that change files, and a few that do not.
fn kills(scene: &Scene<'_>) -> Vec<Kill> {
    let dir = folder();
    let root = dir.path().join("root");
    tree::copy(scene.start, &root);
    let log = dir.path().join("log");
    let all: Vec<_> = CALLS.iter().map(|call| format!("?{call}")).collect();
    let options = ["-e".to_owned(), format!("trace={}", all.join(","))];
    let output = traced(&root, scene.words, &log, &options, 0);
    assert!(output.status.success(), "{}", said(&output));
    assert_same(&snapshot(&root), scene.after, scene.name);
    let text = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = text.lines().map(strip_process).collect();
    let commit = lines.iter().rposition(|line| line.starts_with("rename"));
    let (mut counts, mut kills) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let call = line.split('(').next().unwrap();
        let count = counts.entry(call).or_default();
        *count += 1;
        let failed = line.contains(" = -1 ");
        let printed = line.starts_with("write(1,") || line.starts_with("write(2,");
        let changes = match call {
            "openat" | "open" => line.contains("O_CREAT") || line.contains("O_TRUNC"),
            "ioctl" => false,
            _ if HARMLESS.contains(&call) => *count % EVERY == 1,
            // what is printed before the commit is no change
            _ => !printed || Some(index) > commit,
        };
        if changes && !failed {
            kills.push(Kill {
                call: call.to_owned(),
                n: *count,
            });
        }
    }
    // one more than there are is never reached: that the run is not killed then says that none was missed
    for (call, count) in counts {
        kills.push(Kill {
            call: call.to_owned(),
            n: count + 1,
        });
    }
    kills
}

/// strace puts the process in front of each call.
fn strip_process(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
}

/// Kills the command once, recovers, and returns whether it was killed, and whether it had happened.
fn try_one(scene: &Scene<'_>, kill: &Kill, number: usize, processor: usize) -> (bool, bool) {
    let dir = folder();
    let (root, log) = (dir.path().join("root"), dir.path().join("log"));
    tree::copy(scene.start, &root);
    let Kill { call, n } = kill;
    let options = [
        format!("--trace={call}"),
        format!("--inject={call}:signal=KILL:when={n}"),
    ];
    let output = traced(&root, scene.words, &log, &options, processor);
    let killed = output.status.signal() == Some(9);
    let what = format!("{}, killed before {call} {n}", scene.name);
    assert!(
        killed || output.status.success(),
        "{what}: {}",
        said(&output)
    );
    if killed && call.starts_with("open") {
        let text = fs::read_to_string(&log).unwrap();
        let last = text.lines().rfind(|line| line.contains("open")).unwrap();
        assert!(last.contains("O_CREAT"), "{what}: another call: {last}");
    }
    if number.is_multiple_of(10) {
        // the next command that writes recovers by itself
        let other = dir.path().join("other");
        tree::copy(&root, &other);
        run(&other, scene.again);
        assert_same(&snapshot(&other), scene.after, &what);
        assert_clean(&other, &what);
    }
    let reported = said(&output).contains("Applied as transaction");
    run(&root, RECOVER);
    let found = snapshot(&root);
    let happened = found == *scene.after;
    assert!(happened || killed, "{what}");
    if !happened {
        assert_same(&found, scene.before, &what);
    }
    assert!(happened || !reported, "{what}: it said that it was applied");
    assert_clean(&root, &what);
    let history = run(&root, &["history"]);
    assert!(!history.contains("may be half of"), "{what}: {history}");
    if happened || number.is_multiple_of(2) {
        run(&root, scene.again);
        assert_same(&snapshot(&root), scene.after, &what);
    }
    (killed, happened)
}

/// Tries all kills of a scene, and returns how many.
fn hold(scene: &Scene<'_>) -> usize {
    let begun = Instant::now();
    let kills = kills(scene);
    let (next, killed, happened) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    std::thread::scope(|threads| {
        for worker in 0..workers() {
            let (kills, next, killed, happened) = (&kills, &next, &killed, &happened);
            threads.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(kill) = kills.get(number) else { break };
                    let (was_killed, had_happened) = try_one(scene, kill, number, worker);
                    killed.fetch_add(usize::from(was_killed), Ordering::Relaxed);
                    happened.fetch_add(usize::from(was_killed && had_happened), Ordering::Relaxed);
                }
            });
        }
    });
    let (killed, happened) = (killed.into_inner(), happened.into_inner());
    let mut calls = BTreeMap::<&str, usize>::new();
    for kill in &kills {
        *calls.entry(&kill.call).or_default() += 1;
    }
    assert_eq!(
        killed + calls.len(),
        kills.len(),
        "each kill but the last of a name is reached"
    );
    println!(
        "{}: killed in {killed} states, it had happened in {happened} of them, {:.1} s",
        scene.name,
        begun.elapsed().as_secs_f32()
    );
    println!("    {calls:?}");
    killed
}

/// Returns how often `call` is made while `words` run on a copy of `start`.
fn count(start: &Path, words: &[&str], call: &str) -> usize {
    let dir = folder();
    let (root, log) = (dir.path().join("root"), dir.path().join("log"));
    tree::copy(start, &root);
    traced(&root, words, &log, &[format!("--trace={call}")], 0);
    let text = fs::read_to_string(log).unwrap();
    text.lines().filter(|line| line.contains(call)).count()
}

#[test]
fn killed_anywhere_it_has_happened_or_not() {
    if strace_is_missing() {
        println!("skipped: strace is missing, or may not trace");
        return;
    }
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hosts/static-routes");
    let (plain, bridged, removed, back, midway) = (
        at("plain"),
        at("bridged"),
        at("removed"),
        at("back"),
        at("midway"),
    );
    tree::copy(&fixture, &plain);
    fs::create_dir_all(plain.join("var/lib")).unwrap();
    for (from, to, words) in [
        (&plain, &bridged, ADD),
        (&bridged, &removed, REMOVE),
        (&bridged, &back, ROLLBACK),
    ] {
        tree::copy(from, to);
        run(to, words);
    }
    let trees = [&plain, &bridged, &removed, &back].map(|root| snapshot(root));
    let [before, after, without, again] = &trees;
    assert_same(again, before, "rolled back");
    // killed just before the commit: every file is changed
    tree::copy(&plain, &midway);
    let call = ["renameat", "renameat2", "rename"]
        .into_iter()
        .find(|call| count(&plain, ADD, call) > 0);
    let call = call.expect("a commit is a rename");
    let n = count(&plain, ADD, call);
    let options = [
        format!("--trace={call}"),
        format!("--inject={call}:signal=KILL:when={n}"),
    ];
    let output = traced(&midway, ADD, &at("log"), &options, 0);
    assert_eq!(output.status.signal(), Some(9), "{}", said(&output));
    assert_same(&snapshot(&midway), after, "just before the commit");

    let scene = |name, start, words, again, before, after| Scene {
        name,
        start,
        words,
        again,
        before,
        after,
    };
    let begun = Instant::now();
    let states: usize = [
        scene("bridge add", &*plain, ADD, ADD, before, after),
        scene("bridge remove", &*bridged, REMOVE, REMOVE, after, without),
        scene(
            "rollback",
            &*bridged,
            ROLLBACK,
            ROLLBACK_FIRST,
            after,
            before,
        ),
        scene("recover", &*midway, RECOVER, RECOVER, before, before),
    ]
    .iter()
    .map(hold)
    .sum();
    println!(
        "killed in {states} states, {:.1} s",
        begun.elapsed().as_secs_f32()
    );
}

/// Every kind of change to networks and guests, each on the tree that the one before left; none starts with what the
/// scenes above have not: here it is the files that differ, not the steps.
const OF_LIBVIRT: &[&[&str]] = &[
    &["network", "copy", "default", "nat1", "--yes"],
    &[
        "network",
        "set",
        "nat1",
        "--mode",
        "isolated",
        "--no-autostart",
        "--yes",
    ],
    &["guest", "connect", "vm1", "--network", "nat1", "--yes"],
    &["network", "remove", "default", "--yes"],
    &["rollback", "4", "--yes"],
];

#[test]
fn networks_and_guests_are_changed_or_not() {
    if strace_is_missing() {
        println!("skipped: strace is missing, or may not trace");
        return;
    }
    let dir = folder();
    let at = |n: usize| dir.path().join(n.to_string());
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hosts/tutorial");
    tree::copy(&fixture, &at(0));
    let mut states = 0;
    for (n, words) in OF_LIBVIRT.iter().enumerate() {
        let (start, end) = (at(n), at(n + 1));
        tree::copy(&start, &end);
        run(&end, words);
        let (before, after) = (snapshot(&start), snapshot(&end));
        states += hold(&Scene {
            name: "libvirt",
            start: &start,
            words,
            again: words,
            before: &before,
            after: &after,
        });
    }
    println!("killed in {states} states");
}
