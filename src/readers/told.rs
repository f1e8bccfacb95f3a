//! What is told of the programs that were found: on `-v`, and where something would be written for an interface.

use super::{Device, Manager, Readers, Starts, Version};

impl Readers {
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
                Some(no) => format!("; it reads keyfiles, and {}", no.because),
                None => "; it reads keyfiles and ifcfg files".to_owned(),
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
                format!("for {program} only the names of interfaces and bridges are read: {shown}")
            })
            .collect();
        let nm = self.network_manager.iter().flat_map(|nm| &nm.unread);
        let unparsed = self
            .others
            .iter()
            .flat_map(|other| &other.unparsed)
            .chain(nm);
        said.extend(unparsed.map(|file| format!("skipped {}: {}", file.path, file.why)));
        said
    }

    /// Says what cannot be told of who reads the file of an interface, where something would be written for it.
    #[must_use]
    pub fn untold(&self, device: &Device<'_>, manager: &Manager) -> Option<String> {
        let name = device.name;
        match manager {
            Manager::Unknown => Some(
                "neither network-scripts nor NetworkManager was found under the root: is it a copy of /etc only? Whether these files are used is not known"
                    .to_owned(),
            ),
            Manager::NetworkScripts => {
                let scripts = self.scripts.as_ref()?;
                (scripts.starts == Starts::Unknown).then(|| {
                    "nothing under the root tells whether network-scripts are started with this host".to_owned()
                })
            }
            Manager::Nobody(_) => None,
            Manager::NetworkManager => {
                let nm = self.network_manager.as_ref()?;
                if nm.starts == Starts::Unknown {
                    return Some(
                        "nothing under the root tells whether NetworkManager is started with this host".to_owned(),
                    );
                }
                let at = nm.may_leave_alone(device)?;
                Some(format!(
                    "{} may match `{name}`, which NetworkManager then does not manage: what it matches by is not in any file",
                    at.path.with_line(at.line)
                ))
            }
        }
    }
}
