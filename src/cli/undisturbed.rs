//! Looking while others may write: what is shown of the files is no half of a change, or it is said that it may be.

use super::error::CliError;
use super::session::Session;
use crate::root::Root;
use crate::transaction::journal::{Header, State};
use crate::transaction::{Store, TransactionError};

/// How often the files are looked at before it is said that they do not hold still.
const TRIES: usize = 3;

/// What was seen of the transactions around a look at the files.
enum Around {
    /// The same before and after, and none open: what was seen is whole.
    Still,
    /// One is open: interrupted, or at work.
    Open(Box<Header>),
    /// One was made meanwhile.
    Moved,
    /// They cannot be read.
    Unknown(TransactionError),
}

/// Returns what `read` sees, looking again where a transaction was made meanwhile; what may be half of one is said to be.
pub(super) fn look<T>(
    session: &mut Session<'_>,
    root: &Root,
    read: impl Fn() -> Result<T, CliError>,
) -> Result<T, CliError> {
    for _ in 1..TRIES {
        if let (seen, Around::Still) = around(root, &read) {
            return seen;
        }
    }
    let (seen, around) = around(root, &read);
    match around {
        Around::Still => {}
        Around::Open(record) => session.screen.talk(&format!(
            "warning: transaction {} ({}) was interrupted, or is still running: these files may be half written (restore them: kvmnet recover)",
            record.id, record.command
        )),
        Around::Moved => session.screen.talk(
            "warning: another kvmnet is changing these files: they may be half written",
        ),
        // it is the error itself
        Around::Unknown(_) if seen.is_err() => {}
        Around::Unknown(error) => session
            .screen
            .talk(&format!("warning: the history cannot be read: {error}")),
    }
    seen
}

/// Returns what `read` sees, if no transaction was open or made meanwhile.
pub(super) fn still<T>(
    root: &Root,
    read: impl Fn() -> Result<T, CliError>,
) -> Option<Result<T, CliError>> {
    match around(root, &read) {
        (seen, Around::Still) => Some(seen),
        (_, Around::Open(_) | Around::Moved | Around::Unknown(_)) => None,
    }
}

fn around<T>(
    root: &Root,
    read: &impl Fn() -> Result<T, CliError>,
) -> (Result<T, CliError>, Around) {
    let store = Store::new(root);
    let before = store.headers();
    let seen = read();
    let around = match (before, store.headers()) {
        (Err(error), _) | (_, Err(error)) => Around::Unknown(error),
        (Ok(before), Ok(after)) => {
            let is_open = |record: &&Header| record.state == State::Prepared;
            let same = before == after;
            match before.into_iter().find(|record| is_open(&record)) {
                Some(record) => Around::Open(Box::new(record)),
                None if same => Around::Still,
                None => Around::Moved,
            }
        }
    };
    (seen, around)
}
