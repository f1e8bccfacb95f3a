//! A command that kvmnet has, with the user's own words put into it.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::line::{Given, Line, definition, is};
use super::pattern::Bound;
use crate::cli::args::CHANGES;

/// What stands for a placeholder where an answer is tried: nothing of it is printed.
const SAMPLES: &[(&str, &str)] = &[
    ("CIDR", "10.7.0.1/24"),
    ("DIR", "/etc/kvmnet/templates"),
    ("FIRST-LAST", "10.7.0.2-10.7.0.9"),
    ("ID", "1"),
    ("IP", "10.7.0.1"),
    ("GUEST=IP", "vm1=10.7.0.5"),
    ("MODE", "nat"),
    ("NUMBER", "1"),
    ("RULE", "subnet-overlap"),
    ("SECONDS", "4"),
    ("SHELL", "bash"),
    ("SOURCE", "default"),
    ("STATE", "on"),
    ("TIME", "10"),
];

/// Fills a template with what was typed, and adds the user's options.
pub(super) fn filled(template: &'static str, bound: &Bound, typed: &Line) -> Vec<Line> {
    let mut line = Line {
        words: Vec::new(),
        options: typed.options.clone(),
    };
    let mut own = Vec::new();
    let mut tokens = template.split(' ').peekable();
    while let Some(token) = tokens.next() {
        if !token.starts_with("--") {
            match bound.get(token.trim_end_matches(['…', '?'])) {
                Some(words) => line.words.extend(words.iter().cloned()),
                None if token.ends_with('?') => {}
                None => line.words.push(token.trim_end_matches('…').to_owned()),
            }
            continue;
        }
        let value = tokens.next_if(|next| !next.starts_with("--"));
        let given = line.options.iter_mut().find(|given| given.name == token);
        match (value.map(|name| name.trim_end_matches('…')), given) {
            (Some(name), Some(given)) => {
                // what the user says twice is said together
                let also = bound.get(name).map(|words| words.join(","));
                let first = given.value.take().into_iter();
                given.value = Some(first.chain(also).collect::<Vec<_>>().join(","));
            }
            (None, Some(_)) => {}
            (name, None) => own.push(Given {
                name: token.to_owned(),
                value: name.map(|name| bound.get(name).map_or(name.to_owned(), |w| w.join(","))),
            }),
        }
    }
    let (valued, flags): (Vec<Given>, _) = own.into_iter().partition(|own| own.value.is_some());
    line.options.splice(0..0, valued);
    line.options.extend(flags);
    if line.words == ["check"] && !template.contains("--fix") {
        // a check alone changes nothing
        line.options.retain(|given| !is_of_changes(&given.name));
    }
    finished(line)
}

/// Returns a line as clap takes it, without options that its command does not have, and with what must be given besides as
/// placeholders: several lines, where one of several is to be given; none, if there is something else wrong with it.
pub(super) fn finished(line: Line) -> Vec<Line> {
    let line = line.without_unknown();
    match tried(&line) {
        Ok(()) => vec![line],
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            let all = completed(&line, &error).into_iter();
            all.filter(|line| tried(line).is_ok()).collect()
        }
        Err(_) => Vec::new(),
    }
}

/// Returns whether an option is one of the commands that change files.
fn is_of_changes(name: &str) -> bool {
    let check = definition().find_subcommand("check");
    let mut args = check.into_iter().flat_map(clap::Command::get_arguments);
    args.any(|arg| is(arg, name) && arg.get_help_heading() == Some(CHANGES))
}

/// Has clap take a line, whatever stands for its placeholders.
fn tried(line: &Line) -> Result<(), clap::Error> {
    let sample = |word: String| match SAMPLES.iter().find(|(name, _)| *name == word) {
        Some((_, sample)) => (*sample).to_owned(),
        None => word,
    };
    let words = line.typed().into_iter().map(sample);
    let words = std::iter::once("kvmnet".to_owned()).chain(words);
    match definition().clone().try_get_matches_from(words) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            Err(error)
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Adds a placeholder for each argument that is missing.
fn completed(line: &Line, error: &clap::Error) -> Vec<Line> {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else {
        return Vec::new();
    };
    let mut lines = vec![line.clone()];
    for missing in missing {
        let group = missing
            .strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'));
        let group = group.filter(|text| text.starts_with("--"));
        let ways: Vec<&str> = match group {
            Some(group) => group.split('|').collect(),
            None => vec![missing],
        };
        let each = |line: Line| {
            ways.iter()
                .map(move |way| with(&line, way))
                .collect::<Vec<_>>()
        };
        lines = lines.into_iter().flat_map(each).collect();
    }
    lines
}

/// Adds `--name <VALUE>`, `--name` or `<VALUE>`.
fn with(line: &Line, missing: &str) -> Line {
    let mut line = line.clone();
    let bare = |text: &str| {
        let text = text.trim_matches(['<', '>', '[', ']']);
        text.split('|').next_back().unwrap_or(text).to_owned()
    };
    match (missing.split_once(' '), missing.starts_with("--")) {
        (Some((name, value)), true) => line.options.push(Given {
            name: name.to_owned(),
            value: Some(bare(value)),
        }),
        (None, true) => line.options.push(Given {
            name: missing.to_owned(),
            value: None,
        }),
        (_, false) => line.words.push(bare(missing)),
    }
    line
}
