//! What files are called and say, and what is typed, reaches a terminal as text, and files as a value.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use kvmnet::doc::xml::XmlDoc;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use rustix::pty::OpenptFlags;

use crate::run::{Scene, all};
use crate::support::sample::{sample, whole};
use crate::support::strace::program;

/// Sequences that move the cursor, name the window, or turn text round; and a line that looks like the program's own.
const EVIL: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}]0;owned\u{7}",
    "\u{9b}2J",
    "\u{202e}txt",
    "\u{2066}x",
    "\r",
    "\u{8}\u{8}",
    "\u{7f}",
    "\nerror: not-so",
];

/// Runs a command on a terminal, and returns the bytes that reached it.
fn on_a_terminal(scene: &Scene, words: &[&OsStr]) -> Vec<u8> {
    let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&ours).unwrap();
    rustix::pty::unlockpt(&ours).unwrap();
    let name = rustix::pty::ptsname(&ours, Vec::new()).unwrap();
    let name = name.into_string().unwrap();
    let theirs = File::options().read(true).write(true).open(name).unwrap();
    let mut command = Command::new(&program(&scene.root(), &[])[0]);
    command.env_clear().env("TERM", "xterm-256color");
    if !words.contains(&OsStr::new("--root")) {
        command.arg("--root").arg(scene.root());
    }
    command.args(words).stdin(theirs.try_clone().unwrap());
    command.stdout(theirs.try_clone().unwrap()).stderr(theirs);
    let mut child = command.spawn().unwrap();
    drop(command);
    let (mut screen, mut bytes, mut part) = (File::from(ours), Vec::new(), [0; 4096]);
    let mut answered = false;
    // the end of a terminal is an error of reading
    while let Ok(read @ 1..) = screen.read(&mut part) {
        bytes.extend_from_slice(&part[..read]);
        if !answered && String::from_utf8_lossy(&bytes).contains("[y/N]") {
            std::io::Write::write_all(&mut screen, b"n\n").unwrap();
            answered = true;
        }
    }
    child.wait().unwrap();
    bytes
}

/// Returns what on a screen is more than text, colours left out.
fn controls(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        plain.push_str(before);
        rest = match sequence[end..].strip_prefix('m') {
            Some(behind) => behind,
            None => return Some(format!("a sequence before {:?}", &sequence[..end + 1])),
        };
    }
    plain.push_str(rest);
    let harmful = |c: char| {
        c.is_control() && c != '\n' && c != '\t'
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(c) = plain.chars().find(|c| harmful(*c)) {
        return Some(format!("{c:?} in {plain:?}"));
    }
    let line = plain.lines().find(|line| line.starts_with("error: not-so"));
    line.map(|_| format!("a line of its own in {plain:?}"))
}

const COMMANDS: &[&str] = &[
    "show",
    "show guests",
    "check",
    "leases",
    "status --diff",
    "history",
    "history 1",
    "bridge add br0 --port ens33",
    "network copy default nat1",
    "network set default --domain x",
    "guest connect vm1 --network default --new",
    "check --fix --dry-run",
    "rollback",
    "recover",
];

/// Puts `evil` into names and values of files.
fn spoil(scene: &Scene, evil: &str) {
    let root = scene.root();
    let scripts = root.join("etc/sysconfig/network-scripts");
    let plain = evil.replace('\n', " ");
    let xml: String = evil
        .chars()
        .map(|c| format!("&#{};", u32::from(c)))
        .collect();
    let write = |path: &Path, text: &str| fs::write(path, text).unwrap();
    for name in [
        format!("ifcfg-{evil}"),
        format!("route-{evil}"),
        format!("-rf{evil}"),
        format!("ifcfg-ens33:{evil}"),
    ] {
        write(&scripts.join(name), &format!("DEVICE='{plain}'\n"));
    }
    write(
        &scripts.join(OsStr::from_bytes(b"ifcfg-\xff\x1b[2J")),
        "DEVICE=x\n",
    );
    symlink(format!("nowhere{evil}"), scripts.join("ifcfg-gone")).unwrap();
    write(
        &scripts.join("ifcfg-ens34"),
        &format!("DEVICE=ens34\n# {plain}\nIPADDR='{plain}'\nONBOOT=\"{plain}\nX=$(y)\n"),
    );
    write(
        &scripts.join("ifcfg-ens35"),
        &format!("DEVICE=ens35\nBRIDGE='br{plain}'\nIPADDR='{plain}'\n"),
    );
    let ens33 = fs::read_to_string(scripts.join("ifcfg-ens33")).unwrap();
    write(
        &scripts.join("ifcfg-ens33"),
        &format!("# {plain}\n{ens33}FOO='{plain}'\n"),
    );
    let networks = root.join("etc/libvirt/qemu/networks");
    let default = fs::read_to_string(networks.join("default.xml")).unwrap();
    let default = default.replace(
        "<name>",
        &format!("<!-- {} -->\n  <name>", plain.replace('-', " ")),
    );
    write(&networks.join("default.xml"), &default);
    for (file, name) in [
        ("evil.xml".to_owned(), xml.as_str()),
        (format!("{evil}.xml"), "other"),
    ] {
        let text = format!(
            "<network>\n<name>{name}</name>\n<bridge name='{xml}'/>\n<domain name='{xml}'/>\n<forward mode='{xml}'/>\n</network>\n"
        );
        write(&networks.join(file), &text);
    }
    symlink(
        format!("/x{evil}"),
        networks.join("autostart").join(format!("{evil}.xml")),
    )
    .unwrap();
    let guest = format!(
        "<domain type='kvm'>\n<name>{xml}</name>\n<devices><interface type='network'>\n<source network='{xml}' portgroup='{xml}'/>\n<target dev='{xml}'/><model type='{xml}'/></interface>\n<interface type='bridge'><source bridge='{xml}'/></interface></devices>\n</domain>\n"
    );
    write(&root.join("etc/libvirt/qemu/evil.xml"), &guest);
    let json = serde_json::json!([{
        "ip-address": "192.168.122.50", "mac-address": "52:54:00:00:00:01", "hostname": evil,
        "client-id": evil, "expiry-time": 4_000_000_000_u32
    }]);
    write(
        &root.join("var/lib/libvirt/dnsmasq/virbr0.status"),
        &json.to_string(),
    );
    let keyfiles = root.join("etc/NetworkManager/system-connections");
    write(
        &keyfiles.join(format!("{evil}.nmconnection")),
        &format!("[connection]\nid={plain}\n"),
    );
    write(
        &keyfiles.join("a.nmconnection"),
        &format!("[connection]\nid={plain}\ntype={plain}\ninterface-name={plain}\n"),
    );
    write(&root.join("etc/firewalld.xml"), "");
}

#[test]
fn no_name_and_no_value_controls_the_terminal() {
    let scene = |evil: &&'static str| {
        let scene = Scene::new();
        spoil(&scene, evil);
        (*evil, scene)
    };
    let scenes: Vec<(&str, Scene)> = EVIL.iter().map(scene).collect();
    let mut lines = Vec::new();
    for (evil, scene) in &scenes {
        for command in COMMANDS {
            for extra in ["", " --json", " -v", " --color always"] {
                lines.push((*evil, scene, format!("{command}{extra}"), extra));
            }
        }
    }
    let lines = sample(
        "commands on a terminal",
        lines,
        60,
        |(evil, _, line, extra)| {
            [*evil, line.split(' ').next().unwrap_or_default(), *extra].map(str::to_owned)
        },
    );
    all(&lines, |(evil, scene, line, _)| {
        let words: Vec<&OsStr> = line.split(' ').map(OsStr::new).collect();
        let fault = controls(&on_a_terminal(scene, &words));
        assert!(fault.is_none(), "{evil:?}: {line}: {fault:?}");
        scene.untouched(evil);
    });
}

#[test]
fn no_word_of_the_command_line_controls_the_terminal() {
    let scene = Scene::new();
    let evil = EVIL.iter().map(|evil| evil.as_bytes().to_vec());
    for evil in evil.chain([b"\xff\x1b[2J".to_vec()]) {
        let with = |start: &str| OsStr::from_bytes(&[start.as_bytes(), &evil].concat()).to_owned();
        let (word, option) = (with("x"), with("--por"));
        let (word, option) = (word.as_os_str(), option.as_os_str());
        let line = |text: &'static str| -> Vec<&OsStr> {
            let words = text.split(' ').map(|each| match each {
                "WORD" => word,
                "OPTION" => option,
                other => OsStr::new(other),
            });
            words.collect()
        };
        for text in [
            "WORD",
            "show WORD",
            "show OPTION",
            "OPTION",
            "bridge add WORD --port ens33",
            "bridge add br0 --port WORD",
            "bridge add br0 OPTION x",
            "bridge add br0 --port ens33 WORD",
            "bridge add br0 --port ens33 --address WORD",
            "bridge remove WORD",
            "network add WORD --mode nat",
            "network add x --mode WORD",
            "network add x --mode nat --domain WORD",
            "network copy WORD x",
            "network set default --remove-host WORD",
            "guest connect WORD --network default",
            "guest connect vm1 --network WORD",
            "guest connect vm1 --network WORD --force",
            "guest disconnect vm1 --interface WORD",
            "leases WORD",
            "history WORD",
            "check --explain WORD",
            "check --only WORD",
            "templates show WORD",
            "templates export /WORD",
            "apply WORD",
            "--root WORD show",
        ] {
            let bytes = on_a_terminal(&scene, &line(text));
            let fault = controls(&bytes);
            assert!(
                !bytes.is_empty() && fault.is_none(),
                "{text} {word:?}: {fault:?}"
            );
        }
    }
}

#[test]
fn what_controls_a_terminal_is_told() {
    for evil in EVIL {
        assert!(
            controls(format!("a{evil}b\r\n").as_bytes()).is_some(),
            "{evil:?}"
        );
    }
    assert_eq!(controls(b"\x1b[1m\x1b[31merror:\x1b[0m a\r\n\tb"), None);
}

/// Command lines in which `WORD` becomes what somebody typed, and a harmless word for each.
const WORDS: &[(&str, &str)] = &[
    ("network add WORD --mode nat", "lab"),
    ("network add lab --mode nat --domain WORD", "lan"),
    ("network add lab --mode nat --device WORD", "virbr7"),
    (
        "network add lab --mode nat --subnet 10.7.0.0/24 --host 52:54:00:00:00:09=10.7.0.9,WORD",
        "web",
    ),
    ("network add lab --mode bridge --bridge WORD --force", "br7"),
    ("network copy default WORD", "lab"),
    ("network set default --domain WORD", "office"),
    (
        "network set default --add-host 52:54:00:00:00:09=192.168.122.9,WORD",
        "web",
    ),
    ("guest connect vm1 --network WORD --force", "lab"),
    ("guest connect vm1 --bridge WORD --force", "br7"),
    (
        "guest connect vm1 --network default --new --model WORD",
        "e1000",
    ),
    ("bridge add WORD --port ens33", "br7"),
    ("bridge add br7 --port WORD --force", "ens34"),
    (
        "bridge add br7 --port ens33 --address 10.7.0.2/24 --dns WORD",
        "10.7.0.1",
    ),
    (
        "bridge add br7 --port ens33 --address 10.7.0.2/24 --gateway WORD",
        "10.7.0.1",
    ),
    ("bridge add br7 --port ens33 --address WORD", "10.7.0.2/24"),
];

const PIECES: &[&str] = &[
    "a",
    "b7",
    "é",
    " ",
    "-",
    ".",
    "_",
    "\n",
    "\r",
    "\t",
    "'",
    "\"",
    "`",
    "\\",
    "$",
    "$(touch pwned)",
    "${IFS}",
    "$'",
    "!",
    "<",
    ">",
    "/",
    "</name>",
    "<x/>",
    "&",
    "&lt;",
    "&#10;",
    "<!--",
    "-->",
    "]]>",
    "{{",
    "}}",
    "{{uuid}}",
    "{{{name}}}",
    ";",
    "#",
    "=",
    "\nONBOOT=no",
    "%d",
    "..",
    "*",
    "10.7.0.3",
    "/24",
    ":",
    ",",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
];

/// What a file is made of, values left out: elements and attributes, or the keys of lines.
fn shape(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|end| end == "xml") {
        let doc = XmlDoc::parse(&text).unwrap();
        let elements = doc.elements().iter().map(|element| {
            let attributes: Vec<_> = element.attributes.iter().map(|a| a.name).collect();
            format!("<{} {attributes:?}>", element.name)
        });
        return elements.collect::<String>() + &format!("{} comments", doc.comments().len());
    }
    let code = |value: &str| value.contains(['$', '`', '\\', ';', '&', '|', '<', '>', '(']);
    let key = |line: &str| match line.split_once('=') {
        Some((key, value)) if code(value) => format!("{key} is code: {value}"),
        Some((key, _)) => key.to_owned(),
        None => line.to_owned(),
    };
    text.lines().map(|line| key(line) + "\n").collect()
}

/// Returns the shapes of all files that a command made or changed, sorted; nothing where it was refused.
fn made(command: &str, word: &str) -> Option<Vec<String>> {
    let scene = Scene::new();
    let root = scene.root();
    let before = crate::run::contents(&root);
    let words: Vec<&str> = command
        .split(' ')
        .map(|each| if each == "WORD" { word } else { each })
        .collect();
    let typed = words
        .iter()
        .map(|each| each.replace("WORD", word))
        .collect::<Vec<_>>();
    let typed: Vec<&str> = typed.iter().map(String::as_str).chain(["--yes"]).collect();
    let line = program(&root, &typed);
    let mut process = Command::new(&line[0]);
    process.args(&line[1..]).env_clear();
    let ran = scene.judge(process, &format!("{command} with {word:?}"));
    let after = crate::run::contents(&root);
    if ran.code != 0 {
        assert!(after == before, "{command} with {word:?}: {}", ran.said);
        return None;
    }
    let changed = after
        .iter()
        .filter(|(path, what)| before.get(*path) != Some(what));
    let files = changed.filter(|(path, _)| {
        let at = root.join(path);
        at.is_file() && !at.is_symlink() && !path.ends_with(".old")
    });
    let mut shapes: Vec<_> = files.map(|(path, _)| shape(&root.join(path))).collect();
    shapes.sort();
    Some(shapes)
}

/// Returns what a command makes of its harmless word.
fn expected(command: &str) -> &'static Vec<String> {
    static SHAPES: LazyLock<BTreeMap<&str, Vec<String>>> = LazyLock::new(|| {
        let shapes = WORDS
            .iter()
            .map(|(command, word)| (*command, made(command, word).unwrap()));
        shapes.collect()
    });
    &SHAPES[command]
}

#[test]
fn harmless_words_are_taken() {
    for (command, word) in WORDS {
        assert!(!expected(command).is_empty(), "{command} with {word}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // each with all command lines; all with KVMNET_WHOLE=1
        cases: if whole() { 40 } else { 3 },
        failure_persistence: None,
        // the same cases at every run
        rng_seed: RngSeed::Fixed(4711),
        ..ProptestConfig::default()
    })]

    /// Whatever is typed is refused, or is a value where a harmless word would be one, and nothing more.
    #[test]
    fn a_typed_value_is_a_value(pieces in prop::collection::vec(select(PIECES), 1..4)) {
        let word = pieces.concat();
        for (command, harmless) in WORDS {
            for word in [word.clone(), format!("{harmless}{word}")] {
                let Some(shapes) = made(command, &word) else { continue };
                prop_assert!(shapes.is_empty() || shapes == *expected(command), "{command} with {word:?}: {shapes:?}");
            }
        }
    }
}
