//! What NetworkManager refuses keyfiles for, against what [`refused::of`] tells: the profiles of `refused.txt`, each with one
//! thing that is odd.
//!
//! A line of it is a verdict, a profile and what is told of it. The profile is the name of one that is in order, and changes
//! to it: `group.key=value`, `-group.key`, `[group]`, `-[group]`. The verdict is `loaded`, `refused`, or the one version that
//! refuses it; `untold` is refused by all, and nothing is told.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kvmnet::doc::keyfile::KeyfileDoc;
use kvmnet::readers::refused;
use tempfile::TempDir;

use crate::nm_bridges::{Nm, each, wanted};

const TABLE: &str = include_str!("refused.txt");

/// How many profiles are shown to NetworkManager at once: `nm-load` has fourteen seconds.
const AT_ONCE: usize = 60;

const SOUND: &[(&str, &str)] = &[
    (
        "ethernet",
        "[connection]\ntype=ethernet\ninterface-name=ens3\n",
    ),
    (
        "port",
        "[connection]\ntype=ethernet\ninterface-name=ens3\nmaster=br0\nslave-type=bridge\n",
    ),
    (
        "bridge",
        "[connection]\ntype=bridge\ninterface-name=br0\n\n[bridge]\n",
    ),
    (
        "bond",
        "[connection]\ntype=bond\ninterface-name=bond0\n\n[bond]\nmode=active-backup\n",
    ),
    (
        "vlan",
        "[connection]\ntype=vlan\ninterface-name=ens3.5\n\n[vlan]\nid=5\nparent=ens3\n",
    ),
];

/// A line of the table.
struct Row<'t> {
    verdict: &'t str,
    profile: &'t str,
    told: &'t str,
}

fn rows() -> Vec<Row<'static>> {
    let lines = TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |line: &'static str| {
        let (verdict, rest) = line.split_once(' ').unwrap();
        let (profile, told) = rest.split_once(" => ").unwrap_or((rest, ""));
        let profile = profile.trim_start();
        Row {
            verdict,
            profile,
            told,
        }
    };
    lines.map(row).collect()
}

impl Row<'_> {
    /// Returns the text of the profile, whose id is `id`.
    fn text(&self, id: &str) -> String {
        let mut words = self.profile.split(" | ");
        let base = words.next().unwrap();
        let (_, sound) = SOUND.iter().find(|(name, _)| *name == base).unwrap();
        let mut groups: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for line in sound.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix('[') {
                Some(group) => groups.push((group.trim_end_matches(']').to_owned(), Vec::new())),
                None => {
                    let (key, value) = line.split_once('=').unwrap();
                    let pair = (key.to_owned(), value.to_owned());
                    groups.last_mut().unwrap().1.push(pair);
                }
            }
        }
        // nobody starts it
        set(&mut groups, "connection", "autoconnect", "false");
        set(&mut groups, "connection", "id", id);
        for change in words {
            apply(&mut groups, change);
        }
        let mut text = String::new();
        for (group, pairs) in groups {
            writeln!(text, "[{group}]").unwrap();
            for (key, value) in pairs {
                writeln!(text, "{key}={value}").unwrap();
            }
            text.push('\n');
        }
        text
    }

    /// Returns what is told of the profile, with the text of the line at fault.
    fn found(&self) -> String {
        let text = self.text("x");
        let Some(refusal) = refused::of(&KeyfileDoc::parse(&text)) else {
            return String::new();
        };
        let line = refusal.line.map(|line| line as usize - 1);
        let line = line.map_or("no line", |line| text.lines().nth(line).unwrap());
        format!("{} ({line})", refusal.why)
    }
}

type Groups = Vec<(String, Vec<(String, String)>)>;

fn set(groups: &mut Groups, group: &str, key: &str, value: &str) {
    let pairs = pairs(groups, group);
    pairs.retain(|(other, _)| other != key);
    pairs.push((key.to_owned(), value.to_owned()));
}

fn pairs<'g>(groups: &'g mut Groups, group: &str) -> &'g mut Vec<(String, String)> {
    let at = groups.iter().position(|(name, _)| name == group);
    let at = at.unwrap_or_else(|| {
        groups.push((group.to_owned(), Vec::new()));
        groups.len() - 1
    });
    &mut groups[at].1
}

fn apply(groups: &mut Groups, change: &str) {
    let group = |text: &'_ str| text.trim_matches(['[', ']']).to_owned();
    if let Some(gone) = change.strip_prefix("-[") {
        groups.retain(|(name, _)| *name != group(gone));
    } else if let Some(gone) = change.strip_prefix('-') {
        let (of, gone) = gone.split_once('.').unwrap();
        pairs(groups, of).retain(|(key, _)| key != gone);
    } else if change.starts_with('[') {
        pairs(groups, &group(change));
    } else {
        let (key, value) = change.split_once('=').unwrap();
        let (of, key) = key.split_once('.').unwrap();
        set(groups, of, key, value);
    }
}

/// Writes the table anew with `KVMNET_BLESS=1`.
#[test]
fn what_is_told_is_what_the_table_says() {
    let (mut table, mut rows) = (String::new(), rows().into_iter().peekable());
    let (mut wrong, mut counts) = (Vec::new(), [0, 0]);
    for line in TABLE.lines() {
        if line.is_empty() || line.starts_with('#') {
            writeln!(table, "{line}").unwrap();
            continue;
        }
        let row = rows.next().unwrap();
        let found = row.found();
        let tells = row.verdict == "refused";
        counts[usize::from(tells)] += 1;
        if found.is_empty() == tells || found != row.told {
            wrong.push(format!("{} {}: {found:?}", row.verdict, row.profile));
        }
        let arrow = if found.is_empty() { "" } else { " => " };
        writeln!(table, "{:<7} {}{arrow}{found}", row.verdict, row.profile).unwrap();
    }
    if std::env::var_os("KVMNET_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/daemons/refused.txt");
        fs::write(path, table).unwrap();
        wrong.retain(|line| line.starts_with("refused") == line.ends_with(": \"\""));
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(counts.iter().all(|count| *count > 150), "{counts:?}");
}

fn tree(rows: &[Row<'_>]) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    let folder = tree.path().join("etc/NetworkManager/system-connections");
    fs::create_dir_all(&folder).unwrap();
    for (at, row) in rows.iter().enumerate() {
        let path = folder.join(format!("v{at}.nmconnection"));
        fs::write(&path, row.text(&format!("v{at}"))).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    tree
}

#[test]
fn networkmanager_refuses_what_is_told() {
    if !wanted() {
        return;
    }
    let (old, new, rows) = (Nm::installed(), Nm::newer(), rows());
    let parts: Vec<&[Row<'_>]> = rows.chunks(AT_ONCE).collect();
    each(&parts, |part| {
        let tree = tree(part);
        let loads = [&old, &new].map(|nm| nm.load(tree.path()).0);
        for (at, row) in part.iter().enumerate() {
            let loads = [0, 1].map(|n: usize| loads[n].contains(&format!("v{at}.nmconnection")));
            let expected = match row.verdict {
                "loaded" => [true, true],
                "refused" | "untold" => [false, false],
                "1.42" => [false, true],
                "1.52" => [true, false],
                other => panic!("{other} is no verdict"),
            };
            assert_eq!(loads, expected, "{}: {}", row.verdict, row.profile);
        }
    });
    println!("{} profiles compared", rows.len());
}
