//! `lab2.xml` with `<name>lab</name>`: libvirt does not load it.

use crate::host::network::Network;
use crate::lint::overlap::Taken;
use crate::lint::{Finding, Fix, Mender, Place, Rule, Severity, Sight};
use crate::tree::HostPath;

pub(super) static RULE: Rule = Rule {
    name: "network-file-name",
    severity: Severity::Error,
    finds: "A network whose file does not have the name of the network.",
    why: "libvirt loads NAME.xml only if it holds the network NAME. The network is not there after the next
start of the daemon, and only a line in the log says so.",
    example: "
/etc/libvirt/qemu/networks/nat1.xml
  <name>default</name>",
    remedy: "Give the file the network's name, or, if it is a copy of a network that is there, move it out of the
folder: kvmnet check --fix network-file-name. Make copies with: kvmnet network copy SOURCE NAME",
    source: "virNetworkLoadConfig() in libvirt's conf/virnetworkobj.c",
    check,
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
    let message = format!("libvirt does not load `{file}`: the network in it is called `{name}`");
    let finding =
        RULE.finding(origin.as_str(), message)
            .at(Place::word(origin, network.lines.name, name).label(format!("wants {name}.xml")));
    let help = match loaded(sight, name) {
        false if taken.clashes(network) => "it shares a UUID, a bridge or a subnet with a network that is there; make copies with: kvmnet network copy SOURCE NAME".to_owned(),
        true => format!(
            "`{name}` is there already; make a copy of it with: kvmnet network copy {name} NAME"
        ),
        false => "kvmnet check --fix network-file-name   (gives the file its name)".to_owned(),
    };
    Some(finding.help(help))
}

fn loaded(sight: &Sight<'_>, name: &str) -> bool {
    let network = sight.joined.network(name);
    network.is_some_and(Network::is_loaded)
}

/// A copy that shares something with a network that is loaded is put right by hand: to load it makes things worse.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let from = finding.places.first()?.path.clone();
    let network = mender.network_at(&from)?;
    let to = HostPath::parse(&format!("{}/{}", from.folder(), network.file_name())).ok()?;
    if mender.tree.exists(&to) {
        return Some(Fix::PutAway(from));
    }
    (!mender.taken().clashes(network)).then_some(Fix::Rename { from, to })
}
