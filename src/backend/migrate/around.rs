//! What is the same for all profiles of a host: names of routing tables, and priorities of policy rules.

use std::collections::{BTreeMap, BTreeSet};

use super::first_route::{FirstRoute, first_route, passed_over};
use super::rule::Priorities;
use super::tables::Tables;
use super::{bond_ports, text_of};
use crate::doc::shell::ShellDoc;
use crate::host::Host;
use crate::host::layer3::About;
use crate::host::value::InterfaceName;
use crate::tree::{HostPath, Tree};

/// What is the same for all profiles of a host.
pub struct Around {
    pub(super) tables: Tables,
    /// The priority that each rule of a file has, which depends on those before it.
    priorities: BTreeMap<HostPath, Vec<u32>>,
    /// The interface whose default route counts.
    pub(super) first_route: Option<FirstRoute>,
    /// The interfaces whose leases give no default route.
    passed_over: BTreeSet<InterfaceName>,
    /// Bridges with the MTU that all of their ports have.
    mtus: BTreeMap<InterfaceName, String>,
    /// Bridges and bonds of which a port waits to be brought up.
    with_idle_ports: BTreeSet<InterfaceName>,
}

impl Around {
    /// Returns what is the same for all profiles of a host.
    #[must_use]
    pub fn of(tree: &Tree, host: &Host) -> Self {
        let (mut v4, mut v6) = (Priorities::default(), Priorities::default());
        let mut priorities = BTreeMap::new();
        let parts = host.profiles().flat_map(|profile| &profile.layer3.further);
        for part in parts.filter(|part| part.about == About::Rules) {
            let text = text_of(tree, &part.at).unwrap_or_default();
            let of_family = match is_v6(&part.at) {
                true => &mut v6,
                false => &mut v4,
            };
            priorities.insert(part.at.clone(), of_family.of(&text));
        }
        let waits = |name: &InterfaceName| host.profile(name).is_some_and(|port| !port.autostart);
        let of_bonds = bond_ports(tree, host).into_iter();
        let of_bonds = of_bonds.filter(|(port, _)| waits(port));
        let ports = host.profiles().filter(|profile| !profile.autostart);
        let of_bridges = ports.filter_map(|port| port.controller.clone());
        Self {
            tables: Tables::of(tree),
            priorities,
            first_route: first_route(tree, host),
            passed_over: passed_over(tree, host),
            mtus: mtus(tree, host),
            with_idle_ports: of_bonds.map(|(_, bond)| bond).chain(of_bridges).collect(),
        }
    }

    /// Returns the MTU of all ports of a bridge, which the kernel gives it.
    pub(super) fn mtu_of_ports(&self, bridge: &InterfaceName) -> Option<&str> {
        self.mtus.get(bridge).map(String::as_str)
    }

    /// Returns whether the lease of an interface gives no default route.
    pub(super) fn passes_over(&self, interface: &InterfaceName) -> bool {
        self.passed_over.contains(interface)
    }

    /// Returns whether a port of a bridge or bond waits to be brought up.
    pub(super) fn has_idle_ports(&self, controller: &InterfaceName) -> bool {
        self.with_idle_ports.contains(controller)
    }

    /// Returns the priorities of the rules of a file.
    pub(super) fn priorities_of(&self, path: &HostPath) -> &[u32] {
        self.priorities.get(path).map_or(&[], Vec::as_slice)
    }
}

/// Returns whether a file of rules is one of IPv6.
pub(super) fn is_v6(path: &HostPath) -> bool {
    path.name().starts_with("rule6-")
}

/// Returns the bridges whose ports have one MTU, with it. Source: `br_mtu_auto_adjust()` in net/bridge/br_if.c of the kernel.
fn mtus(tree: &Tree, host: &Host) -> BTreeMap<InterfaceName, String> {
    let mut found: BTreeMap<InterfaceName, Option<String>> = BTreeMap::new();
    for port in host.profiles() {
        let Some(bridge) = &port.controller else {
            continue;
        };
        let text = port.home.file.as_ref().and_then(|path| text_of(tree, path));
        let doc = ShellDoc::parse(&text.unwrap_or_default());
        let mtu = doc.literal("MTU").map(str::to_owned);
        let known = found.entry(bridge.clone()).or_insert_with(|| mtu.clone());
        if *known != mtu {
            *known = None;
        }
    }
    found
        .into_iter()
        .filter_map(|(bridge, mtu)| Some((bridge, mtu?)))
        .collect()
}
