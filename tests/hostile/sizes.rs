//! Names as long as names can be: what is written can be read again.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::run::{all, contents};
use crate::support::sample::sample;
use crate::support::{self, copy_to};

/// Returns a copy of the fixture, in memory where that can be: thousands of files are synced.
pub(crate) fn host() -> TempDir {
    let dir = tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
    copy_to(&support::fixture("tutorial"), &dir.path().join("root"));
    dir
}

pub(crate) fn run(root: &Path, words: &[&str]) -> String {
    let output = support::kvmnet(root, words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    said + &String::from_utf8_lossy(&output.stdout)
}

/// A network that somebody else made.
fn network(name: &str) -> String {
    format!(
        "<network>\n  <name>{name}</name>\n  <uuid>0a7e0b8e-3f51-4cf2-9c54-9be10e1bb0a1</uuid>\n  \
        <bridge name='virbr9'/>\n  <mac address='52:54:00:12:34:56'/>\n</network>\n"
    )
}

#[test]
fn networks_with_the_longest_names_are_changed_and_come_back() {
    // `.xml` behind it is as long as a name can be; `.xml.old` behind it is longer from 248 bytes on
    let lengths = sample(
        "lengths of names",
        (236..=251).collect(),
        4,
        |n| [*n >= 248],
    );
    all(&lengths, |length| {
        let (dir, name) = (host(), "n".repeat(*length));
        let root = dir.path().join("root");
        let file = root.join(format!("etc/libvirt/qemu/networks/{name}.xml"));
        fs::write(&file, network(&name)).unwrap();
        let first = contents(&root);
        for words in [
            &["network", "set", &name, "--domain", "a", "--yes"][..],
            &["network", "set", &name, "--autostart", "--yes"],
            &["network", "remove", &name, "--yes"],
        ] {
            run(&root, words);
            assert!(contents(&root) != first, "{length}: {words:?}");
            run(&root, &["recover"]);
            run(&root, &["history"]);
            run(&root, &["rollback", "--yes"]);
            assert!(contents(&root) == first, "{length}: {words:?}, and back");
        }
    });
}
