//! Lenses between files and the model: `inspect` reads a whole host, `emit` writes the difference of two.
//!
//! A backend knows one format and no operation. The formats of profiles are listed in [`lenses`], which says how to add one;
//! beside them stand libvirt's files, and lists of the host that belong to no profile.

mod dnsmasq;
mod edited;
pub mod ifcfg;
pub mod in_use;
pub(crate) mod kernel;
pub mod keyfile;
pub mod laws;
mod leasefile;
pub(crate) mod lens;
pub(crate) mod lenses;
mod libvirt;
pub mod migrate;
pub(crate) mod near;
mod parts;
mod pulled_up;
pub(crate) mod references;
mod routed;
mod scope;
mod shell_word;
mod text;
mod uuids;
mod violation;

pub use dnsmasq::leases;
pub use edited::edited;
pub use lens::{Beside, Outline, Piece};

use std::collections::BTreeMap;
use std::sync::Arc;

pub use libvirt::{
    InterfaceUpdate, Loss, Losses, Lost, NetworkUpdate, addresses_in, interface_updates, judged,
    losses, network_updates,
};
pub(crate) use libvirt::{add_what_runs, guests_on};
pub use scope::{
    scope, scope_of_guests, scope_of_networks, scope_of_profiles, scope_to_show, scope_with_running,
};
pub use shell_word::{shell_word, single_quoted};

use crate::readers::{Docs, Readers};
use lenses::LENSES;

use crate::change::{ChangeSet, Editor};
use crate::host::layer2::Layer2s;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::host::{Broken, Host};
use crate::many;
use crate::template::{TemplateError, Templates};
use crate::tree::{Entry, HostPath, Tree};

/// What makes this host another than the next.
const MACHINE_ID: &str = "/etc/machine-id";

/// What a command wants to know; it decides what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest<'a> {
    /// Everything.
    All,
    /// Profiles, and the networks and guests that name this bridge or one of these ports.
    Bridge {
        /// The bridge.
        bridge: &'a str,
        /// The ports.
        ports: &'a [InterfaceName],
        /// All networks, since a subnet may be taken.
        subnets: bool,
    },
    /// Profiles, and all networks.
    Networks,
    /// DHCP leases, and all networks and guests, to know whose they are; no profiles.
    Leases,
}

impl<'a> Interest<'a> {
    /// Returns the names of which a file of libvirt must hold one to be read, if it need not be read else.
    fn names(&self) -> Option<Vec<&'a str>> {
        match self {
            Self::All | Self::Networks | Self::Leases => None,
            Self::Bridge { bridge, ports, .. } => {
                let ports = ports.iter().map(InterfaceName::as_str);
                Some(ports.chain([*bridge]).collect())
            }
        }
    }

    /// The same for networks.
    fn names_in_networks(&self) -> Option<Vec<&'a str>> {
        match self {
            Self::Bridge { subnets: true, .. } => None,
            Self::All | Self::Networks | Self::Leases | Self::Bridge { .. } => self.names(),
        }
    }
}

/// Returns the host that the files describe; what cannot be understood is listed in it, and hides nothing else.
#[must_use]
pub fn inspect(tree: &Tree, interest: Interest<'_>) -> Host {
    inspect_again(tree, &Host::default(), &ChangeSet::default(), interest)
}

/// Returns the host after a change: `tree` has `set` made in it, and meant `before` without; what did not change is
/// taken over from there.
#[must_use]
pub fn inspect_again(tree: &Tree, before: &Host, set: &ChangeSet, interest: Interest<'_>) -> Host {
    let known = libvirt::Known { host: before, set };
    let readers = Readers::of(tree);
    let (mut profiles, mut broken, mut unnamed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut idle, mut elsewhere, mut docs) = (Vec::new(), Vec::new(), Docs::default());
    for lens in LENSES {
        let found = (lens.read)(tree, &readers, &before.docs);
        profiles.extend(found.profiles);
        idle.extend(found.idle);
        broken.extend(found.broken);
        unnamed.extend(found.unnamed);
        elsewhere.extend(found.routed);
        for (path, doc) in found.docs {
            docs.insert(path, doc);
        }
    }
    pulled_up::bridges(&readers, &mut profiles);
    let (references, problems) = references::find(tree);
    broken.extend(problems);
    let (networks_by, names) = (interest.names_in_networks(), interest.names());
    let sought = networks_by.as_deref().map(libvirt::Sought::names);
    let (networks, problems) = libvirt::networks(tree, sought.as_ref(), &known);
    broken.extend(problems);
    let all = || networks.iter().map(Arc::as_ref);
    let sought = names
        .as_deref()
        .map(|names| libvirt::Sought::in_guests(names, all()));
    let (guests, problems) = libvirt::guests(tree, sought.as_ref(), &known);
    broken.extend(problems);
    let running = sought.map_or_else(Vec::new, |sought| libvirt::running(tree, Some(&sought)));
    broken.extend(unread_machine_id(tree));
    let names: Vec<_> = profiles
        .iter()
        .map(|profile| profile.interface.clone())
        .collect();
    let mentions = references::mentions(tree, &names);
    let routed = routed::find(tree, &profiles, elsewhere);
    Host {
        profiles,
        idle,
        broken,
        unnamed,
        references,
        mentions,
        present: kernel::interfaces(tree),
        macs: kernel::addresses(tree),
        networks,
        guests,
        running,
        states: BTreeMap::new(),
        routed,
        format: readers.new_format(),
        machine_id: machine_id(tree),
        shows_running: libvirt::shows_running(tree),
        docs: Arc::new(docs),
        readers: Arc::new(readers),
    }
}

/// Returns what the files and the kernel say of layer 2; `host` is what `tree` means.
#[must_use]
pub fn layer2s(tree: &Tree, host: &Host) -> Layer2s {
    let of = |profile: &Arc<Profile>| {
        let lens = lenses::of(profile.home.backend);
        (lens.layer2)(tree, &host.docs, profile)
    };
    Layer2s {
        of_profiles: many::map(&host.profiles, of),
        of_kernel: kernel::kinds(tree),
        named: LENSES
            .iter()
            .flat_map(|lens| (lens.named)(tree, &host.readers))
            .collect(),
    }
}

/// Returns the machine's identity: /etc/machine-id, see machine-id(5).
fn machine_id(tree: &Tree) -> Option<String> {
    let file = tree.file(&HostPath::literal(MACHINE_ID))?;
    let text = std::str::from_utf8(&file.bytes).ok()?.trim();
    let sound = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then(|| text.to_ascii_lowercase())
}

/// Says that the machine's identity cannot be read: what is derived from it becomes another.
fn unread_machine_id(tree: &Tree) -> Option<Broken> {
    let path = HostPath::literal(MACHINE_ID);
    let unreadable = matches!(tree.get(&path), Some(Entry::Unreadable(_)));
    unreadable.then(|| text::text(tree, &path, "").err())?
}

/// Returns the host as far as libvirt's files tell.
#[must_use]
pub(crate) fn libvirt_host(tree: &Tree) -> Host {
    let (host, set) = (&Host::default(), &ChangeSet::default());
    let known = libvirt::Known { host, set };
    Host {
        networks: libvirt::networks(tree, None, &known).0,
        guests: libvirt::guests(tree, None, &known).0,
        shows_running: libvirt::shows_running(tree),
        ..Host::default()
    }
}

/// Why a host cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// Two files would have one name.
    #[error("{message}")]
    InTheWay {
        /// The name.
        path: HostPath,
        /// What would become of what.
        message: String,
        /// What to do.
        help: String,
    },
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// NetworkManager would not load a keyfile.
    #[error("NetworkManager would refuse {path}: {why}")]
    WouldBeRefused {
        /// The file.
        path: HostPath,
        /// Why.
        why: String,
        /// The line at fault, as it would be written.
        text: Option<String>,
    },
    /// What was rendered does not say what was meant.
    #[error(
        "the file {path}, made from the template `{template}` ({source_name}), does not contain what was requested"
    )]
    NotAsMeant {
        /// The file.
        path: HostPath,
        /// The template.
        template: String,
        /// Where the template's text comes from.
        source_name: String,
    },
    /// What was edited does not say what was meant: a fault of this program.
    #[error("the new text of {about} does not say what was intended; this is a bug in kvmnet")]
    Fault {
        /// What it configures, such as "the network `lab`".
        about: String,
    },
    /// A comment or a setting would be lost that nobody wants to lose: a fault of this program.
    #[error("what is in {} would be lost; this is a bug in kvmnet", .path.with_line(*.line))]
    Lost {
        /// The file.
        path: HostPath,
        /// The line, counted from 1; absent for the file as a whole.
        line: Option<u32>,
    },
}

/// How much of a host is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// What differs between two hosts.
    Changed,
    /// Everything, be it as it was: what the law GetPut looks at.
    All,
}

/// What a lens needs to write.
pub(crate) struct Emitter<'a> {
    tree: &'a Tree,
    readers: &'a Readers,
    templates: Templates,
    editor: Editor<'a>,
    rendered: Vec<(String, HostPath)>,
    extent: Extent,
    /// The files that were given their text, maybe the one that they have.
    rewritten: Vec<HostPath>,
}

impl Emitter<'_> {
    /// Gives an existing file its text.
    fn rewrite(&mut self, path: &HostPath, text: String) {
        self.rewritten.push(path.clone());
        self.editor.rewrite(path, text.into_bytes());
    }

    /// Returns whether what did not change is written, too.
    fn writes_all(&self) -> bool {
        self.extent == Extent::All
    }
}

/// Lets each lens write.
fn write<'a>(
    tree: &'a Tree,
    before: &'a Host,
    after: &Host,
    extent: Extent,
) -> Result<Emitter<'a>, EmitError> {
    let mut emitter = Emitter {
        tree,
        readers: &before.readers,
        templates: Templates::of(tree),
        editor: Editor::new(tree),
        rendered: Vec::new(),
        extent,
        rewritten: Vec::new(),
    };
    for writer in LENSES.iter().filter_map(|lens| lens.writer.as_ref()) {
        (writer.write)(&mut emitter, before, after)?;
    }
    references::write(&mut emitter, before, after);
    libvirt::write(&mut emitter, before, after)?;
    Ok(emitter)
}

/// Returns the changes that make `tree`, which holds `before`, hold `after`.
///
/// The laws PutGet and conservation are held against the result: what does not mean `after`, or loses what `after` does
/// not give up, is refused.
///
/// # Errors
/// Two files that would have one name, or a template that fails or says something else.
pub fn emit(tree: &Tree, before: &Host, after: &Host) -> Result<ChangeSet, EmitError> {
    let Emitter {
        templates,
        editor,
        rendered,
        ..
    } = write(tree, before, after, Extent::Changed)?;
    let set = editor.finish();
    laws::put_get(tree, &set, before, after).map_err(|violation| {
        let template = rendered.iter().find(|(_, path)| *path == violation.path);
        match template {
            Some((template, path)) => EmitError::NotAsMeant {
                path: path.clone(),
                template: template.clone(),
                source_name: templates.source_of(template),
            },
            None => EmitError::Fault {
                about: violation.about,
            },
        }
    })?;
    laws::conservation(tree, &set, before, after).map_err(|violation| EmitError::Lost {
        path: violation.path,
        line: violation.line,
    })?;
    Ok(set)
}
