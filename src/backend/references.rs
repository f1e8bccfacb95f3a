//! Places outside the profiles that name an interface: global settings, lists of static routes, firewall zones.
//!
//! Source: ifup-eth (GATEWAYDEV), network-functions-ipv6 (IPV6_DEFAULTDEV, `%dev`), init.d/network (static-routes),
//! ifup-ipv6 (static-routes-ipv6), firewalld.zone(5).

use std::collections::BTreeSet;
use std::ops::Range;

use super::Emitter;
use super::ifcfg::companion::after_words;
use super::parts::{self, GivenUp};
use super::text::{broken_by, text};
use super::violation::{Law, Violation};
use crate::change::ChangeSet;
use crate::doc::SyntaxError;
use crate::doc::edits::Edits;
use crate::doc::lines::Lines;
use crate::doc::shell::ShellDoc;
use crate::doc::xml::XmlDoc;
use crate::host::value::InterfaceName;
use crate::host::{Broken, Host, Mention, Reference, ReferenceKind};
use crate::tree::{Entry, HostPath, Node, Tree};

/// The settings that hold for all interfaces.
pub(crate) const NETWORK: &str = "/etc/sysconfig/network";
/// Static routes, read by the network service.
pub(super) const STATIC_ROUTES: &str = "/etc/sysconfig/static-routes";
/// Static routes of IPv6, read by ifup-ipv6.
pub(super) const STATIC_ROUTES_V6: &str = "/etc/sysconfig/static-routes-ipv6";
/// firewalld's zones.
pub(super) const ZONES: &str = "/etc/firewalld/zones";

/// Files that may name an interface in formats that kvmnet does not edit.
pub(super) const MENTIONING: &[&str] = &[
    "/boot/grub/grubenv",
    "/boot/grub2/grubenv",
    "/etc/default/grub",
    "/etc/dhcp/dhcpd.conf",
    "/etc/keepalived/keepalived.conf",
    "/etc/kernel/cmdline",
    "/etc/radvd.conf",
    "/etc/sysconfig/dhcpd",
    "/etc/sysconfig/ip6tables",
    "/etc/sysconfig/iptables",
    "/etc/sysctl.conf",
    "/sbin/ifdown-local",
    "/sbin/ifup-local",
    "/sbin/ifup-pre-local",
];
/// Folders of such files.
pub(super) const MENTIONING_FOLDERS: &[&str] = &["/boot/loader/entries", "/etc/sysctl.d"];

/// Returns whether a file is a zone of firewalld.
pub(crate) fn is_zone(path: &HostPath) -> bool {
    path.folder().as_str() == ZONES
}

type Places = Vec<(Range<usize>, ReferenceKind)>;

/// Returns the places that name an interface, and the files that could not be understood.
pub(super) fn find(tree: &Tree) -> (Vec<Reference>, Vec<Broken>) {
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    let zones = HostPath::literal(ZONES);
    let zones = tree
        .names(&zones)
        .filter(|(name, _)| name.ends_with(".xml"))
        .map(|(_, path)| path.clone());
    let fixed = [NETWORK, STATIC_ROUTES, STATIC_ROUTES_V6].map(HostPath::literal);
    for path in fixed
        .into_iter()
        .chain(zones)
        // SUSE has a folder of that name
        .filter(|path| !matches!(tree.get(path), None | Some(Entry::Other("folder"))))
    {
        let places = text(tree, &path, "").and_then(|text| {
            let places = places(&path, text).map_err(|error| broken_by(&error, &path, ""))?;
            Ok((text, places))
        });
        match places {
            Ok((text, places)) => {
                let lines = Lines::of(text.as_bytes());
                found.extend(places.into_iter().filter_map(|(span, kind)| {
                    let interface = InterfaceName::parse(&text[span.clone()]).ok()?;
                    Some(Reference {
                        at: path.clone(),
                        line: lines.line(span.start),
                        offset: span.start,
                        kind,
                        interface,
                    })
                }));
            }
            Err(problem) => broken.push(problem),
        }
    }
    (found, broken)
}

fn places(path: &HostPath, text: &str) -> Result<Places, SyntaxError> {
    match path.as_str() {
        NETWORK => network(text),
        STATIC_ROUTES => Ok(static_routes(text)),
        STATIC_ROUTES_V6 => Ok(first_words(text)),
        _ => zone(text),
    }
}

fn network(text: &str) -> Result<Places, SyntaxError> {
    let doc = ShellDoc::parse(text);
    if let Some(error) = doc.syntax_error() {
        return Err(error.clone());
    }
    let mut places = Vec::new();
    for assignment in doc.assignments() {
        let Some(value) = assignment.value.literal() else {
            continue;
        };
        let name = match assignment.name.as_str() {
            "GATEWAYDEV" | "IPV6_DEFAULTDEV" => value,
            "IPV6_DEFAULTGW" => match value.split_once('%') {
                Some((_, name)) => name,
                None => continue,
            },
            _ => continue,
        };
        let word = &text[assignment.word.clone()];
        if let Some(at) = word.rfind(name).filter(|_| !name.is_empty()) {
            let start = assignment.word.start + at;
            places.push((start..start + name.len(), ReferenceKind::DefaultRoute));
        }
    }
    Ok(places)
}

/// Only lines that begin with `any` are read: init.d/network greps for them.
fn static_routes(text: &str) -> Places {
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut words = line.split_ascii_whitespace();
        if words.next() == Some("any") {
            let name = words.skip_while(|word| *word != "dev").nth(1);
            let spans = name
                .map(|name| after_words(line, &["dev"], name))
                .unwrap_or_default();
            places.extend(
                spans
                    .into_iter()
                    .map(|s| (s.start + start..s.end + start, ReferenceKind::StaticRoute)),
            );
        }
        start += line.len();
    }
    places
}

fn first_words(text: &str) -> Places {
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let word = line
            .split_ascii_whitespace()
            .next()
            .filter(|word| !word.starts_with('#'));
        if let Some(word) = word {
            let at = start + line.find(word).unwrap_or(0);
            places.push((at..at + word.len(), ReferenceKind::StaticRoute));
        }
        start += line.len();
    }
    places
}

fn zone(text: &str) -> Result<Places, SyntaxError> {
    let doc = XmlDoc::parse(text)?;
    let interfaces = doc
        .elements()
        .iter()
        .filter(|element| element.name == "interface");
    Ok(interfaces
        .filter_map(|e| Some((e.attribute("name")?.span.clone(), ReferenceKind::Zone)))
        .collect())
}

/// Writes the names in which `after` differs from `before`.
pub(super) fn write(emitter: &mut Emitter<'_>, before: &Host, after: &Host) {
    let pairs: Vec<_> = before
        .references
        .iter()
        .zip(&after.references)
        .filter(|(old, new)| emitter.writes_all() || old != new)
        .collect();
    let mut paths: Vec<_> = pairs.iter().map(|(old, _)| &old.at).collect();
    paths.dedup();
    for path in paths {
        let Some(file) = emitter.tree.file(path) else {
            continue;
        };
        let mut edits = Edits::default();
        for (old, new) in pairs.iter().filter(|(old, _)| old.at == *path) {
            edits.replace(
                old.offset..old.offset + old.interface.as_str().len(),
                new.interface.as_str(),
            );
        }
        let text = edits.apply(&String::from_utf8_lossy(&file.bytes));
        emitter.rewrite(path, text);
    }
}

/// The law of conservation for zones: all but the names of their interfaces is there afterwards.
pub(super) fn conserves(set: &ChangeSet) -> Result<(), Violation> {
    let known =
        |path: &str, attribute: &str| path == "zone/interface" && matches!(attribute, "" | "name");
    let zones = HostPath::literal(ZONES);
    for change in set.iter().filter(|change| change.path.is_beneath(&zones)) {
        let text = |node: &'_ Option<Node>| match node {
            Some(Node::File(file)) => String::from_utf8(file.bytes.clone()).ok(),
            Some(Node::Link(_)) | None => None,
        };
        let (Some(old), Some(new)) = (text(&change.before), text(&change.after)) else {
            continue;
        };
        let (Ok(old), Ok(new)) = (XmlDoc::parse(&old), XmlDoc::parse(&new)) else {
            continue;
        };
        if let Some(offset) = parts::lost(&old, &new, known, &GivenUp::default()) {
            return Err(Violation {
                law: Law::Conservation,
                path: change.path.clone(),
                line: Some(old.line(offset)),
                about: format!("the zone in {}", change.path),
            });
        }
    }
    Ok(())
}

/// Returns the places in other files that name one of `interfaces`.
pub(super) fn mentions(tree: &Tree, interfaces: &[InterfaceName]) -> Vec<Mention> {
    let known: BTreeSet<&str> = interfaces.iter().map(InterfaceName::as_str).collect();
    let listed = MENTIONING_FOLDERS
        .iter()
        .flat_map(|folder| tree.names(&HostPath::literal(folder)));
    let listed: Vec<HostPath> = listed.map(|(_, path)| path.clone()).collect();
    let single = MENTIONING.iter().map(|path| HostPath::literal(path));
    let mut found = Vec::new();
    for path in single.chain(listed) {
        let Some(file) = tree.file(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&file.bytes);
        let lines = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| !line.trim_start().starts_with('#'));
        for (line, number) in lines {
            let named = names(line)
                .into_iter()
                .filter(|name| known.contains(name.as_str()));
            found.extend(named.filter_map(|name| {
                Some(Mention {
                    at: path.clone(),
                    line: number,
                    interface: InterfaceName::parse(&name).ok()?,
                })
            }));
        }
    }
    found
}

/// Returns the words of `line` that may be interfaces: a VLAN `ens33.100` is one word, and not `ens33`.
fn names(line: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut names = BTreeSet::new();
    for run in line.split(|c: char| !word(c) && c != '.') {
        let mut parts = run.split('.').peekable();
        while let Some(part) = parts.next() {
            let vlan = parts
                .peek()
                .filter(|next| !next.is_empty() && next.bytes().all(|b| b.is_ascii_digit()));
            match vlan {
                Some(id) => names.insert(format!("{part}.{id}")),
                None => names.insert(part.to_owned()),
            };
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_in_every_format() {
        let cases = [
            (
                NETWORK,
                "# x\nGATEWAYDEV=\"ens33\"\nIPV6_DEFAULTGW=fe80::1%ens33\nGATEWAY=1.2.3.4\n",
                2,
            ),
            (
                STATIC_ROUTES,
                "any net 10.0.0.0/8 gw 1.2.3.4 dev ens33\nens33 net x dev ens33\n",
                1,
            ),
            (STATIC_ROUTES_V6, "# c\nens33 2001:db8::/32 fe80::1\n\n", 1),
            (
                "/etc/firewalld/zones/x.xml",
                "<zone><interface name=\"ens33\"/><service name='ens33'/></zone>",
                1,
            ),
        ];
        for (path, source, count) in cases {
            let found = places(&HostPath::parse(path).unwrap(), source).unwrap();
            assert_eq!(found.len(), count, "{path}");
            assert!(
                found
                    .iter()
                    .all(|(span, _)| &source[span.clone()] == "ens33"),
                "{path}"
            );
        }
    }

    #[test]
    fn a_vlan_is_not_its_parent() {
        assert!(names("net.ipv4.conf.ens33.rp_filter=1").contains("ens33"));
        let vlan = names("net.ipv4.conf.ens33.100.rp_filter=1");
        assert!(vlan.contains("ens33.100") && !vlan.contains("ens33"));
        assert!(!names("-A INPUT -i ens331").contains("ens33"));
    }
}
