//! ifupdown and ifupdown2: `/etc/network/interfaces`, as Debian and Proxmox have it.
//!
//! Source: interfaces(5), bridge-utils-interfaces(5), ifupdown-addons-interfaces(5), and openvswitch-switch's README.Debian.

use std::collections::HashMap;

use super::release::Release;
use super::{Applies, At, Claim, Kind, Other, Program, Starts, glob, unit};
use crate::tree::{HostPath, Pick, Picker, Tree};

const INTERFACES: &str = "/etc/network/interfaces";
const SNIPPETS: &str = "/etc/network/interfaces.d";
const PROGRAM: &[&str] = &[
    "/etc/init.d/networking",
    "/usr/share/ifupdown2",
    "/usr/share/ifupdown",
];

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    vec![(HostPath::literal(SNIPPETS), |_| Pick::Read)]
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
        Starts::No => Starts::No,
        Starts::Yes | Starts::Unknown => Starts::Yes,
    };
    let text = String::from_utf8_lossy(&file.bytes);
    read(&main, &text, &mut other);
    for (pattern, every) in sources(&text) {
        for (name, path) in tree.names(&HostPath::literal(SNIPPETS)) {
            let named = name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
            let taken = match every {
                true => named,
                false => glob::fits(&pattern, path.as_str()) && !name.starts_with('.'),
            };
            let known = other.files.contains(path);
            if let Some(file) = tree.file(path).filter(|_| taken && !known) {
                read(path, &String::from_utf8_lossy(&file.bytes), &mut other);
            }
        }
    }
    other.at = Some(At::file(main));
    other
}

/// Returns the patterns of `source` lines, and the folders of `source-directory` lines, where they lead to the usual folder.
fn sources(text: &str) -> Vec<(String, bool)> {
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
        let path = words.next().unwrap_or("");
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/etc/network/{path}"),
        };
        match every {
            true if path.trim_end_matches('/') == SNIPPETS => found.push((path, true)),
            false if path.starts_with(SNIPPETS) => found.push((path, false)),
            _ => {}
        }
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

fn read(path: &HostPath, text: &str, other: &mut Other) {
    other.files.push(path.clone());
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, claim) in other.claims.iter().enumerate() {
        known.extend(claim.name().map(|name| (name.to_owned(), index)));
    }
    let mut current: Option<usize> = None;
    for (line, text) in lines(text) {
        let mut words = text.split_ascii_whitespace();
        let Some(word) = words.next() else {
            continue;
        };
        let at = At {
            path: path.clone(),
            line,
        };
        match word {
            "iface" => {
                // an interface has a stanza for each family: they are one
                current = words.next().map(|name| {
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
            claim.ports = words.into_iter().filter(|word| word != "none").collect();
        }
        "ovs-type" if words.first().is_some_and(|kind| kind == "OVSBridge") => {
            claim.bridge = Some(Kind::OpenVswitch);
        }
        "ovs-ports" => claim.ports = words,
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
