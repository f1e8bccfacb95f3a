//! For whom a rule about what ifcfg files mean holds: each is tried on every kind of host, and must find what its readers
//! suffer from, and nothing where nobody reads the file so.
//!
//! What is expected is what initscripts 9.49 and 10.00 and NetworkManager do with such files, as each rule's source says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support;
use crate::support::copy_to;
use crate::support::setup::change;
use kvmnet::backend::{self, Interest};
use kvmnet::lint::{self, RULES, Rule, Sight};
use kvmnet::readers::Program;
use kvmnet::root::Root;
use tempfile::TempDir;

const SCRIPTS: &str = "/etc/sysconfig/network-scripts";

/// A kind of host: a fixture without its connection profiles, and what makes another kind of it.
struct Kind {
    name: &'static str,
    fixture: &'static str,
    setup: &'static [&'static str],
    /// The programs that read ifcfg files there.
    readers: &'static [Program],
}

/// The kinds, in the order of the columns of [`CASES`].
const KINDS: [Kind; 5] = [
    Kind {
        name: "RHEL 7 with network-scripts",
        fixture: "tutorial",
        setup: &[],
        readers: &[Program::NetworkScripts],
    },
    Kind {
        name: "NetworkManager installed, and not enabled",
        fixture: "rhel7-nm-off",
        setup: &[],
        readers: &[Program::NetworkScripts],
    },
    Kind {
        name: "NetworkManager enabled beside network-scripts",
        fixture: "rhel7-nm-off",
        setup: &[
            "link /etc/systemd/system/multi-user.target.wants/NetworkManager.service /usr/lib/systemd/system/NetworkManager.service",
        ],
        readers: &[Program::NetworkScripts, Program::NetworkManager],
    },
    Kind {
        name: "NetworkManager alone",
        fixture: "rhel8-nm",
        setup: &[],
        readers: &[Program::NetworkManager],
    },
    Kind {
        name: "RHEL 8 with network-scripts",
        fixture: "tutorial",
        setup: &[
            "write /etc/centos-release 'CentOS Linux release 8.5.2111'",
            "write /etc/sysconfig/network-scripts/ifup-eth '# ip link set dev ${DEVICE} master ${BRIDGE}'",
            "remove /usr/sbin/brctl",
        ],
        readers: &[Program::NetworkScripts],
    },
];

/// A rule, where it finds something (`x`) and where not (`-`), by [`KINDS`], and the files that it is tried on: a name in the folder
/// of ifcfg files or a path, and a text; without a text the file is taken away.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const ETH: &str = "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=192.168.50.20\nPREFIX=24\n";
const BR: &str = "DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=none\nSTP=no\nDELAY=0\nIPADDR=192.168.50.20\nPREFIX=24\n";
const PORT: &str = "DEVICE=eth0\nONBOOT=yes\nBRIDGE=br0\n";
const LAB: &str = "<network>\n  <name>lab</name>\n  <uuid>0d6c8c1e-9b3f-4a54-8a36-0b8f1ab0e3c2</uuid>\n  <forward mode='nat'/>\n  <bridge name='virbr7' stp='on' delay='0'/>\n  <mac address='52:54:00:11:22:33'/>\n  <ip address='10.20.0.1' netmask='255.255.255.0'/>\n</network>\n";
const LAB_XML: &str = "/etc/libvirt/qemu/networks/lab.xml";

const CASES: &[Case] = &[
    (
        "address-reserved",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.1.2.0\nPREFIX=24\n",
        )],
    ),
    (
        "address-twice",
        "xxxxx",
        &[
            ("ifcfg-eth0", ETH),
            (
                "ifcfg-eth1",
                "DEVICE=eth1\nBOOTPROTO=none\nIPADDR=192.168.50.20\nPREFIX=24\n",
            ),
        ],
    ),
    (
        "alias-device",
        "xxxxx",
        &[
            ("ifcfg-eth0", ETH),
            ("ifcfg-eth0:1", "DEVICE=eth9:1\nIPADDR=192.168.50.21\n"),
        ],
    ),
    // what DEVICE alone makes an alias is one for network-scripts only, and neither is lost
    (
        "alias-device",
        "-----",
        &[
            ("ifcfg-eth0", ETH),
            ("ifcfg-eth0_1", "DEVICE=eth0:1\nIPADDR=192.168.50.21\n"),
        ],
    ),
    (
        "alias-orphan",
        "xxxxx",
        &[("ifcfg-eth5:1", "DEVICE=eth5:1\nIPADDR=192.168.50.21\n")],
    ),
    // network-scripts find the aliases of DEVICE, NetworkManager those of the file
    (
        "alias-orphan",
        "xx--x",
        &[
            ("ifcfg-up", ETH),
            ("ifcfg-up:1", "DEVICE=up:1\nIPADDR=192.168.50.21\n"),
        ],
    ),
    (
        "alias-orphan",
        "--xx-",
        &[
            ("ifcfg-up", ETH),
            ("ifcfg-eth0:1", "DEVICE=eth0:1\nIPADDR=192.168.50.21\n"),
        ],
    ),
    (
        "bad-address",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nIPADDR=10.0.0.2\nPREFIX=255.255.255.0\n",
        )],
    ),
    (
        "bad-value",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=yes\nHWADDR=5254.00aa.bbcc\n",
        )],
    ),
    (
        "bond-missing",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=yes\nMASTER=bond0\nSLAVE=yes\n",
        )],
    ),
    (
        "bond-port-addresses",
        "xxxxx",
        &[
            (
                "ifcfg-bond0",
                "DEVICE=bond0\nTYPE=Bond\nONBOOT=yes\nBOOTPROTO=dhcp\nBONDING_OPTS=mode=1\n",
            ),
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nONBOOT=yes\nMASTER=bond0\nSLAVE=yes\nBOOTPROTO=dhcp\n",
            ),
        ],
    ),
    (
        "bond-port-word",
        "xx--x",
        &[
            (
                "ifcfg-bond0",
                "DEVICE=bond0\nTYPE=Bond\nONBOOT=yes\nBOOTPROTO=dhcp\nBONDING_OPTS=mode=1\n",
            ),
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nONBOOT=yes\nMASTER=bond0\nSLAVE=YES\n",
            ),
        ],
    ),
    (
        "bond-without-port",
        "xxxxx",
        &[(
            "ifcfg-bond0",
            "DEVICE=bond0\nTYPE=Bond\nONBOOT=yes\nBOOTPROTO=dhcp\nBONDING_OPTS=mode=1\n",
        )],
    ),
    (
        "bonding-master",
        "--xx-",
        &[(
            "ifcfg-eth0.5",
            "DEVICE=eth0.5\nTYPE=Vlan\nVLAN=yes\nBONDING_MASTER=yes\n",
        )],
    ),
    (
        "bootproto",
        "--xx-",
        &[("ifcfg-eth0", "DEVICE=eth0\nBOOTPROTO=manual\n")],
    ),
    (
        "bootproto",
        "xx--x",
        &[("ifcfg-eth0", "DEVICE=eth0\nBOOTPROTO=DHCP\n")],
    ),
    // ip alone is needed on RHEL 8
    (
        "brctl-missing",
        "xx---",
        &[
            ("ifcfg-eth0", PORT),
            ("ifcfg-br0", BR),
            ("/usr/sbin/brctl", ""),
        ],
    ),
    (
        "bridge-helper",
        "xx---",
        &[
            ("ifcfg-post0", "DEVICE=post0\nTYPE=Bridge\n"),
            ("ifup-post", "#\n"),
        ],
    ),
    (
        "bridge-hwaddr",
        "xxx-x",
        &[(
            "ifcfg-br0",
            "DEVICE=br0\nTYPE=Bridge\nHWADDR=52:54:00:12:34:56\n",
        )],
    ),
    (
        "bridge-type",
        "xxxxx",
        &[
            ("ifcfg-br0", "DEVICE=br0\nBOOTPROTO=dhcp\n"),
            ("ifcfg-eth0", PORT),
        ],
    ),
    (
        "bridge-type",
        "xx--x",
        &[
            ("ifcfg-br0", "DEVICE=br0\nTYPE=bridge\n"),
            ("ifcfg-eth0", PORT),
        ],
    ),
    (
        "bridge-type-commented",
        "xx--x",
        &[("ifcfg-br0", "DEVICE=br0\n#TYPE=Ethernet\nTYPE=Bridge\n")],
    ),
    ("bridge-without-port", "xxxxx", &[("ifcfg-br0", BR)]),
    (
        "bridge-unmanaged",
        "--xx-",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", PORT),
            (
                "/etc/NetworkManager/conf.d/guests.conf",
                "[keyfile]\nunmanaged-devices=interface-name:br*\n",
            ),
        ],
    ),
    (
        "broadcast-differs",
        "xx--x",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.1.2.3\nPREFIX=22\nBROADCAST=10.1.2.255\n",
        )],
    ),
    (
        "companion-of-port",
        "xxxxx",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", PORT),
            ("route-eth0", "10.0.0.0/8 via 192.168.50.1\n"),
        ],
    ),
    // ifup puts the address of such a file on the port
    (
        "companion-of-port",
        "xx--x",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", PORT),
            (
                "ifcfg-eth0_1",
                "DEVICE=eth0:1\nIPADDR=192.168.50.21\nPREFIX=24\n",
            ),
        ],
    ),
    (
        "crlf",
        "xx--x",
        &[("ifcfg-eth0", "DEVICE=eth0\r\nONBOOT=yes\r\n")],
    ),
    (
        "dark-at-boot",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=no\nIPADDR=192.168.50.20\nPREFIX=24\n",
        )],
    ),
    (
        "dark-at-boot",
        "----x",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=off\nIPADDR=192.168.50.20\nPREFIX=24\n",
        )],
    ),
    // only these count in hundredths
    (
        "delay-unit",
        "----x",
        &[("ifcfg-br0", "DEVICE=br0\nTYPE=Bridge\nSTP=yes\nDELAY=15\n")],
    ),
    (
        "device-missing",
        "xxxxx",
        &[("ifcfg-eth0", "ONBOOT=yes\nBOOTPROTO=dhcp\n")],
    ),
    (
        "domain-without-address",
        "--xx-",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=no\nBOOTPROTO=none\nDOMAIN=example.test\n",
        )],
    ),
    (
        "duplicate-key",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nBOOTPROTO=dhcp\nBOOTPROTO=none\n",
        )],
    ),
    (
        "gateway-index",
        "--xx-",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nIPADDR0=192.168.50.20\nPREFIX0=24\nGATEWAY=192.168.50.1\n",
        )],
    ),
    // NetworkManager adds a route to the gateway
    (
        "gateway-outside",
        "xx--x",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nIPADDR=203.0.113.5\nPREFIX=24\nGATEWAY=198.51.100.1\n",
        )],
    ),
    (
        "gateway-twice",
        "xx--x",
        &[
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=192.0.2.7\nPREFIX=24\nGATEWAY=192.0.2.1\n",
            ),
            (
                "ifcfg-eth1",
                "DEVICE=eth1\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=203.0.113.7\nPREFIX=24\nGATEWAY=203.0.113.1\n",
            ),
        ],
    ),
    (
        "gateway-unused",
        "xx--x",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nIPADDR=192.168.2.2\nPREFIX=24\nIPADDR1=192.168.50.2\nPREFIX1=24\nGATEWAY=192.168.50.1\n",
        )],
    ),
    (
        "gatewaydev-port",
        "xxxxx",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", PORT),
            (
                "/etc/sysconfig/network",
                "NETWORKING=yes\nGATEWAYDEV=eth0\n",
            ),
        ],
    ),
    (
        "hwaddr-twice",
        "xxxxx",
        &[
            ("ifcfg-eth0", "DEVICE=eth0\nHWADDR=52:54:00:12:34:56\n"),
            ("ifcfg-eth1", "DEVICE=eth1\nHWADDR=52:54:00:12:34:56\n"),
        ],
    ),
    (
        "hwaddr-twice",
        "-----",
        &[
            ("ifcfg-eth0", "DEVICE=eth0\nHWADDR=52:54:00:12:34:56\n"),
            (
                "ifcfg-eth0.7",
                "DEVICE=eth0.7\nVLAN=yes\nHWADDR=52:54:00:12:34:56\n",
            ),
        ],
    ),
    // rename_device sees neither quotes nor TYPE
    (
        "hwaddr-twice",
        "xxxxx",
        &[
            ("ifcfg-eth0", "DEVICE=eth0\nHWADDR=52:54:00:12:34:56\n"),
            (
                "ifcfg-eth0.7",
                "DEVICE=eth0.7\nTYPE=Vlan\nVLAN=\"yes\"\nHWADDR=52:54:00:12:34:56\n",
            ),
        ],
    ),
    (
        "interface-name",
        "xxxxx",
        &[("ifcfg-eth0", "DEVICE=eth/0\n")],
    ),
    // an alias for network-scripts, and a profile of any card for NetworkManager
    (
        "interface-name",
        "--xx-",
        &[
            ("ifcfg-eth0", ETH),
            (
                "ifcfg-eth0_1",
                "DEVICE=eth0:1\nIPADDR=192.168.50.21\nPREFIX=24\n",
            ),
        ],
    ),
    (
        "interface-twice",
        "xxxxx",
        &[
            ("ifcfg-eth0", ETH),
            ("ifcfg-lan", "DEVICE=eth0\nBOOTPROTO=dhcp\n"),
        ],
    ),
    (
        "ipv6-off",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=no\nBOOTPROTO=none\nIPV6INIT=no\nIPV6ADDR=2001:db8::20/64\n",
        )],
    ),
    (
        "key-case",
        "xxxxx",
        &[("ifcfg-eth0", "DEVICE=eth0\nonboot=no\n")],
    ),
    (
        "mask-missing",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.1.2.3\n",
        )],
    ),
    (
        "mtu-above-port",
        "xxxxx",
        &[
            (
                "ifcfg-br0",
                "DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=none\nMTU=9000\n",
            ),
            ("ifcfg-eth0", "DEVICE=eth0\nONBOOT=yes\nBRIDGE=br0\n"),
        ],
    ),
    (
        "networking-off",
        "xx--x",
        &[
            ("/etc/sysconfig/network", "NETWORKING=no\n"),
            ("ifcfg-eth0", "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=dhcp\n"),
        ],
    ),
    (
        "nm-controlled-differs",
        "--xx-",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", "DEVICE=eth0\nBRIDGE=br0\nNM_CONTROLLED=no\n"),
        ],
    ),
    (
        "nobody-brings-up",
        "---x-",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=192.0.2.7\nPREFIX=24\nNM_CONTROLLED=no\n",
        )],
    ),
    (
        "numbering-hole",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nIPADDR2=10.2.0.2\nPREFIX2=24\nIPADDR4=10.4.0.2\nPREFIX4=24\n",
        )],
    ),
    (
        "numbering-hole",
        "--xx-",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nBOOTPROTO=dhcp\nDNS1=10.0.0.1\nDNS3=10.0.0.3\n",
        )],
    ),
    (
        "onboot-differs",
        "xxxxx",
        &[
            (
                "ifcfg-br0",
                "DEVICE=br0\nTYPE=Bridge\nONBOOT=no\nIPADDR=192.168.50.20\nPREFIX=24\n",
            ),
            ("ifcfg-eth0", PORT),
        ],
    ),
    (
        "onboot-off",
        "xxxx-",
        &[("ifcfg-eth0", "DEVICE=eth0\nONBOOT=off\n")],
    ),
    // what NetworkManager knows for no, and RHEL 7 does not
    (
        "onboot-off",
        "xx---",
        &[("ifcfg-eth0", "DEVICE=eth0\nONBOOT=false\n")],
    ),
    (
        "ovs-dhcp",
        "xxx-x",
        &[
            ("ifup-ovs", "#\n"),
            (
                "ifcfg-ovsbr0",
                "DEVICE=ovsbr0\nTYPE=OVSBridge\nDEVICETYPE=ovs\nBOOTPROTO=dhcp\n",
            ),
        ],
    ),
    (
        "ovs-port-addresses",
        "xxx-x",
        &[
            ("ifup-ovs", "#\n"),
            (
                "ifcfg-eth5",
                "DEVICE=eth5\nTYPE=OVSPort\nDEVICETYPE=ovs\nOVS_BRIDGE=ovsbr0\nBOOTPROTO=dhcp\n",
            ),
        ],
    ),
    (
        "ovs-scripts-missing",
        "xxx-x",
        &[(
            "ifcfg-ovsbr0",
            "DEVICE=ovsbr0\nTYPE=OVSBridge\nDEVICETYPE=ovs\n",
        )],
    ),
    (
        "ovs-spelling",
        "xxx-x",
        &[
            ("ifup-ovs", "#\n"),
            (
                "ifcfg-ovsbr0",
                "DEVICE=ovsbr0\nTYPE=ovsbridge\nDEVICETYPE=ovs\n",
            ),
        ],
    ),
    (
        "port-addresses",
        "xxxxx",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", "DEVICE=eth0\nBRIDGE=br0\nBOOTPROTO=dhcp\n"),
        ],
    ),
    ("port-bridge-missing", "xxxxx", &[("ifcfg-eth0", PORT)]),
    (
        "port-of-two",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nMASTER=bond0\nSLAVE=yes\nBRIDGE=br0\n",
        )],
    ),
    (
        "port-zone",
        "xxxxx",
        &[
            ("ifcfg-br0", BR),
            ("ifcfg-eth0", "DEVICE=eth0\nBRIDGE=br0\nZONE=internal\n"),
        ],
    ),
    (
        "prefix-netmask",
        "xxxxx",
        &[(
            "ifcfg-eth0",
            "DEVICE=eth0\nIPADDR=192.168.50.20\nPREFIX=24\nNETMASK=255.255.0.0\n",
        )],
    ),
    (
        "profile-name",
        "xxxxx",
        &[("eth0.5", "DEVICE=eth0.5\nVLAN=yes\nONBOOT=yes\n")],
    ),
    (
        "profile-uuid",
        "--xx-",
        &[("ifcfg-eth0", "DEVICE=eth0\nUUID=none\n")],
    ),
    (
        "profile-uuid-twice",
        "--xx-",
        &[
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nUUID=f4466101-c1d5-4ac2-bd07-d99493de972e\n",
            ),
            (
                "ifcfg-eth1",
                "DEVICE=eth1\nUUID=f4466101-c1d5-4ac2-bd07-d99493de972e\n",
            ),
        ],
    ),
    (
        "range-unread",
        "--xx-",
        &[
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=no\nBOOTPROTO=none\nIPADDR=192.0.2.7\nPREFIX=24\n",
            ),
            (
                "ifcfg-eth0-range0",
                "IPADDR_START=192.0.2.20\nIPADDR_END=192.0.2.30\n",
            ),
        ],
    ),
    (
        "read-differently",
        "--xx-",
        &[("ifcfg-eth0", "DEVICE=eth0\nexport BOOTPROTO=dhcp\n")],
    ),
    (
        "route-device-port",
        "xx--x",
        &[
            ("ifcfg-eth0", "DEVICE=eth0\nONBOOT=yes\nBRIDGE=br0\n"),
            (
                "ifcfg-br0",
                "DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=192.168.50.20\nPREFIX=24\n",
            ),
            ("route-br0", "10.0.0.0/8 via 192.168.50.1 dev eth0\n"),
        ],
    ),
    (
        "route-formats",
        "xxxxx",
        &[
            ("ifcfg-eth0", ETH),
            (
                "route-eth0",
                "ADDRESS0=10.0.0.0\nNETMASK0=255.0.0.0\nGATEWAY0=192.168.50.1\n10.1.0.0/16 via 192.168.50.1\n",
            ),
        ],
    ),
    (
        "route-gateway",
        "xx--x",
        &[
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.10.20.5\nPREFIX=24\n",
            ),
            ("route-eth0", "10.2.0.0/16 via 10.99.0.1\n"),
        ],
    ),
    (
        "route-line",
        "xxxxx",
        &[
            (
                "ifcfg-eth0",
                "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.10.20.5\nPREFIX=24\n",
            ),
            ("route-eth0", "route add -net 10.6.0.0/16 gw 10.10.20.1\n"),
        ],
    ),
    (
        "route-orphan",
        "xxxxx",
        &[
            ("ifcfg-eth0", ETH),
            ("route-eth7", "10.0.0.0/8 via 192.168.50.1\n"),
        ],
    ),
    (
        "route-orphan",
        "--xx-",
        &[
            ("ifcfg-up", ETH),
            ("route-eth0", "10.0.0.0/8 via 192.168.50.1\n"),
        ],
    ),
    (
        "route-overlap",
        "xxxxx",
        &[
            ("ifcfg-eth0", ETH),
            ("route-eth0", "10.0.0.0/8 via 192.168.50.1\n"),
            (LAB_XML, LAB),
        ],
    ),
    (
        "rule-hides-routes",
        "--xx-",
        &[
            ("ifcfg-eth0", ETH),
            ("route-eth0", "10.0.0.0/8 via 192.168.50.1\n"),
            ("rule-eth0", "from 10.0.0.0/8 table 5\n"),
        ],
    ),
    // ifup sources the file before it hands it to NetworkManager
    (
        "shell-code",
        "xxx-x",
        &[("ifcfg-eth0", "DEVICE=eth0\nlogger started\n")],
    ),
    (
        "stp-delay",
        "--xx-",
        &[("ifcfg-br0", "DEVICE=br0\nTYPE=Bridge\nSTP=yes\nDELAY=0\n")],
    ),
    (
        "stp-dhcp",
        "xx--x",
        &[(
            "ifcfg-br0",
            "DEVICE=br0\nTYPE=Bridge\nSTP=yes\nBOOTPROTO=dhcp\n",
        )],
    ),
    (
        "stray-backup",
        "xxxxx",
        &[("ifcfg-eth0", ETH), ("ifcfg-eth0.save", ETH)],
    ),
    // network-scripts pass it over, and NetworkManager does not where it is started
    (
        "stray-backup",
        "--xx-",
        &[("ifcfg-eth0", ETH), ("ifcfg-eth0.old", ETH)],
    ),
    (
        "subnet-overlap",
        "xxxxx",
        &[
            ("ifcfg-eth0", "DEVICE=eth0\nIPADDR=10.20.0.9\nPREFIX=16\n"),
            (LAB_XML, LAB),
        ],
    ),
    // ifup goes on by itself with what NetworkManager leaves
    (
        "type-unknown",
        "---x-",
        &[(
            "ifcfg-bond0",
            "DEVICE=bond0\nTYPE=bonding\nBONDING_OPTS=mode=1\n",
        )],
    ),
    (
        "unknown-key",
        "xxxxx",
        &[("ifcfg-eth0", "DEVICE=eth0\nGATWAY=192.0.2.1\n")],
    ),
    (
        "unquoted-value",
        "xxxxx",
        &[("ifcfg-eth0", "DEVICE=eth0\nONBOOT= yes\n")],
    ),
    (
        "unread-key",
        "xxxxx",
        &[("ifcfg-eth0", "DEVICE=eth0\nRACK=4\n")],
    ),
    (
        "value-ignored",
        "xxxxx",
        &[("ifcfg-eth0", "DEVICE=eth0\nONBOOT=yes\nMTU=9k\n")],
    ),
    (
        "vlan-identity",
        "xxxxx",
        &[("ifcfg-vlan7", "DEVICE=vlan7\nVLAN=yes\nONBOOT=yes\n")],
    ),
    (
        "vlan-parent",
        "xxxxx",
        &[(
            "ifcfg-infra.7",
            "DEVICE=infra.7\nVLAN=yes\nTYPE=Vlan\nONBOOT=yes\n",
        )],
    ),
    (
        "vlan-word",
        "xx--x",
        &[("ifcfg-eth0.5", "DEVICE=eth0.5\nVLAN=YES\n")],
    ),
    (
        "vlan-word",
        "xxxxx",
        &[("ifcfg-eth0.5", "DEVICE=eth0.5\nVLAN=on\n")],
    ),
];

#[test]
fn rules_find_what_the_readers_of_each_kind_of_host_suffer_from() {
    let mut wrong = Vec::new();
    for (column, kind) in KINDS.iter().enumerate() {
        let host = TestHost::of(kind);
        for (name, expected, files) in CASES {
            let expected = expected.as_bytes()[column] == b'x';
            let found = host.finds(rule(name), files);
            if found != expected {
                let what = if found {
                    "finds it"
                } else {
                    "does not find it"
                };
                wrong.push(format!("{name} {what} on {}: {files:?}", kind.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What no reader of a host suffers from is found nowhere, and each rule that names its readers has its line.
#[test]
fn every_rule_that_names_its_readers_is_tried() {
    let tried: BTreeSet<&str> = CASES.iter().map(|(name, ..)| *name).collect();
    for rule in RULES {
        assert_eq!(
            !rule.readers.is_empty(),
            tried.contains(rule.name),
            "{}",
            rule.name
        );
    }
    for (name, expected, _) in CASES {
        assert_eq!(expected.len(), KINDS.len(), "{name}");
        for (kind, column) in KINDS.iter().zip(expected.bytes()) {
            let holds = kind
                .readers
                .iter()
                .any(|reader| rule(name).readers.contains(reader));
            assert!(holds || column == b'-', "{name} on {}", kind.name);
        }
        let all = expected.bytes().all(|column| column == b'x');
        assert!(
            !all || rule(name).readers.len() == 2,
            "{name} holds for both"
        );
    }
}

fn rule(name: &str) -> &'static Rule {
    lint::rule(name).unwrap_or_else(|| panic!("no rule `{name}`"))
}

/// A host of a kind, without connection profiles.
struct TestHost(TempDir);

impl TestHost {
    fn of(kind: &Kind) -> Self {
        let above = TempDir::with_prefix("kvmnet-").unwrap();
        let host = Self(above);
        copy_to(&support::fixture(kind.fixture), &host.root());
        without_profiles(&host.at(SCRIPTS));
        for line in kind.setup {
            change(host.0.path(), line);
        }
        host
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn at(&self, name: &str) -> PathBuf {
        let root = self.root();
        match name.strip_prefix('/') {
            Some(path) => root.join(path),
            None => root.join(SCRIPTS.trim_start_matches('/')).join(name),
        }
    }

    /// Returns whether the rule finds something once the files are there; they are taken away again.
    fn finds(&self, rule: &'static Rule, files: &[(&str, &str)]) -> bool {
        let before: Vec<_> = files
            .iter()
            .map(|(name, _)| fs::read(self.at(name)).ok())
            .collect();
        for (name, text) in files {
            let text = (!text.is_empty()).then_some(text.as_bytes());
            put(&self.at(name), text);
        }
        let root = Root::open(self.root().to_str().unwrap().into()).unwrap();
        let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
        let host = backend::inspect(&tree, Interest::All);
        let found = !lint::check(&Sight::of(&tree, &host), &[rule]).is_empty();
        for ((name, _), text) in files.iter().zip(before) {
            put(&self.at(name), text.as_deref());
        }
        found
    }
}

/// Writes a file, or takes it away.
fn put(path: &Path, text: Option<&[u8]>) {
    match text {
        Some(text) => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        None => drop(fs::remove_file(path)),
    }
}

/// Takes away what the fixture's interfaces are configured by.
fn without_profiles(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let own = ["ifcfg-", "route-", "rule-", "keys-"]
            .iter()
            .any(|start| name.starts_with(start));
        if own && name != "ifcfg-lo" {
            fs::remove_file(path).unwrap();
        }
    }
}
