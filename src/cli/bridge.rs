//! `kvmnet bridge …`: from words to an operation.

use super::args::ChangeOptions;
use super::args::{BridgeAddArgs, BridgeCommand, OnOff, YesNo};
use super::error::CliError;
use crate::op::{BridgeAdd, Choice, Operation};

/// Returns what a bridge command asks for.
pub(super) fn operation(command: &BridgeCommand) -> Result<(Operation, &ChangeOptions), CliError> {
    Ok(match command {
        BridgeCommand::Add(args) => (Operation::BridgeAdd(request(args)?), &args.options),
        BridgeCommand::Remove {
            bridge,
            to,
            options,
        } => (
            Operation::BridgeRemove {
                bridge: bridge.clone(),
                to: to.clone(),
            },
            options,
        ),
        BridgeCommand::AddPort {
            bridge,
            iface,
            onboot,
            options,
        } => (
            Operation::AddPort {
                bridge: bridge.clone(),
                port: iface.clone(),
                onboot: onboot.map(|onboot| onboot == YesNo::Yes),
            },
            options,
        ),
        BridgeCommand::RemovePort {
            bridge,
            iface,
            options,
        } => (
            Operation::RemovePort {
                bridge: bridge.clone(),
                port: iface.clone(),
            },
            options,
        ),
    })
}

fn request(args: &BridgeAddArgs) -> Result<BridgeAdd, CliError> {
    let families = |v6: bool| args.gateway.iter().filter(|ip| ip.is_ipv6() == v6).count();
    if families(false) > 1 || families(true) > 1 {
        return Err(
            CliError::usage("more than one gateway for one address family")
                .help("give at most one per address family"),
        );
    }
    let no_server = |ip: &&std::net::IpAddr| ip.is_unspecified() || ip.is_multicast();
    if let Some(ip) = args.dns.iter().find(no_server) {
        return Err(
            CliError::usage(format!("{ip} is not a valid name server address"))
                .help("give the address of a name server"),
        );
    }
    let addressing = match (args.dhcp, args.no_address, args.address.is_empty()) {
        (true, _, _) => Choice::Dhcp,
        (_, true, _) => Choice::None,
        (_, _, false) => Choice::Static {
            addresses: args.address.clone(),
            gateways: args.gateway.clone(),
        },
        (false, false, true) => Choice::Move,
    };
    Ok(BridgeAdd {
        bridge: args.bridge.clone(),
        ports: args.port.clone(),
        addressing,
        dns: args.dns.clone(),
        stp: args.stp.map(|stp| stp == OnOff::On),
        forward_delay_s: args.forward_delay,
        switch: args.switch.map(Into::into),
        onboot: args.onboot.map(|onboot| onboot == YesNo::Yes),
        backend: args.backend,
    })
}
