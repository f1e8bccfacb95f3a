//! What GLib makes of keyfiles, against what [`KeyfileDoc`] does: which ones are refused, and which values count.

use std::io::Write;
use std::process::{Command, Stdio};

use kvmnet::doc::keyfile::{KeyfileDoc, value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::support::{oracle, real_daemons};

/// What GLib says of a text: group, key, value as it is written, and without its escapes.
type Read = Option<Vec<(String, String, String, String)>>;

/// Returns lines that stand at the edges of the rules, and whatever proptest makes up.
fn texts() -> Vec<String> {
    let parts = vec![
        "[a]",
        "[b]",
        "[",
        "]",
        "=",
        "x",
        "y",
        " ",
        "\t",
        "#",
        ";",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "\\",
        "\\s",
        "\\n",
        "\\;",
        "\0",
        "x=1",
        "id=2",
        "x[de]",
        "[de]",
        "Encoding=latin1",
        "UTF-8",
        "Encoding=",
        "\u{feff}",
        "ä",
        "\u{b}",
        "\u{c}",
        "\u{7f}",
        "a;b;",
        "  [a]  ",
        "x = 3 ",
    ];
    let line = prop::collection::vec(prop::sample::select(parts), 0..14);
    let line = line.prop_map(|parts| parts.concat());
    let with_group = line.clone().prop_map(|text| format!("[a]\n{text}"));
    let any = prop_oneof![line, with_group.clone(), with_group, any::<String>()];
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(4711),
        failure_persistence: None,
        ..Config::default()
    });
    let texts = (0..20_000).map(|_| any.new_tree(&mut runner).unwrap().current());
    texts.collect()
}

fn by_glib(texts: &[String]) -> Vec<Read> {
    let mut glib = Command::new(oracle("glib-keyfile"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // GLib's warnings of values that are not valid
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let input = serde_json::to_string(texts).unwrap();
    let mut stdin = glib.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = glib.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn by_kvmnet(text: &str) -> Read {
    let doc = KeyfileDoc::parse(text);
    if doc.syntax_error().is_some() {
        return None;
    }
    let read = |pair: &kvmnet::doc::keyfile::Pair| {
        let raw = doc.raw(pair);
        let (group, key) = (pair.group.clone(), pair.key.clone());
        (group, key, raw.to_owned(), value::unescape(raw))
    };
    // GLib forgets the values of other languages
    let ours = doc
        .in_force()
        .filter(|pair| !pair.key.ends_with(']') || pair.key.ends_with("[]"));
    Some(ours.map(read).collect())
}

#[test]
fn values_and_faults_are_those_of_glib() {
    if !real_daemons() {
        eprintln!("skipped: GLib is asked only with KVMNET_REAL_DAEMONS=1");
        return;
    }
    let texts = texts();
    let mut differing = Vec::new();
    for (text, glib) in texts.iter().zip(by_glib(&texts)) {
        let sorted = |read: Read| {
            read.map(|mut read| {
                read.sort();
                read
            })
        };
        let (glib, ours) = (sorted(glib), sorted(by_kvmnet(text)));
        if glib != ours {
            differing.push(format!("{text:?}\n  GLib {glib:?}\n  kvmnet {ours:?}"));
        }
    }
    assert!(
        differing.is_empty(),
        "{} differ: {}",
        differing.len(),
        differing[..differing.len().min(9)].join("\n")
    );
    let accepted = texts
        .iter()
        .filter(|text| by_kvmnet(text).is_some_and(|read| !read.is_empty()));
    assert!(accepted.count() > 500, "some are accepted");
}
