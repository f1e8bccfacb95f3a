//! Which distribution the tree is, and what follows from that.
//!
//! Source: os-release(5), /etc/redhat-release; for NetworkManager its spec file (`bcond_with ifcfg_rh`) and what the
//! distributions ship.

use super::At;
use super::version::Version;
use crate::tree::{HostPath, Tree};

const REDHAT: &[&str] = &[
    "/etc/redhat-release",
    "/etc/centos-release",
    "/etc/system-release",
];
const OS: &[&str] = &["/etc/os-release", "/usr/lib/os-release"];

/// A distribution and its release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// As users know it: "Debian 12".
    pub name: String,
    /// The file that says so.
    pub at: At,
    family: Family,
    numbers: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Red Hat Enterprise Linux and what is built from it.
    Rhel,
    Fedora,
    /// What follows Red Hat's layout with numbers of its own.
    LikeRhel,
    Debian,
    Ubuntu,
    Other,
}

pub(super) fn files() -> Vec<HostPath> {
    let all = REDHAT.iter().chain(OS);
    all.map(|path| HostPath::literal(path)).collect()
}

/// Returns the release of the tree, if a file tells.
pub(super) fn find(tree: &Tree) -> Option<Release> {
    let read = |path: &&'static str| {
        let path = HostPath::literal(path);
        let file = tree.file(&path)?;
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        Some((At::file(path), text))
    };
    let redhat = REDHAT.iter().find_map(read);
    let os = OS.iter().find_map(read);
    let of_redhat = redhat.and_then(|(at, text)| of_redhat(at, &text));
    of_redhat.or_else(|| os.and_then(|(at, text)| of_os(at, &text)))
}

/// What counts its releases as Red Hat Enterprise Linux does.
const RHEL: &[&str] = &[
    "AlmaLinux",
    "CentOS",
    "CloudLinux",
    "Derived from Red Hat",
    "EuroLinux",
    "Oracle",
    "Red Hat",
    "Rocky",
    "Scientific",
    "Virtuozzo",
];

/// Reads `CentOS Linux release 7.9.2009 (Core)`.
fn of_redhat(at: At, text: &str) -> Option<Release> {
    let line = text.lines().next()?.trim();
    let version = Version::parse(line.split("release ").nth(1)?)?;
    Some(Release {
        name: line
            .split(" (")
            .next()
            .unwrap_or(line)
            .replace(" release ", " "),
        at,
        family: match line {
            line if line.contains("Fedora") => Family::Fedora,
            line if RHEL.iter().any(|name| line.starts_with(name)) => Family::Rhel,
            _ => Family::LikeRhel,
        },
        numbers: numbers(&version),
    })
}

fn numbers(version: &Version) -> Vec<u32> {
    let text = version.to_string();
    text.split('.')
        .filter_map(|number| number.parse().ok())
        .collect()
}

/// Reads os-release: assignments of a shell.
fn of_os(at: At, text: &str) -> Option<Release> {
    let value = |key: &str| {
        let lines = text.lines().rev();
        let mut values = lines.filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
        values.next().map(|value| value.trim_matches(['"', '\'']))
    };
    let id = value("ID")?;
    let like = value("ID_LIKE").unwrap_or("");
    let words = || std::iter::once(id).chain(like.split_ascii_whitespace());
    let family = words().find_map(|word| match word {
        "rhel" | "centos" => Some(Family::Rhel),
        "fedora" if id == "fedora" => Some(Family::Fedora),
        "ubuntu" => Some(Family::Ubuntu),
        "debian" => Some(Family::Debian),
        _ => None,
    });
    let version = value("VERSION_ID").unwrap_or("");
    let name = value("NAME").unwrap_or(id);
    Some(Release {
        name: format!("{name} {version}").trim_end().to_owned(),
        at,
        family: family.unwrap_or(Family::Other),
        numbers: Version::parse(version)
            .as_ref()
            .map(numbers)
            .unwrap_or_default(),
    })
}

impl Release {
    fn major(&self) -> Option<u32> {
        self.numbers.first().copied()
    }

    /// Returns whether it is of Red Hat's family, where Debian's programs are not at home.
    pub(super) fn is_redhat(&self) -> bool {
        matches!(
            self.family,
            Family::Rhel | Family::Fedora | Family::LikeRhel
        )
    }

    /// Returns whether ifup-eth calls brctl: RHEL 7 and before.
    pub(super) fn is_before_rhel_8(&self) -> bool {
        self.family == Family::Rhel && self.major().is_some_and(|major| major < 8)
    }

    /// Returns whether nothing that it ships reads ifcfg files as Red Hat has them.
    pub(super) fn has_no_ifcfg(&self) -> bool {
        matches!(self.family, Family::Debian | Family::Ubuntu) || !self.has_ifcfg_plugin()
    }

    /// Returns the command that installs NetworkManager.
    #[must_use]
    pub fn installs_network_manager(&self) -> &'static str {
        let (dnf, yum) = ("dnf install NetworkManager", "yum install NetworkManager");
        match self.family {
            // yum is there in all of them
            Family::Rhel if self.major().is_none_or(|major| major < 8) => yum,
            Family::Rhel | Family::Fedora => dnf,
            Family::LikeRhel => yum,
            Family::Debian | Family::Ubuntu => "apt-get install network-manager",
            Family::Other => dnf,
        }
    }

    /// Returns whether its NetworkManager has the plugin for ifcfg files; where the number is unknown, it has.
    pub(super) fn has_ifcfg_plugin(&self) -> bool {
        match self.family {
            Family::Rhel => self.major().is_none_or(|major| major < 10),
            Family::Fedora => self.major().is_none_or(|major| major < 41),
            Family::LikeRhel => true,
            Family::Debian | Family::Ubuntu | Family::Other => false,
        }
    }

    /// Returns whether its NetworkManager writes keyfiles unless it is told otherwise.
    pub(super) fn prefers_keyfiles(&self) -> bool {
        match self.family {
            Family::Rhel => self.major().is_some_and(|major| major >= 9),
            Family::Fedora => self.major().is_some_and(|major| major >= 33),
            Family::LikeRhel => false,
            Family::Debian | Family::Ubuntu | Family::Other => true,
        }
    }

    /// Returns the version of its NetworkManager, where all hosts of the release have one.
    pub(super) fn network_manager(&self) -> Option<Version> {
        let version: &[u32] = match (self.family, self.numbers.as_slice()) {
            (Family::Rhel, [9, 4, ..]) => &[1, 46],
            (Family::Rhel, [9, 6, ..] | [10, 0, ..]) => &[1, 52],
            (Family::Debian, [11, ..]) => &[1, 30],
            (Family::Debian, [12, ..]) => &[1, 42],
            (Family::Debian, [13, ..]) => &[1, 52],
            _ => return None,
        };
        Some(Version::of(version))
    }

    /// Returns the version of its libvirt, where all hosts of the release have one.
    pub(super) fn libvirt(&self) -> Option<Version> {
        let version: &[u32] = match (self.family, self.numbers.as_slice()) {
            (Family::Debian, [11, ..]) => &[7, 0],
            (Family::Debian, [12, ..]) => &[9, 0],
            (Family::Rhel, [9, 4, ..]) => &[10, 0],
            _ => return None,
        };
        Some(Version::of(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> At {
        At::file(HostPath::literal("/x"))
    }

    #[test]
    fn knows_releases() {
        let of = |text| of_redhat(at(), text).unwrap();
        assert!(of("CentOS Linux release 7.9.2009 (Core)").is_before_rhel_8());
        assert!(of("CentOS Linux release 7.9.2009 (Core)").has_ifcfg_plugin());
        assert!(!of("Red Hat Enterprise Linux release 8.5 (Ootpa)").is_before_rhel_8());
        assert!(!of("Fedora release 6 (Zod)").is_before_rhel_8());
        assert!(of("Fedora release 40 (Forty)").has_ifcfg_plugin());
        assert!(!of("Fedora release 41 (Forty One)").has_ifcfg_plugin());
        assert!(!of("CentOS Stream release 10 (Coughlan)").has_ifcfg_plugin());
        assert_eq!(
            of("CentOS Stream release 10 (Coughlan)").name,
            "CentOS Stream 10"
        );
        let of = |text| of_os(at(), text).unwrap();
        let rhel = of(
            "NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n",
        );
        assert!(rhel.has_ifcfg_plugin());
        assert_eq!(rhel.network_manager().unwrap().to_string(), "1.46");
        let debian = of("ID=debian\nNAME='Debian GNU/Linux'\nVERSION_ID=\"12\"\n");
        assert!(!debian.has_ifcfg_plugin() && !debian.is_redhat());
        assert_eq!(debian.name, "Debian GNU/Linux 12");
        assert_eq!(debian.libvirt().unwrap().to_string(), "9.0");
        assert!(!of("ID=opensuse-leap\nVERSION_ID=15.5\n").has_ifcfg_plugin());
    }
}
