//! A link in a folder `autostart` that leads nowhere.

use super::autostart::Kind;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};
use crate::tree::{Entry, LinkEnd};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "autostart-dangling",
    severity: Severity::Error,
    readers: &[],
    finds: "A dangling link by which a network or guest should be started with the host.",
    why: "libvirt ignores it silently. What it named was removed or renamed, and a reader of the folder takes it
for started; if a file of that name appears again, it is started with the host.",
    example: "
/etc/libvirt/qemu/networks/autostart/lab.xml
    -> /etc/libvirt/qemu/networks/lab.xml, which does not exist",
    remedy: "Delete the link: kvmnet check --fix autostart-dangling",
    source: "virFileLinkPointsTo() in libvirt's util/virfile.c (seen with libvirt 9.0: autostart `no`, no message)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    Kind::ALL
        .into_iter()
        .flat_map(|kind| of_kind(sight, kind))
        .collect()
}

fn of_kind(sight: &Sight<'_>, kind: Kind) -> Vec<Finding> {
    let dangling = kind.entries(sight.tree).filter_map(|(name, path, entry)| {
        let Entry::Link {
            target,
            end: LinkEnd::Broken(_),
        } = entry
        else {
            return None;
        };
        let word = kind.word();
        let message =
            format!("the {word} `{name}` is not started with the host: its link is dangling");
        let place = Place::file(path).label(format!("leads to {target}"));
        let own = kind.folder().join(path.name());
        let help = match sight.tree.exists(&own) {
            true => kind.command(name),
            false if is_misnamed(sight, kind, name) => {
                "kvmnet check --fix network-file-name   # its file has another name".to_owned()
            }
            false => "kvmnet check --fix autostart-dangling   # deletes the link".to_owned(),
        };
        Some(RULE.finding(path.as_str(), message).at(place).help(help))
    });
    dangling.collect()
}

/// Returns whether there is a network of this name, in a file that has another one.
fn is_misnamed(sight: &Sight<'_>, kind: Kind, name: &str) -> bool {
    kind == Kind::Network && sight.joined.network(name).is_some()
}

/// Where the file is there, be it under another name, the link was meant for it: then deleting it is not safe.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let own = path.folder().folder().join(path.name());
    let name = path.name().strip_suffix(".xml").unwrap_or_default();
    let networks = Kind::Network.folder().join("autostart");
    let misnamed = path.folder() == networks && is_misnamed(mender, Kind::Network, name);
    (!mender.tree.exists(&own) && !misnamed).then(|| Fix::Delete(path.clone()))
}
