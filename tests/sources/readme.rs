//! What README.md says in tables: the way by hand and the way with kvmnet, which hosts it works on; and that of the commands.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use crate::pages::read;
use crate::support;

/// Returns the rows of the table below a heading, each with its cells.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let text = read(page);
    let (_, section) = text.split_once(&format!("{heading}\n")).unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with("|--"));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let row = row.trim_matches('|').replace("\\|", "\u{1}");
        let cells = row.split('|');
        cells
            .map(|cell| cell.trim().replace('\u{1}', "|"))
            .collect()
    };
    rows.map(cells).collect()
}

/// Returns what stands in quotes of code.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn kvmnet(root: &Path, words: &str) -> Output {
    let words = words.strip_prefix("kvmnet ").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
    command.arg("--root").arg(root).args(words.split(' '));
    command.output().unwrap()
}

/// Each command of the table is run, one after the other, on one host.
#[test]
fn what_is_done_by_hand_is_done_by_the_command_beside_it() {
    let dir = support::copy(&support::fixture("tutorial"));
    let root = dir.path().join("root");
    let looks = ["kvmnet show", "kvmnet leases", "kvmnet check"];
    let rows = rows("README.md", "## By hand, and with kvmnet");
    let commands: Vec<&str> = rows.iter().flat_map(|row| code(&row[1])).collect();
    assert!(commands.len() > 14, "{commands:?}");
    for command in commands {
        let looks = looks.iter().any(|look| command.starts_with(look));
        let line = match looks {
            true => command.to_owned(),
            false => format!("{command} --yes"),
        };
        let output = kvmnet(&root, &line);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && !printed.is_empty(),
            "{line}: {output:?}"
        );
    }
}

/// A host of each row of the table, with a card of it, and how the answer begins.
const HOSTS: &[(&str, &[(&str, &str)])] = &[
    (
        "RHEL, CentOS 7",
        &[("tutorial", "ens33"), ("static-routes", "ens33")],
    ),
    ("RHEL, AlmaLinux, Rocky 8", &[("rhel8-nm", "enp1s0")]),
    ("RHEL 9", &[("rhel9", "ens33"), ("rhel9-mixed", "ens33")]),
    (
        "RHEL 10, Fedora, CoreOS",
        &[
            ("rhel10", "enp1s0"),
            ("fedora", "enp1s0"),
            ("coreos", "enp1s0"),
        ],
    ),
    (
        "Debian, Ubuntu with NetworkManager",
        &[("debian-nm", "eno1")],
    ),
    (
        "Debian with ifupdown",
        &[
            ("debian", "ens20"),
            ("proxmox", "eno1"),
            ("netplan", "ens3"),
            ("networkd", "enp1s0"),
        ],
    ),
    ("Open vSwitch", &[("ovs", "eth0")]),
];

#[test]
fn it_works_on_the_hosts_of_the_table() {
    let rows = rows("README.md", "## Does it work on my host?");
    assert_eq!(rows.len(), HOSTS.len());
    for (row, (begin, hosts)) in rows.iter().zip(HOSTS) {
        assert!(row[0].starts_with(begin), "{row:?} {begin}");
        for (host, card) in *hosts {
            let dir = support::copy(&support::fixture(host));
            let root = dir.path().join("root");
            let switch = match *begin {
                "Open vSwitch" => " --switch ovs",
                _ => "",
            };
            let line = format!("kvmnet bridge add br77 --port {card}{switch} --dry-run");
            let output = kvmnet(&root, &line);
            let works = !row[1].starts_with("no");
            assert_eq!(output.status.success(), works, "{host}: {output:?}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(works || said.contains("help:"), "{host}: {said}");
            let network = "kvmnet network add lab --mode nat --dry-run";
            let output = kvmnet(&root, network);
            assert!(row[2].starts_with("yes"), "{row:?}");
            assert!(output.status.success(), "{host}: {output:?}");
        }
    }
}

/// Returns the words of the commands that a help page lists.
fn listed(words: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
    let output = command.args(words).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let Some((_, list)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words = named.filter_map(|line| line.split_whitespace().next());
    words
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_of_commands_has_all() {
    let cells = rows("docs/commands.md", "# All commands");
    let known: BTreeSet<String> = cells
        .iter()
        .flat_map(|row| code(&row[0]))
        .map(str::to_owned)
        .collect();
    let has = |wanted: &str| {
        known
            .iter()
            .any(|known| known == wanted || known.starts_with(&format!("{wanted} ")))
    };
    let mut count = 0;
    for command in listed(&[]) {
        let below = listed(&[&command]);
        for part in &below {
            count += 1;
            assert!(has(&format!("{command} {part}")), "{command} {part}");
        }
        assert!(has(&command), "{command}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}
