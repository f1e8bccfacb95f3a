//! The sources of the crate as the tests here see them: by module, and without their own tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub(crate) struct Source {
    /// Its path in `src`.
    pub(crate) path: String,
    /// `["backend", "ifcfg", "write"]`
    pub(crate) module: Vec<String>,
    /// All of it.
    pub(crate) text: String,
    /// The lines without test modules.
    pub(crate) lines: Vec<String>,
}

/// Returns the lines of `text` without test modules, and the names of those that have a file of their own.
fn without_tests(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut files) = (Vec::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push(line.to_owned());
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let item = lines.next().unwrap_or("");
        match item
            .trim()
            .strip_prefix("mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        {
            Some(name) => files.push(name.to_owned()),
            None => {
                let end = format!("{indent}}}");
                let _ = lines.by_ref().find(|line| *line == end);
            }
        }
    }
    (kept, files)
}

/// Returns the sources of the crate, without files of tests.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let (mut found, mut tests) = (Vec::new(), BTreeSet::new());
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let relative = path.strip_prefix(&root).unwrap().with_extension("");
        let mut module: Vec<String> = relative
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        if module.len() > 1 && module.last().is_some_and(|name| name == "mod") {
            module.pop();
        }
        let (lines, files) = without_tests(&text);
        tests.extend(
            files
                .into_iter()
                .map(|name| [&module[..], &[name]].concat()),
        );
        let path = path
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        found.push(Source {
            path,
            module,
            text,
            lines,
        });
    }
    found.retain(|source| !tests.contains(&source.module));
    assert!(found.len() > 40, "the sources are found");
    found
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

#[test]
fn test_modules_are_left_out() {
    let (lines, files) =
        without_tests("a\n#[cfg(test)]\nmod laws;\nb\n#[cfg(test)]\nmod tests {\n    x\n}\nc\n");
    assert_eq!(
        (lines.join(" "), files),
        ("a b c".to_owned(), vec!["laws".to_owned()])
    );
}
