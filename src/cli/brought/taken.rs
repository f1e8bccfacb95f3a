//! Words that mean exactly one thing: they are put as kvmnet has them before clap sees them.

use std::ffi::OsString;

/// Options of all commands whose value is the next word.
const VALUED: [&str; 2] = ["--root", "--color"];

/// Groups of commands, of which none has the name of a thing behind it.
const GROUPS: &str =
    "bridge|bridges|network|networks|net|guest|guests|vm|vms|migrate|templates|template";

/// What is typed at the beginning, and what stands in its place; `$` is where nothing else may be said, `?` where that is an ID.
const TAKEN: &[(&str, &str)] = &[
    ("version $", "--version"),
    ("bridges|brs $", "show bridges"),
    ("networks|nets $", "show networks"),
    ("guests|vms $", "show guests"),
    (
        "interface|interfaces|iface|ifaces|nic|nics $",
        "show interfaces",
    ),
    ("bridge|bridges list|ls|show|info", "show bridges"),
    ("network|networks|net list|ls|show|info", "show networks"),
    ("guest|guests|vm|vms list|ls|show|info", "show guests"),
    (
        "interface|interfaces|iface|ifaces|nic|nics list|ls|show|info",
        "show interfaces",
    ),
    ("history|log list|ls $", "history"),
    ("history|log show|info ?", "history"),
    ("rollback|undo|revert last $", "rollback"),
];

/// Returns the words as kvmnet has them.
pub(in crate::cli) fn taken(mut words: Vec<OsString>) -> Vec<OsString> {
    asked_for_help(&mut words);
    let at = places(&words);
    let texts: Vec<String> = at
        .iter()
        .map(|at| words[*at].to_string_lossy().into_owned())
        .collect();
    for (pattern, becomes) in TAKEN {
        let Some(length) = fits(pattern, &texts) else {
            continue;
        };
        for place in at[..length].iter().rev() {
            words.remove(*place);
        }
        let becomes = becomes.split(' ').map(OsString::from);
        words.splice(at[0]..at[0], becomes);
        break;
    }
    words
}

/// Returns how many words at the beginning a pattern takes, if it fits.
fn fits(pattern: &str, words: &[String]) -> Option<usize> {
    let mut length = 0;
    for token in pattern.split(' ') {
        let word = words.get(length);
        match token {
            "$" if word.is_none() => {}
            "?" if words.len() == length + 1 && word?.parse::<u64>().is_ok() => {}
            _ => {
                token
                    .split('|')
                    .find(|known| word.is_some_and(|word| word == known))?;
                length += 1;
            }
        }
    }
    Some(length)
}

/// Turns `kvmnet help COMMAND…` and `kvmnet GROUP help COMMAND…` into `kvmnet COMMAND… --help`.
fn asked_for_help(words: &mut Vec<OsString>) {
    let at = places(words);
    let first = at.first().map(|at| words[*at].to_string_lossy());
    let in_group = first.is_some_and(|word| GROUPS.split('|').any(|group| group == word));
    let help = at.iter().take(if in_group { 2 } else { 1 });
    let mut help = help.filter(|at| words[**at] == "help");
    if let Some(place) = help.next().copied() {
        words.remove(place);
        let end = words.iter().position(|word| word == "--");
        words.insert(end.unwrap_or(words.len()), "--help".into());
    }
}

/// Returns where words stand that are no options, nor values of those that stand before a command.
fn places(words: &[OsString]) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), 1);
    while let Some(word) = words.get(at).map(|word| word.to_string_lossy()) {
        match word.starts_with('-') {
            true if word == "--" => break,
            true if VALUED.contains(&&*word) => at += 1,
            true => {}
            false => places.push(at),
        }
        at += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_one_thing_is_taken() {
        for (typed, becomes) in [
            ("help", "--help"),
            ("--root /x help bridge add", "--root /x bridge add --help"),
            ("bridge help add", "bridge add --help"),
            ("guest --json help", "guest --json --help"),
            (
                "bridge add help --port ens33",
                "bridge add help --port ens33",
            ),
            ("--root help show", "--root help show"),
            ("help bridge show", "show bridges --help"),
            ("bridge --json list br0", "show bridges --json br0"),
            ("--color never networks", "--color never show networks"),
            ("networks add x", "networks add x"),
            ("guest show vm1 --json", "show guests vm1 --json"),
            ("version", "--version"),
            ("history list", "history"),
            ("history info 3", "history 3"),
            ("history info x", "history info x"),
            ("undo last -n", "rollback -n"),
            ("undo last week", "undo last week"),
            ("show -- bridge list", "show -- bridge list"),
        ] {
            let words = |line: &str| -> Vec<OsString> {
                std::iter::once("kvmnet")
                    .chain(line.split(' '))
                    .map(OsString::from)
                    .collect()
            };
            assert_eq!(taken(words(typed)), words(becomes), "{typed}");
        }
    }
}
