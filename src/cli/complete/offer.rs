//! What is offered under the cursor.

use std::collections::HashSet;

use camino::Utf8Path;
use clap::{Arg, Command};

use super::candidate::Candidate;
use super::line::Line;
use super::place::{Due, Place, takes_value};
use super::what::{self, What};
use super::word::Shell;
use super::{names, paths};
use crate::root::Root;

/// What is offered.
#[derive(Debug)]
pub(super) enum Offer {
    /// These, behind so much of the word.
    Names(Vec<Candidate>, usize),
    /// What the shell finds itself, behind so much of the word.
    Shell(&'static str, usize),
}

/// A question, and where in the line it was asked.
pub(super) struct Asked<'a> {
    pub(super) shell: Shell,
    pub(super) breaks: &'a str,
    pub(super) line: &'a Line,
    pub(super) place: &'a Place<'a>,
}

impl Asked<'_> {
    /// Returns it; what of it begins as the word does is not asked here.
    pub(super) fn offered(&self) -> Offer {
        let typed = &self.line.word.value;
        if self.line.word.is_redirect {
            return self.of_path(paths::Wanted::Files, 0);
        }
        match self.place.due {
            Due::Nothing => Offer::Names(Vec::new(), 0),
            Due::Option => Offer::Names(self.options(), 0),
            Due::Value(arg, from) => self.of_arg(arg, from),
            Due::Word(arg) => {
                let subcommands = match self.place.takes_subcommand {
                    true => self.subcommands(),
                    false => Vec::new(),
                };
                let Some(arg) = arg else {
                    // where nothing else may stand; behind a subcommand that there is not, nothing may
                    let none = !self.place.command.has_subcommands() && typed.is_empty();
                    let options = match none && !self.place.is_escaped {
                        true => self.options(),
                        false => Vec::new(),
                    };
                    return Offer::Names([subcommands, options].concat(), 0);
                };
                let mut offer = self.of_arg(arg, 0);
                if let Offer::Names(found, 0) = &mut offer {
                    // of several things that may stand here, folders are not what is looked for
                    let leads = |one: &Candidate| typed.is_empty() && one.value.ends_with('/');
                    found.retain(|one| subcommands.is_empty() || !leads(one));
                    found.extend(subcommands);
                }
                offer
            }
        }
    }

    fn subcommands(&self) -> Vec<Candidate> {
        let shown = self
            .place
            .command
            .get_subcommands()
            .filter(|sub| !sub.is_hide_set());
        let of = |sub: &Command| {
            let about = sub.get_about().map(ToString::to_string);
            Candidate::new(sub.get_name().to_owned(), about.unwrap_or_default())
        };
        shown.map(of).collect()
    }

    fn options(&self) -> Vec<Candidate> {
        let options = self.place.command.get_arguments();
        let options = options.filter(|arg| !arg.is_hide_set() && self.place.is_possible(arg));
        let of = |arg: &Arg| {
            let help = arg.get_help().map(ToString::to_string);
            Some(Candidate::new(
                format!("--{}", arg.get_long()?),
                help.unwrap_or_default(),
            ))
        };
        options.filter_map(of).collect()
    }

    fn of_arg(&self, arg: &Arg, from: usize) -> Offer {
        let id = arg.get_id().as_str();
        let Some(what) = what::of(&self.place.path, id) else {
            let known = arg.get_possible_values();
            let known = known
                .iter()
                .filter(|value| !value.is_hide_set())
                .map(|value| {
                    let help = value.get_help().map(ToString::to_string);
                    Candidate::new(value.get_name().to_owned(), help.unwrap_or_default())
                });
            return Offer::Names(known.collect(), from);
        };
        let mut offer = self.of_what(what, from);
        if let Offer::Names(found, _) = &mut offer {
            let given: HashSet<&str> = self.place.values(id).collect();
            let repeats = takes_value(arg) && !given.is_empty();
            let delimiter = arg.get_value_delimiter();
            found.retain(|one| {
                // a name that looks like an option is one
                let is_option = from == 0 && !self.place.is_escaped && one.value.starts_with('-');
                let in_list = delimiter.is_none_or(|comma| !one.value.contains(comma));
                !is_option && in_list && !(repeats && given.contains(one.value.as_str()))
            });
        }
        offer
    }

    fn of_what(&self, what: What, from: usize) -> Offer {
        let typed = &self.line.word.value[from..];
        if let What::Path(wanted) = what {
            return self.of_path(wanted, from);
        }
        let (part, beneath) = match what == What::FolderBeneath {
            true => (paths::folder_part(typed), true),
            false => (0, false),
        };
        let of_root = |root: Root| match beneath {
            true => paths::beneath(&root, &typed[..part], &typed[part..]),
            false => names::of(what, &root, self.place, typed),
        };
        Offer::Names(self.root().map(of_root).unwrap_or_default(), from + part)
    }

    fn of_path(&self, wanted: paths::Wanted, from: usize) -> Offer {
        let word = &self.line.word;
        let typed = &word.value[from..];
        let finds_itself = match self.shell {
            Shell::Bash => word.at_value(from).raw == word.replaced_from(self.breaks),
            Shell::Zsh => true,
            Shell::Fish => false,
        };
        match wanted {
            paths::Wanted::Files if finds_itself => return Offer::Shell("files", from),
            paths::Wanted::Folders if finds_itself => return Offer::Shell("folders", from),
            paths::Wanted::Files | paths::Wanted::Folders | paths::Wanted::Plans => {}
        }
        let part = paths::folder_part(typed);
        let mut folder = typed[..part].to_owned();
        if let (Some(rest), Ok(home)) = (folder.strip_prefix("~/"), std::env::var("HOME")) {
            folder = format!("{home}/{rest}");
        }
        Offer::Names(paths::list(&folder, &typed[part..], wanted), from + part)
    }

    /// Returns the root that the line names, or else the environment; none that cannot be opened.
    fn root(&self) -> Option<Root> {
        let mut variables = self.line.variables.iter().rev();
        let set = variables.find(|(name, _)| name == "KVMNET_ROOT");
        let root = match (self.place.values("root").last(), set) {
            (Some(typed), _) => typed.to_owned(),
            (None, Some((_, value))) => value.clone(),
            (None, None) => match std::env::var_os("KVMNET_ROOT") {
                // another tree than the command would take is worse than none
                Some(value) => value.into_string().ok()?,
                None => "/".to_owned(),
            },
        };
        let root = Root::open(Utf8Path::new(&root)).ok()?;
        root.pass_over_denied();
        Some(root)
    }
}
