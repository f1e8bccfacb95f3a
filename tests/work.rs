//! The work that the program does is in proportion to its input, whatever the input: counted, never timed.
//!
//! Each row of [`SHAPES`] is a command over a tree in which something is there `n` times, and then `2n` times. The
//! program runs in a process of its own, this test's own executable, and tells what it counted (`kvmnet::work`) and what
//! memory it asked for: no number may grow more than the input. A quadratic reader is among them, to see that it would be
//! found. To add one: a row.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build trees, run programs and say what they counted"
)]

mod support;

use std::alloc::System;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use kvmnet::doc::shell::ShellDoc;
use kvmnet::work::{self, Work};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The words of a command, one a line, for the process that is measured.
const WORDS: &str = "KVMNET_TEST_WORDS";
/// In place of a command: a reader that looks at each line for each line.
const QUADRATIC: &str = "quadratic";

/// Nothing may grow more than to this many hundredths when the input is doubled: in proportion is 200, n log n a bit more.
const MOST_GROWTH: u64 = 230;
/// What is this small does not count.
const SMALL: u64 = 2000;

/// What is counted, in the order in which it is told.
const COUNTS: [&str; 6] = [
    "bytes parsed",
    "items looked at",
    "lines compared",
    "bytes read and written",
    "allocations",
    "bytes allocated",
];

/// Makes what there is n times, beneath a root.
type Make = fn(root: &Path, n: usize);

/// A command, over a tree with something in it n times.
struct Shape {
    name: &'static str,
    make: Make,
    words: &'static [&'static str],
    n: usize,
}

const fn shape(name: &'static str, n: usize, make: Make, words: &'static [&'static str]) -> Shape {
    Shape {
        name,
        make,
        words,
        n,
    }
}

const CHECK: &[&str] = &["check"];
const FIX: &[&str] = &["check", "--fix", "--dry-run"];
const SHOW: &[&str] = &["show"];
const TREE: &[&str] = &["show", "--tree", "--all"];
const PAGE: &[&str] = &["show", "--html", "/dev/null", "--all"];
const REMOVE_TREE: &[&str] = &[
    "bridge",
    "remove",
    "br0",
    "--to",
    "eth0",
    "--tree",
    "--all",
    "--dry-run",
];
const NETWORK_PAGE: &[&str] = &[
    "network",
    "add",
    "x",
    "--mode",
    "isolated",
    "--html",
    "/dev/null",
    "--all",
    "--dry-run",
];
const STATUS: &[&str] = &["status"];
const ADD: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--dry-run"];
const SET: &[&str] = &["network", "set", "default", "--domain", "x", "--dry-run"];

const MIGRATE: &[&str] = &["migrate", "keyfile", "--accept-loss", "--dry-run"];
const SHOW_BRIDGES: &[&str] = &["show", "bridges"];
const REMOVE: &[&str] = &["bridge", "remove", "br0", "--to", "eth0", "--dry-run"];
const ADD_PORT: &[&str] = &["bridge", "add-port", "br0", "free", "--dry-run"];
const REMOVE_PORT: &[&str] = &["bridge", "remove-port", "br0", "eth0", "--dry-run"];

const SHAPES: &[Shape] = &[
    // migrations
    shape("profiles, migrate", 150, profiles, MIGRATE),
    shape("different keys, migrate", 1000, different_keys, MIGRATE),
    shape("comments, migrate", 1000, comments, MIGRATE),
    shape("routes, migrate", 600, routes, MIGRATE),
    shape("routes of ip, migrate", 600, routes_of_ip, MIGRATE),
    shape("profiles with rules, migrate", 150, rules, MIGRATE),
    // profiles of the network scripts
    shape("addresses, show", 1000, addresses, SHOW),
    shape("addresses, check", 1000, addresses, CHECK),
    shape("addresses, bridge add", 1000, addresses, ADD),
    shape("substitutions", 1000, substitutions, CHECK),
    shape("here-documents", 800, here_documents, CHECK),
    shape("if", 800, ifs, CHECK),
    shape("case", 800, cases, CHECK),
    shape("different keys", 1000, different_keys, ADD),
    shape("the same key", 1000, same_key, ADD),
    shape("KEYn", 1000, numbered_keys, ADD),
    shape("keys in small letters", 250, small_letters, FIX),
    shape("one key in small letters", 1000, small_letter, FIX),
    shape("profiles in small letters", 60, small_profiles, FIX),
    shape("profiles, check --fix", 200, profiles, FIX),
    shape("copies of profiles, check --fix", 100, copies, FIX),
    shape("comments", 1000, comments, ADD),
    shape("routes, check", 1000, routes, CHECK),
    shape("routes, bridge add", 600, routes, ADD),
    shape("routes of ip", 1000, routes_of_ip, CHECK),
    shape("profiles, check", 200, profiles, CHECK),
    shape("profiles, bridge add", 200, profiles, ADD),
    shape("bridges with a port each", 100, bridges, CHECK),
    shape("bridges with a port each, check --fix", 100, bridges, FIX),
    shape(
        "bridges with a port each, show bridges",
        100,
        bridges,
        SHOW_BRIDGES,
    ),
    shape(
        "bridges with a port each, bridge remove",
        100,
        bridges,
        REMOVE,
    ),
    shape("bridges with a port each, migrate", 100, bridges, MIGRATE),
    shape("ports, check", 200, ports, CHECK),
    shape("ports, check --fix", 200, ports, FIX),
    shape("ports, show bridges", 200, ports, SHOW_BRIDGES),
    shape("ports, bridge remove", 200, ports, REMOVE),
    shape("ports, bridge add-port", 200, ports, ADD_PORT),
    shape("ports, bridge remove-port", 200, ports, REMOVE_PORT),
    shape("ports, migrate", 200, ports, MIGRATE),
    shape(
        "ports with keys in small letters, bridge remove",
        200,
        small_ports,
        REMOVE,
    ),
    shape("bonds with VLANs and bridges", 60, bonds, CHECK),
    // libvirt
    shape("port groups", 800, port_groups, CHECK),
    shape("hosts, check", 800, hosts, CHECK),
    shape("hosts, set", 800, hosts, SET),
    shape(
        "hosts, copy",
        800,
        hosts,
        &["network", "copy", "default", "nat1", "--dry-run"],
    ),
    shape("interfaces of a guest", 250, interfaces, CHECK),
    shape(
        "interfaces, connect",
        400,
        interfaces,
        &[
            "guest",
            "connect",
            "vm2",
            "--network",
            "default",
            "--interface=1",
            "--dry-run",
        ],
    ),
    shape("networks, check", 150, networks, CHECK),
    shape("networks, check --fix", 150, networks, FIX),
    shape("networks, set", 150, networks, SET),
    shape("guests, check", 150, guests, CHECK),
    shape("guests, check --fix", 150, guests, FIX),
    shape(
        "networks on bridges, with a guest each",
        80,
        switched,
        CHECK,
    ),
    // beside them
    shape("a firewall zone", 1000, zone, ADD),
    shape("a keyfile", 2000, keyfile, CHECK),
    shape("keyfiles, check", 200, keyfiles, CHECK),
    shape("keyfiles, show", 200, keyfiles, SHOW),
    shape(
        "keyfiles, bridge add",
        200,
        keyfiles,
        &["bridge", "add", "brk", "--port", "eth0", "--dry-run"],
    ),
    shape("ports in keyfiles", 200, keyfile_ports, CHECK),
    shape("ports in keyfiles, check --fix", 200, keyfile_ports, FIX),
    shape(
        "ports in keyfiles, show bridges",
        200,
        keyfile_ports,
        SHOW_BRIDGES,
    ),
    shape(
        "ports in keyfiles, bridge remove",
        200,
        keyfile_ports,
        REMOVE,
    ),
    shape(
        "ports in keyfiles, bridge add-port",
        200,
        keyfile_ports,
        ADD_PORT,
    ),
    shape(
        "ports in keyfiles, bridge remove-port",
        200,
        keyfile_ports,
        REMOVE_PORT,
    ),
    shape(
        "bridges in keyfiles, check --fix",
        100,
        keyfile_bridges,
        FIX,
    ),
    shape(
        "bridges in keyfiles, show bridges",
        100,
        keyfile_bridges,
        SHOW_BRIDGES,
    ),
    shape(
        "bridges in keyfiles, bridge remove",
        100,
        keyfile_bridges,
        REMOVE,
    ),
    shape(
        "bridges in keyfiles, with a port each",
        100,
        keyfile_bridges,
        CHECK,
    ),
    shape("copies of keyfiles, check --fix", 100, keyfile_copies, FIX),
    shape("netplan", 1500, netplan, SHOW),
    shape("netplan, a port each", 400, netplan, ADD),
    shape("interfaces.d", 300, interfaces_d, SHOW),
    shape("stanzas", 3000, stanzas, SHOW),
    shape("sources", 400, sources, SHOW),
    shape("names of one .network", 2000, network_names, SHOW),
    shape(".network files", 200, network_files, SHOW),
    shape(".netdev files of one name", 200, netdev_files, SHOW),
    shape("unmanaged devices", 1500, unmanaged, ADD),
    shape("references of Open vSwitch", 1500, references, SHOW),
    shape("guests on one bridge", 300, guests, &["show", "bridges"]),
    // pictures: all is drawn, so that nothing is left out for being too much
    shape("guests, tree", 300, guests, TREE),
    shape("networks, tree", 300, networks, TREE),
    shape("networks, page", 300, networks, PAGE),
    shape("ports, tree", 300, ports, TREE),
    shape("bonds, tree", 100, bonds, TREE),
    shape("profiles, tree", 300, profiles, TREE),
    shape("keyfiles, tree", 200, keyfiles, TREE),
    shape("VLANs on each other, tree", 200, nested, TREE),
    shape("VLANs on each other, page", 200, nested, PAGE),
    shape("ports, bridge remove, tree", 200, ports, REMOVE_TREE),
    shape("guests, network remove, page", 300, guests, NETWORK_PAGE),
    shape("leases", 500, leases, &["leases", "default"]),
    shape("a template", 600, template, ADD),
    // histories
    shape("lines that differ", 40_000, unlike_lines, &["history", "1"]),
    shape(
        "deletions, rollback",
        150,
        deletions,
        &["rollback", "--yes"],
    ),
    shape(
        "ports that went, rollback",
        150,
        removal,
        &["rollback", "--yes"],
    ),
    shape("ports that went, history", 150, removal, &["history", "1"]),
    shape(
        "ports in keyfiles that went, rollback",
        150,
        keyfile_removal,
        &["rollback", "--yes"],
    ),
    shape(
        "ports in keyfiles of a new bridge, bridge remove",
        100,
        keyfile_addition,
        REMOVE,
    ),
    shape(
        "ports of a new bridge, bridge remove",
        100,
        addition,
        REMOVE,
    ),
    shape("deletions, history", 150, deletions, &["history", "1"]),
    shape("deletions, status", 150, deletions, &["status", "--diff"]),
    shape("active networks, status", 150, active, STATUS),
    shape(
        "reservations of an active network, status",
        400,
        reservations,
        STATUS,
    ),
    shape("running guests, status", 150, running, STATUS),
    shape(
        "interfaces of the kernel, status",
        300,
        kernel_ports,
        STATUS,
    ),
    shape("links, mended", 200, links, &["check", "--fix", "--yes"]),
];

const SCRIPTS: &str = "etc/sysconfig/network-scripts";
const LIBVIRT: &str = "etc/libvirt/qemu";

fn many(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

/// Writes the profile of ens33, with `more` at its end.
fn profile(root: &Path, more: &str) {
    let text = format!("DEVICE=ens33\nTYPE=Ethernet\nBOOTPROTO=none\nONBOOT=yes\n{more}");
    write(root, &format!("{SCRIPTS}/ifcfg-ens33"), &text);
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// An address for each number.
fn ip(n: usize) -> String {
    format!("10.{}.{}.{}", n / 62_500, n / 250 % 250, n % 250 + 2)
}

fn addresses(root: &Path, n: usize) {
    let all = many(n, |n| format!("2001:db8::{n:x}/64 "));
    profile(
        root,
        &format!("IPV6INIT=yes\nIPV6ADDR_SECONDARIES=\"{all}\"\n"),
    );
}

fn substitutions(root: &Path, n: usize) {
    profile(root, &many(n, |_| "A=$(b)\n".to_owned()));
}

fn here_documents(root: &Path, n: usize) {
    profile(root, &many(n, |_| "cat <<E\na\nE\n".to_owned()));
}

fn ifs(root: &Path, n: usize) {
    let ends = many(n, |_| "fi\n".to_owned());
    profile(root, &(many(n, |_| "if a; then\n".to_owned()) + &ends));
}

fn cases(root: &Path, n: usize) {
    profile(root, &many(n, |_| "case a in\n".to_owned()));
}

fn different_keys(root: &Path, n: usize) {
    profile(root, &many(n, |n| format!("A{n}Z=b\n")));
}

fn same_key(root: &Path, n: usize) {
    profile(root, &many(n, |_| "IPADDR=10.0.0.1\n".to_owned()));
}

fn small_letters(root: &Path, n: usize) {
    profile(root, &many(n, |n| format!("dns{n}={}\n", ip(n))));
}

fn small_letter(root: &Path, n: usize) {
    profile(root, &many(n, |_| "mtu=1500\n".to_owned()));
}

fn small_profiles(root: &Path, n: usize) {
    for n in 0..n {
        let text = format!(
            "device=eth{n}\nbootproto=none\nipaddr={}\nprefix=32\n",
            ip(n)
        );
        write(root, &format!("{SCRIPTS}/ifcfg-eth{n}"), &text);
    }
}

fn copies(root: &Path, n: usize) {
    profiles(root, n);
    for n in 0..n {
        let text = format!("DEVICE=eth{n}\nBOOTPROTO=none\nIPADDR={}\n", ip(n));
        write(root, &format!("{SCRIPTS}/ifcfg-eth{n}.bak"), &text);
    }
}

fn numbered_keys(root: &Path, n: usize) {
    profile(root, &many(n, |n| format!("IPADDR{n}={}\n", ip(n))));
}

fn comments(root: &Path, n: usize) {
    profile(
        root,
        &many(n, |n| format!("# {n}\nIPADDR{n}={} # {n}\n", ip(n))),
    );
}

fn routes(root: &Path, n: usize) {
    profile(root, "IPADDR=10.200.0.1\nPREFIX=16\n");
    let line = |n| {
        format!(
            "ADDRESS{n}={}\nNETMASK{n}=255.255.255.255\nGATEWAY{n}=10.200.0.2\n",
            ip(n)
        )
    };
    write(root, &format!("{SCRIPTS}/route-ens33"), &many(n, line));
}

fn routes_of_ip(root: &Path, n: usize) {
    profile(root, "IPADDR=10.200.0.1\nPREFIX=16\n");
    let line = |n| format!("{}/32 via 10.200.0.2 dev ens33\n", ip(n));
    write(root, &format!("{SCRIPTS}/route-ens33"), &many(n, line));
}

fn rules(root: &Path, n: usize) {
    profiles(root, n);
    for n in 0..n {
        let text = format!("# {n}\nfrom {} table {}\n", ip(n), n + 1);
        write(root, &format!("{SCRIPTS}/rule-eth{n}"), &text);
    }
}

fn profiles(root: &Path, n: usize) {
    for n in 0..n {
        let text = format!(
            "DEVICE=eth{n}\nBOOTPROTO=none\nONBOOT=yes\nIPADDR={}\nPREFIX=32\n",
            ip(n)
        );
        write(root, &format!("{SCRIPTS}/ifcfg-eth{n}"), &text);
    }
}

/// Bridges of network-scripts, with an address and a port each, which has one that is not in force.
fn bridges(root: &Path, n: usize) {
    write(root, "etc/rc.d/init.d/network", "");
    for n in 0..n {
        let (ip, br, eth) = (ip(n), format!("br{n}"), format!("eth{n}"));
        let bridge = format!("DEVICE={br}\nTYPE=Bridge\nONBOOT=yes\nIPADDR={ip}\nPREFIX=32\n");
        write(root, &format!("{SCRIPTS}/ifcfg-{br}"), &bridge);
        let port = format!("DEVICE={eth}\nONBOOT=yes\nBRIDGE={br}\nIPADDR=10.9.9.9\n");
        write(root, &format!("{SCRIPTS}/ifcfg-{eth}"), &port);
        write(
            root,
            &format!("{SCRIPTS}/route-{eth}"),
            "10.8.0.0/16 via 10.9.9.1\n",
        );
    }
}

/// A bridge of network-scripts with an address and many ports, and a card that is no port.
fn ports(root: &Path, n: usize) {
    ports_with(root, n, "");
}

fn small_ports(root: &Path, n: usize) {
    ports_with(root, n, "mtu=1500\n");
}

fn ports_with(root: &Path, n: usize, more: &str) {
    write(root, "etc/rc.d/init.d/network", "");
    let bridge = "DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nIPADDR=10.200.0.1\nPREFIX=16\n";
    write(root, &format!("{SCRIPTS}/ifcfg-br0"), bridge);
    write(
        root,
        &format!("{SCRIPTS}/ifcfg-free"),
        "DEVICE=free\nONBOOT=yes\n",
    );
    for n in 0..n {
        let text = format!("DEVICE=eth{n}\nONBOOT=yes\nBRIDGE=br0\n{more}");
        write(root, &format!("{SCRIPTS}/ifcfg-eth{n}"), &text);
    }
}

/// Bonds of network-scripts, of two cards each, with a VLAN each that is the port of a bridge.
fn bonds(root: &Path, n: usize) {
    write(root, "etc/rc.d/init.d/network", "");
    for n in 0..n {
        let (ip, bond) = (ip(n), format!("bond{n}"));
        let text = format!("DEVICE={bond}\nONBOOT=yes\nBONDING_OPTS=mode=1\n");
        write(root, &format!("{SCRIPTS}/ifcfg-{bond}"), &text);
        for card in [format!("eth{n}"), format!("ens{n}")] {
            let text = format!("DEVICE={card}\nONBOOT=yes\nMASTER={bond}\nSLAVE=yes\nPREFIX=24\n");
            write(root, &format!("{SCRIPTS}/ifcfg-{card}"), &text);
        }
        let text = format!("DEVICE={bond}.7\nVLAN=yes\nONBOOT=yes\nBRIDGE=br{n}\n");
        write(root, &format!("{SCRIPTS}/ifcfg-{bond}.7"), &text);
        let text = format!("DEVICE=br{n}\nTYPE=Bridge\nONBOOT=yes\nIPADDR={ip}\nPREFIX=32\n");
        write(root, &format!("{SCRIPTS}/ifcfg-br{n}"), &text);
    }
}

/// Networks on bridges of the host, each with a guest beside it on the bridge itself.
fn switched(root: &Path, n: usize) {
    bridges(root, n);
    for n in 0..n {
        let text = format!(
            "<network>\n  <name>n{n}</name>\n  <forward mode='bridge'/>\n  <bridge name='br{n}'/>\n</network>\n"
        );
        write(root, &format!("{LIBVIRT}/networks/n{n}.xml"), &text);
        let text = format!(
            "<domain type='kvm'>\n  <name>g{n}</name>\n  <devices>\n    \
            <interface type='bridge'>\n      <source bridge='br{n}'/>\n      <vlan><tag id='7'/></vlan>\n    </interface>\n    \
            <interface type='network'>\n      <source network='n{n}'/>\n    </interface>\n  </devices>\n</domain>\n"
        );
        write(root, &format!("{LIBVIRT}/g{n}.xml"), &text);
    }
}

/// Writes the network `default`, with `more` before its end, and `dhcp` in its DHCP.
fn network(root: &Path, more: &str, dhcp: &str) {
    let text = format!(
        "<network>\n  <name>default</name>\n  <uuid>9a05da11-e96b-47f3-8253-a3a482e445f5</uuid>\n  \
        <forward mode='nat'/>\n  <bridge name='virbr0' stp='on' delay='0'/>\n  <mac address='52:54:00:0a:cd:21'/>\n\
        {more}  <ip address='10.0.0.1' netmask='255.0.0.0'>\n    <dhcp>\n{dhcp}    </dhcp>\n  </ip>\n</network>\n"
    );
    write(root, &format!("{LIBVIRT}/networks/default.xml"), &text);
}

fn mac(n: usize) -> String {
    format!(
        "52:54:00:{:02x}:{:02x}:{:02x}",
        n >> 16 & 255,
        n >> 8 & 255,
        n & 255
    )
}

fn port_groups(root: &Path, n: usize) {
    network(
        root,
        &many(n, |n| format!("  <portgroup name='p{n}'/>\n")),
        "",
    );
}

fn hosts(root: &Path, n: usize) {
    let line = |n| {
        format!(
            "      <host mac='{}' name='h{n}' ip='{}'/>\n",
            mac(n),
            ip(n)
        )
    };
    network(root, "", &many(n, line));
}

fn interfaces(root: &Path, n: usize) {
    let line = |n| {
        format!(
            "    <interface type='network'>\n      <mac address='{}'/>\n      <source network='gone'/>\n    </interface>\n",
            mac(n)
        )
    };
    guest(root, "vm2", &many(n, line));
}

fn guest(root: &Path, name: &str, devices: &str) {
    let text = format!(
        "<domain type='kvm'>\n  <name>{name}</name>\n  <devices>\n{devices}  </devices>\n</domain>\n"
    );
    write(root, &format!("{LIBVIRT}/{name}.xml"), &text);
}

fn networks(root: &Path, n: usize) {
    for n in 0..n {
        let text = format!(
            "<network>\n  <name>n{n}</name>\n  <forward mode='nat'/>\n  <bridge name='vbr{n}'/>\n  \
            <ip address='{}' prefix='30'/>\n</network>\n",
            format_args!("10.{}.{}.1", n / 250, n % 250)
        );
        write(root, &format!("{LIBVIRT}/networks/n{n}.xml"), &text);
    }
}

/// VLANs, each on top of the one before: more of them than the kernel takes.
fn nested(root: &Path, n: usize) {
    write(
        root,
        &format!("{SCRIPTS}/ifcfg-eth0"),
        "DEVICE=eth0\nONBOOT=yes\n",
    );
    for i in 0..n {
        let parent = if i == 0 {
            "eth0".to_owned()
        } else {
            format!("v{}", i - 1)
        };
        let text = format!("DEVICE=v{i}\nVLAN=yes\nVLAN_ID=7\nPHYSDEV={parent}\nONBOOT=yes\n");
        write(root, &format!("{SCRIPTS}/ifcfg-v{i}"), &text);
    }
}

fn guests(root: &Path, n: usize) {
    for n in 0..n {
        let device =
            "    <interface type='network'>\n      <source network='default'/>\n    </interface>\n";
        guest(root, &format!("g{n}"), device);
    }
}

fn zone(root: &Path, n: usize) {
    let all = many(n, |n| format!("  <interface name=\"eth{n}\"/>\n"));
    let text = format!("<zone>\n{all}  <interface name=\"ens33\"/>\n</zone>\n");
    write(root, "etc/firewalld/zones/internal.xml", &text);
}

fn netplan(root: &Path, n: usize) {
    let all = many(n, |n| format!("    br{n}: {{interfaces: [eth{n}]}}\n"));
    write(root, "usr/sbin/netplan", "");
    write(
        root,
        "etc/netplan/a.yaml",
        &format!("network:\n  bridges:\n{all}"),
    );
}

fn interfaces_d(root: &Path, n: usize) {
    write(root, "usr/share/ifupdown/x", "");
    write(
        root,
        "etc/network/interfaces",
        "source /etc/network/interfaces.d/*\n",
    );
    for n in 0..n {
        let text = format!("iface br{n} inet manual\n    bridge_ports eth{n}\n");
        write(root, &format!("etc/network/interfaces.d/f{n}"), &text);
    }
}

fn stanzas(root: &Path, n: usize) {
    write(root, "usr/share/ifupdown/x", "");
    let all = many(n, |n| {
        format!("iface br{n} inet manual\n    bridge_ports eth{n} \\\n  x{n}\n")
    });
    write(root, "etc/network/interfaces", &all);
}

fn sources(root: &Path, n: usize) {
    write(root, "usr/share/ifupdown/x", "");
    let all = many(n, |n| format!("source /etc/network/interfaces.d/f*{n}\n"));
    write(root, "etc/network/interfaces", &all);
    for n in 0..20 {
        write(
            root,
            &format!("etc/network/interfaces.d/f{n}"),
            "iface a inet manual\n",
        );
    }
}

/// systemd-networkd, started, with a bridge.
fn networkd(root: &Path) {
    let wants = "etc/systemd/system/multi-user.target.wants/systemd-networkd.service";
    write(root, wants, "");
    write(
        root,
        "etc/systemd/network/a.netdev",
        "[NetDev]\nName=brx\nKind=bridge\n",
    );
}

fn network_names(root: &Path, n: usize) {
    networkd(root);
    let all = many(n, |n| format!("eth{n} "));
    let long = "b".repeat(n);
    let text = format!("[Match]\nName={all}\n[Network]\nBridge=brx\n");
    write(root, "etc/systemd/network/b.network", &text);
    let text = format!("[Match]\nName={all}\n[Network]\nBridge={long}\n");
    write(root, "etc/systemd/network/c.network", &text);
}

fn network_files(root: &Path, n: usize) {
    networkd(root);
    for n in 0..n {
        let text = format!("[Match]\nName=eth{n}*\n[Network]\nBridge=brx\n");
        write(root, &format!("etc/systemd/network/f{n}.network"), &text);
        let text = "[Network]\nDHCP=yes\n";
        write(
            root,
            &format!("etc/systemd/network/f{n}.network.d/x.conf"),
            text,
        );
    }
}

fn netdev_files(root: &Path, n: usize) {
    network_names(root, 4 * n);
    for n in 0..n {
        let text = "[NetDev]\nName=brx\nKind=bridge\n";
        write(root, &format!("etc/systemd/network/f{n}.netdev"), text);
    }
}

fn unmanaged(root: &Path, n: usize) {
    write(root, "usr/sbin/NetworkManager", "");
    let all = many(n, |n| format!("interface-name:x{n};"));
    let text = format!("[keyfile]\nunmanaged-devices={all}\n");
    write(root, "etc/NetworkManager/conf.d/a.conf", &text);
    let text = format!("[keyfile]\nunmanaged-devices-={all}\n");
    write(root, "etc/NetworkManager/conf.d/b.conf", &text);
}

fn references(root: &Path, n: usize) {
    let all = many(n, |_| ",[\"uuid\",\"p\"]".to_owned());
    let long = "p".repeat(n);
    let text = format!(
        "OVSDB JSON 1 x\n{{\"Bridge\":{{\"b\":{{\"name\":\"brx\",\"ports\":[\"set\",[[\"uuid\",\"p\"]{all}]]}}}},\
         \"Port\":{{\"p\":{{\"name\":\"{long}\"}}}}}}\n"
    );
    write(root, "etc/openvswitch/conf.db", &text);
}

fn keyfile(root: &Path, n: usize) {
    let all = many(n, |n| format!("address{n}={}/8\n", ip(n)));
    let text = format!(
        "[connection]\nid=eth7\ntype=ethernet\ninterface-name=eth7\n[ipv4]\nmethod=manual\n{all}"
    );
    write(
        root,
        "etc/NetworkManager/system-connections/eth7.nmconnection",
        &text,
    );
}

/// Where NetworkManager, which reads nothing else, has its keyfiles.
const KEYFILES: &str = "etc/NetworkManager/system-connections";

/// Writes a profile as NetworkManager takes it, with `more` at its end.
fn write_keyfile(root: &Path, file: &str, (name, kind): (&str, &str), more: &str) {
    write(root, "etc/os-release", "ID=rhel\nVERSION_ID=9.4\n");
    write(root, "usr/sbin/NetworkManager", "");
    let uuid = format!("11111111-2222-3333-4444-{:0>12x}", mark(name));
    let text =
        format!("[connection]\nid={name}\nuuid={uuid}\ntype={kind}\ninterface-name={name}\n{more}");
    let path = format!("{KEYFILES}/{file}");
    write(root, &path, &text);
    fs::set_permissions(root.join(path), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Returns a number that other names do not have.
fn mark(name: &str) -> u64 {
    name.bytes()
        .fold(7, |mark, byte| (mark * 31 + u64::from(byte)) % (1 << 47))
}

fn keyfiles(root: &Path, n: usize) {
    for n in 0..n {
        let name = format!("eth{n}");
        let more = format!(
            "[ipv4]\nmethod=manual\naddress1={}/32\n[ipv6]\nmethod=disabled\n",
            ip(n)
        );
        write_keyfile(
            root,
            &format!("{name}.nmconnection"),
            (&name, "ethernet"),
            &more,
        );
    }
}

fn keyfile_ports(root: &Path, n: usize) {
    let address = "[bridge]\nstp=false\n[ipv4]\nmethod=manual\naddress1=10.200.0.1/16\n";
    write_keyfile(root, "br0.nmconnection", ("br0", "bridge"), address);
    write_keyfile(root, "free.nmconnection", ("free", "ethernet"), "");
    for n in 0..n {
        let name = format!("eth{n}");
        let more = "master=br0\nslave-type=bridge\n";
        write_keyfile(
            root,
            &format!("{name}.nmconnection"),
            (&name, "ethernet"),
            more,
        );
    }
}

fn keyfile_bridges(root: &Path, n: usize) {
    for n in 0..n {
        let (br, eth) = (format!("br{n}"), format!("eth{n}"));
        let address = format!("[ipv4]\nmethod=manual\naddress1={}/32\n", ip(n));
        write_keyfile(
            root,
            &format!("{br}.nmconnection"),
            (&br, "bridge"),
            &address,
        );
        let more = format!("master={br}\nslave-type=bridge\n{address}");
        write_keyfile(
            root,
            &format!("{eth}.nmconnection"),
            (&eth, "ethernet"),
            &more,
        );
    }
}

fn keyfile_copies(root: &Path, n: usize) {
    keyfiles(root, n);
    for n in 0..n {
        let name = format!("eth{n}");
        write_keyfile(
            root,
            &format!("{name}.nmconnection.old"),
            (&name, "ethernet"),
            "",
        );
    }
}

fn leases(root: &Path, n: usize) {
    let mut all = Vec::new();
    for n in 0..n {
        all.push(format!(
            "{{\"ip-address\": \"{}\", \"mac-address\": \"{}\", \"expiry-time\": 4102444800}}",
            ip(n),
            mac(n)
        ));
    }
    write(
        root,
        "var/lib/libvirt/dnsmasq/virbr0.status",
        &format!("[{}]\n", all.join(",\n")),
    );
}

fn template(root: &Path, n: usize) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/ifcfg-bridge.hbs");
    let more = many(n, |n| format!("# {n} {{{{name}}}}\n"));
    let text = fs::read_to_string(ours).unwrap() + &more;
    write(root, "etc/kvmnet/templates/ifcfg-bridge.hbs", &text);
}

/// A history in which a file became another one: of one-letter lines, each in an order of its own.
fn unlike_lines(root: &Path, n: usize) {
    done(root, &["network", "remove", "default", "--force", "--yes"]);
    let folder = root.join("var/lib/kvmnet/transactions/1");
    let mut state = 1_u64;
    let mut letters = |n: usize| {
        let mut text = String::from("\n");
        for _ in 0..n {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let letter = char::from(b'a' + u8::try_from((state >> 40) % 26).unwrap());
            writeln!(text, "{letter}").unwrap();
        }
        text
    };
    let (old, new) = (letters(n), letters(n));
    // the first change becomes one of a file into another
    let changes = fs::read_to_string(folder.join("changes")).unwrap();
    let line = format!("\"path\":\"/{LIBVIRT}/networks/default.xml\"");
    let (at, _) = changes
        .lines()
        .enumerate()
        .find(|(_, text)| text.contains(&line))
        .unwrap();
    let mut lines: Vec<String> = changes.lines().map(str::to_owned).collect();
    lines[at] = lines[at].replace(
        "\"after\":null",
        "\"after\":{\"kind\":\"file\",\"mode\":384,\"uid\":0,\"gid\":0}",
    );
    fs::write(folder.join("changes"), lines.join("\n") + "\n").unwrap();
    fs::write(folder.join(format!("before/{at}")), old).unwrap();
    fs::create_dir_all(folder.join("after")).unwrap();
    fs::write(folder.join(format!("after/{at}")), new).unwrap();
}

fn links(root: &Path, n: usize) {
    let folder = root.join(LIBVIRT).join("networks/autostart");
    for n in 0..n {
        symlink(
            format!("../gone{n}.xml"),
            folder.join(format!("gone{n}.xml")),
        )
        .unwrap();
    }
}

/// A history in which a bridge went from its n ports.
fn removal(root: &Path, n: usize) {
    ports(root, n);
    done(root, &["bridge", "remove", "br0", "--to", "eth0", "--yes"]);
}

fn keyfile_removal(root: &Path, n: usize) {
    keyfile_ports(root, n);
    done(root, &["bridge", "remove", "br0", "--to", "eth0", "--yes"]);
}

/// A history in which n cards became ports.
fn addition(root: &Path, n: usize) {
    write(root, "etc/rc.d/init.d/network", "");
    for n in 0..n {
        let text = format!("DEVICE=eth{n}\nONBOOT=yes\n");
        write(root, &format!("{SCRIPTS}/ifcfg-eth{n}"), &text);
    }
    bridged(root, n);
}

fn keyfile_addition(root: &Path, n: usize) {
    for n in 0..n {
        let name = format!("eth{n}");
        let file = format!("{name}.nmconnection");
        write_keyfile(root, &file, (&name, "ethernet"), "");
    }
    bridged(root, n);
}

fn bridged(root: &Path, n: usize) {
    let ports: Vec<String> = (0..n).map(|n| format!("--port=eth{n}")).collect();
    let ports = ports.iter().map(String::as_str);
    let words = ["bridge", "add", "br0"].into_iter().chain(ports);
    let words: Vec<&str> = words.chain(["--yes"]).collect();
    done(root, &words);
}

/// Writes a network, and that it is active as another one.
fn network_in_use(root: &Path, name: &str, inner: &str) {
    let text = format!("<network>\n  <name>{name}</name>\n{inner}</network>\n");
    write(root, &format!("{LIBVIRT}/networks/{name}.xml"), &text);
    let text = text.replace("192.168", "172.16");
    let text = format!("<networkstatus>\n{text}</networkstatus>\n");
    write(root, &format!("run/libvirt/network/{name}.xml"), &text);
}

fn active(root: &Path, n: usize) {
    for n in 0..n {
        let inner = format!(
            "  <bridge name='virbr{n}'/>\n  <ip address='192.168.{}.{}' prefix='28'/>\n",
            n / 16,
            n % 16 * 16 + 1
        );
        network_in_use(root, &format!("n{n}"), &inner);
        let gone = format!("run/libvirt/network/gone{n}.xml");
        write(root, &gone, "<networkstatus>\n");
    }
}

fn reservations(root: &Path, n: usize) {
    let all = many(n, |n| {
        let address = format!("192.168.{}.{}", n / 250, n % 250 + 2);
        format!("      <host mac='{}' ip='{address}'/>\n", mac(n))
    });
    let inner = format!(
        "  <bridge name='virbr0'/>\n  <ip address='192.168.0.1' prefix='16'>\n    <dhcp>\n{all}    </dhcp>\n  </ip>\n"
    );
    network_in_use(root, "default", &inner);
}

fn running(root: &Path, n: usize) {
    for n in 0..n {
        let device = format!(
            "    <interface type='network'>\n      <mac address='{}'/>\n      <source network='default'/>\n    </interface>\n",
            mac(n)
        );
        let name = format!("g{n}");
        guest(root, &name, &device);
        let file = root.join(format!("{LIBVIRT}/{name}.xml"));
        let text = fs::read_to_string(file).unwrap();
        let text = text.replace("network='default'", "network='other'");
        let text = format!("<domstatus state='running'>\n{text}</domstatus>\n");
        write(root, &format!("run/libvirt/qemu/{name}.xml"), &text);
    }
}

fn kernel_ports(root: &Path, n: usize) {
    let net = root.join("sys/class/net");
    for n in 0..n {
        profile_of(root, n);
        let folder = net.join(format!("eth{n}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("address"), mac(n) + "\n").unwrap();
        symlink("../brx", folder.join("master")).unwrap();
    }
    fs::create_dir_all(net.join("brx/bridge")).unwrap();
    fs::write(net.join("brx/address"), mac(n) + "\n").unwrap();
    fs::write(net.join("brx/bridge/stp_state"), "0\n").unwrap();
}

fn profile_of(root: &Path, n: usize) {
    let text = format!("DEVICE=eth{n}\nTYPE=Ethernet\nBOOTPROTO=none\nONBOOT=yes\n");
    write(root, &format!("{SCRIPTS}/ifcfg-eth{n}"), &text);
}

/// A history in which n links went.
fn deletions(root: &Path, n: usize) {
    links(root, n);
    done(root, &["check", "--fix", "--yes"]);
}

fn done(root: &Path, words: &[&str]) {
    let output = support::kvmnet(root, words);
    assert!(output.status.success(), "{words:?}: {output:?}");
}

/// Not a test: the process that is measured.
#[test]
#[ignore = "run by the other test, with a command"]
fn measured() {
    let Ok(words) = std::env::var(WORDS) else {
        return;
    };
    let words: Vec<&str> = words.lines().collect();
    if let [_, _, root, QUADRATIC] = words[..] {
        let text = fs::read_to_string(Path::new(root).join(SCRIPTS).join("ifcfg-ens33")).unwrap();
        let doc = ShellDoc::parse(&text);
        let found = doc.assignments().filter(|a| doc.get(&a.name).is_some());
        assert!(found.count() > 0);
    } else {
        let _ = kvmnet::cli::run(words.iter().map(Into::into));
    }
    let kinds = work::ALL.map(work::done);
    let memory = MEMORY.stats();
    let all = [
        kinds[Work::Parsed as usize],
        kinds[Work::Visited as usize],
        kinds[Work::Compared as usize],
        kinds[Work::Moved as usize],
        (memory.allocations + memory.reallocations) as u64,
        memory.bytes_allocated as u64,
    ];
    eprintln!("\ncounted {}", all.map(|n| n.to_string()).join(" "));
}

/// Runs a command over the shape at this size, and returns what was counted.
fn counted(shape: &Shape, n: usize) -> [u64; COUNTS.len()] {
    let above = support::copy(&support::fixture("tutorial"));
    let root = above.path().join("root");
    (shape.make)(&root, n);
    let words = [&["kvmnet", "--root", root.to_str().unwrap()], shape.words].concat();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["measured", "--exact", "--ignored", "--nocapture"])
        .env(WORDS, words.join("\n"))
        .env_remove("KVMNET_ROOT")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let Some((_, told)) = said.rsplit_once("\ncounted ") else {
        panic!("{}: it does not end: {said}", shape.name);
    };
    assert!(
        !said.contains("beyond what kvmnet reads"),
        "{}: {said}",
        shape.name
    );
    let numbers = told.lines().next().unwrap().split(' ');
    let numbers: Vec<u64> = numbers.map(|n| n.parse().unwrap()).collect();
    assert!(numbers[4] > 0, "{}: {said}", shape.name);
    numbers.try_into().unwrap()
}

/// Returns what grew more than the input did.
fn grown(shape: &Shape) -> Vec<String> {
    let (one, two) = (counted(shape, shape.n), counted(shape, 2 * shape.n));
    println!("{}: {one:?} {two:?}", shape.name);
    let pairs = COUNTS.iter().zip(one.iter().zip(&two));
    let wrong = pairs.filter(|(_, (one, two))| **two > **one * MOST_GROWTH / 100 + SMALL);
    wrong
        .map(|(what, (one, two))| format!("{}: {what}: {one} became {two}", shape.name))
        .collect()
}

#[test]
fn work_is_in_proportion_to_the_input() {
    if !cfg!(debug_assertions) {
        println!("skipped: a release does not count");
        return;
    }
    support::whole::on_every(
        SHAPES,
        |shape| shape.name.to_owned(),
        |shape| {
            let wrong = grown(shape);
            match wrong.is_empty() {
                true => Ok(()),
                false => Err(wrong.join("\n")),
            }
        },
    );
}

#[test]
fn a_quadratic_reader_is_found() {
    if !cfg!(debug_assertions) {
        println!("skipped: a release does not count");
        return;
    }
    let reader = shape(QUADRATIC, 2000, different_keys, &[QUADRATIC]);
    assert!(grown(&reader)[0].contains("items looked at"));
}

/// Commands that change the tree, without how they are run, and what is there many times.
const CHANGES: &[(Make, &[&str])] = &[
    (profiles, &["bridge", "add", "br0", "--port", "ens33"]),
    (hosts, &["network", "set", "default", "--domain", "x"]),
    (copies, &["check", "--fix"]),
    (nothing, &["rollback"]),
];

/// Leaves a transaction to be taken back.
fn nothing(root: &Path, _: usize) {
    done(root, &["bridge", "add", "br0", "--port", "ens33", "--yes"]);
}

#[test]
fn what_is_applied_is_planned_once() {
    if !cfg!(debug_assertions) {
        println!("skipped: a release does not count");
        return;
    }
    for (make, words) in CHANGES {
        let parsed = |how: &'static str| {
            let words = [words, &[how][..]].concat();
            let shape = Shape {
                name: words[0],
                make: *make,
                words: words.leak(),
                n: 50,
            };
            counted(&shape, shape.n)[0]
        };
        let (planned, applied) = (parsed("--dry-run"), parsed("--yes"));
        println!("{words:?}: {planned} {applied}");
        assert!(planned > SMALL, "{words:?}: it plans nothing");
        assert!(applied < planned + SMALL, "{words:?}: {planned} {applied}");
    }
}
