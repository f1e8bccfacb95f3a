//! The network service of Red Hat takes profiles into use.
//!
//! Source: init.d/network, ifdown and ifdown-eth of initscripts, run with a DHCP host and a static one, 7 and 8: where cards become
//! ports, or addresses, aliases and routes change or go, `restart` with the new files leaves what a boot makes; where a card is a port
//! no more, nobody takes it out of its bridge, so it must stop with the old files. The same holds for policy rules: ifdown-routes takes back what the file of that name says now.

use super::interrupts::names;
use super::nm::by_interface;
use super::steps::{NextSteps, Run};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::profile::{Link, Profile};
use crate::layout::{self, About};
use crate::readers::{Program, Readers};
use crate::tree::Tree;

/// What a plan writes, and where.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) tree: &'a Tree,
    pub(super) set: &'a ChangeSet,
}

/// What the service is to take into use.
pub(super) struct Service<'a> {
    /// The profiles as they were.
    pub(super) old: &'a [&'a Profile],
    /// As they will be.
    pub(super) new: &'a [&'a Profile],
    /// Whether policy rules that are in force change.
    pub(super) rules: bool,
    /// Whether a bridge of Open vSwitch is concerned, which ifup and ifdown make and take away.
    pub(super) ovs: bool,
    pub(super) host: &'a Host,
    pub(super) tree: &'a Tree,
}

/// Returns the commands: `restart` where the new files are enough.
pub(super) fn steps(readers: &Readers, service: &Service<'_>, unit: &str, run: &Run) -> NextSteps {
    let program = match service.ovs {
        true => Program::OpenVswitch,
        false => Program::NetworkScripts,
    };
    let verb = |verb: &str| format!("systemctl {verb} network");
    let steps = match service.needs_old_files() {
        true => {
            let (stop, start) = (vec![verb("stop")], vec![verb("start")]);
            NextSteps::around(program.name(), stop, start, unit, run)
        }
        false => NextSteps::after(program.name(), vec![verb("restart")], unit, run).cut_by_last(),
    };
    let steps = steps.interrupting(service.interrupts(readers));
    match readers.scripts {
        Some(_) => steps,
        None => steps.with_remark("no network service was found under the root"),
    }
}

/// Returns whether policy rules that are in force are others afterwards.
pub(super) fn rules_change(written: Written<'_>) -> bool {
    let mut changes = written.set.iter();
    changes.any(|change| {
        let mut names = written.tree.names_of(&change.path).into_iter();
        let is_rule =
            |path: &str| layout::kind_of(path).is_some_and(|kind| kind.about == About::Rules);
        change.before.is_some() && names.any(|name| is_rule(name.as_str()))
    })
}

impl Service<'_> {
    /// Returns whether the service must stop while the old files are there.
    fn needs_old_files(&self) -> bool {
        let new = by_interface(self.new);
        let stays_behind = |old: &&Profile| match new.get(&old.interface) {
            // nothing takes down what has no file
            None => true,
            Some(new) => {
                let leaves = old.controller.is_some() && old.controller != new.controller;
                leaves || is_made(old) != is_made(new)
            }
        };
        self.ovs || self.rules || self.old.iter().any(stays_behind)
    }

    /// Returns the interfaces that the service takes down and brings up: all of its own.
    fn interrupts(&self, readers: &Readers) -> Vec<String> {
        let by_scripts = |profile: &&Profile| !profile.is_for_network_manager(readers);
        let known = self.host.profiles().chain(self.old.iter().copied());
        let all = known.chain(self.new.iter().copied()).filter(by_scripts);
        names(all.filter(|profile| profile.autostart), self.tree)
    }
}

/// Returns which kind of device the service makes for a profile, if it makes one.
fn is_made(profile: &Profile) -> Option<&'static str> {
    match &profile.link {
        Link::Ethernet | Link::Foreign(_) => None,
        Link::Bridge(_) | Link::Bond | Link::Vlan(_) => profile.link.word(),
    }
}
