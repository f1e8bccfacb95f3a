//! A device that a network or guest uses, and that is the port of a bridge.

use super::super::libvirt::device_names;
use super::device::{self, How, Named};
use crate::lint::{Check, Finding, Fix, Mark, Meaning, Mender, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "libvirt-device-port",
    severity: Severity::Error,
    readers: &[],
    finds: "A network or guest that uses a device (`<forward dev=>`, `<interface dev=>`, `type='direct'`) which is the port
of a bridge or bond.",
    why: "Guests reach nothing through a port: what leaves it leaves through its bridge, which the rules of a network of mode
nat or route do not let pass, and a macvtap and a port exclude each other (`Device or resource busy`). If the
macvtap comes first, it is the host that comes up without network.",
    example: "
<forward mode='nat' dev='ens33'/>            and ifcfg-ens33 says BRIDGE=br0
<interface type='direct'>
  <source dev='ens33' mode='bridge'/>",
    remedy: "Name the bridge or bond instead of its port.",
    source: "iptablesForwardAllowOut() in libvirt's network/network_iptables.c; netdev_rx_handler_register() in the kernel's\nnet/core/dev.c",
    check: Check::Meaning(check),
    fix: Some(fix),
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let bridges = device::bridges(meaning);
    let named = device::all(meaning.host).into_iter();
    named
        .filter(|named| named.how != How::Functions)
        .filter_map(|named| Some(finding(meaning, &named, bridges.get(named.device)?)))
        .collect()
}

fn finding(meaning: &Meaning<'_>, named: &Named<'_>, bridge: &str) -> Finding {
    let Named { device, who, .. } = named;
    let message = match named.how {
        How::WayOut | How::Functions => {
            format!("{who} lets its guests out only through `{device}`, a port of `{bridge}`")
        }
        How::Macvtap | How::Alone => {
            format!("{who} uses a macvtap on `{device}`, a port of `{bridge}`")
        }
    };
    let word = if named.guest { "guest" } else { "network" };
    let finding = RULE.finding(format!("{word} {}", named.name), message);
    device::at(finding, named).help(match named.how {
        How::Alone => device::beside(meaning, named, bridge),
        How::WayOut | How::Macvtap | How::Functions => {
            "kvmnet check --fix libvirt-device-port".to_owned()
        }
    })
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let place = finding.places.first()?;
    let named = finding.places.iter().filter_map(|place| match &place.mark {
        Mark::Word(line, device) => Some((*line, device.as_str())),
        Mark::File | Mark::Line(_) | Mark::Span(_) => None,
    });
    let named: Vec<(u32, &str)> = named.collect();
    let (_, device) = *named.first()?;
    let bridge = *mender.bridges().get(device)?;
    let lines = named.iter().filter(|(_, other)| *other == device);
    let lines: Vec<u32> = lines.map(|(line, _)| *line).collect();
    device_names::replace(mender, &place.path, &lines, (device, bridge))
}
