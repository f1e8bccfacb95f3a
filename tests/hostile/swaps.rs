//! Trees that change while they are worked on, and files that are not only the tree's.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::fs::{CWD, IFlags, RenameFlags, renameat_with};

use crate::places::{CHANGES, LOOKS};
use crate::run::{Scene, contents};
use crate::support::sample::whole;
use crate::support::strace::program;

/// Returns how often commands run while the tree changes: they may meet the one moment, or not.
fn turns() -> usize {
    if whole() { 20 } else { 2 }
}

/// Runs `meanwhile` again and again while `work` goes on.
fn during(meanwhile: impl Fn(usize) + Send, work: impl FnOnce()) {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let ended = &ended;
        let other = scope.spawn(move || {
            let mut turns = 0;
            while !ended.load(Ordering::Relaxed) {
                meanwhile(turns);
                turns += 1;
            }
            turns
        });
        work();
        ended.store(true, Ordering::Relaxed);
        assert!(other.join().unwrap() > 10, "it changed meanwhile");
    });
}

/// A folder is a folder, then a link out of the root, then a folder again, as fast as can be.
#[test]
fn a_folder_that_turns_into_a_link_and_back_leads_nowhere() {
    for folder in [
        "etc",
        "etc/sysconfig/network-scripts",
        "etc/libvirt/qemu/networks",
        "var/lib/kvmnet",
        "var/lib/kvmnet/transactions",
    ] {
        let scene = Scene::new();
        let (at, link) = (scene.root().join(folder), scene.root().join("swap"));
        symlink(scene.path().join("outside").join(folder), &link).unwrap();
        let exchange = |_| {
            let done = renameat_with(CWD, &at, CWD, &link, RenameFlags::EXCHANGE);
            assert!(done.is_ok(), "{done:?}");
        };
        let mut codes = [0; 3];
        during(exchange, || {
            for turn in 0..turns() {
                for command in [
                    "bridge add br0 --port ens33 --yes",
                    "show",
                    "bridge remove br0 --yes",
                    "network set default --domain a --yes",
                    "rollback --yes",
                    "recover",
                ] {
                    let ran = scene.run(command, &format!("{folder}, turn {turn}"));
                    codes[usize::try_from(ran.code).unwrap()] += 1;
                }
            }
        });
        println!("{folder}: exit statuses {codes:?}");
        scene.untouched(folder);
    }
}

/// A file is another one, shorter, longer or gone at each look.
#[test]
fn files_that_change_while_they_are_read_are_read_as_something() {
    let scene = Scene::new();
    let file = scene
        .root()
        .join("etc/sysconfig/network-scripts/ifcfg-ens34");
    let xml = scene.root().join("etc/libvirt/qemu/networks/other.xml");
    let text = fs::read_to_string(&file).unwrap();
    let change = |turn: usize| {
        let _ = match turn % 4 {
            0 => fs::write(&file, text.repeat(turn % 50)),
            1 => fs::write(&xml, "<network><name>other</name>".repeat(turn % 70)),
            2 => fs::remove_file(&xml),
            _ => File::create(&file).and_then(|file| file.set_len((turn as u64 % 30) << 20)),
        };
    };
    during(change, || {
        for turn in 0..turns() {
            for command in LOOKS {
                scene.run(command, &format!("turn {turn}"));
            }
        }
    });
}

/// A file that grows faster than it is read ends at the limit.
#[test]
fn a_file_without_an_end_is_given_up() {
    let scene = Scene::new();
    let path = scene
        .root()
        .join("etc/sysconfig/network-scripts/ifcfg-ens34");
    let file = File::options().append(true).open(&path).unwrap();
    let grow = |_| {
        (&file).write_all(&[b'#'; 1 << 16]).unwrap();
        // it is the growing that matters, not the disk
        if file.metadata().unwrap().len() > 256 << 20 {
            file.set_len(0).unwrap();
        }
    };
    during(grow, || {
        for turn in 0..turns() {
            scene.run("show", &format!("turn {turn}"));
            scene.run(
                "bridge add br0 --port ens33 --dry-run",
                &format!("turn {turn}"),
            );
        }
    });
}

/// Each file of the root is a hard link to a file outside, whose bytes and rights stay what they are.
#[test]
fn hard_links_to_files_outside_are_let_go() {
    for command in CHANGES {
        let scene = Scene::new();
        let kept = tempfile::tempdir().unwrap();
        let mut linked = Vec::new();
        for path in crate::run::paths(&scene.root()) {
            let at = scene.root().join(&path);
            // the lock is kvmnet's own, and written in place
            if at.symlink_metadata().unwrap().is_file() && !path.ends_with("kvmnet/lock") {
                let outside = kept.path().join(linked.len().to_string());
                fs::hard_link(&at, &outside).unwrap();
                let meta = outside.metadata().unwrap();
                linked.push((path, outside.clone(), fs::read(&outside).unwrap(), meta));
            }
        }
        assert!(linked.len() > 20);
        let ran = scene.run(command, "hard links");
        assert_eq!(ran.code, 0, "{command}\n{}", ran.said);
        for (path, outside, bytes, was) in linked {
            let now = outside.metadata().unwrap();
            assert_eq!(fs::read(&outside).unwrap(), bytes, "{command}: {path}");
            assert_eq!(
                (now.mode(), now.uid(), now.gid(), now.mtime_nsec()),
                (was.mode(), was.uid(), was.gid(), was.mtime_nsec()),
                "{command}: {path}"
            );
        }
    }
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    assert!(
        root || !crate::support::real_daemons(),
        "KVMNET_REAL_DAEMONS=1, and not root"
    );
    if !root {
        println!("skipped: only root can give files away");
    }
    root
}

/// Gives everything beneath the root to somebody, but kvmnet's own folder: a history of theirs would not be read.
fn give(scene: &Scene, owner: u32) {
    for path in crate::run::paths(&scene.root())
        .iter()
        .map(String::as_str)
        .filter(|path| !path.starts_with("var/lib/kvmnet"))
        .chain([""])
    {
        let at = scene.root().join(path);
        std::os::unix::fs::lchown(at, Some(owner), Some(owner)).unwrap();
    }
}

/// A tree of another user is changed by root, and stays that user's.
#[test]
fn a_tree_of_somebody_else_stays_theirs() {
    if !is_root() {
        return;
    }
    // the change of owner is an edit by hand, which stops taking back what was before
    for command in CHANGES
        .iter()
        .filter(|command| !command.starts_with("rollback"))
    {
        let scene = Scene::new();
        give(&scene, 4242);
        // a saved plan says who owned the files
        if command.contains("PLAN") {
            scene.run(
                "bridge add br0 --port ens33 --dry-run --out PLAN",
                "given away",
            );
        }
        let before = contents(&scene.root());
        let ran = scene.run(command, "given away");
        assert_eq!(ran.code, 0, "{command}\n{}", ran.said);
        for (path, what) in contents(&scene.root()) {
            let changed = before.get(&path) != Some(&what);
            let theirs = what.1 == (4242, 4242);
            let new = !before.contains_key(&path);
            assert!(!changed || theirs || new, "{command}: {path} was taken");
        }
    }
}

/// Who may not write is told so, and by which file.
#[test]
fn without_the_right_to_write_nothing_is_written() {
    if !is_root() {
        return;
    }
    // what was given away was edited, so that it is not taken back, nor a plan applied
    for command in CHANGES.iter().filter(|command| {
        !["check", "rollback", "apply", "recover"]
            .iter()
            .any(|word| command.starts_with(word))
    }) {
        let scene = Scene::new();
        give(&scene, 4242);
        let before = contents(&scene.root());
        let words = scene.words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // root without the power to pass over rights, as in a container
        let mut process = Command::new("setpriv");
        process.args(["--bounding-set=-all", "--inh-caps=-all", "--"]);
        process
            .args(program(&scene.root(), &words))
            .env_remove("KVMNET_ROOT");
        let ran = scene.judge(process, command);
        assert_ne!(ran.code, 0, "{command}\n{}", ran.said);
        assert!(
            ran.said.contains("Permission denied"),
            "{command}\n{}",
            ran.said
        );
        assert!(contents(&scene.root()) == before, "{command}\n{}", ran.said);
    }
}

/// An immutable file or folder is told, and the rest is as it was.
#[test]
fn what_is_immutable_stays() {
    for (path, command) in [
        (
            "etc/sysconfig/network-scripts/ifcfg-ens33",
            "bridge add br0 --port ens33 --yes",
        ),
        (
            "etc/sysconfig/network-scripts",
            "bridge add br0 --port ens33 --yes",
        ),
        (
            "etc/libvirt/qemu/networks/default.xml",
            "network remove default --force --yes",
        ),
        (
            "etc/libvirt/qemu/networks/autostart",
            "network copy default nat1 --yes",
        ),
        (
            "etc/libvirt/qemu/vm1.xml",
            "guest connect vm1 --network default --new --yes",
        ),
        (
            "etc/libvirt/qemu/networks/default.xml.old",
            "rollback --yes",
        ),
        (
            "var/lib/kvmnet/transactions",
            "bridge add br0 --port ens33 --yes",
        ),
    ] {
        let scene = Scene::new();
        let held = File::open(scene.root().join(path)).unwrap();
        if rustix::fs::ioctl_setflags(&held, IFlags::IMMUTABLE).is_err() {
            println!("skipped: nothing can be made immutable here");
            return;
        }
        let before = contents(&scene.root());
        let ran = scene.run(command, path);
        let after = contents(&scene.root());
        rustix::fs::ioctl_setflags(&held, IFlags::empty()).unwrap();
        assert_eq!(ran.code, 2, "{path}: {command}\n{}", ran.said);
        assert!(
            ran.said.contains("not permitted"),
            "{path}: {command}\n{}",
            ran.said
        );
        assert!(after == before, "{path}: {command}\n{}", ran.said);
        let ran = scene.run(command, "writable again");
        assert_eq!(ran.code, 0, "{path}: {command}\n{}", ran.said);
    }
}

/// Copies and history are for nobody who may not read the original.
#[test]
fn copies_and_history_are_as_private_as_the_original() {
    let root_runs = rustix::process::geteuid().is_root();
    let secret = "etc/sysconfig/network-scripts/ifcfg-ens33";
    for (mode, command) in [0o600, 0o640, 0o400]
        .into_iter()
        .flat_map(|mode| ["", " --backup beside", " --backup store"].map(|backup| (mode, backup)))
    {
        let scene = Scene::new();
        let at = scene.root().join(secret);
        let marked = [fs::read(&at).unwrap(), b"# the-secret\n".to_vec()].concat();
        fs::write(&at, marked).unwrap();
        fs::set_permissions(&at, fs::Permissions::from_mode(mode)).unwrap();
        if root_runs {
            chown(&at, Some(0), Some(77)).unwrap();
        }
        let group = at.metadata().unwrap().gid();
        let add = format!("bridge add br0 --port ens33 --yes{command}");
        for command in [add.as_str(), "rollback --yes", "rollback --yes"] {
            let ran = scene.run(command, "private");
            assert_eq!(ran.code, 0, "{command}\n{}", ran.said);
            let root = scene.root();
            let state = root.join("var/lib/kvmnet");
            assert_eq!(state.metadata().unwrap().mode() & 0o7777, 0o700);
            for path in crate::run::paths(&root) {
                let at = root.join(&path);
                let holds = at.is_file()
                    && String::from_utf8_lossy(&fs::read(&at).unwrap()).contains("the-secret");
                // the mode of the folder hides what is in it
                if !holds || at.starts_with(&state) {
                    continue;
                }
                let meta = at.metadata().unwrap();
                let found = meta.mode() & 0o777;
                assert_eq!(found & !mode, 0, "{command}: {path} has mode {found:o}");
                assert!(found & 0o070 == 0 || meta.gid() == group, "{path}");
            }
        }
    }
}
