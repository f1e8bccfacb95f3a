//! Name servers and domains of IPv6.

use super::super::Cannot;
use super::super::loss::{Loss, Weight};
use super::super::made::{Line, Made};
use super::super::own::Own;
use super::GROUP;

/// Writes the domains that are searched.
pub(super) fn domains(own: &Own<'_>, on: bool, made: &mut Made) {
    let source = &own.source;
    if !own.sets_dns() {
        return;
    }
    let words = source.text("IPV6_DOMAIN").unwrap_or_default();
    if on && !words.is_empty() {
        made.list(
            GROUP,
            "dns-search",
            words.split_ascii_whitespace(),
            source.line("IPV6_DOMAIN"),
        );
        return;
    }
    // where IPv4 has none, the domains of the host are here
    let domain = source.text("DOMAIN").unwrap_or_default();
    if on && !domain.is_empty() && made.get("ipv4", "dns-search").is_none() {
        made.list(
            GROUP,
            "dns-search",
            domain.split_ascii_whitespace(),
            source.line("DOMAIN"),
        );
    }
}

/// Writes the name servers.
pub(super) fn servers(
    own: &Own<'_>,
    on: bool,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    let servers = own.servers(losses)?;
    let ours = servers.iter().filter(|server| server.address.is_ipv6());
    let (items, lines): (Vec<String>, Vec<Option<Line>>) = ours
        .map(|server| (server.text.clone(), server.line))
        .unzip();
    let by_scripts = own.by_scripts();
    match (items.is_empty(), on) {
        (true, _) => {}
        (false, true) => {
            let items = items.iter().map(String::as_str);
            made.list(GROUP, "dns", items, lines.into_iter().flatten());
        }
        (false, false) => losses.extend(items.into_iter().zip(lines).map(|(item, line)| Loss {
            at: own.source.path.clone(),
            line: line.map(|(_, line)| line),
            what: format!("the name server {item}"),
            meant: "a name server of IPv6, which is not switched on".to_owned(),
            instead: Some("IPV6INIT=yes in its file".to_owned()),
            weight: if by_scripts {
                Weight::Light
            } else {
                Weight::Idle
            },
        })),
    }
    Ok(())
}
