//! A port of a bond or team that there is not.

use super::bonds::{self, Membership};
use crate::host::wording::ControllerName;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bond-missing",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A port of a bond or team that no connection profile creates, or of an interface that is none.",
    why: "The card has no address of its own, and the bond that should have it is not configured: NetworkManager does not bring the\nport up, and network-scripts create a bond without an address.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33      MASTER=bond0 SLAVE=yes
/etc/sysconfig/network-scripts/                 no ifcfg-bond0",
    remedy: "Create the profile of the bond, or delete what makes the card its port.",
    source: "install_bonding_driver() in network-functions of initscripts, ifup-eth (the branch of ports exits); find_master() in\nNetworkManager's nm-policy.c (`Master connection not found`)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let members = bonds::members(meaning).into_iter();
    let read = members.filter(|member| member.port.autostart && member.port.is_read());
    read.filter_map(|member| finding(meaning, &member))
        .collect()
}

fn finding(meaning: &Meaning<'_>, member: &Membership<'_>) -> Option<Finding> {
    let (port, attachment) = (&member.port.interface, member.attachment);
    let word = bonds::word(attachment.kind);
    let name = attachment.name.as_str();
    let message = match (member.controller, &attachment.name) {
        (Some(controller), _) if bonds::is_bond(controller) => return None,
        (Some(controller), _) => format!(
            "`{port}` is a port of `{}`, which is no {word}",
            controller.interface
        ),
        (None, ControllerName::Interface(name)) if is_elsewhere(meaning, name) => return None,
        (None, ControllerName::Interface(_)) => {
            format!("`{port}` is a port of the {word} `{name}`, which no file creates")
        }
        (None, ControllerName::Uuid(_)) => {
            format!("`{port}` is a port of a {word} with the UUID `{name}`, which no profile has")
        }
    };
    let found = RULE.finding(format!("interface {port}"), message);
    let found = found.at(Place::of(&attachment.at));
    let file = member
        .controller
        .and_then(|controller| controller.home.file.as_ref());
    Some(match file {
        Some(file) => found
            .at(Place::file(file).label("configures it"))
            .help(format!(
                "write there that it is a {word}, or delete {}= here",
                attachment.word
            )),
        None => found.help(format!(
            "create the profile of the {word}, or delete {}= here",
            attachment.word
        )),
    })
}

/// Returns whether a bond may be there that no profile makes.
fn is_elsewhere(meaning: &Meaning<'_>, name: &str) -> bool {
    let host = meaning.host;
    let present = host.present.iter().any(|present| present.as_str() == name);
    // the card may be named by a profile for its hardware address
    present || host.broken.iter().any(|broken| broken.about == name)
}
