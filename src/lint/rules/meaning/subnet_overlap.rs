//! Two networks, or a network and an interface of the host, with addresses in common.

use super::overlap::{Used, Whose, pairs};
use crate::lint::{BOTH, Check, Finding, Meaning, Rule, Severity};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "subnet-overlap",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A network whose subnet overlaps with that of another network, or of an interface of the host.",
    why: "Packets for the shared addresses go to one of the two, and the other is cut off: for an interface of the host\nthat may be the one by which the admin is connected. libvirt notices only subnets of equal size, and only when it starts them.",
    example: "
/etc/libvirt/qemu/networks/lab.xml:
    <ip address='192.168.0.1' prefix='16'/>
/etc/sysconfig/network-scripts/ifcfg-ens33:
    IPADDR=192.168.50.20 PREFIX=24",
    remedy: "Give the network a subnet of its own: kvmnet network set NAME --subnet CIDR",
    source: "networkCheckRouteCollision() in libvirt's network/bridge_driver_linux.c: IPv4, equal network and equal mask\nonly (seen with libvirt 9.0: all others start)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let counts = |one: Whose<'_>, other: Whose<'_>| match (one, other) {
        (Whose::Network(one), Whose::Network(other)) => one != other,
        (Whose::Network(_), Whose::Interface(_)) | (Whose::Interface(_), Whose::Network(_)) => true,
        (Whose::Interface(_), Whose::Interface(_))
        | (Whose::Route(_), _)
        | (_, Whose::Route(_)) => false,
    };
    let pairs = pairs(meaning, counts).into_iter();
    pairs.map(|(one, other)| finding(one, other)).collect()
}

/// The network is the one that is easily changed.
fn finding(one: Used<'_>, other: Used<'_>) -> Finding {
    let (network, other) = match one.whose {
        Whose::Network(_) => (one, other),
        Whose::Interface(_) | Whose::Route(_) => (other, one),
    };
    let (words, others) = (network.whose.words(), other.whose.words());
    let message = format!("{words} and {others} share addresses");
    let name = match network.whose {
        Whose::Network(name) | Whose::Interface(name) | Whose::Route(name) => name,
    };
    RULE.finding(format!("{words} and {others}: {}", other.net), message)
        .at(network.place.label(format!("{}", network.net)))
        .at(other.place.label(format!("{}", other.net)))
        .help(format!(
            "kvmnet network set {} --subnet CIDR",
            word_of(name)
        ))
}
