//! Why there is no plan, as the user sees it.

use super::error::{CliError, Lost};
use super::site::Site;
use super::{findings, permitted};
use crate::backend::EmitError;
use crate::backend::migrate::Weight;
use crate::lint::{Diagnosis, Finding};
use crate::op::Refusal;
use crate::plan::{Lossy, PlanError, loss_in_words};
use crate::template;

/// As many findings are shown with a refusal.
const MOST_SHOWN: usize = 5;

/// Returns the error of a command for which there is no plan.
pub(super) fn refused(error: PlanError<CliError>, colored: bool, site: &Site) -> CliError {
    match error {
        PlanError::Refused { refusal, line } => of_operation(refusal, line),
        PlanError::Lossy(lossy) => of_losses(*lossy),
        PlanError::Emit(error) => of_emit(&error),
        PlanError::NotPermitted(found) => permitted::refused(&found),
        PlanError::Worse(introduced) => worse(&introduced, colored, site),
        PlanError::Unread(error) => error,
    }
}

/// A refusal, with the text of the line that it points to.
fn of_operation(refusal: Refusal, text: Option<String>) -> CliError {
    let mut refused = CliError::refused(refusal.message);
    if let Some((path, line)) = &refusal.at {
        refused = refused.at(path, *line).excerpt(text.into_iter().collect());
    }
    if let Some(help) = refusal.help {
        refused = refused.help(help);
    }
    if refusal.may_be_forced && !refused.help.iter().any(|help| help.contains("--force")) {
        refused = refused.help("or proceed anyway with --force");
    }
    refused
}

/// A migration that would lose what the host may not be reached without: all of it is listed.
fn of_losses(lossy: Lossy) -> CliError {
    let Lossy {
        refusal,
        line,
        losses,
    } = lossy;
    let grave = losses.iter().filter(|loss| loss.weight == Weight::Grave);
    let listed: Vec<String> = grave.map(loss_in_words).collect();
    let mut refused = of_operation(refusal, line);
    if listed.len() > 1 {
        refused.excerpt = listed;
    }
    let lost = Some(Box::new(Lost(losses)));
    CliError { lost, ..refused }
}

/// A file that cannot be written.
fn of_emit(error: &EmitError) -> CliError {
    let refused = CliError::refused(error.to_string());
    match error {
        EmitError::InTheWay { path, help, .. } => refused.at(path, None).help(help.clone()),
        EmitError::WouldBeRefused { path, text, .. } => refused
            .at(path, None)
            .excerpt(text.iter().cloned().collect())
            .help(format!(
                "ask for something else, or take that line out where it comes from: the file of a port, or a template in {}",
                template::FOLDER
            )),
        EmitError::Template(_) | EmitError::NotAsMeant { .. } => refused.help(format!(
            "fix or remove the override in {}",
            template::FOLDER
        )),
        EmitError::Fault { .. } | EmitError::Lost { .. } => {
            refused.help("please report this with the files concerned; nothing was written")
        }
    }
}

/// A plan that makes something wrong that was not wrong before.
fn worse(introduced: &[Diagnosis], colored: bool, site: &Site) -> CliError {
    let count = introduced.len();
    let message = match count {
        1 => "the change would introduce an error".to_owned(),
        _ => format!("the change would introduce {count} errors"),
    };
    // what to do in a tree that is not there is no help
    let without_help = introduced.iter().map(|found| Diagnosis {
        finding: Finding {
            help: String::new(),
            ..found.finding.clone()
        },
        ..found.clone()
    });
    let findings: Vec<Diagnosis> = without_help.collect();
    let shown = findings.iter().take(MOST_SHOWN);
    let shown = shown.map(|found| findings::render(found, colored, site));
    let mut text = shown.collect::<Vec<_>>().join("\n\n");
    if count > MOST_SHOWN {
        text += &format!("\n\nand {} more", count - MOST_SHOWN);
    }
    let refused = CliError::refused(message).findings(text, findings);
    refused.help("proceed anyway with --force")
}
