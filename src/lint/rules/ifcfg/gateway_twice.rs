//! Two interfaces with a default route each, where the program that sets them keeps one.

use crate::host::layer3::Family;
use crate::host::profile::{Manager, Profile};
use crate::lint::{Check, Finding, Place, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "gateway-twice",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "Two interfaces of network-scripts with a gateway each.",
    why: "The default route is that of the interface that is brought up last: after `ifup` of the other one it is another. Replies\nleave through the wrong interface, where routers or reverse path filters drop them.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33      GATEWAY=192.168.50.1
/etc/sysconfig/network-scripts/ifcfg-ens34      GATEWAY=10.0.0.1",
    remedy: "Keep GATEWAY in one file, and write routes of the other interface into its route- file; or DEFROUTE=no.",
    source: "ifup-eth of initscripts: `ip route replace default` (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles: Vec<&Profile> = sight.host.profiles().filter(|p| is_up(p)).collect();
    let v4 = profiles.iter().filter_map(|profile| {
        let layer3 = &profile.layer3;
        let by_metric = layer3.metrics.v4.is_some();
        let unset = layer3.default_v4.off.is_some() || layer3.default_v4.passed_over.is_some();
        (!unset && !by_metric).then(|| gateway(profile, &layer3.v4))?
    });
    let found: Vec<(&Profile, Place)> = v4.collect();
    let Some(((first, place), others)) = found.split_first() else {
        return Vec::new();
    };
    let Some((second, _)) = others.first() else {
        return Vec::new();
    };
    let (one, two) = (&first.interface, &second.interface);
    let message = match others.len() {
        1 => format!(
            "`{one}` and `{two}` both set the default route, and the one that comes up last keeps it"
        ),
        more => format!(
            "`{one}` and {more} others set the default route, and the one that comes up last keeps it"
        ),
    };
    let mut finding = RULE.finding("default route", message).at(place.clone());
    for (_, place) in others {
        finding = finding.at(place.clone().label("and here"));
    }
    vec![finding.help("keep one; write DEFROUTE=no in the files of the others")]
}

fn is_up(profile: &Profile) -> bool {
    let read = profile.manager == Manager::NetworkScripts;
    read && profile.autostart && profile.controller.is_none() && !profile.wording.copy
}

fn gateway<'p>(profile: &'p Profile, family: &Family) -> Option<(&'p Profile, Place)> {
    let at = family.gateways.first()?.at.as_ref()?;
    Some((profile, Place::of(at)))
}
