//! A boolean in a keyfile that is none to NetworkManager.

use super::document::{Keyfile, taken};
use super::known::{self, Sort};
use crate::doc::keyfile::{Pair, value};
use crate::lint::{Check, Finding, Fix, Mark, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-boolean",
    severity: Severity::Warning,
    readers: &[],
    finds: "A boolean of a keyfile that is not spelled true, false, 1 or 0: `stp=no`, `autoconnect=off`.",
    why: "NetworkManager drops the line, and the default counts. STP stays on, or the profile starts by itself. Where a number\nis wanted (autoconnect-slaves), it must be 0 or 1. A comment behind a value is a part of it.",
    example: "
[bridge]
stp=no",
    remedy: "Write true or false: kvmnet check --fix keyfile-boolean (where the word tells which).",
    source: "g_key_file_get_boolean() of GLib, read_one_setting_value() in NetworkManager's nm-keyfile.c (run)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    taken(&sight.keyfiles).flat_map(of_keyfile).collect()
}

fn of_keyfile(keyfile: &Keyfile<'_>) -> Vec<Finding> {
    let pairs = keyfile.doc.in_force();
    pairs
        .filter_map(|pair| finding(keyfile, pair, wrong(keyfile, pair)?))
        .collect()
}

/// Returns what a value should be, if it is not that.
fn wrong(keyfile: &Keyfile<'_>, pair: &Pair) -> Option<Sort> {
    let raw = keyfile.doc.raw(pair);
    let sort = known::group(&pair.group)?.sort(&pair.key)?;
    let is_wrong = match sort {
        Sort::Boolean(_) => value::boolean(raw).is_none(),
        Sort::Switch => word(raw).is_some(),
    };
    is_wrong.then_some(sort)
}

/// Returns the boolean that a word means to people.
fn word(raw: &str) -> Option<bool> {
    match raw.trim_end().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Returns how NetworkManager wants a boolean spelled.
fn spelled(sort: Sort, meant: bool) -> &'static str {
    match (sort, meant) {
        (Sort::Boolean(_), true) => "true",
        (Sort::Boolean(_), false) => "false",
        (Sort::Switch, true) => "1",
        (Sort::Switch, false) => "0",
    }
}

fn finding(keyfile: &Keyfile<'_>, pair: &Pair, sort: Sort) -> Option<Finding> {
    let (key, raw) = (&pair.key, keyfile.doc.raw(pair).trim_end());
    let message = match sort {
        Sort::Boolean(default) => format!(
            "`{key}={raw}` is no boolean to NetworkManager, which drops it: `{key}` is {default}, the default"
        ),
        Sort::Switch => {
            format!("`{key}={raw}` is no number to NetworkManager, which drops it")
        }
    };
    let help = match word(raw) {
        Some(meant) => {
            let spelled = spelled(sort, meant);
            format!("kvmnet check --fix keyfile-boolean   # writes {key}={spelled}")
        }
        None => format!("write {key}=true or {key}=false, and comments on lines of their own"),
    };
    let subject = format!("{} {key}", keyfile.path);
    let place = Place::line(keyfile.path, pair.line);
    Some(RULE.finding(subject, message).at(place).help(help))
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let Place { path, mark, .. } = finding.places.first()?;
    let Mark::Line(line) = *mark else { return None };
    let keyfile = mender.keyfile(path)?;
    let mut pairs = keyfile.doc.pairs().iter();
    let pair = pairs.find(|pair| pair.line == line)?;
    let sort = wrong(keyfile, pair)?;
    let spelled = spelled(sort, word(keyfile.doc.raw(pair))?);
    Some(Fix::Edit {
        path: path.clone(),
        edits: vec![(pair.word.clone(), spelled.to_owned())],
    })
}
