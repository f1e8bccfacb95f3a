//! How words that somebody brings are told apart, and what becomes of them in an answer.
//!
//! A pattern is words: `a|b` stands for one of both, `NAME` for any one, `NAME…` for one or more, `…` for any. `key=NAME` stands
//! anywhere for `key` and the word behind it, `key=word` for these two, and `key>NAME` need not be there. What a pattern names at
//! its end need not be typed: it is a placeholder in the answer then. `--key=…` is so of an option, and `--key` at
//! the end is one that has no value.

use std::collections::BTreeMap;

use super::line::Given;

/// What was typed for each name of a pattern.
pub(super) type Bound = BTreeMap<&'static str, Vec<String>>;

/// A line that fits a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// How many words at the beginning are those of the pattern itself.
    pub(super) literal: usize,
    pub(super) bound: Bound,
}

/// Returns how words fit a pattern.
pub(super) fn fit(pattern: &'static str, words: &[String], options: &[Given]) -> Option<Fit> {
    let mut words = words.to_vec();
    if pattern.contains("--") {
        let named = options.iter().filter(|given| {
            let alone = || pattern.split(' ').any(|token| token == given.name);
            given.value.is_some() || alone()
        });
        let pairs = named.map(|given| [Some(given.name.clone()), given.value.clone()]);
        words.extend(pairs.flatten().flatten());
    }
    let mut bound = Bound::new();
    let keyed = |token: &&str| token.contains(['=', '>']);
    for token in pattern.split(' ').filter(keyed) {
        take_key(token, &mut words, &mut bound)?;
    }
    let mut left = words.into_iter().peekable();
    let (mut literal, mut count) = (0, 0);
    for token in pattern.split(' ').filter(|token| !keyed(token)) {
        let many = token.strip_suffix('…');
        let name = many.unwrap_or(token);
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.is_empty() {
            let word = left.next()?.to_ascii_lowercase();
            token.split('|').find(|known| *known == word)?;
            literal += usize::from(literal == count);
            count += 1;
            continue;
        }
        count += 1;
        let taken: Vec<String> = match many {
            Some(_) => left.by_ref().collect(),
            None => left.next().into_iter().collect(),
        };
        if !name.is_empty() && !taken.is_empty() {
            bound.insert(name, taken);
        }
    }
    left.peek().is_none().then_some(Fit { literal, bound })
}

/// Takes a key and the word behind it from the words.
fn take_key(token: &'static str, words: &mut Vec<String>, bound: &mut Bound) -> Option<()> {
    let (key, name) = token.split_once(['=', '>'])?;
    let at = words.iter().position(|word| word == key);
    let Some(at) = at.filter(|at| at + 1 < words.len()) else {
        return token.contains('>').then_some(());
    };
    let value = words.remove(at + 1);
    words.remove(at);
    match name.starts_with(|c: char| c.is_ascii_uppercase()) {
        true => drop(bound.insert(name, vec![value])),
        false => (value == name).then_some(())?,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(pattern: &'static str, line: &str) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let fit = fit(pattern, &words, &[])?;
        let pairs = fit.bound.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, words)| format!("{name}={}", words.join(",")))
            .collect();
        Some(pairs.join(" "))
    }

    #[test]
    fn words_fit_patterns() {
        for (pattern, line, found) in [
            ("add|new bridge NAME", "add bridge br0", Some("NAME=br0")),
            ("add|new bridge NAME", "NEW bridge", Some("")),
            ("add bridge NAME", "add bridge br0 ens33", None),
            ("add bridge NAME", "add network br0", None),
            ("add NAME IF…", "add br0 a b", Some("IF=a,b NAME=br0")),
            ("link set IF …", "link set ens33 up", Some("IF=ens33")),
            (
                "link set IF master=BR …",
                "link set a master br0",
                Some("BR=br0 IF=a"),
            ),
            ("link set IF master=BR …", "link set a up", None),
            (
                "con add type=bridge ifname>BR …",
                "con add type bridge con-name x ifname br0",
                Some("BR=br0"),
            ),
            (
                "con add type=bridge ifname>BR …",
                "con add type vlan ifname br0",
                None,
            ),
        ] {
            assert_eq!(bound(pattern, line).as_deref(), found, "{line}");
        }
    }
}
