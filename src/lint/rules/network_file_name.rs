//! `lab2.xml` with `<name>lab</name>`: libvirt does not load it.

use crate::host::network::Network;
use crate::host::value::IpNet;
use crate::lint::{Finding, Fix, Place, Rule, Severity, Sight};
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
    misnamed
        .filter_map(|network| finding(sight, network))
        .collect()
}

fn finding(sight: &Sight<'_>, network: &Network) -> Option<Finding> {
    let origin = network.origin.as_ref()?;
    let (name, file) = (&network.name, origin.name());
    let message = format!("libvirt does not load `{file}`: the network in it is called `{name}`");
    let finding =
        RULE.finding(origin.as_str(), message)
            .at(Place::word(origin, network.lines.name, name).label(format!("wants {name}.xml")));
    let help = match loaded(sight, name) {
        false if clashing(sight, network) => "it shares a UUID, a bridge or a subnet with a network that is there; make copies with: kvmnet network copy SOURCE NAME".to_owned(),
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
fn fix(sight: &Sight<'_>, finding: &Finding) -> Option<Fix> {
    let from = finding.places.first()?.path.clone();
    let mut networks = sight.host.networks();
    let network = networks.find(|network| network.origin.as_ref() == Some(&from))?;
    let to = HostPath::parse(&format!("{}/{}", from.folder(), network.file_name())).ok()?;
    if sight.tree.exists(&to) {
        return Some(Fix::PutAway(from));
    }
    (!clashing(sight, network)).then_some(Fix::Rename { from, to })
}

fn clashing(sight: &Sight<'_>, network: &Network) -> bool {
    let mut loaded = sight.host.networks().filter(|other| other.is_loaded());
    loaded.any(|other| clashes(network, other))
}

fn clashes(network: &Network, other: &Network) -> bool {
    let same_uuid = network.uuid.is_some() && network.uuid == other.uuid;
    let bridge = network.own_bridge();
    let same_bridge = bridge.is_some() && bridge == other.own_bridge();
    let own = |network: &Network| match network.forward.owns_bridge() {
        true => network
            .subnets
            .iter()
            .map(|subnet| subnet.address)
            .collect(),
        false => Vec::new(),
    };
    let others: Vec<IpNet> = own(other);
    let meets = |net: IpNet| {
        others
            .iter()
            .any(|other| other.contains(&net) || net.contains(other))
    };
    same_uuid || same_bridge || own(network).into_iter().any(meets)
}
