//! What is printed for a tree acts on that tree: every `kvmnet` carries the root, and what acts on a running system
//! stands in a block of its own.

use crate::support;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::sample::{each, step, whole};
use crate::support::{copy_to, fixture, hosts, kvmnet};
use tempfile::TempDir;

/// The line above what is typed on that host.
const THERE: &str = "On that host, if it is running:";

/// What acts on the machine in use.
const ON_HOST: &[&str] = &["systemctl ", "nmcli ", "virsh ", "service ", "systemd-run "];

/// Returns the lines of a report that are the program's own: neither of a patch, nor excerpts of files, nor of the block.
fn own_lines(said: &str) -> Vec<&str> {
    let (mut own, mut patch, mut there) = (Vec::new(), false, false);
    for line in said.lines() {
        patch = (patch || line.starts_with("diff --git "))
            && !line.starts_with("\u{0}")
            && !line.is_empty();
        there = (there || line == THERE) && !line.is_empty();
        let trimmed = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let excerpt = trimmed.starts_with("| ") || trimmed == "|" || line.starts_with("  --> ");
        if !patch && !there && !excerpt {
            own.push(line);
        }
    }
    own
}

/// Returns the line that would act on another machine than the tree's.
fn astray<'t>(said: &'t str, root: &str) -> Option<&'t str> {
    let commands = [
        "show",
        "leases",
        "status",
        "check",
        "bridge",
        "network",
        "guest",
        "apply",
        "history",
        "rollback",
        "recover",
        "templates",
    ];
    own_lines(said).into_iter().find(|line| {
        let without = commands
            .iter()
            .any(|name| line.contains(&format!("kvmnet {name}")))
            // a page is about no tree
            && !line.ends_with(" --help");
        let on_host = ON_HOST.iter().any(|program| line.contains(program));
        let of_root = line.replace(root, "ROOT");
        let path = ["rm /", "mv /", "chmod 600 /", "chown root /"]
            .iter()
            .any(|at| of_root.contains(at));
        without || on_host || path
    })
}

fn said(root: &Path, words: &[&str]) -> String {
    let output = kvmnet(root, words);
    [output.stdout, b"\n".to_vec(), output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat()
}

#[test]
fn nothing_that_is_printed_acts_on_another_machine() {
    let (what, blocks) = ("hosts", AtomicUsize::new(0));
    each(what, &hosts(), |host| {
        let dir = TempDir::new().unwrap();
        let root = dir.path().join("root");
        copy_to(&fixture(host), &root);
        let plan = dir.path().join("plan");
        let plan = plan.to_str().unwrap();
        let names: Vec<String> = support::host(&root)
            .profiles
            .iter()
            .map(|p| p.interface.to_string())
            .collect();
        let mut lines: Vec<Vec<&str>> = vec![
            vec!["show"],
            vec!["show", "bridges"],
            vec!["show", "networks"],
            vec!["show", "guests"],
            vec!["check"],
            vec!["check", "-v"],
            vec!["check", "--fix", "--dry-run"],
            vec!["check", "--dry-run"],
            vec!["check", "--explain", "nothing"],
            vec!["leases"],
            vec!["leases", "virbr0"],
            vec!["history"],
            vec!["status"],
            vec!["history", "7"],
            vec!["rollback", "--yes"],
            vec!["recover"],
            vec!["templates", "list"],
            vec!["templates", "show", "nothing"],
            vec![
                "network",
                "add",
                "n1",
                "--mode",
                "nat",
                "--dry-run",
                "--out",
                plan,
            ],
            vec!["show", plan],
            vec!["apply", plan, "--dry-run"],
            vec!["network", "add", "n1", "--mode", "nat", "--yes"],
            vec!["apply", plan, "--dry-run"],
            vec!["network", "set", "n1", "--domain", "a", "--yes"],
            vec!["network", "remove", "n1"],
            vec!["network", "remove", "default", "--dry-run"],
            vec!["guest", "connect", "vm1", "--network", "n1", "--dry-run"],
            vec![
                "guest",
                "connect",
                "vm1",
                "--network",
                "nothing",
                "--dry-run",
            ],
            vec![
                "guest",
                "connect",
                "vm1",
                "--bridge",
                "nothing",
                "--dry-run",
            ],
            vec!["bridge", "remove", "br0", "--dry-run"],
            vec!["rollback", "1", "--dry-run"],
            vec!["rollback", "--dry-run"],
            vec!["history", "1"],
        ];
        // of the interfaces of a host some two
        let step = if whole() { 1 } else { step(names.len(), 2) };
        for name in names.iter().step_by(step) {
            lines.push(vec!["bridge", "add", "br77", "--port", name, "--dry-run"]);
            lines.push(vec![
                "bridge",
                "add",
                "br77",
                "--port",
                name,
                "--dry-run",
                "--force",
            ]);
            lines.push(vec!["bridge", "remove", name, "--dry-run"]);
            lines.push(vec!["bridge", "add-port", name, "ens99", "--dry-run"]);
        }
        for words in lines {
            let said = said(&root, &words);
            blocks.fetch_add(said.matches(THERE).count(), Ordering::Relaxed);
            let astray = astray(&said, root.to_str().unwrap());
            assert!(astray.is_none(), "{host}: {words:?}: {astray:?}\n{said}");
        }
    });
    let blocks = blocks.into_inner();
    println!("{blocks} blocks of commands for the tree's host");
    assert!(blocks > 20, "{blocks}");
}

#[test]
fn a_line_that_acts_elsewhere_is_told() {
    for (line, wrong) in [
        ("Undo with: kvmnet rollback 1", true),
        ("Undo with: kvmnet --root /r rollback 1", false),
        ("help: systemctl restart network", true),
        ("help: take it away: rm /etc/a", true),
        ("help: take it away: rm /r/etc/a", false),
        (
            "On that host, if it is running:\n  systemctl stop network",
            false,
        ),
        ("On that host, if it is running:\n\nkvmnet recover", true),
        ("diff --git a/x b/x\n+kvmnet recover\n\nPlan: x", false),
    ] {
        assert_eq!(astray(line, "/r").is_some(), wrong, "{line}");
    }
}

/// With the variable it is as with the option.
#[test]
fn the_variable_is_as_good_as_the_option() {
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("root");
    copy_to(&fixture("tutorial"), &root);
    let output = Command::new(env!("CARGO_BIN_EXE_kvmnet"))
        .args(["bridge", "add", "br0", "--port", "ens33", "--yes"])
        .env("KVMNET_ROOT", &root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let undo = format!("Undo with: kvmnet --root {} rollback 1", root.display());
    assert!(said.contains(&undo) && said.contains(THERE), "{said}");
}
