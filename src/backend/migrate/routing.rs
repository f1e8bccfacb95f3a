//! Routes and rules of the files beside an ifcfg file, and of its own keys.

use super::made::Made;
use super::own::Own;
use super::tables::Tables;
use super::{Loss, route, route_words, rule, text_of};
use crate::host::Host;
use crate::host::layer3::About;
use crate::host::profile::Profile;
use crate::tree::Tree;

/// Writes routes and rules.
pub(super) fn write(
    own: &Own<'_>,
    tree: &Tree,
    host: &Host,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) {
    let tables = Tables::of(tree);
    let source = &own.source;
    let parts = |about: About| {
        own.profile
            .layer3
            .further
            .iter()
            .filter(move |part| part.about == about)
    };
    // utils_has_complex_routes(): with a file of rules NetworkManager reads neither these nor routes
    if own.strict && parts(About::Rules).next().is_some() {
        return;
    }
    for part in parts(About::Routes) {
        let text = text_of(tree, &part.at).unwrap_or_default();
        let file = route_words::File {
            path: &part.at,
            text: &text,
            number: own.number_of(&part.at),
            v6: part.at.name().starts_with("route6-"),
            device: own.device(),
            reader: source.reader,
            tables: &tables,
            strict: own.strict,
        };
        route::write(&file, made, losses);
    }
    for (start, group) in [("ROUTING_RULE_", "ipv4"), ("ROUTING_RULE6_", "ipv6")] {
        for (key, number) in source.begin_with(start).into_iter().zip(1..) {
            if let Some(rule) = source.text(key) {
                made.set(
                    group,
                    format!("routing-rule{number}"),
                    rule,
                    source.line(key),
                );
            }
        }
    }
    for part in parts(About::Rules) {
        let text = text_of(tree, &part.at).unwrap_or_default();
        let v6 = part.at.name().starts_with("rule6-");
        let mut priorities = earlier_rules(tree, host, own.profile, v6);
        let file = rule::File {
            path: &part.at,
            text: &text,
            number: own.number_of(&part.at),
            v6,
            tables: &tables,
        };
        rule::write(&file, &mut priorities, made, losses);
    }
}

/// Returns the priorities of the rules that profiles before this one have.
fn earlier_rules(tree: &Tree, host: &Host, profile: &Profile, v6: bool) -> rule::Priorities {
    let mut priorities = rule::Priorities::default();
    let before = host.profiles().take_while(|other| !other.is_same(profile));
    let parts = before.flat_map(|other| &other.layer3.further);
    for part in parts.filter(|part| part.about == About::Rules) {
        if part.at.name().starts_with("rule6-") == v6 {
            priorities.pass(&text_of(tree, &part.at).unwrap_or_default());
        }
    }
    priorities
}
