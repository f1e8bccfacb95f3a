//! What the user can type behind `kvmnet network`.

use clap::{Arg, Args, Subcommand, ValueEnum};

use super::{ChangeOptions, SwitchArg};
use crate::cli::words::{
    Hosts, Ranges, parse_domain, parse_hosts, parse_mac, parse_ranges, parse_subnet, parse_uuid,
};
use crate::host::network::{Forward, LibvirtName, Uuid};
use crate::host::value::{InterfaceName, IpNet, MacAddress};

/// What an option is without being given, by its name.
type Defaults = &'static [(&'static str, &'static str)];

const ADDED: Defaults = &[
    ("subnet", "the first free /24 from 192.168.122.0 on"),
    ("dhcp", "the second address to the last"),
    ("domain", "none"),
    ("device", "the first free virbrN"),
    ("mac", "derived from the name"),
    ("uuid", "derived from the name"),
    ("switch", "as the host's files say"),
];

const COPIED: Defaults = &[
    ("mode", "same as the source"),
    ("subnet", "free ones of the same length"),
    ("dhcp", "at the same place in the new subnets"),
    ("host", "those of the source, moved"),
    ("domain", "same as the source"),
    ("device", "the first free virbrN"),
    ("mac", "derived from the name"),
    ("uuid", "derived from the name"),
    ("switch", "as the host's files say"),
];

const SET: Defaults = &[
    ("mode", "unchanged"),
    ("subnet", "unchanged"),
    ("dhcp", "unchanged"),
    ("domain", "unchanged"),
    ("device", "unchanged"),
    ("mac", "unchanged"),
    ("bridge", "unchanged"),
    ("switch", "as the host's files say"),
];

/// Names the default of each option that has one: commands share their options, not what these are without being given.
fn told(defaults: Defaults) -> impl Fn(Arg) -> Arg {
    move |arg| {
        let own = defaults.iter().find(|(name, _)| arg.get_id() == name);
        match (own, arg.get_help()) {
            (Some((_, default)), Some(help)) => {
                let help = format!("{help} [default: {default}]");
                arg.help(help)
            }
            _ => arg,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NetworkCommand {
    /// Create a network
    #[command(alias = "create", mut_args = told(ADDED))]
    Add {
        /// Name of the network
        #[arg(value_parser = LibvirtName::parse)]
        name: LibvirtName,
        /// How its guests reach other networks
        #[arg(
            long,
            value_enum,
            value_name = "MODE",
            ignore_case = true,
            alias = "forward"
        )]
        mode: ModeArg,
        #[command(flatten)]
        values: NetworkArgs,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Create a copy of a network, with a new name, UUID, bridge device, MAC address, subnets, DHCP range and host entries
    #[command(alias = "clone", mut_args = told(COPIED))]
    Copy {
        /// The network to copy
        source: String,
        /// Name of the new network
        #[arg(value_parser = LibvirtName::parse)]
        name: LibvirtName,
        /// How guests of the new network reach other networks
        #[arg(
            long,
            value_enum,
            value_name = "MODE",
            ignore_case = true,
            alias = "forward"
        )]
        mode: Option<ModeArg>,
        #[command(flatten)]
        values: NetworkArgs,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Change a network in place
    #[command(mut_args = told(SET))]
    Set {
        /// The network
        name: String,
        /// How its guests reach other networks
        #[arg(
            long,
            value_enum,
            value_name = "MODE",
            ignore_case = true,
            alias = "forward"
        )]
        mode: Option<ModeArg>,
        #[command(flatten)]
        values: NetworkSetArgs,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Remove a network and its autostart link
    #[command(aliases = ["rm", "del", "delete"])]
    Remove {
        /// The network
        name: String,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

/// What every command that creates or changes a network may say of it.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct SubnetArgs {
    /// Subnet; host bits set the host's own address in it. May be given twice, for IPv4 and IPv6
    #[arg(long, alias = "cidr", value_name = "CIDR", value_delimiter = ',', value_parser = parse_subnet)]
    pub(in crate::cli) subnet: Vec<IpNet>,
    /// Range of addresses that DHCP assigns; may be repeated, or a comma-separated list
    #[arg(long, alias = "dhcp-range", value_name = "FIRST-LAST", value_parser = parse_ranges)]
    pub(in crate::cli) dhcp: Vec<Ranges>,
    /// Do not run DHCP
    #[arg(long, conflicts_with = "dhcp")]
    pub(in crate::cli) no_dhcp: bool,
    /// DNS domain of the guests
    #[arg(long, value_name = "NAME", value_parser = parse_domain)]
    pub(in crate::cli) domain: Option<String>,
    /// Bridge device that libvirt creates
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) device: Option<InterfaceName>,
    /// MAC address of that device
    #[arg(long, value_name = "MAC", value_parser = parse_mac)]
    pub(in crate::cli) mac: Option<MacAddress>,
    /// In mode bridge: the bridge of the host
    #[arg(long, value_name = "BRIDGE")]
    pub(in crate::cli) bridge: Option<InterfaceName>,
    /// In mode bridge: the software behind that bridge
    #[arg(long, value_enum, value_name = "SWITCH")]
    pub(in crate::cli) switch: Option<SwitchArg>,
}

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct NetworkArgs {
    #[command(flatten)]
    pub(in crate::cli) subnets: SubnetArgs,
    /// Address that DHCP reserves for a guest, given by its MAC address or its name; may be repeated
    #[arg(long, value_name = "MAC|GUEST=IP[,NAME]", value_parser = parse_hosts)]
    pub(in crate::cli) host: Vec<Hosts>,
    /// UUID
    #[arg(long, value_name = "UUID", value_parser = parse_uuid)]
    pub(in crate::cli) uuid: Option<Uuid>,
    /// Do not start the network with the host
    #[arg(long)]
    pub(in crate::cli) no_autostart: bool,
    /// Start the network with the host; this is the default
    #[arg(long, hide = true, conflicts_with = "no_autostart")]
    pub(in crate::cli) autostart: bool,
}

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct NetworkSetArgs {
    #[command(flatten)]
    pub(in crate::cli) subnets: SubnetArgs,
    /// Reserve a DHCP address for a guest, given by its MAC address or its name; may be repeated
    #[arg(long, value_name = "MAC|GUEST=IP[,NAME]", value_parser = parse_hosts)]
    pub(in crate::cli) add_host: Vec<Hosts>,
    /// Remove a reserved DHCP address, given by MAC address, IP address, host name or guest; may be repeated
    #[arg(long, value_name = "MAC|IP|NAME|GUEST", value_delimiter = ',')]
    pub(in crate::cli) remove_host: Vec<String>,
    /// Start the network with the host
    #[arg(long, conflicts_with = "no_autostart")]
    pub(in crate::cli) autostart: bool,
    /// Do not start the network with the host
    #[arg(long)]
    pub(in crate::cli) no_autostart: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ModeArg {
    /// By NAT, through the addresses of the host
    Nat,
    /// Not at all: only the host and each other
    #[value(aliases = ["hostonly", "host-only"])]
    Isolated,
    /// By routing
    #[value(alias = "routed")]
    Route,
    /// By routing, without libvirt's firewall rules
    Open,
    /// Through an existing bridge of the host
    #[value(alias = "bridged")]
    Bridge,
}

impl From<ModeArg> for Forward {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Nat => Self::Nat,
            ModeArg::Isolated => Self::Isolated,
            ModeArg::Route => Self::Route,
            ModeArg::Open => Self::Open,
            ModeArg::Bridge => Self::Bridge,
        }
    }
}
