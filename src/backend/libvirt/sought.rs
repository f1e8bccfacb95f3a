//! What a file must hold to be read: names, searched in its bytes before anything is parsed.

use std::collections::HashSet;

use memchr::memmem;

use crate::host::network::{DevicePart, Forward, Network};

/// What is sought.
#[derive(Debug, Default)]
pub(crate) struct Sought<'n> {
    /// Names of devices.
    names: &'n [&'n str],
    /// Networks, named by a guest; there may be many.
    networks: HashSet<&'n [u8]>,
}

impl<'n> Sought<'n> {
    /// Returns the search for these names.
    pub(crate) fn names(names: &'n [&'n str]) -> Self {
        Self {
            names,
            networks: HashSet::new(),
        }
    }

    /// Returns the search for these names, and for networks whose guests get a macvtap on one of them: their files do not
    /// name the device.
    pub(crate) fn in_guests(
        names: &'n [&'n str],
        networks: impl Iterator<Item = &'n Network>,
    ) -> Self {
        let on_one = |network: &&Network| {
            matches!(network.forward, Forward::Direct(_))
                && network.devices.iter().any(|device| {
                    device.part != DevicePart::Pf && names.contains(&device.name.as_str())
                })
        };
        let networks = networks.filter(on_one);
        Self {
            names,
            networks: networks.map(|network| network.name.as_bytes()).collect(),
        }
    }

    /// Returns whether the bytes hold any of it; what is written in character references is found by these alone.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let holds = |name: &str| memmem::find(bytes, name.as_bytes()).is_some();
        self.names.iter().chain(&["&#"]).any(|name| holds(name)) || self.names_network(bytes)
    }

    fn names_network(&self, bytes: &[u8]) -> bool {
        const WORD: &[u8] = b"network";
        if self.networks.is_empty() {
            return false;
        }
        let values =
            memmem::find_iter(bytes, WORD).filter_map(|at| value(&bytes[at + WORD.len()..]));
        // `&amp;` and the like: reading the file tells
        let mut values = values;
        values.any(|value| value.contains(&b'&') || self.networks.contains(value))
    }
}

/// Returns the value of the attribute whose name ends right before `rest`.
fn value(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let (quote, rest) = rest.split_first()?;
    let quote = matches!(quote, b'\'' | b'"').then_some(*quote)?;
    memchr::memchr(quote, rest).map(|end| &rest[..end])
}
