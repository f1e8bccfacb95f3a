//! The default route of IPv6.

use std::net::Ipv6Addr;

use super::super::loss::{Loss, Weight};
use super::super::made::Line;
use super::super::own::Own;
use super::super::plain;

/// Returns the gateway of the default route.
pub(super) fn gateway(own: &Own<'_>, losses: &mut Vec<Loss>) -> Option<(Ipv6Addr, Option<Line>)> {
    let source = &own.source;
    let text = either(own, "IPV6_DEFAULTGW")?;
    let (address, scope) = text.split_once('%').unwrap_or((text, ""));
    let Ok(address) = address.parse::<Ipv6Addr>() else {
        losses.push(plain::not_valid(source, "IPV6_DEFAULTGW"));
        return None;
    };
    let line = source.line("IPV6_DEFAULTGW");
    if own.by_scripts() && !is_of_scripts(own, address, scope) {
        losses.extend(line.map(|(_, line)| Loss {
            at: source.path.clone(),
            line: Some(line),
            what: format!("the gateway {text}"),
            meant: "nothing: network-scripts set no default route with it".to_owned(),
            instead: None,
            weight: Weight::Idle,
        }));
        return None;
    }
    Some((address, line))
}

/// Returns the value of `key` in the file, else in /etc/sysconfig/network.
fn either<'o>(own: &'o Own<'_>, key: &str) -> Option<&'o str> {
    let network = || own.network.as_ref().and_then(|network| network.text(key));
    own.source.text(key).or_else(network)
}

/// Returns whether network-scripts make a default route of a gateway on this interface.
///
/// Source: `ipv6_set_default_route()` in network-functions-ipv6.
fn is_of_scripts(own: &Own<'_>, gateway: Ipv6Addr, scope: &str) -> bool {
    let device = either(own, "IPV6_DEFAULTDEV").unwrap_or_default();
    match (scope, device) {
        ("", "") => !gateway.is_unspecified() && !gateway.is_unicast_link_local(),
        ("", device) => device == own.device(),
        (scope, _) => scope == own.device(),
    }
}
