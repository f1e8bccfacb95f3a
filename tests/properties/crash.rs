//! The crash law: stop a transaction behind any of its steps, recover, and the tree is as before, or as after it.
//!
//! The same for recoveries that are stopped, for rollbacks, and for rollbacks of rollbacks; beside it, what a commit
//! and a recovery refuse.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use crate::support::snapshot::{
    Found, Nodes, STATE, assert_clean, assert_same, is_state, snapshot, xattrs,
};
use camino::Utf8Path;
use kvmnet::change::{Change, ChangeSet, Editor, Hex, Labels, Marks};
use kvmnet::root::{Root, RootError};
use kvmnet::transaction::journal::{Header, Record, RecordedChange, RecordedNode, State, Value};
use kvmnet::transaction::{Budget, Guard, Meta, RecoveryStep, Step, Store, TransactionError};
use kvmnet::tree::{Attrs, File, HostPath, Node, Pick, Scope};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use rustix::fs::XattrFlags;
use tempfile::TempDir;

const NOTE: &str = "user.note";

// Building.

fn path(text: &str) -> HostPath {
    HostPath::parse(text).unwrap()
}

fn open(dir: &TempDir) -> Root {
    Root::open(Utf8Path::from_path(dir.path()).unwrap()).unwrap()
}

fn lock(root: &Root) -> Guard<'_> {
    Store::new(root)
        .lock(Duration::ZERO, "process 1 (a test)\n")
        .unwrap()
}

fn me() -> (u32, u32) {
    (
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    )
}

fn file(bytes: &[u8], mode: u32) -> Node {
    let (uid, gid) = me();
    let bytes = bytes.to_vec();
    Node::File(File {
        bytes,
        attrs: Attrs { mode, uid, gid },
    })
}

fn link(target: &str) -> Node {
    Node::Link(target.to_owned())
}

fn write(at: &Path, node: &Node) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    match node {
        Node::Link(target) => symlink(target, at).unwrap(),
        Node::File(file) => {
            fs::write(at, &file.bytes).unwrap();
            fs::set_permissions(at, fs::Permissions::from_mode(file.attrs.mode)).unwrap();
        }
    }
}

/// Returns a root with files of several modes, links, folders, and extended attributes where the file system has any.
fn host() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let long: Vec<u8> = (0..200_000_u32)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    for (name, node) in [
        ("etc/plain", file(b"one\ntwo\n", 0o644)),
        ("etc/secret", file(b"key=1\n", 0o600)),
        ("etc/labelled", file(b"labelled\n", 0o644)),
        ("etc/long", file(&long, 0o640)),
        ("etc/gone", file(b"", 0o4755)),
        ("etc/old-name", file(b"moved\n", 0o604)),
        ("etc/link", link("plain")),
        ("etc/gone-link", link("/etc/nowhere")),
        ("etc/link-to-be-file", link("secret")),
        ("etc/file-to-be-link", file(b"file\n", 0o664)),
        ("etc/sub/kept", file(b"not touched\n", 0o444)),
        ("etc/sub/gone", file(b"the only other\n", 0o644)),
        ("var/lib/other", file(b"of another program\n", 0o600)),
    ] {
        write(&dir.path().join(name), &node);
    }
    fs::set_permissions(
        dir.path().join("etc/sub"),
        fs::Permissions::from_mode(0o2750),
    )
    .unwrap();
    default_acl(&dir.path().join("etc/sub"));
    for name in ["etc/labelled", "etc/gone", "etc/old-name"] {
        note(&dir.path().join(name), name.as_bytes());
    }
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(dir.path().join("etc/secret"), Some(4711), Some(42)).unwrap();
    }
    dir
}

/// Lets new files in a folder inherit an access control list, which files that were there do not have; acl(5).
fn default_acl(folder: &Path) {
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in [
        (0x01, 7, u32::MAX),
        (0x02, 6, 1234),
        (0x04, 5, u32::MAX),
        (0x10, 7, u32::MAX),
        (0x20, 5, u32::MAX),
    ] {
        list.extend(u16::to_le_bytes(tag));
        list.extend(u16::to_le_bytes(rights));
        list.extend(u32::to_le_bytes(id));
    }
    match rustix::fs::setxattr(
        folder,
        "system.posix_acl_default",
        &list,
        XattrFlags::empty(),
    ) {
        Ok(()) | Err(rustix::io::Errno::NOTSUP) => {}
        Err(errno) => panic!("{errno}"),
    }
}

/// Sets an extended attribute; some file systems have none.
fn note(at: &Path, value: &[u8]) {
    let mode = fs::metadata(at).unwrap().permissions();
    fs::set_permissions(at, fs::Permissions::from_mode(0o600)).unwrap();
    match rustix::fs::setxattr(at, NOTE, value, XattrFlags::empty()) {
        Ok(()) | Err(rustix::io::Errno::NOTSUP) => {}
        Err(errno) => panic!("{errno}"),
    }
    fs::set_permissions(at, mode).unwrap();
}

/// Modifies, creates, deletes, renames, exchanges links and files, and makes folders.
fn changes(root: &Root) -> ChangeSet {
    let scope = Scope {
        folders: vec![
            (path("/etc"), |_| Pick::Read),
            (path("/etc/sub"), |_| Pick::Read),
        ],
        ..Scope::default()
    };
    let tree = root.read_tree(&scope).unwrap();
    let mut edit = Editor::new(&tree);
    let (uid, gid) = me();
    let attrs = |mode| Attrs { mode, uid, gid };
    edit.rewrite(&path("/etc/plain"), b"one\n2\n".to_vec());
    edit.rewrite(&path("/etc/secret"), b"key=2\n".to_vec());
    edit.rewrite(&path("/etc/labelled"), Vec::new());
    edit.rewrite(&path("/etc/long"), b"short\n".to_vec());
    edit.create(
        &path("/etc/born"),
        b"new\n".to_vec(),
        attrs(0o600),
        &path("/etc"),
    );
    edit.create(
        &path("/etc/like"),
        b"new\n".to_vec(),
        attrs(0o644),
        &path("/etc/labelled"),
    );
    edit.create(
        &path("/etc/new/deep/file"),
        b"deep\n".to_vec(),
        attrs(0o644),
        &path("/etc"),
    );
    edit.link(&path("/etc/new/link"), "deep/file");
    edit.delete(&path("/etc/gone"));
    edit.delete(&path("/etc/gone-link"));
    edit.delete(&path("/etc/sub/gone"));
    edit.rename(
        &path("/etc/old-name"),
        &path("/etc/new-name"),
        b"moved, and changed\n".to_vec(),
    );
    edit.link(&path("/etc/link"), "secret");
    edit.link(&path("/etc/file-to-be-link"), "plain");
    edit.create(
        &path("/etc/link-to-be-file"),
        b"file\n".to_vec(),
        attrs(0o640),
        &path("/etc"),
    );
    // the copy of an original in kvmnet's own folder
    let mut set = edit.finish();
    set.put(Change {
        path: path("/var/lib/kvmnet/backups/etc/plain.old"),
        before: None,
        after: Some(file(b"one\ntwo\n", 0o644)),
        labels: Labels::Like(path("/etc/plain")),
    });
    set
}

fn marks(xattrs: BTreeMap<String, Vec<u8>>) -> Marks {
    let owner = None;
    Marks { xattrs, owner }
}

fn meta(command: &str) -> Meta {
    Meta {
        time: 1_700_000_000,
        user: "tester".to_owned(),
        command: command.to_owned(),
        ..Meta::default()
    }
}

/// Returns the tree that `set` makes of `before`.
fn expected(before: &Nodes, set: &ChangeSet) -> Nodes {
    let mut after = before.clone();
    let changes = set
        .iter()
        .filter(|change| !is_state(change.path.relative()));
    for change in changes {
        let at = change.path.relative().to_owned();
        let xattrs = match &change.labels {
            Labels::Exact(marks) => marks
                .xattrs
                .iter()
                .filter(|(name, _)| !name.starts_with("security."))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            Labels::Like(like) => match before.get(like.relative()) {
                Some(Found::File { xattrs, .. }) => xattrs.clone(),
                _ => BTreeMap::new(),
            },
        };
        match &change.after {
            None => drop(after.remove(&at)),
            Some(Node::Link(target)) => {
                drop(after.insert(at.clone(), Found::Link(target.into())));
            }
            Some(Node::File(file)) => {
                let thing = Found::File {
                    bytes: file.bytes.clone(),
                    mode: file.attrs.mode,
                    owner: (file.attrs.uid, file.attrs.gid),
                    xattrs,
                };
                after.insert(at.clone(), thing);
            }
        }
        if change.after.is_some() {
            for (end, _) in at.match_indices('/') {
                after.entry(at[..end].to_owned()).or_insert(Found::Folder {
                    mode: 0o755,
                    owner: me(),
                });
            }
        }
    }
    after
}

// Stopping and recovering.

/// Performs the first `n` steps of a transaction, then the process is gone.
fn stopped(dir: &TempDir, set: &ChangeSet, meta: Meta, n: usize) -> Vec<Step> {
    let root = open(dir);
    let guard = lock(&root);
    let transaction = guard.transaction(set, meta).unwrap();
    for step in &transaction.steps()[..n] {
        transaction.perform(step).unwrap();
    }
    transaction.steps().to_vec()
}

/// Performs the first `n` steps of the recovery, if there is one, then the process is gone.
fn stopped_recovery(dir: &TempDir, n: usize) -> Option<Vec<RecoveryStep>> {
    let root = open(dir);
    let guard = lock(&root);
    let recovery = guard.recovery().unwrap()?.unedited().unwrap();
    for step in recovery.steps().iter().take(n) {
        recovery.perform(step).unwrap();
    }
    Some(recovery.steps().to_vec())
}

/// Recovers, as the next command does, and returns the tree.
#[track_caller]
fn recovered(dir: &TempDir) -> Nodes {
    let root = open(dir);
    let guard = lock(&root);
    if let Some(recovery) = guard.recovery().unwrap() {
        let record = recovery.unedited().unwrap().run().unwrap();
        assert_eq!(record.header.state, State::Recovered);
    }
    guard.sweep().unwrap();
    assert!(Store::new(&root).pending().unwrap().is_none());
    assert_clean(dir.path(), "");
    // all folders of kvmnet's own are private
    for (at, thing) in snapshot(&dir.path().join(STATE)) {
        if let Found::Folder { mode, .. } = thing {
            assert_eq!(mode, 0o700, "{at}");
        }
    }
    snapshot(dir.path())
}

/// Forgets recovered transactions, so that thousands of attempts stay fast.
fn forget_from(dir: &TempDir, first: u64) {
    let root = open(dir);
    for record in Store::new(&root).headers().unwrap() {
        if record.id >= first {
            assert_eq!(record.state, State::Recovered);
            fs::remove_dir_all(
                dir.path()
                    .join(STATE)
                    .join(format!("transactions/{}", record.id)),
            )
            .unwrap();
        }
    }
}

/// Holds the crash law against `set`: every stop, and stops of the recoveries. In the end it is applied.
///
/// Of each recovery every fifth stop is tried, another fifth for each stop of the transaction.
fn hold_crash_law(dir: &TempDir, set: &ChangeSet, meta: &Meta, after: &Nodes) -> usize {
    let before = snapshot(dir.path());
    let id = {
        let root = open(dir);
        Store::new(&root).headers().unwrap().len() as u64 + 1
    };
    let mut states = 0;
    let all = stopped(dir, set, meta.clone(), 0).len();
    for n in 0..all {
        let mut m = 0;
        loop {
            stopped(dir, set, meta.clone(), n);
            let steps = stopped_recovery(dir, m).map_or(0, |steps| steps.len());
            let what = format!("stopped behind step {n} of {all}, recovery behind {m} of {steps}");
            assert_same(&recovered(dir), &before, &what);
            forget_from(dir, id);
            states += 1;
            match m {
                _ if m >= steps => break,
                0 => m = (1 + n % 5).min(steps),
                _ => m = (m + 5).min(steps),
            }
        }
    }
    stopped(dir, set, meta.clone(), all);
    assert_same(&recovered(dir), after, "applied");
    states + 1
}

/// Returns the inverse of transaction `id`, and what to record of it.
fn inverse(dir: &TempDir, id: u64) -> (ChangeSet, Meta) {
    let root = open(dir);
    let store = Store::new(&root);
    let budget = &mut Budget::of_one();
    let record = store.record(id, budget).unwrap();
    let set = store.inverse(&record, budget).unwrap();
    let meta = Meta {
        undoes: Some(id),
        empty: record.folders.clone(),
        ..meta(&format!("rollback {id}"))
    };
    (set, meta)
}

#[test]
fn a_stopped_transaction_has_not_happened() {
    let dir = host();
    let set = changes(&open(&dir));
    let after = expected(&snapshot(dir.path()), &set);
    let states = hold_crash_law(&dir, &set, &meta("change"), &after);
    println!("{states} states of a transaction and its recovery");
}

#[test]
fn a_stopped_rollback_has_not_happened() {
    let dir = host();
    let before = snapshot(dir.path());
    let set = changes(&open(&dir));
    let all = stopped(&dir, &set, meta("change"), 0).len();
    stopped(&dir, &set, meta("change"), all);
    let (back, undo) = inverse(&dir, 1);
    let states = hold_crash_law(&dir, &back, &undo, &before);
    println!("{states} states of a rollback and its recovery");
}

#[test]
fn rollbacks_lead_back_and_forth() {
    let dir = host();
    let first = snapshot(dir.path());
    let root = open(&dir);
    let set = changes(&root);
    let second = expected(&first, &set);
    let record = lock(&root).commit(&set, meta("change")).unwrap();
    assert_same(&snapshot(dir.path()), &second, "applied");
    assert_eq!(
        record
            .folders
            .iter()
            .map(HostPath::as_str)
            .collect::<Vec<_>>(),
        [
            "/etc/new",
            "/etc/new/deep",
            "/var/lib/kvmnet/backups",
            "/var/lib/kvmnet/backups/etc"
        ]
    );
    for id in 1..=4 {
        let (back, undo) = inverse(&dir, id);
        let record = lock(&root).commit(&back, undo).unwrap();
        assert_eq!((record.header.id, record.header.undoes), (id + 1, Some(id)));
        let wanted = if id % 2 == 1 { &first } else { &second };
        let copies = dir.path().join(STATE).join("backups/etc");
        assert_same(&snapshot(dir.path()), wanted, "rolled back");
        assert_eq!(dir.path().join("etc/new/deep").exists(), id % 2 == 0);
        assert_eq!(copies.exists(), id % 2 == 0);
        assert_clean(dir.path(), "");
    }
}

// Refusals.

/// Says what is done to the tree by hand.
type Edit = fn(&Path);

#[test]
fn a_commit_is_refused_where_the_tree_has_changed() {
    let edits: [(&str, Edit); 6] = [
        ("/etc/plain", |etc| {
            fs::write(etc.join("plain"), "by hand").unwrap();
        }),
        ("/etc/secret", |etc| {
            fs::set_permissions(etc.join("secret"), fs::Permissions::from_mode(0o640)).unwrap();
        }),
        ("/etc/born", |etc| fs::write(etc.join("born"), "").unwrap()),
        ("/etc/gone", |etc| {
            fs::remove_file(etc.join("gone")).unwrap()
        }),
        ("/etc/link", |etc| {
            fs::remove_file(etc.join("link")).unwrap();
            symlink("secret", etc.join("link")).unwrap();
        }),
        ("/etc/gone-link", |etc| {
            fs::remove_file(etc.join("gone-link")).unwrap();
            fs::write(etc.join("gone-link"), "/etc/nowhere").unwrap();
        }),
    ];
    for (at, edit) in edits {
        let dir = host();
        let root = open(&dir);
        let set = changes(&root);
        edit(&dir.path().join("etc"));
        let edited = snapshot(dir.path());
        let error = lock(&root).commit(&set, meta("change")).unwrap_err();
        let TransactionError::Changed {
            path,
            expected,
            found,
        } = error
        else {
            panic!("{at}: {error}");
        };
        assert_eq!(path.as_str(), at);
        assert_eq!(expected, set.get(&path).unwrap().before);
        assert_ne!(expected, found);
        assert_same(&snapshot(dir.path()), &edited, at);
        assert_clean(dir.path(), "");
        assert_eq!(Store::new(&root).headers().unwrap(), []);
    }
}

#[test]
fn a_commit_is_refused_where_a_folder_became_a_link() {
    for folder in ["etc", "etc/sub"] {
        let dir = host();
        let root = open(&dir);
        let set = changes(&root);
        let (old, moved) = (dir.path().join(folder), dir.path().join("moved"));
        fs::rename(&old, &moved).unwrap();
        symlink(&moved, &old).unwrap();
        let edited = snapshot(dir.path());
        let error = lock(&root).commit(&set, meta("change")).unwrap_err();
        let link = path(&format!("/{folder}"));
        assert!(
            matches!(&error, TransactionError::Root(RootError::Link { path }) if *path == link),
            "{error}"
        );
        assert_same(&snapshot(dir.path()), &edited, folder);
    }
}

#[test]
fn no_step_follows_a_link_that_appears_midway() {
    let (dir, outside) = (host(), tempfile::tempdir().unwrap());
    let before = snapshot(dir.path());
    write(
        &outside.path().join("gone"),
        &file(b"the only other\n", 0o644),
    );
    let set = changes(&open(&dir));
    let (sub, moved) = (dir.path().join("etc/sub"), dir.path().join("etc/moved"));
    {
        let root = open(&dir);
        let guard = lock(&root);
        let transaction = guard.transaction(&set, meta("change")).unwrap();
        let published = transaction.steps().iter().position(|s| *s == Step::Publish);
        let (first, rest) = transaction.steps().split_at(published.unwrap() + 1);
        first.iter().for_each(|s| transaction.perform(s).unwrap());
        fs::rename(&sub, &moved).unwrap();
        symlink(outside.path(), &sub).unwrap();
        let refused = rest.iter().find_map(|s| transaction.perform(s).err());
        assert!(
            matches!(
                refused,
                Some(TransactionError::Root(RootError::Link { .. }))
            ),
            "{refused:?}"
        );
        assert!(guard.recovery().is_err());
        assert!(outside.path().join("gone").exists());
    }
    fs::remove_file(&sub).unwrap();
    fs::rename(&moved, &sub).unwrap();
    assert_same(
        &recovered(&dir),
        &before,
        "recovered with the folder in its place",
    );
}

#[test]
fn what_fails_midway_is_taken_back() {
    let too_long = link(&"x".repeat(5000));
    let no_such = Labels::Exact(marks([("nonsense.name".to_owned(), vec![1])].into()));
    let like = |at: &str| Labels::Like(path(at));
    for (at, after, labels) in [
        ("/etc/z-link", too_long, like("/etc")),
        ("/etc/z-file", file(b"z", 0o600), no_such),
    ] {
        let dir = host();
        let root = open(&dir);
        let before = snapshot(dir.path());
        let mut set = changes(&root);
        let after = Some(after);
        set.put(Change {
            path: path(at),
            before: None,
            after,
            labels,
        });
        let error = lock(&root).commit(&set, meta("change")).unwrap_err();
        assert!(
            matches!(&error, TransactionError::TakenBack(cause) if matches!(**cause, TransactionError::Io { .. })),
            "{error}"
        );
        assert_same(&recovered(&dir), &before, at);
        let record = Store::new(&root).record(1, &mut Budget::of_one());
        assert_eq!(record.unwrap().header.state, State::Recovered);
    }
}

#[test]
fn a_file_where_a_folder_was_to_be_made_does_not_keep_from_taking_back() {
    let dir = host();
    let set = changes(&open(&dir));
    let root = open(&dir);
    let guard = lock(&root);
    let transaction = guard.transaction(&set, meta("change")).unwrap();
    fs::write(dir.path().join("etc/new"), "by hand").unwrap();
    let edited = snapshot(dir.path());
    let error = transaction.run().unwrap_err();
    assert!(matches!(error, TransactionError::TakenBack(_)), "{error}");
    drop(guard);
    assert_same(&recovered(&dir), &edited, "taken back");
}

#[test]
fn one_writer_at_a_time() {
    let dir = host();
    let (root, other) = (open(&dir), open(&dir));
    let guard = Store::new(&root)
        .lock(Duration::ZERO, "process 4711 (kvmnet rollback)\n")
        .unwrap();
    let refused = Store::new(&other).lock(Duration::from_millis(50), "another");
    let error = refused.unwrap_err();
    assert!(
        matches!(&error, TransactionError::Locked { holder } if holder == "process 4711 (kvmnet rollback)"),
        "{error}"
    );
    assert!(error.to_string().contains("process 4711 (kvmnet rollback)"));
    std::thread::scope(|threads| {
        let waits = threads.spawn(|| {
            Store::new(&other)
                .lock(Duration::from_secs(60), "short")
                .map(drop)
        });
        std::thread::sleep(Duration::from_millis(60));
        drop(guard);
        waits.join().unwrap().unwrap();
    });
    let path = dir.path().join(STATE).join("holder");
    assert_eq!(fs::read_to_string(path).unwrap(), "short");
}

#[test]
fn an_interrupted_transaction_comes_first() {
    let dir = host();
    let before = snapshot(dir.path());
    let set = changes(&open(&dir));
    let all = stopped(&dir, &set, meta("change"), 0).len();
    stopped(&dir, &set, meta("change"), all - 1);
    let root = open(&dir);
    let error = lock(&root).commit(&set, meta("again")).unwrap_err();
    assert!(matches!(error, TransactionError::Pending(1)), "{error}");
    assert_same(&recovered(&dir), &before, "recovered");
    let record = lock(&root).commit(&set, meta("again")).unwrap();
    assert_eq!(record.header.id, 2);
}

#[test]
fn edits_by_hand_survive_a_recovery() {
    let dir = host();
    let before = snapshot(dir.path());
    let set = changes(&open(&dir));
    let steps = stopped(&dir, &set, meta("change"), 0);
    stopped(&dir, &set, meta("change"), steps.len() - 1);
    let etc = dir.path().join("etc");
    fs::write(etc.join("plain"), "by hand").unwrap();
    fs::write(etc.join("new/deep/file"), "deep by hand").unwrap();
    fs::remove_file(etc.join("link")).unwrap();
    symlink("by-hand", etc.join("link")).unwrap();
    let edited = snapshot(dir.path());
    let number = |at: &str| set.iter().position(|c| c.path.as_str() == at).unwrap();
    let root = open(&dir);
    let error = lock(&root)
        .recovery()
        .unwrap()
        .unwrap()
        .unedited()
        .unwrap_err();
    assert!(
        matches!(&error, TransactionError::Changed { path, .. } if path.as_str() == "/etc/link"),
        "{error}"
    );
    assert_same(&snapshot(dir.path()), &edited, "refused");
    // stopped twice on the way
    for n in [2, 8] {
        let guard = lock(&root);
        let recovery = guard.recovery().unwrap().unwrap();
        for step in &recovery.steps()[..n] {
            recovery.perform(step).unwrap();
        }
    }
    let record = lock(&root).recovery().unwrap().unwrap().run().unwrap();
    assert_eq!(record.header.state, State::Recovered);
    assert_same(&recovered(&dir), &before, "recovered");
    let found = dir.path().join(STATE).join("transactions/1/found");
    let kept = |at: &str, name: &str| found.join(format!("{}-{name}", number(at)));
    assert_eq!(fs::read(kept("/etc/plain", "plain")).unwrap(), b"by hand");
    assert_eq!(
        fs::read(kept("/etc/new/deep/file", "file")).unwrap(),
        b"deep by hand"
    );
    assert_eq!(
        fs::read_link(kept("/etc/link", "link")).unwrap(),
        Path::new("by-hand")
    );
    let mode = |at: &Path| fs::metadata(at).unwrap().permissions().mode() & 0o7777;
    assert_eq!(
        (mode(&found), mode(&kept("/etc/plain", "plain"))),
        (0o700, 0o600)
    );
}

/// Returns the set that makes the counter hold `text`, and what it holds then.
fn counted(before: Option<Node>, text: &str) -> (ChangeSet, Option<Node>) {
    let after = Some(file(text.as_bytes(), 0o600));
    let mut set = ChangeSet::default();
    set.put(Change {
        path: path("/etc/counter"),
        before,
        after: after.clone(),
        labels: Labels::Like(path("/etc")),
    });
    (set, after)
}

/// Applies it as a transaction.
fn count(root: &Root, before: Option<Node>, text: &str) -> (Record, Option<Node>) {
    let (set, after) = counted(before, text);
    (lock(root).commit(&set, meta("count")).unwrap(), after)
}

#[test]
fn the_last_twenty_transactions_are_kept() {
    let dir = host();
    let root = open(&dir);
    let mut before = None;
    for n in 1..=25_u64 {
        let (record, after) = count(&root, before, &n.to_string());
        assert_eq!(record.header.id, n);
        before = after;
    }
    let ids: Vec<u64> = Store::new(&root)
        .headers()
        .unwrap()
        .iter()
        .map(|r| r.id)
        .collect();
    assert_eq!(ids, (6..=25).collect::<Vec<_>>());
    let names = fs::read_dir(dir.path().join(STATE).join("transactions")).unwrap();
    assert_eq!(names.count(), 20);
    assert!(matches!(
        Store::new(&root).record(5, &mut Budget::of_one()),
        Err(TransactionError::Forgotten(5))
    ));
}

#[test]
fn what_was_replaced_is_kept_for_good_once() {
    let dir = host();
    let root = open(&dir);
    fs::write(dir.path().join("etc/counter"), "first").unwrap();
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(dir.path().join("etc/counter"), mode).unwrap();
    let mut before = Some(file(b"first", 0o600));
    // of two contents that take turns each is kept once
    for n in 0..30 {
        before = count(&root, before, if n % 2 == 0 { "even" } else { "odd" }).1;
    }
    let store = Store::new(&root);
    let state = store.path().unwrap();
    let originals = store.originals().unwrap();
    let found: Vec<(u64, String)> = originals
        .iter()
        .map(|original| {
            let at = dir.path().join(original.at(&state).relative());
            assert_eq!(
                fs::metadata(&at).unwrap().permissions().mode() & 0o7777,
                0o600
            );
            let folder = fs::metadata(at.parent().unwrap()).unwrap();
            assert_eq!(folder.permissions().mode() & 0o7777, 0o700);
            (original.id, fs::read_to_string(at).unwrap())
        })
        .collect();
    let wanted = [(1, "first"), (2, "even"), (3, "odd")];
    assert_eq!(found, wanted.map(|(id, text)| (id, text.to_owned())));
    assert!(store.held().unwrap().originals == 12 && store.held().unwrap().all > 12);
    lock(&root).drop_originals(&originals).unwrap();
    assert_eq!(store.originals().unwrap(), []);
    assert!(!dir.path().join(STATE).join("originals").exists());
}

#[test]
fn a_transaction_stays_where_what_it_replaced_cannot_be_kept() {
    let dir = host();
    let root = open(&dir);
    let mut before = None;
    for n in 1..=25_u64 {
        if n == 21 {
            // somebody else's: nothing is written there
            let elsewhere = dir.path().join("elsewhere");
            fs::create_dir(&elsewhere).unwrap();
            symlink(&elsewhere, dir.path().join(STATE).join("originals")).unwrap();
        }
        before = count(&root, before, &n.to_string()).1;
    }
    let ids: Vec<u64> = Store::new(&root)
        .headers()
        .unwrap()
        .iter()
        .map(|r| r.id)
        .collect();
    // the first one replaced nothing
    assert_eq!(ids, (2..=25).collect::<Vec<_>>());
    assert_eq!(
        fs::read_dir(dir.path().join("elsewhere")).unwrap().count(),
        0
    );
}

/// What was edited by hand and put aside by a recovery is the only copy of it.
#[test]
fn what_a_recovery_put_aside_is_kept_for_good() {
    let dir = host();
    let root = open(&dir);
    let (set, _) = counted(None, "first");
    let guard = lock(&root);
    let transaction = guard.transaction(&set, meta("count")).unwrap();
    for step in transaction.steps() {
        if *step != Step::Commit {
            transaction.perform(step).unwrap();
        }
    }
    fs::write(dir.path().join("etc/counter"), "by hand").unwrap();
    guard.recovery().unwrap().unwrap().run().unwrap();
    drop(guard);
    let mut before = None;
    for n in 0..25 {
        before = count(&root, before, &n.to_string()).1;
    }
    let store = Store::new(&root);
    let state = store.path().unwrap();
    let kept = store.originals().unwrap().into_iter().map(|original| {
        fs::read_to_string(dir.path().join(original.at(&state).relative())).unwrap()
    });
    assert!(kept.collect::<Vec<_>>().contains(&"by hand".to_owned()));
}

/// A file and the copy of its original may both have been edited, and one transaction replace both.
#[test]
fn both_contents_of_a_file_and_its_copy_are_kept() {
    let dir = host();
    let root = open(&dir);
    let texts = ["/etc/x", "/etc/x.old"];
    for name in texts {
        fs::write(dir.path().join(&name[1..]), format!("edit of {name}")).unwrap();
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(dir.path().join(&name[1..]), mode).unwrap();
    }
    let mut set = ChangeSet::default();
    for name in texts {
        set.put(Change {
            path: path(name),
            before: Some(file(format!("edit of {name}").as_bytes(), 0o600)),
            after: None,
            labels: Labels::Like(path("/etc")),
        });
    }
    let copies = vec![(path("/etc/x"), path("/etc/x.old"))];
    let made = Meta {
        copies,
        ..meta("both")
    };
    lock(&root).commit(&set, made).unwrap();
    let mut before = None;
    for n in 0..20 {
        before = count(&root, before, &n.to_string()).1;
    }
    let originals = Store::new(&root).originals().unwrap();
    let kept: Vec<String> = originals.iter().map(|kept| kept.of.to_string()).collect();
    assert_eq!(kept, texts);
}

// Random change sets.

const NAMES: [&str; 7] = [
    "/a", "/b", "/d/c", "/d/e", "/d/f/g", "/n/x", "/n/m/y", // `n` is often missing
];

fn any_node() -> impl Strategy<Value = Node> {
    let mode = select(vec![0o600, 0o644, 0o640, 0o4755, 0o444]);
    let text = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 1..40)
    ];
    prop_oneof![
        3 => (text, mode).prop_map(|(bytes, mode)| file(&bytes, mode)),
        1 => select(vec!["a", "/d/c", "../nowhere", "."]).prop_map(link),
    ]
}

type Side = Option<(Node, bool)>;

/// For each name, what is there before (and whether it has an extended attribute), and what comes.
fn any_changes() -> impl Strategy<Value = Vec<(Side, Option<Side>)>> {
    let side = || proptest::option::of((any_node(), any::<bool>()));
    proptest::collection::vec((side(), proptest::option::of(side())), NAMES.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(4711), ..ProptestConfig::default() })]

    #[test]
    fn a_transaction_and_its_inverse_are_nothing(plan in any_changes(), stops in any::<(Index, Index, Index)>()) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("var/lib")).unwrap();
        let mut set = ChangeSet::default();
        for (name, (before, after)) in NAMES.into_iter().zip(plan) {
            let at = dir.path().join(path(name).relative());
            if let Some((node, noted)) = &before {
                write(&at, node);
                if *noted && matches!(node, Node::File(_)) {
                    note(&at, name.as_bytes());
                }
            }
            if let Some(after) = after {
                let labels = match &after {
                    Some((Node::File(_), true)) => Labels::Exact(marks(some_note(dir.path()))),
                    _ => Labels::Like(path(name)),
                };
                let (before, after) = (before.map(|(node, _)| node), after.map(|(node, _)| node));
                set.put(Change { path: path(name), before, after, labels });
            }
        }
        let first = snapshot(dir.path());
        let second = expected(&first, &set);
        let steps = stopped(&dir, &set, meta("stopped"), 0);
        stopped(&dir, &set, meta("stopped"), stops.0.index(steps.len()));
        stopped_recovery(&dir, stops.1.index(2 * steps.len()));
        assert_same(&recovered(&dir), &first, "stopped");
        let root = open(&dir);
        let id = lock(&root).commit(&set, meta("change")).unwrap().header.id;
        assert_same(&snapshot(dir.path()), &second, "applied");
        let (back, undo) = inverse(&dir, id);
        let steps = stopped(&dir, &back, undo.clone(), 0);
        stopped(&dir, &back, undo.clone(), stops.2.index(steps.len()));
        assert_same(&recovered(&dir), &second, "rollback stopped");
        lock(&root).commit(&back, undo).unwrap();
        assert_same(&snapshot(dir.path()), &first, "rolled back");
        assert_clean(dir.path(), "");
    }
}

/// Returns an extended attribute, where the file system has any.
fn some_note(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let at = dir.join("var/lib/probe");
    fs::write(&at, "").unwrap();
    note(&at, b"exactly");
    let found = xattrs(&at);
    fs::remove_file(at).unwrap();
    found
}

// The journal's format.

const V1: &str = include_str!("../../fixtures/journal/v1.json");

const V2: [&str; 2] = [
    include_str!("../../fixtures/journal/v2.json"),
    include_str!("../../fixtures/journal/v2.changes"),
];

/// Returns what the journals in `fixtures` record; version 1 did not keep the owners of links, nor count.
fn recorded(version: u32) -> Record {
    let attrs = |mode| Attrs {
        mode,
        uid: 0,
        gid: 0,
    };
    let plain = |mode| RecordedNode::File {
        attrs: attrs(mode),
        xattrs: BTreeMap::new(),
    };
    let labelled = |mode| RecordedNode::File {
        attrs: attrs(mode),
        xattrs: [(NOTE.to_owned(), Value::Here(Hex(vec![0, 255, 65])))].into(),
    };
    let change = |at: &str, before, after| RecordedChange {
        path: path(at),
        before,
        after,
        copy_of: None,
        waits: false,
    };
    let link = |target: &str| RecordedNode::Link {
        target: target.to_owned(),
        owner: (version > 1).then_some((12, 34)),
        xattrs: BTreeMap::new(),
    };
    let (files, lines) = if version > 1 { (5, 8) } else { (0, 0) };
    Record {
        header: Header {
            version,
            id: 7,
            time: 1_700_000_000,
            user: "tester".to_owned(),
            command: "bridge add br0 --port ens33".to_owned(),
            state: State::Prepared,
            undoes: Some(6),
            back_to: None,
            confirm_within: None,
            overrides: Vec::new(),
            files,
            lines,
        },
        changes: vec![
            change("/etc/link", Some(link("old")), Some(link("new"))),
            change("/etc/new/ifcfg-br0", None, Some(plain(0o644))),
            change("/etc/plain", Some(labelled(0o4755)), Some(labelled(0o4755))),
            RecordedChange {
                copy_of: Some(path("/etc/plain")),
                waits: false,
                ..change("/etc/plain.old", None, Some(labelled(0o4755)))
            },
            change("/etc/route-br0", None, Some(plain(0o600))),
            change("/etc/route-ens33", Some(plain(0o600)), None),
        ],
        renames: vec![(path("/etc/route-ens33"), path("/etc/route-br0"))],
        folders: vec![path("/etc/new")],
        repaired: Vec::new(),
    }
}

#[test]
fn each_version_of_the_journal_is_read() {
    for (version, journal, changes) in [(1, V1, ""), (2, V2[0], V2[1])] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(STATE).join("transactions/7");
        write(
            &folder.join("journal.json"),
            &file(journal.as_bytes(), 0o600),
        );
        fs::write(folder.join("changes"), changes).unwrap();
        let root = open(&dir);
        let record = Store::new(&root).record(7, &mut Budget::of_one());
        assert_eq!(record.unwrap(), recorded(version));
    }
    let states = [State::Prepared, State::Applied, State::Recovered].map(serde_json::to_value);
    assert_eq!(
        states.map(Result::unwrap),
        ["prepared", "applied", "recovered"]
    );
}

#[test]
fn version_2_of_the_journal_is_written() {
    let record = recorded(2);
    assert_eq!([record.header.to_text(), record.lines().concat()], V2);
}

#[test]
fn a_journal_that_is_not_understood_is_an_error_that_says_why() {
    for (text, why) in [
        (
            V1.replace("\"version\": 1", "\"version\": 3"),
            "its version is 3, and this kvmnet knows versions 1 and 2",
        ),
        (V1.replace("\"version\": 1,", ""), "missing field `version`"),
        (
            V1.replace("\"id\": 7", "\"id\": 8"),
            "it says that it is transaction 8",
        ),
        (
            V1.replace("\"undoes\": 6", "\"undoes\": 7"),
            "it takes back transaction 7, which is not an earlier one",
        ),
        (
            V1.replace("/etc/route-br0", "/etc/link"),
            "it changes /etc/link twice",
        ),
        (
            V1.replace("\"/etc/new\"", "\"/srv\""),
            "it makes the folder /srv without need",
        ),
        (
            V1.replace("prepared", "finished"),
            "unknown variant `finished`",
        ),
        (
            V1.replace("/etc/link", "/etc/../link"),
            "is not an absolute path",
        ),
        (V1[..100].to_owned(), "EOF while parsing"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join(STATE).join("transactions/7/journal.json");
        write(&at, &file(text.as_bytes(), 0o600));
        let before = snapshot(dir.path());
        let root = open(&dir);
        let store = Store::new(&root);
        let guard = lock(&root);
        let errors = [
            store.headers().unwrap_err(),
            guard.recovery().unwrap_err(),
            guard.commit(&ChangeSet::default(), meta("x")).unwrap_err(),
        ];
        for error in errors.map(|error| error.to_string()) {
            assert!(
                error.contains("`/var/lib/kvmnet/transactions/7/journal.json`"),
                "{error}"
            );
            assert!(error.contains(why), "{error}");
        }
        assert_same(&snapshot(dir.path()), &before, why);
    }
}
