//! Who manages an interface, whether that program reads the files of its format, and how it takes a value there.

use super::not_read::{self, NotRead};
use super::{At, Device, Readers, Starts};
use crate::layout::Backend;

/// What reads the file of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    /// NetworkManager.
    NetworkManager,
    /// The network service.
    NetworkScripts,
    /// No program at all was found, as in a copy of /etc alone: whatever there is may read it.
    Unknown,
    /// No program reads it, or another one configures the interface.
    Nobody(NotRead),
}

impl Readers {
    /// Returns what reads the file of `device` in the format `backend`.
    #[must_use]
    pub fn manager_of(
        &self,
        device: &Device<'_>,
        backend: Backend,
        nm_controlled: bool,
    ) -> Manager {
        let alone = self.left_alone(device);
        self.manager_where(device, backend, nm_controlled, alone)
    }

    /// Returns what reads the file of `device` once it has a port that NetworkManager brings up, if `without` is what does so
    /// without: the controller comes with its port, be it left alone by a section `[device]`, but not if it is in
    /// `unmanaged-devices`.
    ///
    /// Source: run with 1.42 and 1.52.
    #[must_use]
    pub fn manager_with_port(
        &self,
        device: &Device<'_>,
        backend: Backend,
        nm_controlled: bool,
        without: Manager,
    ) -> Manager {
        // the file itself may be one that is not read
        if without != self.manager_of(device, backend, nm_controlled) {
            return without;
        }
        let nm = self.network_manager.as_ref();
        let alone = nm.and_then(|nm| nm.lists_unmanaged(device));
        self.manager_where(device, backend, nm_controlled, alone)
    }

    /// `alone` is where it is said that NetworkManager leaves the interface alone.
    fn manager_where(
        &self,
        device: &Device<'_>,
        backend: Backend,
        nm_controlled: bool,
        alone: Option<&At>,
    ) -> Manager {
        match self.program_of(device, backend, nm_controlled, alone) {
            Ok(manager) => manager,
            Err(not_read) => Manager::Nobody(not_read),
        }
    }

    fn program_of(
        &self,
        device: &Device<'_>,
        backend: Backend,
        nm_controlled: bool,
        alone: Option<&At>,
    ) -> Result<Manager, NotRead> {
        if let Some((bridge, claim)) = self.bridge_with(device.name) {
            return Err(not_read::attached(device, bridge, claim));
        }
        if let Some(claim) = self.claim_on(device) {
            return Err(not_read::claimed(device, backend, claim));
        }
        match backend {
            Backend::Ifcfg => self.program_of_ifcfg(device, nm_controlled, alone),
            Backend::NmKeyfile => self.program_of_keyfile(device, alone),
        }
    }

    /// Returns whether NetworkManager reads the keyfile of `device`: its plugin for them is always there.
    fn program_of_keyfile(
        &self,
        device: &Device<'_>,
        alone: Option<&At>,
    ) -> Result<Manager, NotRead> {
        let starts = self.network_manager.as_ref().map(|nm| &nm.starts);
        match starts {
            None if self.whole || self.managers().next().is_some() => {
                Err(not_read::no_network_manager(device))
            }
            None => Ok(Manager::Unknown),
            Some(starts) if starts.never() => Err(self.not_started(device.name)),
            Some(_) => match (alone, self.keyfiles_elsewhere()) {
                (_, Some((path, at))) => Err(not_read::elsewhere(path, at)),
                (Some(at), None) => Err(not_read::left_alone(device, at)),
                (None, None) => Ok(Manager::NetworkManager),
            },
        }
    }

    fn keyfiles_elsewhere(&self) -> Option<&(String, At)> {
        self.network_manager.as_ref()?.elsewhere.as_ref()
    }

    fn program_of_ifcfg(
        &self,
        device: &Device<'_>,
        nm_controlled: bool,
        alone: Option<&At>,
    ) -> Result<Manager, NotRead> {
        if self.managed_by_nm(nm_controlled) && alone.is_none() {
            return Ok(Manager::NetworkManager);
        }
        match &self.scripts {
            Some(scripts) if !scripts.starts.never() => Ok(Manager::NetworkScripts),
            None if self.network_manager.is_none() && self.managers().next().is_none() => {
                match self
                    .release
                    .as_ref()
                    .filter(|release| release.has_no_ifcfg())
                {
                    Some(release) => Err(not_read::of_release(device, release)),
                    None if self.whole => Err(not_read::no_program(device)),
                    None => Ok(Manager::Unknown),
                }
            }
            Some(_) | None => Err(self.nobody(device, nm_controlled)),
        }
    }

    /// Returns whether NetworkManager, not the network service, brings up a profile that it may have.
    #[must_use]
    pub fn managed_by_nm(&self, nm_controlled: bool) -> bool {
        let Some(nm) = &self.network_manager else {
            return false;
        };
        let scripts = self.scripts.as_ref();
        let active = match nm.starts {
            Starts::Yes => true,
            Starts::No | Starts::Masked(_) | Starts::Idle(_) => false,
            // of two that are installed it is the older one that needs no enabling
            Starts::Unknown => scripts.is_none_or(|scripts| scripts.starts.never()),
        };
        active && nm.reads_ifcfg() && nm_controlled
    }

    /// Returns whether a new profile would be read, as far as that can be told.
    #[must_use]
    pub fn take_new_profiles(&self) -> bool {
        let device = Device {
            name: "br-new",
            mac: None,
            kind: None,
        };
        match self.manager_of(&device, self.new_format(), true) {
            Manager::Nobody(not_read) => not_read.may_be_meant,
            Manager::NetworkManager | Manager::NetworkScripts | Manager::Unknown => true,
        }
    }

    /// Returns the format of new profiles: keyfiles where nothing reads ifcfg files, or NetworkManager prefers keyfiles.
    #[must_use]
    pub fn new_format(&self) -> Backend {
        let nm = self
            .network_manager
            .as_ref()
            .filter(|nm| !nm.starts.never());
        let by_scripts = self
            .scripts
            .as_ref()
            .is_some_and(|scripts| !scripts.starts.never());
        match nm {
            Some(nm) if !by_scripts && !nm.prefers_ifcfg() => Backend::NmKeyfile,
            Some(_) | None => Backend::Ifcfg,
        }
    }

    /// Returns whether files that are not read give the host addresses.
    #[must_use]
    pub fn hides_addresses(&self) -> bool {
        self.managers()
            .any(|other| !other.files.is_empty() && !other.starts.never())
    }

    /// Returns whether an interface whose file says ONBOOT=`value` is brought up at boot by who has it.
    ///
    /// Source: `svParseBoolean()` in NetworkManager's shvar.c, which takes what it does not know for the default; init.d/network
    /// of initscripts 9.49 (what begins with `no`) and 10.00 (`is_false()`). Where no program is known, all that may mean no does.
    #[must_use]
    pub fn bring_up(&self, value: Option<&str>, nm_controlled: bool) -> bool {
        let word = value.unwrap_or("").to_ascii_lowercase();
        let known = ["no", "false", "f", "n", "0"].contains(&word.as_str());
        if self.managed_by_nm(nm_controlled) {
            return !known;
        }
        match &self.scripts {
            Some(scripts) if scripts.needs_brctl => !word.starts_with("no"),
            Some(_) | None => !known && word != "off",
        }
    }

    /// Returns the unit of DELAY= in seconds per 1, hundredths where ifup-eth hands it to the kernel as it is.
    #[must_use]
    pub fn delay_in_hundredths(&self, nm_controlled: bool) -> bool {
        self.scripts
            .as_ref()
            .is_some_and(|scripts| !scripts.needs_brctl)
            && !self.managed_by_nm(nm_controlled)
    }

    /// Says why no bridge of Open vSwitch can be made in files: openvswitch brings `ifup-ovs` along.
    #[must_use]
    pub fn without_ovs(&self) -> Option<&'static str> {
        let missing = !self.ovs_scripts && self.scripts.is_some();
        missing.then_some(
            "nothing here reads ifcfg files of Open vSwitch: ifup-ovs is not in /etc/sysconfig/network-scripts",
        )
    }

    /// Returns where NetworkManager's configuration says that it leaves the interface alone.
    #[must_use]
    pub fn left_alone(&self, device: &Device<'_>) -> Option<&At> {
        self.network_manager.as_ref()?.leaves_alone(device)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NetworkManager, Scripts};
    use super::*;

    #[test]
    fn what_is_no_to_whom() {
        let scripts = |needs_brctl| Readers {
            scripts: Some(Scripts {
                needs_brctl,
                ..Scripts::default()
            }),
            ..Readers::default()
        };
        let mut found = NetworkManager::default();
        found.starts = Starts::Yes;
        let nm = Readers {
            network_manager: Some(found),
            ..Readers::default()
        };
        let (seven, eight) = (scripts(true), scripts(false));
        for (value, expected) in [
            (None, [true, true, true]),
            (Some(""), [true, true, true]),
            (Some("yes"), [true, true, true]),
            (Some("NO"), [false, false, false]),
            (Some("false"), [true, false, false]),
            (Some("n"), [true, false, false]),
            (Some("0"), [true, false, false]),
            (Some("off"), [true, false, true]),
            (Some("none"), [false, true, true]),
            (Some("never"), [true, true, true]),
        ] {
            let found = [&seven, &eight, &nm].map(|readers| readers.bring_up(value, true));
            assert_eq!(found, expected, "{value:?} on 7, on 8, with NetworkManager");
        }
    }
}
