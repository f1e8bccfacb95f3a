//! Rules about what is wrong, risky, or not what it seems in the files of a host.
//!
//! A rule is data and one function, a file of its own in a folder of `rules`; it looks at the [`Meaning`] of the files, or at
//! the files themselves in [`Sight`], and returns [`Finding`]s. What rules know of the field they know from its sources, each
//! named in its rule. They must not know what is done with findings: `check` prints them, a plan is refused for them.
//!
//! To add one: `rules/<folder>/<name>.rs` with its `RULE`, its line in that folder's `mod.rs` and in `rules/mod.rs`, and two
//! cases, `tests/cases/check/<name>` with a host that has it and `tests/cases/check/<name>-near` with one that nearly has it;
//! if it is about what connection profiles mean to their readers, its line in `tests/sources/rules_by_host.rs`. Tests name what
//! is missing.

mod fix;
mod locate;
mod meaning;
mod mender;
mod page;
mod place;
mod rules;
mod sight;
mod up;

use crate::many;
use crate::readers::Program;
use locate::Locator;

pub use fix::Fix;
pub use meaning::Meaning;
pub use mender::Mender;
pub use page::{explanation, page};
pub use place::{Located, Mark, Place};
pub use rules::RULES;
pub use sight::Sight;
pub use up::{Bare, Up};

/// Both programs that read connection profiles.
const BOTH: &[Program] = &[Program::NetworkScripts, Program::NetworkManager];
/// initscripts alone.
const SCRIPTS: &[Program] = &[Program::NetworkScripts];
/// NetworkManager alone.
const NM: &[Program] = &[Program::NetworkManager];

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Risky, or not what it seems.
    Warning,
    /// It will fail, or cut the host or a guest off.
    Error,
}

impl Severity {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name in kebab-case.
    pub name: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// For whom a rule about what connection profiles mean holds: the programs that read them. None for a rule about something else.
    pub readers: &'static [Program],
    /// What it finds: one sentence.
    pub finds: &'static str,
    /// Why it matters: what the host or a guest suffers. The first sentence stands for itself, it is shown with each finding.
    pub why: &'static str,
    /// A wrong example, as the lines of a file or of a listing.
    pub example: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Where the rule comes from: man page, source file and function, or what was seen when it was run.
    pub source: &'static str,
    /// Looks for it.
    pub check: Check,
    /// Mends one finding, where that is safe.
    pub fix: Option<Remedy>,
}

/// What looks for a fault, by what it sees.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// What the files mean.
    Meaning(fn(&Meaning<'_>) -> Vec<Finding>),
    /// The files as well, and how they are spelled.
    Files(fn(&Sight<'_>) -> Vec<Finding>),
}

impl Check {
    /// Returns what it finds.
    #[must_use]
    pub fn look(self, sight: &Sight<'_>) -> Vec<Finding> {
        match self {
            Self::Meaning(check) => check(&sight.meaning),
            Self::Files(check) => check(sight),
        }
    }
}

/// Returns what mends a finding, `None` where this one is not safe to mend.
pub type Remedy = fn(&Mender<'_>, &Finding) -> Option<Fix>;

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What it is about, in words that stay the same while lines move: `interface ens33`, `network lab, range 1`.
    pub subject: String,
    /// What is wrong: one phrase, lower case, names in backticks.
    pub message: String,
    /// Where: the first place is the one to look at, others disagree with it.
    pub places: Vec<Place>,
    /// What to do: an exact command or edit.
    pub help: String,
}

impl Rule {
    /// Returns a finding of this rule, so far without a place.
    #[must_use]
    pub fn finding(
        &'static self,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            rule: self,
            subject: subject.into(),
            message: message.into(),
            places: Vec::new(),
            help: String::new(),
        }
    }
}

impl Finding {
    /// Adds a place; the first is the one to look at.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }

    /// Says what to do: an exact command or edit.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// A finding with its places as they are shown: nothing more has to be looked up in the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The finding.
    pub finding: Finding,
    /// Its places, in their order.
    pub located: Vec<Located>,
}

/// Returns what `rules` find, sorted by place.
#[must_use]
pub fn check(sight: &Sight<'_>, rules: &[&'static Rule]) -> Vec<Diagnosis> {
    let look = |rule: &&'static Rule| -> Vec<Diagnosis> {
        let mut locator = Locator::of(sight.tree);
        let found = rule.check.look(sight).into_iter();
        let diagnose = |finding: Finding| Diagnosis {
            located: finding.places.iter().map(|p| locator.locate(p)).collect(),
            finding,
        };
        found.map(diagnose).collect()
    };
    // small hosts are looked at in no time
    let found = match sight.tree.len() > 2_000 {
        true => many::share(rules, look),
        false => rules.iter().map(look).collect(),
    };
    let mut found: Vec<Diagnosis> = found.into_iter().flatten().collect();
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    found
}

impl Diagnosis {
    fn order(&self) -> impl Ord {
        let path = self.finding.places.first().map(|place| &place.path);
        let at = self.located.first();
        let at = at.map(|located| (located.line, located.column));
        (path, at, self.finding.rule.name, &self.finding.subject)
    }
}

/// Returns the rule `name`.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_complete() {
        let names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted, "each once, sorted by name");
        for rule in RULES {
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.name.chars().all(kebab), "{}", rule.name);
            for (part, text) in [
                ("finds", rule.finds),
                ("why", rule.why),
                ("example", rule.example),
                ("remedy", rule.remedy),
                ("source", rule.source),
            ] {
                assert!(!text.trim().is_empty(), "{}: no {part}", rule.name);
            }
            assert!(rule.finds.ends_with('.'), "{}: a sentence", rule.name);
            let long = rule.example.lines().find(|line| line.chars().count() > 78);
            assert_eq!(long, None, "{}: a long line", rule.name);
        }
    }
}
