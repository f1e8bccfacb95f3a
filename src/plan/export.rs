//! The plan that writes the built-in templates to a folder: `templates export`.

use std::collections::BTreeSet;

use super::judge::Unjudged;
use super::ruling::PutRight;
use super::{Options, Plan, PlanError, Source, backup, words};
use crate::backend::{self, Interest};
use crate::change::Editor;
use crate::op::{Force, Refusal};
use crate::readers::Readers;
use crate::template::TEMPLATES;
use crate::tree::{Attrs, HostPath, Scope, Tree};

/// The mode of a template.
const MODE: u32 = 0o644;

/// Returns the plan that exports the templates to `folder`; new files belong to `owner`, user and group.
pub(super) fn draft<S: Source>(
    source: &S,
    folder: &HostPath,
    (uid, gid): (u32, u32),
    options: &Options,
) -> Result<Unjudged<'static>, PlanError<S::Error>> {
    let mut copies = options.copies(source)?;
    let path = |name: &str| folder.join(&format!("{name}.hbs"));
    let paths = TEMPLATES.iter().map(|template| path(template.name));
    let files = paths.flat_map(|path| {
        let places = copies.places(&path);
        std::iter::once(path).chain(places)
    });
    let scope = Scope {
        files: files.collect(),
        ..Scope::default()
    };
    let mut tree = Tree::default();
    copies.look(source, &mut tree, &scope)?;
    let mut editor = Editor::new(&tree);
    for template in TEMPLATES {
        let (path, text) = (path(template.name), template.text.as_bytes());
        match tree.file(&path) {
            Some(file) if file.bytes == text => {}
            Some(_) if options.force == Force::Yes => editor.rewrite(&path, text.to_vec()),
            None if !tree.exists(&path) => {
                let attrs = Attrs {
                    mode: MODE,
                    uid,
                    gid,
                };
                editor.create(&path, text.to_vec(), attrs, &folder.folder());
            }
            Some(_) | None => return Err(PlanError::refused(&tree, is_another(&path))),
        }
    }
    let set = editor.finish();
    let (full, backups) = backup::add(&tree, &Readers::of(&tree), &set, &copies);
    Ok(Unjudged {
        plan: Plan {
            title: format!("export the built-in templates to {folder}"),
            set,
            full,
            warnings: words::copies::explain(&backups),
            backups,
            moves: Vec::new(),
            losses: Vec::new(),
            waits: BTreeSet::new(),
            next_steps: Vec::new(),
        },
        before: backend::inspect(&tree, Interest::Networks),
        tree,
        interest: Interest::Networks,
        found: None,
        put_right: None,
        comes_back: PutRight::default(),
    })
}

fn is_another(path: &HostPath) -> Refusal {
    let refusal = Refusal::new(format!("{path} exists and is a different template"));
    refusal
        .at(Some(path), None)
        .help("overwrite it with --force (a copy is kept)")
}
