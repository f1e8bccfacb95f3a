//! Keyfiles that nobody edits, or that name no interface: what they configure counts all the same.

use std::collections::{BTreeMap, BTreeSet};

use super::super::claim::{Applies, Claim, Kind};
use super::super::{At, Program};
use super::named::{Named, name_of_vlan, named};
use super::refused;
use crate::doc::keyfile::{Entry, KeyfileDoc, entries, value};
use crate::tree::{HostPath, Pick, Picker, Tree};

/// Where NetworkManager's keyfiles live that people edit.
pub const KEYFILES: &str = "/etc/NetworkManager/system-connections";

/// Where profiles lie that come with the image: those in /etc of the same UUID come before them.
pub const IMAGE_KEYFILES: &str = "/usr/lib/NetworkManager/system-connections";

/// Where profiles lie that are made at every start.
const GIVEN: &str = "/run/NetworkManager/system-connections";
/// The longest keyfile that is looked into, in bytes.
const LONGEST_KEYFILE: usize = 32 << 10;

/// Returns who owns the tree: root, or in an image that somebody unpacked this user. It is the owner of /etc/machine-id or of most
/// keyfiles; NetworkManager ignores the keyfiles of others.
#[must_use]
pub fn owner(tree: &Tree) -> u32 {
    let uid = |path: &HostPath| tree.file(path).map(|file| file.attrs.uid);
    let keyfiles = tree.names(&HostPath::literal(KEYFILES));
    let mut owners: Vec<u32> = keyfiles.filter_map(|(_, path)| uid(path)).collect();
    owners.sort_unstable();
    let middle = owners.get(owners.len() / 2).copied();
    let id = uid(&HostPath::literal("/etc/machine-id"));
    id.or(middle).unwrap_or(0)
}

/// Returns whether NetworkManager takes the file of this name in its folder in /etc for a profile, if it holds one.
///
/// Source: `nm_keyfile_utils_ignore_filename()` in nm-keyfile.c: no suffix is asked for.
#[must_use]
pub fn loads_keyfile(name: &str) -> bool {
    let temporary = name.rsplit_once('.').is_some_and(|(_, end)| {
        end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let endings = ["~", ".pem", ".der"];
    !name.starts_with('.') && !temporary && !endings.iter().any(|end| name.ends_with(end))
}

/// Returns the folders that are listed.
pub(super) fn folders() -> impl Iterator<Item = (&'static str, Picker)> {
    [(GIVEN, pick_keyfile as Picker)].into_iter()
}

/// Picks the profiles of a folder that is not the one in /etc, where any name will do.
#[must_use]
pub fn pick_keyfile(name: &str) -> Pick {
    match name.ends_with(".nmconnection") && loads_keyfile(name) {
        true => Pick::Read,
        false => Pick::Skip,
    }
}

/// Returns a keyfile, if NetworkManager takes it.
fn taken(bytes: &[u8]) -> Option<KeyfileDoc> {
    let doc = KeyfileDoc::parse(&String::from_utf8_lossy(bytes));
    refused::of(&doc).is_none().then_some(doc)
}

/// Returns what keyfiles without the name of an interface are for: the cards of an address, those of a pattern, or all.
///
/// Source: nm-settings-keyfile(5); `match.interface-name` of nm-settings(5), where `!` and `&` count from version 1.24 on.
pub(super) fn loose(tree: &Tree) -> Vec<Claim> {
    let folders = [KEYFILES, IMAGE_KEYFILES].map(HostPath::literal);
    let names = folders.iter().flat_map(|folder| tree.names(folder));
    let files = names.filter_map(|(_, path)| Some((path, tree.file(path)?)));
    let short = files.filter(|(_, file)| file.bytes.len() <= LONGEST_KEYFILE);
    let found = short.filter_map(|(path, file)| {
        let text = String::from_utf8_lossy(&file.bytes);
        let entries = entries(&text);
        let last = |sections: &[&str], key: &str| {
            let found = entries
                .iter()
                .rfind(|e| sections.contains(&e.section) && e.key == key);
            found
                .map(|entry| entry.value)
                .filter(|value| !value.is_empty())
        };
        let connection = |key| last(&["connection"], key);
        let ethernet = ["ethernet", "802-3-ethernet"];
        if !ethernet.contains(&connection("type")?)
            || connection("interface-name").is_some()
            || matches!(connection("autoconnect"), Some("false" | "0"))
        {
            return None;
        }
        let patterns = last(&["match"], "interface-name").map(|list| {
            let words = list
                .split(';')
                .map(|word| word.trim_start_matches(['|', '&']));
            words
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        });
        let mac = last(&ethernet, "mac-address").and_then(value::hardware_address);
        let applies = match (mac, patterns) {
            (Some(mac), _) => Applies::Mac(vec![mac]),
            (None, Some(patterns)) => Applies::Patterns(patterns),
            (None, None) => Applies::Cards,
        };
        if named(&taken(&file.bytes)?).is_some() {
            return None;
        }
        Some(Claim::new(
            applies,
            Program::NetworkManager,
            At::file(path.clone()),
        ))
    });
    found.collect()
}

/// A profile that lies in /run.
struct Given {
    claim: Claim,
    uuid: Option<String>,
    /// The name or the UUID of what it is a port of.
    controller: Option<String>,
}

/// Returns the profiles that lie in /run: netplan and initrds put them there. One of the same UUID in /etc comes before each.
///
/// Source: nms-keyfile-storage.c; in /etc any name will do, here it takes the suffix (run).
pub(super) fn given(tree: &Tree) -> Vec<Claim> {
    let folder = HostPath::literal(GIVEN);
    let files = tree.names(&folder);
    let files = files.filter(|(name, _)| matches!(pick_keyfile(name), Pick::Read));
    let files = files.filter_map(|(_, path)| Some((path, tree.file(path)?)));
    let mut found: Vec<Given> = files
        .filter(|(_, file)| file.bytes.len() <= LONGEST_KEYFILE)
        .filter_map(|(path, file)| Given::of(path, &taken(&file.bytes)?))
        .collect();
    if !found.is_empty() {
        let hidden = uuids(tree);
        let is_hidden = |uuid: &String| hidden.contains(uuid);
        found.retain(|given| !given.uuid.as_ref().is_some_and(is_hidden));
    }
    with_ports(found)
}

/// Returns the UUIDs of the keyfiles in /etc.
fn uuids(tree: &Tree) -> BTreeSet<String> {
    let own = HostPath::literal(KEYFILES);
    let names = tree.names(&own).filter(|(name, _)| loads_keyfile(name));
    let files = names.filter_map(|(_, path)| tree.file(path));
    let short = files.filter(|file| file.bytes.len() <= LONGEST_KEYFILE);
    short
        .filter_map(|file| uuid(&String::from_utf8_lossy(&file.bytes)))
        .collect()
}

/// Returns the UUID that the text of a keyfile says, in lower case.
fn uuid(text: &str) -> Option<String> {
    let entries = entries(text);
    let is_uuid = |entry: &&Entry<'_>| entry.section == "connection" && entry.key == "uuid";
    let said = entries.iter().rfind(is_uuid)?;
    Some(said.value.to_ascii_lowercase())
}

impl Given {
    /// Returns what a keyfile says, if it names an interface, or is that of a VLAN on a named one.
    fn of(path: &HostPath, doc: &KeyfileDoc) -> Option<Self> {
        let said = |group: &str, key: &str| {
            let value = doc.string(group, key);
            value.filter(|value| !value.is_empty())
        };
        let kind = said("connection", "type");
        let of_vlan = || {
            let pair = doc.get("vlan", "parent")?;
            let name = name_of_vlan(doc, &said("vlan", "parent")?)?;
            (kind.as_deref() == Some("vlan")).then_some(Named { pair, name })
        };
        let Named { pair, name } = named(doc).or_else(of_vlan)?;
        let at = At {
            path: path.clone(),
            line: Some(pair.line),
        };
        let mut claim = Claim::new(Applies::Name(name), Program::NetworkManager, at);
        claim.bridge = match kind.as_deref() {
            Some("bridge") => Some(Kind::Linux),
            Some("ovs-bridge") => Some(Kind::OpenVswitch),
            Some(_) | None => None,
        };
        let of_connection = |key| said("connection", key);
        Some(Self {
            claim,
            uuid: of_connection("uuid").map(|uuid| uuid.to_ascii_lowercase()),
            controller: of_connection("master").or_else(|| of_connection("controller")),
        })
    }
}

/// Returns the claims, those of bridges with their ports.
fn with_ports(found: Vec<Given>) -> Vec<Claim> {
    let by_uuid: BTreeMap<&str, &str> = found
        .iter()
        .filter_map(|given| Some((given.uuid.as_deref()?, given.claim.name()?)))
        .collect();
    let mut ports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for given in &found {
        if let (Some(controller), Some(port)) = (given.controller.as_deref(), given.claim.name()) {
            let bridge = by_uuid.get(controller).copied().unwrap_or(controller);
            let ports = ports.entry(bridge.to_owned()).or_default();
            ports.push(port.to_owned());
        }
    }
    let claims = found.into_iter().map(|given| given.claim);
    claims
        .map(|mut claim| {
            if let (Some(name), Some(_)) = (claim.name(), claim.bridge) {
                claim.ports = ports.get(name).cloned().unwrap_or_default();
            }
            claim
        })
        .collect()
}
