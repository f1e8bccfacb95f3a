//! What NetworkManager gives an interface whose profile does not say it.

use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::readers::{Device, iaid};

/// An interface for which NetworkManager looks up what its profile does not say.
pub(super) struct Asked<'h> {
    host: &'h Host,
    pub(super) name: &'h InterfaceName,
    kind: Option<&'static str>,
    mac: Option<String>,
}

impl<'h> Asked<'h> {
    pub(super) fn card(host: &'h Host, profile: &'h Profile) -> Self {
        let known = || host.macs.get(&profile.interface).copied();
        Self {
            host,
            name: &profile.interface,
            kind: profile.link.word(),
            mac: profile.mac.or_else(known).map(|mac| mac.to_string()),
        }
    }

    pub(super) fn bridge(host: &'h Host, name: &'h InterfaceName) -> Self {
        Self {
            host,
            name,
            kind: Some("bridge"),
            mac: None,
        }
    }

    /// Returns the value that holds for a property which the profile does not say.
    pub(super) fn default(&self, property: &str) -> Option<&'h str> {
        let nm = self.host.readers.network_manager.as_ref()?;
        let device = Device {
            name: self.name.as_str(),
            mac: self.mac.as_deref(),
            kind: self.kind,
        };
        nm.default_of(property, &device).map(|(value, _)| value)
    }

    /// Returns the IAID of a profile that says none, where it is a number that files tell.
    pub(super) fn iaid(&self, property: &str) -> Option<u32> {
        match self.default(property) {
            None | Some("ifname") => Some(iaid(self.name.as_str())),
            Some(value) => value.parse().ok(),
        }
    }
}
