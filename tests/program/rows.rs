//! What programs get to read: rows of words for a pipe, rows as wide as the terminal, objects for errors, and no noise when they
//! stop listening.

use crate::support;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{copy, fixture, hosts, kvmnet};
use serde_json::Value;

const TABLES: &[(&str, &str)] = &[
    ("bridges", "BRIDGE"),
    ("networks", "NAME"),
    ("guests", "GUEST"),
];

fn shown(root: &Path, words: &[&str]) -> String {
    let output = kvmnet(root, words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the word that `awk` sees as the text that it stands for.
fn unescaped(word: &str) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (known, length) = match &rest[at..] {
            code if code.starts_with("\\x20") => (' ', 4),
            code if code.starts_with("\\x2c") => (',', 4),
            code if code.starts_with("\\xa0") => ('\u{a0}', 4),
            _ => ('\\', 2),
        };
        text.push(known);
        rest = &rest[at + length..];
    }
    text + rest
}

#[test]
fn the_first_column_names_exactly_what_there_is() {
    let mut names = 0;
    for host in hosts() {
        let root = fixture(&host);
        for (kind, _) in TABLES {
            let object: Value =
                serde_json::from_str(&shown(&root, &["show", kind, "--json"])).unwrap();
            let known = object[kind].as_array().unwrap();
            let known: BTreeSet<String> = known
                .iter()
                .map(|one| one["name"].as_str().unwrap().to_owned())
                .collect();
            let table = shown(&root, &["show", kind]);
            let awk = Command::new("awk")
                .arg("NR>1{print $1}")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let mut awk = awk.unwrap();
            awk.stdin
                .take()
                .unwrap()
                .write_all(table.as_bytes())
                .unwrap();
            let found = String::from_utf8(awk.wait_with_output().unwrap().stdout).unwrap();
            let lines: Vec<&str> = found.lines().collect();
            let escaped = |name: &&str| match name.contains("\\x") {
                true => unescaped(name),
                false => (*name).to_owned(),
            };
            let found: BTreeSet<String> = lines.iter().map(escaped).collect();
            assert_eq!(found, known, "{host}: {kind}");
            assert!(
                *kind == "guests" || lines.len() == known.len(),
                "{host}: {kind} twice"
            );
            names += known.len();
        }
    }
    println!("{names} names");
    assert!(names > 80, "{names}");
}

#[test]
fn every_row_has_as_many_words_as_the_heading() {
    for host in hosts() {
        let root = fixture(&host);
        for (kind, _) in TABLES {
            let table = shown(&root, &["show", kind]);
            let words = |line: &str| line.split_ascii_whitespace().count();
            let heading = words(table.lines().next().unwrap());
            if table.starts_with("There are no ") {
                continue;
            }
            for line in table.lines() {
                assert_eq!(words(line), heading, "{host}: {line}");
            }
        }
        let leases = shown(&root, &["leases"]);
        let rows = leases.lines().filter(|_| leases.starts_with("NETWORK"));
        assert!(
            rows.into_iter()
                .all(|line| line.split_ascii_whitespace().count() == 7),
            "{leases}"
        );
    }
}

#[test]
fn a_long_row_for_a_pipe_is_one_line() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let qemu = root.join("etc/libvirt/qemu");
    let guest = std::fs::read_to_string(qemu.join("vm1.xml")).unwrap();
    for n in 0..40 {
        let text = guest
            .replace(
                "<name>vm1<",
                &format!("<name>a-guest-with-a-long-name-{n}<"),
            )
            .replace("e3b7d05c", &format!("e3b7d0{n:02}"))
            .replace("37:68:dc", &format!("37:69:{n:02}"));
        std::fs::write(qemu.join(format!("a-guest-with-a-long-name-{n}.xml")), text).unwrap();
    }
    let table = shown(&root, &["show", "bridges"]);
    let row = table
        .lines()
        .find(|line| line.starts_with("virbr0"))
        .unwrap();
    assert!(
        (0..40).all(|n| row.contains(&format!("a-guest-with-a-long-name-{n}"))),
        "{row}"
    );
    let guests = shown(&root, &["show", "guests"]);
    let order: Vec<&str> = guests
        .lines()
        .filter(|line| line.contains("name-1"))
        .collect();
    assert!(
        order[0].starts_with("a-guest-with-a-long-name-1 "),
        "{order:?}"
    );
    assert!(
        order[1].starts_with("a-guest-with-a-long-name-10 "),
        "{order:?}"
    );
}

/// Runs the program with a terminal of this width as standard output.
fn on_terminal(root: &Path, width: u16, words: &[&str]) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let size = rustix::termios::Winsize {
        ws_row: 24,
        ws_col: width,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&master, size).unwrap();
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
    let slave: OwnedFd =
        rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty()).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_kvmnet"))
        .arg("--root")
        .arg(root)
        .args(["--color", "never"])
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::from(slave))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut text = Vec::new();
    let mut master = File::from(master);
    let mut piece = [0; 4096];
    // at the end the other side hangs up
    while let Ok(length @ 1..) = master.read(&mut piece) {
        text.extend_from_slice(&piece[..length]);
    }
    child.wait().unwrap();
    String::from_utf8(text).unwrap().replace("\r\n", "\n")
}

#[test]
fn a_table_on_a_terminal_has_its_width() {
    for host in hosts() {
        let root = fixture(&host);
        for (kind, _) in TABLES {
            for width in [100, 200] {
                let table = on_terminal(&root, width, &["show", kind]);
                let longest = table
                    .lines()
                    .map(|line| line.chars().count())
                    .max()
                    .unwrap();
                assert!(
                    longest <= usize::from(width),
                    "{host} {kind} at {width}:\n{table}"
                );
            }
            let wide = on_terminal(&root, 60, &["show", kind, "--wide"]);
            assert_eq!(wide, shown(&root, &["show", kind]), "{host} {kind}");
        }
    }
    // where there is room nothing is counted, and a further address has its line
    let table = on_terminal(&fixture("libvirt-kinds"), 200, &["show", "bridges"]);
    assert!(
        table.contains("Win 2022 commented gateway oneline special tuned zoo"),
        "{table}"
    );
    assert!(
        table
            .lines()
            .any(|line| line.trim() == "fd50:0:0:131::1/64"),
        "{table}"
    );
    let narrow = on_terminal(&fixture("libvirt-kinds"), 90, &["show", "bridges"]);
    assert!(narrow.contains("+"), "{narrow}");
}

/// Runs a shell line in which `kvmnet` is the program on the tree; returns how it ends and what it says.
fn shell(root: &Path, line: &str) -> (i32, String) {
    let program = format!("{} --root {}", env!("CARGO_BIN_EXE_kvmnet"), root.display());
    let line = format!(
        "set -o pipefail\n{}",
        line.replace("kvmnet ", &format!("{program} "))
    );
    let output = Command::new("bash").args(["-c", &line]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn who_has_seen_enough_hears_no_complaint() {
    let dir = copy(&fixture("libvirt-kinds"));
    let root = dir.path().join("root");
    for look in [
        "show",
        "show guests --json",
        "check",
        "check --list",
        "history",
        "templates list",
        "leases",
        "status",
    ] {
        let (code, said) = shell(
            &root,
            &format!(
                "(kvmnet {look}; echo rc=$? >&2) 2>{0}/said | true; cat {0}/said; true",
                dir.path().display()
            ),
        );
        assert_eq!(code, 0, "{look}: {said}");
        assert!(said.contains("rc=0"), "{look}: {said}");
        assert!(
            !said.contains("error") && !said.contains("Broken pipe"),
            "{look}: {said}"
        );
    }
    // a change that cannot show its plan is none
    let tutorial = copy(&fixture("tutorial"));
    let root = tutorial.path().join("root");
    let before = support::nodes(&root);
    let line = "kvmnet bridge add br0 --port ens33 --yes >/dev/full";
    let (code, said) = shell(&root, line);
    assert_eq!(code, 2, "{said}");
    let changed = support::difference(&before, &support::nodes(&root));
    assert!(!changed.contains("ifcfg"), "{changed}");
}

#[test]
fn an_error_is_an_object_too() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    for (words, code, kind, place) in [
        (
            &["bridge", "add", "br0", "--port", "ens99", "--yes", "--json"][..],
            1,
            "refused",
            false,
        ),
        (
            &[
                "bridge", "add", "virbr0", "--port", "ens33", "--yes", "--json",
            ],
            1,
            "refused",
            true,
        ),
        (&["bridge", "add", "--json"], 2, "usage", false),
        (&["check", "--yes", "--json"], 2, "usage", false),
        (&["apply", "/nonexistent", "--json"], 2, "io", false),
        (&["rollback", "7", "--yes", "--json"], 1, "refused", false),
        (&["show", "nonsense", "--json"], 2, "io", false),
    ] {
        let output = kvmnet(&root, words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {output:?}");
        let object: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(object["schema"], 1, "{words:?}");
        let error = &object["error"];
        assert_eq!(error["kind"], kind, "{words:?}: {object}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{words:?}");
        assert!(error["help"].is_array(), "{words:?}: {object}");
        assert_eq!(
            error["at"]["path"].is_string(),
            place,
            "{words:?}: {object}"
        );
        assert_eq!(
            error["at"]["line"].is_number(),
            place,
            "{words:?}: {object}"
        );
        // and for people as ever
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
}

#[test]
fn a_message_is_one_write() {
    if !support::strace::have_strace() {
        return;
    }
    let root = fixture("netplan");
    let output = Command::new("strace")
        .args([
            "-f",
            "-e",
            "trace=write",
            "-e",
            "write=2",
            "-o",
            "/dev/stdout",
        ])
        .arg(env!("CARGO_BIN_EXE_kvmnet"))
        .arg("--root")
        .arg(root)
        .args(["bridge", "add", "br5", "--port", "ens3", "--yes"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let trace = String::from_utf8_lossy(&output.stdout).into_owned();
    let writes = trace
        .lines()
        .filter(|line| line.contains("write(2, "))
        .count();
    assert_eq!(writes, 1, "{trace}");
}
