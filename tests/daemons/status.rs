//! What `status` says of networks that the real libvirtd has started: nothing, as long as their files are as they were.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{copy, copy_to, fixture, hosts, kvmnet, oracle, real_daemons};

/// Lets libvirtd start all networks of `root`, and returns a folder in which `state/network` is what it noted of them then.
fn started(root: &Path) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let tar = dir.path().join("tar");
    let mut load = Command::new("bash");
    load.arg(oracle("libvirt-load"))
        .args(["--timeout", "60", "--start-all", "--tar"])
        .arg(&tar)
        .arg(root);
    let output = load.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("libvirt-load: "), "{said}");
    let mut untar = Command::new("tar");
    untar.arg("-xf").arg(&tar).arg("-C").arg(dir.path());
    assert!(untar.status().unwrap().success());
    dir
}

/// Returns the networks that are said to be active otherwise than their files say.
fn otherwise(root: &Path) -> Vec<String> {
    let output = kvmnet(root, &["status", "--json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["shows"]["libvirt"], true);
    let all = object["not_in_use"].as_array().unwrap().iter();
    all.map(|one| one["message"].as_str().unwrap().to_owned())
        .filter(|message| message.contains(" is active as it was before"))
        .collect()
}

#[test]
fn what_libvirt_adds_to_a_network_is_no_difference() {
    if !real_daemons() {
        println!("skipped: KVMNET_REAL_DAEMONS is not 1");
        return;
    }
    let (mut active, mut told) = (0, 0);
    for host in hosts() {
        let dir = copy(&fixture(&host));
        let root = dir.path().join("root");
        if !root.join("etc/libvirt/qemu/networks").exists() {
            continue;
        }
        let state = started(&root);
        let noted = state.path().join("state/network");
        if !noted.exists() {
            continue;
        }
        let run = root.join("run/libvirt/network");
        let _ = fs::remove_dir_all(&run);
        fs::create_dir_all(run.parent().unwrap()).unwrap();
        copy_to(&noted, &run);
        let names = fs::read_dir(&run).unwrap().filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_suffix(".xml")?.to_owned())
        });
        let names: Vec<String> = names.collect();
        active += names.len();
        assert_eq!(otherwise(&root), [] as [&str; 0], "{host}");
        for name in &names {
            let set = [
                "network",
                "set",
                name,
                "--domain",
                "else.example.test",
                "--yes",
            ];
            if kvmnet(&root, &set).status.success() {
                let all = otherwise(&root);
                let one = format!(
                    "network {name} is active as it was before: its file has another domain"
                );
                assert!(all.contains(&one), "{host}: {all:?}");
                told += 1;
            }
        }
    }
    println!("{active} networks were active, of {told} a change was told");
    assert!(active >= 10 && told >= 5, "{active}, {told}");
}
