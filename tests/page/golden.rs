//! The page of the main job, as a whole; and the hash by which its plan is known again.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::parsed::{Parsed, page_of};
use crate::support::{copy, fixture, kvmnet};

const JOB: &[&str] = &["bridge", "add", "br0", "--port", "ens33", "--dry-run"];

/// Returns a page without what is another each time: folders, times, users, versions.
fn steady(page: &Parsed, root: &Path) -> String {
    let text = page.source.replace(root.to_str().unwrap(), "ROOT");
    let version = format!("content=\"kvmnet {}\"", env!("CARGO_PKG_VERSION"));
    let text = text.replace(&version, "content=\"kvmnet VERSION\"");
    let (before, rest) = text
        .split_once("<tr><th scope=\"row\">Planned</th>")
        .unwrap();
    let (_, after) = rest.split_once("</tr>").unwrap();
    format!("{before}<tr><th scope=\"row\">Planned</th>WHEN AND WHO</tr>{after}")
}

#[test]
fn the_page_of_the_main_job_is_as_it_was() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let (output, page) = page_of(&root, JOB);
    assert!(output.status.success());
    let found = steady(&page, &root);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/bridge-add.html");
    if std::env::var_os("KVMNET_BLESS").is_some() {
        fs::write(&file, &found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    assert!(
        found == expected,
        "it is another page (KVMNET_BLESS=1 writes it):\n{found}"
    );
}

/// Returns the hash that a page tells.
#[track_caller]
fn hash(page: &Parsed) -> String {
    let (_, rest) = page.text.split_once("SHA-256 ").unwrap();
    let hash: String = rest.chars().take(64).collect();
    assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
    hash
}

#[test]
fn the_hash_is_that_of_the_plan_however_it_is_looked_at() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let saved = dir.path().join("br0.plan");
    let saved = saved.to_str().unwrap();
    let (_, dry_run) = page_of(&root, JOB);
    let (_, out) = page_of(&root, &[JOB, &["--out", saved]].concat());
    let (_, again) = page_of(&root, &["apply", saved, "--dry-run"]);
    let (_, refused) = page_of(&root, &JOB[..5]);
    for page in [&out, &again, &refused] {
        assert_eq!(hash(page), hash(&dry_run));
    }
    let other = [JOB, &["--stp", "on"]].concat();
    assert_ne!(hash(&page_of(&root, &other).1), hash(&dry_run));
    if let Ok(sum) = Command::new("sha256sum").arg(saved).output() {
        let sum = String::from_utf8(sum.stdout).unwrap();
        assert!(sum.starts_with(&hash(&dry_run)), "{sum}");
    }
    let (applied, page) = page_of(&root, &["apply", saved, "--yes"]);
    assert!(applied.status.success());
    assert_eq!(hash(&page), hash(&dry_run));
}

#[test]
fn it_says_how_the_plan_is_applied_and_undone() {
    let dir = copy(&fixture("tutorial"));
    let root = dir.path().join("root");
    let saved = dir.path().join("br0.plan");
    let (root_word, saved) = (root.to_str().unwrap(), saved.to_str().unwrap());
    for (words, expected) in [
        (JOB.to_vec(), "bridge add br0 --port ens33 --yes".to_owned()),
        (
            [JOB, &["--out", saved]].concat(),
            format!("apply {saved} --yes"),
        ),
        (vec!["apply", saved, "-n"], format!("apply {saved} --yes")),
        (
            [JOB, &["--distrust-history"]].concat(),
            "bridge add br0 --port ens33 --distrust-history --yes".to_owned(),
        ),
    ] {
        let (_, page) = page_of(&root, &words);
        let expected = format!("kvmnet --root {root_word} {expected}\n");
        assert!(page.text.contains(&expected), "{expected}{}", page.text);
        for undo in ["rollback", "history", "rollback ID"] {
            let undo = format!("\nkvmnet --root {root_word} {undo}\n");
            assert!(page.text.contains(&undo), "{undo}{}", page.text);
        }
    }
    // and it holds: what the page of the rollback shows is the way back
    assert!(
        kvmnet(&root, &["bridge", "add", "br0", "--port", "ens33", "--yes"])
            .status
            .success()
    );
    let (_, back) = page_of(&root, &["rollback", "-n"]);
    let applied = format!("kvmnet --root {root_word} rollback 1 --yes\n");
    assert!(back.text.contains(&applied), "{}", back.text);
    assert!(
        back.patch.contains("deleted file mode 100644"),
        "{}",
        back.patch
    );
}
