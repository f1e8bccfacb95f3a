//! Layer 3 of a keyfile: what its groups mean.
//!
//! Source: nm-settings-keyfile(5); nm-keyfile.c (`ip_address_or_route_parser()`, `DEFAULT_PREFIX`): `address`, `addresses`,
//! `route` and `routes`, each with a number or none, in the order of the numbers; a group that is absent means `auto`.

use std::net::IpAddr;

use super::keys::{self, Key};
use crate::doc::keyfile::{KeyfileDoc, Pair, value};
use crate::host::extra::Extra;
use crate::host::layer3::{DefaultRoute, Dns, Family, Layer3, Method, Metrics, Route, Rule};
use crate::host::spot::{Said, Spot};
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// A keyfile and where it is.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Its path.
    pub(super) path: &'a HostPath,
    /// Its text.
    pub(super) doc: &'a KeyfileDoc,
}

impl Source<'_> {
    /// Returns the place of a pair: its whole line.
    pub(super) fn spot(&self, pair: &Pair) -> Spot {
        let line = &self.doc.lines()[pair.line as usize - 1];
        Spot {
            file: self.path.clone(),
            line: pair.line,
            span: Some(line.text.clone()),
        }
    }

    fn said<T>(&self, value: T, pair: &Pair) -> Said<T> {
        Said {
            value,
            at: Some(self.spot(pair)),
        }
    }

    /// Returns the value of a key that is there and not empty.
    fn text(&self, group: &str, key: &str) -> Option<Said<String>> {
        let pair = self.doc.get(group, key)?;
        let text = value::unescape(self.doc.raw(pair));
        let text = text.trim().to_owned();
        (!text.is_empty()).then(|| self.said(text, pair))
    }

    /// Returns the pairs of a family that say a thing of this kind, in the order in which they count.
    fn listed(&self, group: &str, kind: Key) -> Vec<&Pair> {
        let mut pairs: Vec<(Option<u32>, &Pair)> = self
            .doc
            .in_force()
            .filter(|pair| pair.group == group)
            .filter_map(|pair| {
                let (found, number) = keys::key(&pair.key);
                (found == kind).then_some((number, pair))
            })
            .collect();
        pairs.sort_by_key(|(number, _)| *number);
        pairs.into_iter().map(|(_, pair)| pair).collect()
    }
}

/// Returns the layer-3 configuration that a file says of `interface`, which is no port.
pub(super) fn read(source: Source<'_>, interface: &str) -> Layer3 {
    let (v4, v6) = (family(source, false), family(source, true));
    let default = |group: &str| DefaultRoute {
        off: source
            .doc
            .get(group, "never-default")
            .filter(|pair| value::boolean(source.doc.raw(pair)) == Some(true))
            .map(|_| format!("[{group}] has never-default=true")),
        ..DefaultRoute::default()
    };
    let both = ["ipv4", "ipv6"];
    let is_off = |family: &Family| {
        family.addresses.is_empty() && matches!(*family.method, Method::Manual | Method::Off)
    };
    let extras: Vec<Said<Extra>> = extras(source);
    Layer3 {
        shell: false,
        dns: dns(source),
        dhcp: crate::host::layer3::DhcpClient {
            client_id: source.text("ipv4", "dhcp-client-id"),
            hostname: source.text("ipv4", "dhcp-hostname"),
            iaid_v4: source.text("ipv4", "dhcp-iaid"),
            iaid_v6: source.text("ipv6", "dhcp-iaid"),
            duid: source.text("ipv6", "dhcp-duid"),
        },
        addr_gen_mode: source.text("ipv6", "addr-gen-mode"),
        metrics: Metrics {
            v4: source.text("ipv4", "route-metric"),
            v6: source.text("ipv6", "route-metric"),
        },
        routes: both
            .iter()
            .flat_map(|group| routes(source, group))
            .collect(),
        rules: both
            .iter()
            .flat_map(|group| rules(source, group, interface))
            .collect(),
        zone: source.text("connection", "zone"),
        default_v4: default("ipv4"),
        default_v6: default("ipv6"),
        further: Vec::new(),
        said: !(is_off(&v4) && is_off(&v6) && extras.is_empty()),
        extras,
        from: None,
        v4,
        v6,
    }
}

/// Returns how the interface gets addresses of a family, and which.
fn family(source: Source<'_>, v6: bool) -> Family {
    let group = if v6 { "ipv6" } else { "ipv4" };
    let word = source.text(group, "method");
    let method = method(word.as_ref().map(|said| said.value.as_str()), v6);
    let mut family = Family {
        method: Said {
            value: method,
            at: word.as_ref().and_then(|said| said.at.clone()),
        },
        ..Family::default()
    };
    if word.is_some_and(|word| matches!(word.value.as_str(), "disabled" | "ignore")) {
        return family;
    }
    let own = source.text(group, "gateway");
    let own = own.and_then(|said| {
        let value = said.value.parse().ok()?;
        Some(Said { value, at: said.at })
    });
    let mut of_address = None;
    for pair in source.listed(group, Key::Address) {
        let raw = source.doc.raw(pair);
        match address(raw, v6) {
            Some((net, gateway)) => {
                family.addresses.push(source.said(net, pair));
                of_address = of_address.or(gateway.map(|gateway| source.said(gateway, pair)));
            }
            None if raw.trim().is_empty() => {}
            None => family
                .not_valid
                .push(source.said(raw.trim().to_owned(), pair)),
        }
    }
    family.gateways.extend(own.or(of_address));
    family
}

/// Returns what a word for a method means; without any NetworkManager takes `auto`.
pub(super) fn method(word: Option<&str>, v6: bool) -> Method {
    match (word.unwrap_or("auto"), v6) {
        ("auto", false) => Method::Dhcp,
        ("auto", true) => Method::Auto,
        ("dhcp", _) => Method::Dhcp,
        // addresses that are listed, or none
        ("manual", _) | ("disabled", false) | ("link-local", true) => Method::Manual,
        ("disabled" | "ignore", true) => Method::Off,
        (other, _) => Method::Other(other.to_owned()),
    }
}

/// Returns the address, and the gateway behind it, of a value `ADDRESS/PREFIX,GATEWAY`, with `;` for `,` and `/` in old files.
pub(super) fn address(raw: &str, v6: bool) -> Option<(IpNet, Option<IpAddr>)> {
    let (net, mut fields) = net(raw, if v6 { 64 } else { 24 })?;
    let gateway = fields.next().and_then(|field| field.parse().ok());
    let gateway = gateway.filter(|gateway: &IpAddr| !gateway.is_unspecified());
    (net.addr().is_ipv6() == v6).then_some((net, gateway))
}

/// Returns the net at the beginning of a value, and the fields behind it.
fn net(raw: &str, default: u8) -> Option<(IpNet, std::vec::IntoIter<&str>)> {
    let fields: Vec<&str> = raw.split([',', ';']).map(str::trim).collect();
    let mut fields = fields.into_iter();
    let first = fields.next()?;
    if let Ok(net) = first.parse() {
        return Some((net, fields));
    }
    let address: IpAddr = first.parse().ok()?;
    let length = fields
        .as_slice()
        .first()
        .and_then(|field| field.parse().ok());
    if length.is_some() {
        fields.next();
    }
    let net = IpNet::new(address, length.unwrap_or(default)).ok()?;
    Some((net, fields))
}

fn routes(source: Source<'_>, group: &str) -> Vec<Said<Route>> {
    let v6 = group == "ipv6";
    let options = source.listed(group, Key::RouteOptions);
    let routes = source.listed(group, Key::Route).into_iter();
    routes
        .filter_map(|pair| {
            let raw = source.doc.raw(pair);
            let (to, mut fields) = net(raw, if v6 { 128 } else { 24 })?;
            let via = fields.next().and_then(|field| field.parse().ok());
            let mut route = Route {
                via: via.filter(|via: &IpAddr| !via.is_unspecified()),
                metric: fields.next().and_then(|field| field.parse().ok()),
                ..Route::to(to)
            };
            let named = format!("{}_options", pair.key);
            let options = options.iter().find(|options| options.key == named);
            for option in options
                .into_iter()
                .flat_map(|pair| source.doc.raw(pair).split(','))
            {
                match option.trim().split_once('=') {
                    Some(("table", table)) => route.table = Some(table.to_owned()),
                    _ => route.options.push(option.trim().to_owned()),
                }
            }
            Some(source.said(route, pair))
        })
        .collect()
}

fn rules(source: Source<'_>, group: &str, interface: &str) -> Vec<Said<Rule>> {
    let rules = source.listed(group, Key::Rule).into_iter();
    rules
        .map(|pair| {
            let (mut words, mut own) = (Vec::new(), Vec::new());
            let mut all = source.doc.raw(pair).split_ascii_whitespace().peekable();
            while let Some(word) = all.next() {
                let names_own = matches!(word, "iif" | "oif" | "dev")
                    && all.next_if(|name| *name == interface).is_some();
                match names_own {
                    true => own.push(word.to_owned()),
                    false => words.push(word.to_owned()),
                }
            }
            source.said(Rule { words, own }, pair)
        })
        .collect()
}

/// Returns the name servers and domains of both families, those of IPv4 first.
fn dns(source: Source<'_>) -> Dns {
    let mut dns = Dns::default();
    for group in ["ipv4", "ipv6"] {
        let items = |key: &str| {
            let pair = source.doc.get(group, key)?;
            let items = source.doc.raw(pair).split([';', ',']).map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            Some((pair, items.map(str::to_owned).collect::<Vec<_>>()))
        };
        if let Some((pair, items)) = items("dns") {
            let servers = items.iter().filter_map(|item| item.parse().ok());
            dns.servers
                .extend(servers.map(|server| source.said(server, pair)));
        }
        if let Some((pair, items)) = items("dns-search") {
            dns.search
                .extend(items.into_iter().map(|item| source.said(item, pair)));
        }
    }
    dns
}

/// Returns what is said of layer 3 and not understood.
fn extras(source: Source<'_>) -> Vec<Said<Extra>> {
    let known = |pair: &Pair| match (pair.group.as_str(), pair.key.as_str()) {
        ("connection", "zone") => true,
        ("ipv4", "dhcp-client-id" | "dhcp-hostname") => true,
        ("ipv4" | "ipv6", "method" | "gateway" | "dns" | "dns-search" | "never-default") => true,
        ("ipv4" | "ipv6", "dhcp-iaid" | "route-metric") => true,
        ("ipv6", "addr-gen-mode" | "dhcp-duid") => true,
        ("ipv4" | "ipv6", key) => keys::key(key).0 != Key::Other,
        _ => false,
    };
    let pairs = source.doc.in_force();
    let layer3 = pairs.filter(|pair| keys::is_layer3(&pair.group, &pair.key));
    let mut extras: Vec<Said<Extra>> = layer3
        .filter(|pair| !known(pair))
        .map(|pair| {
            let extra = Extra {
                key: format!("{}.{}", pair.group, pair.key),
                value: Some(source.doc.raw(pair).to_owned()),
            };
            source.said(extra, pair)
        })
        .collect();
    // the order of groups says nothing
    extras.sort_by(|a, b| a.value.key.cmp(&b.value.key));
    extras
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Layer3 {
        let (path, doc) = (HostPath::literal("/x"), KeyfileDoc::parse(text));
        let source = Source {
            path: &path,
            doc: &doc,
        };
        read(source, "ens3")
    }

    fn addresses(layer3: &Layer3) -> Vec<String> {
        layer3.addresses().map(|net| net.to_string()).collect()
    }

    #[test]
    fn addresses_in_the_order_of_their_numbers() {
        let layer3 = of(
            "[ipv4]\nmethod=manual\naddress2=10.0.0.6/24\naddress10=10.0.0.8\n\
             address1=10.0.0.5/24,10.0.0.1\naddresses=10.1.0.5;16;10.1.0.1;\naddress3=10.0.0.300/24\n\
             # address4=1.2.3.4/8\n[ipv6]\naddress1=2001:db8::5\nmethod=manual\n[proxy]\naddress1=9.9.9.9/8\n",
        );
        let expected = [
            "10.1.0.5/16",
            "10.0.0.5/24",
            "10.0.0.6/24",
            "10.0.0.8/24",
            "2001:db8::5/64",
        ];
        assert_eq!(addresses(&layer3), expected);
        assert_eq!(layer3.gateways().next().unwrap().to_string(), "10.1.0.1");
        assert_eq!(layer3.v4.not_valid[0].value, "10.0.0.300/24");
        assert_eq!(layer3.v4.addresses[1].line(), Some(5));
    }

    #[test]
    fn a_gateway_of_its_own_counts_before_that_of_an_address() {
        let layer3 = of("[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\ngateway=10.0.0.9\n");
        assert_eq!(layer3.gateways().next().unwrap().to_string(), "10.0.0.9");
    }

    #[test]
    fn what_is_switched_off_has_no_address() {
        let layer3 = of("[ipv4]\nmethod=disabled\naddress1=10.0.0.5/24\n[ipv6]\nmethod=ignore\n");
        assert!(layer3.gives_no_address() && layer3.is_unsaid());
        let layer3 = of("[connection]\n");
        assert!(layer3.is_dhcp() && *layer3.v6.method == Method::Auto);
    }

    #[test]
    fn routes_have_their_options() {
        let layer3 = of("[ipv4]\nmethod=auto\nroute1=172.16.0.0/12,10.0.0.1,5\n\
             route1_options=table=100,mtu=1400\nroute2=0.0.0.0/0,0.0.0.0\nrouting-rule1=priority 5 iif ens3\n");
        let route = &layer3.routes[0].value;
        assert_eq!(
            (route.table.as_deref(), route.metric),
            (Some("100"), Some(5))
        );
        assert_eq!(route.options, ["mtu=1400"]);
        assert_eq!(layer3.routes[1].via, None);
        assert_eq!(layer3.rules[0].words, ["priority", "5"]);
        assert_eq!(layer3.rules[0].own, ["iif"]);
        assert!(layer3.extras.is_empty());
    }
}
