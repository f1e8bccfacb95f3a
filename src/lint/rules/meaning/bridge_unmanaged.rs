//! A bridge that NetworkManager leaves alone, with a port that it has.

use crate::host::profile::{Manager, Profile};
use crate::lint::{Check, Finding, Meaning, NM, Place, Rule, Severity};
use crate::readers::Device;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-unmanaged",
    severity: Severity::Error,
    readers: NM,
    finds: "A bridge in `unmanaged-devices` with a port that NetworkManager manages.",
    why: "The port never comes up: NetworkManager waits for a bridge that it does not bring up itself, and the host has no\naddress there. A pattern such as `br*`, meant for other bridges, is enough.",
    example: "
/etc/NetworkManager/conf.d/10-guests.conf:
    [keyfile]
    unmanaged-devices=interface-name:br*",
    remedy: "Except the bridge: unmanaged-devices=interface-name:br*,except:interface-name:br0",
    source: "nm_device_set_unmanaged_by_user_settings() in NetworkManager's nm-device.c (run: the port ends disconnected; with\n`managed=0` in a [device] section the bridge comes up)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let ports = meaning.host.profiles();
    ports.filter_map(|port| finding(meaning, port)).collect()
}

fn finding(meaning: &Meaning<'_>, port: &Profile) -> Option<Finding> {
    let nm = meaning.readers.network_manager.as_ref()?;
    let bridge = meaning.joined.profile(port.controller.as_ref()?.as_str())?;
    if port.manager != Manager::NetworkManager {
        return None;
    }
    let mac = bridge.mac.map(|mac| mac.to_string());
    let device = Device {
        name: bridge.interface.as_str(),
        mac: mac.as_deref(),
        kind: Some(bridge.link.word().unwrap_or("bridge")),
    };
    let at = nm.lists_unmanaged(&device)?;
    let (name, own) = (&port.interface, &bridge.interface);
    let message = format!(
        "NetworkManager manages `{name}` but not its bridge `{own}` (unmanaged-devices): `{name}` never comes up"
    );
    let finding = RULE
        .finding(format!("bridge {own} and {name}"), message)
        .at(Place::line(&at.path, at.line));
    let place = Place::said(port, |wording| {
        wording.controller.as_ref().map(|controller| &controller.at)
    });
    Some(
        finding
            .at(place?.label("the port"))
            .help(format!("add except:interface-name:{own} to that list")),
    )
}
