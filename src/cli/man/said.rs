//! What the definition of the command line cannot say of a command, and which commands are near to it.

use super::roff::{Roff, bold};

/// What is said of a command beyond its definition.
struct Said {
    /// How it is typed, without `kvmnet`.
    command: &'static str,
    paragraphs: &'static [&'static str],
    /// Commands that one may want instead, or next.
    near: &'static [&'static str],
}

const fn say(
    command: &'static str,
    paragraphs: &'static [&'static str],
    near: &'static [&'static str],
) -> Said {
    Said {
        command,
        paragraphs,
        near,
    }
}

/// What every command that changes files does.
const CHANGES: &str = "The patch that would be written is shown with warnings and next steps. On a \
         terminal the command then asks; elsewhere it writes with `--yes` alone. All \
         files change in one transaction, which `kvmnet rollback` takes back byte for \
         byte.";

const SAID: &[Said] = &[
    say(
        "",
        &[
            "kvmnet turns network cards into ports of bridges and back, in the files of \
         initscripts and of NetworkManager, makes, copies and changes networks of \
         libvirt, and connects guests to them, without losing a comment. It works on \
         files alone: it runs no program, talks to no daemon and opens no socket. \
         What a host must do to take them into use is printed as next steps.",
            "A change is shown first, as a patch that `git apply` takes; it is written \
         in one transaction that keeps the originals, and can be taken back byte for \
         byte. A command that was killed leaves the tree as before once `kvmnet \
         recover` or the next change has run.",
            "Work on an image or on a mounted disk: `--root DIR`. All paths, those of \
         links too, then lie beneath it.",
        ],
        &[
            "bridge add",
            "network add",
            "guest connect",
            "show",
            "check",
            "rollback",
        ],
    ),
    say(
        "show",
        &[
            "It joins what connection profiles, networks and guests say: addresses, \
         ports, who is on which bridge, and through which card it leaves the host.",
        ],
        &["status", "leases", "check"],
    ),
    say(
        "leases",
        &[
            "It reads the record of libvirt and says which guest has each lease, and \
         which have expired.",
        ],
        &["show"],
    ),
    say(
        "check",
        &[
            "The rules are those of the programs that read the files. Findings are shown \
         with their line, the reason, and what to do.",
            "With `--fix` it plans what mends them, where that is safe, as a change like \
         any other.",
        ],
        &["show", "rollback"],
    ),
    say(
        "status",
        &[
            "A tree that shows no running host, such as an image, says nothing of what \
         is in use.",
        ],
        &["history", "confirm", "recover"],
    ),
    say(
        "bridge add",
        &[
            "The addresses, gateways, name servers, routes, rules, aliases and the \
         firewall zone of the port move to the bridge, with their comments; what \
         belongs to the card, and what is unknown, stays with it. `--dhcp`, \
         `--address` or `--no-address` replace what would move.",
            CHANGES,
        ],
        &["bridge remove", "bridge add-port", "rollback"],
    ),
    say(
        "bridge remove",
        &[
            "It works on any bridge, whoever made it. Where the original of a file is \
         known, and the files are as they were left, it comes back byte for byte. A \
         bridge that guests or networks use is refused, naming them.",
            CHANGES,
        ],
        &["bridge add", "rollback"],
    ),
    say(
        "bridge add-port",
        &[CHANGES],
        &["bridge remove-port", "bridge add"],
    ),
    say(
        "bridge remove-port",
        &[CHANGES],
        &["bridge add-port", "bridge remove"],
    ),
    say(
        "network add",
        &[
            "Without `--subnet` it takes the first free /24 from 192.168.122.0 on that \
         overlaps with nothing configured; without `--dhcp`, the second address to \
         the last.",
            CHANGES,
        ],
        &["network copy", "network set", "guest connect"],
    ),
    say(
        "network copy",
        &[
            "All that must differ is made new; everything else, comments too, is as in \
         the source.",
            CHANGES,
        ],
        &["network add", "network set"],
    ),
    say(
        "network set",
        &[
            "Only the lines concerned change: from NAT to isolated that is the one line \
         with `<forward>`.",
            CHANGES,
        ],
        &["network add", "network remove"],
    ),
    say(
        "network remove",
        &[
            "A network that guests use is refused, naming them.",
            CHANGES,
        ],
        &["network add", "guest connect"],
    ),
    say(
        "guest connect",
        &[
            "MAC address, model and PCI address of the interface stay. The file of a \
         guest that runs is read again when the guest is started.",
            CHANGES,
        ],
        &["guest disconnect", "network add"],
    ),
    say("guest disconnect", &[CHANGES], &["guest connect"]),
    say(
        "migrate keyfile",
        &[
            "What a keyfile has no word for is listed, with what to do instead; what the \
         host may not be reached without is refused.",
            CHANGES,
        ],
        &["rollback", "check"],
    ),
    say(
        "apply",
        &[
            "The plan is made again on the files as they are, and compared: it is \
         applied exactly as saved, or refused as out of date, with the difference.",
            CHANGES,
        ],
        &["show", "rollback"],
    ),
    say(
        "history",
        &[
            "Who did what and when, and the patch of each transaction. The last 20 can \
         be taken back.",
        ],
        &["rollback", "status"],
    ),
    say(
        "history prune",
        &[
            "The bytes of each file from before its first change are kept for good, each \
         content once, until they are pruned.",
        ],
        &["rollback"],
    ),
    say(
        "rollback",
        &[
            "A file that was edited since is not overwritten: the command is refused and \
         shows the difference. A rollback is a transaction, too, and can be rolled \
         back.",
            CHANGES,
        ],
        &["history", "confirm", "recover"],
    ),
    say(
        "confirm",
        &[
            "A change with `--confirm-within` takes itself back, by a timer of systemd, \
         unless this is said in time.",
        ],
        &["rollback", "status"],
    ),
    say(
        "recover",
        &["The next command that writes does the same, and so does \
         `kvmnet-recover.service` at boot, before the network is started."],
        &["status", "units", "rollback"],
    ),
    say(
        "templates export",
        &[
            "What lies in /etc/kvmnet/templates takes precedence over what is built in. \
         A rendered file is read back before it is used: one that does not say what \
         was asked for is refused.",
            CHANGES,
        ],
        &["templates show"],
    ),
    say(
        "units",
        &["Packages bring the unit. Without one, write it and enable it as below."],
        &["recover", "man"],
    ),
    say(
        "man",
        &[
            "Pages that are up to date stay as they are. What was not written by kvmnet \
         is in the way, and nothing is written then.",
        ],
        &["completions", "units"],
    ),
    say(
        "completions",
        &[
            "Packages bring them for bash, zsh and fish. Those know the host: they offer its bridges, free interfaces, \
         networks, guests, transactions and templates, beneath the `--root` on the line or KVMNET_ROOT, and saved plans. Names are \
         quoted so that the shell takes each as one word; one that cannot be typed so is left out.",
            "What they offer they ask of the program: of the one that is typed, where it is typed with its path. It reads no \
         more than the command itself would, and writes nothing. Behind `sudo` it is still the user who reads: what only root may \
         read is not offered. fish tells nothing of what stands behind the cursor: give `--root` before it.",
            "Those for elvish and PowerShell know commands and options alone.",
        ],
        &["man"],
    ),
];

fn find(own: &str) -> Option<&'static Said> {
    SAID.iter().find(|said| said.command == own)
}

/// Returns what is said of a command.
pub(super) fn of(own: &str) -> &'static [&'static str] {
    find(own).map_or(&[], |said| said.paragraphs)
}

/// Returns the commands that are near to one.
pub(super) fn near(own: &str) -> &'static [&'static str] {
    find(own).map_or(&[], |said| said.near)
}

/// Returns all commands that are named here.
#[cfg(test)]
pub(super) fn commands() -> impl Iterator<Item = &'static str> {
    SAID.iter()
        .flat_map(|said| said.near.iter().copied().chain([said.command]))
}

/// Adds the variables that are looked at.
pub(super) fn environment(roff: &mut Roff) {
    roff.section("ENVIRONMENT");
    for (name, what) in [
        (
            "KVMNET_ROOT",
            "The tree to work on, where `--root` is not given.",
        ),
        (
            "NO_COLOR",
            "If it is set, nothing is coloured, unless `--color always` is given.",
        ),
        ("TZ", "The time zone of the times that are printed."),
        (
            "SUDO_USER, LOGNAME, USER",
            "Who is written into the history, besides root.",
        ),
    ] {
        roff.term(&bold(name), what);
    }
}
