//! The laws of `kvmnet::diff`, tested with git itself: its patch leads from the tree before to the tree after, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use kvmnet::change::{Change, ChangeSet, Labels};
use kvmnet::diff;
use kvmnet::tree::{Attrs, File, HostPath, Node};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

/// Files and links by their path without the leading `/`.
type Nodes = BTreeMap<String, Node>;

/// What happens at one path, and whether the file gets another name on the way.
#[derive(Clone, Debug)]
struct Step {
    before: Option<Node>,
    after: Option<Node>,
    rename: bool,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(4711), ..ProptestConfig::default() })]

    #[test]
    fn git_applies_the_patch_and_takes_it_back((set, before, after) in any_set()) {
        let patch = diff::patch(&set);
        prop_assert_eq!(joined(&diff::lines(&set)), patch.clone());
        if *GIT_IS_MISSING {
            return Ok(());
        }
        prop_assert_eq!(&applied(&before, &patch, &[]), &after, "{}", String::from_utf8_lossy(&patch));
        let back = applied(&after, &patch, &["-R"]);
        prop_assert!(back == before || back == modes_forgotten(&set, &before), "{back:?}\n{}", String::from_utf8_lossy(&patch));
        // The set itself can be turned round without that loss.
        let back = diff::patch(&set.inverse(|path| Labels::Like(path.clone())));
        prop_assert_eq!(applied(&after, &back, &[]), before, "{}", String::from_utf8_lossy(&back));
    }

    #[test]
    fn git_applies_the_patch_of_each_change_alone((set, before, after) in any_set()) {
        if *GIT_IS_MISSING {
            return Ok(());
        }
        let alone = set.iter().fold(before, |nodes, change| applied(&nodes, &diff::patch_of(change), &[]));
        prop_assert_eq!(alone, after);
    }
}

fn joined(lines: &[diff::Line<'_>]) -> Vec<u8> {
    let pieces = lines.iter().flat_map(|line| &line.pieces);
    pieces.flat_map(|piece| piece.text.to_vec()).collect()
}

/// `git apply -R` of a deletion forgets the mode in git 2.47, with git's own patches too: links become files.
fn modes_forgotten(set: &ChangeSet, before: &Nodes) -> Nodes {
    let mut nodes = before.clone();
    for change in set
        .iter()
        .filter(|change| is_shown_as_deletion(set, change))
    {
        let node = nodes
            .get_mut(change.path.relative())
            .expect("deleted, so there before");
        let bytes = match node {
            Node::File(file) => file.bytes.clone(),
            Node::Link(target) => target.clone().into_bytes(),
        };
        *node = file(bytes, 0o644);
    }
    nodes
}

fn is_shown_as_deletion(set: &ChangeSet, change: &Change) -> bool {
    let kind = |node: &Node| matches!(node, Node::Link(_));
    let Some(before) = &change.before else {
        return false;
    };
    let new_path = set
        .moves()
        .get(&change.path)
        .copied()
        .unwrap_or(&change.path);
    let after = set.get(new_path).and_then(|change| change.after.as_ref());
    after.is_none_or(|after| kind(after) != kind(before))
}

// Running git.

fn git() -> Command {
    let mut git = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    git.env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("LC_ALL", "C");
    git
}

static GIT_IS_MISSING: LazyLock<bool> = LazyLock::new(|| {
    let found = git()
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let wanted = std::env::var_os("KVMNET_REAL_DAEMONS").is_some_and(|value| value == "1");
    assert!(
        found || !wanted,
        "KVMNET_REAL_DAEMONS=1, but git is not installed"
    );
    if !found {
        println!("skipped: git is not installed");
    }
    !found
});

/// Returns what `git apply` makes of a folder with these nodes.
fn applied(nodes: &Nodes, patch: &[u8], options: &[&str]) -> Nodes {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().canonicalize().unwrap().join("root");
    fs::create_dir(&root).unwrap();
    nodes
        .iter()
        .for_each(|(path, node)| write(&root.join(path), node));
    if !patch.is_empty() {
        apply(&root, patch, options); // git refuses an empty patch
    }
    let mut found = Nodes::new();
    read(&root, &root, &mut found);
    found
}

fn apply(root: &Path, patch: &[u8], options: &[&str]) {
    let mut child = git()
        .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap())
        .args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"])
        .args(options)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(patch).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "git apply {options:?}: {said}\n{}",
        String::from_utf8_lossy(patch)
    );
}

fn write(path: &Path, node: &Node) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match node {
        Node::Link(target) => symlink(target, path).unwrap(),
        Node::File(file) => {
            fs::write(path, &file.bytes).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(file.attrs.mode)).unwrap();
        }
    }
}

fn read(root: &Path, folder: &Path, found: &mut Nodes) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.symlink_metadata().unwrap();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if kind.is_dir() {
            read(root, &path, found);
        } else if kind.is_symlink() {
            found.insert(
                name,
                Node::Link(
                    fs::read_link(&path)
                        .unwrap()
                        .into_os_string()
                        .into_string()
                        .unwrap(),
                ),
            );
        } else {
            let executable = kind.permissions().mode() & 0o100 != 0;
            found.insert(
                name,
                file(
                    fs::read(&path).unwrap(),
                    if executable { 0o755 } else { 0o644 },
                ),
            );
        }
    }
}

fn file(bytes: Vec<u8>, mode: u32) -> Node {
    let attrs = Attrs {
        mode,
        uid: 0,
        gid: 0,
    };
    Node::File(File { bytes, attrs })
}

// Making change sets.

prop_compose! {
    /// A change set with the whole trees before and after it; one file is there that does not change.
    fn any_set()(
        steps in prop::collection::vec(step(), 1..8),
        names in prop::collection::btree_set(name(), 16),
        unchanged in node(),
    ) -> (ChangeSet, Nodes, Nodes) {
        build(steps, names, unchanged)
    }
}

fn build(steps: Vec<Step>, names: BTreeSet<String>, unchanged: Node) -> (ChangeSet, Nodes, Nodes) {
    let mut names = names.into_iter();
    let mut name = || names.next().expect("two names for each step are enough");
    let mut set = ChangeSet::default();
    let (mut before, mut after) = (Nodes::new(), Nodes::new());
    let kept = name();
    before.insert(kept.clone(), unchanged.clone());
    after.insert(kept, unchanged);
    for step in steps {
        let old = name();
        let new = if step.rename { name() } else { old.clone() };
        if step.rename {
            set.note_rename(host(&old), host(&new));
            put(&mut set, &old, step.before.clone(), None);
            put(&mut set, &new, None, step.after.clone());
        } else {
            put(&mut set, &old, step.before.clone(), step.after.clone());
        }
        before.extend(step.before.map(|node| (old, node)));
        after.extend(step.after.map(|node| (new, node)));
    }
    (set, before, after)
}

fn put(set: &mut ChangeSet, path: &str, before: Option<Node>, after: Option<Node>) {
    let path = host(path);
    set.put(Change {
        labels: Labels::Like(path.clone()),
        path,
        before,
        after,
    });
}

fn host(path: &str) -> HostPath {
    HostPath::parse(&format!("/{path}")).unwrap()
}

fn step() -> impl Strategy<Value = Step> {
    let edited = (content(), any::<bool>(), edits(), any::<bool>()).prop_map(
        |(old, old_x, edits, new_x)| {
            let mode = |executable| if executable { 0o755 } else { 0o644 };
            (
                file(old.concat(), mode(old_x)),
                file(edit(old, edits), mode(new_x)),
            )
        },
    );
    let relinked = (target(), target()).prop_map(|(old, new)| (Node::Link(old), Node::Link(new)));
    prop_oneof![
        2 => node().prop_map(|after| Step { before: None, after: Some(after), rename: false }),
        2 => node().prop_map(|before| Step { before: Some(before), after: None, rename: false }),
        4 => (edited, any::<bool>()).prop_map(both),
        1 => (relinked, any::<bool>()).prop_map(both),
        1 => node().prop_flat_map(|node| (Just((node.clone(), node)), Just(true))).prop_map(both),
        1 => ((node(), node()), any::<bool>()).prop_map(both),
    ]
}

fn both(((before, after), rename): ((Node, Node), bool)) -> Step {
    Step {
        before: Some(before),
        after: Some(after),
        rename,
    }
}

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![
        3 => (content(), any::<bool>()).prop_map(|(lines, executable)| {
            file(lines.concat(), if executable { 0o755 } else { 0o644 })
        }),
        1 => target().prop_map(Node::Link),
    ]
}

/// Lines, of which any may end without a newline: then it runs into the next, or ends the file.
fn content() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(line(), 0..24)
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"",
        b"a",
        b"ONBOOT=yes",
        b"IPADDR=192.168.50.20",
        b"\tb ",
        b"-- ",
        b"--- a/x",
        b"+++ b/x",
        b"@@ -1 +1 @@",
        b"\xff\xfe",
        b"diff --git a/x b/x",
        b"\\ No newline at end of file",
        b"-- \n2.47.3",
    ];
    let text = prop_oneof![
        6 => select(known).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ];
    let end = prop_oneof![12 => Just(&b"\n"[..]), 3 => Just(&b"\r\n"[..]), 1 => Just(&b"\r"[..]), 2 => Just(&b""[..])];
    (text, end).prop_map(|(text, end)| [&text, end].concat())
}

fn edits() -> impl Strategy<Value = Vec<(Index, Option<Vec<u8>>, bool)>> {
    prop::collection::vec(
        (any::<Index>(), prop::option::of(line()), any::<bool>()),
        0..4,
    )
}

/// Replaces, inserts or takes away lines.
fn edit(mut lines: Vec<Vec<u8>>, edits: Vec<(Index, Option<Vec<u8>>, bool)>) -> Vec<u8> {
    for (at, line, keep) in edits {
        let at = at.index(lines.len() + 1);
        let end = if keep { at } else { (at + 1).min(lines.len()) };
        lines.splice(at..end, line);
    }
    lines.concat()
}

fn target() -> impl Strategy<Value = String> {
    "[a-z/. é%\"\n-]{1,12}"
}

fn name() -> impl Strategy<Value = String> {
    let folder = select(vec!["", "etc/", "etc/net work/", "étc/\"x\"/"]);
    let name = "[ifcfg0 \"\\\\\téß漢%:'$`*~#\n\r\u{7}\u{1}\u{7f}-]{1,8}";
    // A digit in front keeps names apart from folders, and from `.` and `..`.
    (folder, "[0-9 -]", name).prop_map(|(folder, first, rest)| format!("{folder}{first}{rest}.x"))
}
