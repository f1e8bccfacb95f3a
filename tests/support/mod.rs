//! What the tests over the fixture hosts share: copies of hosts, trees as values, the program and git as processes.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod directives;
pub(crate) mod lint;
pub(crate) mod sample;
pub(crate) mod setup;
pub(crate) mod snapshot;
pub(crate) mod strace;
pub(crate) mod whole;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use camino::Utf8Path;
use kvmnet::backend::{self, Interest};
use kvmnet::host::Host;
use kvmnet::root::Root;
use kvmnet::tree::{Entry, HostPath, Tree};
pub(crate) use snapshot::{Found, Nodes, copy_to, difference, nodes};
use tempfile::TempDir;

/// Returns the folder of the fixture host `name`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hosts")
        .join(name)
}

/// Returns the names of all fixture hosts, sorted.
pub(crate) fn hosts() -> Vec<String> {
    let entries = fs::read_dir(fixture("")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 8, "the fixtures are found: {names:?}");
    names
}

/// Returns a new folder with a copy of `root` in its folder `root`.
pub(crate) fn copy(root: &Path) -> TempDir {
    let above = tempfile::tempdir().unwrap();
    copy_to(root, &above.path().join("root"));
    above
}

/// Returns what kvmnet reads beneath `root`; keyfiles of a fixture host have the mode that they have on a host.
pub(crate) fn tree(root: &Path) -> Tree {
    let is_fixture = root.starts_with(fixture(""));
    let root = Root::open(Utf8Path::from_path(root).unwrap()).unwrap();
    let mut tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
    let keyfiles = HostPath::literal("/etc/NetworkManager/system-connections");
    let keyfiles: Vec<(HostPath, Entry)> = tree
        .listed(&keyfiles)
        .map(|(_, path, entry)| (path.clone(), entry.clone()))
        .collect();
    for (path, entry) in keyfiles.into_iter().filter(|_| is_fixture) {
        if let Entry::File(mut file) = entry {
            file.attrs.mode = 0o600;
            tree.insert(path, Entry::File(file));
        }
    }
    tree
}

/// Returns the host that the files beneath `root` describe.
pub(crate) fn host(root: &Path) -> Host {
    backend::inspect(&tree(root), Interest::All)
}

/// Runs the program on `root` with nothing in its environment.
pub(crate) fn kvmnet(root: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kvmnet"))
        .env_clear()
        .arg("--root")
        .arg(root)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Returns whether tests with real programs are asked for: then they may not be skipped.
pub(crate) fn real_daemons() -> bool {
    std::env::var_os("KVMNET_REAL_DAEMONS").is_some_and(|value| value == "1")
}

/// Returns whether the program `name` can be tested with; where real programs are asked for, it must be there.
pub(crate) fn have(name: &str) -> bool {
    let mut probe = Command::new(name);
    probe
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let found = probe.status().is_ok_and(|status| status.success());
    assert!(
        found || !real_daemons(),
        "KVMNET_REAL_DAEMONS=1, but {name} is not installed"
    );
    if !found {
        println!("skipped: {name} is not installed");
    }
    found
}

/// Applies `patch` to `root` with git, which sees no repository around it.
pub(crate) fn git_apply(root: &Path, patch: &[u8]) -> Result<(), String> {
    let mut git = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    let mut child = git
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env(
            "GIT_CEILING_DIRECTORIES",
            root.parent().unwrap().canonicalize().unwrap(),
        )
        .env("LC_ALL", "C")
        .args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"])
        .current_dir(root.canonicalize().unwrap())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(patch).unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "git apply: {}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(patch)
    ))
}

/// Returns the tree of a case in `tests/cases`, as it is before the first command, in `root` of the folder returned.
pub(crate) fn tree_of(case: &str) -> TempDir {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(case);
    let tmp = tempfile::tempdir().unwrap();
    let host = fs::read_to_string(folder.join("root")).unwrap();
    copy_to(&fixture(host.trim()), &tmp.path().join("root"));
    let commands = fs::read_to_string(folder.join("cmd")).unwrap();
    let lines = commands
        .lines()
        .take_while(|line| !line.starts_with("kvmnet "));
    for line in lines.filter_map(|line| line.strip_prefix("setup: ")) {
        setup::change(tmp.path(), line);
    }
    tmp
}

/// Returns the program that shows a tree to a real daemon: in `$KVMNET_ORACLES`, or else in `../shared/oracles` beside the
/// repository, or else in `tests/oracles`.
pub(crate) fn oracle(name: &str) -> PathBuf {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Some(folder) = std::env::var_os("KVMNET_ORACLES") {
        return Path::new(&folder).join(name);
    }
    let shared = base.join("../shared/oracles").join(name);
    match shared.exists() {
        true => shared,
        false => base.join("tests/oracles").join(name),
    }
}
