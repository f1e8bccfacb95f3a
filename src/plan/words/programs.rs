//! What the programs that read the files make of a bridge.

use crate::host::Host;
use crate::host::profile::{Bridge, Switch};
use crate::op::{self, BridgeAdd, Future, Operation};
use crate::readers::Readers;

/// What cannot be told of who reads the files, for the bridge and its ports.
pub(super) fn untold(operation: &Operation, before: &Host) -> Option<String> {
    let bridge = operation.bridge()?;
    let port = match operation {
        Operation::BridgeAdd(BridgeAdd { ports, .. }) => ports.first(),
        Operation::AddPort { port, .. } | Operation::RemovePort { port, .. } => Some(port),
        Operation::BridgeRemove { .. } | Operation::Network(_) | Operation::Guest(_) => None,
    };
    let of = |name| op::untold(before, name);
    port.and_then(of).or_else(|| of(bridge))
}

/// What the programs that read the files need, or take otherwise than it seems.
pub(super) fn programs(readers: &Readers, operation: &Operation, future: &Future) -> Vec<String> {
    let mut warnings = Vec::new();
    let bridge = operation.bridge();
    let Some(profile) = bridge.and_then(|bridge| future.host.profile(bridge)) else {
        return warnings;
    };
    let Some(Bridge { switch, stp, .. }) = profile.bridge() else {
        return warnings;
    };
    let by_scripts = !profile.is_for_network_manager(readers);
    let needs_brctl = readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl);
    match switch {
        Switch::Linux if needs_brctl && !readers.brctl && by_scripts => warnings.push(
            "brctl is not installed (package bridge-utils): ifup of this release then silently ignores BRIDGE=, and the host comes up without an address"
                .to_owned(),
        ),
        Switch::Ovs if !readers.ovs_scripts => warnings.push(
            "openvswitch's ifup-ovs is not in /etc/sysconfig/network-scripts: without it nothing reads these files"
                .to_owned(),
        ),
        Switch::Linux | Switch::Ovs => {}
    }
    let both = readers.network_manager.is_some()
        && readers.scripts.as_ref().is_some_and(|s| !s.needs_brctl);
    if both && *stp == Some(true) {
        warnings.push("DELAY is in seconds for NetworkManager, in hundredths for the network service of this release".to_owned());
    }
    if *stp == Some(true) && profile.layer3.is_dhcp() {
        warnings.push(format!(
            "with STP `{}` forwards only after twice its forward delay: DHCP takes that long",
            profile.interface
        ));
    }
    warnings
}
