//! Who may not read one folder sees the rest, and is told so; who would write is refused, and nothing is written.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::{Nodes, copy, difference, fixture, have, nodes};

/// Folders that may be for root alone.
const FOLDERS: &[&str] = &[
    "etc/libvirt",
    "etc/libvirt/qemu",
    "etc/libvirt/qemu/networks",
    "etc/libvirt/qemu/networks/autostart",
    "etc/NetworkManager/system-connections",
    "etc/dhcp",
    "etc/firewalld/zones",
    "etc/kvmnet/templates",
    "etc/sysctl.d",
    "sys/class/net",
    "var/lib",
    "var/lib/kvmnet",
    "var/lib/libvirt/dnsmasq",
];

/// Commands that only look, or that are dry runs.
const LOOKS: &[&str] = &[
    "show",
    "show --json",
    "check",
    "check --json",
    "leases",
    "status",
    "status --diff --json",
    "templates list",
    "bridge add br0 --port ens33 --dry-run",
    "bridge add br0 --port ens33 --dry-run --json",
    "bridge add br0 --port ens33 --address 10.7.0.2/24 --dry-run -q",
    "network add lab --mode nat --subnet 10.7.0.0/24 --dry-run",
    "check --fix --dry-run",
];

/// Commands that would write; without a terminal and without --yes, nothing is.
const WRITES: &[&str] = &[
    "bridge add br0 --port ens33 --yes",
    "network add lab --mode nat --subnet 10.7.0.0/24 --yes",
];

/// Runs the program as root without the power to pass over rights, as in a container.
fn run(root: &Path, command: &str) -> Output {
    Command::new("setpriv")
        .args(["--bounding-set=-all", "--inh-caps=-all", "--"])
        .arg(env!("CARGO_BIN_EXE_kvmnet"))
        .arg("--root")
        .arg(root)
        .args(command.split(' '))
        .env_remove("KVMNET_ROOT")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// A host of which `folder` belongs to somebody else, and is for nobody else to see.
fn host(folder: &str) -> tempfile::TempDir {
    let above = copy(&fixture("tutorial"));
    let at = above.path().join("root").join(folder);
    fs::create_dir_all(&at).unwrap();
    chown(&at, Some(4242), Some(4242)).unwrap();
    fs::set_permissions(&at, fs::Permissions::from_mode(0o700)).unwrap();
    above
}

/// Returns what was said, however its lines are folded.
fn said(output: &Output) -> String {
    let text = [&output.stdout[..], b"\n", &output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Whether a command is for what lies in the folder, so that there is something to say.
fn concerns(command: &str, folder: &str) -> bool {
    match command.split(' ').next() {
        // the patch alone
        _ if command.ends_with("-q") => false,
        // read by what concerns networks alone
        _ if folder.ends_with("autostart") => command.starts_with("show") || command == "check",
        Some("leases") => folder.contains("libvirt"),
        Some("templates") => folder.contains("kvmnet/templates"),
        Some("show" | "check") => {
            !folder.starts_with("var/lib") && (folder != "etc/kvmnet/templates")
        }
        _ => !folder.starts_with("var/lib/libvirt"),
    }
}

#[test]
fn who_looks_goes_on_with_less_and_who_writes_is_refused() {
    if !rustix::process::geteuid().is_root() || !have("setpriv") {
        println!("skipped: needs root and setpriv");
        return;
    }
    for folder in FOLDERS {
        let above = host(folder);
        let root = above.path().join("root");
        let before: Nodes = nodes(&root);
        for command in LOOKS {
            let output = run(&root, command);
            let said = said(&output);
            let code = output.status.code().unwrap();
            assert!(
                code == 0 || code == 1 && command.starts_with("check"),
                "{folder}: {command}: {said}"
            );
            if concerns(command, folder) {
                // whose a history is comes before what is in it
                let distrusted = command.starts_with("status") && folder == &"var/lib/kvmnet";
                let denied = match distrusted {
                    true => said.contains("cannot be trusted"),
                    false => said.contains("Permission denied"),
                };
                assert!(denied, "{folder}: {command}: {said}");
            }
            assert_eq!(
                difference(&before, &nodes(&root)),
                "",
                "{folder}: {command}"
            );
        }
        for command in WRITES {
            let output = run(&root, command);
            // what the change has no need of is no reason
            let done = output.status.success();
            let text = said(&output);
            if done {
                assert!(
                    !text.contains("Permission denied"),
                    "{folder}: {command}: {text}"
                );
                continue;
            }
            // a history of somebody else is refused as such
            let distrusted = text.contains("cannot be trusted");
            let denied = output.status.code() == Some(2)
                && text.contains("Permission denied")
                && text.contains("help: run it as root");
            assert!(distrusted || denied, "{folder}: {command}: {text}");
            let changed = difference(&before, &nodes(&root));
            assert_eq!(changed, "", "{folder}: {command}");
        }
    }
}

#[test]
fn another_user_than_root_may_look_at_what_is_for_all() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root, to be somebody else");
        return;
    }
    let above = copy(&fixture("tutorial"));
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(above.path(), open.clone()).unwrap();
    let program = above.path().join("kvmnet");
    fs::copy(env!("CARGO_BIN_EXE_kvmnet"), &program).unwrap();
    fs::set_permissions(&program, open).unwrap();
    let root = above.path().join("root");
    for folder in [
        "var/lib/kvmnet/transactions",
        "var/lib/kvmnet",
        "etc/libvirt/qemu",
    ] {
        let at = root.join(folder);
        fs::create_dir_all(&at).unwrap();
        fs::set_permissions(&at, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let before = nodes(&root);
    let run = |command: &str| {
        let mut process = Command::new(&program);
        process.arg("--root").arg(&root).args(command.split(' '));
        // without root's groups, too
        process.uid(65534).gid(65534).env_remove("KVMNET_ROOT");
        process.stdin(Stdio::null()).output().unwrap()
    };
    for (command, code) in [
        ("show", 0),
        ("check", 0),
        ("status", 0),
        ("status --json", 0),
        ("bridge add br0 --port ens33 --dry-run", 0),
        ("bridge remove br0 --dry-run", 0),
        ("network add lab --mode nat --dry-run", 0),
        // what would be changed may be in there
        ("guest connect vm1 --network default --dry-run", 1),
        ("rollback --dry-run", 2),
        ("bridge add br0 --port ens33", 2),
        ("bridge add br0 --port ens33 --yes", 2),
    ] {
        let output = run(command);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{command}: {said}");
        assert!(said.contains("Permission denied"), "{command}: {said}");
    }
    assert_eq!(difference(&before, &nodes(&root)), "");
}
