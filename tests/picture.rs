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
use std::path::{Path, PathBuf};

use kvmnet::backend;
use kvmnet::picture::tree::{self, Style};
use kvmnet::picture::{Extent, Mark, Picture, Role, Side, svg};
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
        let picture = Picture::of(side(&support::fixture(&host)), Extent::Page);
        is_as_kept(&format!("{host}.tree"), &text(&picture, false));
        is_as_kept(&format!("{host}.svg"), &svg::draw(&picture, true));
    }
}

#[test]
fn all_drawings_show_the_same_links() {
    let (mut links, hosts) = (0, support::hosts());
    for host in hosts.iter().map(|host| support::fixture(host)) {
        let picture = Picture::of(side(&host), Extent::All);
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
        let picture = Picture::between(before, after, Extent::All);
        let data = of_data(&picture);
        assert_eq!(of_text(&text(&picture, true), true), data, "{pair:?}");
        assert_eq!(of_svg(&svg::draw(&picture, false)), data, "{pair:?}");
    }
}
