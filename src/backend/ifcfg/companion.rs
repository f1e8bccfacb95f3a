//! Files that are found by the name of an interface, and the places in them that name it again.
//!
//! Source: ifup-routes (`route-DEVICE`, and the name behind `ifcfg-`), ifup-aliases (`ifcfg-DEVICE:*`,
//! `ifcfg-DEVICE-range*`), network-functions (`dhclient-DEVICE.conf`), dhclient-script (hooks).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use super::kind::{self, Part};
use super::owned::OwnedText;
use super::reader::Reader;
use super::text::{Companion, CompanionRole};
use crate::backend::text::{broken_by, text};
use crate::doc::shell::{Assignment, ShellDoc};
use crate::host::Broken;
use crate::host::profile::Profile;
use crate::host::spot::{Said, Spot};
use crate::host::value::InterfaceName;
use crate::layout::{About, FILES, FileKind, Spelling, kinds_in};
use crate::readers::{NETWORK_SCRIPTS, Readers};
use crate::tree::{HostPath, Tree};

/// Returns the kinds of files of dhclient.
fn dhclient() -> impl Iterator<Item = &'static FileKind> {
    FILES.iter().filter(|kind| kind.about == About::Dhcp)
}

/// All files of a tree that are found by an interface's name, by that name.
pub(super) struct Index<'a> {
    tree: &'a Tree,
    files: BTreeMap<&'a str, Vec<(&'a HostPath, CompanionRole)>>,
    /// Aliases whose DEVICE names the interface, by that name.
    aliases: BTreeMap<&'a str, Vec<(&'a HostPath, CompanionRole)>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(tree: &'a Tree, readers: &Readers) -> Self {
        let mut files: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        let scripts = HostPath::literal(NETWORK_SCRIPTS);
        for (name, path) in tree.names(&scripts) {
            if let Some((interface, role)) = role_of(name, readers) {
                files.entry(interface).or_default().push((path, role));
            }
        }
        for kind in dhclient() {
            let start = kind.name.split('*').next().unwrap_or("");
            let named = tree.names_with(&HostPath::literal(kind.folder), start);
            let named = named.filter_map(|(name, path)| Some((starred(kind, name)?, path)));
            for (interface, path) in named {
                let role = CompanionRole::Dhclient(kind);
                files.entry(interface).or_default().push((path, role));
            }
        }
        Self {
            tree,
            files,
            aliases: BTreeMap::new(),
        }
    }

    /// Returns the tree.
    pub(super) fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// Adds an alias whose DEVICE names its interface.
    pub(super) fn add_alias(&mut self, of: &'a str, path: &'a HostPath, label: &str) {
        let role = CompanionRole::Alias(label.to_owned());
        self.aliases.entry(of).or_default().push((path, role));
    }

    /// Returns the files that belong to `interface` for the reader of its own file, which is called `ifcfg-SUFFIX`, and those
    /// that cannot be read.
    ///
    /// NetworkManager looks for the name of the ifcfg file alone; scripts look for DEVICE, and for routes and rules under both.
    pub(super) fn find(
        &self,
        interface: &InterfaceName,
        suffix: &str,
        reader: Reader,
    ) -> (Vec<Companion>, Vec<Broken>) {
        let (mut found, mut broken) = (Vec::new(), Vec::new());
        let device = interface.as_str();
        let dhclient = |role: &CompanionRole| matches!(role, CompanionRole::Dhclient(_));
        let of = |name: &str| self.files.get(name).into_iter().flatten();
        let further = |role: &CompanionRole| {
            matches!(role, CompanionRole::Alias(_) | CompanionRole::Range(_))
        };
        let by_suffix = |role: &CompanionRole| match reader {
            Reader::NetworkScripts => !dhclient(role) && !further(role),
            Reader::NetworkManager | Reader::Unknown => !dhclient(role),
        };
        let own = of(suffix).filter(|(_, role)| suffix == device || by_suffix(role));
        let both = reader != Reader::NetworkManager;
        let by_device = of(device).filter(|(_, role)| suffix != device && (both || dhclient(role)));
        let aliases = self.aliases.get(device).into_iter().flatten();
        let own = own.map(|file| (suffix, file));
        let by_device = by_device.chain(aliases).map(|file| (device, file));
        for (name, (path, role)) in own.chain(by_device) {
            match text(self.tree, path, device) {
                Ok(text) => {
                    if let Some(problem) = syntax_error(path, role, text, interface) {
                        broken.push(problem);
                        continue;
                    }
                    found.push(companion(path, role.clone(), text, device, name));
                }
                Err(problem) => broken.push(problem),
            }
        }
        (found, broken)
    }
}

/// Returns the file at `path`, which belongs to `owner`.
pub(super) fn read(
    tree: &Tree,
    readers: &Readers,
    owner: &Profile,
    path: &HostPath,
) -> Option<Companion> {
    let text = text(tree, path, owner.interface.as_str()).ok()?;
    let device = owner.interface.as_str();
    let dhclient = dhclient().find(|kind| path_of(kind, device) == *path);
    let (name, role) = match (dhclient, role_of(path.name(), readers)) {
        (Some(kind), _) => (device, CompanionRole::Dhclient(kind)),
        (None, Some(found)) => found,
        (None, None) => {
            let label = label_of(&ShellDoc::parse(text), device)?;
            (device, CompanionRole::Alias(label))
        }
    };
    Some(companion(path, role, text, device, name))
}

/// Returns the label of an alias whose DEVICE names `device`.
fn label_of(doc: &ShellDoc, device: &str) -> Option<String> {
    let rest = doc.literal("DEVICE")?.strip_prefix(device)?;
    Some(rest.strip_prefix(':')?.to_owned())
}

fn companion(
    path: &HostPath,
    role: CompanionRole,
    text: &str,
    device: &str,
    name: &str,
) -> Companion {
    Companion {
        addresses: addresses(&role, text, path),
        origin: path.clone(),
        content: OwnedText::with_gaps(text, &gaps(&role, text, device, name)),
        role,
    }
}

/// Aliases and ranges are shell assignments, like the profile that they belong to.
fn syntax_error(
    path: &HostPath,
    role: &CompanionRole,
    text: &str,
    interface: &InterfaceName,
) -> Option<Broken> {
    match role {
        CompanionRole::Alias(_) | CompanionRole::Range(_) => {
            let doc = ShellDoc::parse(text);
            Some(broken_by(doc.syntax_error()?, path, interface.as_str()))
        }
        CompanionRole::Route(_) | CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => None,
    }
}

/// Returns whether an alias or a range is read with the file of its interface, from which it inherits what it does not say;
/// one that DEVICE alone makes an alias is brought up by itself.
pub(super) fn inherits(companion: &Companion) -> bool {
    is_named(&companion.origin)
}

/// Returns whether a file is an alias or a range by its name.
fn is_named(path: &HostPath) -> bool {
    let suffix = path.name().strip_prefix("ifcfg-");
    suffix.is_some_and(|suffix| kind::part_by_name(suffix).is_some())
}

/// Returns the addresses that an alias or a range adds.
fn addresses(role: &CompanionRole, text: &str, path: &HostPath) -> Vec<Said<IpAddr>> {
    let doc = ShellDoc::parse(text);
    let said = |assignment: &Assignment, word: &str, address| {
        let start = assignment.word.start;
        let at = text[assignment.word.clone()]
            .find(word)
            .filter(|_| !word.is_empty());
        let span = at.map_or(assignment.word.clone(), |at| {
            start + at..start + at + word.len()
        });
        let spot = Spot {
            file: path.clone(),
            line: assignment.line,
            span: Some(span),
        };
        Said {
            value: address,
            at: Some(spot),
        }
    };
    match role {
        CompanionRole::Alias(_) => {
            // of two assignments the last one holds
            let last =
                |a: &&Assignment| doc.get(&a.name).is_some_and(|last| std::ptr::eq(last, *a));
            // ifup-aliases and NetworkManager read the one address, ifup of such a file by itself all
            let is_read = |a: &&Assignment| match is_named(path) {
                true => a.name == "IPADDR",
                false => a.name.starts_with("IPADDR"),
            };
            let keys = doc.assignments().filter(is_read).filter(last);
            let of = |a: &Assignment| {
                let word = a.value.literal()?;
                Some(said(a, word, word.parse().ok()?))
            };
            keys.filter_map(of).collect()
        }
        CompanionRole::Range(_) => {
            let Some(start) = doc.get("IPADDR_START") else {
                return Vec::new();
            };
            let all = range(&doc).into_iter();
            all.map(|address| said(start, "", IpAddr::V4(address)))
                .collect()
        }
        CompanionRole::Route(_) | CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => Vec::new(),
    }
}

/// Returns the addresses of a range: ifup-aliases counts in the last byte alone.
fn range(doc: &ShellDoc) -> Vec<Ipv4Addr> {
    let end = |key: &str| doc.literal(key)?.parse::<Ipv4Addr>().ok();
    let (Some(first), Some(last)) = (end("IPADDR_START"), end("IPADDR_END")) else {
        return Vec::new();
    };
    let [a, b, c, start] = first.octets();
    let [.., end] = last.octets();
    match first.octets()[..3] == last.octets()[..3] {
        true => (start..=end)
            .map(|byte| Ipv4Addr::new(a, b, c, byte))
            .collect(),
        false => Vec::new(),
    }
}

/// Returns the interface that a file is named after, and what it is for.
fn role_of<'a>(name: &'a str, readers: &Readers) -> Option<(&'a str, CompanionRole)> {
    if let Some(rest) = name.strip_prefix("ifcfg-") {
        // is such a name, without colon and range, that of a backup?
        let live =
            |label: &str| !label.is_empty() && readers.loads(&format!("ifcfg-x{label}")).is_some();
        return match kind::part_by_name(rest)? {
            Part::Alias { of, label } | Part::OwnAlias { of, label } => {
                live(label).then(|| (of, CompanionRole::Alias(label.to_owned())))
            }
            Part::Range { of, label } => {
                live(label).then(|| (of, CompanionRole::Range(label.to_owned())))
            }
            Part::Profile => None,
        };
    }
    kinds_in(NETWORK_SCRIPTS).find_map(|kind| {
        let role = match kind.about {
            About::Routes => CompanionRole::Route(kind),
            About::Rules => CompanionRole::Rule(kind),
            About::Profile
            | About::Secrets
            | About::Dhcp
            | About::Host
            | About::Zone
            | About::Network
            | About::Guest
            | About::Autostart
            | About::Naming
            | About::Unmanaged
            | About::Started => return None,
        };
        Some((starred(kind, name)?, role))
    })
}

/// Returns the interfaces after which files of routes, rules, aliases and the like are named; not what is the name of a profile alone.
pub(super) fn named(tree: &Tree, readers: &Readers) -> Vec<InterfaceName> {
    let scripts = HostPath::literal(NETWORK_SCRIPTS);
    let is_profile = |name: &str| tree.exists(&scripts.join(&format!("ifcfg-{name}")));
    let index = Index::of(tree, readers);
    let live = |name: &str| readers.loads(&format!("ifcfg-{name}")).is_some();
    let owners = index.files.into_keys();
    owners
        .filter(|name| !is_profile(name) && live(name))
        .filter_map(|name| InterfaceName::parse(name).ok())
        .collect()
}

/// Returns the interface that stands for the `*` of a kind of file in `name`.
fn starred<'a>(kind: &FileKind, name: &'a str) -> Option<&'a str> {
    kind.starred(name).filter(|found| !found.is_empty())
}

fn path_of(kind: &FileKind, name: &str) -> HostPath {
    HostPath::parse(&kind.path(name)).expect("an interface name holds no `/`")
}

/// Returns where a companion lies when it belongs to `owner`.
pub(super) fn path(role: &CompanionRole, owner: &Profile, readers: &Readers) -> HostPath {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let name = name(role, owner, readers);
    match role {
        CompanionRole::Route(kind) | CompanionRole::Rule(kind) => path_of(kind, name),
        CompanionRole::Alias(label) => folder.join(&format!("ifcfg-{name}:{label}")),
        CompanionRole::Range(label) => folder.join(&format!("ifcfg-{name}-range{label}")),
        CompanionRole::Dhclient(kind) => path_of(kind, owner.interface.as_str()),
    }
}

/// Returns the text of a companion that belongs to `owner`.
pub(super) fn content(companion: &Companion, owner: &Profile, readers: &Readers) -> String {
    match &companion.role {
        CompanionRole::Alias(_) | CompanionRole::Range(_) => {
            let name = name(&companion.role, owner, readers);
            companion.content.named_as(name)
        }
        CompanionRole::Route(_) | CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => {
            companion.content.named(&owner.interface)
        }
    }
}

/// Returns the name by which a companion of `owner` is found by all that read it.
///
/// The profile `ifcfg-N` of another device has its routes and rules in `route-N` for NetworkManager and for the scripts, and
/// only these look for `route-DEVICE` as well. Its aliases are `ifcfg-N:A` for the one, and `ifcfg-DEVICE:A` for the others.
fn name<'a>(role: &CompanionRole, owner: &'a Profile, readers: &Readers) -> &'a str {
    let device = owner.interface.as_str();
    let origin = owner.home.file.as_ref();
    let file = origin.and_then(|origin| origin.name().strip_prefix("ifcfg-"));
    let by_file = || {
        let alone = readers.scripts.is_none() && readers.network_manager.is_some();
        alone || readers.managed_by_nm(owner.nm_controlled)
    };
    match (role, file) {
        (CompanionRole::Route(_) | CompanionRole::Rule(_), Some(file)) => file,
        (CompanionRole::Alias(_) | CompanionRole::Range(_), Some(file)) if by_file() => file,
        (_, _) => device,
    }
}

/// Returns where `text`, of a file found by `name`, names the interface that it belongs to.
fn gaps(role: &CompanionRole, text: &str, owner: &str, name: &str) -> Vec<Range<usize>> {
    match role {
        CompanionRole::Route(_) | CompanionRole::Rule(_) => {
            after_words(text, &["dev", "iif", "oif"], owner)
        }
        CompanionRole::Alias(_) | CompanionRole::Range(_) => {
            let own = device_of_alias(text, name);
            match own.is_empty() {
                true => device_of_alias(text, owner),
                false => own,
            }
        }
        CompanionRole::Dhclient(kind) if kind.spelling == Spelling::Dhclient => {
            after_words(text, &["interface"], owner)
        }
        CompanionRole::Dhclient(_) => Vec::new(),
    }
}

/// Returns where `owner` is the word, bare or quoted, behind one of `words`; comments are left alone.
pub(in crate::backend) fn after_words(
    text: &str,
    words: &[&str],
    owner: &str,
) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            let mut expects = false;
            for word in line.split_ascii_whitespace() {
                let bare = word.trim_matches(['"', '\'']);
                if expects && bare == owner {
                    let at = start + (bare.as_ptr() as usize - line.as_ptr() as usize);
                    spans.push(at..at + owner.len());
                }
                expects = words.contains(&word);
            }
        }
        start += line.len();
    }
    spans
}

/// An alias file names its interface in `DEVICE=ens33:0`.
fn device_of_alias(text: &str, owner: &str) -> Vec<Range<usize>> {
    let doc = ShellDoc::parse(text);
    let devices = doc
        .assignments()
        .filter(|assignment| assignment.name == "DEVICE");
    let span = |word: &Range<usize>| {
        let raw = &text[word.clone()];
        let at = word.start + raw.len() - raw.trim_start_matches(['"', '\'']).len();
        let rest = text[at..word.end].strip_prefix(owner)?;
        (rest.is_empty() || rest.starts_with([':', '"', '\''])).then(|| at..at + owner.len())
    };
    devices
        .filter_map(|assignment| span(&assignment.word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_own_name_only_where_it_is_a_name() {
        let text = "# dev ens33\n10.0.0.0/8 via 1.2.3.4 dev ens33 metric 5\n10.1.0.0/16 dev ens33.100\nens33 dev x\n";
        let spans = after_words(text, &["dev"], "ens33");
        assert_eq!(spans.len(), 1);
        assert_eq!(&text[spans[0].clone()], "ens33");
        assert_eq!(&text[spans[0].start - 4..spans[0].start], "dev ");
    }

    #[test]
    fn an_alias_names_its_base() {
        let text = "DEVICE=\"ens33:0\"\nIPADDR=1.2.3.4\n";
        assert_eq!(device_of_alias(text, "ens33"), vec![8..13]);
        assert_eq!(
            device_of_alias("DEVICE=ens331:0\n", "ens33"),
            Vec::<Range<usize>>::new()
        );
    }
}
