//! A regular file in a folder `autostart` with the bytes of the file that it should be a link to.

use super::autostart::Kind;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::Entry;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "autostart-copy",
    severity: Severity::Warning,
    readers: &[],
    finds: "A regular file where a link should start a network or guest with the host.",
    why: "If it is a copy, libvirt does not start what it names. If it is a hard link it does, until the file is
next written: an editor, virsh and kvmnet replace the old file by a new one.",
    example: "
$ cp networks/lab.xml networks/autostart/",
    remedy: "Replace it by a symbolic link: delete it, then kvmnet network set NAME --autostart (for a guest: virsh
autostart)",
    source: "virFileLinkPointsTo() and virFileRewrite() in libvirt's util/virfile.c (seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let kinds = Kind::ALL.into_iter();
    let copies = kinds.flat_map(|kind| {
        let entries = kind.entries(sight.tree);
        entries.filter_map(move |(name, path, entry)| {
            let Entry::File(file) = entry else {
                return None;
            };
            let own = kind.folder().join(path.name());
            let same = sight
                .tree
                .file(&own)
                .is_some_and(|known| known.bytes == file.bytes);
            let message = format!(
                "a regular file, not a link, should start the {} `{name}` with the host",
                kind.word()
            );
            let place = Place::file(path).label(format!("should be a link to {own}"));
            let help = format!("rm {}, then {}", path.word(), kind.command(name));
            same.then(|| RULE.finding(path.as_str(), message).at(place).help(help))
        })
    });
    copies.collect()
}
