//! NetworkManager: whether it is there, is started, reads ifcfg files, and which interfaces it leaves alone.
//!
//! Source: NetworkManager.conf(5), nm-config.c (`read_entire_config()`), nm-core-utils.c (`nm_match_spec_device()`), and the
//! spec file of its packages (`default_ifcfg_rh`); the precedence of files was seen with `NetworkManager --print-config`.

use std::collections::BTreeMap;

use super::nm_conf::{CONF, Conf, Managed, SNIPPETS, Spec, What, matched};
use super::release::Release;
use super::version::Version;
use super::{
    Applies, At, Claim, Device, KEYFILES, Kind, Program, Starts, Unparsed, is_whole, loads_keyfile,
    strongest, unit,
};
use crate::doc::keyfile::entries;
use crate::tree::{HostPath, Pick, Picker, Tree};

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
/// Where profiles lie that are made at every start, or come with the image; the stronger first.
const GIVEN: &[&str] = &[
    "/run/NetworkManager/system-connections",
    "/usr/lib/NetworkManager/system-connections",
];
/// The longest keyfile that is looked into, in bytes.
const LONGEST_KEYFILE: usize = 32 << 10;
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
    /// Which interfaces it leaves alone.
    unmanaged: Vec<Spec>,
    /// Where that is said.
    unmanaged_at: Option<At>,
    /// What `[device]` sections say of devices: the first that fits counts.
    managed: Vec<Managed>,
    /// Files of its configuration that could not be read.
    pub unread: Vec<Unparsed>,
    /// Profiles of /run and /usr, which nobody edits.
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
    let given = GIVEN.iter().map(|folder| (*folder, pick_keyfile as Picker));
    let all = snippets.chain(plugins).chain(given);
    all.map(|(folder, pick)| (HostPath::literal(folder), pick))
        .collect()
}

fn pick_conf(name: &str) -> Pick {
    match name.ends_with(".conf") && !name.starts_with('.') {
        true => Pick::Read,
        false => Pick::Skip,
    }
}

fn pick_keyfile(name: &str) -> Pick {
    match name.ends_with(".nmconnection") && loads_keyfile(name) {
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
    PROGRAM.iter().map(|path| HostPath::literal(path)).collect()
}

/// Returns NetworkManager, if it is installed.
pub(super) fn find(tree: &Tree, release: Option<&Release>) -> Option<NetworkManager> {
    let plugins = plugins(tree);
    let exists = |path: &'static str| tree.exists(&HostPath::literal(path));
    // what is left of it in /etc tells nothing where programs would have been found
    let installed = PROGRAM.iter().any(|path| exists(path))
        || (exists(CONF) && !is_whole(tree))
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
    let (unmanaged, unmanaged_at) = conf.value("keyfile", "unmanaged-devices");
    Some(NetworkManager {
        starts: unit::NETWORK_MANAGER.starts(tree),
        no_ifcfg: no_ifcfg.or_else(|| switched_off(&conf)),
        version,
        unmanaged: unmanaged.iter().map(|word| Spec::parse(word)).collect(),
        unmanaged_at,
        managed: conf.devices(),
        unread: std::mem::take(&mut conf.unread),
        given: given(tree),
        loose: loose(tree),
    })
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

impl NetworkManager {
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

    /// Returns where its configuration says that it leaves the interface alone.
    #[must_use]
    pub fn leaves_alone(&self, device: &Device<'_>) -> Option<&At> {
        let listed = self.unmanaged_at.as_ref();
        if let Some(at) = listed.filter(|_| matched(&self.unmanaged, device)) {
            return Some(at);
        }
        let fits = |managed: &&Managed| managed.of.is_empty() || matched(&managed.of, device);
        let decides = self.managed.iter().find(fits);
        decides
            .filter(|found| !found.managed)
            .map(|found| &found.at)
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

    /// Returns what profiles of /run and /usr configure.
    pub(super) fn given(&self) -> &[Claim] {
        &self.given
    }
}

/// Returns what keyfiles without the name of an interface are for: the cards of an address, those of a pattern, or all.
///
/// Source: nm-settings-keyfile(5); `match.interface-name` of nm-settings(5), where `!` and `&` count from version 1.24 on.
fn loose(tree: &Tree) -> Vec<Claim> {
    let names = tree.names(&HostPath::literal(KEYFILES));
    let files = names.filter_map(|(_, path)| Some((path, tree.file(path)?)));
    let short = files.filter(|(_, file)| file.bytes.len() <= LONGEST_KEYFILE);
    let found = short.filter_map(|(path, file)| {
        let text = String::from_utf8_lossy(&file.bytes);
        let entries = entries(&text);
        let last = |sections: &[&str], key: &str| {
            let found = entries
                .iter()
                .rfind(|e| sections.contains(&e.section) && e.key == key);
            found
                .map(|entry| entry.value)
                .filter(|value| !value.is_empty())
        };
        let connection = |key| last(&["connection"], key);
        let ethernet = ["ethernet", "802-3-ethernet"];
        if !ethernet.contains(&connection("type")?)
            || connection("interface-name").is_some()
            || matches!(connection("autoconnect"), Some("false" | "0"))
        {
            return None;
        }
        let patterns = last(&["match"], "interface-name").map(|list| {
            let words = list
                .split(';')
                .map(|word| word.trim_start_matches(['|', '&']));
            words
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        });
        let applies = match (last(&ethernet, "mac-address"), patterns) {
            (Some(mac), _) => Applies::Mac(vec![mac.to_owned()]),
            (None, Some(patterns)) => Applies::Patterns(patterns),
            (None, None) => Applies::Cards,
        };
        Some(Claim::new(
            applies,
            Program::NetworkManager,
            At::file(path.clone()),
        ))
    });
    found.collect()
}

/// Returns the profiles that lie in /run and /usr: netplan, initrds and images put them there. In /etc any name will do, here
/// it takes the suffix.
fn given(tree: &Tree) -> Vec<Claim> {
    let own = HostPath::literal(KEYFILES);
    let files = strongest(tree, GIVEN.iter().map(|folder| HostPath::literal(folder)));
    let mut interfaces: BTreeMap<String, String> = BTreeMap::new();
    let mut found: Vec<(Claim, Option<String>)> = Vec::new();
    for (name, path) in files {
        let Some(file) = tree.file(path).filter(|_| name.ends_with(".nmconnection")) else {
            continue;
        };
        // that in /etc counts before it
        if file.bytes.len() > LONGEST_KEYFILE || tree.exists(&own.join(name)) {
            continue;
        }
        let text = String::from_utf8_lossy(&file.bytes);
        let entries = entries(&text);
        let last = |key: &str| {
            let found = entries
                .iter()
                .rfind(|e| e.section == "connection" && e.key == key);
            found.filter(|entry| !entry.value.is_empty())
        };
        let Some(interface) = last("interface-name") else {
            continue;
        };
        if let Some(uuid) = last("uuid") {
            interfaces.insert(uuid.value.to_owned(), interface.value.to_owned());
        }
        let at = At {
            path: path.clone(),
            line: interface.line,
        };
        let applies = Applies::Name(interface.value.to_owned());
        let mut claim = Claim::new(applies, Program::NetworkManager, at);
        claim.bridge = match last("type").map(|entry| entry.value) {
            Some("bridge") => Some(Kind::Linux),
            Some("ovs-bridge") => Some(Kind::OpenVswitch),
            Some(_) | None => None,
        };
        let controller = last("master").or_else(|| last("controller"));
        found.push((claim, controller.map(|entry| entry.value.to_owned())));
    }
    let ports: Vec<(String, String)> = found
        .iter()
        .filter_map(|(claim, controller)| {
            let controller = controller.as_ref()?;
            let bridge = interfaces.get(controller).unwrap_or(controller);
            Some((bridge.clone(), claim.name()?.to_owned()))
        })
        .collect();
    let mut by_bridge: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (bridge, port) in ports {
        by_bridge.entry(bridge).or_default().push(port);
    }
    let with_ports = |(mut claim, _): (Claim, Option<String>)| {
        if let (Some(name), Some(_)) = (claim.name(), claim.bridge) {
            claim.ports = by_bridge.get(name).cloned().unwrap_or_default();
        }
        claim
    };
    found.into_iter().map(with_ports).collect()
}
