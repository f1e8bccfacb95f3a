//! The program that systemd runs to roll a change back: where it lies beneath the root, and whether systemd may start it there.

use crate::cli::command_line::quoted;
use crate::cli::error::CliError;
use crate::cli::seen::Seen;
use crate::cli::site::Site;
use crate::root::{Root, RootError};
use crate::tree::{Attrs, HostPath};

/// Where it may lie: systemd starts what lies there, also where SELinux is enforcing (`bin_t` in file_contexts(5)).
const FOLDERS: [&str; 4] = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// What is found at one of these places.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Good(HostPath),
    /// Others may write what root would run.
    Open(HostPath, HostPath),
}

/// Returns where the program lies that rolls a change back.
pub(in crate::cli) fn program(seen: &Seen<'_>, site: &Site) -> Result<HostPath, CliError> {
    let found = seen.look(look)?;
    let good = found.iter().find_map(|found| match found {
        Found::Good(path) => Some(path.clone()),
        Found::Open(..) => None,
    });
    if let Some(path) = good {
        return Ok(path);
    }
    let install = install(site);
    Err(match found.first() {
        Some(Found::Open(program, open)) => {
            let message = format!(
                "{program} cannot roll the change back: others than root may write {open}, and systemd would run it as root"
            );
            CliError::refused(message).at(open, None).help(install)
        }
        Some(Found::Good(_)) | None => CliError::refused(format!(
            "nothing would roll the change back: there is no kvmnet in {} under the root",
            FOLDERS.join(", ")
        ))
        .help(install),
    })
}

/// Returns the command that puts this program where systemd finds it.
fn install(site: &Site) -> String {
    let own = std::env::current_exe().ok();
    let own = own.and_then(|path| path.into_os_string().into_string().ok());
    let own = own.map_or_else(|| "kvmnet".to_owned(), |path| quoted(&[path]));
    let root = site.root().unwrap_or("");
    format!("put it there: install -o root -g root -m 0755 {own} {root}/usr/local/bin/kvmnet")
}

/// Looks for it.
fn look(root: &Root) -> Result<Vec<Found>, CliError> {
    let mut found = Vec::new();
    let owner = match root.resolve_folder(&HostPath::literal("/")) {
        Ok(folder) => folder.attrs()?.uid,
        Err(error) => return Err(error.into()),
    };
    let is_open = |attrs: Attrs| attrs.uid != owner || attrs.mode & 0o022 != 0;
    for folder in FOLDERS {
        let path = HostPath::literal(folder).join("kvmnet");
        let folder = match root.resolve_folder(&path.folder()) {
            Ok(folder) => folder,
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let Ok(Some(file)) = folder.open_file(path.name()) else {
            continue;
        };
        if file.attrs().mode & 0o111 == 0 {
            continue;
        }
        if is_open(file.attrs()) {
            found.push(Found::Open(path.clone(), path));
            continue;
        }
        let mut above = folder.path().clone();
        let open = loop {
            if is_open(root.open_real_folder(&above)?.attrs()?) {
                break Some(above);
            }
            if above.as_str() == "/" {
                break None;
            }
            above = above.folder();
        };
        found.push(match open {
            Some(open) => Found::Open(path, open),
            None => Found::Good(path),
        });
    }
    Ok(found)
}
