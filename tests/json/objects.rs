//! All objects that are looked at: those that cases expect, and what commands print over all hosts.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;

use crate::scenes;
use crate::support::{hosts, setup};

/// A printed object.
pub(crate) struct Object {
    /// The case or the host.
    pub(crate) from: String,
    /// The words of the command behind `kvmnet`.
    pub(crate) words: Vec<String>,
    pub(crate) value: Value,
}

impl Object {
    /// Reads what a command printed: one object, and nothing else.
    pub(crate) fn read(from: &str, words: &[String], text: &str) -> Self {
        let value = serde_json::from_str(text);
        let value: Value =
            value.unwrap_or_else(|error| panic!("{from}: {}: {error}:\n{text}", words.join(" ")));
        assert!(
            sorted(&value, text),
            "{from}: {}: its keys are not sorted",
            words.join(" ")
        );
        Self {
            from: from.to_owned(),
            words: words.to_vec(),
            value,
        }
    }
}

/// Returns whether the keys are sorted: printed anew, which sorts them, an object is the same.
fn sorted(value: &Value, text: &str) -> bool {
    let again = serde_json::to_string_pretty(value).unwrap();
    let plain = |text: &str| !text.contains("\\u");
    !plain(text) || again == text.trim_end()
}

/// Returns them all.
pub(crate) fn all() -> Vec<Object> {
    let mut objects = of_cases();
    assert!(objects.len() > 60, "{}", objects.len());
    let hosts = hosts();
    let (even, odd): (Vec<_>, Vec<_>) = hosts.iter().enumerate().partition(|(n, _)| n % 2 == 0);
    let run = |hosts: Vec<(usize, &String)>| {
        let objects = hosts
            .into_iter()
            .flat_map(|(_, host)| scenes::of_host(host));
        objects.collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let even = scope.spawn(|| run(even));
        objects.extend(run(odd));
        objects.extend(scenes::others());
        objects.extend(even.join().unwrap());
    });
    objects
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Returns those that cases expect.
pub(crate) fn of_cases() -> Vec<Object> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = folders(&base).into_iter().flat_map(|group| folders(&group));
    let mut objects = Vec::new();
    for case in cases {
        let name = case.strip_prefix(&base).unwrap().to_str().unwrap();
        // files in it may be in no encoding
        let text = fs::read(case.join("stdout")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut parts = text.split("$ kvmnet ");
        let start = parts.next().unwrap_or_default();
        assert!(start.is_empty() || !start.contains("--json"), "{name}");
        for part in parts {
            let (line, printed) = part.split_once('\n').unwrap();
            let words = setup::words(Path::new("/tmp/case"), line);
            let (printed, _) = printed.rsplit_once("exit ").unwrap();
            if words.iter().any(|word| word == "--json") && !printed.trim().is_empty() {
                objects.push(Object::read(name, &words, printed));
            }
        }
    }
    objects
}
