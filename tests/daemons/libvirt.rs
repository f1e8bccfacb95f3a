//! What the real libvirtd makes of the files: each test changes a copy of a fixture host with the program, and shows it to
//! libvirtd through the oracle `libvirt-load`, which runs it in namespaces of its own.
//!
//! That takes root rights, libvirt, dnsmasq and iptables, so these tests run with `KVMNET_REAL_DAEMONS=1` only; then
//! nothing of it may be missing. The oracle is `libvirt-load` in `$KVMNET_ORACLES`, or else in `../shared/oracles` beside
//! the repository, or else in `tests/oracles`.

use crate::support;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Nodes, copy, difference, fixture, kvmnet, nodes, oracle, real_daemons};
use kvmnet::doc::xml::{Element, XmlDoc};
use kvmnet::host::network::{Network, Subnet};
use kvmnet::host::value::IpNet;
use tempfile::TempDir;

/// The program that shows a tree to libvirtd.
const ORACLE: &str = "libvirt-load";

/// The host with every kind of network and guest.
const KINDS: &str = "libvirt-kinds";

/// What libvirt says of `KINDS` as it is: there is no such PCI device where the tests run.
const KINDS_REFUSED: &[&str] = &["net-define refuses hostdev-pci.xml"];

/// Networks of `KINDS` that cannot be started where the tests run (fixtures/README.md says why).
const NEVER_STARTED: &[&str] = &["hostdev-pci", "hostdev-pf", "limits", "zone"];

/// Returns whether the tests are to run, and says so where they are not.
fn wanted() -> bool {
    if !real_daemons() {
        eprintln!("skipped: the real libvirtd is asked only with KVMNET_REAL_DAEMONS=1");
    }
    real_daemons()
}

/// What the oracle reports.
struct Report {
    lines: Vec<Vec<String>>,
    blocks: BTreeMap<String, String>,
    text: String,
}

impl Report {
    /// Shows the files beneath `root` to libvirtd.
    #[track_caller]
    fn of(root: &Path, options: &[&str]) -> Self {
        let mut command = Command::new("bash");
        command.arg(oracle(ORACLE)).args(["--timeout", "100"]);
        let output = command.args(options).arg(root).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let code = output.status.code();
        assert!(
            matches!(code, Some(0 | 1 | 4)) && text.contains("\nresult\t"),
            "{} cannot tell ({code:?}), and KVMNET_REAL_DAEMONS=1: {}\n{text}",
            oracle(ORACLE).display(),
            String::from_utf8_lossy(&output.stderr)
        );
        let (mut lines, mut blocks) = (Vec::new(), BTreeMap::new());
        let mut rest = text.lines();
        while let Some(line) = rest.next() {
            match line.strip_prefix("<<< ") {
                Some(name) => {
                    let block = rest.by_ref().take_while(|line| *line != ">>>");
                    let block: Vec<&str> = block.collect();
                    blocks.insert(name.to_owned(), block.join("\n"));
                }
                None => lines.push(line.split('\t').map(str::to_owned).collect()),
            }
        }
        Self {
            lines,
            blocks,
            text,
        }
    }

    /// Returns the lines with this key, without it.
    fn all(&self, key: &str) -> impl Iterator<Item = &[String]> {
        let lines = self.lines.iter().filter(move |line| line[0] == key);
        lines.map(|line| &line[1..])
    }

    /// Returns the line with this key about `name`.
    #[track_caller]
    fn the<'r>(&'r self, key: &str, name: &str) -> &'r [String] {
        let found = self.all(key).find(|line| line[0] == name);
        found.unwrap_or_else(|| panic!("no line {key} {name}\n{}", self.text))
    }

    fn errors(&self) -> Vec<String> {
        self.all("error").map(|line| line.join(" ")).collect()
    }

    /// Returns the lines of a block, none where there is no such block.
    fn block(&self, name: &str) -> Vec<&str> {
        let block = self.blocks.get(name).map_or("", String::as_str);
        block.lines().map(str::trim).collect()
    }

    fn dump(&self, network: &str) -> Vec<&str> {
        self.block(&format!("net-dumpxml {network}"))
    }

    /// Returns what `field` of a network is, such as `active`.
    #[track_caller]
    fn field(&self, network: &str, field: &str) -> &str {
        let words = self.the("net", network).iter();
        let mut pairs = words.filter_map(|word| word.split_once('='));
        let found = pairs.find(|(key, _)| *key == field);
        found.map_or("", |(_, value)| value)
    }

    /// Returns the `<forward>` mode that libvirt read.
    fn mode(&self, network: &str) -> &str {
        let mut lines = self.dump(network).into_iter();
        let forward = lines.find_map(|line| line.strip_prefix("<forward "));
        let mode = forward.and_then(|forward| forward.split_once("mode='"));
        mode.and_then(|(_, rest)| rest.split('\'').next())
            .unwrap_or("isolated")
    }

    fn addresses(&self, network: &str) -> Vec<IpNet> {
        let line = self.all("addr").find(|line| line[0] == network);
        let words = line.and_then(|line| line.get(3)).map_or("", String::as_str);
        words
            .split(',')
            .filter_map(|word| word.parse().ok())
            .collect()
    }
}

/// Shows the files beneath `root` to libvirtd, which must load and define each file, take each link and rewrite nothing;
/// `but` are the only errors.
#[track_caller]
fn load(root: &Path, options: &[&str], but: &[&str]) -> Report {
    let report = Report::of(root, &[&["--define"], options].concat());
    let folder = |path: &&String| {
        let rest = path.strip_prefix("etc/libvirt/qemu/")?;
        let file = rest.strip_prefix("networks/").unwrap_or(rest);
        (!file.contains('/') && file.ends_with(".xml")).then(|| rest.to_owned())
    };
    let nodes = nodes(root);
    let wanted: BTreeSet<String> = nodes.keys().filter_map(|path| folder(&path)).collect();
    let loaded = report
        .all("file")
        .filter(|line| line[1..] == ["loaded".to_owned()]);
    let loaded: BTreeSet<String> = loaded.map(|line| line[0].clone()).collect();
    assert_eq!(wanted, loaded, "\n{}", report.text);
    assert!(!report.text.contains("\n<<< rewritten "), "{}", report.text);
    assert_eq!(report.errors(), but, "\n{}", report.text);
    report
}

/// Runs the program, which must do what it is told.
#[track_caller]
fn run(root: &Path, words: &[&str]) -> String {
    let output = kvmnet(root, &[words, &["--yes"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{words:?}: {}\n{said}",
        output.status
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the program, and returns why it refused; then the tree must be untouched.
#[track_caller]
fn refusal(root: &Path, words: &[&str]) -> Option<String> {
    let before = nodes(root);
    let output = kvmnet(root, &[words, &["--yes"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return None;
    }
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    assert_eq!(difference(&before, &nodes(root)), "", "{words:?}");
    let why = said.lines().find_map(|line| line.strip_prefix("error: "));
    Some(why.unwrap_or(&said).to_owned())
}

fn host(name: &str) -> (TempDir, PathBuf) {
    let above = copy(&fixture(name));
    let root = above.path().join("root");
    (above, root)
}

/// A network that is made, and what libvirt must make of it.
struct Made {
    name: &'static str,
    words: &'static [&'static str],
    mode: &'static str,
    bridge: &'static str,
    autostart: bool,
    addresses: &'static [&'static str],
    /// Ranges and domain for dnsmasq, and what it is to know of hosts.
    dnsmasq: &'static [&'static str],
}

/// What is made on `monolithic`, whose own networks and NICs have virbr0, virbr2, 192.168.122.0/24 and 192.168.123.0/24.
const MADE: &[Made] = &[
    Made {
        name: "nat-alone",
        words: &["--mode", "nat"],
        mode: "nat",
        bridge: "virbr1",
        autostart: true,
        addresses: &["192.168.124.1/24"],
        dnsmasq: &["dhcp-range=192.168.124.2,192.168.124.254,255.255.255.0"],
    },
    Made {
        name: "nat-hosts",
        words: &[
            "--mode",
            "nat",
            "--subnet",
            "10.7.0.0/24",
            "--dhcp",
            "10.7.0.10-10.7.0.20",
            "--host",
            "52:54:00:aa:00:01=10.7.0.11,web",
            "--host",
            "52:54:00:aa:00:02=10.7.0.200",
            "--domain",
            "lab.example.test",
        ],
        mode: "nat",
        bridge: "virbr3",
        autostart: true,
        addresses: &["10.7.0.1/24"],
        dnsmasq: &[
            "domain=lab.example.test",
            "dhcp-range=10.7.0.10,10.7.0.20,255.255.255.0",
            "52:54:00:aa:00:01,10.7.0.11,web",
            "52:54:00:aa:00:02,10.7.0.200",
        ],
    },
    Made {
        name: "nat-six",
        words: &["--mode", "nat", "--subnet", "fd00:7::/64"],
        mode: "nat",
        bridge: "virbr4",
        autostart: true,
        addresses: &["fd00:7::1/64"],
        dnsmasq: &["dhcp-range=fd00:7::2,fd00:7::ffff,64"],
    },
    Made {
        name: "isolated-both",
        words: &[
            "--mode",
            "isolated",
            "--subnet",
            "10.8.0.5/24",
            "--subnet",
            "fd00:8::1/64",
            "--dhcp",
            "fd00:8::100-fd00:8::1ff",
        ],
        mode: "isolated",
        bridge: "virbr5",
        autostart: true,
        addresses: &["10.8.0.5/24", "fd00:8::1/64"],
        dnsmasq: &[
            "dhcp-range=10.8.0.6,10.8.0.254,255.255.255.0",
            "dhcp-range=fd00:8::100,fd00:8::1ff,64",
        ],
    },
    Made {
        name: "isolated-small",
        words: &[
            "--mode",
            "isolated",
            "--subnet",
            "10.9.0.0/30",
            "--no-dhcp",
            "--no-autostart",
        ],
        mode: "isolated",
        bridge: "virbr6",
        autostart: false,
        addresses: &["10.9.0.1/30"],
        dnsmasq: &[],
    },
    Made {
        name: "route-named",
        words: &[
            "--mode",
            "route",
            "--device",
            "virbr77",
            "--mac",
            "52:54:00:12:34:56",
            "--uuid",
            "11111111-2222-3333-4444-555555555555",
        ],
        mode: "route",
        bridge: "virbr77",
        autostart: true,
        addresses: &["192.168.125.1/24"],
        dnsmasq: &["dhcp-range=192.168.125.2,192.168.125.254,255.255.255.0"],
    },
    Made {
        name: "route-six-quiet",
        words: &[
            "--mode",
            "route",
            "--subnet",
            "2001:db8:7::/64",
            "--no-dhcp",
            "--no-autostart",
        ],
        mode: "route",
        bridge: "virbr7",
        autostart: false,
        addresses: &["2001:db8:7::1/64"],
        dnsmasq: &["dhcp-range=2001:db8:7::1,ra-only"],
    },
    Made {
        name: "open-large",
        words: &[
            "--mode",
            "open",
            "--subnet",
            "10.11.0.0/16",
            "--subnet",
            "fd00:11::/120",
        ],
        mode: "open",
        bridge: "virbr8",
        autostart: true,
        addresses: &["10.11.0.1/16", "fd00:11::1/120"],
        dnsmasq: &[
            "dhcp-range=10.11.0.2,10.11.255.254,255.255.0.0",
            "dhcp-range=fd00:11::2,fd00:11::ff,120",
        ],
    },
    Made {
        name: "büro's",
        words: &["--mode", "open", "--no-dhcp"],
        mode: "open",
        bridge: "virbr9",
        autostart: true,
        addresses: &["192.168.126.1/24"],
        dnsmasq: &[],
    },
    Made {
        name: "on-br0",
        words: &["--mode", "bridge", "--bridge", "br0"],
        mode: "bridge",
        bridge: "br0",
        autostart: true,
        addresses: &[],
        dnsmasq: &[],
    },
];

/// What is made on `ovs`, which had no networks.
const MADE_BESIDE_OVS: &[Made] = &[
    Made {
        name: "on-ovs",
        words: &["--mode", "bridge", "--bridge", "ovsbr0"],
        mode: "bridge",
        bridge: "ovsbr0",
        autostart: true,
        addresses: &[],
        dnsmasq: &[],
    },
    Made {
        name: "default",
        words: &["--mode", "nat"],
        mode: "nat",
        bridge: "virbr0",
        autostart: true,
        addresses: &["192.168.122.1/24"],
        dnsmasq: &["dhcp-range=192.168.122.2,192.168.122.254,255.255.255.0"],
    },
];

impl Made {
    #[track_caller]
    fn judge(&self, report: &Report) {
        let name = self.name;
        let (yes_no, started) = match self.autostart {
            true => ("yes", "was-active"),
            false => ("no", "started"),
        };
        assert_eq!(report.field(name, "autostart"), yes_no, "{name}");
        assert_eq!(report.field(name, "active"), yes_no, "{name}");
        assert_eq!(report.field(name, "bridge"), self.bridge, "{name}");
        assert_eq!(report.mode(name), self.mode, "{name}");
        assert_eq!(report.the("start", name)[1], started, "{name}");
        let wanted: Vec<IpNet> = self.addresses.iter().map(|a| a.parse().unwrap()).collect();
        assert_eq!(report.addresses(name), wanted, "{name}");
        let conf = report.block(&format!("dnsmasq {name}.conf")).into_iter();
        let conf =
            conf.filter(|line| line.starts_with("dhcp-range=") || line.starts_with("domain="));
        let hosts = report.block(&format!("dnsmasq {name}.hostsfile"));
        let found: Vec<&str> = conf.chain(hosts).collect();
        assert_eq!(found, self.dnsmasq, "{name}\n{}", report.text);
        let link = format!("networks/autostart/{name}.xml");
        let taken = report
            .all("autostart")
            .any(|line| line[0] == link && line[1] == "taken");
        assert_eq!(taken, self.autostart, "{name}");
    }
}

#[test]
fn networks_that_are_made_run_as_asked() {
    if !wanted() {
        return;
    }
    for (name, made) in [("monolithic", MADE), ("ovs", MADE_BESIDE_OVS)] {
        let (_above, root) = host(name);
        for made in made {
            run(
                &root,
                &[&["network", "add", made.name], made.words].concat(),
            );
        }
        let report = load(&root, &["--start-all"], &[]);
        for made in made {
            made.judge(&report);
        }
    }
    let (_above, root) = host("ovs");
    run(
        &root,
        &[
            "network", "add", "on-ovs", "--mode", "bridge", "--bridge", "ovsbr0",
        ],
    );
    let report = load(&root, &[], &[]);
    let port = "<virtualport type='openvswitch'/>";
    assert!(report.dump("on-ovs").contains(&port), "{}", report.text);
}

#[test]
fn copies_run_beside_what_they_were_copied_from() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    let originals = support::host(&root);
    let mut options = vec!["--no-autostart".to_owned()];
    let mut copies = Vec::new();
    for network in originals
        .networks()
        .filter(|network| network.name != "hostdev-pci")
    {
        let name = format!("{}-2", network.name);
        run(&root, &["network", "copy", &network.name, &name]);
        if !NEVER_STARTED.contains(&network.name.as_str()) {
            options.extend(["--start".to_owned(), name.clone()]);
            copies.push((network, name));
        }
    }
    assert!(copies.len() >= 26, "{}", copies.len());
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let report = load(&root, &options, KINDS_REFUSED);
    let mut taken: Vec<IpNet> = originals
        .networks()
        .flat_map(|network| network.subnets.iter().map(|subnet| subnet.address))
        .collect();
    for (network, name) in copies {
        let original = report.mode(&network.name);
        assert_eq!(report.mode(&name), original, "{name}");
        assert_eq!(report.field(&name, "autostart"), "yes", "{name}");
        assert_eq!(report.the("start", &name)[1], "started", "{name}");
        let addresses = report.addresses(&name);
        assert_eq!(
            addresses.len(),
            network.subnets.len(),
            "{name}: {addresses:?}"
        );
        for address in addresses {
            let meets = |other: &&IpNet| other.contains(&address) || address.contains(*other);
            assert_eq!(taken.iter().find(meets), None, "{name}: {address}");
            taken.push(address);
        }
    }
}

/// Returns a range well within an IPv4 subnet.
fn some_range(subnet: &Subnet) -> Option<(IpAddr, IpAddr)> {
    let IpAddr::V4(network) = subnet.address.network() else {
        return None;
    };
    let nth = |n| IpAddr::V4(Ipv4Addr::from(u32::from(network) + n));
    Some((nth(20), nth(30)))
}

/// Changes every network that owns its bridge with the words that `words` gives; returns which were changed, and why the
/// others were not.
fn set_all(
    root: &Path,
    words: impl Fn(&Network) -> Option<Vec<String>>,
) -> (Vec<String>, BTreeMap<String, String>) {
    let (mut changed, mut refused) = (Vec::new(), BTreeMap::new());
    for network in support::host(root).networks() {
        let Some(more) = words(network) else {
            continue;
        };
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let words = [&["network", "set", &network.name], &more[..]].concat();
        match refusal(root, &words) {
            Some(why) => {
                refused.insert(network.name.clone(), why);
            }
            None => changed.push(network.name.clone()),
        }
    }
    (changed, refused)
}

#[test]
fn networks_that_are_set_to_autostart_or_not_are_listed_so() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    for (option, listed) in [("--autostart", "yes"), ("--no-autostart", "no")] {
        let (changed, refused) = set_all(&root, |_| Some(vec![option.to_owned()]));
        assert!(refused.is_empty(), "{refused:?}");
        let report = load(&root, &["--no-autostart"], KINDS_REFUSED);
        for name in changed {
            assert_eq!(report.field(&name, "autostart"), listed, "{name}");
        }
        let links = report.all("autostart");
        let links = links.filter(|line| line[0].starts_with("networks/"));
        let wanted = if listed == "yes" { 30 } else { 0 };
        assert_eq!(links.count(), wanted, "{}", report.text);
    }
}

#[test]
fn networks_with_another_range_are_taken() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    let range = |network: &Network| network.subnets.iter().find_map(some_range);
    let before: BTreeMap<String, _> = support::host(&root)
        .networks()
        .filter_map(|network| Some((network.name.clone(), range(network)?)))
        .collect();
    let (changed, refused) = set_all(&root, |network| {
        let (first, last) = range(network)?;
        Some(vec!["--dhcp".to_owned(), format!("{first}-{last}")])
    });
    assert!(refused.is_empty(), "{refused:?}");
    assert!(changed.len() >= 19, "{changed:?}");
    let report = load(&root, &["--no-autostart"], KINDS_REFUSED);
    for name in changed {
        let (first, last) = before[&name];
        let ranges = report.dump(&name).into_iter();
        let ranges: Vec<&str> = ranges.filter(|line| line.starts_with("<range ")).collect();
        let wanted = format!("<range start='{first}' end='{last}'");
        let found = ranges.iter().filter(|line| line.starts_with(&wanted));
        assert_eq!(found.count(), 1, "{name}: {ranges:?}");
    }
}

#[test]
fn networks_go_through_all_modes() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    for mode in ["nat", "isolated", "route", "open", "nat"] {
        let (changed, refused) = set_all(&root, |network| {
            let own = network.forward.owns_bridge();
            own.then(|| vec!["--mode".to_owned(), mode.to_owned()])
        });
        assert!(changed.len() >= 19, "{mode}: {changed:?}");
        // without an address there is nothing to forward
        let wanted = if mode == "isolated" {
            vec![]
        } else {
            vec!["mac-kernel"]
        };
        assert!(
            refused.keys().eq(wanted.iter()),
            "{mode}: refused {refused:?}"
        );
        let mut options = vec!["--no-autostart"];
        if mode == "open" {
            // those with the most in them
            for name in [
                "nat-ports",
                "dnsmasq-options",
                "routed",
                "names",
                "dualstack",
            ] {
                options.extend(["--start", name]);
            }
        }
        let report = load(&root, &options, KINDS_REFUSED);
        for name in changed {
            assert_eq!(report.mode(&name), mode, "{name}");
        }
    }
}

/// Hangs the network `name` on the kernel's bridge br0 by hand: all that only its old mode has goes, `<vlan>` and virtual
/// ports other than Open vSwitch's stay.
fn by_hand_on_br0(root: &Path, name: &str) {
    let path = root.join(format!("etc/libvirt/qemu/networks/{name}.xml"));
    let mut text = fs::read_to_string(&path).unwrap();
    let doc = XmlDoc::parse(&text).unwrap();
    let span = |name| doc.child(0, name).map(|(_, element)| element.span.clone());
    let ovs = |(_, port): &(usize, &Element<'_>)| port.value("type") == Some("openvswitch");
    let port = doc.child(0, "virtualport").filter(ovs);
    let gone = [span("bridge"), port.map(|(_, port)| port.span.clone())];
    let mut edits: Vec<_> = gone.into_iter().flatten().map(|span| (span, "")).collect();
    let forward = "<forward mode='bridge'/><bridge name='br0'/>";
    edits.push((span("forward").unwrap(), forward));
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, new) in edits {
        text.replace_range(span, new);
    }
    fs::write(path, text).unwrap();
}

#[test]
fn networks_on_bridges_of_the_host_are_taken_or_refused_as_libvirt_would() {
    if !wanted() {
        return;
    }
    let with_vlan = ["hostdev-pci", "ovs"];
    let of_cards = ["macvtap-passthrough", "macvtap-vepa"];
    for (bridge, refused) in [
        ("br0", [&with_vlan[..], &of_cards].concat()),
        ("ovsbr0", of_cards.to_vec()),
    ] {
        let (_above, root) = host(KINDS);
        let set = ["--mode", "bridge", "--bridge", bridge];
        let (changed, why) = set_all(&root, |_| Some(set.map(str::to_owned).to_vec()));
        let mut found: Vec<&str> = why.keys().map(String::as_str).collect();
        let mut wanted = refused;
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{bridge}: {why:?}");
        // what is refused because of its PCI devices is so until they are gone
        let but: &[&str] = if bridge == "br0" { KINDS_REFUSED } else { &[] };
        let report = load(&root, &["--no-autostart"], but);
        for name in changed {
            assert_eq!(report.mode(&name), "bridge", "{name}");
            assert_eq!(report.field(&name, "bridge"), bridge, "{name}");
        }
    }
    let (_above, root) = host(KINDS);
    for name in with_vlan {
        by_hand_on_br0(&root, name);
    }
    let report = Report::of(&root, &["--define", "--no-autostart"]);
    let errors = with_vlan.map(|name| format!("net-define refuses {name}.xml"));
    assert_eq!(report.errors(), errors, "\n{}", report.text);
    let vlan = "<vlan> element specified for network";
    assert_eq!(report.text.matches(vlan).count(), 2, "{}", report.text);
}

#[test]
fn an_unknown_bridge_keeps_the_switch_that_a_network_has() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    run(
        &root,
        &["network", "set", "ovs", "--bridge", "nope", "--force"],
    );
    let report = load(&root, &["--no-autostart"], KINDS_REFUSED);
    assert_eq!(report.field("ovs", "bridge"), "nope");
    let port = report
        .dump("ovs")
        .contains(&"<virtualport type='openvswitch'>");
    assert!(port, "{}", report.text);
}

#[test]
fn twins_are_taken_once_they_are_mended() {
    if !wanted() {
        return;
    }
    let (_above, root) = host("tutorial");
    let networks = root.join("etc/libvirt/qemu/networks");
    let text = fs::read_to_string(networks.join("default.xml")).unwrap();
    let text = text.replace("<name>default</name>", "<name>nat1</name><!-- by cp -->");
    fs::write(networks.join("nat1.xml"), &text).unwrap();
    let report = Report::of(&root, &["--define", "--no-autostart"]);
    assert!(!report.errors().is_empty(), "{}", report.text);
    let rules = "network-uuid-twice,network-bridge-twice,network-mac-twice";
    run(&root, &["check", "--fix", rules]);
    let set = ["network", "set", "nat1", "--subnet"];
    run(&root, &[&set[..], &["192.168.123.0/24"]].concat());
    let options = ["--no-autostart", "--start", "default", "--start", "nat1"];
    let report = load(&root, &options, &[]);
    for name in ["default", "nat1"] {
        assert_eq!(report.the("start", name)[1], "started", "{name}");
    }
    assert_eq!(report.field("nat1", "bridge"), "virbr1");
    let mended = fs::read_to_string(networks.join("nat1.xml")).unwrap();
    assert!(mended.contains("<!-- by cp -->"), "{mended}");
}

#[test]
fn what_libvirt_uses_by_device_follows_to_the_bridge() {
    if !wanted() {
        return;
    }
    let (_above, root) = host("libvirt-devices");
    let through = |device: &str| {
        let options = ["--no-autostart", "--start", "default", "--start", "routed"];
        let report = load(&root, &options, &[]);
        for name in ["default", "routed"] {
            assert_eq!(report.the("start", name)[1], "started", "{name}");
            let rules = report.block(&format!("iptables {name}")).join("\n");
            let out = format!("-o {device} -j ACCEPT");
            assert!(rules.contains(&out), "{name}: {rules}");
            for other in ["ens33", "lan0"].iter().filter(|other| **other != device) {
                assert!(!rules.contains(other), "{name}: {rules}");
            }
        }
        let source = format!("<source dev='{device}' mode='vepa'/>");
        for guest in ["tap1", "tap2"] {
            let shown = report.block(&format!("dumpxml {guest}"));
            assert!(shown.contains(&source.as_str()), "{guest}: {shown:?}");
        }
        let taps = report.dump("taps");
        assert!(taps.contains(&format!("<interface dev='{device}'/>").as_str()));
        assert!(report.dump("functions").contains(&"<pf dev='ens33'/>"));
    };
    through("ens33");
    run(&root, &["bridge", "add", "lan0", "--port", "ens33"]);
    through("lan0");
    run(&root, &["bridge", "remove", "lan0"]);
    through("ens33");
}

/// What an interface of a guest is in libvirt's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Nic {
    kind: String,
    source: String,
    /// The lines of its MAC address, model and PCI address.
    kept: Vec<String>,
}

/// Returns the interfaces of a guest as `virsh dumpxml` shows them.
#[track_caller]
fn nics(report: &Report, guest: &str) -> Vec<Nic> {
    let dump = report.blocks.get(&format!("dumpxml {guest}"));
    let dump = dump.unwrap_or_else(|| panic!("no guest {guest}\n{}", report.text));
    let mut found: Vec<Nic> = Vec::new();
    let mut inside = false;
    for line in dump.lines() {
        if let Some(rest) = line.strip_prefix("    <interface type='") {
            let kind = rest.split('\'').next().unwrap().to_owned();
            let (source, kept) = (String::new(), Vec::new());
            found.push(Nic { kind, source, kept });
            inside = true;
        } else if line == "    </interface>" {
            inside = false;
        } else if let Some(child) = line.strip_prefix("      <").filter(|_| inside) {
            let nic = found.last_mut().unwrap();
            match child.split([' ', '/', '>']).next().unwrap() {
                "source" => nic.source = child.to_owned(),
                "mac" | "model" | "address" => nic.kept.push(child.to_owned()),
                _ => {}
            }
        }
    }
    found
}

#[test]
fn guests_are_attached_elsewhere_and_keep_what_they_are() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    let before = load(&root, &["--no-autostart"], KINDS_REFUSED);
    let guests = support::host(&root);
    for (option, value, kind) in [
        ("--network", "default", "network"),
        ("--bridge", "br0", "bridge"),
    ] {
        let (_above, root) = host(KINDS);
        for guest in guests.guests() {
            for number in 1..=guest.interfaces.len() {
                let number = number.to_string();
                let connect = ["guest", "connect", &guest.name, option, value];
                // the VLAN that it keeps is none on a Linux bridge
                let force: &[&str] = if ["switched", "zoo"].contains(&guest.name.as_str()) {
                    &["--force"]
                } else {
                    &[]
                };
                run(
                    &root,
                    &[&connect[..], &["--interface", &number], force].concat(),
                );
            }
        }
        let after = load(&root, &["--no-autostart"], KINDS_REFUSED);
        for guest in guests.guests() {
            let name = &guest.name;
            let (old, new) = (nics(&before, name), nics(&after, name));
            assert_eq!(old.len(), guest.interfaces.len(), "{name}");
            let wanted = old.into_iter().map(|nic| Nic {
                kind: kind.to_owned(),
                source: format!("source {kind}='{value}'/>"),
                ..nic
            });
            let wanted: Vec<Nic> = wanted.collect();
            assert_eq!(new, wanted, "{name}");
        }
    }
}

#[test]
fn guests_get_interfaces_and_lose_them() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    let guests = support::host(&root);
    for guest in guests.guests() {
        let connect = ["guest", "connect", &guest.name, "--new"];
        run(&root, &[&connect[..], &["--network", "default"]].concat());
        let card = ["--bridge", "br0", "--model", "e1000e"];
        run(&root, &[&connect[..], &card].concat());
    }
    let model = |nic: &Nic, model: &str| {
        let wanted = format!("model type='{model}'/>");
        nic.kept.contains(&wanted)
    };
    let judge = |nics: &[Nic], name: &str| {
        let [on_network, on_bridge] = nics else {
            panic!("{name}: {nics:?}");
        };
        assert_eq!(on_network.source, "source network='default'/>", "{name}");
        assert!(model(on_network, "virtio"), "{name}: {on_network:?}");
        assert_eq!(on_bridge.source, "source bridge='br0'/>", "{name}");
        assert!(model(on_bridge, "e1000e"), "{name}: {on_bridge:?}");
    };
    let report = load(&root, &["--no-autostart"], KINDS_REFUSED);
    let mut macs = BTreeSet::new();
    for guest in guests.guests() {
        let found = nics(&report, &guest.name);
        judge(&found[guest.interfaces.len()..], &guest.name);
        for nic in found {
            let mac = nic.kept[0].clone();
            assert!(macs.insert(mac.clone()), "{}: {mac}", guest.name);
        }
    }
    for guest in guests.guests() {
        for _ in &guest.interfaces {
            run(
                &root,
                &["guest", "disconnect", &guest.name, "--interface", "1"],
            );
        }
    }
    let report = load(&root, &["--no-autostart"], KINDS_REFUSED);
    for guest in guests.guests() {
        judge(&nics(&report, &guest.name), &guest.name);
    }
}

#[test]
fn nothing_is_left_of_a_network_that_was_removed() {
    if !wanted() {
        return;
    }
    let (_above, root) = host(KINDS);
    for network in support::host(&root).networks() {
        if network.name != "default" {
            run(&root, &["network", "remove", &network.name, "--force"]);
        }
    }
    let report = load(&root, &["--no-autostart"], &[]);
    let networks: Vec<&str> = report.all("net").map(|line| line[0].as_str()).collect();
    assert_eq!(networks, ["default"]);
    let left = |path: &&String| {
        path.starts_with("etc/libvirt/qemu/networks/") && !path.ends_with(".xml.old")
    };
    let nodes = nodes(&root);
    let left: Vec<&String> = nodes.keys().filter(left).collect();
    assert_eq!(
        left,
        [
            "etc/libvirt/qemu/networks/autostart",
            "etc/libvirt/qemu/networks/autostart/default.xml",
            "etc/libvirt/qemu/networks/default.xml",
        ]
    );
}

/// Returns the tree without what kvmnet keeps for itself.
fn without_state(root: &Path) -> Nodes {
    let mut nodes = nodes(root);
    nodes.retain(|path, _| !path.starts_with("var/lib/kvmnet"));
    nodes
}

#[test]
fn each_state_of_the_tutorial_is_taken_there_and_back() {
    if !wanted() {
        return;
    }
    let (_above, root) = host("tutorial");
    let networks = |report: &Report| {
        let mut text = String::new();
        for line in report.all("net") {
            let name = &line[0];
            let (mode, active) = (report.mode(name), report.field(name, "active"));
            let addresses = report.addresses(name);
            write!(text, "{name} {mode} {active} {addresses:?}; ").unwrap();
        }
        text
    };
    let default = "default nat yes [192.168.122.1/24]; ";
    let both = format!("{default}nat1 nat yes [192.168.123.1/24]; ");
    let one_isolated = format!("{default}nat1 isolated yes [192.168.123.1/24]; ");
    let steps: [(&[&str], &str); 3] = [
        (&["network", "copy", "default", "nat1"], &both),
        (
            &["network", "set", "nat1", "--mode", "isolated"],
            &one_isolated,
        ),
        (&["network", "remove", "nat1"], default),
    ];
    let loaded = |root: &Path| networks(&load(root, &["--start-all"], &[]));
    assert_eq!(loaded(&root), default);
    let mut states = Vec::new();
    for (words, wanted) in steps {
        states.push((without_state(&root), loaded(&root)));
        run(&root, words);
        assert_eq!(loaded(&root), wanted, "{words:?}");
    }
    for id in (1..=steps.len()).rev() {
        let (nodes, networks) = &states[id - 1];
        run(&root, &["rollback", &id.to_string()]);
        assert_eq!(difference(nodes, &without_state(&root)), "", "{id}");
        assert_eq!(loaded(&root), *networks, "{id}");
    }
}
