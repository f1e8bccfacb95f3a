//! `kvmnet show`: what the files say of bridges, networks and guests, in one place, joined.

mod bridges;
mod guests;
mod networks;

use serde::Serialize;

use super::args::Show;
use super::error::{CliError, Exit};
use super::{Session, report, steady};
use crate::backend::{self, Interest};
use crate::host::Host;
use crate::host::joined::{Joined, Uplink};
use crate::root::Root;

/// The object that `--json` prints; its keys are sorted.
#[derive(Serialize)]
struct Shown<'h> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bridges: Option<Vec<bridges::Bridge<'h>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<Vec<guests::Guest<'h>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<Vec<networks::Network<'h>>>,
    schema: u32,
    warnings: Vec<String>,
}

/// Shows bridges, networks, guests, or all of them.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    what: Option<Show>,
) -> Result<Exit, CliError> {
    let tree = steady::look(session, root, || {
        Ok(root.read_tree(&backend::scope(Interest::All))?)
    })?;
    let host = backend::inspect(&tree, Interest::All);
    session.detail(&format!(
        "{} profiles, {} networks, {} guests were read",
        host.profiles.len(),
        host.networks.len(),
        host.guests.len()
    ));
    let warnings = warnings(&host, tree.oddities());
    // nothing is left to be looked up in the files
    drop(tree);
    let joined = Joined::of(&host);
    let wanted = |kind: Show| what.is_none_or(|what| what == kind);
    if session.json {
        let shown = Shown {
            bridges: wanted(Show::Bridges).then(|| bridges::all(&host, &joined)),
            guests: wanted(Show::Guests).then(|| guests::all(&host, &joined)),
            networks: wanted(Show::Networks).then(|| networks::all(&host, &joined)),
            schema: 1,
            warnings,
        };
        session.print_json(&shown)?;
        return Ok(Exit::Done);
    }
    let mut tables: Vec<(&str, Vec<String>)> = Vec::new();
    if wanted(Show::Bridges) {
        tables.push(("BRIDGES", bridges::table(&host, &joined)));
    }
    if wanted(Show::Networks) {
        tables.push(("NETWORKS", networks::table(&host, &joined)));
    }
    if wanted(Show::Guests) {
        tables.push(("GUESTS", guests::table(&host, &joined)));
    }
    let alone = tables.len() == 1;
    for (index, (heading, lines)) in tables.iter().enumerate() {
        if !alone {
            let gap = if index == 0 { "" } else { "\n" };
            session.screen.line(&format!("{gap}{heading}"))?;
        }
        let indent = if alone { "" } else { "  " };
        let text: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
        session.screen.line(&text.join("\n"))?;
    }
    report::passed_over(session, &warnings);
    Ok(Exit::Done)
}

/// Returns what could not be read.
pub(super) fn warnings(host: &Host, oddities: &[String]) -> Vec<String> {
    let broken = host.broken.iter().map(report::broken);
    broken.chain(oddities.iter().cloned()).collect()
}

/// Returns a list that takes `width` columns at most: what does not fit is counted.
fn list(names: &[&str], width: usize) -> String {
    if names.is_empty() {
        return "-".to_owned();
    }
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let rest = names.len() - index;
        let more = format!(" +{rest}");
        let gap = usize::from(index > 0);
        let room = text.chars().count() + gap + name.chars().count();
        let needed = if rest > 1 { room + more.len() } else { room };
        if index > 0 && needed > width {
            return text + &more;
        }
        if index > 0 {
            text.push(' ');
        }
        text.push_str(name);
    }
    text
}

/// Returns the words for an uplink.
fn uplink(uplink: &Uplink<'_>, width: usize) -> String {
    match uplink {
        Uplink::Interfaces(names) => list(names, width),
        Uplink::Host(mode) => format!("({mode})"),
        Uplink::None => "-".to_owned(),
    }
}

/// Returns the interfaces of an uplink, for JSON.
fn interfaces<'h>(uplink: &Uplink<'h>) -> Vec<&'h str> {
    match uplink {
        Uplink::Interfaces(names) => names.clone(),
        Uplink::Host(_) | Uplink::None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_counted() {
        assert_eq!(list(&[], 10), "-");
        assert_eq!(list(&["vm1", "vm2"], 10), "vm1 vm2");
        assert_eq!(list(&["vm1", "vm2", "vm3"], 11), "vm1 vm2 vm3");
        assert_eq!(list(&["vm1", "vm2", "vm3", "vm4"], 11), "vm1 vm2 +2");
        assert_eq!(
            list(&["a-long-name-indeed", "b"], 5),
            "a-long-name-indeed +1"
        );
    }
}
