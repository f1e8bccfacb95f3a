//! Every help line that is a complete command does what it promises: run on the tree on which it was given, it is not
//! refused, and then what it was given for is no more.
//!
//! The commands of all cases are run again, as in `cases.rs`; each help line of a refusal or a finding is taken from `--json`,
//! and run on a copy of the tree as it was then.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::sample::{each, sample};
use crate::support::{copy_to, setup};
use serde_json::Value;
use tempfile::TempDir;

/// About how many cases are taken without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 25;

#[test]
fn every_help_line_that_is_a_command_does_what_it_promises() {
    let what = "cases with their help lines";
    let groups = folders(&base().join("tests/cases"));
    let mut cases: Vec<PathBuf> = groups.iter().flat_map(|group| folders(group)).collect();
    cases.retain(|case| {
        let printed = |name: &str| fs::read_to_string(case.join(name)).unwrap_or_default();
        [printed("stdout"), printed("stderr")]
            .concat()
            .contains("help: ")
    });
    cases.sort();
    let group = |case: &PathBuf| [case.parent().map(Path::to_owned)];
    let cases = sample(what, cases, SAMPLE, group);
    let (tried, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    each(what, &cases, |folder| {
        let (count, found) = case(folder);
        tried.fetch_add(count, Ordering::Relaxed);
        let name = folder.strip_prefix(base()).unwrap().display().to_string();
        let found = found.into_iter().map(|fault| format!("{name}: {fault}"));
        faults.lock().unwrap().extend(found);
    });
    let (tried, mut faults) = (tried.into_inner(), faults.into_inner().unwrap());
    faults.sort();
    println!("{tried} help lines were run");
    assert!(
        faults.is_empty(),
        "{} of {tried} help lines:\n{}",
        faults.len(),
        faults.join("\n")
    );
    // one of five is a complete command
    assert!(tried * 5 > cases.len(), "{tried} in {} cases", cases.len());
}

fn base() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// Runs the commands of a case, and all help lines on the way.
fn case(folder: &Path) -> (usize, Vec<String>) {
    let tmp = TempDir::with_prefix_in("kvmnet-", "/tmp").unwrap();
    let root = tmp.path().join("root");
    let host = fs::read_to_string(folder.join("root")).unwrap();
    copy_to(&base().join("fixtures/hosts").join(host.trim()), &root);
    let (mut tried, mut faults) = (0, Vec::new());
    for line in fs::read_to_string(folder.join("cmd")).unwrap().lines() {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("setup:", rest) => setup::change(tmp.path(), rest),
            ("kvmnet", rest) => {
                let words = setup::words(tmp.path(), rest);
                let own = words.iter().any(|word| word.starts_with("--root"));
                if !own {
                    let mut known = BTreeSet::new();
                    for help in &helps(&root, &words) {
                        for command in commands(&help.text) {
                            if !known.insert(command.clone()) {
                                continue;
                            }
                            tried += 1;
                            let fault = promise(&tmp, &words, help, &command);
                            faults.extend(fault.map(|fault| format!("`{line}`: {fault}")));
                        }
                    }
                }
                run(&root, &words, own);
            }
            _ => {}
        }
    }
    (tried, faults)
}

/// A help line.
struct Help {
    text: String,
    /// What it was given for: the message of a refusal, or the rule and subject of a finding.
    about: About,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Refusal(String),
    /// A mistake in the command line: it stays one, whatever is done.
    Usage,
    Finding(String, String),
}

fn run(root: &Path, words: &[String], own_root: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
    command.args(words).current_dir(root.parent().unwrap());
    command.env_clear().env("TZ", "UTC").env("LOGNAME", "root");
    command.stdin(Stdio::null());
    if !own_root {
        command.arg("--root").arg(root);
    }
    command.output().unwrap()
}

fn object(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// Returns the help that the command gives, if it only looks or is refused; nothing is changed.
fn helps(root: &Path, words: &[String]) -> Vec<Help> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let about = abouts(root, words);
    let mut all = Vec::new();
    for (about, value) in about {
        let helps = match value.as_array() {
            Some(helps) => helps.iter().map(text).collect(),
            None => vec![text(&value)],
        };
        all.extend(helps.into_iter().map(|text| Help {
            text,
            about: about.clone(),
        }));
    }
    all
}

/// Returns what the command complains of, each with its help.
fn abouts(root: &Path, words: &[String]) -> Vec<(About, Value)> {
    let mut words: Vec<String> = words.to_vec();
    let verb = words.iter().find(|word| !word.starts_with('-'));
    let verb = verb.cloned().unwrap_or_default();
    let looks = ["check", "show", "status", "leases", "history"].contains(&verb.as_str());
    let fixes = words.iter().any(|word| word.starts_with("--fix"));
    words.retain(|word| !["--yes", "-y", "--json", "-q"].contains(&word.as_str()));
    if !looks || fixes {
        let changes =
            !["confirm", "recover", "units", "completions", "man", ""].contains(&verb.as_str());
        let known = |word: &String| word == "--dry-run" || word == "-n";
        if !changes || words.iter().any(|word| word.starts_with("--out")) {
            return Vec::new();
        }
        if !words.iter().any(known) && verb != "templates" {
            words.push("--dry-run".to_owned());
        }
    }
    words.push("--json".to_owned());
    let found = object(&run(root, &words, false));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(error) = found["error"].as_object() {
        let about = match error["kind"] == "usage" {
            true => About::Usage,
            false => About::Refusal(text(&error["message"])),
        };
        return vec![(about, error["help"].clone())];
    }
    let findings = found["findings"].as_array().cloned().unwrap_or_default();
    let about = |finding: &Value| About::Finding(text(&finding["rule"]), text(&finding["subject"]));
    let all = findings.iter();
    match verb == "check" && !fixes {
        true => all
            .map(|finding| (about(finding), finding["help"].clone()))
            .collect(),
        false => Vec::new(),
    }
}

/// Returns the complete commands in a help line: `--force` stands for the command itself.
fn commands(help: &str) -> Vec<String> {
    let mut commands = Vec::new();
    if help.ends_with("anyway with --force") {
        commands.push("--force".to_owned());
    }
    for (start, _) in help.match_indices("kvmnet ") {
        let is_word = help[..start]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '/');
        if !is_word {
            continue;
        }
        let text = &help[start + "kvmnet ".len()..];
        let ends = [", ", "   # ", ")", " (", "; ", "`", " or ", ": "];
        let end = ends
            .iter()
            .filter_map(|end| text.find(end))
            .min()
            .unwrap_or(text.len());
        let text = text[..end].trim_end_matches([',', '.', ';']);
        let placeholder = |word: &str| {
            let mut parts = word.split(['=', '/', ',']);
            let stands_for = |part: &str| {
                part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase() || c == '-')
            };
            parts.any(stands_for) || word == "N" || word.contains('…')
        };
        if !text.is_empty() && !text.split(' ').any(placeholder) {
            commands.push(text.to_owned());
        }
    }
    commands
}

/// Runs a help line on a copy of the tree, and returns what of its promise has not come true.
fn promise(tmp: &TempDir, words: &[String], help: &Help, command: &str) -> Option<String> {
    let copy = TempDir::with_prefix_in("kvmnet-", "/tmp").unwrap();
    let (from, root) = (tmp.path().join("root"), copy.path().join("root"));
    let cp = Command::new("cp").arg("-a").args([&from, &root]).status();
    assert!(cp.unwrap().success());
    if command == "--force" {
        let mut all = words.to_vec();
        all.retain(|word| word != "--dry-run" && word != "-n");
        all.extend(["--force".to_owned(), "--yes".to_owned()]);
        let mut known = BTreeSet::new();
        all.retain(|word| {
            !word.starts_with("--")
                || known.insert(word.clone())
                || word.contains("port")
                || word.contains("address")
                || word.contains("host")
                || word.contains("subnet")
        });
        return refused(&run(&root, &all, false), "--force");
    }
    let mut typed = setup::words(copy.path(), command);
    for word in &mut typed {
        // the tree is named by its path
        *word = word.replace(from.to_str().unwrap(), root.to_str().unwrap());
    }
    let own = typed.iter().any(|word| word.starts_with("--root"));
    let verb = typed
        .iter()
        .find(|word| !word.starts_with('-') && !word.contains('/'));
    let verb = verb.cloned().unwrap_or_default();
    let fixes = typed.iter().any(|word| word.starts_with("--fix"));
    let looks =
        ["check", "show", "status", "leases", "history", "templates"].contains(&verb.as_str());
    let changes =
        !(looks && !fixes || ["confirm", "recover", "units", "man"].contains(&verb.as_str()));
    if changes
        && !typed
            .iter()
            .any(|word| ["--yes", "--dry-run", "-n"].contains(&word.as_str()))
    {
        typed.push("--yes".to_owned());
    }
    let output = run(&root, &typed, own);
    if verb == "check" && !fixes && output.status.code() == Some(1) {
        return None;
    }
    if help.about == About::Usage && output.status.code() == Some(1) {
        // it is what was meant, of what there is not
        return None;
    }
    if let Some(fault) = refused(&output, command) {
        return Some(fault);
    }
    if !changes {
        return None;
    }
    if help.about == About::Usage
        || help.text.contains("name that")
        || help.text.contains("name one")
        || help.text.contains("migrate the others")
    {
        // with what was made, or for the others, the command is another
        return None;
    }
    let left = abouts(&root, words);
    let same = left.iter().any(|(about, _)| *about == help.about);
    same.then(|| format!("after `kvmnet {command}` it still says {:?}", help.about))
}

fn refused(output: &Output, command: &str) -> Option<String> {
    if output.status.success() {
        return None;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().take(2).collect();
    Some(format!(
        "`kvmnet {command}` ended with {:?}: {}",
        output.status.code(),
        said.join(" / ")
    ))
}
