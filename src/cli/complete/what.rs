//! What stands in the place of each argument. Where clap knows the values there are, it says so itself; a test names what is
//! neither there nor here.

use super::paths::Wanted;

/// What an argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// What the user makes up, or counts.
    Nothing,
    /// A path of the user's.
    Path(Wanted),
    /// A folder beneath the root.
    FolderBeneath,
    /// The name of a new bridge.
    NewBridge,
    /// Interfaces.
    Interfaces(Interfaces),
    /// What profiles configure.
    Profiles(Profiles),
    /// Bridges, those of networks among them.
    AllBridges,
    /// Networks.
    Networks,
    /// Networks that libvirt loads.
    LoadedNetworks,
    /// Host entries of the network that is named before.
    Entries,
    /// Guests.
    Guests,
    /// A guest and its address, `vm1=192.168.66.10`.
    GuestEntry,
    /// Numbers of the interfaces of the guest that is named before.
    GuestInterfaces,
    /// Models of cards.
    Models,
    /// Transactions.
    Transactions(Transactions),
    /// Templates.
    Templates,
    /// Rules.
    Rules,
}

/// Which interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interfaces {
    All,
    /// Those that a new bridge can have.
    NewPorts,
    /// Those that a bridge can have besides.
    FreePorts,
}

/// Which of the interfaces that have a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profiles {
    /// Those that can be moved to keyfiles.
    Migratable,
    /// Bridges that kvmnet can change.
    OwnBridges,
    /// Bridges of the host, whoever makes them.
    HostBridges,
    /// The ports of the bridge that is named before.
    Ports,
}

/// Which transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transactions {
    All,
    /// Those that can be taken back.
    Undoable,
    /// Those that later ones can be taken back to.
    BackTo,
}

/// Arguments by the words of their command (`*` for every command), and what they name.
const TABLE: &[(&str, &str, What)] = &[
    ("*", "root", What::Path(Wanted::Folders)),
    ("*", "out", What::Path(Wanted::Files)),
    ("*", "svg", What::Path(Wanted::Files)),
    ("*", "html", What::Path(Wanted::Files)),
    ("*", "confirm_within", What::Nothing),
    ("apply", "plan", What::Path(Wanted::Plans)),
    ("bridge add", "address", What::Nothing),
    ("bridge add", "bridge", What::NewBridge),
    ("bridge add", "dns", What::Nothing),
    ("bridge add", "forward_delay", What::Nothing),
    ("bridge add", "gateway", What::Nothing),
    ("bridge add", "port", What::Interfaces(Interfaces::NewPorts)),
    (
        "bridge add-port",
        "bridge",
        What::Profiles(Profiles::OwnBridges),
    ),
    (
        "bridge add-port",
        "iface",
        What::Interfaces(Interfaces::FreePorts),
    ),
    (
        "bridge remove",
        "bridge",
        What::Profiles(Profiles::OwnBridges),
    ),
    ("bridge remove", "to", What::Profiles(Profiles::Ports)),
    (
        "bridge remove-port",
        "bridge",
        What::Profiles(Profiles::OwnBridges),
    ),
    (
        "bridge remove-port",
        "iface",
        What::Profiles(Profiles::Ports),
    ),
    ("check", "explain", What::Rules),
    ("check", "fix", What::Rules),
    ("check", "only", What::Rules),
    ("check", "skip", What::Rules),
    (
        "guest connect",
        "bridge",
        What::Profiles(Profiles::HostBridges),
    ),
    ("guest connect", "guest", What::Guests),
    ("guest connect", "interface", What::GuestInterfaces),
    ("guest connect", "mac", What::Nothing),
    ("guest connect", "model", What::Models),
    ("guest connect", "network", What::LoadedNetworks),
    ("guest disconnect", "guest", What::Guests),
    ("guest disconnect", "interface", What::GuestInterfaces),
    ("history", "id", What::Transactions(Transactions::All)),
    ("history prune", "keep", What::Nothing),
    ("leases", "network", What::Networks),
    ("man", "dir", What::Path(Wanted::Folders)),
    (
        "migrate keyfile",
        "ifaces",
        What::Profiles(Profiles::Migratable),
    ),
    ("network *", "add_host", What::GuestEntry),
    ("network *", "bridge", What::Profiles(Profiles::HostBridges)),
    ("network *", "device", What::Nothing),
    ("network *", "dhcp", What::Nothing),
    ("network *", "domain", What::Nothing),
    ("network *", "host", What::GuestEntry),
    ("network *", "mac", What::Nothing),
    ("network *", "remove_host", What::Entries),
    ("network *", "subnet", What::Nothing),
    ("network *", "uuid", What::Nothing),
    ("network add", "name", What::Nothing),
    ("network copy", "name", What::Nothing),
    ("network copy", "source", What::Networks),
    ("network remove", "name", What::Networks),
    ("network set", "name", What::Networks),
    ("rollback", "id", What::Transactions(Transactions::Undoable)),
    ("rollback", "to", What::Transactions(Transactions::BackTo)),
    ("show", "plan", What::Path(Wanted::Plans)),
    ("show bridges", "name", What::AllBridges),
    ("show guests", "name", What::Guests),
    ("show interfaces", "name", What::Interfaces(Interfaces::All)),
    ("show networks", "name", What::Networks),
    ("templates export", "dir", What::FolderBeneath),
    ("templates show", "name", What::Templates),
    ("units", "out", What::Path(Wanted::Folders)),
    ("units", "program", What::Path(Wanted::Files)),
];

/// Returns what the argument `id` of the command `path` names, if it is known.
pub(super) fn of(path: &str, id: &str) -> Option<What> {
    let group = path.split(' ').next().unwrap_or("");
    let fits = |known: &str| match known.strip_suffix(" *") {
        Some(known) => known == group,
        None => known == path,
    };
    let own = TABLE
        .iter()
        .find(|(known, arg, _)| *arg == id && fits(known));
    let found = own.or_else(|| {
        TABLE
            .iter()
            .find(|(known, arg, _)| *arg == id && *known == "*")
    });
    found.map(|(_, _, what)| *what)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Arg, Command, CommandFactory};

    use super::*;
    use crate::cli::args::Cli;
    use crate::cli::complete::place::takes_value;

    fn walk(command: &Command, path: &str, see: &mut impl FnMut(&str, &Arg)) {
        command.get_arguments().for_each(|arg| see(path, arg));
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            walk(sub, path.trim_start(), see);
        }
    }

    #[test]
    fn it_is_known_what_each_argument_names() {
        let mut cli = Cli::command();
        cli.build();
        let mut used = BTreeSet::new();
        walk(&cli, "", &mut |path, arg| {
            let id = arg.get_id().as_str();
            if !takes_value(arg) || id == "help" || id == "version" {
                return;
            }
            let known = of(path, id);
            let by_clap = !arg.get_possible_values().is_empty();
            assert!(known.is_some() || by_clap, "`{id}` of `{path}`");
            let by_clap = by_clap && known != Some(What::Rules);
            assert!(known.is_none() || !by_clap, "`{id}` of `{path}` twice");
            let row = |(known, arg, _): &&(&str, &str, What)| {
                *arg == id && (*known == "*" || path.starts_with(known.trim_end_matches('*')))
            };
            used.extend(TABLE.iter().filter(row).map(|(path, id, _)| (*path, *id)));
        });
        for (path, id, _) in TABLE {
            assert!(
                used.contains(&(*path, *id)),
                "no argument is `{id}` of `{path}`"
            );
        }
        assert!(TABLE.is_sorted_by_key(|(path, ..)| (*path != "*", *path)));
    }
}
