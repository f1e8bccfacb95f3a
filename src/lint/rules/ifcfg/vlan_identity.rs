//! The file of a VLAN that does not say which one, or on top of what.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "vlan-identity",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A VLAN whose file does not say its number, or the interface below it, in a way that its reader knows.",
    why: "The VLAN is not created. network-scripts take the number from the name, `ens33.100` or `vlan100`, or from VID, and\nNetworkManager takes VLAN_ID as well; where TYPE says Ethernet, NetworkManager does not ask for VLAN.",
    example: "
DEVICE=storage
VLAN=yes
VLAN_ID=100                 network-scripts do not read VLAN_ID",
    remedy: "Name the interface PARENT.NUMBER, or write VLAN_ID (NetworkManager) or VID (network-scripts), and PHYSDEV.",
    source: "ifup of initscripts; make_vlan_setting() and connection_from_file_full() in NetworkManager's nms-ifcfg-rh-reader.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let left_by_nm = |script: &&Script<'_>| {
        script.is_of_scripts() || sight.readers.managed_by_nm(script.nm_controlled())
    };
    let read = sight.profiles().filter(left_by_nm);
    read.filter_map(finding).collect()
}

/// A fault: the key that it is about, what is wrong, what to write.
type Fault = (&'static str, String, String);

fn finding(script: &Script<'_>) -> Option<Finding> {
    let keys = ["TYPE", "VLAN", "VLAN_ID", "VID", "PHYSDEV", "DEVICE"];
    let shell = |key: &&str| script.get(key).is_some_and(|a| a.value.literal().is_none());
    if keys.iter().any(shell) {
        return None;
    }
    let (key, message, help) = match script.reader {
        Reader::NetworkManager => of_network_manager(script)?,
        Reader::NetworkScripts => of_scripts(script)?,
        Reader::Unknown => return None,
    };
    let device = script.device();
    let place = script.place_of(if script.get(key).is_some() {
        key
    } else {
        "VLAN"
    });
    let found = RULE.finding(format!("interface {device}"), message);
    Some(found.at(place).help(help))
}

fn of_network_manager(script: &Script<'_>) -> Option<Fault> {
    let device = script.device();
    let word = script.value("VLAN").unwrap_or("");
    let says_vlan = script.reader.is_yes("VLAN", word);
    let kind = script.value("TYPE").unwrap_or("");
    let is_vlan = kind.eq_ignore_ascii_case("Vlan");
    let is_vlan = is_vlan || (kind.is_empty() && says_vlan);
    if !is_vlan {
        let ethernet = says_vlan && kind.eq_ignore_ascii_case("Ethernet");
        return ethernet.then(|| {
            let message = format!("NetworkManager does not create the VLAN `{device}`: with TYPE={kind} it does not ask for VLAN");
            ("TYPE", message, "write TYPE=Vlan".to_owned())
        });
    }
    let id = script.value("VLAN_ID");
    if let Some(id) = id.filter(|id| !is_number(id)) {
        let message = format!(
            "NetworkManager refuses the file of the VLAN `{device}`: VLAN_ID={id} is no number from 0 to 4094"
        );
        return Some(("VLAN_ID", message, "write VLAN_ID=NUMBER".to_owned()));
    }
    let behind = match device.split_once('.') {
        Some((_, behind)) => Some(behind),
        None => device.strip_prefix("vlan"),
    };
    if id.is_none() && !behind.is_some_and(is_number) {
        let message = format!(
            "NetworkManager refuses the file of the VLAN `{device}`: neither VLAN_ID nor the name says its number"
        );
        return Some(("VLAN", message, "write VLAN_ID=NUMBER".to_owned()));
    }
    // a name without a dot says no parent, nor does one that begins with `vlan`
    let below = device
        .split_once('.')
        .is_some_and(|(below, _)| !below.starts_with("vlan"));
    (script.value("PHYSDEV").is_none() && !below).then(|| {
        let message = format!("NetworkManager refuses the file of the VLAN `{device}`: neither PHYSDEV nor the name says on top of what it is");
        ("VLAN", message, "write PHYSDEV=IFACE".to_owned())
    })
}

fn of_scripts(script: &Script<'_>) -> Option<Fault> {
    let device = script.device();
    // other words are another rule's
    if script.value("VLAN") != Some("yes") {
        return None;
    }
    let has_parent = script.value("PHYSDEV").is_some();
    let dotted = device
        .rsplit_once('.')
        .is_some_and(|(below, id)| !below.is_empty() && is_digits(id));
    let prefixed = device
        .strip_prefix("vlan")
        .is_some_and(|id| id.starts_with(|c: char| c.is_ascii_digit()));
    let no_parent = || {
        let message =
            format!("network-scripts do not create the VLAN `{device}`: they need PHYSDEV for it");
        ("VLAN", message, "write PHYSDEV=IFACE".to_owned())
    };
    if script.value("VID").is_some() || prefixed {
        let by_name = dotted && script.value("VID").is_none();
        return (!has_parent && !by_name).then(no_parent);
    }
    (!dotted).then(|| {
        let key = if script.get("VLAN_ID").is_some() { "VLAN_ID" } else { "VLAN" };
        let message = format!("network-scripts do not create the VLAN `{device}`: neither its name nor VID says its number");
        let id = script.value("VLAN_ID").filter(|id| is_number(id)).unwrap_or("NUMBER");
        let parent = if has_parent { "" } else { " and PHYSDEV=IFACE" };
        (key, message, format!("write VID={id}{parent}, or name it PARENT.{id}"))
    })
}

fn is_digits(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|id| id <= 4094)
}
