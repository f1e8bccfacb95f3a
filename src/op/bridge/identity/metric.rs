//! The metric of a new bridge's default route: the default route of the host goes where it went.
//!
//! NetworkManager gives the routes of a device the usual metric of its kind where its profile says none; the second device
//! of one kind gets one more, cards in the order of their names, whatever their autoconnect-priority. A metric that a profile says
//! is neither counted up, nor counted. Source: NetworkManager 1.42 and 1.52, run; `platform_query_devices()` and
//! `_device_route_metric_get()` in nm-manager.c.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::asked::Asked;
use crate::host::Host;
use crate::host::layer3::{Layer3, Method, Metrics};
use crate::host::profile::{Link, METRIC_OF_BRIDGES, Profile};
use crate::host::spot::Said;
use crate::host::value::InterfaceName;
use crate::op::bridge::BridgeAdd;
use crate::op::bridge::add::properties;

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ip {
    V4,
    V6,
}

impl Ip {
    /// Returns what a configuration says of the metric.
    fn said(self, layer3: &Layer3) -> Option<&str> {
        let said = match self {
            Self::V4 => &layer3.metrics.v4,
            Self::V6 => &layer3.metrics.v6,
        };
        said.as_ref().map(|said| said.value.as_str())
    }

    fn say(self, layer3: &mut Layer3, metric: Option<u32>) {
        let said = metric.map(|metric| Said::from(metric.to_string()));
        match self {
            Self::V4 => layer3.metrics.v4 = said,
            Self::V6 => layer3.metrics.v6 = said,
        }
    }

    fn property(self) -> &'static str {
        match self {
            Self::V4 => "ipv4.route-metric",
            Self::V6 => "ipv6.route-metric",
        }
    }

    /// Returns whether a default route comes with the configuration.
    fn routes(self, layer3: &Layer3) -> bool {
        match self {
            Self::V4 => {
                let routed = layer3.is_dhcp() || !layer3.v4.gateways.is_empty();
                routed && layer3.default_v4.off.is_none()
            }
            Self::V6 => {
                let of_router = matches!(*layer3.v6.method, Method::Auto);
                (of_router || !layer3.v6.gateways.is_empty()) && layer3.default_v6.off.is_none()
            }
        }
    }

    /// Returns whether a metric can be said: a group of IPv6 that is not there must not appear.
    fn may_say(self, layer3: &Layer3) -> bool {
        self == Self::V4 || layer3.v6.method.at.is_some()
    }

    /// Returns whether that is sure: not every router offers itself.
    fn is_sure(self, layer3: &Layer3) -> bool {
        self == Self::V4 || !layer3.v6.gateways.is_empty()
    }
}

/// An interface whose default route competes with others.
struct Way<'h> {
    profile: &'h Profile,
    /// The metric that it has.
    metric: u32,
}

/// Returns the metrics of `profiles`, which are of NetworkManager, by their interfaces.
fn metrics<'h>(
    host: &Host,
    profiles: impl Iterator<Item = &'h Profile>,
    ip: Ip,
) -> BTreeMap<InterfaceName, u32> {
    let mut profiles: Vec<&Profile> = profiles.collect();
    profiles.sort_by(|a, b| a.interface.cmp(&b.interface));
    let mut taken = BTreeSet::new();
    let metrics = profiles.into_iter().filter_map(|profile| {
        let card = Asked::card(host, profile);
        let said = ip.said(&profile.layer3);
        let said = said.or_else(|| card.default(ip.property()));
        let said = said.and_then(|said| said.parse().ok());
        let counted = || {
            let usual = profile.link.usual_metric()?;
            match profile.link {
                Link::Ethernet => (usual..).find(|metric| taken.insert(*metric)),
                // in which order NetworkManager makes the others nothing tells
                Link::Bridge(_) | Link::Bond | Link::Vlan(_) | Link::Foreign(_) => Some(usual),
            }
        };
        Some((profile.interface.clone(), said.or_else(counted)?))
    });
    metrics.collect()
}

/// Writes the metric with which the default route of the bridge comes before those that it came before, and after the
/// others, or which NetworkManager's configuration gives the card; says so where there are others.
pub(super) fn keep(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &mut Layer3,
) -> Option<String> {
    let link = properties(request).map(Link::Bridge).ok()?;
    let bridge = Profile {
        interface: request.bridge.clone(),
        link,
        mac: None,
        ..with(main, layer3)
    };
    let [v4, v6] = [Ip::V4, Ip::V6].map(|ip| {
        if !ip.routes(layer3) {
            return None;
        }
        let change = Change::of(host, main, &bridge, &request.ports, ip);
        let given = Asked::card(host, main).default(ip.property());
        let given = given.and_then(|given| given.parse().ok());
        let wanted = given.unwrap_or(change.wanted);
        if ip.said(layer3).is_none() && wanted != change.usual && ip.may_say(layer3) {
            ip.say(layer3, Some(wanted));
        }
        let said = ip.said(layer3).and_then(|said| said.parse().ok());
        let metric = said.unwrap_or(change.usual);
        spoken(request, metric, &change.others, ip)
    });
    v4.or(v6)
}

/// Gives `layer3`, which returns from `bridge` to `heir`, the metric with which its default route comes where it came; takes
/// away one that [`keep`] would write.
pub(super) fn give_back(host: &Host, bridge: &Profile, heir: &Profile, layer3: &mut Layer3) {
    let unsaid = Layer3 {
        metrics: Metrics::default(),
        ..layer3.clone()
    };
    let (port, bare) = (with(heir, &unsaid), with(bridge, &unsaid));
    let mut later = host.clone();
    later.profiles.retain(|p| p.interface != bridge.interface);
    if let Some(profile) = later.profile_mut(&heir.interface) {
        *profile = port.clone();
    }
    for ip in [Ip::V4, Ip::V6] {
        let own = [bridge.interface.clone(), heir.interface.clone()];
        let change = Change::of(host, bridge, &port, &own, ip);
        let holds = change.wanted == change.usual || !ip.routes(layer3);
        let said = ip.said(layer3).map(|said| said.parse().ok());
        match said {
            None if !holds && ip.may_say(layer3) => ip.say(layer3, Some(change.wanted)),
            Some(said) => {
                let back = Change::of(&later, &port, &bare, &own, ip);
                let writes = ip.routes(layer3) && back.wanted != back.usual;
                let written = writes.then_some(back.wanted);
                if said.is_some() && said == written {
                    ip.say(layer3, None);
                }
            }
            None => {}
        }
    }
}

/// Returns a profile that has `layer3` to itself.
fn with(profile: &Profile, layer3: &Layer3) -> Profile {
    Profile {
        layer3: layer3.clone(),
        controller: None,
        autostart: true,
        ..profile.clone()
    }
}

/// A default route that goes from one interface to another.
struct Change<'h> {
    /// The metric that the other one has by itself.
    usual: u32,
    /// The metric with which it comes before those that it came before, and after the others.
    wanted: u32,
    /// The other default routes.
    others: Vec<Way<'h>>,
}

impl<'h> Change<'h> {
    /// Returns the change from `old` to `new`; the default routes of `leaving` end with it.
    fn of(
        host: &'h Host,
        old: &'h Profile,
        new: &Profile,
        leaving: &[InterfaceName],
        ip: Ip,
    ) -> Self {
        let started = |profile: &&Profile| {
            let starts = profile.autostart && profile.controller.is_none() && profile.is_read();
            starts && profile.is_for_network_manager(&host.readers)
        };
        let all = || host.profiles().filter(started);
        let before = metrics(host, all().chain((!old.autostart).then_some(old)), ip);
        let stays = |profile: &&Profile| !leaving.contains(&profile.interface);
        let bare = Profile {
            layer3: Layer3 {
                metrics: Metrics::default(),
                ..new.layer3.clone()
            },
            ..new.clone()
        };
        let mut later: Vec<&Profile> = all().filter(stays).collect();
        later.push(&bare);
        let after = metrics(host, later.into_iter(), ip);
        let usual = after.get(&new.interface).copied();
        let usual = usual.unwrap_or(METRIC_OF_BRIDGES);
        let others = all().filter(stays).filter_map(|profile| {
            let metric = *after.get(&profile.interface)?;
            ip.routes(&profile.layer3)
                .then_some(Way { profile, metric })
        });
        let others: Vec<Way<'h>> = others.collect();
        let own = before.get(&old.interface).copied();
        let own = own.filter(|_| ip.routes(&old.layer3));
        let first = |way: &&Way<'_>| {
            let was = before.get(&way.profile.interface);
            own.is_none_or(|own| *was.unwrap_or(&way.metric) < own)
        };
        let (first, last): (Vec<_>, Vec<_>) = others.iter().partition(first);
        let wanted = between(usual, own, &first, &last);
        Self {
            usual,
            wanted,
            others,
        }
    }
}

/// Returns the metric above the first and below the last that is there anyway, or was, else one next to theirs.
fn between(usual: u32, own: Option<u32>, first: &[&Way<'_>], last: &[&Way<'_>]) -> u32 {
    let above = first.iter().map(|way| way.metric).max();
    let below = last.iter().map(|way| way.metric).min();
    let fits = |metric: &u32| {
        above.is_none_or(|above| *metric > above) && below.is_none_or(|below| *metric < below)
    };
    let next = below.and_then(|below| below.checked_sub(1));
    let further = above.and_then(|above| above.checked_add(1));
    let likely = [Some(usual), own, next, further];
    let found = likely.into_iter().flatten().find(fits);
    // with no room between the two, at least not before the first
    found.or(further).unwrap_or(usual)
}

/// Says which of several default routes counts.
fn spoken(request: &BridgeAdd, metric: u32, others: &[Way<'_>], ip: Ip) -> Option<String> {
    let bridge = &request.bridge;
    others.iter().find(|way| ip.is_sure(&way.profile.layer3))?;
    let best = others.iter().min_by_key(|way| way.metric)?;
    let names: Vec<String> = others
        .iter()
        .map(|way| format!("`{}`", way.profile.interface))
        .collect();
    let family = match ip {
        Ip::V4 => "IPv4",
        Ip::V6 => "IPv6",
    };
    let both = match names.as_slice() {
        [one] => format!("{one} has a default route of {family}, too"),
        several => format!(
            "{} have default routes of {family}, too",
            several.join(", ")
        ),
    };
    let winner = match metric.cmp(&best.metric) {
        Ordering::Less => format!("that of `{bridge}` has the lowest metric, and counts"),
        Ordering::Equal => {
            format!("the two have the metric {metric}, and nothing tells which counts")
        }
        Ordering::Greater => format!(
            "that of `{}` has the lowest metric, and counts",
            best.profile.interface
        ),
    };
    Some(format!("{both}: {winner}"))
}
