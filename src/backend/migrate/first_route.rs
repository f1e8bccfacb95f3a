//! Which default route counts on a host of several: where network-scripts bring it up, that of the interface that they bring
//! up last; with NetworkManager, that with the lowest metric.
//!
//! Source: `ip route replace default` in ifup-eth and dhclient-script; the order of rc.d/init.d/network (its list of interfaces,
//! then VLANs, then bridges); `nm_device_get_route_metric_default()` in nm-device.c.

use super::text_of;
use crate::backend::ifcfg::Reader;
use crate::backend::references;
use crate::doc::shell::ShellDoc;
use crate::host::Host;
use crate::host::profile::{Backend, Link, Profile};
use crate::host::value::InterfaceName;
use crate::tree::{HostPath, Tree};

/// The interface whose default route counts today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstRoute {
    /// The interface.
    pub interface: InterfaceName,
    /// The others that have one, each with whether network-scripts bring it up.
    pub others: Vec<(InterfaceName, bool)>,
    /// The metric with which it counts from NetworkManager on, where the usual one would not do.
    pub metric: Option<u32>,
}

/// A default route.
struct Way<'h> {
    profile: &'h Profile,
    by_scripts: bool,
    /// The metric that is said.
    said: Option<u32>,
}

/// Returns the interface whose default route counts, where several have one.
#[must_use]
pub fn first_route(tree: &Tree, host: &Host) -> Option<FirstRoute> {
    let network = text_of(tree, &HostPath::literal(references::NETWORK)).unwrap_or_default();
    let network = ShellDoc::parse(&network);
    let ways = host.profiles();
    let ways = ways.filter_map(|profile| way(tree, host, &network, profile));
    let ways: Vec<Way<'_>> = ways.collect();
    let by_scripts = ways.iter().filter(|way| way.by_scripts);
    let lowest = by_scripts.clone().map(|way| way.said.unwrap_or(0)).min()?;
    let first = by_scripts.filter(|way| way.said.unwrap_or(0) == lowest);
    let first = first.max_by_key(|way| turn(way.profile))?;
    let others = ways
        .iter()
        .filter(|way| way.profile.interface != first.profile.interface);
    let others: Vec<&Way<'_>> = others.collect();
    let usual = |way: &Way<'_>| way.said.or_else(|| way.profile.link.usual_metric());
    let best = others.iter().filter_map(|way| usual(way)).min()?;
    let is_best = usual(first).is_some_and(|own| own < best);
    Some(FirstRoute {
        interface: first.profile.interface.clone(),
        others: others
            .iter()
            .map(|way| (way.profile.interface.clone(), way.by_scripts))
            .collect(),
        metric: best.checked_sub(1).filter(|_| !is_best),
    })
}

/// Returns the default route of a profile; `network` is what holds for all interfaces.
fn way<'h>(
    tree: &Tree,
    host: &'h Host,
    network: &ShellDoc,
    profile: &'h Profile,
) -> Option<Way<'h>> {
    let layer3 = &profile.layer3;
    let is_default = || {
        let mut gateways = layer3.v4.gateways.iter();
        gateways.any(|gateway| layer3.is_default_route(&gateway.value))
    };
    let routes = (layer3.is_dhcp() && layer3.default_v4.off.is_none()) || is_default();
    let starts = profile.autostart && profile.controller.is_none() && profile.is_read();
    if !routes || !starts || profile.wording.copy {
        return None;
    }
    let by_scripts =
        profile.home.backend == Backend::Ifcfg && !profile.is_for_network_manager(&host.readers);
    let said = match by_scripts {
        true => {
            let doc = ShellDoc::parse(&text_of(tree, profile.home.file.as_ref()?)?);
            if doc
                .literal("DEFROUTE")
                .is_some_and(|word| Reader::NetworkScripts.is_no("DEFROUTE", word))
            {
                return None;
            }
            let metric = match doc.get("METRIC") {
                Some(_) => doc.literal("METRIC"),
                None => network.literal("METRIC"),
            };
            metric.and_then(|metric| metric.parse().ok())
        }
        false => layer3
            .metrics
            .v4
            .as_ref()
            .and_then(|metric| metric.value.parse().ok()),
    };
    Some(Way {
        profile,
        by_scripts,
        said,
    })
}

/// Returns when network-scripts bring an interface up: VLANs behind others, and bridges last; names by what stands before their
/// first digit, then by the number.
fn turn(profile: &Profile) -> (u8, String, u64, String) {
    let kind = match profile.link {
        Link::Bridge(_) => 2,
        Link::Vlan(_) => 1,
        Link::Ethernet | Link::Bond | Link::Foreign(_) => 0,
    };
    let file = profile.home.file.as_ref();
    let name = file.and_then(|path| path.name().strip_prefix("ifcfg-"));
    let name = name.unwrap_or(profile.interface.as_str());
    let start = name
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(name.len());
    let digits = &name[start..];
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let number = digits[..end].parse().unwrap_or(0);
    (
        kind,
        name[..start].to_owned(),
        number,
        digits[end..].to_owned(),
    )
}
