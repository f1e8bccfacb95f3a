//! Reading what is kept of transactions, within limits; and the same limits for what is written, so that whatever was
//! written can be read again.

use std::collections::BTreeMap;

use super::journal::{Header, Record, RecordedNode, Values};
use super::names::{AFTER, BEFORE, CHANGES, JOURNAL, VALUES};
use super::{Result, TransactionError, own};
use crate::change::{Change, ChangeSet, Labels, Marks};
use crate::root::{Folder, MAX_FILE_BYTES, RootError};
use crate::tree::{File, HostPath, Node};

/// A header is longer only if somebody else wrote it.
const MAX_HEADER: usize = 1 << 20;
/// The length of `changes`: 60,000 links of the longest text are 230 MiB.
const MAX_CHANGES: usize = 384 << 20;
/// What all kept files of one side may hold: as much as is read of a tree.
const MAX_SIDE: usize = 256 << 20;
/// `XATTR_SIZE_MAX`, limits.h.
const MAX_VALUE: usize = 1 << 16;
/// Twenty are kept.
const MAX_TRANSACTIONS: usize = 1000;

/// How much may be read of the history, in bytes.
#[derive(Debug)]
pub struct Budget(usize);

impl Budget {
    /// Returns what reading one transaction takes at most.
    #[must_use]
    pub fn of_one() -> Self {
        Self(MAX_CHANGES + 2 * MAX_SIDE + (64 << 20))
    }

    /// Returns as much as is spent on what is only good to know.
    #[must_use]
    pub fn of_all() -> Self {
        Self(64 << 20)
    }

    /// Returns what reading one side of a transaction takes at most.
    pub(super) fn of_side() -> Self {
        Self(MAX_SIDE)
    }

    pub(super) fn read(
        &mut self,
        folder: &Folder,
        name: &str,
        most: usize,
    ) -> Result<Option<Vec<u8>>> {
        let bytes = own::read(folder, name, most.min(self.0))?;
        self.0 -= bytes.as_ref().map_or(0, Vec::len);
        Ok(bytes)
    }
}

/// The folder of transactions.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) folder: Folder,
}

impl Kept {
    pub(super) fn new(folder: Folder) -> Self {
        Self { folder }
    }

    /// Returns the numbers of all transactions, sorted.
    pub(super) fn ids(&self) -> Result<Vec<u64>> {
        let names = self.folder.names()?;
        let mut ids: Vec<u64> = names
            .iter()
            .filter_map(|(name, _)| number(name.to_str().ok()?))
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    pub(super) fn headers(&self) -> Result<Vec<Header>> {
        let ids = self.ids()?;
        if ids.len() > MAX_TRANSACTIONS {
            return Err(TransactionError::Distrusted {
                path: self.folder.path().clone(),
                why: format!(
                    "it contains {} transactions, and only 20 are kept",
                    ids.len()
                ),
            });
        }
        ids.into_iter()
            .filter_map(|id| self.header(id).transpose())
            .collect()
    }

    /// Returns the header of a transaction, nothing if it was pruned meanwhile.
    fn header(&self, id: u64) -> Result<Option<Header>> {
        let Some(folder) = own::child(&self.folder, &id.to_string())? else {
            return Ok(None);
        };
        // of version 1, all is in it
        let Some(journal) = own::read(&folder, JOURNAL, MAX_FILE_BYTES)? else {
            return Ok(None);
        };
        let header = Header::parse(&journal).and_then(|header| match header {
            header if header.is_in_one_file() => {
                Record::parse(&journal, &[]).and_then(|record| is_of(record.header, id))
            }
            _ if journal.len() > MAX_HEADER => Err("it is longer than kvmnet writes".to_owned()),
            header => is_of(header, id),
        });
        let path = folder.path().join(JOURNAL);
        header
            .map(Some)
            .map_err(|why| TransactionError::Journal { path, why })
    }

    /// Returns a transaction, nothing if it was pruned meanwhile.
    pub(super) fn record(&self, id: u64, budget: &mut Budget) -> Result<Option<Record>> {
        let Some(folder) = own::child(&self.folder, &id.to_string())? else {
            return Ok(None);
        };
        let Some(journal) = budget.read(&folder, JOURNAL, MAX_FILE_BYTES)? else {
            return Ok(None);
        };
        let changes = budget.read(&folder, CHANGES, MAX_CHANGES)?;
        let record = Record::parse(&journal, &changes.unwrap_or_default());
        let record = record.and_then(|record| is_of(record.header.clone(), id).map(|_| record));
        let path = folder.path().join(JOURNAL);
        record
            .map(Some)
            .map_err(|why| TransactionError::Journal { path, why })
    }

    /// Returns what the transaction changed, and the marks of what was there before.
    pub(super) fn change_set(
        &self,
        record: &Record,
        budget: &mut Budget,
    ) -> Result<(ChangeSet, BTreeMap<HostPath, Marks>)> {
        let id = record.header.id;
        let reader = Reader {
            folder: own::open_child(&self.folder, &id.to_string())?,
        };
        let (mut set, mut old) = (ChangeSet::default(), BTreeMap::new());
        for (n, change) in record.changes.iter().enumerate() {
            let before = reader.node(BEFORE, n, change.before.as_ref(), budget)?;
            let after = reader.node(AFTER, n, change.after.as_ref(), budget)?;
            let (before, was) = before.unzip();
            let (after, marks) = after.unzip();
            if let Some(was) = was {
                old.insert(change.path.clone(), was);
            }
            set.put(Change {
                path: change.path.clone(),
                before,
                after,
                labels: Labels::Exact(marks.unwrap_or_default()),
            });
        }
        for (from, to) in &record.renames {
            set.note_rename(from.clone(), to.clone());
        }
        Ok((set, old))
    }
}

/// Returns the number that a name is: digits as they are written, no more.
pub(super) fn number(name: &str) -> Option<u64> {
    let number: u64 = name.parse().ok()?;
    (number > 0 && number.to_string() == name).then_some(number)
}

/// Refuses a journal that is another transaction's, or takes back what came later or itself.
fn is_of(header: Header, id: u64) -> std::result::Result<Header, String> {
    if header.id != id {
        return Err(format!("it says that it is transaction {}", header.id));
    }
    let named = header.undoes.iter().chain(&header.back_to);
    match named.chain(&header.overrides).find(|named| **named >= id) {
        Some(undone) => Err(format!(
            "it takes back transaction {undone}, which is not an earlier one"
        )),
        None => Ok(header),
    }
}

struct Reader {
    folder: Folder,
}

impl Reader {
    fn node(
        &self,
        side: &str,
        n: usize,
        node: Option<&RecordedNode>,
        budget: &mut Budget,
    ) -> Result<Option<(Node, Marks)>> {
        let Some(node) = node else { return Ok(None) };
        let attrs = match node {
            RecordedNode::Link { target, .. } => {
                let marks = node.marks(|value| self.file(VALUES, value, MAX_VALUE, budget))?;
                return Ok(Some((Node::Link(target.clone()), marks)));
            }
            RecordedNode::File { attrs, .. } => *attrs,
        };
        let bytes = self.file(side, n as u64, MAX_FILE_BYTES, budget)?;
        let marks = node.marks(|value| self.file(VALUES, value, MAX_VALUE, budget))?;
        Ok(Some((Node::File(File { bytes, attrs }), marks)))
    }

    fn file(&self, folder: &str, n: u64, most: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let folder = own::open_child(&self.folder, folder)?;
        let path = folder.path().join(&n.to_string());
        let bytes = budget.read(&folder, &n.to_string(), most)?;
        Ok(bytes.ok_or(RootError::Missing { path })?)
    }
}

/// Refuses a change of which more would be kept than is read again. Extended attributes are not counted.
///
/// # Errors
/// [`TransactionError::TooMuch`].
pub fn measure(set: &ChangeSet) -> Result<()> {
    let mut sides = [0, 0];
    let mut lines = 0;
    for change in set.iter() {
        for (side, node) in sides.iter_mut().zip([&change.before, &change.after]) {
            let length = match node {
                Some(Node::File(file)) => file.bytes.len(),
                Some(Node::Link(target)) => {
                    lines += target.len();
                    0
                }
                None => 0,
            };
            if length > MAX_FILE_BYTES {
                let what = format!("{} would be {} MiB long", change.path, length >> 20);
                return Err(TransactionError::TooMuch { what });
            }
            *side += length;
        }
        lines += LINE + 2 * change.path.as_str().len();
    }
    match sides.iter().max() {
        Some(most) if *most > MAX_SIDE => Err(TransactionError::TooMuch {
            what: format!("the files that change contain {} MiB", most >> 20),
        }),
        _ => fits(set.len(), lines),
    }
}

/// What a line of `changes` has beside its path and its text, about.
const LINE: usize = 300;

/// Refuses a record that is longer than is read again.
pub(super) fn check(record: &Record, lines: &[String], values: &Values) -> Result<()> {
    let length: usize = lines.iter().map(String::len).sum();
    let header = record.header.to_text().len();
    if header > MAX_HEADER {
        let what = format!("the command is {} KiB long", header >> 10);
        return Err(TransactionError::TooMuch { what });
    }
    let values: usize = values.iter().map(Vec::len).sum();
    fits(record.changes.len(), length + values)
}

fn fits(changes: usize, length: usize) -> Result<()> {
    if length <= MAX_CHANGES {
        return Ok(());
    }
    Err(TransactionError::TooMuch {
        what: format!(
            "the record of {changes} changes is {} MiB long",
            length >> 20
        ),
    })
}
