//! `recover` after a command that was killed, with edits by hand in the way: both are kept, and it is said where.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::snapshot::{assert_clean, assert_same, snapshot};
use crate::support::strace::{have_strace, killed, renames};
use crate::support::{copy, fixture, kvmnet};

const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--yes"];
const PORT: &str = "etc/sysconfig/network-scripts/ifcfg-ens33";

/// Kills the command between two of its files, so that the port is changed and its bridge is not there, or the reverse.
fn half_written(root: &Path) {
    let names = renames(root, ADD);
    let first = names.iter().position(|name| name.starts_with("ifcfg-"));
    killed(root, ADD, first.unwrap() + 2);
}

#[test]
fn an_edit_in_the_way_is_kept_aside_and_told() {
    if !have_strace() {
        return;
    }
    for json in [false, true] {
        let dir = copy(&fixture("tutorial"));
        let root = dir.path().join("root");
        let before = snapshot(&root);
        half_written(&root);
        assert!(snapshot(&root) != before, "it was killed too early");
        fs::write(root.join(PORT), "DEVICE=ens33\n# by hand\n").unwrap();
        let refused = kvmnet(&root, &["recover"]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let words: &[&str] = match json {
            true => &["recover", "--force", "--json"],
            false => &["recover", "--force"],
        };
        let forced = kvmnet(&root, words);
        assert_eq!(forced.status.code(), Some(0), "{forced:?}");
        let printed = String::from_utf8(forced.stdout).unwrap();
        let kept = match json {
            true => {
                let object: Value = serde_json::from_str(&printed).unwrap();
                let kept = &object["recovered"]["kept"][0];
                assert_eq!(kept["path"], format!("/{PORT}"));
                kept["kept_at"].as_str().unwrap().to_owned()
            }
            false => {
                let start = format!("/{PORT} was edited since: the edited version is kept in /");
                let line = printed.lines().find(|line| line.starts_with(&start));
                line.expect(&printed)[start.len() - 1..].to_owned()
            }
        };
        let kept = fs::read_to_string(root.join(&kept[1..])).unwrap();
        assert_eq!(kept, "DEVICE=ens33\n# by hand\n");
        assert_same(&snapshot(&root), &before, "recovered");
        assert_clean(&root, "recovered");
    }
}

#[test]
fn nothing_is_kept_where_nothing_was_edited() {
    if !have_strace() {
        return;
    }
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let before = snapshot(&root);
    half_written(&root);
    let recovered = kvmnet(&root, &["recover", "--force"]);
    assert_eq!(recovered.status.code(), Some(0), "{recovered:?}");
    let printed = String::from_utf8(recovered.stdout).unwrap();
    assert!(
        printed.ends_with("the tree was restored to the state before it.\n"),
        "{printed}"
    );
    assert_same(&snapshot(&root), &before, "recovered");
}
