//! What is brought up at boot, once an interface is a port.

use super::BridgeAdd;
use crate::host::Host;
use crate::host::layer3::Layer3;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{Force, Refusal, describe};

/// Says what becomes of a port and its bridge of which only one is brought up at boot.
pub(super) fn parted_at_boot(
    port: &InterfaceName,
    autostart: bool,
    controller: &Profile,
    onboot: Option<bool>,
) -> Option<String> {
    let bridge = &controller.interface;
    let starts_ports = controller.bridge().is_some_and(|own| own.starts_ports);
    let (said, hint) = match (autostart, controller.autostart) {
        (true, false) => (
            format!(
                "`{port}` is brought up at boot, and `{bridge}` is not: after a reboot it has no address"
            ),
            " (leave both down: --onboot no)",
        ),
        (false, true) if starts_ports => (
            format!(
                "`{port}` is brought up at boot all the same: `{bridge}` brings up its ports (autoconnect-slaves=1)"
            ),
            "",
        ),
        (false, true) => (
            format!(
                "`{port}` is not brought up at boot, and `{bridge}` is: after a reboot the bridge lacks this port"
            ),
            " (bring it up as well: --onboot yes)",
        ),
        (true, true) | (false, false) => return None,
    };
    Some(match onboot {
        Some(_) => said,
        None => said + hint,
    })
}

/// Refuses a port that is not brought up at boot where NetworkManager has another profile for the interface that is: it takes the
/// interface in its place, with addresses that the bridge has. If forced, says so.
///
/// Source: `autoconnect` in nm-settings(5) (run: of the profiles of an interface one that starts by itself is started).
///
/// # Errors
/// The other profile.
pub(super) fn ensure_none_instead(
    host: &Host,
    port: &InterfaceName,
    autostart: bool,
    force: Force,
) -> Result<Option<String>, Refusal> {
    let starts = |other: &&Profile| other.interface == *port && other.autostart && other.is_read();
    let Some(other) = host.idle.iter().find(starts).filter(|_| !autostart) else {
        return Ok(None);
    };
    let has = match other.layer3.gives_no_address() {
        true => "without an address".to_owned(),
        false => describe(&other.layer3),
    };
    let message = format!(
        "`{port}` has another profile, `{}` ({has}), which is brought up at boot once the port is not",
        other.id
    );
    let start = other.home.backend.start(false);
    Refusal::new(message.clone())
        .at(other.home.file.as_ref(), None)
        .help(format!(
            "write {start} there, or remove that file; or omit --onboot no"
        ))
        .unless(force)?;
    Ok(Some(message))
}

/// Says what is down after a reboot.
pub(super) fn notes_of_boot(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &Layer3,
) -> Option<String> {
    if !main.autostart && request.onboot.is_none() {
        return Some(format!(
            "`{}` is not brought up at boot, and so neither is `{}`: after a reboot both are down (bring both up: --onboot yes)",
            main.interface, request.bridge
        ));
    }
    let dark = layer3.gives_no_address() && !main.layer3.gives_no_address();
    if dark && main.autostart && !others_start(host, request) {
        return Some(format!(
            "`{}` has no address, nor has any other interface that is brought up at boot: the host is not reachable",
            request.bridge
        ));
    }
    let last = main.autostart
        && request.onboot == Some(false)
        && !layer3.gives_no_address()
        && !others_start(host, request);
    last.then(|| {
        format!(
            "`{}` is not brought up at boot, nor is any other interface with an address: after a reboot the host is not reachable",
            request.bridge
        )
    })
}

/// Returns whether an interface with addresses is brought up at boot that becomes no port.
fn others_start(host: &Host, request: &BridgeAdd) -> bool {
    host.profiles().any(|profile| {
        let starts = profile.autostart && profile.controller.is_none();
        let addressed = !profile.layer3.gives_no_address();
        starts && addressed && !request.ports.contains(&profile.interface) && profile.is_read()
    })
}
