//! What the real NetworkManager makes of its configuration, against what is told of it here: which files count, in which
//! order, and what `+=`, `-=` and `[.config] enable=` do. Each tree is shown to `NetworkManager --print-config`.
//!
//! That takes root rights, so it runs with `KVMNET_REAL_DAEMONS=1` only; then nothing of it may be missing.

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use camino::Utf8Path;
use kvmnet::backend::{self, Interest};
use kvmnet::readers::{Device, Readers};
use kvmnet::root::Root;
use tempfile::TempDir;

const FOLDERS: [&str; 3] = [
    "usr/lib/NetworkManager/conf.d",
    "run/NetworkManager/conf.d",
    "etc/NetworkManager/conf.d",
];
const CONF: &str = "etc/NetworkManager/NetworkManager.conf";
const NAMES: [&str; 5] = ["a.conf", "b.conf", "50-c.conf", "d.conf", "e.txt"];
const INTERFACES: [&str; 4] = ["eth0", "eth1", "br0", "br1"];

/// A random number, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

fn text(dice: &mut Dice) -> String {
    let mut text = String::new();
    if dice.below(5) == 0 {
        let enable = dice.one(&[
            "yes",
            "no",
            "false",
            "1",
            "",
            "*",
            "nm-version-min:1.2",
            "nm-version-min:1.99",
            "nm-version-max:1.99",
            "nm-version-max:1.2",
            "nm-version:1.42",
            "nm-version-min:1.30.2",
            "except:nm-version-min:1.99",
            "except:nm-version-min:1.2",
            "env:x,nm-version-min:1.2",
            "except:env:x",
        ]);
        text += &format!("[.config]\nenable={enable}\n");
    }
    for _ in 0..dice.below(4) {
        let sign = dice.one(&["", "", "+", "-"]);
        let space = dice.one(&["", " "]);
        let separator = dice.one(&[",", ";", ", "]);
        let line = match dice.below(2) {
            0 => {
                let some = [
                    *dice.one(&["keyfile", "ifcfg-rh"]),
                    *dice.one(&["ifcfg-rh", "ifupdown"]),
                ];
                let words = &some[..=dice.below(2)];
                format!(
                    "[main]\nplugins{sign}{space}={space}{}\n",
                    words.join(separator)
                )
            }
            _ => {
                let some = [*dice.one(&INTERFACES), *dice.one(&INTERFACES)];
                let words: Vec<String> = some[..=dice.below(2)]
                    .iter()
                    .map(|name| format!("interface-name:{name}"))
                    .collect();
                format!(
                    "[keyfile]\nunmanaged-devices{sign}={}\n",
                    words.join(separator)
                )
            }
        };
        let before: &&str = dice.one(&["", "# a comment\n", "\n"]);
        text += *before;
        text += &line;
    }
    text
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Returns what the real program makes of the tree: whether ifcfg-rh is used, and which interfaces it leaves alone.
fn real(root: &Path) -> (bool, BTreeSet<String>) {
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let script = "mkdir -p /run/NetworkManager/conf.d && mount --bind \"$1/run/NetworkManager/conf.d\" \
        /run/NetworkManager/conf.d && exec NetworkManager --print-config --config \"$1/etc/NetworkManager/NetworkManager.conf\" \
        --config-dir \"$1/etc/NetworkManager/conf.d\" --system-config-dir \"$1/usr/lib/NetworkManager/conf.d\" \
        --intern-config \"$1/intern\"";
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let value = |key: &str, separators: &[char]| {
        let lines = said.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let value = values.next()?.replace("\\s", " ");
        let words = value.split(separators).map(str::trim);
        Some(words.map(str::to_owned).collect::<Vec<_>>())
    };
    // not set: all that are built in
    let ifcfg = value("plugins", &[','])
        .is_none_or(|plugins| plugins.iter().any(|name| name == "ifcfg-rh"));
    let alone = value("unmanaged-devices", &[',', ';']).unwrap_or_default();
    let names = alone
        .iter()
        .filter_map(|word| word.strip_prefix("interface-name:"));
    (ifcfg, names.map(str::to_owned).collect())
}

fn ours(root: &Path) -> (bool, BTreeSet<String>) {
    let root = Root::open(Utf8Path::from_path(root).unwrap()).unwrap();
    let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
    let readers = Readers::of(&tree);
    let nm = readers.network_manager.unwrap();
    let alone = INTERFACES.iter().filter(|name| {
        let device = Device {
            name,
            mac: None,
            kind: Some("ethernet"),
        };
        nm.leaves_alone(&device).is_some()
    });
    let alone = alone.map(|name| (*name).to_owned()).collect();
    (nm.reads_ifcfg(), alone)
}

/// Returns the files of a tree as text.
fn files(root: &Path) -> String {
    let empty = support::nodes(TempDir::new().unwrap().path());
    support::difference(&empty, &support::nodes(root))
}

#[test]
fn the_real_program_reads_its_configuration_alike() {
    if !support::real_daemons() {
        println!("skipped: NetworkManager is asked only with KVMNET_REAL_DAEMONS=1");
        return;
    }
    let version = Command::new("NetworkManager")
        .arg("--version")
        .output()
        .unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut off, mut left) = (0, 0);
    for round in 0..300 {
        let dir = TempDir::new().unwrap();
        let root = dir.path();
        write(root, CONF, &text(&mut dice));
        let plugin = format!(
            "usr/lib64/NetworkManager/{}-1/libnm-settings-plugin-ifcfg-rh.so",
            version.trim()
        );
        write(root, &plugin, "");
        for folder in FOLDERS {
            for name in NAMES {
                if dice.below(3) == 0 {
                    write(root, &format!("{folder}/{name}"), &text(&mut dice));
                }
            }
        }
        let (real, ours) = (real(root), ours(root));
        assert_eq!(real, ours, "round {round}:\n{}", files(root));
        off += usize::from(!real.0);
        left += real.1.len();
    }
    println!("300 configurations: {off} without ifcfg-rh, {left} interfaces left alone");
    assert!(off > 50 && off < 250 && left > 100, "{off} {left}");
}
