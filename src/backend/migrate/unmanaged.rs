//! What NetworkManager leaves alone, as a snippet of its configuration.
//!
//! Source: `unmanaged-devices` in NetworkManager.conf(5), where `+=` adds to what other files say.

use crate::doc::edits::Edits;
use crate::doc::keyfile::KeyfileDoc;
use crate::host::profile::Profile;

const GROUP: &str = "keyfile";
const KEY: &str = "unmanaged-devices+";

/// A snippet that says nothing yet.
const EMPTY: &str = "# their ifcfg files had NM_CONTROLLED=no, and nothing started them\n[keyfile]\nunmanaged-devices+=\n";

/// Returns the snippet `there` with the interfaces of `profiles`.
#[must_use]
pub fn unmanaged(there: Option<String>, profiles: &[&Profile]) -> String {
    let text = there.unwrap_or_else(|| EMPTY.to_owned());
    let doc = KeyfileDoc::parse(&text);
    let mut raw = doc.string(GROUP, KEY).unwrap_or_default();
    for profile in profiles {
        let spec = match profile.mac {
            Some(mac) => format!("mac:{mac};"),
            None => format!("interface-name:{};", profile.interface),
        };
        if !raw.contains(&spec) {
            raw.push_str(&spec);
        }
    }
    let mut edits = Edits::default();
    doc.set(&mut edits, GROUP, KEY, &raw);
    edits.apply(&text)
}
