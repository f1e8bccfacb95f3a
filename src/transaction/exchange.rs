//! How far a transaction got, on disk: its journal is exchanged for one that says so, by a single rename.

use super::journal::{Header, State};
use super::names::{JOURNAL, journal_to_come};
use super::{Guard, Result, disk, own};
use crate::root::Folder;

/// Writes the journal of a prepared transaction, and those to come: so a full disk cannot keep it from ending.
pub(super) fn write_journals(folder: &Folder, header: &Header) -> Result<()> {
    let write = |name: &str, state| {
        let header = Header {
            state,
            ..header.clone()
        };
        disk::write_private(folder, name, header.to_text().as_bytes())
    };
    write(JOURNAL, State::Prepared)?;
    for state in [State::Applied, State::Recovered, State::Prepared] {
        write(journal_to_come(state), state)?;
    }
    Ok(())
}

/// Exchanges the journal for the one that was written for this state; if that is done, there is nothing to do.
pub(super) fn mark(guard: &Guard<'_>, id: u64, state: State) -> Result<()> {
    let name = journal_to_come(state);
    let folder = guard.transactions()?.open_child(&id.to_string())?;
    if own::read(&folder, name, 1 << 20)?.is_some() {
        disk::rename(&folder, name, JOURNAL)?;
    }
    disk::sync_folder(&folder)
}
