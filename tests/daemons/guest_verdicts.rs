//! What libvirtd makes of guests, against what `check` says of them: those of `guest_verdicts.txt`, each with an interface
//! of which one thing is odd, all in one tree.
//!
//! A line is a verdict, a base and what is put into it, maybe with ` => ` and what `check` underlines. Verdicts: `refused`
//! on load; `undefinable`, loaded and refused in a definition (libvirt's test driver is asked, which validates as others do);
//! `qemu`, loaded, and refused by the driver for QEMU, which cannot be asked without an emulator; `unstartable`, likewise;
//! `ignored`, taken as if it were not there; `taken`, loaded and defined.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use kvmnet::lint::{self, Diagnosis, RULES, Sight};
use tempfile::TempDir;

use crate::support::{host, oracle, real_daemons, tree};
use crate::verdicts::block;

const TABLE: &str = include_str!("guest_verdicts.txt");

/// How many guests are shown to libvirtd at once.
const AT_ONCE: usize = 150;

struct Row {
    name: String,
    verdict: &'static str,
    line: &'static str,
    base: &'static str,
    part: &'static str,
    underlined: Option<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |(index, line): (usize, &'static str)| {
        let (verdict, rest) = line.split_once(' ').unwrap();
        let (base, part) = rest
            .trim_start()
            .split_once(' ')
            .unwrap_or((rest.trim(), ""));
        let (part, underlined) = match part.split_once(" => ") {
            Some((part, underlined)) => (part, Some(underlined)),
            None => (part, None),
        };
        Row {
            name: format!("g{index}"),
            verdict,
            line,
            base,
            part: part.trim(),
            underlined,
        }
    };
    lines.enumerate().map(row).collect()
}

impl Row {
    /// Returns the text of the guest, which is for this hypervisor.
    fn text(&self, hypervisor: &str) -> String {
        let (name, part) = (&self.name, self.part);
        let index: usize = name[1..].parse().unwrap();
        let mac = format!(
            "<mac address='52:54:00:01:{:02x}:{:02x}'/>",
            index / 256,
            index % 256
        );
        let source = match self.base {
            "network" => "<source network='default'/>",
            "bridge" => "<source bridge='br0'/>",
            "direct" => "<source dev='eth0'/>",
            "hostdev" => {
                "<source><address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x0'/></source>"
            }
            "vhostuser" => {
                "<source type='unix' path='/tmp/v.sock' mode='client'/><model type='virtio'/>"
            }
            _ => "",
        };
        let (devices, boot) = match self.base {
            "raw" => (part.to_owned(), ""),
            "booted" => (part.to_owned(), "<boot dev='hd'/>"),
            kind => (
                format!("<interface type='{kind}'>\n{mac}\n{source}\n{part}\n</interface>"),
                "",
            ),
        };
        let uuid = format!("00000000-0000-4000-8000-{index:012x}");
        format!(
            "<domain type='{hypervisor}'>\n<name>{name}</name>\n<uuid>{uuid}</uuid>\n\
             <memory unit='KiB'>1024</memory>\n<os><type arch='x86_64'>hvm</type>{boot}</os>\n\
             <devices>\n{devices}\n</devices>\n</domain>\n"
        )
    }
}

/// Returns a tree with these guests.
fn root(rows: &[Row]) -> TempDir {
    let tmp = TempDir::new().unwrap();
    let folder = tmp.path().join("etc/libvirt/qemu");
    fs::create_dir_all(folder.join("networks")).unwrap();
    for row in rows {
        fs::write(folder.join(format!("{}.xml", row.name)), row.text("kvm")).unwrap();
    }
    tmp
}

fn verdict_of(diagnosis: &Diagnosis) -> Option<&'static str> {
    match diagnosis.finding.rule.name {
        "guest-refused" => Some("refused"),
        "vlan-libvirt-version" => Some("unstartable"),
        "guest-not-startable" if diagnosis.finding.message.contains("cannot start") => {
            Some("unstartable")
        }
        "guest-not-startable" => Some("undefinable"),
        "guest-ignored-settings" => Some("ignored"),
        _ => None,
    }
}

/// Returns what differs between the table and what `check` says.
fn untrue(row: &Row, said: &[Diagnosis]) -> Option<String> {
    let verdicts: BTreeSet<&str> = said.iter().filter_map(verdict_of).collect();
    let wanted: BTreeSet<&str> = match row.verdict {
        "taken" => BTreeSet::new(),
        "qemu" => BTreeSet::from(["undefinable"]),
        verdict => BTreeSet::from([verdict]),
    };
    let judging = said.iter().filter(|one| verdict_of(one).is_some());
    let words: Vec<String> = judging
        .map(|one| {
            let located = &one.located[0];
            let excerpt = located.excerpt.as_deref().unwrap_or("");
            format!(
                "{} [{}]",
                one.finding.message,
                &excerpt[located.span.clone()]
            )
        })
        .collect();
    let elsewhere = row.underlined.is_some_and(|underlined| {
        !words
            .iter()
            .any(|word| word.ends_with(&format!("[{underlined}]")))
    });
    let wrong = verdicts != wanted || elsewhere || words.len() > 1;
    wrong.then(|| format!("{}\n    check: {words:?}\n", row.line))
}

#[test]
fn check_says_of_guests_what_the_table_says() {
    let rows = rows();
    let tmp = root(&rows);
    let (tree, host) = (tree(tmp.path()), host(tmp.path()));
    let mut said: BTreeMap<String, Vec<Diagnosis>> = BTreeMap::new();
    for diagnosis in lint::check(&Sight::of(&tree, &host), RULES) {
        let file = diagnosis.finding.places[0].path.name().to_owned();
        let name = file.trim_end_matches(".xml").to_owned();
        said.entry(name).or_default().push(diagnosis);
    }
    let none = Vec::new();
    let untrue: String = rows
        .iter()
        .filter_map(|row| untrue(row, said.get(&row.name).unwrap_or(&none)))
        .collect();
    assert!(untrue.is_empty(), "{untrue}");
}

#[test]
fn libvirt_does_with_guests_what_the_table_says() {
    if !real_daemons() {
        eprintln!("skipped: the real libvirtd is asked only with KVMNET_REAL_DAEMONS=1");
        return;
    }
    let rows = rows();
    let mut untrue = String::new();
    let defined = defined(&rows);
    for part in rows.chunks(AT_ONCE) {
        let report = report(part);
        for row in part {
            let loaded = report.contains(&format!("guest\t{}\t", row.name));
            let (defined, why) = &defined[&row.name];
            let holds = match row.verdict {
                "refused" => !loaded && !defined,
                "undefinable" => loaded && !defined,
                "ignored" => {
                    let dump = block(&report, &format!("dumpxml {}", row.name));
                    let shown = row.underlined.is_some_and(|part| dump.contains(part));
                    loaded && *defined && !shown
                }
                _ => loaded && *defined,
            };
            if !holds {
                writeln!(
                    untrue,
                    "{}\n    loaded {loaded}, defined {defined}: {why}",
                    row.line
                )
                .unwrap();
            }
        }
    }
    assert!(untrue.is_empty(), "{untrue}");
}

/// Shows guests to libvirtd.
fn report(rows: &[Row]) -> String {
    let tmp = root(rows);
    let mut command = Command::new("bash");
    command.arg(oracle("libvirt-load"));
    command.args(["--no-autostart", "--timeout", "400"]);
    let output = command.arg(tmp.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 1)) && said.contains("\nresult\t"),
        "libvirt-load cannot tell ({code:?}): {}\n{said}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Returns of each guest whether libvirt's test driver defines it, and what it says.
fn defined(rows: &[Row]) -> BTreeMap<String, (bool, String)> {
    let tmp = TempDir::new().unwrap();
    let mut script = String::new();
    for row in rows {
        fs::write(tmp.path().join(&row.name), row.text("test")).unwrap();
        writeln!(script, "echo === {0}\ndefine {0}", row.name).unwrap();
    }
    // one stream, in order
    let mut shell = Command::new("bash");
    shell
        .args(["-c", "virsh -q -c test:///default 2>&1"])
        .env("LC_ALL", "C");
    shell.current_dir(tmp.path());
    shell.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = format!("\n{}", String::from_utf8_lossy(&output.stdout));
    let parts = said.split("\n=== ").skip(1);
    parts
        .map(|part| {
            // the prompt follows without a line end
            let (name, rest) = part.split_once("virsh #").unwrap();
            let errors: Vec<&str> = rest
                .lines()
                .filter(|line| line.starts_with("error:"))
                .collect();
            (
                name.trim().to_owned(),
                (errors.is_empty(), errors.join(" ")),
            )
        })
        .collect()
}
