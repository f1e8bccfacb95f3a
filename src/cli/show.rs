//! `kvmnet show`: what the files say, joined.

use std::collections::BTreeMap;

use serde_json::json;

use super::args::Show;
use super::error::{CliError, Exit};
use super::{Session, change, report};
use crate::backend::{self, Interest};
use crate::host::Host;
use crate::host::profile::{Profile, Switch};
use crate::op;
use crate::root::Root;

/// Shows bridges.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    what: Option<Show>,
) -> Result<Exit, CliError> {
    change::warn_of_pending(session, root);
    let tree = root.read_tree(&backend::scope(Interest::All))?;
    let host = backend::inspect(&tree, Interest::All);
    session.detail(&format!(
        "{} profiles, {} guests were read",
        host.profiles.len(),
        host.guests.len()
    ));
    let warnings = warnings(&host, tree.oddities());
    if session.json {
        let bridges: Vec<_> = host.bridges().map(|bridge| object(&host, bridge)).collect();
        session.print_json(&json!({ "schema": 1, "bridges": bridges, "warnings": warnings }))?;
        return Ok(Exit::Done);
    }
    match what {
        Some(Show::Bridges) => {}
        None => session.screen.line("BRIDGES")?,
    }
    let indent = if what.is_none() { "  " } else { "" };
    for line in report::table(&rows(&host), &[]) {
        session.screen.line(&format!("{indent}{line}"))?;
    }
    for warning in warnings {
        session.screen.talk(&format!("warning: {warning}"));
    }
    Ok(Exit::Done)
}

fn warnings(host: &Host, oddities: &[String]) -> Vec<String> {
    let broken = host.broken.iter().map(|broken| match broken.line {
        0 => format!("passed over {}: {}", broken.path, broken.why),
        line => format!("passed over {}:{line}: {}", broken.path, broken.why),
    });
    broken.chain(oddities.iter().cloned()).collect()
}

fn rows(host: &Host) -> Vec<[String; 6]> {
    let mut rows =
        vec![["BRIDGE", "ADDRESSES", "STP", "PORTS", "NETWORKS", "GUESTS"].map(str::to_owned)];
    rows.extend(host.bridges().map(|bridge| {
        let name = bridge.interface.to_string();
        let stp = match bridge.bridge().and_then(|bridge| bridge.stp) {
            Some(true) => "on",
            Some(false) | None => "off",
        };
        let list = |names: Vec<String>| {
            if names.is_empty() {
                "-".to_owned()
            } else {
                names.join(" ")
            }
        };
        let addresses = op::describe(&bridge.layer3.addressing).replace(", ", " ");
        let addresses = if addresses == "no address" {
            "-".to_owned()
        } else {
            addresses
        };
        let networks = host
            .networks_on(&name)
            .map(|network| network.name.clone())
            .collect();
        [
            name.clone(),
            addresses,
            stp.to_owned(),
            list(ports(host, bridge)),
            list(networks),
            list(guests(host, &name)),
        ]
    }));
    rows
}

fn ports(host: &Host, bridge: &Profile) -> Vec<String> {
    host.ports_of(&bridge.interface)
        .map(|port| port.interface.to_string())
        .collect()
}

/// Guests on the bridge, directly or through a network that hangs on it.
fn guests(host: &Host, bridge: &str) -> Vec<String> {
    use crate::host::Source;
    let networks: Vec<&str> = host
        .networks_on(bridge)
        .map(|network| network.name.as_str())
        .collect();
    let on = |source: &Source| match source {
        Source::Bridge(name) => name == bridge,
        Source::Network(name) => networks.contains(&name.as_str()),
        Source::Device(_) | Source::Other => false,
    };
    let guests = host.guests.iter().filter(|guest| {
        guest
            .interfaces
            .iter()
            .any(|interface| on(&interface.source))
    });
    guests.map(|guest| guest.name.clone()).collect()
}

fn object(host: &Host, profile: &Profile) -> serde_json::Value {
    let addressing = &profile.layer3.addressing;
    let bridge = profile.bridge();
    let name = profile.interface.as_str();
    let networks: Vec<_> = host
        .networks_on(name)
        .map(|network| network.name.clone())
        .collect();
    let method = match &addressing.method {
        crate::host::profile::Method::Dhcp => "dhcp",
        crate::host::profile::Method::Manual => "manual",
        crate::host::profile::Method::Other(other) => other,
    };
    let fields: BTreeMap<&str, serde_json::Value> = BTreeMap::from([
        ("name", json!(name)),
        (
            "file",
            json!(profile.origin.as_ref().map(|origin| origin.as_str())),
        ),
        (
            "switch",
            json!(if bridge.is_some_and(|b| b.switch == Switch::Ovs) {
                "ovs"
            } else {
                "linux"
            }),
        ),
        (
            "stp",
            json!(bridge.and_then(|bridge| bridge.stp).unwrap_or(false)),
        ),
        (
            "forward_delay_s",
            json!(bridge.and_then(|bridge| bridge.forward_delay_s)),
        ),
        ("autostart", json!(profile.autostart)),
        ("method", json!(method)),
        ("addresses", json!(addressing.addresses)),
        ("gateways", json!(addressing.gateways)),
        ("dns", json!(addressing.dns)),
        ("ports", json!(ports(host, profile))),
        ("networks", json!(networks)),
        ("guests", json!(guests(host, name))),
    ]);
    json!(fields)
}
