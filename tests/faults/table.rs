//! The numbers of the proof: how many states of each kind were tried, and what was lost.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::power::Cut;
use crate::support::sample::say;

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

/// The count of states of each kind, for one scene.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    tried: Mutex<BTreeMap<Kind, usize>>,
    lost: Mutex<usize>,
}

impl Column {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            tried: Mutex::default(),
            lost: Mutex::default(),
        }
    }

    /// Returns the name of a kind of disturbance of this scene.
    pub(crate) fn what(&self, kind: Kind) -> String {
        let words = KINDS.iter().find(|(known, _)| *known == kind);
        format!("{}: {}", self.name, words.map_or("", |(_, words)| words))
    }

    /// Counts one state.
    pub(crate) fn count(&self, kind: Kind, result: Result<(), String>) {
        *self.tried.lock().unwrap().entry(kind).or_default() += 1;
        if let Err(why) = result {
            let mut lost = self.lost.lock().unwrap();
            *lost += 1;
            if *lost <= 20 {
                say(&format!("LOST: {}: {why}", self.what(kind)));
            }
        }
    }

    /// Returns how many states of a kind were tried.
    fn of(&self, kind: Kind) -> usize {
        self.tried.lock().unwrap().get(&kind).copied().unwrap_or(0)
    }

    /// Returns how many were tried.
    pub(crate) fn all(&self) -> usize {
        self.tried.lock().unwrap().values().sum()
    }

    /// Returns how many were lost.
    pub(crate) fn lost(&self) -> usize {
        *self.lost.lock().unwrap()
    }
}

/// Prints all numbers.
pub(crate) fn print(columns: &[&Column]) {
    let width = |column: &Column| column.name.len().max(6);
    print!("{:26}", "states tried");
    for column in columns {
        print!("  {:>1$}", column.name, width(column));
    }
    println!("  {:>6}", "all");
    for (kind, words) in KINDS {
        print!("{words:26}");
        for column in columns {
            print!("  {:>1$}", column.of(kind), width(column));
        }
        let sum: usize = columns.iter().map(|column| column.of(kind)).sum();
        println!("  {sum:>6}");
    }
    let sum = |count: fn(&Column) -> usize| columns.iter().map(|c| count(c)).sum::<usize>();
    println!("{} states, {} lost", sum(Column::all), sum(Column::lost));
}
