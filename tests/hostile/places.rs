//! Each component of each path replaced by something else, under every command.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use crate::run::{Scene, all, contents, paths};
use crate::support::sample::{sample, whole};

/// About how many attacks are tried without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 20;

/// Commands that only look.
pub(crate) const LOOKS: &[&str] = &[
    "show",
    "leases",
    "status --diff",
    "check",
    "history",
    "history 1",
    "templates list",
    "bridge add br0 --port ens33 --dry-run",
];

/// Commands that change files.
pub(crate) const CHANGES: &[&str] = &[
    "bridge add br0 --port ens33 --yes",
    "bridge add br0 --port ens33 --yes --backup store",
    "network copy default nat1 --yes",
    "network remove default --force --yes",
    "guest connect vm1 --network default --new --yes",
    "check --fix --yes",
    "rollback --yes",
    "apply PLAN --yes",
    "recover",
];

/// Paths that commands look for or make, beside those that are there.
const WANTED: &[&str] = &[
    "etc/sysconfig/network-scripts/ifcfg-br0",
    "etc/sysconfig/network-scripts/ifcfg-ens33.old",
    "etc/sysconfig/network-scripts/route-ens33",
    "etc/sysconfig/network-scripts/.kvmnet-1-0",
    "etc/libvirt/qemu/networks/nat1.xml",
    "etc/libvirt/qemu/networks/default.xml.old",
    "etc/libvirt/qemu/networks/autostart/nat1.xml",
    "etc/libvirt/qemu/autostart",
    "etc/NetworkManager/system-connections/ens33.nmconnection",
    "etc/localtime",
    "run",
    "run/libvirt/network",
    "sys",
    "sys/class/net",
    "sys/class/net/ens33",
    "var/lib/kvmnet/backups",
    "var/lib/kvmnet/transactions/2.new",
    "var/lib/libvirt/dnsmasq/virbr0.leases",
];

/// What takes the place of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Instead {
    /// A link with this text; `$OUT` is the way to its counterpart outside, `$TMP` that as an absolute path.
    Link(&'static str),
    Fifo,
    /// `/dev/zero`, which never ends.
    Device,
    Socket,
    Folder,
    Empty,
    /// Of 1 GiB, without a block on the disk.
    Sparse,
    /// What was there, for nobody to read.
    Unreadable,
}

pub(crate) const INSTEAD: &[Instead] = &[
    Instead::Link("/etc"),
    Instead::Link("/"),
    Instead::Link("../../.."),
    Instead::Link("../../../../../../../../../../../../../etc"),
    Instead::Link("$OUT"),
    Instead::Link("$TMP"),
    Instead::Link("$SELF"),
    Instead::Link("nowhere/at/all"),
    Instead::Fifo,
    Instead::Device,
    Instead::Socket,
    Instead::Folder,
    Instead::Empty,
    Instead::Sparse,
    Instead::Unreadable,
];

/// Replaces the component `path`; false, where it cannot be done here.
pub(crate) fn replace(scene: &Scene, path: &str, instead: Instead) -> bool {
    let at = scene.root().join(path);
    let folder = at.parent().unwrap();
    fs::create_dir_all(folder).unwrap();
    if instead == Instead::Unreadable {
        return at.exists() && fs::set_permissions(&at, fs::Permissions::from_mode(0o000)).is_ok();
    }
    remove(&at);
    match instead {
        Instead::Link(text) => {
            let up = "../".repeat(path.split('/').count());
            let text = text
                .replace("$OUT", &format!("{up}outside/{path}"))
                .replace(
                    "$TMP",
                    scene.path().join("outside").join(path).to_str().unwrap(),
                )
                .replace("$SELF", at.file_name().unwrap().to_str().unwrap());
            symlink(text, at).is_ok()
        }
        Instead::Fifo => mknodat(CWD, at, FileType::Fifo, Mode::from_raw_mode(0o644), 0).is_ok(),
        // only root may
        Instead::Device => {
            let (mode, zero) = (Mode::from_raw_mode(0o644), makedev(1, 5));
            mknodat(CWD, at, FileType::CharacterDevice, mode, zero).is_ok()
        }
        // no longer than a socket's path may be
        Instead::Socket => UnixListener::bind(at).is_ok(),
        Instead::Folder => fs::create_dir(at).is_ok(),
        Instead::Empty => fs::write(at, "").is_ok(),
        Instead::Sparse => fs::File::create(at).unwrap().set_len(1 << 30).is_ok(),
        Instead::Unreadable => true,
    }
}

fn remove(at: &Path) {
    match at.symlink_metadata() {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(at).unwrap(),
        Ok(_) => fs::remove_file(at).unwrap(),
        Err(_) => {}
    }
}

/// Returns each component with each thing in its place.
pub(crate) fn attacks() -> Vec<(String, Instead)> {
    let mut components = paths(&Scene::new().root());
    components.extend(WANTED.iter().map(|&path| path.to_owned()));
    components.sort();
    components.dedup();
    let each = |path: &String| {
        INSTEAD
            .iter()
            .map(|&instead| (path.clone(), instead))
            .collect()
    };
    components.iter().flat_map::<Vec<_>, _>(each).collect()
}

/// Returns one of `commands`, another one for each attack; with `KVMNET_WHOLE=1` all of them.
fn some<'c>(commands: &'c [&'c str], attack: usize) -> Vec<&'c str> {
    if whole() {
        return commands.to_vec();
    }
    vec![commands[attack % commands.len()]]
}

#[test]
fn no_component_of_a_path_leads_out_or_hangs() {
    let [tried, refused] = [(); 2].map(|()| AtomicUsize::new(0));
    let attacks = sample("components of paths", attacks(), SAMPLE, |(_, instead)| {
        [*instead]
    });
    let attacks: Vec<_> = attacks.into_iter().enumerate().collect();
    all(&attacks, |(number, (path, instead))| {
        let context = format!("{path} as {instead:?}");
        let scene = Scene::new();
        if !replace(&scene, path, *instead) {
            return;
        }
        let before = contents(&scene.root());
        for command in some(LOOKS, *number) {
            scene.run(command, &context);
            tried.fetch_add(1, Ordering::Relaxed);
        }
        let after = contents(&scene.root());
        assert!(after == before, "{context}: looking changed it");
        for command in some(CHANGES, *number) {
            let scene = Scene::new();
            replace(&scene, path, *instead);
            let before = contents(&scene.root());
            let ran = scene.run(command, &context);
            tried.fetch_add(1, Ordering::Relaxed);
            if ran.code != 0 {
                refused.fetch_add(1, Ordering::Relaxed);
                let after = contents(&scene.root());
                assert!(after == before, "{context}: {command}: {}", ran.said);
            }
        }
    });
    let [tried, refused] = [tried, refused].map(AtomicUsize::into_inner);
    println!(
        "{tried} commands on {} trees, {refused} refused",
        attacks.len()
    );
    assert!(
        refused * 25 > tried && tried > refused,
        "{refused} of {tried}"
    );
}
