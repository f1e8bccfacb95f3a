//! Lines that are gone from one file and new in another: they moved.
//!
//! A line is the same where its text is, blanks at its ends apart: those indent XML, and mean nothing in the formats of
//! network profiles. Each line moves once, the lines of a block together where they stand together on both sides. What is
//! gone and new in the same file stayed there. A line that says nothing by itself (a bracket, the tag that opens or closes
//! an element, the name of a section) moved with nobody, and a masked value may be another one behind its mask.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Kind, Line, Section};

/// A line of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of its section, from 0.
    pub section: usize,
    /// The number of the line in that section, from 0.
    pub line: usize,
}

/// Returns which lines moved from one file to another: of each removed line where it is added, and the reverse.
#[must_use]
pub fn moved(sections: &[Section<'_>]) -> BTreeMap<Place, Place> {
    let mut added = Added::of(sections);
    let removed: Vec<_> = informative(sections, Kind::Removed).collect();
    let leaves: Vec<_> = removed
        .into_iter()
        .filter(|(place, text)| !added.take_in(place.section, text))
        .collect();
    let mut found = BTreeMap::new();
    let mut last: Option<(Place, Place)> = None;
    for (from, text) in leaves {
        let next = last.filter(|(before, _)| follows(*before, from));
        let next = next.map(|(_, to)| Place {
            line: to.line + 1,
            ..to
        });
        let Some(to) = added.take(&text, next) else {
            continue;
        };
        // a link that becomes a file is told as two
        if sections[from.section].from == sections[to.section].to {
            continue;
        }
        found.extend([(from, to), (to, from)]);
        last = Some((from, to));
    }
    found
}

/// Returns whether the line is right behind the other one.
fn follows(before: Place, place: Place) -> bool {
    before.section == place.section && before.line + 1 == place.line
}

/// The added lines that nothing moved to yet, by their texts.
struct Added(HashMap<Vec<u8>, BTreeSet<Place>>);

impl Added {
    fn of(sections: &[Section<'_>]) -> Self {
        let mut by_text = HashMap::<_, BTreeSet<_>>::new();
        for (place, text) in informative(sections, Kind::Added) {
            by_text.entry(text).or_default().insert(place);
        }
        Self(by_text)
    }

    /// Takes a line of this section out, if there is one, and returns whether there was.
    fn take_in(&mut self, section: usize, text: &[u8]) -> bool {
        let Some(places) = self.0.get_mut(text) else {
            return false;
        };
        let first = places.range(Place { section, line: 0 }..).next();
        let first = first.copied().filter(|place| place.section == section);
        first.is_some_and(|place| places.remove(&place))
    }

    /// Takes a line out: the one at `next` if that is one, else the first one.
    fn take(&mut self, text: &[u8], next: Option<Place>) -> Option<Place> {
        let places = self.0.get_mut(text)?;
        next.and_then(|next| places.take(&next))
            .or_else(|| places.pop_first())
    }
}

/// Returns the lines of a kind that say something, with their texts.
fn informative<'s>(
    sections: &'s [Section<'_>],
    kind: Kind,
) -> impl Iterator<Item = (Place, Vec<u8>)> + 's {
    sections.iter().enumerate().flat_map(move |(section, of)| {
        let lines = of.lines.iter().enumerate();
        lines.filter_map(move |(line, text)| {
            let text = (text.kind == kind).then(|| bare(text))?;
            says_something(&text).then_some((Place { section, line }, text))
        })
    })
}

/// Returns the text of a line without its sign, and without blanks at its ends.
fn bare(line: &Line<'_>) -> Vec<u8> {
    let pieces = line.pieces.iter();
    let whole: Vec<u8> = pieces.flat_map(|piece| piece.text.to_vec()).collect();
    whole.get(1..).unwrap_or_default().trim_ascii().to_vec()
}

/// Words of a shell that only hold others together.
const BRACKETS: &[&[u8]] = &[b"do", b"done", b"else", b"esac", b"fi", b"then"];

/// What stands in the place of a secret.
const MASKED: &[u8] = b"***";

/// Returns whether the text is information, and not only what holds information together.
fn says_something(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let within = |open: &[u8], close: &[u8]| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
    };
    let is_tag = within(b"<", b">").is_some_and(|name| {
        let parts = |byte: &u8| byte.is_ascii_whitespace() || b"<>=".contains(byte);
        !name.iter().any(parts)
    });
    let is_section = within(b"[", b"]").is_some_and(|name| !name.contains(&b']'));
    text.iter().any(is_letter)
        && !is_tag
        && !is_section
        && !BRACKETS.contains(&text)
        && memchr::memmem::find(text, MASKED).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Change, ChangeSet, Labels};
    use crate::diff::sections;
    use crate::tree::{Attrs, File, HostPath, Node};

    /// Files by name, with their texts before and after; an empty one is not there.
    fn set(files: &[(&str, &str, &str)]) -> ChangeSet {
        let node = |text: &str| {
            let attrs = Attrs {
                mode: 0o644,
                uid: 0,
                gid: 0,
            };
            let bytes = text.as_bytes().to_vec();
            (!text.is_empty()).then_some(Node::File(File { bytes, attrs }))
        };
        let mut set = ChangeSet::default();
        for (name, before, after) in files {
            let path = HostPath::parse(&format!("/{name}")).unwrap();
            set.put(Change {
                before: node(before),
                after: node(after),
                labels: Labels::Like(path.clone()),
                path,
            });
        }
        set
    }

    /// Returns what moves: `a:TEXT>b:TEXT`, by the place where it was.
    fn told(set: &ChangeSet) -> Vec<String> {
        let sections = sections(set);
        let said = |place: &Place| {
            let section = &sections[place.section];
            let path = section.to.or(section.from).unwrap();
            let line = &section.lines[place.line];
            (
                line.kind,
                format!(
                    "{}:{}",
                    path.relative(),
                    String::from_utf8_lossy(&bare(line))
                ),
            )
        };
        let moved = moved(&sections);
        for (one, other) in &moved {
            assert_eq!(moved.get(other), Some(one), "each has one counterpart");
            assert_ne!(one.section, other.section);
        }
        let pairs = moved.iter().map(|(from, to)| (said(from), said(to)));
        let pairs = pairs.filter(|((kind, _), _)| *kind == Kind::Removed);
        pairs
            .map(|((_, from), (kind, to))| {
                assert_eq!(kind, Kind::Added);
                format!("{from}>{to}")
            })
            .collect()
    }

    #[track_caller]
    fn assert_told(files: &[(&str, &str, &str)], expected: &[&str]) {
        assert_eq!(told(&set(files)), expected, "{files:?}");
    }

    #[test]
    fn what_is_gone_here_and_new_there_moved() {
        let after = ("b", "", "DEVICE=b\nIPADDR=1\n");
        assert_told(
            &[("a", "DEVICE=a\nIPADDR=1\n", "DEVICE=a\n"), after],
            &["a:IPADDR=1>b:IPADDR=1"],
        );
        // it is still there, or it is another
        let both = "DEVICE=a\nIPADDR=1\n";
        assert_told(&[("a", both, "DEVICE=x\nIPADDR=1\n"), after], &[]);
        assert_told(&[("a", "DEVICE=a\nIPADDR=10\n", "DEVICE=a\n"), after], &[]);
        assert_told(&[("a", "DEVICE=a\nipaddr=1\n", "DEVICE=a\n"), after], &[]);
    }

    #[test]
    fn blanks_at_the_ends_of_a_line_do_not_count() {
        let with = |text: &str| ("b", "", text.to_owned());
        for (text, moves) in [
            ("    <ip address='1'/>\n", true),
            ("<ip address='1'/>\r\n", true),
            ("<ip address='1'/>", true),
            ("<ip  address='1'/>\n", false),
            ("<ip address=\"1\"/>\n", false),
        ] {
            let (name, before, after) = with(text);
            let found = told(&set(&[
                ("a", "x\n  <ip address='1'/>\n", "x\n"),
                (name, before, &after),
            ]));
            assert_eq!(found.len(), usize::from(moves), "{text:?}");
        }
    }

    #[test]
    fn what_stays_in_its_file_moved_nowhere() {
        // it went down in its own file, and came to another one as well
        let here = ("a", "A=1\nB=2\nC=3\n", "B=2\nC=3\nA=1\n");
        assert_told(&[here, ("b", "", "A=1\n")], &[]);
        let twice = ("a", "A=1\nB=2\nA=1\n", "B=2\nA=1\n");
        assert_told(&[twice, ("b", "", "A=1\n")], &["a:A=1>b:A=1"]);
    }

    #[test]
    fn each_line_moves_once() {
        let gone = ("a", "x\nA=1\n", "x\n");
        assert_told(
            &[gone, ("b", "", "A=1\n"), ("c", "", "A=1\n")],
            &["a:A=1>b:A=1"],
        );
        assert_told(
            &[gone, ("b", "A=1\n", ""), ("c", "", "A=1\n")],
            &["a:A=1>c:A=1"],
        );
    }

    #[test]
    fn a_block_stays_together() {
        let sections = [
            ("a", "x\nA=1\nB=2\n", "x\n"),
            ("b", "", "B=2\n"),
            ("c", "", "A=1\nB=2\n"),
        ];
        assert_told(&sections, &["a:A=1>c:A=1", "a:B=2>c:B=2"]);
        // where it is torn apart, each goes to the first
        let torn = [sections[0], sections[1], ("c", "", "A=1\nZ=0\nB=2\n")];
        assert_told(&torn, &["a:A=1>c:A=1", "a:B=2>b:B=2"]);
    }

    #[test]
    fn what_says_nothing_moves_with_nobody() {
        for text in [
            "",
            "}",
            "  }",
            "{",
            "fi",
            "done",
            "#",
            "#####",
            "-->",
            "<!--",
            "</ip>",
            "<network>",
            "<dhcp>",
            "[ipv4]",
            "PSK=***",
            "# ***",
            "*** (new)",
        ] {
            let (before, after) = (format!("x\n{text}\nA=1\n"), format!("{text}\nA=1\n"));
            let found = told(&set(&[("a", &before, "x\n"), ("b", "", &after)]));
            assert_eq!(found, ["a:A=1>b:A=1"], "{text:?}");
        }
        // nearly the same, and it says something
        for text in [
            "} # x",
            "fi=1",
            "# done",
            "<name>lab</name>",
            "<ip address='1'/>",
            "[ipv4]=1",
            "PSK=**",
            "ö",
            "0",
            "<!-- a -->",
            "a[1]",
            "[a]b[c]",
        ] {
            let (before, after) = (format!("x\n{text}\n"), format!("{text}\n"));
            let found = told(&set(&[("a", &before, "x\n"), ("b", "", &after)]));
            assert_eq!(found.len(), 1, "{text:?}");
        }
    }

    #[test]
    fn a_link_that_becomes_a_file_is_one_file() {
        let path = HostPath::literal("/a");
        let mut changed = set(&[("a", "x\n", "static.conf\n")]);
        let mut change = changed.get(&path).unwrap().clone();
        change.before = Some(Node::Link("static.conf".to_owned()));
        changed.drop(&path);
        changed.put(change);
        assert_eq!(sections(&changed).len(), 2);
        assert_eq!(told(&changed), Vec::<String>::new());
    }

    #[test]
    fn a_renamed_file_is_a_rename() {
        let mut renamed = set(&[
            ("route-a", "1.0.0.0/8 via 2.0.0.1\n", ""),
            ("route-b", "", "1.0.0.0/8 via 2.0.0.1\n"),
        ]);
        assert_eq!(told(&renamed).len(), 1);
        let [from, to] = ["/route-a", "/route-b"].map(|path| HostPath::parse(path).unwrap());
        renamed.note_rename(from, to);
        assert_eq!(told(&renamed), Vec::<String>::new());
    }
}
