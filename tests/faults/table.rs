//! The numbers of the proof: how many states of each kind were tried, and what was lost.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::power::Cut;

/// How a command was disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Killed before a call.
    Killed,
    /// One call failed.
    Failed,
    /// From one call on all of its name failed, or all calls did.
    FailedOn,
    /// One call that reads failed.
    Unread,
    /// A write wrote less than it was asked to.
    Short,
    /// The recovery behind it was killed before a call.
    RecoveryKilled,
    /// What a failed call had begun to take back was killed before a call.
    TakingBackKilled,
    /// The power was cut, and left this.
    PowerCut(Cut),
    /// The next command was run in place of `recover`.
    NextCommand,
}

const KINDS: [(Kind, &str); 13] = [
    (Kind::Killed, "killed before a call"),
    (Kind::Failed, "a call fails (6 errors)"),
    (Kind::FailedOn, "calls fail from one on"),
    (Kind::Unread, "a call that reads fails"),
    (Kind::Short, "a write is short"),
    (Kind::RecoveryKilled, "the recovery is killed"),
    (Kind::TakingBackKilled, "taking back is killed"),
    (Kind::PowerCut(Cut::Prefix), "power cut: first names"),
    (Kind::PowerCut(Cut::Dropped), "power cut: one name lost"),
    (Kind::PowerCut(Cut::Alone), "power cut: one name there"),
    (Kind::PowerCut(Cut::Choice), "power cut: other choices"),
    (Kind::PowerCut(Cut::Data), "power cut: data lost"),
    (Kind::NextCommand, "next command, no recover"),
];

/// The count of states of each kind, for each scene.
#[derive(Default)]
pub(crate) struct Table {
    tried: Mutex<BTreeMap<Kind, BTreeMap<usize, usize>>>,
    lost: Mutex<Vec<String>>,
    scenes: Mutex<Vec<&'static str>>,
}

impl Table {
    /// Adds a column.
    pub(crate) fn scene(&self, name: &'static str) {
        self.scenes.lock().unwrap().push(name);
    }

    /// Counts one state of the last scene.
    pub(crate) fn count(&self, kind: Kind, result: Result<(), String>) {
        let scene = self.scenes.lock().unwrap().len() - 1;
        let mut tried = self.tried.lock().unwrap();
        *tried.entry(kind).or_default().entry(scene).or_default() += 1;
        drop(tried);
        if let Err(why) = result {
            let name = self.scenes.lock().unwrap()[scene];
            let mut lost = self.lost.lock().unwrap();
            if lost.len() < 20 {
                println!("LOST: {name}: {why}");
            }
            lost.push(why);
        }
    }

    /// Returns how many were lost.
    pub(crate) fn lost(&self) -> usize {
        self.lost.lock().unwrap().len()
    }

    /// Prints all numbers.
    pub(crate) fn print(&self) {
        let (scenes, tried) = (self.scenes.lock().unwrap(), self.tried.lock().unwrap());
        let width = |name: &str| name.len().max(6);
        print!("{:26}", "states tried");
        scenes
            .iter()
            .for_each(|name| print!("  {name:>0$}", width(name)));
        println!("  {:>6}", "all");
        let mut all = 0;
        for (kind, words) in KINDS {
            let of = |scene: usize| {
                tried
                    .get(&kind)
                    .and_then(|row| row.get(&scene))
                    .copied()
                    .unwrap_or(0)
            };
            print!("{words:26}");
            for (n, name) in scenes.iter().enumerate() {
                print!("  {:>1$}", of(n), width(name));
            }
            let sum: usize = (0..scenes.len()).map(of).sum();
            println!("  {sum:>6}");
            all += sum;
        }
        println!("{all} states, {} lost", self.lost());
    }
}

/// Calls `f` with each item, on all processors.
pub(crate) fn each<T: Sync>(items: &[T], f: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|threads| {
        for _ in 0..workers {
            threads.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    f(item);
                }
            });
        }
    });
}
