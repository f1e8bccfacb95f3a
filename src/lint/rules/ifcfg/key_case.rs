//! A key in small letters.

use std::ops::Range;

use super::effect;
use super::letters::{Letter, Letters};
use super::script::Script;
use crate::doc::shell::Assignment;
use crate::lint::{BOTH, Check, Finding, Fix, Mark, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "key-case",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A key of an ifcfg file in lower or mixed case: `onboot=yes`, `IpAddr=…`.",
    why: "It is another key, and nothing reads it: names are case-sensitive for bash and for NetworkManager. It is as if the\nsetting were missing: no address, or the default of ONBOOT, which is yes.",
    example: "
device=ens33
ipaddr=192.168.50.20",
    remedy: "Write the key in upper case: kvmnet check --fix key-case (where that changes nothing that is in effect).",
    source: "bash(1), names; svFindLineGet() in NetworkManager's shvar.c compares them as they are (run)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts
        .flat_map(|script| of_script(sight, script))
        .collect()
}

/// As many keys of one file are tried at most: one after another, the file is read for each.
const MOST_TRIED: usize = 32;

/// Returns the keys in other letters of a file, read once.
fn letters<'s>(script: &'s Script<'_>) -> &'s Letters {
    script.letters.get_or_init(|| Letters::of(&script.doc))
}

fn of_script(sight: &Sight<'_>, script: &Script<'_>) -> Vec<Finding> {
    let found = letters(script).0.iter().map(|letter| {
        let (name, key) = (&letter.assignment.name, &letter.key);
        let message = format!("`{name}` is not `{key}`, and nothing reads it");
        let finding = RULE
            .finding(format!("{} {name}", script.path), message)
            .at(script.place(&letter.assignment));
        match remedy(sight, script, letter) {
            Remedy::Delete(holds) => finding
                .at(Place::span(script.path, holds).label("this one is in effect"))
                .help(format!("delete the line with {name}")),
            Remedy::Write => finding.help(format!("kvmnet check --fix key-case   # writes {key}")),
            Remedy::Leave(why) => finding.help(format!("write {key} if that is intended: {why}")),
        }
    });
    found.collect()
}

/// What to do about a key in small letters.
enum Remedy {
    /// The key in capitals is there as well, and holds.
    Delete(Range<usize>),
    /// It can be put in force: that changes nothing.
    Write,
    /// It cannot be put in force unseen: this would change.
    Leave(String),
}

fn remedy(sight: &Sight<'_>, script: &Script<'_>, letter: &Letter) -> Remedy {
    let (assignment, key) = (&letter.assignment, letter.key.as_str());
    if let Some(holds) = letter.holds.clone() {
        return Remedy::Delete(holds);
    }
    if !letter.single {
        return Remedy::Leave(format!("more than one line says what {key} is"));
    }
    if letter.before >= MOST_TRIED {
        return Remedy::Leave(format!(
            "at most {MOST_TRIED} lines of a file are tried at a time"
        ));
    }
    let Some(value) = assignment.value.literal().filter(|value| !value.is_empty()) else {
        return Remedy::Leave("its meaning cannot be determined".to_owned());
    };
    let mut text = script.doc.source().to_owned();
    text.replace_range(name_of(assignment), key);
    let changes = effect::of_key(sight, script.path, text, (key, value));
    changes.map_or(Remedy::Write, Remedy::Leave)
}

/// Returns where its name stands.
fn name_of(assignment: &Assignment) -> Range<usize> {
    let start = assignment.span.start;
    start..start + assignment.name.len()
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let Place { path, mark, .. } = finding.places.first()?;
    let Mark::Span(span) = mark else { return None };
    let script = mender.script(path)?.whole()?;
    let letters = &letters(script).0;
    let start = |letter: &Letter| letter.assignment.span.start;
    let found = letters.binary_search_by_key(&span.start, start);
    let letter = &letters[found.ok()?];
    match remedy(mender, script, letter) {
        Remedy::Delete(_) => None,
        Remedy::Write => Some(Fix::Edit {
            path: path.clone(),
            edits: vec![(name_of(&letter.assignment), letter.key.clone())],
        }),
        Remedy::Leave(why) => Some(Fix::Leave(format!(
            "`{}` in {} is left unchanged: {why}",
            letter.assignment.name,
            path.name()
        ))),
    }
}
