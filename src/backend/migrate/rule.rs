//! Policy rules of `rule-*` and `rule6-*` files as `routing-ruleN` of a keyfile.
//!
//! Source: ip-rule(8), `nm_ip_routing_rule_from_string()` in nm-setting-ip-config.c: a rule has a priority there. Where
//! `ip rule` is given none the kernel takes the one below that of the first rule but that of the table `local`:
//! `fib_default_rule_pref()` in net/core/fib_rules.c.

use super::comments::comment_of;
use super::loss::{Loss, Weight};
use super::made::Made;
use super::tables::Tables;
use crate::backend::ifcfg::destination_of;
use crate::tree::HostPath;

/// A file of rules.
pub(super) struct File<'a> {
    pub(super) path: &'a HostPath,
    pub(super) text: &'a str,
    /// Which of the files of a profile it is.
    pub(super) number: usize,
    pub(super) v6: bool,
    pub(super) tables: &'a Tables,
}

/// The priorities that rules have had so far: the lowest of them.
#[derive(Clone, Debug)]
pub(super) struct Priorities {
    lowest: u32,
}

/// The priority of the rule for the table `main`.
const MAIN: u32 = 32_766;

impl Default for Priorities {
    fn default() -> Self {
        Self { lowest: MAIN }
    }
}

impl Priorities {
    fn next(&mut self, said: Option<u32>) -> u32 {
        let number = said.unwrap_or_else(|| self.lowest.saturating_sub(1));
        self.lowest = self.lowest.min(number);
        number
    }

    /// Returns those of the rules of a file, which come behind all before.
    pub(super) fn of(&mut self, text: &str) -> Vec<u32> {
        let lines = lines(text);
        lines
            .map(|(_, line)| self.next(priority(&words(line))))
            .collect()
    }
}

fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let lines = text.lines().zip(1..).map(|(line, at)| (at, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Returns the words of a line, without a comment behind them.
fn words(line: &str) -> Vec<&str> {
    let words = comment_of(line).map_or(line, |comment| line.trim_end_matches(comment));
    words.split_ascii_whitespace().collect()
}

/// Returns whether a word is one for the priority: ip-rule(8) takes the beginning of one, too.
fn is_priority(word: &str) -> bool {
    let words = ["preference", "priority", "order"];
    word.len() > 2 && words.iter().any(|whole| whole.starts_with(word))
}

/// Returns the priority that a rule says, without which NetworkManager passes over it.
pub(super) fn priority_of(rule: &str) -> Option<u32> {
    priority(&words(rule))
}

fn priority(words: &[&str]) -> Option<u32> {
    let at = words.iter().position(|word| is_priority(word))?;
    words.get(at + 1)?.parse().ok()
}

/// Words with a value that a keyfile has under the same name.
const SAME: &[&str] = &[
    "fwmark",
    "iif",
    "oif",
    "ipproto",
    "sport",
    "dport",
    "uidrange",
    "suppress_prefixlength",
    "tos",
    "dsfield",
];

/// Writes the rules of a file.
pub(super) fn write(file: &File<'_>, priorities: &[u32], made: &mut Made, losses: &mut Vec<Loss>) {
    let group = if file.v6 { "ipv6" } else { "ipv4" };
    let mut number = 1;
    while made.get(group, &format!("routing-rule{number}")).is_some() {
        number += 1;
    }
    for ((at, line), priority) in lines(file.text).zip(priorities) {
        let words = words(line);
        match rule(&words, *priority, file) {
            Ok(rule) => {
                made.set(
                    group,
                    format!("routing-rule{number}"),
                    rule,
                    [(file.number, at)],
                );
                number += 1;
            }
            Err(why) => losses.push(Loss {
                at: file.path.clone(),
                line: Some(at),
                what: line.to_owned(),
                meant: why,
                instead: None,
                weight: Weight::Grave,
            }),
        }
    }
}

fn rule(words: &[&str], priority: u32, file: &File<'_>) -> Result<String, String> {
    let any = if file.v6 { "::/0" } else { "0.0.0.0/0" };
    let (mut ends, mut rest) = (Vec::new(), Vec::new());
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let mut next = || {
            words
                .next()
                .ok_or_else(|| format!("a rule with `{word}` without a value"))
        };
        match word {
            word if is_priority(word) => drop(next()?),
            "add" => {}
            "from" | "to" => {
                let address = match next()? {
                    "all" | "any" | "default" => any.to_owned(),
                    address => end(address, file.v6)
                        .ok_or_else(|| format!("a rule {word} `{address}`, which is none"))?,
                };
                if address != any || word == "from" {
                    ends.push(format!("{word} {address}"));
                }
            }
            "table" | "lookup" => {
                let name = next()?;
                let table = file.tables.number(name);
                let table = table.ok_or_else(|| {
                    format!("a rule for the table `{name}`, whose number is not known")
                })?;
                rest.push(format!("table {table}"));
            }
            // another name of the same
            "dev" => rest.push(format!("iif {}", next()?)),
            "not" => rest.push("not".to_owned()),
            "type" => {}
            "unicast" => {}
            "blackhole" | "prohibit" | "unreachable" => rest.push(format!("type {word}")),
            word if SAME.contains(&word) => {
                let value = next()?.trim_matches(['"', '\'']);
                let value = taken(word, value).ok_or_else(|| {
                    format!("a rule with `{word} {value}`, which keyfiles do not have")
                })?;
                rest.push(format!("{word} {value}"));
            }
            word => return Err(format!("a rule with `{word}`, which keyfiles do not have")),
        }
    }
    if ends.is_empty() {
        ends.push(format!("from {any}"));
    }
    let ends = ends.join(" ");
    let mut text = format!("priority {priority} {ends}");
    for part in rest {
        text.push(' ');
        text.push_str(&part);
    }
    Ok(text)
}

/// Returns an address with its prefix length as keyfiles have it; ip(8) takes masks and the beginning of an address.
fn end(word: &str, v6: bool) -> Option<String> {
    let net = destination_of(word).filter(|net| net.addr().is_ipv6() == v6)?;
    Some(match word.contains('/') {
        true => net.to_string(),
        false => net.addr().to_string(),
    })
}

/// Protocols that ip(8) knows by name. Source: `inet_proto_a2n()` of iproute2, IANA's numbers.
const PROTOCOLS: &[(&str, &str)] = &[
    ("icmp", "1"),
    ("tcp", "6"),
    ("udp", "17"),
    ("dccp", "33"),
    ("ipv6-icmp", "58"),
    ("sctp", "132"),
];

/// Returns the value of a word as NetworkManager takes it.
///
/// Source: `nm_ip_routing_rule_from_string()` in nm-setting-ip-config.c (run).
fn taken(word: &str, value: &str) -> Option<String> {
    let is_number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).is_ok(),
        None => text.parse::<u32>().is_ok(),
    };
    let both = |sign: char| value.split(sign).all(is_number) && value.split(sign).count() <= 2;
    let fits = match word {
        "ipproto" => {
            let named = PROTOCOLS.iter().find(|(name, _)| *name == value);
            return match named {
                Some((_, number)) => Some((*number).to_owned()),
                None => value.parse::<u8>().ok().map(|number| number.to_string()),
            };
        }
        "fwmark" => both('/'),
        "sport" | "dport" | "uidrange" => both('-'),
        "tos" | "dsfield" | "suppress_prefixlength" => is_number(value),
        // names of interfaces
        _ => !value.is_empty(),
    };
    fits.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    #[test]
    fn a_rule_has_a_priority() {
        let (mut made, mut losses) = (Made::default(), Vec::new());
        let tables = Tables::of(&Tree::default());
        let text = "# office\nfrom 10.0.0.5 table 7\niif ens33 lookup main prio 100\nto 10.1.0.0/16 table 8\nfrom all goto 5\n";
        let file = File {
            path: &HostPath::literal("/rule"),
            text,
            number: 1,
            v6: false,
            tables: &tables,
        };
        write(
            &file,
            &Priorities::default().of(text),
            &mut made,
            &mut losses,
        );
        let rules: Vec<&str> = made
            .entries
            .iter()
            .map(|entry| entry.raw.as_str())
            .collect();
        assert_eq!(
            rules,
            [
                "priority 32765 from 10.0.0.5 table 7",
                "priority 100 from 0.0.0.0/0 iif ens33 table 254",
                "priority 99 to 10.1.0.0/16 table 8",
            ]
        );
        assert_eq!(losses[0].line, Some(5));
    }
}
