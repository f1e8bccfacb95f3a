//! Operations: what a user wants, as a function from one host to another.
//!
//! They see the model alone, never a format or a file. A wish that cannot be met is a [`Refusal`].
//! To add one: its module, its variant in [`Operation`] and its arm in [`plan`].

pub mod bridge;
mod devices;
pub mod guest;
mod image;
mod managed;
pub mod network;
mod refusals;

use std::collections::{HashMap, HashSet};

use guest::GuestOperation;
use network::NetworkOperation;

use crate::host::layer3::{Layer3, Method};
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::host::{Broken, Host, Subject};
use crate::tree::{HostPath, word_of};

use bridge::ensure_can_be_port;
pub use bridge::{BridgeAdd, Choice};

pub(crate) use devices::{
    ensure_none_runs, is_followed, other_roles, rename as follow_devices, running_on,
};
pub(crate) use managed::{manager, untold};
pub use refusals::{absent, is_absent, listed};

/// What a user may wish for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Makes a bridge.
    BridgeAdd(BridgeAdd),
    /// Takes a bridge away.
    BridgeRemove {
        /// The bridge.
        bridge: InterfaceName,
        /// The port that gets its layer-3 configuration.
        to: Option<InterfaceName>,
    },
    /// Attaches an interface to a bridge.
    AddPort {
        /// The bridge.
        bridge: InterfaceName,
        /// The interface.
        port: InterfaceName,
        /// Whether the interface is brought up at boot; else it keeps what it has.
        onboot: Option<bool>,
    },
    /// Detaches an interface from its bridge.
    RemovePort {
        /// The bridge.
        bridge: InterfaceName,
        /// The interface.
        port: InterfaceName,
    },
    /// Makes, changes or takes away a libvirt network.
    Network(NetworkOperation),
    /// Changes an interface of a guest.
    Guest(GuestOperation),
}

impl Operation {
    /// Returns the bridge that it is about.
    #[must_use]
    pub fn bridge(&self) -> Option<&InterfaceName> {
        match self {
            Self::BridgeAdd(BridgeAdd { bridge, .. })
            | Self::BridgeRemove { bridge, .. }
            | Self::AddPort { bridge, .. }
            | Self::RemovePort { bridge, .. } => Some(bridge),
            Self::Network(_) | Self::Guest(_) => None,
        }
    }
}

/// Whether refusals that may be forced are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// They stand.
    No,
    /// They are passed over.
    Yes,
}

/// A wish that will not be met, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What is refused and why, in lower case.
    pub message: String,
    /// The file that is the reason, and its line; without one, the file as a whole.
    pub at: Option<(HostPath, Option<u32>)>,
    /// What to do.
    pub help: Option<String>,
    /// Whether `--force` goes on.
    pub may_be_forced: bool,
}

impl Refusal {
    /// Returns a refusal that cannot be forced.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at: None,
            help: None,
            may_be_forced: false,
        }
    }

    /// Adds the place that is the reason: a line of a file, or the file as a whole.
    #[must_use]
    pub fn at(mut self, path: Option<&HostPath>, line: impl Into<Option<u32>>) -> Self {
        self.at = path.map(|path| (path.clone(), line.into()));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns nothing if forced, else the refusal, saying that it may be.
    pub(crate) fn unless(mut self, force: Force) -> Result<(), Self> {
        self.may_be_forced = true;
        match force {
            Force::Yes => Ok(()),
            Force::No => Err(self),
        }
    }
}

/// What moved from one interface to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// From where.
    pub from: InterfaceName,
    /// To where.
    pub to: InterfaceName,
    /// What the new owner has.
    pub layer3: Layer3,
}

/// The host as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Future {
    /// The host.
    pub host: Host,
    /// What moved.
    pub moved: Option<Move>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

impl Future {
    fn of(host: &Host) -> Self {
        Self {
            host: host.clone(),
            moved: None,
            notes: Vec::new(),
        }
    }
}

/// Returns the host as it is after `operation`.
///
/// # Errors
/// Why it will not be done.
pub fn plan(host: &Host, operation: &Operation, force: Force) -> Result<Future, Refusal> {
    if let Operation::BridgeAdd(request) = operation
        && let Some(format) = request.backend.filter(|format| *format != host.format)
    {
        let with_format = Host {
            format,
            ..host.clone()
        };
        let plain = BridgeAdd {
            backend: None,
            ..request.clone()
        };
        return plan(&with_format, operation, force).map_err(|refusal| {
            match plan(host, &Operation::BridgeAdd(plain), force) {
                Ok(_) => refusal.help(format!("omit --backend {}", format.word())),
                Err(_) => refusal,
            }
        });
    }
    managed::ensure_read(host, operation, force)?;
    let mut future = planned(host, operation, force)?;
    let of_image = image::notes(host, &future);
    future.notes.extend(of_image);
    Ok(future)
}

fn planned(host: &Host, operation: &Operation, force: Force) -> Result<Future, Refusal> {
    match operation {
        Operation::BridgeAdd(request) => bridge::add::plan(host, request, force),
        Operation::BridgeRemove { bridge, to } => {
            bridge::remove::plan(host, bridge, to.as_ref(), force)
        }
        Operation::AddPort {
            bridge,
            port,
            onboot,
        } => bridge::ports::attach(host, bridge, port, *onboot, force),
        Operation::RemovePort { bridge, port } => bridge::ports::detach(host, bridge, port, force),
        Operation::Network(operation) => network::plan(host, operation, force),
        Operation::Guest(operation) => guest::plan(host, operation, force),
    }
}

/// Refuses files about `interface` that could not be understood.
fn understood(host: &Host, interface: &InterfaceName) -> Result<(), Refusal> {
    ensure_readable(host, Subject::Interface, interface.as_str())
}

/// Refuses files about the network `name` that could not be understood.
fn ensure_network_understood(host: &Host, name: &str) -> Result<(), Refusal> {
    ensure_readable(host, Subject::Network, name)
}

/// Refuses files about the guest `name` that could not be understood.
fn ensure_guest_understood(host: &Host, name: &str) -> Result<(), Refusal> {
    ensure_readable(host, Subject::Guest, name)
}

fn ensure_readable(host: &Host, subject: Subject, name: &str) -> Result<(), Refusal> {
    let about = |broken: &&Broken| broken.subject == subject && broken.about == name;
    match host.broken.iter().find(about) {
        Some(broken) => Err(unreadable(name, broken)),
        None => Ok(()),
    }
}

fn unreadable(name: &str, broken: &Broken) -> Refusal {
    Refusal::new(format!("a file of `{name}` cannot be used: {}", broken.why))
        .at(Some(&broken.path), broken.line)
        .help(broken.help())
}

/// Returns the one profile of `interface`.
fn the_profile<'a>(
    host: &'a Host,
    interface: &InterfaceName,
) -> Result<Option<&'a Profile>, Refusal> {
    understood(host, interface)?;
    let found: Vec<_> = host
        .profiles()
        .filter(|profile| profile.interface == *interface)
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [profile] => Ok(Some(profile)),
        [first, second, ..] => {
            let name = |profile: &Profile| {
                profile
                    .home
                    .file
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string)
            };
            let message = format!(
                "`{interface}` is configured by two files: {} and {}",
                name(first),
                name(second)
            );
            let backup = [first, second]
                .into_iter()
                .find(|p| name(p).ends_with(".old"));
            let spare = backup.map_or_else(|| name(second), |profile| name(profile));
            // a name that no program reads
            Err(Refusal::new(message)
                .at(second.home.file.as_ref(), None)
                .help(format!(
                    "keep one of them, for example: mv {0} {0}~",
                    word_of(&spare)
                )))
        }
    }
}

/// Refuses the first of these interfaces that has not one profile, but several, or files that could not be understood.
fn ensure_single(host: &Host, interfaces: &[&InterfaceName]) -> Result<(), Refusal> {
    let broken = host.broken.iter();
    let broken = broken.filter(|broken| broken.subject == Subject::Interface);
    let broken: HashSet<&str> = broken.map(|broken| broken.about.as_str()).collect();
    let mut profiles: HashMap<&InterfaceName, usize> = HashMap::new();
    for profile in host.profiles() {
        *profiles.entry(&profile.interface).or_default() += 1;
    }
    let is_refused = |name: &&&InterfaceName| {
        broken.contains(name.as_str()) || profiles.get(**name).is_some_and(|count| *count > 1)
    };
    match interfaces.iter().find(is_refused) {
        Some(name) => the_profile(host, name).map(drop),
        None => Ok(()),
    }
}

/// Refuses a bridge that another program makes: it is there, and kvmnet does not change it.
fn refuse_elsewhere(host: &Host, bridge: &InterfaceName) -> Result<(), Refusal> {
    if host.profile(bridge).is_some() {
        return Ok(());
    }
    let own =
        |network: &&crate::host::network::Network| network.own_bridge() == Some(bridge.as_str());
    if let Some(network) = host.networks().find(own) {
        let name = &network.name;
        let message = format!("libvirt creates the bridge `{bridge}` for the network `{name}`");
        return Err(Refusal::new(message)
            .at(network.origin.as_ref(), network.lines.bridge)
            .help("choose another bridge: that one goes with its network"));
    }
    match host.foreign_bridge(bridge.as_str()) {
        Some((claim, _)) => {
            let program = claim.program.name();
            let message = format!(
                "{program} creates the bridge `{bridge}` from a file that kvmnet does not write"
            );
            Err(Refusal::new(message)
                .at(Some(&claim.at.path), claim.at.line)
                .help("change it there"))
        }
        None => Ok(()),
    }
}

/// Says in short what a layer-3 configuration holds.
#[must_use]
pub fn describe(layer3: &Layer3) -> String {
    let mut parts: Vec<String> = match &*layer3.v4.method {
        Method::Dhcp => vec!["DHCP".to_owned()],
        Method::Other(other) => vec![format!("method {other}")],
        Method::Manual | Method::Unsaid | Method::Unread | Method::Off | Method::Auto => Vec::new(),
    };
    parts.extend(layer3.addresses().map(|net| net.to_string()));
    parts.extend(layer3.not_valid().map(|text| format!("{text} (not valid)")));
    if layer3.shell {
        parts.push("addresses from shell code".to_owned());
    }
    if parts.is_empty() {
        "no address".to_owned()
    } else {
        parts.join(", ")
    }
}
