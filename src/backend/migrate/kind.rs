//! Which kinds of interfaces there is a keyfile for.

use super::Cannot;
use super::own::Own;
use crate::backend::ifcfg::{Reader, VRF, is_bond_port};
use crate::host::profile::{Link, Switch};

/// The kinds of interfaces that are migrated, in NetworkManager's words.
pub(super) fn kind(own: &Own<'_>) -> Result<&'static str, Cannot> {
    let source = &own.source;
    let team = |key: &str| source.text(key).is_some();
    let word = source.text("TYPE").unwrap_or("").to_ascii_lowercase();
    let device_type = source.text("DEVICETYPE").unwrap_or("").to_ascii_lowercase();
    let at = |cannot: Cannot, key: &str| cannot.at(source.path, source.line(key));
    if word == "team" || device_type == "team" || team("TEAM_CONFIG") {
        let help = "make it a bond first, for RHEL 10 has no teams: here TYPE=Bond, BONDING_MASTER=yes and BONDING_OPTS=\"mode=…\" in place of DEVICETYPE and TEAM_CONFIG, in the files of its ports MASTER=… and SLAVE=yes in place of DEVICETYPE and TEAM_MASTER; team2bond(1) of RHEL 9 says which options";
        let key = ["TEAM_CONFIG", "DEVICETYPE", "TYPE"]
            .into_iter()
            .find(|key| team(key));
        return Err(at(
            Cannot::new("it is a team").help(help),
            key.unwrap_or("TYPE"),
        ));
    }
    if team("TEAM_MASTER") || team("TEAM_MASTER_UUID") {
        return Err(at(
            Cannot::new("it is the port of a team").help("make the team a bond first"),
            "TEAM_MASTER",
        ));
    }
    if device_type == "ovs" || word.starts_with("ovs") {
        let help = "keep network-scripts for it, or make it anew with ovs-vsctl: NetworkManager has other profiles for Open vSwitch";
        return Err(at(
            Cannot::new("it belongs to Open vSwitch").help(help),
            "TYPE",
        ));
    }
    let is_named = |key: &str| source.text(key).is_some();
    let is_station = is_named("ESSID") || is_named("MODE");
    let by_nm = source.reader == Reader::NetworkManager;
    let is_member = by_nm && VRF.iter().any(|key| is_named(key));
    match &own.profile.link {
        Link::Foreign(_) if word == "infiniband" => Ok("infiniband"),
        Link::Foreign(_) if word == "wireless" => Ok("wifi"),
        // NetworkManager and ifup ask the card itself where TYPE does not tell; to NetworkManager TYPE counts
        Link::Foreign(_) if is_station && (word.is_empty() || !by_nm) => Ok("wifi"),
        Link::Foreign(_) if is_station && word == "ethernet" => Ok("ethernet"),
        Link::Bridge(bridge) if bridge.switch == Switch::Linux => Ok("bridge"),
        Link::Bond => Ok("bond"),
        Link::Vlan(_) => Ok("vlan"),
        Link::Ethernet if is_vlan_by_default(own) => Ok("vlan"),
        Link::Ethernet => Ok("ethernet"),
        Link::Bridge(_) => Err(Cannot::new("it belongs to Open vSwitch")),
        Link::Foreign(_) if is_bond_port(source.doc, source.reader) => Ok("ethernet"),
        Link::Foreign(_) if is_member && matches!(word.as_str(), "" | "ethernet") => Ok("ethernet"),
        // s390 calls its channels Ethernet
        Link::Foreign(_) if word == "ctc" => Ok("ethernet"),
        Link::Foreign(foreign) => {
            let why = format!("it {}", foreign.obstacle.because.value);
            let spot = foreign.obstacle.because.at.as_ref();
            let at = spot.map(|spot| (spot.file.clone(), Some(spot.line)));
            Err(Cannot {
                at,
                ..Cannot::new(why)
            })
        }
    }
}

/// Returns whether /etc/sysconfig/network makes a VLAN of what the file itself does not.
///
/// Source: ifup of initscripts, which reads that file first.
fn is_vlan_by_default(own: &Own<'_>) -> bool {
    let source = &own.source;
    let device = own.device();
    let number = |text: &str| {
        (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let behind = device.rsplit_once('.').map(|(_, number)| number);
    let named = behind.or_else(|| device.strip_prefix("vlan"));
    let by_scripts = source.reader == Reader::NetworkScripts;
    let is_vlan = by_scripts && source.text("VLAN") == Some("yes");
    is_vlan && (source.text("VID").is_some() || named.is_some_and(number))
}
