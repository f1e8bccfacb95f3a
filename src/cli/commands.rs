//! Commands in messages: where they stand, and how they are typed for a tree that is not that of the machine in use.
//!
//! There `kvmnet …` gets its `--root`, and `rm`, `mv` and the like get its path before theirs. What acts on a running system
//! (`systemctl`, `nmcli`, `virsh`) is left out: it stands in a block of its own.

use std::borrow::Cow;
use std::ops::Range;

use clap::CommandFactory;

use super::args::Cli;

/// Programs that take paths of the tree.
const ON_FILES: &[&str] = &[
    "chmod", "chown", "cp", "getfattr", "iconv", "ln", "ls", "mkdir", "mv", "rm", "rmdir", "sed",
    "touch",
];

/// Programs that act on the machine in use.
const ON_HOST: &[&str] = &["nmcli ", "service ", "systemctl ", "systemd-run ", "virsh "];

/// What separates the last of several steps from those before it.
const SEPARATORS: &[&str] = &[", then: ", ", then ", "; "];

/// Returns a message with its commands as they are typed for the tree at `root`, a word of a shell.
pub(super) fn for_root(text: &str, root: &str) -> String {
    let text = without_installation(without_host_steps(text));
    let text = with_option(&text, root);
    with_paths(&text, root)
}

/// Leaves out the last steps that act on the machine in use.
fn without_host_steps(mut text: &str) -> &str {
    loop {
        let last = SEPARATORS
            .iter()
            .filter_map(|separator| Some((text.rfind(separator)?, separator.len())))
            .max();
        match last {
            Some((at, length)) if on_host(&text[at + length..]) => text = &text[..at],
            _ => return text,
        }
    }
}

/// Commands that install packages on the machine in use.
const INSTALL: &[&str] = &["apt-get install ", "dnf install ", "yum install "];

/// Says which package the tree needs, where a command would install it on the machine in use.
fn without_installation(text: &str) -> Cow<'_, str> {
    let mut packages = INSTALL
        .iter()
        .filter_map(|command| text.strip_prefix(command));
    match packages.next() {
        Some(package) => Cow::Owned(format!("the tree needs the package {package}")),
        None => Cow::Borrowed(text),
    }
}

fn on_host(step: &str) -> bool {
    ON_HOST.iter().any(|program| step.starts_with(program))
}

/// Puts the root into each command of this program.
fn with_option(text: &str, root: &str) -> String {
    const NAME: &str = "kvmnet ";
    let (mut typed, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(NAME) {
        let (before, command) = rest.split_at(at + NAME.len());
        typed.push_str(before);
        if begins_word(&typed[..typed.len() - NAME.len()])
            && is_command(command)
            && !asks_for_help(command)
        {
            typed.push_str("--root ");
            typed.push_str(root);
            typed.push(' ');
        }
        rest = command;
    }
    typed + rest
}

/// Returns whether a word may begin behind `before`.
fn begins_word(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "-_/.".contains(c))
}

/// Commands that look at no tree.
const ROOTLESS: [&str; 3] = ["completions", "man", "units"];

/// Returns whether the first command of words prints its page, which is about no tree.
fn asks_for_help(words: &str) -> bool {
    let command = words.split(['`', ',', ';', ')']).next().unwrap_or("");
    command.trim_end().ends_with("--help")
}

/// Returns whether words begin with a command of this program.
fn is_command(words: &str) -> bool {
    let end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let word = words.split(end).next().unwrap_or("");
    let known = |command: &clap::Command| {
        let typed = command.get_name() == word || command.get_all_aliases().any(|it| it == word);
        typed && !ROOTLESS.contains(&word)
    };
    word == "COMMAND" || Cli::command().get_subcommands().any(known)
}

/// Puts the root before the paths of commands that take files.
fn with_paths(text: &str, root: &str) -> String {
    let quotes = ['\'', '"'];
    let bare = root.trim_matches(quotes);
    let (mut words, mut inside) = (Vec::new(), false);
    let mut before = "";
    for word in text.split(' ') {
        let begins = before.is_empty()
            || before.ends_with([':', ';', '&', '(', ','])
            || ["or", "then", "and", "for", "with", "away:"].contains(&before);
        if begins && ON_FILES.contains(&word) {
            inside = true;
        }
        let path = word.trim_start_matches(quotes);
        let absolute = path.starts_with('/') && !path.starts_with(bare);
        // two words of a shell without a blank between them are one, whatever their quotes
        words.push(match inside && absolute {
            true if path.len() < word.len() && root == bare => {
                format!("{}{root}{path}", &word[..1])
            }
            true => format!("{root}{word}"),
            false => word.to_owned(),
        });
        if word.ends_with([';', ',', ')', '`']) {
            inside = false;
        }
        before = word;
    }
    words.join(" ")
}

/// Returns where commands stand in a text: they stay on one line.
pub(super) fn found_in(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let words = text.match_indices(' ').map(|(at, _)| at);
    let mut start = 0;
    for end in words {
        let (at, word, rest) = (start, &text[start..end], &text[end + 1..]);
        let word = word.trim_start_matches(['(', '`']);
        start = end + 1;
        let is_command = match word {
            "kvmnet" => rest.starts_with("--root ") || is_command(rest),
            _ => ON_FILES.contains(&word) && takes_paths(rest),
        };
        if !is_command || found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let end = [", ", ") ", "; ", "` ", ": ", " && ", " # "]
            .iter()
            .filter_map(|end| rest.find(end))
            .min()
            .unwrap_or(rest.len());
        found.push(at..text.len() - rest.len() + end);
    }
    found
}

/// Returns whether words are those of a program on files: an option, a path, or one word before a path.
fn takes_paths(rest: &str) -> bool {
    let is_word = |word: &str| word.starts_with(['/', '-', '\'', '"']);
    let mut words = rest.split(' ');
    let first = words.next().unwrap_or_default();
    let alone = first
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b",=+:-".contains(&b));
    is_word(first) || (alone && words.next().is_some_and(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found() {
        let text =
            "keep it: kvmnet recover --force, or not (kvmnet --root '/a b' history 1) at all";
        let found: Vec<&str> = found_in(text).into_iter().map(|at| &text[at]).collect();
        assert_eq!(
            found,
            ["kvmnet recover --force", "(kvmnet --root '/a b' history 1"]
        );
        let text = "chmod go-w \"/a b\"'/etc/c;d' # now";
        assert_eq!(found_in(text), vec![0..text.len() - 6]);
    }

    #[test]
    fn paths_are_words_of_a_shell_whatever_the_root() {
        for (root, expected) in [
            ("/mnt", "chmod go-w '/mnt/etc/a;b' /mnt/c"),
            (
                "\"/my'root\"",
                "chmod go-w \"/my'root\"'/etc/a;b' \"/my'root\"/c",
            ),
        ] {
            assert_eq!(for_root("chmod go-w '/etc/a;b' /c", root), expected);
        }
    }
}
