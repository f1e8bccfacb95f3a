//! A bridge that is to be made, and is there already.

use super::moved::{sorted, sorted_gateways};
use super::ports::{ensure_first, free_port};
use super::{BridgeAdd, Choice};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::{InterfaceName, IpNet};
use crate::op::{Force, Future, Refusal, refusals};
use std::net::IpAddr;

/// Says how an interface becomes a port of the bridge `name`.
fn attached(host: &Host, port: &Profile, name: &InterfaceName) -> Result<String, Refusal> {
    ensure_first(host, port, Force::No)?;
    let interface = &port.interface;
    Ok(match port.layer3.is_trivial() {
        true => format!("attach it: kvmnet bridge add-port {name} {interface}"),
        false => format!(
            "choose another name: `{interface}` has a configuration of its own, which a port of `{name}` cannot have"
        ),
    })
}

/// A bridge that is as wished needs no change; any other is in the way.
pub(super) fn already(
    host: &Host,
    request: &BridgeAdd,
    existing: &Profile,
) -> Result<Future, Refusal> {
    let name = &request.bridge;
    let refuse = |message: String| Refusal::new(message).at(existing.home.file.as_ref(), None);
    let Some(bridge) = existing.bridge() else {
        let taken = refusals::taken(name.as_str(), "an interface of the host");
        let taken = taken.at(existing.home.file.as_ref(), None);
        return Err(taken.help("choose another name"));
    };
    let is_port = |port: &&InterfaceName| host.ports_of(name).any(|p| p.interface == **port);
    let missing = request.ports.iter().find(|port| !is_port(port));
    if let Some(port) = missing {
        let help = attached(host, &free_port(host, port, Some(name))?, name)?;
        return Err(refuse(format!(
            "the bridge `{name}` already exists, and `{port}` is not a port of it"
        ))
        .help(help));
    }
    let found = &existing.layer3;
    let as_wished = match &request.addressing {
        Choice::Move => true,
        Choice::Dhcp => found.is_dhcp(),
        Choice::None => found.gives_no_address(),
        Choice::Static {
            addresses,
            gateways,
        } => {
            // as it would be written, or as they are given
            let orders = [sorted(addresses, gateways), sorted(addresses, &[])];
            let there: Vec<IpNet> = found.addresses().collect();
            let gateways_there: Vec<IpAddr> = found.gateways().collect();
            orders.contains(&there) && gateways_there == sorted_gateways(gateways)
        }
    };
    let as_asked = as_wished
        && request
            .stp
            .is_none_or(|stp| stp == bridge.stp.unwrap_or(false))
        && request.switch.is_none_or(|switch| switch == bridge.switch)
        && request
            .forward_delay_s
            .is_none_or(|delay| Some(delay) == bridge.forward_delay_s)
        && (request.dns.is_empty() || found.servers().eq(request.dns.iter().copied()));
    let start = |onboot| all_start(host, request, existing, onboot);
    if as_asked && request.onboot.is_none_or(start) {
        return Ok(Future::of(host));
    }
    let help = match (as_asked, request.onboot) {
        (true, Some(onboot)) => start_alike(host, request, existing, onboot),
        _ => format!("remove it first (kvmnet bridge remove {name}), or edit its file"),
    };
    Err(refuse(format!(
        "the bridge `{name}` already exists and differs from what was requested"
    ))
    .help(help))
}

/// Returns whether the bridge and the ports that are asked for are all brought up at boot, or all not.
fn all_start(host: &Host, request: &BridgeAdd, bridge: &Profile, onboot: bool) -> bool {
    let ports = request.ports.iter().filter_map(|port| host.profile(port));
    ports
        .chain([bridge])
        .all(|profile| profile.autostart == onboot)
}

/// Says what lets a bridge that is there and its ports start alike.
fn start_alike(host: &Host, request: &BridgeAdd, bridge: &Profile, onboot: bool) -> String {
    let (name, word) = (&bridge.interface, if onboot { "yes" } else { "no" });
    let ports = request.ports.iter();
    let ports = ports.filter_map(|port| host.profile(port));
    let differ: Vec<&Profile> = [bridge]
        .into_iter()
        .chain(ports)
        .filter(|profile| profile.autostart != onboot)
        .collect();
    match differ.as_slice() {
        [port] if port.interface != *name => {
            format!(
                "kvmnet bridge add-port {name} {} --onboot {word}",
                port.interface
            )
        }
        differ => {
            let files = differ
                .iter()
                .filter_map(|profile| profile.home.file.as_ref());
            let files: Vec<&str> = files.map(|file| file.as_str()).collect();
            format!(
                "write {} in {}",
                bridge.home.backend.start(onboot),
                files.join(" and ")
            )
        }
    }
}
