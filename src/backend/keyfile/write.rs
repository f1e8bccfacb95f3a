//! From the difference of two hosts to edits of keyfiles: only what differs is written.

use serde_json::json;

use super::carry::Taken;
use super::difference::Difference;
use super::force;
use super::keys::{self, BRIDGE_PORT, CONTROLLER, PORT_KIND};
use super::spell;
use crate::backend::{EmitError, Emitter};
use crate::doc::edits::Edits;
use crate::doc::keyfile::{KeyfileDoc, LineKind, Pair, Section};
use crate::host::Host;
use crate::host::profile::{Bridge, Profile};
use crate::readers::refused;
use crate::tree::{Attrs, HostPath};

/// Mode of a keyfile: NetworkManager ignores those that others than their owner can read.
const MODE: u32 = 0o600;

/// Writes the profiles in which `after` differs from `before`.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    before: &Host,
    after: &Host,
) -> Result<(), EmitError> {
    let difference = Difference::of(emitter.tree, before, after, emitter.writes_all());
    for wanted in difference.changed() {
        let taken = difference.taken(wanted);
        match (difference.current(wanted), difference.doc(wanted)) {
            (Some(current), Some(doc)) => {
                let text = rewritten(doc, current, wanted, &taken, difference.source(wanted));
                let of_image = wanted.home.is_of_image();
                if let Some(path) = &wanted.home.file {
                    ensure_taken(path, &text)?;
                    match of_image {
                        true if text == doc.source() => {}
                        true => override_image(emitter, wanted, &difference, &text),
                        false => emitter.rewrite(path, text),
                    }
                }
            }
            _ => create(emitter, wanted, &difference)?,
        }
    }
    for profile in difference.gone_profiles() {
        let own = profile
            .home
            .file
            .as_ref()
            .filter(|_| !profile.home.is_of_image());
        if let Some(path) = own {
            emitter.editor.delete(path);
        }
        if let (Some(_), Some(uuid)) = (profile.home.of_image(), &profile.uuid) {
            emitter.editor.link(&force::tombstone(uuid), force::NOWHERE);
        }
    }
    Ok(())
}

/// Makes the file in /etc that comes before that of the image: it has the same UUID.
fn override_image(
    emitter: &mut Emitter<'_>,
    wanted: &Profile,
    difference: &Difference<'_>,
    text: &str,
) {
    let path = difference.place(wanted);
    let doc = KeyfileDoc::parse(text);
    let mut edits = Edits::default();
    let same_name = |file: &HostPath| file.name() == path.name();
    // of a file that does not say them, id and UUID are made of its name
    if !wanted.home.file.as_ref().is_some_and(same_name) {
        for (key, value) in [("id", Some(&wanted.id)), ("uuid", wanted.uuid.as_ref())] {
            let unsaid = value.filter(|_| doc.get("connection", key).is_none());
            if let Some(value) = unsaid {
                doc.set(&mut edits, "connection", key, value);
            }
        }
    }
    let (like, owner) = difference.neighbour(wanted);
    let attrs = Attrs {
        mode: MODE,
        ..owner
    };
    let bytes = edits.apply(text).into_bytes();
    emitter.editor.create(&path, bytes, attrs, &like);
}

/// Refuses to write what NetworkManager refuses: what stays in a file, or moves from one to another, may not go with what is
/// asked for.
fn ensure_taken(path: &HostPath, text: &str) -> Result<(), EmitError> {
    let doc = KeyfileDoc::parse(text);
    let Some(refusal) = refused::of(&doc) else {
        return Ok(());
    };
    let line = refusal
        .line
        .and_then(|line| doc.lines().get(line as usize - 1));
    Err(EmitError::WouldBeRefused {
        path: path.clone(),
        why: refusal.why,
        text: line.map(|line| doc.source()[line.text.clone()].to_owned()),
    })
}

/// Returns the text of a file that says `wanted`, and said `current`; `taken` is the text that comes from the file of `from`.
fn rewritten(
    doc: &KeyfileDoc,
    current: &Profile,
    wanted: &Profile,
    taken: &Option<Taken>,
    from: Option<&Profile>,
) -> String {
    let mut text = identity(doc, current, wanted);
    let stays = wanted.layer3.from.is_some() && wanted.layer3.from == current.layer3.from;
    let comes = taken.as_ref().filter(|_| !stays);
    // a port that gets its configuration back has no other
    let goes = !stays && (current.layer3.from.is_some() || comes.is_some());
    if goes {
        // what a port says goes nowhere, and so its comments stay
        text = match current.layer3.from {
            Some(_) => without_layer3(&text),
            None => without_dropped(&text),
        };
    }
    if let Some(taken) = comes {
        text = with(&text, taken);
    }
    let is_port = wanted.controller.is_some();
    match (stays, from) {
        (true, _) => spell::spell(text, &current.layer3, &wanted.layer3),
        (false, Some(from)) => spell::spell(text, &from.layer3, &wanted.layer3),
        (false, None) if is_port || current.controller == wanted.controller => text,
        // what is a port no more would ask a DHCP server where the file is silent
        (false, None) => {
            let groups = spell::groups(&wanted.layer3);
            let said = Taken {
                groups,
                ..Taken::default()
            };
            with(&without_dropped(&text), &said)
        }
    }
}

/// Returns the text with whose port the interface is, whether it is brought up at boot, and its name.
fn identity(doc: &KeyfileDoc, current: &Profile, wanted: &Profile) -> String {
    let mut edits = Edits::default();
    let set = |edits: &mut Edits, key: &str, raw: &str| doc.set(edits, "connection", key, raw);
    if current.autostart != wanted.autostart {
        let word = if wanted.autostart { "true" } else { "false" };
        set(&mut edits, "autoconnect", word);
    }
    if current.controller == wanted.controller {
        return edits.apply(doc.source());
    }
    let Some(bridge) = &wanted.controller else {
        let goes = |key: &str| CONTROLLER.contains(&key) || PORT_KIND.contains(&key);
        doc.unset(&mut edits, "connection", goes);
        let port = doc
            .sections()
            .iter()
            .filter(|section| section.group == BRIDGE_PORT);
        for section in port {
            edits.delete(doc.span(doc.body(section)));
        }
        return tidy(edits.apply(doc.source()), doc);
    };
    // a file that names its card by its hardware address gets no name: the card may get another one
    for (words, raw) in [(CONTROLLER, bridge.as_str()), (PORT_KIND, "bridge")] {
        let there = words
            .iter()
            .filter(|word| doc.get("connection", word).is_some());
        let there: Vec<&&str> = there.collect();
        for word in &there {
            set(&mut edits, word, raw);
        }
        if there.is_empty() {
            set(&mut edits, new_word(doc, words), raw);
        }
    }
    edits.apply(doc.source())
}

/// Returns the spelling for a key that is not there: the new one where the file speaks so, else the one that every version reads.
fn new_word(doc: &KeyfileDoc, words: [&'static str; 2]) -> &'static str {
    let new = ["controller", "port-type", "autoconnect-ports"];
    let speaks_new = new.iter().any(|word| doc.get("connection", word).is_some());
    words[usize::from(speaks_new)]
}

/// Returns the text of a port without what NetworkManager drops of it; comments stay.
fn without_dropped(text: &str) -> String {
    let doc = KeyfileDoc::parse(text);
    tidy(
        without(&doc, keys::is_layer3_group, keys::is_layer3).apply(text),
        &doc,
    )
}

/// Returns what takes the groups away that give an interface addresses, their comments apart.
#[must_use]
pub fn without_addresses(doc: &KeyfileDoc) -> Edits {
    without(doc, |group| ["ipv4", "ipv6"].contains(&group), |_, _| false)
}

/// Returns what takes groups and keys away, but no comment.
fn without(doc: &KeyfileDoc, group: fn(&str) -> bool, key: fn(&str, &str) -> bool) -> Edits {
    let pairs = doc.pairs().iter();
    let goes = |pair: &&Pair| group(&pair.group) || key(&pair.group, &pair.key);
    let lines = pairs.filter(goes).map(|pair| pair.line as usize - 1);
    let sections = doc.sections().iter();
    let headings = sections
        .filter(|section| group(&section.group))
        .map(|section| section.heading);
    let mut edits = Edits::default();
    for at in lines.chain(headings) {
        edits.delete(doc.lines()[at].span.clone());
    }
    edits
}

/// Returns the text without what is about layer 3.
fn without_layer3(text: &str) -> String {
    let doc = KeyfileDoc::parse(text);
    let mut edits = Edits::default();
    let pairs = doc.pairs().iter().filter(|pair| pair.group == "connection");
    for pair in pairs.filter(|pair| keys::is_layer3(&pair.group, &pair.key)) {
        edits.delete(doc.span(doc.with_head(pair.line)));
    }
    let goes = |section: &&Section| keys::is_layer3_group(&section.group);
    for section in doc.sections().iter().filter(goes) {
        edits.delete(doc.span(section.lines.clone()));
    }
    tidy(edits.apply(text), &doc)
}

/// Returns the text without the blank lines that are left at its end where groups went.
fn tidy(text: String, old: &KeyfileDoc) -> String {
    let ended_blank = old
        .lines()
        .last()
        .is_some_and(|line| line.kind == LineKind::Blank);
    if ended_blank || text.len() == old.source().len() {
        return text;
    }
    let doc = KeyfileDoc::parse(&text);
    let blank = doc
        .lines()
        .iter()
        .rev()
        .take_while(|line| line.kind == LineKind::Blank);
    let kept = doc.lines().len() - blank.count();
    text[..doc.span(0..kept).end].to_owned()
}

/// Returns the text with what is taken from elsewhere.
fn with(text: &str, taken: &Taken) -> String {
    let doc = KeyfileDoc::parse(text);
    let (mut edits, end) = (Edits::default(), doc.line_end());
    for lines in &taken.connection {
        doc.append(&mut edits, "connection", lines);
    }
    let mut text = edits.apply(text);
    for group in &taken.groups {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(end);
        }
        let doc = KeyfileDoc::parse(&text);
        if doc
            .lines()
            .last()
            .is_some_and(|line| line.kind != LineKind::Blank)
        {
            text.push_str(end);
        }
        text.push_str(&group.replace('\n', end));
        text.push_str(end);
    }
    text
}

/// Returns the MAC address of a bridge, as a keyfile says it.
fn mac(bridge: &Bridge) -> Option<String> {
    match bridge.keeps_mac {
        true => Some("preserve".to_owned()),
        false => bridge.mac.map(|mac| mac.to_string().to_ascii_uppercase()),
    }
}

/// Makes the file of a profile that has none.
fn create(
    emitter: &mut Emitter<'_>,
    wanted: &Profile,
    difference: &Difference<'_>,
) -> Result<(), EmitError> {
    let path = difference.place(wanted);
    let taken = difference.taken(wanted).unwrap_or_default();
    let from = difference.source(wanted);
    let template = match wanted.bridge() {
        Some(_) => "keyfile-bridge",
        None => "keyfile-port",
    };
    let groups = match (from, &wanted.controller) {
        (Some(_), _) => taken.groups,
        // what a port says of it NetworkManager drops
        (None, Some(_)) => Vec::new(),
        (None, None) => spell::groups(&wanted.layer3),
    };
    let bridge = wanted.bridge();
    let stp = bridge.is_some_and(|bridge| bridge.stp.unwrap_or(false));
    let delay = bridge
        .and_then(|bridge| bridge.forward_delay_s)
        .filter(|_| stp);
    let mut connection = difference.permissions(wanted);
    connection.extend(taken.connection);
    let values = json!({
        "id": wanted.id,
        "uuid": wanted.uuid,
        "name": wanted.interface.as_str(),
        "autoconnect": (!wanted.autostart).then_some("false"),
        "bridge": wanted.controller.as_ref().map(|bridge| bridge.as_str()),
        "stp": if stp { "true" } else { "false" },
        "forward_delay": delay,
        "mac": bridge.and_then(mac),
        "connection": connection,
        "groups": groups,
    });
    let text = emitter.templates.render(template, &values)?;
    let text = format!("{}\n", text.trim_end());
    let text = match from {
        Some(from) if wanted.controller.is_none() => {
            spell::spell(text, &from.layer3, &wanted.layer3)
        }
        _ => text,
    };
    ensure_taken(&path, &text)?;
    let (like, owner) = difference.neighbour(wanted);
    let attrs = Attrs {
        mode: MODE,
        ..owner
    };
    emitter.rendered.push((template.to_owned(), path.clone()));
    emitter
        .editor
        .create(&path, text.into_bytes(), attrs, &like);
    Ok(())
}
