//! Why nobody would read the profile of an interface, and what to do instead.

use super::{At, Claim, Device, KEYFILES, Other, Program, Readers, Release, Starts};
use crate::layout::Backend;
use crate::tree::word_of;

/// Why the profile of an interface would be read by nobody.
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
    /// Says why nobody reads the file of an interface that no other program's file names.
    pub(super) fn nobody(&self, device: &Device<'_>, nm_controlled: bool) -> NotRead {
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
                        "nothing reads the ifcfg file of `{name}`: NetworkManager {because}"
                    ),
                    at: no.at.clone(),
                    help: format!(
                        "make it a keyfile first: kvmnet migrate keyfile {}",
                        word_of(name)
                    ),
                    may_be_meant: false,
                };
            }
            if !nm_controlled {
                return NotRead {
                    message: format!(
                        "`{name}` has NM_CONTROLLED=no, and only NetworkManager is started on this host"
                    ),
                    at: None,
                    help: "remove NM_CONTROLLED=no from its file, or install network-scripts"
                        .to_owned(),
                    may_be_meant: true,
                };
            }
            if let Some(at) = self.left_alone(device) {
                return left_alone(device, at);
            }
        }
        self.not_started(name)
    }

    /// Says why the program that would read the file is not at work.
    pub(super) fn not_started(&self, name: &str) -> NotRead {
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
                format!("{program} would configure `{name}`, but is masked"),
                Some(At::file(by.clone())),
                format!("unmask the service `{service}` on that host"),
            ),
            Starts::Idle(at) => (
                format!("{program} would configure `{name}`, but does nothing: NETWORKING=no"),
                Some(at.clone()),
                "write NETWORKING=yes there".to_owned(),
            ),
            Starts::Yes | Starts::No | Starts::Unknown => (
                format!(
                    "{program} would configure `{name}`, but is not started with this host: it is installed, but not enabled"
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
}

pub(super) fn left_alone(device: &Device<'_>, at: &At) -> NotRead {
    let name = device.name;
    NotRead {
        message: format!(
            "NetworkManager does not manage `{name}`, and nothing else here configures it"
        ),
        at: Some(at.clone()),
        help: format!("change that setting so that NetworkManager manages `{name}`"),
        may_be_meant: true,
    }
}

/// Says that NetworkManager has its keyfiles in another folder.
///
/// Source: `path` in the section `[keyfile]`, NetworkManager.conf(5).
pub(super) fn elsewhere(path: &str, at: &At) -> NotRead {
    NotRead {
        message: format!(
            "NetworkManager reads the keyfiles of {path} here, and none of {KEYFILES}"
        ),
        at: Some(at.clone()),
        help: format!(
            "remove path= there, and move the keyfiles to {KEYFILES}: mv {}/* {KEYFILES}/",
            word_of(path)
        ),
        may_be_meant: false,
    }
}

pub(super) fn no_network_manager(device: &Device<'_>) -> NotRead {
    NotRead {
        message: format!(
            "nothing reads a keyfile of `{}`: NetworkManager is not under the root",
            device.name
        ),
        at: None,
        help: "install it there first".to_owned(),
        may_be_meant: true,
    }
}

pub(super) fn no_program(device: &Device<'_>) -> NotRead {
    NotRead {
        message: format!(
            "nothing reads an ifcfg file of `{}`: neither network-scripts nor NetworkManager is under the root",
            device.name
        ),
        at: None,
        help: "install one of them there first".to_owned(),
        may_be_meant: true,
    }
}

pub(super) fn of_release(device: &Device<'_>, release: &Release) -> NotRead {
    NotRead {
        message: format!(
            "nothing reads an ifcfg file of `{}`: {} has no program that does",
            device.name, release.name
        ),
        at: Some(release.at.clone()),
        help: "use the complete root of that host, so that its programs are found".to_owned(),
        may_be_meant: true,
    }
}

pub(super) fn attached(device: &Device<'_>, bridge: &str, claim: &Claim) -> NotRead {
    let (name, program) = (device.name, claim.program.name());
    NotRead {
        message: format!("`{name}` is already a port of `{bridge}`, a bridge of {program}"),
        at: Some(claim.at.clone()),
        help: format!(
            "to put guests on it: kvmnet network add NAME --mode bridge --bridge {bridge}"
        ),
        may_be_meant: false,
    }
}

pub(super) fn claimed(device: &Device<'_>, backend: Backend, claim: &Claim) -> NotRead {
    let (name, program) = (device.name, claim.program.name());
    if claim.program == Program::NetworkManager {
        return given(name, claim);
    }
    let files = match backend {
        Backend::Ifcfg => "ifcfg files",
        Backend::NmKeyfile => "keyfiles",
    };
    NotRead {
        message: format!("`{name}` is configured by {program}, which does not read {files}"),
        at: Some(claim.at.clone()),
        help: instead(claim.program, Some(&claim.at)),
        may_be_meant: false,
    }
}

/// Says what to do about a profile that nobody edits, since it is made at every start.
fn given(name: &str, claim: &Claim) -> NotRead {
    let path = &claim.at.path;
    let of_netplan = path.name().starts_with("netplan-");
    let (from, help) = match of_netplan {
        true => (
            "netplan writes at every start",
            "create the bridge in /etc/netplan, below `bridges:`, see netplan(5)",
        ),
        false => (
            "is written at every start",
            "change it where it comes from, such as the kernel's command line",
        ),
    };
    NotRead {
        message: format!("`{name}` is configured by {path}, which {from}"),
        at: Some(claim.at.clone()),
        help: help.to_owned(),
        may_be_meant: false,
    }
}

/// Says how a bridge is made with another program.
fn instead(program: Program, at: Option<&At>) -> String {
    let file = at.map_or_else(String::new, |at| format!(" in {}", at.path));
    match program {
        Program::Netplan => format!("create the bridge{file}, below `bridges:`, see netplan(5)"),
        Program::Ifupdown => {
            format!("create the bridge{file}, with `bridge_ports`, see bridge-utils-interfaces(5)")
        }
        Program::Networkd => {
            "create the bridge with a .netdev file in /etc/systemd/network, see systemd.netdev(5)"
                .to_owned()
        }
        Program::Wicked => {
            "create the bridge with a file in /etc/sysconfig/network, see ifcfg-bridge(5)"
                .to_owned()
        }
        Program::OpenVswitch => "create the bridge with ovs-vsctl(8)".to_owned(),
        Program::NetworkManager | Program::NetworkScripts => {
            format!("give the interface a profile in {KEYFILES}, see nm-settings-keyfile(5)")
        }
    }
}
