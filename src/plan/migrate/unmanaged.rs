//! Profiles that nobody starts, since NetworkManager may not have them and the network service is not there: without their
//! files NetworkManager would take the interfaces.
//!
//! Source: `create_unhandled_connection()` in nms-ifcfg-rh-reader.c; `unmanaged-devices` in NetworkManager.conf(5), where `+=`
//! adds to what other files say (run).

use super::create_readable;
use crate::backend::migrate;
use crate::change::Editor;
use crate::host::Host;
use crate::host::layer3::About;
use crate::host::profile::Profile;
use crate::layout::{SNIPPETS, UNMANAGED};
use crate::tree::{HostPath, Tree};

/// Returns whether nobody starts a profile, and NetworkManager may not have its interface.
pub(super) fn is_one(host: &Host, profile: &Profile) -> bool {
    let scripts = host.readers.scripts.as_ref();
    let started = scripts.is_some_and(|scripts| !scripts.starts.never());
    let manager = host.readers.network_manager.as_ref();
    let reads = manager.is_some_and(|manager| manager.no_ifcfg.is_none());
    !profile.nm_controlled && !started && reads
}

/// Returns the file that says so.
pub(super) fn path() -> HostPath {
    HostPath::literal(SNIPPETS).join(UNMANAGED)
}

/// Returns the files of a profile that go.
pub(super) fn files(profile: &Profile) -> impl Iterator<Item = &HostPath> {
    let further = profile.layer3.further.iter();
    let further = further.filter(|part| part.about != About::Dhcp);
    let own = profile.home.file.iter();
    own.chain(further.map(|part| &part.at))
}

/// Writes that NetworkManager leaves the interfaces of `profiles` alone, and takes their files away.
pub(super) fn write(editor: &mut Editor<'_>, tree: &Tree, profiles: &[&Profile]) {
    if profiles.is_empty() {
        return;
    }
    let path = path();
    let there = tree.file(&path);
    let there = there.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let text = migrate::unmanaged(there, profiles);
    match tree.exists(&path) {
        true => editor.rewrite(&path, text.into_bytes()),
        false => create_readable(editor, &path, text, "/etc/NetworkManager"),
    }
    for file in profiles.iter().flat_map(|profile| files(profile)) {
        editor.delete(file);
    }
}
