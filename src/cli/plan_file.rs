//! The file that a plan is saved to, `--out FILE`: the user's own, which does not lie beneath the root.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::OFlags;

use super::error::CliError;
use super::named_file::{self, What, is_replaced, is_standard_output};
use super::planned::Planned;
use crate::plan::saved::{self, Saved};
use crate::root::Root;

/// A saved plan, as a file that is written.
const PLAN: What = What {
    noun: "plan",
    found: "a saved plan",
    is_ours: is_plan,
    misplaced: |message| CliError::refused(message),
};

/// Returns the path by which a plan that is saved to `file` is named later, from wherever that is; nothing, if it
/// cannot be read again there.
pub(super) fn again(file: &Utf8Path) -> Option<String> {
    if is_standard_output(file) || !is_replaced(file) {
        return None;
    }
    let path = std::path::absolute(file).ok()?;
    Some(Utf8PathBuf::from_path_buf(path).ok()?.into_string())
}

/// Looks whether a plan may be saved to `file`.
pub(super) fn check(root: &Root, file: &Utf8Path) -> Result<(), CliError> {
    named_file::check(root, file, &PLAN).map(drop)
}

/// Saves a plan; since it holds what files hold, it is private.
pub(super) fn write(root: &Root, file: &Utf8Path, planned: &Planned) -> Result<(), CliError> {
    let text = saved::write(&planned.plan, &planned.words);
    if text.len() > saved::MAX_BYTES {
        let message = format!(
            "the plan is {} MiB long, too long to be read again",
            text.len() >> 20
        );
        return Err(CliError::refused(message).help("apply it without saving it, with --yes"));
    }
    named_file::write(root, file, &PLAN, &text, 0o600)
}

/// Returns whether a file holds a plan, of whatever version, and be it spoiled.
fn is_plan(file: &Utf8Path) -> bool {
    let found =
        text_of(file).and_then(|text| Ok(serde_json::from_str::<serde_json::Value>(&text)?));
    found.is_ok_and(|found| found.get("kvmnet_plan").is_some())
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
