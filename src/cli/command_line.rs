//! The words of the command line: as they are recorded, as they are typed again, and who typed them.

use std::ffi::OsString;

use crate::backend::single_quoted;
use crate::doc::shell::Quotes;
use crate::doc::shell::value::write;

/// Returns words as one line for a shell.
pub(super) fn quoted(words: &[String]) -> String {
    let quote = |word: &String| {
        // between double quotes bash would look for `!` in its history; zsh takes `=ls` for a path
        match word.is_empty() || word.contains('!') || word.starts_with('=') {
            true => single_quoted(word),
            false => write(word, Quotes::Bare),
        }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Returns the words of the command without those that only say how it is run.
pub(super) fn typed<'w>(words: impl Iterator<Item = &'w OsString>) -> Vec<String> {
    const FLAGS: &[&str] = &[
        "--json",
        "--quiet",
        "--verbose",
        "--dry-run",
        "--dryrun",
        "--check",
        "--exit-code",
        "--yes",
        "--assumeyes",
        "--assume-yes",
        "--show-secrets",
        "--distrust-history",
        "--wide",
        "--tree",
        "--all",
    ];
    const VALUED: &[&str] = &["--root", "--color", "--out", "--svg", "--html"];
    let mut kept = Vec::new();
    let mut words = words.skip(1).map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(&word);
        let short = word.strip_prefix('-').filter(|letters| !letters.is_empty());
        let short = short.is_some_and(|letters| letters.chars().all(|c| "qvny".contains(c)));
        if VALUED.contains(&name) {
            if !word.contains('=') {
                words.next();
            }
        } else if !FLAGS.contains(&&*word) && !short {
            kept.push(word.into_owned());
        }
    }
    kept
}

/// Returns the user, as far as the environment tells: whoever called sudo, else whoever is logged in, else the number.
pub(super) fn user() -> String {
    let name = |key: &str| {
        std::env::var(key)
            .ok()
            .filter(|name| !name.is_empty() && name.len() <= 64)
    };
    let me = rustix::process::geteuid();
    match (me.is_root(), name("SUDO_USER")) {
        (true, Some(caller)) => format!("{caller} (sudo)"),
        (true, None) => "root".to_owned(),
        (false, _) => name("LOGNAME")
            .or_else(|| name("USER"))
            .unwrap_or_else(|| me.as_raw().to_string()),
    }
}
