//! A keyfile that GLib takes, and what is asked of it.

use std::sync::Arc;

use uuid::Uuid;

use crate::backend::keyfile::addressing::Source;
use crate::backend::keyfile::force;
use crate::backend::keyfile::keys::ETHERNET;
use crate::backend::text::{broken_by, text};
use crate::doc::keyfile::{KeyfileDoc, Pair, value};
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::{Broken, Cause, Cure, Subject};
use crate::readers::refused::Refusal;
use crate::readers::{At, Doc, Docs, KEYFILES, NotRead, named};
use crate::tree::{HostPath, Tree};

/// How the names of keyfiles end that NetworkManager writes.
pub(super) const SUFFIX: &str = ".nmconnection";

/// A file that GLib takes.
pub(super) struct Parsed {
    pub(super) path: HostPath,
    pub(super) doc: Arc<KeyfileDoc>,
    /// Why NetworkManager refuses it all the same.
    pub(super) refusal: Option<Refusal>,
    /// The file of the image of the same UUID, which it comes before.
    pub(super) hides: Option<HostPath>,
    /// The file of the same UUID that comes before it.
    pub(super) hidden_by: Option<HostPath>,
}

/// What a file says of a key that has two spellings.
pub(super) struct Spelled<'f> {
    /// The pair that counts.
    pub(super) pair: &'f Pair,
    /// Its spelling.
    pub(super) word: &'static str,
    /// The value.
    pub(super) value: String,
    /// The pair of the other spelling, where that says something else.
    pub(super) other: Option<&'f Pair>,
}

impl Parsed {
    /// Returns the file as it was parsed.
    pub(super) fn parsed(&self) -> Doc {
        Doc {
            doc: Arc::clone(&self.doc),
            refusal: self.refusal.clone(),
        }
    }

    pub(super) fn source(&self) -> Source<'_> {
        let (path, doc) = (&self.path, &self.doc);
        Source { path, doc }
    }

    /// Returns the value of `key` in `group`, `None` where it is absent or empty.
    pub(super) fn get(&self, group: &str, key: &str) -> Option<String> {
        let value = self.doc.string(group, key)?;
        (!value.is_empty()).then_some(value)
    }

    pub(super) fn spelled(&self, words: [&'static str; 2]) -> Option<Spelled<'_>> {
        let mut found = words.into_iter().filter_map(|word| {
            let value = self.get("connection", word)?;
            Some((self.doc.get("connection", word)?, word, value))
        });
        let (pair, word, value) = found.next()?;
        let other = found.next();
        Some(Spelled {
            pair,
            word,
            other: other.and_then(|(pair, _, other)| (other != value).then_some(pair)),
            value,
        })
    }

    pub(super) fn is_ethernet(&self) -> bool {
        let kind = self.get("connection", "type");
        kind.is_some_and(|kind| ETHERNET.contains(&kind.as_str()))
    }

    /// Returns the hardware address of the card that it is for.
    pub(super) fn mac(&self) -> Option<MacAddress> {
        let mac = ETHERNET
            .iter()
            .find_map(|group| self.get(group, "mac-address"));
        mac_of(&mac?)
    }

    /// Says that cloud-init writes the file, if it does.
    pub(super) fn of_cloud_init(&self, interface: &str) -> Option<NotRead> {
        let pairs = self.doc.in_force();
        let mut origins = pairs.filter(|pair| pair.group == "user" && pair.key.ends_with("origin"));
        let pair = origins.find(|pair| self.doc.raw(pair).trim() == "cloud-init")?;
        let at = At {
            path: self.path.clone(),
            line: Some(pair.line),
        };
        Some(force::written_by_cloud_init(&self.path, interface, at))
    }

    /// Says why NetworkManager takes no notice of the file, or kvmnet leaves it alone.
    pub(super) fn not_read(&self, tree: &Tree, interface: &str, owner: u32) -> Option<NotRead> {
        let hidden = || {
            let first = self.hidden_by.as_ref()?;
            Some(force::hidden(&self.path, first, &self.uuid()))
        };
        force::ignored(tree, &self.path, &self.uuid(), owner)
            .or_else(hidden)
            .or_else(|| self.of_cloud_init(interface))
    }

    /// Returns with which priority the profile is started by itself.
    pub(super) fn priority(&self) -> i32 {
        let text = self.get("connection", "autoconnect-priority");
        text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    /// Returns the UUID of the profile, in lower case: of a file that says none it is made of the path.
    ///
    /// Source: `nm_keyfile_read()` in nm-keyfile.c (`nm_uuid_generate_from_strings_old()` with the path; run).
    pub(super) fn uuid(&self) -> String {
        let said = self.get("connection", "uuid");
        said.map_or_else(
            || uuid_of_path(&self.path),
            |uuid| uuid.to_ascii_lowercase(),
        )
    }

    /// Returns the hardware address that the card is given, or how it is made.
    pub(super) fn cloned_mac(&self) -> Option<String> {
        let mut groups = ETHERNET.iter();
        groups.find_map(|group| self.get(group, "cloned-mac-address"))
    }

    /// Returns the name of the file without its suffix.
    pub(super) fn stem(&self) -> &str {
        stem(&self.path)
    }

    /// Returns the problem that the file is, at a line if that is at fault; `about` is the interface concerned.
    pub(super) fn broken(
        &self,
        line: Option<u32>,
        about: &str,
        why: String,
        cause: Cause,
    ) -> Broken {
        let lines = self.doc.lines();
        let text = line.and_then(|line| lines.get(line as usize - 1));
        let text = text.map_or("", |line| &self.doc.source()[line.text.clone()]);
        Broken {
            path: self.path.clone(),
            subject: Subject::Interface,
            about: about.to_owned(),
            line,
            column: line.map(|_| 1),
            excerpt: text.to_owned(),
            why,
            cause,
            cure: Cure::default(),
            also: None,
        }
    }

    /// Returns the problem that the file is because NetworkManager refuses it; `interface` is the one that it is for, if known.
    pub(super) fn refused(&self, interface: Option<&InterfaceName>) -> Option<Broken> {
        let refusal = self.refusal.as_ref()?;
        let about = match interface {
            Some(interface) => interface.to_string(),
            None => meant(&self.doc).unwrap_or_else(|| self.stem().to_owned()),
        };
        let why = refused_for(&refusal.why);
        Some(self.broken(refusal.line, &about, why, Cause::Fault))
    }
}

pub(super) fn parse(tree: &Tree, path: &HostPath, docs: &Docs) -> Result<Parsed, Broken> {
    let text = text(tree, path, stem(path)).map_err(|problem| Broken {
        cause: match problem.line {
            // GLib takes other bytes than UTF-8, and NUL for the end of a line
            Some(_) => Cause::Limit,
            None => problem.cause,
        },
        ..problem
    })?;
    let Doc { doc, refusal } = docs.of(path, text);
    let about = meant(&doc);
    match doc.syntax_error() {
        Some(error) => Err(Broken {
            why: refused_for(&error.message),
            ..broken_by(error, path, about.as_deref().unwrap_or(stem(path)))
        }),
        None => Ok(Parsed {
            path: path.clone(),
            refusal,
            doc,
            hides: None,
            hidden_by: None,
        }),
    }
}

fn refused_for(why: &str) -> String {
    format!("NetworkManager refuses it: {why}")
}

/// Returns the interface that a file which is refused is meant for: no interface has blanks at an end of its name.
fn meant(doc: &KeyfileDoc) -> Option<String> {
    let said = named(doc)?.name;
    let name = said.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

pub(super) fn mac_of(value: &str) -> Option<MacAddress> {
    MacAddress::parse(&value::hardware_address(value)?)
}

/// The namespace of UUIDs that are made of paths.
const OF_PATHS: Uuid = Uuid::from_u128(0xb425_e9fb_7598_44b4_9e3b_5a2e_3aaa_4905);

fn uuid_of_path(path: &HostPath) -> String {
    // one of the image has the UUID that a file of its name in /etc has
    let path = HostPath::literal(KEYFILES).join(path.name());
    let name = format!("keyfile\0{path}\0");
    Uuid::new_v3(&OF_PATHS, name.as_bytes()).to_string()
}

fn stem(path: &HostPath) -> &str {
    let name = path.name();
    name.strip_suffix(SUFFIX).unwrap_or(name)
}
