//! A port of two controllers.

use crate::host::profile::Profile;
use crate::host::wording::Attachment;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-of-two",
    severity: Severity::Error,
    readers: BOTH,
    finds: "An interface whose file attaches it to two controllers.",
    why: "Only one gets it: network-scripts stop at SLAVE before they see BRIDGE, NetworkManager uses the bridge and drops\nthe bond. The other one has fewer ports than it seems.",
    example: "
DEVICE=ens33
MASTER=bond0
SLAVE=yes
BRIDGE=br0",
    remedy: "Remove one of them. To bridge a bond, attach the bond: kvmnet bridge add-port br0 bond0",
    source: "ifup-eth of initscripts (SLAVE before BRIDGE), nms-ifcfg-rh-reader.c of NetworkManager (BRIDGE before MASTER)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let profiles = meaning.host.profiles();
    let own = profiles.filter(|profile| !profile.wording.copy);
    own.filter_map(finding).collect()
}

fn finding(profile: &Profile) -> Option<Finding> {
    let mut named: Vec<&Attachment> = Vec::new();
    for attachment in &profile.wording.controllers {
        // one controller may be named twice, by its interface and by its UUID
        if named.iter().all(|known| known.kind != attachment.kind) {
            named.push(attachment);
        }
    }
    let [first, second, ..] = named.as_slice() else {
        return None;
    };
    let name = &profile.interface;
    let message = format!(
        "`{name}` is a port of `{}` and of `{}`",
        first.name.as_str(),
        second.name.as_str()
    );
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(Place::of(&first.at))
            .at(Place::of(&second.at).label("and here"))
            .help("remove one of them"),
    )
}
