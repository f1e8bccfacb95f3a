//! Taking a network away.

use super::super::{Force, Future, Refusal, refusals};
use crate::host::Host;
use crate::host::network::Network;
use crate::tree::word_of;

/// Returns the host without the network.
pub(super) fn plan(host: &Host, name: &str, force: Force) -> Result<Future, Refusal> {
    super::super::ensure_network_understood(host, name)?;
    let mut future = Future::of(host);
    let Some(network) = host.network(name) else {
        future.notes.push(refusals::absent("network", name));
        return Ok(future);
    };
    future.notes.extend(unused(host, network, force)?);
    future
        .host
        .networks
        .retain(|other| other.origin != network.origin);
    Ok(future)
}

/// Refuses while guests hang on the network, by its name or by its bridge; if forced, says what will be left hanging.
fn unused(host: &Host, network: &Network, force: Force) -> Result<Option<String>, Refusal> {
    let by_bridge = network.own_bridge().map(|bridge| host.guests_on(bridge));
    let users: Vec<_> = host
        .guests_of(&network.name)
        .chain(by_bridge.into_iter().flatten())
        .collect();
    let mut names: Vec<&str> = users.iter().map(|(guest, _)| guest.name.as_str()).collect();
    names.dedup();
    let Some((guest, interface)) = users.first() else {
        return Ok(None);
    };
    let name = &network.name;
    let used = format!(
        "the network `{name}` is in use by {}",
        refusals::users(&names, &[])
    );
    Refusal::new(used.clone())
        .at(Some(&guest.origin), interface.spot.line)
        .help(format!(
            "connect them elsewhere first (kvmnet guest connect {} --network OTHER), or remove it anyway with --force",
            word_of(&guest.name)
        ))
        .unless(force)?;
    Ok(Some(format!("{used}: without it they cannot start")))
}
