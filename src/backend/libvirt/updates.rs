//! Which differences libvirt takes while a network is active or a guest runs, as the elements that virsh is given.
//!
//! Source: `networkUpdate()` (network/bridge_driver.c) with `virNetworkDefUpdateIPDHCPHost()`, `…IPDHCPRange()` and `…DNSHost()`
//! (conf/network_conf.c); `qemuDomainChangeNet()` (qemu/qemu_hotplug.c). All are tried with libvirtd (run): dnsmasq keeps its process but
//! for ranges, no guest loses its link; the file and the definition for the next start stay as they are.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::plain::{Part, Plain};
use crate::doc::xml::XmlDoc;

/// What `virsh net-update` is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkUpdate {
    /// `add`, `delete` or `modify`.
    pub verb: &'static str,
    /// The kind of element, such as `ip-dhcp-host`.
    pub section: &'static str,
    /// Which `<ip>` holds it, where there are several.
    pub parent: Option<usize>,
    /// The element.
    pub xml: String,
}

/// What `virsh update-device` is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceUpdate {
    /// Which interface of the guest it is, counted from 0.
    pub ordinal: usize,
    /// Whether it hangs on something else afterwards.
    pub moves: bool,
    /// The element.
    pub xml: String,
}

/// Returns what turns a network as `old` says into one as `new` says while it is active: nothing where both say the same, `None`
/// where it takes a stop and a start.
#[must_use]
pub fn network_updates(old: &str, new: &str) -> Option<Vec<NetworkUpdate>> {
    let (old, new) = (XmlDoc::parse(old).ok()?, XmlDoc::parse(new).ok()?);
    let (old, new) = (Lists::of(&Plain::of(&old)), Lists::of(&Plain::of(&new)));
    if old.rest != new.rest {
        return None;
    }
    let several = new.ips.len() > 1;
    let mut updates = Updates::default();
    for (index, (old, new)) in old.ips.iter().zip(&new.ips).enumerate() {
        // dnsmasq is started anew for the first and the last one of IPv4 alone
        if old.v6 && old.serves() != new.serves() {
            return None;
        }
        let parent = several.then_some(index);
        updates.ranges(parent, &old.ranges, &new.ranges);
        updates.hosts(parent, &old.hosts, &new.hosts);
    }
    updates.names(&old.names, &new.names)?;
    updates.finish()
}

/// Returns what turns the interfaces of a guest as `old` says into those of `new` while it runs: nothing where both say the same,
/// `None` where it must be off meanwhile. Whether what it hangs on can be changed is not looked at.
#[must_use]
pub fn interface_updates(old: &str, new: &str) -> Option<Vec<InterfaceUpdate>> {
    let (old, new) = (XmlDoc::parse(old).ok()?, XmlDoc::parse(new).ok()?);
    let (old, new) = (Plain::of(&old), Plain::of(&new));
    let (was, is) = (interfaces(&old), interfaces(&new));
    let rest = |plain: &Plain<'_>, left: &[usize]| {
        plain.said(0, &left.iter().map(|index| Part::Element(*index)).collect())
    };
    if was.len() != is.len() || rest(&old, &was) != rest(&new, &is) {
        return None;
    }
    let mut cards = HashSet::new();
    let mut updates = Vec::new();
    for (ordinal, (was, is)) in was.iter().zip(&is).enumerate() {
        let mac = mac(&new, *is);
        let alone = mac.as_ref().is_none_or(|mac| cards.insert(mac.clone()));
        let none = BTreeSet::new();
        if old.said(*was, &none) == new.said(*is, &none) && alone {
            continue;
        }
        // libvirt finds it by its address
        let known = mac.is_some() && alone;
        let fixed = |plain: &Plain<'_>, index: usize| plain.said(index, &loose(plain, index));
        if !known || fixed(&old, *was) != fixed(&new, *is) {
            return None;
        }
        updates.push(InterfaceUpdate {
            ordinal,
            moves: place(&old, *was) != place(&new, *is),
            xml: one_line(new.written(*is))?,
        });
    }
    Some(updates)
}

/// Returns an element if it can be typed.
fn one_line(xml: String) -> Option<String> {
    (!xml.chars().any(char::is_control)).then_some(xml)
}

fn interfaces(plain: &Plain<'_>) -> Vec<usize> {
    let devices = plain.named(0, "devices").into_iter();
    let found = devices.flat_map(|devices| plain.named(devices, "interface"));
    found.collect()
}

fn mac(plain: &Plain<'_>, interface: usize) -> Option<String> {
    let mac = *plain.named(interface, "mac").first()?;
    let address = plain.element(mac).value("address")?;
    Some(address.to_ascii_lowercase())
}

/// Returns the parts of an interface that may change while the guest runs: what it hangs on, and whether its cable is in.
fn loose(plain: &Plain<'_>, interface: usize) -> BTreeSet<Part> {
    let named = |name: &str| plain.named(interface, name).into_iter();
    let parts = named("source").chain(named("link")).map(Part::Element);
    let kind = Part::Value(interface, "type".to_owned());
    parts.chain([kind]).collect()
}

/// Returns what an interface hangs on.
fn place(plain: &Plain<'_>, interface: usize) -> (Option<String>, Vec<String>) {
    let kind = plain.element(interface).value("type").map(str::to_owned);
    let sources = plain.named(interface, "source").into_iter();
    let none = BTreeSet::new();
    (
        kind,
        sources.map(|index| plain.said(index, &none)).collect(),
    )
}

/// An element of a list.
struct Item {
    said: String,
    xml: String,
    /// The values that no other of its list may have: of hosts `mac`, `name` and `ip`.
    keys: [Option<String>; 3],
}

/// What DHCP gives out on an address.
#[derive(Default)]
struct Ip {
    v6: bool,
    ranges: Vec<Item>,
    hosts: Vec<Item>,
}

impl Ip {
    fn serves(&self) -> bool {
        !(self.ranges.is_empty() && self.hosts.is_empty())
    }
}

/// The lists of a network that can be changed while it is active, and the rest.
struct Lists {
    ips: Vec<Ip>,
    /// Names that its DNS knows.
    names: Vec<Item>,
    rest: String,
}

impl Lists {
    fn of(plain: &Plain<'_>) -> Self {
        let mut out = BTreeSet::new();
        let mut list = |parents: &[usize], name: &str| -> Vec<Item> {
            let found = parents.iter().flat_map(|parent| plain.named(*parent, name));
            let found: Vec<usize> = found.collect();
            out.extend(found.iter().map(|index| Part::Element(*index)));
            found.into_iter().map(|index| item(plain, index)).collect()
        };
        let mut ips = Vec::new();
        for ip in plain.named(0, "ip") {
            let dhcp = plain.named(ip, "dhcp");
            let address = plain.element(ip).value("address");
            ips.push(Ip {
                v6: address.is_some_and(|address| address.contains(':')),
                ranges: list(&dhcp, "range"),
                hosts: list(&dhcp, "host"),
            });
        }
        let names = list(&plain.named(0, "dns"), "host");
        let rest = plain.said(0, &out);
        Self { ips, names, rest }
    }
}

fn item(plain: &Plain<'_>, index: usize) -> Item {
    let element = plain.element(index);
    let value = |name: &str| element.value(name).map(str::to_ascii_lowercase);
    Item {
        said: plain.said(index, &BTreeSet::new()),
        xml: plain.written(index),
        keys: ["mac", "name", "ip"].map(value),
    }
}

/// Returns what is in one list and not in the other: gone, and new.
fn difference<'i>(old: &'i [Item], new: &'i [Item]) -> (Vec<&'i Item>, Vec<&'i Item>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for item in new {
        *counts.entry(&item.said).or_default() += 1;
    }
    let mut take = |item: &&Item| match counts.get_mut(item.said.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        Some(_) | None => true,
    };
    let gone: Vec<&Item> = old.iter().filter(&mut take).collect();
    // what is left of the counts is new
    let mut is_new = |item: &&Item| !take(item);
    let made = new.iter().rev().filter(&mut is_new);
    let mut made: Vec<&Item> = made.collect();
    made.reverse();
    (gone, made)
}

/// Updates by their order: what goes makes room for what comes.
#[derive(Default)]
struct Updates {
    deleted: Vec<NetworkUpdate>,
    modified: Vec<NetworkUpdate>,
    added: Vec<NetworkUpdate>,
}

impl Updates {
    fn ranges(&mut self, parent: Option<usize>, old: &[Item], new: &[Item]) {
        let (gone, made) = difference(old, new);
        self.replace("ip-dhcp-range", parent, gone, made);
    }

    /// An entry is changed in place where libvirt finds that one by what is new in it: it takes the first with the address of the
    /// card, the name or the address.
    fn hosts(&mut self, parent: Option<usize>, old: &[Item], new: &[Item]) {
        let (mut gone, mut made) = difference(old, new);
        let mut owners: HashMap<(usize, &str), usize> = HashMap::new();
        for item in old {
            for key in keys(item) {
                *owners.entry(key).or_default() += 1;
            }
        }
        let mut by_mac: HashMap<&str, usize> = HashMap::new();
        for (index, item) in gone.iter().enumerate() {
            if let Some(mac) = &item.keys[0] {
                by_mac.insert(mac, index);
            }
        }
        let mut done = BTreeSet::new();
        made.retain(|new| {
            let old = new.keys[0].as_deref().and_then(|mac| by_mac.get(mac));
            let Some(index) = old.copied().filter(|index| !done.contains(index)) else {
                return true;
            };
            let own: HashSet<(usize, &str)> = keys(gone[index]).collect();
            let others = |key: &(usize, &str)| {
                owners.get(key).copied().unwrap_or(0) > usize::from(own.contains(key))
            };
            if keys(new).any(|key| others(&key)) {
                return true;
            }
            done.insert(index);
            let update = NetworkUpdate {
                verb: "modify",
                section: HOST,
                parent,
                xml: new.xml.clone(),
            };
            self.modified.push(update);
            false
        });
        let mut index = 0;
        gone.retain(|_| {
            index += 1;
            !done.contains(&(index - 1))
        });
        self.replace(HOST, parent, gone, made);
    }

    /// Names of DNS are found by their address, which only one of them may have.
    fn names(&mut self, old: &[Item], new: &[Item]) -> Option<()> {
        let (gone, made) = difference(old, new);
        if !gone.is_empty() || !made.is_empty() {
            let ips = |items: &[Item]| -> Option<()> {
                let mut known = HashSet::new();
                let mut ips = items.iter().map(|item| item.keys[2].clone());
                ips.all(|ip| ip.is_some_and(|ip| known.insert(ip)))
                    .then_some(())
            };
            ips(old)?;
            ips(new)?;
        }
        // its names may be those of another one, too
        let by_address = |item: &Item| NetworkUpdate {
            verb: "delete",
            section: NAME,
            parent: None,
            xml: format!("<host ip=\"{}\"/>", item.keys[2].as_deref().unwrap_or("")),
        };
        self.deleted.extend(gone.into_iter().map(by_address));
        self.replace(NAME, None, Vec::new(), made);
        Some(())
    }

    fn replace(
        &mut self,
        section: &'static str,
        parent: Option<usize>,
        gone: Vec<&Item>,
        made: Vec<&Item>,
    ) {
        let update = |verb: &'static str, item: &Item| NetworkUpdate {
            verb,
            section,
            parent,
            xml: item.xml.clone(),
        };
        let gone = gone.into_iter().map(|item| update("delete", item));
        self.deleted.extend(gone);
        let made = made.into_iter().map(|item| update("add", item));
        self.added.extend(made);
    }

    fn finish(self) -> Option<Vec<NetworkUpdate>> {
        let all = self.deleted.into_iter();
        let all = all.chain(self.modified).chain(self.added);
        all.map(|update| {
            Some(NetworkUpdate {
                xml: one_line(update.xml)?,
                ..update
            })
        })
        .collect()
    }
}

const HOST: &str = "ip-dhcp-host";
const NAME: &str = "dns-host";

/// Returns the values by which libvirt finds an entry, each with which it is.
fn keys(item: &Item) -> impl Iterator<Item = (usize, &str)> {
    let keys = item.keys.iter().enumerate();
    keys.filter_map(|(index, key)| Some((index, key.as_deref()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a network with these lists, of DHCP and of DNS.
    fn network(dhcp: &str, dns: &str) -> String {
        format!(
            "<network><name>a</name><dns>{dns}</dns><ip address='10.0.0.1' prefix='24'><dhcp>{dhcp}</dhcp></ip></network>"
        )
    }

    fn commands(old: &str, new: &str) -> Option<Vec<String>> {
        let updates = network_updates(old, new)?;
        let shown = updates.into_iter().map(|update| {
            let parent = update
                .parent
                .map_or(String::new(), |index| format!(" {index}"));
            format!("{} {} {}{parent}", update.verb, update.section, update.xml)
        });
        Some(shown.collect())
    }

    const ONE: &str = "<host mac='52:54:00:00:00:01' name='one' ip='10.0.0.11'/>";
    const TWO: &str = "<host mac='52:54:00:00:00:02' ip='10.0.0.12'/>";

    #[test]
    fn lists_are_changed_entry_by_entry() {
        let both = format!("{ONE}{TWO}");
        let swapped = "<host mac='52:54:00:00:00:01' name='one' ip='10.0.0.12'/><host mac='52:54:00:00:00:02' ip='10.0.0.11'/>";
        for (old, new, expected) in [
            ((ONE, ""), (ONE, ""), vec![]),
            (
                (&*both, ""),
                (&format!("{TWO} <!-- c --> {ONE}"), ""),
                vec![],
            ),
            (
                (ONE, ""),
                (&both, ""),
                vec!["add ip-dhcp-host <host mac=\"52:54:00:00:00:02\" ip=\"10.0.0.12\"/>"],
            ),
            (
                (&both, ""),
                (ONE, ""),
                vec!["delete ip-dhcp-host <host mac=\"52:54:00:00:00:02\" ip=\"10.0.0.12\"/>"],
            ),
            (
                (TWO, ""),
                (
                    "<host mac='52:54:00:00:00:02' name='zwei' ip='10.0.0.13'/>",
                    "",
                ),
                vec![
                    "modify ip-dhcp-host <host mac=\"52:54:00:00:00:02\" name=\"zwei\" ip=\"10.0.0.13\"/>",
                ],
            ),
            (
                (&both, ""),
                (swapped, ""),
                vec![
                    "delete ip-dhcp-host <host mac=\"52:54:00:00:00:01\" name=\"one\" ip=\"10.0.0.11\"/>",
                    "delete ip-dhcp-host <host mac=\"52:54:00:00:00:02\" ip=\"10.0.0.12\"/>",
                    "add ip-dhcp-host <host mac=\"52:54:00:00:00:01\" name=\"one\" ip=\"10.0.0.12\"/>",
                    "add ip-dhcp-host <host mac=\"52:54:00:00:00:02\" ip=\"10.0.0.11\"/>",
                ],
            ),
            (
                ("<range start='10.0.0.2' end='10.0.0.9'/>", ""),
                ("<range start='10.0.0.2' end='10.0.0.8'/>", ""),
                vec![
                    "delete ip-dhcp-range <range start=\"10.0.0.2\" end=\"10.0.0.9\"/>",
                    "add ip-dhcp-range <range start=\"10.0.0.2\" end=\"10.0.0.8\"/>",
                ],
            ),
            (
                ("", "<host ip='10.0.0.5'><hostname>a</hostname></host>"),
                ("", "<host ip='10.0.0.5'><hostname>b</hostname></host>"),
                vec![
                    "delete dns-host <host ip=\"10.0.0.5\"/>",
                    "add dns-host <host ip=\"10.0.0.5\"><hostname>b</hostname></host>",
                ],
            ),
        ] {
            let (old, new) = (network(old.0, old.1), network(new.0, new.1));
            assert_eq!(commands(&old, &new).unwrap(), expected, "{old} -> {new}");
        }
    }

    #[test]
    fn all_else_takes_a_stop_and_a_start() {
        let plain = network(ONE, "");
        for other in [
            plain.replace("<dns>", "<domain name='x'/><dns>"),
            plain.replace("10.0.0.1'", "10.0.1.1'"),
            plain.replace("<dns>", "<dns enable='no'>"),
            network(ONE, "<txt name='a' value='b'/>"),
            network(ONE, "<host ip='1.1.1.1'/><host ip='1.1.1.1'/>"),
            "<network".to_owned(),
        ] {
            assert_eq!(commands(&plain, &other), None, "{other}");
        }
        // dnsmasq would not hear of it
        let v6 = |dhcp: &str| network(dhcp, "").replace("10.0.0.1'", "fd00::1'");
        assert_eq!(
            commands(&v6(""), &v6("<host id='0:1' ip='fd00::2'/>")),
            None
        );
    }

    #[test]
    fn of_several_addresses_it_says_which() {
        let two = |dhcp: &str| {
            network(dhcp, "").replace(
                "</network>",
                "<ip address='fd00::1' prefix='64'/></network>",
            )
        };
        let found = commands(&two(ONE), &two("")).unwrap();
        assert!(found[0].ends_with("/> 0"), "{found:?}");
    }

    fn guest(interfaces: &str) -> String {
        format!("<domain><name>g</name><devices>{interfaces}<console/></devices></domain>")
    }

    const CARD: &str = "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='a'/><model type='virtio'/></interface>";

    #[test]
    fn an_interface_moves_and_loses_its_cable() {
        let moved = CARD
            .replace("'network'>", "'bridge'>")
            .replace("network='a'", "bridge='br0'");
        let down = CARD.replace("</interface>", "<link state='down'/></interface>");
        for (new, moves) in [(&moved, true), (&down, false)] {
            let updates = interface_updates(&guest(CARD), &guest(new)).unwrap();
            assert_eq!(updates.len(), 1, "{new}");
            assert_eq!((updates[0].ordinal, updates[0].moves), (0, moves));
            assert_eq!(updates[0].xml, new.replace('\'', "\""));
        }
        assert_eq!(interface_updates(&guest(CARD), &guest(CARD)), Some(vec![]));
        for other in [
            CARD.replace("virtio", "e1000"),
            CARD.replace(":01", ":02"),
            moved.replace("<mac address='52:54:00:00:00:01'/>", ""),
            format!("{CARD}{}", CARD.replace(":01", ":02")),
            String::new(),
            format!("{moved}<!-- --><disk/>"),
        ] {
            assert_eq!(
                interface_updates(&guest(CARD), &guest(&other)),
                None,
                "{other}"
            );
        }
        // of two with one address it is not known which is meant
        let (twice, other) = (format!("{CARD}{CARD}"), format!("{CARD}{down}"));
        assert_eq!(interface_updates(&guest(&twice), &guest(&other)), None);
    }
}
