//! systemd-networkd: `.network` and `.netdev` files.
//!
//! Source: systemd.network(5), systemd.netdev(5): files of all folders are sorted by name, of two with one name that in /etc
//! counts before that in /run, before that in /usr; an interface belongs to the first file that matches it.

use std::collections::HashMap;

use super::claim::{Applies, is_name};
use super::{At, Claim, Kind, Other, Program, Starts, Unparsed, lookup, unit};
use crate::doc::keyfile::{Entry, entries};
use crate::tree::{HostPath, Pick, Picker, Tree};

/// The strongest first.
pub(super) const FOLDERS: &[&str] = &[
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
    "/lib/systemd/network",
];

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let pick: Picker = |name| match name.rsplit_once('.').map(|(_, end)| end) {
        // the last are udev's
        Some("network" | "netdev" | "link") => Pick::Read,
        Some("d") => Pick::Enter(|name| match name.ends_with(".conf") {
            true => Pick::Read,
            false => Pick::Skip,
        }),
        Some(_) | None => Pick::Skip,
    };
    let all = FOLDERS.iter().map(|folder| HostPath::literal(folder));
    all.map(|folder| (folder, pick)).collect()
}

pub(super) fn find(tree: &Tree) -> Other {
    let mut other = Other::new(Program::Networkd);
    let all = || FOLDERS.iter().map(|folder| HostPath::literal(folder));
    let mut files = lookup::strongest(tree, all());
    files.retain(|name, _| !name.ends_with(".link"));
    let admins = HostPath::literal(FOLDERS[0]);
    let by_hand = files.values().find(|path| path.is_beneath(&admins));
    other.starts = match unit::NETWORKD.starts(tree) {
        Starts::Unknown if by_hand.is_some() => Starts::Yes,
        // systemd brings it along, and few use it
        Starts::Unknown => Starts::No,
        known @ (Starts::Yes | Starts::No | Starts::Masked(_) | Starts::Idle(_)) => known,
    };
    other.at = by_hand.map(|path| At::file((*path).clone()));
    if other.starts != Starts::Yes {
        return other;
    }
    for (name, path) in files.into_iter().filter(|(name, _)| !name.ends_with(".d")) {
        let Some(file) = tree.file(path) else {
            other.unparsed.extend(Unparsed::of(tree, path));
            continue;
        };
        other.files.push(path.clone());
        let mut texts = vec![joined(&file.bytes)];
        let dropped = all().map(|folder| folder.join(&format!("{name}.d")));
        for path in lookup::strongest(tree, dropped).into_values() {
            if let Some(file) = tree.file(path) {
                texts.push(joined(&file.bytes));
                other.files.push(path.clone());
            }
        }
        let entries: Vec<Entry<'_>> = texts.iter().flat_map(|text| entries(text)).collect();
        if name.ends_with(".netdev") {
            other.claims.extend(device(&entries, path));
        } else {
            network(&entries, path, &mut other.claims);
        }
    }
    let first = other.files.first().cloned();
    other.at = other.at.or_else(|| Some(At::file(first.unwrap_or(admins))));
    ports(&mut other.claims);
    other
}

fn last<'a>(entries: &[Entry<'a>], section: &str, key: &str) -> Option<Entry<'a>> {
    let found = entries
        .iter()
        .rfind(|e| e.section == section && e.key == key);
    found.filter(|entry| !entry.value.is_empty()).copied()
}

fn device(entries: &[Entry<'_>], path: &HostPath) -> Option<Claim> {
    let name = last(entries, "NetDev", "Name").filter(|entry| is_name(entry.value))?;
    let at = At {
        path: path.clone(),
        line: Some(name.line),
    };
    let mut claim = Claim::new(Applies::Name(name.value.to_owned()), Program::Networkd, at);
    if last(entries, "NetDev", "Kind").is_some_and(|kind| kind.value == "bridge") {
        claim.bridge = Some(Kind::Linux);
    }
    Some(claim)
}

/// Adds what a `.network` file configures.
fn network(entries: &[Entry<'_>], path: &HostPath, claims: &mut Vec<Claim>) {
    let matched: Vec<&Entry<'_>> = entries.iter().filter(|e| e.section == "Match").collect();
    let list = |key: &str| -> Option<Vec<String>> {
        let values = matched.iter().filter(|entry| entry.key == key);
        let mut found: Option<Vec<String>> = None;
        for entry in values {
            match entry.value.is_empty() {
                true => found = None,
                false => found
                    .get_or_insert_default()
                    .extend(entry.value.split_ascii_whitespace().map(str::to_owned)),
            }
        }
        found
    };
    let others = matched.iter().any(|entry| {
        !matches!(
            entry.key,
            "Name" | "MACAddress" | "PermanentMACAddress" | "Type"
        )
    });
    let cards =
        list("Type").is_none_or(|types| types.iter().any(|kind| kind == "ether" || kind == "*"));
    let mac = list("MACAddress").or_else(|| list("PermanentMACAddress"));
    let any = |names: &Vec<String>| names.iter().any(|name| name == "*");
    let applies = match (list("Name"), mac) {
        // what matches nothing is passed over: networkd wants a condition
        (None, None) if matched.iter().all(|entry| entry.value.is_empty()) => return,
        // by a driver, a path, a host: whose that is files do not tell
        _ if others || !cards => return,
        (Some(names), _) if any(&names) => Applies::Cards,
        (Some(names), _) => Applies::Patterns(names),
        (None, Some(macs)) => Applies::Mac(macs),
        (None, None) => Applies::Cards,
    };
    let line = matched.first().map(|entry| entry.line);
    let at = At {
        path: path.clone(),
        line,
    };
    let mut claim = Claim::new(applies, Program::Networkd, at);
    let unmanaged = last(entries, "Link", "Unmanaged");
    claim.manages = !unmanaged.is_some_and(|e| is_yes(e.value));
    let bridge = last(entries, "Network", "Bridge").filter(|entry| is_name(entry.value));
    claim.controller = bridge.map(|entry| entry.value.to_owned());
    claims.push(claim);
}

/// Whether a value is a boolean that means yes, parse_boolean() of systemd.
fn is_yes(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    matches!(value.as_str(), "1" | "yes" | "y" | "true" | "t" | "on")
}

/// Returns a text in which lines that end in `\` go on in the next one, as systemd.syntax(7) has it; none is lost of the count.
fn joined(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let (mut joined, mut owed) = (String::with_capacity(text.len()), 0);
    for line in text.lines() {
        match line.strip_suffix('\\') {
            Some(start) => {
                joined.push_str(start);
                joined.push(' ');
                owed += 1;
            }
            None => {
                joined.push_str(line);
                joined.push_str(&"\n".repeat(owed + 1));
                owed = 0;
            }
        }
    }
    joined
}

/// Names the ports of bridges, as far as they are matched by a name or an address.
fn ports(claims: &mut [Claim]) {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for claim in claims.iter() {
        let Some(controller) = &claim.controller else {
            continue;
        };
        let names = match &claim.applies {
            Applies::Patterns(names) | Applies::Mac(names) => names.as_slice(),
            Applies::Name(_) | Applies::Cards => &[],
        };
        let plain = names
            .iter()
            .filter(|name| is_name(name) && !name.contains(['*', '?', '[', '!']));
        let ports = found.entry(controller.clone()).or_default();
        ports.extend(plain.cloned());
    }
    for claim in claims.iter_mut().filter(|claim| claim.bridge.is_some()) {
        if let Applies::Name(name) = &claim.applies {
            // of several of one name the first has them
            claim.ports = found.remove(name).unwrap_or_default();
            claim.ports.sort_unstable();
        }
    }
}
