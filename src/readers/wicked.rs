//! wicked, SUSE's network service: `/etc/sysconfig/network/ifcfg-*`, another dialect than Red Hat's.
//!
//! Source: ifcfg(5) (`STARTMODE`) and ifcfg-bridge(5) of sysconfig.

use super::claim::{Applies, is_name};
use super::{At, Claim, Kind, Other, Program, Starts, Unparsed, unit};
use crate::doc::shell::ShellDoc;
use crate::tree::{HostPath, Pick, Picker, Tree};

const FOLDER: &str = "/etc/sysconfig/network";
const PROGRAM: &[&str] = &["/usr/sbin/wicked", "/etc/wicked"];

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    vec![(HostPath::literal(FOLDER), |name| match is_profile(name) {
        true => Pick::Read,
        false => Pick::Skip,
    })]
}

pub(super) fn present() -> Vec<HostPath> {
    PROGRAM.iter().map(|path| HostPath::literal(path)).collect()
}

fn is_profile(name: &str) -> bool {
    let ignored = [
        "~",
        ".old",
        ".bak",
        ".orig",
        ".rpmnew",
        ".rpmsave",
        ".template",
    ];
    name.starts_with("ifcfg-") && !ignored.iter().any(|ending| name.ends_with(ending))
}

pub(super) fn find(tree: &Tree) -> Other {
    let mut other = Other::new(Program::Wicked);
    let names: Vec<(&str, &HostPath)> = tree.names(&HostPath::literal(FOLDER)).collect();
    let installed =
        present().iter().any(|path| tree.exists(path)) || unit::WICKED.is_installed(tree);
    if names.is_empty() && !installed {
        return other;
    }
    other.starts = match unit::WICKED.starts(tree) {
        Starts::Yes | Starts::Unknown => Starts::Yes,
        known @ (Starts::No | Starts::Masked(_) | Starts::Idle(_)) => known,
    };
    other.at = Some(At::file(HostPath::literal(FOLDER)));
    for (name, path) in names {
        let interface = name.trim_start_matches("ifcfg-");
        let Some(file) = tree.file(path).filter(|_| interface != "lo") else {
            other.unparsed.extend(Unparsed::of(tree, path));
            continue;
        };
        other.files.push(path.clone());
        let applies = Applies::Name(interface.to_owned());
        let mut claim = Claim::new(applies, Program::Wicked, At::file(path.clone()));
        let doc = ShellDoc::parse(&String::from_utf8_lossy(&file.bytes));
        let value = |key: &str| {
            let last = doc.assignments().rfind(|a| a.name == key)?;
            last.value.literal().map(str::to_owned)
        };
        let start = value("STARTMODE");
        claim.at_boot = !start.is_some_and(|start| matches!(start.as_str(), "manual" | "off"));
        if value("BRIDGE").is_some_and(|value| value == "yes") {
            claim.bridge = Some(Kind::Linux);
            let ports = value("BRIDGE_PORTS").unwrap_or_default();
            let names = ports.split_ascii_whitespace().filter(|name| is_name(name));
            claim.ports = names.map(str::to_owned).collect();
        }
        if value("OVS_BRIDGE").is_some_and(|value| value == "yes") {
            claim.bridge = Some(Kind::OpenVswitch);
        }
        other.claims.push(claim);
    }
    other
}
