//! The layer-3 configuration of an interface: what moves to the bridge when its interface becomes a port.
//!
//! It holds what the files mean. How they spell it is carried by reference: [`Layer3::from`] names the file whose text says it,
//! and the lens takes it from there. What a file says and the model has no word for is an [`Extra`].

use std::fmt;
use std::net::IpAddr;

use super::extra::Extra;
use super::home::Home;
use super::spot::{Said, Spot};
use super::value::{InterfaceName, IpNet};
use super::{By, Routed};
use crate::tree::HostPath;

/// What a file beside the profile's own says of its layer 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// Further addresses.
    Addresses,
    /// Static routes.
    Routes,
    /// Policy rules.
    Rules,
    /// How a DHCP client asks.
    Dhcp,
}

/// An address under a label, or in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The address.
    pub address: IpAddr,
    /// The same with its prefix length, `None` where that is not valid.
    pub net: Option<IpNet>,
}

/// A file that says a part of a layer-3 configuration, and that belongs to it because of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// Where it is.
    pub at: HostPath,
    /// What it is about.
    pub about: About,
    /// The addresses that it adds.
    pub addresses: Vec<Said<Labelled>>,
    /// The interface that it names as its own, where it is not its name that does so.
    pub owner: Option<Said<InterfaceName>>,
}

/// How an interface gets addresses of one family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By the addresses listed, or not at all.
    #[default]
    Manual,
    /// The file does not say how: the program that reads it decides.
    Unsaid,
    /// The file says how, and was not read for that.
    Unread,
    /// Switched off.
    Off,
    /// By itself, as a router tells it.
    Auto,
    /// From a DHCP server.
    Dhcp,
    /// In another way that the file names, or that only a shell knows.
    Other(String),
}

/// Why the gateways of one family are no default route; nothing where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefaultRoute {
    /// The files say so themselves.
    pub off: Option<String>,
    /// The program that reads them passes the gateway over.
    pub passed_over: Option<String>,
    /// Without a gateway that fits, the interface itself is the default route.
    pub by_device: bool,
}

impl DefaultRoute {
    fn is_set(&self) -> bool {
        self.off.is_none() && self.passed_over.is_none()
    }
}

/// The configuration of one address family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// How the interface gets its addresses.
    pub method: Said<Method>,
    /// Static addresses, in the order of the file.
    pub addresses: Vec<Said<IpNet>>,
    /// Addresses that are not valid, or have a mask that is not, as they are written: `10.0.0.300`, `10.1.1.120/255.255.225.0`.
    pub not_valid: Vec<Said<String>>,
    /// Static gateways.
    pub gateways: Vec<Said<IpAddr>>,
}

impl Family {
    fn gives_no_address(&self) -> bool {
        self.addresses.is_empty() && self.not_valid.is_empty()
    }
}

/// How names are resolved where the interface is up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// Name servers, the first one asked first.
    pub servers: Vec<Said<IpAddr>>,
    /// Domains that are tried behind a name without a dot.
    pub search: Vec<Said<String>>,
}

/// What a DHCP client tells the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DhcpClient {
    /// The client identifier.
    pub client_id: Option<Said<String>>,
    /// The host name that is sent.
    pub hostname: Option<Said<String>>,
    /// The identity association (RFC 8415) of a client of IPv4, where it is said.
    pub iaid_v4: Option<Said<String>>,
    /// The same of IPv6.
    pub iaid_v6: Option<Said<String>>,
    /// The unique identifier (DUID) of the client, or how it is made.
    pub duid: Option<Said<String>>,
}

/// With which metric the routes of each family are set, where that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Of IPv4.
    pub v4: Option<Said<String>>,
    /// Of IPv6.
    pub v6: Option<Said<String>>,
}

/// A static route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The destination; `0.0.0.0/0` and `::/0` are default routes.
    pub to: IpNet,
    /// The gateway.
    pub via: Option<IpAddr>,
    /// The interface, where that is another than the profile's own.
    pub device: Option<String>,
    /// The metric.
    pub metric: Option<u32>,
    /// The routing table, by number or by name.
    pub table: Option<String>,
    /// All else that is said of it, in the words of ip-route(8).
    pub options: Vec<String>,
}

impl Route {
    /// Returns a route to `to` of which nothing else is known.
    #[must_use]
    pub fn to(to: IpNet) -> Self {
        Self {
            to,
            via: None,
            device: None,
            metric: None,
            table: None,
            options: Vec::new(),
        }
    }
}

impl Route {
    /// Returns whether it is a default route of the table that packets look into.
    #[must_use]
    pub fn is_default(&self) -> bool {
        let main = |table: &String| ["main", "254"].contains(&table.as_str());
        self.to.prefix_len() == 0 && self.table.as_ref().is_none_or(main)
    }
}

/// In the words of ip-route(8).
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to.prefix_len() {
            0 => f.write_str("default")?,
            _ => write!(f, "{}", self.to)?,
        }
        if let Some(via) = self.via {
            write!(f, " via {via}")?;
        }
        if let Some(device) = &self.device {
            write!(f, " dev {device}")?;
        }
        if let Some(metric) = self.metric {
            write!(f, " metric {metric}")?;
        }
        if let Some(table) = &self.table {
            write!(f, " table {table}")?;
        }
        let mut options = self.options.iter();
        options.try_for_each(|option| write!(f, " {option}"))
    }
}

/// A policy rule, in the words of ip-rule(8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Its words, without those that name the profile's own interface.
    pub words: Vec<String>,
    /// The options that name the profile's own interface: `iif`, `oif`.
    pub own: Vec<String>,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))?;
        let mut own = self.own.iter();
        own.try_for_each(|option| write!(f, " {option} (its own)"))
    }
}

/// A part of a layer-3 configuration that is carried, or spelled anew, as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Addresses of both families, the method of IPv4, gateways.
    Addresses,
    /// How IPv6 configures itself.
    V6,
    /// Name servers.
    Dns,
}

/// The layer-3 configuration of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer3 {
    /// IPv4.
    pub v4: Family,
    /// IPv6.
    pub v6: Family,
    /// Whether there are addresses that only a shell knows.
    pub shell: bool,
    /// Name servers and domains.
    pub dns: Dns,
    /// What a DHCP server is told.
    pub dhcp: DhcpClient,
    /// How it makes addresses of IPv6 (`ipv6.addr-gen-mode` in nm-settings(5)).
    pub addr_gen_mode: Option<Said<String>>,
    /// The metrics of its routes.
    pub metrics: Metrics,
    /// Static routes.
    pub routes: Vec<Said<Route>>,
    /// Policy rules.
    pub rules: Vec<Said<Rule>>,
    /// The zone of the firewall.
    pub zone: Option<Said<String>>,
    /// Whether its gateways of IPv4 become the default route.
    pub default_v4: DefaultRoute,
    /// Whether its gateways of IPv6 become the default route.
    pub default_v6: DefaultRoute,
    /// The files that say a part of it.
    pub further: Vec<Further>,
    /// Whether anything is said of it at all, be it that there is no address.
    pub said: bool,
    /// What else is said.
    pub extras: Vec<Said<Extra>>,
    /// The file whose text says it: the lens carries the lines of all that is as it was there, and spells what is not.
    pub from: Option<Home>,
}

impl Default for Layer3 {
    fn default() -> Self {
        let method = Said::from(Method::Unsaid);
        Self {
            v4: Family::default(),
            v6: Family {
                method,
                ..Family::default()
            },
            shell: false,
            dns: Dns::default(),
            dhcp: DhcpClient::default(),
            addr_gen_mode: None,
            metrics: Metrics::default(),
            routes: Vec::new(),
            rules: Vec::new(),
            zone: None,
            default_v4: DefaultRoute::default(),
            default_v6: DefaultRoute::default(),
            further: Vec::new(),
            said: false,
            extras: Vec::new(),
            from: None,
        }
    }
}

impl Layer3 {
    /// Returns the static addresses of the interface, IPv4 first.
    pub fn addresses(&self) -> impl Iterator<Item = IpNet> {
        let both = self.v4.addresses.iter().chain(&self.v6.addresses);
        both.map(|said| said.value)
    }

    /// Returns the addresses that are not valid, IPv4 first.
    pub fn not_valid(&self) -> impl Iterator<Item = &Said<String>> {
        self.v4.not_valid.iter().chain(&self.v6.not_valid)
    }

    /// Returns the static gateways, IPv4 first.
    pub fn gateways(&self) -> impl Iterator<Item = IpAddr> {
        let both = self.v4.gateways.iter().chain(&self.v6.gateways);
        both.map(|said| said.value)
    }

    /// Returns the name servers.
    pub fn servers(&self) -> impl Iterator<Item = IpAddr> {
        self.dns.servers.iter().map(|said| said.value)
    }

    /// Returns the addresses under labels, which files beside the profile's own add.
    pub fn labelled(&self) -> impl Iterator<Item = &Said<Labelled>> {
        self.further.iter().flat_map(|part| &part.addresses)
    }

    /// Returns all addresses, those under labels last, each with its place.
    pub fn everywhere(&self) -> impl Iterator<Item = Said<IpAddr>> {
        let own = self.v4.addresses.iter().chain(&self.v6.addresses);
        let own = own.map(|said| (said.addr(), &said.at));
        let labelled = self.labelled().map(|said| (said.address, &said.at));
        own.chain(labelled).map(|(value, at)| {
            let at = at.clone();
            Said { value, at }
        })
    }

    /// Returns whether a DHCP server gives the interface its address of IPv4.
    #[must_use]
    pub fn is_dhcp(&self) -> bool {
        *self.v4.method == Method::Dhcp
    }

    /// Returns whether it gives the interface no address of any kind, as far as the profile's own file tells.
    #[must_use]
    pub fn gives_no_address(&self) -> bool {
        let silent = matches!(*self.v4.method, Method::Manual | Method::Unsaid);
        silent && !self.shell && self.v4.gives_no_address() && self.v6.gives_no_address()
    }

    /// Returns whether the interface gets addresses of IPv6 from others, as its file says: by router advertisements or DHCP.
    #[must_use]
    pub fn asks_for_v6(&self) -> bool {
        match &*self.v6.method {
            Method::Auto | Method::Dhcp => true,
            Method::Manual | Method::Unsaid | Method::Unread | Method::Off | Method::Other(_) => {
                false
            }
        }
    }

    /// Returns whether there are addresses of a family, or may be: without any, name servers of it cannot be reached.
    #[must_use]
    pub fn has_family(&self, v6: bool) -> bool {
        let family = if v6 { &self.v6 } else { &self.v4 };
        match &*family.method {
            Method::Manual => !family.gives_no_address(),
            Method::Unsaid if v6 => !self.gives_no_address(),
            Method::Unsaid => !family.gives_no_address(),
            Method::Off => false,
            Method::Unread | Method::Auto | Method::Dhcp | Method::Other(_) => true,
        }
    }

    /// Returns whether all static addresses are known: there are no others, and none that is not valid.
    #[must_use]
    pub fn is_static(&self) -> bool {
        *self.v4.method == Method::Manual && !self.shell && self.not_valid().next().is_none()
    }

    /// Returns whether nothing would be lost with it: no address, and no file.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        let addressed = !self.v4.gives_no_address() || !self.v6.gives_no_address();
        !addressed && !self.shell && self.further.is_empty()
    }

    /// Returns whether nothing at all is said of layer 3, not even that there is no address.
    #[must_use]
    pub fn is_unsaid(&self) -> bool {
        !self.said && self.further.is_empty() && self.gives_no_address()
    }

    /// Returns whether the two give the same addresses, gateways and name servers.
    #[must_use]
    pub fn addresses_alike(&self, other: &Self) -> bool {
        self.is_addressed_as(other) && self.dns.servers == other.dns.servers
    }

    fn is_addressed_as(&self, other: &Self) -> bool {
        let v6 = |layer3: &Self| Family {
            method: Said::default(),
            ..layer3.v6.clone()
        };
        self.v4 == other.v4 && v6(self) == v6(other) && self.shell == other.shell
    }

    /// Returns the facets in which the two differ.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Vec<Facet> {
        let addresses = !self.is_addressed_as(other);
        // how IPv6 configured itself does not hold beside other addresses
        let v6 = self.v6.method != other.v6.method || (addresses && !other.v6.addresses.is_empty());
        let facets = [
            (addresses, Facet::Addresses),
            (v6, Facet::V6),
            (self.dns.servers != other.dns.servers, Facet::Dns),
        ];
        let differing = facets.into_iter().filter(|(differs, _)| *differs);
        differing.map(|(_, facet)| facet).collect()
    }

    /// Adds the files of `other`, with all that they say.
    pub fn add_files_of(&mut self, other: Self) {
        let files = &other.further;
        let in_file = |at: &Option<Spot>| {
            let file = at.as_ref().map(|spot| &spot.file);
            files.iter().any(|part| Some(&part.at) == file)
        };
        let routes = other.routes.into_iter();
        self.routes
            .extend(routes.filter(|route| in_file(&route.at)));
        let rules = other.rules.into_iter();
        self.rules.extend(rules.filter(|rule| in_file(&rule.at)));
        self.further.extend(other.further);
    }

    /// Takes a file away, and with it all that it says.
    pub fn drop_file(&mut self, file: &HostPath) {
        let elsewhere = |at: &Option<Spot>| at.as_ref().is_none_or(|spot| spot.file != *file);
        self.further.retain(|part| part.at != *file);
        self.routes.retain(|route| elsewhere(&route.at));
        self.rules.retain(|rule| elsewhere(&rule.at));
    }

    /// Says why its gateways are no default route; with `meant` also where the files say so themselves.
    #[must_use]
    pub fn no_default_route(&self, meant: bool) -> Option<&str> {
        let families = [(&self.default_v4, &self.v4), (&self.default_v6, &self.v6)];
        let with_gateway = families
            .iter()
            .filter(|(_, family)| !family.gateways.is_empty());
        let routes = with_gateway.map(|(route, _)| *route);
        let off = routes.clone().find_map(|route| route.off.as_deref());
        off.filter(|_| meant).or_else(|| {
            routes
                .clone()
                .find_map(|route| route.passed_over.as_deref())
        })
    }

    /// Returns whether `gateway` is the default route of its family, as far as the files tell.
    #[must_use]
    pub fn is_default_route(&self, gateway: &IpAddr) -> bool {
        match gateway {
            IpAddr::V4(_) => self.default_v4.is_set(),
            IpAddr::V6(_) => self.default_v6.is_set(),
        }
    }

    /// Returns whether the default route of the host goes by it: by a gateway of its own, or by what a DHCP server says.
    #[must_use]
    pub fn carries_default_route(&self) -> bool {
        let of_server = self.is_dhcp() && self.default_v4.off.is_none();
        let v4 = !self.v4.gateways.is_empty() || self.default_v4.by_device;
        let v4 = v4 && self.default_v4.is_set();
        let v6 = !self.v6.gateways.is_empty() && self.default_v6.is_set();
        of_server || v4 || v6
    }

    /// Returns the subnets that `interface` reaches by it, each with its place: its addresses and static routes.
    pub fn routed<'a>(&'a self, interface: &'a str) -> impl Iterator<Item = Routed> + 'a {
        let own = self.v4.addresses.iter().chain(&self.v6.addresses);
        let own = own.map(|said| (said.value, &said.at));
        let labelled = self.labelled();
        let labelled = labelled.filter_map(|said| Some((said.net?, &said.at)));
        let addresses = own.chain(labelled);
        let addresses = addresses.map(|(net, at)| (net, at, By::Address, None));
        let routes = self.routes.iter();
        let routes = routes.map(|said| (said.to, &said.at, By::Route, said.device.as_deref()));
        addresses
            .chain(routes)
            .filter_map(move |(net, at, by, device)| {
                Some(Routed {
                    net,
                    at: at.clone()?,
                    interface: device.unwrap_or(interface).to_owned(),
                    by,
                })
            })
    }
}
