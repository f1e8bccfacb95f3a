//! netplan: which interfaces its YAML files configure, and the bridges among them.
//!
//! Source: netplan(5), netplan-yaml(5), and `netplan_state_load_all()` in netplan's parse.c (of files with one name that in
//! /run counts before that in /etc, before that in /lib).

use super::claim::{Applies, is_name};
use super::release::Release;
use super::yaml::Yaml;
use super::{At, Claim, Kind, Other, Program, Starts, Unparsed, lookup};
use crate::tree::{HostPath, Pick, Picker, Tree};

/// The strongest first.
const FOLDERS: &[&str] = &[
    "/run/netplan",
    "/etc/netplan",
    "/usr/lib/netplan",
    "/lib/netplan",
];
const PROGRAM: &[&str] = &[
    "/usr/sbin/netplan",
    "/usr/share/netplan",
    "/usr/libexec/netplan",
];

/// Definitions that may stand for interfaces by what they match.
const PHYSICAL: &[&str] = &["ethernets", "wifis", "modems"];

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let pick: Picker = |name| match name.ends_with(".yaml") && !name.starts_with('.') {
        true => Pick::Read,
        false => Pick::Skip,
    };
    FOLDERS
        .iter()
        .map(|folder| (HostPath::literal(folder), pick))
        .collect()
}

pub(super) fn present() -> Vec<HostPath> {
    PROGRAM.iter().map(|path| HostPath::literal(path)).collect()
}

pub(super) fn find(tree: &Tree, release: Option<&Release>) -> Other {
    let files = lookup::strongest(tree, FOLDERS.iter().map(|folder| HostPath::literal(folder)));
    let mut other = Other::new(Program::Netplan);
    // on hosts of Red Hat such a file is somebody's note, unless the program is there
    let installed = present().iter().any(|path| tree.exists(path));
    if release.is_some_and(Release::is_redhat) && !installed {
        return other;
    }
    other.starts = Starts::Yes;
    for (_, path) in files {
        other.files.push(path.clone());
        let Some(file) = tree.file(path) else {
            other.unparsed.extend(Unparsed::of(tree, path));
            continue;
        };
        match Yaml::parse(&String::from_utf8_lossy(&file.bytes)) {
            Ok(yaml) => claims(&yaml, path, &mut other.claims),
            Err(why) => other.unparsed.push(Unparsed {
                path: path.clone(),
                why,
            }),
        }
    }
    other.at = other.files.first().cloned().map(At::file);
    other
}

fn claims(yaml: &Yaml, path: &HostPath, claims: &mut Vec<Claim>) {
    let Some(network) = yaml.get("network") else {
        return;
    };
    for (section, _, definitions) in network.map() {
        for (id, line, definition) in definitions.map().iter().filter(|(id, ..)| is_name(id)) {
            let at = At {
                path: path.clone(),
                line: *line,
            };
            let claim = |applies| Claim::new(applies, Program::Netplan, at.clone());
            if PHYSICAL.contains(&section.as_str()) {
                claims.extend(matches(id, definition).into_iter().map(claim));
                continue;
            }
            let mut own = claim(Applies::Name(id.clone()));
            if section == "bridges" {
                own.bridge = Some(match definition.get("openvswitch") {
                    Some(_) => Kind::OpenVswitch,
                    None => Kind::Linux,
                });
                own.ports = definition
                    .get("interfaces")
                    .map(Yaml::texts)
                    .unwrap_or_default();
                own.ports.retain(|port| is_name(port));
            }
            claims.push(own);
        }
    }
}

/// Returns what a definition of a card stands for: the interface of its name, or what it matches.
fn matches(id: &str, definition: &Yaml) -> Vec<Applies> {
    let Some(matched) = definition.get("match") else {
        return vec![Applies::Name(id.to_owned())];
    };
    let text = |yaml: &Yaml, key: &str| yaml.get(key).and_then(Yaml::text).map(str::to_owned);
    let name = text(definition, "set-name").map(Applies::Name);
    let applies = match (text(matched, "name"), text(matched, "macaddress")) {
        (Some(name), _) => Applies::Patterns(vec![name]),
        (None, Some(mac)) => Applies::Mac(vec![mac]),
        // by its driver: whose that is files do not tell
        (None, None) if matched.get("driver").is_some() => Applies::Patterns(Vec::new()),
        (None, None) => Applies::Cards,
    };
    name.into_iter().chain([applies]).collect()
}
