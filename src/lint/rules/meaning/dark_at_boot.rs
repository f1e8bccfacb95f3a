//! A host on which nothing with an address is brought up.

use crate::host::Subject;
use crate::host::layer3::Method;
use crate::host::profile::Profile;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "dark-at-boot",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A host with addresses, none of which is brought up at boot.",
    why: "After a reboot the host is not reachable: each interface that has an address says ONBOOT=no, or in a keyfile autoconnect=false.",
    example: "
DEVICE=br0
TYPE=Bridge
ONBOOT=no
IPADDR=192.168.50.20        and no other file gives an address",
    remedy: "Write ONBOOT=yes (in a keyfile autoconnect=true) in the file of the interface by which the host is reached, and in those of its ports.",
    source: "init.d/network of initscripts (run); connection.autoconnect of nm-settings(5)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    // files that are not read, or not understood, may bring up what they like
    let unknown = meaning.readers.hides_addresses()
        || meaning
            .host
            .broken
            .iter()
            .any(|broken| broken.subject == Subject::Interface);
    let addressed = |profile: &&Profile| {
        let addressed = !profile.layer3.gives_no_address();
        profile.controller.is_none() && addressed && profile.is_read()
    };
    let all: Vec<&Profile> = meaning.host.profiles().filter(addressed).collect();
    let up = |profile: &&Profile| {
        profile.autostart || matches!(*profile.layer3.v4.method, Method::Other(_))
    };
    if unknown || all.iter().any(up) {
        return Vec::new();
    }
    let found = all.first().and_then(|profile| {
        let name = &profile.interface;
        let message =
            format!("`{name}` is not brought up at boot, nor is anything else that has an address");
        let place = Place::said(profile, |wording| wording.autostart.as_ref())?;
        let finding = RULE.finding(format!("interface {name}"), message);
        let word = profile.home.backend.start(true);
        Some(finding.at(place).help(format!("write {word}")))
    });
    found.into_iter().collect()
}
