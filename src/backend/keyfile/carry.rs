//! The text that moves with a layer-3 configuration from one keyfile to another: groups and keys, with their comments.

use std::collections::BTreeSet;

use super::keys;
use super::pieces::pieces;
use crate::backend::lens::Piece;
use crate::doc::keyfile::{KeyfileDoc, LineKind};
use crate::host::value::InterfaceName;

/// What a keyfile says of layer 3, as text with LF line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Lines of `[connection]`, each with the comments that head it.
    pub(super) connection: Vec<String>,
    /// Whole groups, with the comments that head them.
    pub(super) groups: Vec<String>,
}

impl Taken {
    /// Returns what `doc`, the file of `owner`, says of layer 3, as it is said of `heir`.
    pub(super) fn of(doc: &KeyfileDoc, owner: &InterfaceName, heir: &InterfaceName) -> Self {
        let pairs = doc.pairs().iter();
        let moving = pairs
            .filter(|pair| pair.group == "connection" && keys::is_layer3(&pair.group, &pair.key));
        let text = |lines: std::ops::Range<usize>| {
            let lines = doc.lines()[lines].iter();
            let lines: Vec<&str> = lines.map(|line| &doc.source()[line.text.clone()]).collect();
            lines.join("\n")
        };
        let groups = doc.sections().iter();
        let groups = groups.filter(|section| keys::is_layer3_group(&section.group));
        Self {
            connection: moving.map(|pair| text(doc.with_head(pair.line))).collect(),
            groups: groups
                .map(|section| retargeted(&doc.text_of(section), owner.as_str(), heir.as_str()))
                .collect(),
        }
    }
}

impl Taken {
    /// Returns what it says, piece by piece.
    pub(super) fn pieces(&self) -> BTreeSet<Piece> {
        let connection = format!("[connection]\n{}", self.connection.join("\n"));
        let texts = std::iter::once(&connection).chain(&self.groups);
        let pieces = texts.flat_map(|text| pieces(text.as_bytes()));
        pieces.map(|(_, piece)| piece).collect()
    }
}

/// Returns the text of a group in which places that name its own interface name `heir`: in policy rules, and behind the `%` of
/// an address.
fn retargeted(text: &str, owner: &str, heir: &str) -> String {
    let doc = KeyfileDoc::parse(text);
    let mut lines = Vec::new();
    for line in doc.lines() {
        let text = &text[line.text.clone()];
        lines.push(match (line.kind, text.split_once('=')) {
            (LineKind::Pair, Some((key, value))) => {
                let value = match key.trim().starts_with("routing-rule") {
                    true => rule(value, owner, heir),
                    false => scoped(value, owner, heir),
                };
                format!("{key}={value}")
            }
            _ => text.to_owned(),
        });
    }
    lines.join("\n")
}

/// Returns a policy rule in which `iif`, `oif` and `dev` name `heir` in the place of `owner`; blanks stay.
fn rule(value: &str, owner: &str, heir: &str) -> String {
    let (mut text, mut names) = (String::with_capacity(value.len()), false);
    for part in value.split_inclusive([' ', '\t']) {
        let word = part.trim_end_matches([' ', '\t']);
        match names && word == owner {
            true => {
                text.push_str(heir);
                text.push_str(&part[word.len()..]);
            }
            false => text.push_str(part),
        }
        names = matches!(word, "iif" | "oif" | "dev") || (word.is_empty() && names);
    }
    text
}

/// Returns a value in which addresses with a scope, `fe80::1%ens33`, have that of `heir`.
fn scoped(value: &str, owner: &str, heir: &str) -> String {
    let (mut text, mut done) = (String::with_capacity(value.len()), 0);
    for (at, _) in value.match_indices('%') {
        let rest = &value[at + 1..];
        let end = rest.find([';', ',', '/', '#', ' ']).unwrap_or(rest.len());
        if at >= done && &rest[..end] == owner {
            text.push_str(&value[done..=at]);
            text.push_str(heir);
            done = at + 1 + end;
        }
    }
    text.push_str(&value[done..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_the_owner_names_the_heir() {
        let text = "# ens33\n[ipv4]\ndns=fe80::1%ens33;fe80::2%ens33x;\nrouting-rule1=priority 5  iif  ens33 from 10.0.0.0/8 oif ens3\n";
        let expected = "# ens33\n[ipv4]\ndns=fe80::1%br0;fe80::2%ens33x;\nrouting-rule1=priority 5  iif  br0 from 10.0.0.0/8 oif ens3";
        assert_eq!(retargeted(text, "ens33", "br0"), expected);
    }

    #[test]
    fn takes_keys_with_their_comments() {
        let doc = KeyfileDoc::parse(
            "[connection]\n# who\nid=a\n# inside\nzone=trusted\n\n[ethernet]\nmtu=9000\n\n# v4\n[ipv4]\nmethod=auto\n# end\n\n",
        );
        let name = |text| InterfaceName::parse(text).unwrap();
        let taken = Taken::of(&doc, &name("ens33"), &name("br0"));
        assert_eq!(taken.connection, ["# inside\nzone=trusted"]);
        assert_eq!(taken.groups, ["# v4\n[ipv4]\nmethod=auto\n# end"]);
    }
}
