//! udev: which hardware address the first `.link` file that matches gives a new bridge.
//!
//! Source: systemd.link(5): of all folders the first file, by name, that matches an interface counts; `MACAddressPolicy=`. Run
//! with udevd: by `persistent` a bridge gets an address that is made of its name and the machine's identity.

use super::networkd::FOLDERS;
use super::{At, glob, lookup};
use crate::doc::keyfile::entries;
use crate::tree::{HostPath, Tree};

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
    let folders = FOLDERS.iter().map(|folder| HostPath::literal(folder));
    let files = lookup::strongest(tree, folders).into_iter();
    let files = files.filter(|(name, _)| name.ends_with(".link"));
    files
        .filter_map(|(_, path)| Some(link(path, &tree.file(path)?.bytes)))
        .collect()
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
}
