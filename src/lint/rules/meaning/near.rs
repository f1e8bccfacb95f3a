//! A name that somebody mistyped: the one that is nearly it.

use std::collections::HashSet;

use crate::lint::Meaning;

/// How many names are compared with each that is mistyped; hosts have a handful of bridges.
const MOST: usize = 256;

/// The bridges of a host, of which one may be meant.
#[derive(Debug)]
pub(super) struct Near<'m> {
    bridges: Vec<&'m str>,
}

impl<'m> Near<'m> {
    /// Returns the bridges of the host among what is `made`.
    pub(super) fn of(made: &HashSet<&'m str>, meaning: &'m Meaning<'_>) -> Self {
        let own = meaning.host.profiles();
        let own = own.filter(|profile| profile.switch().is_some());
        let own = own.map(|profile| profile.interface.as_str());
        let foreign = meaning.readers.bridges().map(|(name, ..)| name);
        let all = own.chain(foreign).filter(|name| made.contains(name));
        let mut bridges: Vec<&str> = all.take(MOST).collect();
        bridges.sort_unstable();
        bridges.dedup();
        Self { bridges }
    }

    /// Returns the bridge that differs from `name` by one letter, or by two that are swapped, if there is one alone.
    pub(super) fn name(&mut self, name: &str) -> Option<&'m str> {
        let mut near = self.bridges.iter().filter(|known| is_near(known, name));
        let found = near.next()?;
        near.next().is_none().then_some(*found)
    }
}

/// Returns whether one letter added, taken away, replaced or swapped with the next makes `a` of `b`; numbers at the end that
/// differ make another bridge, and no mistake.
fn is_near(a: &str, b: &str) -> bool {
    let [a, b] = [a, b].map(|text| text.as_bytes().to_vec());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let [rest, other] = [&a[start..], &b[start..]];
    let same = |x: usize, y: usize| rest.get(x..) == other.get(y..);
    let digits = |rest: &[u8]| rest.iter().all(u8::is_ascii_digit);
    let within = a[..start].last().is_some_and(u8::is_ascii_digit);
    let both = !rest.is_empty() && !other.is_empty();
    if digits(rest) && digits(other) && (both || within) {
        return false;
    }
    let swapped = rest.len() > 1
        && other.len() > 1
        && (rest[0], rest[1]) == (other[1], other[0])
        && same(2, 2);
    same(1, 1) || (!rest.is_empty() && same(1, 0)) || (!other.is_empty() && same(0, 1)) || swapped
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn one_letter_makes_a_name_near() {
        for (a, b) in [
            ("ovsbr0", "obsbr0"),
            ("br0", "b0"),
            ("b0", "br0"),
            ("br-lan", "rb-lan"),
            ("br0", "bro"),
            ("ovsbr0", "ovsbr"),
        ] {
            assert!(is_near(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("br0", "br1"),
            ("br1", "br10"),
            ("br0", "br0x1"),
            ("br0", "lan"),
        ] {
            assert!(!is_near(a, b), "{a} {b}");
        }
    }
}
