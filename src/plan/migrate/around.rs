//! What a migration needs around the profiles: a NetworkManager that reads them, and nothing in their way.

use std::collections::BTreeMap;

use super::{Moved, lists, started};
use crate::backend::migrate::{self, Keyfile, Loss, Weight};
use crate::host::Host;
use crate::host::profile::{Backend, Manager, Profile};
use crate::host::value::InterfaceName;
use crate::op::Refusal;
use crate::plan::next::{NextSteps, Run, anew, interrupts, to_nm};
use crate::readers::{Device, Readers, UUID_TWICE};
use crate::tree::{HostPath, Tree};

/// A file that has a UUID.
struct Holder<'h> {
    file: Option<&'h HostPath>,
    backend: Backend,
    /// Whether it is a copy of a profile, which is put away.
    copy: bool,
}

/// Which profiles have which UUID.
pub(super) struct Taken<'h> {
    by_uuid: BTreeMap<String, Vec<Holder<'h>>>,
    /// Keyfiles that are brought up at boot, by their interfaces.
    keyfiles: BTreeMap<&'h InterfaceName, &'h Profile>,
}

impl<'h> Taken<'h> {
    pub(super) fn of(host: &'h Host) -> Self {
        let named = host.profiles().chain(&host.idle).map(|profile| {
            let holder = Holder {
                file: profile.home.file.as_ref(),
                backend: profile.home.backend,
                copy: profile.wording.copy,
            };
            (&profile.uuid, holder)
        });
        // those of any card, or of one by its address
        let unnamed = host.unnamed.iter().map(|keyfile| {
            let holder = Holder {
                file: Some(&keyfile.file),
                backend: Backend::NmKeyfile,
                copy: false,
            };
            (&keyfile.uuid, holder)
        });
        let mut by_uuid: BTreeMap<String, Vec<Holder<'h>>> = BTreeMap::new();
        for (uuid, holder) in named.chain(unnamed) {
            if let Some(uuid) = uuid {
                let holders = by_uuid.entry(uuid.to_ascii_lowercase()).or_default();
                holders.push(holder);
            }
        }
        let started = host
            .profiles()
            .filter(|profile| profile.home.backend == Backend::NmKeyfile && profile.autostart);
        Self {
            by_uuid,
            keyfiles: started
                .map(|profile| (&profile.interface, profile))
                .collect(),
        }
    }

    /// Refuses a keyfile beside another one of the interface.
    pub(super) fn ensure_alone(&self, profile: &Profile) -> Result<(), Refusal> {
        let name = &profile.interface;
        let Some(other) = self.keyfiles.get(name).filter(|_| profile.autostart) else {
            return Ok(());
        };
        let message = format!(
            "`{name}` has a keyfile already, and NetworkManager would have two profiles for it"
        );
        Err(Refusal::new(message)
            .at(other.home.file.as_ref(), None)
            .help(format!(
                "keep one: move the other one out of its folder, or write {} in the keyfile if it is the other",
                Backend::NmKeyfile.start(false)
            )))
    }

    /// Refuses a keyfile where another one has its UUID.
    pub(super) fn ensure_free(
        &self,
        readers: &Readers,
        profile: &Profile,
        keyfile: &Keyfile,
    ) -> Result<(), Refusal> {
        let others = self
            .by_uuid
            .get(&keyfile.uuid.to_ascii_lowercase())
            .into_iter()
            .flatten();
        let mut others = others.filter(|other| other.file != profile.home.file.as_ref());
        let Some(other) = others.find(|other| !other.copy) else {
            return Ok(());
        };
        let name = |file: Option<&HostPath>| file.map_or("?", HostPath::name).to_owned();
        let (own, others) = (name(profile.home.file.as_ref()), name(other.file));
        let used = readers.used_of((&own, Backend::Ifcfg), (&others, other.backend));
        let interface = &profile.interface;
        let message = format!("the UUID of `{interface}` is taken by another profile: {used}");
        Err(Refusal::new(message).at(other.file, None).help(UUID_TWICE))
    }
}

/// Refuses a keyfile that NetworkManager would refuse, at the line that says it today.
pub(super) fn ensure_taken(profile: &Profile, keyfile: &Keyfile) -> Result<(), Refusal> {
    let Some(refused) = keyfile.refused() else {
        return Ok(());
    };
    let message = format!(
        "NetworkManager would refuse the keyfile of `{}`: {}",
        profile.interface, refused.why
    );
    let file = profile.home.file.as_ref();
    let refusal = match &refused.at {
        Some((path, line)) => Refusal::new(message)
            .at(Some(path), *line)
            .help("correct what this line says, or take it out"),
        None => Refusal::new(message)
            .at(file, None)
            .help("add to this file what is missing, or correct it"),
    };
    Err(Refusal {
        may_be_forced: true,
        ..refusal
    })
}

/// Refuses a keyfile that would never come up.
pub(super) fn ensure_brought_up(host: &Host, profile: &Profile) -> Result<(), Refusal> {
    let name = &profile.interface;
    let mac = profile.mac.map(|mac| mac.to_string());
    let device = Device {
        name: name.as_str(),
        mac: mac.as_deref(),
        kind: profile.link.word(),
    };
    match host.readers.manager_of(&device, Backend::NmKeyfile, true) {
        Manager::Nobody(why) if !why.may_be_meant => {
            let at = why.at.as_ref();
            Err(Refusal::new(why.message.clone())
                .at(at.map(|at| &at.path), at.and_then(|at| at.line))
                .help("leave it to that program, or take its file away first"))
        }
        Manager::Nobody(_)
        | Manager::NetworkManager
        | Manager::NetworkScripts
        | Manager::Unknown => Ok(()),
    }
}

/// Scripts that ifup and ifdown of the network service run for every interface, and where they lie.
const LOCAL: &[&str] = &[
    "/sbin/ifup-local",
    "/sbin/ifdown-local",
    "/sbin/ifup-pre-local",
    "/sbin/ifdown-pre-local",
];

/// What dhclient reads for every interface.
const DHCLIENT: &[&str] = &[
    "/etc/dhcp/dhclient.conf",
    "/etc/dhcp/dhclient-enter-hooks",
    "/etc/dhcp/dhclient-exit-hooks",
    "/etc/dhclient.conf",
    "/etc/dhclient-enter-hooks",
    "/etc/dhclient-exit-hooks",
];

/// Returns what must be looked for beyond profiles.
pub(super) fn present() -> Vec<HostPath> {
    let all = LOCAL.iter().chain(DHCLIENT);
    all.map(|path| HostPath::literal(path)).collect()
}

/// Returns what is lost of what the host says for all interfaces, where network-scripts bring up one that is migrated.
pub(super) fn losses(tree: &Tree, host: &Host, moved: &[Moved<'_>]) -> Vec<Loss> {
    let by_scripts = moved.iter().filter(|one| one.keyfile.by_scripts);
    let by_scripts: Vec<&Profile> = by_scripts.map(|one| one.profile).collect();
    if by_scripts.is_empty() {
        return Vec::new();
    }
    let asks = by_scripts.iter().any(|profile| profile.layer3.is_dhcp());
    let there = |paths: &'static [&str]| {
        let paths = paths.iter().map(|path| HostPath::literal(path));
        paths.filter(|path| tree.exists(path))
    };
    let run = there(LOCAL).map(|path| {
        let instead = "a script in /etc/NetworkManager/dispatcher.d";
        loss(
            &path,
            None,
            "a script that ifup or ifdown ran",
            instead,
            Weight::Light,
        )
    });
    let asked = there(DHCLIENT).filter(|_| asks).map(|path| {
        let (meant, instead) = (
            "how dhclient asks, which NetworkManager does not read",
            "the properties of [ipv4] that begin with `dhcp-`",
        );
        loss(&path, None, meant, instead, Weight::Light)
    });
    let routes = lists::routes(tree, &by_scripts, started::is_idle(host, moved));
    let loopback = migrate::of_loopback(tree).into_iter();
    let loopback = loopback.filter(|_| started::is_idle(host, moved));
    let servers = lists::resolver(tree, moved);
    let all = run.chain(asked).chain(routes);
    all.chain(loopback).chain(servers).collect()
}

pub(super) fn loss(
    path: &HostPath,
    line: Option<(u32, &str)>,
    meant: &str,
    instead: &str,
    weight: Weight,
) -> Loss {
    Loss {
        at: path.clone(),
        line: line.map(|(line, _)| line),
        what: line.map_or(path.name(), |(_, text)| text).to_owned(),
        meant: meant.to_owned(),
        instead: Some(instead.to_owned()),
        weight,
    }
}

/// Returns the commands that take the keyfiles into use.
///
/// NetworkManager that had the files already takes the new ones for the same profiles, by their UUIDs: nothing goes down (run).
/// The network service must stop with the old files, and NetworkManager start with the new ones.
pub(super) fn steps(
    (tree, host): (&Tree, &Host),
    moved: &[Moved<'_>],
    is_configured: bool,
    run: &Run,
) -> Vec<NextSteps> {
    let by_scripts = moved.iter().any(|one| one.keyfile.by_scripts);
    if !by_scripts {
        return vec![anew::reload(is_configured, "migrate", run)];
    }
    let some_are_left = !started::left(host, moved).is_empty();
    // the service takes down all that it brought up
    let of_service =
        |profile: &&Profile| profile.autostart && !profile.is_for_network_manager(&host.readers);
    let taken = moved.iter().map(|one| one.profile);
    let down = taken.chain(host.profiles().filter(of_service));
    let names = interrupts::names(down, tree);
    vec![to_nm("migrate", run, some_are_left).interrupting(names)]
}
