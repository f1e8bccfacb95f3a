//! Routes and rules of the files beside an ifcfg file, and of its own keys.

use super::around::{Around, is_v6};
use super::made::Made;
use super::own::Own;
use super::source::Source;
use super::{Loss, plain, route, route_words, rule, text_of};
use crate::host::layer3::About;
use crate::tree::Tree;

/// Writes routes and rules.
pub(super) fn write(
    own: &Own<'_>,
    tree: &Tree,
    around: &Around,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) {
    let tables = &around.tables;
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
            tables,
            strict: own.strict,
        };
        route::write(&file, made, losses);
    }
    own_rules(source, made, losses);
    for part in parts(About::Rules) {
        let text = text_of(tree, &part.at).unwrap_or_default();
        let file = rule::File {
            path: &part.at,
            text: &text,
            number: own.number_of(&part.at),
            v6: is_v6(&part.at),
            tables,
        };
        let priorities = around.priorities_of(&part.at);
        rule::write(&file, priorities, made, losses);
    }
}

/// Writes the rules that the file itself says, which NetworkManager alone reads.
fn own_rules(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    for (start, group) in [("ROUTING_RULE_", "ipv4"), ("ROUTING_RULE6_", "ipv6")] {
        let mut number = 1;
        for key in source.begin_with(start) {
            let Some(rule) = source.text(key) else {
                continue;
            };
            let is_numbered = key[start.len()..].bytes().all(|byte| byte.is_ascii_digit());
            if !is_numbered || rule::priority_of(rule).is_none() {
                losses.push(plain::not_valid(source, key));
                continue;
            }
            let line = source.line(key);
            made.set(group, format!("routing-rule{number}"), rule, line);
            number += 1;
        }
    }
}
