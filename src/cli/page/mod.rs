//! A plan as a page to review, for `--html`: one file, that loads nothing and runs nothing, for whoever says yes.
//!
//! Its template is built in, and is none of those that a tree may override: an image must not write the page by which it is
//! approved. What comes from files is text there ([`markup`]), and the page may use no other style than its own ([`policy`]).
//!
//! The laws, tested over the fixtures: the texts of its `<pre>` elements, one behind the other, are what `-q` prints; and it is
//! well-formed XML, so that tags are where they are meant to be. A picture comes in as markup of our own.

mod beside;
mod facts;
mod file;
pub(super) mod host;
mod markup;
mod policy;

use camino::Utf8Path;
use handlebars::Handlebars;
use serde::Serialize;

use super::error::CliError;
use super::named_file::{self, What};
use super::planned::Planned;
use super::report;
use super::screen::{Screen, seen_masked};
use super::text::one_line;
use crate::change::ChangeSet;
use crate::diff;
use crate::picture::Block;
use crate::root::Root;
use crate::secret::Secrets;
use crate::tree::Node;

use facts::{Facts, Finding};
use file::{Changed, File};
use policy::{policy, styles};

/// The template.
const TEMPLATE: &str = include_str!("../../../templates/page/review.hbs");
/// The style; that of the picture is in the picture.
const STYLE: &str = include_str!("../../../templates/page/style.css");

/// By this a page of kvmnet is known.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"kvmnet ";
/// In so many of its first bytes.
const HEAD: usize = 1024;

/// A page, as a file that is written.
const PAGE: What = What {
    noun: "page",
    found: "a page that kvmnet wrote",
    is_ours,
    misplaced: |message| CliError::failed(message),
};

/// Modes of new files: what others may read hides nothing from them.
const PRIVATE: u32 = 0o600;
const USUAL: u32 = 0o666;

/// Looks whether a page may be written to `file`.
pub(super) fn check(root: &Root, file: &Utf8Path) -> Result<(), CliError> {
    named_file::check(root, file, &PAGE).map(drop)
}

/// Writes the page of a plan; `picture` is an `<svg>` element, which is put into it as it is.
pub(super) fn write(
    screen: &Screen<'_>,
    root: &Root,
    file: &Utf8Path,
    planned: &Planned,
    picture: Option<&str>,
) -> Result<(), CliError> {
    let page = Page::of(screen, root, planned, picture);
    let text = page
        .render()
        .map_err(|error| CliError::failed(format!("cannot write the page to {file}: {error}")))?;
    named_file::write(root, file, &PAGE, &text, mode(screen, &planned.plan.full))
}

/// Returns the mode of a page about these changes: others do not read in it what they do not read in the files.
fn mode(screen: &Screen<'_>, set: &ChangeSet) -> u32 {
    let nodes = set
        .iter()
        .flat_map(|change| [&change.before, &change.after]);
    let is_private = |node: &Node| match node {
        Node::File(file) => file.attrs.mode & 0o004 == 0,
        Node::Link(_) => false,
    };
    match screen.secrets == Secrets::Shown || nodes.flatten().any(is_private) {
        true => PRIVATE,
        false => USUAL,
    }
}

fn is_ours(file: &Utf8Path) -> bool {
    let head = named_file::head(file, HEAD).unwrap_or_default();
    memchr::memmem::find(&head, MARK).is_some()
}

/// What the template makes a page of.
#[derive(Default, Serialize)]
struct Page<'p> {
    style: &'static str,
    policy: String,
    version: &'static str,
    facts: Facts,
    title: String,
    counts: String,
    changed: Vec<Changed>,
    moves: Vec<(String, String)>,
    warnings: Vec<String>,
    findings: Vec<Finding>,
    /// Findings that are not named.
    more_findings: usize,
    picture: Option<&'p str>,
    /// Whether the picture shows no change.
    unchanged: bool,
    files: Vec<File>,
    /// How many files are not shown side by side, since they are too many.
    patch_only: usize,
    has_moved: bool,
    /// How many secrets are masked in the patch.
    masked: usize,
    steps: Option<Steps>,
    undo: Undo,
}

/// The command that applies the plan and takes it into use.
#[derive(Serialize)]
struct Steps {
    about: String,
    command: String,
    outcome: Option<String>,
    interrupts: Option<String>,
    /// Whether they are for the host that the tree belongs to, which is not this machine.
    there: bool,
}

impl<'p> Page<'p> {
    fn of(screen: &Screen<'_>, root: &Root, planned: &Planned, picture: Option<&'p str>) -> Self {
        let plan = &planned.plan;
        let (shown, masked) = screen.shown(&plan.set);
        let sections = diff::sections(&shown);
        let (files, patch_only) = file::files(plan, &sections);
        let (findings, more_findings) = facts::findings(plan.findings(), &screen.site);
        // what is repaired is among the findings
        let moves = plan.moves.iter().cloned();
        let idle = screen.verbose.then(|| report::idle(plan));
        let moves = moves.chain(idle.into_iter().flatten());
        let typed = |text: &String| screen.site.typed(text).into_owned();
        Self {
            style: STYLE,
            policy: policy_with(picture),
            version: env!("CARGO_PKG_VERSION"),
            facts: Facts::of(screen, root, planned),
            title: plan.title.clone(),
            counts: report::counts(&plan.set),
            changed: file::changed(plan, &sections),
            moves: moves
                .map(|(heading, parts)| (heading, parts.join(", ")))
                .collect(),
            warnings: plan.warnings.iter().map(typed).collect(),
            findings,
            more_findings,
            picture,
            unchanged: planned
                .picture
                .as_ref()
                .is_some_and(|whole| !whole.blocks.iter().any(Block::changes)),
            has_moved: files.iter().any(File::has_moved),
            files,
            patch_only,
            masked: seen_masked(&sections, &plan.set, masked),
            steps: steps(screen, planned),
            undo: undo(screen, planned),
        }
    }

    fn render(&self) -> Result<String, Box<handlebars::RenderError>> {
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        engine.register_escape_fn(markup::escaped);
        engine.render_template(TEMPLATE, self).map_err(Box::new)
    }
}

/// Returns the policy of a page with this picture, which may have styles of its own.
fn policy_with(picture: Option<&str>) -> String {
    policy(std::iter::once(STYLE).chain(picture.into_iter().flat_map(styles)))
}

fn steps(screen: &Screen<'_>, planned: &Planned) -> Option<Steps> {
    let whole = report::Whole::of(&planned.plan.next_steps, screen.site.program())?;
    Some(Steps {
        about: whole.about,
        command: one_line(&whole.line.command),
        outcome: whole.line.outcome,
        interrupts: whole.interrupts,
        there: screen.site.root().is_some(),
    })
}

/// The commands that take the change back.
#[derive(Default, Serialize)]
struct Undo {
    /// While it is the last one.
    last: String,
    history: String,
    later: String,
    /// What keeps it, where it waits to be confirmed.
    keep: Option<String>,
}

fn undo(screen: &Screen<'_>, planned: &Planned) -> Undo {
    let typed = |text: &str| screen.site.typed(text).into_owned();
    let waits = !planned.plan.waits.is_empty();
    Undo {
        last: typed("kvmnet rollback"),
        history: typed("kvmnet history"),
        later: typed("kvmnet rollback ID"),
        keep: waits.then(|| typed("kvmnet confirm")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_between_warnings_and_files_as_it_is() {
        let picture = "<svg role=\"img\"><style>.t{fill:red}</style><text>a &lt; b</text></svg>";
        let page = |picture| Page {
            policy: policy_with(picture),
            style: STYLE,
            warnings: vec!["a <b> & c".to_owned()],
            files: vec![File::default()],
            picture,
            ..Page::default()
        };
        let text = page(Some(picture)).render().unwrap();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(at("a &lt;b&gt; &amp; c") < at(picture) && at(picture) < at("id=\"files\""));
        assert_eq!(text.matches(" 'sha256-").count(), 2);
        let without = page(None).render().unwrap();
        assert!(!without.contains("<svg") && !without.contains("id=\"picture\""));
        assert_eq!(without.matches(" 'sha256-").count(), 1);
        // it is known again
        assert!(text.len() > HEAD);
        let head = &text.as_bytes()[..HEAD];
        assert!(memchr::memmem::find(head, MARK).is_some());
    }
}
