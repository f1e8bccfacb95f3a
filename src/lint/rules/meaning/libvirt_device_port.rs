//! A device that a network or guest uses, and that is the port of a bridge.

use super::device::{self, How, Named};
use crate::doc::xml::XmlDoc;
use crate::lint::{Finding, Fix, Mark, Mender, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "libvirt-device-port",
    severity: Severity::Error,
    readers: &[],
    finds: "A network or guest that uses a device (`<forward dev=>`, `<interface dev=>`, `type='direct'`) which is the port
of a bridge.",
    why: "Guests reach nothing through a port: what leaves it leaves through its bridge, which the rules of a network of mode
nat or route do not let pass, and a macvtap and a bridge port exclude each other (`Device or resource busy`). If the
macvtap comes first, it is the host that comes up without network.",
    example: "
<forward mode='nat' dev='ens33'/>            and ifcfg-ens33 says BRIDGE=br0
<interface type='direct'>
  <source dev='ens33' mode='bridge'/>",
    remedy: "Name the bridge in place of its port.",
    source: "iptablesForwardAllowOut() in libvirt's network/network_iptables.c; netdev_rx_handler_register() in the kernel's\nnet/core/dev.c",
    check,
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = device::bridges(sight);
    let named = device::all(sight.host).into_iter();
    named
        .filter(|named| named.how != How::Functions)
        .filter_map(|named| Some(finding(&named, bridges.get(named.device)?)))
        .collect()
}

fn finding(named: &Named<'_>, bridge: &str) -> Finding {
    let Named { device, who, .. } = named;
    let message = match named.how {
        How::WayOut | How::Functions => {
            format!("{who} lets its guests out through {device} alone, a port of {bridge}")
        }
        How::Macvtap | How::Alone => {
            format!("{who} wants a macvtap on {device}, a port of {bridge}")
        }
    };
    let word = if named.guest { "guest" } else { "network" };
    let finding = RULE.finding(format!("{word} {}", named.name), message);
    device::at(finding, named).help(match named.how {
        How::Alone => "name another device there, one that the host does not use".to_owned(),
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
    mender.edit(&place.path, |doc, interfaces, editing| {
        let mut elements = elements(doc, interfaces);
        elements.retain(|index| {
            let element = &doc.elements()[*index];
            let line = doc.line(element.span.start);
            element.value("dev") == Some(device) && named.contains(&(line, device))
        });
        for index in &elements {
            editing.set(*index, "dev", bridge);
        }
        (!elements.is_empty()).then_some(())
    })
}

/// Returns the elements of a network or guest that name a device for what may be on a bridge as well.
fn elements(doc: &XmlDoc<'_>, interfaces: &[usize]) -> Vec<usize> {
    let alone = |mode: Option<&str>| mode.is_some_and(device::is_alone);
    let mut found = Vec::new();
    let forward = doc.child(0, "forward");
    if let Some((forward, _)) = forward.filter(|(_, element)| !alone(element.value("mode"))) {
        found.push(forward);
        found.extend(doc.named(forward, "interface").map(|(index, _)| index));
    }
    let direct = |index: &&usize| doc.elements()[**index].value("type") == Some("direct");
    let sources = interfaces.iter().filter(direct);
    let sources = sources.filter_map(|index| doc.child(*index, "source"));
    let shared = sources.filter(|(_, source)| !alone(source.value("mode")));
    found.extend(shared.map(|(index, _)| index));
    found
}
