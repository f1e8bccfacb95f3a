//! A route of a bridge that names a port of it.

use crate::host::layer3::Route;
use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::lint::{Check, Finding, Meaning, Place, Rule, SCRIPTS, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "route-device-port",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A static route of a bridge by one of its ports: `dev PORT`.",
    why: "The route is not set, or leads nowhere: the port has no address (`Nexthop has invalid gateway`). It is left over from the time\nbefore the bridge.",
    example: "
/etc/sysconfig/network-scripts/route-br0:
    10.0.0.0/8 via 192.168.50.1 dev ens33",
    remedy: "Write the bridge for the port, or leave `dev` out.",
    source: "fib_check_nh() in the kernel's net/ipv4/fib_semantics.c; ifup-routes of initscripts (run)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let bridges = meaning.host.profiles();
    let bridges = bridges.filter(|bridge| {
        let nm = bridge.is_for_network_manager(&meaning.readers);
        !nm && bridge.is_read() && !bridge.wording.copy && bridge.switch().is_some()
    });
    let found = bridges.flat_map(|bridge| {
        let routes = bridge.layer3.routes.iter();
        routes
            .filter_map(|route| finding(meaning, bridge, route))
            .collect::<Vec<_>>()
    });
    found.collect()
}

fn finding(meaning: &Meaning<'_>, bridge: &Profile, route: &Said<Route>) -> Option<Finding> {
    let device = route.device.as_deref()?;
    let port = meaning.joined.profile(device)?;
    if port.controller.as_ref() != Some(&bridge.interface) {
        return None;
    }
    let (name, to) = (&bridge.interface, route.to);
    let message =
        format!("the route to {to} of `{name}` is by its port `{device}`, which has no address");
    let found = RULE.finding(format!("interface {name} route {to}"), message);
    let place = Place::of(route.at.as_ref()?);
    Some(
        found
            .at(place)
            .help(format!("write dev {name} for dev {device}")),
    )
}
