//! A tree on disk as a value that can be compared: bytes, modes, owners, links and extended attributes.
#![allow(dead_code, reason = "each test needs a part of this")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The folder of kvmnet's own, which is no part of the tree that is compared.
pub(crate) const STATE: &str = "var/lib/kvmnet";

/// Paths without the leading `/`.
pub(crate) type Snapshot = BTreeMap<PathBuf, Thing>;

/// What is at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// A folder, by its mode.
    Folder(u32),
    /// A regular file.
    File {
        bytes: Vec<u8>,
        mode: u32,
        owner: (u32, u32),
        xattrs: BTreeMap<String, Vec<u8>>,
    },
    /// A symbolic link, by its text.
    Link(PathBuf),
    /// Something else.
    Other,
}

/// Returns all that is beneath `root`, without kvmnet's own folder.
pub(crate) fn snapshot(root: &Path) -> Snapshot {
    let mut found = whole(root);
    found.retain(|path, _| !path.starts_with(STATE));
    found
}

/// Returns all that is beneath `root`, kvmnet's own folder too.
pub(crate) fn whole(root: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    collect(root, Path::new(""), &mut found);
    found
}

/// Makes the new folder `root` hold what `snapshot` says; owners and extended attributes stay what they are.
pub(crate) fn restore(snapshot: &Snapshot, root: &Path) {
    fs::create_dir_all(root).unwrap();
    for (path, thing) in snapshot {
        let at = root.join(path);
        match thing {
            Thing::Folder(mode) => {
                fs::create_dir(&at).unwrap();
                fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).unwrap();
            }
            Thing::File { bytes, mode, .. } => {
                fs::write(&at, bytes).unwrap();
                fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).unwrap();
            }
            Thing::Link(target) => symlink(target, &at).unwrap(),
            Thing::Other => panic!("{}: no file, folder or link", path.display()),
        }
    }
}

fn collect(root: &Path, below: &Path, found: &mut Snapshot) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        let thing = thing(&root.join(&path));
        let is_folder = matches!(thing, Thing::Folder(_));
        found.insert(path.clone(), thing);
        if is_folder {
            collect(root, &path, found);
        }
    }
}

fn thing(path: &Path) -> Thing {
    let meta = fs::symlink_metadata(path).unwrap();
    let mode = meta.permissions().mode() & 0o7777;
    if meta.is_dir() {
        Thing::Folder(mode)
    } else if meta.is_symlink() {
        Thing::Link(fs::read_link(path).unwrap())
    } else if meta.is_file() {
        Thing::File {
            bytes: fs::read(path).unwrap(),
            mode,
            owner: (meta.uid(), meta.gid()),
            xattrs: xattrs(path),
        }
    } else {
        Thing::Other
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
            let mut value = vec![0; 4096];
            let length = rustix::fs::lgetxattr(path, name.as_str(), &mut value).unwrap();
            value.truncate(length);
            (name, value)
        })
        .collect()
}

/// Returns what two trees do not have in common, one line a path.
pub(crate) fn difference(found: &Snapshot, wanted: &Snapshot) -> String {
    let paths: BTreeSet<_> = found.keys().chain(wanted.keys()).collect();
    let lines = paths
        .into_iter()
        .filter(|path| found.get(*path) != wanted.get(*path))
        .map(|path| {
            format!(
                "{}: found {:?}, wanted {:?}\n",
                path.display(),
                found.get(path),
                wanted.get(path)
            )
        });
    lines.collect()
}

/// Fails unless both trees are the same.
#[track_caller]
pub(crate) fn assert_same(found: &Snapshot, wanted: &Snapshot, what: &str) {
    assert!(
        found == wanted,
        "{what}: the tree is another\n{}",
        difference(found, wanted)
    );
}

/// Fails where something is left that only an interrupted command leaves.
#[track_caller]
pub(crate) fn assert_clean(root: &Path, what: &str) {
    let left = leftovers(root);
    assert!(left.is_empty(), "{what}: {left:?} is left");
}

/// Returns the names beneath `root` that only an interrupted command leaves.
pub(crate) fn leftovers(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let unfinished =
                folder.ends_with("var/lib/kvmnet/transactions") && name.ends_with(".new");
            if name.starts_with(".kvmnet-") || unfinished {
                found.push(entry.path());
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

/// Copies a tree with modes and links.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&old, &new);
        } else if kind.is_symlink() {
            symlink(fs::read_link(&old).unwrap(), &new).unwrap();
        } else {
            fs::copy(&old, &new).unwrap();
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}
