//! The typed view of the layer-3 settings of an ifcfg file, and its spelling for new ones.
//!
//! Source: initscripts' network-functions (`expand_config`: indices none, 0, 1, 2 … to the first hole after 1) and
//! nms-ifcfg-rh-reader.c (a missing mask is that of the address class, `Invalid IP4 prefix`; IPv6 defaults to /64).

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use super::layout::layout;
use super::reader::Reader;
use super::text::{Role, Setting, Text};
use crate::doc::shell::ShellDoc;
use crate::host::extra::Extra;
use crate::host::layer3::{DhcpClient, Dns, Family, Layer3, Method, Metrics};
use crate::host::profile::Profile;
use crate::host::spot::{Said, Spot};
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// The settings of a file by their keys, of which the last one holds; what nobody takes the model does not know.
struct Keys<'s> {
    settings: HashMap<&'s str, &'s Setting>,
    taken: RefCell<HashSet<&'s str>>,
    reader: Reader,
    file: &'s HostPath,
    source: &'s str,
}

impl<'s> Keys<'s> {
    fn of(settings: &'s [Setting], reader: Reader, file: &'s HostPath, source: &'s str) -> Self {
        let keyed = settings.iter().filter(|setting| !setting.key.is_empty());
        Self {
            settings: keyed.map(|s| (s.key.as_str(), s)).collect(),
            taken: RefCell::default(),
            reader,
            file,
            source,
        }
    }

    fn take(&self, key: &str) -> Option<&'s Setting> {
        let (key, setting) = self.settings.get_key_value(key)?;
        self.taken.borrow_mut().insert(key);
        Some(setting)
    }

    /// Takes `key`, whose value is one word or text; `None` also where it is empty or only a shell knows it.
    fn text(&self, key: &str) -> Option<Said<String>> {
        let setting = self.take(key)?;
        let value = raw(setting).filter(|value| !value.is_empty())?;
        Some(self.said(setting, value, value.to_owned()))
    }

    /// Takes the words of `key`, each with its place.
    fn words(&self, key: &str) -> Vec<(&'s Setting, &'s str)> {
        let setting = self.take(key);
        let value = setting.and_then(raw).unwrap_or("");
        let words = value.split_whitespace();
        setting.map_or_else(Vec::new, |setting| {
            words.map(|word| (setting, word)).collect()
        })
    }

    /// Returns `value` as `word` of a setting says it.
    fn said<T>(&self, setting: &Setting, word: &str, value: T) -> Said<T> {
        let at = Some(spot(self.file, self.source, setting, word));
        Said { value, at }
    }

    /// Returns what nobody took, in the order of the file.
    fn left(&self) -> Vec<Said<Extra>> {
        let taken = self.taken.borrow();
        let left = self.settings.iter();
        let left = left.filter(|(key, _)| !taken.contains(*key));
        let mut left: Vec<&Setting> = left.map(|(_, setting)| *setting).collect();
        left.sort_by_key(|setting| (setting.line, setting.word.start));
        let extra = |setting: &Setting| Extra {
            key: setting.key.clone(),
            value: raw(setting).map(str::to_owned),
        };
        let left = left.into_iter();
        left.map(|setting| self.said(setting, "", extra(setting)))
            .collect()
    }
}

/// Returns the place of `word` in the value of a setting, of the value as a whole where it is not found there.
fn spot(file: &HostPath, source: &str, setting: &Setting, word: &str) -> Spot {
    let value = source.get(setting.word.clone()).unwrap_or("");
    let span = match value.find(word).filter(|_| !word.is_empty()) {
        Some(at) => setting.word.start + at..setting.word.start + at + word.len(),
        None => setting.word.clone(),
    };
    Spot {
        file: file.clone(),
        line: setting.line,
        span: Some(span),
    }
}

fn raw(setting: &Setting) -> Option<&str> {
    setting.value.as_ref().map(|value| value.raw())
}

/// Returns what the settings say to `reader`, which stand in `file` with the text `source`.
pub(super) fn read(settings: &[Setting], reader: Reader, file: &HostPath, source: &str) -> Layer3 {
    let keys = &Keys::of(settings, reader, file, source);
    let (mut v4, mut not_valid_v4) = listed_v4(keys);
    let method = method(keys, !(v4.is_empty() && not_valid_v4.is_empty()));
    // ifup-eth asks for an address, or sets those of the file: NetworkManager does both
    let asks_only = reader == Reader::NetworkScripts && *method == Method::Dhcp;
    if asks_only {
        (v4, not_valid_v4) = Listed::default();
    }
    let (v6, not_valid_v6) = listed_v6(keys);
    // a family is told by the address, whatever the key
    let (addresses, addresses_v6): Split<IpNet> = v4
        .into_iter()
        .chain(v6)
        .partition(|net| net.addr().is_ipv4());
    let numbered = (0..10).map(|n| format!("GATEWAY{n}"));
    let listed = ["GATEWAY".to_owned()].into_iter().chain(numbered);
    let listed = listed.filter_map(|key| gateway(keys, &key));
    let listed = listed.filter(|gateway| !asks_only || gateway.is_ipv6());
    let (gateways, gateways_v6): Split<IpAddr> =
        listed.chain(gateway_v6(keys)).partition(|ip| ip.is_ipv4());
    let v4 = Family {
        method,
        addresses,
        not_valid: not_valid_v4,
        gateways,
    };
    let v6 = Family {
        method: method_v6(keys, settings),
        addresses: addresses_v6,
        not_valid: not_valid_v6,
        gateways: gateways_v6,
    };
    let shell = |setting: &Setting| setting.role == Role::Address && setting.value.is_none();
    Layer3 {
        v4,
        v6,
        shell: settings.iter().any(shell),
        dns: dns(keys),
        dhcp: DhcpClient {
            client_id: keys.text("DHCP_CLIENT_ID"),
            hostname: keys.text("DHCP_HOSTNAME"),
            iaid_v4: keys.text("DHCP_IAID"),
            iaid_v6: keys.text("DHCPV6_IAID"),
            duid: keys.text("DHCPV6_DUID"),
        },
        addr_gen_mode: keys.text("IPV6_ADDR_GEN_MODE"),
        metrics: Metrics {
            v4: keys.text("IPV4_ROUTE_METRIC"),
            v6: keys.text("IPV6_ROUTE_METRIC"),
        },
        zone: keys.text("ZONE"),
        extras: keys.left(),
        said: !settings.is_empty(),
        ..Layer3::default()
    }
}

fn dns(keys: &Keys<'_>) -> Dns {
    let servers = (1..10).filter_map(|n| {
        let setting = keys.take(&format!("DNS{n}"))?;
        let word = raw(setting)?;
        Some(keys.said(setting, word, word.parse().ok()?))
    });
    let search = ["DOMAIN", "SEARCH"]
        .into_iter()
        .flat_map(|key| keys.words(key));
    let search = search.map(|(setting, word)| keys.said(setting, word, word.to_owned()));
    Dns {
        servers: servers.collect(),
        search: search.collect(),
    }
}

/// Values of IPv4, and of IPv6.
type Split<T> = (Vec<Said<T>>, Vec<Said<T>>);

fn gateway(keys: &Keys<'_>, key: &str) -> Option<Said<IpAddr>> {
    let setting = keys.take(key)?;
    let word = raw(setting)?;
    Some(keys.said(setting, word, word.parse().ok()?))
}

/// Returns the gateway of IPv6, whose interface may stand behind a `%`.
fn gateway_v6(keys: &Keys<'_>) -> Option<Said<IpAddr>> {
    let setting = keys.take("IPV6_DEFAULTGW")?;
    let word = raw(setting)?.split('%').next()?;
    Some(keys.said(setting, word, word.parse().ok()?))
}

fn method(keys: &Keys<'_>, has_addresses: bool) -> Said<Method> {
    let Some(setting) = keys.take("BOOTPROTO") else {
        return Method::Manual.into();
    };
    let value = raw(setting);
    let method = match value {
        Some(word) => keys.reader.method(word, has_addresses),
        None => Method::Other("shell code".to_owned()),
    };
    keys.said(setting, value.unwrap_or(""), method)
}

/// Returns how IPv6 configures itself: ifup-ipv6 of initscripts, and `make_ip6_setting()` in nms-ifcfg-rh-reader.c.
fn method_v6(keys: &Keys<'_>, settings: &[Setting]) -> Said<Method> {
    let value = |key: &str| keys.take(key).and_then(raw);
    let yes = |key: &str| value(key).is_some_and(|value| keys.reader.is_yes(key, value));
    let no = |key: &str| value(key).is_some_and(|value| keys.reader.is_no(key, value));
    let (disabled, off) = (yes("IPV6_DISABLED"), no("IPV6INIT"));
    let (dhcp, manual) = (yes("DHCPV6C"), no("IPV6_AUTOCONF"));
    let mut said = settings.iter();
    let Some(first) = said.find(|setting| setting.role == Role::Ipv6) else {
        return Method::Unsaid.into();
    };
    let method = match (disabled || off, dhcp, manual) {
        (true, ..) => Method::Off,
        (_, true, _) => Method::Dhcp,
        (_, _, true) => Method::Manual,
        (false, false, false) => Method::Auto,
    };
    keys.said(first, "", method)
}

/// Addresses, and the text of those that are not valid.
type Listed = (Vec<Said<IpNet>>, Vec<Said<String>>);

/// Returns the IPv4 addresses, and the text of those that are not valid; what only a shell knows is in neither.
fn listed_v4(keys: &Keys<'_>) -> Listed {
    let (mut addresses, mut not_valid) = (Vec::new(), Vec::new());
    let indices = (0..=255).map(|n: u8| n.to_string());
    for index in [String::new()].into_iter().chain(indices) {
        let set = |key: &str| {
            let setting = keys.take(&format!("{key}{index}"))?;
            (raw(setting) != Some("")).then_some(setting)
        };
        let Some(address) = set("IPADDR") else {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        };
        let prefix = set("PREFIX");
        let mask = set("NETMASK").filter(|_| prefix.is_none());
        let mut settings = [Some(address), prefix, mask].into_iter().flatten();
        let prefix_or_mask = prefix.or(mask).unwrap_or(address);
        let first = address;
        let Some(address) = raw(first).filter(|_| settings.all(|s| s.value.is_some())) else {
            continue;
        };
        let (prefix, mask) = (prefix.and_then(raw), mask.and_then(raw));
        let written = || match prefix.or(mask) {
            Some(mask) => format!("{address}/{mask}"),
            None => address.to_owned(),
        };
        match address_v4(address, prefix, mask) {
            Some(net) => addresses.push(keys.said(first, address, net)),
            None => not_valid.push(match address.parse::<Ipv4Addr>() {
                Ok(_) => keys.said(prefix_or_mask, "", written()),
                Err(_) => keys.said(first, address, written()),
            }),
        }
    }
    (addresses, not_valid)
}

/// Returns the IPv6 addresses, and the text of those that are not valid.
fn listed_v6(keys: &Keys<'_>) -> Listed {
    let (mut addresses, mut not_valid) = (Vec::new(), Vec::new());
    let listed = ["IPV6ADDR", "IPV6ADDR_SECONDARIES"];
    for (setting, word) in listed.into_iter().flat_map(|key| keys.words(key)) {
        match address_v6(word) {
            Some(address) => addresses.push(keys.said(setting, word, address)),
            None => not_valid.push(keys.said(setting, word, word.to_owned())),
        }
    }
    (addresses, not_valid)
}

/// Returns the address with its prefix length, else that of its mask, and only where it has neither that of its class; `None`
/// where one of them is not valid.
pub(in crate::backend) fn address_v4(
    address: &str,
    prefix: Option<&str>,
    mask: Option<&str>,
) -> Option<IpNet> {
    let address: Ipv4Addr = address.parse().ok()?;
    let set = |text: &&str| !text.is_empty();
    let prefix = match (prefix.filter(set), mask.filter(set)) {
        (Some(prefix), _) => prefix.parse().ok()?,
        (None, Some(mask)) => ipnet::ipv4_mask_to_prefix(mask.parse().ok()?).ok()?,
        (None, None) => match address.octets()[0] {
            0..=127 => 8,
            128..=191 => 16,
            _ => 24,
        },
    };
    IpNet::new(IpAddr::V4(address), prefix).ok()
}

fn address_v6(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| IpNet::new(IpAddr::V6(text.parse().ok()?), 64).ok())
}

/// Returns the text with the settings that are spelled for what it does not say.
pub(super) fn spelled(profile: &Profile, mut text: Text) -> Text {
    let lines = spell(profile, &text.settings);
    let doc = ShellDoc::parse(&(lines.join("\n") + "\n"));
    let spelled = layout(&doc, profile.interface.as_str()).into_iter();
    text.settings.extend(spelled.map(|placed| placed.setting));
    text
}

/// Returns the keys that keep the identity of a host, which NetworkManager alone reads, with what they say.
pub(super) fn identity(layer3: &Layer3) -> [(&'static str, Option<&str>); 4] {
    let (client, metrics) = (&layer3.dhcp, &layer3.metrics);
    [
        ("DHCP_IAID", &client.iaid_v4),
        ("DHCPV6_IAID", &client.iaid_v6),
        ("IPV4_ROUTE_METRIC", &metrics.v4),
        ("IPV6_ROUTE_METRIC", &metrics.v6),
    ]
    .map(|(key, said)| (key, said.as_ref().map(|said| said.value.as_str())))
}

/// Returns the lines that say what no setting of `settings` spells.
pub(super) fn spell(profile: &Profile, settings: &[Setting]) -> Vec<String> {
    let layer3 = &profile.layer3;
    let spells = |role| settings.iter().any(|setting| setting.role == role);
    let mut lines = Vec::new();
    if !spells(Role::Address) {
        lines.push(match &*layer3.v4.method {
            Method::Dhcp => "BOOTPROTO=dhcp".to_owned(),
            Method::Manual
            | Method::Unsaid
            | Method::Unread
            | Method::Off
            | Method::Auto
            | Method::Other(_) => "BOOTPROTO=none".to_owned(),
        });
        spell_v4(&layer3.v4, &mut lines);
        spell_v6(profile, spells(Role::Ipv6), &mut lines);
    }
    if !spells(Role::Dns) {
        lines.extend(
            layer3
                .servers()
                .enumerate()
                .map(|(n, server)| format!("DNS{}={server}", n + 1)),
        );
    }
    let unsaid = |key: &str| settings.iter().all(|setting| setting.key != key);
    let identity = identity(layer3).into_iter();
    let identity = identity.filter_map(|(key, value)| Some((key, value?)));
    let identity = identity.filter(|(key, _)| unsaid(key));
    lines.extend(identity.map(|(key, value)| format!("{key}={value}")));
    lines
}

fn spell_v4(family: &Family, lines: &mut Vec<String>) {
    for (n, net) in family.addresses.iter().enumerate() {
        let index = if n == 0 { String::new() } else { n.to_string() };
        lines.push(format!("IPADDR{index}={}", net.addr()));
        lines.push(format!("PREFIX{index}={}", net.prefix_len()));
    }
    let gateways = family.gateways.iter();
    lines.extend(gateways.map(|gateway| format!("GATEWAY={gateway}")));
}

fn spell_v6(profile: &Profile, init_is_set: bool, lines: &mut Vec<String>) {
    let family = &profile.layer3.v6;
    let addresses: Vec<String> = family.addresses.iter().map(ToString::to_string).collect();
    let [first, others @ ..] = addresses.as_slice() else {
        return;
    };
    if !init_is_set {
        lines.extend(["IPV6INIT=yes".to_owned(), "IPV6_AUTOCONF=no".to_owned()]);
    }
    lines.push(format!("IPV6ADDR={first}"));
    if !others.is_empty() {
        lines.push(format!("IPV6ADDR_SECONDARIES=\"{}\"", others.join(" ")));
    }
    let gateways = family.gateways.iter();
    lines.extend(gateways.map(|gateway| match gateway.value {
        // of many links only one has it: ipv6_set_default_route() of initscripts
        IpAddr::V6(v6) if v6.is_unicast_link_local() => {
            format!("IPV6_DEFAULTGW={gateway}%{}", profile.interface)
        }
        IpAddr::V4(_) | IpAddr::V6(_) => format!("IPV6_DEFAULTGW={gateway}"),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Layer3 {
        let placed = layout(&ShellDoc::parse(text), "eth0").into_iter();
        let settings: Vec<Setting> = placed.map(|placed| placed.setting).collect();
        read(
            &settings,
            Reader::Unknown,
            &HostPath::literal("/ifcfg"),
            text,
        )
    }

    #[test]
    fn a_mask_that_is_not_valid_is_never_that_of_the_class() {
        for (text, valid, not_valid) in [
            ("IPADDR=10.0.0.2\n", "10.0.0.2/8", ""),
            ("IPADDR=10.0.0.2\nPREFIX=\n", "10.0.0.2/8", ""),
            (
                "IPADDR=10.0.0.2\nPREFIX=\nNETMASK=255.255.255.0\n",
                "10.0.0.2/24",
                "",
            ),
            (
                "IPADDR=10.0.0.2\nPREFIX=16\nNETMASK=255.255.255.0\n",
                "10.0.0.2/16",
                "",
            ),
            (
                "IPADDR=10.0.0.2\nPREFIX=255.255.255.0\n",
                "",
                "10.0.0.2/255.255.255.0",
            ),
            (
                "IPADDR=10.0.0.2\nPREFIX=33\nNETMASK=255.255.255.0\n",
                "",
                "10.0.0.2/33",
            ),
            (
                "IPADDR=10.0.0.2\nNETMASK=255.255.225.0\n",
                "",
                "10.0.0.2/255.255.225.0",
            ),
            (
                "IPADDR=10.0.0.2\nNETMASK=255.255.255\n",
                "",
                "10.0.0.2/255.255.255",
            ),
            ("IPADDR=10.0.0.300\nPREFIX=24\n", "", "10.0.0.300/24"),
            ("IPADDR=10.0.0.2/24\n", "", "10.0.0.2/24"),
            ("IPV6ADDR=2001:db8::1::2/64\n", "", "2001:db8::1::2/64"),
            ("IPADDR=10.0.0.2\nPREFIX=$p\n", "", ""),
        ] {
            let found = read_text(text);
            let valid_found: Vec<String> = found.addresses().map(|net| net.to_string()).collect();
            assert_eq!(valid_found.join(" "), valid, "{text}");
            let said: Vec<&str> = found.not_valid().map(|said| said.as_str()).collect();
            assert_eq!(said.join(" "), not_valid, "{text}");
            assert!(!found.gives_no_address(), "{text}");
        }
    }

    #[test]
    fn further_addresses_behind_one_that_is_not_valid_are_read() {
        let found = read_text(
            "IPADDR=10.0.0.300\nIPADDR1=$x\nIPADDR2=10.0.2.2\nPREFIX2=24\nIPADDR4=10.0.4.2\n",
        );
        let addresses: Vec<IpNet> = found.addresses().collect();
        assert_eq!(addresses, ["10.0.2.2/24".parse().unwrap()]);
        assert!(found.shell);
    }

    #[test]
    fn a_family_is_told_by_the_address_and_a_value_is_taken_whole() {
        let shown = |found: &Layer3| -> [String; 4] {
            let list = |items: Vec<String>| items.join(" ");
            let nets =
                |family: &Family| list(family.addresses.iter().map(ToString::to_string).collect());
            let gateways =
                |family: &Family| list(family.gateways.iter().map(ToString::to_string).collect());
            [
                nets(&found.v4),
                nets(&found.v6),
                gateways(&found.v4),
                gateways(&found.v6),
            ]
        };
        for (text, expected) in [
            ("IPV6ADDR=10.0.0.2/24\n", ["10.0.0.2/24", "", "", ""]),
            ("GATEWAY=2001:db8::1\n", ["", "", "", "2001:db8::1"]),
            ("IPV6_DEFAULTGW=10.0.0.1\n", ["", "", "10.0.0.1", ""]),
            ("IPV6_DEFAULTGW=fe80::1%eth0\n", ["", "", "", "fe80::1"]),
            ("GATEWAY=10.0.0.1%eth0\n", ["", "", "", ""]),
            ("GATEWAY='10.0.0.1 10.0.0.2'\n", ["", "", "", ""]),
        ] {
            assert_eq!(shown(&read_text(text)), expected, "{text}");
        }
        let found = read_text("DNS1='1.1.1.1 8.8.8.8'\nDNS2=9.9.9.9\n");
        assert_eq!(found.servers().count(), 1);
    }

    #[test]
    fn what_says_nothing_is_said_all_the_same() {
        for text in [
            "DOMAIN=\"$y\"\n",
            "DNS1=x\n",
            "ZONE=\n",
            "GATEWAY=$y\n",
            "PREFIX=24\n",
        ] {
            assert!(!read_text(text).is_unsaid(), "{text}");
        }
    }

    #[test]
    fn every_value_has_its_place() {
        let text = "IPADDR=\"10.0.0.2\"\nPREFIX=24\nIPV6ADDR_SECONDARIES='2001:db8::2/64 2001:db8::3'\nDNS1=10.0.0.53\n";
        let found = read_text(text);
        let said = |at: &Option<Spot>| text[at.clone().unwrap().span.unwrap()].to_owned();
        assert_eq!(said(&found.v4.addresses[0].at), "10.0.0.2");
        assert_eq!(said(&found.v6.addresses[1].at), "2001:db8::3");
        assert_eq!(said(&found.dns.servers[0].at), "10.0.0.53");
        assert_eq!(found.v6.addresses[1].line(), Some(3));
    }

    #[test]
    fn what_the_model_has_no_word_for_is_an_extra() {
        let found =
            read_text("IPADDR=10.0.0.2\nPEERDNS=no\nZONE=public\nARP=$x\nDOMAIN=a.example\n");
        let extras: Vec<_> = found
            .extras
            .iter()
            .map(|e| (e.key.as_str(), e.value.value.as_deref(), e.line().unwrap()))
            .collect();
        assert_eq!(extras, [("PEERDNS", Some("no"), 2), ("ARP", None, 4)]);
        assert!(!found.is_unsaid());
        assert!(read_text("").is_unsaid());
        assert!(!read_text("BOOTPROTO=none\n").is_unsaid());
    }
}
