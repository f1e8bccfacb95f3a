//! Where the files of a host's network lie: one line a kind of file.
//!
//! What is read, how much of it, what commands may change, how a file spells its secrets and which files belong to an
//! interface by their names: all of that is looked up here, so that a kind of file that is added is known everywhere. To add
//! one: its line in [`FILES`].
//!
//! Sources: doc/sysconfig.txt of initscripts, ifup-routes, dhclient-script(8), nm-settings-keyfile(5), firewalld.zone(5),
//! and the configuration folders of libvirtd.

/// A format of connection profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    /// `ifcfg-*` in /etc/sysconfig/network-scripts.
    #[default]
    Ifcfg,
    /// `*.nmconnection` in /etc/NetworkManager/system-connections.
    NmKeyfile,
}

impl Backend {
    /// All formats.
    pub const ALL: [Self; 2] = [Self::Ifcfg, Self::NmKeyfile];

    /// Returns the word that users have for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ifcfg => "ifcfg",
            Self::NmKeyfile => "keyfile",
        }
    }

    /// Returns whether bridges of Open vSwitch are written in it: as keyfiles each takes three profiles, see nm-openvswitch(7).
    #[must_use]
    pub fn has_ovs(self) -> bool {
        match self {
            Self::Ifcfg => true,
            Self::NmKeyfile => false,
        }
    }

    /// Returns whether NetworkManager alone reads it.
    #[must_use]
    pub fn is_of_network_manager(self) -> bool {
        match self {
            Self::Ifcfg => false,
            Self::NmKeyfile => true,
        }
    }

    /// Returns the path of a new profile of the interface `name`.
    #[must_use]
    pub fn path(self, name: &str) -> String {
        match self {
            Self::Ifcfg => format!("{SCRIPTS}/ifcfg-{name}"),
            Self::NmKeyfile => format!("{KEYFILES}/{name}.nmconnection"),
        }
    }

    /// Returns how a profile says whether it is brought up at boot.
    #[must_use]
    pub fn start(self, at_boot: bool) -> &'static str {
        match (self, at_boot) {
            (Self::Ifcfg, true) => "ONBOOT=yes",
            (Self::Ifcfg, false) => "ONBOOT=no",
            (Self::NmKeyfile, true) => "autoconnect=true",
            (Self::NmKeyfile, false) => "autoconnect=false",
        }
    }

    /// Returns how a profile gives its interface a hardware address, up to the name of its file.
    #[must_use]
    pub fn gives_mac(self, mac: &str) -> String {
        match self {
            Self::Ifcfg => format!("MACADDR={mac} in"),
            Self::NmKeyfile => format!("cloned-mac-address={mac} in the group [ethernet] of"),
        }
    }

    /// Returns whether a new profile of the interface `name` would never be read, because of the name of its file.
    #[must_use]
    pub fn passes_over(self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Self::Ifcfg => {
                name.contains("-range") || PASSED_OVER.iter().any(|end| name.ends_with(end))
            }
            Self::NmKeyfile => false,
        }
    }
}

/// Ends of names that network-scripts or NetworkManager take for copies: `is_ignored_file()` of initscripts,
/// `utils_should_ignore_file()` in nms-ifcfg-rh-utils.c.
const PASSED_OVER: &[&str] = &[
    ".bak", ".old", ".orig", ".rej", ".rpmnew", ".rpmorig", ".rpmsave", ".augnew", ".augtmp",
];

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKind {
    /// The folder.
    pub folder: &'static str,
    /// The name in it, with at most one `*`, which stands for anything, also nothing.
    pub name: &'static str,
    /// The format of profiles that it belongs to.
    pub format: Option<Backend>,
    /// How it is written.
    pub spelling: Spelling,
    /// What it is about.
    pub about: About,
    /// What commands do to it.
    pub commands: Commands,
    /// The longest one that is read, in bytes.
    pub longest: usize,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spelling {
    /// Assignments of a shell.
    Shell,
    /// Lines of words: arguments of ip(8) or route(8).
    Words,
    /// Sections of keys, as in .ini files.
    Keyfile,
    /// XML.
    Xml,
    /// dhclient.conf(5).
    Dhclient,
    /// Code that a program runs.
    Code,
}

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// A connection profile.
    Profile,
    /// Secrets of a profile.
    Secrets,
    /// Static routes of the interface that the name holds.
    Routes,
    /// Policy rules of the interface that the name holds.
    Rules,
    /// How a DHCP client asks for the interface that the name holds.
    Dhcp,
    /// The interfaces of the host, all together.
    Host,
    /// A zone of the firewall.
    Zone,
    /// A network of libvirt.
    Network,
    /// A guest of libvirt.
    Guest,
    /// That a network or a guest is started with the host.
    Autostart,
    /// How a card is called.
    Naming,
    /// What NetworkManager leaves alone.
    Unmanaged,
    /// That a program that configures interfaces is started with the host.
    Started,
}

/// What commands do to a kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Commands {
    /// They write it.
    Write,
    /// They give it another name, and never write anything else into it: a program runs it.
    Move,
    /// They make a link of it that leads there, or take it away.
    Link(&'static str),
}

/// Files that people write by hand: the longest that are known have some KiB.
const SMALL: usize = 1 << 20;
/// What a client may hand to libvirtd: `REMOTE_STRING_MAX` in remote/remote_protocol.x.
const LARGE: usize = 4 << 20;

const KEYFILES: &str = "/etc/NetworkManager/system-connections";
const SCRIPTS: &str = "/etc/sysconfig/network-scripts";
const SYSCONFIG: &str = "/etc/sysconfig";
const DHCP: &str = "/etc/dhcp";
const ETC: &str = "/etc";

const fn kind(
    folder: &'static str,
    name: &'static str,
    spelling: Spelling,
    about: About,
) -> FileKind {
    let commands = match spelling {
        Spelling::Code => Commands::Move,
        Spelling::Shell
        | Spelling::Words
        | Spelling::Keyfile
        | Spelling::Xml
        | Spelling::Dhclient => Commands::Write,
    };
    let longest = match about {
        About::Network | About::Guest | About::Autostart => LARGE,
        About::Profile
        | About::Secrets
        | About::Routes
        | About::Rules
        | About::Dhcp
        | About::Host
        | About::Zone
        | About::Naming
        | About::Unmanaged
        | About::Started => SMALL,
    };
    let format = match (about, spelling) {
        (About::Profile, Spelling::Keyfile) => Some(Backend::NmKeyfile),
        (About::Profile | About::Secrets | About::Routes | About::Rules | About::Dhcp, _) => {
            Some(Backend::Ifcfg)
        }
        (
            About::Host
            | About::Zone
            | About::Network
            | About::Guest
            | About::Autostart
            | About::Naming
            | About::Unmanaged
            | About::Started,
            _,
        ) => None,
    };
    FileKind {
        folder,
        name,
        format,
        spelling,
        about,
        commands,
        longest,
    }
}

/// The folder in which files give cards their names.
pub const LINKS: &str = "/etc/systemd/network";
/// What NetworkManager leaves alone since its ifcfg file said so.
pub const UNMANAGED: &str = "90-kvmnet-unmanaged.conf";
/// Where snippets of NetworkManager's configuration lie.
pub const SNIPPETS: &str = "/etc/NetworkManager/conf.d";

/// Where the links of run levels lead.
const SERVICE: &str = "../init.d/network";
const WANTED: &str = "/etc/systemd/system/multi-user.target.wants";
const ONLINE: &str = "/etc/systemd/system/network-online.target.wants";
/// Where a unit gets further names.
pub const ALIASES: &str = "/etc/systemd/system";

/// A link that starts a program with the host, or keeps it from being started.
const fn link(folder: &'static str, name: &'static str, target: &'static str) -> FileKind {
    let kind = kind(folder, name, Spelling::Words, About::Started);
    FileKind {
        commands: Commands::Link(target),
        ..kind
    }
}

/// The kinds of files that commands read and change.
pub const FILES: &[FileKind] = &[
    kind(SCRIPTS, "ifcfg-*", Spelling::Shell, About::Profile),
    kind(SCRIPTS, "keys-*", Spelling::Shell, About::Secrets),
    kind(SCRIPTS, "route-*", Spelling::Words, About::Routes),
    kind(SCRIPTS, "route6-*", Spelling::Words, About::Routes),
    kind(SCRIPTS, "*.route", Spelling::Words, About::Routes),
    kind(SCRIPTS, "rule-*", Spelling::Words, About::Rules),
    kind(SCRIPTS, "rule6-*", Spelling::Words, About::Rules),
    kind(DHCP, "dhclient-*.conf", Spelling::Dhclient, About::Dhcp),
    kind(DHCP, "dhclient6-*.conf", Spelling::Dhclient, About::Dhcp),
    kind(ETC, "dhclient-*.conf", Spelling::Dhclient, About::Dhcp),
    kind(ETC, "dhclient6-*.conf", Spelling::Dhclient, About::Dhcp),
    kind(DHCP, "dhclient-*-up-hooks", Spelling::Code, About::Dhcp),
    kind(DHCP, "dhclient-*-down-hooks", Spelling::Code, About::Dhcp),
    kind(SYSCONFIG, "network", Spelling::Shell, About::Host),
    kind(SYSCONFIG, "static-routes", Spelling::Words, About::Host),
    kind(
        SYSCONFIG,
        "static-routes-ipv6",
        Spelling::Words,
        About::Host,
    ),
    kind(LINKS, "10-*.link", Spelling::Keyfile, About::Naming),
    kind(SNIPPETS, UNMANAGED, Spelling::Keyfile, About::Unmanaged),
    link(
        WANTED,
        "NetworkManager.service",
        "/usr/lib/systemd/system/NetworkManager.service",
    ),
    link(
        ONLINE,
        "NetworkManager-wait-online.service",
        "/usr/lib/systemd/system/NetworkManager-wait-online.service",
    ),
    link(
        ALIASES,
        "dbus-org.freedesktop.nm-dispatcher.service",
        "/usr/lib/systemd/system/NetworkManager-dispatcher.service",
    ),
    link(
        ALIASES,
        "dbus-org.freedesktop.NetworkManager.service",
        "/usr/lib/systemd/system/NetworkManager.service",
    ),
    link(
        WANTED,
        "network.service",
        "/usr/lib/systemd/system/network.service",
    ),
    link("/etc/rc.d/rc2.d", "S10network", SERVICE),
    link("/etc/rc.d/rc2.d", "K90network", SERVICE),
    link("/etc/rc.d/rc3.d", "S10network", SERVICE),
    link("/etc/rc.d/rc3.d", "K90network", SERVICE),
    link("/etc/rc.d/rc4.d", "S10network", SERVICE),
    link("/etc/rc.d/rc4.d", "K90network", SERVICE),
    link("/etc/rc.d/rc5.d", "S10network", SERVICE),
    link("/etc/rc.d/rc5.d", "K90network", SERVICE),
    kind("/etc/firewalld/zones", "*.xml", Spelling::Xml, About::Zone),
    // NetworkManager asks for no suffix here
    kind(KEYFILES, "*", Spelling::Keyfile, About::Profile),
    kind(
        "/etc/libvirt/qemu/networks",
        "*.xml",
        Spelling::Xml,
        About::Network,
    ),
    kind(
        "/etc/libvirt/qemu/networks/autostart",
        "*.xml",
        Spelling::Xml,
        About::Autostart,
    ),
    kind("/etc/libvirt/qemu", "*.xml", Spelling::Xml, About::Guest),
    kind(
        "/etc/libvirt/qemu/autostart",
        "*.xml",
        Spelling::Xml,
        About::Autostart,
    ),
];

impl FileKind {
    /// Returns whether the file at `path` is of this kind.
    #[must_use]
    pub fn is_of(&self, path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        folder == self.folder && self.is_named(name)
    }

    /// Returns whether `name` is one of this kind.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.starred(name).is_some() || self.name == name
    }

    /// Returns what stands for the `*` in `name`.
    #[must_use]
    pub fn starred<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (start, end) = self.name.split_once('*')?;
        name.strip_prefix(start)?.strip_suffix(end)
    }

    /// Returns the path of the file for `name`, in the place of the `*`.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        format!("{}/{}", self.folder, self.name.replacen('*', name, 1))
    }
}

/// Returns the kind of the file at `path`.
#[must_use]
pub fn kind_of(path: &str) -> Option<&'static FileKind> {
    FILES.iter().find(|kind| kind.is_of(path))
}

/// Returns the kinds in `folder`.
pub fn kinds_in(folder: &str) -> impl Iterator<Item = &'static FileKind> {
    FILES.iter().filter(move |kind| kind.folder == folder)
}

/// Returns the kind of the file at `path`: by its folder, else (behind a linked one) by its name.
#[must_use]
pub fn kind_anywhere(path: &str) -> Option<&'static FileKind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let keyfile = || {
        let is_one = name.ends_with(".nmconnection");
        kinds_in(KEYFILES).next().filter(|_| is_one)
    };
    kind_of(path)
        .or_else(|| kind_by_name(name))
        .or_else(keyfile)
}

/// Returns the kind that a file of this name is of wherever it lies, if the name tells.
#[must_use]
pub fn kind_by_name(name: &str) -> Option<&'static FileKind> {
    FILES.iter().find(|kind| {
        let (start, end) = kind.name.split_once('*').unwrap_or((kind.name, ""));
        !(start.is_empty() && (end.is_empty() || end == ".xml")) && kind.is_named(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_is_of_the_first_kind_that_it_fits() {
        for kind in FILES {
            let path = kind.path("x");
            assert_eq!(kind_of(&path), Some(kind), "{path}");
        }
        assert_eq!(kind_of("/etc/sysconfig/network-scripts/ifup-eth"), None);
        assert_eq!(kind_of("/etc/libvirt/qemu/networks/x"), None);
    }

    #[test]
    fn what_is_run_is_moved_alone() {
        for kind in FILES {
            let run = kind.spelling == Spelling::Code;
            assert_eq!(run, kind.commands == Commands::Move, "{}", kind.name);
        }
    }
}
