//! Nothing is lost in silence: every change of a network or guest, on every fixture host, names what is gone afterwards.
//!
//! What is gone is found here by itself, from the trees before and after: of each kind of thing in a file, how often it is
//! there. A thing is a comment, the text of an element, or an attribute with the names of the elements around it; addresses
//! and reservations are attributes. An element without attributes and text is one too. What is there less often than before
//! must be named in what is printed apart from the patch: as its text, or as `name='value'`.
//!
//! What needs no naming is in [`asked_for`].

use crate::support;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::whole::on_all;
use crate::support::{Found, Nodes, copy, fixture, hosts, kvmnet, nodes};
use kvmnet::doc::xml::XmlDoc;
use kvmnet::host::Host;
use kvmnet::host::network::Network;

/// A command on a fixture host.
struct Case {
    host: String,
    words: Vec<String>,
}

impl Case {
    fn name(&self) -> String {
        format!("{}: kvmnet {}", self.host, self.words.join(" "))
    }

    fn is(&self, words: &str) -> bool {
        self.words.join(" ").starts_with(words)
    }

    fn says(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }
}

/// Something in a file: around it the names of elements, innermost last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Comment(String),
    Element(Vec<String>),
    Text(Vec<String>, String),
    Attribute(Vec<String>, String, String),
}

impl Thing {
    /// Returns whether a warning names it, with the element that it is in.
    fn is_named(&self, warning: &str) -> bool {
        let tag = |path: &Vec<String>| format!("<{}", path.last().unwrap());
        match self {
            Self::Comment(text) => warning.contains(text),
            Self::Element(path) => warning.contains(&tag(path)),
            Self::Text(path, text) => warning.contains(&tag(path)) && warning.contains(text),
            Self::Attribute(path, name, value) => {
                warning.contains(&tag(path)) && warning.contains(&format!("{name}='{value}'"))
            }
        }
    }
}

/// Returns what needs no naming since the command line asks for another value, or for the very element to go.
fn asked_for(case: &Case, thing: &Thing) -> bool {
    let set = case.is("network set");
    let connect = case.is("guest connect");
    let (path, name) = match thing {
        Thing::Comment(_) | Thing::Text(..) => return false,
        Thing::Element(path) => (path, ""),
        Thing::Attribute(path, name, _) => (path, name.as_str()),
    };
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (path.as_slice(), name) {
        // the mode that `--mode` replaces; a plain `<forward/>` is mode nat
        (["network", "forward"], "mode" | "") => set && case.says("--mode"),
        (["network", "bridge"], "name") => set && case.says("--bridge"),
        (["network", "domain"], "name" | "") => set && case.says("--domain"),
        (["network", "ip"], "address" | "netmask" | "prefix") => set && case.says("--subnet"),
        (["network", "ip", "dhcp", "range"], "start" | "end") => set && case.says("--dhcp"),
        // the network or bridge that the interface was attached to
        (["domain", "devices", "interface"], "type") => connect,
        (["domain", "devices", "interface", "source"], "network" | "bridge") => connect,
        _ => false,
    }
}

/// Returns how often each thing is in libvirt's files, links and copies of originals left out.
fn things(tree: &Nodes) -> BTreeMap<(String, Thing), usize> {
    let mut found = BTreeMap::new();
    for (path, node) in tree {
        let Found::File { bytes, .. } = node else {
            continue;
        };
        let is_xml = Path::new(path).extension().is_some_and(|ext| ext == "xml");
        if !is_xml || path.contains("/autostart/") || !path.starts_with("etc/libvirt/qemu") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Ok(doc) = XmlDoc::parse(&text) {
            for thing in of_document(&doc) {
                *found.entry((path.clone(), thing)).or_default() += 1;
            }
        }
    }
    found
}

fn of_document(doc: &XmlDoc<'_>) -> Vec<Thing> {
    let comments = doc.comments().iter();
    let comments = comments.map(|span| Thing::Comment(plain(&doc.source()[span.clone()])));
    let mut things: Vec<Thing> = comments.collect();
    for element in doc.elements() {
        let mut path = vec![element.name.to_owned()];
        let mut above = element.parent;
        while let Some(parent) = above {
            path.insert(0, doc.elements()[parent].name.to_owned());
            above = doc.elements()[parent].parent;
        }
        let text = plain(&element.text);
        if !text.is_empty() {
            things.push(Thing::Text(path.clone(), text));
        }
        for attribute in &element.attributes {
            let (name, value) = (attribute.name.to_owned(), plain(&attribute.value));
            things.push(Thing::Attribute(path.clone(), name, value));
        }
        things.push(Thing::Element(path));
    }
    things
}

/// Returns text with single spaces, as it is once lines are folded.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the warnings that the program prints, each on one line.
fn warnings(printed: &str) -> Vec<String> {
    let behind = printed.find("\nPlan: ").unwrap_or(0);
    let end = printed[behind..].find("\nApplied as ");
    let summary = &printed[behind..end.map_or(printed.len(), |end| behind + end)];
    summary.split("\nwarning: ").skip(1).map(plain).collect()
}

/// Returns what goes and is not named.
fn unsaid(case: &Case, before: &Nodes, after: &Nodes, printed: &str) -> Vec<String> {
    let (warnings, after) = (warnings(printed), things(after));
    let gone = things(before).into_iter().filter(|(key, count)| {
        let left = after.get(key).copied().unwrap_or(0);
        left < *count
    });
    let unsaid = gone.filter(|((_, thing), _)| {
        !asked_for(case, thing) && !warnings.iter().any(|warning| thing.is_named(warning))
    });
    unsaid
        .map(|((path, thing), _)| format!("{path}: {thing:?}"))
        .collect()
}

/// Returns every change of what is there: networks set, guests connected and disconnected.
fn commands(host: &Host) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut add = |words: &[&str], more: &[&str]| {
        let words = [words, more].concat();
        all.push(words.into_iter().map(str::to_owned).collect());
    };
    for network in host.networks() {
        let set = ["network", "set", &network.name];
        for mode in ["nat", "isolated", "route", "open"] {
            add(&set, &["--mode", mode, "--force"]);
        }
        for bridge in ["br0", "ovsbr0", "nope"] {
            add(&set, &["--mode", "bridge", "--bridge", bridge, "--force"]);
            add(&set, &["--bridge", bridge, "--force"]);
        }
        for switch in ["linux", "ovs"] {
            add(&set, &["--switch", switch, "--force"]);
        }
        add(&set, &["--no-dhcp"]);
        add(&set, &["--subnet", "10.98.0.0/22"]);
        add(&set, &["--subnet", "10.98.0.0/22", "--no-dhcp"]);
        add(&set, &["--subnet", "fd98::/64"]);
        add(&set, &["--domain", ""]);
        add(&set, &["--domain", "example.net"]);
        add(&set, &["--autostart"]);
        add(&set, &["--no-autostart"]);
        for subnet in &network.subnets {
            let mut hosts = subnet.address.hosts();
            let (first, last) = (hosts.nth(3).unwrap(), hosts.nth(4).unwrap());
            add(&set, &["--dhcp", &format!("{first}-{last}")]);
            for entry in subnet.dhcp.iter().flat_map(|dhcp| &dhcp.hosts) {
                let ip = entry.ip.map(|ip| ip.to_string());
                let mac = entry.mac.map(|mac| mac.to_string());
                let keys = [ip, mac, entry.name.clone(), entry.id.clone()];
                for key in keys.iter().flatten() {
                    add(&set, &["--remove-host", key]);
                }
            }
        }
    }
    for guest in host.guests() {
        for number in 1..=guest.interfaces.len() {
            let which = number.to_string();
            let disconnect = ["guest", "disconnect", &guest.name];
            add(&disconnect, &["--interface", &which]);
            let connect = ["guest", "connect", &guest.name, "--interface", &which];
            for network in of_each_kind(host) {
                add(&connect, &["--network", &network.name]);
            }
            for bridge in ["br0", "ovsbr0", "nope"] {
                add(&connect, &["--bridge", bridge, "--force"]);
            }
            add(&connect, &["--network", "nope", "--force"]);
        }
    }
    all
}

/// Returns one network of each kind that an interface can be attached to.
fn of_each_kind(host: &Host) -> Vec<&Network> {
    let mut known = BTreeSet::new();
    let kind = |network: &&Network| {
        let owns_bridge = network.forward.owns_bridge();
        let word = (!owns_bridge).then(|| network.forward.word().to_owned());
        known.insert((word, network.lines.foreign.is_some()))
    };
    host.networks().filter(kind).collect()
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for host in hosts() {
        let root = fixture(&host);
        if !root.join("etc/libvirt").exists() {
            continue;
        }
        let commands = commands(&support::host(&root)).into_iter();
        cases.extend(commands.map(|words| Case {
            host: host.clone(),
            words,
        }));
    }
    cases
}

#[test]
fn what_is_gone_is_named() {
    let cases = cases();
    assert!(cases.len() > 1000, "{}", cases.len());
    let (written, losses) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let tried = on_all(&cases, Case::name, |case| {
        let above = copy(&fixture(&case.host));
        let root = above.path().join("root");
        let words: Vec<&str> = case.words.iter().map(String::as_str).collect();
        let before = nodes(&root);
        let done = kvmnet(&root, &[&words[..], &["--yes"]].concat());
        let printed = String::from_utf8_lossy(&done.stdout).into_owned();
        if !done.status.success() || printed.starts_with("Nothing to change") {
            return Ok(());
        }
        written.fetch_add(1, Ordering::Relaxed);
        if printed.contains(" loses ") {
            losses.fetch_add(1, Ordering::Relaxed);
        }
        let unsaid = unsaid(case, &before, &nodes(&root), &printed);
        match unsaid.is_empty() {
            true => Ok(()),
            false => Err(format!("{}\n{printed}", unsaid.join("\n"))),
        }
    });
    let (written, losses) = (written.into_inner(), losses.into_inner());
    println!("{tried} commands, {written} written, {losses} with losses");
    // two of three are done, and one of four costs something
    assert!(
        written * 2 > tried && losses * 6 > tried,
        "{written} {losses} of {tried}"
    );
}

/// The comparison sees what is not named: each kind of thing, taken from a file behind the program's back.
#[test]
fn what_is_gone_and_not_named_is_found() {
    let before = nodes(&fixture("libvirt-kinds"));
    let case = Case {
        host: "libvirt-kinds".to_owned(),
        words: ["network", "set", "N", "--mode", "isolated"]
            .map(str::to_owned)
            .to_vec(),
    };
    for (file, gone, named) in [
        (
            "networks/pxe.xml",
            r#"<host mac="52:54:00:ed:ac:ab" ip="192.168.133.13"/>"#,
            "<host mac='52:54:00:ed:ac:ab' ip='192.168.133.13'/>",
        ),
        (
            "networks/pxe.xml",
            r#" unit="hours""#,
            "unit='hours' of <lease>",
        ),
        (
            "networks/pxe.xml",
            r#"<tftp root="/var/lib/libvirt"/>"#,
            "<tftp root='/var/lib/libvirt'/>",
        ),
        (
            "networks/nat-ports.xml",
            "<!-- one hundred -->",
            "the comment <!-- one hundred -->",
        ),
        (
            "tuned.xml",
            "<sndbuf>1600</sndbuf>",
            "<sndbuf>1600</sndbuf>",
        ),
        ("tuned.xml", "<rx>", "<rx>"),
    ] {
        let path = format!("etc/libvirt/qemu/{file}");
        let Found::File { bytes, .. } = &before[&path] else {
            panic!("{path} is no file");
        };
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(gone), "{gone}");
        // what is in it stays
        let text = text
            .replace(gone, "")
            .replace("</rx>", if gone == "<rx>" { "" } else { "</rx>" });
        let mut after = before.clone();
        if let Some(Found::File { bytes, .. }) = after.get_mut(&path) {
            *bytes = text.into_bytes();
        }
        let silent = format!("diff --git\n-{gone}\n\nPlan: change network N\n\nApplied as \n");
        assert!(
            !unsaid(&case, &before, &after, &silent).is_empty(),
            "{gone}"
        );
        let warning = format!("\nwarning: {path}:1 loses {named}\n\nApplied as ");
        let said = silent.replace("\nApplied as ", &warning);
        // what was in `<rx>` is elsewhere now
        let left: Vec<String> = unsaid(&case, &before, &after, &said);
        let left: Vec<&String> = left.iter().filter(|l| !l.contains("frames")).collect();
        assert_eq!(left, Vec::<&String>::new(), "{gone}");
    }
}
