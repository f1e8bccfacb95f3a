//! Nothing is lost in silence, of profiles: every bridge command on every fixture host names what is gone afterwards.
//!
//! What is gone is found here by itself, from the files of network-scripts before and after: of each setting and comment, how
//! often it is there, in whichever file. What is there less often must be named in what is printed apart from the patch, by
//! its key or its value. What needs no naming is in [`asked_for`].

use crate::support;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::whole::on_all;
use crate::support::{Found, Nodes, copy, fixture, hosts, kvmnet, nodes};
use kvmnet::doc::shell::ShellDoc;

/// A command on a fixture host.
struct Case {
    host: String,
    words: Vec<String>,
}

impl Case {
    fn name(&self) -> String {
        format!("{}: kvmnet {}", self.host, self.words.join(" "))
    }
}

/// A setting with its value, or (with the key "#") a comment.
type Thing = (String, String);

/// Returns how often each thing is in the files of network-scripts.
fn things(tree: &Nodes) -> BTreeMap<Thing, usize> {
    let mut found = BTreeMap::new();
    for (path, node) in tree {
        let Found::File { bytes, .. } = node else {
            continue;
        };
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let file = ["ifcfg-", "route-", "route6-", "rule-", "rule6-"];
        let read = file.iter().any(|start| name.starts_with(start)) && !name.ends_with(".old");
        if !(folder == "etc/sysconfig/network-scripts" && read || path == "etc/sysconfig/network") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        let doc = ShellDoc::parse(&text);
        let assignments = doc.assignments();
        let settings = assignments.filter_map(|assignment| {
            let value = doc.literal(&assignment.name)?;
            Some((assignment.name.clone(), value.to_owned()))
        });
        let comments = text.lines().filter_map(|line| {
            let at = match line.trim_start().starts_with('#') {
                true => line.find('#'),
                false => line.find(" #").map(|at| at + 1),
            };
            Some(("#".to_owned(), line[at?..].trim().to_owned()))
        });
        for thing in settings.chain(comments) {
            *found.entry(thing).or_default() += 1;
        }
    }
    found
}

/// What says nothing where it goes: which interface and file it is, and what only makes the port one of its bridge.
const IDENTITY: &[&str] = &[
    "BRIDGE",
    "DEVICE",
    "DEVICETYPE",
    "HOTPLUG",
    "NAME",
    "OVS_BRIDGE",
    "TYPE",
    "UUID",
];

/// Returns what needs no naming, since it is what the command is about.
fn asked_for(case: &Case, (key, value): &Thing) -> bool {
    let words: Vec<&str> = case.words.iter().map(String::as_str).collect();
    let says = |word: &str| words.contains(&word);
    match key.as_str() {
        // the file of the bridge goes, with its own properties
        "DELAY" | "STP" | "ONBOOT" if says("remove") => true,
        // brought up as its bridge, or as the command says
        "ONBOOT" => says("--onboot"),
        "BOOTPROTO" => value.is_empty() || value == "none" || value == "static",
        key => IDENTITY.contains(&key),
    }
}

fn commands(host: &str) -> Vec<Vec<String>> {
    let known = support::host(&fixture(host));
    let mut all = Vec::new();
    let mut add = |words: &[&str]| {
        for more in [&[][..], &["--force"]] {
            let words = words.iter().chain(more);
            all.push(words.map(|word| (*word).to_owned()).collect());
        }
    };
    let names: Vec<String> = known.profiles().map(|p| p.interface.to_string()).collect();
    let bridges: Vec<String> = known.bridges().map(|b| b.interface.to_string()).collect();
    let options: &[&[&str]] = &[
        &[],
        &["--dhcp"],
        &["--no-address"],
        &["--address", "10.98.7.2/24"],
        &[
            "--address",
            "10.98.7.2/24",
            "--gateway",
            "10.98.7.1",
            "--dns",
            "192.0.2.53",
        ],
        &["--address", "2001:db8:98::2/64"],
        &["--dns", "192.0.2.53"],
        &["--switch", "ovs"],
        &["--stp", "on", "--onboot", "yes"],
        &["--onboot", "no"],
    ];
    for name in &names {
        for options in options {
            add(&[&["bridge", "add", "br98", "--port", name], *options].concat());
        }
        for other in &names {
            let both = format!("{name},{other}");
            add(&["bridge", "add", "br98", "--port", &both]);
        }
        for bridge in &bridges {
            add(&["bridge", "add-port", bridge, name]);
            add(&["bridge", "remove-port", bridge, name]);
            add(&["bridge", "remove", bridge, "--to", name]);
        }
    }
    for bridge in &bridges {
        add(&["bridge", "remove", bridge]);
    }
    add(&["check", "--fix"]);
    all
}

#[test]
fn what_a_bridge_takes_along_or_loses_is_named() {
    let mut cases = Vec::new();
    for host in hosts() {
        let commands = commands(&host).into_iter();
        cases.extend(commands.map(|words| Case {
            host: host.clone(),
            words,
        }));
    }
    let (done, gone) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let tried = on_all(&cases, Case::name, |case| {
        let above = copy(&fixture(&case.host));
        let root = above.path().join("root");
        let before = things(&nodes(&root));
        let words: Vec<&str> = case.words.iter().map(String::as_str).collect();
        let output = kvmnet(&root, &[&words[..], &["--yes"]].concat());
        if !output.status.success() {
            return Ok(());
        }
        done.fetch_add(1, Ordering::Relaxed);
        let after = things(&nodes(&root));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // behind the patch
        let said = said.split("\nPlan: ").nth(1).unwrap_or(&said);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut silent = Vec::new();
        for (thing, count) in &before {
            if after.get(thing).copied().unwrap_or(0) >= *count || asked_for(case, thing) {
                continue;
            }
            // what names the port names the bridge, or the reverse
            let names = || case.words.iter().flat_map(|word| word.split(','));
            let other = |from: &str, to: &str| (thing.0.clone(), thing.1.replace(from, to));
            // Open vSwitch has its own word
            let of_ovs = (format!("OVS{}", thing.0), thing.1.clone());
            if thing.0 == "BOOTPROTO" && after.contains_key(&of_ovs) {
                continue;
            }
            let mut others = names().flat_map(|from| names().map(move |to| (from, to)));
            if others.any(|(from, to)| from != to && after.contains_key(&other(from, to))) {
                continue;
            }
            gone.fetch_add(1, Ordering::Relaxed);
            let (key, value) = thing;
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let named = key != "#" && said.contains(key.as_str())
                || value.len() > 2 && said.contains(&value);
            if !named {
                silent.push(format!("{key}={value}"));
            }
        }
        match silent.is_empty() {
            true => Ok(()),
            false => Err(format!("gone in silence: {}\n{said}", silent.join(" | "))),
        }
    });
    let (done, gone) = (done.into_inner(), gone.into_inner());
    println!("{done} of {tried} commands were done; {gone} things are gone, and named");
    assert!(
        done * 10 > tried && gone * 20 > tried,
        "{done} {gone} of {tried}"
    );
}
