//! A guest or network that is started with the host, on a bridge that is not.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::host::guest::Source;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-not-started",
    severity: Severity::Warning,
    readers: &[],
    finds: "A guest or network that is started with the host, on a bridge that is not.",
    why: "After a boot there is no such bridge, or it is down: the guest does not start (`Cannot get interface MTU on 'br0': No
such device`), or reaches nothing. It worked before only because the bridge had been brought up by hand.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0             ONBOOT=no
/etc/libvirt/qemu/autostart/vm1.xml                  vm1 is on br0",
    remedy: "Bring the bridge up at boot: ONBOOT=yes, in keyfiles autoconnect=true; wicked's STARTMODE=auto, `auto br0` of ifupdown.",
    source: "virNetDevTapAttachBridge() in libvirt's util/virnetdevtap.c; init.d/network of initscripts, nm-settings(5), ifcfg(5) of\nwicked, interfaces(5)",
    check: Check::Meaning(check),
    fix: None,
};

/// Who is started with the host on a bridge: what it is, and where it names the bridge.
struct User<'h> {
    who: String,
    at: &'h HostPath,
    line: Option<u32>,
    named: &'h str,
}

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let down = down(meaning);
    if down.is_empty() {
        return Vec::new();
    }
    let mut users: BTreeMap<&str, Vec<User<'_>>> = BTreeMap::new();
    let networks = super::switches::networks(meaning);
    for (network, bridge) in networks.filter(|(network, _)| network.autostart) {
        if let (true, Some(at)) = (down.contains_key(bridge), &network.origin) {
            users.entry(bridge).or_default().push(User {
                who: format!("the network `{}`", network.name),
                at,
                line: network.lines.bridge,
                named: bridge,
            });
        }
    }
    let interfaces = super::switches::interfaces(meaning);
    for (guest, interface) in interfaces.filter(|(guest, _)| guest.autostart) {
        let bridge = match &interface.source {
            Source::Bridge(bridge) => Some(bridge.as_str()),
            Source::Network { name, .. } => {
                let network = meaning.joined.network(name);
                network.and_then(|network| network.host_bridge())
            }
            Source::Device(_) | Source::Other(_) => None,
        };
        if let Some(bridge) = bridge.filter(|bridge| down.contains_key(bridge)) {
            users.entry(bridge).or_default().push(User {
                who: format!("the guest `{}`", guest.name),
                at: &guest.origin,
                line: interface.spot.line,
                named: interface.source.name(),
            });
        }
    }
    let found = users.into_iter();
    found
        .filter_map(|(bridge, users)| Some(finding(bridge, down.get(bridge)?, &users)))
        .collect()
}

/// Why a bridge is down after a boot, and what would bring it up.
struct Down {
    place: Place,
    help: String,
}

/// Returns the bridges that nothing brings up at boot; what a port brings up another rule tells.
fn down<'m>(meaning: &'m Meaning<'_>) -> BTreeMap<&'m str, Down> {
    let host = meaning.host;
    let ports = host.profiles().filter(|profile| profile.autostart);
    let pulled: HashSet<&str> = ports
        .filter_map(|port| Some(port.controller.as_ref()?.as_str()))
        .collect();
    let mut down = BTreeMap::new();
    let mut up = BTreeSet::new();
    for profile in host.profiles().filter(|profile| profile.is_read()) {
        let name = profile.interface.as_str();
        let place = Place::said(profile, |wording| wording.autostart.as_ref());
        if profile.autostart || profile.switch().is_none() || pulled.contains(name) {
            up.insert(name);
        } else if let Some(place) = place {
            let word = profile.home.backend.start(true);
            let file = profile.home.file.as_ref();
            let file = file.map_or_else(String::new, |file| format!(" in {file}"));
            let help = format!("write {word}{file}");
            down.entry(name).or_insert(Down { place, help });
        }
    }
    for (name, claim, _) in meaning.readers.bridges() {
        if claim.at_boot {
            up.insert(name);
        } else {
            down.entry(name).or_insert_with(|| Down {
                place: Place::line(&claim.at.path, claim.at.line),
                help: claim.start(),
            });
        }
    }
    down.retain(|name, _| !up.contains(name));
    down
}

fn finding(bridge: &str, down: &Down, users: &[User<'_>]) -> Finding {
    let mut names: Vec<&str> = users.iter().map(|user| user.who.as_str()).collect();
    names.dedup();
    let who = match names.as_slice() {
        [one] => (*one).to_owned() + " is",
        [one, other] => format!("{one} and {other} are"),
        [one, rest @ ..] => format!("{one} and {} more are", rest.len()),
        [] => String::new(),
    };
    let message = format!("{who} started with the host, and the bridge `{bridge}` is not");
    let finding = RULE
        .finding(format!("bridge {bridge}"), message)
        .help(down.help.clone());
    let places = users.iter().take(3);
    let finding = places.fold(finding, |finding, user| {
        finding.at(Place::word(user.at, user.line, user.named))
    });
    finding.at(down.place.clone().label("not brought up at boot"))
}
