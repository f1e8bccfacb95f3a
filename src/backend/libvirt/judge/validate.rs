//! An interface of a guest: what libvirt loads, and neither defines again nor starts.
//!
//! Sources: `virDomainNetDefValidate()` and `virDomainActualNetDefValidate()` in conf/domain_validate.c, which load skips
//! (`VIR_DOMAIN_DEF_PARSE_SKIP_VALIDATE`), and `qemuValidateDomainDeviceDefNetwork()` in qemu/qemu_validate.c.

use super::found::Found;
use super::interface::{is_virtio, said};
use super::page::Node;
use super::source::has_passt;
use super::values::Number;
use crate::host::network::Verdict;

/// Judges an interface of type `kind`; the driver for QEMU has checks of its own for its guests.
pub(super) fn validate(node: &Node<'_>, kind: &str, qemu: bool, found: &mut Found) {
    host_side(node, kind, found);
    teaming(node, found);
    isolation(node, kind, found);
    card(node, kind, found);
    passt(node, kind, found);
    actual(node, kind, found);
    if qemu {
        pair(node, kind, found);
        queues(node, kind, found);
        guest_side(node, kind, found);
    }
}

fn undefinable(found: &mut Found, span: std::ops::Range<usize>, why: String, help: &str) {
    found.add(Verdict::Undefinable, span, why, help);
}

fn host_side(node: &Node<'_>, kind: &str, found: &mut Found) {
    if kind == "ethernet" {
        return;
    }
    let source = node.first("source");
    let own = source.and_then(|source| source.first("ip").or(source.first("route")));
    if let Some(own) = own {
        let why = format!(
            "`<{}>` of the host's side in an interface of type `{kind}`, which only type `ethernet` has",
            own.name()
        );
        undefinable(found, own.tag(), why, "delete it");
    }
    let managed = node
        .first("target")
        .and_then(|target| target.prop("managed"));
    if let Some(managed) = managed.filter(|managed| managed.text == "no") {
        let why = format!(
            "`managed='no'` in an interface of type `{kind}`, which only type `ethernet` has"
        );
        undefinable(
            found,
            managed.span,
            why,
            "delete it, or write <interface type='ethernet'>",
        );
    }
}

fn teaming(node: &Node<'_>, found: &mut Found) {
    let (Some(half), Some(element)) = (said(node, "teaming", "type"), node.first("teaming")) else {
        return;
    };
    let other = said(node, "teaming", "persistent");
    match (half.text, other) {
        ("transient", None) => {
            let why = "the half of a failover pair that comes and goes does not name the other"
                .to_owned();
            undefinable(
                found,
                element.tag(),
                why,
                "add persistent='…' to it, with the alias of the other interface",
            );
        }
        ("persistent", Some(other)) => {
            let why = "`persistent` in the half of a failover pair that stays".to_owned();
            undefinable(found, other.span, why, "delete it");
        }
        _ => {}
    }
}

/// What QEMU asks of the halves of a failover pair.
fn pair(node: &Node<'_>, kind: &str, found: &mut Found) {
    let Some(half) = said(node, "teaming", "type") else {
        return;
    };
    match (half.text, said(node, "teaming", "persistent")) {
        ("persistent", None) if is_virtio(node) == Some(false) => {
            let why = "the half of a failover pair that stays is of another model than `virtio`"
                .to_owned();
            undefinable(found, half.span, why, "write <model type='virtio'/>");
        }
        ("transient", Some(_)) if !matches!(kind, "hostdev" | "network") => {
            let why = format!(
                "the half of a failover pair that comes and goes is of type `{kind}`, not `hostdev`"
            );
            undefinable(
                found,
                half.span,
                why,
                "write <interface type='hostdev'>, or one on a network of cards of the host",
            );
        }
        _ => {}
    }
}

/// `virDomainNetDefValidatePortOptions()`
fn isolation(node: &Node<'_>, kind: &str, found: &mut Found) {
    let isolated = node.first("port").and_then(|port| port.prop("isolated"));
    let Some(isolated) = isolated.filter(|isolated| isolated.text == "yes") else {
        return;
    };
    let port = node.first("virtualport").and_then(|port| port.prop("type"));
    let why = match port {
        _ if !matches!(kind, "network" | "bridge") => {
            format!("an isolated port in an interface of type `{kind}`")
        }
        Some(port) => format!(
            "an isolated port with a virtual port of type `{}`",
            port.text
        ),
        None => return,
    };
    undefinable(
        found,
        isolated.span,
        why,
        "delete it: only ports of Linux bridges can be isolated",
    );
}

fn card(node: &Node<'_>, kind: &str, found: &mut Found) {
    let virtio = is_virtio(node);
    if let Some(driver) = node.first("driver").filter(|_| virtio == Some(false)) {
        let options = ["iommu", "ats", "packed", "page_per_vq"];
        if let Some(option) = options.iter().find_map(|name| driver.prop(name)) {
            let why = format!("`{}` of a model that is not virtio", option.name);
            undefinable(
                found,
                option.span,
                why,
                "delete it, or write <model type='virtio'/>",
            );
        }
    }
    if let Some(model) = said(node, "model", "type").filter(|_| virtio == Some(false))
        && matches!(kind, "vhostuser" | "vdpa")
    {
        let why = format!(
            "the model `{}` in an interface of type `{kind}`, which needs `virtio`",
            model.text
        );
        undefinable(found, model.span, why, "write <model type='virtio'/>");
    }
    let source = node.first("source").filter(|_| kind == "vhostuser");
    let server = source.filter(|source| {
        source
            .prop("mode")
            .is_some_and(|mode| mode.text == "server")
    });
    if let Some(reconnect) = server.and_then(|source| source.first("reconnect"))
        && reconnect
            .prop("enabled")
            .is_some_and(|enabled| enabled.text == "yes")
    {
        let why = "`<reconnect>` in mode `server`".to_owned();
        undefinable(
            found,
            reconnect.tag(),
            why,
            "delete it, or write mode='client'",
        );
    }
}

/// The rings of a virtio card have a power of two of places.
fn queues(node: &Node<'_>, kind: &str, found: &mut Found) {
    if is_virtio(node) == Some(true)
        && kind != "hostdev"
        && let Some(driver) = node.first("driver")
    {
        for size in ["rx_queue_size", "tx_queue_size"]
            .iter()
            .filter_map(|name| driver.prop(name))
        {
            let number = Number::INT.read(size.text);
            if number.is_some_and(|number| number > 0 && !number.is_power_of_two()) {
                let why = format!("`{}` of `{}` is not a power of two", size.text, size.name);
                undefinable(found, size.span, why, "write 256, 512 or 1024");
            }
        }
    }
}

fn passt(node: &Node<'_>, kind: &str, found: &mut Found) {
    if !has_passt(node) {
        return;
    }
    if let Some(backend) = node.first("backend").filter(|_| kind != "user") {
        let from = match kind {
            "vhostuser" => ", which libvirt takes from version 11.1 on",
            _ => ", which only type `user` has",
        };
        let why = format!("the backend passt in an interface of type `{kind}`{from}");
        undefinable(
            found,
            backend.tag(),
            why,
            "delete it, or write <interface type='user'>",
        );
    }
    for range in node
        .all("portForward")
        .flat_map(|forward| forward.all("range"))
    {
        let more = ["end", "to", "exclude"]
            .iter()
            .find_map(|name| range.prop(name));
        if range.prop("start").is_none() && more.is_some() {
            let why = "a `<range>` of ports without `start`".to_owned();
            undefinable(found, range.tag(), why, "add start='…' to it");
        }
    }
}

/// QEMU sets addresses in the guest only where it is the other side itself.
fn guest_side(node: &Node<'_>, kind: &str, found: &mut Found) {
    let own = match kind {
        "user" => node.first("route").filter(|_| !has_passt(node)),
        // the two sides of a cable of type `ethernet` belong together, and other drivers set both
        "ethernet" | "vdpa" | "vhostuser" => None,
        _ => node.first("ip").or(node.first("route")),
    };
    if let Some(own) = own {
        let why = format!(
            "`<{}>` of the guest's side in an interface of type `{kind}`, which QEMU cannot set",
            own.name()
        );
        undefinable(found, own.tag(), why, "delete it, and set it in the guest");
    }
    let takes = matches!(kind, "network" | "bridge" | "vdpa");
    if let Some(coalesce) = node.first("coalesce").filter(|_| !takes)
        && coalesce
            .first("rx")
            .and_then(|rx| rx.first("frames"))
            .and_then(|frames| frames.said("max"))
            .is_some()
    {
        let why = format!("`<coalesce>` in an interface of type `{kind}`");
        undefinable(found, coalesce.tag(), why, "delete it");
    }
}

/// What is looked at when the interface is attached.
fn actual(node: &Node<'_>, kind: &str, found: &mut Found) {
    let port = node.first("virtualport").and_then(|port| port.prop("type"));
    let passthrough = node.first("source").and_then(|source| source.prop("mode"));
    let tagged = match kind {
        // the network tells
        "hostdev" | "network" => true,
        "direct" => passthrough.is_some_and(|mode| mode.text == "passthrough"),
        "bridge" => port.is_some_and(|port| port.text == "openvswitch"),
        _ => false,
    };
    if let Some(vlan) = node
        .first("vlan")
        .filter(|vlan| !tagged && vlan.first("tag").is_some())
    {
        match kind {
            "bridge" => found.tagged_bridge(Verdict::FailsToStart, vlan.tag()),
            _ => {
                let why = format!("`<vlan>` in an interface of type `{kind}`");
                found.add(Verdict::FailsToStart, vlan.tag(), why, "delete it");
            }
        }
    }
    let limits = node.first("bandwidth").filter(|_| kind == "hostdev");
    let limited = limits.filter(|limits| limits.children().next().is_some());
    if let Some(limits) = limited {
        let why = "`<bandwidth>` in an interface of type `hostdev`";
        found.add(Verdict::FailsToStart, limits.tag(), why, "delete it");
    }
}
