//! From a bridge of the network's own to one of the host, and back.

use super::super::{Force, Refusal};
use super::{Wishes, add, limits};
use crate::host::Host;
use crate::host::network::{Forward, Network};
use crate::host::profile::Switch;

/// A network that hung on something of the host gets a bridge of its own.
pub(super) fn own(
    host: &Host,
    network: &mut Network,
    mode: Forward,
    wishes: &Wishes,
    force: Force,
) -> Result<(), Refusal> {
    if network.lines.foreign.is_some() {
        let message = format!(
            "the network `{}` has <vlan> or <virtualport>, which libvirt refuses in mode {}",
            network.name,
            mode.word()
        );
        return Err(Refusal::new(message)
            .at(network.origin.as_ref(), network.lines.foreign)
            .help(format!(
                "create a new one (kvmnet network add NAME --mode {}), or remove these elements first",
                mode.word()
            )));
    }
    limits::refuse_contradiction(wishes)?;
    network.forward = mode;
    network.devices.clear();
    network.switch = Switch::Linux;
    add::bridge(host, network, wishes, force)?;
    if let Some(domain) = wishes.domain.as_ref().filter(|domain| !domain.is_empty()) {
        network.domain = Some(domain.clone());
    }
    network.subnets = add::subnets(host, wishes, Some(&network.name.clone()), force)?;
    Ok(())
}

/// A network hangs on a bridge of the host, and gives up its own.
pub(super) fn bridged(
    host: &Host,
    network: &mut Network,
    mode: Forward,
    wishes: &Wishes,
    notes: &mut Vec<String>,
    force: Force,
) -> Result<(), Refusal> {
    network.forward = mode;
    network.stp = true;
    network.devices.clear();
    network.mac = None;
    network.domain = None;
    network.subnets.clear();
    network.routes.clear();
    add::on_host(host, network, wishes, notes, force)
}
