//! Pictures of hosts and of changes: what is drawn, and that all drawings show the same links.

#![allow(
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests build and read trees, and run bash"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
#![allow(clippy::wildcard_enum_match_arm, reason = "of XML a few parts matter")]
#![allow(clippy::print_stdout, reason = "says what was skipped")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kvmnet::backend;
use kvmnet::picture::tree::{self, Style};
use kvmnet::picture::{Block, Extent, Kind, Mark, Part, Picture, Role, Side, svg};
use quick_xml::Reader;
use quick_xml::events::Event;

/// A link, in words: what hangs on what, and what becomes of that.
type Links = BTreeSet<String>;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(name)
}

/// Holds a drawing against the one that is kept; `KVMNET_BLESS=1` keeps it.
fn is_as_kept(name: &str, drawn: &str) {
    let path = golden(name);
    if std::env::var_os("KVMNET_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, drawn).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        drawn, kept,
        "{name} is drawn otherwise (see KVMNET_BLESS in CONTRIBUTING.md)"
    );
}

fn side(root: &Path) -> Side {
    let tree = support::tree(root);
    let host = backend::inspect(&tree, backend::Interest::All);
    Side::of(&host, &backend::layer2s(&tree, &host))
}

fn text(picture: &Picture, signs: bool) -> String {
    let style = Style {
        ascii: false,
        signs,
    };
    let lines = tree::draw(picture, style)
        .into_iter()
        .map(|line| line.text + "\n");
    lines.collect()
}

fn sign(mark: &Mark) -> char {
    mark.sign()
}

/// Returns the links of a picture, from its data.
fn of_data(picture: &Picture) -> Links {
    let links = picture.blocks.iter().flat_map(|block| {
        let hanging = block.parts.iter().filter(|part| part.role != Role::Fact);
        hanging.map(|part| {
            let (sign, role) = (sign(&part.mark), part.role.word());
            format!("{sign} {role} {} - {}", part.name, block.name)
        })
    });
    links.collect()
}

/// Returns the links that a picture of text shows.
fn of_text(text: &str, signs: bool) -> Links {
    let (mut block, mut links) = (String::new(), Links::new());
    for line in text.lines() {
        let (sign, line) = match signs {
            true => {
                let mut chars = line.chars();
                (
                    chars.next().unwrap_or(' '),
                    chars.as_str().strip_prefix(' ').unwrap_or(""),
                )
            }
            false => (' ', line),
        };
        let Some(part) = line
            .strip_prefix("├─ ")
            .or_else(|| line.strip_prefix("└─ "))
        else {
            block = line.split("  ").next().unwrap().to_owned();
            continue;
        };
        for role in ["uplink", "network", "guest"] {
            if let Some(rest) = part.strip_prefix(role).filter(|rest| rest.starts_with(' ')) {
                let name = rest.trim_start().split("  ").next().unwrap();
                links.insert(format!("{sign} {role} {name} - {block}"));
            }
        }
    }
    links
}

/// Returns the links that an SVG shows, by the titles of its lines, and of networks, which stand in the box of their block.
fn of_svg(svg: &str) -> Links {
    let mut reader = Reader::from_str(svg);
    let (mut title, mut links) = (None::<String>, Links::new());
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error}: {svg}"))
        {
            Event::Start(tag) if tag.name().as_ref() == "title" => title = Some(String::new()),
            Event::Text(text) => {
                if let Some(title) = &mut title {
                    *title += &text;
                }
            }
            Event::GeneralRef(name) => {
                let name = name.to_string();
                if let Some(title) = &mut title {
                    let known = [
                        ("amp", '&'),
                        ("lt", '<'),
                        ("gt", '>'),
                        ("quot", '"'),
                        ("#39", '\''),
                    ];
                    title.push(known.iter().find(|(word, _)| *word == name).unwrap().1);
                }
            }
            Event::End(tag) if tag.name().as_ref() == "title" => {
                links.extend(link(&title.take().unwrap()));
            }
            Event::Eof => return links,
            _ => {}
        }
    }
}

/// Returns the link that a title tells.
fn link(title: &str) -> Option<String> {
    let ways = [
        (" is an uplink of ", "uplink"),
        (" is a network on ", "network"),
        (" is a guest's interface on ", "guest"),
    ];
    let (way, role) = ways.into_iter().find(|(way, _)| title.contains(way))?;
    let (name, rest) = title.split_once(way)?;
    let marks = [
        ("; new", '+'),
        ("; gone", '−'),
        ("; changed", '~'),
        ("; moved here", '→'),
        ("; moved away", '←'),
    ];
    let marked = marks
        .iter()
        .find_map(|(word, sign)| Some((rest.split_once(word)?.0, *sign)));
    let (block, sign) = marked.unwrap_or((rest, ' '));
    Some(format!("{sign} {role} {name} - {block}"))
}

#[test]
fn every_host_is_drawn_as_it_is_kept() {
    for host in support::hosts() {
        let picture = Picture::of(side(&support::fixture(&host))).drawn(Extent::Page);
        is_as_kept(&format!("{host}.tree"), &text(&picture, false));
        is_as_kept(&format!("{host}.svg"), &svg::draw(&picture, true));
    }
}

#[test]
fn all_drawings_show_the_same_links() {
    let (mut links, hosts) = (0, support::hosts());
    for host in hosts.iter().map(|host| support::fixture(host)) {
        let picture = Picture::of(side(&host));
        let data = of_data(&picture);
        links += data.len();
        assert_eq!(
            of_text(&text(&picture, false), false),
            data,
            "{}",
            host.display()
        );
        assert_eq!(
            of_svg(&svg::draw(&picture, true)),
            data,
            "{}",
            host.display()
        );
    }
    assert!(links > 80, "{links} links");
    // from any host to any other: everything comes and goes
    for pair in hosts.windows(2) {
        let [before, after] = [&pair[0], &pair[1]].map(|host| side(&support::fixture(host)));
        let picture = Picture::between(before, after);
        let data = of_data(&picture);
        assert_eq!(of_text(&text(&picture, true), true), data, "{pair:?}");
        assert_eq!(of_svg(&svg::draw(&picture, false)), data, "{pair:?}");
    }
}

/// Plans whose pictures are kept.
const PLANS: &[(&str, &str, &str)] = &[
    ("bridge-add", "tutorial", "bridge add br0 --port ens33"),
    (
        "bridge-add-bond",
        "bond-vlan",
        "bridge add br0 --port bond0",
    ),
    (
        "bridge-remove",
        "hand-bridged",
        "bridge remove br1 --to ens34 --force",
    ),
    (
        "keyfile-bridge",
        "rhel9",
        "bridge add br0 --port ens33 --force",
    ),
    (
        "network-add",
        "monolithic",
        "network add lab2 --mode isolated --subnet 192.168.77.0/24",
    ),
    (
        "guest-connect",
        "monolithic",
        "guest connect web --network lab --interface 1",
    ),
    (
        "network-remove",
        "libvirt-mess",
        "network remove good --force",
    ),
];

/// The README shows it.
#[test]
fn the_picture_in_the_docs_is_that_of_the_main_job() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bridge-add.svg");
    let kept = fs::read_to_string(golden("plans/bridge-add.svg")).unwrap();
    assert_eq!(fs::read_to_string(docs).unwrap(), kept);
}

#[test]
fn plans_are_drawn_as_they_are_kept() {
    for (name, host, words) in PLANS {
        let dir = support::copy(&support::fixture(host));
        let root = dir.path().join("root");
        for folder in ["etc/NetworkManager/system-connections"] {
            for file in fs::read_dir(root.join(folder)).into_iter().flatten() {
                let path = file.unwrap().path();
                fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
        let drawn = dir.path().join("drawn.svg");
        let words: Vec<&str> = words.split(' ').collect();
        let options = ["-n", "--tree", "--json", "--svg", drawn.to_str().unwrap()];
        let output = support::kvmnet(&root, &[&words[..], &options].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let data = of_json(&object["topology"]);
        let output = Command::new(env!("CARGO_BIN_EXE_kvmnet"))
            .env_clear()
            .env("LANG", "en_US.UTF-8")
            .arg("--root")
            .arg(&root)
            .args(&words)
            .args(["-n", "--tree"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let tree = tree_of(&text);
        assert_eq!(of_text(&tree, true), data, "{name}");
        let svg = fs::read_to_string(&drawn).unwrap();
        // of what stays the drawing shows more
        assert!(of_svg(&svg).is_superset(&data), "{name}: {svg}");
        let changes = |links: &Links| -> Links {
            let changed = links.iter().filter(|link| !link.starts_with(' '));
            changed.cloned().collect()
        };
        assert_eq!(changes(&of_svg(&svg)), changes(&data), "{name}");
        is_as_kept(&format!("plans/{name}.tree"), &tree);
        is_as_kept(&format!("plans/{name}.svg"), &svg);
    }
}

/// Returns the picture in what a plan prints: the lines with a sign, and what is between them.
fn tree_of(text: &str) -> String {
    let is_drawn = |line: &&str| {
        let block = ["+ ", "− ", "~ ", "→ ", "← "]
            .iter()
            .any(|sign| line.starts_with(sign));
        block || line.starts_with("  ├─ ") || line.starts_with("  └─ ")
    };
    let lines: Vec<&str> = text.lines().collect();
    let plan = lines
        .iter()
        .position(|line| line.starts_with("Plan: "))
        .unwrap();
    let (first, last) = (
        plan + lines[plan..].iter().position(is_drawn).unwrap(),
        lines.iter().rposition(is_drawn).unwrap(),
    );
    // a block that stays begins without a sign
    let first = (plan..=first)
        .rev()
        .find(|at| lines[*at].is_empty())
        .unwrap()
        + 1;
    lines[first..=last].join("\n") + "\n"
}

/// Returns the links of a picture as JSON has it.
fn of_json(topology: &serde_json::Value) -> Links {
    let mut links = Links::new();
    for block in topology.as_array().unwrap() {
        for part in block["parts"].as_array().unwrap() {
            let role = part["role"].as_str().unwrap();
            let sign = match part["mark"]["is"].as_str().unwrap() {
                "same" => ' ',
                "new" => '+',
                "gone" => '−',
                "changed" => '~',
                "here" => '→',
                "away" => '←',
                other => panic!("{other}"),
            };
            if role != "fact" {
                let (name, block) = (
                    part["name"].as_str().unwrap(),
                    block["name"].as_str().unwrap(),
                );
                links.insert(format!("{sign} {role} {name} - {block}"));
            }
        }
    }
    links
}

/// Names that nobody would choose, and that a file may have.
const NAMES: &[&str] = &[
    "<img src=x onerror=alert(1)>",
    "a&b;&amp;",
    "\"'`",
    "]]>",
    "\u{202e}evil\u{2069}\u{200f}",
    "e\u{301}\u{301}\u{301}\u{301}",
    "\u{65e5}\u{672c}\u{8a9e}\u{ff21}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f466}",
    "\u{fdfd}\u{fdfd}",
    "\u{fffe}\u{ffff}\u{1}",
    "  blanks   within ",
    "-->",
    "${x}",
    "%s",
    "\\",
];

#[test]
fn names_are_text_in_every_drawing() {
    let long = "x".repeat(200);
    let mut seeds: Vec<String> = Vec::new();
    for body in ["guest", "network", "ifcfg", "keyfile"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/seeds")
            .join(body);
        for seed in fs::read_dir(folder).unwrap() {
            let text = fs::read(seed.unwrap().path()).unwrap();
            let text = String::from_utf8_lossy(&text).into_owned();
            // quoted words, and whole lines: what could be taken for a name
            let words = text
                .split(['\'', '"', '\n', '='])
                .filter(|word| !word.trim().is_empty());
            seeds.extend(words.map(|word| word.chars().take(200).collect::<String>()));
        }
    }
    seeds.sort();
    seeds.dedup();
    assert!(seeds.len() > 100, "{} words in seeds", seeds.len());
    let seeds = seeds.iter().map(String::as_str);
    for name in NAMES.iter().copied().chain([long.as_str()]).chain(seeds) {
        let part = |role, name: &str| Part {
            role,
            name: name.to_owned(),
            detail: name.to_owned(),
            mark: Mark::Here {
                from: name.to_owned(),
            },
            key: name.to_owned(),
            is_routing: false,
        };
        let block = Block {
            kind: Kind::Bridge,
            name: name.to_owned(),
            mark: Mark::Changed {
                was: name.to_owned(),
            },
            parts: [Role::Fact, Role::Uplink, Role::Network, Role::Guest]
                .map(|role| part(role, name))
                .to_vec(),
            more: vec![(Role::Guest, 3)],
            is_made: true,
        };
        let picture = Picture {
            blocks: vec![block],
            rest: vec![name.to_owned()],
        };
        let drawn = svg::draw(&picture, true);
        // well-formed, of our elements alone
        let mut reader = Reader::from_str(&drawn);
        loop {
            match reader
                .read_event()
                .unwrap_or_else(|error| panic!("{name:?}: {error}: {drawn}"))
            {
                Event::Start(tag) | Event::Empty(tag) => {
                    let known = ["svg", "title", "style", "rect", "text", "g", "path"];
                    let tag = tag.name();
                    assert!(known.contains(&tag.as_ref()), "{name:?}: {drawn}");
                }
                Event::CData(_) | Event::Comment(_) | Event::PI(_) => panic!("{name:?}: {drawn}"),
                Event::Eof => break,
                _ => {}
            }
        }
        let harmful = |c: char| {
            let hidden = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}'];
            (c.is_control() && c != '\n') || hidden.iter().any(|range| range.contains(&c))
        };
        assert!(!drawn.contains(harmful), "{name:?}: {drawn}");
        assert_eq!(of_svg(&drawn).len(), 3, "{name:?}");
        for ascii in [true, false] {
            for line in tree::draw(&picture, Style { ascii, signs: true }) {
                assert!(
                    !line.text.contains(|c: char| c.is_control()),
                    "{name:?}: {line:?}"
                );
                assert!(!ascii || line.text.is_ascii(), "{name:?}: {line:?}");
                for width in [40, 10, 1] {
                    let cut = tree::fitted(&line.text, width, ascii);
                    assert!(
                        cut.chars()
                            .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
                            .count()
                            <= width,
                        "{name:?}: {cut}"
                    );
                }
            }
        }
    }
}

/// Returns what stands behind `key` in the lines of the files beneath a folder of a fixture, and the names of these files.
fn said(
    root: &Path,
    folder: &str,
    wanted: &dyn Fn(&str) -> bool,
    find: &dyn Fn(&str) -> Vec<String>,
) -> Vec<String> {
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
    let files = entries.map(|entry| entry.unwrap().path());
    let files = files
        .filter(|path| path.is_file() && wanted(path.file_name().unwrap().to_str().unwrap_or("")));
    let texts = files.filter_map(|path| fs::read_to_string(path).ok());
    texts.flat_map(|text| find(&text)).collect()
}

/// Returns XML without comments, and without what is others'.
fn bare(text: &str) -> String {
    let mut bare = text.to_owned();
    for (first, last) in [("<!--", "-->"), ("<metadata>", "</metadata>")] {
        while let Some(start) = bare.find(first) {
            let end = bare[start..]
                .find(last)
                .map_or(bare.len(), |at| start + at + last.len());
            bare.replace_range(start..end, "");
        }
    }
    bare
}

/// Returns the values between `before` and the next quote.
fn quoted(text: &str, before: &str) -> Vec<String> {
    let text = bare(text);
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| Some(part.split(['\'', '"']).next()?.to_owned()))
        .collect()
}

/// Returns the names of interfaces in the files of a host, read without the program's own reader.
fn names_in(root: &Path) -> BTreeSet<String> {
    let scripts = "etc/sysconfig/network-scripts";
    let is_profile = |name: &str| {
        let odd = ["~", ".bak", ".old", ".orig", ".rpmsave", ".rpmnew", ".swp"];
        name.starts_with("ifcfg-")
            && name != "ifcfg-lo"
            && !odd.iter().any(|end| name.ends_with(end))
    };
    let devices = |text: &str| {
        let keys = ["DEVICE=", "BRIDGE=", "MASTER=", "PHYSDEV="];
        let lines = text
            .lines()
            .filter_map(|line| keys.iter().find_map(|key| line.strip_prefix(key)));
        let words = lines.map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
        words.collect::<Vec<_>>()
    };
    let mut names: BTreeSet<String> = said(root, scripts, &is_profile, &devices)
        .into_iter()
        .collect();
    let keyfiles = "etc/NetworkManager/system-connections";
    let in_keyfile = |text: &str| {
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("interface-name="));
        lines.map(|name| name.trim().to_owned()).collect::<Vec<_>>()
    };
    names.extend(said(
        root,
        keyfiles,
        &|name| name.ends_with(".nmconnection"),
        &in_keyfile,
    ));
    let is_xml = |name: &str| name.ends_with(".xml");
    let in_network = |text: &str| {
        [
            quoted(text, "<bridge name='"),
            quoted(text, "<bridge name=\""),
        ]
        .concat()
    };
    names.extend(said(
        root,
        "etc/libvirt/qemu/networks",
        &is_xml,
        &in_network,
    ));
    let in_guest = |text: &str| {
        [
            quoted(text, "<source bridge='"),
            quoted(text, "<source dev='"),
        ]
        .concat()
    };
    names.extend(said(root, "etc/libvirt/qemu", &is_xml, &in_guest));
    let kernel = fs::read_dir(root.join("sys/class/net"))
        .into_iter()
        .flatten();
    names.extend(kernel.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
    // characters by number this reader does not know; aliases are addresses of their interface; what no interface can be called names none
    let can_be = |name: &String| {
        !name.is_empty() && name.len() <= 15 && !name.contains([':', '/', '$', '`', ' ', '%', '&'])
    };
    names.retain(can_be);
    names
}

#[test]
fn every_interface_that_files_name_is_there_and_ends_at_a_card_or_says_why() {
    let mut count = 0;
    for host in support::hosts() {
        let output = support::kvmnet(&support::fixture(&host), &["show", "interfaces", "--json"]);
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let interfaces = object["interfaces"].as_array().unwrap();
        // of a file that is no XML nobody knows what it names: its network is drawn as such
        let readable = |name: &String| host != "libvirt-mess" || !name.starts_with("virbr");
        let known: BTreeSet<&str> = interfaces
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        let missing: Vec<String> = names_in(&support::fixture(&host))
            .into_iter()
            .filter(|name| !known.contains(name.as_str()) && readable(name))
            .collect();
        assert_eq!(missing, Vec::<String>::new(), "{host} has {known:?}");
        for one in interfaces {
            let cards = one["cards"].as_array().unwrap();
            assert!(
                !cards.is_empty() || one["ends"].is_string(),
                "{host}: {one}"
            );
        }
        count += known.len();
    }
    assert!(count > 120, "{count} interfaces");
}
