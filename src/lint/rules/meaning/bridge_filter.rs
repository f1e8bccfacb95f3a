//! Guests on bridges of the host whose frames the packet filter drops.

use super::filtered;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-filter",
    severity: Severity::Warning,
    readers: &[],
    finds: "Guests on a bridge of the host whose frames go through iptables, where Docker or a rule drops what is forwarded.",
    why: "The guests reach nobody beyond the bridge, and nobody them, while the host itself does. It begins when the module
br_netfilter is loaded, which dockerd does.",
    example: "
/usr/bin/dockerd                 is there, and started with the host
/etc/libvirt/qemu/vm1.xml        is on br0
/etc/sysctl.d/                   no net.bridge.bridge-nf-call-iptables = 0",
    remedy: "Keep frames out of iptables (net.bridge.bridge-nf-call-iptables = 0 in /etc/sysctl.d), or let those of the bridge pass:
iptables -I DOCKER-USER -i br0 -o br0 -j ACCEPT",
    source: "br_nf_forward_ip() in the kernel's net/bridge/br_netfilter_hooks.c; libvirt's wiki, net.bridge.bridge-nf-call and
sysctl.conf; Docker's page on packet filtering (policy DROP of FORWARD)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let filter = &meaning.readers.bridge_filter;
    let Some(on) = filtered::on(filter) else {
        return Vec::new();
    };
    let (who, dropper) = match (&filter.docker, &filter.drops) {
        (Some(docker), _) => ("Docker drops what it does not know", docker),
        (None, Some(drops)) => ("a rule drops what is forwarded", drops),
        (None, None) => return Vec::new(),
    };
    let found = filtered::bridges(meaning)
        .into_iter()
        .map(|(bridge, user)| {
            let message = format!(
                "frames of `{bridge}` go through iptables, where {who}: {} is cut off",
                user.who
            );
            let finding = RULE
                .finding(format!("bridge {bridge}"), message)
                .at(user.place.clone())
                .at(Place::line(&dropper.path, dropper.line).label(who));
            let finding = match on.path == dropper.path {
                true => finding,
                false => finding.at(Place::line(&on.path, on.line).label("lets frames through it")),
            };
            finding.help(filtered::HELP)
        });
    found.collect()
}
