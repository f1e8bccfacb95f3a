//! Running the program under strace, and reading what strace wrote.
//!
//! strace makes calls fail (`inject=CALL:error=E:when=N`), sends signals before them (`signal=KILL`), and lists them.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use super::real_daemons;

/// All calls by which a program could change files or make them durable; strace passes over those that this machine
/// lacks (`?`).
pub(crate) const CHANGING: &[&str] = &[
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
];

/// The program, its root and the words of a command, as one line to run.
pub(crate) fn program(root: &Path, words: &[&str]) -> Vec<String> {
    let start = [
        env!("CARGO_BIN_EXE_kvmnet"),
        "--root",
        root.to_str().unwrap(),
    ];
    start
        .iter()
        .chain(words)
        .map(|&word| word.to_owned())
        .collect()
}

/// Returns strace, which writes its log to `log`; what it shall do and what it shall run come behind.
pub(crate) fn strace(log: &Path, options: &[String]) -> Command {
    let mut strace = Command::new("strace");
    // a signal that is sent where strace stops at few calls only gets lost
    if !options.iter().any(|option| option.contains(":signal=")) {
        strace.args(FAST.iter());
    }
    strace.args(["-f", "-qq", "-o"]).arg(log).args(options);
    strace
        .env_remove("KVMNET_ROOT")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    strace
}

/// Runs the program under strace.
pub(crate) fn traced(root: &Path, words: &[&str], log: &Path, options: &[String]) -> Output {
    let mut strace = strace(log, options);
    strace.arg("--").args(program(root, words));
    strace.output().unwrap()
}

/// Returns the names that a run of the program gives to files, in order: a copy of `root` is changed, not that.
pub(crate) fn renames(root: &Path, words: &[&str]) -> Vec<String> {
    let copy = super::copy(root);
    let log = copy.path().join("log");
    let options = ["-xx", "--trace=renameat"].map(str::to_owned);
    traced(&copy.path().join("root"), words, &log, &options);
    let calls = calls(&std::fs::read_to_string(log).unwrap());
    calls.iter().map(|call| call.text(3)).collect()
}

/// Kills the program before its `nth` rename, the first being 1.
pub(crate) fn killed(root: &Path, words: &[&str], nth: usize) {
    let log = root.with_extension("log");
    let options = [
        "--trace=renameat".to_owned(),
        format!("--inject=renameat:signal=KILL:when={nth}"),
    ];
    let output = traced(root, words, &log, &options);
    assert_eq!(output.status.code(), None, "it was not killed: {output:?}");
}

/// Stops at the calls that are asked for alone, where strace can (5.3 and later): ten times as fast.
static FAST: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let fast = vec!["--seccomp-bpf"];
    let works = probe(&fast);
    if works { fast } else { Vec::new() }
});

fn probe(options: &[&str]) -> bool {
    let output = Command::new("strace")
        .arg("-f")
        .args(options)
        .args(["-e", "trace=close", "-o", "/dev/null", "--"])
        .args([env!("CARGO_BIN_EXE_kvmnet"), "--version"])
        .output();
    output.is_ok_and(|output| output.status.success())
}

/// Returns whether strace can be used; where real programs are asked for, it must be.
pub(crate) fn have_strace() -> bool {
    let found = probe(&[]);
    assert!(
        found || !real_daemons(),
        "strace is missing, or may not trace, and KVMNET_REAL_DAEMONS=1"
    );
    if !found {
        println!("skipped: strace is missing, or may not trace");
    }
    found
}

/// One call that strace saw end.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: String,
    /// Its arguments as strace writes them; no text among them holds `, `, since texts are asked for in hexadecimal.
    pub(crate) arguments: Vec<String>,
    /// What it returned; below 0 it failed.
    pub(crate) result: i64,
}

impl Call {
    /// Returns the text that is argument `n`.
    pub(crate) fn bytes(&self, n: usize) -> Vec<u8> {
        let text = self.arguments[n].trim_matches('"');
        let codes = text.split("\\x").skip(1);
        codes
            .map(|code| u8::from_str_radix(code, 16).unwrap())
            .collect()
    }

    /// Returns the name that is argument `n`.
    pub(crate) fn text(&self, n: usize) -> String {
        String::from_utf8(self.bytes(n)).unwrap()
    }

    /// Returns whether the flag or number `what` is in argument `n`.
    pub(crate) fn has(&self, n: usize, what: &str) -> bool {
        let argument = self.arguments.get(n);
        argument.is_some_and(|text| text.split('|').any(|part| part == what))
    }
}

/// Reads a log that was written with texts in hexadecimal (`-xx`).
pub(crate) fn calls(log: &str) -> Vec<Call> {
    log.lines().filter_map(call).collect()
}

fn call(line: &str) -> Option<Call> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let (name, rest) = line.split_once('(')?;
    // no call returned where the process was killed in it
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let arguments = arguments.trim_end().strip_suffix(')')?;
    Some(Call {
        name: name.to_owned(),
        arguments: arguments.split(", ").map(str::to_owned).collect(),
        result: result.split_whitespace().next()?.parse().unwrap_or(0),
    })
}

/// Returns the options to see all calls that change files, whole and in hexadecimal.
pub(crate) fn all_changes() -> Vec<String> {
    let names: Vec<_> = CHANGING.iter().map(|call| format!("?{call}")).collect();
    let trace = format!("--trace=close,{}", names.join(","));
    ["-xx", "-s", "16777216", trace.as_str()]
        .map(str::to_owned)
        .to_vec()
}
