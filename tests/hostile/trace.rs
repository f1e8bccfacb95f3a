//! What the program asks of the kernel: each name is looked up alone, in a folder that is held open beneath the root.
//!
//! So no link can lead out, whatever becomes of the tree meanwhile: the kernel follows none of them. And no program is
//! started, and no socket opened.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::places::{CHANGES, INSTEAD, Instead, LOOKS, replace};
use crate::run::{Scene, all};
use crate::support::sample::sample;
use crate::support::strace::{have_strace, program, strace};

/// What the program may ask for by its absolute path once it runs: what the kernel says of the process itself.
const KERNEL: &[&str] = &["/proc/self/", "/sys/fs/cgroup/"];

/// Calls by which it would run a program, or talk to one.
const OTHERS: &[&str] = &["fork", "vfork", "execve", "execveat", "socket", "connect"];

/// Returns what is wrong with a call in a log with paths (`-y`); `given` is a file that the user named.
fn fault(line: &str, root: &str, given: &str) -> Option<String> {
    let (_, line) = line.split_once(' ')?;
    let (name, rest) = line.trim_start().split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let beneath = |argument: &str| {
        let (_, path) = argument.split_once('<')?;
        let path = path.strip_suffix('>')?.trim_end_matches("(deleted)");
        Some(path == root || path.starts_with(&format!("{root}/")))
    };
    if OTHERS.contains(&name) {
        return Some(line.to_owned());
    }
    // attributes of a link can be had by a path alone: one name, beneath a descriptor, and the link is not followed
    if ["lgetxattr", "lsetxattr"].contains(&name) {
        let path = arguments.strip_prefix("\"/proc/self/fd/");
        let rest = path.and_then(|path| Some(path.split_once('"')?.0.split_once('/')?.1));
        return match rest {
            Some(name) if !name.is_empty() && !name.contains('/') && name != ".." => None,
            Some(_) | None => Some(line.to_owned()),
        };
    }
    let mut folder = None;
    for argument in arguments.trim_end().trim_end_matches(')').split(", ") {
        if let Some(inside) = beneath(argument) {
            folder = Some(inside && !argument.starts_with("AT_FDCWD"));
            continue;
        }
        let Some(text) = argument
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
        else {
            continue;
        };
        // the descriptor itself; what comes behind is the answer
        if text.is_empty() {
            break;
        }
        // the text of a new link is none that is looked up
        if name == "symlinkat" && folder.is_none() {
            continue;
        }
        if text == given {
            continue;
        }
        let kernel = KERNEL.iter().any(|start| text.starts_with(start))
            && result.starts_with(|c: char| c != '-');
        let open = ["openat", "openat2"].contains(&name);
        if text == root || kernel && (!open || arguments.contains("O_RDONLY")) {
            continue;
        }
        if text.contains('/') || text == ".." || folder != Some(true) {
            return Some(line.to_owned());
        }
        // what is opened there is no link that the kernel followed
        let follows = open
            && text != "."
            && !arguments.contains("O_NOFOLLOW")
            && !arguments.contains("O_EXCL");
        if follows {
            return Some(format!("follows: {line}"));
        }
        // what comes behind is the answer
        if name == "readlinkat" {
            break;
        }
    }
    None
}

fn trace(scene: &Scene, command: &str, context: &str) -> usize {
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("log");
    let options = [
        "-y",
        "-s",
        "4096",
        "--trace=%file,?fork,?vfork,execve,execveat,socket,connect,unlinkat,renameat,linkat,symlinkat,mkdirat,mknodat,fchmodat,fchownat,fchdir",
    ];
    let words = scene.words(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let root = scene.root();
    let mut process: Command = strace(&log, &options.map(str::to_owned));
    process.arg("--").args(program(&root, &words));
    let context = format!("{context}: {command}");
    scene.judge(process, &context);
    let log = fs::read_to_string(log).unwrap();
    let (root, plan) = (root.canonicalize().unwrap(), scene.path().join("plan"));
    // what comes before is the loader's
    let start = "openat(AT_FDCWD<";
    let opened = format!("\"{}\"", scene.root().to_str().unwrap());
    let calls: Vec<&str> = log
        .lines()
        .skip_while(|line| !(line.contains(start) && line.contains(&opened)))
        .skip(1)
        .collect();
    let faults: Vec<_> = calls
        .iter()
        .filter_map(|line| fault(line, root.to_str().unwrap(), plan.to_str().unwrap()))
        .collect();
    assert!(faults.is_empty(), "{context}\n{faults:#?}");
    calls.len()
}

#[test]
fn every_name_is_looked_up_alone_beneath_the_root() {
    if !have_strace() {
        return;
    }
    let mut runs = Vec::new();
    for command in LOOKS.iter().chain(CHANGES) {
        runs.push((*command, None));
        for path in [
            "etc",
            "etc/sysconfig",
            "etc/libvirt/qemu/networks",
            "var/lib/kvmnet",
        ] {
            let links = INSTEAD.iter().filter(|i| matches!(i, Instead::Link(_)));
            runs.extend(links.map(|link| (*command, Some((path, *link)))));
        }
    }
    let kinds =
        |(command, instead): &(&str, Option<_>)| [(*command).to_owned(), format!("{instead:?}")];
    let runs = sample("commands under strace", runs, 15, kinds);
    let calls = AtomicUsize::new(0);
    all(&runs, |(command, instead)| {
        let scene = Scene::new();
        let context = match instead {
            None => "sound".to_owned(),
            Some((path, instead)) => {
                assert!(replace(&scene, path, *instead));
                format!("{path} as {instead:?}")
            }
        };
        calls.fetch_add(trace(&scene, command, &context), Ordering::Relaxed);
    });
    let calls = calls.into_inner();
    println!("{calls} calls");
    assert!(calls > 20 * runs.len(), "{calls} calls are seen");
}

#[test]
fn a_call_that_could_leave_the_root_is_told() {
    for (line, wrong) in [
        (
            "1 openat(3</r>, \"etc\", O_RDONLY|O_NOFOLLOW) = 4</r/etc>",
            false,
        ),
        ("1 openat(3</r>, \"etc\", O_RDONLY) = 4</r/etc>", true),
        ("1 openat(3</r>, \"..\", O_RDONLY|O_NOFOLLOW) = 4</>", true),
        (
            "1 openat(3</r>, \"a/b\", O_RDONLY|O_NOFOLLOW) = 4</r/a/b>",
            true,
        ),
        (
            "1 openat(3</rest>, \"etc\", O_RDONLY|O_NOFOLLOW) = 4</rest/etc>",
            true,
        ),
        (
            "1 openat(AT_FDCWD</r>, \"etc\", O_RDONLY|O_NOFOLLOW) = 4</r/etc>",
            true,
        ),
        (
            "1 openat(AT_FDCWD</w>, \"/etc/passwd\", O_RDONLY|O_NOFOLLOW) = 4</etc/passwd>",
            true,
        ),
        (
            "1 openat(AT_FDCWD</w>, \"/w/plan\", O_RDONLY) = 4</w/plan>",
            false,
        ),
        ("1 readlinkat(3</r>, \"a\", \"../b\", 256) = 4", false),
        ("1 unlinkat(4</r/etc>, \"a\", 0) = 0", false),
        ("1 execve(\"/bin/sh\", [\"sh\"], 0x7) = 0", true),
        ("1 socket(AF_UNIX, SOCK_STREAM, 0) = 3", true),
        ("1 unlink(\"/etc/a\") = 0", true),
        ("1 renameat(4</r/etc>, \"a\", 5</tmp>, \"b\") = 0", true),
        ("1 symlinkat(\"/etc/x\", 4</r/etc>, \"b\") = 0", false),
        ("1 symlinkat(\"/etc/x\", 4</w>, \"b\") = 0", true),
    ] {
        assert_eq!(fault(line, "/r", "/w/plan").is_some(), wrong, "{line}");
    }
}
