//! The registry of rules held against its cases, its page and the fixture hosts.
//!
//! Each rule has a case `tests/cases/check/RULE`, a host that has what it finds, and `tests/cases/check/RULE-near`, a host
//! that nearly has it. What the cases print is checked by `cases.rs`; that they show what they should, here.

use crate::support;
use std::fs;
use std::path::{Path, PathBuf};

use kvmnet::backend::{self, Interest};
use kvmnet::lint::{self, RULES, Sight};
use kvmnet::root::Root;

/// Hosts with which nothing is wrong, whatever may be worth knowing.
const SOUND: &[&str] = &[
    "bond-vlan",
    "coreos",
    "debian-nm",
    "fedora",
    "hand-bridged",
    "libvirt-kinds",
    "monolithic",
    "nmcli-bridged",
    "ovs",
    "rhel7-old-initscripts",
    "rhel8-nm",
    "rhel9-mixed",
    "static-routes",
    "tutorial",
];

fn base() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn case(name: &str) -> PathBuf {
    base().join("tests/cases/check").join(name)
}

#[test]
fn every_rule_has_a_case_and_one_that_nearly_has_it() {
    let mut missing = Vec::new();
    for rule in RULES {
        let marked = format!("[{}]", rule.name);
        let printed = |name: &str| fs::read_to_string(case(name).join("stdout"));
        match printed(rule.name) {
            Ok(text) if text.contains(&marked) => {}
            Ok(_) => missing.push(format!("{}: its case does not show it", rule.name)),
            Err(_) => missing.push(format!("{}: no case", rule.name)),
        }
        let near = format!("{}-near", rule.name);
        match printed(&near) {
            Ok(text) if text.contains(&marked) => missing.push(format!("{near}: it fires")),
            Ok(text) if !text.contains("problems found in") && !text.contains(" in ") => {
                missing.push(format!("{near}: nothing was checked"));
            }
            Ok(_) => {}
            Err(_) => missing.push(format!("{near}: no case")),
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn sound_hosts_have_no_finding_above_a_note() {
    for host in SOUND {
        let above = support::copy(&support::fixture(host));
        let root = above.path().join("root");
        let root = Root::open(root.to_str().unwrap().into()).unwrap();
        let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
        let host_read = backend::inspect(&tree, Interest::All);
        let found = lint::check(&Sight::of(&tree, &host_read), RULES);
        // the cards of a tree that shows no running kernel are known by their profiles alone
        let known = |d: &&lint::Diagnosis| d.finding.rule.name != "libvirt-device-unknown";
        // what is worth knowing is no fault
        let above = |d: &&lint::Diagnosis| d.finding.rule.severity > lint::Severity::Note;
        let found: Vec<_> = found.iter().filter(known).filter(above).collect();
        let shown: Vec<_> = found
            .iter()
            .map(|d| format!("[{}] {}", d.finding.rule.name, d.finding.message))
            .collect();
        assert!(found.is_empty(), "{host}: {}", shown.join("\n"));
    }
}

/// `KVMNET_BLESS=1` writes the page anew.
#[test]
fn the_page_lists_the_rules_as_they_are() {
    let path = base().join("RULES.md");
    let page = lint::page();
    if std::env::var_os("KVMNET_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "RULES.md is not what the registry says: run this test with KVMNET_BLESS=1"
    );
}
