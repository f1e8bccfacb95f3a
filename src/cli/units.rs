//! `units`: the unit of systemd that takes back at boot what was interrupted.
//!
//! It goes to standard output, or to a folder that lies where the user says, as a saved plan does; packages bring it so.

use std::io;

use camino::Utf8Path;
use serde_json::json;

use super::error::{CliError, Exit};
use super::plan_file;
use super::session::Session;

/// The name of the unit.
const NAME: &str = "kvmnet-recover.service";

/// Its text, for a program that packages install.
const TEXT: &str = include_str!("../../packaging/kvmnet-recover.service");

/// Where packages install the program.
const PROGRAM: &str = "/usr/bin/kvmnet";

/// How the unit begins, whatever its version.
const MARK: &str = "# Written by kvmnet units";

/// Where systemd looks for units of the host: systemd.unit(5), "UNIT FILE LOAD PATH".
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// Prints the unit, or writes it into the folder `out`.
pub(super) fn run(
    session: &mut Session<'_>,
    out: Option<&Utf8Path>,
    program: &str,
) -> Result<Exit, CliError> {
    let there = session.screen.site.root();
    let is_here = |folder: &Utf8Path| FOLDERS.iter().any(|known| folder.starts_with(known));
    if let Some((folder, root)) = out.filter(|folder| is_here(folder)).zip(there) {
        let message = format!(
            "{folder} is a folder of the machine in use: `--out` does not lie beneath --root (or KVMNET_ROOT)"
        );
        let help = format!("name the one in the tree: kvmnet units --out {root}{folder}");
        return Err(CliError::usage(message).help(help));
    }
    let text = TEXT.replace(PROGRAM, checked(program)?);
    let path = match out {
        Some(folder) if folder.as_str().is_empty() => {
            return Err(CliError::usage("`--out` needs the name of a folder"));
        }
        Some(folder) if folder != "-" => Some(folder.join(NAME)),
        Some(_) | None => None,
    };
    let is_new = match &path {
        Some(path) => write(path, &text)?,
        None => false,
    };
    if session.json {
        let unit = json!({ "name": NAME, "path": path, "text": text });
        session.print_json(&json!({ "schema": 1, "units": [unit] }))?;
        return Ok(Exit::Done);
    }
    match path {
        Some(path) if is_new => tell(session, &path)?,
        Some(path) => session
            .screen
            .line(&format!("Nothing to do: {path} is up to date."))?,
        None => session.screen.raw(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

/// Refuses a path that systemd would take apart: systemd.service(5), "COMMAND LINES".
fn checked(program: &str) -> Result<&str, CliError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    if program.starts_with('/') && !program.ends_with('/') && program.chars().all(plain) {
        return Ok(program);
    }
    let message = format!("`{program}` is not a path that a unit can start");
    Err(CliError::usage(message).help(format!(
        "give an absolute path of letters, digits and ./_+-, such as {PROGRAM}"
    )))
}

/// Writes the unit, unless something else has its name; returns whether it was not there.
fn write(path: &Utf8Path, text: &str) -> Result<bool, CliError> {
    let failed = |error: io::Error| {
        let failed = CliError::failed(format!("cannot write {path}: {error}"));
        match error.kind() == io::ErrorKind::PermissionDenied {
            true => failed.help("run it as root"),
            false => failed,
        }
    };
    let folder = path.parent().unwrap_or(path);
    if folder.exists() && !folder.is_dir() {
        return Err(CliError::failed(format!("{folder} is not a folder")));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => return Err(taken(path, "is not a regular file")),
        Ok(_) => {
            let found = std::fs::read(path).map_err(failed)?;
            if found == text.as_bytes() {
                return Ok(false);
            }
            if !found.starts_with(MARK.as_bytes()) {
                return Err(taken(path, "was not written by kvmnet"));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    plan_file::replace(path, text, 0o644).map_err(failed)?;
    Ok(true)
}

fn taken(path: &Utf8Path, why: &str) -> CliError {
    CliError::refused(format!("{path} {why}")).help("remove it first, or choose another folder")
}

/// Says what was written, and how systemd gets to know of it.
fn tell(session: &mut Session<'_>, path: &Utf8Path) -> Result<(), CliError> {
    session.screen.line(&format!("Wrote {path}"))?;
    if path
        .parent()
        .is_some_and(|folder| FOLDERS.contains(&folder.as_str()))
    {
        session.screen.line(&format!(
            "next: systemctl daemon-reload && systemctl enable {NAME}"
        ))?;
    }
    Ok(())
}
