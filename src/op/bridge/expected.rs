//! What networks and guests take a bridge for that is to be made: one of the kernel, or one of Open vSwitch.

use super::BridgeAdd;
use crate::host::Host;
use crate::host::guest::GuestInterface;
use crate::host::network::Network;
use crate::host::profile::Switch;
use crate::op::{Force, Refusal};
use crate::tree::HostPath;

/// Somebody who uses the name already.
struct User<'h> {
    who: String,
    at: Option<&'h HostPath>,
    line: Option<u32>,
    expects: Switch,
}

/// Refuses a bridge of another kind than a network or guest takes it for: no guest would start there.
///
/// Source: `virNetDevTapAttachBridge()` in libvirt's util/virnetdevtap.c.
pub(super) fn ensure_expected(
    host: &Host,
    request: &BridgeAdd,
    force: Force,
) -> Result<(), Refusal> {
    let bridge = &request.bridge;
    let wanted = request.switch.unwrap_or(Switch::Linux);
    let Some(user) = users(host, bridge.as_str()).find(|user| user.expects != wanted) else {
        return Ok(());
    };
    let who = &user.who;
    let (message, help) = match wanted {
        Switch::Linux => (
            format!(
                "{who} takes `{bridge}` for a bridge of Open vSwitch (<virtualport>): no guest would start on a Linux bridge"
            ),
            "make it one: --switch ovs",
        ),
        Switch::Ovs => (
            format!(
                "{who} takes `{bridge}` for a Linux bridge (no <virtualport>): no guest would start on one of Open vSwitch"
            ),
            "omit --switch ovs",
        ),
    };
    let has_ovs = request.backend.unwrap_or(host.format).has_ovs();
    let help = match wanted {
        Switch::Linux if !has_ovs => "choose another name for the Linux bridge",
        Switch::Linux | Switch::Ovs => help,
    };
    Refusal::new(message)
        .at(user.at, user.line)
        .help(help)
        .unless(force)
}

/// Returns who uses the bridge, in the order of files; networks that libvirt does not load use nothing.
fn users<'h>(host: &'h Host, bridge: &'h str) -> impl Iterator<Item = User<'h>> {
    let networks = host.networks_on(bridge);
    let networks = networks.filter(|network| network.is_loaded() && !network.is_refused());
    let networks = networks.filter_map(|network| {
        Some(User {
            who: format!("the network `{}`", network.name),
            at: network.origin.as_ref(),
            line: network.lines.bridge,
            expects: of_network(network)?,
        })
    });
    let guests = host.guests_on(bridge).filter_map(|(guest, interface)| {
        Some(User {
            who: format!("the guest `{}`", guest.name),
            at: Some(&guest.origin),
            line: interface.spot.line,
            expects: of_interface(interface)?,
        })
    });
    networks.chain(guests)
}

/// Returns what a network takes its bridge for, `None` where its guests or port groups decide.
fn of_network(network: &Network) -> Option<Switch> {
    let lines = &network.lines;
    match network.switch {
        Switch::Ovs => Some(Switch::Ovs),
        Switch::Linux if lines.port.is_none() && lines.group_port.is_none() => Some(Switch::Linux),
        Switch::Linux => None,
    }
}

fn of_interface(interface: &GuestInterface) -> Option<Switch> {
    match interface.virtualport.as_deref() {
        None => Some(Switch::Linux),
        Some("openvswitch") => Some(Switch::Ovs),
        Some(_) => None,
    }
}
