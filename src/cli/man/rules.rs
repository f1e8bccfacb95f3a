//! `kvmnet-rules(7)`: what `kvmnet check` finds, from the registry of its rules.

use super::roff::{Roff, bold, code};
use super::{DATE, MARK, Page, SOURCE};
use crate::lint::{RULES, Rule};

pub(super) fn page() -> Page {
    let name = "kvmnet-rules";
    let mut roff = Roff::new(MARK, name, 7, DATE, SOURCE);
    roff.section("NAME");
    roff.fill(&format!("{} \\- what kvmnet check finds", code(name)));
    roff.section("DESCRIPTION");
    roff.text(
        "`kvmnet check` looks at the files of a host by these rules, and no plan may \
         bring about an error of one of them. Each has a name, by which `--only`, \
         `--skip` and `--fix` take it, and `--explain` prints what stands here.",
    );
    roff.paragraph(
        "An `error` fails, or cuts the host or a guest off; a `warning` is a risk, \
         or is not what it seems; a `note` is worth knowing.",
    );
    roff.section("RULES");
    for rule in RULES {
        add(&mut roff, rule);
    }
    roff.section("SEE ALSO");
    roff.fill(&format!(
        "{}(8), {}(8)",
        bold("kvmnet"),
        bold("kvmnet-check")
    ));
    Page {
        name: name.to_owned(),
        section: 7,
        text: roff.into_text(),
    }
}

fn add(roff: &mut Roff, rule: &Rule) {
    roff.subsection(&format!("{} ({})", rule.name, rule.severity.word()));
    roff.text(rule.finds);
    roff.paragraph(rule.why);
    roff.lines(rule.example.trim_matches('\n'));
    roff.paragraph(&format!("Remedy: {}", rule.remedy));
    if rule.fix.is_some() {
        roff.paragraph(&format!("Fixed by `kvmnet check --fix {}`.", rule.name));
    }
    let readers: Vec<&str> = rule.readers.iter().map(|program| program.name()).collect();
    if !readers.is_empty() {
        roff.paragraph(&format!("Applies to: {}.", readers.join(", ")));
    }
    roff.paragraph(&format!("Source: {}", rule.source));
}
