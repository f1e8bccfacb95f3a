//! The program that systemd runs to roll a change back: where it lies beneath the root, and whether systemd may start it there.

use crate::cli::command_line::quoted;
use crate::cli::error::CliError;
use crate::cli::seen::Seen;
use crate::cli::site::Site;
use crate::root::{Root, RootError};
use crate::tree::{Attrs, HostPath};

/// Where it may lie: systemd starts what lies there, also where SELinux is enforcing (`bin_t` in file_contexts(5)).
const FOLDERS: [&str; 4] = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// Where its units lie.
const UNITS: [&str; 2] = [
    "/etc/systemd/system",
    "/etc/systemd/system/timers.target.wants",
];

/// What is found at one of these places.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Good(HostPath),
    /// Others may write what root would run.
    Open(HostPath, HostPath),
    /// Others may write the units that root would run.
    Units(HostPath),
}

/// Returns where the program lies that rolls a change back.
pub(in crate::cli) fn program(seen: &Seen<'_>, site: &Site) -> Result<HostPath, CliError> {
    let found = seen.look(look)?;
    let good = found.iter().find_map(|found| match found {
        Found::Good(path) => Some(path.clone()),
        Found::Open(..) | Found::Units(_) => None,
    });
    if let Some(path) = good {
        return Ok(path);
    }
    let install = install(site);
    Err(match found.first() {
        Some(Found::Units(open)) => {
            let message = format!(
                "systemd would run as root what others than root may write in {open}: nothing is put there"
            );
            let help = format!(
                "let root alone write it: chown root {0} && chmod go-w {0}",
                open.word()
            );
            CliError::refused(message).at(open, None).help(help)
        }
        Some(Found::Open(program, open)) => {
            let message = format!(
                "{program} cannot roll the change back: others than root may write {open}, and systemd would run it as root"
            );
            CliError::refused(message).at(open, None).help(install)
        }
        Some(Found::Good(_)) | None => CliError::refused(format!(
            "nothing would roll the change back: this kvmnet is in none of {} under the root",
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
    format!("put it there: install -D -o root -g root -m 0755 {own} {root}/usr/local/bin/kvmnet")
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
        // what a link leads to elsewhere is not what systemd finds here
        let is_here = FOLDERS.contains(&folder.path().as_str());
        if file.attrs().mode & 0o111 == 0 || !is_here || is_another(root, &path) {
            continue;
        }
        let path = folder.path().join(path.name());
        if is_open(file.attrs()) {
            found.push(Found::Open(path.clone(), path));
            continue;
        }
        found.push(match open_above(root, folder.path(), is_open)? {
            Some(open) => Found::Open(path, open),
            None => Found::Good(path),
        });
    }
    // nor may others write the units
    for folder in UNITS {
        let folder = match root.resolve_folder(&HostPath::literal(folder)) {
            Ok(folder) => folder,
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        if let Some(open) = open_above(root, folder.path(), is_open)? {
            return Ok(vec![Found::Units(open)]);
        }
    }
    Ok(found)
}

/// Returns the folder that others may write, of this one and those above it.
fn open_above(
    root: &Root,
    folder: &HostPath,
    is_open: impl Fn(Attrs) -> bool,
) -> Result<Option<HostPath>, CliError> {
    let mut above = folder.clone();
    loop {
        if is_open(root.open_real_folder(&above)?.attrs()?) {
            return Ok(Some(above));
        }
        if above.as_str() == "/" {
            return Ok(None);
        }
        above = above.folder();
    }
}

/// Returns whether a program of the machine in use is another one than this, which may not know what it is told.
fn is_another(root: &Root, path: &HostPath) -> bool {
    if root.path() != "/" {
        return false;
    }
    let own = std::env::current_exe().and_then(std::fs::read);
    let found = std::fs::read(path.as_str());
    !matches!((own, found), (Ok(own), Ok(found)) if own == found)
}
