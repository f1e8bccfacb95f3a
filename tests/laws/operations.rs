//! What can be done with a host: every operation, as far as the host has something that it can be done with.

use kvmnet::host::Host;
use kvmnet::host::network::{Forward, HostEntry, LibvirtName, Network, Spot};
use kvmnet::host::profile::Switch;
use kvmnet::host::value::{InterfaceName, MacAddress};
use kvmnet::op::guest::{GuestOperation, Target, Which};
use kvmnet::op::network::{DhcpWish, NetworkOperation, Wishes};
use kvmnet::op::{BridgeAdd, Choice, Operation};

/// The bridge that is made: no fixture has it.
fn bridge() -> InterfaceName {
    InterfaceName::parse("brx0").unwrap()
}

/// Returns bridges of every kind over each interface, and what can be done with the bridges, networks and guests that are
/// there.
pub(crate) fn first(host: &Host) -> Vec<Operation> {
    let addressing = [
        Choice::Move,
        Choice::Dhcp,
        Choice::None,
        Choice::Static {
            addresses: vec![
                "10.250.0.1/24".parse().unwrap(),
                "2001:db8:fa::1/64".parse().unwrap(),
            ],
            gateways: vec!["10.250.0.254".parse().unwrap(), "fe80::1".parse().unwrap()],
        },
    ];
    let mut found = second(host);
    for profile in &host.profiles {
        for addressing in &addressing {
            for switch in [None, Some(Switch::Ovs)] {
                for (stp, dns) in [
                    (None, vec![]),
                    (Some(true), vec!["10.250.0.53".parse().unwrap()]),
                ] {
                    found.push(Operation::BridgeAdd(BridgeAdd {
                        addressing: addressing.clone(),
                        dns,
                        stp,
                        forward_delay_s: stp.map(|_| 4),
                        switch,
                        onboot: stp.map(|_| switch.is_some()),
                        ..BridgeAdd::over(bridge(), vec![profile.interface.clone()])
                    }));
                }
            }
        }
    }
    found.extend(host.networks().flat_map(on_network).map(Operation::Network));
    found.extend(on_guests(host).into_iter().map(Operation::Guest));
    found
}

/// Returns what can be done with the bridges that are there.
pub(crate) fn second(host: &Host) -> Vec<Operation> {
    let mut found = Vec::new();
    for bridge in host.bridges().map(|profile| profile.interface.clone()) {
        found.push(Operation::BridgeRemove {
            bridge: bridge.clone(),
            to: None,
        });
        for port in host.profiles().map(|profile| profile.interface.clone()) {
            found.push(Operation::BridgeRemove {
                bridge: bridge.clone(),
                to: Some(port.clone()),
            });
            found.extend(
                [None, Some(true), Some(false)].map(|onboot| Operation::AddPort {
                    bridge: bridge.clone(),
                    port: port.clone(),
                    onboot,
                }),
            );
            found.push(Operation::RemovePort {
                bridge: bridge.clone(),
                port,
            });
        }
    }
    found
}

fn name(text: &str) -> LibvirtName {
    LibvirtName::parse(text).unwrap()
}

/// Returns what can be done with a network: each of its parts is another in one of them.
fn on_network(network: &Network) -> Vec<NetworkOperation> {
    let source = network.name.clone();
    let set = |mode, wishes, remove_hosts| NetworkOperation::Set {
        name: source.clone(),
        mode,
        wishes,
        remove_hosts,
    };
    let wish = |wishes: Wishes| set(None, wishes, Vec::new());
    let subnets = |text: &str| vec![text.parse().unwrap()];
    let mut found = vec![
        NetworkOperation::Remove {
            name: source.clone(),
        },
        wish(Wishes {
            subnets: subnets("10.98.0.0/24"),
            ..Wishes::default()
        }),
        wish(Wishes {
            subnets: subnets("fd98::/64"),
            ..Wishes::default()
        }),
        wish(Wishes {
            dhcp: DhcpWish::Off,
            ..Wishes::default()
        }),
        wish(Wishes {
            domain: Some("example.net".to_owned()),
            device: Some(InterfaceName::parse("virbr98").unwrap()),
            mac: MacAddress::parse("52:54:00:98:98:98"),
            ..Wishes::default()
        }),
        wish(Wishes {
            autostart: Some(!network.autostart),
            ..Wishes::default()
        }),
    ];
    let modes = [
        Forward::Isolated,
        Forward::Nat,
        Forward::Route,
        Forward::Open,
        Forward::Bridge,
    ];
    found.extend(modes.into_iter().map(|mode| {
        let bridge = (mode == Forward::Bridge).then(|| InterfaceName::parse("br0").unwrap());
        let wishes = Wishes {
            bridge,
            ..Wishes::default()
        };
        set(Some(mode), wishes, Vec::new())
    }));
    for mode in [None, Some(Forward::Isolated)] {
        found.push(NetworkOperation::Copy {
            source: source.clone(),
            name: name("copy"),
            mode,
            wishes: Wishes::default(),
        });
    }
    for subnet in &network.subnets {
        let hosts: Vec<_> = subnet.address.trunc().hosts().skip(3).take(8).collect();
        let [first, .., last] = hosts.as_slice() else {
            continue;
        };
        let entry = HostEntry {
            mac: MacAddress::parse("52:54:00:99:99:98"),
            id: None,
            name: None,
            ip: Some(*last),
            spot: Spot::default(),
        };
        found.push(wish(Wishes {
            dhcp: DhcpWish::Ranges(vec![(*first, *last)]),
            ..Wishes::default()
        }));
        found.push(wish(Wishes {
            hosts: vec![entry],
            ..Wishes::default()
        }));
        let entries = subnet.dhcp.iter().flat_map(|dhcp| &dhcp.hosts);
        let addresses = entries.filter_map(|entry| entry.ip);
        found.extend(addresses.map(|ip| set(None, Wishes::default(), vec![ip.to_string()])));
    }
    found
}

/// Returns what can be done with each interface of each guest.
fn on_guests(host: &Host) -> Vec<GuestOperation> {
    let bridges = ["br0", "ovsbr0"].map(|name| InterfaceName::parse(name).unwrap());
    let networks = host
        .networks()
        .map(|network| Target::Network(network.name.clone()));
    let mut targets: Vec<Target> = networks.collect();
    targets.extend(bridges.map(Target::Bridge));
    let mut found = Vec::new();
    for guest in host.guests() {
        let numbers = 1..=guest.interfaces.len();
        let mut which: Vec<Which> = numbers.map(Which::Number).collect();
        which.push(Which::New {
            model: "virtio".to_owned(),
            mac: None,
        });
        for which in which {
            for target in &targets {
                found.push(GuestOperation::Connect {
                    guest: guest.name.clone(),
                    target: target.clone(),
                    which: which.clone(),
                });
            }
            found.push(GuestOperation::Disconnect {
                guest: guest.name.clone(),
                which,
            });
        }
    }
    found
}
