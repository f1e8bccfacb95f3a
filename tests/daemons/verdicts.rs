//! What libvirtd makes of networks, against what `check` says of them: those of `verdicts.txt`, each with one thing that is
//! odd, all in one tree.
//!
//! A line is a verdict, a base and what is put into it, maybe with ` => ` and what `check` underlines. `#` in it is a
//! number that no other network has, to be written in addresses. Verdicts: `refused` on load; `undefinable`, loaded and
//! refused by `net-define`; `unstartable`, loaded and not started; `ignored`, taken as if it were not there; `taken`, loaded
//! and defined; `started`, taken and started.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use kvmnet::lint::{self, Diagnosis, RULES, Sight};
use tempfile::TempDir;

use crate::support::{host, oracle, real_daemons, tree};

const TABLE: &str = include_str!("verdicts.txt");

/// How many networks are shown to libvirtd at once.
const AT_ONCE: usize = 150;

struct Row {
    name: String,
    verdict: &'static str,
    line: &'static str,
    text: String,
    underlined: Option<String>,
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
        let name = format!("n{index}");
        let underlined = underlined.map(|text| text.replace('#', &number(index)));
        Row {
            text: text(&name, index, base, part.trim()),
            name,
            verdict,
            line,
            underlined,
        }
    };
    lines.enumerate().map(row).collect()
}

/// Returns the text of a network of which all but `part` is in order.
fn text(name: &str, index: usize, base: &str, part: &str) -> String {
    let bridge = format!("<bridge name='v{index}'/>");
    let mac = format!(
        "<mac address='52:54:00:00:{:02x}:{:02x}'/>",
        index / 256,
        index % 256
    );
    let own = format!("{bridge}{mac}");
    let ip = "<ip address='10.#.1' prefix='24'/>";
    let body = match base {
        "raw" => part.to_owned(),
        // isolated, with a bridge of its own
        "own" => format!("{own}{part}"),
        "bridge" => format!("{mac}{part}"),
        "nat" => format!("<forward mode='nat'/>{own}{ip}{part}"),
        "open" => format!("<forward mode='open'/>{own}{ip}{part}"),
        "forward" => format!("{own}{ip}{part}"),
        "in-forward" => format!("<forward mode='nat'>{part}</forward>{own}{ip}"),
        "in-nat" => format!("<forward mode='nat'><nat>{part}</nat></forward>{own}{ip}"),
        "in-ip" => format!("{own}<ip address='10.#.1' prefix='24'>{part}</ip>"),
        "in-dhcp" => format!("{own}<ip address='10.#.1' prefix='24'><dhcp>{part}</dhcp></ip>"),
        "in-dhcp6" => format!(
            "{own}<ip family='ipv6' address='2001:db8:{index:x}::1' prefix='64'><dhcp>{part}</dhcp></ip>"
        ),
        "in-dns" => format!("{own}{ip}<dns>{part}</dns>"),
        // on a bridge of the host
        "host" => format!("<forward mode='bridge'/><bridge name='br0'/>{part}"),
        "ovs" => format!(
            "<forward mode='bridge'/><bridge name='br0'/><virtualport type='openvswitch'/>{part}"
        ),
        "macvtap" => format!("<forward mode='private'><interface dev='eth0'/></forward>{part}"),
        "hostdev" => format!("<forward mode='hostdev' managed='yes'>{part}</forward>"),
        "root" => {
            return format!(
                "<network {part}><name>{name}</name><uuid>{}</uuid>{own}</network>\n",
                uuid(index)
            );
        }
        "whole" => return part.replace("NAME", name),
        base => panic!("no such base: {base}"),
    };
    let body = body.replace('#', &number(index));
    format!(
        "<network>\n<name>{name}</name>\n<uuid>{}</uuid>\n{body}\n</network>\n",
        uuid(index)
    )
}

fn number(index: usize) -> String {
    format!("{}.{}", 1 + index / 200, 1 + index % 200)
}

fn uuid(index: usize) -> String {
    format!("00000000-0000-4000-8000-{index:012x}")
}

/// Returns a tree with these networks.
fn root(rows: &[Row]) -> TempDir {
    let tmp = TempDir::new().unwrap();
    let folder = tmp.path().join("etc/libvirt/qemu/networks");
    fs::create_dir_all(&folder).unwrap();
    for row in rows {
        fs::write(folder.join(format!("{}.xml", row.name)), &row.text).unwrap();
    }
    tmp
}

/// Returns what `check` says of each network.
fn said(rows: &[Row]) -> BTreeMap<String, Vec<Diagnosis>> {
    let tmp = root(rows);
    let (tree, host) = (tree(tmp.path()), host(tmp.path()));
    let mut said: BTreeMap<String, Vec<Diagnosis>> = BTreeMap::new();
    for diagnosis in lint::check(&Sight::of(&tree, &host), RULES) {
        let file = diagnosis.finding.places[0].path.name().to_owned();
        said.entry(file.trim_end_matches(".xml").to_owned())
            .or_default()
            .push(diagnosis);
    }
    said
}

/// Returns the verdict that a finding is, if it is one.
fn verdict_of(diagnosis: &Diagnosis) -> Option<&'static str> {
    match diagnosis.finding.rule.name {
        "network-refused" | "dhcp-range" => Some("refused"),
        "network-not-definable" | "vlan-libvirt-version" => Some("undefinable"),
        "network-not-startable" | "network-bridge-name" => Some("unstartable"),
        "network-ignored-settings" => Some("ignored"),
        _ => None,
    }
}

/// Returns what differs between the table and what `check` says.
fn untrue(row: &Row, said: &[Diagnosis]) -> Option<String> {
    let verdicts: BTreeSet<&str> = said.iter().filter_map(verdict_of).collect();
    let wanted: BTreeSet<&str> = match row.verdict {
        "taken" | "started" => BTreeSet::new(),
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
    let elsewhere = row.underlined.as_ref().is_some_and(|underlined| {
        !words
            .iter()
            .any(|word| word.ends_with(&format!("[{underlined}]")))
    });
    let several = words.len() > 1;
    let wrong = verdicts != wanted || elsewhere || several;
    wrong.then(|| {
        let all: Vec<&str> = said.iter().map(|one| one.finding.rule.name).collect();
        format!("{}\n    check: {words:?} {all:?}\n", row.line)
    })
}

#[test]
fn check_says_what_the_table_says() {
    let rows = rows();
    let said = said(&rows);
    let none = Vec::new();
    let untrue: String = rows
        .iter()
        .filter_map(|row| untrue(row, said.get(&row.name).unwrap_or(&none)))
        .collect();
    assert!(untrue.is_empty(), "{untrue}");
}

#[test]
fn libvirt_does_what_the_table_says() {
    if !real_daemons() {
        eprintln!("skipped: the real libvirtd is asked only with KVMNET_REAL_DAEMONS=1");
        return;
    }
    let rows = rows();
    let mut untrue = String::new();
    for part in rows.chunks(AT_ONCE) {
        let report = report(part);
        for row in part {
            let line = |kind: &str, word: &str| report.contains(&format!("{kind}\t{word}"));
            let loaded = line("net", &format!("{}\t", row.name));
            let defined = line("define", &format!("{}.xml\tok", row.name));
            let started = line("start", &format!("{}\tstarted", row.name));
            let failed = line("start", &format!("{}\tfailed", row.name));
            let holds = match row.verdict {
                "refused" => !loaded && !defined,
                "undefinable" => loaded && !defined,
                "unstartable" => loaded && failed,
                "started" => loaded && defined && started,
                "ignored" => {
                    let dump = block(&report, &format!("net-dumpxml {}", row.name));
                    let part = row.underlined.as_deref();
                    loaded && defined && !part.is_some_and(|part| dump.contains(part))
                }
                _ => loaded && defined,
            };
            if !holds {
                let lines = report.lines().filter(|line| {
                    line.contains(&format!("\t{}", row.name))
                        || line.contains(&format!("'{}'", row.name))
                });
                let said: Vec<&str> = lines.collect();
                writeln!(
                    untrue,
                    "{}\n    {loaded} {defined} {started} {}",
                    row.line,
                    said.join("\n    ")
                )
                .unwrap();
            }
        }
    }
    assert!(untrue.is_empty(), "{untrue}");
}

/// Returns a block of a report.
pub(crate) fn block<'r>(report: &'r str, name: &str) -> &'r str {
    let begin = format!("\n<<< {name}\n");
    let (_, rest) = report.split_once(&*begin).unwrap_or_default();
    rest.split_once("\n>>>").unwrap_or_default().0
}

/// Shows networks to libvirtd, and lets it start those of which that is told.
fn report(rows: &[Row]) -> String {
    let tmp = root(rows);
    let mut command = Command::new("bash");
    command.arg(oracle("libvirt-load"));
    command.args(["--no-autostart", "--define", "--timeout", "400"]);
    for row in rows
        .iter()
        .filter(|row| matches!(row.verdict, "started" | "unstartable"))
    {
        command.args(["--start", &row.name]);
    }
    let output = command.arg(tmp.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 1 | 4)) && said.contains("\nresult\t"),
        "libvirt-load cannot tell ({code:?}): {}\n{said}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}
