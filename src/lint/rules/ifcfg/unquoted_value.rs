//! A line that looks like an assignment, and of which a part is a command, or lost.

use std::net::IpAddr;

use super::script::Script;
use crate::backend::ifcfg::{Reader, known};
use crate::doc::shell::{Line, LineKind};
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};
use crate::secret;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "unquoted-value",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A line of an ifcfg file that is no assignment and looks like one: a blank beside `=`, or in a value without quotes.",
    why: "The setting is not in effect. To network-scripts what follows the blank is a command, which they run as root each time\nthey read the file: `ONBOOT= yes` runs yes(1), and the host does not finish booting. NetworkManager takes the value as empty.",
    example: "
IPADDR= 192.168.50.20
BONDING_OPTS=mode=1 miimon=100",
    remedy: "Write the value right behind the `=`, in quotes if it has blanks.",
    source: "bash(1), SIMPLE COMMANDS (run); source_config() in network-functions of initscripts;\nsvUnescape_full() in NetworkManager's shvar.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts.filter_map(finding).collect()
}

/// All such lines of a file are one finding: who makes the mistake once makes it in each.
fn finding(script: &Script<'_>) -> Option<Finding> {
    // where a quote is never closed nobody can tell what is meant
    if script.doc.syntax_error().is_some() {
        return None;
    }
    let lines = script.doc.lines().iter();
    let cut: Vec<_> = lines
        .filter_map(|line| Some((line, Cut::of(script, line)?)))
        .collect();
    let (first, rest) = cut.split_first()?;
    let message = first.1.message(script.reader);
    let found = RULE.finding(script.path.as_str(), message);
    let mut found = found.at(place(script, first));
    for cut in rest {
        let place = place(script, cut);
        found = found.at(match cut.1.is_secret {
            true => place,
            false => place.label(cut.1.message(script.reader)),
        });
    }
    let written = cut.iter().take(MOST_WRITTEN);
    let written: Vec<String> = written.map(|(_, cut)| cut.quoted()).collect();
    let more = if cut.len() > MOST_WRITTEN {
        ", and the others so"
    } else {
        ""
    };
    Some(found.help(format!("write {}{more}", written.join(" and "))))
}

/// The most lines of a file that the help writes anew.
const MOST_WRITTEN: usize = 12;

fn place(script: &Script<'_>, (line, cut): &(&Line, Cut<'_>)) -> Place {
    // what stands behind the first blank is a part of it
    if cut.is_secret {
        return Place::file(script.path).label(format!("line {} has a secret", line.number));
    }
    let text = script.doc.source()[line.text.clone()].trim();
    Place::word(script.path, line.number, text.lines().next().unwrap_or(""))
}

/// A line whose reader takes less for the value than was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut<'s> {
    /// The key that was meant.
    key: String,
    /// What was meant for its value.
    value: String,
    /// The part of the value that bash takes; `None` where it sees no assignment.
    taken: Option<&'s str>,
    /// The command that bash runs, if it does.
    command: Option<&'s str>,
    /// Whether the value is a secret, which must not be shown.
    is_secret: bool,
}

impl<'s> Cut<'s> {
    /// Reads a line; `None` where it is an assignment, or nothing that looks like one.
    pub(super) fn of(script: &'s Script<'_>, line: &Line) -> Option<Self> {
        // one assignment alone is whole
        if line.kind == LineKind::Assignments && line.assignments.len() == 1 {
            return None;
        }
        let source = script.doc.source();
        let end = line.comment.unwrap_or(line.text.end);
        let text = source.get(line.text.start..end)?.trim();
        if matches!(line.kind, LineKind::Blank | LineKind::Comment) || text.contains('\n') {
            return None;
        }
        let Some(first) = line.assignments.first() else {
            return Self::without_assignment(script, text);
        };
        if !source[line.text.start..first.span.start].trim().is_empty() {
            return Self::without_assignment(script, text);
        }
        let rest = source[first.span.end..end].trim();
        let word = rest.split_ascii_whitespace().next()?;
        let name = &first.name;
        if word.starts_with([';', '&', '|', '<', '>', '(', ')']) || key(name).is_none() {
            return None;
        }
        let second = line.assignments.get(1);
        let command = match line.kind {
            LineKind::Code => Some(command(rest)?),
            LineKind::Assignments | LineKind::Blank | LineKind::Comment => None,
        };
        // what a variable holds is not known
        if command.is_some_and(|command| command.starts_with('$')) {
            return None;
        }
        // two settings on one line: bash knows both
        if command.is_none() && second.is_none_or(|second| key(&second.name).is_some()) {
            return None;
        }
        let taken = &source[first.word.clone()];
        Some(Self {
            is_secret: is_secret(script, name),
            key: name.clone(),
            value: [taken, rest].join(" ").trim().to_owned(),
            taken: Some(taken),
            command,
        })
    }

    /// `IPADDR = 192.168.50.20`, `IPADDR: 192.168.50.20`, `NM-CONTROLLED=no`.
    fn without_assignment(script: &Script<'_>, text: &'s str) -> Option<Self> {
        let command = text.split_ascii_whitespace().next()?;
        let (word, behind) = match command.find(['=', ':']) {
            Some(at) => (&command[..at], &text[at + 1..]),
            None => (command, &text[command.len()..]),
        };
        let behind = behind.trim_start().trim_start_matches('=').trim();
        let name = word.replace('-', "_");
        if !name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        {
            return None;
        }
        let key = known::is_common(&name).then_some(name)?;
        Some(Self {
            is_secret: is_secret(script, &key),
            key,
            value: behind.to_owned(),
            taken: None,
            command: Some(command),
        })
    }

    fn message(&self, reader: Reader) -> String {
        let key = &self.key;
        if self.is_secret {
            return format!("the value of `{key}` has blanks and no quotes, and is not set");
        }
        match (reader, self.taken, self.command) {
            (Reader::NetworkManager, Some(_), _) => {
                format!("NetworkManager takes `{key}` as empty: its value has blanks and no quotes")
            }
            (Reader::NetworkManager, None, _) => {
                format!("NetworkManager ignores this line: `=` does not follow the name `{key}`")
            }
            (_, Some(taken), None) => format!("bash takes `{key}` for `{taken}` alone"),
            (_, _, Some("yes")) => {
                format!("bash runs `yes`, which never ends, and `{key}` is not set")
            }
            (_, _, Some(command)) => {
                format!("bash runs `{command}` as a command, and `{key}` is not set")
            }
            (_, None, None) => format!("`{key}` is not set"),
        }
    }

    /// Returns an assignment for each address where the key takes one.
    fn each(&self) -> Option<String> {
        let stem = self.key.trim_end_matches(|c: char| c.is_ascii_digit());
        let first: usize = self.key[stem.len()..].parse().unwrap_or(0);
        let words: Vec<&str> = self
            .value
            .split([' ', ',', ';'])
            .filter(|word| !word.is_empty())
            .collect();
        let all = words.iter().all(|word| word.parse::<IpAddr>().is_ok());
        if !["DNS", "IPADDR"].contains(&stem) || words.len() < 2 || !all {
            return None;
        }
        let lines = words
            .iter()
            .zip(first..)
            .map(|(word, number)| match number {
                0 => format!("{stem}={word}"),
                number => format!("{stem}{number}={word}"),
            });
        Some(lines.collect::<Vec<_>>().join(" and "))
    }

    /// Returns the assignment that was meant.
    fn quoted(&self) -> String {
        if self.is_secret {
            return format!("{}= with its value in quotes", self.key);
        }
        if let Some(each) = self.each() {
            return each;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "._:/%+@,-".contains(c);
        let (key, value) = (&self.key, &self.value);
        if !value.is_empty() && value.chars().all(plain) {
            return format!("{key}={value}");
        }
        let bare: String = value.chars().filter(|c| !"\"'`$\\".contains(*c)).collect();
        format!("{key}=\"{bare}\"")
    }
}

fn is_secret(script: &Script<'_>, key: &str) -> bool {
    !secret::places(script.path, &format!("{key}=x")).is_empty()
}

/// Returns the key that a name is, or is meant for.
fn key(name: &str) -> Option<String> {
    match known::is_key(name) {
        true => Some(name.to_owned()),
        false => known::meant(name),
    }
}

/// Returns the first word that is no assignment.
fn command(rest: &str) -> Option<&str> {
    let is_assignment = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            let name_like = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !name.is_empty() && name.chars().all(name_like)
        })
    };
    let word = rest
        .split_ascii_whitespace()
        .find(|word| !is_assignment(word))?;
    let operator = [';', '&', '|', '<', '>', '(', ')'];
    (!word.starts_with(operator)).then_some(word)
}
