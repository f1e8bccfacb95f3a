//! What a profile gives the host beside addresses: default routes, name servers, IPv6.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::doc::shell::{LineKind, ShellDoc};
use crate::host::layer3::Method;
use crate::host::profile::Profile;
use crate::lint::Sight;
use crate::tree::HostPath;

/// Settings that hold for every interface.
const NETWORK: &str = "/etc/sysconfig/network";

/// What a profile gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lint) struct Gift {
    /// Default routes of IPv4: the gateway, or who tells it.
    pub routes: BTreeSet<String>,
    /// Default routes of IPv6.
    pub routes_v6: BTreeSet<String>,
    /// Name servers, or who tells them.
    pub dns: BTreeSet<String>,
    /// How IPv6 gets addresses.
    pub ipv6: BTreeSet<String>,
    /// The card that it is for alone.
    pub mac: Option<String>,
}

impl Gift {
    /// Returns what `profile` gives.
    pub(in crate::lint) fn of(sight: &Sight<'_>, profile: &Profile) -> Self {
        let mut gift = Self {
            mac: profile.mac.map(|mac| mac.to_string()),
            ..Self::default()
        };
        let layer3 = &profile.layer3;
        let server = match *layer3.v4.method {
            Method::Dhcp => "that a DHCP server tells",
            // a keyfile: what it says is not known
            Method::Unread => "of its configuration",
            Method::Manual | Method::Unsaid | Method::Off | Method::Auto | Method::Other(_) => "",
        };
        let of = |key: &str| value(sight, profile, key);
        let no = |key: &str| of(key).is_some_and(|value| value.eq_ignore_ascii_case("no"));
        if !server.is_empty() {
            if !no("DEFROUTE") {
                gift.routes.insert(server.to_owned());
            }
            if !no("PEERDNS") {
                gift.dns.insert(server.to_owned());
            }
        }
        gift.dns
            .extend(layer3.servers().map(|server| server.to_string()));
        gift.take_gateways(sight, profile);
        gift.take_ipv6(profile, &of);
        gift
    }

    fn take_gateways(&mut self, sight: &Sight<'_>, profile: &Profile) {
        let text = sight.tree.file(&HostPath::literal(NETWORK));
        let text = text.map(|file| String::from_utf8_lossy(&file.bytes));
        let network = ShellDoc::parse(text.as_deref().unwrap_or(""));
        let layer3 = &profile.layer3;
        if layer3.no_default_route(true).is_none() {
            let (v4, v6) = (layer3.v4.gateways.iter(), layer3.v6.gateways.iter());
            self.routes.extend(v4.map(ToString::to_string));
            self.routes_v6.extend(v6.map(ToString::to_string));
        }
        let global = network.literal("GATEWAY").and_then(|ip| ip.parse().ok());
        let reached = |ip: &IpAddr| layer3.addresses().any(|net| net.contains(ip));
        self.routes
            .extend(global.filter(reached).map(|ip| ip.to_string()));
        let routes = layer3.routes.iter();
        let default = routes.filter(|route| route.to.prefix_len() == 0);
        let files = default.filter_map(|route| Some(route.at.as_ref()?.file.name()));
        self.routes.extend(files.map(|name| format!("of `{name}`")));
    }

    fn take_ipv6(&mut self, profile: &Profile, of: &dyn Fn(&str) -> Option<String>) {
        let says = |key: &str, word: &str| of(key).is_some_and(|v| v.eq_ignore_ascii_case(word));
        if !says("IPV6INIT", "yes") || says("IPV6_DISABLED", "yes") {
            return;
        }
        if !says("IPV6_AUTOCONF", "no") {
            self.ipv6.insert("autoconfiguration".to_owned());
            self.routes_v6.insert("that a router tells".to_owned());
        }
        if says("DHCPV6C", "yes") {
            self.ipv6.insert("DHCPv6".to_owned());
        }
        let addresses = profile.layer3.v6.addresses.iter();
        self.ipv6.extend(addresses.map(ToString::to_string));
    }
}

/// Returns the value that holds for `profile`: its own, else that of all interfaces.
fn value(sight: &Sight<'_>, profile: &Profile, key: &str) -> Option<String> {
    let script = profile
        .home
        .file
        .as_ref()
        .and_then(|origin| sight.script(origin));
    if let Some(assignment) = script.and_then(|script| script.get(key)) {
        return assignment.value.literal().map(str::to_owned);
    }
    let file = sight.tree.file(&HostPath::literal(NETWORK))?;
    let network = ShellDoc::parse(std::str::from_utf8(&file.bytes).ok()?);
    network.literal(key).map(str::to_owned)
}

/// Returns whether bash leaves a file before its end: ifup, which reads it so, ends with it.
pub(in crate::lint) fn leaves_early(doc: &ShellDoc) -> bool {
    let code = |line: &&str| {
        let mut words = line.split([' ', '\t', ';']).filter(|word| !word.is_empty());
        matches!(words.next(), Some("exit" | "return"))
    };
    let lines = doc.lines().iter();
    lines
        .filter(|line| line.kind == LineKind::Code)
        .any(|line| {
            doc.source()[line.text.clone()]
                .lines()
                .any(|line| code(&line))
        })
}
