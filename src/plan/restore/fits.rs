//! The test that an original passes before it comes back: nothing that the files say now is lost by it.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::known::Original;
use super::past::{EditedSince, Past, Said, pieces};
use crate::backend::Piece;
use crate::backend::lenses;
use crate::host::Host;
use crate::host::layer3::Layer3;
use crate::host::profile::Profile;
use crate::host::value::{InterfaceName, IpNet};
use crate::tree::{HostPath, Node};

/// A text of a profile, and what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProfileText<'a> {
    /// The text.
    pub(super) bytes: &'a [u8],
    /// What it means.
    pub(super) profile: &'a Profile,
}

/// The host as it is, and whose its addresses are.
pub(super) struct Others<'a> {
    host: &'a Host,
    owners: HashMap<IpNet, HashSet<&'a InterfaceName>>,
}

impl<'a> Others<'a> {
    pub(super) fn of(host: &'a Host) -> Self {
        let mut owners: HashMap<IpNet, HashSet<&InterfaceName>> = HashMap::new();
        for profile in host.profiles() {
            for net in profile.layer3.addresses() {
                owners.entry(net).or_default().insert(&profile.interface);
            }
        }
        Self { host, owners }
    }
}

/// Returns whether the text `old` of an original says all that `new` says, and configures the same.
pub(super) fn says_all(
    old: ProfileText<'_>,
    new: ProfileText<'_>,
    original: &Original<'_>,
    others: &Others<'_>,
) -> bool {
    let (was, wanted) = (old.profile, new.profile);
    let nothing = original.own && wanted.layer3.is_unsaid();
    let same_addressing = was.layer3.addresses_alike(&wanted.layer3);
    let boots_alike =
        was.autostart == wanted.autostart && was.nm_controlled == wanted.nm_controlled;
    // a shell takes the CR for part of every value
    let ends = !has_carriage_returns(old.bytes) || has_carriage_returns(new.bytes);
    let said = match original.edited_since {
        // a history lies in the tree like any other file: what it says must be what the files say
        EditedSince::No => nothing || says(new, old),
        EditedSince::Yes => says(old, new) && ends && (nothing || says(new, old)),
        EditedSince::Unknown => {
            (says(old, new) || (nothing && says_beside_silence(old, new))) && ends
        }
    };
    was.interface == wanted.interface
        && was.link == wanted.link
        && (was.identity() == wanted.identity()
            || nothing
            || keeps_silence(was, wanted, original, others.host))
        && was.controller == wanted.controller
        && (same_addressing || (nothing && !taken(was, others)))
        && (boots_alike || original.own)
        && said
        && !has_new_code(old, new)
}

/// Returns whether an original says nothing of what kvmnet wrote to keep an identity, where nothing was edited since: with another
/// bridge beside it the metric that keeps the order was another one. With the usual metric the default routes must come in the
/// same order.
fn keeps_silence(was: &Profile, wanted: &Profile, original: &Original<'_>, before: &Host) -> bool {
    type Said = Option<String>;
    let said = |profile: &Profile| -> [Said; 4] {
        let (client, metrics) = (&profile.layer3.dhcp, &profile.layer3.metrics);
        let all = [&metrics.v4, &metrics.v6, &client.iaid_v4, &client.iaid_v6];
        all.map(|said| said.as_ref().map(|said| said.value.clone()))
    };
    let (old, new) = (said(was), said(wanted));
    let alike = |(old, new): (&Said, &Said)| old.is_none() || old == new;
    let number = |said: &Said| said.as_ref().and_then(|said| said.parse::<u32>().ok());
    let usual = wanted.link.usual_metric();
    let in_order = |family: usize| {
        let Some((own, usual)) = number(&new[family])
            .zip(usual)
            .filter(|_| old[family].is_none())
        else {
            return true;
        };
        let (low, high) = (own.min(usual), own.max(usual));
        let others = before.profiles().filter(|other| other.controller.is_none());
        // that of the bridge is the one which moves
        let mut others = others.filter_map(|other| number(&said(other)[family]));
        others.all(|metric| metric == own || metric < low || metric > high)
    };
    original.edited_since == EditedSince::No
        && old.iter().zip(&new).all(alike)
        && (0..2).all(in_order)
}

/// Returns whether the text of an original has shell code that `new` does not have.
///
/// What becomes a port keeps its code, and a history lies in the tree like any other file: where it speaks of code that is
/// not there now, somebody else wrote that.
fn has_new_code(old: ProfileText<'_>, new: ProfileText<'_>) -> bool {
    let lens = lenses::of(old.profile.home.backend);
    let known: HashSet<Piece> = (lens.pieces)(new.bytes)
        .into_iter()
        .map(|(_, p)| p)
        .collect();
    let pieces = (lens.pieces)(old.bytes).into_iter().map(|(_, p)| p);
    pieces.filter(is_code).any(|piece| !known.contains(&piece))
}

/// Returns whether a shell would run something for the piece, or may.
fn is_code(piece: &Piece) -> bool {
    match piece {
        Piece::Line(_) => true,
        Piece::Setting(_, value) => value.contains(['$', '`']),
        Piece::Comment(_) => false,
    }
}

/// Returns whether the file at `path`, which `made` made, says nothing with the text `new` that is worth a file: no addressing, and
/// nothing that was said since, or that came from a file that was there.
pub(super) fn says_nothing(
    new: ProfileText<'_>,
    made: &Past<'_>,
    path: &HostPath,
    edited_since: EditedSince,
) -> bool {
    let lens = lenses::of(new.profile.home.backend);
    let none = Said::default();
    let [was, left] = made.said(lens).unwrap_or(&none);
    let own = match made
        .earlier
        .set
        .get(path)
        .and_then(|change| change.after.as_ref())
    {
        Some(Node::File(file)) => pieces(lens, &file.bytes),
        Some(Node::Link(_)) | None => HashSet::new(),
    };
    let mut said = pieces(lens, new.bytes);
    // what it is, and that it has no addresses, is worth no file
    said.retain(|piece| !(lens.is_told)(piece, false));
    let added = edited_since != EditedSince::No && !said.is_subset(left);
    let came = said.difference(&own).any(|thing| was.contains(thing));
    new.profile.layer3.addresses_alike(&Layer3::default()) && !added && !came
}

/// Returns whether the lines of a file end in CR LF: its first one does.
fn has_carriage_returns(bytes: &[u8]) -> bool {
    let first = bytes.split_inclusive(|byte| *byte == b'\n').next();
    first.is_some_and(|line| line.ends_with(b"\r\n"))
}

/// Returns how much more an original says that fits, the least first: in settings that the files do not have now, and of those
/// with as many the one with the most comments.
pub(super) fn more(old: &[u8], new: ProfileText<'_>) -> (usize, Reverse<usize>) {
    let lens = lenses::of(new.profile.home.backend);
    let (old, new) = (pieces(lens, old), pieces(lens, new.bytes));
    let (mut settings, mut comments) = (0, 0);
    for thing in old.difference(&new) {
        match thing {
            Piece::Setting(..) if (lens.is_told)(thing, false) => {}
            Piece::Setting(..) | Piece::Line(_) => settings += 1,
            Piece::Comment(_) => comments += 1,
        }
    }
    (settings, Reverse(comments))
}

/// Returns whether every setting, comment and line of code of `said` is in `by`.
fn says(by: ProfileText<'_>, said: ProfileText<'_>) -> bool {
    let lens = lenses::of(by.profile.home.backend);
    let known = pieces(lens, by.bytes);
    pieces(lens, said.bytes).is_subset(&known)
}

/// The same for `said` that configures nothing, where it says no more than that; it is the same profile.
fn says_beside_silence(by: ProfileText<'_>, said: ProfileText<'_>) -> bool {
    let lens = lenses::of(by.profile.home.backend);
    let known = pieces(lens, by.bytes);
    let mut more = pieces(lens, said.bytes).into_iter();
    by.profile.id == said.profile.id
        && by.profile.uuid == said.profile.uuid
        && more.all(|piece| (lens.is_told)(&piece, false) || known.contains(&piece))
}

/// Returns whether an address of `old` belongs to another interface by now.
fn taken(old: &Profile, others: &Others<'_>) -> bool {
    let mut addresses = old.layer3.addresses();
    addresses.any(|net| {
        let owners = others.owners.get(&net);
        owners.is_some_and(|owners| owners.iter().any(|owner| **owner != old.interface))
    })
}
