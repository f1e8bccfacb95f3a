//! Which files a command is about: FILES.

use super::roff::{Roff, italic};

const IFCFG: (&str, &str) = (
    "/etc/sysconfig/network-scripts/ifcfg-IFACE",
    "Connection profiles of network-scripts and of NetworkManager's plugin, with \
         `route-IFACE`, `rule-IFACE` and `keys-IFACE`.",
);
const KEYFILE: (&str, &str) = (
    "/etc/NetworkManager/system-connections/NAME.nmconnection",
    "Connection profiles of NetworkManager.",
);
const NETWORK: (&str, &str) = (
    "/etc/libvirt/qemu/networks/NAME.xml",
    "Networks of libvirt; a link of that name in `autostart` starts one with the host.",
);
const GUEST: (&str, &str) = ("/etc/libvirt/qemu/GUEST.xml", "Guests of libvirt.");
const STATUS: (&str, &str) = (
    "/var/lib/libvirt/dnsmasq/DEVICE.status",
    "The leases that libvirt has given out.",
);
const OLD: (&str, &str) = (
    "FILE.old",
    "What a file was before it was changed, beside it, unless a program would \
         load that name as configuration.",
);
const STATE: (&str, &str) = (
    "/var/lib/kvmnet",
    "The history, with the originals of all files that were changed, and copies \
         that may not lie beside them (mode 0700).",
);
const TEMPLATES: (&str, &str) = (
    "/etc/kvmnet/templates/NAME.hbs",
    "Templates of new files; they take precedence over those that are built in.",
);
const UNIT: (&str, &str) = (
    "kvmnet-recover.service",
    "The unit that runs `kvmnet recover` at boot, before the network is started.",
);
const REVERT: (&str, &str) = (
    "/etc/systemd/system/kvmnet-revert.timer",
    "With its service, the unit that rolls a change back unless it is confirmed.",
);

const PAGES: (&str, &str) = (
    "DIR/man8/kvmnet.8",
    "The page over all, with those of the commands beside it; the rules are in `man7`.",
);
const COMPLETIONS: &[(&str, &str)] = &[
    (
        "/usr/share/bash-completion/completions/kvmnet",
        "Where packages put them for bash.",
    ),
    (
        "/usr/share/zsh/site-functions/_kvmnet",
        "For zsh; in Debian's package, in `vendor-completions` beside it.",
    ),
    (
        "/usr/share/fish/vendor_completions.d/kvmnet.fish",
        "For fish.",
    ),
];

/// Which files, by the first word of the command.
fn of(first: &str) -> &'static [(&'static str, &'static str)] {
    match first {
        "bridge" => &[IFCFG, KEYFILE, OLD, STATE, TEMPLATES],
        "network" => &[NETWORK, OLD, STATE, TEMPLATES],
        "guest" => &[GUEST, NETWORK, OLD, STATE],
        "migrate" => &[IFCFG, KEYFILE, OLD, STATE],
        "show" | "check" => &[IFCFG, KEYFILE, NETWORK, GUEST],
        "leases" => &[STATUS, NETWORK, GUEST],
        "status" => &[STATE, REVERT],
        "history" | "rollback" | "apply" => &[STATE],
        "confirm" => &[STATE, REVERT],
        "recover" | "units" => &[STATE, UNIT],
        "templates" => &[TEMPLATES],
        "man" => &[PAGES],
        "completions" => COMPLETIONS,
        "" => &[
            IFCFG, KEYFILE, NETWORK, GUEST, OLD, STATE, TEMPLATES, UNIT, REVERT,
        ],
        _ => &[],
    }
}

/// Adds the section to the page of a command, which is typed as `own`.
pub(super) fn add(roff: &mut Roff, own: &str) {
    let files = of(own.split(' ').next().unwrap_or_default());
    if files.is_empty() {
        return;
    }
    roff.section("FILES");
    for (path, what) in files {
        roff.term(&italic(path), what);
    }
}
