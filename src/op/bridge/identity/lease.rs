//! Who a bridge is to a DHCP server.

use super::asked::Asked;
use crate::host::Host;
use crate::host::layer3::{Layer3, Method};
use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::op::bridge::BridgeAdd;
use crate::readers::iaid;

/// The identity of a DHCP client may be made of the name of its interface, or of the UUID of its profile.
pub(super) fn keep_lease(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &mut Layer3,
) -> Vec<String> {
    let mut notes = Vec::new();
    let both = [
        Asked::card(host, main),
        Asked::bridge(host, &request.bridge),
    ];
    let may_change = |what: &str, why: &str| {
        format!(
            "`{}` gets another {what} than `{}` ({why}): a DHCP server may assign another address",
            request.bridge, main.interface
        )
    };
    let client = &mut layer3.dhcp;
    let id = client.client_id.as_ref().map(|said| said.value.as_str());
    let id = id
        .or_else(|| both[0].default("ipv4.dhcp-client-id"))
        .unwrap_or("mac");
    if *layer3.v4.method == Method::Dhcp {
        match id {
            "duid" | "ipv6-duid" => {
                let why = keep_iaid(&mut client.iaid_v4, &both, "ipv4.dhcp-iaid", true);
                notes.extend(why.map(|why| may_change("DHCP client identifier", &why)));
            }
            "stable" | "perm-mac" => {
                let why = format!("ipv4.dhcp-client-id={id}");
                notes.push(may_change("DHCP client identifier", &why));
            }
            _ => {}
        }
    }
    if matches!(*layer3.v6.method, Method::Auto | Method::Dhcp) {
        let has_group = layer3.v6.method.at.is_some();
        let why = keep_iaid(&mut client.iaid_v6, &both, "ipv6.dhcp-iaid", has_group);
        notes.extend(why.map(|why| may_change("DHCPv6 IAID", &why)));
    }
    notes
}

/// Keeps the IAID of a card in what its bridge says of it; returns why it becomes another one.
fn keep_iaid(
    said: &mut Option<Said<String>>,
    [card, bridge]: &[Asked<'_>; 2],
    property: &str,
    has_group: bool,
) -> Option<String> {
    let word = said.as_ref().map(|said| said.value.as_str());
    let own = match word.or_else(|| card.default(property)) {
        None | Some("ifname") => Some(iaid(card.name.as_str())),
        Some(word @ ("stable" | "perm-mac")) => return Some(format!("{property}={word}")),
        // what the profile says goes along
        Some(_) if word.is_some() => None,
        Some(_) => card.iaid(property),
    };
    let own = own.filter(|own| word.is_some() || bridge.iaid(property) != Some(*own))?;
    if !has_group {
        // it must not appear: it would mean another way of making addresses
        return Some("it is made from the name".to_owned());
    }
    *said = Some(own.to_string().into());
    None
}

/// The unique identifier of a DHCP client may be made of the UUID of its profile.
pub(super) fn other_duid(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &Layer3,
) -> Option<String> {
    let said = layer3.dhcp.duid.as_ref().map(|said| said.value.clone());
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

/// Says by what a DHCP server takes the heir of a bridge for another client than the bridge was; nothing of it is written: the
/// heir was that client before it had the bridge.
pub(super) fn lease_goes(host: &Host, bridge: &Profile, heir: &Profile) -> Vec<String> {
    let (old, new) = (Asked::card(host, bridge), Asked::card(host, heir));
    let changes = |what: &str, why: &str| {
        format!(
            "`{}` gets another {what} than `{}` ({why}): a DHCP server may assign another address",
            heir.interface, bridge.interface
        )
    };
    let (layer3, client) = (&bridge.layer3, &bridge.layer3.dhcp);
    let id = client.client_id.as_ref().map(|said| said.value.as_str());
    let id = id.or_else(|| old.default("ipv4.dhcp-client-id"));
    let id = id.filter(|_| *layer3.v4.method == Method::Dhcp);
    let by_name = |said: &Option<Said<String>>, property: &str| {
        said.is_none() && old.iaid(property) != new.iaid(property)
    };
    let of_v4 = match id {
        Some("duid" | "ipv6-duid") => by_name(&client.iaid_v4, "ipv4.dhcp-iaid"),
        Some("stable" | "perm-mac") => true,
        Some(_) | None => false,
    };
    let asks = matches!(*layer3.v6.method, Method::Auto | Method::Dhcp);
    let of_v6 = asks && by_name(&client.iaid_v6, "ipv6.dhcp-iaid");
    let why = format!("ipv4.dhcp-client-id={}", id.unwrap_or_default());
    let found = [
        of_v4.then(|| changes("DHCP client identifier", &why)),
        of_v6.then(|| changes("DHCPv6 IAID", "it is made from the name")),
    ];
    found.into_iter().flatten().collect()
}
