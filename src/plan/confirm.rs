//! A change that takes itself back unless it is confirmed: the units by which systemd does it, and the marker without which they
//! do nothing. They are part of the plan, and shown as every other file.
//!
//! The service has one command only: systemd forgets the commands that are left of a service once its file is gone and anything
//! reloads the units (run with 252). The timer is started with the host, so that a power cut does not end the wait.
//!
//! Source: systemd.unit(5), systemd.service(5), systemd.timer(5); directives and escapes of version 219 alone (src/shared/util.c,
//! `unquote_first_word()`), which CentOS 7 has.

use std::fmt::Write as _;

use super::judge::Unjudged;
use super::next::arm;
use super::{PlanError, Run, Source, When, script, steps_after};
use crate::change::{Change, ChangeSet, Editor, Labels, Marks};
use crate::layout::kind_of;
use crate::op::Refusal;
use crate::tree::{Attrs, Entry, HostPath, Pick, Picker, Scope, Tree};

/// The name of the marker in kvmnet's folder.
pub const MARKER: &str = "unconfirmed";

/// The unit that takes the change back, the one that starts it in time, and the link that starts that with the host.
pub const UNITS: [&str; 3] = [
    "/etc/systemd/system/kvmnet-revert.service",
    "/etc/systemd/system/kvmnet-revert.timer",
    "/etc/systemd/system/timers.target.wants/kvmnet-revert.timer",
];

/// Where others may have units of these names, or settings for them: systemd.unit(5), "UNIT FILE LOAD PATH".
const FOLDERS: [&str; 7] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
];

/// Returns whether a name in one of these folders is one of the units, or has settings for them.
fn is_of_units(name: &str) -> bool {
    let names = ["kvmnet-revert.", "kvmnet-."];
    names.iter().any(|known| name.starts_with(known))
}

/// Where systemd lies.
const SYSTEMD: [&str; 2] = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

/// Where libvirt's networks are defined, and where it notes which are active.
const NETWORKS: &str = "/etc/libvirt/qemu/networks";
const ACTIVE: &str = "/run/libvirt/network";

/// What each of the files begins with.
const HEAD: &str = "# Written by kvmnet for a change that waits to be confirmed, and deleted with it: kvmnet confirm\n";

/// How a change waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// How long, in seconds.
    pub seconds: u64,
    /// Where the program lies that takes the change back.
    pub program: HostPath,
    /// User and group of the files.
    pub owner: (u32, u32),
    /// The command that waits.
    pub command: String,
}

/// Adds the marker and the units to a plan, and lets its next steps start the timer.
pub(super) fn add<S: Source>(
    source: &S,
    unjudged: &mut Unjudged<'_>,
    confirm: &Confirm,
    run: &Run,
) -> Result<(), PlanError<S::Error>> {
    let state = source.state_folder().map_err(PlanError::Unread)?;
    let marker = state.join(MARKER);
    let tree = source.files(&scope(&marker)).map_err(PlanError::Unread)?;
    ensure_free(&tree).map_err(|refusal| PlanError::refused(&tree, refusal))?;
    let script = going_back(unjudged, &confirm.program);
    let set = files(&tree, &marker, confirm, &script);
    let plan = &mut unjudged.plan;
    plan.waits = set.iter().map(|change| change.path.clone()).collect();
    plan.set.absorb(&set);
    plan.full.absorb(&set);
    plan.warnings.push(format!(
        "this change is rolled back {} after its timer is started, and after each boot, unless it is confirmed: kvmnet confirm",
        in_words(confirm.seconds)
    ));
    arm(&mut plan.next_steps, confirm.seconds, run);
    Ok(())
}

/// What is looked at.
fn scope(marker: &HostPath) -> Scope {
    let units: Picker = |name| match is_of_units(name) {
        true => Pick::Point,
        false => Pick::Skip,
    };
    // the folders as well: one that is a link leads elsewhere, and what is missing is made there
    let folders = ["/etc/systemd", "/etc/systemd/system"];
    let present = SYSTEMD.iter().chain(&UNITS).chain(&folders);
    Scope {
        folders: FOLDERS
            .iter()
            .map(|folder| (HostPath::literal(folder), units))
            .collect(),
        files: UNITS[..2]
            .iter()
            .map(|unit| HostPath::literal(unit))
            .collect(),
        present: present
            .map(|path| HostPath::literal(path))
            .chain([marker.clone()])
            .collect(),
    }
}

/// Refuses where systemd would not run the units as they are written.
fn ensure_free(tree: &Tree) -> Result<(), Refusal> {
    let is_there = |path: &&&'static str| tree.exists(&HostPath::literal(path));
    if !SYSTEMD.iter().any(|path| is_there(&path)) {
        let message = "nothing would roll the change back: there is no systemd under the root";
        return Err(Refusal::new(message).help("omit --confirm-within"));
    }
    if let Some(unit) = UNITS.iter().find(is_there) {
        let path = HostPath::literal(unit);
        let message = format!("{path} is there already, and is not replaced");
        let help = match tree.file(&path) {
            Some(file) if !is_own(&file.bytes) => {
                format!("move it away: mv {} /root/", path.word())
            }
            Some(_) | None => "remove what an earlier change left: kvmnet confirm".to_owned(),
        };
        return Err(Refusal::new(message).at(Some(&path), None).help(help));
    }
    for folder in FOLDERS {
        let mut names = tree.names_with(&HostPath::literal(folder), "kvmnet-");
        if let Some((_, file)) = names.find(|(name, _)| is_of_units(name)) {
            let message = format!("{file} changes the unit that rolls the change back");
            let help = format!("move it away: mv {} /root/", file.word());
            return Err(Refusal::new(message).at(Some(file), None).help(help));
        }
    }
    Ok(())
}

/// Returns the script that takes the change back, with what stops and starts around it.
fn going_back(unjudged: &Unjudged<'_>, program: &HostPath) -> String {
    let Unjudged { plan, tree, .. } = unjudged;
    let mut later = plan.full.apply_to(tree);
    // by then what is made is in use
    for change in plan.set.iter().filter(|change| change.before.is_none()) {
        let name = change.path.name();
        if change.path.folder().as_str() == NETWORKS && name.ends_with(".xml") {
            later.insert(HostPath::literal(ACTIVE).join(name), Entry::Unread);
        }
    }
    let inverse: ChangeSet = plan.set.inverse(|_| Labels::Exact(Marks::default()));
    // the service is what runs it: nothing is named by it
    let run = Run {
        command: String::new(),
        forced: true,
    };
    let steps = steps_after(&later, &inverse, "revert", &run);
    let once = format!("{program} rollback --unconfirmed --yes --force");
    // what was in the way may be gone a moment later
    let change = format!("{{ {once} || {{ sleep 20; {once}; }}; }}");
    match steps.iter().any(|step| step.when() == When::Around) {
        true => {
            let script = script(&steps, &format!("{change}; failed=$?"));
            format!("{script}; exit $failed")
        }
        false => script(&steps, &change),
    }
}

fn files(tree: &Tree, marker: &HostPath, confirm: &Confirm, script: &str) -> ChangeSet {
    let (uid, gid) = confirm.owner;
    let attrs = |mode| Attrs { mode, uid, gid };
    let [service, timer, link] = UNITS.map(|unit| real(tree, &HostPath::literal(unit)));
    let unit = |what: &str| {
        format!(
            "{HEAD}[Unit]\nDescription={what}\nConditionPathExists={marker}\nRequiresMountsFor={} {}\n",
            marker.folder(),
            confirm.program
        )
    };
    let service_text = format!(
        "{}\n[Service]\nType=oneshot\nExecStart=/bin/sh -c '{}'\n",
        unit("Roll back the network change that was not confirmed"),
        escaped(script)
    );
    let timer_text = format!(
        "{}\n[Timer]\nOnActiveSec={}s\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n",
        unit("Time in which the network change must be confirmed"),
        confirm.seconds
    );
    let marker_text = format!("{HEAD}{}\n", confirm.command);
    let mut editor = Editor::new(tree);
    let mut create = |path: &HostPath, text: String, mode| {
        editor.create(path, text.into_bytes(), attrs(mode), &path.folder());
    };
    create(marker, marker_text, 0o600);
    create(&service, service_text, 0o644);
    create(&timer, timer_text, 0o644);
    editor.link(&link, UNITS[1]);
    editor.finish()
}

/// Returns where a path leads, of which only the first folders may be there.
fn real(tree: &Tree, path: &HostPath) -> HostPath {
    let mut folder = path.folder();
    while folder.as_str() != "/" {
        let end = tree.real(&folder.join("x")).folder();
        if end != folder {
            let rest = path.as_str()[folder.as_str().len()..].split('/');
            let rest = rest.filter(|part| !part.is_empty());
            return rest.fold(end, |path, part| path.join(part));
        }
        folder = folder.folder();
    }
    path.clone()
}

/// Returns the text as it stands between single quotes in a line of a unit: systemd expands `%` and `$` there, too.
fn escaped(script: &str) -> String {
    let mut text = String::with_capacity(script.len());
    for c in script.chars() {
        match c {
            '\'' | '\\' => drop(write!(text, "\\{c}")),
            '%' | '$' => drop(write!(text, "{c}{c}")),
            '\n' => text.push_str("\\n"),
            _ => text.push(c),
        }
    }
    text
}

/// Returns a time in the unit that fits.
#[must_use]
pub fn in_words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        s if s % 3600 == 0 => (s / 3600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{s}")
}

/// Returns whether a change takes a file away by which one waits to be confirmed; `names` are the names of its path.
pub(super) fn ends_wait(change: &Change, names: &[HostPath], state: &HostPath) -> bool {
    let named = |path: &HostPath| {
        UNITS.contains(&path.as_str()) || (path.folder() == *state && path.name() == MARKER)
    };
    change.after.is_none() && (named(&change.path) || names.iter().any(named))
}

/// Returns whether the text of a unit or marker is one that kvmnet wrote.
#[must_use]
pub fn is_own(text: &[u8]) -> bool {
    text.starts_with(HEAD.as_bytes())
}

/// Returns whether a file belongs to a connection profile: each of these may hang on others.
#[must_use]
pub fn is_of_profile(path: &HostPath) -> bool {
    kind_of(path.as_str()).is_some_and(|kind| kind.format.is_some())
}

/// Returns the paths by which a change waits, in the order in which they go; `state` is kvmnet's folder.
#[must_use]
pub fn paths(state: &HostPath) -> Vec<HostPath> {
    let [service, timer, link] = UNITS.map(HostPath::literal);
    vec![state.join(MARKER), link, timer, service]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_means_the_same_to_systemd() {
        for (script, expected) in [
            ("a; b", "a; b"),
            ("kill 'x'", "kill \\'x\\'"),
            ("echo $x 5% \\n", "echo $$x 5%% \\\\n"),
        ] {
            assert_eq!(escaped(script), expected);
        }
    }

    #[test]
    fn times_are_said_in_their_unit() {
        for (seconds, expected) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (60, "1 minute"),
            (600, "10 minutes"),
            (7200, "2 hours"),
        ] {
            assert_eq!(in_words(seconds), expected);
        }
    }
}
