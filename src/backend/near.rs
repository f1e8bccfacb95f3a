//! Words that are nearly others: what somebody meant who mistyped a key.

/// Longest word for which another one is looked for, in bytes: no key is longer.
const LONGEST: usize = 48;

/// Returns the one of `known` that `word` is nearly, letters of either case alike: one edit away, or two where both words are
/// long; `None` where nothing is near. The first of equally near ones counts.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.len() > LONGEST {
        return None;
    }
    let plain = plain(word);
    let mut best: Option<(usize, &str)> = None;
    for key in known {
        let most = allowed(plain.len().min(key.len()));
        if key.len().abs_diff(plain.len()) > most {
            continue;
        }
        let distance = strsim::osa_distance(&plain, &self::plain(key));
        if distance <= most && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, key));
        }
    }
    best.map(|(_, key)| key)
}

/// Returns how many edits are likely a mistake in a word of this length, and no other word.
fn allowed(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=6 => 1,
        _ => 2,
    }
}

/// Returns a word without what is easily mistaken in it.
fn plain(word: &str) -> String {
    word.to_ascii_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_found_and_nothing_else() {
        let known = [
            "GATEWAY",
            "NETMASK",
            "MTU",
            "MODE",
            "VLAN_ID",
            "NM_CONTROLLED",
        ];
        for (word, expected) in [
            ("GATWAY", Some("GATEWAY")),
            ("NETMAKS", Some("NETMASK")),
            ("gateway", Some("GATEWAY")),
            ("VLANID", Some("VLAN_ID")),
            ("VLAN-ID", Some("VLAN_ID")),
            ("NM_CONTROLED", Some("NM_CONTROLLED")),
            ("NOTE", None),
            ("MT", None),
            ("RACK", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"G".repeat(1_000_000), known), None);
    }
}
