//! Commands over hosts, each with `--json`: looks at all that there is, changes as dry runs and applied, and what goes wrong.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::objects::Object;
use crate::support::{copy, fixture, kvmnet, setup};

/// A copy of a host, and what commands printed there.
struct Scene {
    from: String,
    dir: TempDir,
    objects: Vec<Object>,
}

impl Scene {
    fn new(host: &str) -> Self {
        Self {
            from: host.to_owned(),
            dir: copy(&fixture(host)),
            objects: Vec::new(),
        }
    }

    /// Runs a command and returns what it printed.
    fn words(&mut self, words: &[&str]) -> &Value {
        let root = self.dir.path().join("root");
        let words = [&["--json"], words].concat();
        let output = kvmnet(&root, &words);
        let text = String::from_utf8(output.stdout).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        self.objects.push(Object::read(&self.from, &words, &text));
        &self.objects.last().unwrap().value
    }

    /// Runs a line of words.
    fn line(&mut self, line: &str) -> &Value {
        let words = setup::words(self.dir.path(), line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.words(&words)
    }

    /// Runs lines, among them `setup: …`, which change the copy.
    fn lines(mut self, lines: &str) -> Vec<Object> {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix("setup: ") {
                Some(change) => setup::change(self.dir.path(), change),
                None => drop(self.line(line).clone()),
            }
        }
        self.objects
    }
}

/// Returns the names of things of a kind.
fn names(host: &Value, kind: &str) -> Vec<String> {
    let all = host[kind].as_array().unwrap().iter();
    all.map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

/// How many things of a kind are changed.
const SOME: usize = 2;

/// Returns what commands print on a host.
pub(crate) fn of_host(host: &str) -> Vec<Object> {
    let mut scene = Scene::new(host);
    let whole = scene.line("show").clone();
    for line in LOOKS.lines() {
        scene.line(line.trim());
    }
    for (kind, one) in [
        ("interfaces", "interface"),
        ("bridges", "bridge"),
        ("networks", "network"),
        ("guests", "guest"),
    ] {
        for name in names(&whole, kind) {
            scene.words(&["show", one, "--", &name]);
        }
    }
    let [interfaces, bridges, networks, guests] =
        ["interfaces", "bridges", "networks", "guests"].map(|kind| names(&whole, kind));
    for name in interfaces.iter().take(SOME) {
        scene.words(&[
            "bridge",
            "add",
            "brnew",
            "--port",
            name,
            "--dry-run",
            "--tree",
        ]);
    }
    for name in bridges.iter().take(SOME) {
        scene.words(&["bridge", "remove", name, "--dry-run", "--tree"]);
        scene.words(&["bridge", "remove", name, "--force", "--dry-run", "--tree"]);
        for guest in guests.iter().take(SOME) {
            scene.words(&[
                "guest",
                "connect",
                guest,
                "--bridge",
                name,
                "--dry-run",
                "--tree",
            ]);
        }
    }
    for name in networks.iter().take(SOME) {
        scene.words(&["network", "copy", name, "copied", "--dry-run", "--tree"]);
        scene.words(&["network", "set", name, "--no-autostart", "--dry-run"]);
        scene.words(&["network", "remove", name, "--force", "--dry-run", "--tree"]);
    }
    for name in interfaces.iter().take(SOME * 2).chain(guests.first()) {
        scene.words(&["bridge", "add", "brnew", "--port", name, "--yes"]);
    }
    scene.lines(APPLIED)
}

const LOOKS: &str = "show interfaces
    show bridges
    show networks
    show guests
    show --tree
    check
    status
    leases
    history
    check --fix --dry-run
    migrate keyfile --dry-run
    migrate keyfile --accept-loss --dry-run --tree";

const APPLIED: &str = "
    network add made --mode nat --yes
    network add made --mode nat --yes --tree
    show network made
    show bridge brnew
    status --diff
    history
    history 1
    rollback --yes
    history
    history prune --dry-run
    history prune --keep 1 --yes
    confirm
    recover";

/// Returns what commands print that no host has by itself.
pub(crate) fn others() -> Vec<Object> {
    let scenes = [
        ("tutorial", MISC),
        ("tutorial", WAITS),
        ("tutorial", TAKEN_BACK),
        ("tutorial", INTERRUPTED),
        ("tutorial", EDITED),
        ("tutorial", IN_PART),
        ("tutorial", RUNNING),
        ("monolithic", CONNECTED),
        ("tutorial", NETWORKS),
        ("etc-alone", WICKED),
    ];
    let scenes = scenes.iter();
    let mut objects: Vec<Object> = scenes
        .flat_map(|(host, lines)| Scene::new(host).lines(lines))
        .collect();
    let mut kept = String::new();
    // more than are kept
    for number in 1..22 {
        kept += &format!("network set default --domain d{number} --yes\n");
        if number == 20 {
            kept += "network set default --no-autostart --yes\n";
        }
    }
    kept += "history prune --dry-run\nhistory prune --keep 1 --yes\n";
    objects.extend(Scene::new("tutorial").lines(&kept));
    let mut missing = Scene::new("tutorial");
    fs::remove_dir_all(missing.dir.path().join("root")).unwrap();
    missing.line("show");
    objects.extend(missing.objects);
    objects
}

const MISC: &str = "
    no-such-command
    check --list
    check --explain crlf
    check --explain no-such
    units
    units --out $TMP
    man $TMP/man
    templates list
    templates show ifcfg-bridge
    templates show no-such
    templates export /etc/kvmnet/templates --yes";

/// With what rolls a change back.
const WAITS: &str = r##"
    setup: write usr/bin/kvmnet "#!/bin/sh\n"
    setup: chmod 755 usr/bin/kvmnet
    setup: write usr/lib/systemd/systemd ""
    network set default --domain lab --confirm-within 10 --yes
    status
    history
    history 1
    setup: append etc/systemd/system/kvmnet-revert.timer "# mine\n"
    confirm
    confirm
    setup: remove etc/systemd/system/kvmnet-revert.timer
    bridge add br0 --port ens33 --confirm-within 10 --yes
    setup: copy var/lib/kvmnet/unconfirmed marker
    rollback --unconfirmed --yes
    setup: copy marker var/lib/kvmnet/unconfirmed
    status
    rollback --unconfirmed --yes
    bridge add br0 --port ens33 --confirm-within 10 --yes
    setup: move var/lib/kvmnet/transactions/4/journal.prepared var/lib/kvmnet/transactions/4/journal.json
    recover"##;

const TAKEN_BACK: &str = "
    bridge add br0 --port ens33 --yes
    network set default --domain lab --yes
    network set default --domain lab2 --yes
    rollback --to 1 --yes
    history
    history 2
    history 4
    rollback --yes
    rollback 1 --yes
    show bridge br0
    show interface ens33";

const INTERRUPTED: &str = r##"
    bridge add br0 --port ens33 --yes
    setup: move var/lib/kvmnet/transactions/1/journal.prepared var/lib/kvmnet/transactions/1/journal.json
    status
    show bridge br0
    history 1
    recover
    history
    history 1
    templates export /etc/kvmnet/templates --yes
    setup: move var/lib/kvmnet/transactions/2/journal.prepared var/lib/kvmnet/transactions/2/journal.json
    recover"##;

/// One of two that changed a file, and the other one in part.
const IN_PART: &str = "
    network set default --domain lab --yes
    network set default --domain lab2 --yes
    rollback 1 --force --yes
    history
    history 2
    network remove default --force --yes
    setup: write etc/libvirt/qemu/networks/default.xml <network/>
    status";

/// With guests that run.
const CONNECTED: &str = "
    guest connect web --interface 1 --bridge br0 --yes
    status";

const EDITED: &str = r##"
    bridge add br0 --port ens33 --yes
    setup: append etc/sysconfig/network-scripts/ifcfg-ens33 "# mine\n"
    setup: chmod 600 etc/sysconfig/network-scripts/ifcfg-br0
    status --diff
    setup: remove etc/sysconfig/network-scripts/ifcfg-br0
    setup: folder etc/sysconfig/network-scripts/ifcfg-br0
    status
    setup: remove etc/sysconfig/network-scripts/ifcfg-br0
    status
    rollback --yes
    rollback --force --yes
    setup: write etc/sysconfig/network-scripts/ifcfg-br0 "DEVICE=br0\n"
    status"##;

const RUNNING: &str = r##"
    setup: write proc/stat "btime 1700000000\n"
    setup: write sys/class/net/ens33/address "52:54:00:00:00:01\n"
    setup: write run/libvirt/qemu/ghost.xml "<domstatus/>\n"
    setup: write run/libvirt/network/gone.xml "<networkstatus/>\n"
    status
    show"##;

const NETWORKS: &str = r##"
    setup: write etc/libvirt/qemu/networks/named.xml "<network>\n  <name>named</name>\n  <bridge name='virbr9'/>\n  <ip address='10.1.2.1' prefix='24'>\n    <dhcp>\n      <host mac='52:54:00:00:00:07' name='seven'/>\n    </dhcp>\n  </ip>\n</network>\n"
    show networks
    show network named
    network set default --subnet 10.9.8.0/24 --dry-run --tree"##;

const WICKED: &str = r##"
    setup: remove etc/sysconfig/network
    setup: remove etc/sysconfig/network-scripts
    setup: write etc/os-release "ID=opensuse-leap\nID_LIKE=\"suse opensuse\"\nVERSION_ID=15.6\n"
    setup: write usr/sbin/wicked ""
    setup: write usr/lib/systemd/systemd ""
    setup: link etc/systemd/system/multi-user.target.wants/wicked.service /usr/lib/systemd/system/wicked.service
    setup: write etc/sysconfig/network/ifcfg-br0 "STARTMODE='auto'\nBRIDGE='yes'\nBRIDGE_PORTS='eth0 eth1'\n"
    show
    show interface br0"##;
