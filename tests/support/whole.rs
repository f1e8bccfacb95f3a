//! The whole way of a change with the real program: look, apply, apply again, roll back, roll back again.

use std::path::Path;
use std::sync::Mutex;

use kvmnet::backend::{self, Interest};
use kvmnet::lint::{self, Diagnosis, RULES, Severity, Sight};
use kvmnet::root::Root;

use super::sample::{each, sample};
use super::{Found, Nodes, copy, difference, fixture, git_apply, have, kvmnet, nodes};

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Written,
    /// All was as asked for.
    Nothing,
    Refused,
}

/// About how many cases are tried without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 40;

/// Runs `test` on all cases, or without `KVMNET_WHOLE=1` on an even sample of them, and fails with all that went wrong;
/// returns how many it tried. Each host, each operation and each option is among them.
pub(crate) fn on_all<T: Sync>(
    cases: &[T],
    name: impl Fn(&T) -> String + Sync,
    test: impl Fn(&T) -> Result<(), String> + Sync,
) -> usize {
    let what = test_name();
    let cases = sample(&what, cases.iter().collect(), SAMPLE, |case| {
        kinds(&name(case))
    });
    on_every(&cases, |case| name(case), |case| test(case));
    cases.len()
}

/// Returns what a case is about, by its name (`HOST: kvmnet NOUN VERB … --option …`).
fn kinds(name: &str) -> Vec<String> {
    let (host, words) = name.split_once(": ").unwrap_or((name, ""));
    let operation = words.strip_prefix("kvmnet ").map(|rest| {
        let words: Vec<&str> = rest.splitn(3, ' ').take(2).collect();
        words.join(" ")
    });
    let options = words.split(' ').filter(|word| word.starts_with("--"));
    let option = |word: &str| word.split('=').next().map(str::to_owned);
    let kinds = options.filter_map(option).chain(operation);
    kinds.chain([host.to_owned()]).collect()
}

/// Returns the name of the test that this thread runs.
pub(crate) fn test_name() -> String {
    std::thread::current().name().unwrap_or("test").to_owned()
}

/// Runs `test` on every case, on several threads, and fails with all that went wrong.
pub(crate) fn on_every<T: Sync>(
    cases: &[T],
    name: impl Fn(&T) -> String + Sync,
    test: impl Fn(&T) -> Result<(), String> + Sync,
) {
    let faults = Mutex::new(Vec::new());
    each(&test_name(), cases, |case| {
        if let Err(fault) = test(case) {
            let fault = format!("===== {}\n{fault}", name(case));
            faults.lock().unwrap().push(fault);
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(
        faults.is_empty(),
        "{} of {} cases failed\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

/// Runs the program and returns its standard output.
pub(crate) fn run(root: &Path, words: &[&str], more: &[&str]) -> Result<Vec<u8>, String> {
    let output = kvmnet(root, &[words, more].concat());
    if output.status.success() && !output.stderr.windows(5).any(|bytes| bytes == b"panic") {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{words:?} {more:?}: {}\n{said}", output.status))
}

pub(crate) fn same(left: &Nodes, right: &Nodes, what: &str) -> Result<(), String> {
    let difference = difference(left, right);
    if difference.is_empty() {
        Ok(())
    } else {
        Err(format!("{what}:\n{difference}"))
    }
}

/// Returns the tree without what kvmnet keeps for itself.
pub(crate) fn without_state(mut nodes: Nodes) -> Nodes {
    nodes.retain(|path, _| {
        !path.starts_with("var/lib/kvmnet") && path != "var" && path != "var/lib"
    });
    nodes
}

/// Returns the files and links without copies of originals, which are no part of the patch.
pub(crate) fn without_copies(mut nodes: Nodes) -> Nodes {
    nodes.retain(|path, found| !path.ends_with(".old") && !matches!(found, Found::Folder { .. }));
    without_state(nodes)
}

/// Returns the tree with the two modes that git's format knows.
fn as_git_says(mut nodes: Nodes) -> Nodes {
    for node in nodes.values_mut() {
        if let Found::File { mode, .. } = node {
            *mode = if *mode & 0o100 == 0 { 0o644 } else { 0o755 };
        }
    }
    nodes
}

/// Goes the whole way on a copy of the fixture host; a refusal or nothing to do is a short one. `check` is given the tree
/// before and the tree that was written.
pub(crate) fn show_write_undo(
    host: &str,
    words: &[&str],
    check: impl Fn(&Nodes, &Nodes) -> Result<(), String>,
) -> Result<Done, String> {
    let Some((patch, written)) = write_undo(host, words)? else {
        return Ok(Done::Refused);
    };
    check(&nodes(&fixture(host)), &written)?;
    if patch.is_empty() {
        return Ok(Done::Nothing);
    }
    if have("git") {
        let patched = copy(&fixture(host));
        let root = patched.path().join("root");
        git_apply(&root, &patch)?;
        let patched = as_git_says(without_copies(nodes(&root)));
        let written = as_git_says(without_copies(written));
        same(&patched, &written, "git apply differs from --yes")?;
    }
    Ok(Done::Written)
}

/// Returns the patch that was shown, and the tree that was written; `None` for a refusal.
fn write_undo(host: &str, words: &[&str]) -> Result<Option<(Vec<u8>, Nodes)>, String> {
    let above = copy(&fixture(host));
    let root = above.path().join("root");
    let first = nodes(&root);
    let shown = kvmnet(&root, &[words, &["-q", "--dry-run"]].concat());
    same(&first, &nodes(&root), "--dry-run wrote something")?;
    let said = String::from_utf8_lossy(&shown.stderr).into_owned();
    match shown.status.code() {
        Some(0) => {}
        Some(1) if said.starts_with("error: ") && !said.contains("bug in kvmnet") => {
            let refused = kvmnet(&root, &[words, &["--yes"]].concat());
            same(&first, &nodes(&root), "a refusal wrote something")?;
            return match refused.status.code() {
                Some(1)
                    if said.contains(GUARDED)
                        && !said.contains(GUARD_KNOWS)
                        && !host.contains("mess") =>
                {
                    Err(format!("only the guard refuses it:\n{said}"))
                }
                Some(1) => Ok(None),
                code => Err(format!("refused as a dry run, and {code:?} with --yes")),
            };
        }
        code => return Err(format!("{code:?}: {said}")),
    }
    let patch = shown.stdout;
    let wrong = errors(&root);
    let once = run(&root, words, &["--yes"])?;
    let written = nodes(&root);
    if !words.contains(&"--force") {
        none_new(&wrong, &errors(&root))?;
    }
    if patch.is_empty() {
        same(
            &first,
            &written,
            "nothing was shown, and something was written",
        )?;
        return match String::from_utf8_lossy(&once).contains("Nothing to change") {
            true => Ok(Some((patch, written))),
            false => Err("it does not say that there is nothing to do".to_owned()),
        };
    }
    if written == first {
        return Err("nothing was written".to_owned());
    }
    undo(&root, words, &first, &written)?;
    Ok(Some((patch, written)))
}

/// What the guard says; operations know better what to do instead, so that it should have nothing to say.
const GUARDED: &str = "the change would introduce";

/// What only the guard refuses, by design: a libvirt of the host's version cannot give the guest what it asks for.
const GUARD_KNOWS: &str = "error[vlan-linux-bridge]";

/// What operations warn of, and do all the same (`plan/judge.rs`).
const WARNED_OF: &str = "guest-not-startable";

/// Returns what is wrong with all files of a host: the rule, what it is about, and the line that it points to.
fn errors(root: &Path) -> Vec<[String; 3]> {
    let root = Root::open(root.to_str().unwrap().into()).unwrap();
    let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
    let host = backend::inspect(&tree, Interest::All);
    let found = lint::check(&Sight::of(&tree, &host), RULES);
    let is_error = |d: &&Diagnosis| {
        let rule = d.finding.rule;
        rule.severity == Severity::Error && rule.name != WARNED_OF
    };
    let errors = found.iter().filter(is_error).map(|d| {
        let text = d.located.first().and_then(|at| at.excerpt.clone());
        let text = text.unwrap_or_default().trim().to_owned();
        [
            d.finding.rule.name.to_owned(),
            d.finding.subject.clone(),
            text,
        ]
    });
    errors.collect()
}

/// A fault may move with its line, and one in words that only say another name may stay; their number may not grow.
fn none_new(before: &[[String; 3]], after: &[[String; 3]]) -> Result<(), String> {
    let known = |new: &&[String; 3]| {
        let same = |old: &[String; 3]| old[0] == new[0] && (old[1] == new[1] || old[2] == new[2]);
        !before.iter().any(same)
    };
    match after.iter().find(known) {
        Some([rule, subject, line]) => Err(format!("it makes an error: {rule}: {subject}: {line}")),
        None if after.len() > before.len() => Err(format!("more errors: {before:?} {after:?}")),
        None => Ok(()),
    }
}

fn undo(root: &Path, words: &[&str], first: &Nodes, written: &Nodes) -> Result<(), String> {
    // what goes by its number is another one the second time
    if !words.iter().any(|word| word.starts_with("--interface=")) {
        let again = run(root, words, &["--yes"])?;
        same(written, &nodes(root), "the second --yes wrote something")?;
        if !String::from_utf8_lossy(&again).contains("Nothing to change") {
            return Err("the second --yes does not say that there is nothing to do".to_owned());
        }
    }
    run(root, &["rollback"], &["--yes"])?;
    let back = without_state(nodes(root));
    same(
        &without_state(first.clone()),
        &back,
        "rollback differs from the first tree",
    )?;
    // what only went with --force is done again only with it
    let forced = words.contains(&"--force");
    let again = if forced {
        &["--yes", "--force"][..]
    } else {
        &["--yes"]
    };
    run(root, &["rollback"], again)?;
    let forth = without_state(nodes(root));
    same(
        &without_state(written.clone()),
        &forth,
        "the second rollback differs from the written tree",
    )
}
