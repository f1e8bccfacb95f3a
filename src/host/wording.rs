//! How the file of a profile words it: the places of what the model holds without one, and what is said more than once.
//!
//! The file alone tells it, operations leave it as it was read: what a change asks for is in the profile's own values.

use std::net::IpAddr;

use super::layer3::Layer3;
use super::spot::{Said, Spot};

/// What an interface can be attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControllerKind {
    /// A bridge of the kernel.
    Bridge,
    /// A bond.
    Bond,
    /// A team.
    Team,
    /// A bridge of Open vSwitch.
    OvsBridge,
}

/// How a file names a controller, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControllerName {
    /// By its interface.
    Interface(String),
    /// By the UUID of its profile.
    Uuid(String),
}

impl ControllerName {
    /// Returns it as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Interface(name) | Self::Uuid(name) => name,
        }
    }
}

/// A statement that attaches the interface to a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What kind of controller.
    pub kind: ControllerKind,
    /// Which one.
    pub name: ControllerName,
    /// The format's own word for it.
    pub word: &'static str,
    /// The statement.
    pub at: Spot,
}

/// How a file words its profile. Places are those of whole statements, `None` where the file does not say it.
///
/// Two are equal whatever they are: what is said is the same however it is said.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    /// Whether the file seems to be a copy of another one, and is taken for a profile all the same.
    pub copy: bool,
    /// Where it names the interface.
    pub interface: Option<Spot>,
    /// Where it says of which kind the interface is.
    pub kind: Option<Spot>,
    /// Where it says whether the interface is brought up at boot.
    pub autostart: Option<Spot>,
    /// Where it says whether NetworkManager may have it.
    pub nm_controlled: Option<Spot>,
    /// The first statement that is about addresses, and is more than that there are none.
    pub addressing: Option<Spot>,
    /// The gateway of IPv4 that counts before others, if it is valid.
    pub gateway: Option<Said<IpAddr>>,
    /// Where it names the zone of the firewall.
    pub zone: Option<Spot>,
    /// What it says of layer 3 although it is a port, for which its reader drops that.
    pub dropped: Option<Box<Layer3>>,
    /// The statement by which the profile has its bridge.
    pub controller: Option<Attachment>,
    /// All that it attaches the interface to.
    pub controllers: Vec<Attachment>,
}

impl Wording {
    /// Returns the bridge of the kernel that the file attaches the interface to by name, and where.
    #[must_use]
    pub fn bridge_by_name(&self) -> Option<(&str, &Spot)> {
        self.controllers
            .iter()
            .find_map(|attachment| match (attachment.kind, &attachment.name) {
                (ControllerKind::Bridge, ControllerName::Interface(name)) => {
                    Some((name.as_str(), &attachment.at))
                }
                (_, ControllerName::Interface(_) | ControllerName::Uuid(_)) => None,
            })
    }
}

impl PartialEq for Wording {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Wording {}
