//! One key twice in a file.

use std::collections::HashMap;

use super::script::Script;
use crate::doc::shell::Assignment;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "duplicate-key",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A key that is assigned twice in one file, with different values.",
    why: "Only the last one is in effect, for bash and for NetworkManager (there even if it is empty), but a reader who starts at\nthe top sees the other. An edit of the first one changes nothing.",
    example: "
BOOTPROTO=dhcp
DEVICE=ens33
BOOTPROTO=none",
    remedy: "Delete the line that has no effect.",
    source: "bash(1): a file is sourced line by line; svGetValue() in NetworkManager's shvar.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    sight.scripts.iter().flat_map(of_script).collect()
}

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let mut last: HashMap<&str, &Assignment> = HashMap::new();
    for assignment in script.doc.assignments() {
        last.insert(&assignment.name, assignment);
    }
    let hidden = script.doc.assignments().filter(|assignment| {
        let holds = last[assignment.name.as_str()];
        // a shell may build the second one from the first
        let known = assignment.value.literal().is_some() && holds.value.literal().is_some();
        holds.span != assignment.span && known && holds.value != assignment.value
    });
    hidden
        .map(|assignment| {
            let name = &assignment.name;
            let holds = last[name.as_str()];
            let message = format!(
                "`{name}` is assigned again in line {}, and this value has no effect",
                holds.line
            );
            RULE.finding(format!("{} {name}", script.path), message)
                .at(script.place(assignment))
                .at(script.place(holds).label("this one is in effect"))
                .help(format!(
                    "delete the one that is not wanted: sed -i {} {}",
                    delete(script, assignment.line),
                    script.path.word()
                ))
        })
        .collect()
}

/// Returns sed's command for one line; where its text is plain, only while the line is still that one: lines move when others
/// are deleted before.
fn delete(script: &Script<'_>, number: u32) -> String {
    let line = script.doc.lines().iter().find(|line| line.number == number);
    let text = line.map(|line| &script.doc.source()[line.text.clone()]);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_=\":,-".contains(c);
    match text {
        Some(text) if text.chars().all(|c| plain(c) || "./".contains(c)) => {
            let text = text.replace('.', "\\.").replace('/', "\\/");
            format!("'{number}{{/^{text}$/d}}'")
        }
        Some(_) | None => format!("{number}d"),
    }
}
