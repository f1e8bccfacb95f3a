//! The rules in words: one of them at length, and the page that lists all.

use std::fmt::Write;

use super::{RULES, Rule};

/// The columns of text that is filled.
const WIDTH: usize = 76;

/// Returns everything there is to say of a rule, as text for a terminal.
#[must_use]
pub fn explanation(rule: &Rule) -> String {
    let mut text = format!("{}  ({})\n", rule.name, rule.severity.word());
    let mut parts = vec![
        ("What it finds", filled(rule.finds)),
        ("Why it matters", filled(rule.why)),
        ("Example", rule.example.trim_matches('\n').to_owned()),
        ("Remedy", filled(rule.remedy)),
        ("Source", filled(rule.source)),
    ];
    if !rule.readers.is_empty() {
        parts.insert(1, ("Applies to", holds_for(rule)));
    }
    for (heading, body) in parts {
        let _ = write!(text, "\n{heading}\n");
        for line in body.lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    if rule.fix.is_some() {
        let _ = write!(text, "\nFixed by\n  kvmnet check --fix {}\n", rule.name);
    }
    text
}

/// Returns the programs for whom the rule holds.
fn holds_for(rule: &Rule) -> String {
    let names: Vec<&str> = rule.readers.iter().map(|program| program.name()).collect();
    names.join(", ")
}

/// Returns the words of `text` in lines of at most 76 columns.
fn filled(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= WIDTH {
            *line += " ";
            *line += word;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

/// Returns the page of all rules, in Markdown.
#[must_use]
pub fn page() -> String {
    let mut text = String::from(
        "# The rules of `kvmnet check`\n\n\
         Generated from the program's own registry; `kvmnet check --explain RULE` prints the same.\n\n\
         *Applies to* names the programs that read ifcfg files, where the rule is about what these mean to them.\n\n\
         | rule | severity | what it finds | applies to | fixed by `--fix` |\n|---|---|---|---|---|\n",
    );
    for rule in RULES {
        let fixed = if rule.fix.is_some() { "yes" } else { "" };
        let finds = rule.finds.replace('\n', " ").replace('|', "\\|");
        let (name, severity) = (rule.name, rule.severity.word());
        let _ = writeln!(
            text,
            "| [{name}](#{name}) | {severity} | {finds} | {} | {fixed} |",
            holds_for(rule)
        );
    }
    for rule in RULES {
        let holds = match holds_for(rule) {
            none if none.is_empty() => none,
            names => format!("**Applies to:** {names}\n\n"),
        };
        let _ = write!(
            text,
            "\n## {}\n\n**{}.** {}\n\n{}\n\n{holds}```text\n{}\n```\n\n**Remedy:** {}\n\n**Source:** {}\n",
            rule.name,
            capital(rule.severity.word()),
            rule.finds,
            filled(rule.why),
            rule.example.trim_matches('\n'),
            filled(rule.remedy),
            filled(rule.source)
        );
    }
    text
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
