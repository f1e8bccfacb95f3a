//! From ifcfg files to profiles.

use std::collections::{BTreeMap, HashSet};

use super::kind::{Around, Part};
use super::load::locked;
use super::reader::{Reader, nm_controlled};
use super::ssid::ssid;
use super::text::Text;
use super::{addressing, alias, companion, default_route, further, kind, reader, wording};
use crate::backend::text::{broken_by, text};
use crate::backend::uuids;
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Backend, Home, Link, Manager, Profile, Switch};
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::{Broken, Cause, Cure, Host, Subject};
use crate::many;
use crate::readers::{Device, NETWORK_SCRIPTS, Readers};
use crate::tree::{HostPath, Tree};

/// A file that was parsed, not yet understood.
struct Parsed {
    path: HostPath,
    suffix: String,
    doc: ShellDoc,
    reader: Reader,
    /// Whether it seems to be a copy of another file.
    copy: bool,
}

impl Parsed {
    fn part(&self) -> Part<'_> {
        kind::part(&self.suffix, &self.doc, self.reader)
    }

    /// Says that only a shell knows the value of a key.
    fn needs_shell(&self, line: u32, key: &str) -> Broken {
        Broken {
            cure: Cure::WriteValue,
            ..self.broken(Some(line), format!("{key} needs a shell to be known"))
        }
    }

    fn broken(&self, line: Option<u32>, why: String) -> Broken {
        let index = line.and_then(|line| line.checked_sub(1));
        let excerpt = index.and_then(|index| self.doc.source().lines().nth(index as usize));
        Broken {
            subject: Subject::Interface,
            path: self.path.clone(),
            about: self.suffix.clone(),
            line,
            column: line.map(|_| 1),
            excerpt: excerpt.unwrap_or("").trim_end().to_owned(),
            why,
            cause: Cause::Limit,
            cure: Cure::default(),
            also: None,
        }
    }
}

/// Names that files use for interfaces: hardware addresses of files with DEVICE, and UUIDs.
#[derive(Default)]
struct Names {
    by_mac: BTreeMap<MacAddress, String>,
    by_uuid: BTreeMap<String, String>,
    /// Bonds by the files of their ports.
    bonds: HashSet<String>,
    /// The cards by their addresses, where files that name no interface are read, too.
    cards: Option<BTreeMap<MacAddress, InterfaceName>>,
}

impl Names {
    /// Returns whether a file that NetworkManager reads names its bridge by the UUID of no other one.
    fn lack_controller(&self, parsed: &[Parsed]) -> bool {
        let by_nm = parsed
            .iter()
            .filter(|file| file.reader != Reader::NetworkScripts);
        let mut bridges = by_nm.flat_map(|file| {
            let keys = file.reader.bridge_keys().iter();
            keys.filter_map(|key| file.doc.literal(key))
        });
        bridges.any(|word| {
            let uuid = word.to_ascii_lowercase();
            uuid::Uuid::try_parse(&uuid).is_ok() && !self.by_uuid.contains_key(&uuid)
        })
    }
}

/// Returns the profiles in the tree, and the files that cannot be understood.
pub(in crate::backend) fn profiles(tree: &Tree, readers: &Readers) -> (Vec<Profile>, Vec<Broken>) {
    read(tree, readers, None)
}

/// Returns the profiles of files that name no interface, and whose own name is none: to NetworkManager they are for the card
/// with their HWADDR, or for any card. Commands that change an interface do not see them.
///
/// Source: `connection_from_file_full()` in nms-ifcfg-rh-reader.c, which asks for TYPE or DEVICE (run).
pub(in crate::backend) fn unnamed(tree: &Tree, host: &Host) -> Vec<Profile> {
    let broken: HashSet<&HostPath> = host.broken.iter().map(|broken| &broken.path).collect();
    let cards = host.macs.iter();
    let cards = cards.map(|(name, mac)| (*mac, name.clone())).collect();
    let (found, _) = read(tree, &host.readers, Some(cards));
    let is_broken = |profile: &Profile| {
        let file = profile.home.file.as_ref();
        file.is_some_and(|path| broken.contains(path))
    };
    found.into_iter().filter(is_broken).collect()
}

fn read(
    tree: &Tree,
    readers: &Readers,
    cards: Option<BTreeMap<MacAddress, InterfaceName>>,
) -> (Vec<Profile>, Vec<Broken>) {
    let named = |(name, path): (&'_ str, &'_ HostPath)| {
        let suffix = name.strip_prefix("ifcfg-")?;
        let read = !suffix.is_empty() && suffix != "lo" && readers.loads(name).is_some();
        read.then(|| (suffix.to_owned(), path.clone()))
    };
    let files: Vec<_> = tree
        .names(&HostPath::literal(NETWORK_SCRIPTS))
        .filter_map(named)
        .collect();
    let suffixes: HashSet<&str> = files.iter().map(|(suffix, _)| suffix.as_str()).collect();
    let (mut parsed, mut broken) = (Vec::new(), Vec::new());
    for file in many::map(&files, |file| parse(tree, readers, file, &suffixes)) {
        match file {
            Ok(file) => parsed.push(file),
            Err(problem) => broken.push(problem),
        }
    }
    let (aliases, parsed): (Vec<Parsed>, Vec<Parsed>) = parsed
        .into_iter()
        .partition(|file| matches!(file.part(), Part::OwnAlias { .. }));
    let mut names = Names {
        cards,
        ..names(&parsed)
    };
    if names.lack_controller(&parsed) {
        for (uuid, interface) in uuids::of_keyfiles(tree) {
            names
                .by_uuid
                .entry(uuid)
                .or_insert_with(|| interface.to_string());
        }
    }
    let mut companions = companion::Index::of(tree, readers);
    for file in &aliases {
        if let Part::OwnAlias { of, label } = file.part() {
            companions.add_alias(of, &file.path, label);
        }
    }
    let mut found = Vec::new();
    for read in many::map(&parsed, |file| profile(&companions, readers, file, &names)) {
        match read {
            Ok((profile, problems)) => {
                found.push(profile);
                broken.extend(problems);
            }
            Err(problem) => broken.push(problem),
        }
    }
    broken.extend(orphans(&aliases, &found));
    (found, broken)
}

/// Returns the aliases whose interface has no file: they are its configuration, and nothing can be done with it.
fn orphans(aliases: &[Parsed], profiles: &[Profile]) -> Vec<Broken> {
    let known: HashSet<&str> = profiles.iter().map(|p| p.interface.as_str()).collect();
    let orphans = aliases.iter().filter_map(|file| {
        let Part::OwnAlias { of, .. } = file.part() else {
            return None;
        };
        let line = file.doc.get("DEVICE").map(|device| device.line);
        let why = format!("it gives `{of}` a further address, and nothing else configures `{of}`");
        let broken = file.broken(line, why);
        (!known.contains(of)).then(|| Broken {
            about: of.to_owned(),
            ..broken
        })
    });
    orphans.collect()
}

fn parse(
    tree: &Tree,
    readers: &Readers,
    (suffix, path): &(String, HostPath),
    suffixes: &HashSet<&str>,
) -> Result<Parsed, Broken> {
    let doc = ShellDoc::parse(text(tree, path, suffix)?);
    let about = doc
        .literal("DEVICE")
        .filter(|device| !device.is_empty())
        .unwrap_or(suffix);
    match doc.syntax_error() {
        Some(error) => Err(broken_by(error, path, about)),
        None => Ok(Parsed {
            path: path.clone(),
            suffix: suffix.to_owned(),
            reader: Reader::of(&doc, readers),
            copy: wording::is_copy(suffix, &doc, suffixes),
            doc,
        }),
    }
}

fn names(parsed: &[Parsed]) -> Names {
    let mut names = Names::default();
    for file in parsed {
        let device = file
            .doc
            .literal("DEVICE")
            .filter(|device| !device.is_empty());
        let mac = file.doc.literal("HWADDR").and_then(MacAddress::parse);
        if let (Some(device), Some(mac)) = (device, mac) {
            names.by_mac.entry(mac).or_insert_with(|| device.to_owned());
        }
        if kind::is_bond_port(&file.doc, Reader::NetworkScripts) {
            names
                .bonds
                .extend(file.doc.literal("MASTER").map(str::to_owned));
        }
        if let Some(uuid) = file.doc.literal("UUID") {
            let name = device.unwrap_or(&file.suffix).to_owned();
            names
                .by_uuid
                .entry(uuid.to_ascii_lowercase())
                .or_insert(name);
        }
    }
    names
}

/// Returns the interface of a file: DEVICE, else that of a file with the same HWADDR, else the file's own name.
fn interface(file: &Parsed, names: &Names) -> Result<InterfaceName, Broken> {
    let device = file.doc.get("DEVICE");
    let mac = file.doc.literal("HWADDR").and_then(MacAddress::parse);
    let (line, name) = match device.map(|assignment| (assignment.line, assignment.value.literal()))
    {
        Some((line, None)) => {
            return Err(file.needs_shell(line, "DEVICE"));
        }
        Some((line, Some(name))) if !name.is_empty() => (Some(line), name),
        _ => (
            None,
            mac.and_then(|mac| names.by_mac.get(&mac))
                .map_or(file.suffix.as_str(), String::as_str),
        ),
    };
    let says = |key: &str| file.doc.literal(key).is_some_and(|kind| !kind.is_empty());
    let is_typed = says("TYPE") || says("DEVICETYPE");
    let is_unnamed = line.is_none() && file.reader == Reader::NetworkManager && is_typed;
    match (InterfaceName::parse(name), &names.cards) {
        (Err(_), Some(cards)) if is_unnamed => {
            let card = mac.and_then(|mac| cards.get(&mac)).cloned();
            Ok(card.unwrap_or_else(|| InterfaceName::stand_in(name)))
        }
        (found, _) => found.map_err(|error| file.broken(line, error.to_string())),
    }
}

fn controller(file: &Parsed, names: &Names) -> Result<Option<InterfaceName>, Broken> {
    let keys = file.reader.bridge_keys().iter();
    let found = keys
        .copied()
        .find_map(|key| file.doc.get(key).filter(|a| a.value.literal() != Some("")));
    let Some(assignment) = found else {
        return Ok(None);
    };
    let Some(name) = assignment.value.literal() else {
        return Err(file.needs_shell(assignment.line, &assignment.name));
    };
    let named = names.by_uuid.get(&name.to_ascii_lowercase());
    let named = named.filter(|_| file.reader != Reader::NetworkScripts);
    let name = named.map_or(name, String::as_str);
    let name = InterfaceName::parse(name)
        .map_err(|error| file.broken(Some(assignment.line), error.to_string()))?;
    Ok(Some(name))
}

fn profile(
    companions: &companion::Index<'_>,
    readers: &Readers,
    file: &Parsed,
    names: &Names,
) -> Result<(Profile, Vec<Broken>), Broken> {
    let doc = &file.doc;
    let interface = interface(file, names)?;
    for key in ["NM_CONTROLLED", "ONBOOT"] {
        if let Some(shell) = doc.get(key).filter(|a| a.value.literal().is_none()) {
            return Err(file.needs_shell(shell.line, key));
        }
    }
    let nm_controlled = nm_controlled(doc);
    let (found, problems) = companions.find(&interface, &file.suffix, file.reader);
    let locked =
        locked(doc, &file.path).or_else(|| alias::obstacle(doc, &file.path, &found, readers));
    let text = Text {
        companions: found,
        ..Text::of_doc(doc, &interface)
    };
    let around = Around {
        path: &file.path,
        bonds: &names.bonds,
        delay_in_hundredths: readers.delay_in_hundredths(nm_controlled),
    };
    let mac = doc.literal("HWADDR").and_then(MacAddress::parse);
    let link = kind::read(doc, interface.as_str(), file.reader, &around);
    // what ifup-ovs reads may be what NetworkManager read before: it has the words of either
    let ovs = matches!(&link, Link::Bridge(bridge) if bridge.switch == Switch::Ovs);
    let words = if ovs { Reader::Unknown } else { file.reader };
    let mut layer3 = addressing::read(&text.settings, words, &file.path, doc.source());
    layer3.from = Some(Home::at(Backend::Ifcfg, file.path.clone()));
    further::add(&mut layer3, &text, &interface, file.reader);
    let cloned = doc.literal("MACADDR").and_then(MacAddress::parse);
    let cloned = cloned.filter(|_| link == Link::Ethernet);
    let mut profile = Profile {
        home: Home::at(Backend::Ifcfg, file.path.clone()),
        id: id(doc, &file.suffix, &link),
        uuid: uuid(doc),
        manager: manager(readers, &interface, &link, mac, nm_controlled),
        link,
        controller: controller(file, names)?,
        autostart: reader::brings_up(doc, readers, nm_controlled),
        nm_controlled,
        mac,
        cloned_mac: cloned,
        made_mac: None,
        layer3,
        locked,
        wording: wording::of(doc, file.reader, &file.path, file.copy),
        interface,
    };
    let (v4, v6) = default_route::of(&profile, &text, companions.tree(), file.reader);
    (profile.layer3.default_v4, profile.layer3.default_v6) = (v4, v6);
    Ok((profile, problems))
}

/// Returns who reads the file of an interface.
fn manager(
    readers: &Readers,
    interface: &InterfaceName,
    link: &Link,
    mac: Option<MacAddress>,
    nm_controlled: bool,
) -> Manager {
    let mac = mac.map(|mac| mac.to_string());
    let device = Device {
        name: interface.as_str(),
        mac: mac.as_deref(),
        kind: link.word(),
    };
    readers.manager_of(&device, Backend::Ifcfg, nm_controlled)
}

fn uuid(doc: &ShellDoc) -> Option<String> {
    let uuid = doc.literal("UUID").filter(|uuid| !uuid.is_empty());
    uuid.map(str::to_ascii_lowercase)
}

/// The name that NetworkManager shows: `make_connection_name()` in nms-ifcfg-rh-reader.c.
fn id(doc: &ShellDoc, suffix: &str, kind: &Link) -> String {
    let team = |word: &str| word.eq_ignore_ascii_case("Team");
    let kind = match kind {
        Link::Bridge(_) => "Bridge",
        Link::Bond if doc.literal("TYPE").is_some_and(team) => "Team",
        Link::Bond => "Bond",
        Link::Vlan(_) => "Vlan",
        Link::Ethernet | Link::Foreign(_) => "System",
    };
    let said = |key: &str| doc.literal(key).filter(|text| !text.is_empty());
    if let Some(name) = said("NAME") {
        return name.to_owned();
    }
    let wireless = said("TYPE").is_some_and(|word| word.eq_ignore_ascii_case("Wireless"));
    let network = said("ESSID").filter(|_| wireless);
    match network.map(|word| String::from_utf8_lossy(&ssid(word)).into_owned()) {
        Some(network) if network != suffix => format!("{kind} {network} ({suffix})"),
        Some(_) | None => format!("{kind} {suffix}"),
    }
}
