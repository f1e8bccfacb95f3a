//! That NetworkManager is started with the host, and the network service is not once nothing is left to it.
//!
//! Source: systemctl(1) on what `enable` links (`Also=` and `Alias=` of NetworkManager.service), chkconfig(8) on run levels.

use std::collections::BTreeSet;

use super::Moved;
use crate::change::Editor;
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::layout::{ALIASES, About, Commands, FILES, FileKind};
use crate::op::Refusal;
use crate::readers::{LEVELS, NETWORK_SCRIPTS, Release, Starts};
use crate::tree::{HostPath, Scope, Tree};

/// Returns the units that are enabled along with NetworkManager.
pub(super) fn units() -> Scope {
    let targets = links().filter_map(|(_, target)| HostPath::parse(target).ok());
    Scope {
        files: targets.collect(),
        ..Scope::default()
    }
}

/// Returns the links that start programs, each with where it leads.
fn links() -> impl Iterator<Item = (&'static FileKind, &'static str)> {
    let kinds = FILES.iter().filter(|kind| kind.about == About::Started);
    kinds.filter_map(|kind| match kind.commands {
        Commands::Link(target) => Some((kind, target)),
        Commands::Write | Commands::Move => None,
    })
}

/// Refuses keyfiles that nobody would read.
pub(super) fn ensure_read(host: &Host, chosen: &[&Profile]) -> Result<(), Refusal> {
    let readers = &host.readers;
    if chosen.is_empty() {
        return Ok(());
    }
    let Some(manager) = &readers.network_manager else {
        let message = "NetworkManager is not installed here, and nothing else reads keyfiles";
        let release = readers.release.as_ref();
        let install = release.map_or(
            "dnf install NetworkManager",
            Release::installs_network_manager,
        );
        let refusal = Refusal::new(message).help(install);
        return if readers.whole { Err(refusal) } else { Ok(()) };
    };
    match &manager.starts {
        Starts::Masked(path) => {
            let message = "NetworkManager is masked, and nothing else reads keyfiles";
            Err(Refusal::new(message)
                .at(Some(path), None)
                .help("systemctl unmask NetworkManager"))
        }
        Starts::Yes | Starts::No | Starts::Idle(_) | Starts::Unknown => Ok(()),
    }
}

/// Returns whether NetworkManager is started only once it is enabled: so it is, too, where the tree does not tell and the
/// network service started what is migrated.
pub(super) fn is_enabled_by(tree: &Tree, host: &Host) -> bool {
    let scripts = host.readers.scripts.as_ref();
    let by_scripts = scripts.is_some_and(|scripts| scripts.starts == Starts::Yes);
    let manager = host.readers.network_manager.as_ref();
    let starts = manager.map(|manager| &manager.starts);
    let is_off = starts == Some(&Starts::No) || (starts == Some(&Starts::Unknown) && by_scripts);
    is_off && missing(tree).next().is_some()
}

/// Returns the links that start NetworkManager and what is enabled with it, where they are missing, each with where it leads.
fn missing(tree: &Tree) -> impl Iterator<Item = (HostPath, &'static str)> {
    let ours = links().filter(|(kind, _)| !is_of_service(kind));
    let ours = ours.map(|(kind, target)| {
        let path = HostPath::literal(kind.folder).join(kind.name);
        (path, target)
    });
    ours.filter(|(path, target)| is_made(tree, path, target) && !tree.exists(path))
}

/// Returns whether `systemctl enable` makes the link at `path`: of further names, those that the unit asks for.
fn is_made(tree: &Tree, path: &HostPath, target: &'static str) -> bool {
    let unit = HostPath::literal(target);
    if path.folder().as_str() != ALIASES {
        return tree.exists(&unit);
    }
    let text = tree.file(&unit);
    let text = text.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let text = text.unwrap_or_default();
    let mut names = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Alias="))
        .flat_map(str::split_whitespace);
    names.any(|name| name == path.name())
}

/// Returns the files beside profiles that nobody reads today, such as `ifcfg-ens33.rpmsave`, and that NetworkManager takes for
/// profiles once it is enabled.
pub(super) fn strays(tree: &Tree, host: &Host, chosen: &[&Profile]) -> Vec<HostPath> {
    if chosen.is_empty() || !is_enabled_by(tree, host) {
        return Vec::new();
    }
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let names = tree.names(&folder);
    let strays = names.filter(|(name, path)| {
        name.starts_with("ifcfg-") && host.readers.loads_later(name) && tree.file(path).is_some()
    });
    strays.map(|(_, path)| path.clone()).collect()
}

/// Returns the profiles that are left to the network service.
pub(super) fn left<'h>(host: &'h Host, moved: &[Moved<'_>]) -> Vec<&'h Profile> {
    let gone = moved.iter().map(|one| one.profile.home.file.as_ref());
    let gone: BTreeSet<Option<&HostPath>> = gone.collect();
    let all = host.profiles();
    let ours = all.filter(|profile| profile.home.backend == Backend::Ifcfg);
    // copies are put away
    ours.filter(|profile| !profile.wording.copy)
        .filter(|profile| !gone.contains(&profile.home.file.as_ref()))
        .collect()
}

/// Returns the profiles whose ifcfg files stay, those first that NetworkManager takes once it is started, too, where the network
/// service brought them up.
pub(super) fn left_to<'h>(
    tree: &Tree,
    host: &'h Host,
    moved: &[Moved<'_>],
) -> (Vec<&'h Profile>, Vec<&'h Profile>) {
    if !moved.iter().any(|one| one.keyfile.by_scripts) {
        return (Vec::new(), Vec::new());
    }
    let manager = host.readers.network_manager.as_ref();
    let reads = manager.is_some_and(|manager| manager.no_ifcfg.is_none());
    let comes = reads && is_enabled_by(tree, host);
    let left = left(host, moved).into_iter();
    left.partition(|profile| comes && profile.nm_controlled)
}

/// Returns whether the network service is started, and nothing is left to it.
pub(super) fn is_idle(host: &Host, moved: &[Moved<'_>]) -> bool {
    let scripts = host.readers.scripts.as_ref();
    let started = scripts.is_some_and(|scripts| scripts.starts == Starts::Yes);
    started && !moved.is_empty() && left(host, moved).is_empty()
}

/// Makes the links that start NetworkManager, and takes those away that start the network service.
pub(super) fn write(editor: &mut Editor<'_>, tree: &Tree, host: &Host, moved: &[Moved<'_>]) {
    if !moved.is_empty() && is_enabled_by(tree, host) {
        for (path, target) in missing(tree) {
            editor.link(&path, target);
        }
    }
    if !is_idle(host, moved) {
        return;
    }
    for (kind, target) in links().filter(|(kind, _)| is_of_service(kind)) {
        let folder = HostPath::literal(kind.folder);
        let path = folder.join(kind.name);
        match kind.name.starts_with('K') {
            // chkconfig has a link either way
            true if LEVELS.contains(&kind.folder) && tree.exists(&folder.join("S10network")) => {
                editor.link(&path, target);
            }
            true => {}
            false => editor.delete(&path),
        }
    }
}

fn is_of_service(kind: &FileKind) -> bool {
    kind.name.ends_with("network") || kind.name == "network.service"
}
