//! The pages of the manual: mandoc has nothing to say of them, and each example on them is run.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{copy, fixture, kvmnet, real_daemons};

/// What is done before the examples of a page, so that there is what they are about.
const BEFORE: &[(&str, &[&str])] = &[
    (
        "kvmnet-bridge-remove",
        &["kvmnet bridge add br0 --port ens33 --yes"],
    ),
    (
        "kvmnet-bridge-add-port",
        &["kvmnet bridge add br0 --port ens33 --yes"],
    ),
    (
        "kvmnet-bridge-remove-port",
        &["kvmnet bridge add br0 --port ens33,ens34 --yes"],
    ),
    (
        "kvmnet-network-remove",
        &["kvmnet network add nat1 --mode nat --yes"],
    ),
    (
        "kvmnet-guest-connect",
        &["kvmnet bridge add br0 --port ens33 --yes"],
    ),
    (
        "kvmnet-history",
        &["kvmnet network add nat1 --mode nat --yes"],
    ),
    (
        "kvmnet-rollback",
        &[
            "kvmnet network add nat1 --mode nat --yes",
            "kvmnet bridge add br0 --port ens33 --yes",
        ],
    ),
    (
        "kvmnet-confirm",
        &["kvmnet bridge add br0 --port ens33 --confirm-within 10 --yes"],
    ),
];

/// Folders of the machine in use, which examples name.
const FOLDERS: [&str; 3] = [
    "/etc/systemd/system",
    "/usr/local/share/man",
    "/etc/fish/completions",
];

/// Writes the pages, and returns their names and texts.
fn pages(dir: &Path) -> BTreeMap<String, (PathBuf, String)> {
    let output = kvmnet(Path::new("/"), &["man", dir.to_str().unwrap()]);
    assert!(output.status.success());
    let folders = ["man7", "man8"].map(|name| fs::read_dir(dir.join(name)).unwrap());
    let pages = folders.into_iter().flatten().map(|entry| {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        (
            path.file_stem().unwrap().to_str().unwrap().to_owned(),
            (path, text),
        )
    });
    pages.collect()
}

#[test]
fn json_names_the_pages() {
    let dir = TempDir::new().unwrap();
    let pages = pages(dir.path());
    let output = kvmnet(
        Path::new("/"),
        &["man", dir.path().to_str().unwrap(), "--json"],
    );
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let named = object["pages"].as_array().unwrap().iter();
    let mut named: Vec<_> = named.map(|path| path.as_str().unwrap()).collect();
    named.sort_unstable();
    let mut written: Vec<_> = pages
        .values()
        .map(|(path, _)| path.to_str().unwrap())
        .collect();
    written.sort_unstable();
    assert_eq!(named, written);
}

#[test]
fn mandoc_has_nothing_to_say() {
    let dir = TempDir::new().unwrap();
    let pages = pages(dir.path());
    let mut mandoc = Command::new("mandoc");
    let output = mandoc
        .arg("-Tlint")
        .args(pages.values().map(|(path, _)| path))
        .output();
    let Ok(output) = output else {
        assert!(
            !real_daemons(),
            "KVMNET_REAL_DAEMONS=1, but mandoc is not installed"
        );
        println!("skipped: mandoc is not installed");
        return;
    };
    let said = [output.stdout, output.stderr].concat();
    assert!(said.is_empty(), "{}", String::from_utf8_lossy(&said));
    assert!(output.status.success());
}

/// Returns what stands between two lines of a page.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    let parts = text.split(start).skip(1);
    parts.map(|part| part.split(end).next().unwrap()).collect()
}

/// Returns the examples of a page, as they are typed.
fn examples(text: &str) -> Vec<String> {
    let Some((_, section)) = text.split_once(".SH EXAMPLES\n") else {
        return Vec::new();
    };
    let section = section.split("\n.SH ").next().unwrap();
    let plain = |text: &str| {
        [
            ("\\-", "-"),
            ("\\(aq", "'"),
            ("\\(dq", "\""),
            ("\\(ti", "~"),
            ("\\&", ""),
            ("\\e", "\\"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (roff, c)| text.replace(roff, c))
    };
    between(section, ".EX\n", ".EE\n")
        .into_iter()
        .map(plain)
        .collect()
}

/// A folder on a host's copy in which examples are typed.
struct Place {
    tmp: TempDir,
}

impl Place {
    /// What would act on this machine is a stand-in, or goes to the folder.
    fn new(host: &str) -> Self {
        let tmp = copy(&fixture(host));
        let bin = tmp.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let stand_in = bin.join("systemctl");
        fs::write(&stand_in, "#!/bin/sh\nexit 0\n").unwrap();
        fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kvmnet"), bin.join("kvmnet")).unwrap();
        for folder in FOLDERS {
            fs::create_dir_all(tmp.path().join(&folder[1..])).unwrap();
        }
        Self { tmp }
    }

    /// Installs the program on the host, where a change that takes itself back needs it.
    fn install(&self) {
        let program = self.tmp.path().join("root/usr/bin/kvmnet");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_kvmnet"), program).unwrap();
    }

    /// Runs lines in bash; returns what is wrong with them.
    fn run(&self, lines: &str) -> Result<(), String> {
        let dir = self.tmp.path();
        let there = |text: String, folder: &&str| {
            text.replace(*folder, &format!("{}{folder}", dir.display()))
        };
        let script = FOLDERS.iter().fold(lines.to_owned(), there);
        let mut bash = Command::new("bash");
        bash.args(["-e", "-o", "pipefail", "-c", &script])
            .current_dir(dir)
            .env_clear()
            .env("PATH", format!("{}/bin:/usr/bin:/bin", dir.display()))
            .env("KVMNET_ROOT", dir.join("root"))
            .stdin(Stdio::null());
        let output = bash.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.success() && !said.contains("error") {
            true => Ok(()),
            false => Err(format!("{lines}\n{:?}: {said}", output.status)),
        }
    }
}

#[test]
fn every_example_is_run() {
    let dir = TempDir::new().unwrap();
    let pages = pages(dir.path());
    let (mut tried, mut faults) = (0, Vec::new());
    for (name, (_, text)) in &pages {
        let mut known = BEFORE.iter().filter(|(page, _)| page == name);
        let before = known.next().map_or(&[][..], |(_, lines)| *lines);
        let host = match name.starts_with("kvmnet-migrate") {
            true => "rhel8-nm",
            false => "tutorial",
        };
        let place = Place::new(host);
        let all = [before.join("\n"), examples(text).join("\n")].concat();
        if all.contains("--confirm-within") {
            place.install();
        }
        for line in before {
            place.run(line).unwrap();
        }
        for example in examples(text) {
            tried += 1;
            faults.extend(
                place
                    .run(&example)
                    .err()
                    .map(|fault| format!("{name}: {fault}")),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(
        tried > pages.len(),
        "{tried} examples on {} pages",
        pages.len()
    );
    assert!(BEFORE.iter().all(|(page, _)| pages.contains_key(*page)));
}

/// Every command that `--help` lists has a page with all its sections, and the pages that it names are there.
#[test]
fn pages_are_whole_and_name_pages_that_are_there() {
    let dir = TempDir::new().unwrap();
    let pages = pages(dir.path());
    let mut named = 0;
    for (name, (_, text)) in &pages {
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "EXIT STATUS",
            "FILES",
            "SEE ALSO",
        ] {
            let there = text.contains(&format!("\n.SH {section}\n"));
            assert!(there || name == "kvmnet-rules", "{name} lacks {section}");
        }
        for page in between(text, "\\fBkvmnet", "\\fR(") {
            let page = format!("kvmnet{}", page.replace("\\-", "-"));
            if page.contains(|c: char| c.is_whitespace() || c == '\\') {
                continue;
            }
            named += 1;
            assert!(pages.contains_key(&page), "{name} names {page}");
        }
    }
    assert!(named > 3 * pages.len(), "{named}");
    let help = kvmnet(Path::new("/"), &["--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let listed = lines
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '));
    let mut count = 0;
    for command in listed
        .filter_map(|line| line.split(' ').next())
        .filter(|word| *word != "help")
    {
        assert!(
            pages.contains_key(&format!("kvmnet-{command}")),
            "{command}"
        );
        count += 1;
    }
    assert!(count > 10, "{count}");
}
