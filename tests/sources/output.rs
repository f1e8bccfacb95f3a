//! Everything that is printed goes through one place, which makes text of it.

use std::fs;
use std::path::{Path, PathBuf};

/// Words by which code would print on its own.
const WORDS: &[&str] = &[
    "println!",
    "eprintln!",
    "print!(",
    "eprint!(",
    "stdout()",
    "stderr()",
    ".print()",
    "dbg!",
];

/// Where they may stand, and how often: the screen is made in `mod.rs`; there is none yet for a mistaken command line; a plan
/// alone goes to standard output in `named_file.rs`, what a script of a shell asks for in `complete`, and whether there is a terminal to
/// ask on, `session.rs` knows.
const ALLOWED: &[(&str, usize)] = &[
    ("cli/complete/mod.rs", 1),
    ("cli/mistaken.rs", 6),
    ("cli/mod.rs", 10),
    ("cli/named_file.rs", 2),
    ("cli/session.rs", 1),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

fn prints(text: &str) -> usize {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.collect::<Vec<_>>().join("\n");
    WORDS.iter().map(|word| code.matches(word).count()).sum()
}

#[test]
fn only_the_screen_prints() {
    assert_eq!(prints("let x = 1;\nprintln!(\"{x}\");\n// eprintln!"), 1);
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&base, &mut files);
    assert!(files.len() > 100);
    for file in files {
        let name = file
            .strip_prefix(&base)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let count = prints(&fs::read_to_string(&file).unwrap());
        let allowed = ALLOWED.iter().find(|(known, _)| *known == name);
        let allowed = allowed.map_or(0, |(_, count)| *count);
        assert_eq!(count, allowed, "{name} prints on its own");
    }
}
