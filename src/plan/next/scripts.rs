//! The network service of Red Hat takes profiles into use.
//!
//! Source: init.d/network, ifdown and ifdown-eth of initscripts, run with a DHCP host and a static one, 7 and 8: where cards become
//! ports, or addresses, aliases and routes change or go, `restart` with the new files leaves what a boot makes; where a card is a port
//! no more, nobody takes it out of its bridge, so it must stop with the old files. The same holds for policy rules: ifdown-routes takes back what the file of that name says now.

use super::nm::by_interface;
use super::ovs;
use super::service::Service;
use super::steps::{NextSteps, Run};
use crate::host::profile::{Link, Profile};
use crate::readers::{Program, Readers};

/// Returns the commands.
pub(super) fn steps(readers: &Readers, service: &Service<'_>, unit: &str, run: &Run) -> NextSteps {
    let steps = match service.concerns_ovs() {
        true => ovs::steps(readers, service, unit, run),
        false => all_at_once(readers, service, unit, run),
    };
    match readers.scripts {
        Some(_) => steps,
        None => steps.with_remark("no network service was found under the root"),
    }
}

/// Returns the commands for the whole service: `restart` where the new files are enough.
fn all_at_once(readers: &Readers, service: &Service<'_>, unit: &str, run: &Run) -> NextSteps {
    let program = Program::NetworkScripts;
    let verb = |verb: &str| format!("systemctl {verb} network");
    let steps = match needs_old_files(service) {
        true => {
            let (stop, start) = (vec![verb("stop")], vec![verb("start")]);
            NextSteps::around(program.name(), stop, start, unit, run)
        }
        false => NextSteps::after(program.name(), vec![verb("restart")], unit, run).cut_by_last(),
    };
    steps.interrupting(service.interrupts(readers))
}

/// Returns whether the service must stop while the old files are there.
fn needs_old_files(service: &Service<'_>) -> bool {
    let new = by_interface(service.new);
    let stays_behind = |old: &&Profile| match new.get(&old.interface) {
        // nothing takes down what has no file
        None => true,
        Some(new) => {
            let leaves = old.controller.is_some() && old.controller != new.controller;
            leaves || is_made(old) != is_made(new)
        }
    };
    service.rules_change() || service.old.iter().any(stays_behind)
}

/// Returns which kind of device the service makes for a profile, if it makes one.
fn is_made(profile: &Profile) -> Option<&'static str> {
    match &profile.link {
        Link::Ethernet | Link::Foreign(_) => None,
        Link::Bridge(_) | Link::Bond | Link::Vlan(_) => profile.link.word(),
    }
}
