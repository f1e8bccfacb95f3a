//! What makes a host the same host to others, once a bridge has its configuration: hardware address, identity as a DHCP
//! client, addresses that it makes itself, metric of its default route.
//!
//! With NetworkManager these follow from the name, the kind or the UUID of what is configured. What can be kept is written,
//! the rest is said. Source: NetworkManager 1.30 to 1.58, run with udevd and DHCP servers; nm-settings(5).

mod asked;
mod lease;
mod metric;

use self::asked::Asked;
use self::lease::{keep_lease, other_duid};
use super::BridgeAdd;
use crate::host::Host;
use crate::host::layer3::{Layer3, Method};
use crate::host::profile::{Bridge, Profile, Switch};
use crate::host::value::{InterfaceName, MacAddress};

/// Makes the bridge of `request` known as `main` was; returns what is not kept.
pub(super) fn keep(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    (properties, layer3): (&mut Bridge, &mut Layer3),
) -> Vec<String> {
    if !is_by_network_manager(host, main, properties.switch) {
        return Vec::new();
    }
    let mut notes = Vec::new();
    notes.extend(keep_mac(host, request, main, properties));
    notes.extend(other_made_mac(host, request, main, layer3));
    notes.extend(other_duid(host, request, main, layer3));
    notes.extend(keep_lease(host, request, main, layer3));
    notes.extend(other_addresses(host, request, main, layer3));
    notes.extend(metric::keep(host, request, main, layer3));
    notes.extend(other_defaults(host, request, main, layer3));
    notes
}

/// Returns whether NetworkManager brings a bridge up that has the configuration of `port`, or had it: it leaves those of Open
/// vSwitch to the network service, where that reads the files, too.
fn is_by_network_manager(host: &Host, port: &Profile, switch: Switch) -> bool {
    let by_scripts = switch == Switch::Ovs && !port.home.backend.is_of_network_manager();
    !by_scripts && port.is_for_network_manager(&host.readers)
}

/// Takes away what [`keep`] wrote, and what would hold for `heir` all the same. `host` has the bridge still.
pub(super) fn forget(host: &Host, layer3: &mut Layer3, bridge: &Profile, heir: &Profile) {
    let switch = bridge.bridge().map(|bridge| bridge.switch);
    if !switch.is_some_and(|switch| is_by_network_manager(host, heir, switch)) {
        return;
    }
    metric::give_back(host, bridge, heir, layer3);
    let heir = Asked::card(host, heir);
    let client = &mut layer3.dhcp;
    let usual = [
        (&mut client.iaid_v4, heir.iaid("ipv4.dhcp-iaid")),
        (&mut client.iaid_v6, heir.iaid("ipv6.dhcp-iaid")),
    ];
    for (said, usual) in usual {
        let usual = usual.map(|number| number.to_string());
        *said = said
            .take()
            .filter(|said| Some(&said.value) != usual.as_ref());
    }
}

/// Says what of the identity of a bridge its heir does not have.
pub(super) fn not_inherited(host: &Host, bridge: &Profile, heir: &Profile) -> Vec<String> {
    let mut notes: Vec<String> = mac_goes(host, bridge, heir).into_iter().collect();
    let switch = bridge.bridge().map(|bridge| bridge.switch);
    if switch.is_some_and(|switch| is_by_network_manager(host, heir, switch)) {
        notes.extend(lease::lease_goes(host, bridge, heir));
    }
    notes
}

/// Returns the hardware address that an interface has.
fn mac_of(host: &Host, profile: &Profile) -> Option<MacAddress> {
    let own = || {
        profile
            .mac
            .or_else(|| host.macs.get(&profile.interface).copied())
    };
    let made = profile.made_mac.as_deref();
    match made.or_else(|| Asked::card(host, profile).default("ethernet.cloned-mac-address")) {
        // one that NetworkManager makes up
        Some("random" | "stable" | "stable-ssid") => profile.cloned_mac,
        Some(_) | None => profile.cloned_mac.or_else(own),
    }
}

/// Says that a bridge, which has the lowest hardware address of its ports, gets another one with `port`, and may lose its
/// lease, or the addresses that are made of it.
pub(super) fn other_lease(host: &Host, bridge: &Profile, port: &Profile) -> Option<String> {
    let name = &bridge.interface;
    let keeps = bridge.bridge().is_none_or(|bridge| bridge.mac.is_some());
    let (leased, made) = (bridge.layer3.is_dhcp(), is_made_of_mac(host, bridge));
    if keeps || !(leased || made) {
        return None;
    }
    let there: Option<Vec<MacAddress>> =
        host.ports_of(name).map(|port| mac_of(host, port)).collect();
    let lowest = there.and_then(|all| all.into_iter().min());
    let is_lower = match (mac_of(host, port), lowest) {
        (Some(new), Some(lowest)) => new < lowest,
        (None, _) | (_, None) => host.ports_of(name).next().is_some(),
    };
    let pin = lowest.zip(bridge.home.file.as_ref()).map(|(mac, file)| {
        let line = bridge.home.backend.gives_mac(&mac.to_string());
        format!(" (to keep {mac}, write {line} {file})")
    });
    let what = match leased {
        true => "a DHCP server may assign it another address",
        false => "the IPv6 addresses that it makes of it change",
    };
    is_lower.then(|| {
        format!(
            "`{name}` takes the lowest MAC address of its ports, which may be that of `{}`: {what}{}",
            port.interface,
            pin.unwrap_or_default()
        )
    })
}

/// A hardware address that NetworkManager makes of the stable-id, which moves to the bridge.
///
/// Source: `_get_cloned_mac_address()` in nm-device.c, `nm_device_get_connection_stable_id()` (run).
fn other_made_mac(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &Layer3,
) -> Option<String> {
    let card = Asked::card(host, main);
    let word = main.made_mac.as_deref();
    let word = word.or_else(|| card.default("ethernet.cloned-mac-address"))?;
    let mut extras = layer3.extras.iter();
    let moves = extras.any(|extra| extra.key == "connection.stable-id");
    let is_made = word == "stable" && main.cloned_mac.is_none();
    (is_made && moves).then(|| {
        format!(
            "`{}` gets another MAC address, and `{}` with it: cloned-mac-address={word} makes it of stable-id, which moves: a DHCP server may assign another address",
            main.interface, request.bridge
        )
    })
}

/// Says that the heir of a bridge has another hardware address than the bridge was given.
fn mac_goes(host: &Host, bridge: &Profile, heir: &Profile) -> Option<String> {
    let mac = bridge.bridge()?.mac?;
    let own = mac_of(host, heir);
    let matters = bridge.layer3.is_dhcp() || is_made_of_mac(host, bridge);
    let at = bridge.home.file.as_ref()?.name();
    (own != Some(mac) && matters).then(|| {
        format!(
            "`{}` has another MAC address than {mac}, which {at} gives `{}`: a DHCP server may assign another address",
            heir.interface, bridge.interface
        )
    })
}

/// Says that a bridge gets another hardware address without `port`, whose address is the lowest of its ports.
pub(super) fn lowest_leaves(host: &Host, bridge: &Profile, port: &InterfaceName) -> Option<String> {
    let name = &bridge.interface;
    let is_told = bridge.bridge().is_none_or(|bridge| bridge.mac.is_some());
    if is_told || !(bridge.layer3.is_dhcp() || is_made_of_mac(host, bridge)) {
        return None;
    }
    let of = |without: bool| -> Option<MacAddress> {
        let ports = host.ports_of(name);
        let ports = ports.filter(|other| !without || other.interface != *port);
        let all: Option<Vec<MacAddress>> = ports.map(|port| mac_of(host, port)).collect();
        all?.into_iter().min()
    };
    let (now, later) = (of(false)?, of(true)?);
    (now != later).then(|| {
        let line = bridge.home.backend.gives_mac(&now.to_string());
        let file = bridge.home.file.as_ref();
        let pin = file.map(|file| format!(" (to keep {now}, write {line} {file})"));
        format!(
            "`{name}` has the MAC address of `{port}`, and gets {later} without it: a DHCP server may assign another address{}",
            pin.unwrap_or_default()
        )
    })
}

/// Returns whether a bridge makes addresses of IPv6 of its hardware address, not of a secret and its name.
fn is_made_of_mac(host: &Host, bridge: &Profile) -> bool {
    let makes = *bridge.layer3.v6.method == Method::Auto;
    let by_kernel = !bridge.is_for_network_manager(&host.readers);
    makes && (by_kernel || !is_stable(host, &bridge.interface, &bridge.layer3))
}

/// What NetworkManager's configuration gives the card, and not the bridge.
fn other_defaults(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &Layer3,
) -> Vec<String> {
    let Some(nm) = &host.readers.network_manager else {
        return Vec::new();
    };
    let (card, bridge) = (
        Asked::card(host, main),
        Asked::bridge(host, &request.bridge),
    );
    let is_said = |property: &str| match property {
        "ipv4.dhcp-iaid" => layer3.dhcp.iaid_v4.is_some(),
        "ipv6.dhcp-iaid" => layer3.dhcp.iaid_v6.is_some(),
        "ipv4.route-metric" => layer3.metrics.v4.is_some(),
        "ipv6.route-metric" => layer3.metrics.v6.is_some(),
        _ => false,
    };
    let moves = |property: &&str| {
        let groups = ["ipv4.", "ipv6."];
        groups.iter().any(|group| property.starts_with(group)) && !is_said(property)
    };
    let properties = nm.properties_with_defaults().into_iter().filter(moves);
    let differ = properties.filter_map(|property| {
        let (old, new) = (card.default(property), bridge.default(property));
        let value = old.filter(|old| Some(*old) != new)?;
        Some(format!(
            "NetworkManager's configuration gives `{}` {property}={value}, and not `{}`: what the profile does not say may change",
            main.interface, request.bridge
        ))
    });
    differ.collect()
}

/// A bridge takes the lowest address of its ports, unless udev or NetworkManager give it another one.
fn keep_mac(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    properties: &mut Bridge,
) -> Option<String> {
    let (bridge, name) = (&request.bridge, &main.interface);
    let own = mac_of(host, main);
    let others = request.ports.iter().filter(|port| *port != name);
    let of_port = |port| {
        host.profile(port)
            .map_or(host.macs.get(port).copied(), |p| mac_of(host, p))
    };
    let lower = others
        .map(of_port)
        .any(|other| other.is_none() || own.is_none() || other < own);
    let by_udev = host.readers.gives_bridge_address(bridge.as_str());
    if by_udev.is_some() || lower {
        properties.mac = own;
    }
    let made_up = Asked::bridge(host, bridge).default("ethernet.cloned-mac-address");
    let made_up = made_up.is_some_and(|word| ["random", "stable", "stable-ssid"].contains(&word));
    properties.keeps_mac = made_up && properties.mac.is_none();
    let at = by_udev.filter(|_| own.is_none())?;
    Some(format!(
        "udev gives `{bridge}` a MAC address of its own ({}), and that of `{name}` is in no file: a DHCP server may assign another address",
        at.path.with_line(at.line)
    ))
}

/// Addresses of IPv6 that are made of a secret and the name of the interface.
fn other_addresses(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &Layer3,
) -> Option<String> {
    if *layer3.v6.method != Method::Auto {
        return None;
    }
    is_stable(host, &request.bridge, layer3).then(|| {
        format!(
            "`{}` gets another autoconfigured IPv6 address than `{}`: with ipv6.addr-gen-mode=stable-privacy it is made from the name",
            request.bridge, main.interface
        )
    })
}

/// Returns whether addresses that IPv6 makes on `bridge` are made of a secret and its name, with NetworkManager.
fn is_stable(host: &Host, bridge: &InterfaceName, layer3: &Layer3) -> bool {
    let said = layer3.addr_gen_mode.as_ref();
    let said = said.map(|said| said.value.as_str());
    let by_default = Asked::bridge(host, bridge).default("ipv6.addr-gen-mode");
    // a group without the key means another default than no group
    let no_group = layer3.v6.method.at.is_none();
    match said {
        Some("stable-privacy" | "0" | "1") => said != Some("0"),
        Some("default" | "3") => by_default.is_none_or(|word| word == "stable-privacy"),
        None if no_group => by_default.is_none_or(|word| word == "stable-privacy"),
        Some("default-or-eui64") | None => by_default == Some("stable-privacy"),
        Some(_) => false,
    }
}
