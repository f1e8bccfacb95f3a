//! The words of `kvmnet bridge`.

use std::net::IpAddr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use super::{ChangeOptions, SwitchArg};
use crate::cli::words::parse_own_address;
use crate::host::profile::Backend;
use crate::host::value::{InterfaceName, IpNet};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BridgeCommand {
    /// Create a bridge; the layer-3 configuration of its port moves to it
    #[command(alias = "create")]
    Add(BridgeAddArgs),
    /// Remove a bridge; its layer-3 configuration returns to a port
    #[command(aliases = ["rm", "del", "delete"])]
    Remove {
        /// The bridge
        bridge: InterfaceName,
        /// The port that gets the configuration [default: the only one]
        #[arg(long, value_name = "IFACE")]
        to: Option<InterfaceName>,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Attach an interface to a bridge
    #[command(aliases = ["attach", "addif", "add-if", "addport"])]
    AddPort {
        /// The bridge
        bridge: InterfaceName,
        /// The interface
        iface: InterfaceName,
        /// Whether the interface is brought up at boot [default: unchanged]
        #[arg(long, value_enum, value_name = "ANSWER", ignore_case = true)]
        onboot: Option<YesNo>,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Detach an interface from a bridge
    #[command(aliases = ["detach", "delif", "del-if", "del-port", "rm-port"])]
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
pub(in crate::cli) struct BridgeAddArgs {
    /// Name of the bridge
    pub(in crate::cli) bridge: InterfaceName,
    /// Interface to attach; may be repeated, or a comma-separated list. The configuration of the first one that has any moves
    #[arg(long, required = true, value_name = "IFACE", value_delimiter = ',', aliases = ["ports", "iface", "interface", "nic"])]
    pub(in crate::cli) port: Vec<InterfaceName>,
    /// Configure the bridge by DHCP instead of moving the addressing
    #[arg(long, group = "addressing")]
    pub(in crate::cli) dhcp: bool,
    /// Address with prefix length; may be repeated [default: those of the first port move]
    #[arg(long, alias = "ip", value_name = "CIDR", value_delimiter = ',', group = "addressing", value_parser = parse_own_address)]
    pub(in crate::cli) address: Vec<IpNet>,
    /// Give the bridge no address
    #[arg(long, group = "addressing")]
    pub(in crate::cli) no_address: bool,
    /// Gateway; at most one per address family [default: with --address none, otherwise it moves]
    #[arg(long, alias = "gw", value_name = "IP", value_delimiter = ',', requires = "address",
        conflicts_with_all = ["dhcp", "no_address"])]
    pub(in crate::cli) gateway: Vec<IpAddr>,
    /// Name server; may be repeated [default: those of the first port move]
    #[arg(
        long,
        value_name = "IP",
        value_delimiter = ',',
        conflicts_with = "no_address"
    )]
    pub(in crate::cli) dns: Vec<IpAddr>,
    /// Spanning tree protocol [default: off]
    #[arg(long, value_enum, value_name = "STATE", ignore_case = true)]
    pub(in crate::cli) stp: Option<OnOff>,
    /// Forward delay [default: 0 without STP, otherwise 15]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=30))]
    pub(in crate::cli) forward_delay: Option<u32>,
    /// The software behind the bridge [default: linux]
    #[arg(long, value_enum, value_name = "SWITCH")]
    pub(in crate::cli) switch: Option<SwitchArg>,
    /// The format of new profiles of ports without any [default: the one that is read first]
    #[arg(long, value_parser = format(), value_name = "FORMAT")]
    pub(in crate::cli) backend: Option<Backend>,
    /// Whether the bridge and its ports are brought up at boot [default: same as the port]
    #[arg(long, value_enum, value_name = "ANSWER", ignore_case = true)]
    pub(in crate::cli) onboot: Option<YesNo>,
    #[command(flatten)]
    pub(in crate::cli) options: ChangeOptions,
}

/// Takes the word for a format of connection profiles.
fn format() -> impl TypedValueParser<Value = Backend> {
    PossibleValuesParser::new(Backend::ALL.map(Backend::word)).map(|word| {
        let mut all = Backend::ALL.into_iter();
        all.find(|backend| backend.word() == word)
            .unwrap_or_default()
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OnOff {
    #[value(aliases = ["yes", "true", "1"])]
    On,
    #[value(aliases = ["no", "false", "0"])]
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum YesNo {
    #[value(aliases = ["on", "true", "1"])]
    Yes,
    #[value(aliases = ["off", "false", "0"])]
    No,
}
