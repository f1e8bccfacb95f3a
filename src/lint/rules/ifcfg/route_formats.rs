//! A file of routes in two formats.

use crate::doc::shell::{LineKind, ShellDoc};
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "route-formats",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A file of routes that mixes `ADDRESS0=` with lines for `ip route`.",
    why: "The lines for ip route are lost. One ADDRESS makes the whole file shell assignments, and a line such as\n`10.0.0.0/8 via …` is then run as a command.",
    example: "
ADDRESS0=10.1.0.0
NETMASK0=255.255.0.0
GATEWAY0=192.168.50.254
10.2.0.0/16 via 192.168.50.254",
    remedy: "Write all of them in one format.",
    source: "ifup-routes of initscripts (run), utils_has_route_file_new_syntax() in nms-ifcfg-rh-utils.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let files = sight
        .tree
        .names_with(&HostPath::literal(NETWORK_SCRIPTS), "route-");
    let mixed = files.filter_map(|(name, path)| {
        let text = std::str::from_utf8(&sight.tree.file(path)?.bytes).ok()?;
        let doc = ShellDoc::parse(text);
        let numbered = doc.assignments().find(|a| {
            let index = a.name.strip_prefix("ADDRESS");
            index
                .is_some_and(|index| !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()))
        })?;
        let line = doc.lines().iter().find(|line| {
            let text = doc.source()[line.text.clone()].trim();
            line.kind == LineKind::Code && (text.contains(" via ") || text.contains(" dev "))
        })?;
        let message = format!("`{name}` has two formats, and this line is lost");
        let shown = doc.source()[line.text.clone()].trim();
        Some(
            RULE.finding(path.as_str(), message)
                .at(Place::word(path, line.number, shown))
                .at(Place::span(path, numbered.span.clone())
                    .label("makes the file one of assignments"))
                .help("write all of them in one format"),
        )
    });
    mixed.collect()
}
