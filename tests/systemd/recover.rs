//! `kvmnet-recover.service`: a change that was killed is taken back before the network starts, at the next boot.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::machine::{Boot, Machine, texts};
use crate::support::sample::{each, sample};
use crate::support::snapshot::{assert_clean, leftovers};
use crate::support::strace::{calls, have_strace, killed, renames, traced};
use crate::support::{copy, fixture, kvmnet};

const UNIT: &str = "kvmnet-recover.service";
const PROFILES: &str = "/etc/sysconfig/network-scripts";
const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--yes"];

/// About how many states are tried without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 12;

/// Calls before which the program is killed: all by which it changes files, or makes them durable.
const CALLS: [&str; 6] = [
    "renameat", "unlinkat", "mkdirat", "fsync", "write", "fchmod",
];

/// The rename that puts the second file in its place.
static SECOND: LazyLock<usize> = LazyLock::new(|| {
    assert!(have_strace());
    let names = renames(&fixture("tutorial"), ADD);
    let first = names.iter().position(|name| name.starts_with("ifcfg-"));
    first.unwrap() + 2
});

/// Returns a host with the stand-in, and its profiles.
fn host() -> Option<(Machine, BTreeMap<String, String>)> {
    let machine = Machine::new("tutorial")?;
    machine.stand_in(PROFILES);
    let profiles = texts(&machine.path(PROFILES));
    Some((machine, profiles))
}

/// Returns a host with a change that was killed after its first file, and its profiles before and since.
fn half_changed() -> Option<(Machine, [BTreeMap<String, String>; 2])> {
    let (machine, before) = host()?;
    killed(&machine.root(), ADD, *SECOND);
    let half = texts(&machine.path(PROFILES));
    assert!(half != before, "it was killed too early");
    Some((machine, [before, half]))
}

/// Writes the unit, as an admin does, and enables it.
fn install(machine: &Machine) {
    let folder = machine.path("/etc/systemd/system");
    let written = kvmnet(
        Path::new("/"),
        &["units", "--out", folder.to_str().unwrap()],
    );
    assert!(written.status.success(), "{written:?}");
    let mut enable = Command::new("systemctl");
    enable.arg("--root").arg(machine.root());
    let enabled = enable.args(["enable", UNIT]).output().unwrap();
    assert!(enabled.status.success(), "{enabled:?}");
    let link = folder.join("multi-user.target.wants").join(UNIT);
    assert!(link.is_symlink(), "{enabled:?}");
    // in place of the journal, which does not run here
    machine.unit(
        &format!("{UNIT}.d/test.conf"),
        "[Service]\nExecStartPre=/bin/sh -c 'echo run >>/var/lib/seen/runs'\n\
         StandardOutput=file:/var/lib/seen/journal\nStandardError=file:/var/lib/seen/journal\n",
    );
}

/// Boots with the unit, and returns what the network was started with, too.
fn boot(machine: &Machine, script: &str) -> (Boot, BTreeMap<String, String>) {
    let boot = machine.boot(&[UNIT, "network.service"], script, 60);
    assert!(boot.ended, "{boot:?}");
    (boot, machine.seen().pop().unwrap().files)
}

fn journal(machine: &Machine) -> String {
    machine.read("/var/lib/seen/journal").unwrap_or_default()
}

#[test]
fn the_network_starts_with_the_tree_as_before() {
    let Some((machine, [before, _])) = half_changed() else {
        return;
    };
    install(&machine);
    let (ended, started) = boot(&machine, "kvmnet history --json; kvmnet recover");
    assert_eq!(ended.failed, [] as [&str; 0]);
    assert_eq!(started, before);
    assert!(ended.printed.contains("\"recovered\""), "{ended:?}");
    assert!(ended.printed.contains("Nothing to recover"), "{ended:?}");
    let journal = journal(&machine);
    assert!(
        journal.ends_with("the tree was restored to the state before it.\n"),
        "{journal}"
    );
    assert_clean(&machine.root(), "recovered");
}

/// What starts networks and guests waits for it, be it slow.
#[test]
fn it_comes_before_all_that_read_the_files() {
    let Some((machine, [before, _])) = half_changed() else {
        return;
    };
    install(&machine);
    machine.unit(
        &format!("{UNIT}.d/slow.conf"),
        "[Service]\nExecStartPre=/bin/sleep 1\n",
    );
    let services = [
        "NetworkManager.service",
        "libvirtd.service",
        "network.service",
        "networking.service",
        "systemd-networkd.service",
        "virtnetworkd.service",
        "virtqemud.service",
        "wicked.service",
    ];
    let reads = |name: &str, after: &str| {
        let text = format!(
            "[Unit]\nDefaultDependencies=no\n{after}\n[Service]\nType=oneshot\n\
             ExecStart=/bin/sh -c 'cd {PROFILES} && cat ifcfg-* >/var/lib/seen/{name}.read'\n"
        );
        machine.unit(name, &text);
    };
    services.iter().for_each(|name| reads(name, ""));
    // one that nobody named
    reads("other.service", "After=network-pre.target");
    let all = [&services[..], &["other.service", UNIT]].concat();
    let boot = machine.boot(&all, "", 60);
    assert!(boot.ended && boot.failed.is_empty(), "{boot:?}");
    let profiles = before.iter().filter(|(name, _)| name.starts_with("ifcfg-"));
    let whole: String = profiles.map(|(_, text)| text.as_str()).collect();
    for name in services.iter().chain(&["other.service"]) {
        let read = machine.read(&format!("/var/lib/seen/{name}.read"));
        assert!(read.as_ref() == Some(&whole), "{name}: {read:?}");
    }
}

/// Without it the state above is one that hurts.
#[test]
fn without_the_unit_it_starts_with_half_of_it() {
    let Some((machine, [_, half])) = half_changed() else {
        return;
    };
    let boot = machine.boot(&["network.service"], "", 60);
    assert!(boot.ended, "{boot:?}");
    assert_eq!(machine.seen().pop().unwrap().files, half);
}

#[test]
fn an_edit_in_the_way_is_kept_and_told() {
    let Some((machine, [before, _])) = half_changed() else {
        return;
    };
    install(&machine);
    let edited = "DEVICE=ens33\n# by hand\n";
    machine.write(&format!("{PROFILES}/ifcfg-ens33"), edited);
    let (ended, started) = boot(&machine, "");
    assert_eq!(ended.failed, [] as [&str; 0]);
    assert_eq!(started, before);
    let journal = journal(&machine);
    let told = format!("{PROFILES}/ifcfg-ens33 was edited since: the edited version is kept in ");
    let kept = journal.lines().find_map(|line| line.strip_prefix(&told));
    assert_eq!(machine.read(kept.expect(&journal)).as_deref(), Some(edited));
}

#[test]
fn it_is_not_started_where_nothing_was_ever_changed() {
    let Some((machine, before)) = host() else {
        return;
    };
    install(&machine);
    let show = "systemctl show -p ActiveState,ConditionResult kvmnet-recover.service";
    let (ended, started) = boot(&machine, show);
    assert_eq!(
        ended.printed.lines().collect::<Vec<_>>(),
        ["ActiveState=inactive", "ConditionResult=no"]
    );
    assert_eq!((ended.failed, started), (Vec::new(), before));
    assert_eq!(machine.read("/var/lib/seen/runs"), None);
    assert!(!machine.path("/var/lib/kvmnet").exists());
    // a dry run is none either
    let dry = kvmnet(&machine.root(), &[&ADD[..5], &["--dry-run"]].concat());
    assert!(dry.status.success(), "{dry:?}");
    assert!(!machine.path("/var/lib/kvmnet").exists());
}

#[test]
fn its_failure_stops_nothing_and_is_listed() {
    let Some((machine, [_, half])) = half_changed() else {
        return;
    };
    install(&machine);
    machine.write("/var/lib/kvmnet/transactions/1/journal.json", "{");
    let (ended, started) = boot(&machine, "");
    assert_eq!(ended.failed, [UNIT]);
    assert_eq!(started, half);
    let journal = journal(&machine);
    let said = journal.lines().next().unwrap_or_default();
    assert!(said.starts_with("error: "), "{journal}");
    assert!(said.contains("/transactions/1/journal.json"), "{journal}");
}

#[test]
fn a_program_that_hangs_or_is_gone_stops_nothing() {
    for gone in [true, false] {
        let Some((machine, [_, half])) = half_changed() else {
            return;
        };
        install(&machine);
        let program = machine.path("/usr/bin/kvmnet");
        fs::remove_file(&program).unwrap();
        if !gone {
            script(&machine, "sleep 1000");
        }
        let unit = machine.read(&format!("/etc/systemd/system/{UNIT}"));
        let soon = unit.unwrap().replace("Sec=90s", "Sec=2s");
        assert!(soon.contains("TimeoutStartSec=2s"), "{soon}");
        machine.unit(UNIT, &soon);
        let (ended, started) = boot(&machine, "");
        assert_eq!(ended.failed, [UNIT], "{gone}");
        assert_eq!(started, half);
    }
}

/// Starting what needs its target does not run it again: an edit on the host as it runs is nobody's to take back.
#[test]
fn it_runs_once_a_boot() {
    let Some((machine, _)) = half_changed() else {
        return;
    };
    install(&machine);
    let again = "systemctl start kvmnet-test.target --no-block; systemctl restart network.service";
    boot(&machine, again);
    boot(&machine, again);
    assert_eq!(machine.read("/var/lib/seen/runs").unwrap(), "run\nrun\n");
}

/// Puts a script in the place of the program.
fn script(machine: &Machine, text: &str) {
    machine.write("/usr/bin/kvmnet", &format!("#!/bin/sh\n{text}\n"));
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(machine.path("/usr/bin/kvmnet"), mode).unwrap();
}

/// How the last transaction stands.
fn state(machine: &Machine) -> String {
    let output = kvmnet(&machine.root(), &["history", "--json"]);
    let history: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let last = history["transactions"].as_array().unwrap().last();
    last.map_or("none".to_owned(), |last| {
        last["state"].as_str().unwrap().to_owned()
    })
}

/// Returns each call of a run on the tree in `dir` that changes something, as its name and number.
fn points(dir: &TempDir, words: &[&str]) -> Vec<(&'static str, usize)> {
    let (root, log) = (dir.path().join("root"), dir.path().join("log"));
    let options = ["-xx".to_owned(), format!("--trace={}", CALLS.join(","))];
    let output = traced(&root, words, &log, &options);
    assert!(output.status.success(), "{output:?}");
    let calls = calls(&fs::read_to_string(log).unwrap());
    let of = |name: &'static str| {
        let count = calls.iter().filter(|call| call.name == name).count();
        (1..=count).map(move |nth| (name, nth))
    };
    CALLS.into_iter().flat_map(of).collect()
}

/// Kills before the `nth` call of this name.
fn kill(call: &str, nth: usize) -> [String; 2] {
    let inject = format!("--inject={call}:signal=KILL:when={nth}");
    [format!("--trace={call}"), inject]
}

#[test]
fn whenever_a_change_is_killed_the_network_starts_as_before_or_as_after() {
    let Some((_, before)) = host() else {
        return;
    };
    assert!(have_strace());
    let what = "kills of a change, and a boot";
    let points = points(&copy(&fixture("tutorial")), ADD);
    let points = sample(what, points, SAMPLE, |point| [point.0]);
    each(what, &points, |(call, nth)| {
        let (machine, before) = (host().unwrap().0, &before);
        install(&machine);
        let log = machine.root().with_extension("log");
        traced(&machine.root(), ADD, &log, &kill(call, *nth));
        let after = texts(&machine.path(PROFILES));
        let done = state(&machine) == "applied";
        let (ended, started) = boot(&machine, "");
        assert!(ended.failed.is_empty(), "{call} {nth}: {ended:?}");
        match done {
            true => assert_eq!(started, after, "{call} {nth}"),
            false => assert_eq!(&started, before, "{call} {nth}"),
        }
        // killed before it had begun, it left a folder that systemd takes for no file; the next command takes that away
        let mut left = leftovers(&machine.root());
        left.retain(|path| state(&machine) != "none" || !path.ends_with("transactions/1.new"));
        assert!(left.is_empty(), "{call} {nth}: {left:?} is left");
    });
}

/// The power goes while the unit works; the next boot takes the rest back, and of an edit by hand nothing is lost.
#[test]
fn whenever_the_unit_is_killed_the_next_boot_ends_what_it_began() {
    let Some((_, [before, _])) = half_changed() else {
        return;
    };
    let what = "kills of the unit, and a second boot";
    let edited = "DEVICE=ens33\n# by hand\n";
    let name = format!("{PROFILES}/ifcfg-ens33");
    let dir = copy(&fixture("tutorial"));
    killed(&dir.path().join("root"), ADD, *SECOND);
    fs::write(dir.path().join("root").join(&name[1..]), edited).unwrap();
    let points = points(&dir, &["recover", "--force"]);
    let points = sample(what, points, SAMPLE, |point| [point.0]);
    each(what, &points, |(call, nth)| {
        let (machine, _) = half_changed().unwrap();
        install(&machine);
        machine.write(&name, edited);
        let [trace, inject] = kill(call, *nth);
        machine.install("/usr/libexec/kvmnet");
        fs::remove_file(machine.path("/usr/bin/kvmnet")).unwrap();
        script(
            &machine,
            &format!(
                "strace -f -qq -o /dev/null {trace} {inject} /usr/libexec/kvmnet \"$@\" || systemctl poweroff -ff"
            ),
        );
        let cut = machine.boot(&[UNIT, "network.service"], "", 60);
        assert!(!cut.ended, "{call} {nth}: it was not killed");
        fs::remove_file(machine.path("/usr/bin/kvmnet")).unwrap();
        machine.install("/usr/bin/kvmnet");
        let first = journal(&machine);
        let (ended, started) = boot(&machine, "");
        assert!(ended.failed.is_empty(), "{call} {nth}: {ended:?}");
        assert_eq!(started, before, "{call} {nth}");
        assert_eq!(state(&machine), "recovered", "{call} {nth}");
        let told = format!("{name} was edited since: the edited version is kept in ");
        let journal = first + &journal(&machine);
        let kept = journal.lines().find_map(|line| line.strip_prefix(&told));
        let kept = machine.read(kept.expect(&journal));
        assert_eq!(kept.as_deref(), Some(edited), "{call} {nth}");
        assert_clean(&machine.root(), call);
    });
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let Some((machine, _)) = host() else {
        return;
    };
    install(&machine);
    fs::remove_dir_all(machine.path(&format!("/etc/systemd/system/{UNIT}.d"))).unwrap();
    let verify = format!("systemd-analyze verify --man=no {UNIT} 2>&1; echo $?");
    let boot = machine.boot(&[UNIT], &verify, 60);
    assert_eq!(boot.printed, "0\n");
}
/// Where its folder comes over the network it must not be waited for: systemd would break that circle, and with
/// `RequiresMountsFor=` it dropped network.target (run, 252).
#[test]
fn a_history_that_comes_over_the_network_stops_nothing() {
    let Some((machine, _)) = half_changed() else {
        return;
    };
    install(&machine);
    let mount = "var-lib-kvmnet.mount";
    machine.unit(
        mount,
        "[Unit]\nDefaultDependencies=no\nAfter=network.target network.service\n\n\
         [Mount]\nWhat=tmpfs\nWhere=/var/lib/kvmnet\nType=tmpfs\n",
    );
    let active = format!("systemctl is-active network.target network-pre.target {mount}");
    let boot = machine.boot(&[UNIT, "network.service", mount], &active, 60);
    assert!(boot.ended && boot.failed.is_empty(), "{boot:?}");
    assert_eq!(boot.printed, "active\nactive\nactive\n");
}
