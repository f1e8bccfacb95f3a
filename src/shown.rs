//! How text from files is shown: harmless, on one line, and sorted as people sort it.

/// Characters that a terminal obeys, or that cannot be seen.
///
/// Source: Unicode, General_Category Cc, Cf, Zl, Zp, Co; DerivedCoreProperties, Default_Ignorable_Code_Point; PropList,
/// Bidi_Control.
const HARMFUL: &[(char, char)] = &[
    ('\0', '\u{8}'),
    ('\u{b}', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{10ffff}'),
];

/// Returns whether a character could make a terminal do or show something else than the character.
pub(crate) fn harmful(c: char) -> bool {
    let after = HARMFUL.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= HARMFUL[after - 1].1
}

/// Returns `text` with every control character but newline and tab escaped: none from a file may reach a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    if !text.contains(harmful) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if harmful(c) {
            shown.extend(c.escape_default())
        } else {
            shown.push(c)
        }
    }
    shown
}

/// Returns `text` as [`printable`] does, with line ends and tabs escaped, too.
#[must_use]
pub fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n").replace('\t', "\\t")
}

/// A key by which names sort as people count: virbr2 before virbr10.
#[must_use]
pub fn natural(name: &str) -> Vec<(usize, String)> {
    let mut parts: Vec<String> = Vec::new();
    for c in name.chars() {
        let same = |part: &&mut String| {
            let last = part.chars().next_back();
            last.is_some_and(|last| last.is_ascii_digit() == c.is_ascii_digit())
        };
        match parts.last_mut().filter(same) {
            Some(part) => part.push(c),
            None => parts.push(c.to_string()),
        }
    }
    // of two numbers the shorter one is the smaller, leading zeros aside
    let length = |part: &str| match part.starts_with(|c: char| c.is_ascii_digit()) {
        true => part.trim_start_matches('0').len(),
        false => usize::MAX,
    };
    parts
        .into_iter()
        .map(|part| (length(&part), part))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_of_harmful_characters_are_sorted() {
        assert!(HARMFUL.iter().all(|(first, last)| first <= last));
        assert!(HARMFUL.is_sorted());
    }

    #[test]
    fn names_sort_as_people_count() {
        let mut names = [
            "virbr10", "virbr2", "virbr1", "br0", "eth0.20", "eth0.3", "br007", "br7",
        ];
        names.sort_by_key(|name| natural(name));
        assert_eq!(
            names,
            [
                "br0", "br007", "br7", "eth0.3", "eth0.20", "virbr1", "virbr2", "virbr10"
            ]
        );
    }
}
