//! The file that a plan is saved to, `--out FILE`: the user's own, which does not lie beneath the root.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::OFlags;

use super::error::CliError;
use super::planned::Planned;
use crate::plan::saved::{self, Saved};
use crate::root::Root;

/// What stands for standard output.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

pub(super) fn is_standard_output(file: &Utf8Path) -> bool {
    STANDARD_OUTPUT.contains(&file.as_str()) || leads_to_standard_output(file).unwrap_or(false)
}

/// Returns whether the file is a link to what standard output is, such as one to /proc/self/fd/1.
fn leads_to_standard_output(file: &Utf8Path) -> io::Result<bool> {
    if !std::fs::symlink_metadata(file)?.is_symlink() {
        return Ok(false);
    }
    let (end, out) = (std::fs::metadata(file)?, rustix::fs::fstat(io::stdout())?);
    Ok((end.dev(), end.ino()) == (out.st_dev, out.st_ino))
}

/// Returns the path by which a plan that is saved to `file` is named later, from wherever that is; nothing, if it
/// cannot be read again there.
pub(super) fn again(file: &Utf8Path) -> Option<String> {
    if is_standard_output(file) || !is_replaced(file) {
        return None;
    }
    let path = std::path::absolute(file).ok()?;
    Some(Utf8PathBuf::from_path_buf(path).ok()?.into_string())
}

/// Returns whether the file is replaced by a new one: it is a regular file, or nothing.
fn is_replaced(file: &Utf8Path) -> bool {
    match std::fs::symlink_metadata(file) {
        Ok(found) => found.is_file(),
        Err(_) => true,
    }
}

/// Saves a plan; since it holds what files hold, it is private.
pub(super) fn write(root: &Root, file: &Utf8Path, planned: &Planned) -> Result<(), CliError> {
    let root = root.path();
    let text = saved::write(&planned.plan, &planned.words);
    if text.len() > saved::MAX_BYTES {
        let message = format!(
            "the plan is {} MiB long, too long to be read again",
            text.len() >> 20
        );
        return Err(CliError::refused(message).help("apply it without saving it, with --yes"));
    }
    let written = if is_standard_output(file) {
        print(&text)
    } else {
        let file = &followed(file)?;
        is_apart(root, file)?;
        is_free(file)?;
        match is_replaced(file) {
            true => replace(file, &text, 0o600),
            false => write_into(file, &text),
        }
    };
    written.map_err(|error| CliError::failed(format!("cannot write the plan to {file}: {error}")))
}

/// Returns where a link to a file leads; other paths stay as they are.
fn followed(file: &Utf8Path) -> Result<Utf8PathBuf, CliError> {
    match std::fs::canonicalize(file) {
        Ok(end) if end.is_file() => Utf8PathBuf::from_path_buf(end).map_err(|_| {
            let message = format!("{file} is, or leads to, a name that is not valid UTF-8");
            CliError::failed(message).help("choose another name")
        }),
        Ok(_) | Err(_) => Ok(file.to_owned()),
    }
}

/// Refuses a place beneath the root's /etc, where a program may take the plan for configuration.
fn is_apart(root: &Utf8Path, file: &Utf8Path) -> Result<(), CliError> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        Some(_) | None => Utf8Path::new("."),
    };
    let (Ok(folder), Ok(root)) = (std::fs::canonicalize(folder), std::fs::canonicalize(root))
    else {
        return Ok(());
    };
    match folder.starts_with(root.join("etc")) {
        true => Err(CliError::refused(format!(
            "{file} is in the /etc of the tree, where a program may load it as configuration"
        ))
        .help("save the plan elsewhere, such as in /root or /tmp")),
        false => Ok(()),
    }
}

/// Refuses to replace a file that is something else than a saved plan, such as the profile that was meant to be looked at.
fn is_free(file: &Utf8Path) -> Result<(), CliError> {
    let Ok(found) = std::fs::symlink_metadata(file) else {
        return Ok(());
    };
    let help = "choose another name, or remove it first";
    if found.is_symlink() && !file.exists() {
        let message = format!("{file} is a dangling link");
        return Err(CliError::failed(message).help(help));
    }
    // of whatever version, and be it spoiled
    let is_plan = |text: &str| {
        let found = serde_json::from_str::<serde_json::Value>(text);
        found.is_ok_and(|found| found.get("kvmnet_plan").is_some())
    };
    let ours = || text_of(file).is_ok_and(|text| is_plan(&text));
    if !found.is_file() || found.len() == 0 || ours() {
        return Ok(());
    }
    Err(CliError::refused(format!("{file} exists and is not a saved plan")).help(help))
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Puts a new file in the place of a regular one, or of nothing.
pub(super) fn replace(file: &Utf8Path, text: &str, mode: u32) -> io::Result<()> {
    let temporary = format!("{file}.{}.tmp", std::process::id());
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&temporary);
    let written = made
        .and_then(|mut out| out.write_all(text.as_bytes()).and_then(|()| out.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// Writes into what is there: a device, a FIFO, what a link leads to.
fn write_into(file: &Utf8Path, text: &str) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .truncate(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Returns the saved plan.
pub(super) fn read(file: &Utf8Path) -> Result<Saved, CliError> {
    let bad = |why: String| CliError::failed(format!("`{file}` cannot be read: {why}"));
    let text = text_of(file).map_err(|error| match error.kind() == io::ErrorKind::NotFound {
        true => bad("it does not exist".to_owned()),
        false => bad(error.to_string()),
    })?;
    saved::read(&text).map_err(|error| {
        bad(error.to_string()).help("save one: kvmnet COMMAND --dry-run --out FILE")
    })
}

/// Returns the text of a regular file, up to the longest that a plan may have.
fn text_of(file: &Utf8Path) -> io::Result<String> {
    // a FIFO shall not block
    let opened: File = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(file)?;
    let found = opened.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let too_long = || io::Error::other(format!("it is longer than {} MiB", saved::MAX_BYTES >> 20));
    if found.len() > saved::MAX_BYTES as u64 {
        return Err(too_long());
    }
    let mut text = String::new();
    opened
        .take(saved::MAX_BYTES as u64 + 1)
        .read_to_string(&mut text)?;
    match text.len() > saved::MAX_BYTES {
        true => Err(too_long()),
        false => Ok(text),
    }
}
