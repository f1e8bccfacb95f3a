//! Examples of commands, for the pages of the manual; `tests/program/man.rs` runs each of them.

/// An example.
pub(super) struct Example {
    /// What it is for, without a full stop.
    pub(super) what: &'static str,
    /// The command, or some of them, a line each.
    pub(super) line: &'static str,
}

const fn example(what: &'static str, line: &'static str) -> Example {
    Example { what, line }
}

/// By how the command is typed, without `kvmnet`.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "bridge add",
        &[
            example(
                "See what would be written to make br0 of the card ens33",
                "kvmnet bridge add br0 --port ens33 --dry-run",
            ),
            example(
                "Over SSH: the change takes itself back unless it is confirmed within ten \
         minutes",
                "kvmnet bridge add br0 --port ens33 --confirm-within 10 --yes",
            ),
        ],
    ),
    (
        "bridge remove",
        &[
            example(
                "Give the card its configuration back",
                "kvmnet bridge remove br0 --yes",
            ),
            example(
                "See first what would be left of the bridge",
                "kvmnet bridge remove br0 --dry-run",
            ),
        ],
    ),
    (
        "bridge add-port",
        &[
            example(
                "Attach a second card, which is brought up at boot",
                "kvmnet bridge add-port br0 ens34 --onboot yes --yes",
            ),
            example(
                "See first what that writes",
                "kvmnet bridge add-port br0 ens34 --dry-run",
            ),
        ],
    ),
    (
        "bridge remove-port",
        &[
            example("Detach a card", "kvmnet bridge remove-port br0 ens34 --yes"),
            example(
                "See first what that writes, on a picture, too",
                "kvmnet bridge remove-port br0 ens34 --dry-run --tree",
            ),
        ],
    ),
    (
        "network add",
        &[
            example(
                "A NAT network with a free subnet",
                "kvmnet network add lab --mode nat --yes",
            ),
            example(
                "A network that guests reach each other through, and nobody else",
                "kvmnet network add quiet --mode isolated --subnet 10.77.0.0/24 --no-dhcp \
         --yes",
            ),
        ],
    ),
    (
        "network copy",
        &[
            example(
                "A second NAT network like the first",
                "kvmnet network copy default nat1 --subnet 192.168.66.0/24 --yes",
            ),
            example(
                "The same, isolated",
                "kvmnet network copy default quiet --mode isolated --yes",
            ),
        ],
    ),
    (
        "network set",
        &[
            example(
                "Cut the network off from others",
                "kvmnet network set default --mode isolated --yes",
            ),
            example(
                "Give a guest always the same address",
                "kvmnet network set default --add-host vm1=192.168.122.50 --yes",
            ),
        ],
    ),
    (
        "network remove",
        &[
            example(
                "Remove a network that no guest uses",
                "kvmnet network remove nat1 --yes",
            ),
            example(
                "See first what that deletes",
                "kvmnet network remove nat1 --dry-run",
            ),
        ],
    ),
    (
        "guest connect",
        &[
            example(
                "Point the only interface of vm1 to a bridge of the host",
                "kvmnet guest connect vm1 --bridge br0 --yes",
            ),
            example(
                "Give it a second one",
                "kvmnet guest connect vm1 --network default --new --yes",
            ),
        ],
    ),
    (
        "guest disconnect",
        &[
            example(
                "See first which interface that is",
                "kvmnet show guests vm1\nkvmnet guest disconnect vm1 --interface 1 --dry-run",
            ),
            example(
                "Remove the first interface of vm1",
                "kvmnet guest disconnect vm1 --interface 1 --yes",
            ),
        ],
    ),
    (
        "migrate keyfile",
        &[
            example(
                "See what would become of all profiles, and what would be lost",
                "kvmnet migrate keyfile --dry-run",
            ),
            example(
                "Migrate one interface",
                "kvmnet migrate keyfile enp1s0 --yes",
            ),
        ],
    ),
    (
        "show",
        &[
            example("Interfaces, bridges, networks and guests", "kvmnet show"),
            example(
                "What hangs on what, as text and as a page",
                "kvmnet show --tree --html host.html",
            ),
            example(
                "What was saved as a plan",
                "kvmnet bridge add br0 --port ens33 --dry-run --out br0.plan\nkvmnet show \
         br0.plan",
            ),
        ],
    ),
    (
        "show interfaces",
        &[
            example(
                "The interfaces that are free",
                "kvmnet show interfaces | awk '$3 == \"free\" { print $1 }'",
            ),
            example("All about one interface", "kvmnet show interface ens33"),
        ],
    ),
    (
        "show bridges",
        &[
            example(
                "The names of all bridges",
                "kvmnet show bridges | awk 'NR > 1 { print $1 }'",
            ),
            example("All about one bridge", "kvmnet show bridge virbr0"),
        ],
    ),
    (
        "show networks",
        &[example(
            "All networks, for a program",
            "kvmnet show networks --json",
        )],
    ),
    (
        "show guests",
        &[example(
            "Where each interface of each guest leads",
            "kvmnet show guests",
        )],
    ),
    (
        "leases",
        &[example(
            "The leases of one network",
            "kvmnet leases default",
        )],
    ),
    (
        "status",
        &[example(
            "What was edited by hand since, as a patch",
            "kvmnet status --diff",
        )],
    ),
    (
        "check",
        &[
            example(
                "Find problems, and say so by the exit status at warnings, too",
                "kvmnet check --strict",
            ),
            example("Mend what is safe to mend", "kvmnet check --fix --yes"),
            example("Explain a rule", "kvmnet check --explain subnet-overlap"),
        ],
    ),
    (
        "apply",
        &[
            example(
                "Save a plan, review it, and apply just that",
                "kvmnet bridge add br0 --port ens33 --dry-run --out br0.plan\nkvmnet show \
         br0.plan\nkvmnet apply br0.plan --yes",
            ),
            example(
                "See whether a saved plan still holds",
                "kvmnet bridge add br0 --port ens33 --dry-run --out br0.plan\nkvmnet apply br0.plan --dry-run",
            ),
        ],
    ),
    (
        "history",
        &[example(
            "The transactions, and the patch of the first",
            "kvmnet history\nkvmnet history 1",
        )],
    ),
    (
        "history prune",
        &[
            example(
                "See what would be dropped",
                "kvmnet history prune --keep 5 --dry-run",
            ),
            example(
                "Keep the last five transactions, and originals of theirs alone",
                "kvmnet history prune --keep 5 --yes",
            ),
        ],
    ),
    (
        "rollback",
        &[
            example("Undo the last transaction", "kvmnet rollback --yes"),
            example(
                "Undo a given one, and see what that would do first",
                "kvmnet rollback 1 --dry-run",
            ),
        ],
    ),
    (
        "confirm",
        &[example("Keep the change that waits", "kvmnet confirm")],
    ),
    (
        "recover",
        &[example("After a command that was killed", "kvmnet recover")],
    ),
    (
        "templates list",
        &[example(
            "Which templates are in effect",
            "kvmnet templates list",
        )],
    ),
    (
        "templates show",
        &[example(
            "The template of a network",
            "kvmnet templates show network",
        )],
    ),
    (
        "templates export",
        &[
            example(
                "Write the templates where they can be changed",
                "kvmnet templates export /etc/kvmnet/templates --yes",
            ),
            example(
                "See first which files that writes",
                "kvmnet templates export /etc/kvmnet/templates --dry-run",
            ),
        ],
    ),
    (
        "units",
        &[example(
            "Have interrupted changes taken back at boot",
            "kvmnet units --out /etc/systemd/system\nsystemctl daemon-reload && \
         systemctl enable kvmnet-recover.service",
        )],
    ),
    (
        "man",
        &[example(
            "Install the pages without a package",
            "kvmnet man /usr/local/share/man",
        )],
    ),
    (
        "completions",
        &[
            example(
                "In the bash that is running",
                "source <(kvmnet completions bash)",
            ),
            example(
                "For all shells fish that are started",
                "kvmnet completions fish >/etc/fish/completions/kvmnet.fish",
            ),
        ],
    ),
    (
        "",
        &[
            example(
                "What there is, and what is wrong with it",
                "kvmnet show\nkvmnet check",
            ),
            example(
                "Make a bridge, look at it, take it back",
                "kvmnet bridge add br0 --port ens33 --yes\nkvmnet show bridges\nkvmnet \
         rollback --yes",
            ),
        ],
    ),
];

/// Returns the examples of a command.
pub(super) fn of(command: &str) -> &'static [Example] {
    let found = EXAMPLES.iter().find(|(known, _)| *known == command);
    found.map_or(&[], |(_, examples)| examples)
}

/// Returns the commands that have examples.
#[cfg(test)]
pub(super) fn commands() -> impl Iterator<Item = &'static str> {
    EXAMPLES.iter().map(|(command, _)| *command)
}
