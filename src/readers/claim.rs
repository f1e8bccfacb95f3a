//! What files of programs that kvmnet does not edit configure: interfaces by name or by pattern, and bridges among them.

use super::{At, Program, Starts, glob};
use crate::tree::{Entry, HostPath, Tree};

/// An interface that a program is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its hardware address, if a file tells.
    pub mac: Option<&'a str>,
    /// What it is, in NetworkManager's word, if that is known: `ethernet`, `bridge`.
    pub kind: Option<&'a str>,
}

/// Which interfaces something in a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applies {
    /// The one of this name.
    Name(String),
    /// Those whose name fits one of these, or with `!` before the first, none.
    Patterns(Vec<String>),
    /// The cards with these hardware addresses.
    Mac(Vec<String>),
    /// Every card.
    Cards,
}

impl Applies {
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Patterns(_) | Self::Mac(_) | Self::Cards => None,
        }
    }

    pub(super) fn fits(&self, device: &Device<'_>) -> bool {
        match self {
            Self::Name(name) => name == device.name,
            // `!` before the first inverts the whole list
            Self::Patterns(patterns) => {
                let first = patterns.first();
                let not = first.is_some_and(|pattern| pattern.starts_with('!'));
                let any = patterns
                    .iter()
                    .any(|pattern| glob::fits(pattern.trim_start_matches('!'), device.name));
                any != not
            }
            Self::Mac(all) => device
                .mac
                .is_some_and(|own| all.iter().any(|mac| mac.eq_ignore_ascii_case(own))),
            Self::Cards => device.kind == Some("ethernet"),
        }
    }
}

/// What a program's bridge switches with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The kernel's bridge.
    Linux,
    /// Open vSwitch.
    OpenVswitch,
}

/// Something that a file of another program configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub(crate) applies: Applies,
    /// The program.
    pub program: Program,
    /// Where.
    pub at: At,
    /// What it is, if it is a bridge.
    pub bridge: Option<Kind>,
    /// The ports of a bridge, as far as files name them.
    pub ports: Vec<String>,
    /// Whether the program brings it up at boot, as far as its file tells.
    pub at_boot: bool,
    /// Whether the program configures the interface, or leaves it alone expressly.
    pub(super) manages: bool,
    /// The bridge that it is a port of.
    pub(super) controller: Option<String>,
}

/// The longest name of an interface or port that is kept, in bytes: the kernel's have 15 (`IFNAMSIZ`), hardware addresses 17.
const LONGEST_NAME: usize = 64;

/// Returns whether something may have this name: what is longer names nothing.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_NAME
}

impl Claim {
    pub(super) fn new(applies: Applies, program: Program, at: At) -> Self {
        Self {
            applies,
            program,
            at,
            bridge: None,
            ports: Vec::new(),
            at_boot: true,
            manages: true,
            controller: None,
        }
    }

    /// Says what brings the interface up at boot.
    #[must_use]
    pub fn start(&self) -> String {
        let path = &self.at.path;
        match self.program {
            Program::Ifupdown => {
                let name = self.name().unwrap_or_default();
                format!("write a line `auto {name}` in {path}")
            }
            Program::Wicked => format!("write STARTMODE=auto in {path}"),
            program @ (Program::NetworkScripts
            | Program::NetworkManager
            | Program::Netplan
            | Program::Networkd
            | Program::OpenVswitch) => format!("let {} bring it up at boot", program.name()),
        }
    }

    /// Returns the interface's name, if one is given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.applies.name()
    }
}

/// A file that could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    /// The file.
    pub path: HostPath,
    /// What is wrong.
    pub why: String,
}

impl Unparsed {
    /// Returns the file at `path`, if it is there and could not be read.
    pub(super) fn of(tree: &Tree, path: &HostPath) -> Option<Self> {
        match tree.get(path)? {
            Entry::Unreadable(why) => Some(Self {
                path: path.clone(),
                why: why.clone(),
            }),
            Entry::Link { .. } => Some(Self {
                path: path.clone(),
                why: "the link leads to nothing that can be read".to_owned(),
            }),
            Entry::File(_) | Entry::Unread | Entry::Other(_) => None,
        }
    }
}

/// A program whose files kvmnet does not edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Which.
    pub program: Program,
    /// Whether it is started with the host.
    pub starts: Starts,
    /// What shows that it is there; nothing, if it is not.
    pub at: Option<At>,
    /// Its files, which are read for names alone.
    pub files: Vec<HostPath>,
    /// Those that cannot be read as what they are.
    pub unparsed: Vec<Unparsed>,
    /// What they configure.
    pub claims: Vec<Claim>,
}

impl Other {
    pub(super) fn new(program: Program) -> Self {
        Self {
            program,
            starts: Starts::Unknown,
            at: None,
            files: Vec::new(),
            unparsed: Vec::new(),
            claims: Vec::new(),
        }
    }
}
