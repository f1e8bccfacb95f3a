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
    pub(super) fn cut(mut self, extent: Extent) -> Self {
        let (most, others) = match extent {
            Extent::All => return self,
            Extent::Page => (MOST_CHANGED, MOST_BLOCKS),
            Extent::Changes => (MOST_CHANGED, 0),
        };
        let mut room = others;
        let mut changed = most;
        // those on which something hangs come first
        let mut keep: Vec<bool> = self.blocks.iter().map(Block::changes).collect();
        for kept in keep.iter_mut().filter(|kept| **kept) {
            *kept = changed > 0;
            changed = changed.saturating_sub(1);
        }
        for wanted in [is_busy as fn(&Block) -> bool, |_| true] {
            for (block, kept) in self.blocks.iter().zip(&mut keep) {
                if !*kept && room > 0 && wanted(block) && !block.changes() {
                    (*kept, room) = (true, room - 1);
                }
            }
        }
        let mut left: BTreeMap<(Kind, bool), usize> = BTreeMap::new();
        let mut kept = keep.into_iter();
        let (drawn, rest): (Vec<Block>, Vec<Block>) = self
            .blocks
            .into_iter()
            .partition(|_| kept.next().unwrap_or(true));
        for block in &rest {
            *left.entry((block.kind, block.changes())).or_default() += 1;
        }
        if extent == Extent::Page || left.keys().any(|(_, changes)| *changes) {
            self.rest = told(&left, &rest);
        }
        self.blocks = drawn;
        for block in &mut self.blocks {
            cut_parts(block);
        }
        self
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

fn told(left: &BTreeMap<(Kind, bool), usize>, rest: &[Block]) -> Vec<String> {
    let guests: usize = rest.iter().map(|block| block.of(Role::Guest).count()).sum();
    let mut lines: Vec<String> = left
        .iter()
        .map(|((kind, changes), count)| {
            let word = match kind {
                Kind::Bridge => "bridge",
                Kind::Network => "network without a bridge",
                Kind::Nowhere => "guest without a network",
                Kind::Interface => "interface",
            };
            let counted = match (kind, count) {
                (Kind::Network, 2..) => format!("{count} networks without a bridge"),
                _ => counted(*count, word),
            };
            let changes = if *changes { " that change" } else { "" };
            format!("and {counted}{changes}")
        })
        .collect();
    if guests > 0 {
        lines.push(format!("with {}", counted(guests, "guest interface")));
    }
    lines
}

/// Counts what of a block is not drawn: of each kind the first parts are, and those that change.
fn cut_parts(block: &mut Block) {
    for role in [Role::Uplink, Role::Network, Role::Guest] {
        let count = block.of(role).count();
        if count <= MOST_PARTS {
            continue;
        }
        let mut room = MOST_PARTS;
        let mut left = 0;
        block.parts.retain(|part| {
            if part.role != role || part.mark != Mark::Same {
                return true;
            }
            let kept = room > 0;
            room = room.saturating_sub(1);
            left += usize::from(!kept);
            kept
        });
        if left > 0 {
            block.more.push((role, left));
        }
    }
}
