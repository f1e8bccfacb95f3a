//! Every link from a page to another one, or to a heading, leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::pages::pages;

/// Pages that others link to, or that link to others, outside of `docs`.
const OTHERS: &[&str] = &[
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "RULES.md",
    "SECURITY.md",
    "fixtures/README.md",
];

/// Returns the lines of a page with their numbers, without those of blocks of code.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        match line.trim_start().starts_with("```") {
            true => inside = !inside,
            false if !inside => lines.push((number + 1, line)),
            false => {}
        }
    }
    lines
}

/// Returns a line without what is code in it.
fn without_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    let words = parts.filter(|(number, _)| number % 2 == 0);
    words.map(|(_, words)| words).collect()
}

/// Returns where the links of a page lead to, with the lines on which they end.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let words = without_code(line);
        for (at, _) in words.match_indices("](") {
            let (target, _) = words[at + 2..].split_once(')').unwrap_or_default();
            links.push((number, target.to_owned()));
        }
    }
    links
}

/// Returns the anchors of a page, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(text) {
        let title = line.trim_start_matches('#');
        if title == line || !title.starts_with(' ') {
            continue;
        }
        let lower = title.trim().to_lowercase();
        let kept = lower
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let before = seen.entry(anchor.clone()).or_default();
        anchors.insert(match before {
            0 => anchor,
            _ => format!("{anchor}-{before}"),
        });
        *before += 1;
    }
    anchors
}

/// Returns what is wrong with a link of a page.
fn fault(base: &Path, page: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let folder = Path::new(page).parent().unwrap();
    let file = match path {
        "" => base.join(page),
        _ => base.join(folder).join(path),
    };
    let Ok(file) = file.canonicalize() else {
        return Some("there is no such file".to_owned());
    };
    if !file.starts_with(base) {
        return Some("it leads out of the repository".to_owned());
    }
    let anchor = anchor?;
    let text = fs::read_to_string(&file).unwrap();
    let known = anchors(&text).contains(anchor);
    (!known).then(|| "there is no such heading".to_owned())
}

#[test]
fn every_link_leads_somewhere() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let base = base.canonicalize().unwrap();
    let mut followed = 0;
    let mut faults = Vec::new();
    let all = pages()
        .into_iter()
        .chain(OTHERS.iter().copied().map(str::to_owned));
    for page in all {
        let text = fs::read_to_string(base.join(&page)).unwrap();
        for (line, target) in links(&text) {
            followed += 1;
            let fault = fault(&base, &page, &target);
            faults.extend(fault.map(|fault| format!("{page}:{line}: {target}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(followed > 100, "{followed}");
}

#[test]
fn links_and_headings_are_found() {
    let text = "# One `--two`: three\n[a](b.md#c) and `[x](y)`,\nfoo](d)\n```sh\n# no heading\n[no](link)\n```\n## Two\n## Two\n";
    let expected = [(2, "b.md#c".to_owned()), (3, "d".to_owned())];
    assert_eq!(links(text), expected);
    let found: Vec<String> = anchors(text).into_iter().collect();
    assert_eq!(found, ["one---two-three", "two", "two-1"]);
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let base = base.canonicalize().unwrap();
    for (target, right) in [
        ("README.md", true),
        ("RULES.md#crlf", true),
        ("RULES.md#no-such-rule", false),
        ("docs/no-such.md", false),
        ("../README.md", false),
        ("#kvmnet", true),
    ] {
        let fault = fault(&base, "README.md", target);
        assert_eq!(fault.is_none(), right, "{target}: {fault:?}");
    }
}
