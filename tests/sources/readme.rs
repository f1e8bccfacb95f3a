//! Every example in the README is run: its `console` blocks are one session on a copy of the tutorial host.
//!
//! A line that is `…` alone stands for any lines. Times are compared as times, not by value.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Where the README's session is.
const FOLDER: &str = "/root/try";

/// One command with the output that the README shows.
struct Example {
    line: usize,
    command: String,
    output: Vec<String>,
}

fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (number, line) in readme.lines().enumerate() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => {
                    examples.push(Example {
                        line: number + 1,
                        command: command.to_owned(),
                        output: Vec::new(),
                    });
                }
                None => examples.last_mut().unwrap().output.push(line.to_owned()),
            },
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
    // the README's session is in a folder of this name
    let text = String::from_utf8(done.stdout).unwrap();
    text.replace(dir.to_str().unwrap(), FOLDER)
}

/// Replaces `2026-11-23 18:42` by a word of the same length.
fn without_times(text: &str) -> String {
    let mut shown: Vec<char> = text.chars().collect();
    let time = "dddd-dd-dd_dd:dd";
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
    shown.into_iter().collect()
}

/// Compares line by line; `…` alone stands for any lines.
fn matches(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=found.len()).any(|skip| matches(rest, &found[skip..]))
        }
        Some((first, rest)) => found.split_first().is_some_and(|(line, others)| {
            without_times(first.trim_end()) == without_times(line.trim_end())
                && matches(rest, others)
        }),
    }
}

#[test]
fn every_example_in_the_readme_is_true() {
    let readme = include_str!("../../README.md");
    let examples = examples(readme);
    assert!(examples.len() > 10, "the README has a tour");
    let dir = tempfile::TempDir::new().unwrap();
    let fixtures = dir.path().join("fixtures");
    std::os::unix::fs::symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"), fixtures).unwrap();
    let mut environment = BTreeMap::new();
    for example in examples {
        let found = run(dir.path(), &mut environment, &example.command);
        let mut expected = example.output.clone();
        while expected.last().is_some_and(String::is_empty) {
            expected.pop();
        }
        let lines: Vec<&str> = found.trim_end().lines().collect();
        assert!(
            matches(&expected, &lines),
            "README.md:{}: `{}` printed:\n{found}",
            example.line,
            example.command
        );
    }
}

#[test]
fn the_commands_for_cargo_are_those_that_ci_runs() {
    let readme = include_str!("../../README.md");
    let ci = include_str!("../../.ci/run");
    let commands = [
        "cargo run --locked --quiet -- --root fixtures/hosts/tutorial bridge add br0 --port ens33 --dry-run",
        "cargo test --locked",
        "KVMNET_WHOLE=1 cargo test --locked --test faults -- --nocapture",
    ];
    for command in commands {
        assert!(
            readme.contains(&format!("```sh\n{command}\n```")),
            "README: {command}"
        );
        assert!(ci.lines().any(|line| line == command), ".ci/run: {command}");
    }
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for page in ["README.md", "SECURITY.md", "CONTRIBUTING.md", "deny.toml"] {
        let text = std::fs::read_to_string(base.join(page)).unwrap_or_default();
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
