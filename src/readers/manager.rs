//! Who manages an interface, and whether that program reads ifcfg files.

use super::{
    At, Claim, Device, Kind, NetworkManager, Other, Program, Readers, Release, Spot, Starts,
    Version,
};

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
            Some(scripts) if !scripts.starts.never() => Ok(Manager::NetworkScripts),
            None if self.network_manager.is_none() && self.managers().next().is_none() => {
                match self
                    .release
                    .as_ref()
                    .filter(|release| release.has_no_ifcfg())
                {
                    Some(release) => Err(of_release(device, release)),
                    None if self.whole => Err(none(device)),
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

    /// Returns the other programs that configure interfaces of the host.
    pub fn managers(&self) -> impl Iterator<Item = &Other> {
        let is_manager = |other: &&Other| other.program != Program::OpenVswitch;
        self.others.iter().filter(is_manager)
    }

    /// Returns what another program's file configures, of which the interface is.
    #[must_use]
    pub fn claim_on(&self, device: &Device<'_>) -> Option<&Claim> {
        // of one program the first claim that fits counts
        let named = self.index.names.get(device.name).copied();
        let fits = |spot: &&Spot| {
            named.is_none_or(|named| **spot < named)
                && self
                    .claim(**spot)
                    .is_some_and(|claim| claim.applies.fits(device))
        };
        let found = self.index.patterns.iter().find(fits).copied().or(named);
        let found = found.and_then(|spot| self.claim(spot));
        let found = found.filter(|claim| claim.manages);
        found.or_else(|| self.given().find(|claim| claim.applies.fits(device)))
    }

    fn claim(&self, (program, claim): Spot) -> Option<&Claim> {
        self.others.get(program)?.claims.get(claim)
    }

    /// Returns what profiles of /run and /usr configure, where NetworkManager runs.
    fn given(&self) -> impl Iterator<Item = &Claim> {
        let nm = self.network_manager.iter().filter(|nm| !nm.starts.never());
        nm.flat_map(NetworkManager::given)
    }

    /// Returns the bridge that has this port by the file of a program that is started.
    fn bridge_with(&self, port: &str) -> Option<(&str, &Claim)> {
        let found = self
            .index
            .ports
            .get(port)
            .and_then(|spot| self.claim(*spot));
        let given = || {
            let mut given = self.given();
            given.find(|claim| claim.ports.iter().any(|name| name == port))
        };
        let claim = found.or_else(given)?;
        Some((claim.name()?, claim))
    }

    /// Returns the bridges that files of other programs make, each name once.
    pub fn bridges(&self) -> impl Iterator<Item = (&str, &Claim, Kind)> {
        let all = self.others.iter().flat_map(|other| &other.claims);
        let all = all.chain(self.given());
        all.filter_map(|claim| Some((claim.name()?, claim, claim.bridge?)))
    }

    /// Says which programs were found, one text each, as `-v` shows them.
    #[must_use]
    pub fn described(&self) -> Vec<String> {
        let started = |starts: &Starts| match starts {
            Starts::Yes => ", started with the host".to_owned(),
            Starts::No => ", not started with the host".to_owned(),
            Starts::Masked(by) => format!(", masked by {by}"),
            Starts::Idle(at) => format!(", idle by {}", at.path),
            Starts::Unknown => ", perhaps started with the host".to_owned(),
        };
        let version = |version: &Option<Version>| match version {
            Some(version) => format!(" {version}"),
            None => " of unknown version".to_owned(),
        };
        let mut said = Vec::new();
        if let Some(scripts) = &self.scripts {
            said.push(format!("network-scripts{}", started(&scripts.starts)));
        }
        if let Some(nm) = &self.network_manager {
            let reads = match &nm.no_ifcfg {
                Some(no) => format!("; it {}", no.because),
                None => "; it reads ifcfg files".to_owned(),
            };
            let version = version(&nm.version);
            said.push(format!(
                "NetworkManager{version}{}{reads}",
                started(&nm.starts)
            ));
        }
        let others = self.others.iter();
        said.extend(
            others.map(|other| format!("{}{}", other.program.name(), started(&other.starts))),
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
        let nm = self.network_manager.iter().flat_map(|nm| &nm.unread);
        let unparsed = self
            .others
            .iter()
            .flat_map(|other| &other.unparsed)
            .chain(nm);
        said.extend(unparsed.map(|file| format!("passed over {}: {}", file.path, file.why)));
        said
    }

    /// Returns whether a new profile in the format of ifcfg would be read, as far as that can be told.
    #[must_use]
    pub fn take_ifcfg(&self) -> bool {
        let device = Device {
            name: "br-new",
            mac: None,
            kind: None,
        };
        let found = self.manager_of(&device, true);
        found.map_or_else(|not_read| not_read.may_be_meant, |_| true)
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

    /// Returns where NetworkManager's configuration says that it leaves the interface alone.
    #[must_use]
    pub fn left_alone(&self, device: &Device<'_>) -> Option<&At> {
        self.network_manager.as_ref()?.leaves_alone(device)
    }

    /// Says why nobody reads the file of an interface that no other program's file names.
    fn nobody(&self, device: &Device<'_>, nm_controlled: bool) -> NotRead {
        let name = device.name;
        let nm = self
            .network_manager
            .as_ref()
            .filter(|nm| !nm.starts.never());
        // that a file of Debian's is there is no reason, where it configures loopback alone
        let only_lo = |other: &Other| other.claims.iter().all(|claim| claim.name() == Some("lo"));
        let mut others = self.managers().filter(|other| other.starts == Starts::Yes);
        if let Some(other) = others.find(|other| nm.is_none() || !only_lo(other)) {
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
        if let Some(nm) = nm {
            if let Some(no) = &nm.no_ifcfg {
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
            if !nm_controlled {
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
            if let Some(at) = self.left_alone(device) {
                return NotRead {
                    message: format!(
                        "NetworkManager leaves {name} alone, and nothing else here configures it"
                    ),
                    at: Some(at.clone()),
                    help: format!("take {name} out of what is said there"),
                    may_be_meant: true,
                };
            }
        }
        self.not_started(name)
    }

    /// Says why the program that would read the file is not at work.
    fn not_started(&self, name: &str) -> NotRead {
        let (program, service, starts) = match (&self.scripts, &self.network_manager) {
            (Some(scripts), _) => ("network-scripts", "network", &scripts.starts),
            (None, Some(nm)) => ("NetworkManager", "NetworkManager", &nm.starts),
            (None, None) => match self.managers().next() {
                Some(other) => (other.program.name(), other.program.name(), &other.starts),
                None => ("no program", "network", &Starts::Unknown),
            },
        };
        let (message, at, help) = match starts {
            Starts::Masked(by) => (
                format!("{program} would configure {name}, and is masked"),
                Some(At::file(by.clone())),
                format!("take the mask of the service `{service}` away on that host"),
            ),
            Starts::Idle(at) => (
                format!("{program} would configure {name}, and does nothing: NETWORKING=no"),
                Some(at.clone()),
                "say NETWORKING=yes there".to_owned(),
            ),
            Starts::Yes | Starts::No | Starts::Unknown => (
                format!(
                    "{program} would configure {name}, and is not started with this host: it is installed, and not enabled"
                ),
                None,
                format!("enable the service `{service}` on that host"),
            ),
        };
        NotRead {
            message,
            at,
            help,
            may_be_meant: true,
        }
    }

    /// Says what cannot be told of who reads the file of an interface, where something would be written for it.
    #[must_use]
    pub fn untold(&self, device: &Device<'_>, manager: Manager) -> Option<String> {
        let name = device.name;
        match manager {
            Manager::Unknown => Some(
                "no program that reads ifcfg files was found beneath the root: is it a copy of /etc alone? Nothing tells \
                 whether these files are used"
                    .to_owned(),
            ),
            Manager::NetworkScripts => {
                let scripts = self.scripts.as_ref()?;
                (scripts.starts == Starts::Unknown).then(|| {
                    "nothing beneath the root tells whether network-scripts are started with this host".to_owned()
                })
            }
            Manager::NetworkManager => {
                let nm = self.network_manager.as_ref()?;
                if nm.starts == Starts::Unknown {
                    return Some(
                        "nothing beneath the root tells whether NetworkManager is started with this host".to_owned(),
                    );
                }
                let at = nm.may_leave_alone(device)?;
                Some(format!(
                    "{}:{} may mean {name}, which NetworkManager would then leave alone: what it goes by is in no file",
                    at.path, at.line
                ))
            }
        }
    }
}

fn none(device: &Device<'_>) -> NotRead {
    NotRead {
        message: format!(
            "nothing reads an ifcfg file of {}: neither network-scripts nor NetworkManager is beneath the root",
            device.name
        ),
        at: None,
        help: "install one of the two there first".to_owned(),
        may_be_meant: true,
    }
}

fn of_release(device: &Device<'_>, release: &Release) -> NotRead {
    NotRead {
        message: format!(
            "nothing reads an ifcfg file of {}: {} has no program that does",
            device.name, release.name
        ),
        at: Some(release.at.clone()),
        help: "work on the whole root of that host, and what is there is found".to_owned(),
        may_be_meant: true,
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

#[cfg(test)]
mod tests {
    use super::super::Scripts;
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
