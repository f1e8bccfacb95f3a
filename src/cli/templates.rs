//! `kvmnet templates …`.

use camino::Utf8Path;
use serde_json::json;

use super::args::TemplatesCommand;
use super::error::{CliError, Exit};
use super::session::Session;
use super::table;
use crate::backend::{self, Interest};
use crate::root::{Root, denied_text};
use crate::template::{TEMPLATES, Templates};
use crate::tree::HostPath;

/// Lists or shows templates.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    command: &TemplatesCommand,
) -> Result<Exit, CliError> {
    match command {
        TemplatesCommand::List => {
            let templates = in_force(root)?;
            overrides_unseen(session, root);
            list(session, &templates)
        }
        TemplatesCommand::Show { name } => {
            let templates = in_force(root)?;
            overrides_unseen(session, root);
            show(session, &templates, name)
        }
        // a request: `request`
        TemplatesCommand::Export { .. } => Ok(Exit::Done),
    }
}

fn in_force(root: &Root) -> Result<Templates, CliError> {
    Ok(Templates::of(
        &root.read_tree(&backend::scope(Interest::Networks))?,
    ))
}

/// Says that templates of the host may not be read: the built-in ones may not be those in force.
fn overrides_unseen(session: &mut Session<'_>, root: &Root) {
    let own = HostPath::literal(crate::template::FOLDER);
    let folders = root.passed_over();
    for folder in folders.iter().filter(|folder| own.is_beneath(folder)) {
        session
            .screen
            .talk(&format!("warning: {}", denied_text(folder)));
    }
}

fn list(session: &mut Session<'_>, templates: &Templates) -> Result<Exit, CliError> {
    if session.json {
        let object = |t: &crate::template::Template| json!({ "name": t.name, "summary": t.summary, "source": templates.source_of(t.name) });
        let objects: Vec<_> = TEMPLATES.iter().map(object).collect();
        session.print_json(&json!({ "schema": 1, "templates": objects }))?;
        return Ok(Exit::Done);
    }
    let mut rows = vec![["NAME", "SOURCE", "MAKES"].map(str::to_owned)];
    let row = |t: &crate::template::Template| {
        [
            t.name.to_owned(),
            templates.source_of(t.name),
            t.summary.to_owned(),
        ]
    };
    rows.extend(TEMPLATES.iter().map(row));
    for line in table::plain(&rows, &[]) {
        session.screen.line(&line)?;
    }
    Ok(Exit::Done)
}

fn show(session: &mut Session<'_>, templates: &Templates, name: &str) -> Result<Exit, CliError> {
    let Some(template) = TEMPLATES.iter().find(|template| template.name == name) else {
        let refused = CliError::refused(format!("there is no template `{name}`"));
        return Err(refused.help("list the templates: kvmnet templates list"));
    };
    let text = templates
        .text(template)
        .map_err(|error| CliError::failed(error.to_string()))?;
    if session.json {
        let source = templates.source_of(template.name);
        let object = json!({ "name": template.name, "source": source, "text": text });
        session.print_json(&json!({ "schema": 1, "template": object }))?;
        return Ok(Exit::Done);
    }
    session.screen.file(text.as_bytes())?;
    Ok(Exit::Done)
}

pub(super) fn folder(dir: &Utf8Path) -> Result<HostPath, CliError> {
    let bad = || {
        CliError::failed(format!(
            "`{dir}` is not an absolute path under the root, such as /etc/kvmnet/templates"
        ))
    };
    HostPath::parse(dir.as_str().trim_end_matches('/')).map_err(|_| bad())
}
