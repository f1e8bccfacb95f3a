//! `kvmnet guest …`: from words to an operation.

use super::args::ChangeOptions;
use super::args::{GuestCommand, TargetArgs};
use super::words::InterfaceArg;
use crate::op::Operation;
use crate::op::guest::{GuestOperation, Target, Which};

/// Returns what a guest command asks for.
pub(super) fn operation(command: &GuestCommand) -> (Operation, &ChangeOptions) {
    let (wish, options) = match command {
        GuestCommand::Connect {
            guest,
            target,
            interface,
            new,
            model,
            mac,
            options,
        } => {
            let which = match (new, interface) {
                (true, _) => Which::New {
                    model: model.clone(),
                    mac: *mac,
                },
                (false, Some(interface)) => named(*interface),
                (false, None) => Which::Only,
            };
            let connect = GuestOperation::Connect {
                guest: guest.clone(),
                target: wanted(target),
                which,
            };
            (connect, options)
        }
        GuestCommand::Disconnect {
            guest,
            interface,
            options,
        } => {
            let disconnect = GuestOperation::Disconnect {
                guest: guest.clone(),
                which: named(*interface),
            };
            (disconnect, options)
        }
    };
    (Operation::Guest(wish), options)
}

fn named(interface: InterfaceArg) -> Which {
    match interface {
        InterfaceArg::Mac(mac) => Which::Mac(mac),
        InterfaceArg::Number(number) => Which::Number(number),
    }
}

/// clap sees to it that one of the two is given.
fn wanted(target: &TargetArgs) -> Target {
    match &target.bridge {
        Some(bridge) => Target::Bridge(bridge.clone()),
        None => Target::Network(target.network.clone().unwrap_or_default()),
    }
}
