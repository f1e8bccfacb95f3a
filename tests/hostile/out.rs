//! Where `--out` leads: what is no regular file is written into, and never replaced; and an output that is full is told.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use crate::run::{Scene, traces};
use crate::support::strace;

/// The commands that save a plan, as far as `--out`.
const SAVING: &[&str] = &[
    "bridge add br0 --port ens33",
    "network remove default --force",
    "rollback 1",
    "check --fix",
];

fn save(scene: &Scene, command: &str, out: &str, to: Stdio) -> Output {
    let words: Vec<&str> = command
        .split(' ')
        .chain(["--dry-run", "--out", out])
        .collect();
    let line = strace::program(&scene.root(), &words);
    let mut process = Command::new(&line[0]);
    process.args(&line[1..]).env_clear().stdin(Stdio::null());
    process.stdout(to).output().unwrap()
}

/// Whether bytes are a saved plan, and nothing else.
fn is_plan(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .is_ok_and(|plan| plan.get("kvmnet_plan").is_some())
}

/// Fails unless the command ends well, and changes nothing beneath the root.
fn saved(scene: &Scene, command: &str, out: &Path, to: Stdio) -> Output {
    let before = traces(&scene.root());
    let output = save(scene, command, out.to_str().unwrap(), to);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command} --out {out:?}: {said}");
    assert!(traces(&scene.root()) == before, "{command} --out {out:?}");
    output
}

#[test]
fn standard_output_has_the_plan_alone() {
    for command in SAVING {
        for out in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            let scene = Scene::new();
            let output = saved(&scene, command, Path::new(out), Stdio::piped());
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(is_plan(text.as_bytes()), "{command} --out {out}: {text}");
        }
    }
}

#[test]
fn what_is_no_regular_file_is_written_into() {
    let (scene, beside) = (Scene::new(), tempfile::tempdir().unwrap());
    let path = |name: &str| beside.path().join(name);
    let command = SAVING[0];

    // a pipe with a name, and a link to it
    mknodat(
        CWD,
        path("fifo"),
        FileType::Fifo,
        Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    symlink("fifo", path("to-fifo")).unwrap();
    for name in ["fifo", "to-fifo"] {
        let fifo = path("fifo");
        let reader = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            File::open(fifo).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        });
        saved(&scene, command, &path(name), Stdio::piped());
        assert!(is_plan(&reader.join().unwrap()), "{name}");
        let kind = path("fifo").symlink_metadata().unwrap().file_type();
        assert!(kind.is_fifo(), "{name} was replaced");
    }
    assert!(path("to-fifo").is_symlink());

    // devices
    let device = File::open("/dev/null").unwrap().metadata().unwrap().rdev();
    assert_eq!(device, makedev(1, 3));
    let mode = Mode::from_raw_mode(0o666);
    if mknodat(CWD, path("null"), FileType::CharacterDevice, mode, device).is_ok() {
        symlink("null", path("to-null")).unwrap();
        for name in ["null", "to-null"] {
            saved(&scene, command, &path(name), Stdio::piped());
            let meta = path("null").symlink_metadata().unwrap();
            assert!(meta.file_type().is_char_device(), "{name} was replaced");
            assert_eq!(meta.rdev(), device);
        }
        assert!(path("to-null").is_symlink());
    }

    // what cannot be written into
    fs::create_dir(path("folder")).unwrap();
    let output = save(
        &scene,
        command,
        path("folder").to_str().unwrap(),
        Stdio::piped(),
    );
    assert!(!output.status.success() && path("folder").is_dir());
    let output = save(&scene, command, "/dev/full", Stdio::piped());
    assert!(!output.status.success(), "a plan is lost, and nobody told");
    assert!(
        Path::new("/dev/full")
            .metadata()
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn an_output_that_is_full_is_no_success() {
    let scene = Scene::new();
    let before = traces(&scene.root());
    for command in [
        "show --json",
        "show networks --json",
        "leases --json",
        "check --json",
        "history --json",
        "history 1 --json",
        "templates list --json",
        "bridge add br0 --port ens33 --dry-run --json",
        "rollback 1 --dry-run --json",
        "show",
        "history 1",
        "bridge add br0 --port ens33 --dry-run",
        "bridge add br0 --port ens33 --dry-run --out -",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let line = strace::program(&scene.root(), &words);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut process = Command::new(&line[0]);
        process.args(&line[1..]).env_clear().stdin(Stdio::null());
        let output = process.stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(0), "{command}");
        assert!(said.contains("error: "), "{command}: {said}");
        assert!(traces(&scene.root()) == before, "{command}");
    }
}
