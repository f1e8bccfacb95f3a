//! Names of routing tables.

use std::collections::BTreeMap;

use crate::tree::{HostPath, Tree};

/// Where tables get names.
pub(crate) const RT_TABLES: &str = "/etc/iproute2/rt_tables";

/// The numbers of routing tables by their names.
pub(super) struct Tables(BTreeMap<String, u32>);

impl Tables {
    /// Returns those of the host.
    pub(super) fn of(tree: &Tree) -> Self {
        let usual = [("default", 253), ("main", 254), ("local", 255)];
        let mut names: BTreeMap<String, u32> = usual
            .into_iter()
            .map(|(name, number)| (name.to_owned(), number))
            .collect();
        let file = tree.file(&HostPath::literal(RT_TABLES));
        let text = file.map(|file| String::from_utf8_lossy(&file.bytes));
        for line in text.iter().flat_map(|text| text.lines()) {
            let mut words = line.split_ascii_whitespace();
            let number = words.next().and_then(|number| number.parse().ok());
            if let (Some(number), Some(name)) = (number, words.next()) {
                names.insert(name.to_owned(), number);
            }
        }
        Self(names)
    }

    /// Returns the number of a table.
    pub(super) fn number(&self, word: &str) -> Option<u32> {
        let hex = word.strip_prefix("0x");
        let hex = hex.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = hex.or_else(|| word.parse().ok());
        number.or_else(|| self.0.get(word).copied())
    }
}
