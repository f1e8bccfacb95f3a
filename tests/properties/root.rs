//! Resolving paths beneath a root: links lead where they would lead inside a chroot, and nothing hangs.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::sync::mpsc;
use std::time::Duration;

use camino::Utf8Path;
use kvmnet::change::{Change, ChangeSet, Labels};
use kvmnet::root::{MAX_FILE_BYTES, Root, RootError};
use kvmnet::transaction::{Meta, Store, TransactionError};
use kvmnet::tree::{Attrs, Entry, File, HostPath, LinkEnd, Node, Pick, Scope, Tree};
use rustix::fs::{CWD, FileType, Mode};
use tempfile::TempDir;

fn path(text: &str) -> HostPath {
    HostPath::parse(text).unwrap()
}

/// Returns a root with `etc/real/file`, and links; beside the root lies what must never be read.
fn host(links: &[(&str, &str)]) -> (TempDir, Root) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("root/etc/real")).unwrap();
    fs::create_dir_all(dir.path().join("outside/real")).unwrap();
    fs::write(dir.path().join("root/etc/real/file"), "inside").unwrap();
    for secret in ["outside/file", "outside/real/file", "file"] {
        fs::write(dir.path().join(secret), "outside").unwrap();
    }
    for (at, target) in links {
        symlink(target, dir.path().join("root").join(at)).unwrap();
    }
    let root = Root::open(Utf8Path::from_path(&dir.path().join("root")).unwrap()).unwrap();
    (dir, root)
}

fn scope(folders: &[&str]) -> Scope {
    let folders = folders
        .iter()
        .map(|at| (path(at), (|_: &str| Pick::Read) as fn(&str) -> Pick));
    Scope {
        folders: folders.collect(),
        ..Scope::default()
    }
}

fn read(root: &Root, folders: &[&str]) -> Tree {
    root.read_tree(&scope(folders)).unwrap()
}

fn text(root: &Root, at: &str) -> Result<Option<String>, RootError> {
    let bytes = root.read_file(&path(at))?;
    Ok(bytes.map(|bytes| String::from_utf8(bytes).unwrap()))
}

/// Fails where `call` takes longer than any reading can.
fn in_time<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(call()));
    result
        .recv_timeout(Duration::from_secs(10))
        .expect("it does not hang")
}

#[test]
fn no_link_leads_out_of_the_root() {
    let (dir, root) = host(&[
        ("etc/absolute", "/etc/real"),
        ("etc/dots", "../../../../../etc/real"),
        ("etc/out", "../../outside/real"),
        ("etc/out-file", "../../file"),
        ("etc/up", ".."),
        ("etc/top", "/"),
        ("etc/chain", "dots/../absolute/./"),
        ("etc/slash", "real//"),
    ]);
    for folder in [
        "absolute",
        "dots",
        "chain",
        "slash",
        "up/etc/real",
        "top/etc/real",
    ] {
        let at = format!("/etc/{folder}/file");
        assert_eq!(text(&root, &at), Ok(Some("inside".to_owned())), "{at}");
        let real = root.resolve_folder(&path(&at).folder()).unwrap();
        assert_eq!(real.path().as_str(), "/etc/real", "{at}");
    }
    for (at, link, missing) in [
        ("/etc/out/file", "/etc/out", "/outside"),
        ("/etc/out-file", "/etc/out-file", "/file"),
    ] {
        let (link, missing) = (path(link), path(missing));
        assert_eq!(text(&root, at), Err(RootError::Dangling { link, missing }));
    }
    // the absolute path of this very root leads nowhere inside of it
    let outside = dir.path().join("outside/file");
    symlink(&outside, dir.path().join("root/etc/host-path")).unwrap();
    assert!(matches!(
        text(&root, "/etc/host-path"),
        Err(RootError::Dangling { .. })
    ));
    assert_eq!(
        root.resolve_folder(&path("/etc/top"))
            .unwrap()
            .path()
            .as_str(),
        "/"
    );
}

#[test]
fn a_tree_knows_where_its_files_really_are() {
    let (_dir, root) = host(&[
        ("conf", "/etc/real"),
        ("etc/one", "real/file"),
        ("etc/two", "/conf/file"),
    ]);
    let tree = read(&root, &["/conf", "/etc"]);
    assert_eq!(tree.real(&path("/conf/file")), path("/etc/real/file"));
    for link in ["/etc/one", "/etc/two"] {
        assert_eq!(tree.end_of(&path(link)), path("/etc/real/file"), "{link}");
        assert_eq!(tree.file(&path(link)).unwrap().bytes, b"inside");
    }
    assert_eq!(tree.oddities(), [""; 0]);
}

#[test]
fn loops_and_dangling_links_are_told() {
    let (dir, root) = host(&[
        ("etc/self", "self"),
        ("etc/ping", "pong"),
        ("etc/pong", "../etc/ping"),
        ("etc/dangling", "nowhere/file"),
        ("etc/deep", "deep/deep"),
    ]);
    for at in ["/etc/self", "/etc/ping", "/etc/deep"] {
        assert_eq!(text(&root, at), Err(RootError::Loop { path: path(at) }));
    }
    let dangling = RootError::Dangling {
        link: path("/etc/dangling"),
        missing: path("/etc/nowhere"),
    };
    assert_eq!(text(&root, "/etc/dangling"), Err(dangling.clone()));
    assert_eq!(text(&root, "/etc/nowhere"), Ok(None));
    assert_eq!(
        root.resolve_folder(&path("/etc/nowhere/x")).unwrap_err(),
        RootError::Missing {
            path: path("/etc/nowhere")
        }
    );
    let tree = read(&root, &["/etc", "/etc/self", "/etc/dangling"]);
    for (at, why) in [
        ("/etc/ping", "/etc/ping` leads through too many links"),
        ("/etc/dangling", "`/etc/nowhere`, which does not exist"),
    ] {
        let Some(Entry::Link {
            end: LinkEnd::Broken(text),
            ..
        }) = tree.get(&path(at))
        else {
            panic!("{at}: {:?}", tree.get(&path(at)));
        };
        assert!(text.contains(why), "{text}");
    }
    assert_eq!(tree.oddities().len(), 2, "{:?}", tree.oddities());
    assert!(tree.oddities().contains(&dangling.to_string()));
    // forty links are followed, as the kernel does, and no more
    let etc = dir.path().join("root/etc");
    symlink("real/file", etc.join("l1")).unwrap();
    for n in 2..=41 {
        symlink(format!("l{}", n - 1), etc.join(format!("l{n}"))).unwrap();
    }
    assert_eq!(text(&root, "/etc/l40"), Ok(Some("inside".to_owned())));
    assert!(fs::read(etc.join("l40")).is_ok());
    assert!(matches!(
        text(&root, "/etc/l41"),
        Err(RootError::Loop { .. })
    ));
    assert!(fs::read(etc.join("l41")).is_err());
}

#[test]
fn a_file_on_the_way_is_no_folder() {
    let (_dir, root) = host(&[("etc/link", "real/file"), ("etc/as-folder", "real/file/")]);
    let no_folder = RootError::NotFolder {
        path: path("/etc/real/file"),
    };
    for at in [
        "/etc/real/file",
        "/etc/real/file/x",
        "/etc/link",
        "/etc/link/x",
        "/etc/as-folder",
    ] {
        assert_eq!(
            root.resolve_folder(&path(at)).unwrap_err(),
            no_folder,
            "{at}"
        );
    }
    assert_eq!(text(&root, "/etc/real/file/x"), Ok(None));
    let tree = read(&root, &["/etc/real/file", "/etc/link"]);
    assert_eq!(tree.entries().count(), 0);
    assert_eq!(
        text(&root, "/etc/real"),
        Err(RootError::NoFile {
            path: path("/etc/real"),
            found: "folder"
        })
    );
    // a folder may be named by its real path only, where something is to be written
    let link = RootError::Link {
        path: path("/etc/link"),
    };
    assert_eq!(root.open_real_folder(&path("/etc/link")).unwrap_err(), link);
}

#[test]
fn the_root_itself() {
    let (dir, _) = host(&[]);
    let open = |name: &str| Root::open(Utf8Path::from_path(&dir.path().join(name)).unwrap());
    symlink("root", dir.path().join("link")).unwrap();
    assert_eq!(
        text(&open("link").unwrap(), "/etc/real/file"),
        Ok(Some("inside".to_owned()))
    );
    assert!(matches!(open("nowhere"), Err(RootError::NoSuchRoot { .. })));
    assert!(matches!(open("file"), Err(RootError::RootNoFolder { .. })));
}

#[test]
fn a_fifo_does_not_hang() {
    let (dir, root) = host(&[("etc/link", "pipe")]);
    let pipe = dir.path().join("root/etc/pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let no_file = RootError::NoFile {
        path: path("/etc/pipe"),
        found: "FIFO",
    };
    in_time(move || {
        let tree = root
            .read_tree(&Scope {
                files: vec![path("/etc/link")],
                ..scope(&["/etc"])
            })
            .unwrap();
        assert_eq!(tree.get(&path("/etc/pipe")), Some(&Entry::Other("FIFO")));
        assert_eq!(tree.file(&path("/etc/link")), None);
        for at in ["/etc/pipe", "/etc/link"] {
            assert_eq!(text(&root, at), Err(no_file.clone()), "{at}");
        }
        assert_eq!(root.read_node(&path("/etc/pipe")), Err(no_file.clone()));
        let mut set = ChangeSet::default();
        let attrs = Attrs {
            mode: 0o600,
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        };
        let after = Some(Node::File(File {
            bytes: Vec::new(),
            attrs,
        }));
        set.put(Change {
            path: path("/etc/pipe"),
            before: None,
            after,
            labels: Labels::Like(path("/etc/pipe")),
        });
        let guard = Store::new(&root).lock(Duration::ZERO, "a test").unwrap();
        let error = guard.commit(&set, Meta::default()).unwrap_err();
        assert!(matches!(error, TransactionError::Root(error) if error == no_file));
    });
    assert!(fs::symlink_metadata(pipe).is_ok());
}

#[test]
fn names_that_are_no_text_are_told_and_passed_over() {
    let (dir, root) = host(&[]);
    let etc = dir.path().join("root/etc");
    fs::write(etc.join(OsStr::from_bytes(b"ifcfg-\xff")), "x").unwrap();
    symlink(OsStr::from_bytes(b"real/\xfe"), etc.join("link")).unwrap();
    symlink(OsStr::from_bytes(b"\xfd"), etc.join("folder")).unwrap();
    fs::write(etc.join(".kvmnet-1-2"), "a temporary").unwrap();
    let tree = read(&root, &["/etc", "/etc/folder"]);
    assert_eq!(
        tree.oddities(),
        [
            r"`/etc/ifcfg-\xff` was skipped: its name is not valid UTF-8",
            "link `/etc/folder` leads to a name that is not plain text"
        ]
    );
    let names: Vec<_> = tree.names(&path("/etc")).map(|(name, _)| name).collect();
    assert_eq!(names, ["folder", "link", "real"]);
    assert_eq!(
        tree.get(&path("/etc/link")),
        Some(&Entry::Unreadable(
            "a link to a name that is not plain text".to_owned()
        ))
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let (dir, root) = host(&[]);
    let large = fs::File::create(dir.path().join("root/etc/large")).unwrap();
    large.set_len(MAX_FILE_BYTES as u64 + 1).unwrap();
    let tree = read(&root, &["/etc"]);
    assert_eq!(
        tree.get(&path("/etc/large")),
        Some(&Entry::Unreadable("larger than 16 MiB".to_owned()))
    );
    let path = path("/etc/large");
    assert_eq!(root.read_node(&path), Err(RootError::TooLarge { path }));
    large.set_len(MAX_FILE_BYTES as u64).unwrap();
    assert_eq!(
        text(&root, "/etc/large").unwrap().unwrap().len(),
        MAX_FILE_BYTES
    );
}

#[test]
fn a_file_is_bounded_by_what_it_is_for() {
    let (dir, root) = host(&[]);
    let scripts = dir.path().join("root/etc/sysconfig/network-scripts");
    fs::create_dir_all(&scripts).unwrap();
    let sparse = |path: &str, bytes: u64| {
        let file = fs::File::create(dir.path().join("root").join(path)).unwrap();
        file.set_len(bytes).unwrap();
    };
    sparse("etc/sysconfig/network-scripts/ifcfg-a", (1 << 20) + 1);
    sparse("etc/sysconfig/network-scripts/ifcfg-b", 1 << 20);
    sparse("etc/elsewhere", 2 << 20);
    symlink("/etc/elsewhere", scripts.join("ifcfg-c")).unwrap();
    let tree = read(&root, &["/etc/sysconfig/network-scripts"]);
    let too_long = Entry::Unreadable("larger than 1 MiB".to_owned());
    let at = |name: &str| path("/etc/sysconfig/network-scripts").join(name);
    assert_eq!(tree.get(&at("ifcfg-a")), Some(&too_long));
    assert_eq!(tree.file(&at("ifcfg-b")).unwrap().bytes.len(), 1 << 20);
    assert_eq!(tree.get(&path("/etc/elsewhere")), Some(&too_long));
    assert_eq!(tree.file(&at("ifcfg-c")), None);
}

#[test]
fn a_tree_is_bounded_in_all() {
    let (dir, root) = host(&[]);
    let folder = dir.path().join("root/etc");
    for n in 0..17 {
        let file = fs::File::create(folder.join(format!("{n}"))).unwrap();
        file.set_len(MAX_FILE_BYTES as u64).unwrap();
    }
    let scope = Scope {
        folders: vec![(path("/etc"), |_| Pick::Read)],
        ..Scope::default()
    };
    let error = root.read_tree(&scope).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/etc` contains too much to be read: more than 256 MiB of files"
    );
}
