//! NetworkManager's keyfiles, read only: to know which interfaces they configure.
//!
//! Source: nm-settings-keyfile(5).

use crate::host::profile::{Addressing, Backend, Layer3, Obstacle, Profile, ProfileKind};
use crate::host::value::InterfaceName;
use crate::tree::{HostPath, Tree};

/// Where keyfiles live.
pub(super) const FOLDER: &str = "/etc/NetworkManager/system-connections";

/// Returns the profiles that keyfiles hold for a named interface.
pub(super) fn profiles(tree: &Tree) -> Vec<Profile> {
    let names = tree
        .names(&HostPath::literal(FOLDER))
        .filter(|(name, _)| name.ends_with(".nmconnection"));
    names.filter_map(|(_, path)| profile(tree, path)).collect()
}

fn profile(tree: &Tree, path: &HostPath) -> Option<Profile> {
    let text = String::from_utf8_lossy(&tree.file(path)?.bytes).into_owned();
    let keys = ini::Ini::load_from_str_noescape(&text).ok()?;
    let get = |key: &str| keys.get_from(Some("connection"), key);
    let interface = InterfaceName::parse(get("interface-name")?).ok()?;
    let obstacle = Obstacle {
        because: "is configured by a NetworkManager keyfile, and kvmnet changes bridges of ifcfg profiles"
            .to_owned(),
        help: Some(format!(
            "make the bridge with nmcli, or write an ifcfg-{interface} first"
        )),
        line: 0,
    };
    Some(Profile {
        origin: Some(path.clone()),
        backend: Backend::NmKeyfile,
        id: get("id").unwrap_or(path.name()).to_owned(),
        kind: ProfileKind::Other(obstacle),
        controller: get("controller")
            .or_else(|| get("master"))
            .and_then(|name| InterfaceName::parse(name).ok()),
        autostart: get("autoconnect") != Some("false"),
        nm_controlled: true,
        mac: None,
        shared: Vec::new(),
        layer3: Layer3 {
            addressing: Addressing::default(),
            ..Layer3::default()
        },
        rest: Vec::new(),
        locked: None,
        carriage_returns: false,
        interface,
    })
}
