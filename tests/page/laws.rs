//! What holds for each page: its patch is that of `-q`, it is well-formed, and it loads and runs nothing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::parsed::page_of;
use crate::support::sample::each;
use crate::support::{copy, fixture, host, hosts, kvmnet};
use tempfile::TempDir;

/// Returns commands of each kind for a host; some of them are refused.
fn commands(root: &Path) -> Vec<String> {
    let host = host(root);
    let mut commands: Vec<String> = [
        "check --fix",
        "migrate keyfile --accept-loss",
        "network add lab7 --mode nat",
        "network copy default lab7",
        "network remove default --force",
        "templates export /etc/kvmnet/templates",
        "rollback",
    ]
    .map(str::to_owned)
    .into();
    for profile in host.profiles() {
        let name = &profile.interface;
        commands.push(match profile.bridge() {
            Some(_) => format!("bridge remove {name} --force"),
            None => format!("bridge add br7 --port {name}"),
        });
    }
    commands.sort();
    commands.dedup();
    commands
}

#[test]
fn its_patch_is_that_of_the_terminal() {
    let dirs: Vec<(String, TempDir)> = hosts()
        .into_iter()
        .map(|name| {
            let dir = copy(&fixture(&name));
            (name, dir)
        })
        .collect();
    let jobs: Vec<(String, PathBuf, String)> = dirs
        .iter()
        .flat_map(|(name, dir)| {
            let root = dir.path().join("root");
            let commands = commands(&root).into_iter();
            commands.map(move |command| (name.clone(), root.clone(), command))
        })
        .collect();
    let (pages, moved) = (AtomicUsize::new(0), AtomicUsize::new(0));
    each("pages of plans", &jobs, |(name, root, command)| {
        let words: Vec<&str> = command.split(' ').chain(["--dry-run"]).collect();
        let plain = kvmnet(root, &[&words[..], &["-q"]].concat());
        if plain.status.code() != Some(0) {
            return;
        }
        let (output, page) = page_of(root, &[&words[..], &["-q"]].concat());
        assert_eq!(output.stdout, plain.stdout, "{name}: {command}");
        let patch = String::from_utf8(plain.stdout).unwrap();
        assert_eq!(page.patch, patch, "{name}: {command}");
        page.is_harmless();
        pages.fetch_add(1, Ordering::Relaxed);
        moved.fetch_add(
            usize::from(page.text.contains("← from /")),
            Ordering::Relaxed,
        );
    });
    let (pages, moved) = (pages.into_inner(), moved.into_inner());
    println!(
        "{pages} pages of {} plans, {moved} of them with lines that moved",
        jobs.len()
    );
    assert!(pages > 120 && moved > 20, "{pages}, {moved}");
}

#[test]
fn json_and_the_page_are_both_made() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let words = [
        "bridge",
        "add",
        "br0",
        "--port",
        "ens33",
        "--dry-run",
        "--json",
    ];
    let (output, page) = page_of(&root, &words);
    assert_eq!(output.stdout, kvmnet(&root, &words).stdout);
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let diffs = plan["changes"].as_array().unwrap().iter();
    let diffs: String = diffs
        .map(|change| change["diff"].as_str().unwrap())
        .collect();
    assert_eq!(page.patch, diffs);
}

/// The page says what it was made for, whatever follows.
#[test]
fn it_is_written_before_anything_else() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let (output, dry) = page_of(&root, &["network", "add", "lab7", "--mode", "nat", "-n"]);
    assert_eq!(output.status.code(), Some(0));
    // nobody is there to ask
    let (output, asked) = page_of(&root, &["network", "add", "lab7", "--mode", "nat"]);
    assert_eq!(output.status.code(), Some(1));
    let (output, applied) = page_of(&root, &["network", "add", "lab7", "--mode", "nat", "--yes"]);
    assert_eq!(output.status.code(), Some(0));
    let steady = |page: &crate::parsed::Parsed| page.patch.clone();
    assert_eq!(steady(&dry), steady(&asked));
    assert_eq!(steady(&dry), steady(&applied));
    let (output, again) = page_of(&root, &["network", "add", "lab7", "--mode", "nat", "--yes"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        again
            .text
            .contains("Nothing: the files are already as requested.")
    );
    assert_eq!(again.patch, "");
}
