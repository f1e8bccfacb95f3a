//! NetworkManager: whether it is there, is started, reads ifcfg files, and which interfaces it leaves alone.
//!
//! Source: NetworkManager.conf(5), nm-config.c (`read_entire_config()`), nm-core-utils.c (`nm_match_spec_device()`), and the
//! spec file of its packages (`default_ifcfg_rh`); the precedence of files was seen with `NetworkManager --print-config`.

mod conf;
mod docs;
mod identity;
mod keyfiles;
mod named;
pub mod refused;
mod spec;

use conf::{CONF, Conf, Defaults, Managed, SNIPPETS};
pub use docs::{Doc, Docs};
pub use identity::iaid;
pub use keyfiles::{IMAGE_KEYFILES, KEYFILES, loads_keyfile, owner, pick_keyfile};
pub use named::{Named, name_of_vlan, named};
use spec::{Spec, What, matched};

use super::claim::Applies;
use super::{At, Claim, Device, Release, Starts, Unparsed, Version, unit};
use crate::tree::{HostPath, Pick, Picker, Tree};
use std::collections::BTreeSet;

/// Where plugins lie, in a folder that is called like the version.
const PLUGINS: &[&str] = &[
    "/usr/lib64/NetworkManager",
    "/usr/lib/NetworkManager",
    "/usr/lib/x86_64-linux-gnu/NetworkManager",
    "/usr/lib/aarch64-linux-gnu/NetworkManager",
    "/usr/lib/powerpc64le-linux-gnu/NetworkManager",
    "/usr/lib/s390x-linux-gnu/NetworkManager",
];
const IFCFG_PLUGIN: &str = "libnm-settings-plugin-ifcfg-rh.so";
const PROGRAM: &[&str] = &["/usr/sbin/NetworkManager", "/usr/bin/NetworkManager"];

/// NetworkManager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkManager {
    /// Whether it is started with the host.
    pub starts: Starts,
    /// Its version, if the tree tells: by the folder of its plugins, else by the release. Unknown means: any that is in use.
    pub version: Option<Version>,
    /// Why it reads no ifcfg files, if it does not.
    pub no_ifcfg: Option<NoIfcfg>,
    /// Whether it prefers keyfiles to ifcfg files: new profiles are such.
    keyfiles_first: bool,
    /// Values of properties that profiles do not say: the first that fits counts.
    defaults: Vec<Defaults>,
    /// For which cards it makes up no profile.
    no_auto_default: Vec<Spec>,
    /// Which interfaces it leaves alone.
    unmanaged: Vec<Spec>,
    /// Where that is said.
    unmanaged_at: Option<At>,
    /// What `[device]` sections say of devices: the first that fits counts.
    managed: Vec<Managed>,
    /// Files of its configuration that could not be read.
    pub unread: Vec<Unparsed>,
    /// Where it is said that its keyfiles lie in another folder, and in which.
    pub(super) elsewhere: Option<(String, At)>,
    /// Profiles of /run, which nobody edits.
    given: Vec<Claim>,
    /// Keyfiles that name no interface, and may take one that has no profile of its own.
    loose: Vec<Claim>,
}

/// Why NetworkManager reads no ifcfg files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoIfcfg {
    /// Ends the sentence "NetworkManager …".
    pub because: String,
    /// What says so.
    pub at: Option<At>,
}

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let snippets = SNIPPETS.iter().map(|folder| (*folder, pick_conf as Picker));
    let plugins = PLUGINS
        .iter()
        .map(|folder| (*folder, pick_version as Picker));
    let all = snippets.chain(plugins).chain(keyfiles::folders());
    all.map(|(folder, pick)| (HostPath::literal(folder), pick))
        .collect()
}

fn pick_conf(name: &str) -> Pick {
    match name.ends_with(".conf") && !name.starts_with('.') {
        true => Pick::Read,
        false => Pick::Skip,
    }
}

fn pick_version(name: &str) -> Pick {
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => Pick::Enter(|name| match name == IFCFG_PLUGIN {
            true => Pick::Note,
            false => Pick::Skip,
        }),
        false => Pick::Skip,
    }
}

pub(super) fn files() -> Vec<HostPath> {
    vec![HostPath::literal(CONF)]
}

pub(super) fn present() -> Vec<HostPath> {
    let dispatcher = "/usr/lib/NetworkManager/dispatcher.d/10-ifcfg-rh-routes.sh";
    let paths = PROGRAM.iter().copied().chain([dispatcher]);
    paths.map(HostPath::literal).collect()
}

/// Returns NetworkManager, if it is installed.
pub(super) fn find(tree: &Tree, release: Option<&Release>) -> Option<NetworkManager> {
    let plugins = plugins(tree);
    let exists = |path: &'static str| tree.exists(&HostPath::literal(path));
    // what is left of it in /etc tells nothing where programs would have been found
    let installed = PROGRAM.iter().any(|path| exists(path))
        || (exists(CONF) && !unit::is_whole(tree))
        || unit::NETWORK_MANAGER.is_installed(tree)
        || !plugins.is_empty();
    if !installed {
        return None;
    }
    let newest = plugins.iter().max_by(|a, b| a.0.cmp(&b.0));
    let version = match newest {
        Some((version, _)) => Some(version.clone()),
        None => release.and_then(Release::network_manager),
    };
    let mut conf = Conf::of(tree, version.as_ref());
    // of one version several folders may be left
    let has_plugin = plugins.iter().any(|(version, folder)| {
        let newest = newest.is_some_and(|(newest, _)| newest == version);
        newest && tree.exists(&folder.join(IFCFG_PLUGIN))
    });
    let no_ifcfg = match newest {
        Some((_, folder)) if !has_plugin => Some(NoIfcfg {
            because: "has no ifcfg-rh plugin here".to_owned(),
            at: Some(At::file(folder.clone())),
        }),
        Some(_) => None,
        None => release
            .filter(|release| !release.has_ifcfg_plugin())
            .map(|release| NoIfcfg {
                because: format!("of {} has no ifcfg-rh plugin", release.name),
                at: Some(release.at.clone()),
            }),
    };
    let (no_auto_default, _) = conf.value("main", "no-auto-default");
    let (unmanaged, unmanaged_at) = conf.value("keyfile", "unmanaged-devices");
    Some(NetworkManager {
        elsewhere: elsewhere(&conf),
        starts: unit::NETWORK_MANAGER.starts(tree),
        no_ifcfg: no_ifcfg.or_else(|| switched_off(&conf)),
        keyfiles_first: keyfiles_first(&conf, release),
        version,
        defaults: conf.defaults(),
        no_auto_default: no_auto_default
            .iter()
            .map(|word| Spec::parse(word))
            .collect(),
        unmanaged: unmanaged.iter().map(|word| Spec::parse(word)).collect(),
        unmanaged_at,
        managed: conf.devices(),
        unread: std::mem::take(&mut conf.unread),
        given: keyfiles::given(tree),
        loose: keyfiles::loose(tree),
    })
}

/// Returns the folder that keyfiles lie in where it is not the usual one, and what says so.
///
/// Source: `path` in the section `[keyfile]`, NetworkManager.conf(5).
fn elsewhere(conf: &Conf) -> Option<(String, At)> {
    let (path, at) = conf.value("keyfile", "path");
    let path = path.into_iter().next()?;
    let usual = path.trim_end_matches('/') == KEYFILES;
    Some((path, at?)).filter(|_| !usual)
}

/// Returns the versions whose plugins are installed, with their folders.
fn plugins(tree: &Tree) -> Vec<(Version, HostPath)> {
    let folders = PLUGINS.iter().map(|folder| HostPath::literal(folder));
    let names = folders.flat_map(|folder| {
        let found = tree.folders_in(&folder);
        found
            .map(|path| (Version::parse(path.name()), path.clone()))
            .collect::<Vec<_>>()
    });
    names
        .filter_map(|(version, path)| Some((version?, path)))
        .collect()
}

/// `plugins=` in `[main]` decides where it is set; where it is not, every plugin that is built in is used.
fn switched_off(conf: &Conf) -> Option<NoIfcfg> {
    let (plugins, at) = conf.value("main", "plugins");
    let at = at?;
    (!plugins.iter().any(|plugin| plugin.trim() == "ifcfg-rh")).then(|| NoIfcfg {
        because: format!("reads no ifcfg files here (plugins={})", plugins.join(",")),
        at: Some(at),
    })
}

/// Returns whether the plugin for keyfiles comes before that for ifcfg files: as `plugins=` says, else as it was built.
///
/// Source: `default_ifcfg_rh` in the spec file of its packages.
fn keyfiles_first(conf: &Conf, release: Option<&Release>) -> bool {
    let (plugins, at) = conf.value("main", "plugins");
    let first = plugins.iter().map(|plugin| plugin.trim());
    let mut first = first.filter(|plugin| ["keyfile", "ifcfg-rh"].contains(plugin));
    match (at, first.next()) {
        (Some(_), Some(first)) => first == "keyfile",
        _ => release.is_some_and(Release::prefers_keyfiles),
    }
}

impl NetworkManager {
    /// Returns whether it prefers ifcfg files to keyfiles.
    #[must_use]
    pub fn prefers_ifcfg(&self) -> bool {
        self.reads_ifcfg() && !self.keyfiles_first
    }

    /// Returns whether it reads ifcfg files, once it runs.
    #[must_use]
    pub fn reads_ifcfg(&self) -> bool {
        self.no_ifcfg.is_none()
    }

    /// Returns the keyfile without the name of an interface that may take this one.
    #[must_use]
    pub fn loose_keyfile(&self, device: &Device<'_>) -> Option<&At> {
        let mut loose = self.loose.iter().filter(|_| !self.starts.never());
        // whose address it is may not be known
        let unknown =
            |claim: &Claim| device.mac.is_none() && matches!(claim.applies, Applies::Mac(_));
        loose
            .find(|claim| claim.applies.fits(device) || unknown(claim))
            .map(|claim| &claim.at)
    }

    /// Returns the value of a property that a profile of the device has which does not say it, and where that is said.
    ///
    /// Source: "Connection section" in NetworkManager.conf(5), `nm_config_data_get_connection_default()`.
    #[must_use]
    pub fn default_of(&self, property: &str, device: &Device<'_>) -> Option<(&str, &At)> {
        for section in self
            .defaults
            .iter()
            .filter(|section| section.is_for(device))
        {
            if let Some((value, at)) = section.values.get(property) {
                return Some((value, at));
            }
            if section.stops {
                break;
            }
        }
        None
    }

    /// Returns the properties for which there are such values.
    #[must_use]
    pub fn properties_with_defaults(&self) -> BTreeSet<&str> {
        let values = self
            .defaults
            .iter()
            .flat_map(|section| section.values.keys());
        values.map(String::as_str).collect()
    }

    /// Returns whether it makes a profile up for a card that has none, in memory: one that asks a DHCP server.
    ///
    /// Source: `no-auto-default` in NetworkManager.conf(5).
    #[must_use]
    pub fn makes_profile_up(&self, device: &Device<'_>) -> bool {
        !matched(&self.no_auto_default, device)
    }

    /// Returns where its configuration says that it leaves the interface alone.
    #[must_use]
    pub fn leaves_alone(&self, device: &Device<'_>) -> Option<&At> {
        if let Some(at) = self.lists_unmanaged(device) {
            return Some(at);
        }
        let fits = |managed: &&Managed| managed.of.is_empty() || matched(&managed.of, device);
        let decides = self.managed.iter().find(fits);
        decides
            .filter(|found| !found.managed)
            .map(|found| &found.at)
    }

    /// Returns where `unmanaged-devices` lists the interface. What is listed is not even brought up as the controller of a port;
    /// what a `[device]` section leaves alone is (run).
    #[must_use]
    pub fn lists_unmanaged(&self, device: &Device<'_>) -> Option<&At> {
        let listed = self.unmanaged_at.as_ref();
        listed.filter(|_| matched(&self.unmanaged, device))
    }

    /// Returns where it may leave the interface alone, by something that files do not tell of it.
    #[must_use]
    pub fn may_leave_alone(&self, device: &Device<'_>) -> Option<&At> {
        let untold = |specs: &[Spec]| {
            specs.iter().any(|spec| match &spec.what {
                What::Mac(_) => {
                    spec.plain && device.mac.is_none() && device.kind == Some("ethernet")
                }
                What::Other => spec.plain,
                What::All | What::Name(_) | What::Pattern(_) | What::Kind(_) | What::Never => false,
            })
        };
        let listed = self
            .unmanaged_at
            .as_ref()
            .filter(|_| untold(&self.unmanaged));
        let sections = self.managed.iter().filter(|found| !found.managed);
        let mut sections = sections.filter(|found| untold(&found.of));
        listed.or_else(|| sections.next().map(|found| &found.at))
    }

    /// Returns what profiles of /run configure.
    pub(super) fn given(&self) -> &[Claim] {
        &self.given
    }
}

/// Returns whether a file of ifcfg's folder is passed over for its name. NetworkManager's list: `utils_should_ignore_file()` in nms-ifcfg-rh-utils.c, tags in nms-ifcfg-rh-common.h.
pub(super) fn ignores(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rpm_temporary = name.rsplit_once(';').is_some_and(|(_, hex)| hex.len() == 8);
    let tags = [
        "~", ".bak", ".orig", ".rej", ".rpmnew", ".augnew", ".augtmp",
    ];
    rpm_temporary || tags.iter().any(|tag| name.ends_with(tag))
}
