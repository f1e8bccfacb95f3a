//! What kind of interface a keyfile is for.

use super::controllers::odd_port;
use super::names::Names;
use super::parsed::{Parsed, Spelled};
use crate::backend::keyfile::keys::{AUTOCONNECT_PORTS, ETHERNET};
use crate::doc::keyfile::{Pair, value};
use crate::host::profile::{Bridge, Foreign, Link, Obstacle, OnTop, Switch};
use crate::host::spot::Said;
use crate::host::value::MacAddress;

/// Returns what kind of interface a file is for.
pub(super) fn link(file: &Parsed, controller: Option<&Spelled<'_>>, names: &Names) -> Link {
    let kind = file.get("connection", "type").unwrap_or_default();
    let foreign = |(because, help): (String, Option<String>), pair: Option<&Pair>, bridge| {
        let at = pair.map(|pair| file.source().spot(pair));
        let obstacle = Obstacle {
            because: Said { value: because, at },
            help,
        };
        Link::Foreign(Foreign {
            obstacle,
            bridge,
            on_top: on_top(file, &kind, names),
            ovs: kind.starts_with("ovs-"),
        })
    };
    let said = |key| file.doc.get("connection", key);
    if let Some(because) = controller.and_then(|controller| odd_port(file, controller, names)) {
        let pair = controller.map(|controller| controller.pair);
        return foreign(because, pair, (kind == "bridge").then_some(Switch::Linux));
    }
    match kind.as_str() {
        "ethernet" | "802-3-ethernet" => Link::Ethernet,
        "bridge" => Link::Bridge(bridge(file)),
        "bond" => Link::Bond,
        "vlan" => {
            let parent = file.get("vlan", "parent");
            let parent = parent.map(|name| {
                names
                    .interface(&name)
                    .map(|i| i.to_string())
                    .unwrap_or(name)
            });
            Link::Vlan(parent)
        }
        "ovs-bridge" => foreign(
            (
                "is a bridge of Open vSwitch, which kvmnet does not change in keyfiles".to_owned(),
                None,
            ),
            said("type"),
            Some(Switch::Ovs),
        ),
        "" => foreign(
            (
                "has no type: NetworkManager refuses its file".to_owned(),
                None,
            ),
            None,
            None,
        ),
        other => foreign(
            (
                format!("is of the type `{other}`, not an Ethernet device"),
                None,
            ),
            said("type"),
            None,
        ),
    }
}

/// Returns what an interface of this kind is on top of.
fn on_top(file: &Parsed, kind: &str, names: &Names) -> Option<OnTop> {
    let needs_frames = match kind {
        "macvlan" | "macsec" | "pppoe" => true,
        "vxlan" | "ip-tunnel" | "6lowpan" => false,
        _ => return None,
    };
    let said = file.get(kind, "parent")?;
    let named = names.interface(&said);
    let at = file.doc.get(kind, "parent");
    Some(OnTop {
        parent: Said {
            value: named.map_or(said, |name| name.to_string()),
            at: at.map(|pair| file.source().spot(pair)),
        },
        kind: kind.to_owned(),
        needs_frames,
    })
}

fn bridge(file: &Parsed) -> Bridge {
    let raw = |key: &str| file.doc.get("bridge", key).map(|pair| file.doc.raw(pair));
    let cloned = || {
        ETHERNET
            .iter()
            .find_map(|group| file.get(group, "cloned-mac-address"))
    };
    Bridge {
        switch: Switch::Linux,
        // on where the file is silent, or says what is no boolean
        stp: Some(raw("stp").and_then(value::boolean).unwrap_or(true)),
        forward_delay_s: raw("forward-delay").and_then(|text| text.trim().parse().ok()),
        keeps_mac: cloned().as_deref() == Some("preserve"),
        starts_ports: file
            .spelled(AUTOCONNECT_PORTS)
            .is_some_and(|said| matches!(said.value.as_str(), "1" | "true")),
        mac: cloned()
            .or_else(|| file.get("bridge", "mac-address"))
            .and_then(|mac| MacAddress::parse(&mac)),
    }
}
