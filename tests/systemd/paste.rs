//! What is printed to go live is pasted: on a host whose program lies where systemd does not look, and as the README has it.

use std::collections::BTreeMap;

use crate::machine::{Machine, texts};

const PROFILES: &str = "/etc/sysconfig/network-scripts";
const NETWORK: &str = "network.service";

/// Returns a host with the stand-in.
fn host() -> Option<Machine> {
    let machine = Machine::new("tutorial")?;
    machine.stand_in(PROFILES);
    Some(machine)
}

fn is_bridged(files: &BTreeMap<String, String>) -> bool {
    files.contains_key("ifcfg-br0")
}

/// Prints of a dry run the command that makes the change and goes live.
const LAST_COMMAND: &str = "awk '/^To apply and go live/ {on=1; next} /^  #|^$/ {on=0} on'";

/// Waits until what goes on out of sight is done.
const SETTLED: &str = "sleep 1; while systemctl list-units --plain --no-legend 'kvmnet-*.service' | grep -q running; do sleep 0.2; done; sleep 1";

#[test]
fn the_command_that_is_printed_makes_the_bridge_wherever_the_program_lies() {
    // with policy rules the network must stop with the old files: out of sight
    for rules in [false, true] {
        let Some(machine) = host() else {
            return;
        };
        machine.install("/opt/kvmnet/bin/kvmnet");
        std::fs::remove_file(machine.path("/usr/bin/kvmnet")).unwrap();
        if rules {
            let rule = "from 192.168.50.0/24 table 100\n";
            machine.write(&format!("{PROFILES}/rule-ens33"), rule);
        }
        let script = format!(
            "/opt/kvmnet/bin/kvmnet bridge add br0 --port ens33 --dry-run | {LAST_COMMAND} >/run/line; cat /run/line; sh /run/line; {SETTLED}"
        );
        let boot = machine.boot(&[NETWORK], &script, 60);
        assert!(boot.ended, "{boot:?}");
        assert!(
            boot.printed.contains("/opt/kvmnet/bin/kvmnet bridge add"),
            "{boot:?}"
        );
        assert_eq!(boot.printed.contains("systemd-run"), rules, "{boot:?}");
        assert!(is_bridged(&texts(&machine.path(PROFILES))), "{boot:?}");
        let seen = machine.seen();
        let told: Vec<(&str, bool)> = seen
            .iter()
            .map(|seen| (&*seen.what, is_bridged(&seen.files)))
            .collect();
        let stopped = ("stop", !rules);
        assert_eq!(
            told,
            [("start", false), stopped, ("start", true)],
            "{boot:?}"
        );
    }
}

/// Returns the commands of the README's section, one a line.
fn readme() -> Vec<&'static str> {
    let readme = include_str!("../../README.md");
    let section = readme.split("\n## Over SSH\n").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap();
    let lines = block.split("```").next().unwrap().lines();
    lines.filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn what_the_readme_says_of_ssh_keeps_the_bridge() {
    let Some(machine) = host() else {
        return;
    };
    let commands = readme();
    assert_eq!(commands.len(), 4);
    let script = format!(
        "{} | {LAST_COMMAND} | sed 's/ *\\\\$//' | xargs -n 1 echo | xargs echo >/var/lib/seen/line\n{}\n",
        commands[0],
        commands[1..].join("\n")
    );
    let boot = machine.boot(&["timers.target", NETWORK], &script, 60);
    assert!(boot.printed.contains("is confirmed"), "{boot:?}");
    let line = machine.read("/var/lib/seen/line").unwrap();
    assert_eq!(
        line.trim_end(),
        commands[1],
        "it is the one that is printed"
    );
    assert!(is_bridged(&machine.seen().pop().unwrap().files));
    assert!(!machine.path("/var/lib/kvmnet/unconfirmed").exists());
}

#[test]
fn what_the_readme_says_of_ssh_brings_the_host_back_when_the_line_goes_dead() {
    let Some(machine) = host() else {
        return;
    };
    let before = texts(&machine.path(PROFILES));
    // nobody waits for ten minutes here
    let live = readme()[1].replace("--confirm-within 10 ", "--confirm-within 2s ");
    assert_ne!(live, readme()[1]);
    let script = format!("{live}\nsleep 4\n{SETTLED}");
    let boot = machine.boot(&["timers.target", NETWORK], &script, 60);
    assert!(boot.ended, "{boot:?}");
    let last = machine.seen().pop().unwrap();
    assert_eq!((&*last.what, is_bridged(&last.files)), ("start", false));
    assert_eq!(texts(&machine.path(PROFILES)), before);
}

/// Between what stops and what starts the timer is started, out of sight.
#[test]
fn what_is_printed_for_a_removal_is_taken_back_in_time() {
    let Some(machine) = host() else {
        return;
    };
    let script = format!(
        "kvmnet bridge add br0 --port ens33 --yes -q >/dev/null; systemctl restart network\n\
         kvmnet bridge remove br0 --confirm-within 3s --dry-run | {LAST_COMMAND} >/run/line; cat /run/line; sh /run/line\n\
         sleep 7; {SETTLED}; kvmnet history"
    );
    let boot = machine.boot(&["timers.target", NETWORK], &script, 60);
    assert!(boot.printed.contains("systemd-run"), "{boot:?}");
    assert!(boot.printed.contains("rolled-back-by-3"), "{boot:?}");
    let seen = machine.seen();
    let told: Vec<(&str, bool)> = seen
        .iter()
        .map(|seen| (&*seen.what, is_bridged(&seen.files)))
        .collect();
    // a boot; the bridge; without it; and it is back
    let expected = [
        ("start", false),
        ("stop", true),
        ("start", true),
        ("stop", true),
        ("start", false),
        ("stop", true),
        ("start", true),
    ];
    assert_eq!(told, expected, "{boot:?}");
    assert!(!machine.path("/var/lib/kvmnet/unconfirmed").exists());
}
