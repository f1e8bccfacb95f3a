//! How much of a picture is drawn: what changed whole, of the rest what a page holds.

use std::collections::BTreeMap;

use super::{Block, Extent, Kind, Mark, Picture, Role, counted};

/// As many blocks are drawn at most beside those that change.
const MOST_BLOCKS: usize = 60;

/// As many parts of one kind are drawn in a block.
const MOST_PARTS: usize = 12;

/// As many blocks that change are drawn at most on a page.
const MOST_CHANGED: usize = 400;

impl Picture {
    /// Returns what is drawn of the picture.
    #[must_use]
    pub fn drawn(&self, extent: Extent) -> Self {
        let (most, others) = match extent {
            Extent::All => return self.clone(),
            Extent::Page => (MOST_CHANGED, MOST_BLOCKS),
            Extent::Changes => (MOST_CHANGED, 0),
        };
        let (mut room, mut changed) = (others, most);
        let changes: Vec<bool> = self.blocks.iter().map(Block::changes).collect();
        let mut keep = changes.clone();
        for kept in keep.iter_mut().filter(|kept| **kept) {
            *kept = changed > 0;
            changed = changed.saturating_sub(1);
        }
        // those on which something hangs come first
        for wanted in [is_busy as fn(&Block) -> bool, |_| true] {
            for (at, block) in self.blocks.iter().enumerate() {
                if !keep[at] && room > 0 && wanted(block) && !changes[at] {
                    (keep[at], room) = (true, room - 1);
                }
            }
        }
        let (mut blocks, mut left) = (Vec::new(), Left::default());
        for (at, block) in self.blocks.iter().enumerate() {
            match keep[at] {
                true => blocks.push(cut_parts(block)),
                false => left.count(block, changes[at]),
            }
        }
        let is_told = extent == Extent::Page || left.blocks.keys().any(|(_, changes)| *changes);
        let rest = if is_told { left.told() } else { Vec::new() };
        Self { blocks, rest }
    }
}

/// What is not drawn.
#[derive(Default)]
struct Left {
    blocks: BTreeMap<(Kind, bool), usize>,
    guests: usize,
}

impl Left {
    fn count(&mut self, block: &Block, changes: bool) {
        *self.blocks.entry((block.kind, changes)).or_default() += 1;
        self.guests += block.of(Role::Guest).count();
    }

    fn told(&self) -> Vec<String> {
        let line = |((kind, changes), count): (&(Kind, bool), &usize)| {
            let word = match kind {
                Kind::Bridge => "bridge",
                Kind::Network => "network",
                Kind::Nowhere => "guest without a network",
                Kind::Interface => "interface",
            };
            let without = if *kind == Kind::Network {
                " without a bridge"
            } else {
                ""
            };
            let changes = if *changes { " that change" } else { "" };
            format!("and {}{without}{changes}", counted(*count, word))
        };
        let lines = self.blocks.iter().map(line);
        let guests =
            (self.guests > 0).then(|| format!("with {}", counted(self.guests, "guest interface")));
        lines.chain(guests).collect()
    }
}

/// Returns whether something hangs on a block.
fn is_busy(block: &Block) -> bool {
    block.parts.iter().any(|part| match part.role {
        Role::Uplink => !part.is_routing,
        Role::Guest => true,
        Role::Fact | Role::Network => false,
    })
}

/// Returns a block as it is drawn: of each kind its first parts are, and those that change; the others are counted.
fn cut_parts(block: &Block) -> Block {
    let mut cut = Block {
        kind: block.kind,
        name: block.name.clone(),
        mark: block.mark.clone(),
        is_made: block.is_made,
        parts: Vec::new(),
        more: Vec::new(),
    };
    for role in [Role::Fact, Role::Uplink, Role::Network, Role::Guest] {
        let most = match (role, block.of(role).count()) {
            (Role::Fact, _) => usize::MAX,
            (_, count) if count <= MOST_PARTS => usize::MAX,
            (_, _) => MOST_PARTS,
        };
        let (mut room, mut left) = (most, 0);
        for part in block.of(role) {
            if part.mark == Mark::Same && room == 0 {
                left += 1;
                continue;
            }
            room = room.saturating_sub(usize::from(part.mark == Mark::Same));
            cut.parts.push(part.clone());
        }
        if left > 0 {
            cut.more.push((role, left));
        }
    }
    cut
}
