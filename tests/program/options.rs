//! Options of one command that are given together are both done, or the command line is refused (exit 2); what cannot be meant
//! together is refused (exit 1). None is ever passed over in silence.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::support::sample::{each, sample};
use crate::support::{copy, fixture, kvmnet};
use tempfile::TempDir;

/// A command on a fixture host, and its options, each with a value that is not what it would be without.
struct Row {
    host: &'static str,
    words: &'static [&'static str],
    options: &'static [&'static [&'static str]],
}

const SUBNET: &[&str] = &["--subnet", "10.77.0.0/24"];
const RANGE: &[&str] = &["--dhcp", "10.77.0.10-10.77.0.20"];
const NETWORK: &[&[&str]] = &[
    SUBNET,
    RANGE,
    &["--no-dhcp"],
    &["--host", "52:54:00:00:00:77=10.77.0.7"],
    &["--domain", "lab.example.test"],
    &["--device", "lab0"],
    &["--mac", "52:54:00:00:00:78"],
    &["--uuid", "11111111-2222-4333-8444-555555555555"],
    &["--no-autostart"],
    &["--bridge", "br1"],
    &["--switch", "ovs"],
];

const ROWS: &[Row] = &[
    Row {
        host: "static-routes",
        words: &["bridge", "add", "br7", "--port", "ens33"],
        options: &[
            &["--port", "ens34"],
            &["--dhcp"],
            &["--address", "10.77.0.2/24"],
            &["--no-address"],
            &["--gateway", "10.77.0.1"],
            &["--dns", "10.77.0.1"],
            &["--stp", "on"],
            &["--forward-delay", "9"],
            &["--switch", "ovs"],
            &["--backend", "keyfile"],
            &["--onboot", "no"],
        ],
    },
    Row {
        host: "monolithic",
        words: &["bridge", "add-port", "br0", "ens34"],
        options: &[&["--onboot", "no"], &["--force"], &["--backup", "none"]],
    },
    Row {
        host: "hand-bridged",
        words: &["network", "add", "lab", "--mode", "nat"],
        options: NETWORK,
    },
    Row {
        host: "hand-bridged",
        words: &[
            "network", "add", "lab", "--mode", "bridge", "--bridge", "br0",
        ],
        options: NETWORK,
    },
    Row {
        host: "tutorial",
        words: &["network", "copy", "default", "lab"],
        options: &[
            SUBNET,
            RANGE,
            &["--no-dhcp"],
            &["--host", "52:54:00:00:00:77=10.77.0.7"],
            &["--domain", "lab.example.test"],
            &["--device", "lab0"],
            &["--mac", "52:54:00:00:00:78"],
            &["--uuid", "11111111-2222-4333-8444-555555555555"],
            &["--no-autostart"],
            &["--mode", "isolated"],
            &["--mode", "bridge"],
            &["--bridge", "br0"],
            &["--switch", "ovs"],
        ],
    },
    Row {
        host: "tutorial",
        words: &["network", "set", "default"],
        options: &[
            SUBNET,
            RANGE,
            &["--no-dhcp"],
            &["--add-host", "52:54:00:00:00:77=192.168.122.7"],
            &["--remove-host", "nope"],
            &["--domain", "lab.example.test"],
            &["--device", "lab0"],
            &["--mac", "52:54:00:00:00:78"],
            &["--no-autostart"],
            &["--mode", "isolated"],
            &["--bridge", "br0"],
            &["--switch", "ovs"],
        ],
    },
    Row {
        host: "libvirt-kinds",
        words: &["guest", "connect", "commented"],
        options: &[
            &["--network", "isolated"],
            &["--bridge", "br0"],
            &["--interface", "2"],
            &["--new"],
            &["--model", "e1000e"],
            &["--mac", "52:54:00:00:00:78"],
        ],
    },
    Row {
        host: "hand-bridged",
        words: &["bridge", "remove", "br1"],
        options: &[&["--to", "ens35"], &["--force"], &["--backup", "none"]],
    },
    Row {
        host: "mess",
        words: &["check"],
        options: &[
            &["--fix"],
            &["--only", "duplicate-key"],
            &["--skip", "duplicate-key"],
            &["--strict"],
            &["--list"],
            &["--explain", "duplicate-key"],
            &["--backup", "none"],
            &["--force"],
            &["--exit-code"],
            &["--out", "/dev/null"],
            &["--html", "/dev/null"],
            &["--distrust-history"],
        ],
    },
];

/// What a command says and how it ends; a dry run, where it is one that changes.
fn outcome(root: &Path, row: &Row, options: &[&[&str]]) -> (i32, String) {
    let mut words = row.words.to_vec();
    words.extend(options.concat());
    let changes = row.words[0] != "check" || options.iter().any(|option| option[0] == "--fix");
    if changes {
        words.push("--dry-run");
    }
    let output = kvmnet(root, &words);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn no_option_is_passed_over_beside_another() {
    let mut pairs = Vec::new();
    let hosts: Vec<TempDir> = ROWS.iter().map(|row| copy(&fixture(row.host))).collect();
    for (row, dir) in ROWS.iter().zip(&hosts) {
        let root = dir.path().join("root");
        let plain = outcome(&root, row, &[]);
        let all = 0..row.options.len();
        let both = all
            .clone()
            .flat_map(|n| all.clone().map(move |m| (n, m)))
            .filter(|(n, m)| n != m);
        let alone: Arc<Vec<OnceLock<_>>> = Arc::new(all.clone().map(|_| OnceLock::new()).collect());
        pairs.extend(both.map(|(n, m)| (row, root.clone(), plain.clone(), alone.clone(), n, m)));
    }
    assert!(pairs.len() > 700, "{}", pairs.len());
    let pairs = sample("pairs of options", pairs, 90, |(row, .., n, m)| {
        [
            (row.words, 0, row.options[*n]),
            (row.words, 1, row.options[*m]),
        ]
    });
    let refused = AtomicUsize::new(0);
    each(
        "pairs of options",
        &pairs,
        |(row, root, plain, known, n, m)| {
            let (first, second) = (row.options[*n], row.options[*m]);
            let alone = |n: usize| known[n].get_or_init(|| outcome(root, row, &[row.options[n]]));
            // an option that nothing follows takes what follows it
            let both = outcome(root, row, &[first, second]);
            refused.fetch_add(usize::from(both.0 != 0), Ordering::Relaxed);
            let words = [row.words, first, second].concat().join(" ");
            // what says nothing by itself says nothing beside another
            assert!(
                both.0 == 2 || both.0 == 1 || alone(*m) == plain || both != *alone(*n),
                "{words}: {} is passed over:\n{}",
                second[0],
                both.1
            );
            assert!(both.0 != 101, "{words}: {}", both.1);
        },
    );
    println!(
        "{} pairs, {} of them refused",
        pairs.len(),
        refused.into_inner()
    );
}

#[test]
fn what_goes_with_a_new_interface_goes_with_no_other() {
    let dir = copy(&fixture("libvirt-kinds"));
    let root = dir.path().join("root");
    let connect = ["guest", "connect", "commented", "--bridge", "br0"];
    for options in [
        &["--interface", "2", "--mac", "52:54:00:00:00:78"][..],
        &["--interface", "2", "--model", "e1000e"],
        &["--mac", "52:54:00:00:00:78"],
        &["--model", "e1000e"],
        &["--interface", "2", "--new"],
        &["--network", "default"],
    ] {
        let output = kvmnet(&root, &[&connect[..], options, &["--yes"]].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
    }
}

#[test]
fn a_list_may_have_commas_or_the_option_again() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let plan = |words: &[&str]| {
        let output = kvmnet(&root, &[words, &["--dry-run", "-q"]].concat());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
        output.stdout
    };
    for (commas, again) in [
        (
            &["bridge", "add", "br0", "--port", "ens33,ens34"][..],
            &["bridge", "add", "--port", "ens33", "br0", "--port", "ens34"][..],
        ),
        (
            &[
                "bridge",
                "add",
                "br0",
                "--port=ens33",
                "--address",
                "10.7.0.2/24,fd07::2/64",
                "--dns",
                "10.7.0.1,fd07::1",
            ],
            &[
                "bridge",
                "add",
                "--address",
                "10.7.0.2/24",
                "--address",
                "fd07::2/64",
                "--dns",
                "10.7.0.1",
                "--dns",
                "fd07::1",
                "--port",
                "ens33",
                "br0",
            ],
        ),
        (
            &[
                "network",
                "add",
                "n",
                "--mode",
                "nat",
                "--subnet",
                "10.7.0.0/24",
                "--host",
                "52:54:00:00:00:01=10.7.0.5,web,52:54:00:00:00:02=10.7.0.6",
            ],
            &[
                "network",
                "add",
                "n",
                "--mode",
                "nat",
                "--subnet",
                "10.7.0.0/24",
                "--host",
                "52:54:00:00:00:01=10.7.0.5,web",
                "--host",
                "52:54:00:00:00:02=10.7.0.6",
            ],
        ),
    ] {
        assert_eq!(plan(commas), plan(again), "{commas:?}");
    }
    // as the usage line has it
    let output = kvmnet(
        &root,
        &["bridge", "add", "--port", "ens33", "br0", "--dry-run", "-q"],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
