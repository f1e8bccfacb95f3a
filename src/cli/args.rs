//! What the user can type. No meaning is given here beyond single words; `cli` turns it into typed requests.

mod bridge;
mod check;
mod guest;
mod history;
mod network;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use bridge::{BridgeAddArgs, BridgeCommand, OnOff, YesNo};
pub(super) use check::CheckArgs;
pub(super) use guest::{GuestCommand, TargetArgs};
pub(super) use history::{HistoryCommand, PruneArgs};
pub(super) use network::{NetworkArgs, NetworkCommand, NetworkSetArgs, SubnetArgs};

use super::words::parse_time;
use crate::host::profile::Switch;
use crate::host::value::InterfaceName;
use crate::picture::Extent;

/// Heading of the options that every command has.
const GLOBAL: &str = "Options of every command";

/// Heading of the options of every command that changes files.
pub(super) const CHANGES: &str = "Options of every change";

/// Edit the network configuration of a KVM host as files: plan, diff, apply with backup, roll back
#[derive(Debug, Parser)]
#[command(name = "kvmnet", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    /// Work on the tree under DIR
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
    /// Print only the result; for a change, only the patch
    #[arg(short, long, global = true,
        help_heading = GLOBAL, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Show passwords and keys in patches, which are masked otherwise
    #[arg(long, global = true,
        help_heading = GLOBAL)]
    pub(super) show_secrets: bool,
    /// Print each table row on one line, as when standard output is a pipe
    #[arg(long, global = true,
        help_heading = GLOBAL)]
    pub(super) wide: bool,
    /// Print more about the files that are read
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
    /// Show what the files say, or a saved plan
    #[command(args_conflicts_with_subcommands = true, aliases = ["list", "ls"])]
    Show {
        #[command(subcommand)]
        what: Option<Show>,
        /// The file that `--out` wrote
        plan: Option<Utf8PathBuf>,
        #[command(flatten)]
        picture: PictureOptions,
    },
    /// List the DHCP leases of libvirt's networks
    #[command(alias = "lease")]
    Leases {
        /// Only the leases of this network [default: of all]
        network: Option<String>,
    },
    /// Find problems in the files
    #[command(alias = "lint")]
    Check(CheckArgs),
    /// Show what waits to be confirmed, was interrupted, edited since kvmnet wrote it, or is not in use
    Status {
        /// Show as a patch what was edited
        #[arg(long)]
        diff: bool,
    },
    /// Create, change and remove bridges
    #[command(subcommand, alias = "bridges")]
    Bridge(BridgeCommand),
    /// Create, copy, change and remove libvirt networks
    #[command(subcommand, aliases = ["networks", "net"])]
    Network(NetworkCommand),
    /// Connect guests to networks and bridges
    #[command(subcommand, aliases = ["guests", "vm", "vms"])]
    Guest(GuestCommand),
    /// Move connection profiles from ifcfg files to keyfiles
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Apply a saved plan, if its command still makes the same changes
    Apply {
        /// The file that `--out` wrote
        plan: Utf8PathBuf,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// List the transactions, or show the patch of one of them
    #[command(args_conflicts_with_subcommands = true, alias = "log")]
    History {
        #[command(subcommand)]
        what: Option<HistoryCommand>,
        /// ID of the transaction [default: list them]
        id: Option<u64>,
    },
    /// Undo the last transaction, a given one, or all after a given one
    #[command(aliases = ["undo", "revert"])]
    Rollback {
        /// ID of the transaction [default: the last one]
        id: Option<u64>,
        /// Undo all transactions after ID
        #[arg(long, value_name = "ID", conflicts_with = "id")]
        to: Option<u64>,
        /// Undo the change that waits to be confirmed
        #[arg(long, conflicts_with_all = ["id", "to", "confirm_within"])]
        unconfirmed: bool,
        #[command(flatten)]
        options: ChangeOptions,
    },
    /// Keep the change that waits to be confirmed
    Confirm,
    /// Restore the tree after a command that was interrupted
    Recover {
        /// Restore files that were edited since as well; the edited versions are kept aside
        #[arg(long)]
        force: bool,
        /// Set the history aside and continue without it
        #[arg(long, conflicts_with = "force")]
        distrust_history: bool,
    },
    /// List, show and export the templates of new files
    #[command(subcommand, alias = "template")]
    Templates(TemplatesCommand),
    /// Print the systemd unit that restores the tree at boot, or write it to a folder
    Units {
        /// Write it to this folder, such as /etc/systemd/system [default: standard output]
        #[arg(long, value_name = "DIR")]
        out: Option<Utf8PathBuf>,
        /// Where the program is installed
        #[arg(long, value_name = "PATH", default_value = "/usr/bin/kvmnet")]
        program: String,
    },
    /// Write the man pages to a folder
    Man {
        /// The folder, such as /usr/local/share/man; pages go to man7 and man8 in it
        dir: Utf8PathBuf,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Show {
    /// Interfaces: what they are, what they carry, and which are free
    #[command(aliases = ["interface", "iface", "ifaces", "nic", "nics"])]
    Interfaces {
        /// Show all that the files say of this one [default: list them]
        name: Option<String>,
    },
    /// Bridges with their addresses, ports, networks and guests
    #[command(alias = "bridge")]
    Bridges {
        /// Show all that the files say of this one [default: list them]
        name: Option<String>,
    },
    /// libvirt networks with their subnets and number of guests
    #[command(aliases = ["network", "net", "nets"])]
    Networks {
        /// Show all that the files say of this one [default: list them]
        name: Option<String>,
    },
    /// Guests with their interfaces, down to the uplink
    #[command(aliases = ["guest", "vm", "vms"])]
    Guests {
        /// Show all that the files say of this one [default: list them]
        name: Option<String>,
    },
}

/// What can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Interfaces.
    Interfaces,
    /// Bridges.
    Bridges,
    /// libvirt networks.
    Networks,
    /// Guests.
    Guests,
}

impl Show {
    /// Returns what is shown, and the name of the only one, if it is one.
    pub(super) fn asked(&self) -> (Shown, Option<&str>) {
        let (kind, name) = match self {
            Self::Interfaces { name } => (Shown::Interfaces, name),
            Self::Bridges { name } => (Shown::Bridges, name),
            Self::Networks { name } => (Shown::Networks, name),
            Self::Guests { name } => (Shown::Guests, name),
        };
        (kind, name.as_deref())
    }
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
pub(super) enum MigrateCommand {
    /// Rewrite ifcfg profiles, with their routes, rules and aliases, as keyfiles of NetworkManager
    Keyfile {
        /// Interfaces to migrate, with their ports or their bridge [default: all of them]
        #[arg(value_name = "IFACE")]
        ifaces: Vec<InterfaceName>,
        /// Proceed although settings are lost that the host may not be reached without
        #[arg(long)]
        accept_loss: bool,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TemplatesCommand {
    /// List the templates
    #[command(alias = "ls")]
    List,
    /// Print the template that is in effect
    Show {
        /// Name of the template
        name: String,
    },
    /// Write the built-in templates to a folder under the root
    Export {
        /// The folder, such as /etc/kvmnet/templates
        dir: Utf8PathBuf,
        #[command(flatten)]
        options: ChangeOptions,
    },
}

/// The options of every command that changes files.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = CHANGES)]
pub(super) struct ChangeOptions {
    /// Print the plan without writing anything
    #[arg(short = 'n', long, aliases = ["dryrun", "check"], conflicts_with = "yes")]
    pub(super) dry_run: bool,
    /// With --dry-run: exit with status 4 if there is something to change
    #[arg(long, requires = "dry_run", conflicts_with = "yes")]
    pub(super) exit_code: bool,
    /// Apply without asking
    #[arg(short, long, aliases = ["assumeyes", "assume-yes"])]
    pub(super) yes: bool,
    /// With --dry-run: save the plan for `kvmnet apply FILE`; `-` means standard output
    #[arg(
        long,
        value_name = "FILE",
        requires = "dry_run",
        conflicts_with = "yes"
    )]
    pub(super) out: Option<Utf8PathBuf>,
    /// Proceed despite a refusal that says it can be forced
    #[arg(long)]
    pub(super) force: bool,
    /// Set the history aside and continue without it
    #[arg(long)]
    pub(super) distrust_history: bool,
    /// Roll the change back by itself unless `kvmnet confirm` is run within TIME: minutes, or as in 90s and 2h [default: keep
    /// it]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(super) confirm_within: Option<u64>,
    /// Where to put copies of originals [default: beside the file where that is harmless, otherwise the store]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(super) backup: Option<BackupArg>,
    #[command(flatten)]
    pub(super) picture: PictureOptions,
}

/// How a picture of the host is asked for.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct PictureOptions {
    /// Draw what hangs on what: bridges with their uplinks, networks and guests
    #[arg(long)]
    pub(super) tree: bool,
    /// Draw it as SVG; `-` means standard output
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<Utf8PathBuf>,
    /// Write a page to look at in a browser, of a plan one to review before it is applied; `-` means standard output
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<Utf8PathBuf>,
    /// Draw all of a large host
    #[arg(long)]
    pub(super) all: bool,
}

impl PictureOptions {
    /// Returns whether a picture is asked for.
    pub(super) fn any(&self) -> bool {
        self.tree || self.svg.is_some() || self.html.is_some()
    }

    /// Returns how much is drawn of what has room for so much.
    pub(super) fn extent(&self, room: Extent) -> Extent {
        match self.all {
            true => Extent::All,
            false => room,
        }
    }
}

impl ChangeOptions {
    /// Returns whether the user gave one of them.
    pub(super) fn any(&self) -> bool {
        let flags = self.dry_run || self.exit_code || self.yes || self.force;
        flags
            || self.distrust_history
            || self.out.is_some()
            || self.picture.any()
            || self.backup.is_some()
            || self.confirm_within.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BackupArg {
    Beside,
    Store,
    None,
}
