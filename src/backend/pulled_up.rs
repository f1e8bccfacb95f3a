//! Bridges that NetworkManager brings up for the sake of their ports alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::host::profile::{Manager, Profile};
use crate::readers::{Device, Readers};

/// Lets NetworkManager have the bridges whose ports it has, be they left alone by a section `[device]`.
///
/// Source: run with 1.42 and 1.52: `managed=0` keeps a bridge from being brought up by itself, not by its port.
pub(super) fn bridges(readers: &Readers, profiles: &mut [Arc<Profile>]) {
    let ports = profiles.iter();
    let ports = ports.filter(|profile| profile.manager == Manager::NetworkManager);
    let bridges: BTreeSet<_> = ports
        .filter_map(|profile| profile.controller.clone())
        .collect();
    let is_left = |profile: &&mut Arc<Profile>| matches!(profile.manager, Manager::Nobody(_));
    for bridge in profiles.iter_mut().filter(is_left) {
        if bridges.contains(&bridge.interface) && bridge.bridge().is_some() {
            let bridge = Arc::make_mut(bridge);
            let mac = bridge.mac.map(|mac| mac.to_string());
            let device = Device {
                name: bridge.interface.as_str(),
                mac: mac.as_deref(),
                kind: bridge.link.word(),
            };
            let (backend, nm_controlled) = (bridge.home.backend, bridge.nm_controlled);
            let without = bridge.manager.clone();
            bridge.manager = readers.manager_with_port(&device, backend, nm_controlled, without);
        }
    }
}
