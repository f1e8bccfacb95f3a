//! A line that bash and NetworkManager read differently.

use super::script::Script;
use super::unquoted_value::Cut;
use crate::backend::ifcfg::Reader;
use crate::doc::shell::{Line, LineKind, Value};
use crate::lint::{Check, Finding, NM, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "read-differently",
    severity: Severity::Warning,
    readers: NM,
    finds: "A line of an ifcfg file that bash and NetworkManager read differently.",
    why: "NetworkManager reads the file line by line, and runs no shell: what depends on one is empty, or taken literally.\nThe host's configuration depends on the program that reads it.",
    example: "
PREFIX=24; GATEWAY=192.168.50.1    NetworkManager: PREFIX is empty, no GATEWAY
export IPADDR=192.168.50.20        NetworkManager: ignored",
    remedy: "Write each value on a line of its own, as plain text.",
    source: "parse_line() and svUnescape() in NetworkManager's shvar.c (68 cases run against bash)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let reads = |script: &&Script<'_>| sight.readers.managed_by_nm(script.nm_controlled());
    let scripts = sight.scripts.iter().filter(reads);
    let found = sight.readers.scripts.as_ref();
    let both = found.is_some_and(|scripts| !scripts.starts.never());
    scripts
        .flat_map(|script| [of_script(script), of_word(script, both)].concat())
        .collect()
}

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let lines = script.doc.lines().iter();
    let lines = lines.filter(|line| Cut::of(script, line).is_none());
    let differing = lines.filter_map(|line| Some((line, difference(script, line)?)));
    differing
        .map(|(line, what)| {
            let text = script.doc.source()[line.text.clone()].trim();
            let first = text.lines().next().unwrap_or("");
            RULE.finding(format!("{}: {first}", script.path), what)
                .at(Place::word(script.path, line.number, first))
                .help("write each value on a line of its own, as plain text")
        })
        .collect()
}

/// Returns the finding where each program takes the interface for its own: svParseBoolean() knows no `off`, is_false() does.
fn of_word(script: &Script<'_>, both: bool) -> Vec<Finding> {
    let key = "NM_CONTROLLED";
    let word = script.value(key).filter(|_| both);
    let word = word.filter(|word| Reader::NetworkScripts.is_no(key, word));
    let found = word.map(|word| {
        let device = script.device();
        let what = format!(
            "NetworkManager and network-scripts both bring up `{device}`: only network-scripts take {key}={word} for no"
        );
        RULE.finding(format!("{}: {key}={word}", script.path), what)
            .at(script.place_of(key))
            .help("write NM_CONTROLLED=no, or delete the line")
    });
    found.into_iter().collect()
}

fn difference(script: &Script<'_>, line: &Line) -> Option<String> {
    let text = script.doc.source()[line.text.clone()].trim();
    let names: Vec<&str> = line.assignments.iter().map(|a| a.name.as_str()).collect();
    let first = names.first().copied().unwrap_or("");
    match line.kind {
        LineKind::Blank | LineKind::Comment => None,
        LineKind::Code if !names.is_empty() && text.starts_with(first) => {
            let alone = line.assignments[0].span.len() == text.len();
            Some(match alone {
                true => format!(
                    "NetworkManager takes `{first}` from this line whatever the code around it says"
                ),
                false => format!("NetworkManager takes `{first}` as empty, and bash runs the line"),
            })
        }
        LineKind::Code => Some("NetworkManager ignores this line, and bash runs it".to_owned()),
        LineKind::Assignments if !text.starts_with(first) => Some(format!(
            "NetworkManager ignores this line, and bash assigns `{first}`"
        )),
        LineKind::Assignments if names.len() > 1 => Some(format!(
            "NetworkManager takes `{first}` as empty and ignores the rest of the line, and bash assigns all of it"
        )),
        LineKind::Assignments if text.contains('\n') => Some(format!(
            "NetworkManager takes `{first}` as empty, since its value spans several lines"
        )),
        LineKind::Assignments => {
            let shell = line.assignments.iter().any(|a| a.value == Value::Shell);
            shell.then(|| {
                format!("bash expands the value of `{first}`, and NetworkManager does not")
            })
        }
    }
}
