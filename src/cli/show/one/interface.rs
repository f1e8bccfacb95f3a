//! An interface, and a bridge, whole.

use serde_json::{Value, json};

use super::{Around, One, Row, attached, object, said, said_list};
use crate::cli::show::{bridges, interfaces};
use crate::host::guest::GuestInterface;
use crate::host::interfaces::Interface;
use crate::host::layer3::Layer3;
use crate::host::profile::Profile;
use crate::host::{Host, Mention};
use crate::tree::HostPath;

/// Returns all about an interface.
pub(super) fn of_interface(around: &Around<'_>, name: &str) -> Option<One> {
    let one = around.interfaces.get(name)?;
    let knows_kernel = !around.host.present.is_empty();
    let mut object = object(&interfaces::of(around.interfaces, one, knows_kernel));
    let mut rows = about_interface(around, one);
    let mut files = files_of(around.host, one);
    without_profile(&mut object);
    match one.profile {
        Some(profile) => add_layer3(&mut object, &mut rows, profile),
        None => rows.push(("addresses", of_network(one))),
    }
    let mentioned = mentioned(around.host, name);
    rows.push(("named in", mentioned));
    files.dedup();
    Some(One {
        kind: "interface",
        object,
        rows,
        files,
    })
}

/// Returns the addresses that libvirt gives the bridge of its network.
fn of_network(one: &Interface<'_>) -> Vec<String> {
    let subnets = one.network.iter().flat_map(|network| &network.subnets);
    subnets.map(|subnet| subnet.address.to_string()).collect()
}

/// Returns the rows that every interface has.
fn about_interface(around: &Around<'_>, one: &Interface<'_>) -> Vec<Row> {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let joined = |all: &[&str]| said_list(&names(all));
    let layer2 = one.layer2;
    let chain = around.interfaces.chain(one.name);
    let ports: Vec<String> = one
        .ports
        .iter()
        .map(|port| around.interfaces.chain(port).shown)
        .collect();
    vec![
        said("kind", Some(one.kind)),
        said("state", Some(interfaces::state(&one.state()))),
        said("managed by", one.manager()),
        said("MAC", one.mac.map(|mac| mac.to_string())),
        said(
            "MTU",
            layer2
                .and_then(|layer2| layer2.mtu)
                .map(|mtu| mtu.to_string()),
        ),
        said(
            "VLAN",
            layer2
                .and_then(|layer2| layer2.vlan)
                .map(|vlan| vlan.to_string()),
        ),
        said(
            "bond mode",
            layer2.and_then(|layer2| layer2.bond_mode.clone()),
        ),
        said("on top of", one.parent.map(|_| chain.beneath.clone())),
        ("ports", ports),
        ("under", joined(&one.above)),
        ("networks", joined(&one.networks)),
        ("guests", joined(&one.guests)),
        said(
            "on the host",
            (!around.host.present.is_empty()).then_some(match one.is_present {
                true => "yes",
                false => "no, the kernel does not show it",
            }),
        ),
    ]
}

/// Adds what only a profile says: nothing.
fn without_profile(object: &mut Value) {
    for key in ["id", "uuid", "routes", "rules", "search", "zone"] {
        object[key] = Value::Null;
    }
}

/// Adds what a profile says of layer 3, and its own names.
fn add_layer3(object: &mut Value, rows: &mut Vec<Row>, profile: &Profile) {
    let layer3 = &profile.layer3;
    let routes: Vec<String> = layer3
        .routes
        .iter()
        .map(|said| said.value.to_string())
        .collect();
    let rules: Vec<String> = layer3
        .rules
        .iter()
        .map(|said| said.value.to_string())
        .collect();
    let search: Vec<&str> = layer3
        .dns
        .search
        .iter()
        .map(|said| said.value.as_str())
        .collect();
    object["id"] = json!(profile.id);
    object["uuid"] = json!(profile.uuid);
    object["routes"] = json!(routes);
    object["rules"] = json!(rules);
    object["search"] = json!(search);
    object["zone"] = json!(layer3.zone.as_ref().map(|said| &said.value));
    let start = match profile.autostart {
        true => "at boot",
        false => "not at boot",
    };
    rows.extend([
        said("profile", Some(profile.id.clone())),
        said("UUID", profile.uuid.clone()),
        said("started", Some(start)),
        ("addresses", addresses(layer3)),
        (
            "gateways",
            layer3.gateways().map(|ip| ip.to_string()).collect(),
        ),
        ("DNS", said_list(&bridges::texts(layer3.servers()))),
        said("search", (!search.is_empty()).then(|| search.join(" "))),
        ("routes", routes),
        ("rules", rules),
        said("zone", layer3.zone.as_ref().map(|said| said.value.clone())),
    ]);
}

fn addresses(layer3: &Layer3) -> Vec<String> {
    let labelled = layer3.labelled();
    let labelled = labelled.filter_map(|said| Some(said.net?.to_string()));
    bridges::described(layer3)
        .into_iter()
        .chain(labelled)
        .collect()
}

/// Returns the files that say something of an interface.
fn files_of(host: &Host, one: &Interface<'_>) -> Vec<HostPath> {
    let mut files: Vec<HostPath> = Vec::new();
    if let Some(profile) = one.profile {
        let layer3 = &profile.layer3;
        files.extend(profile.home.file.clone());
        files.extend(layer3.further.iter().map(|part| part.at.clone()));
        let routes = layer3.routes.iter().filter_map(|said| said.at.as_ref());
        let rules = layer3.rules.iter().filter_map(|said| said.at.as_ref());
        files.extend(routes.chain(rules).map(|spot| spot.file.clone()));
    }
    files.extend(one.claim.map(|claim| claim.at.path.clone()));
    files.extend(one.network.and_then(|network| network.origin.clone()));
    files.extend(one.broken.map(|broken| broken.path.clone()));
    let references = host.references.iter();
    let named = references.filter(|reference| reference.interface.as_str() == one.name);
    files.extend(named.map(|reference| reference.at.clone()));
    files
}

/// Returns where else an interface is named.
fn mentioned(host: &Host, name: &str) -> Vec<String> {
    let mentions = host.mentions.iter();
    let own = mentions.filter(|mention: &&Mention| mention.interface.as_str() == name);
    own.map(|mention| mention.at.with_line(Some(mention.line)))
        .collect()
}

/// Returns all about a bridge.
pub(super) fn of_bridge(around: &Around<'_>, name: &str) -> Option<One> {
    let all = bridges::all(around.host, around.joined);
    let Some(bridge) = all.into_iter().find(|bridge| bridge.name() == name) else {
        // named as a bridge, and made by nothing
        let one = around.interfaces.get(name)?;
        let is_named = one.profile.is_none() && !(one.networks.is_empty() && one.guests.is_empty());
        return of_interface(around, name).filter(|_| is_named);
    };
    let mut object = object(&bridge);
    without_profile(&mut object);
    let mut rows = vec![said(
        "STP",
        bridge.stp().map(|stp| if stp { "on" } else { "off" }),
    )];
    let one = around.interfaces.get(name);
    let mut files = Vec::new();
    if let Some(one) = one {
        rows.splice(0..0, about_interface(around, one));
        files = files_of(around.host, one);
        match one.profile {
            Some(profile) => add_layer3(&mut object, &mut rows, profile),
            None => rows.push(("addresses", of_network(one))),
        }
    }
    // those of the table stand in full below
    rows.retain(|(word, _)| !["networks", "guests"].contains(word));
    rows.push((
        "networks",
        around
            .joined
            .networks_on(name)
            .iter()
            .map(|n| (*n).to_owned())
            .collect(),
    ));
    let on = |interface: &GuestInterface| around.joined.bridge_of(interface) == Some(name);
    rows.push(("guests", attached(around.host, on)));
    Some(One {
        kind: "bridge",
        object,
        rows,
        files,
    })
}
