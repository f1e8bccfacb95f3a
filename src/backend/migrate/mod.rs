//! From an ifcfg file, and what lies beside it, to a keyfile: what the program that reads the one makes of it, in the words of
//! the other.
//!
//! A key with one counterpart is a row of [`plain`]; what decides together is in a module of its own. What has no counterpart
//! is a [`Loss`], and comments go where the line below them goes: nothing of a file is neither in the keyfile nor in the list
//! To add a key: its row, or its line in [`loss`].

mod alone;
mod around;
mod bond;
mod bridge;
mod bridge_port;
mod bridge_vlans;
mod card;
mod comments;
mod connection;
mod dcb;
mod ethtool;
mod first_route;
mod infiniband;
mod ipv4;
mod ipv6;
mod kind;
mod left;
mod loopback;
mod loss;
mod made;
mod options;
mod own;
mod plain;
mod route;
mod route_words;
mod routing;
mod rule;
mod security;
mod source;
mod sriov;
mod tables;
mod taken;
mod tc;
mod turn;
mod unmanaged;
mod user;
mod vlan;
mod wireless;
mod wireless_security;

pub use around::Around;
pub use first_route::{FirstRoute, first_route};
pub use loopback::of_loopback;
pub use loss::{Loss, Weight};
pub use taken::Refused;
pub use unmanaged::unmanaged;

use std::rc::Rc;

use super::ifcfg::{self, Reader, is_bond_port, pick_with_secrets};
use super::references;
use super::text::text_of;
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Backend, Profile};
use crate::host::value::InterfaceName;
use crate::host::{Broken, Host};
use crate::readers::{NETWORK_SCRIPTS, Readers};
use crate::tree::{HostPath, Scope, Tree};
use made::{Line, Made};
use own::Own;
use source::Source;

/// A keyfile that says what an ifcfg file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyfile {
    /// The text.
    pub text: String,
    /// The UUID of the profile.
    pub uuid: String,
    /// What it does not say.
    pub losses: Vec<Loss>,
    /// The files that it says.
    pub from: Vec<HostPath>,
    /// What it says, key by key.
    pub said: Vec<Entry>,
    /// Whether it says what network-scripts make of the files, and not NetworkManager.
    pub by_scripts: bool,
}

impl Keyfile {
    /// Returns whether it is for the interface of a name, and not for any card, or that with an address.
    #[must_use]
    pub fn names_interface(&self) -> bool {
        let mut said = self.said.iter();
        said.any(|entry| entry.key == "interface-name" && entry.group == "connection")
    }
}

/// A key of a keyfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its group.
    pub group: &'static str,
    /// Its name.
    pub key: String,
    /// Its value, as it is written; that of a secret is masked.
    pub value: String,
    /// Where the ifcfg file says it, if one line does.
    pub at: Option<(HostPath, u32)>,
}

/// Why there is no keyfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cannot {
    /// Ends the sentence "`ens33` cannot be migrated: …".
    pub why: String,
    /// Where the file says so.
    pub at: Option<(HostPath, Option<u32>)>,
    /// What to do.
    pub help: Option<String>,
}

impl Cannot {
    fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            at: None,
            help: None,
        }
    }

    fn at(self, path: &HostPath, line: Option<Line>) -> Self {
        Self {
            at: Some((path.clone(), line.map(|(_, line)| line))),
            ..self
        }
    }

    fn help(self, help: &str) -> Self {
        Self {
            help: Some(help.to_owned()),
            ..self
        }
    }
}

/// Adds to `scope` what is read for a migration alone: names of routing tables, and secrets.
pub fn widen(scope: &mut Scope) {
    scope.files.push(HostPath::literal(tables::RT_TABLES));
    let scripts = HostPath::literal(NETWORK_SCRIPTS);
    for (folder, pick) in &mut scope.folders {
        if *folder == scripts {
            *pick = pick_with_secrets;
        }
    }
}

/// Returns the profiles whose files name no interface, which only a migration sees: a keyfile needs none.
#[must_use]
pub fn unnamed(tree: &Tree, host: &Host) -> Vec<Profile> {
    let ours = |broken: &Broken| broken.path.name().starts_with("ifcfg-");
    match host.broken.iter().any(ours) {
        true => ifcfg::unnamed(tree, host),
        false => Vec::new(),
    }
}

/// Keys by which a port names its bond or team: NetworkManager asks for a UUID first.
///
/// Source: `make_connection_setting()` in nms-ifcfg-rh-reader.c.
const MASTERS: &[&str] = &["MASTER_UUID", "MASTER", "TEAM_MASTER_UUID", "TEAM_MASTER"];

/// Returns the ports of bonds and teams, each with its bond or team, which it may name by a UUID: the model says whose port an
/// interface is of bridges alone.
#[must_use]
pub fn bond_ports(tree: &Tree, host: &Host) -> Vec<(InterfaceName, InterfaceName)> {
    let by_uuid = |uuid: &str| {
        let mut profiles = host.profiles();
        let found = profiles.find(|profile| {
            let own = profile.uuid.as_deref();
            own.is_some_and(|own| own.eq_ignore_ascii_case(uuid))
        });
        found.map(|profile| profile.interface.clone())
    };
    let named = |word: &str| by_uuid(word).or_else(|| InterfaceName::parse(word).ok());
    let port = |profile: &Profile| {
        let doc = ShellDoc::parse(&text_of(tree, profile.home.file.as_ref()?)?);
        let is_port = is_bond_port(&doc, Reader::of(&doc, &host.readers));
        let mut words = MASTERS.iter().filter_map(|key| doc.literal(key));
        let bond = words.find(|word| is_port && !word.is_empty())?;
        Some((profile.interface.clone(), named(bond)?))
    };
    let ours = |profile: &&Profile| profile.home.backend == Backend::Ifcfg;
    host.profiles().filter(ours).filter_map(port).collect()
}

/// Returns the keyfile that says what the file of `profile` says to `reader`.
///
/// # Errors
/// There is none.
pub fn keyfile(
    tree: &Tree,
    host: &Host,
    around: &Around,
    profile: &Profile,
    reader: As,
) -> Result<Keyfile, Cannot> {
    let no_file = || Cannot::new("it has no ifcfg file");
    let path = profile.home.file.as_ref().ok_or_else(no_file)?;
    let text = text_of(tree, path).ok_or_else(no_file)?;
    let doc = ShellDoc::parse(&text);
    let readers: &Readers = &host.readers;
    let strict = reader == As::NetworkManager;
    let reader = match reader {
        As::InForce => Reader::of(&doc, readers),
        As::NetworkManager => Reader::NetworkManager,
    };
    let network_path = HostPath::literal(references::NETWORK);
    let network_text = text_of(tree, &network_path);
    let network_doc = network_text.as_deref().map(ShellDoc::parse);
    let keys_path = keys_of(path);
    let keys_text = keys_path.as_ref().and_then(|path| text_of(tree, path));
    let keys_doc = keys_text.as_deref().map(ShellDoc::parse);
    let further = profile.layer3.further.iter();
    let mut beside: Vec<&HostPath> = further.map(|part| &part.at).collect();
    let keys = keys_path.as_ref().zip(keys_doc.as_ref());
    beside.extend(keys.map(|(path, _)| path));
    let network = network_doc.as_ref();
    let network = network.map(|doc| Rc::new(Source::of(&network_path, doc, reader, usize::MAX)));
    let own = Own {
        profile,
        source: Source::of(path, &doc, reader, 0).over(network.clone()),
        network,
        aliases: own::aliases(tree, profile),
        first_metric: around
            .first_route
            .as_ref()
            .filter(|first| first.interface == profile.interface && !strict)
            .and_then(|first| first.metric),
        is_passed_over: around.passes_over(&profile.interface) && !strict,
        mtu_of_ports: around.mtu_of_ports(&profile.interface).map(str::to_owned),
        has_idle_ports: around.has_idle_ports(&profile.interface),
        strict,
        keys: keys.map(|(path, doc)| Source::of(path, doc, reader, beside.len())),
        beside,
    };
    made(&own, tree, around)
}

/// Returns the file of the secrets of an ifcfg file: `utils_get_keys_path()` in nms-ifcfg-rh-utils.c, and `source_config()` in
/// network-functions.
fn keys_of(path: &HostPath) -> Option<HostPath> {
    let suffix = path.name().strip_prefix("ifcfg-")?;
    Some(path.folder().join(&format!("keys-{suffix}")))
}

/// Makes the keyfile.
fn made(own: &Own<'_>, tree: &Tree, around: &Around) -> Result<Keyfile, Cannot> {
    let (mut made, mut losses) = (Made::default(), Vec::new());
    left::code(own, &mut losses);
    let kind = kind::kind(own)?;
    let uuid = connection::write(own, kind, &mut made, &mut losses);
    // a member of a VRF has addresses of its own
    let kind_of_port = made.get("connection", "slave-type");
    let is_port = kind_of_port.is_some_and(|kind| kind != "vrf");
    device(own, kind, &mut made, &mut losses)?;
    plain::write(plain::OTHER, &own.source, &mut made, &mut losses);
    user::write(&own.source, &mut made);
    match is_port {
        // what a port says of layer 3 nobody reads
        true => {
            made.drop_group("hostname");
            made.drop_group("proxy");
        }
        false => {
            ipv4::write(own, &mut made, &mut losses)?;
            ipv6::write(own, &mut made, &mut losses)?;
            routing::write(own, tree, around, &mut made, &mut losses);
            proxy(own, &mut made);
        }
    }
    left::ensure_literal(own)?;
    left::dhclient(own, &made, &mut losses);
    left::left(own, tree, is_port, &mut losses);
    comments::write(own, tree, &mut made);
    losses.sort();
    losses.dedup();
    let beside = own.beside.iter().copied();
    let beside = beside.filter(|path| !own.stays(path));
    let from = std::iter::once(own.source.path).chain(beside);
    Ok(Keyfile {
        said: said(own, &made),
        text: made.text(),
        uuid,
        losses,
        from: from.cloned().collect(),
        by_scripts: own.source.reader == Reader::NetworkScripts,
    })
}

/// In whose reading a file is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// That of the program that reads it.
    InForce,
    /// NetworkManager's.
    NetworkManager,
}

fn said(own: &Own<'_>, made: &Made) -> Vec<Entry> {
    let path = |number: usize| match number {
        0 => Some(own.source.path),
        number => own.beside.get(number - 1).copied(),
    };
    let at = |(number, line): &Line| Some((path(*number)?.clone(), *line));
    let entries = made.entries.iter();
    entries
        .map(|entry| Entry {
            group: entry.group,
            key: entry.key.clone(),
            value: match entry.is_secret {
                true => "***".to_owned(),
                false => entry.raw.clone(),
            },
            at: entry.from.first().and_then(at),
        })
        .collect()
}

/// Says that NetworkManager refuses the file for the value of `key`, which is not shown: it may be a secret.
fn refused(source: &Source<'_>, key: &str) -> Cannot {
    let line = source.line(key);
    let what = match line {
        Some(_) => "is not valid",
        None => "is missing",
    };
    let why = format!("{key} {what}, and NetworkManager refuses the file");
    Cannot::new(why).at(source.path, line)
}

/// Writes the groups of the kind of interface.
fn device(
    own: &Own<'_>,
    kind: &str,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    let source = &own.source;
    match kind {
        "wifi" => wireless::write(own, made, losses)?,
        "infiniband" => infiniband::write(source, made, losses)?,
        _ => card::write(source, kind, made, losses)?,
    }
    // network-scripts have to be told; the kernel gives a bridge that of its ports
    let mtu = source.text("MTU");
    let is_of_ports = kind == "bridge" && mtu.is_some() && mtu == own.mtu_of_ports.as_deref();
    if is_of_ports && (own.by_scripts() || own.strict) {
        made.unset("ethernet", "mtu");
        let meant = "nothing: the kernel gives a bridge the MTU of its ports";
        losses.push(options::lost_key(source, "MTU", meant, Weight::Idle));
    }
    let by_nm = source.reader == Reader::NetworkManager;
    if matches!(kind, "bridge" | "bond") && by_nm && source.text("DEVICE").is_none() {
        return Err(refused(source, "DEVICE"));
    }
    match kind {
        "bridge" => {
            if let Some(bridge) = own.profile.bridge() {
                bridge::write(own, bridge, made, losses);
            }
        }
        "bond" => bond::write(own, made, losses),
        "vlan" => vlan::write(source, own.device(), made)?,
        _ => {}
    }
    ethtool::write(source, made, losses);
    // what network-scripts pass over is not in force
    if source.reader != Reader::NetworkScripts {
        if !matches!(kind, "wifi" | "infiniband") {
            security::wired(own, made, losses)?;
        }
        dcb::write(source, made, losses)?;
        sriov::write(source, made, losses)?;
        tc::write(source, made, losses);
    }
    if made.get("connection", "slave-type") == Some("bridge") {
        bridge_port::write(source, made, losses);
    }
    Ok(())
}

fn proxy(own: &Own<'_>, made: &mut Made) {
    made.group("proxy");
    let source = &own.source;
    match source.text("PROXY_METHOD") {
        Some(word) if word.eq_ignore_ascii_case("auto") => {
            made.set("proxy", "method", "1", source.line("PROXY_METHOD"));
        }
        // nothing else of it counts then
        Some(_) => {}
        None => {
            made.drop_group("proxy");
            made.group("proxy");
        }
    }
}
