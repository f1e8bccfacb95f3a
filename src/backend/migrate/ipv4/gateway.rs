//! The default route of IPv4: which gateway, with which metric, or none.
//!
//! Source: `make_ip4_setting()` in nms-ifcfg-rh-reader.c, ifup-eth.

use std::net::{IpAddr, Ipv4Addr};

use super::super::loss::{Loss, Weight};
use super::super::made::{Line, Made};
use super::super::own::Own;
use super::GROUP;
use super::addresses::{At, bootproto, indices, lost};
use super::aliases;
use crate::host::layer3::Method;
use crate::host::value::IpNet;

/// Returns the gateway that an alias names, where the file itself has none and says nothing of a default route.
pub(super) fn gateway_of_alias(own: &Own<'_>) -> Option<(IpAddr, Option<Line>)> {
    if own.source.boolean("DEFROUTE").is_some() {
        return None;
    }
    aliases::in_force(own).find_map(|(path, doc)| {
        let found = doc.get("GATEWAY")?;
        let gateway = found.value.literal()?.parse().ok()?;
        Some((gateway, Some((own.number_of(path), found.line))))
    })
}

/// Returns whether the interface is never the default route, and the line that says so.
pub(super) fn never_default(own: &Own<'_>) -> (bool, Option<Line>) {
    let source = &own.source;
    let mut never = source.boolean("DEFROUTE") == Some(false);
    let mut line = source.line("DEFROUTE");
    let device = own.device();
    // in the file itself network-scripts alone read it
    let by_file = source.text("GATEWAYDEV").filter(|_| own.by_scripts());
    let by_network = || {
        own.network
            .as_ref()
            .and_then(|network| network.text("GATEWAYDEV"))
    };
    if let Some(named) = by_file.or_else(by_network) {
        never = (never && own.by_scripts()) || named != device;
        line = line.or_else(|| source.line("GATEWAYDEV"));
    }
    (never || own.is_passed_over, line)
}

/// network-scripts give the metric to the default route alone, NetworkManager to all routes of the profile.
pub(super) fn metric(own: &Own<'_>, made: &mut Made) {
    let source = &own.source;
    if !own.by_scripts() || made.get(GROUP, "route-metric").is_some() {
        return;
    }
    if let Some(metric) = own.first_metric {
        let line = source
            .line("METRIC")
            .filter(|_| source.text("METRIC").is_some());
        made.set(GROUP, "route-metric", metric.to_string(), line);
        return;
    }
    if let Some(metric) = source.number("METRIC", 0, i64::from(u32::MAX)) {
        made.set(
            GROUP,
            "route-metric",
            metric.to_string(),
            source.line("METRIC"),
        );
    }
}

/// Returns the gateway of the default route.
pub(super) fn gateway(
    own: &Own<'_>,
    addresses: &[At],
    never: bool,
    losses: &mut Vec<Loss>,
) -> Option<(IpAddr, Option<Line>)> {
    if own.by_scripts() {
        let dhcp = own.source.reader.method(bootproto(own), true) == Method::Dhcp;
        let from_file = match dhcp || never {
            true => None,
            false => gateway_of_scripts(own, addresses, losses).or_else(|| for_all(own, addresses)),
        };
        let nets: Vec<IpNet> = addresses.iter().map(|(net, _)| *net).collect();
        return aliases::gateway(own, &nets, from_file);
    }
    let from_file = gateway_of_index(own);
    if from_file.is_some() || addresses.is_empty() {
        return from_file;
    }
    for_all(own, addresses).or_else(|| gateway_of_alias(own))
}

/// Returns the gateway for all interfaces.
pub(super) fn for_all(own: &Own<'_>, addresses: &[At]) -> Option<(IpAddr, Option<Line>)> {
    let network = own.network.as_ref()?;
    let gateway: Ipv4Addr = network.text("GATEWAY")?.parse().ok()?;
    let reached = || {
        addresses
            .first()
            .is_some_and(|(net, _)| net.contains(&IpAddr::V4(gateway)))
    };
    // network-scripts hold it against the first subnet
    let silent = own.source.text("GATEWAY").is_none() && (!own.by_scripts() || reached());
    silent.then_some((IpAddr::V4(gateway), None))
}

/// network-scripts make a default route of a gateway that fits, and of no other one.
pub(super) fn gateway_of_scripts(
    own: &Own<'_>,
    addresses: &[At],
    losses: &mut Vec<Loss>,
) -> Option<(IpAddr, Option<Line>)> {
    let (source, layer3) = (&own.source, &own.profile.layer3);
    let keys = indices().take(11).map(|index| format!("GATEWAY{index}"));
    let said = keys.filter_map(|key| {
        let gateway: IpAddr = source.text(&key)?.parse().ok()?;
        Some((gateway, source.line(&key)))
    });
    let said: Vec<_> = said.collect();
    let first = addresses.first().map(|(net, _)| net);
    let fits = |gateway: &IpAddr| match layer3.shell {
        true => first.is_some_and(|net| net.contains(gateway)),
        false => layer3.is_default_route(gateway),
    };
    let found = said.iter().find(|(gateway, _)| fits(gateway)).copied();
    if let (None, Some((idle, line))) = (found, said.first()) {
        let why = layer3.default_v4.passed_over.clone();
        let why = why.unwrap_or_else(|| "nothing: it is no default route today".to_owned());
        let what = format!("the gateway {idle}");
        losses.push(lost(
            source.path,
            line.map(|(_, line)| line),
            &what,
            &why,
            Weight::Idle,
        ));
    }
    found
}

/// NetworkManager reads a gateway with an address of the same number alone.
pub(super) fn gateway_of_index(own: &Own<'_>) -> Option<(IpAddr, Option<Line>)> {
    let source = &own.source;
    for index in indices() {
        if source.text(&format!("IPADDR{index}")).is_none() {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                return None;
            }
            continue;
        }
        let key = format!("GATEWAY{index}");
        if let Some(gateway) = source.text(&key).and_then(|text| text.parse().ok()) {
            return Some((gateway, source.line(&key)));
        }
    }
    None
}
