//! The file of a bridge that does not say so.

use super::script::Script;
use crate::doc::edits::Edits;
use crate::lint::rules::meaning::card_name::looks_like_card;
use crate::lint::{BOTH, Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};
use std::collections::HashMap;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-type",
    severity: Severity::Error,
    readers: BOTH,
    finds: "The file of a bridge without `TYPE=Bridge`, or with it in another case.",
    why: "The bridge is not created, or is started before its ports: the host can no longer be reached. network-scripts compare\nthe word exactly, and NetworkManager treats a file without TYPE as that of a network card.",
    example: "
DEVICE=br0
TYPE=bridge
BOOTPROTO=dhcp",
    remedy: "Write TYPE=Bridge: kvmnet check --fix bridge-type",
    source: "ifup-eth and init.d/network of initscripts (`[ \"${TYPE}\" = \"Bridge\" ]`, run), make_bridge_connection() in\nNetworkManager's nms-ifcfg-rh-reader.c (compares without case)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut ports: HashMap<&str, &Script<'_>> = HashMap::new();
    for port in sight.profiles() {
        if let Some(bridge) = port.value("BRIDGE") {
            ports.entry(bridge).or_insert(port);
        }
    }
    let bridges = sight.profiles();
    bridges
        .filter_map(|bridge| finding(sight, bridge, ports.get(bridge.device()).copied()))
        .collect()
}

fn finding(sight: &Sight<'_>, bridge: &Script<'_>, port: Option<&Script<'_>>) -> Option<Finding> {
    let device = bridge.device();
    let by_nm = sight.readers.managed_by_nm(bridge.nm_controlled());
    // a port has BRIDGING_OPTS of its own
    let is_port = ["BRIDGE", "BRIDGE_UUID"]
        .iter()
        .any(|key| bridge.get(key).is_some());
    let own_keys = !is_port
        && ["STP", "DELAY", "BRIDGING_OPTS"]
            .iter()
            .any(|key| bridge.get(key).is_some());
    let message = match bridge.get("TYPE").map(|found| found.value.literal()) {
        Some(None | Some("Bridge")) => return None,
        Some(Some(word)) if word.eq_ignore_ascii_case("Bridge") => match by_nm {
            true => return None,
            false => format!(
                "network-scripts do not recognize `{word}` as a bridge: `{device}` is started as a network card"
            ),
        },
        // what makes a card the bridge of another one is another rule's
        Some(Some(_)) if bridge.get("HWADDR").is_some() || looks_like_card(device) => return None,
        Some(Some(word)) if port.is_some() && !word.is_empty() && !word.starts_with("OVS") => {
            format!("`{device}` should be a bridge, but its file says TYPE={word}")
        }
        None | Some(Some("")) if port.is_some() || own_keys => {
            format!("the file of the bridge `{device}` has no TYPE")
        }
        None | Some(Some(_)) => return None,
    };
    let place = match bridge.get("TYPE") {
        Some(found) => bridge.place(found),
        None => Place::line(
            bridge.path,
            bridge.get("DEVICE").map_or(1, |found| found.line),
        ),
    };
    let finding = RULE.finding(format!("bridge {device}"), message).at(place);
    let finding = match port {
        Some(port) => finding.at(port.place_of("BRIDGE").label("its port")),
        None => finding,
    };
    Some(finding.help("kvmnet check --fix bridge-type   # writes TYPE=Bridge"))
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let script = mender.script(path)?.whole()?;
    let mut edits = Edits::default();
    script.doc.set(&mut edits, "TYPE", "Bridge");
    Some(Fix::Edit {
        path: path.clone(),
        edits: edits.into_spans(),
    })
}
