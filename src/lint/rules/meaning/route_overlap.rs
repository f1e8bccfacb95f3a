//! A network and a static route of the host with addresses in common.

use super::overlap::{Used, Whose, pairs};
use crate::lint::{BOTH, Check, Finding, Meaning, Rule, Severity};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "route-overlap",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A network whose subnet overlaps with a static route of the host.",
    why: "Packets for the shared addresses go to the more specific of the two. Where that is the network, hosts behind the\nroute are hidden from this host and its guests; where it is the route, guests are.",
    example: "
/etc/libvirt/qemu/networks/lab.xml:
    <ip address='10.20.0.1' prefix='24'/>
/etc/sysconfig/network-scripts/route-ens33:
    10.0.0.0/8 via 192.168.50.254",
    remedy: "Give the network a subnet that the route does not lead to: kvmnet network set NAME --subnet CIDR",
    source: "ip-route(8): the longest prefix wins",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let counts = |one: Whose<'_>, other: Whose<'_>| {
        matches!(
            (one, other),
            (Whose::Network(_), Whose::Route(_)) | (Whose::Route(_), Whose::Network(_))
        )
    };
    let pairs = pairs(meaning, counts).into_iter();
    pairs.map(|(one, other)| finding(one, other)).collect()
}

fn finding(one: Used<'_>, other: Used<'_>) -> Finding {
    let (network, route) = match one.whose {
        Whose::Network(_) => (one, other),
        Whose::Interface(_) | Whose::Route(_) => (other, one),
    };
    let (words, others) = (network.whose.words(), route.whose.words());
    let message = format!("{words} and {others} share addresses");
    RULE.finding(format!("{words} and {others}: {}", route.net), message)
        .at(network.place.label(format!("{}", network.net)))
        .at(route.place.label(format!("{}", route.net)))
        .help(match network.whose {
            Whose::Network(of) => {
                format!("kvmnet network set {} --subnet CIDR", word_of(of))
            }
            Whose::Interface(_) | Whose::Route(_) => {
                "give the network a subnet that the route does not lead to".to_owned()
            }
        })
}
