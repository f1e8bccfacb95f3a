//! Bridging and migrating commute: `bridge add` on the migrated host gives what migrating the bridged host gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kvmnet::host::profile::Backend;

use crate::support;

const KEYFILES: &str = "etc/NetworkManager/system-connections";

/// What keyfiles say: interface, group, key and value.
type Said = BTreeSet<(String, String, String, String)>;

fn run(root: &Path, words: &[&str]) -> bool {
    let words = [words, &["--yes", "-q"]].concat();
    support::kvmnet(root, &words).status.success()
}

/// Makes NetworkManager a program of the host, where it is none: a migration asks for it.
fn install(root: &Path) {
    let program = root.join("usr/sbin/NetworkManager");
    if !program.exists() && root.join("usr").exists() {
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(&program, "").unwrap();
        let units = root.join("usr/lib/systemd/system");
        fs::create_dir_all(&units).unwrap();
        let unit = "[Install]\nWantedBy=multi-user.target\n";
        fs::write(units.join("NetworkManager.service"), unit).unwrap();
    }
}

/// Returns what the keyfiles say, but for the identity of a new bridge, and how its port names it.
fn said(root: &Path) -> Said {
    let mut said = Said::new();
    for entry in fs::read_dir(root.join(KEYFILES)).into_iter().flatten() {
        let text = String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()).into_owned();
        let mut group = String::new();
        let mut pairs = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once('=') {
                Some((key, value)) => {
                    let _ = pairs.insert((group.clone(), key.to_owned()), value.to_owned());
                }
                None if line.starts_with('[') => line.clone_into(&mut group),
                None => {}
            }
        }
        let get = |key: &str| {
            pairs
                .get(&("[connection]".to_owned(), key.to_owned()))
                .cloned()
        };
        let name = get("interface-name").unwrap_or_default();
        let is_bridge = get("type").as_deref() == Some("bridge");
        for ((group, key), value) in pairs {
            let identity = is_bridge && ["uuid", "id"].contains(&key.as_str());
            // a bridge of network-scripts is no DHCPv6 client that would have an identity; the migrated card is one
            let is_client = key == "dhcp-iaid";
            if !identity && !is_client && key != "master" {
                said.insert((name.clone(), group, key, value));
            }
        }
    }
    said
}

#[test]
fn bridging_and_migrating_commute() {
    let (mut tried, mut faults) = (0, Vec::new());
    for host in support::hosts() {
        let of = support::fixture(&host);
        let found = support::host(&of);
        let ours = found
            .profiles()
            .filter(|profile| profile.home.backend == Backend::Ifcfg);
        for name in ours.map(|profile| profile.interface.to_string()) {
            let copies = [(); 2].map(|()| support::copy(&of));
            let [bridged, migrated] = copies.each_ref().map(|copy| copy.path().join("root"));
            install(&bridged);
            install(&migrated);
            let add = ["bridge", "add", "brq", "--port", &name];
            let migrate = ["migrate", "keyfile", "--accept-loss"];
            let first = run(&bridged, &add) && run(&bridged, &migrate);
            let second = run(&migrated, &migrate) && run(&migrated, &add);
            if !(first && second) {
                continue;
            }
            tried += 1;
            let (one, other) = (said(&bridged), said(&migrated));
            if one != other {
                let both: Vec<_> = one.symmetric_difference(&other).collect();
                faults.push(format!("{host}, {name}: {both:#?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried >= 15, "only {tried} were tried");
}
