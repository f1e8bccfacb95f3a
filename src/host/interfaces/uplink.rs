//! From an interface down to the cards beneath it.

use super::{Interface, Interfaces};

/// As many interfaces lie on top of each other at most.
///
/// Source: `MAX_NEST_DEV` in the kernel's include/linux/netdevice.h.
const DEEPEST: usize = 8;

/// As many interfaces are followed beneath one at most.
const MOST: usize = 64;

/// As many ports of one interface are named at most.
const MOST_NAMED: usize = 12;

/// What is beneath an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain<'h> {
    /// How it is shown: `bond0.100 (bond0: em1 em2)`.
    pub shown: String,
    /// What of that is beneath: `bond0: em1 em2`, "" under a card.
    pub beneath: String,
    /// The cards at its end, the first ones.
    pub cards: Vec<&'h str>,
    /// Why it ends at no card, or not at all of them.
    pub why: Option<String>,
}

impl Chain<'_> {
    /// Returns what is beneath, and why it ends at no card.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.why {
            Some(why) if !self.beneath.is_empty() => format!("{} ({why})", self.beneath),
            Some(_) | None => self.beneath.clone(),
        }
    }
}

/// A walk from one interface to its cards.
struct Walk<'i, 'h> {
    interfaces: &'i Interfaces<'h>,
    path: Vec<&'h str>,
    visited: usize,
    cards: Vec<&'h str>,
    why: Option<String>,
}

impl<'h> Interfaces<'h> {
    /// Returns what is beneath the interface `name`.
    #[must_use]
    pub fn chain(&self, name: &'h str) -> Chain<'h> {
        let mut walk = Walk {
            interfaces: self,
            path: Vec::new(),
            visited: 0,
            cards: Vec::new(),
            why: None,
        };
        let beneath = walk.beneath(name);
        let beneath = match beneath {
            Some(Beneath::Parent(inner) | Beneath::Ports(inner)) => inner,
            None => String::new(),
        };
        let shown = match beneath.is_empty() {
            true => name.to_owned(),
            false => format!("{name} ({beneath})"),
        };
        let shown = match (&walk.why, walk.cards.is_empty()) {
            (Some(why), true) => match why.strip_prefix(name) {
                Some(rest) if beneath.is_empty() => format!("{name}:{rest}"),
                Some(_) | None => format!("{shown}: {why}"),
            },
            _ => shown,
        };
        Chain {
            shown,
            beneath,
            cards: walk.cards,
            why: walk.why,
        }
    }
}

/// What is beneath an interface, in words.
enum Beneath {
    Parent(String),
    Ports(String),
}

impl<'h> Walk<'_, 'h> {
    fn beneath(&mut self, name: &'h str) -> Option<Beneath> {
        self.visited += 1;
        if self.path.contains(&name) {
            self.ends(format!("{name} is beneath itself"));
            return None;
        }
        if self.path.len() >= DEEPEST || self.visited > MOST {
            self.ends("more lies beneath it than is followed".to_owned());
            return None;
        }
        let Some(one) = self.interfaces.get(name) else {
            self.ends(format!("{name} is not configured"));
            return None;
        };
        self.path.push(name);
        let found = match (one.parent, &one.ports[..]) {
            (Some(parent), _) => Some(Beneath::Parent(self.inner(parent))),
            (None, []) => {
                self.end(one);
                None
            }
            (None, ports) => {
                let followed = ports.iter().take(MOST);
                let mut named: Vec<String> = followed.map(|port| self.port(port)).collect();
                named.truncate(MOST_NAMED);
                let more = ports.len().saturating_sub(MOST_NAMED);
                let more = (more > 0).then(|| format!(" +{more}"));
                Some(Beneath::Ports(named.join(" ") + &more.unwrap_or_default()))
            }
        };
        self.path.pop();
        found
    }

    /// Returns an interface inside of parentheses.
    fn inner(&mut self, name: &'h str) -> String {
        match self.beneath(name) {
            Some(Beneath::Parent(inner)) => format!("{name}: {inner}"),
            Some(Beneath::Ports(ports)) => format!("{name}: {ports}"),
            None => name.to_owned(),
        }
    }

    /// Returns a port inside of a list.
    fn port(&mut self, name: &'h str) -> String {
        match self.beneath(name) {
            Some(Beneath::Parent(inner)) => format!("{name} ({inner})"),
            Some(Beneath::Ports(ports)) => format!("{name} ({ports})"),
            None => name.to_owned(),
        }
    }

    /// Notes a card, or why this is none.
    fn end(&mut self, one: &Interface<'h>) {
        let name = one.name;
        match one.kind {
            "bridge" | "bond" | "team" => self.ends(format!("{name} has no ports")),
            "vlan" => self.ends(format!("the file of {name} names no parent")),
            "ethernet" | "wifi" | "infiniband" => self.cards.push(name),
            "unknown" if one.is_present || one.claim.is_some() => self.cards.push(name),
            "unknown" if one.broken.is_some() => {
                self.ends(format!("the file of {name} cannot be read"));
            }
            // a hardware address is that of a card
            "unknown" if name.contains(':') => self.cards.push(name),
            "unknown" => self.ends(format!("{name} is not configured")),
            kind => self.ends(format!("{name} is no card ({kind})")),
        }
    }

    fn ends(&mut self, why: String) {
        self.why.get_or_insert(why);
    }
}
