//! All steps of a change as one line, the change among them.

use super::{ARM, Cut, Line, NextSteps, When};
use crate::backend::shell_word;

/// Returns the line that makes the change and takes it into use; `program` is how kvmnet is called.
#[must_use]
pub fn in_one_go(steps: &[NextSteps], program: &str) -> Option<Line> {
    let first = steps.first()?;
    if let Some(condition) = &first.condition {
        return Some(under(condition, steps, program));
    }
    let change = format!("{} {} --yes", shell_word(program), first.run.command);
    if steps.iter().any(|step| step.when() == When::Around) {
        let change = first.with_timer(change, &shell_word(program));
        return Some(first.out_of_sight("", &script(steps, &change)));
    }
    let change = match first.starts_timer() {
        true => format!("{change} && {ARM}"),
        false => change,
    };
    let mut left = steps.iter().rev();
    // one that cuts off is the last, or goes on out of sight
    let cut = left.next().is_some_and(|last| last.cut == Cut::Before)
        || left.any(|step| step.cut != Cut::Never);
    Some(match cut {
        true => first.out_of_sight(&format!("{change} && "), &following(steps)),
        false => Line::in_sight(script(steps, &change)),
    })
}

/// Returns the line that makes the change and takes it into use if what the first step brings about holds.
fn under(condition: &str, steps: &[NextSteps], program: &str) -> Line {
    let (first, others) = (&steps[0], &steps[1..]);
    let (last, others): (Vec<&NextSteps>, Vec<&NextSteps>) =
        others.iter().partition(|step| step.in_any_case);
    let others: Vec<NextSteps> = others.into_iter().cloned().collect();
    let program = shell_word(program);
    let change = format!("{program} {} --yes", first.run.command);
    let starts_timer = others.iter().find(|step| step.starts_timer());
    let around = others.iter().any(|step| step.when() == When::Around);
    let change = match starts_timer {
        Some(step) if around => step.with_timer(change, &program),
        Some(_) => format!("{change} && {ARM}"),
        None => change,
    };
    let all = script(&others, &change);
    let mut text = format!("{}; if {condition}; then {all}; fi", first.after.join("; "));
    for command in last.iter().flat_map(|step| &step.after) {
        text = format!("{text}; {command}");
    }
    first.out_of_sight("", &text)
}

/// Returns what follows the change, as one line.
fn following(steps: &[NextSteps]) -> String {
    let all: Vec<&str> = steps
        .iter()
        .flat_map(|step| &step.after)
        .map(String::as_str)
        .collect();
    all.join("; ")
}

/// Returns the text of a shell script that runs `change`, a complete command, with all `steps` around it: what stops before it, the
/// change once, what follows it.
///
/// What was stopped is started again even where the change fails; without anything to stop, nothing follows a change that fails.
#[must_use]
pub fn script(steps: &[NextSteps], change: &str) -> String {
    let before = steps.iter().flat_map(|step| &step.before);
    let stop: String = before.map(|step| format!("{step}; ")).collect();
    let start = following(steps);
    let otherwise = steps.iter().find_map(|step| step.otherwise);
    match (stop.is_empty(), start.is_empty(), otherwise) {
        (_, true, _) => format!("{stop}{change}"),
        (_, false, Some(otherwise)) => {
            format!("{stop}if {change}; then {start}; else {otherwise}; fi")
        }
        (false, false, None) => format!("{stop}{change}; {start}"),
        (true, false, None) if start.contains("; ") || start.contains("&&") => {
            format!("{change} && {{ {start}; }}")
        }
        (true, false, None) => format!("{change} && {start}"),
    }
}
