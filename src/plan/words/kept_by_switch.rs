//! What Open vSwitch brings back at a boot, though no file says it any more.
//!
//! Source: run, with 3.1: its database keeps a bridge and its ports over a boot, whatever the files of the network service say by then;
//! only ifdown-ovs, by the files of before, or ovs-vsctl(8) takes them out. With the kernel's datapath a card that is a port hands
//! all that it receives to the bridge (`netdev_frame_hook()` in net/openvswitch/vport-netdev.c), and none of it to its addresses.

use crate::backend::shell_word;
use crate::host::Host;
use crate::host::profile::{Profile, Switch};
use crate::host::value::InterfaceName;
use crate::readers::{Claim, Program};

/// Returns a warning about each bridge and port that goes from the files and is in the database.
pub(in crate::plan) fn warnings(before: &Host, after: &Host) -> Vec<String> {
    let others = before.readers.others.iter();
    let databases = others.filter(|other| other.program == Program::OpenVswitch);
    let claims = databases.flat_map(|other| &other.claims);
    claims.flat_map(|claim| of(claim, before, after)).collect()
}

fn of(claim: &Claim, before: &Host, after: &Host) -> Vec<String> {
    let Some(name) = claim.name() else {
        return Vec::new();
    };
    let bridge = shell_word(name);
    let says = |what: &str, delete: &str| {
        format!(
            "{what} is kept in Open vSwitch's database, and is there again if the host boots before the next steps are run: then run: ovs-vsctl --if-exists {delete} ({})",
            claim.at.path
        )
    };
    let is_one = |host: &Host| {
        let profile = named(host, name);
        profile.is_some_and(|profile| profile.switch() == Some(Switch::Ovs))
    };
    if is_one(before) && !is_one(after) {
        return vec![says(&format!("`{name}`"), &format!("del-br {bridge}"))];
    }
    let is_on = |host: &Host, port: &str| {
        let controller = named(host, port).and_then(|port| port.controller.as_ref());
        controller.is_some_and(|controller| controller.as_str() == name)
    };
    let ports = claim.ports.iter();
    let left = ports.filter(|port| is_on(before, port) && !is_on(after, port));
    let left = left.map(|port| {
        let delete = format!("del-port {bridge} {}", shell_word(port));
        says(&format!("the port `{port}` of `{name}`"), &delete)
    });
    left.collect()
}

fn named<'h>(host: &'h Host, name: &str) -> Option<&'h Profile> {
    host.profile(&InterfaceName::parse(name).ok()?)
}
