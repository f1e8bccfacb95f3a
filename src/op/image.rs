//! Profiles that come with the image: nothing is written there, so what is in /etc comes before them.

use std::sync::Arc;

use super::Future;
use crate::host::Host;
use crate::host::profile::Profile;

/// Says which profiles of the image another one comes before from now on.
pub(super) fn notes(host: &Host, future: &Future) -> Vec<String> {
    let of_image = |profile: &&Arc<Profile>| profile.home.of_image().is_some();
    let profiles = host.profiles.iter().filter(of_image);
    let said = profiles.filter_map(|profile| {
        let path = profile.home.of_image()?;
        let name = &profile.interface;
        match future.host.profile(name) {
            Some(after) if !profile.home.is_of_image() || after.is_same(profile) => None,
            Some(_) => Some(format!(
                "the profile of `{name}` comes with the image, as {path}: a file of the same UUID in /etc overrides it"
            )),
            None => Some(format!(
                "the profile of `{name}` comes with the image, as {path}: a link in /etc hides it"
            )),
        }
    });
    said.collect()
}
