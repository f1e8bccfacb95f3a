//! What is built in: each licence is allowed, each crate there once and from the one registry, as `deny.toml` says; and
//! no code of ours is unsafe.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Returns the texts in quotes of a list in `deny.toml`.
fn list(name: &str) -> Vec<String> {
    let text = read("deny.toml");
    let (_, list) = text.split_once(&format!("\n{name} = [")).unwrap();
    let (list, _) = list.split_once("]\n").unwrap();
    let found = list.split('"').skip(1).step_by(2).map(str::to_owned);
    found.collect()
}

/// Returns the packages that are built on this machine, tests included.
fn packages() -> Vec<Value> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc).arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
        ])
        .arg(host.unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{talk}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let built: BTreeSet<&str> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].as_str().unwrap())
        .collect();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let packages: Vec<_> = packages
        .filter(|package| built.contains(package["id"].as_str().unwrap()))
        .cloned()
        .collect();
    assert!(packages.len() > 50, "{}", packages.len());
    packages
}

fn text<'p>(package: &'p Value, key: &str) -> &'p str {
    package[key].as_str().unwrap_or_default()
}

#[test]
fn every_licence_is_allowed() {
    let allowed = list("allow");
    let mut used = BTreeSet::new();
    for package in packages() {
        let (name, licence) = (text(&package, "name"), text(&package, "license"));
        let expression = Expression::parse_mode(licence, ParseMode::LAX);
        let expression = expression.unwrap_or_else(|error| panic!("{name}: {licence:?}: {error}"));
        let allows = |request: &spdx::LicenseReq| {
            let request = request.to_string();
            used.extend(allowed.iter().filter(|one| **one == request).cloned());
            allowed.contains(&request)
        };
        assert!(expression.evaluate(allows), "{name}: {licence}");
    }
    assert_eq!(
        used.len(),
        allowed.len(),
        "only what is needed is allowed: {used:?}"
    );
}

#[test]
fn every_crate_is_there_once() {
    let mut versions = BTreeMap::<String, BTreeSet<String>>::new();
    for package in packages() {
        let version = text(&package, "version").to_owned();
        versions
            .entry(text(&package, "name").to_owned())
            .or_default()
            .insert(version);
    }
    let skipped: Vec<_> = list("skip").into_iter().step_by(2).collect();
    for name in &skipped {
        let (name, version) = name.split_once('@').unwrap();
        let found = versions
            .get_mut(name)
            .is_some_and(|all| all.remove(version));
        assert!(
            found,
            "{name} {version} is built no more: take it out of deny.toml"
        );
    }
    versions.retain(|_, versions| versions.len() > 1);
    assert!(versions.is_empty(), "{versions:#?}");
}

#[test]
fn every_crate_is_from_the_registry() {
    let mut sources = BTreeSet::new();
    for package in packages() {
        match package["source"].as_str() {
            Some(source) => drop(sources.insert(source.to_owned())),
            None => assert_eq!(text(&package, "name"), env!("CARGO_PKG_NAME")),
        }
    }
    let registry = |source: &String| source.starts_with("registry+");
    assert!(
        sources.len() == 1 && sources.iter().all(registry),
        "{sources:?}"
    );
}

/// `.ci/run` checks the sources with just this one.
#[test]
fn the_rust_that_is_needed_is_the_lowest_that_crates_allow() {
    let parts = |version: &str| -> Vec<u32> {
        let parts = version.split('.').map(|part| part.parse().unwrap());
        parts.chain([0, 0]).take(3).collect()
    };
    let packages = packages();
    let crates = packages
        .iter()
        .filter(|package| !package["source"].is_null());
    let needed = crates.map(|package| text(package, "rust_version"));
    let needed = needed.filter(|version| !version.is_empty());
    let needed = needed.max_by_key(|version| parts(version)).unwrap();
    let ours = env!("CARGO_PKG_RUST_VERSION");
    assert_eq!(parts(ours), parts(needed), "rust-version in Cargo.toml");
    let readme = read("README.md");
    assert!(
        readme.contains(&format!("Rust {ours} ")),
        "README: Rust {ours}"
    );
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest: String = read("Cargo.toml");
    assert!(manifest.contains("\n[lints.rust]\nunsafe_code = \"forbid\"\n"));
}
