//! Which machine the tree belongs to: commands that are printed act on that one, or on none.
//!
//! Messages are written as for the machine in use. Where they are printed, the commands in them get the root: `kvmnet …`
//! its `--root`, `rm`, `mv` and the like its path before theirs. What acts on a running system (`systemctl`, `nmcli`,
//! `virsh`) is left out there: it stands in a block of its own.

use std::borrow::Cow;

use camino::Utf8Path;
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

/// Which machine the tree belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Site {
    /// The root as a word of a shell, absolute, without a `/` at its end; nothing for the machine in use.
    root: Option<String>,
    /// The running program as a word of a shell, where services and sudo would not find it by its name.
    program: Option<String>,
}

/// Where systemd and sudo look for programs: systemd.exec(5), `secure_path` of sudoers(5).
const SEARCHED: &[&str] = &[
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

impl Site {
    /// Returns the site of a root as the user named it.
    pub(super) fn of(root: &Utf8Path) -> Self {
        let is_here = root
            .canonicalize_utf8()
            .is_ok_and(|path| path.as_str() == "/");
        if is_here {
            return Self {
                root: None,
                program: program(),
            };
        }
        let path = std::path::absolute(root).unwrap_or_else(|_| root.into());
        let path = path.to_string_lossy();
        let path = path.trim_end_matches('/');
        Self {
            root: Some(super::quoted(&[path.to_owned()])),
            // there it is wherever they put it
            program: None,
        }
    }

    /// Returns the root, if it is not that of the machine in use.
    pub(super) fn root(&self) -> Option<&str> {
        self.root.as_deref()
    }

    /// Returns how `subject` is named in a headline: with the root, if that is not the machine's own.
    pub(super) fn named(&self, subject: &str) -> String {
        match &self.root {
            Some(root) => format!("{subject}, beneath {root}"),
            None => subject.to_owned(),
        }
    }

    /// Returns a command line that services or sudo run, so that they find this program.
    pub(super) fn with_program(&self, command: &str) -> String {
        match &self.program {
            Some(program) => command.replace("kvmnet ", &format!("{program} ")),
            None => command.to_owned(),
        }
    }

    /// Returns a message with its commands as they are typed here.
    pub(super) fn typed<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(root) = &self.root else {
            return Cow::Borrowed(text);
        };
        let text = without_host_steps(text);
        let text = with_option(text, root);
        Cow::Owned(with_paths(&text, root))
    }
}

/// Returns the path of the running program, if it lies where only its user looks.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let path = camino::Utf8PathBuf::from_path_buf(path).ok()?;
    let found = SEARCHED
        .iter()
        .any(|folder| path.parent() == Some(Utf8Path::new(folder)));
    // it stands inside of quotes
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    (!found && path.as_str().chars().all(plain)).then(|| path.into_string())
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
        if begins_word(&typed[..typed.len() - NAME.len()]) && is_command(command) {
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

/// Returns whether words begin with a command of this program.
fn is_command(words: &str) -> bool {
    let end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let word = words.split(end).next().unwrap_or("");
    let known = |command: &clap::Command| command.get_name() == word && word != "completions";
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
        words.push(match inside && absolute {
            true if path.len() < word.len() => format!("{}{bare}{path}", &word[..1]),
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
pub(super) fn commands(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
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
        let end = [", ", ") ", "; ", "` ", ": ", " && "]
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
        .all(|b| b.is_ascii_alphanumeric() || b",=+:".contains(&b));
    is_word(first) || (alone && words.next().is_some_and(|word| word.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elsewhere() -> Site {
        Site {
            root: Some("/mnt".to_owned()),
            program: None,
        }
    }

    #[test]
    fn commands_get_the_root() {
        for (text, typed) in [
            ("kvmnet recover", "kvmnet --root /mnt recover"),
            (
                "see which there are: kvmnet history",
                "see which there are: kvmnet --root /mnt history",
            ),
            ("kvmnet 0.1 made it", "kvmnet 0.1 made it"),
            ("/etc/kvmnet bridge", "/etc/kvmnet bridge"),
            (
                "correct it, or take it away: rm /etc/libvirt/qemu/b.xml",
                "correct it, or take it away: rm /mnt/etc/libvirt/qemu/b.xml",
            ),
            (
                "chown root /etc/a; chmod 600 /etc/a; nmcli connection reload",
                "chown root /mnt/etc/a; chmod 600 /mnt/etc/a",
            ),
            (
                "correct this, then: nmcli connection reload",
                "correct this",
            ),
            (
                "if it is yours: chown -hR 0 /var/lib/kvmnet && chmod -R go-w /var/lib/kvmnet",
                "if it is yours: chown -hR 0 /mnt/var/lib/kvmnet && chmod -R go-w /mnt/var/lib/kvmnet",
            ),
            ("mv /etc/a.old /root/", "mv /mnt/etc/a.old /mnt/root/"),
            ("touch /mnt/.autorelabel", "touch /mnt/.autorelabel"),
            (
                "`/etc/a` is as long as /etc/b",
                "`/etc/a` is as long as /etc/b",
            ),
        ] {
            assert_eq!(elsewhere().typed(text), typed);
            assert_eq!(Site::default().typed(text), text);
        }
    }

    #[test]
    fn the_machine_in_use_has_no_other_root() {
        for root in ["/", "//", "/.", "/tmp/.."] {
            let site = Site::of(Utf8Path::new(root));
            assert_eq!(site.root, None, "{root}");
            // tests lie outside of where services look
            let typed = site.with_program("sh -c 'kvmnet rollback 1'");
            assert!(
                typed.starts_with("sh -c '/") && typed.ends_with(" rollback 1'"),
                "{typed}"
            );
        }
        let root = |name: &str| Site::of(Utf8Path::new(name)).root;
        assert_eq!(root("/mnt/"), Some("/mnt".to_owned()));
        assert_eq!(root("/a b"), Some("\"/a b\"".to_owned()));
        assert!(root("x").unwrap().starts_with('/'));
    }

    #[test]
    fn commands_are_found() {
        let text =
            "keep it: kvmnet recover --force, or not (kvmnet --root '/a b' history 1) at all";
        let found: Vec<&str> = commands(text).into_iter().map(|at| &text[at]).collect();
        assert_eq!(
            found,
            ["kvmnet recover --force", "(kvmnet --root '/a b' history 1"]
        );
    }
}
