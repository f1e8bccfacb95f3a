//! Files that are found by the name of an interface, and the places in them that name it again.
//!
//! Source: ifup-routes (`route-DEVICE`, and the name behind `ifcfg-`), ifup-aliases (`ifcfg-DEVICE:*`,
//! `ifcfg-DEVICE-range*`), network-functions (`dhclient-DEVICE.conf`), dhclient-script (hooks).

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use crate::backend::readers::{NETWORK_SCRIPTS, Readers};
use crate::backend::text::{broken_by, text};
use crate::doc::shell::ShellDoc;
use crate::host::Broken;
use crate::host::profile::{Companion, CompanionRole};
use crate::host::value::{InterfaceName, OwnedText};
use crate::tree::{HostPath, Tree};

/// Routes and rules: the pattern of the name, `*` for the interface.
const ROUTES: &[&str] = &["route-*", "route6-*", "*.route"];
const RULES: &[&str] = &["rule-*", "rule6-*"];

/// Files of dhclient by pattern.
pub(in crate::backend) const DHCLIENT: &[&str] = &[
    "/etc/dhcp/dhclient-*.conf",
    "/etc/dhcp/dhclient6-*.conf",
    "/etc/dhclient-*.conf",
    "/etc/dhclient6-*.conf",
    "/etc/dhcp/dhclient-*-up-hooks",
    "/etc/dhcp/dhclient-*-down-hooks",
];

/// Returns the files that belong to `interface`, whose own file is called `ifcfg-SUFFIX`, and those that cannot be read.
pub(super) fn find(
    tree: &Tree,
    readers: &Readers,
    interface: &InterfaceName,
    suffix: &str,
) -> (Vec<Companion>, Vec<Broken>) {
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for (path, role) in candidates(tree, readers, interface, suffix) {
        match text(tree, &path, interface.as_str()) {
            Ok(text) => {
                if let Some(problem) = syntax_error(&path, &role, text, interface) {
                    broken.push(problem);
                    continue;
                }
                let content = OwnedText::with_gaps(text, &gaps(&role, text, interface.as_str()));
                found.push(Companion {
                    addresses: addresses(&role, text),
                    origin: path,
                    role,
                    content,
                });
            }
            Err(problem) => broken.push(problem),
        }
    }
    (found, broken)
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

/// Returns the addresses that an alias or a range adds.
fn addresses(role: &CompanionRole, text: &str) -> Vec<IpAddr> {
    let doc = ShellDoc::parse(text);
    match role {
        CompanionRole::Alias(_) => {
            let keys = doc.assignments().filter(|a| a.name.starts_with("IPADDR"));
            keys.filter_map(|a| a.value.literal()?.parse().ok())
                .collect()
        }
        CompanionRole::Range(_) => {
            let end = |key: &str| doc.literal(key)?.parse::<Ipv4Addr>().ok();
            match (end("IPADDR_START"), end("IPADDR_END")) {
                // ifup-aliases counts in the last byte alone
                (Some(first), Some(last)) => (first.octets()[3]..=last.octets()[3])
                    .map(|byte| {
                        let [a, b, c, _] = first.octets();
                        IpAddr::V4(Ipv4Addr::new(a, b, c, byte))
                    })
                    .collect(),
                _ => Vec::new(),
            }
        }
        CompanionRole::Route(_) | CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => Vec::new(),
    }
}

fn candidates(
    tree: &Tree,
    readers: &Readers,
    interface: &InterfaceName,
    suffix: &str,
) -> Vec<(HostPath, CompanionRole)> {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    // NetworkManager finds routes by the name of the ifcfg file, the scripts by DEVICE and by that
    let mut names = vec![suffix];
    if interface.as_str() != suffix
        && (readers.scripts.is_some() || readers.network_manager.is_none())
    {
        names.push(interface.as_str());
    }
    let mut found = Vec::new();
    for name in names {
        let fixed = ROUTES.iter().map(|p| (p, CompanionRole::Route(p)));
        let fixed = fixed.chain(RULES.iter().map(|p| (p, CompanionRole::Rule(p))));
        found.extend(fixed.map(|(pattern, role)| (folder.join(&pattern.replace('*', name)), role)));
        found.extend(labelled(
            tree,
            readers,
            &folder,
            &format!("ifcfg-{name}:"),
            CompanionRole::Alias,
        ));
        found.extend(labelled(
            tree,
            readers,
            &folder,
            &format!("ifcfg-{name}-range"),
            CompanionRole::Range,
        ));
    }
    let dhclient = DHCLIENT.iter().map(|pattern| {
        (
            dhclient_path(pattern, interface),
            CompanionRole::Dhclient(pattern),
        )
    });
    found.extend(dhclient);
    found.retain(|(path, _)| tree.exists(path));
    found
}

fn labelled<'a>(
    tree: &'a Tree,
    readers: &'a Readers,
    folder: &HostPath,
    prefix: &'a str,
    role: fn(String) -> CompanionRole,
) -> impl Iterator<Item = (HostPath, CompanionRole)> + use<'a> {
    let label = move |name: &str| {
        let label = name
            .strip_prefix(prefix)
            .filter(|label| !label.is_empty())?;
        // is such a name, without the colon, that of a backup?
        readers
            .loads(&format!("ifcfg-x{label}"))
            .map(|_| label.to_owned())
    };
    tree.names(folder)
        .filter_map(move |(name, path)| Some((path.clone(), role(label(name)?))))
}

fn dhclient_path(pattern: &str, interface: &InterfaceName) -> HostPath {
    HostPath::parse(&pattern.replace('*', interface.as_str()))
        .expect("an interface name holds no `/`")
}

/// Returns where a companion lies when it belongs to `interface`, whose own file is called `ifcfg-SUFFIX`.
pub(super) fn path(
    role: &CompanionRole,
    interface: &InterfaceName,
    suffix: &str,
    readers: &Readers,
) -> HostPath {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let by_file = readers.scripts.is_none() && readers.network_manager.is_some();
    let name = if by_file { suffix } else { interface.as_str() };
    match role {
        CompanionRole::Route(pattern) | CompanionRole::Rule(pattern) => {
            folder.join(&pattern.replace('*', name))
        }
        CompanionRole::Alias(label) => folder.join(&format!("ifcfg-{name}:{label}")),
        CompanionRole::Range(label) => folder.join(&format!("ifcfg-{name}-range{label}")),
        CompanionRole::Dhclient(pattern) => dhclient_path(pattern, interface),
    }
}

/// Returns where `text` names the interface that it belongs to.
fn gaps(role: &CompanionRole, text: &str, owner: &str) -> Vec<Range<usize>> {
    match role {
        CompanionRole::Route(_) | CompanionRole::Rule(_) => {
            after_words(text, &["dev", "iif", "oif"], owner)
        }
        CompanionRole::Alias(_) | CompanionRole::Range(_) => device_of_alias(text, owner),
        CompanionRole::Dhclient(pattern) if pattern.ends_with(".conf") => {
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
