//! Which default route of several counts.

use super::asked::Asked;
use crate::host::Host;
use crate::host::layer3::{Layer3, Method};
use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::op::bridge::BridgeAdd;

/// The default route of a bridge counts less than that of a card: one of another interface would count before it. A metric that
/// NetworkManager's configuration gives the card is kept in any case.
pub(super) fn keep_metric(host: &Host, request: &BridgeAdd, main: &Profile, layer3: &mut Layer3) {
    let (card, bridge) = (
        Asked::card(host, main),
        Asked::bridge(host, &request.bridge),
    );
    let others = host.profiles().filter(|other| {
        let starts = other.autostart && other.controller.is_none() && other.is_read();
        starts && !request.ports.contains(&other.interface)
    });
    let others: Vec<&Profile> = others.collect();
    let has_group = layer3.v6.method.at.is_some();
    for (property, is_v6) in [("ipv4.route-metric", false), ("ipv6.route-metric", true)] {
        let metrics = (card.metric(property), bridge.metric(property));
        let (Some(old), Some(new)) = metrics else {
            continue;
        };
        let between = |other: &&Profile| {
            let said = metric(&other.layer3, is_v6).as_ref();
            let said = said.and_then(|said| said.value.parse().ok());
            let metric = said.or_else(|| Asked::card(host, other).metric(property));
            let is_between = metric.is_some_and(|metric| (old..=new).contains(&metric));
            is_between && has_default_route(&other.layer3, is_v6)
        };
        let is_given = card.default(property).is_some();
        let counts = || is_given || others.iter().any(between);
        let can = metric(layer3, is_v6).is_none() && (has_group || !is_v6);
        if can && old != new && has_default_route(layer3, is_v6) && counts() {
            let said = match is_v6 {
                true => &mut layer3.metrics.v6,
                false => &mut layer3.metrics.v4,
            };
            *said = Some(old.to_string().into());
        }
    }
}

/// Returns the metric that a configuration says.
fn metric(layer3: &Layer3, is_v6: bool) -> &Option<Said<String>> {
    match is_v6 {
        true => &layer3.metrics.v6,
        false => &layer3.metrics.v4,
    }
}

/// Returns whether an interface with this configuration gets a default route.
fn has_default_route(layer3: &Layer3, is_v6: bool) -> bool {
    match is_v6 {
        true => {
            let of_router = matches!(*layer3.v6.method, Method::Auto);
            (of_router || !layer3.v6.gateways.is_empty()) && layer3.default_v6.off.is_none()
        }
        false => {
            let has = layer3.is_dhcp() || !layer3.v4.gateways.is_empty();
            has && layer3.default_v4.off.is_none()
        }
    }
}
