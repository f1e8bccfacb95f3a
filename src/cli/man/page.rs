//! The page of a command.

use clap::Command;

use super::roff::{Roff, bold, code, lowered};
use super::{DATE, MARK, Page, SOURCE, commands, files, options, said, synopsis};
use crate::cli::examples;

/// Returns the page of a command, `words` being those by which it is typed, `kvmnet` first.
pub(super) fn of(command: &Command, words: &[String]) -> Page {
    let name = words.join("-");
    let own = words[1..].join(" ");
    let mut roff = Roff::new(MARK, &name, 8, DATE, SOURCE);
    roff.section("NAME");
    let about = about(command);
    roff.fill(&format!("{} \\- {}", code(&name), lowered(&about)));
    roff.section("SYNOPSIS");
    for (nr, way) in synopsis::of(command, words).iter().enumerate() {
        if nr > 0 {
            roff.line_break();
        }
        roff.fill(way);
    }
    roff.section("DESCRIPTION");
    roff.text(&(about + "."));
    for paragraph in said::of(&own) {
        roff.paragraph(paragraph);
    }
    below(&mut roff, command, &name);
    options::add(&mut roff, command, own.is_empty());
    ends(&mut roff, command, &own);
    if own.is_empty() {
        said::environment(&mut roff);
    }
    files::add(&mut roff, &own);
    shown(&mut roff, &own);
    roff.section("SEE ALSO");
    roff.fill(&related(command, words));
    Page {
        name,
        section: 8,
        text: roff.into_text(),
    }
}

/// Returns what the command does, without a full stop.
fn about(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    about.unwrap_or_default()
}

fn below(roff: &mut Roff, command: &Command, name: &str) {
    if commands(command).next().is_none() {
        return;
    }
    roff.section("COMMANDS");
    for below in commands(command) {
        let page = format!("{name}-{}", below.get_name());
        roff.term(&format!("{}(8)", bold(&page)), &(about(below) + "."));
    }
}

/// Adds EXIT STATUS: what the command may end with.
fn ends(roff: &mut Roff, command: &Command, own: &str) {
    let has = |name: &str| command.get_arguments().any(|arg| arg.get_id() == name);
    roff.section("EXIT STATUS");
    let all = own.is_empty();
    roff.term("0", "Done, or nothing to do.");
    let refused = "Refused or declined: nothing was written.";
    roff.term(
        "1",
        &match (all, has("strict")) {
            (true, _) => format!("{refused} Of `check`: there are errors."),
            (false, true) => {
                "There are errors; with `--strict`, or warnings. Of `--fix`: refused or \
         declined, nothing was written."
                    .to_owned()
            }
            (false, false) => refused.to_owned(),
        },
    );
    roff.term(
        "2",
        "The command line is wrong, or a file could not be read or written: nothing \
         was changed.",
    );
    if all || has("exit_code") {
        roff.term("4", "With `--exit-code`: there is something to change.");
    }
}

/// Adds EXAMPLES.
fn shown(roff: &mut Roff, own: &str) {
    let examples = examples::of(own);
    if examples.is_empty() {
        return;
    }
    roff.section("EXAMPLES");
    for (nr, example) in examples.iter().enumerate() {
        let what = format!("{}:", example.what);
        match nr {
            0 => roff.text(&what),
            _ => roff.paragraph(&what),
        }
        roff.lines(example.line);
    }
}

/// Returns the pages that are near: above, beside and below, and what the rest of the field has to say.
fn related(command: &Command, words: &[String]) -> String {
    let mut pages: Vec<(String, u8)> = Vec::new();
    for end in 1..words.len() {
        pages.push((words[..end].join("-"), 8));
    }
    let own = words[1..].join(" ");
    for near in said::near(&own) {
        pages.push((format!("kvmnet-{}", near.replace(' ', "-")), 8));
    }
    let rules = words.len() == 1 || command.get_name() == "check";
    pages.extend(rules.then(|| ("kvmnet-rules".to_owned(), 7)));
    if words.len() == 1 {
        let others = ["brctl", "nmcli", "virsh"]
            .map(|name| (name.to_owned(), if name == "brctl" { 8 } else { 1 }));
        pages.extend(others);
    }
    pages.sort_by_key(|(_, section)| *section == 1);
    let pages: Vec<String> = pages
        .iter()
        .map(|(name, section)| format!("{}({section})", bold(name)))
        .collect();
    pages.join(", ")
}
