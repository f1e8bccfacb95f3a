//! What libvirt takes of written files while a network is active or a guest runs, and the commands for it.

use crate::backend::{self, InterfaceUpdate, NetworkUpdate, shell_word, single_quoted};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::host::network::{Forward, Network, Uuid};
use crate::host::profile::Switch;
use crate::tree::{HostPath, Node, Tree};

/// What is written, by the names of the files.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Texts<'a> {
    pub(in crate::plan) tree: &'a Tree,
    pub(in crate::plan) set: &'a ChangeSet,
}

impl<'a> Texts<'a> {
    /// Returns whether the file is written.
    pub(in crate::plan) fn has(&self, path: &HostPath) -> bool {
        self.set.get(&self.tree.end_of(path)).is_some()
    }

    /// Returns the text of the file before and after.
    fn of(&self, path: &HostPath) -> Option<(&'a str, &'a str)> {
        let change = self.set.get(&self.tree.end_of(path))?;
        let text = |node: &'a Option<Node>| match node {
            Some(Node::File(file)) => str::from_utf8(&file.bytes).ok(),
            Some(Node::Link(_)) | None => None,
        };
        Some((text(&change.before)?, text(&change.after)?))
    }

    /// Returns what an active network takes of its file: nothing where that says the same as before, `None` where it must stop and
    /// start.
    pub(in crate::plan) fn network(&self, network: &Network) -> Option<Vec<NetworkUpdate>> {
        let (old, new) = self.of(network.origin.as_ref()?)?;
        backend::network_updates(old, new)
    }

    /// Returns what a running guest takes of its file, `None` where it must be off once.
    pub(in crate::plan) fn guest(
        &self,
        (old, new): (&Guest, &Guest),
        hosts: (&Host, &Host),
    ) -> Option<Vec<InterfaceUpdate>> {
        let (before, after) = self.of(&new.origin)?;
        let updates = backend::interface_updates(before, after)?;
        let is_taken = |update: &InterfaceUpdate| {
            let pair = (
                old.interfaces.get(update.ordinal),
                new.interfaces.get(update.ordinal),
            );
            match pair {
                (Some(old), Some(new)) => is_on_a_tap(hosts.0, old) && is_on_a_tap(hosts.1, new),
                (_, _) => false,
            }
        };
        updates.iter().all(is_taken).then_some(updates)
    }
}

/// Returns whether an interface is a tap in a bridge of the kernel, which can be taken from one to another.
///
/// Source: `qemuDomainChangeNet()`: macvtaps, and ports with a `<virtualport>` (Open vSwitch), would have to be made anew.
fn is_on_a_tap(host: &Host, interface: &GuestInterface) -> bool {
    let by_network = |network: &Network| {
        let lines = &network.lines;
        let ports = [lines.port, lines.group_port, lines.of_card, lines.vlan];
        !matches!(network.forward, Forward::Direct(_))
            && network.switch == Switch::Linux
            && ports.iter().all(Option::is_none)
    };
    let in_bridge = match &interface.source {
        Source::Network { name, .. } => host.network(name).is_some_and(by_network),
        Source::Bridge(_) => true,
        Source::Device(_) | Source::Other(_) => false,
    };
    in_bridge && interface.virtualport.is_none() && !interface.vlan
}

/// Returns a guest as virsh is told which one it is: it looks for an ID first, then for a UUID, then for a name, and takes what begins
/// with `-` for an option.
///
/// Source: `virshLookupDomainInternal()` in tools/virsh-util.c.
pub(in crate::plan) fn domain(guest: &Guest) -> String {
    let is_id = guest.name.bytes().all(|byte| byte.is_ascii_digit());
    word(&guest.name, guest.uuid, is_id)
}

/// The same for a network, which has no ID.
///
/// Source: `virshCommandOptNetworkBy()` in tools/virsh-network.c.
pub(in crate::plan) fn network_word(network: &Network) -> String {
    word(&network.name, network.uuid, false)
}

fn word(name: &str, uuid: Option<Uuid>, is_id: bool) -> String {
    let is_other = is_id || name.starts_with('-') || Uuid::parse_str(name).is_ok();
    let uuid = uuid.filter(|_| is_other).map(|uuid| uuid.to_string());
    uuid.unwrap_or_else(|| shell_word(name))
}

/// Returns the command for an active network. The file is written, and the daemon reads it by itself: `--live` alone.
pub(in crate::plan) fn net_update(network: &Network, update: &NetworkUpdate) -> String {
    let NetworkUpdate {
        verb,
        section,
        parent,
        xml,
    } = update;
    let (name, xml) = (network_word(network), single_quoted(xml));
    let parent = parent.map_or(String::new(), |index| format!(" --parent-index {index}"));
    format!("virsh net-update {name} {verb} {section} {xml}{parent} --live")
}

/// Returns the command for a running guest.
pub(in crate::plan) fn update_device(guest: &Guest, update: &InterfaceUpdate) -> String {
    let (name, xml) = (domain(guest), single_quoted(&update.xml));
    // `echo` of some shells takes `\` for the beginning of a character
    let print = match xml.contains('\\') {
        true => "printf '%s\\n'",
        false => "echo",
    };
    format!("{print} {xml} | virsh update-device {name} /dev/stdin --live")
}
