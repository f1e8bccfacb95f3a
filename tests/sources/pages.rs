//! Every example in README.md and in `docs/*.md` is run: the `console` blocks of a page are one session, in a fresh folder
//! that has `fixtures` in it.
//!
//! A line that is `…` alone stands for any lines. Times are compared as times, not by value.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

/// Where the session of each page is.
const FOLDER: &str = "/root/try";

/// One command with the output that its page shows.
struct Example {
    line: usize,
    command: String,
    output: Vec<String>,
}

pub(crate) fn read(page: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// Returns README.md, and all pages of `docs`.
pub(crate) fn pages() -> Vec<String> {
    let docs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap();
    let names = docs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<String> = names
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

/// Returns the examples of a page; all lines that look like one have to be in a block of them.
fn examples(page: &str, text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let at = format!("{page}:{}", number + 1);
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) => {
                assert!(inside, "{at}: an example that is not run");
                examples.push(Example {
                    line: number + 1,
                    command: command.to_owned(),
                    output: Vec::new(),
                });
            }
            _ if inside => match examples.last_mut() {
                Some(example) => example.output.push(line.to_owned()),
                None => panic!("{at}: an output without a command"),
            },
            _ => {}
        }
    }
    examples
}

/// Runs a line of the session: `kvmnet` itself, or one of the few commands around it.
fn run(dir: &Path, environment: &mut BTreeMap<String, String>, command: &str) -> String {
    if let Some((name, value)) = command
        .strip_prefix("export ")
        .and_then(|rest| rest.split_once('='))
    {
        environment.insert(name.to_owned(), value.to_owned());
        return String::new();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_kvmnet")).parent().unwrap();
    let path = format!(
        "{}:{}",
        program.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let done = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(dir)
        .env_clear()
        .env("PATH", path)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .envs(environment.iter())
        .output()
        .unwrap();
    // the session is in a folder of this name
    let text = String::from_utf8(done.stdout).unwrap();
    text.replace(dir.to_str().unwrap(), FOLDER)
}

/// Replaces `2026-11-23 18:42`, and `1795459320` where JSON has a number, by words of the same length.
fn without_times(text: &str) -> String {
    let mut shown: Vec<char> = text.chars().collect();
    for pattern in ["dddd-dd-dd_dd:dd", "\": dddddddddd"] {
        replace(&mut shown, pattern);
    }
    shown.into_iter().collect()
}

fn replace(shown: &mut [char], time: &str) {
    for start in 0..shown.len().saturating_sub(time.len() - 1) {
        let fits = |(pattern, c): (char, &char)| {
            match pattern {
                'd' => c.is_ascii_digit(),
                // a space, or in a table for a pipe a T
                '_' => matches!(c, ' ' | 'T'),
                _ => *c == pattern,
            }
        };
        if time.chars().zip(&shown[start..]).all(fits) {
            shown[start..start + time.len()].fill('T');
        }
    }
}

/// Compares line by line; `…` alone stands for any lines.
fn matches(expected: &[String], found: &[&str]) -> bool {
    let is_gap = |line: &String| line.trim() == "…";
    let same = |line: &String, found: &str| {
        without_times(line.trim_end()) == without_times(found.trim_end())
    };
    let (mut at, mut of_found) = (0, 0);
    // behind the last gap, and how many lines it has swallowed so far
    let mut gap: Option<(usize, usize)> = None;
    while of_found < found.len() {
        match expected.get(at) {
            Some(line) if is_gap(line) => {
                at += 1;
                gap = Some((at, of_found));
            }
            Some(line) if same(line, found[of_found]) => {
                at += 1;
                of_found += 1;
            }
            _ => {
                let Some((behind, swallowed)) = gap else {
                    return false;
                };
                gap = Some((behind, swallowed + 1));
                (at, of_found) = (behind, swallowed + 1);
            }
        }
    }
    expected[at..].iter().all(is_gap)
}

/// Runs the session of a page and returns how many examples it has.
fn session(page: &str) -> usize {
    let examples = examples(page, &read(page));
    let dir = tempfile::TempDir::new().unwrap();
    let fixtures = dir.path().join("fixtures");
    std::os::unix::fs::symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"), fixtures).unwrap();
    let mut environment = BTreeMap::new();
    for example in &examples {
        let found = run(dir.path(), &mut environment, &example.command);
        let mut expected = example.output.clone();
        while expected.last().is_some_and(String::is_empty) {
            expected.pop();
        }
        let lines: Vec<&str> = found.trim_end().lines().collect();
        assert!(
            matches(&expected, &lines),
            "{page}:{}: `{}` printed:\n{found}",
            example.line,
            example.command
        );
    }
    examples.len()
}

#[test]
fn every_example_on_a_page_is_true() {
    let pages = pages();
    let run: Vec<thread::Result<usize>> = thread::scope(|scope| {
        let sessions = pages.iter().map(|page| scope.spawn(|| session(page)));
        let sessions: Vec<_> = sessions.collect();
        sessions.into_iter().map(|session| session.join()).collect()
    });
    let mut examples = 0;
    for (page, found) in pages.iter().zip(run) {
        // what was wrong with it, its thread has said
        examples += found.unwrap_or_else(|_| panic!("{page}: an example is not true"));
    }
    assert!(examples > 10, "there is a tour: {examples}");
}

#[test]
fn a_gap_stands_for_any_lines_and_nothing_else_does() {
    let expected = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (shown, found, same) in [
        ("a\n…\nc", "a\nb\nb\nc", true),
        ("a\n  …\nc", "a\nc", true),
        ("…\na\nc", "a\nb\na\nc", true),
        ("a\n…", "a", true),
        ("a\n…\nc", "a\nc\nb", false),
        ("a", "a\nb", false),
        ("a\nb", "a", false),
        ("at 2026-11-23 18:42", "at 2025-01-02 03:04", true),
        ("\"time\": 1796060798,", "\"time\": 1700000000,", true),
        ("\"time\": 179606079,", "\"time\": 170000000,", false),
        ("…x", "x", false),
    ] {
        let found: Vec<&str> = found.lines().collect();
        assert_eq!(
            matches(&expected(shown), &found),
            same,
            "{shown:?} {found:?}"
        );
    }
}

#[test]
fn the_commands_for_cargo_are_those_that_ci_runs() {
    let texts: Vec<String> = pages().iter().map(|page| read(page)).collect();
    let ci = include_str!("../../.ci/run");
    let commands = [
        "cargo run --locked --quiet -- --root fixtures/hosts/tutorial bridge add br0 --port ens33 --dry-run",
        "cargo test --locked",
        "KVMNET_WHOLE=1 cargo test --locked --test faults -- --nocapture",
    ];
    for command in commands {
        let block = format!("```sh\n{command}\n```");
        let said = texts.iter().any(|text| text.contains(&block));
        assert!(said, "no page says: {command}");
        assert!(ci.lines().any(|line| line == command), ".ci/run: {command}");
    }
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    let others = ["SECURITY.md", "CONTRIBUTING.md", "deny.toml"];
    for page in pages().into_iter().chain(others.map(str::to_owned)) {
        let text = read(&page);
        for (at, _) in text.match_indices("tests/") {
            let inside = text[..at].chars().next_back();
            let end = |c: char| !(c.is_alphanumeric() || "/_-.".contains(c));
            let path = text[at..].split(end).next().unwrap_or_default();
            let path = path.trim_end_matches(['.', '/']);
            if inside.is_some_and(|c| c.is_alphanumeric() || c == '/') || path == "tests" {
                continue;
            }
            // they stand for a name
            let placeholder = |part: &str| {
                ["GROUP", "NAME", "RULE"]
                    .iter()
                    .any(|p| part.starts_with(p))
            };
            if path.split('/').any(placeholder) {
                continue;
            }
            named += 1;
            assert!(base.join(path).exists(), "{page} names {path}");
        }
    }
    assert!(named > 20, "{named}");
}
