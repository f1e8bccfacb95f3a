//! A network or guest that names another thing than a bridge where a bridge must be.

use super::switches::{self, Switches};
use crate::host::guest::Source;
use crate::host::invent;
use crate::host::profile::{Link, Profile};
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
use crate::tree::{HostPath, word_of};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "not-a-bridge",
    severity: Severity::Error,
    readers: &[],
    finds: "A network or guest that names a card, a bond or a VLAN of the host as its bridge.",
    why: "No guest starts there: its tap device cannot be added (`Operation not supported`). A guest's tap device needs a
bridge; beside one it can have a macvtap on a card (`type='direct'`).",
    example: "
<interface type='bridge'>
  <source bridge='ens34'/>            and ens34 is a network card",
    remedy: "Name the bridge that the card is a port of, or make one: kvmnet bridge add BRIDGE --port CARD",
    source: "virNetDevBridgeAddPort() in libvirt's util/virnetdevbridge.c; dev_ifsioc() in the kernel's net/core/dev_ioctl.c takes\nSIOCBRADDIF for bridges alone",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let switches = Switches::of(meaning);
    let mut found = Vec::new();
    let mut finder = Finder {
        meaning,
        new_bridge: None,
    };
    for (network, bridge) in switches::networks(meaning) {
        if let (Some(profile), Some(origin)) = (switches.other(bridge), &network.origin) {
            found.push(finder.finding(
                profile,
                format!("network {}", network.name),
                &format!("the network `{}`", network.name),
                (origin, network.lines.bridge),
                &|bridge| switches::put_on(network, bridge),
            ));
        }
    }
    for (guest, interface) in switches::interfaces(meaning) {
        let Source::Bridge(bridge) = &interface.source else {
            continue;
        };
        if let Some(profile) = switches.other(bridge) {
            found.push(finder.finding(
                profile,
                switches::subject(guest, interface),
                &format!("the guest `{}`", guest.name),
                (&guest.origin, interface.spot.line),
                &|bridge| switches::connect(guest, interface, bridge),
            ));
        }
    }
    found
}

struct Finder<'m> {
    meaning: &'m Meaning<'m>,
    /// A free name for a bridge, once it was asked for.
    new_bridge: Option<String>,
}

impl Finder<'_> {
    fn finding(
        &mut self,
        profile: &Profile,
        subject: String,
        who: &str,
        (path, line): (&HostPath, Option<u32>),
        connect: &dyn Fn(&str) -> String,
    ) -> Finding {
        let name = &profile.interface;
        let message = match &profile.controller {
            Some(bridge) => {
                format!("{who} uses `{name}` as a bridge: it is a port of `{bridge}`")
            }
            None => format!("{who} uses `{name}` as a bridge: it is {}", what(profile)),
        };
        let help = match &profile.controller {
            Some(bridge) => connect(bridge.as_str()),
            None => {
                let first = self.new_bridge(profile);
                match first {
                    Some(bridge) => format!(
                        "make a bridge of it, and name that here: kvmnet bridge add {bridge} --port {}",
                        word_of(name.as_str()),
                    ),
                    None => "name a bridge: kvmnet show bridges".to_owned(),
                }
            }
        };
        let finding = RULE
            .finding(subject, message)
            .at(Place::word(path, line, name.as_str()))
            .help(help);
        match &profile.home.file {
            Some(file) => finding.at(Place::file(file).label("configures the interface")),
            None => finding,
        }
    }

    fn new_bridge(&mut self, profile: &Profile) -> Option<String> {
        let fits = match profile.link {
            Link::Ethernet | Link::Bond | Link::Vlan(_) => true,
            Link::Bridge(_) | Link::Foreign(_) => false,
        };
        if !(fits && self.meaning.readers.take_new_profiles()) {
            return None;
        }
        let host = self.meaning.host;
        let name = self.new_bridge.get_or_insert_with(|| invent::bridge(host));
        Some(name.clone())
    }
}

fn what(profile: &Profile) -> &'static str {
    match profile.link {
        Link::Ethernet => "a network card",
        Link::Bond => "a bond",
        Link::Vlan(_) => "a VLAN",
        Link::Bridge(_) | Link::Foreign(_) => "no bridge",
    }
}
