//! Shell code in an ifcfg file.

use super::script::Script;
use super::unquoted_value::Cut;
use crate::doc::shell::{Line, LineKind};
use crate::lint::{Check, Finding, Place, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "shell-code",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "Shell code in an ifcfg file that network-scripts run.",
    why: "It runs as root each time the interface is brought up or down, and each time a script looks at the file: including what\nit prints, waits for, or changes in the scripts' own variables.",
    example: "
if grep -q rescue /proc/cmdline; then BOOTPROTO=dhcp; fi",
    remedy: "Write plain values, and put code in /sbin/ifup-local or a dispatcher script.",
    source: "source_config() in network-functions of initscripts: `. /etc/sysconfig/network-scripts/$CONFIG`",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    if sight.readers.scripts.is_none() {
        return Vec::new();
    }
    sight.scripts.iter().flat_map(of_script).collect()
}

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let lines = script.doc.lines().iter();
    let code = lines.filter(|line| runs(script, line) && Cut::of(script, line).is_none());
    code.map(|line| {
        let text = script.doc.source()[line.text.clone()].trim();
        let first = text.lines().next().unwrap_or("");
        let message = "network-scripts run this as root each time they read the file";
        RULE.finding(format!("{}: {first}", script.path), message)
            .at(Place::word(script.path, line.number, first))
            .help("write the value itself, or put the code in /sbin/ifup-local")
    })
    .collect()
}

/// Returns whether a command is run; the end of a compound command is none of its own.
fn runs(script: &Script<'_>, line: &Line) -> bool {
    let text = script.doc.source()[line.text.clone()].trim();
    let ends = ["fi", "done", "esac", "}", "then", "else", "do", ";;"];
    match line.kind {
        LineKind::Code => {
            let runs_more = match line.assignments.first() {
                Some(first) => text.starts_with(&first.name) && first.span.len() < text.len(),
                None => true,
            };
            runs_more && !ends.contains(&text) && !text.starts_with("export ")
        }
        LineKind::Assignments => {
            let raw = line
                .assignments
                .iter()
                .map(|a| &script.doc.source()[a.word.clone()]);
            raw.into_iter()
                .any(|raw| !raw.starts_with('\'') && (raw.contains("$(") || raw.contains('`')))
        }
        LineKind::Blank | LineKind::Comment => false,
    }
}
