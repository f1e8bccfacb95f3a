//! `status` and the clock: files that were changed since the host was booted, where nothing else tells whether they are in use.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::strace::{have_strace, killed, renames};
use crate::support::{copy, fixture, kvmnet};

const PROFILES: &str = "etc/sysconfig/network-scripts";

/// When the host was booted, in seconds since 1970.
const BOOTED: u64 = 1_700_000_000;

fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let file = File::options().write(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Returns the files that were changed since, and what is printed.
fn changed(root: &Path) -> (Vec<String>, String) {
    let output = kvmnet(root, &["status", "--json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = object["not_in_use"].as_array().unwrap();
    let files = all.iter().filter(|one| one["kind"] == "file");
    let files = files.map(|one| one["name"].as_str().unwrap().to_owned());
    let printed = kvmnet(root, &["status"]).stdout;
    (files.collect(), String::from_utf8(printed).unwrap())
}

#[test]
fn files_that_are_younger_than_the_boot_are_told() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let port = root.join(PROFILES).join("ifcfg-ens33");
    set_time(&port, BOOTED + 1);
    let none = Vec::<String>::new();
    // a tree of files alone was never booted
    assert_eq!(changed(&root).0, none);
    write(&root, "proc/stat", &format!("cpu 1\nbtime {BOOTED}\n"));
    assert_eq!(changed(&root).0, none, "a kernel that shows no interfaces");
    write(&root, "sys/class/net/ens33/address", "52:54:00:00:00:01\n");
    let (files, printed) = changed(&root);
    assert_eq!(files, ["ifcfg-ens33"]);
    let told =
        "perhaps /etc/sysconfig/network-scripts/ifcfg-ens33: it was changed at 2023-11-14 22:13";
    assert!(printed.contains(told), "{printed}");
    set_time(&port, BOOTED - 1);
    assert_eq!(changed(&root).0, none);
    // of a bridge and its port the kernel tells
    let add = ["bridge", "add", "br0", "--port", "ens33", "--yes"];
    assert!(kvmnet(&root, &add).status.success());
    let (files, printed) = changed(&root);
    assert_eq!(files, none, "{printed}");
    assert!(printed.contains("bridge br0 is in the files"), "{printed}");
    // what no number is tells nothing
    write(&root, "proc/stat", "btime soon\n");
    assert_eq!(changed(&root).0, none);
}

#[test]
fn what_was_interrupted_is_no_edit_by_hand() {
    if !have_strace() {
        return;
    }
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let add = ["bridge", "add", "br0", "--port", "ens33", "--yes"];
    assert!(kvmnet(&root, &add).status.success());
    let remove = ["bridge", "remove", "br0", "--yes"];
    let names = renames(&root, &remove);
    let port = names.iter().position(|name| name == "ifcfg-ens33");
    let before = fs::read(root.join(PROFILES).join("ifcfg-ens33")).unwrap();
    killed(&root, &remove, port.unwrap() + 2);
    let now = fs::read(root.join(PROFILES).join("ifcfg-ens33")).unwrap();
    assert!(now != before, "it was killed too early");
    let object: Value =
        serde_json::from_slice(&kvmnet(&root, &["status", "--json"]).stdout).unwrap();
    assert_eq!(object["edited"], serde_json::json!([]));
    assert_eq!(object["interrupted"]["id"], 2);
    assert_eq!(object["interrupted"]["command"], "bridge remove br0");
}
