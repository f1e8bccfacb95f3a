//! What of the aliases of an interface is in force.
//!
//! Source: `read_aliases()` in nms-ifcfg-rh-reader.c (run); `new_interface()` in ifup-aliases (run).

use std::net::{IpAddr, Ipv4Addr};

use super::super::made::Line;
use super::super::own::Own;
use crate::backend::ifcfg::Reader;
use crate::doc::shell::ShellDoc;
use crate::host::layer3::About;
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// Returns why the program that reads the interface does not set what an alias says.
pub(in super::super) fn unread(own: &Own<'_>, path: &HostPath) -> Option<&'static str> {
    let suffix = path.name().strip_prefix("ifcfg-")?;
    let doc = own.alias(path)?;
    match own.by_scripts() {
        true => by_ifup(doc, suffix),
        false => by_network_manager(doc, suffix),
    }
}

fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    label.chars().all(fits)
}

fn by_ifup(doc: &ShellDoc, suffix: &str) -> Option<&'static str> {
    if matches!(doc.literal("ONPARENT"), Some("no" | "NO")) && suffix.contains([':', '-']) {
        return Some("nothing: with ONPARENT=no it does not come up with its interface");
    }
    let part = |key: &str| doc.literal(key)?.rsplit_once('.');
    let (start, end) = (part("IPADDR_START"), part("IPADDR_END"));
    let parts = start.zip(end);
    if parts.is_some_and(|((start, _), (end, _))| start != end) {
        return Some("nothing: IPADDR_START and IPADDR_END do not agree");
    }
    let named = doc.literal("DEVICE").filter(|device| !device.is_empty());
    let label = named.unwrap_or(suffix).split_once(':');
    let odd = label.is_some_and(|(_, label)| !is_label(label));
    odd.then_some("nothing: ifup-aliases does not take its label")
}

fn by_network_manager(doc: &ShellDoc, suffix: &str) -> Option<&'static str> {
    let label = suffix.split_once(':').map(|(_, label)| label);
    if !label.is_some_and(is_label) {
        return Some("an address that NetworkManager does not read, for the name of its file");
    }
    let named = doc.literal("DEVICE").is_some_and(|device| device == suffix);
    (!named).then_some(
        "an address that NetworkManager does not read, since DEVICE is not the name of the file",
    )
}

/// Returns the files of aliases that are in force, in the order in which they are read.
pub(in super::super) fn in_force<'o>(
    own: &'o Own<'_>,
) -> impl Iterator<Item = (&'o HostPath, &'o ShellDoc)> {
    let further = own.profile.layer3.further.iter();
    let aliases = further.filter(|part| part.about == About::Addresses);
    let read = aliases.filter(|part| unread(own, &part.at).is_none());
    read.filter_map(|part| Some((&part.at, own.alias(&part.at)?)))
}

/// Returns the gateway that the last alias leaves as the default route: ifup-aliases replaces it by that of each alias, which
/// is that of the interface where the alias names none.
pub(super) fn gateway(
    own: &Own<'_>,
    nets: &[IpNet],
    mut found: Option<(IpAddr, Option<Line>)>,
) -> Option<(IpAddr, Option<Line>)> {
    let network = own.network.as_deref();
    let for_all = |key: &str| network.and_then(|network| network.text(key));
    let inherited = own.source.text("GATEWAY").or_else(|| for_all("GATEWAY"));
    let device = for_all("GATEWAYDEV");
    for (path, doc) in in_force(own) {
        let said = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
        let skips = said("NO_ALIASROUTING").or_else(|| own.source.text("NO_ALIASROUTING"));
        let name = said("DEVICE").or_else(|| path.name().strip_prefix("ifcfg-"));
        let is_other = device.is_some_and(|device| Some(device) != name);
        if skips == Some("yes") || is_other || said("IPADDR").is_none() {
            continue;
        }
        let own_one = said("GATEWAY");
        let gateway: Option<Ipv4Addr> = own_one.or(inherited).and_then(|text| text.parse().ok());
        let gateway = gateway.map(IpAddr::V4);
        let reached = |gateway: &IpAddr| nets.iter().any(|net| net.contains(gateway));
        if let Some(gateway) = gateway.filter(reached) {
            let line = own_one.and(doc.get("GATEWAY")).map(|found| found.line);
            let line = line.map(|line| (own.number_of(path), line));
            let line = line.or_else(|| own.source.line("GATEWAY"));
            if found.is_none_or(|(before, _)| before != gateway) {
                found = Some((gateway, line));
            }
        }
    }
    found
}

/// Returns the addresses of IPv6 that aliases add, as they are written: ifup-ipv6 is run for each; NetworkManager reads none.
pub(in super::super) fn of_v6<'o>(own: &'o Own<'_>) -> Vec<(&'o str, Line)> {
    let mut found = Vec::new();
    for (path, doc) in in_force(own).filter(|_| own.by_scripts()) {
        let off = doc
            .literal("IPV6INIT")
            .is_some_and(|word| Reader::NetworkScripts.is_no("IPV6INIT", word));
        for key in ["IPV6ADDR", "IPV6ADDR_SECONDARIES"] {
            let Some((said, words)) = doc.get(key).zip(doc.literal(key)).filter(|_| !off) else {
                continue;
            };
            let line = (own.number_of(path), said.line);
            found.extend(words.split_ascii_whitespace().map(|word| (word, line)));
        }
    }
    found
}
