//! What nobody asked for, and what no keyfile has: losses.

use super::ipv4::aliases;
use super::made::Made;
use super::own::Own;
use super::{Cannot, Loss, Weight, loss};
use crate::backend::ifcfg::Reader;
use crate::doc::shell::LineKind;
use crate::layout::{About, FILES};
use crate::tree::{HostPath, Tree};

/// Refuses what only a shell knows.
pub(super) fn ensure_literal(own: &Own<'_>) -> Result<(), Cannot> {
    let by_scripts = own.source.reader == Reader::NetworkScripts;
    let for_all = own.network.as_deref().filter(|_| by_scripts);
    let shell = own
        .files()
        .chain(for_all)
        .find_map(|file| Some((file.path, file.shell()?)));
    match shell {
        Some((path, found)) => {
            let why = format!("{} needs a shell to be known", found.name);
            Err(Cannot::new(why)
                .at(path, Some((0, found.line)))
                .help("write the value itself"))
        }
        None => Ok(()),
    }
}

/// Shell code is nothing in a keyfile; NetworkManager passes it over in an ifcfg file, too.
pub(super) fn code(own: &Own<'_>, losses: &mut Vec<Loss>) {
    let by_scripts = own.source.reader == Reader::NetworkScripts;
    let weight = match by_scripts {
        true => Weight::Grave,
        false => Weight::Idle,
    };
    for file in own.files() {
        let lines = file.doc.lines().iter();
        let lines = lines.filter(|line| line.kind == LineKind::Code);
        losses.extend(lines.map(|line| Loss {
            at: file.path.clone(),
            line: Some(line.number),
            what: file.doc.source()[line.text.clone()].trim().to_owned(),
            meant: "shell code".to_owned(),
            instead: None,
            weight,
        }));
    }
}

/// NetworkManager does not read what dhclient reads.
pub(super) fn dhclient(own: &Own<'_>, made: &Made, losses: &mut Vec<Loss>) {
    let asks = own.source.reader == Reader::NetworkScripts
        && (made.get("ipv4", "method") == Some("auto")
            || made.get("ipv6", "method") == Some("dhcp"));
    let files = own.beside.iter().filter(|path| own.stays(path));
    losses.extend(files.map(|path| Loss {
        at: (*path).clone(),
        line: None,
        what: path.name().to_owned(),
        meant: "how dhclient asks, which NetworkManager does not read".to_owned(),
        instead: Some("the properties of [ipv4] that begin with `dhcp-`".to_owned()),
        weight: match asks {
            true => Weight::Light,
            false => Weight::Idle,
        },
    }));
}

/// Keys of aliases and ranges that say an address, or the name of the file.
const OF_ALIASES: &[&str] = &[
    "DEVICE",
    "GATEWAY",
    "IPADDR",
    "IPADDR_END",
    "IPADDR_START",
    "NETMASK",
    "NAME",
    "PREFIX",
];

/// Keys of aliases that ifup-ipv6 reads.
const OF_V6: &[&str] = &["IPV6ADDR", "IPV6ADDR_SECONDARIES", "IPV6INIT"];

/// Adds what aliases say beyond their address.
fn of_aliases(own: &Own<'_>, losses: &mut Vec<Loss>) {
    let by_scripts = own.source.reader == Reader::NetworkScripts;
    for (path, doc) in &own.aliases {
        // where ifup-ipv6 is run for the alias, these are in the keyfile
        let is_v6 = |name: &str| by_scripts && OF_V6.contains(&name);
        let other = doc.assignments().filter(|found| {
            let name = found.name.as_str();
            !OF_ALIASES.contains(&name) && !loss::is_name(name) && !is_v6(name)
        });
        losses.extend(other.map(|found| {
            let value = found.value.literal().unwrap_or_default();
            loss::of(path, found.line, &found.name, value)
        }));
        let label = doc.get("DEVICE").and_then(|found| {
            let label = found.value.literal()?;
            label.contains(':').then(|| (found.line, label.to_owned()))
        });
        losses.extend(label.map(|(line, label)| Loss {
            at: (*path).clone(),
            line: Some(line),
            what: label,
            meant: "the label of the address, which keyfiles do not have".to_owned(),
            instead: None,
            weight: Weight::Light,
        }));
    }
}

/// Adds what /etc/sysconfig/network says for all interfaces, where it is in force.
fn for_all(own: &Own<'_>, losses: &mut Vec<Loss>) {
    let by_scripts = own.source.reader == Reader::NetworkScripts;
    let Some(network) = own.network.as_ref().filter(|_| by_scripts) else {
        return;
    };
    for (found, value) in network.left() {
        let overridden = own.source.line(&found.name);
        let is_own = overridden.is_some_and(|(number, _)| number == own.source.number);
        let lost = loss::of(network.path, found.line, &found.name, value);
        if !is_own && loss::is_lost(&found.name) && lost.weight > Weight::Idle {
            losses.push(lost);
        }
    }
}

/// Adds the files of routes and rules that ifup-aliases has for an alias alone.
///
/// Source: `ifup-routes ${DEVICE}` in ifup-aliases (run).
fn beside_aliases(own: &Own<'_>, tree: &Tree, losses: &mut Vec<Loss>) {
    let by_scripts = own.source.reader == Reader::NetworkScripts;
    for (path, doc) in aliases::in_force(own).filter(|_| by_scripts) {
        let by_name = path.name().strip_prefix("ifcfg-");
        let Some(name) = doc.literal("DEVICE").or(by_name) else {
            continue;
        };
        let kinds = FILES.iter();
        let kinds = kinds.filter(|kind| matches!(kind.about, About::Routes | About::Rules));
        let files = kinds.filter_map(|kind| HostPath::parse(&kind.path(name)).ok());
        losses.extend(files.filter(|path| tree.exists(path)).map(|at| {
            let instead = format!("the same lines in the file of `{}` itself", own.device());
            Loss {
                what: at.name().to_owned(),
                at,
                line: None,
                meant: "routes or rules that come with an alias".to_owned(),
                instead: Some(instead),
                weight: Weight::Grave,
            }
        }));
    }
}

/// Adds what nobody asked for to the losses.
pub(super) fn left(own: &Own<'_>, tree: &Tree, is_port: bool, losses: &mut Vec<Loss>) {
    of_aliases(own, losses);
    beside_aliases(own, tree, losses);
    if !is_port {
        for_all(own, losses);
    }
    for file in own.files() {
        for (found, value) in file.left() {
            if loss::is_name(&found.name) {
                continue;
            }
            let is_dns = found.name.starts_with("DNS") || found.name == "DOMAIN";
            if is_dns && !is_port && !own.sets_dns() {
                losses.push(Loss {
                    meant: "nothing: with PEERDNS=no ifup-post leaves /etc/resolv.conf alone"
                        .to_owned(),
                    ..loss::of(file.path, found.line, &found.name, "")
                });
                continue;
            }
            let mut lost = loss::of(file.path, found.line, &found.name, value);
            if is_port && lost.weight == Weight::Grave {
                lost.weight = Weight::Idle;
            }
            losses.push(lost);
        }
    }
}
