//! Interfaces by the UUIDs of their profiles, in files of one format for those of the other: NetworkManager has one set of
//! profiles, whichever plugin reads them, and a port may name its controller by UUID.
//!
//! Source: `find_master()` in nm-manager.c (`nm_settings_get_connection_by_uuid()`).

use std::collections::BTreeMap;

use md5::{Digest, Md5};

use super::text::text_of;
use crate::doc::keyfile::KeyfileDoc;
use crate::doc::shell::ShellDoc;
use crate::host::value::InterfaceName;
use crate::readers::{IMAGE_KEYFILES, KEYFILES, NETWORK_SCRIPTS, Readers, named};
use crate::tree::{HostPath, Tree};

/// Interfaces by UUIDs in lower case.
pub(super) type ByUuid = BTreeMap<String, InterfaceName>;

/// Returns those of ifcfg files.
pub(super) fn of_ifcfg(tree: &Tree, readers: &Readers) -> ByUuid {
    let files = tree.names_with(&HostPath::literal(NETWORK_SCRIPTS), "ifcfg-");
    let found = files.filter_map(|(name, path)| {
        readers.loads(name)?;
        let suffix = name.strip_prefix("ifcfg-")?;
        let doc = ShellDoc::parse(&text_of(tree, path)?);
        let said = |key: &str| doc.literal(key).filter(|value| !value.is_empty());
        let uuid = said("UUID").map_or_else(|| of_path(path), str::to_ascii_lowercase);
        Some((
            uuid,
            InterfaceName::parse(said("DEVICE").unwrap_or(suffix)).ok()?,
        ))
    });
    found.collect()
}

/// Returns those of keyfiles.
pub(super) fn of_keyfiles(tree: &Tree) -> ByUuid {
    let folders = [IMAGE_KEYFILES, KEYFILES].map(HostPath::literal);
    let files = folders.iter().flat_map(|folder| tree.names(folder));
    let found = files.filter_map(|(_, path)| {
        let doc = KeyfileDoc::parse(&text_of(tree, path)?);
        let uuid = doc.string("connection", "uuid")?;
        let name = named(&doc)?.name;
        Some((uuid.to_ascii_lowercase(), InterfaceName::parse(&name).ok()?))
    });
    found.collect()
}

/// Returns the UUID that NetworkManager makes of the path of an ifcfg file that has none: the MD5 of its bytes, as it is.
///
/// Source: `make_connection_setting()` in nms-ifcfg-rh-reader.c, `NM_UUID_TYPE_LEGACY` (run).
pub(super) fn of_path(path: &HostPath) -> String {
    let bytes: [u8; 16] = Md5::digest(path.as_str().as_bytes()).into();
    uuid::Uuid::from_bytes(bytes).to_string()
}
