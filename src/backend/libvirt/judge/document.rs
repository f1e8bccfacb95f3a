//! What networks and guests have in common as documents: the root, the name, the UUID, options in another namespace.

use super::found::Found;
use super::page::{Node, plain};
use super::values::is_uuid;
use crate::host::network::Verdict;

/// The namespace of options that libvirt hands to dnsmasq (`networkDnsmasqXMLNamespace` in network/bridge_driver.c).
const DNSMASQ: &str = "http://libvirt.org/schemas/network/dnsmasq/1.0";

/// Judges root, name and UUID; returns whether the rest can be looked at.
///
/// Source: `virNetworkDefParseXML()`, `virDomainDefParseIDs()`, `virXMLCheckIllegalChars()`.
pub(super) fn head(root: &Node<'_>, kind: &str, found: &mut Found) -> bool {
    if root.name() != kind {
        let why = format!(
            "the root element is `{}`, and libvirt expects `{kind}`",
            root.name()
        );
        let help = match root.name().eq_ignore_ascii_case(kind) {
            true => format!("write <{kind}>, and </{kind}> at the end"),
            false => "put it where libvirt looks for it, or move it away".to_owned(),
        };
        found.refuse(root.tag(), why, help);
        return false;
    }
    if root.element().foreign {
        let why = "a default namespace, in which libvirt finds no name";
        found.refuse(root.tag(), why, "delete xmlns=");
        return false;
    }
    match root.first("name") {
        Some(name) if name.text().contains(['/', '\n']) => {
            let why = "a `<name>` with `/` or a line end, which libvirt refuses";
            found.refuse(name.tag(), why, "choose another name, in one line");
        }
        Some(name) if !name.text().is_empty() => {}
        Some(name) => found.refuse(name.tag(), "an empty `<name>`", "write a name in it"),
        None => {
            let mut children = root.children();
            let other = children.find(|child| child.name().eq_ignore_ascii_case("name"));
            let (span, help) = match other {
                Some(other) => (other.tag(), "write <name>: XML is case-sensitive"),
                None => (root.tag(), "put <name>…</name> into it"),
            };
            found.refuse(span, "there is no `<name>`", help);
        }
    }
    // an empty one is none
    if let Some(uuid) = root
        .first("uuid")
        .filter(|uuid| !uuid.text().is_empty() && !is_uuid(&uuid.text()))
    {
        let help = "write 32 hexadecimal digits, or delete the element: libvirt makes one up";
        found.refuse(uuid.tag(), "a malformed `<uuid>`", help);
    }
    true
}

/// Judges options for dnsmasq.
///
/// Source: `networkDnsmasqDefNamespaceParse()` in network/bridge_driver.c: by XPath in the namespace.
pub(super) fn options(root: &Node<'_>, found: &mut Found) {
    for options in root
        .children()
        .filter(|child| plain(child.name()) == "options")
    {
        let namespace = options.namespace();
        if namespace == Some(DNSMASQ) {
            for option in options.children().filter(|child| {
                plain(child.name()) == "option" && child.namespace() == Some(DNSMASQ)
            }) {
                found.needed(&option, "value");
            }
            continue;
        }
        let Some((prefix, _)) = options.name().split_once(':') else {
            continue;
        };
        let why = match namespace {
            None => format!(
                "the prefix `{prefix}` of `<{}>` is not declared, so that dnsmasq gets none of these options",
                options.name()
            ),
            Some(_) if prefix != "dnsmasq" => continue,
            Some(other) => format!(
                "the prefix `{prefix}` stands for `{other}`, so that dnsmasq gets none of these options"
            ),
        };
        let help = format!("write <network xmlns:{prefix}='{DNSMASQ}'>");
        found.add(Verdict::Ignored, options.tag(), why, help);
    }
}
