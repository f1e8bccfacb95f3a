//! Each law catches the lenses that break it: what the real lenses wrote is spoiled as a broken one would spoil it, and
//! held against the laws. Without this a law might hold because it looks at nothing.
//!
//! To add one: a row of [`MUTANTS`], with all laws that catch it, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use kvmnet::backend::laws::{self, Law};
use kvmnet::change::{Change, ChangeSet};
use kvmnet::tree::{File, Node};

use crate::lenses::{Subject, step, subjects, written};
use crate::operations;
use crate::support::whole::on_all;

/// Of so many operations one is spoiled, unless all are asked for (`KVMNET_WHOLE=1`): on each host others.
const STEP: usize = 10;

/// A text that a lens wrote.
struct Text<'t> {
    /// The name of its file.
    name: &'t str,
    /// What the file said before, if it was there.
    before: Option<&'t str>,
    after: &'t str,
}

impl Text<'_> {
    fn is_profile(&self) -> bool {
        self.name.starts_with("ifcfg-")
    }

    fn is_keyfile(&self) -> bool {
        self.name.ends_with(".nmconnection")
    }

    fn is_document(&self) -> bool {
        self.name.ends_with(".xml")
    }

    /// Returns whether a lens had a reason to write it.
    fn is_changed(&self) -> bool {
        self.before.is_some_and(|before| before != self.after)
    }

    /// Returns the text without the first line for which that holds.
    fn without(&self, goes: impl Fn(&str) -> bool) -> Option<String> {
        let mut lines: Vec<&str> = self.after.split_inclusive('\n').collect();
        let at = lines.iter().position(|line| goes(line))?;
        lines.remove(at);
        Some(lines.concat())
    }

    /// Returns the text with the values of two keys exchanged.
    fn swapped(&self, keys: [&str; 2]) -> Option<String> {
        let value = |key: &str| {
            let at = self.after.find(&format!("\n{key}="))? + key.len() + 2;
            let end = self.after[at..].find('\n').map(|end| at + end)?;
            Some(at..end)
        };
        let (first, second) = (value(keys[0])?, value(keys[1])?);
        let mut places = [first, second];
        places.sort_by_key(|place| place.start);
        let [first, second] = places;
        let text = self.after;
        let parts = [
            &text[..first.start],
            &text[second.clone()],
            &text[first.end..second.start],
            &text[first],
            &text[second.end..],
        ];
        Some(parts.concat())
    }

    /// Returns the text without what is from `start` to `end`.
    fn without_part(&self, start: &str, end: &str) -> Option<String> {
        let from = self.after.find(start)?;
        let to = from + self.after[from..].find(end)? + end.len();
        Some([&self.after[..from], &self.after[to..]].concat())
    }

    /// Returns the text with the values of an attribute exchanged in the first two elements that have it.
    fn swapped_attribute(&self, element: &str, attribute: &str) -> Option<String> {
        let mut places = Vec::new();
        for (at, _) in self.after.match_indices(&format!("<{element} ")) {
            let tag = &self.after[at..at + self.after[at..].find('>')?];
            if let Some(found) = tag.find(&format!(" {attribute}=")) {
                let start = at + found + attribute.len() + 3;
                let end = start + self.after[start..].find(['\'', '"'])?;
                places.push(start..end);
            }
        }
        let [first, second, ..] = places.as_slice() else {
            return None;
        };
        let text = self.after;
        let parts = [
            &text[..first.start],
            &text[second.clone()],
            &text[first.end..second.start],
            &text[first.clone()],
            &text[second.end..],
        ];
        Some(parts.concat())
    }
}

/// How a broken lens spoils what it writes.
enum Spoil {
    /// A text; `None` where there is nothing to spoil.
    Text(fn(&Text<'_>) -> Option<String>),
    /// It takes no notice of files that are found by an interface's name: the half of a move that makes the new file is
    /// left out, or the whole move.
    Companions(fn(&Change) -> bool),
}

/// A broken lens, and the laws that catch it.
struct Mutant {
    name: &'static str,
    spoil: Spoil,
    caught_by: &'static [Law],
}

const fn text(
    name: &'static str,
    spoil: fn(&Text<'_>) -> Option<String>,
    caught_by: &'static [Law],
) -> Mutant {
    Mutant {
        name,
        spoil: Spoil::Text(spoil),
        caught_by,
    }
}

use Law::{Conservation, GetPut, PutGet};

const MUTANTS: &[Mutant] = &[
    text(
        "appends a line to each profile",
        |text| {
            let old = text.is_profile() && text.before.is_some();
            old.then(|| format!("{}BROKEN_LENS=yes\n", text.after))
        },
        &[GetPut, PutGet],
    ),
    text(
        "takes blank lines out of profiles",
        |text| text.without(|line| text.is_profile() && line.trim().is_empty()),
        &[GetPut],
    ),
    text(
        "drops a comment of a profile",
        |text| text.without(|line| text.is_profile() && line.starts_with('#')),
        &[GetPut, PutGet, Conservation],
    ),
    text(
        "drops an unknown key of a profile",
        |text| text.without(|line| text.is_profile() && line.starts_with("ADMIN_TICKET=")),
        &[GetPut, PutGet, Conservation],
    ),
    text(
        "drops a setting of the card where it changes a profile",
        |text| {
            let changed = text.is_profile() && text.is_changed();
            let spoiled = text.after.replace("ETHTOOL_OPTS=\"wol g\" ", "");
            (changed && spoiled != text.after).then_some(spoiled)
        },
        &[Conservation],
    ),
    text(
        "drops a comment that the model does not hold",
        |text| {
            let changed = text.is_profile() && text.is_changed();
            let spoiled = text.after.replace(" # by rule 7", "");
            (changed && spoiled != text.after).then_some(spoiled)
        },
        &[Conservation],
    ),
    text(
        "swaps address and gateway of a profile",
        |text| {
            let keys = ["IPADDR", "GATEWAY"];
            text.is_profile().then(|| text.swapped(keys)).flatten()
        },
        &[GetPut, PutGet],
    ),
    text(
        "swaps address and gateway of the profile that it makes",
        |text| {
            let new = text.is_profile() && text.before.is_none();
            new.then(|| text.swapped(["IPADDR", "GATEWAY"])).flatten()
        },
        &[PutGet],
    ),
    Mutant {
        name: "forgets to move a companion",
        spoil: Spoil::Companions(|_| true),
        caught_by: &[PutGet],
    },
    Mutant {
        name: "removes a companion instead of moving it",
        spoil: Spoil::Companions(|change| change.before.is_none()),
        caught_by: &[PutGet, Conservation],
    },
    text(
        "appends a line to each keyfile",
        |text| {
            let old = text.is_keyfile() && text.before.is_some();
            old.then(|| format!("{}broken=yes\n", text.after))
        },
        &[GetPut, PutGet],
    ),
    text(
        "drops a comment of a keyfile",
        |text| text.without(|line| text.is_keyfile() && line.starts_with("# by the")),
        &[GetPut, Conservation],
    ),
    text(
        "drops an unknown key of a keyfile",
        |text| text.without(|line| text.is_keyfile() && line.starts_with("org.example.rack=")),
        &[GetPut, PutGet, Conservation],
    ),
    text(
        "swaps two addresses of a keyfile",
        |text| {
            let keys = ["address1", "address2"];
            text.is_keyfile().then(|| text.swapped(keys)).flatten()
        },
        &[GetPut, PutGet, Conservation],
    ),
    text(
        "swaps two routes of the keyfile that it makes",
        |text| {
            let new = text.is_keyfile() && text.before.is_none();
            new.then(|| text.swapped(["route1", "route2"])).flatten()
        },
        &[PutGet, Conservation],
    ),
    text(
        "forgets a group of layer 3",
        |text| text.without(|line| text.is_keyfile() && line == "[ipv6]\n"),
        &[GetPut, PutGet, Conservation],
    ),
    text(
        "appends an element to each network and guest",
        |text| {
            let root = text.after.rfind("</").filter(|_| text.is_document())?;
            let (before, after) = text.after.split_at(root);
            let old = text.before.is_some();
            old.then(|| format!("{before}<broken/>{after}"))
        },
        &[GetPut],
    ),
    text(
        "drops a comment of a network or guest",
        |text| {
            let document = text.is_document();
            document
                .then(|| text.without_part("<!-- ticket", "-->"))
                .flatten()
        },
        &[GetPut, Conservation],
    ),
    text(
        "drops an unknown element of a network or guest where it changes one",
        |text| {
            let changed = text.is_document() && text.is_changed();
            changed
                .then(|| text.without_part("<title>", "</title>"))
                .flatten()
        },
        &[Conservation],
    ),
    text(
        "swaps the addresses of two reservations",
        |text| {
            let document = text.is_document();
            document
                .then(|| text.swapped_attribute("host", "ip"))
                .flatten()
        },
        &[GetPut, PutGet, Conservation],
    ),
    text(
        "swaps the MAC addresses of two interfaces of a guest that it changes",
        |text| {
            let changed = text.is_document() && text.is_changed();
            changed
                .then(|| text.swapped_attribute("mac", "address"))
                .flatten()
        },
        &[PutGet],
    ),
    text(
        "gives a network or guest another MAC address",
        |text| {
            let at = text
                .after
                .find("<mac address=")
                .filter(|_| text.is_document())?;
            let (before, after) = text.after.split_at(at);
            let spoiled = after.replacen("52:54:00", "52:54:01", 1);
            (spoiled != after).then(|| format!("{before}{spoiled}"))
        },
        &[GetPut, PutGet, Conservation],
    ),
];

/// Returns what a broken lens would have written; `None` where it writes what the real one writes.
fn spoiled(mutant: &Mutant, changes: &[Change]) -> Option<Vec<Change>> {
    let spoiled: Vec<Change> = match mutant.spoil {
        Spoil::Text(spoil) => changes
            .iter()
            .map(|change| spoiled_text(change, spoil).unwrap_or_else(|| change.clone()))
            .collect(),
        Spoil::Companions(left_out) => {
            let moved = changes
                .iter()
                .any(|change| is_companion(change) && change.after.is_none())
                && changes
                    .iter()
                    .any(|change| is_companion(change) && change.before.is_none());
            let stays = |change: &&Change| !(moved && is_companion(change) && left_out(change));
            changes.iter().filter(stays).cloned().collect()
        }
    };
    (spoiled != changes).then_some(spoiled)
}

fn is_companion(change: &Change) -> bool {
    let name = change.path.name();
    ["route-", "route6-", "rule-", "rule6-"]
        .iter()
        .any(|start| name.starts_with(start))
}

fn spoiled_text(change: &Change, spoil: fn(&Text<'_>) -> Option<String>) -> Option<Change> {
    let text = |node: &'_ Option<Node>| match node {
        Some(Node::File(file)) => String::from_utf8(file.bytes.clone()).ok(),
        Some(Node::Link(_)) | None => None,
    };
    let (before, after) = (text(&change.before), text(&change.after)?);
    let Some(Node::File(file)) = &change.after else {
        return None;
    };
    let bytes = spoil(&Text {
        name: change.path.name(),
        before: before.as_deref(),
        after: &after,
    })?
    .into_bytes();
    let file = File {
        bytes,
        ..file.clone()
    };
    Some(Change {
        after: Some(Node::File(file)),
        ..change.clone()
    })
}

/// For each mutant the laws that caught it, and where for the first time.
type Caught = BTreeMap<(&'static str, Law), String>;

/// Spoils what the lenses write for one host, and holds it against the laws.
fn caught(subject: &Subject, step: usize) -> Result<Caught, String> {
    let Subject {
        number,
        name,
        tree,
        host,
    } = subject;
    let mut caught = Caught::new();
    let again = laws::rewritten(tree, host).map_err(|error| error.to_string())?;
    for mutant in MUTANTS {
        let spoiled = spoiled(mutant, &again);
        if spoiled.is_some_and(|changes| laws::get_put(&changes).is_err()) {
            caught.insert((mutant.name, GetPut), name.clone());
        }
    }
    // the one host on which the mutants of keyfiles show needs all its operations
    let step = if name.starts_with("rhel9") { 1 } else { step };
    for operation in operations::first(host)
        .iter()
        .skip(number % step)
        .step_by(step)
    {
        let Some((set, meant)) = written(tree, host, operation)? else {
            continue;
        };
        let changes: Vec<Change> = set.iter().cloned().collect();
        for mutant in MUTANTS {
            let Some(changes) = spoiled(mutant, &changes) else {
                continue;
            };
            let mut set = ChangeSet::default();
            changes.into_iter().for_each(|change| set.put(change));
            let place = || format!("{name}: {operation:?}");
            if laws::put_get(tree, &set, host, &meant).is_err() {
                caught.entry((mutant.name, PutGet)).or_insert_with(place);
            }
            if laws::conservation(tree, &set, host, &meant).is_err() {
                caught
                    .entry((mutant.name, Conservation))
                    .or_insert_with(place);
            }
        }
    }
    Ok(caught)
}

#[test]
fn each_law_catches_its_mutants() {
    let all = Mutex::new(Caught::new());
    let step = step(STEP);
    on_all(
        &subjects(),
        |subject| subject.name.clone(),
        |subject| {
            let caught = caught(subject, step)?;
            all.lock().unwrap().extend(caught);
            Ok(())
        },
    );
    println!("each {step}th operation spoiled");
    let all = all.into_inner().unwrap();
    let mut alone = BTreeSet::new();
    let mut faults = Vec::new();
    for Mutant {
        name, caught_by, ..
    } in MUTANTS
    {
        let by = |law: &Law| all.contains_key(&(name, *law));
        let found: Vec<Law> = [GetPut, PutGet, Conservation]
            .into_iter()
            .filter(by)
            .collect();
        println!("{name}: {found:?}");
        if found != *caught_by {
            let places: Vec<_> = found.iter().map(|law| &all[&(*name, *law)]).collect();
            faults.push(format!("{name}: {found:?}, not {caught_by:?}: {places:#?}"));
        }
        if let [law] = found.as_slice() {
            alone.insert(*law);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(alone.len(), 3, "each law catches what no other catches");
}
