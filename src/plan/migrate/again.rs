//! Whether keyfiles say just what the files say that they are migrated from.

use std::collections::{BTreeSet, HashMap};

use crate::backend::migrate::{self, Around, As};
use crate::backend::{self, Interest};
use crate::host::profile::Profile;
use crate::tree::{HostPath, Tree};

/// Returns whether these keyfiles are, byte for byte, what a migration makes of those profiles.
pub(in crate::plan) fn is_said(
    tree: &Tree,
    keyfiles: &[&Profile],
    others: &Tree,
    profiles: &[&Profile],
) -> bool {
    let text = |keyfile: &&Profile| {
        let file = tree.file(keyfile.home.file.as_ref()?)?;
        String::from_utf8(file.bytes.to_vec()).ok()
    };
    let texts: Option<BTreeSet<String>> = keyfiles.iter().map(text).collect();
    let host = backend::inspect(others, Interest::All);
    let around = Around::of(others, &host);
    let known: HashMap<&Option<HostPath>, &Profile> = host
        .profiles()
        .map(|known| (&known.home.file, known))
        .collect();
    let made = |profile: &&Profile| {
        let found = known.get(&profile.home.file)?;
        let keyfile = migrate::keyfile(others, &host, &around, found, As::InForce).ok()?;
        (!keyfile.by_scripts).then_some(keyfile.text)
    };
    let made: Option<BTreeSet<String>> = profiles.iter().map(made).collect();
    made.is_some() && made == texts
}
