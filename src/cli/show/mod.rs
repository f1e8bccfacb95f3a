//! `kvmnet show`: what the files say of bridges, networks and guests, in one place, joined.

mod bridges;
mod draw;
mod guests;
mod interfaces;
mod networks;
mod one;

pub(super) use interfaces::state as state_in_words;

use serde::Serialize;

use one::Around;

use super::args::{PictureOptions, Show, Shown};
use super::error::{CliError, Exit};
use super::passed_over::{broken, warn};
use super::session::Session;
use super::table::Cell;
use super::text::count;
use super::undisturbed;
use crate::backend::{self, Interest};
use crate::host::Host;
use crate::host::interfaces::Interfaces;
use crate::host::joined::{Joined, Uplink};
use crate::picture::{Picture, Side};
use crate::root::Root;

/// The object that `--json` prints; its keys are sorted.
#[derive(Serialize)]
struct Tables<'h> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bridges: Option<Vec<bridges::Bridge<'h>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<Vec<guests::Guest<'h>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interfaces: Option<Vec<interfaces::Interface<'h>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<Vec<networks::Network<'h>>>,
    schema: u32,
    warnings: Vec<String>,
}

/// Shows bridges, networks, guests, or all of them.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    what: Option<&Show>,
    picture: &PictureOptions,
) -> Result<Exit, CliError> {
    let tree = undisturbed::look(session, root, || {
        Ok(root.read_tree(&backend::scope_to_show())?)
    })?;
    let mut host = backend::inspect(&tree, Interest::All);
    backend::add_what_runs(&tree, &mut host);
    let host = host;
    session.detail(&format!(
        "read: {}, {}, {}",
        count(host.profiles.len(), "profile"),
        count(host.networks.len(), "network"),
        count(host.guests.len(), "guest")
    ));
    for program in host.readers.described() {
        session.detail(&format!("found: {program}"));
    }
    let asked = what.map(Show::asked);
    let what = asked.map(|(kind, _)| kind);
    let mut warnings = warnings(&host, tree.oddities());
    if what.is_none_or(|what| what == Shown::Networks) {
        warnings.extend(networks::strays(&host));
    }
    let layer2s = backend::layer2s(&tree, &host);
    // nothing is left to be looked up in the files
    drop(tree);
    let joined = Joined::of(&host);
    let around = Around {
        host: &host,
        joined: &joined,
        interfaces: &Interfaces::of(&host, &joined, &layer2s),
    };
    if picture.any() {
        let whole = Picture::of(Side::of(&host, &layer2s));
        return draw::run(session, root, (&around, whole), picture, &warnings);
    }
    if let Some((kind, Some(name))) = asked {
        one::run(session, root, &around, (kind, name), &warnings)?;
        if !session.json {
            warn(session, &warnings);
        }
        return Ok(Exit::Done);
    }
    if session.json {
        session.print_json(&Tables::of(&around, what, warnings))?;
        return Ok(Exit::Done);
    }
    tables(session, &around, what)?;
    warn(session, &warnings);
    Ok(Exit::Done)
}

/// Returns of which kinds there is something with a name, as they are typed.
pub(super) fn named(
    session: &mut Session<'_>,
    root: &Root,
    name: &str,
) -> Result<Vec<&'static str>, CliError> {
    let tree = undisturbed::look(session, root, || {
        Ok(root.read_tree(&backend::scope(Interest::All))?)
    })?;
    let host = backend::inspect(&tree, Interest::All);
    let layer2s = backend::layer2s(&tree, &host);
    let joined = Joined::of(&host);
    let around = Around {
        host: &host,
        joined: &joined,
        interfaces: &Interfaces::of(&host, &joined, &layer2s),
    };
    Ok(one::kinds(&around, name))
}

impl<'h> Tables<'h> {
    fn of(around: &Around<'h>, what: Option<Shown>, warnings: Vec<String>) -> Self {
        let wanted = |kind: Shown| what.is_none_or(|what| what == kind);
        let (host, joined) = (around.host, around.joined);
        Self {
            bridges: wanted(Shown::Bridges).then(|| bridges::all(host, joined)),
            guests: wanted(Shown::Guests).then(|| guests::all(host, joined)),
            interfaces: wanted(Shown::Interfaces)
                .then(|| interfaces::all(around.interfaces, !host.present.is_empty())),
            networks: wanted(Shown::Networks).then(|| networks::all(host, joined)),
            schema: 1,
            warnings,
        }
    }
}

/// Prints a table of each kind that is asked for.
fn tables(
    session: &mut Session<'_>,
    around: &Around<'_>,
    what: Option<Shown>,
) -> Result<(), CliError> {
    let (host, joined) = (around.host, around.joined);
    let wanted = |kind: Shown| what.is_none_or(|what| what == kind);
    let all = what.is_none();
    let indent = if all { "  " } else { "" };
    let width = session
        .screen
        .width
        .map(|width| width.saturating_sub(indent.len()));
    let mut tables: Vec<(&str, Vec<String>)> = Vec::new();
    if wanted(Shown::Interfaces) {
        let knows_kernel = !host.present.is_empty();
        let lines = interfaces::table(around.interfaces, knows_kernel, width);
        tables.push(("INTERFACES", lines));
    }
    if wanted(Shown::Bridges) {
        tables.push(("BRIDGES", bridges::table(host, joined, width)));
    }
    if wanted(Shown::Networks) {
        tables.push(("NETWORKS", networks::table(host, joined, width)));
    }
    if wanted(Shown::Guests) {
        tables.push(("GUESTS", guests::table(around, width)));
    }
    for (index, (heading, lines)) in tables.iter().enumerate() {
        if all {
            let gap = if index == 0 { "" } else { "\n" };
            session.screen.line(&format!("{gap}{heading}"))?;
        }
        let text: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
        session.screen.line(&text.join("\n"))?;
    }
    Ok(())
}

/// Returns what could not be read, or is not read.
pub(super) fn warnings(host: &Host, oddities: &[String]) -> Vec<String> {
    let unread = host.broken.iter().map(broken);
    let others = host.readers.not_read();
    unread
        .chain(oddities.iter().cloned())
        .chain(others)
        .collect()
}

/// Returns the cell of an uplink: in a pipe its interfaces, on a terminal these down to their cards.
fn uplink(around: &Around<'_>, uplink: &Uplink<'_>) -> Cell {
    match uplink {
        Uplink::Interfaces(names) => {
            let chains = names.iter().take(MOST_UPLINKS);
            let chains = chains.map(|name| around.interfaces.chain(name).shown);
            let mut shown = chains.collect::<Vec<_>>().join(" ");
            if names.len() > MOST_UPLINKS {
                shown += &format!(" +{}", names.len() - MOST_UPLINKS);
            }
            Cell::Names(shown, names.iter().map(ToString::to_string).collect())
        }
        Uplink::Host(mode) => Cell::text(format!("({mode})")),
        Uplink::None => Cell::text(""),
    }
}

/// As many uplinks are told on a terminal.
const MOST_UPLINKS: usize = 4;

/// Returns the interfaces of an uplink, for JSON.
fn interfaces<'h>(uplink: &Uplink<'h>) -> Vec<&'h str> {
    match uplink {
        Uplink::Interfaces(names) => names.clone(),
        Uplink::Host(_) | Uplink::None => Vec::new(),
    }
}
