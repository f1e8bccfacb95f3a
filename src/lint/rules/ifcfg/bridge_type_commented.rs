//! A comment on a line with `TYPE=` above the real one.

use super::script::Script;
use crate::doc::shell::{LineKind, ShellDoc};
use crate::lint::{Check, Finding, Place, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-type-commented",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "The file of a bridge with a comment in a line with `TYPE=`, such as `#TYPE=` or `DEVICETYPE=eth # x`, above the real one.",
    why: "network-scripts do not see the real one. To sort interfaces they join all lines with `TYPE=` into one, so that the\n`#` hides the rest: the bridge is started before its port, and DHCP gets no answer.",
    example: "
#TYPE=Ethernet
TYPE=Bridge
DEVICE=br0",
    remedy: "Delete the comment, or move it below the line with TYPE=Bridge.",
    source: "init.d/network of initscripts, `eval $(LANG=C grep -F \"TYPE=\" ifcfg-$i)` (run with 9.49 and 10.00)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = sight
        .profiles()
        .filter(|script| script.value("TYPE") == Some("Bridge"));
    let by_scripts = bridges.filter(|script| !sight.readers.managed_by_nm(script.nm_controlled()));
    by_scripts.filter_map(finding).collect()
}

/// init.d/network joins the lines with `TYPE=` in them to one: what stands behind a comment in that is not seen.
fn finding(script: &Script<'_>) -> Option<Finding> {
    let real = script.get("TYPE")?;
    let lines = script.doc.source().lines().zip(1..);
    let mut above = lines.take_while(|(_, number)| *number < real.line);
    let (line, number) = above.find(|(line, _)| line.contains("TYPE=") && has_comment(line))?;
    let device = script.device();
    let message =
        format!("network-scripts start `{device}` as a network card: a comment hides its TYPE");
    let help = match line.trim_start().starts_with('#') {
        true => format!("sed -i {number}d {}", script.path.word()),
        false => format!("move the line with TYPE=Bridge above line {number}"),
    };
    Some(
        RULE.finding(format!("bridge {device}"), message)
            .at(Place::line(script.path, number))
            .at(script.place(real).label("not seen"))
            .help(help),
    )
}

fn has_comment(line: &str) -> bool {
    let doc = ShellDoc::parse(line);
    let mut lines = doc.lines().iter();
    lines.any(|line| line.kind == LineKind::Comment || line.comment.is_some())
}
