//! A bridge and a port of which NetworkManager may have only one.

use crate::host::profile::Profile;
use crate::lint::{Check, Finding, Meaning, NM, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "nm-controlled-differs",
    severity: Severity::Error,
    readers: NM,
    finds: "A bridge and a port of which NetworkManager manages only one, on a host where it is enabled.",
    why: "The port never gets into the bridge: NetworkManager does not find the controller (`Master connection not found`), or\nnetwork-scripts wait for a port that is not theirs.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0            NM_CONTROLLED=no
/etc/sysconfig/network-scripts/ifcfg-ens33          BRIDGE=br0",
    remedy: "Write the same NM_CONTROLLED in both.",
    source: "nm-policy.c of NetworkManager; github.com/kimchi-project/kimchi/issues/619",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    // where NetworkManager takes nothing, another program has both, whatever the files say
    if !meaning.readers.managed_by_nm(true) {
        return Vec::new();
    }
    let ports = meaning.host.profiles();
    ports.filter_map(|port| finding(meaning, port)).collect()
}

fn finding(meaning: &Meaning<'_>, port: &Profile) -> Option<Finding> {
    let bridge = meaning.joined.profile(port.controller.as_ref()?.as_str())?;
    if bridge.nm_controlled == port.nm_controlled {
        return None;
    }
    let (name, own) = (&port.interface, &bridge.interface);
    let (mine, other) = match bridge.nm_controlled {
        true => (own, name),
        false => (name, own),
    };
    let message = format!(
        "NetworkManager may manage `{mine}` but not `{other}`, though one is a port of the other"
    );
    let place = |profile: &Profile| Place::said(profile, |wording| wording.nm_controlled.as_ref());
    let finding = RULE
        .finding(format!("bridge {own} and {name}"), message)
        .at(place(bridge)?);
    Some(
        finding
            .at(place(port)?)
            .help("write the same NM_CONTROLLED in both"),
    )
}
