//! udev: which hardware address the first `.link` file that matches gives a new bridge, and how cards are named.
//!
//! Source: systemd.link(5): of all folders the first file, by name, that matches an interface counts; `MACAddressPolicy=`. Run
//! with udevd: by `persistent` a bridge gets an address that is made of its name and the machine's identity.

use ini::{Ini, Properties};

use super::networkd::FOLDERS;
use super::{At, glob, lookup};
use crate::doc::keyfile::entries;
use crate::tree::{HostPath, Pick, Picker, Tree};

/// What a `.link` file gives the interfaces that it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LinkFile {
    /// The patterns of names; none: all.
    names: Vec<String>,
    /// Whether it asks for anything else than names that no bridge has, such as a hardware address.
    never: bool,
    /// Whether it gives an address of its own, and where it says so.
    persistent: Option<At>,
}

/// Returns the `.link` files in the order in which they are held against an interface.
pub(super) fn links(tree: &Tree) -> Vec<LinkFile> {
    files(tree)
        .filter_map(|path| Some(link(path, &tree.file(path)?.bytes)))
        .collect()
}

/// Returns the `.link` files, sorted by name.
fn files(tree: &Tree) -> impl Iterator<Item = &HostPath> {
    let folders = FOLDERS.iter().map(|folder| HostPath::literal(folder));
    let files = lookup::strongest(tree, folders).into_iter();
    let files = files.filter(|(name, _)| name.ends_with(".link"));
    files.map(|(_, path)| path)
}

fn link(path: &HostPath, bytes: &[u8]) -> LinkFile {
    let text = String::from_utf8_lossy(bytes);
    let (mut names, mut never, mut persistent) = (Vec::new(), false, None);
    for entry in entries(&text) {
        match (entry.section, entry.key) {
            ("Match", "OriginalName") => {
                let words = entry.value.split_ascii_whitespace();
                names.extend(words.map(str::to_owned));
            }
            ("Match", "Type" | "Kind" | "Driver") => {
                let mut words = entry.value.split_ascii_whitespace();
                never |= !words.any(|word| glob::fits(word, "bridge"));
            }
            // a bridge has neither a bus nor an address before it is made
            ("Match", "MACAddress" | "PermanentMACAddress" | "Path" | "Property") => never = true,
            ("Link", "MACAddressPolicy") => {
                let is_persistent = entry.value == "persistent";
                persistent = is_persistent.then(|| At {
                    path: path.clone(),
                    line: Some(entry.line),
                });
            }
            _ => {}
        }
    }
    // a file without any condition matches nothing
    let conditions = text.lines().any(|line| line.trim() == "[Match]");
    LinkFile {
        never: never || !conditions,
        names,
        persistent,
    }
}

/// Returns where it is said that udev gives the bridge `name` an address of its own.
pub(super) fn gives_address<'l>(links: &'l [LinkFile], name: &str) -> Option<&'l At> {
    let fits = |link: &&LinkFile| {
        let mut names = link.names.iter();
        !link.never && (link.names.is_empty() || names.any(|pattern| glob::fits(pattern, name)))
    };
    links.iter().find(fits)?.persistent.as_ref()
}

/// Where rules lie that an administrator, or an installer, wrote.
const RULES: &str = "/etc/udev/rules.d";

/// Returns the folders that are listed.
pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let pick: Picker = |name| match name.ends_with(".rules") {
        true => Pick::Read,
        false => Pick::Skip,
    };
    vec![(HostPath::literal(RULES), pick)]
}

/// Returns the names that udev gives the cards of certain hardware addresses: each address with its name, the first that counts
/// first.
///
/// Source: `Name=` and `NamePolicy=` in systemd.link(5), `NAME` in udev(7): the rules name a card where no `.link` file does.
#[must_use]
pub fn named_cards(tree: &Tree) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = files(tree)
        .filter_map(|path| named_by_link(&String::from_utf8_lossy(&tree.file(path)?.bytes)))
        .flatten()
        .collect();
    let rules = tree.names(&HostPath::literal(RULES));
    for (_, path) in rules.filter(|(name, _)| name.ends_with(".rules")) {
        let text = tree
            .file(path)
            .map(|file| String::from_utf8_lossy(&file.bytes));
        let text = text.unwrap_or_default().replace("\\\n", " ");
        named.extend(text.lines().filter_map(named_by_rule));
    }
    named
}

/// Returns the name that a `.link` file gives the cards whose hardware addresses it lists, if these alone decide.
fn named_by_link(text: &str) -> Option<Vec<(String, String)>> {
    let file = Ini::load_from_str_noescape(text).ok()?;
    let section = |name| file.section_all(Some(name)).flat_map(Properties::iter);
    let mut macs: Vec<&str> = Vec::new();
    for (key, value) in section("Match") {
        match key {
            "MACAddress" | "PermanentMACAddress" => macs.extend(value.split_ascii_whitespace()),
            "OriginalName" if value == "*" => {}
            "Type" if matches!(value, "ether" | "wlan") => {}
            _ => return None,
        }
    }
    let of_link = |wanted| section("Link").rfind(move |(key, _)| *key == wanted);
    // by the slot of the card, which files do not tell
    if of_link("NamePolicy").is_some_and(|(_, policy)| !policy.is_empty()) {
        return None;
    }
    let (_, name) = of_link("Name")?;
    let named = |mac: &str| (mac.to_owned(), name.to_owned());
    Some(macs.into_iter().map(named).collect())
}

/// Returns the hardware address that a rule asks for, and the name that it gives.
fn named_by_rule(line: &str) -> Option<(String, String)> {
    let line = line.trim_start();
    let value = |key: &str| {
        let (_, rest) = line.split_once(key)?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let named = value(",NAME=\"").or_else(|| value(" NAME=\""));
    (!line.starts_with('#')).then_some((value("ATTR{address}==\"")?, named?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[&str], name: &str) -> Option<u32> {
        let path = HostPath::literal("/x.link");
        let links: Vec<_> = files
            .iter()
            .map(|text| link(&path, text.as_bytes()))
            .collect();
        gives_address(&links, name).and_then(|at| at.line)
    }

    #[test]
    fn the_first_file_that_matches_counts() {
        let default = "[Match]\nOriginalName=*\n\n[Link]\nMACAddressPolicy=persistent\n";
        let none = "[Match]\nKind=bridge bond\n[Link]\nMACAddressPolicy=none\n";
        let card = "[Match]\nMACAddress=52:54:00:00:00:01\n[Link]\nName=lan0\n";
        assert_eq!(of(&[default], "br0"), Some(5));
        assert_eq!(of(&[none, default], "br0"), None);
        assert_eq!(of(&[card, default], "br0"), Some(5));
        let own = "[Match]\nOriginalName=br0\n[Link]\nMACAddressPolicy=none\n";
        assert_eq!(of(&[own, default], "br0"), None);
        assert_eq!(of(&[own, default], "br1"), Some(5));
    }

    #[test]
    fn cards_are_named_by_their_addresses() {
        let link = |text: &str| named_by_link(text).unwrap_or_default();
        let one =
            "[Match]\nPermanentMACAddress=52:54:00:00:00:01\n[Link]\nNamePolicy=\nName=lan0\n";
        let named = |mac: &str, name: &str| (mac.to_owned(), name.to_owned());
        assert_eq!(link(one), [named("52:54:00:00:00:01", "lan0")]);
        assert_eq!(link(&one.replace("NamePolicy=", "NamePolicy=path")), []);
        assert_eq!(link(&one.replace("[Link]", "Driver=x\n[Link]")), []);
        let rule = "SUBSYSTEM==\"net\", ACTION==\"add\", ATTR{address}==\"52:54:00:00:00:01\", NAME=\"eth0\"";
        assert_eq!(
            named_by_rule(rule),
            Some(named("52:54:00:00:00:01", "eth0"))
        );
        assert_eq!(named_by_rule(&rule.replace("NAME=", "ENV{NAME}=")), None);
        assert_eq!(named_by_rule(&format!("# {rule}")), None);
    }
}
