//! What the real NetworkManager makes of the keyfiles that `kvmnet migrate` writes: of every ifcfg profile of every fixture
//! host, each file is taken, and nothing in it is dropped.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::nm_bridges::{Nm, each, wanted};
use crate::support::{copy, fixture, host, hosts, kvmnet};
use kvmnet::host::profile::Backend;

/// A host that was migrated.
struct Migrated {
    name: String,
    tree: TempDir,
    /// The keyfiles that were made.
    made: BTreeSet<String>,
    had_keyfiles: bool,
}

/// Returns a copy of the host, which has NetworkManager, with the profiles migrated that can be.
fn migrated(name: &str) -> Option<Migrated> {
    let tree = copy(&fixture(name));
    let root = tree.path().join("root");
    for path in [
        "usr/sbin/NetworkManager",
        "usr/lib/systemd/system/NetworkManager.service",
    ] {
        let path = root.join(path);
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "# stands for the program\n").unwrap();
        }
    }
    let folder = root.join("etc/NetworkManager/system-connections");
    fs::create_dir_all(&folder).unwrap();
    let before = names(&folder);
    let found = host(&root);
    let ours = found
        .profiles()
        .filter(|p| p.home.backend == Backend::Ifcfg);
    let all: Vec<&str> = ours.map(|profile| profile.interface.as_str()).collect();
    let words = |more: &[&str]| {
        let words = [
            "migrate",
            "keyfile",
            "--accept-loss",
            "--force",
            "--yes",
            "-q",
        ];
        let words: Vec<&str> = words.iter().chain(more).copied().collect();
        kvmnet(&root, &words).status.success()
    };
    if !words(&[]) {
        // where one of them cannot be, each by itself
        for one in all {
            words(&[one]);
        }
    }
    let made: BTreeSet<String> = names(&folder).difference(&before).cloned().collect();
    let name = name.to_owned();
    let had_keyfiles = !before.is_empty();
    (!made.is_empty()).then_some(Migrated {
        name,
        tree,
        made,
        had_keyfiles,
    })
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_keyfile_is_taken_by_either_networkmanager() {
    if !wanted() {
        return;
    }
    let all: Vec<Migrated> = hosts().iter().filter_map(|name| migrated(name)).collect();
    let made: usize = all.iter().map(|one| one.made.len()).sum();
    assert!(
        all.len() > 8 && made > 24,
        "{} hosts, {made} keyfiles",
        all.len()
    );
    for nm in [Nm::installed(), Nm::newer()] {
        each(&all, |one| {
            let (loaded, disliked) = nm.load(&one.tree.path().join("root"));
            let untaken: Vec<&String> = one.made.difference(&loaded).collect();
            assert!(untaken.is_empty(), "{}: {untaken:?} {disliked:?}", one.name);
            // what the host had before may be for another version
            let plain = copy(&fixture(&one.name));
            let (_, before) = match one.had_keyfiles {
                true => nm.load(&plain.path().join("root")),
                false => Default::default(),
            };
            let new: Vec<&String> = disliked.difference(&before).collect();
            assert!(new.is_empty(), "{}: {new:?}", one.name);
        });
    }
    println!("{made} keyfiles of {} hosts taken by both", all.len());
}
