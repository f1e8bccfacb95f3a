//! Whose plan it is: host, root, command, who, when, and the hash by which it is known again; and what rules find.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::change::Hex;
use crate::cli::clock;
use crate::cli::command_line::user;
use crate::cli::planned::Planned;
use crate::cli::screen::Screen;
use crate::cli::site::Site;
use crate::lint::Diagnosis;
use crate::plan::{ChangedFindings, saved};
use crate::root::Root;
use crate::tree::HostPath;

/// Whose plan it is.
#[derive(Debug, Default, Serialize)]
pub(super) struct Facts {
    host: Option<String>,
    root: String,
    command: String,
    /// The command that applies the plan.
    apply: String,
    when: String,
    who: String,
    hash: String,
}

impl Facts {
    pub(super) fn of(screen: &Screen<'_>, root: &Root, planned: &Planned) -> Self {
        let site = &screen.site;
        let typed = |words: String| site.typed(&format!("kvmnet {words}")).into_owned();
        Self {
            host: host(root),
            root: site.root().unwrap_or("/").to_owned(),
            command: format!("kvmnet {}", planned.command()),
            apply: typed(format!("{} --yes", planned.applies)),
            when: clock::local_with_zone(clock::now(), &clock::zone(root)),
            who: user(),
            hash: hash(planned),
        }
    }
}

/// Whose files they are, and who read them.
#[derive(Debug, Serialize)]
pub(super) struct Whose {
    host: Option<String>,
    root: String,
    when: String,
    who: String,
}

/// Returns whose files they are.
pub(super) fn whose(screen: &Screen<'_>, root: &Root) -> Whose {
    Whose {
        host: host(root),
        root: screen.site.root().unwrap_or("/").to_owned(),
        when: clock::local_with_zone(clock::now(), &clock::zone(root)),
        who: user(),
    }
}

/// Returns the name of the host, as hostname(5) has it.
fn host(root: &Root) -> Option<String> {
    let text = root.read_file(&HostPath::literal("/etc/hostname")).ok()??;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut lines = text.lines().map(str::trim);
    let name = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    Some(name.to_owned())
}

/// Returns the SHA-256 of the plan as `--out` saves it: `sha256sum FILE` prints the same.
fn hash(planned: &Planned) -> String {
    let text = saved::write(&planned.plan, &planned.words);
    Hex(Sha256::digest(text.as_bytes()).to_vec()).into()
}

/// As many findings are named at most.
const MOST_FINDINGS: usize = 200;

/// What a rule finds that it did not find before, or no longer.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// `introduced` or `repaired`.
    state: &'static str,
    severity: &'static str,
    rule: &'static str,
    message: String,
    /// The file, and its line.
    place: Option<String>,
}

/// Returns what becomes of findings, and how many are not named.
pub(super) fn findings(found: &ChangedFindings, site: &Site) -> (Vec<Finding>, usize) {
    let introduced = found.introduced.iter().map(|d| ("introduced", d));
    let repaired = found.repaired.iter().map(|d| ("repaired", d));
    let all = found.introduced.len() + found.repaired.len();
    let named = introduced.chain(repaired).take(MOST_FINDINGS);
    let named: Vec<Finding> = named.map(|(state, d)| finding(state, d, site)).collect();
    let more = all - named.len();
    (named, more)
}

fn finding(state: &'static str, diagnosis: &Diagnosis, site: &Site) -> Finding {
    let finding = &diagnosis.finding;
    let place = finding.places.first().zip(diagnosis.located.first());
    Finding {
        state,
        severity: finding.rule.severity.word(),
        rule: finding.rule.name,
        message: site.typed(&finding.message).into_owned(),
        place: place.map(|(place, at)| match at.excerpt {
            Some(_) => place.path.with_line(Some(at.line)),
            None => place.path.to_string(),
        }),
    }
}
