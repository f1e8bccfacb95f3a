//! `<dns>` of a network.
//!
//! Source: `virNetworkDNSDefParseXML()` and what it calls in conf/network_conf.c.

use super::found::Found;
use super::page::Node;
use super::values::{Family, Number, address};

/// The longest name of a service, in bytes (`DNS_RECORD_LENGTH_SRV`).
const LONGEST_SERVICE: usize = 482;

/// Judges a `<dns>`.
pub(super) fn dns(node: Option<Node<'_>>, found: &mut Found) {
    let Some(node) = node else {
        return;
    };
    let enabled = found.yes_no(node.prop("enable"));
    found.yes_no(node.prop("forwardPlainNames"));
    node.all("forwarder")
        .for_each(|node| forwarder(&node, found));
    node.all("host").for_each(|node| host(&node, found));
    node.all("srv").for_each(|node| srv(&node, found));
    node.all("txt").for_each(|node| txt(&node, found));
    let data = node.children().find(|child| {
        child.is_plain() && matches!(child.name(), "forwarder" | "host" | "srv" | "txt")
    });
    if let Some(data) = data.filter(|_| enabled == Some(false)) {
        let why = format!("`<{}>` in a `<dns>` that is not enabled", data.name());
        found.refuse(data.tag(), why, "delete it, or enable='no'");
    }
}

fn forwarder(node: &Node<'_>, found: &mut Found) {
    let to = node.prop("addr");
    match &to {
        Some(value) if address(value.text, Family::Any).is_none() => found.bad(value, "an address"),
        None if node.prop("domain").is_none() => {
            let why = "a forwarder without `addr` and without `domain`";
            found.refuse(node.tag(), why, "add addr='…' to it, or delete it");
        }
        Some(_) | None => {}
    }
}

fn host(node: &Node<'_>, found: &mut Found) {
    if let Some(ip) = found.needed(node, "ip")
        && address(ip.text, Family::Any).is_none()
    {
        found.bad(&ip, "an address");
    }
    let mut named = false;
    for name in node.loose("hostname") {
        // one without anything in it is passed over
        if name.text().is_empty() {
            let empty = name
                .element()
                .inner
                .as_ref()
                .is_none_or(|inner| inner.is_empty());
            if !empty {
                found.refuse(
                    name.tag(),
                    "an empty `<hostname>`",
                    "write the name in it, or delete it",
                );
            }
            named |= !empty;
            continue;
        }
        named = true;
    }
    if !named {
        let why = "`<host>` without a `<hostname>`";
        found.refuse(
            node.tag(),
            why,
            "put <hostname>…</hostname> into it, or delete it",
        );
    }
}

fn srv(node: &Node<'_>, found: &mut Found) {
    if let Some(service) = found.needed(node, "service") {
        let known = |c: char| c.is_ascii_alphanumeric() || "_-+/*".contains(c);
        if service.text.len() > LONGEST_SERVICE {
            found.bad(
                &service,
                format_args!("a name of at most {LONGEST_SERVICE} bytes"),
            );
        } else if !service.text.chars().all(known) {
            found.bad(&service, "a name of letters, digits and `_-+/*`");
        }
    }
    if let Some(protocol) = found.needed(node, "protocol") {
        let known = |c: char| c.is_ascii_alphanumeric() || "-+/".contains(c);
        if !protocol.text.chars().all(known) {
            found.bad(&protocol, "a name of letters, digits and `-+/`");
        }
    }
    let target = node.prop("target").is_some();
    for (name, least) in [("port", 1), ("priority", 0), ("weight", 0)] {
        let Some(value) = node.said(name) else {
            continue;
        };
        let number = Number::INT.read(value.text);
        if !number.is_some_and(|number| number <= 65535 && number >= least) {
            found.bad(&value, format_args!("a number from {least} to 65535"));
        } else if !target {
            let why = format!("`{name}` of a service without `target`");
            found.refuse(value.span, why, "add target='…' to it");
        }
    }
}

fn txt(node: &Node<'_>, found: &mut Found) {
    if let Some(name) = found.needed(node, "name")
        && name.text.contains([' ', ','])
    {
        found.bad(&name, "a name without blanks and commas");
    }
    found.needed(node, "value");
}
