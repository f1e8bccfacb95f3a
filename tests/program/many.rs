//! Many at once: writers take turns, readers see whole changes or are warned, and what was edited by hand stays.

use crate::support;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::sample::whole;
use crate::support::snapshot::{Nodes, assert_clean, assert_same, copy_to, snapshot};
use crate::support::strace::{program, strace, traced};
use rustix::pty::OpenptFlags;
use serde_json::Value;
use tempfile::TempDir;

/// Sixteen that come at the same time; what some of them ask for depends on what others did before.
const WRITERS: [&str; 16] = [
    "bridge add br0 --port ens33",
    "bridge add br1 --port ens33",
    "bridge add br2 --port ens34",
    "network add n1 --mode isolated",
    "network add n2 --mode nat",
    "network add n3 --mode route",
    "network add n4 --mode open",
    "network copy default c1",
    "network copy default c1 --subnet 10.9.9.0/24",
    "guest connect vm1 --bridge br0",
    "guest connect vm1 --network c1",
    "network set default --mode isolated",
    "network remove default",
    "rollback",
    "bridge remove br0",
    "rollback 1",
];
const IFCFG: &str = "etc/sysconfig/network-scripts/ifcfg-ens33";
const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33"];

const COPY: &[&str] = &["network", "copy", "default", "nat1", "--yes"];
/// Changes a file and a link, and `show` tells of both.
const SET: &[&str] = &[
    "network",
    "set",
    "nat1",
    "--mode",
    "isolated",
    "--no-autostart",
    "--yes",
];

/// Returns a copy of the tutorial's host, in the folder `root`.
fn host() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy_to(&support::fixture("tutorial"), &dir.path().join("root"));
    fs::create_dir_all(dir.path().join("root/var/lib")).unwrap();
    dir
}

/// Returns such a host with a second network.
fn copied() -> TempDir {
    let dir = host();
    run(&dir.path().join("root"), COPY);
    dir
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs the program, which must end well.
#[track_caller]
fn run(root: &Path, words: &[&str]) -> String {
    let output = support::kvmnet(root, words);
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn start(root: &Path, line: &str) -> Child {
    let words: Vec<&str> = line.split(' ').chain(["--yes"]).collect();
    let words = program(root, &words);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn transactions(text: &str) -> Vec<Value> {
    let mut value: Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(value["transactions"].take()).unwrap()
}

/// What a reader saw.
struct Look {
    words: &'static [&'static str],
    output: Output,
}

/// Looks again and again until all writers are done.
fn look(root: &Path, words: &'static [&'static str], done: &AtomicBool) -> Vec<Look> {
    let mut looks = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let output = support::kvmnet(root, words);
        looks.push(Look { words, output });
    }
    looks
}

/// Lets all writers run at once, `killed` of them killed on the way; returns what the others said, and what was seen.
fn write_all(root: &Path, killed: usize) -> (Vec<Output>, Vec<Look>) {
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let readers = [&["show"][..], &["history", "--json"]];
        let readers = readers.map(|words| threads.spawn(|| look(root, words, &done)));
        let mut doomed: Vec<Child> = WRITERS[..killed]
            .iter()
            .map(|line| start(root, line))
            .collect();
        let writers: Vec<Child> = WRITERS.iter().map(|line| start(root, line)).collect();
        for (n, child) in doomed.iter_mut().enumerate() {
            std::thread::sleep(Duration::from_millis(30 + 10 * n as u64));
            // it may have ended meanwhile
            let _ = child.kill();
            child.wait().unwrap();
        }
        let outputs = writers
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        done.store(true, Ordering::Relaxed);
        let looks = readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap());
        (outputs, looks.collect())
    })
}

/// Does what the history tells one by one, and returns the tree, and what `show` prints of each state on the way.
fn replay(history: &[Value]) -> (Nodes, BTreeSet<String>) {
    let dir = host();
    let root = dir.path().join("root");
    let mut shown = BTreeSet::from([run(&root, &["show"])]);
    let mut ids = std::collections::BTreeMap::new();
    for (record, id) in history
        .iter()
        .filter(|record| record["state"] != "recovered")
        .zip(1_u64..)
    {
        let command = record["command"].as_str().unwrap();
        ids.insert(record["id"].to_string(), id.to_string());
        // the numbers of those that were killed are missing here
        let words = command
            .split(' ')
            .map(|word| match command.starts_with("rollback") {
                true => ids.get(word).map_or(word, String::as_str),
                false => word,
            });
        let words: Vec<&str> = words.chain(["--yes"]).collect();
        let text = run(&root, &words);
        assert!(
            text.contains(&format!("Applied as transaction {id}")),
            "{text}"
        );
        shown.insert(run(&root, &["show"]));
    }
    (snapshot(&root), shown)
}

/// A reader saw a state between two transactions, or was told that it may not have.
fn is_whole_or_told(look: &Look, shown: &BTreeSet<String>, history: &[Value]) -> bool {
    let (text, talk) = (
        String::from_utf8_lossy(&look.output.stdout),
        String::from_utf8_lossy(&look.output.stderr),
    );
    assert!(look.output.status.success(), "{:?}: {talk}", look.words);
    let warned = talk.contains("may be half written");
    if look.words == ["show"] {
        assert!(
            warned || shown.contains(&*text),
            "half of a change was shown as whole:\n{text}{talk}"
        );
    } else {
        let found = transactions(&text);
        let known = |record: &Value| {
            history
                .iter()
                .any(|other| other["id"] == record["id"] && other["command"] == record["command"])
        };
        let open = found.iter().any(|record| record["state"] == "prepared");
        assert!(
            found.iter().all(known),
            "the history was another once: {text}"
        );
        assert!(
            warned || !open,
            "a transaction at work was shown without a warning: {text}"
        );
    }
    warned
}

fn hold(killed: usize) {
    let dir = host();
    let root = dir.path().join("root");
    let begun = Instant::now();
    let (outputs, looks) = write_all(&root, killed);
    run(&root, &["recover"]);
    assert_clean(&root, "many");
    let history = transactions(&run(&root, &["history", "--json"]));
    let mut done: Vec<u64> = Vec::new();
    let mut idle = 0;
    for (output, line) in outputs.iter().zip(WRITERS) {
        let text = said(output);
        match (
            output.status.code(),
            text.split("Applied as transaction ").nth(1),
        ) {
            (Some(0), Some(rest)) => done.push(rest.split(':').next().unwrap().parse().unwrap()),
            (Some(0), None) => idle += usize::from(text.contains("Nothing to change")),
            (Some(1), None) => assert!(text.contains("error: "), "{line}: {text}"),
            (code, _) => panic!("{line}: {code:?}: {text}"),
        }
    }
    done.sort_unstable();
    let ids: Vec<u64> = history
        .iter()
        .map(|record| record["id"].as_u64().unwrap())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let applied = history
        .iter()
        .filter(|record| record["state"] != "recovered");
    let applied: Vec<u64> = applied
        .map(|record| record["id"].as_u64().unwrap())
        .collect();
    if killed == 0 {
        assert_eq!(done, applied, "the history has those that were done");
        assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    }
    assert!(
        done.iter().all(|id| applied.contains(id)),
        "{done:?} {applied:?}"
    );
    let (tree, shown) = replay(&history);
    assert_same(&snapshot(&root), &tree, "done one by one");
    let warned = looks
        .iter()
        .filter(|look| is_whole_or_told(look, &shown, &history))
        .count();
    println!(
        "16 writers: {} done, {idle} had nothing to do, {} refused; {killed} more killed; {} looks, {warned} warned; {:.1?}",
        done.len(),
        16 - done.len() - idle,
        looks.len(),
        begun.elapsed()
    );
}

#[test]
fn sixteen_writers_take_turns() {
    for killed in [0, 2, 3, 4] {
        hold(killed);
    }
    if whole() {
        hold(0);
        hold(0);
    }
}

/// However a reader and a writer meet, what is shown is as before or as after, or there is a warning.
#[test]
fn a_change_in_the_middle_of_a_look_is_not_shown_by_half() {
    if !support::strace::have_strace() {
        return;
    }
    let (before, after) = (copied(), copied());
    let roots = [before.path().join("root"), after.path().join("root")];
    run(&roots[1], SET);
    let wanted = roots.map(|root| run(&root, &["show"]));
    let log = before.path().join("log");
    traced(
        &before.path().join("root"),
        &["show"],
        &log,
        &["--trace=openat".to_owned()],
    );
    let opens = fs::read_to_string(log).unwrap();
    let opens = opens.lines().zip(1..);
    // around these, what is read can be half of it
    let opens = opens.filter(|(line, _)| {
        ["networks", "autostart", ".xml"]
            .iter()
            .any(|name| line.contains(name))
    });
    let opens: Vec<usize> = opens.map(|(_, nth)| nth).collect();
    let (mut seen, mut warned) = ([0, 0], 0);
    for when in opens {
        let dir = copied();
        let (root, log) = (dir.path().join("root"), dir.path().join("log"));
        let slow = format!("--inject=openat:delay_enter=200000:when={when}");
        let mut reader = strace(&log, &["--trace=openat".to_owned(), slow]);
        reader.arg("--").args(program(&root, &["show"]));
        let reader = reader
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(90));
        run(&root, SET);
        let output = reader.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        match wanted.iter().position(|wanted| *wanted == text) {
            Some(side) => seen[side] += 1,
            None => {
                assert!(
                    said(&output).contains("may be half written"),
                    "half of it is shown:\n{}",
                    said(&output)
                );
                warned += 1;
            }
        }
    }
    println!(
        "as before {}, as after {}, warned {warned}",
        seen[0], seen[1]
    );
}

/// Adds a line to the file of the NIC, as an admin would.
fn edit(root: &Path) -> Nodes {
    let mut file = File::options().append(true).open(root.join(IFCFG)).unwrap();
    file.write_all(b"# by hand\n").unwrap();
    snapshot(root)
}

/// Fails unless the command was refused, the difference shown, and the edit is there.
#[track_caller]
fn is_refused(code: Option<i32>, talk: &str, root: &Path, edited: &Nodes) {
    assert_eq!(code, Some(1), "{talk}");
    assert!(
        talk.contains("error: ") && talk.contains("+# by hand"),
        "{talk}"
    );
    assert_same(&snapshot(root), edited, talk);
    assert_clean(root, talk);
}

#[test]
fn an_edit_between_a_saved_plan_and_its_application_stays() {
    let dir = host();
    let (root, plan) = (dir.path().join("root"), dir.path().join("plan"));
    let plan = plan.to_str().unwrap();
    run(&root, &[ADD, &["--dry-run", "--out", plan]].concat());
    let edited = edit(&root);
    let output = support::kvmnet(&root, &["apply", plan, "--yes"]);
    is_refused(output.status.code(), &said(&output), &root, &edited);
}

#[test]
fn an_edit_between_a_change_and_its_rollback_stays() {
    let dir = host();
    let root = dir.path().join("root");
    run(&root, &[ADD, &["--yes"]].concat());
    let edited = edit(&root);
    for words in [&["rollback", "--yes"][..], &["rollback", "1", "--yes"]] {
        let output = support::kvmnet(&root, words);
        is_refused(output.status.code(), &said(&output), &root, &edited);
    }
}

/// A terminal: its end for us, and the path of the other.
fn terminal() -> (File, PathBuf) {
    let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&ours).unwrap();
    rustix::pty::unlockpt(&ours).unwrap();
    let name = rustix::pty::ptsname(&ours, Vec::new()).unwrap();
    (ours.into(), PathBuf::from(name.into_string().unwrap()))
}

/// Asks on a terminal, edits the file before the answer, and returns exit status and talk.
fn ask(root: &Path, answer: &str, meanwhile: impl FnOnce()) -> (Option<i32>, String) {
    let (mut ours, path) = terminal();
    let theirs = File::options().read(true).write(true).open(path).unwrap();
    let words = program(root, ADD);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear().stderr(Stdio::piped());
    command.stdin(theirs.try_clone().unwrap()).stdout(theirs);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut screen = ours.try_clone().unwrap();
    // what is on the screen is of no interest, but must be taken from it
    let drained = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while screen.read(&mut bytes).is_ok_and(|read| read > 0) {}
    });
    let (mut talk, mut bytes) = (Vec::new(), [0; 4096]);
    let mut stderr = child.stderr.take().unwrap();
    while !String::from_utf8_lossy(&talk).contains("Apply these changes?") {
        let read = stderr.read(&mut bytes).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&talk));
        talk.extend_from_slice(&bytes[..read]);
    }
    meanwhile();
    ours.write_all(answer.as_bytes()).unwrap();
    stderr.read_to_end(&mut talk).unwrap();
    let status = child.wait().unwrap();
    drop(ours);
    drained.join().unwrap();
    (status.code(), String::from_utf8_lossy(&talk).into_owned())
}

#[test]
fn an_edit_between_the_question_and_the_answer_stays() {
    let dir = host();
    let root = dir.path().join("root");
    let before = snapshot(&root);
    let (code, talk) = ask(&root, "n\n", || ());
    assert_eq!(code, Some(1), "{talk}");
    assert_same(&snapshot(&root), &before, "declined");
    let mut edited = Nodes::new();
    let (code, talk) = ask(&root, "y\n", || edited = edit(&root));
    is_refused(code, &talk, &root, &edited);
    let (code, talk) = ask(&root, "y\n", || ());
    assert_eq!(code, Some(0), "{talk}");
}

/// Even while the files are written an edit is found: the change is taken back, and the edit left as it is.
#[test]
fn an_edit_while_a_change_is_at_work_stays() {
    if !support::strace::have_strace() {
        return;
    }
    for slow in [
        "fsync:delay_enter=400000:when=3",
        "symlinkat,renameat:delay_enter=400000:when=1",
    ] {
        let dir = host();
        let root = dir.path().join("root");
        let options = [
            format!("--trace={}", slow.split(':').next().unwrap()),
            format!("--inject={slow}"),
        ];
        let mut traced = strace(&dir.path().join("log"), &options);
        traced
            .arg("--")
            .args(program(&root, &[ADD, &["--yes"]].concat()));
        let child = traced
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let at_work = root.join("var/lib/kvmnet/transactions/1.new");
        while !at_work.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(100));
        let edited = edit(&root);
        let output = child.wait_with_output().unwrap();
        is_refused(output.status.code(), &said(&output), &root, &edited);
        run(&root, &[ADD, &["--yes"]].concat());
    }
}
