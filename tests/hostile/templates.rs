//! Templates beneath the root are the tree's content: they take no more time and memory than they are worth, and what
//! they say is text.

use std::fs;
use std::process::Command;

use crate::run::{Scene, all};
use crate::support::sample::sample;
use crate::support::strace::program;

/// What the program may have of address space, in KiB: less than what one nested template took.
const MEMORY: &str = "1500000";

fn nested(open: &str, close: &str, times: usize, inside: &str) -> String {
    format!("{}{inside}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn a_template_takes_what_it_is_worth() {
    let each = "{{#each @root.settings}}";
    let line = format!("#{}\n", "x".repeat(30));
    let templates = [
        ("each in each", nested(each, "{{/each}}", 9, &line)),
        (
            "each in each of a name",
            nested("{{#each this}}", "{{/each}}", 30, &line),
        ),
        ("if in if", nested("{{#if name}}", "{{/if}}", 20_000, "x")),
        ("if in if, not closed", "{{#if name}}".repeat(5000)),
        (
            "unless in unless",
            nested("{{#unless nothing}}", "{{/unless}}", 3000, "x"),
        ),
        (
            "else if",
            format!(
                "{{{{#if nothing}}}}{}{{{{/if}}}}",
                "{{else if nothing}}x".repeat(3000)
            ),
        ),
        ("names", "{{name}}".repeat(8000)),
        ("more names than are read", "{{name}}".repeat(200_000)),
        (
            "each after each",
            format!("{each}{line}{{{{/each}}}}").repeat(900),
        ),
        (
            "itself",
            "{{> ifcfg-bridge}}{{> @partial-block}}".to_owned(),
        ),
        (
            "a part of its own",
            "{{#*inline \"a\"}}{{> a}}{{/inline}}{{> a}}".to_owned(),
        ),
        (
            "a long path",
            format!("{{{{{}name}}}}", "../".repeat(20_000)),
        ),
        ("a long word", format!("{{{{{}}}}}", "n".repeat(60_000))),
        (
            "parentheses",
            format!("{{{{{}name{}}}}}", "(".repeat(20_000), ")".repeat(20_000)),
        ),
        ("brackets", "{".repeat(60_000)),
        ("backslashes", "\\".repeat(60_000)),
        (
            "a comment",
            format!("{{{{!-- {} --}}}}", "{{".repeat(20_000)),
        ),
    ];
    let commands: [&[&str]; 4] = [
        &["bridge", "add", "br0", "--port", "ens33", "--dry-run"],
        &["templates", "list"],
        &["templates", "show", "ifcfg-bridge"],
        &["check"],
    ];
    let runs = commands
        .iter()
        .flat_map(|words| templates.iter().map(|template| (template, *words)));
    // the first command makes a text of each
    let runs = sample("templates", runs.collect(), 10, |((context, _), words)| {
        [(*context).to_owned(), words.concat()]
    });
    all(&runs, |((context, text), words)| {
        let scene = Scene::new();
        let file = scene.root().join("etc/kvmnet/templates/ifcfg-bridge.hbs");
        fs::write(file, format!("TYPE=Bridge\nDEVICE={{{{name}}}}\n{text}")).unwrap();
        let mut process = Command::new("/bin/sh");
        let limited = format!("ulimit -v {MEMORY}; exec \"$@\"");
        process
            .args(["-c", &limited, "sh"])
            .args(program(&scene.root(), words))
            .env_clear();
        scene.judge(process, &format!("{context}: {words:?}"));
    });
}
