//! A file that the user names to have something written into it: a saved plan, a page. It is the user's own, and does not lie
//! among the files that kvmnet manages.
//!
//! A regular file is replaced as a whole, or stays as it is; a device, a FIFO, or what a link leads to is written into. To add
//! something that is written: its [`What`] beside what makes it.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::CliError;
use crate::root::Root;

/// What stands for standard output.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Folders of a tree in which programs look for files, or keep theirs.
const TAKEN: &[&str] = &[
    "etc",
    "lib/NetworkManager",
    "run/NetworkManager",
    "run/libvirt",
    "run/netplan",
    "run/systemd",
    "lib/systemd",
    "usr/lib/NetworkManager",
    "usr/lib/netplan",
    "usr/lib/systemd",
    "usr/share/libvirt",
    "var/lib/NetworkManager",
    "var/lib/kvmnet",
    "var/lib/libvirt",
];

/// What is written.
pub(super) struct What {
    /// The word for it, such as `plan`.
    pub(super) noun: &'static str,
    /// How it is called where it is not what is found, such as `a saved plan`.
    pub(super) found: &'static str,
    /// Whether a regular file is one of these, of whatever version, and be it spoiled: then it may be replaced.
    pub(super) is_ours: fn(&Utf8Path) -> bool,
    /// The error of a place where it is not written.
    pub(super) misplaced: fn(String) -> CliError,
}

/// Returns whether the file is standard output.
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

/// Returns whether the file is replaced by a new one: it is a regular file, or nothing.
pub(super) fn is_replaced(file: &Utf8Path) -> bool {
    match std::fs::symlink_metadata(file) {
        Ok(found) => found.is_file(),
        Err(_) => true,
    }
}

/// Looks whether the file may be written; what only writing tells, such as a full disk, is not known then.
pub(super) fn check(root: &Root, file: &Utf8Path, what: &What) -> Result<Utf8PathBuf, CliError> {
    if is_standard_output(file) {
        return Ok(file.to_owned());
    }
    let file = followed(file)?;
    if file.is_dir() {
        let message = format!("cannot write the {} to {file}: it is a folder", what.noun);
        return Err(CliError::failed(message).help("name a file in it"));
    }
    is_apart(root.path(), &file, what)?;
    is_free(&file, what)?;
    Ok(file)
}

/// Writes the text; a new file has this mode.
pub(super) fn write(
    root: &Root,
    file: &Utf8Path,
    what: &What,
    text: &str,
    mode: u32,
) -> Result<(), CliError> {
    let real = check(root, file, what)?;
    let written = match is_standard_output(file) {
        true => print(text),
        false if is_replaced(&real) => replace(&real, text, mode),
        false => write_into(&real, text),
    };
    written.map_err(|error| {
        let noun = what.noun;
        let failed = CliError::failed(format!("cannot write the {noun} to {file}: {error}"));
        match error.kind() == io::ErrorKind::NotFound {
            true => failed.help("name a file in a folder that exists"),
            false => failed,
        }
    })
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

/// Refuses a place in the tree where a program may take it for configuration, or for its own.
fn is_apart(root: &Utf8Path, file: &Utf8Path, what: &What) -> Result<(), CliError> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        Some(_) | None => Utf8Path::new("."),
    };
    let (Ok(folder), Ok(root)) = (std::fs::canonicalize(folder), std::fs::canonicalize(root))
    else {
        return Ok(());
    };
    let taken = |taken: &&&str| {
        let taken = root.join(taken);
        folder.starts_with(std::fs::canonicalize(&taken).unwrap_or(taken))
    };
    let Some(taken) = TAKEN.iter().find(taken) else {
        return Ok(());
    };
    let why = match *taken {
        "etc" => "where a program may load it as configuration",
        _ => "where programs keep files of their own",
    };
    let message = format!("{file} is in the /{taken} of the tree, {why}");
    let noun = what.noun;
    Err((what.misplaced)(message).help(format!(
        "save the {noun} elsewhere, such as in /root or /tmp"
    )))
}

/// Refuses to replace a file that is something else, such as the profile that was meant to be looked at.
fn is_free(file: &Utf8Path, what: &What) -> Result<(), CliError> {
    let Ok(found) = std::fs::symlink_metadata(file) else {
        return Ok(());
    };
    let help = "choose another name, or remove it first";
    if found.is_symlink() && !file.exists() {
        let message = format!("{file} is a dangling link");
        return Err(CliError::failed(message).help(help));
    }
    if !found.is_file() || found.len() == 0 || (what.is_ours)(file) {
        return Ok(());
    }
    let message = format!("{file} exists and is not {}", what.found);
    Err((what.misplaced)(message).help(help))
}

/// Returns the first bytes of a file, at most so many.
pub(super) fn head(file: &Utf8Path, most: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let opened = OpenOptions::new().read(true).open(file)?;
    opened.take(most as u64).read_to_end(&mut head)?;
    Ok(head)
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
    let mut made = made?;
    let written = made
        .write_all(text.as_bytes())
        .and_then(|()| made.sync_all())
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
