//! Old kernels and bare surroundings: the program does its work, or says why not, and nothing is lost.
//!
//! The kernel of RHEL 7 (3.10) lacks calls that newer libraries like to use; strace lets them fail as they fail there.

use crate::support;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::snapshot::{Nodes, assert_clean, assert_same, copy_to, snapshot};
use crate::support::strace::{program, traced};
use tempfile::TempDir;

/// Calls that came after Linux 3.10: with what version is in their manual pages.
const NEWER: &[&str] = &[
    "statx",
    "getrandom",
    "renameat2",
    "copy_file_range",
    "openat2",
    "faccessat2",
    "fchmodat2",
    "close_range",
    "clone3",
    "rseq",
    "memfd_create",
    "execveat",
    "preadv2",
    "pwritev2",
    "membarrier",
    "io_uring_setup",
    "pidfd_open",
    "mlock2",
    "seccomp",
    "bpf",
    "userfaultfd",
    "cachestat",
    "futex_waitv",
    "mseal",
    "statmount",
    "listmount",
    "getxattrat",
    "listxattrat",
    "setxattrat",
];

const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--yes"];
const ROLLBACK: &[&str] = &["rollback", "--yes"];

/// A copy of the tutorial's host, and how it looks.
struct Host {
    dir: TempDir,
    before: Nodes,
}

impl Host {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_to(&support::fixture("tutorial"), &dir.path().join("root"));
        fs::create_dir_all(dir.path().join("root/var/lib")).unwrap();
        let before = snapshot(&dir.path().join("root"));
        Self { dir, before }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    /// Runs `script` with nothing in the environment; `$@` is the program with `words`.
    fn shell(&self, script: &str, words: &[&str]) -> Output {
        let mut shell = Command::new("/bin/sh");
        shell.env_clear().stdin(Stdio::null());
        shell
            .args(["-c", script, "sh"])
            .args(program(&self.root(), words));
        shell.output().unwrap()
    }

    /// Fails unless the tree is as `wanted`, and nothing is left beside it.
    #[track_caller]
    fn is(&self, wanted: &Nodes, what: &str) {
        assert_same(&snapshot(&self.root()), wanted, what);
        assert_clean(&self.root(), what);
    }
}

/// Returns the tree with the bridge.
fn bridged() -> Nodes {
    let host = Host::new();
    let output = support::kvmnet(&host.root(), ADD);
    assert!(output.status.success(), "{}", said(&output));
    snapshot(&host.root())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Fails where the program has panicked, or ended as it never should.
#[track_caller]
fn is_sound(output: &Output, what: &str) {
    let said = said(output);
    assert!(!said.contains("panicked"), "{what}: {said}");
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{what}: {:?}: {said}",
        output.status
    );
}

/// Options by which all newer calls fail as on an old kernel.
fn old_kernel() -> Vec<String> {
    let names: Vec<_> = NEWER.iter().map(|name| format!("?{name}")).collect();
    let names = names.join(",");
    vec![
        format!("--trace=open,openat,{names}"),
        format!("--inject={names}:error=ENOSYS"),
    ]
}

/// Runs the program as on an old kernel, and returns what it printed.
#[track_caller]
fn on_an_old_kernel(root: &Path, words: &[&str]) -> String {
    let log = root.with_extension("log");
    let output = traced(root, words, &log, &old_kernel());
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    let log = fs::read_to_string(log).unwrap();
    assert!(
        !log.contains("O_TMPFILE"),
        "{words:?}: newer than 3.10, and not to be had on all file systems"
    );
    let injected = log.lines().filter(|line| line.contains("(INJECTED)"));
    let mut missed: Vec<&str> = injected.map(name_of).collect();
    missed.sort_unstable();
    missed.dedup();
    println!("{}: went without {missed:?}", words.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

fn name_of(line: &str) -> &str {
    let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    call.split('(').next().unwrap()
}

/// Kills the program before its last rename: the change is there, and not applied.
fn interrupt(root: &Path) {
    let log = root.with_extension("log");
    let copy = root.with_extension("copy");
    copy_to(root, &copy);
    traced(&copy, ADD, &log, &["--trace=renameat".to_owned()]);
    let renames = fs::read_to_string(&log)
        .unwrap()
        .lines()
        .filter(|line| line.contains("renameat"))
        .count();
    let options = [
        "--trace=renameat".to_owned(),
        format!("--inject=renameat:signal=KILL:when={renames}"),
    ];
    let output = traced(root, ADD, &log, &options);
    assert_eq!(output.status.code(), None, "{}", said(&output));
}

#[test]
fn an_old_kernel_does() {
    if !support::strace::have_strace() {
        return;
    }
    let (host, after) = (Host::new(), bridged());
    let root = host.root();
    for words in [
        &["show"][..],
        &["leases"],
        &["status", "--diff"],
        &["history"],
        &["bridge", "add", "br0", "--port", "ens33", "--dry-run"],
    ] {
        let plain = support::kvmnet(&root, words);
        assert_eq!(
            on_an_old_kernel(&root, words),
            String::from_utf8(plain.stdout).unwrap()
        );
    }
    assert!(on_an_old_kernel(&root, ADD).contains("Applied as transaction 1"));
    host.is(&after, "bridge add");
    assert!(on_an_old_kernel(&root, ROLLBACK).contains("Applied as transaction 2"));
    host.is(&host.before, "rollback");
    interrupt(&root);
    assert_same(&snapshot(&root), &after, "interrupted");
    assert!(on_an_old_kernel(&root, &["recover"]).contains("the tree was restored"));
    host.is(&host.before, "recover");
}

#[test]
fn bare_surroundings_do() {
    let after = bridged();
    for (what, script) in [
        ("nothing in the environment", "exec \"$@\""),
        (
            "odd values",
            "TERM=dumb LANG=xx_YY LC_ALL=/nowhere TZ=:/nowhere HOME=/nowhere PATH=: exec \"$@\"",
        ),
        (
            "values in no UTF-8",
            "x=$(printf '\\377'); TERM=$x LANG=$x TZ=$x HOME=$x USER=$x LOGNAME=$x SUDO_USER=$x COLUMNS=$x exec \"$@\"",
        ),
        ("no standard output", "exec \"$@\" >&-"),
        ("no standard input", "exec \"$@\" <&-"),
        ("no standard error", "exec \"$@\" 2>&-"),
        ("nothing open", "exec \"$@\" <&- >&- 2>&-"),
        ("nothing open but standard error", "exec \"$@\" <&- >&-"),
        ("a full standard error", "exec \"$@\" 2>/dev/full"),
        (
            "no folder to be in",
            "d=$(/bin/mktemp -d); cd \"$d\"; /bin/rmdir \"$d\"; exec \"$@\"",
        ),
        ("no rights for others", "umask 0777; exec \"$@\""),
        ("all rights for others", "umask 0; exec \"$@\""),
    ] {
        let host = Host::new();
        for (words, wanted) in [(ADD, &after), (ROLLBACK, &host.before)] {
            let output = host.shell(script, words);
            is_sound(&output, what);
            assert_eq!(output.status.code(), Some(0), "{what}: {}", said(&output));
            host.is(wanted, what);
        }
        for words in [
            &["show"][..],
            &["leases"],
            &["status"],
            &["history"],
            &["recover"],
            &["templates", "list"],
        ] {
            let output = host.shell(script, words);
            is_sound(&output, what);
            assert_eq!(
                output.status.code(),
                Some(0),
                "{what}: {words:?}: {}",
                said(&output)
            );
        }
    }
}

#[test]
fn a_plan_that_cannot_be_shown_is_not_applied() {
    let host = Host::new();
    let output = host.shell("exec \"$@\" >/dev/full", ADD);
    is_sound(&output, "full");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("cannot write to standard output"),
        "{}",
        said(&output)
    );
    host.is(&host.before, "full");
    for words in [
        &["show"][..],
        &["leases"],
        &["history"],
        &["--help"],
        &["show", "--json"],
        &["completions", "bash"],
    ] {
        let output = host.shell("exec \"$@\" >/dev/full 2>&1", words);
        is_sound(&output, "full");
        let output = host.shell("exec \"$@\" >/dev/full", words);
        is_sound(&output, "full");
    }
}

/// The reader goes away after one line: by then the plan was shown or not, and the exit status says what was done.
#[test]
fn a_reader_that_goes_away_loses_nothing() {
    let after = bridged();
    let (mut done, mut refused) = (0, 0);
    for _ in 0..10 {
        let host = Host::new();
        let output = host.shell("{ \"$@\"; echo $? >&2; } | /usr/bin/head -1", ADD);
        is_sound(&output, "head");
        let status = String::from_utf8(output.stderr).unwrap();
        match status.lines().last() {
            Some("0") => {
                host.is(&after, "head");
                done += 1;
            }
            Some("2") => {
                host.is(&host.before, &status);
                refused += 1;
            }
            _ => panic!("{status}"),
        }
    }
    println!("{done} done, {refused} not shown and not done");
}

/// A pipe that nobody reads, from the first byte on.
#[test]
fn a_pipe_that_nobody_reads_changes_nothing() {
    let host = Host::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let words = program(&host.root(), ADD);
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(writer);
    let output = command.output().unwrap();
    is_sound(&output, "pipe");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    host.is(&host.before, "pipe");
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_done() {
    let host = Host::new();
    for script in [
        "exec \"$@\"",
        "echo y | \"$@\"",
        "exec \"$@\" <&-",
        "exec \"$@\" <&- >&-",
        "exec /usr/bin/setsid -w \"$@\"",
    ] {
        let output = host.shell(script, &ADD[..5]);
        is_sound(&output, script);
        assert_eq!(output.status.code(), Some(1), "{script}: {}", said(&output));
        host.is(&host.before, script);
    }
}
