//! A change that waits to be confirmed: systemd takes it back in time, whatever happens meanwhile, and only then.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::machine::{Boot, Machine, Seen, texts};
use crate::support::kvmnet;
use crate::support::sample::{each, sample};
use crate::support::snapshot::leftovers;
use crate::support::strace::{calls, have_strace, traced};

const PROFILES: &str = "/etc/sysconfig/network-scripts";
/// What is started with the host.
const UNITS: [&str; 2] = ["timers.target", "network.service"];
/// What a change leaves while it waits.
const WAITS: [&str; 4] = [
    "/var/lib/kvmnet/unconfirmed",
    "/etc/systemd/system/timers.target.wants/kvmnet-revert.timer",
    "/etc/systemd/system/kvmnet-revert.timer",
    "/etc/systemd/system/kvmnet-revert.service",
];

/// About how many states are tried without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 10;

/// Calls before which the program is killed: all by which it changes files, or makes them durable.
const CALLS: [&str; 6] = [
    "renameat",
    "unlinkat",
    "mkdirat",
    "fsync",
    "write",
    "symlinkat",
];

type Files = BTreeMap<String, String>;

/// Makes the change, and goes live.
fn live(within: &str) -> String {
    format!(
        "kvmnet bridge add br0 --port ens33 --confirm-within {within} --yes -q >/dev/null && systemctl daemon-reload && \
         systemctl restart kvmnet-revert.timer && systemctl restart network\n"
    )
}

/// Waits until the change was taken back, at most `seconds`, and for its service to end.
fn until_gone(seconds: u32) -> String {
    format!(
        "for i in $(seq {}); do [ -e {} ] || break; sleep 0.2; done\n\
         for i in $(seq 100); do\n\
         case $(systemctl show -p ActiveState --value kvmnet-revert.service 2>/dev/null) in inactive|failed) break;; esac\n\
         sleep 0.1; done\n",
        seconds * 5,
        WAITS[0]
    )
}

/// Returns a host with the stand-in, and its profiles.
fn host() -> Option<(Machine, Files)> {
    let machine = Machine::new("tutorial")?;
    machine.stand_in(PROFILES);
    let profiles = texts(&machine.path(PROFILES));
    Some((machine, profiles))
}

/// Boots, runs the script to its end, and returns what the network was started and stopped with.
fn boot(machine: &Machine, script: &str) -> (Boot, Vec<Seen>) {
    let before = machine.seen_so_far();
    let boot = machine.boot(&UNITS, script, 90);
    assert!(boot.ended, "{boot:?}");
    (boot, machine.seen().split_off(before))
}

fn is_bridged(files: &Files) -> bool {
    files.contains_key("ifcfg-br0")
}

fn profiles(machine: &Machine) -> Files {
    let mut files = texts(&machine.path(PROFILES));
    files.retain(|name, _| name.starts_with("ifcfg-") && !name.ends_with(".old"));
    files
}

/// Returns the files by which a change waits that are there.
fn waits(machine: &Machine) -> Vec<&'static str> {
    let mut there = WAITS.to_vec();
    there.retain(|path| machine.path(path).symlink_metadata().is_ok());
    there
}

/// The files are as before the change, and nothing is left of it.
fn assert_taken_back(machine: &Machine, before: &Files, what: &str) {
    let mut files = before.clone();
    files.retain(|name, _| name.starts_with("ifcfg-"));
    assert_eq!(profiles(machine), files, "{what}");
    assert_eq!(waits(machine), [] as [&str; 0], "{what}");
    let folder = "/etc/systemd/system/timers.target.wants";
    assert!(!machine.path(folder).exists(), "{what}: {folder} is left");
    // what the stand-in saw is no part of the host
    let mut left = leftovers(&machine.root());
    left.retain(|path| !path.starts_with("var/lib/seen/"));
    assert!(left.is_empty(), "{what}: {left:?} is left");
}

#[test]
fn what_is_not_confirmed_stops_with_the_new_files_and_starts_with_the_old_ones() {
    let Some((machine, before)) = host() else {
        return;
    };
    let script = live("2s") + &until_gone(20) + "kvmnet history; kvmnet confirm";
    let (boot, seen) = boot(&machine, &script);
    let told: Vec<(&str, bool)> = seen
        .iter()
        .map(|seen| (&*seen.what, is_bridged(&seen.files)))
        .collect();
    let expected = [
        ("start", false),
        ("stop", true),
        ("start", true),
        ("stop", true),
        ("start", false),
    ];
    assert_eq!(told, expected, "{boot:?}");
    assert_eq!(boot.failed, [] as [&str; 0]);
    assert!(boot.printed.contains("was rolled back by 2"), "{boot:?}");
    assert_taken_back(&machine, &before, "not confirmed");
}

/// The timer of the first is elapsed, and in memory.
#[test]
fn a_second_change_is_taken_back_as_the_first_one_was() {
    let Some((machine, before)) = host() else {
        return;
    };
    let round = live("2s") + &until_gone(20) + "sleep 1\n";
    let (boot, seen) = boot(&machine, &round.repeat(3));
    assert_eq!(seen.len(), 1 + 3 * 4, "{boot:?}");
    assert_taken_back(&machine, &before, "three times");
}

#[test]
fn a_power_cut_does_not_end_the_wait_and_two_do_not_either() {
    for cuts in [1, 2] {
        let Some((machine, before)) = host() else {
            return;
        };
        let cut = machine.boot(&UNITS, &(live("6s") + "sync; sleep 600"), 5);
        assert!(!cut.ended, "{cut:?}");
        assert_eq!(waits(&machine), WAITS);
        for _ in 1..cuts {
            let cut = machine.boot(&UNITS, "sleep 600", 4);
            assert!(!cut.ended, "{cut:?}");
            assert_eq!(waits(&machine), WAITS);
        }
        let (boot, seen) = boot(&machine, &until_gone(30));
        let told: Vec<bool> = seen.iter().map(|seen| is_bridged(&seen.files)).collect();
        assert_eq!(told, [true, true, false], "{cuts}: {boot:?}");
        assert_taken_back(&machine, &before, "after a power cut");
    }
}

/// systemd forgets the commands that are left of a service whose file is gone: there is one only.
#[test]
fn units_that_are_reloaded_in_the_middle_change_nothing() {
    let Some((machine, before)) = host() else {
        return;
    };
    // it stops for a second, and units are reloaded as soon as it does, and until all is done
    machine.unit(
        "network.service.d/slow.conf",
        "[Service]\nExecStop=/bin/sleep 1\n",
    );
    let reloads = "while systemctl -q is-active network; do sleep 0.1; done\n\
                   for i in 1 2 3 4 5 6; do systemctl daemon-reload && echo reloaded; sleep 0.4; done\n";
    let script = live("2s") + reloads + &until_gone(30);
    let (boot, seen) = boot(&machine, &script);
    let last = seen.last().unwrap();
    assert_eq!(
        (&*last.what, is_bridged(&last.files)),
        ("start", false),
        "{boot:?}"
    );
    assert!(boot.printed.matches("reloaded").count() > 3, "{boot:?}");
    assert_taken_back(&machine, &before, "reloaded");
}

#[test]
fn what_is_confirmed_stays_though_the_timer_is_in_memory() {
    let Some((machine, _)) = host() else {
        return;
    };
    let script = live("3s")
        + "kvmnet confirm\nsleep 5\nsystemctl show -p ConditionResult kvmnet-revert.service";
    let (boot, seen) = boot(&machine, &script);
    assert!(boot.printed.contains("is confirmed"), "{boot:?}");
    assert!(boot.printed.contains("ConditionResult=no"), "{boot:?}");
    assert_eq!(seen.len(), 3, "{boot:?}");
    assert!(is_bridged(&profiles(&machine)));
    assert_eq!(waits(&machine), [] as [&str; 0]);
    // nor does the next boot know anything of it
    let (again, seen) = self::boot(&machine, "sleep 4; kvmnet confirm");
    assert!(again.printed.contains("confirmed already"), "{again:?}");
    assert_eq!(seen.len(), 1);
    assert!(is_bridged(&profiles(&machine)));
}

#[test]
fn an_edit_in_the_meantime_is_kept_aside() {
    let Some((machine, before)) = host() else {
        return;
    };
    let edit = format!("echo '# by hand' >>{PROFILES}/ifcfg-br0\n");
    boot(&machine, &(live("3s") + &edit + &until_gone(30)));
    assert_taken_back(&machine, &before, "edited");
    let kept = machine.path("/var/lib/kvmnet/transactions/2/before");
    let kept: Vec<String> = texts(&kept).into_values().collect();
    assert!(
        kept.iter().any(|text| text.ends_with("# by hand\n")),
        "{kept:?}"
    );
}

#[test]
fn a_clock_that_jumps_changes_nothing() {
    let Some((machine, before)) = host() else {
        return;
    };
    // the clock is the kernel's: a name space of time has the monotonic ones alone, so the calendar is asked of nobody
    let timer =
        live("2s") + "systemctl show -p TimersMonotonic -p TimersCalendar kvmnet-revert.timer\n";
    let (boot, _) = boot(&machine, &(timer + &until_gone(20)));
    assert!(boot.printed.contains("OnActiveUSec=2s"), "{boot:?}");
    assert!(!boot.printed.contains("OnCalendar"), "{boot:?}");
    assert_taken_back(&machine, &before, "by the monotonic clock");
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let Some((machine, _)) = host() else {
        return;
    };
    outside(&machine, || {
        let made = kvmnet(&machine.root(), ADD);
        assert!(made.status.success(), "{made:?}");
    });
    let verify = "systemd-analyze verify kvmnet-revert.service kvmnet-revert.timer 2>&1; echo $?\n\
                  systemctl is-enabled kvmnet-revert.timer";
    let boot = machine.boot(&["timers.target"], verify, 60);
    assert_eq!(boot.printed, "0\nenabled\n");
}

/// Does something with the tree of a host that does not run: its systemd is that of the machine in use, and not in it.
fn outside(machine: &Machine, act: impl FnOnce()) {
    let systemd = machine.path("/usr/lib/systemd/systemd");
    fs::create_dir_all(systemd.parent().unwrap()).unwrap();
    fs::write(&systemd, "").unwrap();
    act();
    fs::remove_file(systemd).unwrap();
}

/// Puts a script in the place of the program: the first run with these words is killed before the `nth` call of this name, and the
/// power goes; all others are run as they are.
fn kill_first(machine: &Machine, words: &str, call: &str, nth: usize) {
    machine.install("/usr/libexec/kvmnet");
    fs::remove_file(machine.path("/usr/bin/kvmnet")).unwrap();
    machine.write(
        "/usr/bin/kvmnet",
        &format!(
            "#!/bin/sh\ncase \"$*\" in {words}*) if [ ! -e /var/lib/seen/killed ]; then touch /var/lib/seen/killed\n\
             strace -f -qq -o /dev/null --trace={call} --inject={call}:signal=KILL:when={nth} /usr/libexec/kvmnet \"$@\"\n\
             sync; systemctl poweroff -ff; sleep 60; fi;; esac\nexec /usr/libexec/kvmnet \"$@\"\n"
        ),
    );
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(machine.path("/usr/bin/kvmnet"), mode).unwrap();
}

/// Runs the program with these words, kills it before the `nth` call of this name, and lets the power go.
fn killed(words: &str, call: &str, nth: usize) -> String {
    format!(
        "strace -f -qq -o /dev/null --trace={call} --inject={call}:signal=KILL:when={nth} kvmnet {words}\n\
         sync; systemctl poweroff -ff; sleep 60\n"
    )
}

/// Returns each call of a run on this host that changes something, as its name and number.
fn points(machine: &Machine, words: &[&str]) -> Vec<(&'static str, usize)> {
    let log = machine.root().with_extension("log");
    let options = ["-xx".to_owned(), format!("--trace={}", CALLS.join(","))];
    outside(machine, || {
        let output = traced(&machine.root(), words, &log, &options);
        assert!(output.status.success(), "{output:?}");
    });
    let calls = calls(&fs::read_to_string(log).unwrap());
    let of = |name: &'static str| {
        let count = calls.iter().filter(|call| call.name == name).count();
        (1..=count).map(move |nth| (name, nth))
    };
    CALLS.into_iter().flat_map(of).collect()
}

const ADD: &[&str] = &[
    "bridge",
    "add",
    "br0",
    "--port",
    "ens33",
    "--confirm-within",
    "2s",
    "--yes",
];

/// Returns a host with a change that waits.
fn waiting() -> Option<(Machine, Files)> {
    let (machine, before) = host()?;
    outside(&machine, || {
        let made = kvmnet(&machine.root(), ADD);
        assert!(made.status.success(), "{made:?}");
    });
    Some((machine, before))
}

#[test]
fn whenever_the_rollback_is_killed_the_next_boot_ends_it() {
    let Some((machine, before)) = waiting() else {
        return;
    };
    assert!(have_strace());
    let what = "kills of the rollback by the unit";
    let points = points(&machine, &["rollback", "--unconfirmed", "--yes", "--force"]);
    let points = sample(what, points, SAMPLE, |point| [point.0]);
    each(what, &points, |(call, nth)| {
        let what = format!("{call} {nth}");
        let (machine, _) = waiting().unwrap();
        kill_first(&machine, "'rollback --unconfirmed'", call, *nth);
        let cut = machine.boot(&UNITS, "sleep 60", 40);
        assert!(!cut.ended, "{what}: {cut:?}");
        assert!(machine.path("/var/lib/seen/killed").exists(), "{what}");
        boot(&machine, &until_gone(20));
        // killed behind the marker, the rest does nothing any more, and goes as well
        assert!(!waits(&machine).contains(&WAITS[0]), "{what}");
        let cleared = kvmnet(&machine.root(), &["recover"]);
        assert!(cleared.status.success(), "{what}: {cleared:?}");
        assert_taken_back(&machine, &before, &what);
    });
}

/// Even where nothing else recovers at boot: what takes it back is in place before anything else is.
#[test]
fn whenever_the_change_is_killed_the_files_are_as_before_in_the_end_or_all_new() {
    let Some((machine, before)) = host() else {
        return;
    };
    let what = "kills of a change that is to be confirmed";
    let points = points(&machine, ADD);
    let points = sample(what, points, SAMPLE, |point| [point.0]);
    each(what, &points, |(call, nth)| {
        let what = format!("{call} {nth}");
        let (machine, _) = host().unwrap();
        let cut = machine.boot(&UNITS, &killed(&ADD.join(" "), call, *nth), 60);
        assert!(!cut.ended, "{what}: {cut:?}");
        boot(&machine, &("sleep 1\n".to_owned() + &until_gone(20)));
        let mut old = before.clone();
        old.retain(|name, _| name.starts_with("ifcfg-"));
        assert_eq!(profiles(&machine), old, "{what}");
        assert!(!machine.path(WAITS[0]).exists(), "{what}");
    });
}

/// The marker goes first: then it is confirmed, whatever else is left.
#[test]
fn whenever_confirm_is_killed_the_change_stays_or_is_taken_back_whole() {
    let Some((machine, before)) = waiting() else {
        return;
    };
    let what = "kills of confirm";
    let points = points(&machine, &["confirm"]);
    let points = sample(what, points, SAMPLE, |point| [point.0]);
    each(what, &points, |(call, nth)| {
        let what = format!("{call} {nth}");
        let (machine, _) = waiting().unwrap();
        let cut = machine.boot(&["network.service"], &killed("confirm", call, *nth), 40);
        assert!(!cut.ended, "{what}: {cut:?}");
        let confirmed = !machine.path(WAITS[0]).exists();
        boot(&machine, &(until_gone(20) + "sleep 3"));
        match confirmed {
            true => assert!(is_bridged(&profiles(&machine)), "{what}"),
            false => assert_taken_back(&machine, &before, &what),
        }
        let again = kvmnet(&machine.root(), &["confirm"]);
        assert_eq!(again.status.success(), confirmed, "{what}: {again:?}");
        assert_eq!(waits(&machine), [] as [&str; 0], "{what}");
    });
}
