//! Pages in Chromium: no text leaves its box, nothing is asked for or complained of, and whoever listens hears all of it.
//!
//! It runs with `KVMNET_REAL_DAEMONS=1` only.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chromium::Chromium;
use crate::support::{copy, fixture, have, kvmnet, real_daemons};
use tempfile::TempDir;

const MEASURE: &str = include_str!("measure.js");

/// A page, and what it must name.
struct Page {
    name: &'static str,
    host: &'static str,
    /// Further lines of the profile of ens33.
    lines: &'static str,
    words: &'static str,
    /// Bridges, networks and guests: each is named to whoever listens.
    names: &'static [&'static str],
}

const PAGES: &[Page] = &[
    Page {
        name: "job",
        host: "tutorial",
        lines: "",
        words: "bridge add br0 --port ens33",
        names: &["br0", "ens33", "virbr0", "default", "vm1"],
    },
    Page {
        name: "hostile",
        host: "tutorial",
        lines: "# <img src=x onerror=alert(1)>\n# </pre><style>*{display:none}</style>\n\
            ETHTOOL_OPTS=\"-K ens33 tso off gso off gro off lro off rx off tx off sg off rxvlan off txvlan off ntuple off rxhash off\"\n\
            A=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\n\
            # \u{202e}evil\u{2069}\u{200b} \u{1b}[2J\u{9b} \u{5d0}\u{5d1}\u{5d2} e\u{301} \u{65e5}\u{672c} \u{1f642} \r\n",
        words: "bridge add br0 --port ens33 --address 10.7.0.2/24,fd07::2/64 --gateway 10.7.0.1",
        names: &["br0", "ens33"],
    },
    Page {
        name: "network",
        host: "tutorial",
        lines: "",
        words: "network add lab7 --mode nat",
        names: &["lab7", "virbr1"],
    },
    Page {
        name: "removal",
        host: "hand-bridged",
        lines: "",
        words: "bridge remove br1 --to ens34 --force",
        names: &["br1"],
    },
    Page {
        name: "guest",
        host: "monolithic",
        lines: "",
        words: "guest connect build --bridge br0",
        names: &["br0", "build", "db", "web", "lan", "virbr2", "lab"],
    },
    Page {
        name: "kinds",
        host: "libvirt-kinds",
        lines: "",
        words: "show",
        names: &[
            "br0",
            "virbr8",
            "dualstack",
            "Win",
            "büro",
            "o'brien",
            "macvtap-bridge",
            "commented",
        ],
    },
    Page {
        name: "skipped",
        host: "mess",
        lines: "",
        words: "show",
        names: &["eth4", "eth0"],
    },
    Page {
        name: "findings",
        host: "mess",
        lines: "",
        words: "check --fix",
        names: &[],
    },
];

impl Page {
    /// Returns whether it is the page of a host, not of a plan.
    fn is_of_host(&self) -> bool {
        self.words == "show"
    }

    /// Returns the option by which nothing but the page is written.
    fn only(&self) -> &'static [&'static str] {
        match self.is_of_host() {
            true => &[],
            false => &["-n"],
        }
    }

    /// Returns the headings of its sections.
    fn headings(&self) -> &'static [&'static str] {
        match self.is_of_host() {
            true => &[
                "What hangs on what",
                "Interfaces",
                "Bridges",
                "Networks",
                "Guests",
            ],
            false => &["What changes", "Files", "How to apply", "How to undo"],
        }
    }
}

/// Writes the pages, and returns where they are.
fn pages() -> (TempDir, Vec<(&'static Page, PathBuf)>) {
    let folder = tempfile::tempdir().unwrap();
    let pages = PAGES.iter().map(|page| {
        let dir = copy(&fixture(page.host));
        let root = dir.path().join("root");
        if !page.lines.is_empty() {
            let profile = root.join("etc/sysconfig/network-scripts/ifcfg-ens33");
            let text = fs::read_to_string(&profile).unwrap();
            let (first, rest) = text.split_once('\n').unwrap();
            fs::write(profile, format!("{first}\n{}{rest}", page.lines)).unwrap();
        }
        let file = folder.path().join(format!("{}.html", page.name));
        let words: Vec<&str> = page.words.split(' ').collect();
        let output = kvmnet(
            &root,
            &[&words[..], page.only(), &["--html", file.to_str().unwrap()]].concat(),
        );
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", page.words);
        (page, file)
    });
    let pages = pages.collect();
    (folder, pages)
}

/// Fails where something of the page is not as the eye wants it.
#[track_caller]
fn fits(chromium: &mut Chromium, of: &str) {
    let faults = chromium.value(MEASURE);
    let faults: Vec<&str> = faults
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|fault| fault.as_str())
        .collect();
    assert!(faults.is_empty(), "{of}:\n{}", faults.join("\n"));
}

fn browser() -> Option<Chromium> {
    (real_daemons() && have("chromium")).then(Chromium::start)
}

#[test]
fn no_text_leaves_its_box_and_nothing_is_asked_for() {
    let Some(mut chromium) = browser() else {
        return;
    };
    let (_folder, pages) = pages();
    for (page, file) in &pages {
        for width in [1100, 400] {
            for scheme in ["light", "dark"] {
                let of = format!("{} at {width} pixels, {scheme}", page.name);
                let told = chromium.open(file, width, scheme);
                assert_eq!(told, Vec::<String>::new(), "{of}");
                fits(&mut chromium, &format!("{of}, side by side"));
                if page.is_of_host() {
                    continue;
                }
                chromium.value("document.querySelector('#u').click()");
                let is_patch =
                    "getComputedStyle(document.querySelector('.uni')).display == 'block'";
                assert_eq!(chromium.value(is_patch), true, "{of}");
                fits(&mut chromium, &format!("{of}, patch"));
            }
        }
        let told = chromium.open(file, 700, "dark");
        assert_eq!(told, Vec::<String>::new(), "{}", page.name);
        chromium.media("print", "dark");
        let paper = chromium.value("getComputedStyle(document.body).backgroundColor");
        assert_eq!(paper, "rgb(255, 255, 255)", "{}: paper is white", page.name);
        fits(&mut chromium, &format!("{} on paper", page.name));
    }
}

/// Whoever does not see it hears what it is about.
#[test]
fn the_accessibility_tree_names_everything() {
    let Some(mut chromium) = browser() else {
        return;
    };
    let (_folder, pages) = pages();
    for (page, file) in &pages {
        chromium.open(file, 1100, "light");
        let told = chromium.accessible();
        let has = |role: &str, name: &str| told.iter().any(|(r, n)| r == role && n == name);
        for heading in page.headings() {
            assert!(
                has("heading", heading),
                "{}: {heading}: {told:?}",
                page.name
            );
            assert!(has("region", heading), "{}: {heading}: {told:?}", page.name);
        }
        for column in match page.is_of_host() {
            true => ["INTERFACE", "KIND", "STATE", "ADDRESSES"],
            false => ["Action", "File", "Before", "After"],
        } {
            assert!(
                has("columnheader", column),
                "{}: {column}: {told:?}",
                page.name
            );
        }
        let views: &[&str] = match page.is_of_host() {
            true => &[],
            false => &["side by side", "patch"],
        };
        for view in views {
            assert!(has("radio", view), "{}: {view}: {told:?}", page.name);
        }
        for name in page.names {
            let named = told
                .iter()
                .any(|(_, text)| text.split_whitespace().any(|word| word == *name));
            assert!(named, "{}: {name}: {told:?}", page.name);
        }
    }
}

/// The measure itself: a page with these faults does not pass.
#[test]
fn what_does_not_fit_is_found() {
    let Some(mut chromium) = browser() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.html");
    let long = "x".repeat(300);
    let inside = "<svg width='100' height='50'><g><rect width='50' height='20' fill='white'/>";
    for (body, says) in [
        (format!("<p>{long}</p>"), "wider than the window"),
        (
            format!("<p style='width:99px;overflow:hidden'>{long}</p>"),
            "outside of its",
        ),
        (
            "<p style='color:#999;background:#fff'>x</p>".to_owned(),
            "contrast",
        ),
        (
            "<p>abc<span style='margin-left:-20px'>def</span></p>".to_owned(),
            "lies over",
        ),
        (
            format!("{inside}<text y='15'>{long}</text></g></svg>"),
            "outside of its box",
        ),
        (
            format!("{inside}<text y='15' fill='#eee'>x</text></g></svg>"),
            "contrast",
        ),
    ] {
        fs::write(
            &file,
            format!("<!DOCTYPE html><html lang='en'><title>x</title>{body}"),
        )
        .unwrap();
        chromium.open(&file, 400, "light");
        let faults = chromium.value(MEASURE).to_string();
        assert!(faults.contains(says), "{body}: {faults}");
    }
    // and what it asks for and complains of
    let policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">";
    for (body, says) in [
        ("<img src='x.png'>", "Network.requestWillBeSent"),
        (
            "<script>console.log(1)</script>",
            "Runtime.consoleAPICalled",
        ),
        ("<p style='color:red'>x</p>", "Content Security Policy"),
    ] {
        let policy = if says.starts_with("Content") {
            policy
        } else {
            ""
        };
        write(&file, policy, body);
        let told = chromium.open(&file, 400, "light").join("\n");
        assert!(told.contains(says), "{body}: {told}");
    }
}

fn write(file: &Path, head: &str, body: &str) {
    let page = format!(
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>{head}<title>x</title></head><body>{body}</body></html>"
    );
    fs::write(file, page).unwrap();
}
