//! What the user can type behind `kvmnet guest`.

use clap::{Args, Subcommand};

use super::ChangeOptions;
use crate::cli::words::{InterfaceArg, parse_interface, parse_mac, parse_model, parse_network};
use crate::host::value::{InterfaceName, MacAddress};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GuestCommand {
    /// Connect an interface of a guest to a network or a bridge
    Connect {
        /// The guest
        guest: String,
        #[command(flatten)]
        target: TargetArgs,
        /// The interface, by MAC address or by number from 1 [default: the only one]
        #[arg(long, aliases = ["iface", "nic"], value_name = "MAC|NUMBER", value_parser = parse_interface)]
        interface: Option<InterfaceArg>,
        /// Add an interface
        #[arg(long, conflicts_with = "interface")]
        new: bool,
        /// Model of a new interface
        #[arg(long, value_name = "MODEL", requires = "new", conflicts_with = "interface", default_value = "virtio", value_parser = parse_model)]
        model: String,
        /// MAC address of a new interface [default: derived from the names]
        #[arg(long, value_name = "MAC", requires = "new", conflicts_with = "interface", value_parser = parse_mac)]
        mac: Option<MacAddress>,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Remove an interface of a guest
    #[command(alias = "detach")]
    Disconnect {
        /// The guest
        guest: String,
        /// The interface, by MAC address or by number from 1
        #[arg(long, aliases = ["iface", "nic"], required = true, value_name = "MAC|NUMBER", value_parser = parse_interface)]
        interface: InterfaceArg,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct TargetArgs {
    /// The network
    #[arg(long, alias = "net", value_name = "NAME", value_parser = parse_network)]
    pub(in crate::cli) network: Option<String>,
    /// The bridge of the host
    #[arg(long, value_name = "BRIDGE")]
    pub(in crate::cli) bridge: Option<InterfaceName>,
}
