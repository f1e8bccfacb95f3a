//! Which programs of the tree read its network configuration, and how they differ: a program a file.
//!
//! What cannot be told from files is said to be unknown, and each use says what that means there. To add a program: its file
//! here, and its lines in [`folders`], [`files`], [`present`] and [`Readers::of`]. Here is the sum of them alone.

mod claim;
mod glob;
mod ifupdown;
mod index;
mod initramfs;
mod libvirt;
mod loads;
mod lookup;
mod manager;
mod netfilter;
mod netplan;
mod network_manager;
mod networkd;
mod not_read;
mod ovs;
mod program;
mod release;
mod scripts;
mod told;
mod udev;
mod unit;
mod version;
mod wicked;
mod yaml;

pub use claim::{Claim, Device, Kind, Other, Unparsed};
pub use initramfs::{Ask, Asked};
pub use libvirt::{Libvirt, TFTP_ROOTS};
pub use loads::UUID_TWICE;
pub use manager::Manager;
pub use netfilter::{BridgeFilter, Firewalld};
pub use network_manager::refused;
pub use network_manager::{
    Doc, Docs, IMAGE_KEYFILES, KEYFILES, Named, NetworkManager, NoIfcfg, iaid, loads_keyfile,
    name_of_vlan, named, owner, pick_keyfile,
};
pub use not_read::NotRead;
pub use program::{At, Program, Starts};
pub use release::Release;
pub(crate) use scripts::LEVELS;
pub use scripts::{NETWORK_SCRIPTS, Scripts};
pub use version::Version;

use index::Index;
use udev::LinkFile;
pub use udev::named_cards;

use crate::tree::{HostPath, Picker, Tree};

/// The programs found in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// initscripts.
    pub scripts: Option<Scripts>,
    /// NetworkManager.
    pub network_manager: Option<NetworkManager>,
    /// Those whose files kvmnet does not edit.
    pub others: Vec<Other>,
    /// Which of what they configure is found by a name, of an interface or of a port.
    index: Index,
    /// Whether the tree is more than a copy of /etc: systemd is there.
    pub whole: bool,
    /// Whether brctl is there.
    pub brctl: bool,
    /// Whether openvswitch's ifup scripts are there.
    pub ovs_scripts: bool,
    /// Names of the helper scripts `ifup-NAME`.
    pub helpers: Vec<String>,
    /// What the kernel command line lets the initramfs configure.
    pub initramfs: Vec<Ask>,
    /// Whether the frames of bridges go through the packet filter.
    pub bridge_filter: BridgeFilter,
    /// What udev gives interfaces, in the order in which its files count.
    links: Vec<LinkFile>,
    /// The daemons of libvirt.
    pub libvirt: Libvirt,
    /// The release, if a file tells.
    pub release: Option<Release>,
    /// The version of libvirt, if the tree tells. Unknown means: any that is in use.
    pub libvirt_version: Option<Version>,
}

/// Returns the folders that are listed to know the programs.
pub(crate) fn folders() -> Vec<(HostPath, Picker)> {
    [
        scripts::folders(),
        network_manager::folders(),
        netplan::folders(),
        ifupdown::folders(),
        networkd::folders(),
        udev::folders(),
        wicked::folders(),
        unit::folders(),
        initramfs::folders(),
        netfilter::folders(),
    ]
    .concat()
}

/// Returns the files that are read to know the programs.
pub(crate) fn files() -> Vec<HostPath> {
    [
        scripts::files(),
        network_manager::files(),
        ifupdown::files(),
        unit::files(),
        ovs::files(),
        release::files(),
        initramfs::files(),
        netfilter::files(),
    ]
    .concat()
}

/// Returns the single paths of which the presence matters.
pub(crate) fn present() -> Vec<HostPath> {
    [
        scripts::brctl(),
        unit::systemd(),
        scripts::present(),
        network_manager::present(),
        netplan::present(),
        ifupdown::present(),
        wicked::present(),
        libvirt::present(),
        netfilter::present(),
        unit::present(),
    ]
    .concat()
}

impl Readers {
    /// Returns where it is said that udev gives a new bridge a hardware address of its own, and not that of its port.
    #[must_use]
    pub fn gives_bridge_address(&self, bridge: &str) -> Option<&At> {
        udev::gives_address(&self.links, bridge)
    }

    /// Returns the programs that `tree` shows.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let helpers = scripts::helpers(tree);
        let found = release::find(tree);
        let release = found.as_ref();
        let others = [
            netplan::find(tree, release),
            ifupdown::find(tree, release),
            networkd::find(tree),
            wicked::find(tree),
            ovs::find(tree),
        ];
        let scripts = scripts::find(tree, &helpers, release);
        let network_manager = network_manager::find(tree, release);
        let libvirt_version = libvirt::version(tree, release);
        let mut others: Vec<Other> = others
            .into_iter()
            .filter(|other| other.at.is_some())
            .collect();
        Self {
            index: Index::of(&mut others),
            scripts,
            network_manager,
            others,
            whole: unit::is_whole(tree),
            brctl: scripts::brctl().iter().any(|path| tree.exists(path)),
            ovs_scripts: helpers.iter().any(|helper| helper == "ovs"),
            helpers,
            initramfs: initramfs::find(tree),
            bridge_filter: netfilter::find(tree),
            links: udev::links(tree),
            libvirt: libvirt::daemons(tree),
            libvirt_version,
            release: found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is asked for was read: a file, a presence, or a name in a folder that is listed.
    #[test]
    fn every_path_that_is_asked_for_is_read() {
        let sources = [
            include_str!("claim.rs"),
            include_str!("ifupdown.rs"),
            include_str!("initramfs.rs"),
            include_str!("libvirt.rs"),
            include_str!("manager.rs"),
            include_str!("netfilter.rs"),
            include_str!("netplan.rs"),
            include_str!("network_manager/conf.rs"),
            include_str!("network_manager/keyfiles.rs"),
            include_str!("network_manager/mod.rs"),
            include_str!("networkd.rs"),
            include_str!("ovs.rs"),
            include_str!("release.rs"),
            include_str!("scripts.rs"),
            include_str!("udev.rs"),
            include_str!("unit.rs"),
            include_str!("wicked.rs"),
        ];
        let mut single: Vec<HostPath> = present().into_iter().chain(files()).collect();
        // the backend reads it for every command
        single.push(HostPath::literal("/etc/machine-id"));
        let mut listed: Vec<HostPath> = folders().into_iter().map(|(folder, _)| folder).collect();
        // these two the whole program reads
        listed.push(HostPath::literal(NETWORK_SCRIPTS));
        listed.push(HostPath::literal(KEYFILES));
        listed.push(HostPath::literal(IMAGE_KEYFILES));
        let known = |path: &str| {
            single.iter().any(|known| known.as_str() == path)
                || listed.iter().any(|folder| folder.as_str() == path)
                // what is in a folder that is listed with those in it
                || listed.iter().any(|folder| folder.as_str() == "/etc/network" && path.starts_with("/etc/network/"))
                // the folders of units, each of which has listed ones
                || listed.iter().any(|folder| folder.folder().as_str() == path)
        };
        let mut asked = 0;
        for source in sources {
            let source = source.split("#[cfg(test)]").next().unwrap();
            for literal in source.split('"').skip(1).step_by(2) {
                let is_path = literal.starts_with('/') && !literal.contains(['{', ' ', '\n']);
                if is_path && literal != "/dev/null" {
                    asked += 1;
                    assert!(known(literal), "{literal} is asked for, and never read");
                }
            }
        }
        assert!(asked > 60, "{asked}");
        // and each unit is asked for by its name
        assert!(
            single
                .iter()
                .any(|path| path.name() == "NetworkManager.service")
        );
    }
}
