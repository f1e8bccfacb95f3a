//! The known word that is meant by an unknown one.

/// Longer words are compared with nothing: no known one is as long.
const LONGEST: usize = 32;

/// Returns the word of `known` that `word` is in other letters, or one or two slips of the pen away.
pub(super) fn near<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_ascii_lowercase();
    let distance = |other: &str| slips(&lower, &other.to_ascii_lowercase());
    let allowed = match lower.chars().count() {
        0..3 => 0,
        3..6 => 1,
        6..=LONGEST => 2,
        _ => return None,
    };
    let all = known.into_iter().map(|other| (distance(other), other));
    let close = all.filter(|(slips, other)| *slips <= allowed && *other != word);
    close
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, other)| other)
}

/// How many letters are wrong, too many or missing; two that are exchanged are one slip.
fn slips(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > 2 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let changed = row[j] + usize::from(a != b);
            let mut least = changed.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_meant() {
        let known = ["forward", "bridge", "ip", "mac", "mtu"];
        assert_eq!(near("Forward", known), Some("forward"));
        assert_eq!(near("foward", known), Some("forward"));
        assert_eq!(near("birdge", known), Some("bridge"));
        assert_eq!(near("IP", known), Some("ip"));
        assert_eq!(near("mat", known), Some("mac"));
        assert_eq!(near("route", known), None);
        assert_eq!(near("iq", known), None);
        assert_eq!(near(&"f".repeat(100), known), None);
    }
}
