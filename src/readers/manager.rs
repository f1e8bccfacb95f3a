//! Who manages an interface, and whether that program reads ifcfg files.

use super::{At, Claim, Device, Kind, Other, Program, Readers, Starts, Version};

/// What reads the ifcfg file of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// NetworkManager.
    NetworkManager,
    /// The network service.
    NetworkScripts,
    /// No program at all was found, as in a copy of /etc alone: whatever there is may read it.
    Unknown,
}

/// Why the ifcfg file of an interface would be read by nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRead {
    /// The sentence, in lower case.
    pub message: String,
    /// What says so.
    pub at: Option<At>,
    /// What to do.
    pub help: String,
    /// Whether that may be what is wanted, since it changes once a service is enabled.
    pub may_be_meant: bool,
}

impl Readers {
    /// Returns what reads the ifcfg file of `device`.
    ///
    /// # Errors
    /// Another program configures the interface, or none that would read the file is started.
    pub fn manager_of(&self, device: &Device<'_>, nm_controlled: bool) -> Result<Manager, NotRead> {
        if let Some((bridge, claim)) = self.bridge_with(device.name) {
            return Err(attached(device, bridge, claim));
        }
        if let Some(claim) = self.claim_on(device) {
            return Err(claimed(device, claim));
        }
        let alone = self.left_alone(device);
        if self.managed_by_nm(nm_controlled) && alone.is_none() {
            return Ok(Manager::NetworkManager);
        }
        match &self.scripts {
            Some(scripts) if scripts.starts != Starts::No => Ok(Manager::NetworkScripts),
            None if self.network_manager.is_none() && self.managers().next().is_none() => {
                Ok(Manager::Unknown)
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
        let scripts = self.scripts.as_ref().map(|scripts| scripts.starts);
        let active = match nm.starts {
            Starts::Yes => true,
            Starts::No => false,
            // of two that are installed it is the older one that needs no enabling
            Starts::Unknown => matches!(scripts, None | Some(Starts::No)),
        };
        active && nm.reads_ifcfg() && nm_controlled
    }

    /// Returns the other programs that configure interfaces of the host.
    pub fn managers(&self) -> impl Iterator<Item = &Other> {
        let is_manager = |other: &&Other| other.program != Program::OpenVswitch;
        self.others.iter().filter(is_manager)
    }

    /// Returns what another program's file configures, of which the interface is.
    #[must_use]
    pub fn claim_on(&self, device: &Device<'_>) -> Option<&Claim> {
        let started = self.managers().filter(|other| other.starts != Starts::No);
        let mut of_programs = started.filter_map(|other| {
            let mut claims = other.claims.iter();
            claims.find(|claim| claim.applies.fits(device))
        });
        of_programs.find(|claim| claim.manages)
    }

    /// Returns the bridge that has this port by the file of a program that is started.
    fn bridge_with(&self, port: &str) -> Option<(&str, &Claim)> {
        let started = self.managers().filter(|other| other.starts != Starts::No);
        let mut claims = started.flat_map(|other| &other.claims);
        let claim = claims.find(|claim| claim.ports.iter().any(|name| name == port))?;
        Some((claim.name()?, claim))
    }

    /// Returns the bridges that files of other programs make, each name once.
    pub fn bridges(&self) -> impl Iterator<Item = (&str, &Claim, Kind)> {
        let all = self.others.iter().flat_map(|other| &other.claims);
        all.filter_map(|claim| Some((claim.name()?, claim, claim.bridge?)))
    }

    /// Says which programs were found, one text each, as `-v` shows them.
    #[must_use]
    pub fn described(&self) -> Vec<String> {
        let started = |starts: Starts| match starts {
            Starts::Yes => ", started with the host",
            Starts::No => ", not started with the host",
            Starts::Unknown => "",
        };
        let version = |version: &Option<Version>| match version {
            Some(version) => format!(" {version}"),
            None => " of unknown version".to_owned(),
        };
        let mut said = Vec::new();
        if let Some(scripts) = &self.scripts {
            said.push(format!("network-scripts{}", started(scripts.starts)));
        }
        if let Some(nm) = &self.network_manager {
            let reads = match &nm.no_ifcfg {
                Some(no) => format!("; it {}", no.because),
                None => "; it reads ifcfg files".to_owned(),
            };
            let version = version(&nm.version);
            said.push(format!(
                "NetworkManager{version}{}{reads}",
                started(nm.starts)
            ));
        }
        let others = self.others.iter();
        said.extend(
            others.map(|other| format!("{}{}", other.program.name(), started(other.starts))),
        );
        let libvirt = self.libvirt_version.as_ref();
        said.extend(libvirt.map(|version| format!("libvirt {version}")));
        said
    }

    /// Says which files of other programs were read for names alone, a sentence for each program.
    #[must_use]
    pub fn not_read(&self) -> Vec<String> {
        let programs = self.others.iter().filter(|other| !other.files.is_empty());
        let mut said: Vec<String> = programs
            .map(|other| {
                let files: Vec<&str> = other.files.iter().map(|path| path.as_str()).collect();
                let shown = match files.as_slice() {
                    [first, second, third, rest @ ..] if rest.len() > 1 => {
                        format!("{first}, {second}, {third} and {} more", rest.len())
                    }
                    files => files.join(", "),
                };
                let program = other.program.name();
                format!("of {program} only the names of interfaces and bridges are read: {shown}")
            })
            .collect();
        let unparsed = self.others.iter().flat_map(|other| &other.unparsed);
        said.extend(unparsed.map(|file| format!("passed over {}: {}", file.path, file.why)));
        said
    }

    /// Returns whether files that are not read give the host addresses.
    #[must_use]
    pub fn hides_addresses(&self) -> bool {
        self.managers()
            .any(|other| !other.files.is_empty() && other.starts != Starts::No)
    }

    /// Returns where NetworkManager's configuration says that it leaves the interface alone.
    #[must_use]
    pub fn left_alone(&self, device: &Device<'_>) -> Option<&At> {
        self.network_manager.as_ref()?.leaves_alone(device)
    }

    /// Says why nobody reads the file of an interface that no other program's file names.
    fn nobody(&self, device: &Device<'_>, nm_controlled: bool) -> NotRead {
        let name = device.name;
        if let Some(other) = self.managers().find(|other| other.starts == Starts::Yes) {
            let program = other.program.name();
            return NotRead {
                message: format!(
                    "{program} configures the interfaces of this host, and does not read ifcfg files"
                ),
                at: other.at.clone(),
                help: instead(other.program, other.at.as_ref()),
                may_be_meant: false,
            };
        }
        if let Some(nm) = &self.network_manager {
            if nm.starts != Starts::No
                && let Some(no) = &nm.no_ifcfg
            {
                let because = &no.because;
                return NotRead {
                    message: format!(
                        "nothing reads an ifcfg file of {name}: NetworkManager {because}"
                    ),
                    at: no.at.clone(),
                    help: instead(Program::NetworkManager, None),
                    may_be_meant: false,
                };
            }
            if nm.starts != Starts::No
                && nm_controlled
                && let Some(at) = self.left_alone(device)
            {
                return NotRead {
                    message: format!(
                        "NetworkManager leaves {name} alone (unmanaged-devices), and nothing else here configures it"
                    ),
                    at: Some(at.clone()),
                    help: format!("take {name} out of that list"),
                    may_be_meant: true,
                };
            }
            if nm.starts != Starts::No && !nm_controlled {
                return NotRead {
                    message: format!(
                        "{name} has NM_CONTROLLED=no, and nothing but NetworkManager is started on this host"
                    ),
                    at: None,
                    help: "take NM_CONTROLLED=no out of its file, or install network-scripts"
                        .to_owned(),
                    may_be_meant: true,
                };
            }
        }
        let (program, service) = match (&self.scripts, &self.network_manager) {
            (Some(_), _) => ("network-scripts", "network"),
            (None, Some(_)) => ("NetworkManager", "NetworkManager"),
            (None, None) => match self.managers().next() {
                Some(other) => (other.program.name(), other.program.name()),
                None => ("no program", "network"),
            },
        };
        NotRead {
            message: format!(
                "{program} would configure {name}, and is not started with this host: it is installed, and not enabled"
            ),
            at: None,
            help: format!("enable the service `{service}` on that host"),
            may_be_meant: true,
        }
    }
}

fn attached(device: &Device<'_>, bridge: &str, claim: &Claim) -> NotRead {
    let (name, program) = (device.name, claim.program.name());
    NotRead {
        message: format!("{name} is a port of {bridge} already, which {program} makes"),
        at: Some(claim.at.clone()),
        help: format!(
            "to put guests on it: kvmnet network add NAME --mode bridge --bridge {bridge}"
        ),
        may_be_meant: false,
    }
}

fn claimed(device: &Device<'_>, claim: &Claim) -> NotRead {
    let (name, program) = (device.name, claim.program.name());
    NotRead {
        message: format!("{name} is configured by {program}, which does not read ifcfg files"),
        at: Some(claim.at.clone()),
        help: instead(claim.program, Some(&claim.at)),
        may_be_meant: false,
    }
}

/// Says how a bridge is made with another program.
fn instead(program: Program, at: Option<&At>) -> String {
    let file = at.map_or_else(String::new, |at| format!(" in {}", at.path));
    match program {
        Program::Netplan => format!("make the bridge{file}, below `bridges:`, see netplan(5)"),
        Program::Ifupdown => {
            format!("make the bridge{file}, with `bridge_ports`, see bridge-utils-interfaces(5)")
        }
        Program::Networkd => {
            "make the bridge with a .netdev file in /etc/systemd/network, see systemd.netdev(5)".to_owned()
        }
        Program::Wicked => {
            "make the bridge with a file in /etc/sysconfig/network, see ifcfg-bridge(5)".to_owned()
        }
        Program::NetworkManager | Program::NetworkScripts | Program::OpenVswitch => {
            "make the bridge with keyfiles in /etc/NetworkManager/system-connections, see nm-settings-keyfile(5)"
                .to_owned()
        }
    }
}
