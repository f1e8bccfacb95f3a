//! `lab2.xml` with `<name>lab</name>`: libvirt does not load it.

use super::strays::{self, Meant};
use crate::host::network::Network;
use crate::lint::rules::meaning::overlap::Taken;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-file-name",
    severity: Severity::Error,
    readers: &[],
    finds: "A network whose file is not named after it.",
    why: "libvirt loads NAME.xml only if it defines the network NAME. The network is missing after the next
start of the daemon, and only a line in the log says so.",
    example: "
/etc/libvirt/qemu/networks/nat1.xml
  <name>default</name>",
    remedy: "Give the file the network's name; or, if it is a copy of an existing network, move it out of the folder;
or, if it has settings of its own, or a guest or an autostart link names it, give the network the file's name:
kvmnet check --fix network-file-name. Make copies with: kvmnet network copy SOURCE NAME",
    source: "virNetworkLoadConfig() in libvirt's conf/virnetworkobj.c",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let misnamed = sight.host.networks().filter(|network| !network.is_loaded());
    let taken = Taken::of(sight.host);
    misnamed
        .filter_map(|network| finding(sight, &taken, network))
        .collect()
}

fn finding(sight: &Sight<'_>, taken: &Taken<'_>, network: &Network) -> Option<Finding> {
    let origin = network.origin.as_ref()?;
    let (name, file) = (&network.name, origin.name());
    let message = format!("libvirt does not load `{file}`: the network in it is named `{name}`");
    let finding =
        RULE.finding(origin.as_str(), message)
            .at(Place::word(origin, network.lines.name, name)
                .label(format!("should be in {name}.xml")));
    let stem = file.strip_suffix(".xml").unwrap_or(file);
    let fix = "kvmnet check --fix network-file-name";
    let help = match strays::meant(sight, taken, network) {
        Meant::Unclear if taken.meets(network) => format!(
            "it shares a subnet with an existing network: give it the name `{stem}` and a subnet of its own, or move it out of the folder"
        ),
        Meant::Unclear => "it shares a UUID, a bridge or a subnet with an existing network; make copies with: kvmnet network copy SOURCE NAME".to_owned(),
        Meant::Copy => format!(
            "`{name}` already exists; make a copy of it with: kvmnet network copy {} NAME",
            word_of(name)
        ),
        Meant::ByFile => format!("{fix}   # renames the network to `{stem}`"),
        Meant::ByName => format!("{fix}   # renames the file"),
    };
    Some(finding.help(help))
}

/// A copy that shares something with a network that is loaded is put right by hand: to load it makes things worse.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let from = finding.places.first()?.path.clone();
    let network = mender.network_at(&from)?;
    match strays::meant(mender, mender.taken(), network) {
        Meant::Copy => Some(Fix::PutAway(from)),
        Meant::ByFile => strays::name_by_file(mender, network),
        Meant::ByName => {
            let to = from.folder().join(&network.file_name());
            Some(Fix::Rename { from, to })
        }
        Meant::Unclear => None,
    }
}
