//! From keyfiles to profiles.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::addressing::{self, Source, boolean};
use super::force;
use super::keys::{BRIDGE_PORT, CONTROLLER, ETHERNET, PORT_KIND};
use crate::backend::kernel;
use crate::backend::lens::Found;
use crate::backend::text::{broken_by, text};
use crate::doc::keyfile::{KeyfileDoc, Pair};
use crate::host::layer3::Layer3;
use crate::host::profile::{
    Backend, Bridge, Foreign, Home, Link, Manager, Obstacle, Profile, Switch,
};
use crate::host::spot::Said;
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::wording::{Attachment, ControllerKind, ControllerName, Wording};
use crate::host::{Broken, Cause, Cure, Routed, Subject, UnnamedPort};
use crate::many;
use crate::readers::{self, At, Device, KEYFILES, NotRead, Readers, loads_keyfile};
use crate::tree::{HostPath, Tree};

/// How the names of keyfiles end that NetworkManager writes.
const SUFFIX: &str = ".nmconnection";

/// A file that GLib takes.
struct Parsed {
    path: HostPath,
    doc: KeyfileDoc,
}

/// What a file says of a key that has two spellings.
struct Spelled<'f> {
    /// The pair that counts.
    pair: &'f Pair,
    /// Its spelling.
    word: &'static str,
    /// The value.
    value: String,
    /// The pair of the other spelling, where that says something else.
    other: Option<&'f Pair>,
}

impl Parsed {
    fn source(&self) -> Source<'_> {
        let (path, doc) = (&self.path, &self.doc);
        Source { path, doc }
    }

    /// Returns the value of `key` in `group`, `None` where it is absent or empty.
    fn get(&self, group: &str, key: &str) -> Option<String> {
        let value = self.doc.string(group, key)?;
        (!value.is_empty()).then_some(value)
    }

    fn spelled(&self, words: [&'static str; 2]) -> Option<Spelled<'_>> {
        let mut found = words.into_iter().filter_map(|word| {
            let value = self.get("connection", word)?;
            Some((self.doc.get("connection", word)?, word, value))
        });
        let (pair, word, value) = found.next()?;
        let other = found.next();
        Some(Spelled {
            pair,
            word,
            other: other.and_then(|(pair, _, other)| (other != value).then_some(pair)),
            value,
        })
    }

    fn is_ethernet(&self) -> bool {
        let kind = self.get("connection", "type");
        kind.is_some_and(|kind| ETHERNET.contains(&kind.as_str()))
    }

    /// Returns the hardware address of the card that it is for.
    fn mac(&self) -> Option<MacAddress> {
        let mac = ETHERNET
            .iter()
            .find_map(|group| self.get(group, "mac-address"));
        MacAddress::parse(&mac?)
    }

    /// Says that cloud-init writes the file, if it does.
    fn of_cloud_init(&self, interface: &str) -> Option<NotRead> {
        let pairs = self.doc.in_force();
        let mut origins = pairs.filter(|pair| pair.group == "user" && pair.key.ends_with("origin"));
        let pair = origins.find(|pair| self.doc.raw(pair).trim() == "cloud-init")?;
        let at = At {
            path: self.path.clone(),
            line: Some(pair.line),
        };
        Some(force::written_by_cloud_init(&self.path, interface, at))
    }

    /// Returns with which priority the profile is started by itself.
    fn priority(&self) -> i32 {
        let text = self.get("connection", "autoconnect-priority");
        text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    /// Returns the UUID of the profile, in lower case: of a file that says none it is made of the path.
    ///
    /// Source: `nm_keyfile_read()` in nm-keyfile.c (`nm_uuid_generate_from_strings_old()` with the path; run).
    fn uuid(&self) -> String {
        let said = self.get("connection", "uuid");
        said.map_or_else(
            || uuid_of_path(&self.path),
            |uuid| uuid.to_ascii_lowercase(),
        )
    }

    /// Returns the hardware address that the card is given.
    fn cloned_mac(&self) -> Option<MacAddress> {
        let mac = ETHERNET
            .iter()
            .find_map(|group| self.get(group, "cloned-mac-address"));
        MacAddress::parse(&mac?)
    }

    /// Returns the name of the file without its suffix.
    fn stem(&self) -> &str {
        stem(&self.path)
    }

    fn broken(&self, pair: &Pair, why: String) -> Broken {
        let line = &self.doc.lines()[pair.line as usize - 1];
        Broken {
            path: self.path.clone(),
            subject: Subject::Interface,
            about: self.stem().to_owned(),
            line: Some(pair.line),
            column: Some(1),
            excerpt: self.doc.source()[line.text.clone()].to_owned(),
            why,
            cause: Cause::Fault,
            cure: Cure::default(),
        }
    }
}

/// The namespace of UUIDs that are made of paths.
const OF_PATHS: Uuid = Uuid::from_u128(0xb425_e9fb_7598_44b4_9e3b_5a2e_3aaa_4905);

fn uuid_of_path(path: &HostPath) -> String {
    let name = format!("keyfile\0{path}\0");
    Uuid::new_v3(&OF_PATHS, name.as_bytes()).to_string()
}

fn stem(path: &HostPath) -> &str {
    let name = path.name();
    name.strip_suffix(SUFFIX).unwrap_or(name)
}

/// Names that files use for interfaces.
#[derive(Default)]
struct Names {
    /// Interfaces by the UUIDs of their profiles.
    by_uuid: BTreeMap<String, InterfaceName>,
    /// Cards by their hardware addresses, as the kernel shows them.
    by_mac: BTreeMap<MacAddress, InterfaceName>,
}

impl Names {
    fn of(tree: &Tree, parsed: &[Parsed]) -> Self {
        let mut names = Self::default();
        let mut cards: Vec<_> = kernel::addresses(tree).into_iter().collect();
        // a VLAN, and a bridge, may have the address of a card
        let is_card =
            |name: &InterfaceName| !name.as_str().contains('.') && !name.as_str().starts_with("br");
        cards.sort_by_key(|(name, _)| !is_card(name));
        for (name, mac) in cards {
            names.by_mac.entry(mac).or_insert(name);
        }
        for file in parsed {
            let interface = file.interface(&names).ok().flatten();
            if let Some(interface) = interface {
                names.by_uuid.entry(file.uuid()).or_insert(interface);
            }
        }
        names
    }

    /// Returns the interface that a file names by its name or by the UUID of its profile.
    fn interface(&self, name: &str) -> Option<InterfaceName> {
        let known = self.by_uuid.get(&name.to_ascii_lowercase()).cloned();
        known.or_else(|| InterfaceName::parse(name).ok())
    }
}

impl Parsed {
    /// Returns the interface that the file is for: by its name, else by its hardware address.
    fn interface(&self, names: &Names) -> Result<Option<InterfaceName>, Broken> {
        if let Some(pair) = self.doc.get("connection", "interface-name") {
            let Some(name) = self.get("connection", "interface-name") else {
                return Ok(None);
            };
            let name = InterfaceName::parse(&name);
            return name
                .map(Some)
                .map_err(|error| self.broken(pair, error.to_string()));
        }
        let mac = self.mac().filter(|_| self.is_ethernet());
        Ok(mac.and_then(|mac| names.by_mac.get(&mac)).cloned())
    }
}

/// Returns what the keyfiles say.
pub(super) fn found(tree: &Tree, readers: &Readers) -> Found {
    let names = tree.names(&HostPath::literal(KEYFILES));
    let files: Vec<HostPath> = names
        .filter(|(name, _)| loads_keyfile(name))
        .map(|(_, path)| path.clone())
        .collect();
    let (mut parsed, mut found) = (Vec::new(), Found::default());
    for file in many::map(&files, |path| parse(tree, path)) {
        match file {
            Ok(file) => parsed.push(file),
            // NetworkManager tries any file, and one that is no keyfile is none
            Err(problem) if problem.path.name().ends_with(SUFFIX) => found.broken.push(problem),
            Err(_) => {}
        }
    }
    let names = Names::of(tree, &parsed);
    let owner = readers::owner(tree);
    let mut profiles = Vec::new();
    for file in &parsed {
        match file.interface(&names) {
            Ok(Some(interface)) => {
                let mut profile = profile(file, interface, &names, readers);
                let ignored = force::ignored(tree, &file.path, &file.uuid(), owner);
                let ignored = ignored.or_else(|| file.of_cloud_init(profile.interface.as_str()));
                profile.manager = ignored.map_or(profile.manager, Manager::Nobody);
                profiles.push((profile, file.priority()));
            }
            Ok(None) => {
                found.unnamed_ports.extend(unnamed(file, &names));
                found.routed.extend(routed(file));
            }
            Err(problem) => found.broken.push(problem),
        }
    }
    (found.profiles, found.idle) = force::part(profiles);
    found
}

fn parse(tree: &Tree, path: &HostPath) -> Result<Parsed, Broken> {
    let doc = KeyfileDoc::parse(text(tree, path, stem(path))?);
    let about = doc.string("connection", "interface-name");
    match doc.syntax_error() {
        Some(error) => Err(broken_by(
            error,
            path,
            about.as_deref().unwrap_or(stem(path)),
        )),
        None => Ok(Parsed {
            path: path.clone(),
            doc,
        }),
    }
}

/// Returns the port of a file that names no interface.
fn unnamed(file: &Parsed, names: &Names) -> Option<UnnamedPort> {
    let controller = file.spelled(CONTROLLER)?.value;
    let controller = names
        .interface(&controller)
        .map(|name| name.to_string())
        .unwrap_or(controller);
    let mac = ETHERNET
        .iter()
        .find_map(|group| file.get(group, "mac-address"));
    Some(UnnamedPort {
        controller,
        shown: mac.unwrap_or_else(|| "?".to_owned()),
    })
}

/// Returns the subnets of a file that names no interface.
fn routed(file: &Parsed) -> Vec<Routed> {
    if file.spelled(CONTROLLER).is_some() {
        return Vec::new();
    }
    addressing::read(file.source(), "").routed("").collect()
}

fn profile(file: &Parsed, interface: InterfaceName, names: &Names, readers: &Readers) -> Profile {
    let source = file.source();
    let home = Home {
        backend: Backend::NmKeyfile,
        file: Some(file.path.clone()),
    };
    let controller = file.spelled(CONTROLLER);
    let link = link(file, controller.as_ref(), names);
    let is_port = controller.is_some();
    let mac = file.mac();
    let shown = mac.map(|mac| mac.to_string());
    let device = Device {
        name: interface.as_str(),
        mac: shown.as_deref(),
        kind: link.word(),
    };
    let of_bridge = kind_of_port(file) == Some(ControllerKind::Bridge);
    Profile {
        id: file
            .get("connection", "id")
            .unwrap_or_else(|| file.stem().to_owned()),
        uuid: Some(file.uuid()),
        manager: readers.manager_of(&device, Backend::NmKeyfile, true),
        controller: controller
            .as_ref()
            .filter(|_| of_bridge)
            .and_then(|controller| names.interface(&controller.value)),
        autostart: file
            .doc
            .get("connection", "autoconnect")
            .and_then(|pair| boolean(file.doc.raw(pair)))
            .unwrap_or(true),
        nm_controlled: true,
        mac,
        // a bridge's is its own property
        cloned_mac: file.cloned_mac().filter(|_| file.is_ethernet()),
        layer3: match is_port {
            // what a port says of it NetworkManager drops
            true => Layer3::default(),
            false => Layer3 {
                from: Some(home.clone()),
                ..addressing::read(source, interface.as_str())
            },
        },
        locked: None,
        wording: wording(file),
        link,
        home,
        interface,
    }
}

fn wording(file: &Parsed) -> Wording {
    let said = |key: &str| {
        let pair = file.doc.get("connection", key)?;
        Some(file.source().spot(pair))
    };
    let controllers = attachments(file);
    let bridges = controllers.iter();
    let mut bridges = bridges.filter(|attachment| attachment.kind == ControllerKind::Bridge);
    Wording {
        interface: said("interface-name"),
        kind: said("type"),
        autostart: said("autoconnect"),
        zone: said("zone"),
        controller: bridges.next().cloned(),
        controllers,
        ..Wording::default()
    }
}

/// Returns the kind of what a port is attached to.
fn kind_of_port(file: &Parsed) -> Option<ControllerKind> {
    let kind = file.spelled(PORT_KIND).map(|kind| kind.value);
    match kind.as_deref() {
        Some("bridge") => Some(ControllerKind::Bridge),
        Some("bond") => Some(ControllerKind::Bond),
        Some("team") => Some(ControllerKind::Team),
        Some(_) => None,
        // the group of the port's settings says the kind, too
        None if file.doc.has_group(BRIDGE_PORT) => Some(ControllerKind::Bridge),
        None if file.doc.has_group("bond-port") => Some(ControllerKind::Bond),
        None if file.doc.has_group("team-port") => Some(ControllerKind::Team),
        None => None,
    }
}

fn attachments(file: &Parsed) -> Vec<Attachment> {
    let kind = kind_of_port(file);
    let found = file.spelled(CONTROLLER).and_then(|controller| {
        Some(Attachment {
            kind: kind?,
            name: match Uuid::try_parse(&controller.value) {
                Ok(_) => ControllerName::Uuid(controller.value),
                Err(_) => ControllerName::Interface(controller.value),
            },
            word: controller.word,
            at: file.source().spot(controller.pair),
        })
    });
    found.into_iter().collect()
}

/// Returns what kind of interface a file is for.
fn link(file: &Parsed, controller: Option<&Spelled<'_>>, names: &Names) -> Link {
    let kind = file.get("connection", "type").unwrap_or_default();
    let foreign = |because: String, pair: Option<&Pair>, bridge| {
        let at = pair.map(|pair| file.source().spot(pair));
        let obstacle = Obstacle {
            because: Said { value: because, at },
            help: None,
        };
        Link::Foreign(Foreign { obstacle, bridge })
    };
    let said = |key| file.doc.get("connection", key);
    if let Some(because) = controller.and_then(|controller| odd_port(file, controller, names)) {
        let pair = controller.map(|controller| controller.pair);
        return foreign(because, pair, (kind == "bridge").then_some(Switch::Linux));
    }
    match kind.as_str() {
        "ethernet" | "802-3-ethernet" => Link::Ethernet,
        "bridge" => Link::Bridge(bridge(file)),
        "bond" => Link::Bond,
        "vlan" => {
            let parent = file.get("vlan", "parent");
            let parent = parent.map(|name| {
                names
                    .interface(&name)
                    .map(|i| i.to_string())
                    .unwrap_or(name)
            });
            Link::Vlan(parent)
        }
        "ovs-bridge" => foreign(
            "is a bridge of Open vSwitch, which kvmnet does not change in keyfiles".to_owned(),
            said("type"),
            Some(Switch::Ovs),
        ),
        "" => foreign(
            "has no type: NetworkManager refuses its file".to_owned(),
            None,
            None,
        ),
        other => foreign(
            format!("is of the type `{other}`, not an Ethernet device"),
            said("type"),
            None,
        ),
    }
}

/// Says why a port is one that kvmnet cannot detach: it is not that of a bridge, or says two things.
fn odd_port(file: &Parsed, controller: &Spelled<'_>, names: &Names) -> Option<String> {
    let Spelled {
        word, value, other, ..
    } = controller;
    if let Some(other) = other {
        let second = file.doc.raw(other);
        return Some(format!(
            "says both {word}={value} and {}={second}",
            other.key
        ));
    }
    let of = match kind_of_port(file) {
        Some(ControllerKind::Bridge) => return None,
        Some(ControllerKind::Bond) => "bond",
        Some(ControllerKind::Team) => "team",
        Some(ControllerKind::OvsBridge) | None => "device",
    };
    let named = names.interface(value);
    let named = named.map_or_else(|| value.clone(), |name| name.to_string());
    Some(format!("is a port of the {of} `{named}`"))
}

fn bridge(file: &Parsed) -> Bridge {
    let raw = |key: &str| file.doc.get("bridge", key).map(|pair| file.doc.raw(pair));
    let cloned = || {
        ETHERNET
            .iter()
            .find_map(|group| file.get(group, "cloned-mac-address"))
    };
    Bridge {
        switch: Switch::Linux,
        // on where the file is silent, or says what is no boolean
        stp: Some(raw("stp").and_then(boolean).unwrap_or(true)),
        forward_delay_s: raw("forward-delay").and_then(|text| text.trim().parse().ok()),
        keeps_mac: cloned().as_deref() == Some("preserve"),
        mac: cloned()
            .or_else(|| file.get("bridge", "mac-address"))
            .and_then(|mac| MacAddress::parse(&mac)),
    }
}
