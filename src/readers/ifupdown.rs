//! ifupdown and ifupdown2: `/etc/network/interfaces`, as Debian and Proxmox have it.
//!
//! Source: interfaces(5), bridge-utils-interfaces(5), ifupdown-addons-interfaces(5), and openvswitch-switch's README.Debian.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::claim::{Applies, is_name};
use super::release::Release;
use super::{At, Claim, Kind, Other, Program, Starts, Unparsed, glob, unit};
use crate::tree::{HostPath, Pick, Picker, Tree};

const INTERFACES: &str = "/etc/network/interfaces";
const FOLDER: &str = "/etc/network";
/// The most `source` lines that are followed; hosts have one or two.
const MOST_SOURCES: usize = 64;
const SNIPPETS: &str = "/etc/network/interfaces.d";
const PROGRAM: &[&str] = &[
    "/etc/init.d/networking",
    "/usr/share/ifupdown2",
    "/usr/share/ifupdown",
];

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    // hooks are no configuration
    let pick: Picker = |name| match name.starts_with("if-") {
        true => Pick::Skip,
        false => Pick::Enter(|_| Pick::Read),
    };
    vec![(HostPath::literal(FOLDER), pick)]
}

pub(super) fn files() -> Vec<HostPath> {
    vec![HostPath::literal(INTERFACES)]
}

pub(super) fn present() -> Vec<HostPath> {
    PROGRAM.iter().map(|path| HostPath::literal(path)).collect()
}

pub(super) fn find(tree: &Tree, release: Option<&Release>) -> Other {
    let mut other = Other::new(Program::Ifupdown);
    let main = HostPath::literal(INTERFACES);
    let programs =
        present().iter().any(|path| tree.exists(path)) || unit::NETWORKING.is_installed(tree);
    // on hosts of Red Hat such a file is somebody's note
    let foreign = release.is_some_and(Release::is_redhat) && !programs;
    let Some(file) = tree.file(&main).filter(|_| !foreign) else {
        return other;
    };
    other.starts = match unit::NETWORKING.starts(tree) {
        // Debian starts it by default; only a mask or a missing link speak against it
        Starts::Yes | Starts::Unknown => Starts::Yes,
        known @ (Starts::No | Starts::Masked(_) | Starts::Idle(_)) => known,
    };
    let mut open = vec![(
        main.clone(),
        String::from_utf8_lossy(&file.bytes).into_owned(),
    )];
    let (mut known, mut names) = (BTreeSet::new(), HashMap::new());
    let mut patterns = BTreeSet::new();
    let mut started = Started::default();
    while let Some((path, text)) = open.pop() {
        if !known.insert(path.clone()) {
            continue;
        }
        let sources = sources(&text);
        started.read(&text);
        read(&path, &text, &mut other, &mut names);
        for source in sources {
            // the same line again brings nothing new
            if patterns.len() >= MOST_SOURCES || !patterns.insert(source.pattern.clone()) {
                continue;
            }
            let found = source.files(tree);
            if found.is_empty() && !source.may_be_missing {
                other.unparsed.push(Unparsed {
                    path: path.clone(),
                    why: format!("`{}` is not followed", source.pattern),
                });
            }
            let texts = found.into_iter().filter_map(|path| {
                let bytes = &tree.file(&path)?.bytes;
                Some((path, String::from_utf8_lossy(bytes).into_owned()))
            });
            open.extend(texts);
        }
    }
    for claim in &mut other.claims {
        let name = claim.name().unwrap_or_default();
        claim.at_boot = started.holds(name);
    }
    other.files.sort();
    other.at = Some(At::file(main));
    other
}

/// The interfaces that are brought up at boot: interfaces(5), `auto` and `allow-`.
#[derive(Default)]
struct Started {
    names: HashSet<String>,
    /// Whether there are patterns among them, for which nothing is told.
    patterns: bool,
}

impl Started {
    fn read(&mut self, text: &str) {
        for (_, line) in lines(text) {
            let mut words = line.split_ascii_whitespace();
            let word = words.next().unwrap_or_default();
            if word == "auto" || word.starts_with("allow-") {
                let names: Vec<&str> = words.collect();
                let is_pattern = |name: &&str| name.contains(['*', '?', '[', '/', '=', '!']);
                self.patterns |= names.iter().any(is_pattern);
                self.names.extend(names.into_iter().map(str::to_owned));
            }
        }
    }

    fn holds(&self, name: &str) -> bool {
        self.patterns || self.names.contains(name)
    }
}

/// A line that names further files.
struct Source {
    pattern: String,
    /// Whether every file in a folder is meant, by names as `run-parts` takes them.
    every: bool,
    /// Whether the usual line is meant, whose folder may be empty.
    may_be_missing: bool,
}

impl Source {
    /// Returns the files that are meant, as far as they were read: those in folders beneath /etc/network.
    fn files(&self, tree: &Tree) -> Vec<HostPath> {
        let (folder, last) = match self.every {
            true => (self.pattern.trim_end_matches('/'), "*"),
            false => self.pattern.rsplit_once('/').unwrap_or(("", &self.pattern)),
        };
        let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
        let base = HostPath::literal(FOLDER);
        let known = [base.clone()]
            .into_iter()
            .chain(tree.folders_in(&base).cloned());
        // a star does not reach over a `/`
        let fits = |known: &HostPath| {
            parts(known.as_str()) == parts(folder) && {
                let mut both = known.as_str().split('/').zip(folder.split('/'));
                both.all(|(name, pattern)| glob::fits(pattern, name))
            }
        };
        let names = known.filter(fits).flat_map(|folder| {
            let names = tree.names(&folder);
            names
                .map(|(name, path)| (name.to_owned(), path.clone()))
                .collect::<Vec<_>>()
        });
        let plain = |name: &str| {
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        };
        let taken = |name: &str| match self.every {
            true => plain(name),
            false => glob::fits(last, name) && !name.starts_with('.'),
        };
        let found = names.filter(|(name, path)| taken(name) && tree.file(path).is_some());
        found.map(|(_, path)| path).collect()
    }
}

/// Returns what the `source` and `source-directory` lines of a text name.
fn sources(text: &str) -> Vec<Source> {
    let mut found = Vec::new();
    for (_, line) in lines(text) {
        let mut words = line.split_ascii_whitespace();
        let Some(word) = words.next() else {
            continue;
        };
        let every = match word {
            "source" => false,
            "source-directory" | "source-dir" => true,
            _ => continue,
        };
        found.extend(words.map(|path| {
            let pattern = match path.starts_with('/') {
                true => path.to_owned(),
                false => format!("{FOLDER}/{path}"),
            };
            Source {
                may_be_missing: pattern.starts_with(SNIPPETS),
                pattern,
                every,
            }
        }));
    }
    found
}

/// Returns the lines that are no comments, those that go on joined, each with the number of its first.
fn lines(text: &str) -> Vec<(u32, String)> {
    let (mut found, mut open): (Vec<(u32, String)>, bool) = (Vec::new(), false);
    for (line, number) in text.lines().zip(1..) {
        let goes_on = line.ends_with('\\');
        let part = line.trim_end_matches('\\');
        match (open, found.last_mut()) {
            (true, Some((_, whole))) => whole.push_str(part),
            _ if line.trim_start().starts_with('#') => continue,
            _ => found.push((number, part.to_owned())),
        }
        open = goes_on;
    }
    found
}

fn read(path: &HostPath, text: &str, other: &mut Other, known: &mut HashMap<String, usize>) {
    other.files.push(path.clone());
    let mut current: Option<usize> = None;
    for (line, text) in lines(text) {
        let mut words = text.split_ascii_whitespace();
        let Some(word) = words.next() else {
            continue;
        };
        let at = At {
            path: path.clone(),
            line: Some(line),
        };
        match word {
            "iface" => {
                // an interface has a stanza for each family: they are one
                current = words.next().filter(|name| is_name(name)).map(|name| {
                    *known.entry(name.to_owned()).or_insert_with(|| {
                        let applies = Applies::Name(name.to_owned());
                        other
                            .claims
                            .push(Claim::new(applies, Program::Ifupdown, at));
                        other.claims.len() - 1
                    })
                });
            }
            "auto" | "mapping" | "source" | "source-directory" | "no-auto-down" | "no-scripts" => {
                current = None;
            }
            word if word.starts_with("allow-") => current = None,
            option => {
                if let Some(claim) = current.and_then(|index| other.claims.get_mut(index)) {
                    apply(claim, option, words.map(str::to_owned).collect());
                }
            }
        }
    }
}

fn apply(claim: &mut Claim, option: &str, words: Vec<String>) {
    let option = option.replace('_', "-");
    match option.as_str() {
        "bridge-ports" => {
            claim.bridge = Some(Kind::Linux);
            // `regex` and a pattern stand for names that files do not tell
            let names = words
                .split(|word| word == "regex" || word == "noregex")
                .next();
            let names = names.unwrap_or_default().iter();
            claim.ports = names
                .filter(|word| *word != "none" && *word != "all" && is_name(word))
                .cloned()
                .collect();
        }
        "ovs-type" if words.first().is_some_and(|kind| kind == "OVSBridge") => {
            claim.bridge = Some(Kind::OpenVswitch);
        }
        "ovs-ports" => claim.ports = words.into_iter().filter(|word| is_name(word)).collect(),
        option
            if option.starts_with("bridge-") && claim.bridge.is_none() && makes_bridge(option) =>
        {
            claim.bridge = Some(Kind::Linux);
        }
        _ => {}
    }
}

/// Options that only a bridge has; some of `bridge-` are a port's.
fn makes_bridge(option: &str) -> bool {
    matches!(
        option,
        "bridge-stp"
            | "bridge-fd"
            | "bridge-vlan-aware"
            | "bridge-ageing"
            | "bridge-hw"
            | "bridge-maxwait"
    )
}
