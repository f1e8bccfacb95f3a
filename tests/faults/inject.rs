//! Calls that fail, and signals before calls: each call of a run in turn.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use std::process::Output;
use std::sync::atomic::Ordering;

use super::disk::{Reader, Run};
use super::judge::{Judge, Said, Scene, Verdict, content, digest, done, folder, text};
use crate::support::snapshot::{Nodes, difference, nodes, restore};
use crate::support::strace::{CHANGING, Call, all_changes, calls, traced};

/// Errors of a disk that is full, broken, read-only, over its quota, or not ours; and a signal that came between.
const ERRORS: [&str; 6] = ["ENOSPC", "EIO", "EROFS", "EDQUOT", "EACCES", "EINTR"];
/// Errors that stay once they came.
const LASTING: [&str; 3] = ["ENOSPC", "EIO", "EROFS"];
/// Calls by which files and folders are read.
const READING: [&str; 4] = ["openat", "read", "getdents64", "readlinkat"];

/// One call of a run.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    /// Its name.
    call: String,
    /// It is the nth of that name.
    nth: usize,
    /// How many calls of each name come before it.
    earlier: BTreeMap<String, usize>,
    /// Whether it can change something, or make it durable.
    changes: bool,
}

/// What is done to a run.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is killed before the call.
    Kill(Point),
    /// The call fails with this error.
    Error(Point, &'static str),
    /// The call and all later ones of its name fail.
    From(Point, &'static str),
    /// The call and all later ones of these names fail.
    All(Point, &'static str, Vec<&'static str>),
}

/// A run whose calls are known.
pub(crate) struct Recorded {
    pub(crate) run: Run,
    pub(crate) points: Vec<Point>,
    /// Writes to files beneath the root: it is the nth write, and so many bytes long.
    pub(crate) writes: Vec<(usize, u64)>,
}

/// Runs `words` on `start`, disturbed as the options say, and returns what it did.
pub(crate) fn record(
    start: &Nodes,
    words: &[&str],
    options: &[String],
) -> Result<Recorded, String> {
    let dir = folder();
    let (root, log) = (dir.path().join("root"), dir.path().join("log"));
    restore(start, &root);
    let mut all = all_changes();
    let trace = all.pop().unwrap();
    all.push(format!("{trace},{}", READING.join(",")));
    all.extend(options.iter().cloned());
    traced(&root, words, &log, &all);
    let calls = calls(&fs::read_to_string(log).unwrap());
    let changing = |call: &&Call| CHANGING.contains(&&*call.name) || call.name == "close";
    let changes: Vec<Call> = calls.iter().filter(changing).cloned().collect();
    let run = Reader::read(&root, start, &changes);
    let end = nodes(&root);
    let owner = super::owner(start);
    let replayed = run.after(run.ops.len()).snapshot(owner);
    if digest(&replayed) != digest(&end) {
        return Err(format!(
            "the calls replayed give another tree:\n{}",
            difference(&replayed, &end)
        ));
    }
    let writes = calls.iter().filter(|call| call.name == "write").zip(1..);
    let files =
        writes.filter(|(call, _)| call.result > 0 && !["1", "2"].contains(&&*call.arguments[0]));
    let writes = files
        .map(|(call, nth)| (nth, call.result.unsigned_abs()))
        .collect();
    Ok(Recorded {
        run,
        points: points(&calls),
        writes,
    })
}

fn points(calls: &[Call]) -> Vec<Point> {
    let (mut counts, mut points) = (BTreeMap::<String, usize>::new(), Vec::new());
    for call in calls.iter().filter(|call| call.name != "close") {
        let earlier = counts.clone();
        let nth = counts.entry(call.name.clone()).or_default();
        *nth += 1;
        let creates = call.has(2, "O_CREAT") || call.has(2, "O_TRUNC");
        let reads = READING.contains(&&*call.name) && !creates;
        if call.result >= 0 {
            points.push(Point {
                call: call.name.clone(),
                nth: *nth,
                earlier,
                changes: !reads,
            });
        }
    }
    points
}

impl Point {
    fn options(&self, names: &[&str], what: &str, on: &str) -> Vec<String> {
        let mut options = vec![format!("--trace={}", names.join(","))];
        options.extend(names.iter().map(|name| {
            let earlier = self.earlier.get(*name).copied().unwrap_or(0);
            format!("--inject={name}:{what}:when={}{on}", earlier + 1)
        }));
        options
    }
}

impl Fault {
    pub(crate) fn options(&self) -> Vec<String> {
        match self {
            Self::Kill(point) => point.options(&[&point.call], "signal=KILL", ""),
            Self::Error(point, error) => {
                point.options(&[&point.call], &format!("error={error}"), "")
            }
            Self::From(point, error) => {
                point.options(&[&point.call], &format!("error={error}"), "+")
            }
            Self::All(point, error, names) => point.options(names, &format!("error={error}"), "+"),
        }
    }

    fn point(&self) -> &Point {
        match self {
            Self::Kill(point)
            | Self::Error(point, _)
            | Self::From(point, _)
            | Self::All(point, ..) => point,
        }
    }

    /// Returns what is done to which call.
    pub(crate) fn kind(&self) -> (String, &'static str) {
        let error = match self {
            Self::Kill(_) => "",
            Self::Error(_, error) | Self::From(_, error) | Self::All(_, error, _) => error,
        };
        // of errors each once, of calls by themselves each too
        match self {
            Self::Kill(point) => (point.call.clone(), error),
            _ => (String::new(), error),
        }
    }

    /// Returns whether this is at a call of that name.
    pub(crate) fn is_of(&self, call: &str) -> bool {
        self.point().call == call
    }

    /// Returns whether this is that error of one call.
    pub(crate) fn is_error(&self, wanted: &str) -> bool {
        matches!(self, Self::Error(_, error) if *error == wanted)
    }

    /// Returns whether this is at the last call that makes something durable: that of the commit.
    pub(crate) fn is_last_sync(&self, recorded: &Recorded) -> bool {
        let mut syncs = recorded.points.iter().filter(|point| point.call == "fsync");
        let last = syncs.next_back().map(|point| point.nth);
        self.is_of("fsync") && Some(self.point().nth) == last
    }

    fn words(&self) -> String {
        match self {
            Self::Kill(point) => format!("killed before {} {}", point.call, point.nth),
            Self::Error(point, error) => format!("{error} of {} {}", point.call, point.nth),
            Self::From(point, error) => format!("{error} of {} from {} on", point.call, point.nth),
            Self::All(point, error, _) => {
                format!("{error} of all from {} {} on", point.call, point.nth)
            }
        }
    }
}

/// Returns the kills before all calls that change files.
pub(crate) fn kills(points: &[Point]) -> Vec<Fault> {
    changing(points)
        .map(|point| Fault::Kill(point.clone()))
        .collect()
}

/// Returns all errors of all calls that change files.
pub(crate) fn errors(points: &[Point]) -> Vec<Fault> {
    let all = |point: &Point| ERRORS.map(|error| Fault::Error(point.clone(), error));
    changing(points).flat_map(all).collect()
}

/// Returns errors that stay: those of the calls of one name, and those of a disk that can only be read, or is gone.
pub(crate) fn lasting(points: &[Point]) -> Vec<Fault> {
    let names = || {
        points
            .iter()
            .flat_map(|point| CHANGING.iter().filter(|name| **name == point.call))
    };
    let mut used: Vec<&'static str> = names().copied().collect();
    used.sort_unstable();
    used.dedup();
    // opening is reading too; and writing is printing too, which does not go to that disk, and comes behind opening there
    let writing: Vec<_> = used
        .iter()
        .copied()
        .filter(|name| !["openat", "flock", "write"].contains(name))
        .collect();
    let gone: Vec<_> = used
        .iter()
        .copied()
        .filter(|name| *name != "write")
        .chain(["read", "getdents64"])
        .collect();
    let mut faults = Vec::new();
    for point in changing(points) {
        if point.call != "openat" {
            faults.extend(LASTING.map(|error| Fault::From(point.clone(), error)));
        }
        if point.call != "write" {
            faults.push(Fault::All(point.clone(), "EROFS", writing.clone()));
            faults.push(Fault::All(point.clone(), "EIO", gone.clone()));
        }
    }
    faults
}

/// Returns an error of every call that reads.
pub(crate) fn unread(points: &[Point]) -> Vec<Fault> {
    let reading = points.iter().filter(|point| !point.changes);
    reading
        .map(|point| Fault::Error(point.clone(), "EIO"))
        .collect()
}

fn changing(points: &[Point]) -> impl Iterator<Item = &Point> {
    points.iter().filter(|point| point.changes)
}

/// Returns whether a file that could not be read was passed over, with a warning: what was shown and done is then another
/// plan.
fn is_another_plan(output: &Output) -> bool {
    let words = text(&output.stdout);
    let words: Vec<&str> = words.split_whitespace().collect();
    output.status.success() && words.join(" ").contains("warning: skipped")
}

/// Takes such a plan back, which gives the tree of before.
fn rolled_back(scene: &Scene, root: &Path) -> Result<(), String> {
    done(root, &["rollback", "--yes"])?;
    if content(root) == scene.before {
        return Ok(());
    }
    Err("another plan than without the fault, which cannot be rolled back".to_owned())
}

/// Disturbs the scene once, and judges what is left.
pub(crate) fn try_one(judge: &Judge<'_>, fault: &Fault) -> Result<(), String> {
    let dir = folder();
    let (root, log) = (dir.path().join("root"), dir.path().join("log"));
    restore(&judge.scene.start, &root);
    let output = traced(&root, judge.scene.words, &log, &fault.options());
    let all = |why: String| format!("{}: {why}\n{}", fault.words(), text(&output.stderr));
    if matches!(fault, Fault::Error(point, _) if !point.changes) && is_another_plan(&output) {
        return rolled_back(judge.scene, &root).map_err(all);
    }
    let said = said(judge.scene, fault, &output).map_err(all)?;
    let verdict = judge.tree(&root, said).map_err(all)?;
    if said == Said::Stuck || said == Said::Failed && verdict.interrupted {
        judge.stuck.fetch_add(1, Ordering::Relaxed);
    }
    is_honest(judge.scene, fault, &output, verdict).map_err(all)
}

/// Returns what the run said by its exit status and its output.
pub(crate) fn said(scene: &Scene, fault: &Fault, output: &Output) -> Result<Said, String> {
    let applied = text(&output.stdout).contains("Applied as transaction");
    let killed = output.status.signal() == Some(9);
    match (fault, output.status.code()) {
        (Fault::Kill(_), _) if !killed => Err("the call was not reached".to_owned()),
        (Fault::Kill(_), _) if applied => Ok(Said::Applied),
        (Fault::Kill(_), _) => Ok(Said::Nothing),
        (Fault::Error(_, "EINTR"), Some(code)) if code != 0 => {
            Err("a signal that came between is an error".to_owned())
        }
        (_, Some(0)) => Ok(Said::Applied),
        (Fault::All(..), Some(2)) if text(&output.stderr).contains("taking it back failed too") => {
            Ok(Said::Stuck)
        }
        // 127: it was not even loaded
        (_, Some(1 | 2 | 127)) if !applied || scene.before == scene.after => Ok(Said::Failed),
        (_, code) => Err(format!(
            "it ends with {code:?}, and said that it was applied: {applied}"
        )),
    }
}

/// A command that failed and left something to recover says so.
fn is_honest(
    scene: &Scene,
    fault: &Fault,
    output: &Output,
    verdict: Verdict,
) -> Result<(), String> {
    let failed = output.status.code().is_some_and(|code| code != 0);
    // where standard error does not work, it cannot
    let mute = output.stderr.is_empty();
    let said = text(&output.stderr);
    let names_it = |line: &str| line.contains("kvmnet --root ") && line.ends_with(" recover");
    let told = said.lines().any(names_it);
    let recovers = scene.before == scene.after;
    let once = matches!(fault, Fault::Error(..));
    if failed && verdict.interrupted && once && !recovers {
        return Err("one call failed, and it did not take back what it had done".to_owned());
    }
    if failed && verdict.interrupted && !told && !mute && !recovers {
        return Err(format!(
            "{}: it does not say that there is something to recover",
            fault.words()
        ));
    }
    Ok(())
}
