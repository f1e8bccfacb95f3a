//! Whether the files say all that a new bridge is to have.

use super::ports::ensure_first;
use super::{BridgeAdd, Choice};
use crate::host::Host;
use crate::host::profile::{Manager, Profile, Switch};
use crate::op::{Force, Refusal, managed};

/// Refuses to move what no file says, since NetworkManager makes a profile up for a card that has none, which asks a DHCP
/// server; and a switch that the format of the port has no words for.
pub(super) fn ensure_known(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    force: Force,
) -> Result<(), Refusal> {
    if request.switch == Some(Switch::Ovs) && !main.home.backend.has_ovs() {
        let message = format!(
            "the bridge of `{}` would be a keyfile, and kvmnet creates no Open vSwitch bridges in keyfiles",
            main.interface
        );
        return Err(Refusal::new(message)
            .at(main.home.file.as_ref(), None)
            .help("omit --switch ovs, or create the bridge by hand, see nm-openvswitch(7)"));
    }
    let made_up = main.home.file.is_none() && main.manager == Manager::NetworkManager;
    // of a port whose bridge no file makes
    let is_port = main.controller.is_some() && main.layer3.gives_no_address();
    if !(made_up || is_port) || request.addressing != Choice::Move {
        return ensure_first(host, main, force);
    }
    let name = &main.interface;
    if is_port {
        let message = format!(
            "`{name}` is a port of `{}` already, and so has no addressing that could move",
            request.bridge
        );
        return Err(Refusal::new(message).at(main.home.file.as_ref(), None).help(
            "say which address the bridge gets: --dhcp, --address ADDRESS/PREFIX, or --no-address",
        ));
    }
    if let Some(refusal) = managed::loose(host, name) {
        return Err(refusal);
    }
    let message = match managed::is_made_up(host, name) {
        true => format!(
            "`{name}` has no profile on disk: NetworkManager creates one in memory, which uses DHCP"
        ),
        false => format!("`{name}` has no profile, and so no addressing that could move"),
    };
    Err(Refusal::new(message).help(
        "say which address the bridge gets: --dhcp, --address ADDRESS/PREFIX, or --no-address",
    ))
}

/// Refuses options that would be in no file: the bridge has the format of its port, and a keyfile no delay without STP.
pub(super) fn ensure_all_said(request: &BridgeAdd, main: &Profile) -> Result<(), Refusal> {
    let backend = main.home.backend;
    let file = main.home.file.as_ref();
    if let Some(other) = request.backend.filter(|other| *other != backend) {
        let message = format!(
            "the profile of `{}` has another format than --backend {} asks for, and the bridge has that of its port",
            main.interface,
            other.word()
        );
        return Err(Refusal::new(message)
            .at(file, None)
            .help(format!("omit --backend {}", other.word())));
    }
    let stp = request.stp.unwrap_or(false);
    let delay = request.forward_delay_s.filter(|delay| *delay > 0 && !stp);
    match delay.filter(|_| backend.is_of_network_manager()) {
        Some(delay) => Err(Refusal::new(format!(
            "without STP a bridge of NetworkManager has no forward delay of {delay} seconds"
        ))
        .help("omit --forward-delay, or turn STP on with --stp on")),
        None => Ok(()),
    }
}
