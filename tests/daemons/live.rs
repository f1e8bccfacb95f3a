//! Next steps are run: what is printed for a running host is given to a real libvirtd with dnsmasq and a real guest of qemu, by the
//! oracle `libvirt-live` in namespaces of its own. Each distinct kind of step is among them.
//!
//! Whatever the commands: each ends well, libvirt rewrites no file, what is active is what the files say, every tap is in the bridge
//! that its guest's file tells, and nobody loses a link but those that were named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kvmnet::host::Host;
use kvmnet::host::guest::Source;
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::{copy_to, host, kvmnet, oracle, real_daemons};

/// The guest's cards.
const ONE: &str = "52:54:00:aa:aa:01";
const TWO: &str = "52:54:00:aa:aa:02";

/// A change, and what its next steps are.
struct Scene {
    name: &'static str,
    /// Commands before: the host runs with what they left.
    first: &'static [&'static str],
    /// Then an edit by hand: file, text, other text.
    edit: Option<(&'static str, &'static str, &'static str)>,
    command: &'static str,
    /// How the steps begin.
    steps: &'static [&'static str],
    interrupts: &'static [&'static str],
}

const PLAIN: Scene = Scene {
    name: "",
    first: &[],
    edit: None,
    command: "",
    steps: &[],
    interrupts: &[],
};

const RELOAD: &str = "systemctl reload-or-restart libvirtd";
const RESTART: &str = "systemctl restart libvirtd";
const UPDATE_DEVICE: &str = "echo '<interface ";

const OF_NETWORKS: &[Scene] = &[
    Scene {
        name: "a reservation comes",
        command: "network set lab --add-host 52:54:00:aa:aa:07=192.168.123.17,seven",
        steps: &[
            RELOAD,
            "virsh net-update lab add ip-dhcp-host '<host mac=\"52:54:00:aa:aa:07\"",
        ],
        ..PLAIN
    },
    Scene {
        name: "a reservation goes",
        command: "network set lab --remove-host 192.168.123.10",
        steps: &[RELOAD, "virsh net-update lab delete ip-dhcp-host "],
        ..PLAIN
    },
    Scene {
        name: "a reservation changes",
        command: "network set lab --remove-host 192.168.123.10 --add-host 52:54:00:aa:aa:05=192.168.123.15,five",
        steps: &[RELOAD, "virsh net-update lab modify ip-dhcp-host "],
        ..PLAIN
    },
    Scene {
        name: "the first reservation of a network without DHCP",
        command: "network set mute --add-host 52:54:00:aa:aa:07=192.168.125.17",
        steps: &[RELOAD, "virsh net-update mute add ip-dhcp-host "],
        ..PLAIN
    },
    Scene {
        name: "another range",
        command: "network set lab --dhcp 192.168.123.50-192.168.123.99",
        steps: &[
            RELOAD,
            "virsh net-update lab delete ip-dhcp-range ",
            "virsh net-update lab add ip-dhcp-range ",
        ],
        ..PLAIN
    },
    Scene {
        name: "of two addresses the second",
        command: "network set dual --add-host 52:54:00:aa:aa:07=192.168.126.17",
        steps: &[RELOAD, "virsh net-update dual add ip-dhcp-host "],
        ..PLAIN
    },
    Scene {
        name: "names of DNS come back",
        first: &["network set lab --add-host 52:54:00:aa:aa:07=192.168.123.17"],
        edit: Some((
            "networks/lab.xml",
            "<host ip='192.168.123.5'><hostname>five</hostname></host>",
            "<host ip='192.168.123.6'><hostname>five</hostname><hostname>six</hostname></host>",
        )),
        command: "rollback 1 --force",
        steps: &[
            RELOAD,
            "virsh net-update lab delete ip-dhcp-host ",
            "virsh net-update lab delete dns-host '<host ip=\"192.168.123.6\"/>'",
            "virsh net-update lab add dns-host ",
        ],
        ..PLAIN
    },
    Scene {
        name: "another domain",
        command: "network set default --domain example.org",
        steps: &[
            RESTART,
            "virsh net-destroy default",
            "virsh net-start default",
            RESTART,
        ],
        interrupts: &["guest vm1", "network default"],
        ..PLAIN
    },
    Scene {
        name: "another domain without guests",
        command: "network set lab --domain example.org",
        steps: &[RESTART, "virsh net-destroy lab", "virsh net-start lab"],
        interrupts: &["network lab"],
        ..PLAIN
    },
    Scene {
        name: "a network comes",
        command: "network add new --mode nat",
        steps: &[RELOAD],
        ..PLAIN
    },
    Scene {
        name: "a network comes that is not started with the host",
        command: "network add new --mode isolated --no-autostart",
        steps: &[RESTART, "virsh net-start new"],
        ..PLAIN
    },
    Scene {
        name: "a network goes",
        command: "network remove lab",
        steps: &["virsh net-destroy lab", RESTART],
        interrupts: &["network lab"],
        ..PLAIN
    },
];

const OF_GUESTS: &[Scene] = &[
    Scene {
        name: "a guest gets another network",
        command: "guest connect vm1 --interface 2 --network lab",
        steps: &[RELOAD, UPDATE_DEVICE],
        ..PLAIN
    },
    Scene {
        name: "a guest gets a bridge",
        command: "guest connect vm1 --interface 1 --bridge br0",
        steps: &[RELOAD, UPDATE_DEVICE],
        ..PLAIN
    },
    Scene {
        name: "a guest gets its network back",
        first: &["guest connect vm1 --interface 1 --bridge br0"],
        command: "rollback 1",
        steps: &[RELOAD, UPDATE_DEVICE],
        ..PLAIN
    },
    Scene {
        name: "a guest gets a network that is not active",
        command: "guest connect vm1 --interface 2 --network off",
        steps: &[RELOAD, "virsh net-start off", UPDATE_DEVICE],
        ..PLAIN
    },
    Scene {
        name: "a guest gets a network, and its cable pulled",
        first: &["guest connect vm1 --interface 2 --network lab"],
        edit: Some(("vm1.xml", "<link state='down'/>", "<link state='up'/>")),
        command: "rollback 1 --force",
        steps: &[RELOAD, UPDATE_DEVICE],
        ..PLAIN
    },
    Scene {
        name: "a guest gets one more card",
        command: "guest connect vm1 --new --network lab",
        steps: &[RESTART, "virsh shutdown vm1 && n=0; until "],
        interrupts: &["guest vm1"],
        ..PLAIN
    },
    Scene {
        name: "a guest gets a card less",
        command: "guest disconnect vm1 --interface 2",
        steps: &[RESTART, "virsh shutdown vm1 && n=0; until "],
        interrupts: &["guest vm1"],
        ..PLAIN
    },
    Scene {
        name: "a guest gets back a network that comes back",
        first: &[
            "guest connect vm1 --interface 2 --network default",
            "guest connect vm1 --interface 1 --bridge br0",
            "network add new --mode nat --no-autostart",
            "guest connect vm1 --interface 1 --network new",
            "guest connect vm1 --interface 1 --bridge br1",
            "network remove new",
        ],
        command: "rollback --to 3",
        steps: &[RESTART, "virsh net-start new", UPDATE_DEVICE],
        ..PLAIN
    },
];

/// Writes the host: networks and a guest that run.
fn build(root: &Path) {
    let folder = root.join("etc/libvirt/qemu/networks");
    fs::create_dir_all(&folder).unwrap();
    for folder in ["run/libvirt/network", "run/libvirt/qemu"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let scripts = root.join("etc/sysconfig/network-scripts");
    fs::create_dir_all(&scripts).unwrap();
    for bridge in ["br0", "br1"] {
        let text = format!("DEVICE={bridge}\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=none\n");
        fs::write(scripts.join(format!("ifcfg-{bridge}")), text).unwrap();
    }
    let network = |name: &str, number: u8, ip: &str| {
        let text = format!(
            "<network>\n  <name>{name}</name>\n  <uuid>11111111-2222-3333-4444-5555555555{number}</uuid>\n  <forward mode='nat'/>\n  <bridge name='virbr{number}' stp='on' delay='0'/>\n  <mac address='52:54:00:01:00:{number}'/>\n{ip}</network>\n"
        );
        fs::write(folder.join(format!("{name}.xml")), text).unwrap();
    };
    let address = |number: u8, dhcp: &str| {
        format!("  <ip address='192.168.{number}.1' netmask='255.255.255.0'>\n{dhcp}  </ip>\n")
    };
    let range = |number: u8| {
        format!("      <range start='192.168.{number}.100' end='192.168.{number}.200'/>\n")
    };
    let dhcp = |inside: &str| format!("    <dhcp>\n{inside}    </dhcp>\n");
    network("default", 22, &address(122, &dhcp(&range(122))));
    let host = "      <host mac='52:54:00:aa:aa:05' name='five' ip='192.168.123.10'/>\n";
    let names =
        "  <dns>\n    <host ip='192.168.123.5'><hostname>five</hostname></host>\n  </dns>\n";
    let lab = address(123, &dhcp(&format!("{}{host}", range(123))));
    network("lab", 23, &format!("{names}{lab}"));
    network("off", 24, &address(124, &dhcp(&range(124))));
    network("mute", 25, &address(125, ""));
    let v6 = "  <ip family='ipv6' address='fd00::1' prefix='64'>\n  </ip>\n";
    let dual = address(126, &dhcp(&range(126)));
    network("dual", 26, &format!("{v6}{dual}"));
    for name in ["default", "lab", "mute", "dual"] {
        fs::write(root.join(format!("run/libvirt/network/{name}.xml")), "").unwrap();
    }
    let card = |mac: &str, more: &str| {
        format!(
            "    <interface type='network'>\n      <mac address='{mac}'/>\n      <source network='default'/>\n      <model type='virtio'/>\n{more}    </interface>\n"
        )
    };
    let (one, two) = (card(ONE, ""), card(TWO, "      <link state='down'/>\n"));
    let guest = format!(
        "<domain type='qemu'>\n  <name>vm1</name>\n  <uuid>21111111-2222-3333-4444-555555555555</uuid>\n  <memory unit='MiB'>32</memory>\n  <vcpu>1</vcpu>\n  <os>\n    <type arch='x86_64' machine='pc'>hvm</type>\n  </os>\n  <devices>\n    <emulator>/usr/bin/qemu-system-x86_64</emulator>\n{one}{two}  </devices>\n</domain>\n"
    );
    fs::write(root.join("etc/libvirt/qemu/vm1.xml"), guest).unwrap();
    fs::write(root.join("run/libvirt/qemu/vm1.xml"), "").unwrap();
}

/// What the oracle says.
struct Report {
    lines: Vec<Vec<String>>,
    text: String,
}

impl Report {
    fn of(old: &Path, new: &Path, script: &Path) -> Self {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("qemu");
        let mut command = Command::new("bash");
        command.arg(oracle("libvirt-live")).arg(cache);
        let output = command.args([old, new, script]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "libvirt-live cannot tell, and KVMNET_REAL_DAEMONS=1: {}\n{text}",
            String::from_utf8_lossy(&output.stderr)
        );
        let lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
        Self {
            lines: lines.map(Iterator::collect).collect(),
            text,
        }
    }

    /// Returns the rest of the lines that begin so.
    fn all(&self, when: &str, what: &str) -> impl Iterator<Item = &[String]> {
        let lines = self.lines.iter();
        let found = lines.filter(move |line| line[0] == when && line[1] == what);
        found.map(|line| &line[2..])
    }

    /// Returns a table of lines: the first words, and the last one.
    fn table(&self, when: &str, what: &str) -> BTreeMap<String, String> {
        let lines = self.all(when, what).map(|line| {
            let (last, first) = line.split_last().unwrap();
            (first.join(" "), last.clone())
        });
        lines.collect()
    }
}

/// Returns the elements of a definition that next steps change one by one.
fn entries(definition: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in ["host", "range", "hostname", "domain"] {
        for part in definition.split(&format!("<{name} ")).skip(1) {
            found.insert(format!("{name} {}", part.split('>').next().unwrap()));
        }
        for part in definition.split(&format!("<{name}>")).skip(1) {
            found.insert(format!("{name} {}", part.split('<').next().unwrap()));
        }
    }
    found
}

/// Returns the bridges that the files give to the cards of guests.
fn bridges(host: &Host) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for guest in host.guests() {
        for interface in &guest.interfaces {
            let bridge = match &interface.source {
                Source::Network { name, .. } => host.network(name).unwrap().bridge.clone().unwrap(),
                Source::Bridge(name) => name.clone(),
                Source::Device(_) | Source::Other(_) => panic!("{interface:?}"),
            };
            let mac = interface.mac.as_ref().unwrap();
            found.insert(format!("{} {mac}", guest.name), bridge);
        }
    }
    found
}

/// Makes the change of a scene, and runs its next steps.
fn play(scene: &Scene) -> BTreeSet<String> {
    let name = scene.name;
    let dir = TempDir::new().unwrap();
    let (root, old, script) = (
        dir.path().join("root"),
        dir.path().join("old"),
        dir.path().join("script"),
    );
    build(&root);
    for command in scene.first {
        let output = run(&root, command, "-q");
        assert!(output.0, "{name}: {command}: {}", output.1);
    }
    if let Some((file, text, other)) = scene.edit {
        let path: PathBuf = root.join("etc/libvirt/qemu").join(file);
        let before = fs::read_to_string(&path).unwrap();
        assert!(before.contains(text), "{name}");
        fs::write(&path, before.replace(text, other)).unwrap();
    }
    copy_to(&root, &old);
    let (done, said) = run(&root, scene.command, "--json");
    assert!(done, "{name}: {}: {said}", scene.command);
    let plan: Json = serde_json::from_str(&said).unwrap();
    let [steps] = plan["on_that_host"].as_array().unwrap().as_slice() else {
        panic!("{name}: {}", plan["on_that_host"]);
    };
    let words = |key: &str| -> Vec<String> {
        let words = steps[key].as_array().unwrap().iter();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    let commands = words("commands");
    let begins = scene.steps.iter().zip(&commands);
    let as_told = begins
        .clone()
        .all(|(begin, command)| command.starts_with(begin));
    assert!(
        as_told && commands.len() == scene.steps.len(),
        "{name}: {commands:#?}"
    );
    assert_eq!(words("interrupts"), scene.interrupts, "{name}");
    fs::write(&script, commands.join("\n")).unwrap();
    judge(scene, &Report::of(&old, &root, &script), &host(&root));
    commands.into_iter().collect()
}

fn run(root: &Path, command: &str, option: &str) -> (bool, String) {
    let mut words: Vec<&str> = command.split(' ').collect();
    words.extend(["--yes", option]);
    let output = kvmnet(root, &words);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    (output.status.success(), said)
}

fn judge(scene: &Scene, report: &Report, host: &Host) {
    let (name, text) = (scene.name, &report.text);
    for ran in report.lines.iter().filter(|line| line[0] == "ran") {
        assert_eq!(ran[1], "0", "{name}: {}: {}", ran[2], ran[3]);
    }
    // libvirt did not write what kvmnet wrote
    let files = |when: &str| report.table(when, "file");
    assert_eq!(files("written"), files("after"), "{name}\n{text}");
    // what is active is what the files say
    let (live, inactive) = (
        report.table("after", "live"),
        report.table("after", "inactive"),
    );
    let active = report
        .all("after", "net")
        .filter(|line| line[1] == "active");
    for network in active.map(|line| &line[0]) {
        let (live, inactive) = (entries(&live[network]), entries(&inactive[network]));
        assert_eq!(live, inactive, "{name}: {network}\n{text}");
        let file = host.network(network).unwrap();
        let hosts = file
            .subnets
            .iter()
            .filter_map(|subnet| subnet.dhcp.as_ref());
        for host in hosts.flat_map(|dhcp| &dhcp.hosts) {
            let ip = format!("ip='{}'", host.ip.unwrap());
            assert!(
                live.iter().any(|entry| entry.contains(&ip)),
                "{name}: {ip}\n{text}"
            );
        }
    }
    assert_eq!(
        report.table("after", "tap"),
        bridges(host),
        "{name}\n{text}"
    );
    let running: Vec<&str> = report.all("after", "guest").map(|line| &*line[1]).collect();
    assert_eq!(running, ["running"], "{name}");
    // nobody else is interrupted
    let (before, after) = (
        report.table("before", "guest"),
        report.table("after", "guest"),
    );
    let restarted = scene.steps.iter().any(|step| step.contains("shutdown"));
    assert_eq!(before == after, !restarted, "{name}\n{text}");
    let (before, after) = (report.table("before", "net"), report.table("after", "net"));
    for (network, process) in &before {
        let known = after.get(network);
        let network = network.split(' ').next().unwrap();
        let interrupted = format!("network {network}");
        let anew = scene.steps.iter().any(|step| {
            step.contains(&format!(" {network} ")) && step.contains("ip-dhcp-range")
                || step.ends_with(&format!("net-start {network}"))
        });
        // dnsmasq hears of the first entry when it starts
        let anew =
            anew || network == "mute" && scene.steps.iter().any(|step| step.contains("mute"));
        if !anew && !scene.interrupts.contains(&&*interrupted) {
            assert_eq!(known, Some(process), "{name}: {network}\n{text}");
        }
    }
}

/// Plays scenes, and says how many commands they took.
fn all(scenes: &[Scene]) {
    if !real_daemons() {
        eprintln!("skipped: the real libvirtd is asked only with KVMNET_REAL_DAEMONS=1");
        return;
    }
    let ran: BTreeSet<String> = scenes.iter().flat_map(play).collect();
    println!("{} changes, {} commands", scenes.len(), ran.len());
}

/// Returns what virsh is told in a text, without names.
fn kinds(text: &str) -> BTreeSet<String> {
    let told = text.split("virsh ").skip(1).filter_map(|rest| {
        let mut words = rest.split_whitespace();
        match words.next()? {
            "net-update" => {
                let words: Vec<&str> = words.skip(1).take(2).collect();
                Some(format!("net-update {}", words.join(" ")))
            }
            verb => Some(verb.to_owned()),
        }
    });
    // of messages: a command behind which a sentence goes on
    told.filter(|kind| kind.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

#[test]
fn every_kind_of_step_is_run() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let mut printed = BTreeSet::new();
    for case in folders(&cases).iter().flat_map(|group| folders(group)) {
        let text = fs::read(case.join("stdout")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        for (_, block) in text
            .match_indices("On that host, if it is running:")
            .map(|(at, _)| text.split_at(at))
        {
            let lines = block
                .lines()
                .skip(1)
                .take_while(|line| line.starts_with("  "));
            printed.extend(kinds(&lines.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(printed.len() > 5, "{printed:?}");
    let scenes = OF_NETWORKS.iter().chain(OF_GUESTS);
    let steps = scenes.flat_map(|scene| scene.steps);
    let mut run: BTreeSet<String> = steps.flat_map(|step| kinds(step)).collect();
    // these stand behind what a step begins with
    run.extend(["update-device", "domstate", "start"].map(str::to_owned));
    let missing: Vec<&String> = printed.difference(&run).collect();
    assert!(missing.is_empty(), "no scene runs {missing:?}");
}

#[test]
fn next_steps_of_networks_do_what_the_files_say() {
    all(OF_NETWORKS);
}

#[test]
fn next_steps_of_guests_do_what_the_files_say() {
    all(OF_GUESTS);
}
