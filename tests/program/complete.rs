//! What the program says may stand under the cursor, without a shell: of each argument, over all fixture hosts, and over trees
//! that were made to do harm. Whatever it is asked, it ends well, prints no error, and writes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::strace::{have_strace, strace};
use crate::support::{copy, fixture, have, hosts, kvmnet, nodes};

/// The characters at which bash breaks words.
const BREAKS: &str = " \t\n\"'><=;|&(:";

/// Asks what may stand behind `before`.
fn ask(shell: &str, (before, after): (&str, &str), root: Option<&Path>, at: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
    command.env_clear().current_dir(at).stdin(Stdio::null());
    if let Some(root) = root {
        command.env("KVMNET_ROOT", root);
    }
    command.args(["__complete", shell, BREAKS, before, after]);
    command.output().unwrap()
}

/// Returns the words that may take the place of the last one, with their help.
#[track_caller]
fn offered(root: &Path, before: &str) -> Vec<(String, String)> {
    let output = ask("fish", (before, ""), Some(root), Path::new("/"));
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{before}: {output:?}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let pair = |line: &str| {
        let (word, help) = line.split_once('\t').unwrap();
        (word.to_owned(), help.to_owned())
    };
    text.lines().map(pair).collect()
}

#[track_caller]
fn words(root: &Path, before: &str) -> Vec<String> {
    offered(root, before)
        .into_iter()
        .map(|(word, _)| word)
        .collect()
}

/// A line, as the only words that may stand at its end.
const EXPECTED: &[(&str, &str, &[&str])] = &[
    ("tutorial", "bridge add ", &["br0"]),
    ("hand-bridged", "bridge add ", &["br2"]),
    ("tutorial", "bridge add br0 --port ", &["ens33", "ens34"]),
    (
        "tutorial",
        "bridge add br0 --port=",
        &["--port=ens33", "--port=ens34"],
    ),
    ("tutorial", "bridge add br0 --port ens33,", &["ens33,ens34"]),
    (
        "tutorial",
        "bridge add br0 --port ens33 --port ",
        &["ens34"],
    ),
    ("tutorial", "bridge add br0 --address ", &[]),
    ("tutorial", "bridge add br0 --stp ", &["off", "on"]),
    (
        "tutorial",
        "bridge add br0 --switch=",
        &["--switch=linux", "--switch=ovs"],
    ),
    (
        "tutorial",
        "bridge add br0 --backend ",
        &["ifcfg", "keyfile"],
    ),
    ("tutorial", "bridge add br0 --onboot ", &["no", "yes"]),
    (
        "tutorial",
        "bridge add br0 --backup ",
        &["beside", "none", "store"],
    ),
    ("tutorial", "bridge remove ", &[]),
    ("hand-bridged", "bridge remove ", &["br0", "br1"]),
    (
        "hand-bridged",
        "bridge remove br1 --to ",
        &["ens34", "ens35"],
    ),
    ("hand-bridged", "bridge remove-port br0 ", &["ens33"]),
    ("hand-bridged", "bridge remove-port ", &["br0", "br1"]),
    ("tutorial", "bridge add-port br0 ", &["ens34"]),
    ("tutorial", "network add ", &[]),
    (
        "tutorial",
        "network add lab --mode ",
        &["bridge", "isolated", "nat", "open", "route"],
    ),
    ("tutorial", "network add lab --subnet ", &[]),
    ("tutorial", "network add lab --host ", &["vm1="]),
    ("tutorial", "network copy ", &["default"]),
    ("tutorial", "network copy default ", &[]),
    ("tutorial", "network set ", &["default"]),
    (
        "tutorial",
        "network set default --add-host=",
        &["--add-host=vm1="],
    ),
    ("tutorial", "network set default --add-host vm1=", &[]),
    ("tutorial", "network remove ", &["default"]),
    ("hand-bridged", "network add lab --bridge ", &["br0", "br1"]),
    ("tutorial", "guest connect ", &["vm1"]),
    ("tutorial", "guest connect vm1 --network ", &["default"]),
    ("hand-bridged", "guest connect x --bridge ", &["br0", "br1"]),
    ("tutorial", "guest connect vm1 --interface ", &["1"]),
    ("tutorial", "guest connect nope --interface ", &[]),
    ("tutorial", "guest connect vm1 --mac ", &[]),
    ("tutorial", "guest disconnect ", &["vm1"]),
    (
        "tutorial",
        "guest disconnect vm1 --interface=",
        &["--interface=1"],
    ),
    ("tutorial", "show guests ", &["vm1"]),
    ("tutorial", "show network ", &["default"]),
    ("tutorial", "show bridges ", &["virbr0"]),
    ("tutorial", "leases ", &["default"]),
    ("tutorial", "migrate keyfile ", &["ens33", "ens34"]),
    ("tutorial", "migrate keyfile ens33 ", &["ens34"]),
    ("tutorial", "history ", &["prune"]),
    ("tutorial", "rollback ", &[]),
    (
        "tutorial",
        "completions ",
        &["bash", "elvish", "fish", "powershell", "zsh"],
    ),
    ("tutorial", "--color ", &["always", "auto", "never"]),
    (
        "tutorial",
        "help bridge a",
        &["add", "add-port", "remove", "remove-port"],
    ),
    ("tutorial", "bridge nonsense ", &[]),
    ("tutorial", "bridge add br0 --nonsense=", &[]),
];

#[test]
fn what_may_stand_where() {
    for (host, line, expected) in EXPECTED {
        let found = words(&fixture(host), &format!("kvmnet {line}"));
        assert_eq!(found, *expected, "{host}: {line}");
    }
}

#[test]
fn a_word_of_help_says_what_it_is() {
    let root = fixture("tutorial");
    for (line, word, help) in [
        ("bridge add br0 --port ", "ens34", "free"),
        ("bridge add br0 --port ", "ens33", "default route"),
        ("guest connect ", "vm1", "default"),
        ("guest connect vm1 --interface ", "1", "52:54:00:"),
        ("network set ", "default", "nat 192.168.122.1/24"),
        ("check --only ", "bridge-type", "without `TYPE=Bridge`"),
        ("network add lab --mode ", "nat", "By NAT"),
        ("templates show ", "ifcfg-bridge", ""),
        ("", "bridge", "Create, change and remove bridges"),
        ("bridge add br0 --", "--port", "Interface to attach"),
    ] {
        let found = offered(&root, &format!("kvmnet {line}"));
        let one = found.iter().find(|(found, _)| found == word);
        assert!(
            one.is_some_and(|(_, said)| said.contains(help)),
            "{line}: {found:?}"
        );
        assert!(
            found.iter().all(|(_, said)| said.chars().count() <= 61),
            "{line}"
        );
    }
}

#[test]
fn options_are_offered_that_can_be_given_still() {
    let root = fixture("tutorial");
    let has = |line: &str, option: &str| {
        words(&root, &format!("kvmnet {line}"))
            .iter()
            .any(|word| word == option)
    };
    for (line, there, gone) in [
        (
            "bridge add br0 --",
            &["--port", "--dhcp", "--yes", "--root"][..],
            &[][..],
        ),
        ("bridge add br0 --port ens33 --", &["--port"], &[]),
        (
            "bridge add br0 --yes --",
            &["--force"],
            &["--yes", "--dry-run", "--out"],
        ),
        ("bridge add br0 -n --", &["--out"], &["--dry-run", "--yes"]),
        (
            "bridge add br0 --dhcp --",
            &["--dns"],
            &["--dhcp", "--address", "--no-address", "--gateway"],
        ),
        (
            "guest connect vm1 --network default --",
            &["--new"],
            &["--network", "--bridge"],
        ),
        (
            "guest connect vm1 --interface 1 --",
            &["--bridge"],
            &["--new", "--mac", "--model"],
        ),
        ("network add lab --", &["--no-autostart"], &["--autostart"]),
        ("-q --", &["--json"], &["--quiet", "--verbose"]),
        ("guest connect vm1 ", &["--network"], &[]),
    ] {
        there
            .iter()
            .for_each(|option| assert!(has(line, option), "{line}{option}"));
        gone.iter()
            .for_each(|option| assert!(!has(line, option), "{line}{option}"));
    }
}

/// The root may stand anywhere, and so may what else is behind the cursor.
#[test]
fn what_is_behind_the_cursor_counts() {
    let (dir, tutorial) = (tempfile::tempdir().unwrap(), fixture("tutorial"));
    let root = tutorial.to_str().unwrap();
    let empty = dir.path();
    for (before, after) in [
        (
            format!("kvmnet --root {root} guest connect "),
            String::new(),
        ),
        (
            format!("kvmnet --root={root} guest connect v"),
            String::new(),
        ),
        (
            "kvmnet guest connect ".to_owned(),
            format!(" --root {root} --network x"),
        ),
        (
            "kvmnet guest connect v".to_owned(),
            format!("xyz --root={root} | less"),
        ),
        (
            format!("KVMNET_ROOT={root} kvmnet guest connect '"),
            String::new(),
        ),
        (
            format!("cd /; x=1 \\\n ./kvmnet --root '{root}' guest connect \"v"),
            "m' ".to_owned(),
        ),
    ] {
        let output = ask("fish", (&before, &after), Some(empty), empty);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, "vm1\tdefault\n", "{before}|{after}");
    }
    let after = format!(" vm1 --root {root}");
    let output = ask(
        "fish",
        ("kvmnet guest connect --interface ", &after),
        Some(empty),
        empty,
    );
    assert!(output.stdout.starts_with(b"1\t"), "{output:?}");
    let output = ask(
        "fish",
        ("kvmnet guest connect vm1 --", " --network default"),
        Some(empty),
        empty,
    );
    assert!(
        !String::from_utf8(output.stdout)
            .unwrap()
            .contains("--bridge")
    );
}

#[test]
fn transactions_are_offered_that_can_be_named() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    for words in [
        &["network", "set", "default", "--domain", "a", "--yes"][..],
        &["network", "set", "default", "--domain", "b", "--yes"],
        &["rollback", "--yes"],
    ] {
        assert!(kvmnet(&root, words).status.success());
    }
    assert_eq!(words(&root, "kvmnet history "), ["1", "2", "3", "prune"]);
    assert_eq!(words(&root, "kvmnet rollback "), ["1", "3"]);
    assert_eq!(words(&root, "kvmnet rollback --to "), ["1", "2"]);
    let help = offered(&root, "kvmnet rollback ");
    assert_eq!(help[0].1, "network set default --domain a");
}

/// Files are offered where files are due, and plans alone where plans are.
#[test]
fn files_are_offered_where_files_are_due() {
    let dir = copy(&fixture("tutorial"));
    let (root, at) = (dir.path().join("root"), dir.path());
    let plan = at.join("a plan");
    let line = [
        "bridge",
        "add",
        "br0",
        "--port",
        "ens33",
        "-n",
        "--out",
        plan.to_str().unwrap(),
    ];
    assert!(kvmnet(&root, &line).status.success());
    fs::write(at.join("a text"), "x").unwrap();
    fs::create_dir(at.join("a folder")).unwrap();
    fs::write(at.join("vm2"), "x").unwrap();
    let fifo = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        at.join("a fifo"),
        rustix::fs::FileType::Fifo,
        fifo,
        0,
    )
    .unwrap();
    let said = |shell: &str, before: &str| {
        let output = ask(shell, (before, ""), Some(&root), at);
        assert!(output.status.success() && output.stderr.is_empty());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        said("fish", "kvmnet apply a"),
        "a folder/\tfolder\na plan\tsaved plan\n"
    );
    assert_eq!(
        said("bash", "kvmnet apply 'a"),
        "names 1\na folder/\na plan\n"
    );
    assert_eq!(said("bash", "kvmnet apply a\\ p"), "names 0\na\\ plan\n");
    let listed = said("zsh", "kvmnet show a");
    let plan = "a plan\ta plan      saved plan\n";
    assert!(
        listed.contains(plan) && !listed.contains("text"),
        "{listed}"
    );
    assert_eq!(said("fish", "kvmnet --root a"), "a folder/\tfolder\n");
    assert_eq!(
        said("fish", "kvmnet bridge add b --out=a\\ t"),
        "--out=a text\t\n"
    );
    assert_eq!(said("fish", "kvmnet show >a\\ t"), "a text\t\n");
    assert_eq!(said("bash", "kvmnet --root "), "folders 0\n");
    assert_eq!(said("bash", "kvmnet --root="), "folders 7\n");
    assert_eq!(said("bash", "kvmnet status > "), "files 0\n");
    for line in [
        "guest connect v",
        "network set ",
        "bridge add-port v",
        "leases v",
        "network add v",
    ] {
        assert!(
            !said("fish", &format!("kvmnet {line}")).contains("vm2"),
            "{line}"
        );
    }
    assert_eq!(said("fish", "kvmnet templates export /et"), "/etc/\t\n");
    assert_eq!(said("fish", "kvmnet templates export ../"), "");
}

/// Lines behind which something is there, and the command that looks whether it is.
const THERE: &[(&str, &[&str])] = &[
    ("show interfaces ", &[]),
    ("show bridges ", &[]),
    ("show networks ", &[]),
    ("show guests ", &[]),
    ("leases ", &[]),
    ("templates show ", &[]),
    ("check --explain ", &[]),
    ("network remove ", &["--dry-run"]),
    ("bridge remove ", &["--dry-run"]),
    ("guest disconnect ", &["--interface", "1", "--dry-run"]),
    ("bridge add kvmnet0 --port ", &["--dry-run"]),
    ("bridge add ", &["--port", "nope0", "--dry-run"]),
    ("migrate keyfile ", &["--dry-run"]),
    (
        "network add kvmnet0 --mode bridge --bridge ",
        &["--dry-run"],
    ),
    ("network add kvmnet0 --mode nat --host ", &["--dry-run"]),
];

/// Each name that is offered, put in place, is taken by the command line, and names what is there.
#[test]
fn what_is_offered_is_there() {
    let mut tried = 0;
    for (index, host) in hosts().iter().enumerate() {
        let root = fixture(host);
        for (line, behind) in THERE.iter().skip(index % 3).step_by(3) {
            // of many as many as tell
            for word in words(&root, &format!("kvmnet {line}")).into_iter().take(2) {
                let word = match word.ends_with('=') {
                    true => word + "192.168.251.9",
                    false => word,
                };
                let typed = line.split_whitespace().chain([&*word]);
                let typed: Vec<&str> = typed.chain(behind.iter().copied()).collect();
                let output = kvmnet(&root, &typed);
                let talk = String::from_utf8_lossy(&output.stderr);
                assert_ne!(output.status.code(), Some(2), "{host}: {typed:?}: {talk}");
                let first = talk
                    .lines()
                    .find(|line| line.starts_with("error"))
                    .unwrap_or("");
                let absent = format!("`{word}`");
                let is_absent = first.contains("there is no") && first.contains(&absent);
                assert!(!is_absent, "{host}: {typed:?}: {talk}");
                assert!(
                    !behind.is_empty() || output.status.success(),
                    "{host}: {typed:?}: {talk}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 80, "{tried}");
}

/// Lines to be asked of any tree.
fn lines() -> BTreeSet<String> {
    let known = EXPECTED.iter().map(|(_, line, _)| (*line).to_owned());
    let there = THERE.iter().map(|(line, _)| (*line).to_owned());
    let further = [
        "apply ",
        "show ",
        "check --fix ",
        "check --only x,",
        "units --out ",
        "man ",
        "templates show ",
        "network set default --remove-host ",
        "templates export /etc/",
    ];
    known
        .chain(there)
        .chain(further.map(ToOwned::to_owned))
        .collect()
}

/// Asks one of `every` lines of a tree: all of it ends well and says nothing else, and the tree stays as it is.
fn ask_all(root: &Path, every: usize, first: usize) {
    let before = nodes(root);
    for (index, line) in lines().into_iter().enumerate().skip(first).step_by(every) {
        let shell = ["bash", "zsh", "fish"][index % 3];
        let output = ask(shell, (&format!("kvmnet {line}"), ""), Some(root), root);
        assert!(
            output.status.success(),
            "{}: {line}: {output:?}",
            root.display()
        );
        assert!(
            output.stderr.is_empty(),
            "{}: {line}: {output:?}",
            root.display()
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let harmful = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!text.contains(harmful), "{line}: {text:?}");
    }
    assert!(nodes(root) == before, "{} was written to", root.display());
}

#[test]
fn it_writes_nothing_and_prints_no_error_over_all_hosts() {
    for (index, host) in hosts().iter().enumerate() {
        ask_all(&fixture(host), 8, index % 8);
    }
}

#[test]
fn no_tree_makes_it_fail() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let (qemu, scripts) = (
        root.join("etc/libvirt/qemu"),
        root.join("etc/sysconfig/network-scripts"),
    );
    let fifo = |path: &Path| {
        let mode = rustix::fs::Mode::from_raw_mode(0o644);
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    };
    fifo(&qemu.join("fifo.xml"));
    fifo(&scripts.join("ifcfg-fifo"));
    fs::write(qemu.join("long.xml"), vec![b'<'; 16 << 20]).unwrap();
    fs::write(scripts.join("ifcfg-long"), vec![b'A'; 16 << 20]).unwrap();
    fs::write(qemu.join("broken.xml"), "<domain><name>x</nam").unwrap();
    fs::write(qemu.join("networks/broken.xml"), [0xff, 0, 0xfe]).unwrap();
    fs::write(
        qemu.join(std::ffi::OsStr::from_bytes(b"\xff\n.xml")),
        "<domain/>",
    )
    .unwrap();
    symlink("/etc/passwd", qemu.join("out.xml")).unwrap();
    symlink("loop.xml", qemu.join("loop.xml")).unwrap();
    fs::create_dir(qemu.join("folder.xml")).unwrap();
    fs::create_dir_all(root.join("var/lib/kvmnet/transactions/1")).unwrap();
    fs::write(root.join("var/lib/kvmnet/transactions/1/journal.json"), "{").unwrap();
    ask_all(&root, 1, 0);
    assert_eq!(words(&root, "kvmnet guest connect "), ["vm1"]);
    fs::remove_dir_all(root.join("etc")).unwrap();
    symlink("etc", root.join("etc")).unwrap();
    ask_all(&root, 1, 0);
    let nowhere = dir.path().join("nowhere");
    assert!(words(&nowhere, "kvmnet guest connect ").is_empty());
    let rubbish = [
        "",
        "k",
        "kvmnet",
        "kvmnet '",
        "kvmnet \"$(",
        "kvmnet $",
        "kvmnet ${",
        "kvmnet \\",
        "kvmnet --=",
        "kvmnet --root",
        "kvmnet --root=\u{301}é\\",
        "\u{1b}[2J x",
        "kvmnet -",
        "kvmnet -- -",
        "kvmnet >",
        "kvmnet a;b|c&&d <",
    ];
    for line in rubbish {
        for shell in ["bash", "zsh", "fish", "csh"] {
            for after in ["", "'", "x y", "\" $", "\\"] {
                let output = ask(shell, (line, after), None, dir.path());
                assert!(
                    output.status.success() && output.stderr.is_empty(),
                    "{shell}: {line}: {output:?}"
                );
            }
        }
    }
    let bare = Command::new(env!("CARGO_BIN_EXE_kvmnet"))
        .arg("__complete")
        .output()
        .unwrap();
    assert!(bare.status.success() && bare.stdout.is_empty() && bare.stderr.is_empty());
}

/// No more is opened than the names need.
#[test]
fn it_reads_what_it_needs() {
    if !have_strace() {
        return;
    }
    let (dir, root) = (tempfile::tempdir().unwrap(), fixture("hand-bridged"));
    for (line, reads, reads_not) in [
        ("bridge remove ", "ifcfg-br0", "/qemu"),
        ("guest connect ", "qemu", "sysconfig"),
        ("network set ", "networks", "sysconfig"),
        ("check --only ", "", "sysconfig"),
        ("bridge add br0 --stp ", "", "sysconfig"),
        ("", "", "sysconfig"),
    ] {
        let log = dir.path().join("log");
        let mut command = strace(&log, &["--trace=openat".to_owned()]);
        command.args([
            "--",
            env!("CARGO_BIN_EXE_kvmnet"),
            "__complete",
            "bash",
            BREAKS,
        ]);
        let before = format!("kvmnet --root {} {line}", root.display());
        assert!(
            command
                .args([&before, ""])
                .output()
                .unwrap()
                .status
                .success()
        );
        let log = fs::read_to_string(log).unwrap();
        assert!(
            log.contains(reads) && !log.contains(reads_not),
            "{line}: {log}"
        );
        assert!(
            !log.contains("O_WRONLY") && !log.contains("O_RDWR"),
            "{line}: {log}"
        );
    }
}

/// What bash would insert is one word to any shell.
#[test]
fn what_is_inserted_is_one_word() {
    if !have("bash") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let names = crate::complete_shells::names(dir.path());
    for (opened, closed) in [("", ""), ("'", "'"), ("\"", "\"")] {
        let line = format!("kvmnet guest connect {opened}");
        let output = ask("bash", (&line, ""), Some(dir.path()), dir.path());
        let text = String::from_utf8(output.stdout).unwrap();
        let words: Vec<String> = text
            .lines()
            .skip(1)
            .map(|word| format!("{opened}{word}{closed}"))
            .collect();
        let script = format!("printf '%s\\n' {}", words.join(" "));
        let shown = Command::new("bash")
            .args(["-c", &script])
            .current_dir(dir.path())
            .output()
            .unwrap();
        let mut shown: Vec<String> = String::from_utf8(shown.stdout)
            .unwrap()
            .lines()
            .map(ToOwned::to_owned)
            .collect();
        shown.sort();
        assert_eq!(shown, names, "{script}");
    }
}
