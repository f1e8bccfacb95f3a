//! NetworkManager's keyfiles, read only: to know which interfaces and which subnets they configure.
//!
//! Source: nm-settings-keyfile(5), and nm-keyfile.c (`ip_address_or_route_parser()`: `address`, `addresses`, `route` and
//! `routes`, each with or without a number; `DEFAULT_PREFIX`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::lens::{Found, Lens, Outline, Piece};
use crate::doc::keyfile::{Entry, entries};
use crate::host::layer3::{Family, Layer3, Method};
use crate::host::profile::{Backend, Foreign, Home, Link, Manager, Obstacle, Profile, Switch};
use crate::host::spot::{Said, Spot};
use crate::host::value::{InterfaceName, IpNet};
use crate::host::wording::Wording;
use crate::host::{Broken, By, Cause, Cure, Routed, Subject, UnnamedPort};
use crate::readers::{KEYFILES, Readers, loads_keyfile};
use crate::tree::{HostPath, Pick, Tree};

/// The longest keyfile that is read, in bytes: NetworkManager's own are a hundred times shorter, and reading takes
/// time with the square of how often a key is given again.
const LONGEST: usize = 32 << 10;

/// The format.
pub(super) const LENS: Lens = Lens {
    backend: Backend::NmKeyfile,
    // NetworkManager asks for no suffix here
    folders: &[(KEYFILES, |_| Pick::Read)],
    read,
    beside: |_, _, _| Vec::new(),
    outline,
    pieces,
    is_typed: |_| false,
    is_told: |_, _| false,
    writer: None,
};

/// Finds the profiles that keyfiles hold for a named interface, and the files that are too long.
fn read(tree: &Tree, _: &Readers) -> Found {
    let names = tree
        .names(&HostPath::literal(KEYFILES))
        .filter(|(name, _)| loads_keyfile(name));
    let mut broken = Vec::new();
    let files: Vec<_> = names
        .filter_map(|(name, path)| {
            let bytes = &tree.file(path)?.bytes;
            if bytes.len() > LONGEST {
                broken.push(too_long(path, name));
                return None;
            }
            let text = String::from_utf8_lossy(bytes).into_owned();
            let keys = ini::Ini::load_from_str_noescape(&text).ok()?;
            Some((path, text, keys))
        })
        .collect();
    let known = files.iter().filter_map(|(_, _, keys)| {
        let get = |key: &str| keys.get_from(Some("connection"), key);
        Some((get("uuid")?, get("interface-name")?))
    });
    let interfaces: BTreeMap<&str, &str> = known.collect();
    let found = files
        .iter()
        .filter_map(|(path, text, keys)| profile(path, text, keys, &interfaces))
        .collect();
    let ports = files.iter();
    let ports = ports
        .filter_map(|(_, _, keys)| unnamed(keys, &interfaces))
        .collect();
    Found {
        profiles: found,
        broken,
        unnamed_ports: ports,
        routed: routed(tree),
    }
}

fn outline(text: &str) -> Outline {
    let keys = entries(text).into_iter();
    let keys: Vec<String> = keys
        .map(|entry| format!("{}.{}", entry.section, entry.key))
        .collect();
    let comments = text
        .lines()
        .filter(|line| line.trim_start().starts_with('#'));
    Outline {
        notable: keys.clone(),
        keys,
        comments: comments.count(),
        has_code: false,
        first_shell: None,
        byte_order_mark: text.starts_with('\u{feff}'),
        cr_lf: text.lines().next().is_some_and(|line| line.ends_with('\r')),
    }
}

fn pieces(bytes: &[u8]) -> Vec<(usize, Piece)> {
    let text = String::from_utf8_lossy(bytes);
    let settings = entries(&text).into_iter().map(|entry| {
        let key = format!("{}.{}", entry.section, entry.key);
        (
            entry.line as usize - 1,
            Piece::Setting(key, entry.value.to_owned()),
        )
    });
    let comments = text.lines().enumerate().filter_map(|(at, line)| {
        let line = line.trim();
        line.starts_with('#')
            .then(|| (at, Piece::Comment(line.to_owned())))
    });
    let mut pieces: Vec<_> = settings.chain(comments).collect();
    pieces.sort_by_key(|(line, _)| *line);
    pieces
}

/// Returns the port of a file that names no interface.
fn unnamed(keys: &ini::Ini, interfaces: &BTreeMap<&str, &str>) -> Option<UnnamedPort> {
    let get = |section, key| {
        keys.get_from(Some(section), key)
            .filter(|value| !value.is_empty())
    };
    let controller = get("connection", "master").or_else(|| get("connection", "controller"))?;
    if get("connection", "interface-name").is_some() {
        return None;
    }
    let mac = ["ethernet", "802-3-ethernet"];
    let mac = mac.iter().find_map(|section| get(section, "mac-address"));
    Some(UnnamedPort {
        controller: (*interfaces.get(controller).unwrap_or(&controller)).to_owned(),
        shown: mac.unwrap_or("?").to_owned(),
    })
}

fn too_long(path: &HostPath, name: &str) -> Broken {
    Broken {
        path: path.clone(),
        subject: Subject::default(),
        about: name.trim_end_matches(".nmconnection").to_owned(),
        line: None,
        column: None,
        excerpt: String::new(),
        why: format!("longer than {} KiB", LONGEST >> 10),
        cause: Cause::Limit,
        cure: Cure::default(),
    }
}

/// Returns the profile of one file; `interfaces` tells whose UUID a controller is named by.
fn profile(
    path: &HostPath,
    text: &str,
    keys: &ini::Ini,
    interfaces: &BTreeMap<&str, &str>,
) -> Option<Profile> {
    let get = |key: &str| keys.get_from(Some("connection"), key);
    let controller = |key: &str| {
        let name = get(key)?;
        InterfaceName::parse(interfaces.get(name).unwrap_or(&name)).ok()
    };
    let interface = InterfaceName::parse(get("interface-name")?).ok()?;
    let port = get("master").or_else(|| get("controller")).is_some();
    let obstacle = Obstacle {
        because: "is configured by a NetworkManager keyfile, and kvmnet changes only bridges of ifcfg profiles"
            .to_owned()
            .into(),
        help: Some(format!(
            "create the bridge with keyfiles as well: {KEYFILES}, see nm-settings-keyfile(5)"
        )),
    };
    let listed = listed(&entries(text), path);
    Some(Profile {
        home: Home {
            backend: Backend::NmKeyfile,
            file: Some(path.clone()),
        },
        id: get("id").unwrap_or(path.name()).to_owned(),
        link: Link::Foreign(Foreign {
            obstacle,
            bridge: match get("type") {
                Some("bridge") => Some(Switch::Linux),
                Some("ovs-bridge") => Some(Switch::Ovs),
                Some(_) | None => None,
            },
        }),
        manager: Manager::NetworkManager,
        // of the two spellings the old one counts
        controller: controller("master").or_else(|| controller("controller")),
        autostart: get("autoconnect") != Some("false"),
        nm_controlled: true,
        mac: None,
        layer3: Layer3 {
            v4: family(&listed, false, port),
            v6: family(&listed, true, port),
            ..Layer3::default()
        },
        locked: None,
        wording: Wording::default(),
        interface,
    })
}

/// What an entry of `[ipv4]` or `[ipv6]` lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Address,
    Route,
}

impl Kind {
    fn of(entry: &Entry<'_>) -> Option<Self> {
        let known = matches!(entry.section, "ipv4" | "ipv6");
        match entry.key.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "address" | "addresses" if known => Some(Self::Address),
            "route" | "routes" if known => Some(Self::Route),
            _ => None,
        }
    }

    /// The prefix length of an address that has none.
    fn default_prefix(self, address: IpAddr) -> u8 {
        match (self, address) {
            (_, IpAddr::V4(_)) => 24,
            (Self::Address, IpAddr::V6(_)) => 64,
            (Self::Route, IpAddr::V6(_)) => 128,
        }
    }
}

/// Returns the nets in a value `ADDRESS/PREFIX,GATEWAY,METRIC`, with `;` for `,` and `/` in old files.
fn nets(kind: Kind, value: &str) -> Vec<IpNet> {
    let mut fields = value.split([',', ';']).map(str::trim);
    let Some(first) = fields.next() else {
        return Vec::new();
    };
    let mut fields = fields.peekable();
    let first = first.parse().ok().or_else(|| {
        let address: IpAddr = first.parse().ok()?;
        let length = fields.peek().and_then(|field| field.parse().ok());
        let length = length.unwrap_or(kind.default_prefix(address));
        IpNet::new(address, length).ok()
    });
    let others = fields.filter_map(|field| field.parse().ok());
    first.into_iter().chain(others).collect()
}

/// Returns what is listed, each with its line, unless the address family is switched off.
fn listed(entries: &[Entry<'_>], path: &HostPath) -> Vec<(Kind, IpNet, Spot)> {
    let off = |section: &str| {
        let method = entries
            .iter()
            .rfind(|e| e.section == section && e.key == "method");
        method.is_some_and(|e| matches!(e.value, "disabled" | "ignore"))
    };
    let in_force = entries.iter().filter(|entry| !off(entry.section));
    in_force
        .filter_map(|entry| Some((entry, Kind::of(entry)?)))
        .flat_map(|(entry, kind)| {
            let nets = nets(kind, entry.value).into_iter();
            let at = Spot {
                file: path.clone(),
                line: entry.line,
                span: None,
            };
            nets.map(move |net| (kind, net, at.clone()))
        })
        .collect()
}

/// Returns what is known of an address family: its static addresses. How else it gets any was not read, but a port gets none.
fn family(listed: &[(Kind, IpNet, Spot)], v6: bool, port: bool) -> Family {
    let of_family = listed
        .iter()
        .filter(|(kind, net, _)| *kind == Kind::Address && net.addr().is_ipv6() == v6);
    let said = |(_, net, at): &(Kind, IpNet, Spot)| Said {
        value: *net,
        at: Some(at.clone()),
    };
    Family {
        method: match (port, v6) {
            (false, _) => Method::Unread.into(),
            (true, false) => Method::Manual.into(),
            (true, true) => Method::Unsaid.into(),
        },
        addresses: of_family.map(said).collect(),
        ..Family::default()
    }
}

/// Returns the subnets of all keyfiles, those without the name of an interface too; a port configures none.
fn routed(tree: &Tree) -> Vec<Routed> {
    let names = tree.names(&HostPath::literal(KEYFILES));
    let keyfiles = names.filter(|(name, _)| loads_keyfile(name));
    keyfiles
        .filter_map(|(_, path)| Some((path, tree.file(path)?)))
        .filter(|(_, file)| file.bytes.len() <= LONGEST)
        .flat_map(|(path, file)| of_keyfile(&String::from_utf8_lossy(&file.bytes), path))
        .collect()
}

fn of_keyfile(text: &str, path: &HostPath) -> Vec<Routed> {
    let entries = entries(text);
    let get = |key: &str| {
        let found = entries
            .iter()
            .rfind(|e| e.section == "connection" && e.key == key);
        found.map(|e| e.value).filter(|value| !value.is_empty())
    };
    if get("master").or_else(|| get("controller")).is_some() {
        return Vec::new();
    }
    let interface = get("interface-name").unwrap_or("");
    let routed = |(kind, net, at)| Routed {
        by: match kind {
            Kind::Address => By::Address,
            Kind::Route => By::Route,
        },
        net,
        at,
        interface: interface.to_owned(),
    };
    listed(&entries, path).into_iter().map(routed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let found = of_keyfile(text, &HostPath::literal("/x"));
        let shown = |r: &Routed| format!("{} {} {}", r.at.line, r.net, r.interface);
        found.iter().map(shown).collect()
    }

    #[test]
    fn reads_addresses_and_routes() {
        let text = "[connection]\ninterface-name=ens3\n[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n\
            addresses2=10.1.0.5;16;10.1.0.1;\n# address3=1.2.3.4/8\nroute1=172.16.0.0/12,10.0.0.1,5\n\
            route1_options=mtu=1400\nroutes=10.9.0.0\ndns=1.2.3.4;\n[ipv6]\naddress1 = 2001:db8::5\n\
            route1=2001:db8:1::/48\nroute2=2001:db8:2::1\n[proxy]\naddress1=9.9.9.9/8\n";
        let expected = [
            "5 10.0.0.5/24 ens3",
            "6 10.1.0.5/16 ens3",
            "8 172.16.0.0/12 ens3",
            "10 10.9.0.0/24 ens3",
            "13 2001:db8::5/64 ens3",
            "14 2001:db8:1::/48 ens3",
            "15 2001:db8:2::1/128 ens3",
        ];
        assert_eq!(of(text), expected);
        let listed = listed(&entries(text), &HostPath::literal("/x"));
        let of = |v6| family(&listed, v6, false).addresses.into_iter();
        let addresses: Vec<_> = of(false)
            .chain(of(true))
            .map(|net| net.to_string())
            .collect();
        assert_eq!(addresses, ["10.0.0.5/24", "10.1.0.5/16", "2001:db8::5/64"]);
    }

    #[test]
    fn passes_over_what_is_not_in_force() {
        let address = "[ipv4]\naddress1=10.0.0.5/24\n";
        assert_eq!(of(&format!("[connection]\nmaster=br0\n{address}")).len(), 0);
        assert_eq!(of(&format!("{address}method=disabled\n")).len(), 0);
        assert_eq!(
            of("[ipv4]\naddress1=\naddress2=x/y\naddress3=1.2.3.4/99\n").len(),
            0
        );
        assert_eq!(of(address), ["2 10.0.0.5/24 "]);
    }
}
