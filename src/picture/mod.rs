//! A host as a picture: which interfaces, networks and guests hang on which bridge, as it is, or before and after a change.
//!
//! A picture is a list of blocks, a bridge, network or interface each, with what hangs on it. It is drawn as text
//! ([`tree`]), as SVG ([`svg`]) and as data: all three show the same links.

mod between;
mod cut;
mod facts;
mod side;
pub mod svg;
pub mod tree;
mod widths;

pub use side::Side;

use serde::Serialize;

/// What becomes of a part of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Mark {
    /// It stays as it is.
    #[default]
    Same,
    /// It was not there before.
    New,
    /// It is not there afterwards.
    Gone,
    /// It says something else.
    Changed {
        /// What it said.
        was: String,
    },
    /// It was elsewhere.
    Here {
        /// Where.
        from: String,
    },
    /// It is elsewhere afterwards.
    Away {
        /// Where.
        to: String,
    },
}

impl Mark {
    /// Returns the sign that stands before it.
    #[must_use]
    pub fn sign(&self) -> char {
        match self {
            Self::Same => ' ',
            Self::New => '+',
            Self::Gone => '−',
            Self::Changed { .. } => '~',
            Self::Here { .. } => '→',
            Self::Away { .. } => '←',
        }
    }

    /// Returns the sign where only ASCII can be shown.
    #[must_use]
    pub fn ascii(&self) -> char {
        match self {
            Self::Gone => '-',
            Self::Here { .. } => '>',
            Self::Away { .. } => '<',
            Self::Same | Self::New | Self::Changed { .. } => self.sign(),
        }
    }

    /// Returns what the sign leaves open: from where, to where, what it was.
    #[must_use]
    pub fn note(&self) -> String {
        match self {
            Self::Same | Self::New | Self::Gone => String::new(),
            Self::Changed { was } => format!("was {was}"),
            Self::Here { from } => format!("from {from}"),
            Self::Away { to } => format!("to {to}"),
        }
    }

    /// Returns whether it is there after the change.
    #[must_use]
    pub fn stays(&self) -> bool {
        match self {
            Self::Gone | Self::Away { .. } => false,
            Self::Same | Self::New | Self::Changed { .. } | Self::Here { .. } => true,
        }
    }
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A bridge, the host's or that of a libvirt network.
    Bridge,
    /// A libvirt network that has no bridge.
    Network,
    /// What is on nothing of the host.
    Nowhere,
    /// An interface that is neither a bridge nor the port of one.
    Interface,
}

/// What a part of a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What is said of the block itself, such as an address.
    Fact,
    /// An interface through which it reaches the world.
    Uplink,
    /// A libvirt network on it.
    Network,
    /// An interface of a guest.
    Guest,
}

impl Role {
    /// Returns its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fact => "",
            Self::Uplink => "uplink",
            Self::Network => "network",
            Self::Guest => "guest",
        }
    }
}

/// A part of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// What is drawn first: a name, of a guest with the number of its interface.
    pub name: String,
    /// What else is drawn.
    pub detail: String,
    /// What becomes of it.
    pub mark: Mark,
    /// By what it is known before and after.
    #[serde(skip)]
    pub key: String,
    /// Whether it is not an interface of the host but the host's routing.
    #[serde(skip)]
    pub is_routing: bool,
}

/// A bridge, network or interface with all that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub mark: Mark,
    /// What hangs on it: facts, uplinks, networks, guests, in this order.
    pub parts: Vec<Part>,
    /// How many parts of each kind are not drawn.
    #[serde(skip)]
    pub more: Vec<(Role, usize)>,
    /// Whether a file makes it, or the kernel shows it; what is only named is drawn, too.
    #[serde(skip)]
    pub is_made: bool,
}

impl Block {
    /// Returns the parts of a kind.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.role == role)
    }

    /// Returns whether anything about it changes.
    #[must_use]
    pub fn changes(&self) -> bool {
        let same = |part: &Part| part.mark == Mark::Same;
        self.mark != Mark::Same || !self.parts.iter().all(same)
    }

    /// Returns what is not drawn of it, in words.
    #[must_use]
    pub fn rest(&self) -> Option<String> {
        let words = self.more.iter().map(|(role, count)| {
            let word = match role {
                Role::Fact => "fact",
                Role::Uplink => "uplink",
                Role::Network => "network",
                Role::Guest => "guest interface",
            };
            counted(*count, word)
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| format!("and {} more", words.join(", ")))
    }
}

/// A host, or a change of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The blocks, in an order that does not change when one is added.
    pub blocks: Vec<Block>,
    /// What is not drawn, a line a kind.
    pub rest: Vec<String>,
}

/// How much of a picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    All,
    /// What changes, and of the rest as much as a page holds.
    Page,
    /// What changes.
    Changes,
}

impl Picture {
    /// Returns the picture of a host.
    #[must_use]
    pub fn of(host: Side) -> Self {
        let (blocks, rest) = (host.into_blocks(), Vec::new());
        Self { blocks, rest }
    }

    /// Returns the picture of a change.
    #[must_use]
    pub fn between(before: Side, after: Side) -> Self {
        let (blocks, rest) = (between::between(before, after), Vec::new());
        Self { blocks, rest }
    }
}

/// Returns a number of things.
fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
