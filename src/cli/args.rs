//! What the user can type. No meaning is given here beyond single words; `cli` turns it into typed requests.

use std::net::IpAddr;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::words::{
    parse_domain, parse_host, parse_interface, parse_mac, parse_model, parse_range, parse_subnet,
    parse_uuid,
};
use crate::host::network::{Forward, HostEntry, LibvirtName, Uuid};
use crate::host::profile::Switch;
use crate::host::value::{InterfaceName, IpNet, MacAddress, parse_address};

/// Heading of the options that every command has.
const GLOBAL: &str = "Options of every command";

/// Edit the network configuration of a KVM host as files: plan, diff, apply with backup, roll back
#[derive(Debug, Parser)]
#[command(name = "kvmnet", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    /// Work on the tree beneath DIR
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL,
        value_name = "DIR",
        default_value = "/",
        env = "KVMNET_ROOT"
    )]
    pub(super) root: Utf8PathBuf,
    /// Print one JSON object on standard output
    #[arg(long, global = true,
        help_heading = GLOBAL)]
    pub(super) json: bool,
    /// When to use colours
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(super) color: Color,
    /// Print the result alone: of a change, the patch
    #[arg(short, long, global = true,
        help_heading = GLOBAL, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more about what is read
    #[arg(short, long, global = true,
        help_heading = GLOBAL)]
    pub(super) verbose: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what the files say
    Show {
        #[command(subcommand)]
        what: Option<Show>,
    },
    /// List the DHCP leases of libvirt's networks
    Leases {
        /// Only those of this network
        network: Option<String>,
    },
    /// Make, change and remove bridges
    #[command(subcommand)]
    Bridge(BridgeCommand),
    /// Make, copy, change and remove libvirt networks
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Connect guests to networks and bridges
    #[command(subcommand)]
    Guest(GuestCommand),
    /// Apply a saved plan, exactly or not at all
    Apply {
        /// The file that `--out` wrote
        plan: Utf8PathBuf,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// List the transactions, or show the patch of one
    History {
        /// Number of the transaction
        id: Option<u64>,
    },
    /// Undo the last transaction, or the one named
    Rollback {
        /// Number of the transaction
        id: Option<u64>,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Restore the tree after a command that was interrupted
    Recover {
        /// Keep aside what was edited since, and restore all the same
        #[arg(long)]
        force: bool,
    },
    /// List, show and export the templates of new files
    #[command(subcommand)]
    Templates(TemplatesCommand),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Show {
    /// Bridges with their addresses, ports and users
    Bridges,
    /// libvirt networks with their subnets, and how many guests they have
    Networks,
    /// Guests with their interfaces, down to the uplink
    Guests,
}

#[derive(Debug, Subcommand)]
pub(super) enum BridgeCommand {
    /// Make a bridge; the layer-3 configuration of its port moves to it
    Add(BridgeAddArgs),
    /// Remove a bridge; its layer-3 configuration returns to a port
    Remove {
        /// The bridge
        bridge: InterfaceName,
        /// The port that gets the configuration, where there are several
        #[arg(long, value_name = "IFACE")]
        to: Option<InterfaceName>,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Attach an interface to a bridge
    AddPort {
        /// The bridge
        bridge: InterfaceName,
        /// The interface
        iface: InterfaceName,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Detach an interface from a bridge
    RemovePort {
        /// The bridge
        bridge: InterfaceName,
        /// The interface
        iface: InterfaceName,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

#[derive(Debug, Args)]
pub(super) struct BridgeAddArgs {
    /// Name of the bridge
    pub(super) bridge: InterfaceName,
    /// Interfaces to attach; the configuration of the first that has one moves
    #[arg(long, required = true, num_args = 1.., value_name = "IFACE")]
    pub(super) port: Vec<InterfaceName>,
    /// Let the bridge ask a DHCP server, instead of what would move
    #[arg(long, group = "addressing")]
    pub(super) dhcp: bool,
    /// Addresses with prefix length, instead of what would move
    #[arg(long, num_args = 1.., value_name = "CIDR", group = "addressing", value_parser = parse_address)]
    pub(super) address: Vec<IpNet>,
    /// Give the bridge no address
    #[arg(long, group = "addressing")]
    pub(super) no_address: bool,
    /// Gateway, one of each address family at most
    #[arg(long, value_name = "IP", requires = "address", conflicts_with_all = ["dhcp", "no_address"])]
    pub(super) gateway: Vec<IpAddr>,
    /// Name servers, instead of those that would move
    #[arg(long, num_args = 1.., value_name = "IP", conflicts_with = "no_address")]
    pub(super) dns: Vec<IpAddr>,
    /// Spanning tree protocol [default: off]
    #[arg(long, value_enum, value_name = "STATE")]
    pub(super) stp: Option<OnOff>,
    /// Forward delay [default: 0 without STP, else 15]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=30))]
    pub(super) forward_delay: Option<u32>,
    /// The software behind the bridge [default: linux]
    #[arg(long, value_enum, value_name = "SWITCH")]
    pub(super) switch: Option<SwitchArg>,
    #[command(flatten)]
    pub(super) options: ChangeOptions,
}

#[derive(Debug, Subcommand)]
pub(super) enum NetworkCommand {
    /// Make a network
    Add {
        /// Name of the network
        #[arg(value_parser = LibvirtName::parse)]
        name: LibvirtName,
        /// How it reaches the world
        #[arg(long, value_enum, value_name = "MODE")]
        mode: ModeArg,
        #[command(flatten)]
        values: NetworkArgs,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Make a network like another: name, UUID, bridge device, MAC address, subnets, DHCP and host entries are new
    Copy {
        /// The network to copy
        source: String,
        /// Name of the new network
        #[arg(value_parser = LibvirtName::parse)]
        name: LibvirtName,
        #[command(flatten)]
        values: NetworkArgs,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Change a network in place
    Set {
        /// The network
        name: String,
        /// How it reaches the world
        #[arg(long, value_enum, value_name = "MODE")]
        mode: Option<ModeArg>,
        #[command(flatten)]
        values: NetworkSetArgs,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Remove a network and its autostart link
    Remove {
        /// The network
        name: String,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

/// What every command that makes or changes a network may say of it.
#[derive(Clone, Debug, Args)]
pub(super) struct SubnetArgs {
    /// Subnet; with host bits, the host's own address in it. May be given twice, for IPv4 and IPv6
    #[arg(long, value_name = "CIDR", value_parser = parse_subnet)]
    pub(super) subnet: Vec<IpNet>,
    /// Addresses that DHCP gives out; may be given for each subnet
    #[arg(long, value_name = "FIRST-LAST", value_parser = parse_range)]
    pub(super) dhcp: Vec<(IpAddr, IpAddr)>,
    /// Let DHCP not run
    #[arg(long, conflicts_with = "dhcp")]
    pub(super) no_dhcp: bool,
    /// DNS domain of the guests
    #[arg(long, value_name = "NAME", value_parser = parse_domain)]
    pub(super) domain: Option<String>,
    /// Bridge device that libvirt makes [default: the first free virbrN]
    #[arg(long, value_name = "NAME")]
    pub(super) device: Option<InterfaceName>,
    /// MAC address of that device [default: derived from the name]
    #[arg(long, value_name = "MAC", value_parser = parse_mac)]
    pub(super) mac: Option<MacAddress>,
    /// In mode bridge: the bridge of the host
    #[arg(long, value_name = "BRIDGE")]
    pub(super) bridge: Option<InterfaceName>,
    /// In mode bridge: the software behind that bridge [default: what the host's files say]
    #[arg(long, value_enum, value_name = "SWITCH")]
    pub(super) switch: Option<SwitchArg>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct NetworkArgs {
    #[command(flatten)]
    pub(super) subnets: SubnetArgs,
    /// Address that DHCP keeps for a guest; may be repeated
    #[arg(long, value_name = "MAC=IP[,NAME]", value_parser = parse_host)]
    pub(super) host: Vec<HostEntry>,
    /// UUID [default: derived from the name]
    #[arg(long, value_name = "UUID", value_parser = parse_uuid)]
    pub(super) uuid: Option<Uuid>,
    /// Do not start the network with the host
    #[arg(long)]
    pub(super) no_autostart: bool,
    /// Start the network with the host; this is the default
    #[arg(long, hide = true, conflicts_with = "no_autostart")]
    pub(super) autostart: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct NetworkSetArgs {
    #[command(flatten)]
    pub(super) subnets: SubnetArgs,
    /// Add an address that DHCP keeps for a guest; may be repeated
    #[arg(long, value_name = "MAC=IP[,NAME]", value_parser = parse_host)]
    pub(super) add_host: Vec<HostEntry>,
    /// Remove such an address; may be repeated
    #[arg(long, value_name = "MAC|IP|NAME")]
    pub(super) remove_host: Vec<String>,
    /// Start the network with the host
    #[arg(long, conflicts_with = "no_autostart")]
    pub(super) autostart: bool,
    /// Do not start the network with the host
    #[arg(long)]
    pub(super) no_autostart: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ModeArg {
    /// Through the addresses of the host
    Nat,
    /// Not at all
    Isolated,
    /// By routing
    Route,
    /// By routing, without rules of libvirt's own
    Open,
    /// Through a bridge that the host has
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

#[derive(Debug, Subcommand)]
pub(super) enum GuestCommand {
    /// Point an interface of a guest to a network or a bridge
    Connect {
        /// The guest
        guest: String,
        #[command(flatten)]
        target: TargetArgs,
        /// The interface, by MAC address or by number from 1 [default: the only one]
        #[arg(long, value_name = "MAC|NUMBER", value_parser = parse_interface)]
        interface: Option<InterfaceArg>,
        /// Add an interface
        #[arg(long, conflicts_with = "interface")]
        new: bool,
        /// Card that the guest sees, of a new interface
        #[arg(long, value_name = "MODEL", requires = "new", default_value = "virtio", value_parser = parse_model)]
        model: String,
        /// MAC address of a new interface [default: derived from the names]
        #[arg(long, value_name = "MAC", requires = "new", value_parser = parse_mac)]
        mac: Option<MacAddress>,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Remove an interface of a guest
    Disconnect {
        /// The guest
        guest: String,
        /// The interface, by MAC address or by number from 1
        #[arg(long, required = true, value_name = "MAC|NUMBER", value_parser = parse_interface)]
        interface: InterfaceArg,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct TargetArgs {
    /// The network
    #[arg(long, value_name = "NAME")]
    pub(super) network: Option<String>,
    /// The bridge of the host
    #[arg(long, value_name = "BRIDGE")]
    pub(super) bridge: Option<InterfaceName>,
}

/// An interface of a guest as the user names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InterfaceArg {
    Mac(MacAddress),
    Number(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOff {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SwitchArg {
    Linux,
    Ovs,
}

impl From<SwitchArg> for Switch {
    fn from(switch: SwitchArg) -> Self {
        match switch {
            SwitchArg::Linux => Self::Linux,
            SwitchArg::Ovs => Self::Ovs,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum TemplatesCommand {
    /// List the templates
    List,
    /// Print the template in force
    Show {
        /// Its name
        name: String,
    },
    /// Write the built-in templates to a folder beneath the root
    Export {
        /// The folder, such as /etc/kvmnet/templates
        dir: Utf8PathBuf,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

/// The options of every command that changes files.
#[derive(Clone, Debug, Args)]
pub(super) struct ChangeOptions {
    /// Print the plan, write nothing
    #[arg(short = 'n', long, conflicts_with = "yes")]
    pub(super) dry_run: bool,
    /// With --dry-run: exit with 4 if there is something to change
    #[arg(long, requires = "dry_run", conflicts_with = "yes")]
    pub(super) exit_code: bool,
    /// Apply without asking
    #[arg(short, long)]
    pub(super) yes: bool,
    /// With --dry-run: save the plan for `kvmnet apply FILE`
    #[arg(
        long,
        value_name = "FILE",
        requires = "dry_run",
        conflicts_with = "yes"
    )]
    pub(super) out: Option<Utf8PathBuf>,
    /// Go on where a refusal says that it may be forced
    #[arg(long)]
    pub(super) force: bool,
    /// Where copies of originals go [default: beside the file where that is harmless, else the store]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(super) backup: Option<BackupArg>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BackupArg {
    Beside,
    Store,
    None,
}
