//! What the host needs to take the files into use: commands for the user to run, never run here.
//!
//! Who reads the files decides: `scripts` is the network service, `nm` is NetworkManager, `libvirt` are its daemons.

pub(super) mod anew;
pub(super) mod interrupts;
mod libvirt;
mod nm;
mod off;
mod ovs;
mod scripts;
mod service;
mod steps;

pub(super) use nm::to_nm;
pub(super) use steps::arm;
pub use steps::{Line, NextSteps, Run, Timing, When, in_one_go, script};

use std::collections::HashMap;
use std::sync::Arc;

use service::{Service, Written};

use crate::backend::{self, kernel, lenses, references};
use crate::change::ChangeSet;
use crate::host::profile::{Manager, Profile, Switch};
use crate::host::value::InterfaceName;
use crate::host::{Host, ReferenceKind};
use crate::op::{self, Future, Operation};
use crate::readers::{IMAGE_KEYFILES, Readers};
use crate::tree::{HostPath, Tree};

/// Returns the commands that take the change into use: `set`, written in `tree`.
pub(super) fn steps(
    (tree, set): (&Tree, &ChangeSet),
    operation: &Operation,
    before: &Host,
    future: &Future,
    run: &Run,
) -> Vec<NextSteps> {
    let readers = &*before.readers;
    let bridge = operation.bridge();
    let unit = bridge.map_or("libvirt", InterfaceName::as_str);
    // what hangs on a device may follow
    let off = match bridge {
        Some(_) => off::guests(before, &future.host),
        None => Vec::new(),
    };
    let hosts = (before, &future.host);
    let libvirt = libvirt::steps((readers, &off), hosts, (tree, set), unit, run);
    let Some(bridge) = bridge else {
        return libvirt.into_iter().collect();
    };
    let profile = future
        .host
        .profile(bridge)
        .or_else(|| before.profile(bridge));
    let ovs = profile.is_some_and(is_ovs);
    let manager = match profile {
        Some(profile) => profile.manager.clone(),
        None => op::manager(before, bridge, "bridge"),
    };
    let by_manager = manager == Manager::NetworkManager;
    let (old, new): (Vec<&Profile>, Vec<&Profile>) = (
        before.profiles().collect(),
        future.host.profiles().collect(),
    );
    let mut own = match by_manager && !ovs {
        true => {
            let up = nm::up(operation, bridge, before, future);
            nm::steps(up, &changed(&old, &new), tree, unit, run)
        }
        false => scripts::steps(
            readers,
            &Service {
                old: &old,
                new: &new,
                written: Written { tree, set },
                host: before,
            },
            unit,
            run,
        ),
    };
    if zones(before) != zones(&future.host) {
        load_zones(&mut own);
    }
    let steps = std::iter::once(own).chain(libvirt).collect();
    off::around(&off, steps, unit, run)
}

/// Returns the commands that take changed files into use, whatever changed them.
pub(super) fn steps_after(tree: &Tree, set: &ChangeSet, unit: &str, run: &Run) -> Vec<NextSteps> {
    let readers = Readers::of(tree);
    let (old, new) = (
        backend::libvirt_host(tree),
        backend::libvirt_host(&set.apply_to(tree)),
    );
    let libvirt = libvirt::steps((&readers, &[]), (&old, &new), (tree, set), unit, run);
    let profiles = steps_of_profiles(Written { tree, set }, &readers, &old, unit, run);
    profiles.into_iter().chain(libvirt).collect()
}

fn steps_of_profiles(
    written: Written<'_>,
    readers: &Readers,
    host: &Host,
    unit: &str,
    run: &Run,
) -> Option<NextSteps> {
    let Written { tree, set } = written;
    let later = Readers::of(&set.apply_to(tree));
    let changed = names_of(tree, set);
    let (old, new) = profiles(written, &changed, (readers, &later));
    old.iter().chain(&new).next()?;
    let by_nm = |profiles: &[Profile], readers: &Readers| {
        let mut profiles = profiles.iter();
        profiles.all(|profile| profile.is_for_network_manager(readers))
    };
    let (was_nm, is_nm) = (by_nm(&old, readers), by_nm(&new, &later));
    let (old, new): (Vec<&Profile>, Vec<&Profile>) = (old.iter().collect(), new.iter().collect());
    let all = || interrupts::names(old.iter().chain(&new).copied(), tree);
    match (was_nm, is_nm) {
        (true, false) if !old.is_empty() => {
            return Some(nm::back_to_scripts(unit, run).interrupting(all()));
        }
        (false, true) if !new.is_empty() => {
            return Some(to_nm(unit, run, false).interrupting(all()));
        }
        (_, _) => {}
    }
    let ovs = old.iter().chain(&new).any(|profile| is_ovs(profile));
    let anew = || anew::steps(written, (&old, &new), unit, run);
    let mut steps = if was_nm
        && is_nm
        && !ovs
        && let Some(steps) = anew()
    {
        steps
    } else if was_nm && is_nm && !ovs {
        let up = nm::up_after(&old, &new);
        nm::steps(up, &[&old[..], &new].concat(), tree, unit, run)
    } else {
        // the service takes down all that it brought up
        let profiles = lenses::profiles(tree, readers).into_iter().map(Arc::new);
        let host = Host {
            profiles: profiles.collect(),
            ..host.clone()
        };
        let service = Service {
            old: &old,
            new: &new,
            written,
            host: &host,
        };
        scripts::steps(readers, &service, unit, run)
    };
    if changed.iter().any(references::is_zone) {
        load_zones(&mut steps);
    }
    Some(steps)
}

/// Returns the names of the files that are written.
fn names_of(tree: &Tree, set: &ChangeSet) -> Vec<HostPath> {
    let names = set.iter().flat_map(|change| tree.names_of(&change.path));
    names.collect()
}

/// Returns the profiles in files that change, old and new.
fn profiles(
    Written { tree, set }: Written<'_>,
    changed: &[HostPath],
    (readers, later): (&Readers, &Readers),
) -> (Vec<Profile>, Vec<Profile>) {
    // those of an image are in force where no file comes before them any more
    let image = HostPath::literal(IMAGE_KEYFILES);
    let of_image = tree.names(&image).map(|(_, path)| path.clone());
    let concerned: Vec<HostPath> = changed.iter().cloned().chain(of_image).collect();
    let mut part = tree.only(&concerned);
    kernel::show(&mut part, &kernel::addresses(tree));
    let (mut old, mut new) = (
        lenses::profiles(&part, readers),
        lenses::profiles(&set.apply_to(&part), later),
    );
    leave_image_out(&mut old, &mut new);
    (old, new)
}

/// Takes out the profiles of the image that are on both sides.
fn leave_image_out(old: &mut Vec<Profile>, new: &mut Vec<Profile>) {
    let of_image = |profiles: &[Profile]| -> Vec<Profile> {
        let found = profiles.iter().filter(|profile| profile.home.is_of_image());
        found.cloned().collect()
    };
    let (was, is) = (of_image(old), of_image(new));
    let (was, is) = (by_file(was.iter()), by_file(is.iter()));
    let stays = |profile: &Profile, others: &ByFile<'_>| {
        profile.home.is_of_image() && is_among(profile, others)
    };
    old.retain(|profile| !stays(profile, &is));
    new.retain(|profile| !stays(profile, &was));
}

/// Profiles by their files.
type ByFile<'p> = HashMap<Option<&'p HostPath>, Vec<&'p Profile>>;

fn by_file<'p>(profiles: impl Iterator<Item = &'p Profile>) -> ByFile<'p> {
    let mut found = ByFile::new();
    for profile in profiles {
        let file = profile.home.file.as_ref();
        found.entry(file).or_default().push(profile);
    }
    found
}

/// Returns whether one of them is the same profile.
fn is_among(profile: &Profile, others: &ByFile<'_>) -> bool {
    let others = others.get(&profile.home.file.as_ref());
    others.is_some_and(|others| others.iter().any(|other| other.is_same(profile)))
}

fn is_ovs(profile: &Profile) -> bool {
    let bridge = profile.bridge();
    bridge.is_some_and(|bridge| bridge.switch == Switch::Ovs)
}

/// Returns the profiles of interfaces whose profile is another afterwards, or gone.
fn changed<'p>(old: &[&'p Profile], new: &[&'p Profile]) -> Vec<&'p Profile> {
    gone(old, new).chain(made(old, new)).collect()
}

/// Returns the old profiles that are others afterwards, or gone.
fn gone<'p>(old: &[&'p Profile], new: &[&'p Profile]) -> impl Iterator<Item = &'p Profile> {
    let is = by_file(new.iter().copied());
    old.iter().copied().filter(move |old| !is_among(old, &is))
}

/// Returns the new profiles that were others before, or were not there.
fn made<'p>(old: &[&'p Profile], new: &[&'p Profile]) -> impl Iterator<Item = &'p Profile> {
    gone(new, old)
}

/// Returns which interfaces the zones of the firewall name.
fn zones(host: &Host) -> Vec<(&HostPath, &InterfaceName)> {
    let references = host.references.iter();
    let zones = references.filter(|reference| reference.kind == ReferenceKind::Zone);
    zones.map(|zone| (&zone.at, &zone.interface)).collect()
}

/// Lets firewalld load its zones before the interface that they name comes up: it does not watch its files.
///
/// Source: `--reload` in firewall-cmd(1): connections that are established stay.
fn load_zones(steps: &mut NextSteps) {
    steps.first("firewall-cmd --reload");
}
