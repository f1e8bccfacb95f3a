//! Where in the command line the cursor is: of which command, and in the place of what; as clap's definition has it.

use clap::{Arg, ArgAction, Command};

use super::line::Line;

/// What is due under the cursor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Due<'c> {
    /// The value of this argument, behind so many bytes of the word.
    Value(&'c Arg, usize),
    /// An option.
    Option,
    /// A subcommand, or the value of the next positional argument.
    Word(Option<&'c Arg>),
    /// Nothing that is known.
    Nothing,
}

/// The command under the cursor, with all that is typed of it.
#[derive(Debug)]
pub(super) struct Place<'c> {
    pub(super) command: &'c Command,
    /// Its words, such as `bridge add`.
    pub(super) path: String,
    pub(super) due: Due<'c>,
    /// Whether a word may begin with `-` and be no option.
    pub(super) is_escaped: bool,
    /// Whether a subcommand may stand here.
    pub(super) takes_subcommand: bool,
    /// Arguments and their values, wherever they stand.
    given: Vec<(&'c Arg, Option<String>)>,
}

impl<'c> Place<'c> {
    /// Returns where the cursor is.
    pub(super) fn of(root: &'c Command, line: &Line) -> Self {
        let mut walk = Walk::of(root);
        line.before.iter().for_each(|word| walk.step(word));
        let (command, path) = (walk.command, walk.path.join(" "));
        let word = &line.word.value;
        let (due, is_escaped) = (walk.due(word), walk.is_escaped);
        let takes_subcommand = walk.positional == 0 && !is_escaped;
        // what is under the cursor is passed over, but for the place that it takes
        match due {
            Due::Value(_, 0) | Due::Word(_) => walk.step(""),
            Due::Value(..) | Due::Option | Due::Nothing => {}
        }
        line.after.iter().for_each(|word| walk.step(word));
        let mut given = walk.given;
        if let Due::Value(arg, from @ 1..) = due {
            let start = word.find('=').map_or(0, |at| at + 1).min(from);
            let list = word[start..from].split(',').filter(|part| !part.is_empty());
            given.extend(list.map(|part| (arg, Some(part.to_owned()))));
        }
        Self {
            command,
            path,
            due,
            is_escaped,
            takes_subcommand,
            given,
        }
    }

    /// Returns whether an argument was given.
    pub(super) fn has(&self, arg: &Arg) -> bool {
        self.given
            .iter()
            .any(|(given, _)| given.get_id() == arg.get_id())
    }

    /// Returns the values of an argument; those of a list one by one.
    pub(super) fn values<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        let given = self.given.iter().filter(move |(arg, _)| arg.get_id() == id);
        given.flat_map(|(arg, value)| {
            let value = value.as_deref().unwrap_or("");
            let parts = match arg.get_value_delimiter() {
                Some(_) => value.split(',').collect(),
                None => vec![value],
            };
            parts.into_iter().filter(|part| !part.is_empty())
        })
    }

    /// Returns the option that would be another of its kind, or that cannot stand beside one that is given.
    pub(super) fn is_possible(&self, option: &Arg) -> bool {
        let repeats = matches!(option.get_action(), ArgAction::Append | ArgAction::Count);
        if self.has(option) {
            return repeats;
        }
        let mut given = self.given.iter().map(|(arg, _)| *arg);
        !given.any(|given| {
            conflicts(self.command, given, option) || conflicts(self.command, option, given)
        })
    }
}

/// Returns whether the one says that it cannot stand beside the other, or a group of both does.
fn conflicts(command: &Command, one: &Arg, other: &Arg) -> bool {
    let known = |arg: &Arg| {
        command
            .get_arguments()
            .any(|known| known.get_id() == arg.get_id())
    };
    if !known(one) || !known(other) {
        return false;
    }
    let conflicts = command.get_arg_conflicts_with(one);
    let of_group = |group: &clap::ArgGroup| {
        let members: Vec<_> = group.get_args().collect();
        !group.clone().is_multiple()
            && members.contains(&one.get_id())
            && members.contains(&other.get_id())
    };
    conflicts.iter().any(|arg| arg.get_id() == other.get_id()) || command.get_groups().any(of_group)
}

/// Reads words as clap would.
struct Walk<'c> {
    command: &'c Command,
    path: Vec<&'c str>,
    /// How many positional arguments were given.
    positional: usize,
    is_escaped: bool,
    /// The option whose value comes next.
    wants: Option<&'c Arg>,
    given: Vec<(&'c Arg, Option<String>)>,
    /// Whether only help is asked for, `kvmnet help …`.
    helps: bool,
}

impl<'c> Walk<'c> {
    fn of(command: &'c Command) -> Self {
        Self {
            command,
            path: Vec::new(),
            positional: 0,
            is_escaped: false,
            wants: None,
            given: Vec::new(),
            helps: false,
        }
    }

    fn step(&mut self, word: &str) {
        let is_option = !self.is_escaped && word.starts_with('-') && word.len() > 1;
        if let Some(arg) = self.wants.take()
            && !is_option
        {
            return self.given.push((arg, Some(word.to_owned())));
        }
        if !is_option {
            return self.word(word);
        }
        if word == "--" {
            self.is_escaped = true;
            return;
        }
        match word.strip_prefix("--") {
            Some(long) => {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                if let Some(arg) = self.long(name) {
                    self.option(arg, value);
                }
            }
            None => self.cluster(&word[1..]),
        }
    }

    /// Takes letters behind one `-`; the rest behind one that takes a value is its value.
    fn cluster(&mut self, letters: &str) {
        for (at, letter) in letters.char_indices() {
            let Some(arg) = self.short(letter) else {
                return;
            };
            let rest = &letters[at + letter.len_utf8()..];
            let value = (takes_value(arg) && !rest.is_empty()).then(|| rest.to_owned());
            let ends = value.is_some();
            self.option(arg, value);
            if ends {
                return;
            }
        }
    }

    fn option(&mut self, arg: &'c Arg, value: Option<String>) {
        if takes_value(arg) && value.is_none() {
            self.wants = Some(arg);
        }
        self.given.push((arg, value));
    }

    fn word(&mut self, word: &str) {
        if self.path.is_empty() && word == "help" && !self.helps {
            self.helps = true;
            return;
        }
        if self.positional == 0
            && !self.is_escaped
            && let Some(next) = self.command.find_subcommand(word)
        {
            self.command = next;
            self.path.push(next.get_name());
            return;
        }
        if let Some(arg) = self.next_positional() {
            self.given.push((arg, Some(word.to_owned())));
        }
        self.positional += 1;
    }

    /// Returns the positional argument that comes next; the last one may take all that follow.
    fn next_positional(&self) -> Option<&'c Arg> {
        let positionals = || self.command.get_positionals();
        let repeats = |arg: &&Arg| {
            let more = arg
                .get_num_args()
                .is_some_and(|range| range.max_values() > 1);
            more || matches!(arg.get_action(), ArgAction::Append)
        };
        let next = positionals().nth(self.positional);
        next.or_else(|| positionals().last().filter(repeats))
    }

    fn long(&self, name: &str) -> Option<&'c Arg> {
        let named = |arg: &&Arg| {
            let aliases = arg.get_all_aliases().unwrap_or_default();
            arg.get_long() == Some(name) || aliases.contains(&name)
        };
        self.command.get_arguments().find(named)
    }

    fn short(&self, letter: char) -> Option<&'c Arg> {
        let named = |arg: &&Arg| {
            let aliases = arg.get_all_short_aliases().unwrap_or_default();
            arg.get_short() == Some(letter) || aliases.contains(&letter)
        };
        self.command.get_arguments().find(named)
    }

    /// Returns what is due where `word` stands.
    fn due(&self, word: &str) -> Due<'c> {
        let is_option = !self.is_escaped && word.starts_with('-');
        if let Some(arg) = self.wants {
            let optional = arg
                .get_num_args()
                .is_some_and(|range| range.min_values() == 0);
            if !(is_option && optional) {
                return Due::Value(arg, list(arg, word, 0));
            }
        }
        if is_option {
            return match word
                .strip_prefix("--")
                .and_then(|long| long.split_once('='))
            {
                Some((name, _)) => match self.long(name).filter(|arg| takes_value(arg)) {
                    Some(arg) => Due::Value(arg, list(arg, word, name.len() + 3)),
                    None => Due::Nothing,
                },
                None => Due::Option,
            };
        }
        match self.helps {
            true => Due::Word(None),
            false => Due::Word(self.next_positional()),
        }
    }
}

/// Returns where the part of a list begins that is typed, behind `from`.
fn list(arg: &Arg, word: &str, from: usize) -> usize {
    match arg.get_value_delimiter() {
        Some(comma) => word[from..].rfind(comma).map_or(from, |at| from + at + 1),
        None => from,
    }
}

/// Returns whether an option has a value.
pub(super) fn takes_value(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|range| range.takes_values())
}
