//! What `check` says of libvirt's files, held against the real libvirtd: what is an error, it refuses, ignores or cannot
//! start; what nearly is one, it takes. And what `check` says of keyfiles, against the real NetworkManager.
//!
//! The trees are those of the cases in `tests/cases/check`. As `libvirt.rs`, this runs with `KVMNET_REAL_DAEMONS=1`.

use std::path::Path;
use std::process::Command;

use crate::support::{copy, fixture, oracle, real_daemons, tree_of};

/// What libvirtd makes of what a rule finds.
enum Says {
    /// It refuses or ignores each of these files or links.
    Not(&'static [&'static str]),
    /// It cannot start one of these networks, all started one after the other beside these bridges of the host.
    NotStarted(&'static [&'static str], &'static [&'static str]),
}

/// The rules at error level that libvirtd can confirm. It cannot for guests that do not start, since that takes an
/// emulator, nor for overlaps of different size, which it starts (facts of libvirt 9.0).
const CONFIRMED: &[(&str, Says)] = &[
    ("autostart-dangling", Says::Not(&["gone"])),
    ("autostart-ignored", Says::Not(&["default", "lab"])),
    ("dhcp-range", Says::Not(&["back", "default", "ends"])),
    ("guest-name-twice", Says::Not(&["vm1"])),
    (
        "guest-refused",
        Says::Not(&[
            "boot",
            "caps",
            "mac",
            "multicast",
            "none",
            "other",
            "port",
            "queues",
            "vm2",
            "vm3",
        ]),
    ),
    ("guest-uuid-twice", Says::Not(&["vm"])),
    (
        "network-bridge-name",
        Says::NotStarted(&["a", "b", "c"], &[]),
    ),
    (
        "network-bridge-taken",
        Says::NotStarted(&["lab", "lab2"], &["br0", "ens34"]),
    ),
    (
        "network-bridge-twice",
        Says::NotStarted(&["default", "lab"], &["virbr0"]),
    ),
    (
        "network-not-startable",
        Says::NotStarted(&["mask", "mtu", "two4", "two6", "zero"], &[]),
    ),
    ("network-file-name", Says::Not(&["lab2", "nat1"])),
    (
        "network-refused",
        Says::Not(&[
            "broken", "caps", "delay", "dns", "entry", "mac", "noip", "ports", "rate", "route",
            "stp", "tag", "to",
        ]),
    ),
    ("network-uuid-twice", Says::Not(&["lab"])),
];

fn wanted() -> bool {
    if !real_daemons() {
        eprintln!("skipped: real daemons are asked only with KVMNET_REAL_DAEMONS=1");
    }
    real_daemons()
}

/// Returns the exit status and the report of an oracle.
#[track_caller]
fn ask(program: &str, root: &Path, options: &[&str]) -> (i32, String) {
    let mut command = Command::new("bash");
    command.arg(oracle(program)).args(options).arg(root);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code().unwrap_or(-1);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(code, 0 | 1 | 4),
        "{program} cannot tell ({code}): {error}\n{said}"
    );
    (code, said)
}

fn libvirt(root: &Path, options: &[&str]) -> (i32, String) {
    ask(
        "libvirt-load",
        root,
        &[&["--timeout", "100"], options].concat(),
    )
}

#[test]
fn what_is_an_error_libvirt_does_not_take() {
    if !wanted() {
        return;
    }
    for (rule, says) in CONFIRMED {
        let tmp = tree_of(&format!("check/{rule}"));
        let root = tmp.path().join("root");
        match says {
            Says::Not(names) => {
                let (code, said) = libvirt(&root, &["--no-autostart"]);
                assert_eq!(code, 1, "{rule}: libvirt takes it\n{said}");
                let errors: Vec<&str> = said
                    .lines()
                    .filter(|line| line.starts_with("error\t"))
                    .collect();
                for name in *names {
                    let named = errors.iter().any(|line| line.contains(name));
                    assert!(named, "{rule}: libvirt says nothing of {name}\n{said}");
                }
            }
            Says::NotStarted(names, links) => {
                for name in *names {
                    let mut options = vec!["--no-autostart", "--start", name];
                    links
                        .iter()
                        .for_each(|link| options.extend(["--host-link", link]));
                    let (code, said) = libvirt(&root, &options);
                    assert_eq!(code, 4, "{rule}: libvirt starts {name}\n{said}");
                }
            }
        }
    }
}

#[test]
fn what_nearly_is_an_error_libvirt_takes() {
    if !wanted() {
        return;
    }
    for (rule, says) in CONFIRMED {
        let tmp = tree_of(&format!("check/{rule}-near"));
        let root = tmp.path().join("root");
        let options: &[&str] = match says {
            Says::Not(_) => &["--no-autostart"],
            Says::NotStarted(..) => &[
                "--no-autostart",
                "--start-all",
                "--host-link",
                "br0",
                "--host-link",
                "ens34",
            ],
        };
        let (code, said) = libvirt(&root, options);
        assert_eq!(code, 0, "{rule}-near: libvirt does not take it\n{said}");
    }
}

/// The notes that libvirtd confirms: the network that is started, whether it starts, and what is told of it.
const NOTED: &[(&str, &str, i32, &str)] = &[
    ("nat-ipv6", "six", 0, "-d fd00:3::/64 -o virbr13 -j ACCEPT"),
    ("network-zone", "lab", 4, "firewalld is not active"),
    ("tftp-root", "pxe", 4, "TFTP directory"),
];

#[test]
fn what_notes_say_of_networks_libvirt_does() {
    if !wanted() {
        return;
    }
    for (rule, network, code, told) in NOTED {
        let tmp = tree_of(&format!("check/{rule}"));
        let options = ["--no-autostart", "--start", network];
        let (found, said) = libvirt(&tmp.path().join("root"), &options);
        assert_eq!(found, *code, "{rule}\n{said}");
        assert!(said.contains(told), "{rule}: no `{told}`\n{said}");
    }
}

#[test]
fn sound_hosts_are_taken() {
    if !wanted() {
        return;
    }
    for host in ["libvirt-kinds", "monolithic", "tutorial"] {
        let (code, said) = libvirt(&fixture(host), &["--no-autostart"]);
        assert_eq!(code, 0, "{host}\n{said}");
    }
    let above = copy(&fixture("libvirt-kinds"));
    let (code, said) = ask("nm-load", &above.path().join("root"), &[]);
    // controller and master say one thing twice, for old and new: this version knows one of them
    let dropped = said.lines().filter(|line| line.starts_with("DROPPED"));
    let known = |line: &str| line.contains("controller=") || line.contains("port-type=");
    assert!(dropped.clone().all(known), "{said}");
    assert!(
        !said.contains("IGNORED") && !said.contains("SHADOWED"),
        "{said}"
    );
    assert!(code == 0 || dropped.count() > 0, "{said}");
}

/// The rules about keyfiles, and how nm-load's line about the file begins.
const KEYFILES: &[(&str, &str)] = &[
    ("keyfile-delay", "IGNORED\tbr0.nmconnection"),
    ("keyfile-hidden", "IGNORED\tbr0.nmconnection"),
    ("keyfile-permissions", "IGNORED\tbr0.nmconnection"),
    ("keyfile-port", "IGNORED\tbr0-port-enp2s0.nmconnection"),
    ("keyfile-refused", "IGNORED\tenp1s0.nmconnection"),
    ("keyfile-stray", "br0.nmconnection.old"),
];

#[test]
fn what_is_an_error_networkmanager_does_not_take() {
    if !wanted() {
        return;
    }
    for (rule, line) in KEYFILES {
        let tmp = tree_of(&format!("check/{rule}"));
        let (code, said) = ask("nm-load", &tmp.path().join("root"), &[]);
        let told = said.lines().any(|said| match *rule {
            // the copy and the original have one UUID: either of them is loaded
            "keyfile-stray" => {
                said.starts_with("LOADED") && said.contains(line) || said.starts_with("SHADOWED")
            }
            _ => said.starts_with(line),
        });
        assert!(code == 1 && told, "{rule}: NetworkManager takes it\n{said}");
        let tmp = tree_of(&format!("check/{rule}-near"));
        let (_, said) = ask("nm-load", &tmp.path().join("root"), &[]);
        let taken = [
            "br0.nmconnection",
            "br0-port-enp2s0.nmconnection",
            "enp1s0.nmconnection",
        ];
        for file in taken {
            let loaded = format!("LOADED\t{file}\t");
            assert!(
                said.contains(&loaded),
                "{rule}-near: NetworkManager does not take {file}\n{said}"
            );
        }
        let others = said.lines().filter(|line| line.starts_with("LOADED"));
        assert_eq!(
            others.count(),
            taken.len(),
            "{rule}-near: a stray file is loaded\n{said}"
        );
    }
}
