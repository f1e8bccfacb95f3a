//! What the running host does not do, or does otherwise, as far as files tell.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::shortened;
use crate::backend::in_use;
use crate::cli::clock;
use crate::cli::error::CliError;
use crate::host::Host;
use crate::host::live::{self, Live, Unused};
use crate::root::Root;
use crate::tree::{Entry, HostPath, Tree};

/// As many differences are listed on one screen.
const MOST: usize = 20;

/// What differs between the files and the running host.
pub(super) struct InUse {
    live: Live,
    unused: Vec<Unused>,
    /// Files that were changed since the host was booted, and of which nothing shows whether they are in use.
    untold: Vec<(HostPath, i64)>,
}

impl InUse {
    /// Compares them; what may not be read is warned of.
    pub(super) fn of(
        root: &Root,
        host: &Host,
        warnings: &mut Vec<String>,
    ) -> Result<Self, CliError> {
        let tree = root.read_tree(&in_use::scope())?;
        let live = in_use::live(&tree, host.shows_running);
        warnings.extend(unreadable(&tree));
        let unused = live::unused(host, &live);
        let mut untold = Vec::new();
        // a tree that shows no interfaces is not that of a running host, whatever else is in it
        let running = live.interfaces.as_ref().and(live.booted);
        if let Some(booted) = running {
            for file in live::untold(host, &live) {
                let changed = root.changed_at(file)?.map(|time| time.0);
                if let Some(changed) = changed.filter(|changed| *changed > booted) {
                    untold.push((file.clone(), changed));
                }
            }
        }
        Ok(Self {
            live,
            unused,
            untold,
        })
    }

    /// Returns a line for each difference, or says that there is none.
    pub(super) fn lines(&self, zone: &TimeZone) -> Vec<String> {
        if self.live.interfaces.is_none() && self.live.networks.is_none() {
            return vec!["unknown: this tree shows no running host".to_owned()];
        }
        let unused = self.unused.iter().map(|unused| unused.message.clone());
        let untold = self.untold.iter().map(|(path, changed)| {
            let changed = clock::local(*changed, zone);
            format!("perhaps {path}: it was changed at {changed}, after the host was booted")
        });
        let lines = shortened(unused.chain(untold).collect(), MOST, "difference");
        match lines.is_empty() {
            true => vec!["none, as far as files tell".to_owned()],
            false => lines,
        }
    }

    /// Returns them for programs.
    pub(super) fn json(&self) -> Value {
        let unused = self.unused.iter().map(|unused| {
            json!({
                "kind": unused.kind,
                "name": unused.name,
                "message": unused.message,
                "path": unused.file.as_ref().map(HostPath::as_str),
                "changed": null,
            })
        });
        let untold = self.untold.iter().map(|(path, changed)| {
            json!({
                "kind": "file",
                "name": path.name(),
                "message": "changed after the host was booted",
                "path": path.as_str(),
                "changed": changed,
            })
        });
        unused.chain(untold).collect()
    }

    /// Returns what of the running host the tree shows.
    pub(super) fn shows(&self) -> Value {
        json!({
            "interfaces": self.live.interfaces.is_some(),
            "libvirt": self.live.networks.is_some(),
            "booted": self.live.booted,
        })
    }
}

/// Says which files of libvirt's own may not be read: of those networks and guests no more is known than that they run.
fn unreadable(tree: &Tree) -> Option<String> {
    let unread = tree.entries().filter_map(|(path, entry)| match entry {
        Entry::Unreadable(why) => Some((path, why)),
        Entry::File(_) | Entry::Link { .. } | Entry::Unread | Entry::Other(_) => None,
    });
    let unread: Vec<_> = unread.collect();
    let (path, why) = unread.first()?;
    let more = match unread.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Some(format!(
        "{path} cannot be read ({why}){more}: of what runs less is told"
    ))
}
