//! The formats of connection profiles: one line each.
//!
//! To add a format: its folder beside this file with its [`Lens`], its variant in [`Backend`] and its kinds of files in
//! [`crate::layout`], its line in [`LENSES`], and its templates. Nothing else knows how many there are.

use std::sync::Arc;

use super::lens::{Beside, Lens};
use super::{ifcfg, keyfile};
use crate::host::profile::{Backend, Profile};
use crate::readers::{Docs, Readers};
use crate::tree::Tree;

/// The formats, in the order in which their profiles are listed; a new profile that nothing else decides for has the first.
pub(crate) static LENSES: &[Lens] = &[ifcfg::LENS, keyfile::LENS];

/// Returns the lens of a format.
pub(crate) fn of(backend: Backend) -> &'static Lens {
    let found = LENSES.iter().find(|lens| lens.backend == backend);
    found.unwrap_or(&LENSES[0])
}

/// Returns the profiles of a tree that are of formats that are written, without anything around them.
#[must_use]
pub(crate) fn profiles(tree: &Tree, readers: &Readers) -> Vec<Profile> {
    let written = LENSES.iter().filter(|lens| lens.writer.is_some());
    let found = written.map(|lens| (lens.read)(tree, readers, &Docs::default()));
    let profiles = found.flat_map(|found| found.profiles);
    profiles.map(Arc::unwrap_or_clone).collect()
}

/// Returns the files that belong to `profile` because of its name.
#[must_use]
pub(crate) fn beside(tree: &Tree, readers: &Readers, profile: &Profile) -> Vec<Beside> {
    (of(profile.home.backend).beside)(tree, readers, profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::kind_of;

    #[test]
    fn every_format_has_its_lens_and_its_kind_of_file() {
        for lens in LENSES {
            assert_eq!(of(lens.backend).backend, lens.backend);
            let path = lens.backend.path("ens33");
            let kind = kind_of(&path).unwrap_or_else(|| panic!("{path} is of no kind"));
            assert_eq!(kind.format, Some(lens.backend), "{path}");
        }
        let formats = crate::layout::FILES.iter().filter_map(|kind| kind.format);
        for format in formats {
            assert_eq!(of(format).backend, format);
        }
    }
}
