//! What a record says of a path: what was there and what is there now, without the contents, which lie beside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::{Change, Hex, Marks, Xattrs};
use crate::tree::{Attrs, HostPath, Node};

/// An extended attribute that is longer, in bytes, lies beside the record.
const LONG: usize = 256;

/// What happened at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedChange {
    /// The path.
    pub path: HostPath,
    /// What was there.
    pub before: Option<RecordedNode>,
    /// What is there now.
    pub after: Option<RecordedNode>,
    /// The file whose original this is a copy of.
    pub copy_of: Option<HostPath>,
    /// Whether it is there only while the change waits to be confirmed: it is no content, and never comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
}

/// A file or link without its content, which lies beside the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RecordedNode {
    /// A regular file.
    File {
        /// Mode and owner.
        #[serde(flatten)]
        attrs: Attrs,
        /// Extended attributes.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        xattrs: BTreeMap<String, Value>,
    },
    /// A symbolic link.
    Link {
        /// The text it holds.
        target: String,
        /// Its owner and group, where they were kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<(u32, u32)>,
        /// Extended attributes.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        xattrs: BTreeMap<String, Value>,
    },
}

/// The value of an extended attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// In the record.
    Here(Hex),
    /// In the file of this number in `values`.
    Beside {
        /// The number.
        value: u64,
    },
}

/// Values that lie beside the record.
pub(in crate::transaction) type Values = Vec<Vec<u8>>;

impl RecordedChange {
    pub(in crate::transaction) fn of(
        change: &Change,
        before: &Marks,
        after: &Marks,
        values: &mut Values,
    ) -> Self {
        let mut node = |node: &Option<Node>, marks| {
            let node = node.as_ref()?;
            Some(RecordedNode::of(node, marks, values))
        };
        Self {
            path: change.path.clone(),
            before: node(&change.before, before),
            after: node(&change.after, after),
            copy_of: None,
            waits: false,
        }
    }
}

impl RecordedNode {
    fn of(node: &Node, marks: &Marks, values: &mut Values) -> Self {
        let mut value = |bytes: &Vec<u8>| {
            if bytes.len() <= LONG {
                return Value::Here(Hex(bytes.clone()));
            }
            values.push(bytes.clone());
            Value::Beside {
                value: values.len() as u64 - 1,
            }
        };
        let xattrs = marks
            .xattrs
            .iter()
            .map(|(name, bytes)| (name.clone(), value(bytes)))
            .collect();
        match node {
            Node::Link(target) => Self::Link {
                target: target.clone(),
                owner: marks.owner,
                xattrs,
            },
            Node::File(file) => Self::File {
                attrs: file.attrs,
                xattrs,
            },
        }
    }

    /// Returns owner of a link and extended attributes; `beside` reads a value that lies beside the record.
    pub(in crate::transaction) fn marks<E>(
        &self,
        mut beside: impl FnMut(u64) -> Result<Vec<u8>, E>,
    ) -> Result<Marks, E> {
        let (xattrs, owner) = match self {
            Self::Link { owner, xattrs, .. } => (xattrs, *owner),
            Self::File { xattrs, .. } => (xattrs, None),
        };
        let mut read = Xattrs::new();
        for (name, value) in xattrs {
            let bytes = match value {
                Value::Here(Hex(bytes)) => bytes.clone(),
                Value::Beside { value } => beside(*value)?,
            };
            read.insert(name.clone(), bytes);
        }
        Ok(Marks {
            xattrs: read,
            owner,
        })
    }
}
