//! Each kind of file is known wherever kinds matter: it is read, no longer than its limit, it may be changed and taken back, and
//! its secrets are masked.

use std::collections::BTreeMap;

use camino::Utf8Path;
use kvmnet::backend::{self, Interest};
use kvmnet::change::{Change, Labels};
use kvmnet::layout::{About, Commands, FILES, FileKind, Spelling};
use kvmnet::plan::permitted::Permitted;
use kvmnet::root::Root;
use kvmnet::secret;
use kvmnet::tree::{Attrs, Entry, File, HostPath, Node, Tree};

/// A secret, as each spelling says it.
fn secret_in(kind: &FileKind) -> Option<&'static str> {
    match kind.spelling {
        Spelling::Shell => Some("KEY_PASSPHRASE=hush\n"),
        Spelling::Keyfile => Some("[wifi-security]\npsk=hush\n"),
        Spelling::Xml => Some("<domain><secret passwd='hush'/></domain>\n"),
        // no secret is known in them
        Spelling::Words | Spelling::Dhclient | Spelling::Code => None,
    }
}

fn file(text: &str) -> File {
    let attrs = Attrs {
        mode: 0o600,
        uid: 0,
        gid: 0,
    };
    let bytes = text.as_bytes().to_vec();
    File { bytes, attrs }
}

#[test]
fn each_kind_is_read_and_no_longer_than_its_limit() {
    // what links say is where they lead
    let read = FILES.iter().filter(|kind| led(kind).is_none());
    for kind in read.filter(|kind| kind.about != About::Secrets) {
        let folder = tempfile::tempdir().unwrap();
        let path = kind.path("x0");
        let at = folder.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        for (bytes, read) in [(kind.longest, true), (kind.longest + 1, false)] {
            std::fs::write(&at, vec![b'#'; bytes]).unwrap();
            let root = Root::open(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
            let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
            let found = tree.get(&HostPath::parse(&path).unwrap());
            let is_read = matches!(found, Some(Entry::File(_)));
            assert_eq!(is_read, read, "{path}, {bytes} bytes: {found:?}");
        }
    }
}

#[test]
fn what_commands_do_to_each_kind_can_be_taken_back_and_no_more() {
    for kind in FILES.iter().filter(|kind| led(kind).is_none()) {
        let path = |name| HostPath::parse(&kind.path(name)).unwrap();
        let mut tree = Tree::default();
        tree.insert(path("x0"), Entry::File(file("a")));
        let state = HostPath::literal("/var/lib/kvmnet");
        let permitted = Permitted::of(&tree, &state, [(0, 0)]);
        let node = |text: &str| Some(Node::File(file(text)));
        let change = |path: HostPath, before, after| Change {
            labels: Labels::Like(path.folder()),
            path,
            before,
            after,
        };
        let check = |changes: &[Change]| permitted.check(changes, &BTreeMap::new());
        let moved = [
            change(path("x0"), node("a"), None),
            change(path("x1"), None, node("a")),
        ];
        assert_eq!(check(&moved), Ok(()), "{}", kind.path("*"));
        let written = check(&[change(path("x0"), node("a"), node("b"))]);
        let may = kind.commands == Commands::Write;
        assert_eq!(written.is_ok(), may, "{}: {written:?}", kind.path("*"));
    }
}

/// Returns where a kind of link leads.
fn led(kind: &FileKind) -> Option<&'static str> {
    match kind.commands {
        Commands::Link(target) => Some(target),
        Commands::Write | Commands::Move => None,
    }
}

#[test]
fn a_link_that_starts_a_program_leads_where_commands_lead_it() {
    let mut count = 0;
    for (kind, target) in FILES.iter().filter_map(|kind| Some((kind, led(kind)?))) {
        let (state, tree) = (HostPath::literal("/var/lib/kvmnet"), Tree::default());
        let permitted = Permitted::of(&tree, &state, [(0, 0)]);
        let check = |after: Option<Node>| {
            let path = HostPath::parse(&kind.path("")).unwrap();
            let change = Change {
                labels: Labels::Like(path.folder()),
                path,
                before: None,
                after,
            };
            permitted.check(&[change], &BTreeMap::new()).is_ok()
        };
        let link = |target: &str| Some(Node::Link(target.to_owned()));
        assert!(check(link(target)) && check(None), "{}", kind.name);
        for other in ["/tmp/evil.service", "/dev/null", "../../../tmp/network"] {
            assert!(!check(link(other)), "{} to {other}", kind.name);
        }
        assert!(!check(Some(Node::File(file(
            "[Service]\nExecStart=/bin/evil\n"
        )))));
        count += 1;
    }
    assert!(count > 8, "{count}");
}

#[test]
fn the_secrets_of_each_kind_are_masked() {
    for kind in FILES {
        for path in [kind.path("x0"), format!("{}.old", kind.path("x0"))] {
            let path = HostPath::parse(&path).unwrap();
            if let Some(text) = secret_in(kind) {
                let places = secret::places(&path, text);
                let left = secret::without(text, &places);
                assert!(!left.contains("hush"), "{path}: {left}");
            }
        }
    }
}
