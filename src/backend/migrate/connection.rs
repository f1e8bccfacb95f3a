//! `[connection]`.

use super::made::Made;
use super::own::Own;
use super::{Loss, plain};
use crate::backend::ifcfg::{Reader, is_bond_port};
use crate::backend::uuids::of_path;

/// Writes `[connection]`, and returns the UUID.
pub(super) fn write(own: &Own<'_>, kind: &str, made: &mut Made, losses: &mut Vec<Loss>) -> String {
    const GROUP: &str = "connection";
    let source = &own.source;
    for key in ["ONBOOT", "NM_CONTROLLED", "NAME", "UUID"] {
        source.any(key);
    }
    let id = source.text("NAME").unwrap_or(&own.profile.id);
    made.set(GROUP, "id", id, source.line("NAME"));
    let uuid = own
        .profile
        .uuid
        .clone()
        .unwrap_or_else(|| of_path(source.path));
    made.set(GROUP, "uuid", &uuid, source.line("UUID"));
    made.set(GROUP, "type", kind, source.line("TYPE"));
    let by_scripts = source.reader == Reader::NetworkScripts;
    // to NetworkManager a file that names neither is for any card
    let is_named = source.text("HWADDR").is_none() && by_scripts;
    if source.text("DEVICE").is_some() || is_named {
        made.set(GROUP, "interface-name", own.device(), source.line("DEVICE"));
    }
    if !own.profile.autostart {
        made.set(GROUP, "autoconnect", "false", source.line("ONBOOT"));
    }
    plain::write(plain::CONNECTION, source, made, losses);
    controller(own, made);
    uuid
}

/// Writes whose port it is: a bridge comes before a bond.
fn controller(own: &Own<'_>, made: &mut Made) {
    let source = &own.source;
    let by_nm = source.reader != Reader::NetworkScripts;
    let bridge = match by_nm {
        true => ["BRIDGE_UUID", "BRIDGE"].as_slice(),
        false => ["BRIDGE"].as_slice(),
    };
    let bond = match by_nm {
        true => ["MASTER_UUID", "MASTER"].as_slice(),
        false => ["MASTER"].as_slice(),
    };
    let find = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| Some((source.text(key)?, source.line(key))))
    };
    let is_bond_port = is_bond_port(source.doc, source.reader);
    let (name, line, kind) = match (find(bond).filter(|_| is_bond_port), find(bridge)) {
        // ifup-eth asks for SLAVE first
        (Some((name, line)), None) => (name, line, "bond"),
        (Some((name, line)), Some(_)) if !by_nm => (name, line, "bond"),
        (_, Some((name, line))) => (name, line, "bridge"),
        (None, None) => match find(&["VRF_UUID", "VRF"]) {
            Some((name, line)) => (name, line, "vrf"),
            None => return,
        },
    };
    made.set("connection", "master", name, line);
    made.set("connection", "slave-type", kind, line);
}
