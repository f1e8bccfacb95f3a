//! A guest on a port group that its network does not have.

use crate::host::guest::{Guest, GuestInterface, Source};
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-portgroup-missing",
    severity: Severity::Warning,
    readers: &[],
    finds: "A guest with an interface on a port group that its network does not have.",
    why: "libvirt then silently uses no port group. The VLAN, the bandwidth and the virtual port that the
group stands for have no effect: the guest may be in a network where it must not be.",
    example: "
<interface type='network'>
  <source network='ovs' portgroup='sales'/>    and ovs has only `engineering`",
    remedy: "Correct the name in the guest's file, or add the port group to the network's.",
    source: "virPortGroupFindByName() in libvirt's conf/network_conf.c (seen with libvirt 9.0: silently none)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let interfaces = sight.host.guests().flat_map(|guest| {
        let interfaces = guest.interfaces.iter();
        interfaces.map(move |interface| (guest, interface))
    });
    interfaces
        .filter_map(|(guest, interface)| finding(sight, guest, interface))
        .collect()
}

/// The most port groups that a help line lists.
const MOST_SHOWN: usize = 8;

fn finding(sight: &Sight<'_>, guest: &Guest, interface: &GuestInterface) -> Option<Finding> {
    let Source::Network {
        name,
        portgroup: Some(group),
    } = &interface.source
    else {
        return None;
    };
    let network = sight.joined.network(name)?;
    if network.portgroups.contains(group) {
        return None;
    }
    let message = format!("the network `{name}` has no port group `{group}`");
    let help = match network.portgroups.as_slice() {
        [] => format!(
            "`{name}` has no port groups at all: remove portgroup='{group}', or add one to it"
        ),
        known => {
            let shown = known.iter().take(MOST_SHOWN).map(String::as_str);
            let more = match known.len().saturating_sub(MOST_SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("it has: `{}`{more}", shown.collect::<Vec<_>>().join("`, `"))
        }
    };
    let subject = format!("{} port group {name} {group}", guest.origin);
    Some(
        RULE.finding(subject, message)
            .at(Place::word(&guest.origin, interface.spot.line, group))
            .help(help),
    )
}
