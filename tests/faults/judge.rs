//! The judgement over a tree that a disturbed command left: recovered by the program, it is as before or as after.
//!
//! The same state of the disk is judged once, however often it comes up.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::snapshot::{
    Found, Nodes, difference, is_state, leftovers, nodes, restore, snapshot,
};
use crate::support::strace::program;

/// What a run that was disturbed said of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing: it was killed before.
    Nothing,
    /// That the change is applied.
    Applied,
    /// That it failed, and nothing is changed.
    Failed,
    /// That it failed, and that taking it back failed too.
    Stuck,
}

/// As what a tree was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// How a state ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub(crate) side: Side,
    /// Whether the tree was neither before it was recovered, or the history was open.
    pub(crate) interrupted: bool,
}

/// A command, and what there is before and behind it.
pub(crate) struct Scene {
    pub(crate) words: &'static [&'static str],
    /// The same for a tree on which it may have been done.
    pub(crate) again: &'static [&'static str],
    /// All beneath the root as the command finds it.
    pub(crate) start: Nodes,
    /// The trees that may be there in the end, without kvmnet's own folder.
    pub(crate) before: Nodes,
    pub(crate) after: Nodes,
    /// The history where the command has not happened, and where it has.
    pub(crate) history_before: Value,
    pub(crate) history_after: Value,
}

/// Judges the states of one scene.
pub(crate) struct Judge<'a> {
    pub(crate) scene: &'a Scene,
    known: Mutex<HashMap<u64, Verdict>>,
    settled: Mutex<HashSet<u64>>,
    /// How many commands failed and could not take back what they had done.
    pub(crate) stuck: AtomicUsize,
    /// The interrupted states that were seen, each once.
    pub(crate) interrupted: Mutex<Vec<Nodes>>,
}

/// Returns a folder, in memory where that can be: thousands of files are synced.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// Runs the program undisturbed.
pub(crate) fn kvmnet(root: &Path, words: &[&str]) -> Output {
    let all = program(root, words);
    let mut command = Command::new(&all[0]);
    command
        .args(&all[1..])
        .env_remove("KVMNET_ROOT")
        .stdin(Stdio::null());
    command.output().unwrap()
}

/// Runs the program undisturbed, which must end well.
pub(crate) fn done(root: &Path, words: &[&str]) -> Result<Output, String> {
    let output = kvmnet(root, words);
    if output.status.success() {
        return Ok(output);
    }
    Err(format!(
        "`{}` fails: {}",
        words.join(" "),
        text(&output.stderr)
    ))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the history without times, and without what waits, which files tell that are no content.
pub(crate) fn history(root: &Path) -> Result<Value, String> {
    let output = done(root, &["history", "--json"])?;
    let mut value: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let records = value["transactions"].as_array_mut().ok_or("no history")?;
    for record in records {
        record["time"] = Value::Null;
        record["unconfirmed"] = Value::Null;
    }
    Ok(value["transactions"].take())
}

/// Returns whether a transaction is open; whoever looks must be warned then.
fn is_open_and_told(root: &Path) -> Result<bool, String> {
    let looked = done(root, &["history", "--json"])?;
    let open = text(&looked.stdout).contains("\"state\": \"prepared\"");
    let talk = text(&looked.stderr);
    if open && !talk.contains("may be half written") {
        return Err(format!("half of it is shown without a warning: {talk}"));
    }
    Ok(open)
}

/// Returns what is beneath the root, without kvmnet's own folder and without what is there only while a change waits to be
/// confirmed: that is no content, and goes once the history says that it is undone.
pub(crate) fn content(root: &Path) -> Nodes {
    let mut found = snapshot(root);
    found.retain(|path, _| !is_of_wait(path));
    found
}

fn is_of_wait(path: &str) -> bool {
    Path::new(path).starts_with("etc/systemd")
}

/// Returns a number that is the same for the same disk: who held the history last, and when a journal was written, are
/// passed over.
pub(crate) fn digest(whole: &Nodes) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (path, thing) in whole {
        path.hash(&mut hasher);
        match thing {
            Found::Folder { mode, .. } => (0, mode).hash(&mut hasher),
            Found::Link(target) => (1, target).hash(&mut hasher),
            Found::Long { .. } | Found::Other { .. } => 2.hash(&mut hasher),
            Found::File {
                mode,
                owner,
                xattrs,
                ..
            } if is_state(path) && path.ends_with("/holder") => {
                (3, mode, owner, xattrs).hash(&mut hasher);
            }
            Found::File {
                bytes,
                mode,
                owner,
                xattrs,
            } => {
                (3, timeless(path, bytes), mode, owner, xattrs).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

fn timeless(path: &str, bytes: &[u8]) -> Vec<u8> {
    let name = path.rsplit('/').next().unwrap_or("");
    if !is_state(path) || !name.starts_with("journal.") {
        return bytes.to_vec();
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    let kept = lines.filter(|line| !line.trim_ascii_start().starts_with(b"\"time\":"));
    kept.collect::<Vec<_>>().join(&b'\n')
}

impl<'a> Judge<'a> {
    pub(crate) fn new(scene: &'a Scene) -> Self {
        Self {
            scene,
            known: Mutex::default(),
            settled: Mutex::default(),
            stuck: AtomicUsize::new(0),
            interrupted: Mutex::default(),
        }
    }

    /// Returns how many different states were judged.
    pub(crate) fn different(&self) -> usize {
        self.known.lock().unwrap().len()
    }

    /// Judges the tree at `root`, which a disturbed run left.
    pub(crate) fn tree(&self, root: &Path, said: Said) -> Result<Verdict, String> {
        let found = nodes(root);
        self.judge(&found, said)
    }

    /// Judges a state of the disk.
    pub(crate) fn judge(&self, found: &Nodes, said: Said) -> Result<Verdict, String> {
        let digest = digest(found);
        let known = self.known.lock().unwrap().get(&digest).copied();
        let verdict = match known {
            Some(verdict) => verdict,
            None => {
                let verdict = self.recover(found)?;
                if self.known.lock().unwrap().insert(digest, verdict).is_none()
                    && verdict.interrupted
                {
                    self.interrupted.lock().unwrap().push(found.clone());
                }
                verdict
            }
        };
        // where nothing is to be changed, both sides are the same
        let same = self.scene.before == self.scene.after;
        match (said, verdict.side) {
            (Said::Applied, Side::Before) if !same => {
                Err("it said that it was done, and it is not".to_owned())
            }
            (Said::Failed, Side::After) if !same => {
                Err("it said that nothing is changed, and it is".to_owned())
            }
            (_, Side::Before | Side::After) => Ok(verdict),
        }
    }

    fn recover(&self, found: &Nodes) -> Result<Verdict, String> {
        let dir = folder();
        let root = dir.path().join("root");
        restore(found, &root);
        let mut tree = found.clone();
        tree.retain(|path, _| !(is_state(path) || is_of_wait(path)));
        let torn = self.side(&tree).is_err();
        let open = is_open_and_told(&root)?;
        if torn && !open {
            return Err("half of it is there, and the history does not know".to_owned());
        }
        done(&root, &["recover"])?;
        let side = self.side(&content(&root))?;
        let left = leftovers(&root);
        if !left.is_empty() {
            return Err(format!("{left:?} is left"));
        }
        self.keeps_all(&nodes(&root))?;
        self.settle(&root, side)?;
        Ok(Verdict {
            side,
            interrupted: torn || open,
        })
    }

    /// What was kept of files that were replaced is there still, wherever it is now.
    fn keeps_all(&self, found: &Nodes) -> Result<(), String> {
        let bytes = |(path, thing): (&String, &Found)| match thing {
            Found::File { bytes, .. } if is_state(path) => Some(bytes.clone()),
            _ => None,
        };
        let there: HashSet<Vec<u8>> = found.iter().filter_map(bytes).collect();
        let replaced = self.scene.start.iter().filter(|(path, _)| {
            let folder = Path::new(path).parent().and_then(Path::file_name);
            folder.is_some_and(|name| name == "before")
        });
        for thing in replaced {
            if bytes(thing).is_some_and(|bytes| !there.contains(&bytes)) {
                return Err(format!("{} is lost", thing.0));
            }
        }
        Ok(())
    }

    fn side(&self, found: &Nodes) -> Result<Side, String> {
        // where both are the same, it has happened
        if *found == self.scene.after {
            return Ok(Side::After);
        }
        if *found == self.scene.before {
            return Ok(Side::Before);
        }
        Err(format!(
            "the tree is neither as before nor as after; compared with before:\n{}",
            difference(found, &self.scene.before)
        ))
    }

    /// The history is true, and the next command works.
    fn settle(&self, root: &Path, side: Side) -> Result<(), String> {
        if !self.settled.lock().unwrap().insert(digest(&nodes(root))) {
            return Ok(());
        }
        let scene = self.scene;
        let found = history(root)?;
        if !is_true(&found, scene, side) {
            return Err(format!("the history is wrong: {found:#}"));
        }
        // of what is known, all is kept
        let records = found.as_array().map_or(&[][..], Vec::as_slice);
        for record in records.first().iter().chain(&records.last()) {
            done(root, &["history", &record["id"].to_string()])?;
        }
        done(root, scene.again)?;
        self.is_after(root)
    }

    /// Without `recover`, the next command that writes recovers by itself.
    pub(crate) fn next_command(&self, found: &Nodes) -> Result<(), String> {
        let dir = folder();
        let root = dir.path().join("root");
        restore(found, &root);
        done(&root, self.scene.again)?;
        self.is_after(&root)
    }

    fn is_after(&self, root: &Path) -> Result<(), String> {
        let (found, left) = (content(root), leftovers(root));
        if found == self.scene.after && left.is_empty() {
            return Ok(());
        }
        let difference = difference(&found, &self.scene.after);
        Err(format!(
            "the next command left {left:?} and another tree:\n{difference}"
        ))
    }
}

/// Returns whether a history tells what happened.
fn is_true(found: &Value, scene: &Scene, side: Side) -> bool {
    let (before, after) = (&scene.history_before, &scene.history_after);
    let (Some(found), Some(before), Some(after)) =
        (found.as_array(), before.as_array(), after.as_array())
    else {
        return false;
    };
    match side {
        // the oldest may not be forgotten yet
        Side::After => {
            found == after || found.get(1..) == Some(after) && found.first() == before.first()
        }
        Side::Before => found == before || is_taken_back(found, before, after),
    }
}

/// Returns whether `found` is the history of before, and the transaction as one that was taken back.
fn is_taken_back(found: &[Value], before: &[Value], after: &[Value]) -> bool {
    let (Some((last, earlier)), Some(applied)) = (found.split_last(), after.last()) else {
        return false;
    };
    let mut wanted = applied.clone();
    wanted["state"] = "recovered".into();
    earlier == before && *last == wanted
}
