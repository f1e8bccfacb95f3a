//! What files beside an ifcfg file say of the layer 3 of its interface.

use std::net::IpAddr;

use super::carry::about;
use super::reader::Reader;
use super::text::{Companion, CompanionRole, Text};
use super::{addressing, companion, kind, routes, wording};
use crate::doc::shell::ShellDoc;
use crate::host::layer3::{Further, Labelled, Layer3};
use crate::host::spot::Said;
use crate::host::value::InterfaceName;

/// Adds to `layer3` what the files say that are found by the name of its interface.
pub(super) fn add(layer3: &mut Layer3, text: &Text, interface: &InterfaceName, reader: Reader) {
    for companion in &text.companions {
        let content = companion.content.named(interface);
        let file = routes::File {
            path: &companion.origin,
            text: &content,
            owner: interface.as_str(),
            v6: companion.is_v6(),
            reader,
        };
        match companion.role {
            CompanionRole::Route(_) => layer3.routes.extend(routes::routes(file)),
            CompanionRole::Rule(_) => layer3.rules.extend(routes::rules(file)),
            CompanionRole::Alias(_) | CompanionRole::Range(_) | CompanionRole::Dhclient(_) => {}
        }
        layer3.further.push(Further {
            at: companion.origin.clone(),
            about: about(&companion.role),
            addresses: labelled(text, companion),
            owner: owner(companion, &content, interface),
        });
    }
}

/// Returns the interface of an alias where its DEVICE tells it, and not its name.
fn owner(
    companion: &Companion,
    content: &str,
    interface: &InterfaceName,
) -> Option<Said<InterfaceName>> {
    let path = &companion.origin;
    let by_name = path
        .name()
        .strip_prefix("ifcfg-")
        .and_then(kind::part_by_name);
    let alias = matches!(companion.role, CompanionRole::Alias(_));
    let doc = (alias && by_name.is_none()).then(|| ShellDoc::parse(content))?;
    let at = wording::statement(path, doc.get("DEVICE")?);
    Some(Said {
        value: interface.clone(),
        at: Some(at),
    })
}

/// Returns the addresses of an alias or a range, with the mask that they inherit where they have none.
fn labelled(profile: &Text, companion: &Companion) -> Vec<Said<Labelled>> {
    if companion.addresses.is_empty() {
        return Vec::new();
    }
    let doc = ShellDoc::parse(companion.content.raw());
    let of_profile = |key: &str| {
        let mut settings = profile.settings.iter().rev();
        let found = settings.find(|s| s.key == key || s.key == format!("{key}0"))?;
        found.value.as_ref().map(|value| value.raw())
    };
    let own = (doc.literal("PREFIX"), doc.literal("NETMASK"));
    let (prefix, mask) = match own {
        (None, None) if companion::inherits(companion) => {
            (of_profile("PREFIX"), of_profile("NETMASK"))
        }
        own => own,
    };
    let net = |address: &Said<IpAddr>| {
        let value = Labelled {
            address: address.value,
            net: addressing::address_v4(&address.to_string(), prefix, mask),
        };
        Said {
            value,
            at: address.at.clone(),
        }
    };
    companion.addresses.iter().map(net).collect()
}
