//! Two sides as one picture: what is new, gone, changed, and what moved from where to where.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::side::{Key, Side, in_order};
use super::{Block, Kind, Mark, Part, Role};

/// In which blocks each part is, by its kind and what it is known by.
type Places<'s> = HashMap<(Role, &'s str), Vec<&'s Key>>;

/// Returns the blocks of both sides, marked.
pub(super) fn between(before: Side, after: Side) -> Vec<Block> {
    let keys: BTreeSet<Key> = before
        .blocks
        .keys()
        .chain(after.blocks.keys())
        .cloned()
        .collect();
    let (old_places, new_places) = (places(&before), places(&after));
    let blocks = keys.iter().map(|key| {
        let (old, new) = (before.blocks.get(key), after.blocks.get(key));
        let parts = Parts {
            key,
            old: old.map_or(&[], |block| &block.parts),
            new: new.map_or(&[], |block| &block.parts),
        };
        let is_made = |block: Option<&Block>| block.is_some_and(|block| block.is_made);
        // a card that becomes a port is drawn there, and is not gone
        let port = |side: &Side| {
            side.ports
                .get(&key.1)
                .filter(|_| key.0 == Kind::Interface)
                .cloned()
        };
        let mark = match (is_made(old), is_made(new)) {
            (true, true) => Mark::Same,
            (false, true) => port(&before).map_or(Mark::New, |from| Mark::Here { from }),
            (true, false) => port(&after).map_or(Mark::Gone, |to| Mark::Away { to }),
            (false, false) if old.is_some() && new.is_some() => Mark::Same,
            // what is named, and is not there
            (false, false) => Mark::Gone,
        };
        let mut parts = parts.marked(&old_places, &new_places);
        if matches!(mark, Mark::Here { .. } | Mark::Away { .. }) {
            let unmoved = |part: &&mut Part| matches!(part.mark, Mark::New | Mark::Gone);
            parts
                .iter_mut()
                .filter(unmoved)
                .for_each(|part| part.mark = Mark::Same);
        }
        Block {
            kind: key.0,
            name: key.1.clone(),
            parts,
            mark,
            more: Vec::new(),
            is_made: is_made(new),
        }
    });
    in_order(blocks.collect())
}

/// The parts of one block on both sides.
struct Parts<'s> {
    key: &'s Key,
    old: &'s [Part],
    new: &'s [Part],
}

impl Parts<'_> {
    /// Returns all parts, those that are gone where they were.
    fn marked(&self, old_places: &Places<'_>, new_places: &Places<'_>) -> Vec<Part> {
        let old: BTreeMap<(Role, &str), &Part> = by_key(self.old);
        let new: BTreeMap<(Role, &str), &Part> = by_key(self.new);
        let is_new = |part: &Part| new.contains_key(&(part.role, &*part.key));
        let mut found = Vec::new();
        let gone = |part: &Part| {
            let mark = match elsewhere(new_places, old_places, part, self.key) {
                Some(to) => Mark::Away { to },
                None => Mark::Gone,
            };
            Part {
                mark,
                ..part.clone()
            }
        };
        for role in [Role::Fact, Role::Uplink, Role::Network, Role::Guest] {
            let mut old_ones = self.old.iter().filter(|part| part.role == role).peekable();
            for part in self.new.iter().filter(|part| part.role == role) {
                let Some(was) = old.get(&(role, &*part.key)) else {
                    let mark = match elsewhere(old_places, new_places, part, self.key) {
                        Some(from) => Mark::Here { from },
                        None => Mark::New,
                    };
                    found.push(Part {
                        mark,
                        ..part.clone()
                    });
                    continue;
                };
                // what is gone stands where it was
                while let Some(before) = old_ones.next_if(|old| !is_new(old)) {
                    found.push(gone(before));
                }
                old_ones.next_if(|old| old.key == part.key);
                let mark = match (was.name == part.name, was.detail == part.detail) {
                    (true, true) => Mark::Same,
                    (true, false) => Mark::Changed {
                        was: was.detail.clone(),
                    },
                    (false, _) => Mark::Changed {
                        was: was.name.clone(),
                    },
                };
                found.push(Part {
                    mark,
                    ..part.clone()
                });
            }
            found.extend(old_ones.filter(|old| !is_new(old)).map(gone));
        }
        found
    }
}

fn by_key(parts: &[Part]) -> BTreeMap<(Role, &str), &Part> {
    let keyed = parts.iter().map(|part| ((part.role, &*part.key), part));
    keyed.collect()
}

fn places(side: &Side) -> Places<'_> {
    let mut places = Places::new();
    for (key, block) in &side.blocks {
        for part in &block.parts {
            let found = places.entry((part.role, &*part.key)).or_default();
            if found.last() != Some(&key) {
                found.push(key);
            }
        }
    }
    places
}

/// Returns the name of the block in which a part is on the other side, if it is only in one there, and was not in that one on this
/// side: then it moved.
fn elsewhere(there: &Places<'_>, here: &Places<'_>, part: &Part, own: &Key) -> Option<String> {
    if !moves(part) {
        return None;
    }
    let place = (part.role, &*part.key);
    let here = here.get(&place).map_or(&[][..], Vec::as_slice);
    let mut others = there
        .get(&place)?
        .iter()
        .filter(|key| here.binary_search(key).is_err());
    let only = others.next().filter(|key| ***key != *own)?;
    others.next().is_none().then(|| match only.0 {
        Kind::Network => format!("network {}", only.1),
        Kind::Bridge | Kind::Nowhere | Kind::Interface => only.1.clone(),
    })
}

/// Returns whether a part can move: an address and a guest's interface do, `DHCP` and the host's routing are said in many places.
fn moves(part: &Part) -> bool {
    match part.role {
        Role::Fact => {
            part.name.contains('/') || part.name == "DHCP" || part.name == "default route"
        }
        Role::Uplink => !part.is_routing,
        Role::Network | Role::Guest => true,
    }
}
