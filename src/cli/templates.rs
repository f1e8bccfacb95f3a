//! `kvmnet templates …`.

use camino::Utf8Path;
use serde_json::json;

use super::args::TemplatesCommand;
use super::change::Planned;
use super::error::{CliError, Exit};
use super::operation::{copies, know_own};
use super::wish::Asked;
use super::{Session, table};
use crate::backend::{self, Interest};
use crate::change::Editor;
use crate::plan::{Copies, Plan, Verdict, explain, with_copies};
use crate::root::{Root, denied_text};
use crate::template::{TEMPLATES, Templates};
use crate::tree::{Attrs, HostPath, Scope};

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
        // a wish, `wish`
        TemplatesCommand::Export { .. } => Ok(Exit::Done),
    }
}

/// Returns the plan that exports the templates to `dir`.
pub(super) fn planned(root: &Root, dir: &HostPath, asked: &Asked<'_>) -> Result<Planned, CliError> {
    let copies = copies(root, asked.options)?;
    let plan = export(root, dir, asked.options.force, copies)?;
    Ok(asked.planned(plan))
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
        return Err(refused.help("see which there are: kvmnet templates list"));
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
            "`{dir}` is no absolute path beneath the root, such as /etc/kvmnet/templates"
        ))
    };
    HostPath::parse(dir.as_str().trim_end_matches('/')).map_err(|_| bad())
}

fn export(root: &Root, dir: &HostPath, force: bool, mut copies: Copies) -> Result<Plan, CliError> {
    let paths: Vec<HostPath> = TEMPLATES
        .iter()
        .map(|template| dir.join(&format!("{}.hbs", template.name)))
        .collect();
    let mut files = paths.clone();
    files.extend(
        paths
            .iter()
            .map(|path| dir.join(&format!("{}.old", path.name()))),
    );
    let scope = Scope {
        files,
        ..Scope::default()
    };
    let tree = root.read_tree(&scope)?;
    know_own(root, &mut copies, &tree, &scope.files);
    let mut editor = Editor::new(&tree);
    for (template, path) in TEMPLATES.iter().zip(&paths) {
        match tree.file(path) {
            Some(file) if file.bytes == template.text.as_bytes() => {}
            Some(_) if force => editor.rewrite(path, template.text.as_bytes().to_vec()),
            None if !tree.exists(path) => {
                let attrs = Attrs {
                    mode: 0o644,
                    ..owner()
                };
                editor.create(
                    path,
                    template.text.as_bytes().to_vec(),
                    attrs,
                    &dir.folder(),
                );
            }
            Some(_) | None => {
                let refused =
                    CliError::refused(format!("{path} is there, and is another template"))
                        .at(path, 0);
                return Err(refused.help("overwrite it (a copy is kept) with --force"));
            }
        }
    }
    let (full, backups) = with_copies(&tree, &editor.set(), &copies);
    let warnings = explain(&backups);
    Ok(Plan {
        title: format!("export the built-in templates to {dir}"),
        set: editor.finish(),
        full,
        backups,
        moves: Vec::new(),
        warnings,
        next_steps: Vec::new(),
        verdict: Verdict::default(),
    })
}

fn owner() -> Attrs {
    Attrs {
        mode: 0,
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
    }
}
