//! Where a page is written, with which mode; and where it is not, and then nothing else is either.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::parsed::Parsed;
use crate::support::{Nodes, copy, fixture, nodes};
use rustix::pty::OpenptFlags;
use tempfile::TempDir;

const JOB: &str = "bridge add br0 --port ens33";

fn host() -> TempDir {
    copy(&fixture("tutorial"))
}

/// Runs a command in the folder around the root.
fn run(dir: &TempDir, command: &str, umask: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_kvmnet");
    let line = format!("umask {umask}; exec {program} --root root {command}");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &line])
        .env_clear()
        .current_dir(dir.path());
    shell.stdin(Stdio::null()).output().unwrap()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

/// Fails unless the command ends with 2, says this, and leaves everything as it was.
#[track_caller]
fn refused(dir: &TempDir, before: &Nodes, command: &str, says: &str) {
    let output = run(dir, command, "022");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{command}: {said}");
    assert!(said.contains(says), "{command}: {said}");
    assert_eq!(output.stdout, b"", "{command}");
    assert!(nodes(dir.path()) == *before, "{command} changed something");
}

#[test]
fn what_is_no_place_for_a_page_is_refused_and_nothing_is_changed() {
    let dir = host();
    let path = |name: &str| dir.path().join(name);
    fs::create_dir(path("folder")).unwrap();
    fs::write(path("notes"), "mine\n").unwrap();
    fs::write(path("other.html"), "<!DOCTYPE html>\n<p>mine</p>\n").unwrap();
    symlink("nowhere", path("dangling")).unwrap();
    symlink("root/etc/hostname", path("to-hostname")).unwrap();
    fs::create_dir_all(path("root/var/lib/kvmnet")).unwrap();
    let before = nodes(dir.path());
    for (file, says) in [
        ("folder", "it is a folder"),
        ("folder/", "it is a folder"),
        ("root", "it is a folder"),
        ("nowhere/p.html", "name a file in a folder that exists"),
        ("notes/p.html", "Not a directory"),
        ("notes", "is not a page that kvmnet wrote"),
        ("other.html", "is not a page that kvmnet wrote"),
        ("dangling", "dangling link"),
        ("to-hostname", "in the /etc of the tree"),
        ("root/etc/p.html", "in the /etc of the tree"),
        (
            "root/etc/sysconfig/network-scripts/ifcfg-p",
            "in the /etc of the tree",
        ),
        (
            "root/etc/libvirt/../../etc/p.html",
            "in the /etc of the tree",
        ),
        (
            "root/var/lib/kvmnet/p.html",
            "in the /var/lib/kvmnet of the tree",
        ),
        ("/dev/full", "No space left"),
    ] {
        for how in ["--dry-run", "--yes", ""] {
            refused(&dir, &before, &format!("{JOB} {how} --html {file}"), says);
        }
        refused(
            &dir,
            &before,
            &format!("{JOB} --dry-run --out p.plan --html {file}"),
            says,
        );
    }
    for (options, says) in [
        ("--out p --html p", "cannot both write to p"),
        ("--out p --html ./p", "cannot both write to p"),
        ("--out - --html /dev/stdout", "cannot both write to -"),
        ("--json --html -", "--json and --html - cannot be combined"),
    ] {
        let output = run(&dir, &format!("{JOB} --dry-run {options}"), "022");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options}: {said}");
        assert!(said.contains(says), "{options}: {said}");
        assert!(nodes(dir.path()) == before, "{options} changed something");
    }
    // nothing of it is asked for
    let output = run(&dir, "check --html p.html", "022");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(nodes(dir.path()) == before);
}

#[test]
fn a_page_replaces_a_page() {
    let dir = host();
    let file = dir.path().join("p.html");
    fs::write(&file, "").unwrap();
    symlink("p.html", dir.path().join("to-page")).unwrap();
    for name in ["p.html", "p.html", "to-page"] {
        let output = run(&dir, &format!("{JOB} --dry-run --html {name}"), "022");
        assert!(output.status.success(), "{name}: {output:?}");
        Parsed::of(&fs::read_to_string(&file).unwrap()).is_harmless();
        assert!(dir.path().join("to-page").is_symlink());
    }
    let names: Vec<String> = nodes(dir.path()).into_keys().collect();
    assert!(
        !names.iter().any(|name| name.ends_with(".tmp")),
        "{names:?}"
    );
}

#[test]
fn standard_output_has_the_page_alone() {
    let dir = host();
    let plain = run(&dir, &format!("{JOB} --dry-run -q"), "022");
    for name in ["-", "/dev/stdout", "/proc/self/fd/1"] {
        let output = run(&dir, &format!("{JOB} --dry-run --html {name}"), "022");
        assert!(output.status.success(), "{output:?}");
        let page = Parsed::of(&String::from_utf8(output.stdout).unwrap());
        assert_eq!(page.patch.as_bytes(), plain.stdout, "{name}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("\nPlan: bridge br0"), "{said}");
    }
    assert!(!dir.path().join("-").exists());
}

/// Who may not read a file does not read it in the page.
#[test]
fn its_mode_is_that_of_what_it_tells() {
    for (file_mode, options, umask, expected) in [
        (0o644, "", "022", 0o644),
        (0o644, "", "077", 0o600),
        (0o644, "", "002", 0o664),
        (0o600, "", "022", 0o600),
        (0o640, "", "022", 0o600),
        (0o644, "--show-secrets", "022", 0o600),
    ] {
        let dir = host();
        let profile = dir
            .path()
            .join("root/etc/sysconfig/network-scripts/ifcfg-ens33");
        fs::set_permissions(profile, fs::Permissions::from_mode(file_mode)).unwrap();
        let page = dir.path().join("p.html");
        for how in ["--dry-run", "--yes"] {
            let output = run(&dir, &format!("{JOB} {how} {options} --html p.html"), umask);
            assert!(output.status.success(), "{output:?}");
            assert_eq!(mode(&page), expected, "{file_mode:o} {options} {umask}");
        }
    }
}

/// It is there when the question is asked, and stays, whatever the answer.
#[test]
fn whoever_is_asked_has_the_page_already() {
    for (answer, code) in [("n\n", 1), ("y\n", 0)] {
        let dir = host();
        let (page, before) = (dir.path().join("p.html"), nodes(&dir.path().join("root")));
        let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&ours).unwrap();
        rustix::pty::unlockpt(&ours).unwrap();
        let name = rustix::pty::ptsname(&ours, Vec::new()).unwrap();
        let name = name.into_string().unwrap();
        let theirs = File::options().read(true).write(true).open(name).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
        command
            .args(["--root", "root"])
            .args(JOB.split(' '))
            .args(["--html", "p.html"]);
        command.env_clear().current_dir(dir.path());
        command.stdin(theirs.try_clone().unwrap());
        command.stdout(theirs.try_clone().unwrap()).stderr(theirs);
        let mut child = command.spawn().unwrap();
        drop(command);
        let (mut screen, mut said, mut part) = (File::from(ours), Vec::new(), [0; 4096]);
        let mut seen = None;
        // the end of a terminal is an error of reading
        while let Ok(read @ 1..) = screen.read(&mut part) {
            said.extend_from_slice(&part[..read]);
            if seen.is_none() && String::from_utf8_lossy(&said).contains("[y/N]") {
                assert!(
                    nodes(&dir.path().join("root")) == before,
                    "nothing else is written yet"
                );
                seen = Some(fs::read(&page).unwrap());
                screen.write_all(answer.as_bytes()).unwrap();
            }
        }
        assert_eq!(child.wait().unwrap().code(), Some(code), "{answer}");
        assert_eq!(fs::read(&page).ok(), seen, "{answer}");
        let is_as_before = nodes(&dir.path().join("root")) == before;
        assert_eq!(is_as_before, code == 1, "{answer}");
    }
}
