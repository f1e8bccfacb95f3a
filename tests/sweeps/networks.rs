//! The whole way with the real program, for every network and every guest of the fixture hosts: make, copy, change and
//! remove networks, connect and disconnect guests.

use crate::support;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::whole::{Done, on_all, show_write_undo};
use crate::support::{Found, Nodes, fixture, hosts};
use kvmnet::doc::xml::XmlDoc;
use kvmnet::host::Host;
use kvmnet::host::value::IpNet;

/// A command on a fixture host.
struct Case {
    host: String,
    words: Vec<String>,
}

impl Case {
    fn name(&self) -> String {
        format!("{}: kvmnet {}", self.host, self.words.join(" "))
    }

    fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }
}

/// Returns everything that can be tried with the networks and guests of a host.
fn commands(host: &Host) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut add = |words: &[&str]| all.push(words.iter().map(|word| (*word).to_owned()).collect());
    for mode in ["nat", "isolated", "route", "open"] {
        add(&["network", "add", "new", "--mode", mode]);
        add(&[
            "network",
            "add",
            "new",
            "--mode",
            mode,
            "--subnet",
            "10.99.0.0/20",
            "--subnet",
            "fd99::/64",
            "--host",
            "52:54:00:99:99:99=10.99.0.9,web",
            "--domain",
            "example.org",
            "--no-autostart",
        ]);
    }
    for bridge in ["br0", "ovsbr0"] {
        add(&[
            "network", "add", "new", "--mode", "bridge", "--bridge", bridge,
        ]);
        add(&[
            "network", "add", "new", "--mode", "bridge", "--bridge", bridge, "--force",
        ]);
    }
    for network in host.networks() {
        let name = network.name.as_str();
        add(&["network", "copy", name, "new"]);
        add(&["network", "copy", name, "new", "--no-autostart", "--force"]);
        add(&["network", "remove", name]);
        add(&["network", "remove", name, "--force"]);
        add(&["network", "set", name, "--autostart"]);
        add(&["network", "set", name, "--no-autostart"]);
        for mode in ["nat", "isolated", "route", "open"] {
            add(&["network", "set", name, "--mode", mode]);
        }
        add(&[
            "network", "set", name, "--mode", "bridge", "--bridge", "br0",
        ]);
        add(&["network", "set", name, "--no-dhcp"]);
        add(&["network", "set", name, "--subnet", "10.98.0.0/24"]);
        add(&["network", "set", name, "--subnet", "fd98::/64"]);
        add(&["network", "set", name, "--domain", "example.net"]);
        for subnet in &network.subnets {
            let dhcp = fourth_to_ninth(&subnet.address);
            add(&["network", "set", name, "--dhcp", &dhcp]);
            let host = format!("52:54:00:99:99:98={}", nth(&subnet.address, 11));
            add(&["network", "set", name, "--add-host", &host]);
            for entry in subnet.dhcp.iter().flat_map(|dhcp| &dhcp.hosts) {
                let ip = entry.ip.map(|ip| ip.to_string()).unwrap_or_default();
                add(&["network", "set", name, "--remove-host", &ip]);
            }
        }
    }
    for guest in host.guests() {
        let name = guest.name.as_str();
        for number in 1..=guest.interfaces.len() {
            let which = number.to_string();
            for to in [
                ["--network", "default"],
                ["--bridge", "br0"],
                ["--bridge", "ovsbr0"],
            ] {
                let [option, target] = to;
                add(&[
                    "guest",
                    "connect",
                    name,
                    option,
                    target,
                    "--interface",
                    &which,
                ]);
            }
            add(&["guest", "disconnect", name, &format!("--interface={which}")]);
        }
        add(&["guest", "connect", name, "--network", "default", "--new"]);
        add(&[
            "guest", "connect", name, "--bridge", "br0", "--new", "--model", "e1000",
        ]);
    }
    all
}

fn nth(net: &IpNet, n: usize) -> String {
    net.trunc()
        .hosts()
        .nth(n - 1)
        .map_or_else(|| net.addr().to_string(), |ip| ip.to_string())
}

fn fourth_to_ninth(net: &IpNet) -> String {
    format!("{}-{}", nth(net, 4), nth(net, 9))
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in hosts() {
        let root = fixture(&name);
        if !Path::new(&root).join("etc/libvirt").exists() {
            continue;
        }
        for words in commands(&support::host(&root)) {
            cases.push(Case {
                host: name.clone(),
                words,
            });
        }
    }
    assert!(cases.len() > 500, "{}", cases.len());
    cases
}

#[test]
fn what_is_shown_is_written_once_and_can_be_undone() {
    let counts = [(); 3].map(|()| AtomicUsize::new(0));
    on_all(&cases(), Case::name, |case| {
        let removes = case.words[1] == "remove";
        let done = show_write_undo(&case.host, &case.words(), |before, after| {
            if removes {
                Ok(())
            } else {
                no_comment_is_lost(before, after)
            }
        })?;
        counts[done as usize].fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let [written, nothing, refused] = counts.map(AtomicUsize::into_inner);
    println!(
        "{written} commands written and undone, {nothing} with nothing to do, {refused} refused"
    );
    assert!(
        written > 2 * refused,
        "{written} {nothing} {refused}: {:?}",
        Done::Refused
    );
}

/// Returns all comments in the files of libvirt, links and copies of originals left out.
fn comments(tree: &Nodes) -> Vec<String> {
    let mut found = Vec::new();
    for (path, node) in tree {
        let Found::File { bytes, .. } = node else {
            continue;
        };
        let copy = path.ends_with(".old") || path.contains("/autostart/");
        if copy || !path.starts_with("etc/libvirt") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        let Ok(doc) = XmlDoc::parse(&text) else {
            continue;
        };
        let spans = doc.comments().iter();
        found.extend(spans.map(|span| text[span.clone()].to_owned()));
    }
    found.sort();
    found
}

fn no_comment_is_lost(before: &Nodes, after: &Nodes) -> Result<(), String> {
    let mut after = comments(after);
    for comment in comments(before) {
        match after.binary_search(&comment) {
            Ok(place) => after.remove(place),
            Err(_) => return Err(format!("lost: {comment}")),
        };
    }
    Ok(())
}
