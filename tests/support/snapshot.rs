//! A tree on disk as a value that can be compared: bytes, modes, owners, links and extended attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The folder of kvmnet's own.
pub(crate) const STATE: &str = "var/lib/kvmnet";

/// Of longer files the length alone is known: sparse ones of a gibibyte lie in hostile trees.
const LONGEST: u64 = 64 << 20;

/// What is at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A regular file.
    File {
        bytes: Vec<u8>,
        mode: u32,
        owner: (u32, u32),
        xattrs: BTreeMap<String, Vec<u8>>,
    },
    /// A regular file that is not read, by its length.
    Long { length: u64, mode: u32 },
    /// A symbolic link, by its text.
    Link(PathBuf),
    /// A folder.
    Folder { mode: u32, owner: (u32, u32) },
    /// Something else, by its mode with the bits for its type.
    Other { mode: u32 },
}

/// Everything beneath a root by its path without the leading `/`.
pub(crate) type Nodes = BTreeMap<String, Found>;

/// Returns all that is beneath `root`.
pub(crate) fn nodes(root: &Path) -> Nodes {
    let mut found = Nodes::new();
    walk(root, "", &mut found);
    found
}

/// Returns all that is beneath `root`, without kvmnet's own folder.
pub(crate) fn snapshot(root: &Path) -> Nodes {
    let mut found = nodes(root);
    found.retain(|path, _| !is_state(path));
    found
}

/// Returns whether a path is kvmnet's own.
pub(crate) fn is_state(path: &str) -> bool {
    Path::new(path).starts_with(STATE)
}

fn walk(folder: &Path, prefix: &str, found: &mut Nodes) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let here = look(&entry.path());
        if matches!(here, Found::Folder { .. }) {
            walk(&entry.path(), &format!("{name}/"), found);
        }
        found.insert(name, here);
    }
}

fn look(path: &Path) -> Found {
    let meta = fs::symlink_metadata(path).unwrap();
    let (mode, owner) = (meta.mode() & 0o7777, (meta.uid(), meta.gid()));
    if meta.is_dir() {
        Found::Folder { mode, owner }
    } else if meta.is_symlink() {
        Found::Link(fs::read_link(path).unwrap())
    } else if !meta.is_file() {
        let mode = meta.mode();
        Found::Other { mode }
    } else if meta.len() > LONGEST {
        let length = meta.len();
        Found::Long { length, mode }
    } else {
        // what only root may read is held by its mode and owner
        let bytes = fs::read(path).unwrap_or_default();
        let xattrs = xattrs(path);
        Found::File {
            bytes,
            mode,
            owner,
            xattrs,
        }
    }
}

/// Returns the extended attributes of a file, without labels that the system gives each file itself.
pub(crate) fn xattrs(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut names = vec![0; 4096];
    let length = rustix::fs::llistxattr(path, &mut names).unwrap_or(0);
    let names = names[..length]
        .split(|byte| *byte == 0)
        .map(|name| String::from_utf8_lossy(name).into_owned());
    names
        .filter(|name| !name.is_empty() && !name.starts_with("security."))
        .map(|name| {
            let mut value = vec![0; 1 << 16];
            let length = rustix::fs::lgetxattr(path, name.as_str(), &mut value).unwrap();
            value.truncate(length);
            (name, value)
        })
        .collect()
}

/// Makes the new folder `root` hold what `nodes` say; owners and extended attributes stay what they are.
pub(crate) fn restore(nodes: &Nodes, root: &Path) {
    fs::create_dir_all(root).unwrap();
    for (path, found) in nodes {
        let at = root.join(path);
        match found {
            Found::Folder { mode, .. } => {
                fs::create_dir(&at).unwrap();
                fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).unwrap();
            }
            Found::File { bytes, mode, .. } => {
                fs::write(&at, bytes).unwrap();
                fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).unwrap();
            }
            Found::Link(target) => symlink(target, &at).unwrap(),
            Found::Long { .. } | Found::Other { .. } => panic!("{path}: no file, folder or link"),
        }
    }
}

/// Copies a tree into the new folder `to`, with modes and links. A fixture host gets the modes that it has on a host: git
/// keeps no more of them than who may run a file.
pub(crate) fn copy_to(from: &Path, to: &Path) {
    let fixture = from.starts_with(super::fixture(""));
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            symlink(fs::read_link(&old).unwrap(), &new).unwrap();
        } else if kind.is_dir() {
            copy_to(&old, &new);
        } else {
            fs::write(&new, fs::read(&old).unwrap()).unwrap();
            let mode = entry.metadata().unwrap().mode() & 0o7777;
            let mode = if fixture { on_a_host(&old, mode) } else { mode };
            fs::set_permissions(&new, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
    let mode = fs::metadata(from).unwrap().mode() & 0o7777;
    let mode = if fixture { 0o755 } else { mode };
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).unwrap();
}

fn on_a_host(file: &Path, mode: u32) -> u32 {
    let folder = file.parent();
    // NetworkManager ignores keyfiles with another one
    let keyfile = folder.is_some_and(|folder| folder.ends_with("system-connections"));
    match (keyfile, mode & 0o100 != 0) {
        (true, _) => 0o600,
        (false, true) => 0o755,
        (false, false) => 0o644,
    }
}

/// Returns where two trees differ, "" where they do not.
pub(crate) fn difference(left: &Nodes, right: &Nodes) -> String {
    let paths: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let mut text = String::new();
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
        Some(Found::File {
            bytes,
            mode,
            owner,
            xattrs,
        }) => format!(
            "(file, mode {mode:o}, owner {owner:?}, attributes {:?})\n{}",
            xattrs.keys(),
            String::from_utf8_lossy(bytes).replace('\r', "\\r")
        ),
        Some(other) => format!("({other:?})"),
    }
}

/// Fails unless both trees are the same.
#[track_caller]
pub(crate) fn assert_same(found: &Nodes, wanted: &Nodes, what: &str) {
    assert!(
        found == wanted,
        "{what}: the tree is another: found, and wanted\n{}",
        difference(found, wanted)
    );
}

/// Fails where something is left that only an interrupted command leaves.
#[track_caller]
pub(crate) fn assert_clean(root: &Path, what: &str) {
    let left = leftovers(root);
    assert!(left.is_empty(), "{what}: {left:?} is left");
}

/// Returns the paths beneath `root` that only an interrupted command leaves.
pub(crate) fn leftovers(root: &Path) -> Vec<String> {
    let left = |path: &String| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let unfinished = folder.ends_with("var/lib/kvmnet/transactions") && name.ends_with(".new");
        name.starts_with(".kvmnet-") || unfinished
    };
    nodes(root).into_keys().filter(left).collect()
}
