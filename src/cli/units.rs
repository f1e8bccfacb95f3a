//! `units`: the unit of systemd that takes back at boot what was interrupted.
//!
//! It goes to standard output, or to a folder that lies where the user says, as a saved plan does; packages bring it so.

use camino::Utf8Path;
use serde_json::json;

use super::error::{CliError, Exit};
use super::generated::{Generated, Named};
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

const NAMED: Named = Named {
    option: "--out",
    command: "units --out",
    looked_into: &FOLDERS,
};

/// Prints the unit, or writes it into the folder `out`.
pub(super) fn run(
    session: &mut Session<'_>,
    out: Option<&Utf8Path>,
    program: &str,
) -> Result<Exit, CliError> {
    if let Some(folder) = out {
        NAMED.check(folder, session.screen.site.root())?;
    }
    let text = TEXT.replace(PROGRAM, checked(program)?);
    let path = out.filter(|folder| *folder != "-");
    let path = path.map(|folder| folder.join(NAME));
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
    let unit = Generated {
        path: path.to_owned(),
        text: text.to_owned(),
        mark: MARK,
    };
    let is_new = unit.is_new()?;
    if is_new {
        unit.write()?;
    }
    Ok(is_new)
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
