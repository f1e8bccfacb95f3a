//! One thing whole: all that the files say of an interface, bridge, network or guest, and who hangs on it.

mod interface;
mod libvirt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::args::Shown;
use crate::cli::error::CliError;
use crate::cli::history;
use crate::cli::session::Session;
use crate::cli::text::one_line;
use crate::cli::wrap::wrap;
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::interfaces::Interfaces;
use crate::host::joined::Joined;
use crate::op;
use crate::root::Root;
use crate::shown::natural;
use crate::tree::HostPath;

/// A host with what is looked up in it.
pub(super) struct Around<'h> {
    pub(super) host: &'h Host,
    pub(super) joined: &'h Joined<'h>,
    pub(super) interfaces: &'h Interfaces<'h>,
}

/// A word, and what is said.
type Row = (&'static str, Vec<String>);

/// What is said of one thing.
struct One {
    /// The word for its kind.
    kind: &'static str,
    /// As its table has it, with what the table has no room for.
    object: Value,
    /// What is printed: a word, and what is said.
    rows: Vec<Row>,
    /// The files that say it.
    files: Vec<HostPath>,
}

/// Prints one thing.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    around: &Around<'_>,
    (kind, name): (Shown, &str),
    warnings: &[String],
) -> Result<(), CliError> {
    let (word, all) = words(kind);
    let Some(mut one) = find(around, kind, name) else {
        let error = CliError::refused(op::absent(word, name));
        return Err(error.help(format!("list what is there: kvmnet show {all}")));
    };
    one.files.sort();
    one.files.dedup();
    let history = history::of_files(root, &one.files);
    if session.json {
        one.object["files"] = json!(one.files.iter().map(HostPath::as_str).collect::<Vec<_>>());
        one.object["history"] = history.iter().map(history::Entry::object).collect();
        let object = json!({ "schema": 1, one.kind: one.object, "warnings": warnings });
        return session.print_json(&object);
    }
    let files = one.files.iter().map(ToString::to_string);
    one.rows.push(("files", files.collect()));
    one.rows.push((
        "history",
        history.iter().map(history::Entry::line).collect(),
    ));
    session
        .screen
        .line(&format!("{} {}", one.kind, one_line(name)))?;
    for (word, said) in one.rows.iter().filter(|(_, said)| !said.is_empty()) {
        for (index, text) in said.iter().enumerate() {
            let word = if index == 0 { *word } else { "" };
            let head = format!("  {word:13}  ");
            let line = match session.screen.width {
                Some(_) => wrap(&head, &one_line(text), head.len()),
                None => format!("{head}{}", one_line(text)),
            };
            session.screen.line(line.trim_end())?;
        }
    }
    Ok(())
}

/// Returns the words for one of a kind, and for all.
fn words(kind: Shown) -> (&'static str, &'static str) {
    match kind {
        Shown::Interfaces => ("interface", "interfaces"),
        Shown::Bridges => ("bridge", "bridges"),
        Shown::Networks => ("network", "networks"),
        Shown::Guests => ("guest", "guests"),
    }
}

fn find(around: &Around<'_>, kind: Shown, name: &str) -> Option<One> {
    match kind {
        Shown::Interfaces => interface::of_interface(around, name),
        Shown::Bridges => interface::of_bridge(around, name),
        Shown::Networks => libvirt::of_network(around, name),
        Shown::Guests => libvirt::of_guest(around, name),
    }
}

/// Returns the words for the kinds of which there is something with a name.
pub(super) fn kinds(around: &Around<'_>, name: &str) -> Vec<&'static str> {
    let all = [
        Shown::Bridges,
        Shown::Interfaces,
        Shown::Networks,
        Shown::Guests,
    ];
    let found = all
        .into_iter()
        .filter(|kind| find(around, *kind, name).is_some());
    found.map(|kind| words(kind).1).collect()
}

fn object(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Returns the one-word rows of something: those of which something is said.
fn said(word: &'static str, text: Option<impl Into<String>>) -> Row {
    (word, text.map(Into::into).into_iter().collect())
}

/// Returns a list as one text, or none.
fn said_list(names: &[String]) -> Vec<String> {
    match names.is_empty() {
        true => Vec::new(),
        false => vec![names.join(", ")],
    }
}

/// Returns the interfaces of guests for which `on` holds, a line each.
fn attached(host: &Host, on: impl Fn(&GuestInterface) -> bool) -> Vec<String> {
    let mut found: Vec<(&Guest, String)> = Vec::new();
    for guest in host.guests() {
        for (index, interface) in guest.interfaces.iter().enumerate() {
            if on(interface) {
                let mac = interface
                    .mac
                    .map_or_else(String::new, |mac| format!("  {mac}"));
                found.push((guest, format!("{} {}{mac}", guest.name, index + 1)));
            }
        }
    }
    found.sort_by_cached_key(|(guest, _)| natural(&guest.name));
    found.into_iter().map(|(_, line)| line).collect()
}

/// Returns the link by which libvirt starts what is in the file with the host.
///
/// Source: `virNetworkObjSetAutostart()` and others of libvirt, which link the file in the folder autostart beside it.
fn autostart_link(origin: &HostPath) -> HostPath {
    origin.folder().join("autostart").join(origin.name())
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn numbers(tags: &[u32]) -> Vec<String> {
    tags.iter().map(ToString::to_string).collect()
}
