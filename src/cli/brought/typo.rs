//! Words that are one slip of a finger away from a command or an option.
//!
//! By how much words look alike clap suggests `list` for `lint` and `history` for `list`: what means something else. One slip is
//! all that is taken for one here, and for a command that removes, none that puts one letter for another.

use clap::Command;

use super::line::{Line, command, definition};

/// Returns the line without its slips, if there are any.
pub(super) fn corrected(line: &Line) -> Option<Line> {
    let mut corrected = line.clone();
    let (mut at, mut command) = (0, definition());
    while let Some(word) = corrected.words.get(at)
        && command.has_subcommands()
    {
        if command.find_subcommand(word).is_none() {
            let names = command.get_subcommands().map(Command::get_name);
            let Some(name) = nearest(word, names) else {
                break;
            };
            corrected.words[at] = name.to_owned();
        }
        command = command.find_subcommand(&corrected.words[at])?;
        at += 1;
    }
    options(&mut corrected);
    (corrected != *line).then_some(corrected)
}

/// Corrects the names of options.
fn options(line: &mut Line) {
    let command = command(definition(), &line.words).1;
    for given in &mut line.options {
        let Some(name) = given.name.strip_prefix("--") else {
            continue;
        };
        let own = command.get_arguments();
        let names: Vec<&str> = own.filter_map(clap::Arg::get_long).collect();
        if !names.contains(&name)
            && let Some(name) = nearest(name, names.into_iter())
        {
            given.name = format!("--{name}");
        }
    }
}

/// Returns the only name that is one slip away.
fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut near = names.filter(|name| is_slip(word, name));
    near.next().filter(|_| near.next().is_none())
}

/// Returns whether a word is a name with one letter too many, too few, another one, or with two that changed places.
fn is_slip(word: &str, name: &str) -> bool {
    let removes = name.starts_with("remove");
    let (word, name) = (word.as_bytes(), name.as_bytes());
    if word == name || word.len() < 2 || name.len() < 3 {
        return false;
    }
    // three letters have too many neighbours: get, set
    let long = name.len() > 3;
    let same = word.iter().zip(name).take_while(|(a, b)| a == b).count();
    let (word, name) = (&word[same..], &name[same..]);
    match (word, name) {
        ([_, rest @ ..], all) if rest == all => true,
        (all, [_, rest @ ..]) if rest == all => true,
        ([a, b, left @ ..], [c, d, right @ ..]) if (a, b) == (d, c) => left == right,
        ([_, left @ ..], [_, right @ ..]) => left == right && long && !removes,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_corrected() {
        for (word, name) in [
            ("brigde", "bridge"),
            ("netwrok", "network"),
            ("bridg", "bridge"),
            ("bridgee", "bridge"),
            ("rolback", "rollback"),
            ("stauts", "status"),
            ("shwo", "show"),
            ("remov", "remove"),
            ("remvoe", "remove"),
            ("chekc", "check"),
            ("ad", "add"),
            ("yess", "yes"),
        ] {
            assert!(is_slip(word, name), "{word}");
        }
        for (word, name) in [
            ("remote", "remove"),
            ("get", "set"),
            ("list", "history"),
            ("delif", "detach"),
            ("import", "export"),
            ("show", "show"),
        ] {
            assert!(!is_slip(word, name), "{word}");
        }
    }
}
