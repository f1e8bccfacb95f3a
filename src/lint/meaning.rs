//! What the files of a host mean: all that a rule sees which is about no format.

use std::collections::HashSet;
use std::sync::Arc;

use crate::host::Host;
use crate::host::joined::Joined;
use crate::host::value::InterfaceName;
use crate::readers::Readers;

/// What the files mean, as far as they can be understood.
#[derive(Debug)]
pub struct Meaning<'h> {
    /// The model.
    pub host: &'h Host,
    /// Who hangs on what, by name.
    pub joined: Joined<'h>,
    /// The programs that read the files.
    pub readers: Arc<Readers>,
}

impl<'h> Meaning<'h> {
    /// Returns what `host` means.
    pub(super) fn of(host: &'h Host) -> Self {
        Self {
            host,
            joined: Joined::of(host),
            readers: Arc::clone(&host.readers),
        }
    }

    /// Returns every interface that something makes, or that is there; nothing where that is not known: where no program was
    /// found, or a file of one could not be parsed.
    #[must_use]
    pub fn made(&self) -> Option<HashSet<&str>> {
        let (host, readers) = (self.host, &self.readers);
        let found = readers.scripts.is_some()
            || readers.network_manager.is_some()
            || readers.managers().next().is_some();
        let whole = readers.others.iter().all(|other| other.unparsed.is_empty());
        let foreign = || readers.bridges().map(|(name, ..)| name);
        let some = !host.profiles.is_empty() || foreign().next().is_some();
        if !(found && whole && some) {
            return None;
        }
        let profiles = host.profiles().filter(|profile| profile.is_read());
        let profiles = profiles.map(|profile| profile.interface.as_str());
        let own = host.networks().filter_map(|network| network.own_bridge());
        let present = host.present.iter().map(InterfaceName::as_str);
        let broken = host.broken.iter().map(|broken| broken.about.as_str());
        let all = profiles.chain(own).chain(present).chain(broken);
        Some(all.chain(foreign()).collect())
    }
}
