//! The laws of the architecture: round trip, values as bash has them, edits that touch one value, and in `laws/` those of
//! the lenses: GetPut, PutGet, conservation, each with mutants that it must catch.
//! Over every file of every fixture host, and over text that nobody would write.
#![allow(
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests build and read trees, and run bash"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
#![allow(clippy::print_stdout, reason = "says what was skipped")]

#[path = "laws/lenses.rs"]
mod lenses;
#[path = "laws/migrate.rs"]
mod migrate;
#[path = "laws/mutants.rs"]
mod mutants;
#[path = "laws/operations.rs"]
mod operations;
mod support;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use kvmnet::doc::edits::Edits;
use kvmnet::doc::shell::{LineKind, Quotes, ShellDoc, Value, value};
use kvmnet::doc::xml::XmlDoc;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngSeed, TestRunner};
use support::{Found, fixture, have, hosts, nodes};

/// Returns every text file of every fixture host.
fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for host in hosts() {
        for (path, node) in nodes(&fixture(&host)) {
            if let Found::File { bytes, .. } = node {
                let text = String::from_utf8(bytes).ok();
                found.extend(text.map(|text| (format!("{host}/{path}"), text)));
            }
        }
    }
    assert!(found.len() > 100, "the fixtures are found");
    found
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        // the same cases at every run; other ones by raising the counts
        rng_seed: RngSeed::Fixed(4711),
        ..ProptestConfig::default()
    }
}

// Round trip.

/// Checks that the text is printed as it was, and that lines and what is in them lie side by side.
fn shell_is_whole(source: &str) {
    let doc = ShellDoc::parse(source);
    assert_eq!(doc.to_string(), source);
    let mut end = 0;
    for line in doc.lines() {
        assert_eq!(line.span.start, end, "no gap, no overlap: {source:?}");
        assert!(line.span.start < line.span.end, "no empty line: {source:?}");
        let (text, span) = (&line.text, &line.span);
        assert!(
            text.start == span.start && text.end <= span.end,
            "{source:?}"
        );
        let rest = &source[text.end..span.end];
        assert!(matches!(rest, "" | "\n" | "\r\n" | "\r"), "{source:?}");
        let number = source[..span.start].matches('\n').count() + 1;
        assert_eq!(line.number as usize, number, "{source:?}");
        let comment = line
            .comment
            .is_none_or(|at| source[at..text.end].starts_with('#'));
        assert!(comment, "a comment begins with its sign: {source:?}");
        let mut inner = span.start;
        for assignment in &line.assignments {
            let (whole, word) = (&assignment.span, &assignment.word);
            assert!(inner <= whole.start && whole.end <= text.end, "{source:?}");
            let start = format!("{}=", assignment.name);
            assert!(source[whole.clone()].starts_with(&start), "{source:?}");
            let behind = whole.start + start.len()..whole.end;
            assert_eq!(*word, behind, "the word is the right side: {source:?}");
            inner = whole.end;
        }
        end = span.end;
    }
    assert_eq!(end, source.len(), "the lines cover the text: {source:?}");
}

/// Fixtures that are no documents, or that are refused.
const NO_XML: &[&str] = &[
    "libvirt-mess/etc/libvirt/qemu/broken-guest.xml",
    "libvirt-mess/etc/libvirt/qemu/empty-guest.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/broken.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/deep.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/doctype.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/empty.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/second-root.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/twice.xml",
    "libvirt-mess/etc/libvirt/qemu/networks/unquoted.xml",
    "libvirt-mess/run/libvirt/network/default.xml",
];

#[test]
fn every_fixture_is_printed_as_it_was() {
    let mut xml = 0;
    for (path, text) in texts() {
        shell_is_whole(&text);
        match XmlDoc::parse(&text) {
            Ok(doc) => {
                assert_eq!(doc.to_string(), text, "{path}");
                xml += 1;
            }
            Err(error) => assert!(
                !path.ends_with(".xml") || NO_XML.iter().any(|name| path.ends_with(name)),
                "{path}: {error}"
            ),
        }
    }
    assert!(xml >= 5, "the XML files are among them: {xml}");
}

/// Text of the signs that mean something to a shell.
fn soup() -> impl Strategy<Value = String> {
    let signs = vec![
        "'", "\"", "`", "$", "\\", "#", ";", "\n", "\r", "\r\n", "=", "{", "}", "(", ")", "$(",
        "${", "$'", "$\"", "<<", "<<-", "<", ">", "|", "||", "&", "&&", ";;", " ", "\t", "~", "+=",
        "A", "IPADDR", "A=", "B=x", "\nC=", "export ", "if ", "then ", "fi", "case ", "in", "esac",
        "for ", "do ", "done", "while ", "else", "!", "E", "\nE\n", "1", "ä", "漢", "\u{0}",
        "\u{85}", "é\\", "# c",
    ];
    let piece = prop_oneof![12 => select(signs).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn any_text_is_printed_as_it_was(source in soup()) {
        shell_is_whole(&source);
    }

    #[test]
    fn half_of_a_fixture_is_printed_as_it_was(file in any::<Index>(), from in any::<Index>(), to in any::<Index>()) {
        static TEXTS: LazyLock<Vec<(String, String)>> = LazyLock::new(texts);
        let (_, text) = file.get(&TEXTS);
        let at = |index: Index| kvmnet::doc::character_at(text, index.index(text.len() + 1));
        let (from, to) = (at(from), at(to));
        let part = &text[from.min(to)..from.max(to)];
        shell_is_whole(part);
        if let Ok(doc) = XmlDoc::parse(part) {
            prop_assert_eq!(doc.to_string(), part);
        }
    }

    #[test]
    fn spoiled_xml_is_refused_or_printed_as_it_was(
        file in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), any::<bool>(), select(XML_SIGNS)), 1..6),
    ) {
        static XML: LazyLock<Vec<String>> = LazyLock::new(|| {
            texts().into_iter().filter(|(path, _)| path.ends_with(".xml")).map(|(_, text)| text).collect()
        });
        let mut text = file.get(&XML).clone();
        for (at, replaces, sign) in edits {
            let at = kvmnet::doc::character_at(&text, at.index(text.len() + 1));
            let gone = text[at..].chars().next().filter(|_| replaces).map_or(0, char::len_utf8);
            text.replace_range(at..at + gone, sign);
        }
        if let Ok(doc) = XmlDoc::parse(&text) {
            prop_assert_eq!(doc.to_string(), text.as_str());
            for element in doc.elements() {
                prop_assert!(text[element.span.clone()].starts_with('<'));
                for attribute in &element.attributes {
                    let quotes = [&text[..attribute.span.start], &text[attribute.span.end..]];
                    prop_assert!(quotes[0].ends_with(['"', '\'']) && quotes[1].starts_with(['"', '\'']));
                }
            }
        }
    }
}

const XML_SIGNS: &[&str] = &[
    "",
    "<",
    ">",
    "/",
    "\"",
    "'",
    "&",
    "=",
    "<!--",
    "-->",
    "<a>",
    "</a>",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!DOCTYPE a>",
    "&#0;",
    "&#x110000;",
    "&lt;",
    "&a;",
    " x=''",
    "\u{0}",
    "ä",
    "\n",
];

// Values, as bash has them.

static BASH: LazyLock<bool> = LazyLock::new(|| have("bash"));

/// Where bash lies: the PATH of the test is not that of the program.
static BASH_PATH: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join("bash"));
    places
        .find(|place| place.exists())
        .expect("bash was found before")
});

/// What bash says of a file.
struct Sourced {
    /// Whether it was read to its end without a word.
    fine: bool,
    said: String,
    values: Vec<Option<String>>,
}

/// Sources `source` in an empty environment and a folder of its own, and asks for the values of `names`.
fn sourced(source: &str, names: &[&str], folder: &Path, path: &str) -> Sourced {
    fs::write(folder.join("file"), source).unwrap();
    let script = ". ./file || exit 9; for name; do if [ -n \"${!name+x}\" ]; then printf '=%s\\0' \"${!name}\"; \
                  else printf '\\0'; fi; done";
    let output = Command::new(BASH_PATH.as_os_str())
        .env_clear()
        .env("PATH", path)
        .args(["--norc", "--noprofile", "-c", script, "bash"])
        .args(names)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Sourced {
        fine: output.status.success() && output.stderr.is_empty(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
        values: text
            .split_terminator('\0')
            .map(|value| value.strip_prefix('=').map(str::to_owned))
            .collect(),
    }
}

/// Checks every literal value of `source` against bash, if it is assignments and nothing else; returns how many there are.
fn compared_with_bash(source: &str, path: &str) -> usize {
    let doc = ShellDoc::parse(source);
    let code = doc.lines().iter().any(|line| line.kind == LineKind::Code);
    let shell = doc
        .assignments()
        .any(|assignment| assignment.value == Value::Shell);
    if code || shell || doc.syntax_error().is_some() || source.contains(['\r', '\0']) || !*BASH {
        return 0;
    }
    let names: BTreeSet<&str> = doc
        .assignments()
        .map(|assignment| assignment.name.as_str())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    let folder = tempfile::tempdir().unwrap();
    let found = sourced(source, &names, folder.path(), path);
    assert!(
        found.fine,
        "{path}: bash cannot read {source:?}: {}",
        found.said
    );
    let values: Vec<_> = names
        .iter()
        .map(|name| doc.literal(name).map(str::to_owned))
        .collect();
    assert_eq!(found.values, values, "{path}: {names:?} in {source:?}");
    values.len()
}

#[test]
fn fixtures_have_the_values_that_bash_gives_them() {
    let ifcfg = |path: &str| path.contains("/ifcfg-") || path.ends_with("sysconfig/network");
    let counts: Vec<usize> = texts()
        .into_iter()
        .filter(|(path, _)| ifcfg(path))
        .map(|(_, text)| compared_with_bash(&text, NOWHERE))
        .filter(|count| *count > 0)
        .collect();
    let values: usize = counts.iter().sum();
    println!("{values} values of {} files compared", counts.len());
    assert!(
        !*BASH || counts.len() >= LEAST_FILES && values >= LEAST_OF_FIXTURES,
        "{values} values of {} files",
        counts.len()
    );
}

/// As many fixtures, and values of fixtures, are compared with bash at least,
const LEAST_FILES: usize = 50;
const LEAST_OF_FIXTURES: usize = 500;
/// and as many values of [`CASES`] files that are made up.
const LEAST_MADE_UP: usize = 300;
const CASES: u32 = 256;

/// A PATH on which no program lies.
const NOWHERE: &str = "/nonexistent";

/// A word on the right of an assignment, of pieces in all quotes, now and then torn.
fn word() -> impl Strategy<Value = String> {
    let plain = vec![
        "",
        "a",
        "192.168.50.1",
        "::1",
        "b c",
        "*",
        "?",
        "[a]",
        "{a,b}",
        "~",
        ":",
        ":~",
        "~/",
        "!",
        "!!",
        "%",
        "@",
        "^",
        "-",
        "+",
        "=",
        "A=",
        ",",
        ".",
        "/",
        "#",
        " #",
        "ä",
        "漢",
        "\u{85}",
        "\u{7f}",
    ];
    let bare = vec![
        "\\ ", "\\#", "\\\\", "\\\"", "\\'", "\\$", "\\a", "\\\n", "\\~", "$", "$ ", "$.", "$/",
        "$%", "$:", "$=", "$,", "$]", "$}", "$~", "$^", "$+", "a#b", "\\`", "\\;",
    ];
    let single = vec![
        "'a b'", "'\"'", "'\\'", "'$x'", "'`'", "'\n'", "''", "'#'", "'a\\\nb'", "'~'",
    ];
    let double = vec![
        "\"\"",
        "\"a b\"",
        "\"'\"",
        "\"\\a\"",
        "\"\\\"\"",
        "\"\\$\"",
        "\"\\`\"",
        "\"\\\\\"",
        "\"\\\n\"",
        "\"\n\"",
        "\"5$\"",
        "\"$ \"",
        "\"$'\"",
        "\"$.\"",
        "\"#\"",
        "\"!\"",
        "\"~\"",
        "\"\\!\"",
        "\"\\'\"",
        "\"\\n\"",
        "\"$\"\"x\"",
        "$\"a\"",
    ];
    let ansi = vec![
        "$'a'",
        "$'\\n'",
        "$'\\t'",
        "$'\\''",
        "$'\\\\'",
        "$'\\x41'",
        "$'\\x4'",
        "$'\\u0041'",
        "$'\\u00e4'",
        "$'\\e'",
        "$'\\E'",
        "$'\\?'",
        "$'\\\"'",
        "$'\\a'",
        "$'\\b'",
        "$'\\r'x",
        "$'\\v'",
        "$'\\101'",
        "$'\\cA'",
        "$'\\q'",
        "$'\\u41g'",
        "$'a\\\nb'",
        "$'\n'",
    ];
    let shell = vec![
        "$x", "${x}", "$(", "`", "'", "\"", "\\", "(", ")", "$((1))", "$[1]", "$'",
    ];
    let piece = prop_oneof![
        6 => select(plain), 3 => select(bare), 3 => select(single), 4 => select(double), 3 => select(ansi), 1 => select(shell),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A file of assignments.
fn assignments() -> impl Strategy<Value = String> {
    let name = select(vec!["A", "B", "C", "_d", "E1"]);
    let before = select(vec![
        "",
        "",
        "",
        " ",
        "\t",
        "export ",
        "# c\n",
        "\n",
        "A=1; ",
        "A=1 ",
        "export B=1 ",
    ]);
    let behind = select(vec![
        "\n", "\n", "\n", " # c\n", ";\n", "; ", " ", "\n\n", "\t\n", "", " \\\n", " #\\\n",
    ]);
    let line = (before, name, word(), behind)
        .prop_map(|(before, name, word, behind)| format!("{before}{name}={word}{behind}"));
    prop::collection::vec(line, 1..4).prop_map(|lines| lines.concat())
}

#[test]
fn values_are_those_that_bash_has() {
    let values = Cell::new(0);
    let mut runner = TestRunner::new(config(CASES));
    let agrees = |source: String| {
        values.set(values.get() + compared_with_bash(&source, NOWHERE));
        Ok(())
    };
    if let Err(error) = runner.run(&assignments(), agrees) {
        panic!("{error}");
    }
    let values = values.get();
    println!("{values} values of {CASES} files compared");
    assert!(!*BASH || values >= LEAST_MADE_UP, "only {values} values");
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn what_is_written_is_what_bash_reads_and_runs_nothing(
        pieces in prop::collection::vec(prop_oneof![
            6 => select(vec![
                "$(touch X)", "`touch X`", "\n", "\ntouch X\n", ";touch X;", "'", "\"", "\\", "$", "${X}", "#", " ", "!", "~", "\t", "\r", "a", "=", "\u{1}",
                "\u{85}", "ä", "漢", "1f", "&", "|", ">X", "(", ")", "*", "\u{7f}", "\u{1b}", ":~", "%",
            ]).prop_map(str::to_owned),
            1 => any::<String>(),
        ], 0..8),
        quotes in select(vec![Quotes::Bare, Quotes::Single, Quotes::Double]),
    ) {
        let value = pieces.concat().replace('\0', "");
        let word = value::write(&value, quotes);
        prop_assert_eq!(value::read(&word), Value::Literal(value.clone()), "{}", word);
        let source = format!("A={word}\nB=1\n");
        let doc = ShellDoc::parse(&source);
        prop_assert_eq!(doc.literal("A"), Some(value.as_str()), "{}", source);
        prop_assert_eq!(doc.literal("B"), Some("1"), "{}", source);
        if !*BASH {
            return Ok(());
        }
        let folder = tempfile::tempdir().unwrap();
        let found = sourced(&source, &["A", "B"], folder.path(), "/usr/bin:/bin");
        prop_assert!(found.fine, "{}: {}", source, found.said);
        prop_assert_eq!(found.values, [Some(value), Some("1".to_owned())], "{}", source);
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        prop_assert_eq!(files, [OsStr::new("file")], "something was run: {}", source);
    }
}

// Edits.

/// Returns name and value of every assignment but those of `name`, in order.
fn others(doc: &ShellDoc, name: &str) -> Vec<(String, Value)> {
    let others = doc
        .assignments()
        .filter(|assignment| assignment.name != name);
    others
        .map(|assignment| (assignment.name.clone(), assignment.value.clone()))
        .collect()
}

fn comments(doc: &ShellDoc) -> Vec<String> {
    let lines = doc.lines().iter();
    lines
        .filter_map(|line| Some(doc.source()[line.comment?..line.text.end].to_owned()))
        .collect()
}

fn any_file() -> impl Strategy<Value = String> {
    let line_end = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    let code = select(vec![
        "",
        "",
        "if true; then\nA=1\nfi\n",
        "f() {\n  B=2\n}\n",
        ". ./x\n",
        "A+=x\n",
    ]);
    (assignments(), code, assignments(), line_end).prop_map(|(first, code, second, end)| {
        [first.as_str(), "\n", code, &second]
            .concat()
            .replace('\n', end)
    })
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn setting_one_leaves_the_others(
        source in any_file(),
        name in select(vec!["A", "B", "E1", "NEW"]),
        value in prop_oneof![select(vec!["", "x", "a b", "it's", "$(x)", "a\nb", "#"]).prop_map(str::to_owned), "[ -~]{0,8}"],
    ) {
        let doc = ShellDoc::parse(&source);
        if doc.syntax_error().is_some() {
            return Ok(());
        }
        let mut edits = Edits::default();
        doc.set(&mut edits, name, &value);
        let text = edits.apply(&source);
        let after = ShellDoc::parse(&text);
        prop_assert!(after.syntax_error().is_none(), "{:?} became {:?}", source, text);
        prop_assert_eq!(after.literal(name), Some(value.as_str()), "{:?} became {:?}", source, text);
        prop_assert_eq!(others(&after, name), others(&doc, name), "{:?} became {:?}", source, text);
        prop_assert_eq!(comments(&after), comments(&doc), "{:?} became {:?}", source, text);
    }

    #[test]
    fn unsetting_some_leaves_the_others(source in any_file(), names in prop::sample::subsequence(vec!["A", "B", "E1"], 1..3)) {
        let doc = ShellDoc::parse(&source);
        if doc.syntax_error().is_some() {
            return Ok(());
        }
        let mut edits = Edits::default();
        doc.unset(&mut edits, &names);
        let text = edits.apply(&source);
        let after = ShellDoc::parse(&text);
        let kept = |doc: &ShellDoc| -> Vec<_> {
            others(doc, "").into_iter().filter(|(name, _)| !names.contains(&name.as_str())).collect()
        };
        prop_assert!(after.syntax_error().is_none(), "{:?} became {:?}", source, text);
        prop_assert_eq!(others(&after, ""), kept(&doc), "{:?} became {:?}", source, text);
        prop_assert_eq!(comments(&after), comments(&doc), "{:?} became {:?}", source, text);
    }
}
