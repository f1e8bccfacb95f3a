//! NetworkManager: whether it is there, is started, reads ifcfg files, and which interfaces it leaves alone.
//!
//! Source: NetworkManager.conf(5), nm-config.c (`read_entire_config()`), nm-core-utils.c (`nm_match_spec_device()`), and the
//! spec file of its packages (`default_ifcfg_rh`); the precedence of files was seen with `NetworkManager --print-config`.

use std::collections::BTreeMap;

use super::release::Release;
use super::version::Version;
use super::{Applies, At, Claim, Device, Program, Starts, glob, unit};
use crate::doc::keyfile::entries;
use crate::tree::{HostPath, Pick, Picker, Tree};

const CONF: &str = "/etc/NetworkManager/NetworkManager.conf";
/// Where snippets lie, the weakest first; of two with one name the stronger is read.
const SNIPPETS: &[&str] = &[
    "/usr/lib/NetworkManager/conf.d",
    "/run/NetworkManager/conf.d",
    "/etc/NetworkManager/conf.d",
];
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
const KEYFILES: &str = "/etc/NetworkManager/system-connections";
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
    let all = snippets.chain(plugins);
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
    PROGRAM.iter().map(|path| HostPath::literal(path)).collect()
}

/// Returns NetworkManager, if it is installed.
pub(super) fn find(tree: &Tree, release: Option<&Release>) -> Option<NetworkManager> {
    let plugins = plugins(tree);
    let exists = |path: &'static str| tree.exists(&HostPath::literal(path));
    let installed = PROGRAM.iter().any(|path| exists(path))
        || exists(CONF)
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
    let conf = Conf::of(tree, version.as_ref());
    let no_ifcfg = match newest {
        Some((_, folder)) if !tree.exists(&folder.join(IFCFG_PLUGIN)) => Some(NoIfcfg {
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
        let mut loose = self.loose.iter().filter(|_| self.starts != Starts::No);
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
        self.unmanaged_at
            .as_ref()
            .filter(|_| matched(&self.unmanaged, device))
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

/// A value that several files may have added to.
#[derive(Default)]
struct Value {
    words: Vec<String>,
    at: Option<At>,
}

/// The configuration, all files together.
#[derive(Default)]
struct Conf {
    values: BTreeMap<(String, String), Value>,
}

impl Conf {
    fn of(tree: &Tree, version: Option<&Version>) -> Self {
        let mut conf = Self::default();
        let [vendor, run, admin] = [0, 1, 2].map(|index| HostPath::literal(SNIPPETS[index]));
        let hidden =
            |name: &str, by: &[&HostPath]| by.iter().any(|folder| tree.exists(&folder.join(name)));
        let snippets = |folder: &HostPath, by: &[&HostPath]| -> Vec<HostPath> {
            let names = tree
                .names(folder)
                .filter(|(name, _)| name.ends_with(".conf"));
            let names = names.filter(|(name, _)| !hidden(name, by));
            names.map(|(_, path)| path.clone()).collect()
        };
        let mut files = snippets(&vendor, &[&run, &admin]);
        files.extend(snippets(&run, &[&admin]));
        files.push(HostPath::literal(CONF));
        files.extend(snippets(&admin, &[]));
        for path in files {
            if let Some(file) = tree.file(&path) {
                conf.add(&path, &String::from_utf8_lossy(&file.bytes), version);
            }
        }
        conf
    }

    fn add(&mut self, path: &HostPath, text: &str, version: Option<&Version>) {
        let entries = entries(text);
        let enable = entries
            .iter()
            .rfind(|e| e.section == ".config" && e.key == "enable");
        // the main file is read whatever it says there
        let is_snippet = path.as_str() != CONF;
        if is_snippet && enable.is_some_and(|entry| !is_enabled(entry.value, version)) {
            return;
        }
        // of a key that a file gives again only the last one counts, in its place
        let last: BTreeMap<(&str, &str), u32> = entries
            .iter()
            .map(|e| ((e.section, e.key), e.line))
            .collect();
        for entry in &entries {
            let (key, sign) = match entry.key.strip_suffix(['+', '-']) {
                Some(key) => (key, entry.key.chars().next_back()),
                None => (entry.key, None),
            };
            // only these are asked for
            let words = match (entry.section, key) {
                ("main", "plugins") => entry.value.split(',').map(str::to_owned).collect(),
                ("keyfile", "unmanaged-devices") => words(entry.value),
                _ => continue,
            };
            if last.get(&(entry.section, entry.key)) != Some(&entry.line) {
                continue;
            }
            let id = (entry.section.to_owned(), key.to_owned());
            let value = self.values.entry(id).or_default();
            match sign {
                Some('+') => value.words.extend(words),
                Some(_) => value.words.retain(|word| !words.contains(word)),
                None => value.words = words,
            }
            value.at = Some(At {
                path: path.clone(),
                line: entry.line,
            });
        }
    }

    fn value(&self, section: &str, key: &str) -> (Vec<String>, Option<At>) {
        match self.values.get(&(section.to_owned(), key.to_owned())) {
            Some(value) => (value.words.clone(), value.at.clone()),
            None => (Vec::new(), None),
        }
    }
}

fn words(value: &str) -> Vec<String> {
    let words = value.split([',', ';']).map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a file that says `enable=VALUE` is read: a boolean, or conditions of the version; `env:` is never met here.
fn is_enabled(value: &str, version: Option<&Version>) -> bool {
    match value {
        "yes" | "true" | "on" | "1" => return true,
        "no" | "false" | "off" | "0" => return false,
        _ => {}
    }
    let holds = |word: &str| {
        let part = |prefix: &str| Some((Version::parse(word.strip_prefix(prefix)?)?, version?));
        part("nm-version-min:").is_some_and(|(wanted, found)| found.at_least(&wanted))
            || part("nm-version-max:").is_some_and(|(wanted, found)| found.at_most(&wanted))
            || part("nm-version:").is_some_and(|(wanted, found)| found.begins_with(&wanted))
    };
    decide(
        words(value)
            .iter()
            .map(|word| match word.strip_prefix("except:") {
                Some(word) => (false, holds(word)),
                None => (true, holds(word)),
            }),
    )
}

/// What a list of conditions comes to: an exception that is met decides; exceptions alone mean all others.
fn decide(conditions: impl Iterator<Item = (bool, bool)>) -> bool {
    let (mut any, mut met, mut plain) = (false, false, false);
    for (is_plain, holds) in conditions {
        if !is_plain && holds {
            return false;
        }
        any = true;
        plain |= is_plain;
        met |= is_plain && holds;
    }
    met || (any && !plain)
}

/// A condition that a device meets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spec {
    plain: bool,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    All,
    Name(String),
    Pattern(String),
    Mac(String),
    Kind(String),
    /// What files do not tell, such as a driver.
    Other,
}

impl Spec {
    fn parse(word: &str) -> Self {
        let (plain, word) = match word.strip_prefix("except:") {
            Some(word) => (false, word),
            None => (true, word),
        };
        let what = if word == "*" {
            What::All
        } else if let Some(name) = word.strip_prefix("interface-name:") {
            match (name.strip_prefix('='), name.strip_prefix('~')) {
                (Some(name), _) => What::Name(name.to_owned()),
                (None, Some(name)) => What::Pattern(name.to_owned()),
                (None, None) => What::Pattern(name.to_owned()),
            }
        } else if let Some(mac) = word.strip_prefix("mac:") {
            What::Mac(mac.to_ascii_lowercase().replace('-', ":"))
        } else if let Some(kind) = word.strip_prefix("type:") {
            What::Kind(kind.to_owned())
        } else if word.contains(':') && !is_mac(word) {
            What::Other
        } else if is_mac(word) {
            What::Mac(word.to_ascii_lowercase())
        } else {
            What::Name(word.to_owned())
        };
        Self { plain, what }
    }

    fn holds(&self, device: &Device<'_>) -> bool {
        match &self.what {
            What::All => true,
            What::Name(name) => name == device.name,
            What::Pattern(pattern) => glob::fits(pattern, device.name),
            What::Mac(mac) => device.mac.is_some_and(|own| own.eq_ignore_ascii_case(mac)),
            What::Kind(kind) => device.kind == Some(kind),
            What::Other => false,
        }
    }
}

fn is_mac(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    let hex = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    parts.len() == 6 && parts.iter().all(hex)
}

fn matched(specs: &[Spec], device: &Device<'_>) -> bool {
    decide(specs.iter().map(|spec| (spec.plain, spec.holds(device))))
}
