//! A network that serves a folder by TFTP which there is not.

use super::texts;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::TFTP_ROOTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "tftp-root",
    severity: Severity::Note,
    readers: &[],
    finds: "A network with `<tftp root=…>` whose folder is not there: one of the usual ones (/srv/tftp, /var/lib/tftpboot and the
like) in a tree that has the folder above.",
    why: "The network does not start: `TFTP directory /srv/tftp inaccessible: No such file or directory`.",
    example: "
<ip address='192.168.122.1' netmask='255.255.255.0'>
  <tftp root='/srv/tftp'/>                  and /srv has no tftp",
    remedy: "Create the folder, or correct its name in the network's file.",
    source: "networkDnsmasqConfContents() in libvirt's network/bridge_driver.c; main() in dnsmasq.c (seen with libvirt 9.0 and\ndnsmasq 2.89)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if !sight.readers.whole {
        return found;
    }
    texts::each(sight, "tftp", |network, path, doc| {
        for (ip, _) in doc.named(0, "ip") {
            let root = doc
                .child(ip, "tftp")
                .and_then(|(_, tftp)| tftp.attribute("root"));
            let Some(root) = root.filter(|root| is_missing(sight, &root.value)) else {
                continue;
            };
            let name = &network.name;
            let message = format!(
                "the network `{name}` does not start: its TFTP folder `{}` does not exist",
                root.value
            );
            let finding = RULE.finding(format!("network {name}"), message);
            let place = Place::span(path, root.span.clone());
            found.push(
                finding
                    .at(place)
                    .help("create the folder, or correct its name here"),
            );
        }
    });
    found
}

/// Returns whether a folder is one of those that are looked for, and is not there while the one above it is.
fn is_missing(sight: &Sight<'_>, root: &str) -> bool {
    let root = root.trim_end_matches('/');
    let known = TFTP_ROOTS.iter().find(|known| **known == root);
    known.is_some_and(|known| {
        let path = HostPath::literal(known);
        let above = path.folder();
        !sight.tree.exists(&path) && (above.as_str() == "/" || sight.tree.exists(&above))
    })
}
