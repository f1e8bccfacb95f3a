//! What packages bring: all that is listed is there, for each family; and their scripts are sound. `packaging/try` installs them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::have;

fn base() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A line of `packaging/files`.
struct Line {
    families: &'static [&'static str],
    mode: String,
    place: String,
    source: String,
}

fn lines() -> Vec<Line> {
    let text = fs::read_to_string(base().join("packaging/files")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [who, mode, place, source] = words[..] else {
            panic!("{line:?}");
        };
        Line {
            families: match who {
                "both" => &["deb", "rpm"],
                "deb" => &["deb"],
                "rpm" => &["rpm"],
                _ => panic!("{line:?}"),
            },
            mode: mode.to_owned(),
            place: place.to_owned(),
            source: source.to_owned(),
        }
    };
    lines.map(line).collect()
}

/// Returns the files of the repository that a pattern matches; a star stands for a part of the name.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let Ok(entries) = fs::read_dir(base().join(folder)) else {
        return Vec::new();
    };
    let (start, end) = name.split_once('*').unwrap_or((name, ""));
    let fits = |found: &str| match name.contains('*') {
        true => found.starts_with(start) && found.ends_with(end),
        false => found == name,
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found = names.filter(|found| fits(found));
    found.map(|found| Path::new(folder).join(found)).collect()
}

#[test]
fn what_is_listed_is_there() {
    let mut modes = BTreeSet::new();
    for line in lines() {
        assert!(line.place.starts_with('/'), "{}", line.place);
        modes.insert(line.mode.clone());
        let made = line.source.starts_with("made/");
        assert!(
            made || !matching(&line.source).is_empty(),
            "{}",
            line.source
        );
    }
    let modes: Vec<&str> = modes.iter().map(String::as_str).collect();
    assert_eq!(modes, ["0644", "0755"]);
}

/// What each family must bring: pages, schemas, licences and templates; a new one is not forgotten.
#[test]
fn each_family_has_what_belongs_to_it() {
    for family in ["deb", "rpm"] {
        let of_family = |line: &Line| line.families.contains(&family);
        let lines: Vec<Line> = lines().into_iter().filter(of_family).collect();
        let brought: BTreeSet<PathBuf> = lines
            .iter()
            .flat_map(|line| matching(&line.source))
            .collect();
        let mut wanted = matching("templates/*.hbs");
        wanted.extend(matching("LICENSE-*"));
        wanted.extend(matching("docs/*.md"));
        wanted.extend(matching("docs/schema/*.json"));
        wanted.extend(matching("packaging/*.service"));
        wanted.extend(["README.md", "RULES.md", "SECURITY.md"].map(PathBuf::from));
        assert!(wanted.len() > 10);
        for path in wanted {
            assert!(brought.contains(&path), "{family}: {}", path.display());
        }
        let made: BTreeSet<&str> = lines.iter().map(|line| &*line.source).collect();
        for name in [
            "kvmnet",
            "man/man7/*.gz",
            "man/man8/*.gz",
            "kvmnet.bash",
            "_kvmnet",
            "kvmnet.fish",
        ] {
            assert!(made.contains(&*format!("made/{name}")), "{family}: {name}");
        }
        for name in ["THIRD-PARTY", "hange"] {
            let named = |line: &&Line| line.source.to_lowercase().contains(&name.to_lowercase());
            assert!(lines.iter().any(|line| named(&line)), "{family}: {name}");
        }
    }
}

#[test]
fn the_history_is_as_private_as_the_program_makes_it() {
    let text = fs::read_to_string(base().join("packaging/kvmnet.conf")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        lines,
        [format!("d {} 0700 root root -", kvmnet::transaction::STATE)]
    );
}

#[test]
fn scripts_are_sound() {
    let folders = ["packaging", "packaging/deb", "packaging/rpm", ".ci"];
    let files = folders
        .iter()
        .flat_map(|folder| matching(&format!("{folder}/*")));
    let is_script = |path: &PathBuf| {
        let text = fs::read(base().join(path)).unwrap_or_default();
        text.starts_with(b"#!")
    };
    let scripts: Vec<PathBuf> = files.filter(is_script).collect();
    assert!(scripts.len() >= 9, "{scripts:?}");
    if !have("shellcheck") {
        return;
    }
    let mut command = Command::new("shellcheck");
    let output = command.args(&scripts).current_dir(base()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
