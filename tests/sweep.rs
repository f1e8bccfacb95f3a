//! The whole way with the real program, over every fixture host and every interface in it that can be bridged:
//! look, apply, apply again, roll back, roll back again; and make a bridge, then take it away.
#![allow(
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests build and read trees, and run programs"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
#![allow(clippy::print_stdout, reason = "says what was skipped")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kvmnet::backend::ifcfg::{self, Companion, CompanionRole, Role, Setting, Text};
use kvmnet::host::Host;
use kvmnet::host::Subject;
use kvmnet::host::layer3::Layer3;
use kvmnet::host::profile::{Backend, Profile};
use kvmnet::host::value::InterfaceName;
use support::whole::{Done, on_all, run, same, show_write_undo, without_copies, without_state};
use support::{Found, Nodes, copy, difference, fixture, hosts, kvmnet, nodes};

/// Interfaces that can be bridged; of several, the first has the layer-3 configuration that moves.
const BRIDGEABLE: &[(&str, &[&[&str]])] = &[
    ("bond-vlan", &[&["bond0"], &["bond0.100"]]),
    ("etc-alone", &[&["ens33"], &["ens34"]]),
    (
        "libvirt-devices",
        &[&["ens33"], &["ens35"], &["ens33", "ens35"]],
    ),
    ("libvirt-mess", &[&["eno1"]]),
    (
        "mess",
        &[
            &["eth0"],
            &["eth1"],
            &["eth2"],
            &["eth7"],
            &["eth8"],
            &["eth2", "eth7"],
        ],
    ),
    ("monolithic", &[&["ens34"]]),
    ("ovs", &[&["eth0"], &["eth1"], &["eth0", "eth1"]]),
    ("rhel7-nm-off", &[&["ens33"], &["ens34"]]),
    ("rhel9-mixed", &[&["ens33"]]),
    (
        "rhel7-old-initscripts",
        &[&["ens33"], &["ens34"], &["ens33", "ens34"]],
    ),
    (
        "rhel8-nm",
        &[&["enp1s0"], &["enp2s0"], &["enp1s0", "enp2s0"]],
    ),
    (
        "static-routes",
        &[&["ens33"], &["ens34"], &["ens33", "ens34"]],
    ),
    ("tutorial", &[&["ens33"], &["ens34"], &["ens33", "ens34"]]),
];

/// The same of hosts with keyfiles, which have no bridges of Open vSwitch.
const IN_KEYFILES: &[(&str, &[&[&str]])] = &[
    ("coreos", &[&["enp1s0"], &["enp2s0"], &["enp3s0"]]),
    ("debian-nm", &[&["eno1"], &["eno2"], &["eno1", "eno2"]]),
    ("fedora", &[&["enp1s0"], &["enp1s0.20"]]),
    ("libvirt-kinds", &[&["enp1s0"]]),
    ("rhel10", &[&["enp1s0"]]),
    ("rhel9", &[&["ens33"], &["ens34"], &["ens33", "ens34"]]),
    ("rhel9-mixed", &[&["ens34"]]),
];

/// Interfaces that cannot, with a word of the reason.
const REFUSED: &[(&str, &str, &str)] = &[
    ("bond-vlan", "em1", "bond"),
    ("bond-vlan", "em2", "bond"),
    ("hand-bridged", "br0", "bridge"),
    ("hand-bridged", "br1", "bridge"),
    ("hand-bridged", "ens33", "port of `br0`"),
    ("hand-bridged", "ens34", "port of `br1`"),
    ("hand-bridged", "ens35", "port of `br1`"),
    ("libvirt-devices", "ens34", "exclusively"),
    ("libvirt-kinds", "br0", "it is a bridge"),
    ("libvirt-kinds", "enp2s0", "port of `br0`"),
    ("mess", "eth3", "two files"),
    ("mess", "eth4", "UTF-8"),
    ("mess", "eth5", "never closed"),
    ("mess", "eth6", "does not exist"),
    ("monolithic", "br0", "bridge"),
    ("monolithic", "ens33", "port of `br0`"),
    ("nmcli-bridged", "br0", "it is a bridge"),
    ("nmcli-bridged", "br1", "it is a bridge"),
    ("nmcli-bridged", "br2", "it is a bridge"),
    ("nmcli-bridged", "eno1", "port of `br0`"),
    ("nmcli-bridged", "eno2", "port of `br1`"),
    ("nmcli-bridged", "eno3", "port of `br2`"),
    ("ovs", "eth2", "port of `ovsbr0`"),
    ("ovs", "ovsbr0", "bridge"),
    ("rhel10", "br0", "it is a bridge"),
    ("rhel10", "enp7s0", "no ifcfg-rh plugin"),
    ("rhel8-nm", "wlan0", "wireless"),
];

/// The bridge that is made: no fixture has it.
const BRIDGE: &str = "brx0";

/// Options of `bridge add`.
const VARIANTS: &[&[&str]] = &[
    &[],
    &["--switch", "ovs"],
    &["--backup", "store"],
    &["--stp", "on"],
];

/// One bridge on one host.
struct Case {
    host: &'static str,
    ports: &'static [&'static str],
    options: &'static [&'static str],
}

impl Case {
    fn name(&self) -> String {
        format!(
            "{}: {} {}",
            self.host,
            self.ports.join(" "),
            self.options.join(" ")
        )
    }

    /// Returns the words of `bridge add`; what a second port is configured with is given up.
    fn add(&self) -> Vec<&str> {
        let mut words = vec!["bridge", "add", BRIDGE];
        words.extend(self.ports.iter().flat_map(|port| ["--port", port]));
        words.extend(self.options);
        // without its scripts nothing reads files of Open vSwitch
        if self.ports.len() > 1 || self.options.contains(&"ovs") {
            words.push("--force");
        }
        words
    }

    fn remove(&self) -> [&str; 6] {
        ["bridge", "remove", BRIDGE, "--to", self.ports[0], "--yes"]
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let all = BRIDGEABLE.iter().map(|one| (one, true));
    let all = all.chain(IN_KEYFILES.iter().map(|one| (one, false)));
    for ((host, groups), has_ovs) in all {
        for ports in *groups {
            let variants = VARIANTS.iter();
            for options in variants.filter(|options| has_ovs || !options.contains(&"ovs")) {
                cases.push(Case {
                    host,
                    ports,
                    options,
                });
            }
        }
    }
    cases
}

fn on_each(test: fn(&Case) -> Result<(), String>) {
    on_all(&cases(), Case::name, test);
}

#[test]
fn what_is_shown_is_written_once_and_can_be_undone() {
    on_each(
        |case| match show_write_undo(case.host, &case.add(), |_, _| Ok(()))? {
            Done::Written => Ok(()),
            done @ (Done::Nothing | Done::Refused) => Err(format!("{done:?}")),
        },
    );
}

#[test]
fn removing_what_was_added_gives_the_first_bytes_back() {
    on_each(|case| {
        let above = copy(&fixture(case.host));
        let root = above.path().join("root");
        let first = without_copies(nodes(&root));
        run(&root, &case.add(), &["--yes"])?;

        let history = copy(&root);
        let root = history.path().join("root");
        run(&root, &case.remove(), &[])?;
        same(&first, &without_copies(nodes(&root)), "with the history")?;

        let copies = copy(&above.path().join("root"));
        let root = copies.path().join("root");
        fs::remove_dir_all(root.join("var/lib/kvmnet/transactions")).unwrap();
        run(&root, &case.remove(), &[])?;
        same(
            &first,
            &without_copies(nodes(&root)),
            "with the copies alone",
        )
    });
}

/// Another way in which a host may have its files.
type Twist = fn(&Case, &Path) -> bool;

const TWISTS: [(&str, Twist); 2] = [
    ("CR LF, the last line not closed", with_carriage_returns),
    ("files named after the connection", named_otherwise),
];

#[test]
fn the_first_bytes_come_back_however_files_are_named_and_end() {
    on_each(|case| {
        for (how, twist) in TWISTS {
            let above = copy(&fixture(case.host));
            let root = above.path().join("root");
            if !case.options.is_empty() || !twist(case, &root) {
                continue;
            }
            let first = without_copies(nodes(&root));
            run(&root, &forced(case.add()), &["--yes"])?;
            let history = copy(&root);
            let root = history.path().join("root");
            run(&root, &case.remove(), &[])?;
            let found = without_copies(nodes(&root));
            same(&first, &found, &format!("{how}, with the history"))?;
            let root = above.path().join("root");
            fs::remove_dir_all(root.join("var/lib/kvmnet/transactions")).unwrap();
            run(&root, &case.remove(), &[])?;
            let found = without_copies(nodes(&root));
            same(&first, &found, &format!("{how}, with the copies alone"))?;
        }
        Ok(())
    });
}

/// Returns the words with `--force` among them.
fn forced(mut words: Vec<&str>) -> Vec<&str> {
    if !words.contains(&"--force") {
        words.push("--force");
    }
    words
}

const SCRIPTS: &str = "etc/sysconfig/network-scripts";

/// Gives the profiles of the ports line ends of CR LF, and half of one behind the last line.
fn with_carriage_returns(case: &Case, root: &Path) -> bool {
    case.ports.iter().fold(false, |any, port| {
        let ifcfg = root.join(SCRIPTS).join(format!("ifcfg-{port}"));
        let (path, end) = match ifcfg.exists() {
            true => (ifcfg, "\r"),
            // where NetworkManager would take it for a part of the value
            false => (root.join(keyfile(root, port)), ""),
        };
        let Ok(text) = fs::read_to_string(&path) else {
            return any;
        };
        let lines: Vec<&str> = text.lines().collect();
        fs::write(path, lines.join("\r\n") + end).unwrap();
        true
    })
}

/// Returns the file of an interface, wherever it is.
fn keyfile(root: &Path, interface: &str) -> String {
    let host = support::host(root);
    let mut profiles = host.profiles();
    let own = profiles.find(|profile| profile.interface.as_str() == interface);
    let file = own.and_then(|own| own.home.file.clone());
    file.map_or_else(String::new, |file| file.relative().to_owned())
}

/// Names the profiles of the ports, their routes and rules after a connection, as NetworkManager does.
fn named_otherwise(case: &Case, root: &Path) -> bool {
    let folder = root.join(SCRIPTS);
    case.ports.iter().fold(false, |any, port| {
        let name = |start: &str, end: &str| folder.join(format!("{start}-{end}"));
        let Ok(text) = fs::read_to_string(name("ifcfg", port)) else {
            return any;
        };
        if name("ifcfg", port).is_symlink() || !text.lines().any(|line| line.starts_with("DEVICE="))
        {
            return any;
        }
        for start in ["ifcfg", "route", "route6", "rule", "rule6"] {
            let to = name(start, &format!("Wired_{port}"));
            if name(start, port).exists() {
                fs::rename(name(start, port), to).unwrap();
            }
        }
        true
    })
}

#[test]
fn copies_of_any_name_give_the_first_bytes_back() {
    on_each(|case| {
        // these are read as profiles of their own beside their files, so they lie in the store
        if case.options != ["--backup", "store"] {
            return Ok(());
        }
        let above = copy(&fixture(case.host));
        let root = above.path().join("root");
        let first = without_copies(nodes(&root));
        run(&root, &case.add(), &["--yes"])?;
        let state = root.join("var/lib/kvmnet");
        fs::remove_dir_all(state.join("transactions")).unwrap();
        for path in nodes(&state).into_keys() {
            if let Some(of) = path.strip_suffix(".old") {
                fs::rename(state.join(&path), state.join(format!("{of}_orig"))).unwrap();
            }
        }
        run(&root, &case.remove(), &[])?;
        let mut found = without_copies(nodes(&root));
        found.retain(|path, _| !path.ends_with("_orig"));
        profiles_alike(&first, &found)
    });
}

/// Compares the profiles; of what libvirt has only `.old` is a copy.
fn profiles_alike(first: &Nodes, found: &Nodes) -> Result<(), String> {
    let profiles = |nodes: &Nodes| -> Nodes {
        let mut nodes = nodes.clone();
        nodes.retain(|path, _| path.starts_with(SCRIPTS));
        nodes
    };
    same(&profiles(first), &profiles(found), "with other copies")
}

#[test]
fn a_port_without_a_profile_has_none_again() {
    on_each(|case| {
        if case.options.contains(&"--stp") || case.options.contains(&"--backup") {
            return Ok(());
        }
        let above = copy(&fixture(case.host));
        let root = above.path().join("root");
        fs::create_dir_all(root.join("sys/class/net/kv9")).unwrap();
        let first = without_copies(nodes(&root));
        let mut add = vec!["bridge", "add", BRIDGE, "--port", "kv9", "--no-address"];
        add.extend(case.options);
        // its first profile would be a keyfile where those are read first
        let in_ifcfg: &[&str] = match case.options.contains(&"ovs") {
            true => &["--backend", "ifcfg"],
            false => &[],
        };
        add.extend(in_ifcfg);
        run(&root, &forced(add), &["--yes"])?;
        run(&root, &["bridge", "remove", BRIDGE, "--yes"], &[])?;
        same(&first, &without_copies(nodes(&root)), "alone")?;

        let mut add = case.add();
        add.extend(["--port", "kv9"]);
        add.extend(in_ifcfg);
        run(&root, &forced(add), &["--yes"])?;
        run(&root, &case.remove(), &[])?;
        same(&first, &without_copies(nodes(&root)), "beside others")
    });
}

#[test]
fn removing_without_any_original_keeps_the_meaning_and_every_comment() {
    on_each(|case| {
        let above = copy(&fixture(case.host));
        let root = above.path().join("root");
        let (first, comments) = (meanings(&root), comments(&kept_by(case, &root)));
        let old: Vec<String> = nodes(&root)
            .into_keys()
            .filter(|path| path.ends_with(".old"))
            .collect();
        run(&root, &case.add(), &["--yes"])?;
        forget_originals(&root, &old);
        run(&root, &case.remove(), &[])?;
        lost(&comments, &root)?;
        let last = meanings(&root);
        if !last.keys().eq(first.keys()) {
            return Err(format!("other interfaces: {:?}", last.keys()));
        }
        // what the further ports were configured with was given up by --force
        let given_up = |name: &&String| case.ports[1..].contains(&name.as_str());
        for name in first.keys().filter(|name| !given_up(name)) {
            if first[name] != last[name] {
                return Err(format!(
                    "{name} means another thing:\n{:#?}\nnot\n{:#?}",
                    last[name], first[name]
                ));
            }
        }
        Ok(())
    });
}

/// Takes away the history and every copy that is not in `keep`.
fn forget_originals(root: &Path, keep: &[String]) {
    fs::remove_dir_all(root.join("var/lib/kvmnet")).unwrap();
    for path in nodes(root)
        .into_keys()
        .filter(|path| path.ends_with(".old"))
    {
        if !keep.contains(&path) {
            fs::remove_file(root.join(path)).unwrap();
        }
    }
}

fn meanings(root: &Path) -> BTreeMap<String, Vec<Meaning>> {
    let mut found: BTreeMap<String, Vec<Meaning>> = BTreeMap::new();
    let host = support::host(root);
    let texts = ifcfg::texts(&support::tree(root), &host);
    for profile in host.profiles() {
        let text = texts.iter().find(|(of, _)| std::ptr::eq(*of, profile));
        let text = text.map_or_else(Text::default, |(_, text)| text.clone());
        let meaning = Meaning::of(profile, &text);
        found
            .entry(profile.interface.to_string())
            .or_default()
            .push(meaning);
    }
    found
}

/// What a profile means, without how it is written.
#[derive(Debug, PartialEq)]
struct Meaning {
    profile: Profile,
    settings: BTreeMap<String, Option<String>>,
    companions: Vec<(CompanionRole, String)>,
}

impl Meaning {
    fn of(profile: &Profile, text: &Text) -> Self {
        let own = &profile.interface;
        let typed = |setting: &&Setting| !matches!(setting.role, Role::Address | Role::Dns);
        let setting = |setting: &Setting| {
            let value = setting.value.as_ref();
            (setting.key.clone(), value.map(|value| value.named(own)))
        };
        let companion =
            |companion: &Companion| (companion.role.clone(), companion.content.named(own));
        let mut companions: Vec<_> = text.companions.iter().map(companion).collect();
        companions.sort();
        let mut profile = profile.clone();
        let layer3 = &mut profile.layer3;
        layer3.from = None;
        if profile.home.backend == Backend::Ifcfg {
            // told by the settings and the files
            (layer3.further, layer3.extras) = Default::default();
        }
        (profile.mac, profile.locked, profile.home.file) = Default::default();
        profile.id.clear();
        Self {
            profile,
            settings: text.settings.iter().filter(typed).map(setting).collect(),
            companions,
        }
    }
}

/// Returns the tree without the files of further ports that --force gives up, such as their routes.
fn kept_by(case: &Case, root: &Path) -> Nodes {
    let (mut kept, host) = (nodes(root), support::host(root));
    let further = |profile: &&Profile| case.ports[1..].contains(&profile.interface.as_str());
    for profile in host.profiles().filter(further) {
        for part in &profile.layer3.further {
            kept.remove(part.at.relative());
        }
    }
    kept
}

/// Returns the texts of all comments: from a `#` that begins a word to the end of the line, and those of XML.
fn comments(nodes: &Nodes) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, node) in nodes
        .iter()
        .filter(|(path, _)| path.starts_with("etc/") && !path.ends_with(".old"))
    {
        let Found::File { bytes, .. } = node else {
            continue;
        };
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines() {
            let begins = |at: &usize| *at == 0 || line[..*at].ends_with([' ', '\t']);
            let at = line.match_indices('#').map(|(at, _)| at).find(begins);
            found.extend(at.map(|at| line[at..].trim_end().to_owned()));
        }
        let xml = text.split("<!--").skip(1);
        found.extend(xml.filter_map(|rest| Some(rest.split_once("-->")?.0.to_owned())));
    }
    found
}

fn lost(comments_before: &BTreeSet<String>, root: &Path) -> Result<(), String> {
    let after = comments(&nodes(root));
    let lost: Vec<_> = comments_before.difference(&after).collect();
    if lost.is_empty() {
        Ok(())
    } else {
        Err(format!("comments are lost: {lost:?}"))
    }
}

#[test]
fn the_whole_layer_3_configuration_is_at_the_bridge() {
    on_each(|case| {
        let above = copy(&fixture(case.host));
        let root = above.path().join("root");
        let (before, comments) = (Read::of(&root), comments(&kept_by(case, &root)));
        run(&root, &case.add(), &["--yes"])?;
        lost(&comments, &root)?;
        let after = Read::of(&root);
        let name = |name: &str| InterfaceName::parse(name).unwrap();
        let (main, bridge) = (name(case.ports[0]), name(BRIDGE));
        moved(before.the(&main), after.the(&bridge))?;
        for port in case.ports {
            stays(before.the(&name(port)), after.the(&name(port)))?;
        }
        let after = after.host;
        let left = after.references.iter().find(|r| r.interface == main);
        match left {
            Some(reference) => Err(format!(
                "{}:{} still names {main}",
                reference.at, reference.line
            )),
            None => Ok(()),
        }
    });
}

fn the<'a>(host: &'a Host, name: &InterfaceName) -> &'a Profile {
    host.profile(name).expect("the interface has a profile")
}

/// A host, and the texts of its profiles.
struct Read {
    host: Host,
    texts: Vec<(InterfaceName, Text)>,
}

impl Read {
    fn of(root: &Path) -> Self {
        let host = support::host(root);
        let texts = ifcfg::texts(&support::tree(root), &host).into_iter();
        let mut texts: Vec<_> = texts
            .map(|(profile, text)| (profile.interface.clone(), text))
            .collect();
        // the model tells all that a keyfile says
        let others = host.profiles();
        let others = others.filter(|profile| profile.home.backend == Backend::NmKeyfile);
        texts.extend(others.map(|profile| (profile.interface.clone(), Text::default())));
        Self { host, texts }
    }

    fn the(&self, name: &InterfaceName) -> (&Profile, &Text) {
        let text = self.texts.iter().find(|(of, _)| of == name);
        (
            the(&self.host, name),
            &text.expect("the profile has a text").1,
        )
    }
}

/// Checks that the bridge has all that the port had.
fn moved((port, old): (&Profile, &Text), (bridge, new): (&Profile, &Text)) -> Result<(), String> {
    let (was, is) = (&port.layer3, &bridge.layer3);
    let keyfile = bridge.home.backend == Backend::NmKeyfile;
    let typed = |layer3: &Layer3| {
        let mut typed = layer3.clone();
        (typed.further, typed.from) = Default::default();
        // told below
        typed.metrics = Default::default();
        (typed.dhcp.iaid_v4, typed.dhcp.iaid_v6) = Default::default();
        if !keyfile {
            typed.extras.clear();
        }
        typed
    };
    // what would be another one at a bridge is written as it was, where it matters
    let said = |layer3: &Layer3| {
        let (metrics, client) = (layer3.metrics.clone(), &layer3.dhcp);
        [
            metrics.v4,
            metrics.v6,
            client.iaid_v4.clone(),
            client.iaid_v6.clone(),
        ]
    };
    let identity = said(was).into_iter().zip(said(is)).zip(port.identity());
    for (index, ((was, is), expected)) in identity.enumerate() {
        let is = is.map(|said| said.value);
        // a metric that is new is the one that keeps the order of the default routes: cases and daemons tell which
        let is_new_metric = index < 2 && was.is_none();
        if (was.is_some() && is.is_none()) || (is.is_some() && is != expected && !is_new_metric) {
            return Err(format!("{was:?} became {is:?}, not {expected:?}"));
        }
    }
    if typed(was) != typed(is) {
        return Err(format!("{was:?}\nbecame {is:?}"));
    }
    for setting in &old.settings {
        let same = |other: &&_| {
            let other: &Setting = other;
            other.key == setting.key && other.value == setting.value
        };
        // of two assignments the last one holds
        if new.settings.iter().rfind(same).is_none() {
            return Err(format!("{} is not at the bridge", setting.key));
        }
    }
    for companion in &old.companions {
        let same =
            |other: &&Companion| other.role == companion.role && other.content == companion.content;
        if new.companions.iter().find(same).is_none() {
            return Err(format!(
                "{} has no counterpart at the bridge",
                companion.origin
            ));
        }
    }
    Ok(())
}

/// Checks that a port has kept what is not of layer 3, and nothing that is.
fn stays((old, was): (&Profile, &Text), (new, is): (&Profile, &Text)) -> Result<(), String> {
    if !new.layer3.is_unsaid() {
        return Err(format!("{} has kept {:?}", old.interface, new.layer3));
    }
    for setting in was.rest.iter().filter(|setting| !setting.key.is_empty()) {
        let same = |other: &&Setting| other.key == setting.key && other.value == setting.value;
        if is.rest.iter().find(same).is_none() {
            return Err(format!("{} has lost {}", old.interface, setting.key));
        }
    }
    if old.mac != new.mac || old.id != new.id {
        return Err(format!("{} is another one", old.interface));
    }
    Ok(())
}

#[test]
fn every_interface_is_bridged_or_refused_here() {
    for name in hosts() {
        let host = support::host(&fixture(&name));
        let found = host.profiles().map(|profile| profile.interface.to_string());
        let broken = host.broken.iter();
        let broken = broken.filter(|broken| broken.subject == Subject::Interface);
        let broken = broken.map(|broken| broken.about.clone());
        for interface in found.chain(broken) {
            let mut all = BRIDGEABLE.iter().chain(IN_KEYFILES);
            let bridged = all
                .any(|(host, groups)| *host == name && groups.contains(&&[interface.as_str()][..]));
            let refused = REFUSED
                .iter()
                .any(|(host, refused, _)| *host == name && *refused == interface);
            assert!(bridged != refused, "{name}: {interface}");
        }
    }
}

#[test]
fn what_cannot_be_bridged_is_refused_and_nothing_is_written() {
    for (name, interface, because) in REFUSED {
        let above = copy(&fixture(name));
        let root = above.path().join("root");
        let first = nodes(&root);
        let output = kvmnet(
            &root,
            &["bridge", "add", BRIDGE, "--port", interface, "--yes"],
        );
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name} {interface}: {said}");
        assert!(said.contains(because), "{name} {interface}: {said}");
        let difference = difference(&first, &nodes(&root));
        assert!(difference.is_empty(), "{name} {interface}: {difference}");
    }
}

#[test]
fn a_bridge_made_by_hand_is_removed_with_the_copy_beside_it() {
    let above = copy(&fixture("hand-bridged"));
    let root = above.path().join("root");
    let folder = root.join("etc/sysconfig/network-scripts");
    let original = fs::read(folder.join("ifcfg-ens33.old")).unwrap();
    run(&root, &["bridge", "remove", "br0", "--yes"], &[]).unwrap();
    assert_eq!(fs::read(folder.join("ifcfg-ens33")).unwrap(), original);
    assert!(!folder.join("ifcfg-br0").exists());
}

#[test]
fn a_bridge_made_by_hand_keeps_its_comments_when_it_is_removed() {
    let above = copy(&fixture("hand-bridged"));
    let root = above.path().join("root");
    let (before, comments) = (Read::of(&root), comments(&nodes(&root)));
    let remove = [
        "bridge", "remove", "br1", "--to", "ens35", "--yes", "--force",
    ];
    run(&root, &remove, &[]).unwrap();
    lost(&comments, &root).unwrap();
    let after = Read::of(&root);
    let name = |name: &str| InterfaceName::parse(name).unwrap();
    moved(before.the(&name("br1")), after.the(&name("ens35"))).unwrap();
    assert!(the(&after.host, &name("ens34")).layer3.is_unsaid());
    run(&root, &["rollback", "--yes"], &[]).unwrap();
    let first = without_state(nodes(&fixture("hand-bridged")));
    assert_eq!(difference(&first, &without_state(nodes(&root))), "");
}

#[test]
fn an_ipv6_address_is_given_where_ipv6_was_off() {
    let above = copy(&fixture("static-routes"));
    let root = above.path().join("root");
    let add = ["bridge", "add", BRIDGE, "--port", "ens34", "--yes"];
    run(&root, &add, &["--address", "2001:db8:fa::1/64"]).unwrap();
    let path = format!("etc/sysconfig/network-scripts/ifcfg-{BRIDGE}");
    let text = fs::read_to_string(root.join(path)).unwrap();
    for line in ["IPV6INIT=yes", "IPV6ADDR=2001:db8:fa::1/64"] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(!text.contains("IPV6INIT=no"), "{text}");
}
