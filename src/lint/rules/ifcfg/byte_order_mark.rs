//! A byte order mark in front of a line.

use std::collections::BTreeSet;

use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};
use crate::tree::HostPath;

/// What editors of other systems put before a text in UTF-8.
const MARK: char = '\u{feff}';

pub(in crate::lint) static RULE: Rule = Rule {
    name: "byte-order-mark",
    severity: Severity::Error,
    readers: &[],
    finds: "A network configuration file with a byte order mark in front of a line, usually the first one.",
    why: "The line is lost: bash looks for a command of that name, and NetworkManager ignores the line. What is lost may be\nDEVICE or TYPE: the interface does not come up, or is not a bridge. Editors do not show the mark.",
    example: "
<U+FEFF>DEVICE=ens33        bash: <U+FEFF>DEVICE=ens33: command not found
BOOTPROTO=dhcp",
    remedy: "Remove the mark: kvmnet check --fix byte-order-mark",
    source: "bash(1), a name begins with a letter or `_` (run); parse_line() in NetworkManager's shvar.c (run)",
    check: Check::Files(check),
    fix: Some(fix),
};

/// Files of whole lines beside those in the folder of the scripts.
const OTHERS: &[&str] = &[
    "/etc/sysconfig/network",
    "/etc/sysconfig/static-routes",
    "/etc/sysconfig/static-routes-ipv6",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().map(|script| script.path.clone());
    let found_by_name = sight.host.profiles().flat_map(|profile| {
        let further = profile.layer3.further.iter();
        further.map(|part| part.at.clone())
    });
    let others = OTHERS.iter().map(|path| HostPath::literal(path));
    let files: BTreeSet<HostPath> = scripts.chain(found_by_name).chain(others).collect();
    let files = files.into_iter();
    files.filter_map(|path| finding(sight, &path)).collect()
}

fn finding(sight: &Sight<'_>, path: &HostPath) -> Option<Finding> {
    let text = text(sight, path)?;
    let (number, line) = (1..)
        .zip(text.lines())
        .find(|(_, line)| line.starts_with(MARK))?;
    let name = line.trim_start_matches(MARK).trim_start();
    let what = match name.split_once('=') {
        Some((key, _)) if !name.starts_with('#') => format!("`{key}` in line {number}"),
        Some(_) | None => format!("line {number}"),
    };
    let message = format!("{what} is not read: a byte order mark precedes it");
    Some(
        RULE.finding(path.as_str(), message)
            .at(Place::line(path, number))
            .help("kvmnet check --fix byte-order-mark   # removes the mark"),
    )
}

fn text<'t>(sight: &Sight<'t>, path: &HostPath) -> Option<&'t str> {
    std::str::from_utf8(&sight.tree.file(path)?.bytes).ok()
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let mut edits = Vec::new();
    let mut start = 0;
    for line in text(mender, path)?.split_inclusive('\n') {
        let marks = line.len() - line.trim_start_matches(MARK).len();
        if marks > 0 {
            edits.push((start..start + marks, String::new()));
        }
        start += line.len();
    }
    Some(Fix::Edit {
        path: path.clone(),
        edits,
    })
}
