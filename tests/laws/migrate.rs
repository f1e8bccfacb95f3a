//! The laws of a migration, over every ifcfg profile of every fixture host, as it is and with more in each file: what the
//! files mean is what the keyfile means, and no comment and no key that nobody knows is neither in it nor in the list of losses.

use std::collections::BTreeSet;

use kvmnet::backend::migrate::{self, Around, As, Keyfile};
use kvmnet::backend::{self, Interest};
use kvmnet::doc::shell::ShellDoc;
use kvmnet::host::Host;
use kvmnet::host::layer3::Method;
use kvmnet::host::profile::{Backend, Link, Profile};
use kvmnet::tree::{Attrs, Entry, File, HostPath, Tree};

use crate::lenses::{Subject, subjects};

/// What a profile means, in whatever format it is.
#[derive(Debug, PartialEq, Eq)]
struct Meaning {
    interface: String,
    uuid: Option<String>,
    kind: &'static str,
    autostart: bool,
    controller: Option<String>,
    addresses: BTreeSet<String>,
    /// The first one, where it is a default route.
    gateways: Vec<String>,
    asks: bool,
    servers: Vec<String>,
    search: Vec<String>,
    routes: Vec<String>,
    rules: usize,
    zone: Option<String>,
}

fn kind(link: &Link) -> &'static str {
    match link {
        // what NetworkManager makes the port of a bond is a card
        Link::Ethernet | Link::Foreign(_) => "card",
        Link::Bridge(_) => "bridge",
        Link::Bond => "bond",
        Link::Vlan(_) => "VLAN",
    }
}

fn meaning(profile: &Profile) -> Meaning {
    let layer3 = &profile.layer3;
    // a port has none, whatever its file says
    let is_port = profile.controller.is_some();
    let own = layer3.addresses().map(|net| net.to_string());
    let labelled = layer3.labelled().filter_map(|said| said.net);
    let asks = *layer3.v4.method == Method::Dhcp;
    let gateways = layer3.v4.gateways.iter().map(|said| said.value);
    let gateways = gateways.filter(|gateway| layer3.is_default_route(gateway));
    let gateways = gateways.chain(layer3.v6.gateways.iter().map(|said| said.value));
    let route = |route: &kvmnet::host::layer3::Route| {
        let table = route.table.as_deref().map(|table| match table {
            "main" => "254",
            other => other,
        });
        format!("{} {:?} {:?} {table:?}", route.to, route.via, route.metric)
    };
    let unless_port = |texts: Vec<String>| if is_port { Vec::new() } else { texts };
    Meaning {
        interface: profile.interface.to_string(),
        uuid: profile.uuid.clone(),
        kind: kind(&profile.link),
        autostart: profile.autostart,
        controller: profile.controller.as_ref().map(ToString::to_string),
        addresses: match is_port {
            true => BTreeSet::new(),
            false => own.chain(labelled.map(|net| net.to_string())).collect(),
        },
        gateways: unless_port(
            gateways
                .map(|gateway| gateway.to_string())
                .take(2)
                .collect(),
        ),
        asks: asks && !is_port,
        servers: unless_port(layer3.servers().map(|server| server.to_string()).collect()),
        search: unless_port(
            layer3
                .dns
                .search
                .iter()
                .map(|said| said.value.clone())
                .collect(),
        ),
        routes: unless_port(layer3.routes.iter().map(|said| route(said)).collect()),
        rules: if is_port { 0 } else { layer3.rules.len() },
        zone: layer3
            .zone
            .as_ref()
            .map(|said| said.value.clone())
            .filter(|_| !is_port),
    }
}

/// Returns the profile that the keyfile is, on a host that has it in the place of what it is made of.
fn read_again(tree: &Tree, keyfile: &Keyfile) -> Option<Profile> {
    let mut later = tree.clone();
    for path in &keyfile.from {
        later.remove(path);
    }
    let at =
        HostPath::parse("/etc/NetworkManager/system-connections/kvmnet-law.nmconnection").unwrap();
    let attrs = Attrs {
        mode: 0o600,
        uid: 0,
        gid: 0,
    };
    let bytes = keyfile.text.clone().into_bytes();
    later.insert(at.clone(), Entry::File(File { bytes, attrs }));
    let host: Host = backend::inspect(&later, Interest::All);
    let mut profiles = host.profiles().chain(&host.idle);
    profiles
        .find(|profile| profile.home.file.as_ref() == Some(&at))
        .cloned()
}

/// Returns the comments of a file, and the keys of which no program knows anything.
fn said(path: &HostPath, text: &str) -> (Vec<String>, Vec<String>) {
    let comment = |line: &str| line.trim().to_owned();
    if !path.name().starts_with("ifcfg-") {
        let lines = text
            .lines()
            .filter(|line| line.trim_start().starts_with('#'));
        return (lines.map(comment).collect(), Vec::new());
    }
    let doc = ShellDoc::parse(text);
    let lines = doc.lines().iter();
    let comments = lines.filter_map(|line| Some(comment(&text[line.comment?..line.text.end])));
    let unknown = doc
        .assignments()
        .filter(|a| ["ADMIN_TICKET", "USERCTL"].contains(&a.name.as_str()));
    (
        comments.collect(),
        unknown.map(|a| a.name.clone()).collect(),
    )
}

#[test]
fn a_keyfile_means_what_its_ifcfg_file_meant() {
    let (mut compared, mut refused) = (0, Vec::new());
    for Subject {
        name, tree, host, ..
    } in subjects()
    {
        let around = Around::of(&tree, &host);
        for profile in host.profiles().filter(|p| p.home.backend == Backend::Ifcfg) {
            let keyfile = match migrate::keyfile(&tree, &host, &around, profile, As::InForce) {
                Ok(keyfile) => keyfile,
                Err(cannot) => {
                    refused.push(format!("{name} {}: {}", profile.interface, cannot.why));
                    continue;
                }
            };
            let what = format!("{name} {}:\n{}", profile.interface, keyfile.text);
            // of a card that a hardware address alone names the name is not known
            if !keyfile.text.contains("\ninterface-name=") {
                continue;
            }
            let found = read_again(&tree, &keyfile);
            let found = found.unwrap_or_else(|| panic!("not read again: {what}"));
            let mut wanted = meaning(profile);
            wanted.uuid = Some(keyfile.uuid.clone());
            let bond_port = keyfile.text.contains("slave-type=bond");
            // the model has no word for the bond of a port, and a shell's addresses are known to the migration alone
            if bond_port || profile.layer3.shell {
                continue;
            }
            assert_eq!(meaning(&found), wanted, "{what}");
            compared += 1;
        }
    }
    println!("{compared} profiles mean the same as keyfiles; refused: {refused:#?}");
    assert!(compared > 60, "{compared}");
    assert!(refused.len() < 24, "{refused:#?}");
}

#[test]
fn nothing_is_neither_in_a_keyfile_nor_lost() {
    let mut counts = [0; 2];
    for Subject {
        name, tree, host, ..
    } in subjects()
    {
        let around = Around::of(&tree, &host);
        for profile in host.profiles().filter(|p| p.home.backend == Backend::Ifcfg) {
            let Ok(keyfile) = migrate::keyfile(&tree, &host, &around, profile, As::InForce) else {
                continue;
            };
            for path in &keyfile.from {
                let text = String::from_utf8_lossy(&tree.file(path).unwrap().bytes).into_owned();
                let (comments, unknown) = said(path, &text);
                for comment in comments {
                    let mut lines = keyfile.text.lines();
                    assert!(
                        lines.any(|line| line == comment),
                        "{name} {path}: {comment}\n{}",
                        keyfile.text
                    );
                    counts[0] += 1;
                }
                for key in unknown {
                    let mut losses = keyfile.losses.iter();
                    let lost = losses.any(|loss| loss.what == key && loss.at == *path);
                    assert!(lost, "{name} {path}: {key}");
                    counts[1] += 1;
                }
            }
        }
    }
    println!("{counts:?} comments and keys that nobody knows are kept or told");
    assert!(counts.iter().all(|count| *count > 60), "{counts:?}");
}

/// What is taken from a keyfile or changed in it, so that it means something else.
const MUTANTS: &[(&str, &str)] = &[
    ("address2=10.50.0.20/24\n", ""),
    (
        "address1=192.168.50.20/24,192.168.50.1",
        "address1=192.168.50.20/24",
    ),
    ("address1=192.168.50.20/24,", "address1=192.168.50.20/25,"),
    (
        "dns=192.168.50.1;192.168.50.2;",
        "dns=192.168.50.2;192.168.50.1;",
    ),
    ("dns-search=example.test;lab.example.test;\n", ""),
    (
        "route2=10.30.0.0/16,192.168.50.254,200",
        "route2=10.30.0.0/16,192.168.50.254",
    ),
    ("route5_options=table=50\n", ""),
    (
        "routing-rule1=priority 5000 from 192.168.50.20 table 50\n",
        "",
    ),
    ("address3=2001:db8:50::22/64\n", ""),
    ("zone=internal\n", ""),
    ("uuid=5b8f1c3e", "uuid=5b8f1c3f"),
    ("method=manual", "method=auto"),
];

#[test]
fn a_keyfile_that_means_something_else_is_found() {
    let all = subjects();
    let host = all
        .iter()
        .find(|subject| subject.name == "static-routes")
        .unwrap();
    let profile = host
        .host
        .profiles()
        .find(|p| p.interface.as_str() == "ens33")
        .unwrap();
    let around = Around::of(&host.tree, &host.host);
    let keyfile = migrate::keyfile(&host.tree, &host.host, &around, profile, As::InForce).unwrap();
    let meant = meaning(&read_again(&host.tree, &keyfile).unwrap());
    for (there, instead) in MUTANTS {
        assert!(keyfile.text.contains(there), "{there}\n{}", keyfile.text);
        let text = keyfile.text.replacen(there, instead, 1);
        let mutant = Keyfile {
            text,
            ..keyfile.clone()
        };
        let found = read_again(&host.tree, &mutant).map(|profile| meaning(&profile));
        assert_ne!(found.as_ref(), Some(&meant), "{there}");
    }
}
