//! A bridge that is not brought up with its port, or the reverse.

use crate::host::profile::Profile;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "onboot-differs",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A bridge and a port of which only one is brought up at boot.",
    why: "Without the bridge the host is not reachable, since the port has no address; without the port the bridge has no\nlink.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0            ONBOOT=no
/etc/sysconfig/network-scripts/ifcfg-ens33          ONBOOT=yes BRIDGE=br0",
    remedy: "Write the same ONBOOT in both (in keyfiles autoconnect).",
    source: "init.d/network and ifup-eth of initscripts (run)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let ports = meaning.host.profiles();
    ports.filter_map(|port| finding(meaning, port)).collect()
}

fn finding(meaning: &Meaning<'_>, port: &Profile) -> Option<Finding> {
    let bridge = meaning.joined.profile(port.controller.as_ref()?.as_str())?;
    let (name, own) = (&port.interface, &bridge.interface);
    let message = match (bridge.autostart, port.autostart) {
        (false, true) => format!("`{name}` is brought up at boot, and its bridge `{own}` is not"),
        // the bridge brings it up
        (true, false) if bridge.bridge().is_some_and(|bridge| bridge.starts_ports) => return None,
        // a further port may be kept in reserve
        (true, false) if meaning.joined.ports(own.as_str()).len() == 1 => {
            format!("`{own}` is brought up at boot, and its only port `{name}` is not")
        }
        (true, _) | (false, false) => return None,
    };
    let place = |profile: &Profile| Place::said(profile, |wording| wording.autostart.as_ref());
    let finding = RULE
        .finding(format!("bridge {own} and {name}"), message)
        .at(place(bridge)?);
    Some(
        finding
            .at(place(port)?.label("differs"))
            .help(same(bridge, port)),
    )
}

/// Says what both files should say alike.
fn same(bridge: &Profile, port: &Profile) -> String {
    let [one, other] = [bridge, port].map(|profile| {
        let word = profile.home.backend.start(true);
        word.split_once('=').map_or(word, |(key, _)| key)
    });
    match one == other {
        true => format!("write the same {one} in both"),
        false => format!(
            "write the same in both: {one} for `{}`, {other} for `{}`",
            bridge.interface, port.interface
        ),
    }
}
