//! Guests on bridges of the host whose frames go through the packet filter.

use super::filtered;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-filter-on",
    severity: Severity::Note,
    readers: &[],
    finds: "Guests on a bridge of the host whose frames go through iptables, where nothing is known that drops them.",
    why: "Rules that were meant for the host decide what guests reach, and each frame takes longer. A firewall or Docker that
comes later cuts them off.",
    example: "
/etc/sysctl.d/k8s.conf
  net.bridge.bridge-nf-call-iptables = 1",
    remedy: "Keep frames out of iptables where nothing needs it: net.bridge.bridge-nf-call-iptables = 0 in /etc/sysctl.d.",
    source: "br_nf_forward_ip() in the kernel's net/bridge/br_netfilter_hooks.c; libvirt's wiki, net.bridge.bridge-nf-call and\nsysctl.conf",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let filter = &meaning.readers.bridge_filter;
    let known = filter.docker.is_some() || filter.drops.is_some();
    let Some(on) = filtered::on(filter).filter(|_| !known) else {
        return Vec::new();
    };
    let bridges = filtered::bridges(meaning);
    let Some((bridge, user)) = bridges.first_key_value() else {
        return Vec::new();
    };
    let more = match bridges.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let message = format!(
        "frames of `{bridge}`{more} go through iptables: {} is on it",
        user.who
    );
    let finding = RULE
        .finding("bridge-nf-call-iptables", message)
        .at(Place::line(&on.path, on.line))
        .at(user.place.clone())
        .help(filtered::HELP);
    vec![finding]
}
