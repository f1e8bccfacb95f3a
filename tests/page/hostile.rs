//! Names and texts that were made to be markup, to look like other text, or to be too much.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::parsed::{Parsed, page_of};
use crate::support::{copy, fixture, kvmnet};

const SCRIPTS: &str = "etc/sysconfig/network-scripts";
const JOB: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--dry-run"];

/// Texts that are no markup.
const TEXTS: &[&str] = &[
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "\"&'",
    "]]>",
    "<!--",
    "-->",
    "</pre></details><a href='https://example.org/'>x</a>",
    "{{facts.host}} {{{style}}} \\{{x}}",
    "&lt;b&gt; &#60; &amp;amp;",
    "&nbsp;&nosuch;",
    "a\tb  c",
    "e\u{301} 日本 \u{1f642}",
];

fn append(root: &Path, file: &str, text: impl AsRef<[u8]>) {
    let path = root.join(file);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(text.as_ref());
    fs::write(path, bytes).unwrap();
}

/// Returns the page of the main job, and the patch of `-q`.
#[track_caller]
fn page(root: &Path) -> (Vec<u8>, Parsed) {
    let words = [JOB, &["-q"]].concat();
    let patch = kvmnet(root, &words);
    assert!(
        patch.status.success(),
        "{}",
        String::from_utf8_lossy(&patch.stderr)
    );
    (patch.stdout, page_of(root, &words).1)
}

#[test]
fn texts_of_files_are_never_markup() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    // among lines that move
    let profile = root.join(format!("{SCRIPTS}/ifcfg-ens33"));
    let lines = fs::read_to_string(&profile).unwrap();
    let mut texts = TEXTS.iter();
    let with_texts = lines.lines().map(|line| match texts.next() {
        Some(text) => format!("{line}\n# {text}\n"),
        None => format!("{line}\n"),
    });
    fs::write(&profile, with_texts.collect::<String>()).unwrap();
    let (patch, page) = page(&root);
    assert_eq!(page.patch.as_bytes(), patch);
    page.is_harmless();
    for text in TEXTS {
        // in the patch and side by side
        let count = page.text.matches(text).count();
        assert!(count >= 2, "{text}: {count}");
    }
}

#[test]
fn names_are_never_markup() {
    for name in [
        "<img src=x>",
        "\"&'",
        "]]>",
        "{{{style}}}",
        "a\u{202e}b",
        "ö\u{301}日本",
    ] {
        let dir = copy(&fixture("tutorial"));
        let root = dir.path().join("root");
        fs::write(root.join("etc/hostname"), format!("# c\n{name}\n")).unwrap();
        let saved = dir.path().join(format!("{}.plan", name.replace('/', "_")));
        let (_, page) = page_of(&root, &[JOB, &["--out", saved.to_str().unwrap()]].concat());
        page.is_harmless();
        let shown = name.replace('\u{202e}', "\\u{202e}");
        let host = format!("Host{shown}\n");
        assert!(page.text.contains(&host), "{}", page.text);
        assert!(page.text.contains(&format!(" on {shown}")), "{}", page.text);
        let title = format!("apply {}", dir.path().display());
        assert!(
            page.text.contains(&title) || page.text.contains("apply \""),
            "{}",
            page.text
        );
        assert!(!page.source.contains('\u{202e}'), "{name}");
    }
}

/// An image must not write the page by which it is approved.
#[test]
fn its_template_is_not_that_of_the_tree() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let (_, before) = page(&root);
    let folder = root.join("etc/kvmnet/templates");
    fs::create_dir_all(folder.join("page")).unwrap();
    for name in [
        "review.hbs",
        "page.hbs",
        "style.css",
        "page/review.hbs",
        "page/style.css",
    ] {
        fs::write(folder.join(name), "<p>all is well</p>").unwrap();
    }
    let (_, after) = page(&root);
    assert!(!after.source.contains("all is well"));
    assert_eq!(after.patch, before.patch);
    after.is_harmless();
    let listed = kvmnet(&root, &["templates", "list"]).stdout;
    let listed = String::from_utf8(listed).unwrap();
    let names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.contains(&"ifcfg-bridge"), "{listed}");
    assert!(
        !names
            .iter()
            .any(|name| name.contains("review") || name.contains("page")),
        "{listed}"
    );
    assert!(
        !kvmnet(&root, &["templates", "show", "review"])
            .status
            .success()
    );
}

/// The eye sees that they are there, and the text is the same.
#[test]
fn what_cannot_be_seen_is_shown() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let text = "# \u{202e}evil\u{2069}\u{200b}\u{feff}\u{ad} \u{1b}[2J\u{7}\u{9b}\r\n";
    append(&root, &format!("{SCRIPTS}/ifcfg-ens33"), text);
    let (patch, page) = page(&root);
    assert_eq!(page.patch.as_bytes(), patch);
    assert!(page.patch.contains(text));
    page.is_harmless();
    for shown in [
        "\\u{202e}",
        "\\u{2069}",
        "\\u{200b}",
        "\\u{1b}",
        "\\u{7}",
        "\\u{9b}",
        "\\r",
    ] {
        let boxed = ("i".to_owned(), "title".to_owned(), shown.to_owned());
        assert!(page.attributes.contains(&boxed), "{shown}");
    }
    // none of it is in the file as it is, but what HTML would take for another character as a number
    let bare = |c: char| c.is_control() && !"\n\t\u{9b}".contains(c);
    assert!(!page.source.contains(bare));
    assert!(
        !page
            .source
            .contains(['\u{202e}', '\u{2069}', '\u{200b}', '\u{feff}', '\u{ad}'])
    );
}

#[test]
fn secrets_are_masked_as_in_the_patch() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    append(
        &root,
        &format!("{SCRIPTS}/ifcfg-ens33"),
        "KEY=s3cr3t-of-air\n",
    );
    let (patch, masked) = page(&root);
    assert_eq!(masked.patch.as_bytes(), patch);
    assert!(!masked.source.contains("s3cr3t") && masked.text.contains("are masked"));
    let (_, shown) = page_of(&root, &[JOB, &["--show-secrets"]].concat());
    assert!(shown.source.contains("s3cr3t"));
    // one that is not in the patch is not said to be masked
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let profile = root.join(format!("{SCRIPTS}/ifcfg-ens33"));
    let text = fs::read_to_string(&profile).unwrap();
    fs::write(
        &profile,
        format!("KEY=s3cr3t-of-air\n# 1\n# 2\n# 3\n# 4\n{text}"),
    )
    .unwrap();
    let (_, beside) = page(&root);
    assert!(!beside.source.contains("s3cr3t") && !beside.text.contains("are masked"));
}

/// A plan over many files is told in proportion, and side by side only as far as somebody looks.
#[test]
fn a_plan_over_many_files_is_no_explosion() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let count = 1500;
    for n in 0..count {
        let address = format!("10.{}.{}.1", n / 200, n % 200);
        let text = format!("DEVICE=eth{n}\r\nONBOOT=yes\r\nIPADDR={address}\r\n");
        fs::write(root.join(format!("{SCRIPTS}/ifcfg-eth{n}")), text).unwrap();
    }
    let words = ["check", "--fix", "crlf", "--dry-run", "-q"];
    let start = Instant::now();
    let patch = kvmnet(&root, &words);
    let plain = start.elapsed();
    let start = Instant::now();
    let (output, page) = page_of(&root, &words);
    let with_page = start.elapsed();
    println!("{plain:?} without a page, {with_page:?} with it");
    assert_eq!(output.stdout, patch.stdout);
    assert_eq!(page.patch.as_bytes(), patch.stdout);
    assert!(page.patch.matches("diff --git ").count() >= count);
    assert!(
        page.text
            .contains("of the files are shown as a patch alone")
    );
    // of what is shown side by side there is a bound, and a file that is only listed costs little beside its patch
    assert!(page.source.matches("<tr class=\"hunk\">").count() < 1000);
    let beside = page.source.len() - page.patch.len();
    assert!(beside < count * 1200 + 1_000_000, "{beside}");
}
