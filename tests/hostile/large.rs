//! A limit on reading is a limit on writing: what is written can be read again, so that it is rolled back and recovered,
//! or it is refused before anything is written.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::XattrFlags;

use crate::run::{all, contents};
use crate::sizes::{host, run};
use crate::support::sample::{sample, whole};
use crate::support::{self, strace};

const NETWORKS: &str = "etc/libvirt/qemu/networks";
const AUTOSTART: &str = "etc/libvirt/qemu/networks/autostart";

/// Fills the folder with links to nothing whose texts are as long as a path can be, and twice as long in a record: JSON
/// has `\"` for a quote.
fn links(root: &Path, count: usize) {
    let folders = format!("{}/", "\"".repeat(250)).repeat(15);
    for n in 0..count {
        let to = format!("/{folders}x{n}.xml");
        symlink(to, root.join(AUTOSTART).join(format!("x{n}.xml"))).unwrap();
    }
}

fn names(root: &Path) -> usize {
    fs::read_dir(root.join(AUTOSTART)).unwrap().count()
}

/// The record of this change has over 16 MiB, the longest file that is read: it comes back all the same, from a rollback,
/// and where the program is killed half done.
#[test]
fn a_record_longer_than_what_is_read_comes_back() {
    // with the variable nearly as many as a record may have
    let count = if whole() { 50_000 } else { 2_400 };
    let dir = host();
    let root = dir.path().join("root");
    links(&root, count);
    let first = contents(&root);
    let mend = ["check", "--fix=autostart-dangling", "--yes"];

    let line = strace::program(&root, &mend);
    let mut child = Command::new(&line[0])
        .args(&line[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while names(&root) >= count && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(900), "hangs");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left = names(&root);
    println!("killed with {left} of {count} links left");
    assert!(left < count, "it was killed behind its first change");
    run(&root, &["recover"]);
    assert!(contents(&root) == first, "recovered");
    run(&root, &mend);
    assert!(names(&root) < count / 100);
    let record = root.join("var/lib/kvmnet/transactions/1/changes");
    assert!(fs::metadata(record).unwrap().len() > 16 << 20);
    if whole() {
        run(&root, &["recover"]);
        run(&root, &["history", "1"]);
    }
    run(&root, &["rollback", "--yes"]);
    assert!(contents(&root) == first, "rolled back");
}

/// A file as long as its kind may be does not grow, and the refusal says so.
#[test]
fn no_file_grows_over_what_is_read() {
    const XML: usize = 4 << 20;
    const SHELL: usize = 1 << 20;
    let cases: &[(&str, &[&str])] = &[
        (
            "network",
            &["network", "set", "default", "--domain", "longer"],
        ),
        ("network", &["network", "remove", "default", "--force"]),
        (
            "network",
            &[
                "network",
                "copy",
                "default",
                "copy",
                "--subnet",
                "10.9.0.0/24",
            ],
        ),
        (
            "guest",
            &["guest", "connect", "vm1", "--network", "default", "--new"],
        ),
        (
            "guest",
            &[
                "guest",
                "connect",
                "vm1",
                "--bridge",
                "a-longer-name",
                "--force",
            ],
        ),
        ("port", &["bridge", "add", "br0", "--port", "ens33"]),
    ];
    let cases = sample("long files", cases.to_vec(), 2, |(kind, _)| [*kind]);
    all(&cases, |(kind, words)| {
        let dir = host();
        let root = dir.path().join("root");
        let (file, longest, pad): (_, _, fn(&str, &str) -> String) = match *kind {
            "network" => (format!("{NETWORKS}/default.xml"), XML, |text, pad| {
                format!("<!--{pad}-->\n{text}")
            }),
            "guest" => ("etc/libvirt/qemu/vm1.xml".into(), XML, |text, pad| {
                format!("<!--{pad}-->\n{text}")
            }),
            _ => (
                "etc/sysconfig/network-scripts/ifcfg-ens33".into(),
                SHELL,
                |text, pad| format!("# {pad}\n{text}"),
            ),
        };
        let file = root.join(file);
        let text = fs::read_to_string(&file).unwrap();
        // as long as it may be
        let length = longest - pad(&text, "").len();
        fs::write(&file, pad(&text, &"x".repeat(length))).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().len(), longest as u64);
        let first = contents(&root);
        let output = support::kvmnet(&root, &[*words, &["--yes"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.len() < 4000, "{words:?}");
        if output.status.success() {
            // it did not grow
            run(&root, &["history", "1"]);
            run(&root, &["rollback", "--yes"]);
        } else {
            assert!(said.contains(" MiB"), "{words:?}: {said}");
        }
        assert!(contents(&root) == first, "{words:?}: {said}");
    });
}

/// Values of extended attributes are kept beside the record, however long they are together.
#[test]
fn long_attributes_come_back() {
    let dir = host();
    let root = dir.path().join("root");
    let file = root.join("etc/sysconfig/network-scripts/ifcfg-ens33");
    // all together below the mebibyte that is read of one file
    let names: Vec<String> = (0..17).map(|n| format!("user.a{n}")).collect();
    let mut set = 0;
    for size in [60_000, 3_500, 900] {
        let value = vec![b'x'; size];
        for name in &names[set..] {
            match rustix::fs::setxattr(&file, name.as_str(), &value, XattrFlags::CREATE) {
                Ok(()) => set += 1,
                Err(_) => break,
            }
        }
    }
    if set == 0 {
        println!("skipped: this file system has no extended attributes for users");
        return;
    }
    let values = || -> Vec<usize> {
        let length = |name: &String| {
            let mut value = vec![0; 70_000];
            rustix::fs::getxattr(&file, name.as_str(), &mut value[..]).unwrap_or(0)
        };
        names.iter().map(length).collect()
    };
    let (first, lengths) = (contents(&root), values());
    println!("{} bytes of attributes", lengths.iter().sum::<usize>());
    for words in [
        &["bridge", "add", "br0", "--port", "ens33", "--yes"][..],
        &["rollback", "--yes"],
    ] {
        run(&root, words);
        assert_eq!(values(), lengths, "{words:?}");
    }
    assert!(contents(&root) == first);
}

/// More than that is refused before anything is written.
#[test]
fn too_many_attributes_are_told() {
    let dir = host();
    let root = dir.path().join("root");
    let file = root.join("etc/sysconfig/network-scripts/ifcfg-ens33");
    for n in 0..18 {
        let name = format!("user.a{n}");
        if rustix::fs::setxattr(&file, name, &[b'x'; 60_000], XattrFlags::CREATE).is_err() {
            println!("skipped: this file system has no room for so many attributes");
            return;
        }
    }
    let first = contents(&root);
    let output = support::kvmnet(&root, &["bridge", "add", "br0", "--port", "ens33", "--yes"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("1 MiB"), "{said}");
    assert!(contents(&root) == first, "{said}");
}
