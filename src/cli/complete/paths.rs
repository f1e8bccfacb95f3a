//! Files and folders of the user, and saved plans among them. Nothing is opened but what may be a plan.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::candidate::Candidate;
use crate::root::Root;
use crate::tree::{HostPath, Pick, Scope};

/// Which names of a folder are offered besides folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Files,
    Folders,
    Plans,
}

/// As many names of a folder are looked at.
const MOST: usize = 10_000;
/// As many files are opened to see whether they are plans.
const MOST_OPENED: usize = 500;
/// So much of a file tells whether it is a plan.
const HEAD: u64 = 512;

/// Returns how much of `typed` names the folder in which names are looked for.
pub(super) fn folder_part(typed: &str) -> usize {
    typed.rfind('/').map_or(0, |at| at + 1)
}

/// Returns the names in `folder` that begin with `start`; hidden ones only where `start` does.
pub(super) fn list(folder: &str, start: &str, wanted: Wanted) -> Vec<Candidate> {
    let folder = match folder {
        "" => PathBuf::from("."),
        folder => PathBuf::from(folder),
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut opened = 0;
    let mut found = Vec::new();
    for entry in entries.take(MOST).flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if !name.starts_with(start) || (name.starts_with('.') && !start.starts_with('.')) {
            continue;
        }
        let path = entry.path();
        let Ok(kind) = fs::metadata(&path) else {
            continue;
        };
        if kind.is_dir() {
            found.push(Candidate::new(name + "/", "folder"));
            continue;
        }
        let is_wanted = match wanted {
            Wanted::Files => true,
            Wanted::Folders => false,
            Wanted::Plans if kind.is_file() && opened < MOST_OPENED => {
                opened += 1;
                is_plan(&path)
            }
            Wanted::Plans => false,
        };
        if is_wanted {
            let help = match wanted {
                Wanted::Plans => "saved plan",
                Wanted::Files | Wanted::Folders => "",
            };
            found.push(Candidate::new(name, help));
        }
    }
    found
}

/// Returns whether a file begins as saved plans do.
fn is_plan(path: &Path) -> bool {
    let head = || {
        let mut head = Vec::new();
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)?;
        file.take(HEAD).read_to_end(&mut head)?;
        Ok::<_, std::io::Error>(head)
    };
    let head = head().unwrap_or_default();
    String::from_utf8_lossy(&head).contains("\"kvmnet_plan\"")
}

/// Returns the folders in a folder beneath the root that begin with `start`.
pub(super) fn beneath(root: &Root, folder: &str, start: &str) -> Vec<Candidate> {
    let folder = match folder.trim_end_matches('/') {
        "" if folder.is_empty() => return vec![Candidate::new("/".to_owned(), "")],
        "" => "/",
        folder => folder,
    };
    let Ok(path) = HostPath::parse(folder) else {
        return Vec::new();
    };
    let scope = Scope {
        folders: vec![(path.clone(), |_| Pick::Enter(|_| Pick::Skip))],
        ..Scope::default()
    };
    let Ok(tree) = root.read_tree(&scope) else {
        return Vec::new();
    };
    let names = tree.folders_in(&path).map(HostPath::name);
    let names = names.filter(|name| {
        name.starts_with(start) && (!name.starts_with('.') || start.starts_with('.'))
    });
    names
        .map(|name| Candidate::new(format!("{name}/"), ""))
        .collect()
}
