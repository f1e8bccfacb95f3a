//! Lines that end in CR LF.

use super::script::Script;
use crate::doc::shell::{Line, LineKind};
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "crlf",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "An ifcfg file that network-scripts read, with lines that end in CR LF.",
    why: "bash takes the CR as part of every value: there is no device `ens33\\r`, no type `Bridge\\r`. The interface does not\ncome up. NetworkManager accepts such files.",
    example: "
DEVICE=ens33^M
BOOTPROTO=dhcp^M",
    remedy: "Remove the CR: kvmnet check --fix crlf",
    source: "bash(1): white space is blank, tab and newline (run)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    if sight.readers.scripts.is_none() {
        return Vec::new();
    }
    let sourced = sight
        .scripts
        .iter()
        .filter(|script| !sight.readers.managed_by_nm(script.nm_controlled()));
    let wrong = sourced.filter_map(|script| {
        let mut lines = script.doc.lines().iter();
        let line = lines.find(|line| is_harmed(script, line))?;
        let device = script.device();
        let message =
            format!("network-scripts cannot use the file of `{device}`: its lines end in CR LF");
        Some(
            RULE.finding(script.path.as_str(), message)
                .at(Place::line(script.path, line.number))
                .help("kvmnet check --fix crlf   # removes the CR"),
        )
    });
    wrong.collect()
}

/// Returns whether bash takes a CR for a part of the line: not of a comment, nor where there is nothing else.
fn is_harmed(script: &Script<'_>, line: &Line) -> bool {
    let text = &script.doc.source()[line.span.clone()];
    let read = match line.kind {
        LineKind::Blank | LineKind::Comment => false,
        LineKind::Assignments => line.comment.is_none(),
        LineKind::Code => true,
    };
    read && (text.contains("\r\n") || text.ends_with('\r'))
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let script = mender.script(path)?;
    let source = script.doc.source();
    let ends = source.match_indices("\r\n").map(|(at, _)| at);
    // a last line that nothing ends
    let last = source.strip_suffix('\r').map(str::len);
    let edits = ends.chain(last).map(|at| (at..at + 1, String::new()));
    let edits = edits.collect();
    Some(Fix::Edit {
        path: path.clone(),
        edits,
    })
}
