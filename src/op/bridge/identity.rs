//! What makes a host the same host to others, once a bridge has its configuration: hardware address, identity as a DHCP
//! client, addresses that it makes itself, metric of its default route.
//!
//! With NetworkManager these follow from the name, the kind or the UUID of what is configured. What can be kept is written,
//! the rest is said. Source: NetworkManager 1.30 to 1.58, run with udevd and DHCP servers; nm-settings(5).

use super::BridgeAdd;
use crate::host::Host;
use crate::host::layer3::{Layer3, Method};
use crate::host::profile::{Bridge, Link, METRIC_OF_BRIDGES, Profile};
use crate::host::spot::Said;
use crate::host::value::{InterfaceName, MacAddress};
use crate::readers::{Device, iaid};

/// Makes the bridge of `request` known as `main` was; returns what is not kept.
pub(super) fn keep(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    (properties, layer3): (&mut Bridge, &mut Layer3),
) -> Vec<String> {
    if !main.home.backend.is_of_network_manager() {
        return Vec::new();
    }
    let mut notes = Vec::new();
    notes.extend(keep_mac(host, request, main, properties));
    notes.extend(other_duid(host, request, main, layer3));
    notes.extend(keep_lease(host, request, main, layer3));
    notes.extend(other_addresses(host, request, main, layer3));
    notes.extend(other_defaults(host, request, main));
    keep_metric(host, request, main, layer3);
    notes
}

/// Takes away what [`keep`] wrote, and what would hold for `heir` all the same.
pub(super) fn forget(layer3: &mut Layer3, heir: &Profile) {
    let own = iaid(heir.interface.as_str()).to_string();
    let client = &mut layer3.dhcp;
    for said in [&mut client.iaid_v4, &mut client.iaid_v6] {
        *said = said.take().filter(|said| said.value != own);
    }
    let usual = heir.link.usual_metric().map(|metric| metric.to_string());
    for said in [&mut layer3.metrics.v4, &mut layer3.metrics.v6] {
        *said = said
            .take()
            .filter(|said| Some(&said.value) != usual.as_ref());
    }
}

/// An interface for which NetworkManager looks up what its profile does not say.
struct Asked<'h> {
    host: &'h Host,
    name: &'h InterfaceName,
    kind: Option<&'static str>,
    mac: Option<String>,
}

impl<'h> Asked<'h> {
    fn card(host: &'h Host, profile: &'h Profile) -> Self {
        let known = || host.macs.get(&profile.interface).copied();
        Self {
            host,
            name: &profile.interface,
            kind: profile.link.word(),
            mac: profile.mac.or_else(known).map(|mac| mac.to_string()),
        }
    }

    fn bridge(host: &'h Host, name: &'h InterfaceName) -> Self {
        Self {
            host,
            name,
            kind: Some("bridge"),
            mac: None,
        }
    }

    /// Returns the value that holds for a property which the profile does not say.
    fn default(&self, property: &str) -> Option<&'h str> {
        let nm = self.host.readers.network_manager.as_ref()?;
        let device = Device {
            name: self.name.as_str(),
            mac: self.mac.as_deref(),
            kind: self.kind,
        };
        nm.default_of(property, &device).map(|(value, _)| value)
    }
}

/// Returns the hardware address that an interface has.
fn mac_of(host: &Host, profile: &Profile) -> Option<MacAddress> {
    let own = || {
        profile
            .mac
            .or_else(|| host.macs.get(&profile.interface).copied())
    };
    match Asked::card(host, profile).default("ethernet.cloned-mac-address") {
        // one that NetworkManager makes up
        Some("random" | "stable" | "stable-ssid") => profile.cloned_mac,
        Some(_) | None => profile.cloned_mac.or_else(own),
    }
}

/// Says that a bridge, which has the lowest hardware address of its ports, gets another one with `port`, and may lose its lease.
pub(super) fn other_lease(host: &Host, bridge: &Profile, port: &Profile) -> Option<String> {
    let name = &bridge.interface;
    let keeps = bridge.bridge().is_none_or(|bridge| bridge.mac.is_some());
    if keeps || !bridge.layer3.is_dhcp() {
        return None;
    }
    let there: Option<Vec<MacAddress>> =
        host.ports_of(name).map(|port| mac_of(host, port)).collect();
    let lowest = there.and_then(|all| all.into_iter().min());
    let is_lower = match (mac_of(host, port), lowest) {
        (Some(new), Some(lowest)) => new < lowest,
        (None, _) | (_, None) => host.ports_of(name).next().is_some(),
    };
    is_lower.then(|| {
        format!(
            "`{name}` takes the lowest MAC address of its ports, which may be that of `{}`: a DHCP server may assign it another address",
            port.interface
        )
    })
}

/// What NetworkManager's configuration gives the card, and not the bridge.
fn other_defaults(host: &Host, request: &BridgeAdd, main: &Profile) -> Vec<String> {
    let Some(nm) = &host.readers.network_manager else {
        return Vec::new();
    };
    let (card, bridge) = (
        Asked::card(host, main),
        Asked::bridge(host, &request.bridge),
    );
    let moves = |property: &&str| {
        ["ipv4.", "ipv6."]
            .iter()
            .any(|group| property.starts_with(group))
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

/// The identity of a DHCP client may be made of the name of its interface, or of the UUID of its profile.
fn keep_lease(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &mut Layer3,
) -> Vec<String> {
    let (bridge, mut notes) = (&request.bridge, Vec::new());
    let card = Asked::card(host, main);
    let own = || Some(Said::from(iaid(main.interface.as_str()).to_string()));
    let by_v6 = matches!(*layer3.v6.method, Method::Auto | Method::Dhcp);
    let client = &mut layer3.dhcp;
    let id = client.client_id.as_ref().map(|said| said.value.as_str());
    let id = id
        .or_else(|| card.default("ipv4.dhcp-client-id"))
        .unwrap_or("mac");
    let may_change = |what: &str, why: &str| {
        format!(
            "`{bridge}` gets another {what} than `{}` ({why}): a DHCP server may assign another address",
            main.interface
        )
    };
    if *layer3.v4.method == Method::Dhcp {
        match id {
            "duid" | "ipv6-duid"
                if client.iaid_v4.is_none() && card.default("ipv4.dhcp-iaid").is_none() =>
            {
                client.iaid_v4 = own();
            }
            "stable" | "perm-mac" => {
                let why = format!("ipv4.dhcp-client-id={id}");
                notes.push(may_change("DHCP client identifier", &why));
            }
            _ => {}
        }
    }
    if by_v6 {
        let said = client.iaid_v6.as_ref().map(|said| said.value.clone());
        let said = said.or_else(|| card.default("ipv6.dhcp-iaid").map(str::to_owned));
        match said.as_deref() {
            // a group that is not there must not appear: it would mean another way of making addresses
            None if layer3.v6.method.at.is_none() => {
                notes.push(may_change("DHCPv6 IAID", "it is made from the name"));
            }
            None | Some("ifname") => client.iaid_v6 = own(),
            Some(word @ ("stable" | "perm-mac")) => {
                let why = format!("ipv6.dhcp-iaid={word}");
                notes.push(may_change("DHCPv6 IAID", &why));
            }
            Some(_) => {}
        }
    }
    notes
}

/// The unique identifier of a DHCP client may be made of the UUID of its profile.
fn other_duid(host: &Host, request: &BridgeAdd, main: &Profile, layer3: &Layer3) -> Option<String> {
    let mut extras = layer3.extras.iter();
    let said = extras.find(|extra| extra.key == "ipv6.dhcp-duid");
    let said = said.and_then(|extra| extra.value.value.clone());
    let card = Asked::card(host, main);
    let word = said.or_else(|| card.default("ipv6.dhcp-duid").map(str::to_owned));
    let word = word.filter(|word| word.starts_with("stable-"))?;
    let id = layer3.dhcp.client_id.as_ref();
    let by_v4 = *layer3.v4.method == Method::Dhcp && id.is_some_and(|id| id.value == "ipv6-duid");
    let by_v6 = matches!(*layer3.v6.method, Method::Auto | Method::Dhcp);
    (by_v4 || by_v6).then(|| {
        format!(
            "`{}` gets another DHCP unique identifier than `{}` (ipv6.dhcp-duid={word}): a DHCP server may assign another address",
            request.bridge, main.interface
        )
    })
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
    let said = layer3
        .extras
        .iter()
        .find(|extra| extra.key == "ipv6.addr-gen-mode");
    let said = said.and_then(|extra| extra.value.value.as_deref());
    let by_default = Asked::bridge(host, &request.bridge).default("ipv6.addr-gen-mode");
    // a group without the key means another default than no group
    let no_group = layer3.v6.method.at.is_none();
    let is_stable = match said {
        Some("stable-privacy" | "0" | "1") => said != Some("0"),
        Some("default" | "3") => by_default.is_none_or(|word| word == "stable-privacy"),
        None if no_group => by_default.is_none_or(|word| word == "stable-privacy"),
        Some("default-or-eui64") | None => by_default == Some("stable-privacy"),
        Some(_) => false,
    };
    is_stable.then(|| {
        format!(
            "`{}` gets another autoconfigured IPv6 address than `{}`: with ipv6.addr-gen-mode=stable-privacy it is made from the name",
            request.bridge, main.interface
        )
    })
}

/// The default route of a bridge counts less than that of a card: one of another interface would count before it.
fn keep_metric(host: &Host, request: &BridgeAdd, main: &Profile, layer3: &mut Layer3) {
    let Some(old) = main.link.usual_metric() else {
        return;
    };
    let others = host.profiles().filter(|other| {
        let starts = other.autostart && other.controller.is_none() && other.is_read();
        starts && !request.ports.contains(&other.interface)
    });
    let others: Vec<&Profile> = others.collect();
    let between = |said: &Option<Said<String>>, link: &Link| {
        let said = said.as_ref().and_then(|said| said.value.parse().ok());
        let metric: Option<u32> = said.or_else(|| link.usual_metric());
        metric.is_some_and(|metric| (old..=METRIC_OF_BRIDGES).contains(&metric))
    };
    let v4 = |layer3: &Layer3| {
        let of_server = layer3.is_dhcp() && layer3.default_v4.off.is_none();
        of_server || (!layer3.v4.gateways.is_empty() && layer3.default_v4.off.is_none())
    };
    let v6 = |layer3: &Layer3| {
        let of_router = matches!(*layer3.v6.method, Method::Auto);
        (of_router || !layer3.v6.gateways.is_empty()) && layer3.default_v6.off.is_none()
    };
    let competes_v4 = others
        .iter()
        .any(|o| v4(&o.layer3) && between(&o.layer3.metrics.v4, &o.link));
    let competes_v6 = others
        .iter()
        .any(|o| v6(&o.layer3) && between(&o.layer3.metrics.v6, &o.link));
    let own = Said::from(old.to_string());
    let bridge = Asked::bridge(host, &request.bridge);
    let unsaid = |property| bridge.default(property).is_none();
    if competes_v4 && v4(layer3) && layer3.metrics.v4.is_none() && unsaid("ipv4.route-metric") {
        layer3.metrics.v4 = Some(own.clone());
    }
    let has_group = layer3.v6.method.at.is_some();
    if has_group
        && competes_v6
        && v6(layer3)
        && layer3.metrics.v6.is_none()
        && unsaid("ipv6.route-metric")
    {
        layer3.metrics.v6 = Some(own);
    }
}
