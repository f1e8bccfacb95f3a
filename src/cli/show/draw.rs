//! The host as a picture: on the screen, in a file, on a page.

use serde_json::json;

use super::one::Around;
use super::{bridges, guests, interfaces, networks};
use crate::cli::args::PictureOptions;
use crate::cli::error::{CliError, Exit};
use crate::cli::page::host::{self, Table};
use crate::cli::passed_over::warn;
use crate::cli::session::Session;
use crate::picture::{Extent, Picture, svg};
use crate::root::Root;

/// Draws the host as it is asked for.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    (around, whole): (&Around<'_>, Picture),
    asked: &PictureOptions,
    warnings: &[String],
) -> Result<Exit, CliError> {
    files(session, root, (around, &whole), asked, warnings)?;
    if !asked.tree {
        return Ok(Exit::Done);
    }
    // whoever asks for data wants all of it
    let drawn = match session.json {
        true => whole,
        false => whole.drawn(asked.extent(Extent::Page)),
    };
    tree(session, &drawn, warnings)
}

/// Writes the picture and the page that are asked for.
fn files(
    session: &Session<'_>,
    root: &Root,
    (around, whole): (&Around<'_>, &Picture),
    asked: &PictureOptions,
    warnings: &[String],
) -> Result<(), CliError> {
    if let Some(file) = &asked.svg {
        crate::cli::picture::check(root, file)?;
    }
    if let Some(file) = &asked.html {
        crate::cli::page::check(root, file)?;
    }
    let drawn = |alone| svg::draw(&whole.drawn(asked.extent(Extent::Page)), alone);
    if let Some(file) = &asked.svg {
        crate::cli::picture::write(root, file, &drawn(true))?;
    }
    let Some(file) = &asked.html else {
        return Ok(());
    };
    let (hosts, joined) = (around.host, around.joined);
    let knows_kernel = !hosts.present.is_empty();
    let tables = [
        (
            "Interfaces",
            interfaces::table(around.interfaces, knows_kernel, None),
        ),
        ("Bridges", bridges::table(hosts, joined, None)),
        ("Networks", networks::table(hosts, joined, None)),
        ("Guests", guests::table(around, None)),
    ];
    let tables = tables.map(|(name, lines)| Table::of(name, &lines, asked.all));
    host::write(
        &session.screen,
        root,
        file,
        (&drawn(false), &tables, warnings),
    )
}

/// Prints a picture of the host.
fn tree(
    session: &mut Session<'_>,
    picture: &Picture,
    warnings: &[String],
) -> Result<Exit, CliError> {
    if session.json {
        let blocks = &picture.blocks;
        let object = json!({ "schema": 1, "topology": blocks, "warnings": warnings });
        session.print_json(&object)?;
        return Ok(Exit::Done);
    }
    session.screen.tree(picture, false)?;
    warn(session, warnings);
    Ok(Exit::Done)
}
