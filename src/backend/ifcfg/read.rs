//! From ifcfg files to profiles.

use std::collections::{BTreeMap, HashSet};

use super::carry::about;
use super::kind::{Around, Part, Reader};
use super::load::locked;
use super::text::{Companion, CompanionRole, Role, Setting, Text};
use super::{addressing, alias, companion, default_route, kind, routes};
use crate::backend::text::{broken_by, text};
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Backend, Further, Layer3, Method, Profile, ProfileKind};
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::{Broken, Cause, Subject};
use crate::many;
use crate::readers::{NETWORK_SCRIPTS, Readers};
use crate::tree::{HostPath, Tree};

/// A file that was parsed, not yet understood.
struct Parsed {
    path: HostPath,
    suffix: String,
    doc: ShellDoc,
    reader: Reader,
}

impl Parsed {
    fn part(&self) -> Part<'_> {
        kind::part(&self.suffix, &self.doc, self.reader)
    }

    fn broken(&self, line: u32, why: String) -> Broken {
        let excerpt = self
            .doc
            .source()
            .lines()
            .nth((line as usize).wrapping_sub(1))
            .unwrap_or("");
        Broken {
            subject: Subject::Interface,
            path: self.path.clone(),
            about: self.suffix.clone(),
            line,
            column: 1,
            excerpt: excerpt.trim_end().to_owned(),
            why,
            cause: Cause::Limit,
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
}

/// Returns the profiles in the tree, and the files that cannot be understood.
pub(in crate::backend) fn profiles(tree: &Tree, readers: &Readers) -> (Vec<Profile>, Vec<Broken>) {
    let named = |(name, path): (&'_ str, &'_ HostPath)| {
        let suffix = name.strip_prefix("ifcfg-")?;
        let read = !suffix.is_empty() && suffix != "lo" && readers.loads(name).is_some();
        read.then(|| (suffix.to_owned(), path.clone()))
    };
    let files: Vec<_> = tree
        .names(&HostPath::literal(NETWORK_SCRIPTS))
        .filter_map(named)
        .collect();
    let (mut parsed, mut broken) = (Vec::new(), Vec::new());
    for file in many::map(&files, |(suffix, path)| parse(tree, readers, path, suffix)) {
        match file {
            Ok(file) => parsed.push(file),
            Err(problem) => broken.push(problem),
        }
    }
    let (aliases, parsed): (Vec<Parsed>, Vec<Parsed>) = parsed
        .into_iter()
        .partition(|file| matches!(file.part(), Part::OwnAlias { .. }));
    let names = names(&parsed);
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
        let line = file.doc.get("DEVICE").map_or(0, |device| device.line);
        let why = format!("it gives `{of}` a further address, and nothing else configures `{of}`");
        let broken = file.broken(line, why);
        (!known.contains(of)).then(|| Broken {
            about: of.to_owned(),
            ..broken
        })
    });
    orphans.collect()
}

fn parse(tree: &Tree, readers: &Readers, path: &HostPath, suffix: &str) -> Result<Parsed, Broken> {
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
            return Err(file.broken(line, "DEVICE needs a shell to be known".to_owned()));
        }
        Some((line, Some(name))) if !name.is_empty() => (line, name),
        _ => (
            0,
            mac.and_then(|mac| names.by_mac.get(&mac))
                .map_or(file.suffix.as_str(), String::as_str),
        ),
    };
    InterfaceName::parse(name).map_err(|error| file.broken(line, error.to_string()))
}

fn controller(file: &Parsed, names: &Names) -> Result<Option<InterfaceName>, Broken> {
    let keys = ["OVS_BRIDGE", "BRIDGE_UUID", "BRIDGE"];
    let found = keys
        .iter()
        .find_map(|key| file.doc.get(key).filter(|a| a.value.literal() != Some("")));
    let Some(assignment) = found else {
        return Ok(None);
    };
    let Some(name) = assignment.value.literal() else {
        return Err(file.broken(
            assignment.line,
            format!("{} needs a shell to be known", assignment.name),
        ));
    };
    let name = names
        .by_uuid
        .get(&name.to_ascii_lowercase())
        .map_or(name, String::as_str);
    let name = InterfaceName::parse(name)
        .map_err(|error| file.broken(assignment.line, error.to_string()))?;
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
    let flag = |key: &str| match doc
        .get(key)
        .map(|assignment| (assignment.line, assignment.value.literal()))
    {
        Some((line, None)) => Err(file.broken(line, format!("{key} needs a shell to be known"))),
        Some((_, Some(value))) => Ok(!kind::is_no(value)),
        None => Ok(true),
    };
    let nm_controlled = flag("NM_CONTROLLED")?;
    flag("ONBOOT")?;
    let (found, problems) = companions.find(&interface, &file.suffix);
    let locked = locked(doc).or_else(|| alias::obstacle(doc, &file.path, &found, readers));
    let text = Text {
        companions: found,
        ..Text::of_doc(doc, &interface)
    };
    let around = Around {
        bonds: &names.bonds,
        delay_in_hundredths: readers.delay_in_hundredths(nm_controlled),
    };
    let kind = kind::read(doc, interface.as_str(), file.reader, &around);
    let mut profile = Profile {
        origin: Some(file.path.clone()),
        backend: Backend::Ifcfg,
        id: id(doc, &file.suffix, &kind),
        kind,
        foreign_bridge: None,
        controller: controller(file, names)?,
        autostart: readers.bring_up(doc.literal("ONBOOT"), nm_controlled),
        nm_controlled,
        mac: doc.literal("HWADDR").and_then(MacAddress::parse),
        layer3: Layer3 {
            addressing: addressing::read(&text.settings, &file.path),
            v6: v6(&text.settings),
            further: text.companions.iter().map(further).collect(),
            more: !text.settings.is_empty(),
            from: Some(file.path.clone()),
            ..Layer3::default()
        },
        locked,
        interface,
    };
    let (v4, v6) = default_route::of(&profile, &text, companions.tree(), readers);
    (profile.layer3.default_v4, profile.layer3.default_v6) = (v4, v6);
    profile.layer3.routed = routes::of_profile(&profile, &text);
    Ok((profile, problems))
}

/// The name that NetworkManager shows: `make_connection_name()` in nms-ifcfg-rh-reader.c.
fn id(doc: &ShellDoc, suffix: &str, kind: &ProfileKind) -> String {
    let team = |word: &str| word.eq_ignore_ascii_case("Team");
    let kind = match kind {
        ProfileKind::Bridge(_) => "Bridge",
        ProfileKind::Bond if doc.literal("TYPE").is_some_and(team) => "Team",
        ProfileKind::Bond => "Bond",
        ProfileKind::Vlan(_) => "Vlan",
        ProfileKind::Ethernet | ProfileKind::Other(_) => "System",
    };
    doc.literal("NAME")
        .filter(|name| !name.is_empty())
        .map_or_else(|| format!("{kind} {suffix}"), str::to_owned)
}

/// Returns how IPv6 configures itself: ifup-ipv6 of initscripts, and `make_ip6_setting()` in nms-ifcfg-rh-reader.c.
fn v6(settings: &[Setting]) -> Option<Method> {
    let mut said = settings
        .iter()
        .filter(|setting| setting.role == Role::Ipv6)
        .peekable();
    said.peek()?;
    let says = |key: &str, no: bool| {
        let mut settings = settings.iter().rev();
        let setting = settings.find(|setting| setting.key == key);
        let value = setting.and_then(|setting| setting.value.as_ref());
        value.is_some_and(|value| kind::is_no(value.raw()) == no)
    };
    Some(if says("IPV6_DISABLED", false) || says("IPV6INIT", true) {
        Method::Off
    } else if says("DHCPV6C", false) {
        Method::Dhcp
    } else if says("IPV6_AUTOCONF", true) {
        Method::Manual
    } else {
        Method::Auto
    })
}

/// Returns what the model knows of a companion.
fn further(companion: &Companion) -> Further {
    let text = companion.content.raw();
    let routes = matches!(companion.role, CompanionRole::Route(_));
    Further {
        at: companion.origin.clone(),
        about: about(&companion.role),
        addresses: companion.addresses.clone(),
        default_route: routes
            && ["default", "0.0.0.0/0"]
                .iter()
                .any(|word| text.contains(word)),
    }
}
