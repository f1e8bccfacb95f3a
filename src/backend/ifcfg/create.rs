//! New ifcfg files, from templates.

use serde_json::json;

use super::addressing;
use super::difference::Difference;
use super::kind::OVS_FORWARD_DELAY;
use super::owned::OwnedText;
use super::text::{Setting, Text};
use super::words::{ByInterface, dhcp_interfaces, switch_of, type_of, yes_no};
use crate::backend::{EmitError, Emitter};
use crate::host::Host;
use crate::host::layer3::Method;
use crate::host::profile::{Bridge, Profile, Switch};
use crate::host::value::InterfaceName;
use crate::readers::{NETWORK_SCRIPTS, Readers};
use crate::tree::{Attrs, HostPath, Tree};

/// Makes the file of a profile that has none, with `carried` in it.
pub(super) fn create(
    emitter: &mut Emitter<'_>,
    wanted: &Profile,
    carried: &Text,
    difference: &Difference<'_>,
) -> Result<(), EmitError> {
    let after = difference.after;
    let path = HostPath::literal(NETWORK_SCRIPTS).join(&format!("ifcfg-{}", wanted.interface));
    if emitter.tree.exists(&path) {
        let message = format!(
            "{path} already exists and does not configure `{}`",
            wanted.interface
        );
        let help = "look at it, and move it away".to_owned();
        return Err(EmitError::InTheWay {
            path,
            message,
            help,
        });
    }
    let template = match wanted.bridge().map(|bridge| bridge.switch) {
        Some(Switch::Linux) => "ifcfg-bridge",
        Some(Switch::Ovs) => "ifcfg-ovs-bridge",
        None => "ifcfg-port",
    };
    let values = match wanted.bridge() {
        Some(bridge) => bridge_values((wanted, carried), bridge, after, emitter.readers),
        None => port_values(wanted, &difference.are),
    };
    let text = emitter.templates.render(template, &values)?;
    let (like, attrs) = neighbour(
        emitter.tree,
        after.ports_of(&wanted.interface).next().or(Some(wanted)),
    );
    emitter.rendered.push((template.to_owned(), path.clone()));
    emitter
        .editor
        .create(&path, text.into_bytes(), attrs, &like);
    Ok(())
}

fn bridge_values(
    (profile, carried): (&Profile, &Text),
    bridge: &Bridge,
    host: &Host,
    readers: &Readers,
) -> serde_json::Value {
    let ovs = bridge.switch == Switch::Ovs;
    let unit = if readers.delay_in_hundredths(profile.nm_controlled) {
        100
    } else {
        1
    };
    let stp = bridge.stp.unwrap_or(false);
    let delay = bridge.forward_delay_s.unwrap_or(0);
    let lines = |settings: &[Setting]| lines(profile, settings, ovs);
    let mut settings = lines(&carried.helpers);
    settings.extend(lines(&carried.settings));
    for line in addressing::spell(profile, &carried.settings) {
        let dhcp = ovs && line == "BOOTPROTO=dhcp";
        settings.push(if dhcp { format!("OVS{line}") } else { line });
    }
    let shared: Vec<Setting> = carried
        .shared
        .iter()
        .filter(|s| !(ovs && s.key == "HOTPLUG"))
        .cloned()
        .collect();
    let extra = (stp && delay > 0).then(|| {
        format!(
            "set bridge {} {OVS_FORWARD_DELAY}{delay}",
            profile.interface
        )
    });
    json!({
        "name": profile.interface.as_str(),
        "onboot": yes_no(profile.autostart),
        "nm_controlled": (!profile.nm_controlled).then_some("no"),
        "stp": if ovs { stp.then_some("true") } else { Some(yes_no(stp)) },
        "delay": delay * unit,
        "extra": extra,
        "mac": match bridge.keeps_mac {
            true => Some("preserve".to_owned()),
            false => bridge.mac.map(|mac| mac.to_string()),
        },
        "dhcp_interfaces": dhcp_interfaces(profile, host),
        "shared": lines(&shared),
        "settings": settings,
    })
}

/// Returns the lines of settings as the file of a bridge has them.
fn lines(profile: &Profile, settings: &[Setting], ovs: bool) -> Vec<String> {
    let spelled = settings.iter().map(|setting| match ovs {
        true => ovs_spelling(setting, &profile.layer3.v4.method),
        false => setting.clone(),
    });
    let text = |setting: Setting| {
        let text = setting.text.named(&profile.interface);
        text.trim_end_matches('\n').to_owned()
    };
    spelled.map(text).collect()
}

/// ifup-ovs asks for an address only where OVSBOOTPROTO says so; BOOTPROTO=dhcp would be tried before a port is there.
fn ovs_spelling(setting: &Setting, method: &Method) -> Setting {
    let mut spelled = setting.clone();
    if setting.key == "BOOTPROTO" && *method == Method::Dhcp {
        let lines: String = setting
            .text
            .raw()
            .split_inclusive('\n')
            .map(|line| {
                let assigns = !line.trim_start().starts_with('#');
                if assigns {
                    line.replacen("BOOTPROTO=", "OVSBOOTPROTO=", 1)
                } else {
                    line.to_owned()
                }
            })
            .collect();
        spelled.text = OwnedText::plain(&lines);
    }
    spelled
}

fn port_values(profile: &Profile, profiles: &ByInterface<'_>) -> serde_json::Value {
    let bridge = profile.controller.as_ref();
    let ovs = bridge.is_some_and(|bridge| switch_of(profiles, bridge) == Switch::Ovs);
    json!({
        "type": if ovs { "OVSPort" } else { type_of(&profile.link) },
        "ovs": ovs,
        "name": profile.interface.as_str(),
        "onboot": yes_no(profile.autostart),
        "nm_controlled": (!profile.nm_controlled).then_some("no"),
        "bridge": bridge.map(InterfaceName::as_str),
    })
}

/// Returns the file that a new one takes its mode, owner and label from: that of a port, else any ifcfg file.
fn neighbour(tree: &Tree, port: Option<&Profile>) -> (HostPath, Attrs) {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let origin = port.and_then(|port| port.home.file.clone());
    let others = tree
        .names(&folder)
        .filter(|(name, _)| name.starts_with("ifcfg-"))
        .map(|(_, path)| path.clone());
    for path in origin.into_iter().chain(others) {
        if let Some(file) = tree.file(&path) {
            return (path, file.attrs);
        }
    }
    (
        folder,
        Attrs {
            mode: 0o644,
            uid: 0,
            gid: 0,
        },
    )
}
