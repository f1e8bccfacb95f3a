//! Something in a folder `autostart` that is there, and that libvirt does not take for a link to the file.

use super::autostart::Kind;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::{Entry, HostPath, LinkEnd, Tree};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "autostart-ignored",
    severity: Severity::Error,
    readers: &[],
    finds: "A copy, or a link to another file, where a link should start a network or guest with the host.",
    why: "libvirt does not start it with the host. It only checks whether autostart/NAME.xml is the same file as
NAME.xml; a copy is another file, and no message says so.",
    example: "
/etc/libvirt/qemu/networks/autostart/lab.xml, a regular file
/etc/libvirt/qemu/networks/autostart/nat1.xml
    -> /etc/libvirt/qemu/networks/default.xml",
    remedy: "Replace it by a link: delete it, then kvmnet network set NAME --autostart (for a guest: virsh autostart)",
    source: "virFileLinkPointsTo() in libvirt's util/virfile.c: same device and inode (seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    Kind::ALL
        .into_iter()
        .flat_map(|kind| of_kind(sight, kind))
        .collect()
}

fn of_kind(sight: &Sight<'_>, kind: Kind) -> Vec<Finding> {
    let (tree, word) = (sight.tree, kind.word());
    let ignored = kind.entries(tree).filter_map(|(name, path, entry)| {
        let own = kind.folder().join(path.name());
        let what = what_it_is(tree, entry, &own)?;
        let message =
            format!("the {word} `{name}` is not started with the host: its link is {what}");
        let place = Place::file(path).label(format!("should be a link to {own}"));
        let help = format!("rm {}, then {}", path.word(), kind.command(name));
        Some(RULE.finding(path.as_str(), message).at(place).help(help))
    });
    ignored.collect()
}

/// Returns what an entry is that libvirt does not take; a file with the same bytes may be a hard link, which it takes.
fn what_it_is(tree: &Tree, entry: &Entry, own: &HostPath) -> Option<String> {
    match entry {
        Entry::File(file) => match tree.file(own) {
            Some(known) if known.bytes == file.bytes => None,
            Some(_) => {
                Some("a file of its own, and differs from what it should lead to".to_owned())
            }
            None => Some("a file of its own".to_owned()),
        },
        Entry::Link {
            end: LinkEnd::At(end),
            ..
        } if *end != tree.end_of(own) => Some(format!("one to {end}")),
        Entry::Other(kind) => Some(format!("a {kind}")),
        // dangling is another rule's
        Entry::Link { .. } | Entry::Unread | Entry::Unreadable(_) => None,
    }
}
