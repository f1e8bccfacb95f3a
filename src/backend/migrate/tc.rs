//! `[tc]`: queueing disciplines and filters, which NetworkManager alone reads.
//!
//! Source: `make_tc_setting()` in nms-ifcfg-rh-reader.c, `_tc_read_common_opts()` in nm-core-utils (run).

use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::lost_key;
use super::source::Source;

const GROUP: &str = "tc";

/// Writes `[tc]`.
pub(super) fn write(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    for (start, kind) in [("QDISC", "qdisc"), ("FILTER", "tfilter")] {
        // to the first hole
        for number in 1.. {
            let key = format!("{start}{number}");
            let Some(text) = source.text(&key) else {
                break;
            };
            match parted(text) {
                Some((parent, rest)) => {
                    made.set(GROUP, format!("{kind}.{parent}"), rest, source.line(&key));
                }
                None => losses.push(lost_key(
                    source,
                    &key,
                    "not valid, and NetworkManager passes it over",
                    Weight::Light,
                )),
            }
        }
    }
    if source.boolean("TC_COMMIT") == Some(true) {
        made.group(GROUP);
    }
}

/// Returns where it hangs, and the rest: its handle, its kind and what belongs to that.
fn parted(text: &str) -> Option<(String, String)> {
    let mut words = text.split_ascii_whitespace().peekable();
    let (mut parent, mut own) = (None, None);
    while let Some(word) = words.peek() {
        match *word {
            "root" if parent.is_none() => {
                parent = Some("root".to_owned());
                words.next();
            }
            "parent" if parent.is_none() => {
                words.next();
                parent = Some(handle(words.next()?)?);
            }
            "handle" if own.is_none() => {
                words.next();
                own = Some(handle(words.next()?)?);
            }
            _ => break,
        }
    }
    let rest: Vec<&str> = words.collect();
    let rest = match own {
        _ if rest.is_empty() => return None,
        Some(own) => format!("handle {own} {}", rest.join(" ")),
        None => rest.join(" "),
    };
    Some((parent?, rest))
}

/// Returns a handle as NetworkManager writes it: two hexadecimal numbers, the second one where it is not 0.
fn handle(word: &str) -> Option<String> {
    let (major, minor) = word.split_once(':')?;
    let number = |digits: &str| match digits {
        "" => Some(0),
        digits => u16::from_str_radix(digits, 16).ok(),
    };
    let (major, minor) = (number(major)?, number(minor)?);
    Some(match minor {
        0 => format!("{major:x}:"),
        minor => format!("{major:x}:{minor:x}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_where() {
        for (text, expected) in [
            ("root fq_codel", Some(("root", "fq_codel"))),
            ("parent 2468:2  pfifo_fast", Some(("2468:2", "pfifo_fast"))),
            (
                "root handle 1: tbf rate 1000",
                Some(("root", "handle 1: tbf rate 1000")),
            ),
            (
                "handle 0A:0 parent ffff: ingress",
                Some(("ffff:", "handle a: ingress")),
            ),
            ("fq_codel", None),
            ("root", None),
            ("parent x pfifo", None),
        ] {
            let found = parted(text);
            let found = found
                .as_ref()
                .map(|(parent, rest)| (parent.as_str(), rest.as_str()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
