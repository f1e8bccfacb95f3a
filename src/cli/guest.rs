//! `kvmnet guest …`: from words to an operation.

use super::args::{GuestCommand, InterfaceArg, TargetArgs};
use super::error::{CliError, Exit};
use super::{Session, operation};
use crate::op::Operation;
use crate::op::guest::{GuestOperation, Target, Which};
use crate::root::Root;

/// Runs a guest command.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    command: &GuestCommand,
) -> Result<Exit, CliError> {
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
    operation::run(session, root, &Operation::Guest(wish), options)
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
