//! What the tests over the fixture hosts share: copies of hosts, trees as values, the program and git as processes.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod sample;
pub(crate) mod setup;
pub(crate) mod strace;
pub(crate) mod whole;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use camino::Utf8Path;
use kvmnet::backend::{self, Interest};
use kvmnet::host::Host;
use kvmnet::root::Root;
use kvmnet::tree::Tree;
use tempfile::TempDir;

/// Something in a folder.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Found {
    File { bytes: Vec<u8>, mode: u32 },
    Link(PathBuf),
    Folder { mode: u32 },
}

/// Everything beneath a root by its path without the leading `/`.
pub(crate) type Nodes = BTreeMap<String, Found>;

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

/// Returns all that is beneath `root`.
pub(crate) fn nodes(root: &Path) -> Nodes {
    let mut found = Nodes::new();
    walk(root, root, &mut found);
    found
}

fn walk(root: &Path, folder: &Path, found: &mut Nodes) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = path.symlink_metadata().unwrap();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let mode = meta.permissions().mode() & 0o7777;
        if meta.is_dir() {
            walk(root, &path, found);
            found.insert(name, Found::Folder { mode });
        } else if meta.is_symlink() {
            found.insert(name, Found::Link(fs::read_link(&path).unwrap()));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(name, Found::File { bytes, mode });
        }
    }
}

/// Returns a new folder with a copy of `root` in its folder `root`.
pub(crate) fn copy(root: &Path) -> TempDir {
    let above = tempfile::tempdir().unwrap();
    let to = above.path().join("root");
    fs::create_dir(&to).unwrap();
    for (name, found) in nodes(root) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match found {
            Found::Folder { mode } => {
                fs::create_dir_all(&path).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            Found::Link(target) => symlink(target, path).unwrap(),
            Found::File { bytes, mode } => {
                // git keeps no such mode, and NetworkManager ignores keyfiles with another one
                let keyfile = path
                    .parent()
                    .is_some_and(|p| p.ends_with("system-connections"));
                let mode = if keyfile { 0o600 } else { mode };
                fs::write(&path, bytes).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
    above
}

/// Returns where two trees differ, "" where they do not.
pub(crate) fn difference(left: &Nodes, right: &Nodes) -> String {
    let mut text = String::new();
    let mut paths: Vec<&String> = left.keys().chain(right.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let (a, b) = (left.get(path), right.get(path));
        if a != b {
            text += &format!("--- {path}\n{}\n+++\n{}\n", shown(a), shown(b));
        }
    }
    text
}

fn shown(found: Option<&Found>) -> String {
    match found {
        None => "(nothing)".to_owned(),
        Some(Found::Folder { mode }) => format!("(folder, mode {mode:o})"),
        Some(Found::Link(target)) => format!("(link to {})", target.display()),
        Some(Found::File { bytes, mode }) => format!(
            "(file, mode {mode:o})\n{}",
            String::from_utf8_lossy(bytes).replace('\r', "\\r")
        ),
    }
}

/// Returns what kvmnet reads beneath `root`.
pub(crate) fn tree(root: &Path) -> Tree {
    let root = Root::open(Utf8Path::from_path(root).unwrap()).unwrap();
    root.read_tree(&backend::scope(Interest::All)).unwrap()
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
    setup::copy(&fixture(host.trim()), &tmp.path().join("root"));
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
