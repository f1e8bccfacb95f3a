//! From files to text: which settings and companions a profile has, and whether they can be taken elsewhere.

use std::collections::{HashMap, HashSet};

use super::companion;
use super::keys;
use super::layout::{Bucket, Placed, layout};
use super::text::{Setting, Text};
use crate::doc::shell::{Assignment, ShellDoc, Value};
use crate::host::profile::{Obstacle, Profile};
use crate::host::spot::Said;
use crate::host::value::InterfaceName;
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

impl Text {
    /// Returns the text of `profile` in `tree`; nothing where it has no file.
    #[must_use]
    pub(super) fn of(tree: &Tree, readers: &Readers, profile: &Profile) -> Self {
        let origin = profile.home.file.as_ref();
        let Some(file) = origin.and_then(|origin| tree.file(origin)) else {
            return Self::default();
        };
        let doc = ShellDoc::parse(&String::from_utf8_lossy(&file.bytes));
        let mut text = Self::of_doc(&doc, &profile.interface);
        let further = profile.layer3.further.iter();
        text.companions = further
            .filter_map(|part| companion::read(tree, readers, profile, &part.at))
            .collect();
        text
    }

    /// Returns the text of one file, without companions.
    pub(super) fn of_doc(doc: &ShellDoc, interface: &InterfaceName) -> Self {
        let mut text = Self::default();
        for Placed {
            setting, bucket, ..
        } in layout(doc, interface.as_str())
        {
            match bucket {
                Bucket::Layer3 => text.settings.push(setting),
                Bucket::Shared => text.shared.push(setting),
                Bucket::Rest => text.rest.push(setting),
            }
        }
        text.helpers = helpers(doc, &text.rest);
        text
    }
}

/// Returns the definitions among `rest` that the layer-3 settings use.
fn helpers(doc: &ShellDoc, rest: &[Setting]) -> Vec<Setting> {
    let (used, locked) = used(doc);
    let is_used = |setting: &&Setting| used.contains(setting.key.as_str());
    match locked {
        None => rest.iter().filter(is_used).cloned().collect(),
        Some(_) => Vec::new(),
    }
}

fn moves(key: &str) -> bool {
    matches!(keys::class(key), keys::Class::Layer3(_))
}

/// Returns why the layer-3 settings cannot be taken elsewhere.
pub(super) fn locked(doc: &ShellDoc, path: &HostPath) -> Option<Obstacle> {
    if let Some(assignment) = doc.in_code().find(|assignment| moves(&assignment.name)) {
        let because = format!("sets {} in shell code", assignment.name);
        let help =
            Some("write the value itself, without shell code, or move it by hand".to_owned());
        return Some(Obstacle {
            because: Said::at(because, path, assignment.line),
            help,
        });
    }
    let (because, line) = used(doc).1?;
    Some(Obstacle {
        because: Said::at(because, path, line),
        help: None,
    })
}

/// Returns the names that the layer-3 settings use, and why they cannot be taken elsewhere with their definitions: a phrase, and
/// its line.
fn used(doc: &ShellDoc) -> (HashSet<&str>, Option<(String, u32)>) {
    let mut wanted: Vec<&Assignment> = doc
        .assignments()
        .filter(|a| moves(&a.name) && a.value == Value::Shell)
        .collect();
    let mut seen: HashSet<&str> = HashSet::new();
    let mut definitions: HashMap<&str, Vec<&Assignment>> = HashMap::new();
    if !wanted.is_empty() {
        for assignment in doc.assignments() {
            let of_name = definitions.entry(&assignment.name).or_default();
            of_name.push(assignment);
        }
    }
    while let Some(user) = wanted.pop() {
        for name in variables(&doc.source()[user.word.clone()]) {
            if moves(name) || !seen.insert(name) {
                continue;
            }
            let known = keys::class(name) != keys::Class::Unknown;
            if known {
                let because = format!(
                    "uses ${name} in {}, which means something else elsewhere",
                    user.name
                );
                return (seen, Some((because, user.line)));
            }
            wanted.extend(definitions.get(name).into_iter().flatten());
        }
    }
    (seen, None)
}

/// Returns the names of the variables that the word `raw` uses.
fn variables(raw: &str) -> impl Iterator<Item = &str> {
    raw.match_indices('$').filter_map(|(at, _)| {
        let rest = raw[at + 1..]
            .trim_start_matches('{')
            .trim_start_matches(['#', '!']);
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        Some(&rest[..end])
            .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_variables() {
        let found: Vec<_> = variables("\"${net}.$host$(cat $f)$1\"").collect();
        assert_eq!(found, ["net", "host", "f"]);
    }
}
