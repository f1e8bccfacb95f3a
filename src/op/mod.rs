//! Operations: what a user wants, as a function from one host to another.
//!
//! They see the model alone, never a format or a file. A wish that cannot be met is a [`Refusal`].
//! To add one: its module, its variant in [`Operation`] and its arm in [`plan`].

pub mod add;
mod addresses;
mod devices;
pub mod guest;
mod managed;
pub mod network;
pub mod ports;
pub mod remove;

use std::net::IpAddr;

use guest::GuestOperation;
use network::NetworkOperation;

use crate::host::profile::{Addressing, Layer3, Obstacle, Profile, ProfileKind, Switch};
use crate::host::value::{InterfaceName, IpNet};
use crate::host::{Broken, Host, Subject};
use crate::tree::HostPath;

pub(crate) use devices::{is_followed, none_runs, other_roles, rename as follow_devices};
pub(crate) use managed::{manager, untold};

/// What becomes of the addressing when a bridge is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// It moves from the port to the bridge.
    #[default]
    Move,
    /// The bridge asks a DHCP server.
    Dhcp,
    /// The bridge has these.
    Static {
        /// Addresses with prefix length.
        addresses: Vec<IpNet>,
        /// Gateways, at most one of each family.
        gateways: Vec<IpAddr>,
    },
    /// The bridge has none.
    None,
}

impl Choice {
    /// Returns whether it names a gateway.
    #[must_use]
    pub fn has_gateway(&self) -> bool {
        matches!(self, Self::Static { gateways, .. } if !gateways.is_empty())
    }
}

/// Makes a bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeAdd {
    /// Its name.
    pub bridge: InterfaceName,
    /// Its ports, in the order given.
    pub ports: Vec<InterfaceName>,
    /// Its addressing.
    pub addressing: Choice,
    /// Name servers that replace those that would move.
    pub dns: Vec<IpAddr>,
    /// Spanning tree protocol.
    pub stp: Option<bool>,
    /// Forward delay in seconds.
    pub forward_delay_s: Option<u32>,
    /// The software behind it.
    pub switch: Option<Switch>,
    /// Whether it and its ports are brought up at boot; else each port keeps what it has, and the bridge is as its first port.
    pub onboot: Option<bool>,
}

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
    /// The file and line (0: the file as a whole) that is the reason.
    pub at: Option<(HostPath, u32)>,
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

    /// Adds the place that is the reason.
    #[must_use]
    pub fn at(mut self, path: Option<&HostPath>, line: u32) -> Self {
        self.at = path.map(|path| (path.clone(), line));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns nothing if forced, else the refusal, saying that it may be.
    fn unless(mut self, force: Force) -> Result<(), Self> {
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
    managed::ensure_read(host, operation, force)?;
    match operation {
        Operation::BridgeAdd(request) => add::plan(host, request, force),
        Operation::BridgeRemove { bridge, to } => remove::plan(host, bridge, to.as_ref(), force),
        Operation::AddPort {
            bridge,
            port,
            onboot,
        } => ports::attach(host, bridge, port, *onboot, force),
        Operation::RemovePort { bridge, port } => ports::detach(host, bridge, port, force),
        Operation::Network(operation) => network::plan(host, operation, force),
        Operation::Guest(operation) => guest::plan(host, operation, force),
    }
}

/// Refuses files about `interface` that could not be understood.
fn understood(host: &Host, interface: &InterfaceName) -> Result<(), Refusal> {
    readable(host, Subject::Interface, interface.as_str())
}

/// Refuses files about the network `name` that could not be understood.
fn understood_network(host: &Host, name: &str) -> Result<(), Refusal> {
    readable(host, Subject::Network, name)
}

/// Refuses files about the guest `name` that could not be understood.
fn understood_guest(host: &Host, name: &str) -> Result<(), Refusal> {
    readable(host, Subject::Guest, name)
}

fn readable(host: &Host, subject: Subject, name: &str) -> Result<(), Refusal> {
    let about = |broken: &&Broken| broken.subject == subject && broken.about == name;
    match host.broken.iter().find(about) {
        Some(broken) => Err(unreadable(name, broken)),
        None => Ok(()),
    }
}

fn unreadable(name: &str, broken: &Broken) -> Refusal {
    let path = &broken.path;
    let help = match broken.why.as_str() {
        why if why.contains("link") => "mend the link, or put a file in its place",
        why if why.ends_with("not a file") => "put a file in its place, or move it away",
        why if why.contains("needs a shell") => "write the value itself, without shell code",
        why if why.contains("UTF-8") => {
            return Refusal::new(format!("a file of {name} cannot be used: {}", broken.why))
                .at(Some(path), broken.line)
                .help(format!("convert it, for example from Latin-1: iconv -f latin1 -t utf-8 -o {path}~ {path}; mv {path}~ {path}"));
        }
        _ => "mend the file and try again",
    };
    Refusal::new(format!("a file of {name} cannot be used: {}", broken.why))
        .at(Some(&broken.path), broken.line)
        .help(help)
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
                    .origin
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string)
            };
            let message = format!(
                "{interface} is configured by two files: {} and {}",
                name(first),
                name(second)
            );
            let backup = [first, second]
                .into_iter()
                .find(|p| name(p).ends_with(".old"));
            let spare = backup.map_or_else(|| name(second), |profile| name(profile));
            // a name that no program reads
            Err(Refusal::new(message)
                .at(second.origin.as_ref(), 0)
                .help(format!(
                    "keep one of them, for example: mv {spare} {spare}~"
                )))
        }
    }
}

/// Returns the profile of a bridge that must be there.
fn the_bridge<'a>(host: &'a Host, bridge: &InterfaceName) -> Result<Option<&'a Profile>, Refusal> {
    match the_profile(host, bridge)? {
        None => Ok(None),
        Some(profile) if profile.bridge().is_some() => Ok(Some(profile)),
        Some(profile) => {
            let message = match &profile.kind {
                ProfileKind::Other(Obstacle { because, .. }) => {
                    format!("{bridge} is no bridge that kvmnet can change: it {because}")
                }
                ProfileKind::Ethernet
                | ProfileKind::Bridge(_)
                | ProfileKind::Bond
                | ProfileKind::Vlan(_) => format!("{bridge} is not a bridge"),
            };
            let refusal = Refusal::new(message).at(profile.origin.as_ref(), 0);
            Err(refusal.help("see which there are: kvmnet show bridges"))
        }
    }
}

/// Refuses a bridge that another program makes: it is there, and kvmnet does not change it.
fn is_elsewhere(host: &Host, bridge: &InterfaceName) -> Result<(), Refusal> {
    if host.profile(bridge).is_some() {
        return Ok(());
    }
    let own =
        |network: &&crate::host::network::Network| network.own_bridge() == Some(bridge.as_str());
    if let Some(network) = host.networks().find(own) {
        let name = &network.name;
        let message = format!("libvirt makes the bridge {bridge} for the network `{name}`");
        return Err(Refusal::new(message)
            .at(network.origin.as_ref(), network.lines.bridge)
            .help(format!(
                "change or remove that network: kvmnet network remove {}",
                network::word_of(name)
            )));
    }
    match host.foreign_bridge(bridge.as_str()) {
        Some((claim, _)) => {
            let program = claim.program.name();
            let message =
                format!("{program} makes the bridge {bridge}, and kvmnet does not write its files");
            Err(Refusal::new(message)
                .at(Some(&claim.at.path), claim.at.line)
                .help("change it there"))
        }
        None => Ok(()),
    }
}

/// Says that there is no such bridge, and which there are.
fn no_bridge(host: &Host, bridge: &InterfaceName) -> String {
    let mut names: Vec<&str> = host
        .bridges()
        .map(|profile| profile.interface.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let others = match names.as_slice() {
        [] => String::new(),
        [name] => format!(" (there is {name})"),
        names => format!(" (there are {})", names.join(", ")),
    };
    format!("there is no bridge `{bridge}` beneath the root{others}")
}

/// Refuses what cannot be the port of a bridge.
fn can_be_port(profile: &Profile) -> Result<(), Refusal> {
    let refuse = |because: &str, line: u32| {
        let message = format!(
            "{} cannot be the port of a bridge: it {because}",
            profile.interface
        );
        Refusal::new(message).at(profile.origin.as_ref(), line)
    };
    match &profile.kind {
        ProfileKind::Ethernet | ProfileKind::Bond | ProfileKind::Vlan(_) => Ok(()),
        ProfileKind::Bridge(_) => Err(refuse("is a bridge", 0)),
        ProfileKind::Other(Obstacle {
            because,
            help,
            line,
        }) => {
            let refusal = refuse(because, *line);
            Err(match help {
                Some(help) => refusal.help(help),
                None => refusal,
            })
        }
    }
}

/// Refuses a layer-3 configuration that cannot be taken elsewhere as text.
fn can_move(profile: &Profile) -> Result<(), Refusal> {
    let Some(Obstacle {
        because,
        help,
        line,
    }) = &profile.locked
    else {
        return Ok(());
    };
    let refusal = Refusal::new(format!(
        "the addressing of {} cannot move: it {because}",
        profile.interface
    ))
    .at(profile.origin.as_ref(), *line);
    Err(refusal.help(
        help.as_deref()
            .unwrap_or("write the value itself, without shell code"),
    ))
}

/// Says in short what a layer-3 configuration holds.
#[must_use]
pub fn describe(addressing: &Addressing) -> String {
    use crate::host::profile::Method;
    let mut parts: Vec<String> = match &addressing.method {
        Method::Dhcp => vec!["DHCP".to_owned()],
        Method::Other(other) => vec![format!("method {other}")],
        Method::Manual | Method::Unread | Method::Off | Method::Auto => Vec::new(),
    };
    parts.extend(addressing.addresses.iter().map(ToString::to_string));
    let not_valid = addressing.not_valid.iter();
    parts.extend(not_valid.map(|text| format!("{text} (not valid)")));
    if addressing.shell {
        parts.push("addresses from shell code".to_owned());
    }
    if parts.is_empty() {
        "no address".to_owned()
    } else {
        parts.join(", ")
    }
}
