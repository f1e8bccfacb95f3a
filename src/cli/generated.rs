//! Files that are the same for each host and go to a folder which the user names, such as units and man pages: not beneath
//! the root, and never in the place of what somebody else has put there.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::CliError;
use super::named_file;

/// A file to be written.
pub(super) struct Generated {
    pub(super) path: Utf8PathBuf,
    pub(super) text: String,
    /// How it begins, whatever its version: what begins otherwise is somebody else's.
    pub(super) mark: &'static str,
}

/// Where the user names the folder.
pub(super) struct Named {
    /// As the user knows it, such as `--out`.
    pub(super) option: &'static str,
    /// The command up to the folder.
    pub(super) command: &'static str,
    /// Folders in which programs of the machine in use look for such files.
    pub(super) looked_into: &'static [&'static str],
}

impl Named {
    /// Refuses what is no folder, and a folder of the machine in use where the command is about the tree at `root`.
    pub(super) fn check(&self, folder: &Utf8Path, root: Option<&str>) -> Result<(), CliError> {
        let Self {
            option, command, ..
        } = self;
        if folder.as_str().is_empty() {
            return Err(CliError::usage(format!(
                "`{option}` needs the name of a folder"
            )));
        }
        if folder.exists() && !folder.is_dir() {
            return Err(CliError::failed(format!("{folder} is not a folder")));
        }
        let is_here = |folder: &Utf8Path| {
            let mut known = self.looked_into.iter();
            known.any(|known| folder.starts_with(known))
        };
        let Some(root) = root.filter(|_| is_here(folder)) else {
            return Ok(());
        };
        let message = format!(
            "{folder} is a folder of the machine in use: `{option}` does not lie beneath --root (or KVMNET_ROOT)"
        );
        let help = format!("name the one in the tree: kvmnet {command} {root}{folder}");
        Err(CliError::usage(message).help(help))
    }
}

impl Generated {
    /// Returns whether there is something to write: the file is not there, or is one of another version.
    pub(super) fn is_new(&self) -> Result<bool, CliError> {
        let path = &self.path;
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => Err(taken(path, "is not a regular file")),
            Ok(_) => {
                let found = std::fs::read(path).map_err(|error| self.failed(&error))?;
                if found == self.text.as_bytes() {
                    return Ok(false);
                }
                match found.starts_with(self.mark.as_bytes()) {
                    true => Ok(true),
                    false => Err(taken(path, "was not written by kvmnet")),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Writes the file, and its folder.
    pub(super) fn write(&self) -> Result<(), CliError> {
        let folder = self.path.parent().unwrap_or(&self.path);
        std::fs::create_dir_all(folder)
            .and_then(|()| named_file::replace(&self.path, &self.text, 0o644))
            .map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> CliError {
        let failed = CliError::failed(format!("cannot write {}: {error}", self.path));
        match error.kind() == io::ErrorKind::PermissionDenied {
            true => failed.help("run it as root"),
            false => failed,
        }
    }
}

fn taken(path: &Utf8Path, why: &str) -> CliError {
    CliError::refused(format!("{path} {why}")).help("remove it first, or choose another folder")
}
