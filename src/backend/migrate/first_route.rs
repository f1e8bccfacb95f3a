//! Which default route counts on a host of several: where network-scripts bring it up, that of the interface that they bring
//! up last; with NetworkManager, that with the lowest metric.
//!
//! Source: `ip route replace default` in ifup-eth and dhclient-script; the order of rc.d/init.d/network (its list of interfaces,
//! then VLANs, then bridges); `nm_device_get_route_metric_default()` in nm-device.c.

use std::collections::BTreeSet;
use std::net::IpAddr;

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
    let for_all = ForAll::of(tree, host);
    let ways = host.profiles();
    let ways = ways.filter_map(|profile| way(tree, host, &for_all, profile));
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

/// What /etc/sysconfig/network says of the default route, and which interface reaches its gateway.
struct ForAll<'h> {
    metric: Option<u32>,
    device: Option<String>,
    /// The gateway, and the interface in whose first subnet it is.
    gateway: Option<(IpAddr, Option<&'h InterfaceName>)>,
}

impl<'h> ForAll<'h> {
    fn of(tree: &Tree, host: &'h Host) -> Self {
        let text = text_of(tree, &HostPath::literal(references::NETWORK)).unwrap_or_default();
        let doc = ShellDoc::parse(&text);
        let said = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
        let gateway = said("GATEWAY").and_then(|gateway| gateway.parse().ok());
        let reaches = |profile: &&Profile, gateway: &IpAddr| {
            let mut first = profile.layer3.v4.addresses.iter();
            let starts = profile.autostart && profile.controller.is_none();
            starts && first.next().is_some_and(|net| net.contains(gateway))
        };
        let gateway = gateway.map(|gateway| {
            let owner = host.profiles().find(|profile| reaches(profile, &gateway));
            (gateway, owner.map(|owner| &owner.interface))
        });
        Self {
            metric: said("METRIC").and_then(|metric| metric.parse().ok()),
            device: said("GATEWAYDEV").map(str::to_owned),
            gateway,
        }
    }
}

/// Returns whether dhclient-script passes over the routers of a lease, since GATEWAY names one that another interface reaches.
///
/// Source: dhclient-script of Red Hat's packages (`[ -z "$GATEWAY" ] || …`).
fn is_passed_over(doc: &ShellDoc, profile: &Profile, for_all: &ForAll<'_>) -> bool {
    let ignores = doc.literal("DHCLIENT_IGNORE_GATEWAY").unwrap_or_default();
    let silent = doc.literal("GATEWAY").is_none_or(str::is_empty);
    let of_other = match for_all.gateway {
        Some((_, Some(owner))) => *owner != profile.interface,
        Some((_, None)) | None => false,
    };
    profile.layer3.is_dhcp() && silent && of_other && !ignores.starts_with(['y', 'Y'])
}

/// Returns the interfaces whose leases give no default route.
pub(super) fn passed_over(tree: &Tree, host: &Host) -> BTreeSet<InterfaceName> {
    let for_all = ForAll::of(tree, host);
    let by_scripts = host
        .profiles()
        .filter(|profile| is_by_scripts(host, profile));
    let passed = by_scripts.filter(|profile| {
        let text = profile
            .home
            .file
            .as_ref()
            .and_then(|path| text_of(tree, path));
        let doc = ShellDoc::parse(&text.unwrap_or_default());
        is_passed_over(&doc, profile, &for_all)
    });
    passed.map(|profile| profile.interface.clone()).collect()
}

fn is_by_scripts(host: &Host, profile: &Profile) -> bool {
    profile.home.backend == Backend::Ifcfg && !profile.is_for_network_manager(&host.readers)
}

/// Returns the default route of a profile.
fn way<'h>(
    tree: &Tree,
    host: &'h Host,
    for_all: &ForAll<'_>,
    profile: &'h Profile,
) -> Option<Way<'h>> {
    let layer3 = &profile.layer3;
    let starts = profile.autostart && profile.controller.is_none() && profile.is_read();
    if !starts || profile.wording.copy {
        return None;
    }
    let mut gateways = layer3.v4.gateways.iter();
    let is_default = gateways.any(|gateway| layer3.is_default_route(&gateway.value));
    let by_lease = layer3.is_dhcp() && layer3.default_v4.off.is_none();
    if !is_by_scripts(host, profile) {
        let said = layer3.metrics.v4.as_ref();
        return (by_lease || is_default).then(|| Way {
            profile,
            by_scripts: false,
            said: said.and_then(|metric| metric.value.parse().ok()),
        });
    }
    let doc = ShellDoc::parse(&text_of(tree, profile.home.file.as_ref()?)?);
    let said = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
    let is_no = |word| Reader::NetworkScripts.is_no("DEFROUTE", word);
    let device = for_all.device.as_deref();
    let is_other = device.is_some_and(|device| device != profile.interface.as_str());
    if said("DEFROUTE").is_some_and(is_no) || is_other {
        return None;
    }
    let silent = said("GATEWAY").is_none();
    let owner = for_all.gateway.and_then(|(_, owner)| owner);
    let for_all_is_ours = silent && owner == Some(&profile.interface);
    let by_lease = by_lease && !is_passed_over(&doc, profile, for_all);
    let metric = match doc.get("METRIC") {
        Some(_) => said("METRIC").and_then(|metric| metric.parse().ok()),
        None => for_all.metric,
    };
    (by_lease || is_default || for_all_is_ours).then_some(Way {
        profile,
        by_scripts: true,
        said: metric,
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
