//! What an ifcfg file says of layer 2 that is shown alone.

use super::kind::VRF;
use crate::backend::text::text_of;
use crate::doc::shell::ShellDoc;
use crate::host::layer2::Layer2;
use crate::host::profile::Profile;
use crate::readers::Docs;
use crate::tree::Tree;

/// Keys that only a wireless station has.
const WIRELESS: [&str; 2] = ["ESSID", "MODE"];

/// Returns what the file of a profile says of layer 2.
pub(super) fn layer2(tree: &Tree, _: &Docs, profile: &Profile) -> Layer2 {
    let text = profile
        .home
        .file
        .as_ref()
        .and_then(|path| text_of(tree, path));
    let Some(text) = text else {
        return Layer2::default();
    };
    let doc = ShellDoc::parse(&text);
    let value = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
    let wireless = || WIRELESS.into_iter().any(|key| value(key).is_some());
    let kind = match value("TYPE").map(str::to_ascii_lowercase) {
        None if wireless() => Some("wifi".to_owned()),
        None => None,
        Some(kind) => Some(match kind.as_str() {
            "wireless" => "wifi".to_owned(),
            "ovsport" | "ovsintport" => "ethernet".to_owned(),
            "ovsbond" => "bond".to_owned(),
            "teamport" => "ethernet".to_owned(),
            _ => kind,
        }),
    };
    let infiniband = kind.as_deref() == Some("infiniband");
    let team = value("DEVICETYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("team"));
    Layer2 {
        kind: if team { Some("team".to_owned()) } else { kind },
        mtu: value("MTU").and_then(|mtu| mtu.parse().ok()),
        vlan: vlan(&value, profile.interface.as_str()),
        bond_mode: value("BONDING_OPTS").and_then(|options| {
            let mut words = options.split_ascii_whitespace();
            words
                .find_map(|word| word.strip_prefix("mode="))
                .map(str::to_owned)
        }),
        // a bond of Open vSwitch: README.RHEL of it
        ports: words(value("BOND_IFACES")),
        // a child of InfiniBand: make_infiniband_setting() in nms-ifcfg-rh-reader.c
        parent: value("PHYSDEV").filter(|_| infiniband).map(str::to_owned),
        controller: VRF.into_iter().find_map(value).map(str::to_owned),
    }
}

fn words(value: Option<&str>) -> Vec<String> {
    let words = value.into_iter().flat_map(str::split_ascii_whitespace);
    words.map(str::to_owned).collect()
}

/// Returns the number of a VLAN: as the file says it, else as its name does.
///
/// Source: ifup (`VID`, `DEVICE` of the forms `eth0.5` and `vlan5`), `make_vlan_setting()` in nms-ifcfg-rh-reader.c (`VLAN_ID`).
fn vlan<'d>(value: &impl Fn(&str) -> Option<&'d str>, device: &str) -> Option<u32> {
    let said = ["VLAN_ID", "VID"].into_iter().find_map(value);
    let behind = || match device.rsplit_once('.') {
        Some((_, number)) => Some(number),
        None => device.strip_prefix("vlan"),
    };
    let number = said.or_else(behind)?.trim().parse().ok()?;
    (number <= 4095).then_some(number)
}
