//! A disk as a value: the calls of one run replayed on it, all of them or those that a crash may leave.
//!
//! An operation is either one on names, which is durable once its folder was synced, or one on a file, which is durable
//! once the file was. This is weaker than what ext4 and XFS promise, whose journals keep the order of all names.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::support::snapshot::{Found, Nodes, STATE};
use crate::support::strace::Call;

/// A file, link or folder, by its place in [`Disk::nodes`].
type Id = usize;

#[derive(Clone, Debug)]
enum Node {
    File {
        bytes: Arc<Vec<u8>>,
        mode: u32,
    },
    Link(PathBuf),
    Folder {
        mode: u32,
        names: BTreeMap<String, Id>,
    },
}

/// The first node is the root.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    nodes: Vec<Node>,
}

/// What one call did to the disk, or to what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// A name came.
    Enter { folder: Id, name: String, node: Id },
    /// A name went.
    Leave { folder: Id, name: String },
    /// A name was exchanged for another, in one.
    Move {
        from: (Id, String),
        to: (Id, String),
        node: Id,
    },
    /// Bytes were written.
    Write { file: Id, at: usize, bytes: Vec<u8> },
    /// A file was cut.
    Cut { file: Id, length: usize },
    /// A mode was set.
    Mode { node: Id, mode: u32 },
    /// All of a file or folder was made durable.
    Sync(Id),
    /// It said that the change is applied.
    Said,
}

/// How far the bytes of files got that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// All of them.
    Whole,
    /// None: the files are empty, with the mode they were made with.
    Lost,
    /// As many as there should be, of rubbish.
    Garbage,
}

impl Op {
    /// Returns the folders whose sync makes this change of names durable; none is for other operations.
    pub(crate) fn folders(&self) -> Vec<Id> {
        match self {
            Self::Enter { folder, .. } | Self::Leave { folder, .. } => vec![*folder],
            Self::Move { from, to, .. } => vec![from.0, to.0],
            Self::Write { .. }
            | Self::Cut { .. }
            | Self::Mode { .. }
            | Self::Sync(_)
            | Self::Said => Vec::new(),
        }
    }

    /// Returns whether two runs did the same here; what they wrote may tell different times.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Write { file, at, bytes },
                Self::Write {
                    file: other,
                    at: there,
                    bytes: found,
                },
            ) => (file, at, bytes.len()) == (other, there, found.len()),
            _ => self == other,
        }
    }

    /// Returns the file whose sync makes this change durable.
    pub(crate) fn file(&self) -> Option<Id> {
        match self {
            Self::Write { file, .. } | Self::Cut { file, .. } => Some(*file),
            Self::Mode { node, .. } => Some(*node),
            Self::Enter { .. }
            | Self::Leave { .. }
            | Self::Move { .. }
            | Self::Sync(_)
            | Self::Said => None,
        }
    }
}

impl Disk {
    /// Returns the disk that holds `snapshot`.
    pub(crate) fn of(snapshot: &Nodes) -> Self {
        let root = Node::Folder {
            mode: 0o755,
            names: BTreeMap::new(),
        };
        let mut disk = Self { nodes: vec![root] };
        let mut ids = HashMap::from([(String::new(), 0)]);
        for (path, thing) in snapshot {
            let node = match thing {
                Found::Folder { mode, .. } => Node::Folder {
                    mode: *mode,
                    names: BTreeMap::new(),
                },
                Found::File { bytes, mode, .. } => Node::File {
                    bytes: Arc::new(bytes.clone()),
                    mode: *mode,
                },
                Found::Link(target) => Node::Link(target.clone()),
                Found::Long { .. } | Found::Other { .. } => {
                    panic!("{path}: no file, folder or link")
                }
            };
            let id = disk.add(node);
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            disk.names(ids[folder]).insert(name.to_owned(), id);
            ids.insert(path.clone(), id);
        }
        disk
    }

    /// Returns what is on the disk.
    pub(crate) fn snapshot(&self, owner: (u32, u32)) -> Nodes {
        let mut found = Nodes::new();
        self.collect(0, "", owner, &mut found);
        found
    }

    fn collect(&self, folder: Id, prefix: &str, owner: (u32, u32), found: &mut Nodes) {
        let Node::Folder { names, .. } = &self.nodes[folder] else {
            return;
        };
        for (name, id) in names {
            let path = format!("{prefix}{name}");
            let thing = match &self.nodes[*id] {
                Node::Folder { mode, .. } => Found::Folder { mode: *mode, owner },
                Node::Link(target) => Found::Link(target.clone()),
                Node::File { bytes, mode } => Found::File {
                    bytes: bytes.to_vec(),
                    mode: *mode,
                    owner,
                    xattrs: BTreeMap::new(),
                },
            };
            found.insert(path.clone(), thing);
            self.collect(*id, &format!("{path}/"), owner, found);
        }
    }

    fn add(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn names(&mut self, folder: Id) -> &mut BTreeMap<String, Id> {
        match &mut self.nodes[folder] {
            Node::Folder { names, .. } => names,
            Node::File { .. } | Node::Link(_) => panic!("{folder} is no folder"),
        }
    }

    fn find(&self, folder: Id, name: &str) -> Option<Id> {
        match &self.nodes[folder] {
            Node::Folder { names, .. } => names.get(name).copied(),
            Node::File { .. } | Node::Link(_) => None,
        }
    }

    /// Does one operation.
    pub(crate) fn perform(&mut self, op: &Op) {
        match op {
            Op::Enter { folder, name, node } => {
                self.names(*folder).insert(name.clone(), *node);
            }
            Op::Leave { folder, name } => {
                self.names(*folder).remove(name);
            }
            Op::Move { from, to, node } => {
                self.names(from.0).remove(&from.1);
                self.names(to.0).insert(to.1.clone(), *node);
            }
            Op::Write { file, at, bytes } => {
                let content = self.content(*file);
                content.resize(content.len().max(at + bytes.len()), 0);
                content[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Op::Cut { file, length } => self.content(*file).resize(*length, 0),
            Op::Mode { node, mode } => match &mut self.nodes[*node] {
                Node::File { mode: old, .. } | Node::Folder { mode: old, .. } => *old = *mode,
                Node::Link(_) => panic!("a link has no mode"),
            },
            Op::Sync(_) | Op::Said => {}
        }
    }

    /// Does to a file what a crash may leave of an operation on it that was not synced.
    pub(crate) fn perform_unsynced(&mut self, op: &Op, left: Unsynced) {
        match (left, op) {
            (Unsynced::Whole, _) => self.perform(op),
            (Unsynced::Garbage, Op::Write { file, at, bytes }) => self.perform(&Op::Write {
                file: *file,
                at: *at,
                bytes: vec![0xa5; bytes.len()],
            }),
            (Unsynced::Garbage | Unsynced::Lost, _) => {}
        }
    }

    fn content(&mut self, file: Id) -> &mut Vec<u8> {
        match &mut self.nodes[file] {
            Node::File { bytes, .. } => Arc::make_mut(bytes),
            Node::Folder { .. } | Node::Link(_) => panic!("{file} is no file"),
        }
    }
}

/// The operations of a run, and a disk that knows the nodes which they make, but not their names.
pub(crate) struct Run {
    pub(crate) start: Disk,
    pub(crate) ops: Vec<Op>,
}

/// An open file or folder of the traced process.
#[derive(Clone, Copy)]
struct Open {
    node: Id,
    at: usize,
}

/// Reads the calls of one process that began with `start` at `root`.
pub(crate) struct Reader<'a> {
    root: &'a Path,
    now: Disk,
    run: Run,
    open: HashMap<i64, Open>,
}

impl<'a> Reader<'a> {
    /// Returns the run that `calls` tell of.
    pub(crate) fn read(root: &'a Path, start: &Nodes, calls: &[Call]) -> Run {
        let start = Disk::of(start);
        let mut reader = Self {
            root,
            now: start.clone(),
            run: Run {
                start,
                ops: Vec::new(),
            },
            open: HashMap::new(),
        };
        for call in calls.iter().filter(|call| call.result >= 0) {
            reader.call(call);
        }
        reader.run
    }

    fn call(&mut self, call: &Call) {
        let number = |n: usize| call.arguments[n].parse::<i64>().ok();
        let octal = |n: usize| u32::from_str_radix(&call.arguments[n], 8).unwrap();
        let opened = number(0).and_then(|fd| self.open.get(&fd).copied());
        match (call.name.as_str(), opened) {
            ("openat", _) => self.openat(call, opened),
            ("close", _) => drop(number(0).and_then(|fd| self.open.remove(&fd))),
            ("write", None) => {
                let text = String::from_utf8_lossy(&call.bytes(1)).into_owned();
                if number(0) == Some(1) && text.contains("Applied as transaction") {
                    self.run.ops.push(Op::Said);
                }
            }
            (_, None) => self.beside(call),
            ("write", Some(file)) => self.write(call, file.node, file.at),
            ("pwrite64", Some(file)) => {
                self.write(call, file.node, call.arguments[3].parse().unwrap());
            }
            ("ftruncate", Some(file)) => self.done(Op::Cut {
                file: file.node,
                length: call.arguments[1].parse().unwrap(),
            }),
            ("mkdirat", Some(folder)) => {
                let mode = octal(2);
                self.enter(
                    folder.node,
                    call.text(1),
                    Node::Folder {
                        mode,
                        names: BTreeMap::new(),
                    },
                );
            }
            ("symlinkat", _) => panic!("the folder of symlinkat is its second argument"),
            ("unlinkat", Some(folder)) => self.done(Op::Leave {
                folder: folder.node,
                name: call.text(1),
            }),
            ("renameat", Some(folder)) => self.renameat(call, folder.node),
            ("fchmod", Some(node)) => self.done(Op::Mode {
                node: node.node,
                mode: octal(1),
            }),
            ("fsync" | "fdatasync", Some(node)) => self.done(Op::Sync(node.node)),
            ("flock", Some(_)) => {}
            (name, Some(_)) => panic!("{name}: teach it to the disk of the tests"),
        }
    }

    /// A call whose first argument is no open file beneath the root.
    fn beside(&mut self, call: &Call) {
        if call.name == "symlinkat" {
            let folder = self.open[&call.arguments[1].parse::<i64>().unwrap()].node;
            let target = PathBuf::from(call.text(0));
            self.enter(folder, call.text(2), Node::Link(target));
            return;
        }
        let known = ["flock", "fsync"].contains(&call.name.as_str());
        assert!(known, "{}: teach it to the disk of the tests", call.name);
    }

    fn openat(&mut self, call: &Call, folder: Option<Open>) {
        let name = call.text(1);
        let found = match folder {
            None => (Path::new(&name) == self.root).then_some(0),
            Some(folder) if name == "." => Some(folder.node),
            Some(folder) => match self.now.find(folder.node, &name) {
                Some(node) => Some(node),
                None => {
                    assert!(call.has(2, "O_CREAT"), "{name} is not on the disk");
                    let mode = u32::from_str_radix(&call.arguments[3], 8).unwrap();
                    let bytes = Arc::default();
                    Some(self.enter(folder.node, name, Node::File { bytes, mode }))
                }
            },
        };
        if let Some(node) = found {
            self.open.insert(call.result, Open { node, at: 0 });
        }
    }

    fn write(&mut self, call: &Call, file: Id, at: usize) {
        let mut bytes = call.bytes(1);
        bytes.truncate(usize::try_from(call.result).unwrap());
        if call.name == "write" {
            let fd = call.arguments[0].parse::<i64>().unwrap();
            self.open.insert(
                fd,
                Open {
                    node: file,
                    at: at + bytes.len(),
                },
            );
        }
        self.done(Op::Write { file, at, bytes });
    }

    fn renameat(&mut self, call: &Call, folder: Id) {
        let to = self.open[&call.arguments[2].parse::<i64>().unwrap()].node;
        let from = (folder, call.text(1));
        let node = self.now.find(folder, &from.1).unwrap();
        self.done(Op::Move {
            from,
            to: (to, call.text(3)),
            node,
        });
    }

    fn enter(&mut self, folder: Id, name: String, node: Node) -> Id {
        let id = self.now.add(node.clone());
        assert_eq!(self.run.start.add(node), id);
        self.done(Op::Enter {
            folder,
            name,
            node: id,
        });
        id
    }

    fn done(&mut self, op: Op) {
        // who holds the lock is a courtesy: never synced, never understood, and another in each run
        if op.file().is_some() && op.file() == self.holder() {
            return;
        }
        self.now.perform(&op);
        self.run.ops.push(op);
    }

    fn holder(&self) -> Option<Id> {
        let mut parts = STATE.split('/').chain(["holder"]);
        parts.try_fold(0, |folder, name| self.now.find(folder, name))
    }
}

impl Run {
    /// Returns the disk behind the first `n` operations.
    pub(crate) fn after(&self, n: usize) -> Disk {
        let mut disk = self.start.clone();
        for op in &self.ops[..n] {
            disk.perform(op);
        }
        disk
    }
}
