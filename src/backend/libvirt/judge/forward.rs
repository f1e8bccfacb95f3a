//! `<forward>` of a network: the mode, and the devices of the host that guests reach the world by.
//!
//! Sources: `virNetworkForwardDefParseXML()` and `virNetworkForwardNatDefParseXML()` in conf/network_conf.c.

use std::collections::HashSet;
use std::net::IpAddr;

use super::found::Found;
use super::page::{Node, Value};
use super::parts::{Pci, pci};
use super::values::{Family, Number, address};

/// The modes.
pub(super) const MODES: &[&str] = &[
    "none",
    "nat",
    "route",
    "open",
    "bridge",
    "private",
    "vepa",
    "passthrough",
    "hostdev",
];

/// A mode, as libvirt's checks tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Isolated,
    Nat,
    Route,
    Open,
    Bridge,
    /// Macvtap: `private`, `vepa`.
    Macvtap,
    Passthrough,
    Hostdev,
}

impl Mode {
    fn of(word: &str) -> Self {
        match word {
            "nat" => Self::Nat,
            "route" => Self::Route,
            "open" => Self::Open,
            "bridge" => Self::Bridge,
            "private" | "vepa" => Self::Macvtap,
            "passthrough" => Self::Passthrough,
            "hostdev" => Self::Hostdev,
            _ => Self::Isolated,
        }
    }

    /// Returns whether libvirt makes the bridge and gives it addresses.
    pub(super) fn owns_bridge(self) -> bool {
        matches!(self, Self::Isolated | Self::Nat | Self::Route | Self::Open)
    }
}

/// What a network says of its way out.
pub(super) struct Forward<'p> {
    pub(super) node: Option<Node<'p>>,
    /// `None` where it is none that libvirt knows.
    pub(super) mode: Option<Mode>,
    /// The word for it.
    pub(super) word: &'p str,
    /// What names a network device: `dev=`, `<interface>`.
    pub(super) interfaces: Vec<Node<'p>>,
    /// `<address>`, where no network device is named.
    pub(super) addresses: Vec<Node<'p>>,
    /// `<pf>`, where nothing else is named.
    pub(super) pf: Option<Node<'p>>,
}

/// Judges `<forward>`.
pub(super) fn forward<'p>(node: Option<Node<'p>>, found: &mut Found) -> Forward<'p> {
    let mut all = Forward {
        node,
        mode: Some(Mode::Isolated),
        word: "isolated",
        interfaces: Vec::new(),
        addresses: Vec::new(),
        pf: None,
    };
    let Some(node) = node else {
        return all;
    };
    let mode = node.said("mode");
    all.word = mode.as_ref().map_or("nat", |mode| mode.text);
    all.mode = match &mode {
        Some(mode) => found.word(mode, MODES).map(|index| Mode::of(MODES[index])),
        None => Some(Mode::Nat),
    };
    if let Some(name) = node.all("driver").find_map(|driver| driver.said("name")) {
        found.word(&name, &["kvm", "vfio"]);
    }
    let mut nats = node.all("nat");
    if let Some(first) = nats.next() {
        nat(&first, all.mode, found);
    }
    more(nats, found);
    devices(&node, &mut all, found);
    all
}

/// Elements of which there may be only one.
fn more<'p>(others: impl Iterator<Item = Node<'p>>, found: &mut Found) {
    for other in others {
        let why = format!("a second `<{}>`", other.name());
        found.refuse(other.tag(), why, "delete one of the two");
    }
}

fn nat(node: &Node<'_>, mode: Option<Mode>, found: &mut Found) {
    if mode.is_some_and(|mode| mode != Mode::Nat) {
        let why = "`<nat>` in a `<forward>` of another mode than `nat`";
        found.refuse(node.tag(), why, "delete it, or write <forward mode='nat'>");
        return;
    }
    found.yes_no(node.prop("ipv6"));
    let mut addresses = node.all("address");
    if let Some(first) = addresses.next() {
        addresses_of(&first, found);
    }
    more(addresses, found);
    let mut ports = node.all("port");
    if let Some(first) = ports.next() {
        ports_of(&first, found);
    }
    more(ports, found);
}

fn addresses_of(node: &Node<'_>, found: &mut Found) {
    let ends = ["start", "end"].map(|name| {
        let value = found.needed(node, name)?;
        let read = address(value.text, Family::V4);
        if read.is_none() {
            found.bad(&value, "an address of IPv4");
        }
        read
    });
    let [Some(IpAddr::V4(first)), Some(IpAddr::V4(last))] = ends else {
        return;
    };
    let why = if first.octets()[..2] != last.octets()[..2] {
        "too large: its ends may differ only in their last 16 bits"
    } else if last < first {
        "reversed"
    } else {
        return;
    };
    let help = "give a first and a last address, in this order";
    found.refuse(
        node.tag(),
        format!("the range {first}-{last} is {why}"),
        help,
    );
}

fn ports_of(node: &Node<'_>, found: &mut Found) {
    let ends = ["start", "end"].map(|name| {
        let Some(value) = node.said(name) else {
            found.lacks(node, name);
            return None;
        };
        let read = Number::INT.read(value.text).filter(|port| *port <= 65535);
        if read.is_none() {
            found.bad(&value, "a port: a number of at most 65535");
        }
        read
    });
    if let [Some(first), Some(last)] = ends
        && last < first
    {
        let why = format!("the ports {first}-{last} are reversed");
        found.refuse(
            node.tag(),
            why,
            format!("write start='{last}' end='{first}'"),
        );
    }
}

fn devices<'p>(node: &Node<'p>, all: &mut Forward<'p>, found: &mut Found) {
    let dev = node.said("dev");
    let addresses: Vec<Node<'p>> = node.all("address").collect();
    let pfs: Vec<Node<'p>> = node.all("pf").collect();
    let interfaces: Vec<Node<'p>> = node.all("interface").collect();
    if let (Some(dev), Some(other)) = (&dev, addresses.first().or(pfs.first())) {
        let why = format!("`dev` beside `<{}>`", other.name());
        found.refuse(dev.span.clone(), why, "delete one of the two");
    }
    if dev.is_some() || !interfaces.is_empty() {
        all.interfaces.extend(dev.is_some().then_some(*node));
        let matched = usize::from(dev.is_some() && !interfaces.is_empty());
        self::interfaces(dev, &interfaces, found);
        all.interfaces.extend(interfaces.into_iter().skip(matched));
    } else if !addresses.is_empty() {
        pool(&addresses, found);
        all.addresses = addresses;
    } else {
        let mut pfs = pfs.into_iter();
        all.pf = pfs.next();
        if let Some(first) = &all.pf {
            found.needed(first, "dev");
        }
        more(pfs, found);
    }
}

/// The first `<interface>` is the one that `dev=` names; none is listed twice.
fn interfaces(dev: Option<Value<'_>>, nodes: &[Node<'_>], found: &mut Found) {
    let mut known = HashSet::new();
    let first = dev.as_ref().map(|dev| dev.text);
    known.extend(first);
    for (index, node) in nodes.iter().enumerate() {
        let Some(name) = found.needed(node, "dev") else {
            continue;
        };
        match first.filter(|_| index == 0) {
            Some(dev) if dev != name.text => {
                let why = format!(
                    "`{}` is not `{dev}`, which `<forward dev=…>` names",
                    name.text
                );
                let help =
                    format!("put <interface dev='{dev}'/> first, or delete dev= of <forward>");
                found.refuse(name.span, why, help);
            }
            Some(_) => {}
            None if !known.insert(name.text) => {
                let why = format!("the interface `{}` a second time", name.text);
                found.refuse(name.span, why, "delete one of the two");
            }
            None => {}
        }
    }
}

/// A pool of cards by their PCI addresses.
fn pool(nodes: &[Node<'_>], found: &mut Found) {
    let mut known: HashSet<Pci> = HashSet::new();
    for node in nodes {
        let Some(kind) = found.needed(node, "type") else {
            continue;
        };
        if found.word(&kind, &["pci"]).is_none() {
            continue;
        }
        let Some(address) = pci(node, found) else {
            continue;
        };
        if !known.insert(address) {
            let why = "the same PCI address a second time";
            found.refuse(node.tag(), why, "delete one of the two");
        }
    }
}
