//! Findings as text, in the manner of a compiler, and as JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value as Json, json};

use super::site::Site;
use super::text::{one_line, printable};
use super::wrap::wrap;
use crate::lint::{Diagnosis, Finding, Located, Place, Rule, Severity};
use crate::secret;

/// The columns that are written at most.
const WIDTH: usize = 80;

/// Returns a finding as it is printed, without a last line end.
pub(super) fn render(diagnosis: &Diagnosis, colored: bool, site: &Site) -> String {
    let finding = &diagnosis.finding;
    let level = match finding.rule.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let places: Vec<Shown> = finding
        .places
        .iter()
        .zip(&diagnosis.located)
        .map(|(place, located)| Shown::of(place, located))
        .collect();
    let deepest = diagnosis
        .located
        .iter()
        .map(|at| at.line)
        .max()
        .unwrap_or(1);
    let room = deepest.to_string().len() + " = help: ".len() + 1;
    let why = folded(&first_sentence(finding.rule), room);
    let help = folded(&site.typed(&finding.help), room);
    let title = one_line(&finding.message);
    let mut group = Group::with_title(level.primary_title(title).id(finding.rule.name));
    let mut kind = AnnotationKind::Primary;
    for place in &places {
        group = group.element(place.element(kind));
        kind = AnnotationKind::Context;
    }
    for place in places.iter().filter(|place| place.excerpt.is_none()) {
        if !place.label.is_empty() {
            group = group.element(Level::NOTE.message(folded(&place.label, room)));
        }
    }
    group = group.element(Level::NOTE.with_name("why").message(why));
    if !finding.help.is_empty() {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = match colored {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    renderer.term_width(WIDTH).render(&[group])
}

/// A place with its text made harmless for a terminal.
struct Shown {
    path: String,
    line: usize,
    excerpt: Option<(String, Range<usize>)>,
    label: String,
}

impl Shown {
    fn of(place: &Place, located: &Located) -> Self {
        let excerpt = located.excerpt.as_ref().map(|text| {
            let span = &located.span;
            let parts = [&text[..span.start], &text[span.clone()], &text[span.end..]];
            let [before, marked, after] = parts.map(|part| printable(part).replace('\t', " "));
            let end = before.len() + marked.len();
            let span = before.len()..end;
            (before + &marked + &after, span)
        });
        Self {
            path: printable(place.path.as_str()),
            line: located.line as usize,
            excerpt,
            label: printable(&place.label),
        }
    }

    fn element<'a>(&'a self, kind: AnnotationKind) -> Element<'a> {
        let Some((text, span)) = &self.excerpt else {
            return Origin::path(&*self.path).into();
        };
        let annotation = kind.span(span.clone());
        let annotation = match self.label.is_empty() {
            true => annotation,
            false => annotation.label(&*self.label),
        };
        Snippet::source(&**text)
            .line_start(self.line)
            .path(&*self.path)
            .annotation(annotation)
            .into()
    }
}

/// Returns the first sentence of why a rule matters.
fn first_sentence(rule: &Rule) -> String {
    let why = rule.why.replace('\n', " ");
    let end = why.find(". ").unwrap_or(why.len());
    why[..end].trim_end_matches('.').to_owned()
}

fn folded(text: &str, indent: usize) -> String {
    let filled = wrap(&" ".repeat(indent), &printable(text), indent);
    let lines = filled.lines().map(str::trim_start);
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns how many were found of each severity.
pub(super) fn summary(found: &[Diagnosis], files: usize, site: &Site) -> String {
    let count = |severity: Severity| {
        let of_it = found.iter().filter(|d| d.finding.rule.severity == severity);
        (of_it.count(), severity.word())
    };
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(count);
    let parts: Vec<String> = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}{}", if *n == 1 { "" } else { "s" }))
        .collect();
    let file_count = files;
    let files = format!("{files} file{}", if files == 1 { "" } else { "s" });
    let Some(first) = found.first() else {
        if file_count == 0 {
            return "There are no files to check.".to_owned();
        }
        return format!("No problems found in {files}.");
    };
    let rule = first.finding.rule.name;
    wrap(
        &format!("{} in {files}. ", parts.join(", ")),
        &site.typed(&format!("Explain one: kvmnet check --explain {rule}")),
        0,
    )
}

/// Returns a finding as JSON.
pub(super) fn json(diagnosis: &Diagnosis, site: &Site) -> Json {
    let finding = &diagnosis.finding;
    let places = finding.places.iter().zip(&diagnosis.located);
    let places: Vec<Json> = places
        .map(|(place, at)| {
            let text = at.excerpt.as_deref();
            let marked = text.map_or(0, |text| text[at.span.clone()].chars().count());
            json!({
                "path": place.path.as_str(),
                "line": text.map(|_| at.line),
                "column": text.map(|_| at.column),
                "length": text.map(|_| marked),
                "excerpt": text,
                "label": (!place.label.is_empty()).then_some(place.label.as_str()),
            })
        })
        .collect();
    json!({
        "rule": finding.rule.name,
        "severity": finding.rule.severity.word(),
        "subject": subject(finding),
        "message": finding.message,
        "why": first_sentence(finding.rule),
        "help": site.typed(&finding.help),
        "fixable": finding.rule.fix.is_some(),
        "places": places,
    })
}

/// Returns what a finding is about, without secrets: it may be a line of a file.
fn subject(finding: &Finding) -> String {
    match finding.places.first() {
        Some(place) => secret::line(&place.path, &finding.subject).into_owned(),
        None => finding.subject.clone(),
    }
}

/// Returns the object that `check --json` prints.
pub(super) fn object(found: &[Diagnosis], files: usize, oddities: &[String], site: &Site) -> Json {
    let count = |severity: Severity| {
        let of_it = found.iter().filter(|d| d.finding.rule.severity == severity);
        of_it.count()
    };
    json!({
        "schema": 1,
        "files": files,
        "errors": count(Severity::Error),
        "notes": count(Severity::Note),
        "warnings": count(Severity::Warning),
        "findings": found.iter().map(|d| json(d, site)).collect::<Vec<_>>(),
        "passed_over": oddities,
    })
}
