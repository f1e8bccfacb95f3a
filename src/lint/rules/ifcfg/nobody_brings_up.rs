//! An interface that NetworkManager is told to leave alone, on a host where nothing else brings it up.

use crate::host::profile::{Backend, Manager, Profile};
use crate::lint::{Check, Finding, NM, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "nobody-brings-up",
    severity: Severity::Error,
    readers: NM,
    finds: "A profile with `NM_CONTROLLED=no` and an address or a bridge, on a host without network-scripts.",
    why: "The interface stays as the kernel made it, without its address: NetworkManager leaves it alone, and the scripts that would\nread the file (network-scripts of RHEL 7, a package of its own in RHEL 8) are not there, or not started.",
    example: "
DEVICE=eth0
ONBOOT=yes
NM_CONTROLLED=no
IPADDR=192.168.50.20        on RHEL 8 with NetworkManager alone",
    remedy: "Delete NM_CONTROLLED=no, or install network-scripts and enable the service `network`.",
    source: "create_unhandled_connection() in NetworkManager's nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let readers = &sight.readers;
    let nm = readers.network_manager.as_ref();
    let is_alone = nm.is_some_and(|nm| nm.reads_ifcfg() && !nm.starts.never());
    let scripts = readers.scripts.as_ref();
    if !is_alone || scripts.is_some_and(|scripts| !scripts.starts.never()) {
        return Vec::new();
    }
    let profiles = sight.host.profiles();
    let left = profiles.filter(|profile| is_left(sight, profile));
    left.filter_map(|profile| finding(sight, profile)).collect()
}

fn is_left(sight: &Sight<'_>, profile: &Profile) -> bool {
    let own = profile.home.backend == Backend::Ifcfg && !profile.nm_controlled;
    let nobody = matches!(&profile.manager, Manager::Nobody(why) if why.may_be_meant);
    // libvirt makes the bridge of its network itself
    let joined = &sight.joined;
    let networks = joined.networks_on(profile.interface.as_str()).iter();
    let mut networks = networks.filter_map(|name| joined.network(name));
    let of_libvirt = networks.any(|network| network.own_bridge().is_some());
    let matters = !profile.layer3.gives_no_address() || profile.controller.is_some();
    own && nobody && matters && !of_libvirt && profile.autostart && !profile.wording.copy
}

fn finding(sight: &Sight<'_>, profile: &Profile) -> Option<Finding> {
    let name = &profile.interface;
    let message = format!(
        "nothing brings up `{name}`: NetworkManager leaves it alone, and network-scripts are not started with this host"
    );
    let place = Place::said(profile, |wording| wording.nm_controlled.as_ref())?;
    let help = match &sight.readers.scripts {
        Some(_) => "delete the line, or enable the service `network` on that host",
        None => "delete the line, or install network-scripts on that host",
    };
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(place)
            .help(help),
    )
}
