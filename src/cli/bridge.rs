//! `kvmnet bridge …`: from words to an operation.

use super::args::{BridgeAddArgs, BridgeCommand, ChangeOptions, OnOff, SwitchArg};
use super::change::{self, Planned};
use super::error::{CliError, Exit};
use super::{Session, report};
use crate::backend;
use crate::host::profile::Switch;
use crate::op::{BridgeAdd, Choice, Force, Operation};
use crate::plan::{self, BackupMode, Copies, Past, PlanError};
use crate::root::Root;
use crate::transaction::Store;
use crate::transaction::journal::State;
use crate::tree::Tree;

/// Runs a bridge command.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    command: &BridgeCommand,
) -> Result<Exit, CliError> {
    let (operation, options) = match command {
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
            options,
        } => (
            Operation::AddPort {
                bridge: bridge.clone(),
                port: iface.clone(),
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
    };
    let command = session.command.clone();
    change::run(session, root, options, &|| {
        planned(root, &operation, options, &command)
    })
}

fn request(args: &BridgeAddArgs) -> Result<BridgeAdd, CliError> {
    let families = |v6: bool| args.gateway.iter().filter(|ip| ip.is_ipv6() == v6).count();
    if families(false) > 1 || families(true) > 1 {
        return Err(
            CliError::failed("more than one gateway of one address family")
                .help("give one of each at most"),
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
        switch: args.switch.map(|switch| match switch {
            SwitchArg::Linux => Switch::Linux,
            SwitchArg::Ovs => Switch::Ovs,
        }),
    })
}

fn planned(
    root: &Root,
    operation: &Operation,
    options: &ChangeOptions,
    command: &str,
) -> Result<Planned, CliError> {
    let mut tree = root.read_tree(&backend::scope(plan::interest(operation)))?;
    let force = if options.force { Force::Yes } else { Force::No };
    let draft = plan::draft(&tree, operation, force).map_err(|error| refused(&tree, error))?;
    let copies = copies(root, options)?;
    tree.absorb(root.read_tree(&draft.wants(&copies))?);
    let past = if draft.wants_past() {
        past(root)?
    } else {
        Vec::new()
    };
    let plan = draft.finish(&tree, &past, &copies, command);
    Ok(Planned {
        plan,
        command: command.to_owned(),
        undoes: None,
    })
}

/// Returns the earlier transactions; a history that cannot be read is no reason to fail, only to know less.
fn past(root: &Root) -> Result<Vec<Past>, CliError> {
    let store = Store::new(root);
    let records = store.records().unwrap_or_default();
    let done = records
        .iter()
        .filter(|record| record.state == State::Applied);
    Ok(done
        .filter_map(|record| {
            Some(Past {
                id: record.id,
                set: store.change_set(record).ok()?,
            })
        })
        .collect())
}

/// Returns how copies of originals are made.
pub(super) fn copies(root: &Root, options: &ChangeOptions) -> Result<Copies, CliError> {
    use super::args::BackupArg;
    let mode = match options.backup {
        None => BackupMode::Auto,
        Some(BackupArg::Beside) => BackupMode::Beside,
        Some(BackupArg::Store) => BackupMode::Store,
        Some(BackupArg::None) => BackupMode::None,
    };
    let state = Store::new(root).path()?;
    Ok(Copies { mode, state })
}

/// Gives a refusal the text of the line that it points to.
fn refused(tree: &Tree, error: PlanError) -> CliError {
    let refusal = match error {
        PlanError::Refused(refusal) => refusal,
        PlanError::Emit(error) => return report::emit_error(&error),
    };
    let mut refused = CliError::refused(refusal.message);
    if let Some((path, line)) = &refusal.at {
        let text = tree
            .file(path)
            .map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
        let excerpt = text
            .as_deref()
            .and_then(|text| text.lines().nth((*line as usize).checked_sub(1)?));
        let excerpt = excerpt
            .map(|line| line.trim().to_owned())
            .into_iter()
            .collect();
        refused = refused.at(path, *line).excerpt(excerpt);
    }
    if let Some(help) = refusal.help {
        refused = refused.help(help);
    }
    if refusal.may_be_forced && !refused.help.iter().any(|help| help.contains("--force")) {
        refused = refused.help("or go on all the same with --force");
    }
    refused
}
