//! Runs the folders of `tests/cases`: each is a few commands on a copy of a fixture host, with all that they print and write.
//!
//! A case is a folder `tests/cases/GROUP/NAME` with these files:
//!
//! - `cmd`: commands, one a line, run in this order on the same copy. `kvmnet …` is the program, with `--root` added;
//!   `setup: VERB …` changes the copy (see `setup::change`); `#` begins a comment. `$ROOT` is the copy, `$TMP` the folder around it.
//! - `root`: the host in `fixtures/hosts`.
//! - `stdout`, `stderr`: what all commands print, each below its line; `stdout` also says how it ended. Without the file
//!   `stderr` nothing is expected there; no such file is empty.
//! - `out/`: the files that differ from the host's at the end, without `/var/lib/kvmnet*`; `out.deleted` lists those that are
//!   gone, `out.modes` the modes other than 0644.
//!
//! A command that is refused or fails, and one that only looks, must leave every byte as it was: that is checked in every case.
//! Each command that changes something is first a dry run as JSON, so that all next steps are linted at the end, printed and as data;
//! and every object that is printed must fit its schema in `docs/schema`.
//!
//! Each case is a test of its own with the name `GROUP/NAME`: `cargo test --test cases bridge-add/` runs those of a group.
//! `KVMNET_BLESS=1` writes what is expected anew, of the cases that are run.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, fail by panicking and say what they skip"
)]

#[path = "support/schemas.rs"]
mod schemas;
mod support;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;
use support::{Found, Nodes, copy_to, lint, nodes, setup};
use tempfile::TempDir;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut folders: Vec<PathBuf> = folders(&base().join("tests/cases"))
        .iter()
        .flat_map(|group| folders(group))
        .collect();
    folders.sort();
    assert!(
        folders.len() > 700,
        "the cases are found: {}",
        folders.len()
    );
    let mut trials: Vec<Trial> = folders.into_iter().map(trial).collect();
    let scripts = || {
        completions_are_scripts();
        Ok(())
    };
    trials.push(Trial::test("completions_are_scripts", scripts));
    let ran = libtest_mimic::run(&arguments, trials);
    let faults = lint::faults();
    println!("{faults}");
    match faults.is_empty() {
        true => ran.exit_code(),
        false => ExitCode::FAILURE,
    }
}

/// Returns the test of a folder, which has the name `GROUP/NAME`.
fn trial(folder: PathBuf) -> Trial {
    let name = folder.strip_prefix(base().join("tests/cases")).unwrap();
    let name = name.to_str().unwrap().to_owned();
    Trial::test(name, move || {
        let bless = std::env::var_os("KVMNET_BLESS").is_some();
        let problems = Case::run(&folder).judge(bless);
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Failed::from(problems)),
        }
    })
}

fn completions_are_scripts() {
    for (shell, start) in [
        ("bash", "# Completion of kvmnet in bash"),
        ("zsh", "#compdef kvmnet"),
        ("fish", "# Completion of kvmnet in fish"),
        ("elvish", "\nuse builtin;"),
        ("powershell", "\nusing namespace"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
        let output = command.args(["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{shell}");
        assert!(output.stdout.starts_with(start.as_bytes()), "{shell}");
        assert!(output.stderr.is_empty(), "{shell}");
    }
}

fn base() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// A case that was run.
struct Case<'a> {
    folder: &'a Path,
    tmp: TempDir,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    out: Nodes,
    deleted: BTreeSet<String>,
    problems: String,
}

impl<'a> Case<'a> {
    fn run(folder: &'a Path) -> Self {
        let mut case = Self {
            folder,
            // a path of one length, wherever: messages that name it are folded
            tmp: TempDir::with_prefix_in("kvmnet-", "/tmp").unwrap(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            out: Nodes::new(),
            deleted: BTreeSet::new(),
            problems: String::new(),
        };
        let host = fs::read_to_string(folder.join("root")).expect("the file `root`");
        let host = base().join("fixtures/hosts").join(host.trim());
        copy_to(&host, &case.root());
        let commands = fs::read_to_string(folder.join("cmd")).expect("the file `cmd`");
        let start = nodes(&case.root());
        let mut before = start.clone();
        for line in commands.lines() {
            match line.split_once(' ').unwrap_or((line, "")) {
                _ if line.is_empty() || line.starts_with('#') => {}
                ("setup:", rest) => setup::change(case.tmp.path(), rest),
                ("kvmnet", rest) => {
                    case.kvmnet(line, &setup::words(case.tmp.path(), rest), &before)
                }
                _ => panic!("{}: no command: {line}", folder.display()),
            }
            before = nodes(&case.root());
        }
        let ours = |path: &str| {
            let state = path.strip_prefix("var/lib/kvmnet");
            state.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
        };
        let folder = |path: &str| matches!(before.get(path), Some(Found::Folder { .. }));
        let changed = before
            .iter()
            .filter(|(path, node)| start.get(*path) != Some(node) && !folder(path) && !ours(path));
        case.out = changed.map(|(p, n)| (p.clone(), n.clone())).collect();
        let gone = start.keys().filter(|path| !before.contains_key(*path));
        case.deleted = gone.cloned().collect();
        case
    }

    fn root(&self) -> PathBuf {
        self.tmp.path().join("root")
    }

    /// Runs the program.
    fn output(&self, words: &[String]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
        command.args(words).current_dir(self.tmp.path());
        command
            .env_clear()
            .env("TZ", "UTC")
            .env("LOGNAME", "root")
            .stdin(Stdio::null());
        if !words.iter().any(|word| word.starts_with("--root")) {
            command.arg("--root").arg(self.root());
        }
        command.output().unwrap()
    }

    /// Holds the object that a command printed, if it is asked for one, against its schema.
    fn fits(&mut self, words: &[String], printed: &[u8]) {
        static SCHEMAS: LazyLock<schemas::All> = LazyLock::new(schemas::All::read);
        // what stands in the place of a command, such as --version, is text
        let has = |options: &[&str]| words.iter().any(|word| options.contains(&word.as_str()));
        if !has(&["--json"]) || has(&["--help", "-h", "help", "--version", "-V", "version"]) {
            return;
        }
        let fault = match serde_json::from_slice(printed) {
            Ok(object) => SCHEMAS.fault(&schemas::of_command(words, &object), &object),
            Err(error) => Some(format!("no object: {error}")),
        };
        if let Some(fault) = fault {
            self.complain(&format!("`{}`: {fault}", words.join(" ")));
        }
    }

    fn kvmnet(&mut self, line: &str, words: &[String], before: &Nodes) {
        if let Some(preview) = preview(words) {
            let output = self.output(&preview);
            lint::collect(&String::from_utf8_lossy(&output.stdout));
            self.fits(&preview, &output.stdout);
        }
        let output = self.output(words);
        self.fits(words, &output.stdout);
        lint::collect(&String::from_utf8_lossy(&output.stdout));
        let exit = output.status.code();
        let (out, err) = (self.normal(&output.stdout), self.normal(&output.stderr));
        self.stdout.extend(format!("$ {line}\n").into_bytes());
        self.stdout.extend(out);
        let ended = exit.map_or_else(|| output.status.to_string(), |code| code.to_string());
        self.stdout.extend(format!("exit {ended}\n").into_bytes());
        if !err.is_empty() {
            self.stderr.extend(format!("$ {line}\n").into_bytes());
            self.stderr.extend(err);
        }
        if !matches!(exit, Some(0 | 1 | 2 | 4)) {
            self.complain(&format!("`{line}` ended with {ended}"));
        }
        let yes = |word: &String| {
            word == "--yes"
                || word.starts_with('-') && !word.starts_with("--") && word.contains('y')
        };
        let wrote = exit == Some(0) && words.iter().any(yes);
        let recovered = words.iter().any(|word| word == "recover");
        let confirmed = exit == Some(0) && words.iter().any(|word| word == "confirm");
        if !wrote && !recovered && !confirmed {
            let after = nodes(&self.root());
            let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for path in paths
                .into_iter()
                .filter(|path| before.get(*path) != after.get(*path))
            {
                self.complain(&format!("`{line}` (exit {ended}) touched /{path}"));
            }
        }
        // findings are a result, not an error
        let found = exit == Some(1) && words.iter().any(|word| word == "check");
        if exit.is_some_and(|code| code == 1 || code == 2) && output.stderr.is_empty() && !found {
            self.complain(&format!("`{line}` (exit {ended}) does not say why"));
        }
    }

    fn complain(&mut self, problem: &str) {
        writeln!(self.problems, "{problem}").unwrap();
    }

    /// Puts words in the place of what differs from run to run: the temporary folder, times, owners.
    fn normal(&self, bytes: &[u8]) -> Vec<u8> {
        // Latin-1 is a lossless way to look at any bytes as text
        let text: String = bytes.iter().copied().map(char::from).collect();
        let text = text.replace(self.tmp.path().to_str().unwrap(), "$TMP");
        let text = text.replace(env!("CARGO_BIN_EXE_kvmnet"), "$KVMNET");
        let text = replaced(&text, "####-##-## ##:##", "YYYY-MM-DD HH:MM");
        let text = replaced(&text, "####-##-##T##:##", "YYYY-MM-DDTHH:MM");
        let text = number_behind(&text, "\"time\": ", "0");
        let text = number_behind(&number_behind(&text, "owner ", "UID"), "owner UID:", "GID");
        text.chars().map(|c| u8::try_from(c).unwrap()).collect()
    }

    /// Compares with what is expected, or writes it; returns what is wrong.
    fn judge(mut self, bless: bool) -> String {
        let lines = |lines: Vec<String>| lines.concat().into_bytes();
        let deleted = lines(
            self.deleted
                .iter()
                .map(|path| format!("{path}\n"))
                .collect(),
        );
        let odd = self.out.iter().filter_map(|(path, node)| match node {
            Found::File { mode, .. } if *mode != 0o644 => Some(format!("{mode:04o} {path}\n")),
            Found::File { .. }
            | Found::Long { .. }
            | Found::Link(_)
            | Found::Folder { .. }
            | Found::Other { .. } => None,
        });
        let modes = lines(odd.collect());
        let texts = [
            ("stdout", std::mem::take(&mut self.stdout)),
            ("stderr", std::mem::take(&mut self.stderr)),
            ("out.deleted", deleted),
            ("out.modes", modes),
        ];
        for (name, found) in &texts {
            let path = self.folder.join(name);
            if bless {
                match found.is_empty() {
                    true => drop(fs::remove_file(&path)),
                    false => fs::write(&path, found).unwrap(),
                }
                continue;
            }
            match fs::read(&path) {
                Ok(expected) if expected.is_empty() => {
                    self.complain(&format!("the file `{name}` is empty: leave it out"));
                }
                expected => self.compare(name, &expected.unwrap_or_default(), found),
            }
        }
        self.trees(bless);
        let known = [
            "cmd",
            "root",
            "stdout",
            "stderr",
            "out",
            "out.deleted",
            "out.modes",
        ];
        for entry in fs::read_dir(self.folder).unwrap() {
            let name = entry.unwrap().file_name();
            if !known.iter().any(|known| name == *known) {
                self.complain(&format!("`{}` has no place in a case", name.display()));
            }
        }
        self.problems
    }

    fn trees(&mut self, bless: bool) {
        let folder = self.folder.join("out");
        if bless {
            let _ = fs::remove_dir_all(&folder);
            for (path, node) in &self.out {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                match node {
                    Found::File { bytes, .. } => fs::write(path, bytes).unwrap(),
                    Found::Link(target) => symlink(target, path).unwrap(),
                    Found::Long { .. } | Found::Folder { .. } | Found::Other { .. } => {}
                }
            }
            return;
        }
        let expected = if folder.is_dir() {
            nodes(&folder)
        } else {
            Nodes::new()
        };
        let out = std::mem::take(&mut self.out);
        let paths: BTreeSet<_> = expected.keys().chain(out.keys()).collect();
        for path in paths {
            match (expected.get(path), out.get(path)) {
                (
                    Some(Found::File {
                        bytes: expected, ..
                    }),
                    Some(Found::File { bytes: found, .. }),
                ) => {
                    self.compare(path, expected, found);
                }
                (Some(Found::Folder { .. }), _) | (None, Some(Found::Other { .. })) => {}
                (expected, found) if expected == found => {}
                (Some(_), None) => self.complain(&format!("out/{path} was not written")),
                (None, Some(_)) => self.complain(&format!("{path} was written")),
                _ => self.complain(&format!("out/{path} is another thing")),
            }
        }
    }

    fn compare(&mut self, name: &str, expected: &[u8], found: &[u8]) {
        if expected != found {
            let expected = String::from_utf8_lossy(expected);
            let found = String::from_utf8_lossy(found);
            let diff = TextDiff::from_lines(&*expected, &*found);
            self.complain(&format!("{name} differs\n{}", diff.unified_diff()));
        }
    }
}

/// Returns the dry run of a command that changes something, as JSON.
fn preview(words: &[String]) -> Option<Vec<String>> {
    const CHANGES: &[&str] = &["apply", "bridge", "guest", "migrate", "network", "rollback"];
    let first = words.iter().find(|word| !word.starts_with('-'))?;
    let fixes = words.iter().any(|word| word.starts_with("--fix"));
    if !(CHANGES.contains(&first.as_str()) || first == "check" && fixes) {
        return None;
    }
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let short = word.strip_prefix('-').unwrap_or("--");
        match word.as_str() {
            "--out" => drop(words.next()),
            "--yes" | "--quiet" | "--verbose" | "--exit-code" | "--json" | "--dry-run" => {}
            _ if short.chars().all(|c| "qvny".contains(c)) => {}
            _ if word.starts_with("--out=") => {}
            _ => kept.push(word.clone()),
        }
    }
    kept.extend(["--dry-run".to_owned(), "--json".to_owned()]);
    Some(kept)
}

/// Replaces all that looks like `pattern`, in which `#` is a digit.
fn replaced(text: &str, pattern: &str, by: &str) -> String {
    let fits = |at: &str| {
        let mut chars = at.chars();
        pattern.chars().all(|p| match (p, chars.next()) {
            ('#', Some(c)) => c.is_ascii_digit(),
            (p, c) => Some(p) == c,
        })
    };
    let (mut result, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let step = if fits(rest) {
            result.push_str(by);
            pattern.len()
        } else {
            result.push(c);
            c.len_utf8()
        };
        rest = &rest[step..];
    }
    result
}

/// Replaces the numbers that stand behind `mark`.
fn number_behind(text: &str, mark: &str, by: &str) -> String {
    let mut pieces = text.split(mark);
    let mut result = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = if rest.len() < piece.len() { by } else { "" };
        result.extend([mark, number, rest]);
    }
    result
}
