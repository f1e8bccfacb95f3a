//! `kvmnet network …`: from words to an operation.

use super::args::ChangeOptions;
use super::args::{NetworkArgs, NetworkCommand, NetworkSetArgs, SubnetArgs};
use super::error::CliError;
use super::words::{HostArg, Hosts};
use crate::op::Operation;
use crate::op::network::{DhcpWish, NetworkOperation, Wishes};

/// Returns what a network command asks for.
pub(super) fn operation(command: &NetworkCommand) -> Result<(Operation, &ChangeOptions), CliError> {
    let (wish, options) = match command {
        NetworkCommand::Add {
            name,
            mode,
            values,
            options,
        } => (
            NetworkOperation::Add {
                name: name.clone(),
                mode: (*mode).into(),
                wishes: new(values)?,
            },
            options,
        ),
        NetworkCommand::Copy {
            source,
            name,
            mode,
            values,
            options,
        } => (
            NetworkOperation::Copy {
                source: source.clone(),
                name: name.clone(),
                mode: mode.map(Into::into),
                wishes: new(values)?,
            },
            options,
        ),
        NetworkCommand::Set {
            name,
            mode,
            values,
            options,
        } => {
            let (wishes, remove_hosts) = (changed(values)?, values.remove_host.clone());
            if mode.is_none() && wishes == Wishes::default() && remove_hosts.is_empty() {
                return Err(CliError::usage("nothing was requested to change")
                    .help("see what can be set: kvmnet network set --help"));
            }
            let wish = NetworkOperation::Set {
                name: name.clone(),
                mode: mode.map(Into::into),
                wishes,
                remove_hosts,
            };
            (wish, options)
        }
        NetworkCommand::Remove { name, options } => {
            (NetworkOperation::Remove { name: name.clone() }, options)
        }
    };
    Ok((Operation::Network(wish), options))
}

fn new(args: &NetworkArgs) -> Result<Wishes, CliError> {
    Ok(Wishes {
        uuid: args.uuid,
        autostart: Some(!args.no_autostart),
        ..wishes(&args.subnets, &args.host)?
    })
}

fn changed(args: &NetworkSetArgs) -> Result<Wishes, CliError> {
    Ok(Wishes {
        autostart: (args.autostart || args.no_autostart).then_some(args.autostart),
        ..wishes(&args.subnets, &args.add_host)?
    })
}

fn wishes(args: &SubnetArgs, hosts: &[Hosts]) -> Result<Wishes, CliError> {
    let of_family = |ipv6: bool| {
        let subnets = args.subnet.iter();
        subnets.filter(|net| net.addr().is_ipv6() == ipv6).count()
    };
    if of_family(false) > 1 || of_family(true) > 1 {
        return Err(
            CliError::usage("--subnet is given twice for one address family")
                .help("give one of each family at most"),
        );
    }
    let (mut entries, mut for_guests) = (Vec::new(), Vec::new());
    for host in hosts.iter().flatten() {
        match host {
            HostArg::Entry(entry) => entries.push(entry.clone()),
            HostArg::Guest(entry) => for_guests.push(entry.clone()),
        }
    }
    Ok(Wishes {
        subnets: args.subnet.clone(),
        hosts: entries,
        for_guests,
        dhcp: match (args.no_dhcp, args.dhcp.is_empty()) {
            (true, _) => DhcpWish::Off,
            (false, true) => DhcpWish::Usual,
            (false, false) => DhcpWish::Ranges(args.dhcp.concat()),
        },
        domain: args.domain.clone(),
        device: args.device.clone(),
        mac: args.mac,
        bridge: args.bridge.clone(),
        switch: args.switch.map(Into::into),
        ..Wishes::default()
    })
}
