//! Commands for a user to run: what they are for, when they are run, whom they interrupt, and how they are typed.
//!
//! Either they come *after* the change, or they go *around* it: then the old files must be there while things stop.

mod one_go;

pub use one_go::{in_one_go, script};

use crate::backend::{shell_word, single_quoted};

/// Commands of one reader of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextSteps {
    /// The program that takes the files into use.
    pub reader: &'static str,
    /// What is to be known of them.
    pub remark: Option<String>,
    /// Whose link or network goes down meanwhile: `ens33`, `guest vm1`, `network default`.
    pub interrupts: Vec<String>,
    /// What is run while the old files are there.
    before: Vec<String>,
    /// What is run once the new ones are.
    after: Vec<String>,
    /// What starts things with the old files, where the change fails and `after` would not.
    otherwise: Option<&'static str>,
    cut: Cut,
    /// The name of the unit that runs them out of sight.
    unit: String,
    run: Run,
    /// What must hold for the steps that follow, and for the change where it is one of them.
    condition: Option<String>,
    /// Whether they are run also where the condition of the first does not hold.
    in_any_case: bool,
    /// Of a change that waits to be confirmed, how long, in seconds; it is the first that starts the timer.
    arm: Option<(u64, First)>,
}

/// Whether steps are the first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Yes,
    No,
}

/// What starts the timer that rolls the change back: before anything is touched that it may have to bring back. One that elapsed
/// for an earlier change is active still, and `start` does nothing to it (run, 252).
const ARM: &str = "systemctl daemon-reload && systemctl restart kvmnet-revert.timer";

/// Lets the first of the steps start the timer of a change that waits so many seconds to be confirmed.
pub(in crate::plan) fn arm(steps: &mut Vec<NextSteps>, seconds: u64, run: &Run) {
    if steps.is_empty() {
        steps.push(NextSteps::after("systemd", Vec::new(), "timer", run));
    }
    let mut first = First::Yes;
    for step in steps.iter_mut().filter(|step| step.condition.is_none()) {
        step.arm = Some((seconds, first));
        first = First::No;
    }
}

/// Which commands may cut off the session that they are typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// None.
    Never,
    /// The last one: whatever it asked for goes on without it.
    Last,
    /// One that others follow.
    Before,
}

/// The change as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its words, without the program's name.
    pub command: String,
    /// Whether refusals that may be forced were: when it is done again, they are too.
    pub forced: bool,
}

/// Whether the change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Nothing is written yet.
    Before,
    /// It was applied as the transaction of this number.
    After(u64),
}

/// When the commands of a reader are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The change is one of them: `around`.
    Around,
    /// The files are written: `after`.
    After,
}

impl When {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Around => "around",
            Self::After => "after",
        }
    }
}

/// One line that is pasted into a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub command: String,
    /// The command that tells how it went, where it runs out of sight.
    pub outcome: Option<String>,
}

impl NextSteps {
    /// Returns commands that are run one after another, once the files are written.
    pub(in crate::plan) fn after(
        reader: &'static str,
        after: Vec<String>,
        unit: &str,
        run: &Run,
    ) -> Self {
        Self {
            reader,
            remark: None,
            interrupts: Vec::new(),
            before: Vec::new(),
            after,
            otherwise: None,
            cut: Cut::Never,
            // a shell finds no meaning in it, nor does systemd
            unit: unit.replace(
                |c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c),
                "_",
            ),
            run: run.clone(),
            condition: None,
            in_any_case: false,
            arm: None,
        }
    }

    /// Returns the commands, after which all others are run only if `condition` holds.
    pub(super) fn going_on_if(self, condition: String) -> Self {
        let condition = Some(condition);
        Self { condition, ..self }
    }

    /// Returns the commands, which are run at the end, whether the condition of the first held or not.
    pub(super) fn in_any_case(self) -> Self {
        let in_any_case = true;
        Self {
            in_any_case,
            ..self
        }
    }

    /// Returns whether there are no commands.
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// Returns whether they start the timer.
    fn starts_timer(&self) -> bool {
        matches!(self.arm, Some((_, First::Yes)))
    }

    /// Returns commands around the change: the old files are there while things stop, the new ones while they start.
    pub(in crate::plan) fn around(
        reader: &'static str,
        before: Vec<String>,
        after: Vec<String>,
        unit: &str,
        run: &Run,
    ) -> Self {
        Self {
            before,
            cut: Cut::Before,
            ..Self::after(reader, after, unit, run)
        }
    }

    /// Returns the commands, of which the last may cut off the session: what it asks for goes on without it.
    pub(super) fn cut_by_last(self) -> Self {
        Self {
            cut: Cut::Last,
            ..self
        }
    }

    /// Returns the commands, of which any may cut off the session.
    pub(in crate::plan) fn cut_by_any(self) -> Self {
        let cut = match self.after.len() {
            0 | 1 => Cut::Last,
            _ => Cut::Before,
        };
        Self { cut, ..self }
    }

    /// Returns the commands with one that is run where the change fails.
    pub(in crate::plan) fn or_else(self, otherwise: &'static str) -> Self {
        Self {
            otherwise: Some(otherwise),
            ..self
        }
    }

    /// Returns the commands with what is to be known of them.
    pub(in crate::plan) fn with_remark(self, remark: &str) -> Self {
        Self {
            remark: Some(remark.to_owned()),
            ..self
        }
    }

    /// Returns the commands with those whom they interrupt.
    pub(in crate::plan) fn interrupting(self, interrupts: Vec<String>) -> Self {
        Self { interrupts, ..self }
    }

    /// Puts a command before those that follow the change.
    pub(in crate::plan) fn first(&mut self, command: &str) {
        self.after.insert(0, command.to_owned());
    }

    /// Returns when the commands are run.
    #[must_use]
    pub fn when(&self) -> When {
        match self.before.is_empty() {
            true => When::After,
            false => When::Around,
        }
    }

    /// Returns the commands, one a line, in this order; `program` is how kvmnet is called.
    ///
    /// Around a change that was made already they take it back, stop, make it again by its number, and start: the files of
    /// before must be there when things stop.
    #[must_use]
    pub fn commands(&self, timing: Timing, program: &str) -> Vec<Line> {
        let program = shell_word(program);
        let this = std::slice::from_ref(self);
        match (self.when(), timing) {
            (When::Around, Timing::Before) => {
                let change = format!("{program} {} --yes", self.run.command);
                let change = self.with_timer(change, &program);
                vec![self.out_of_sight("", &script(this, &change))]
            }
            (When::Around, Timing::After(id)) => {
                let (again, force) = (id + 1, if self.run.forced { " --force" } else { "" });
                // what is rolled back waits no more
                let within = self
                    .arm
                    .map(|(seconds, _)| format!(" --confirm-within {seconds}s"));
                let within = within.unwrap_or_default();
                let change = format!("{program} rollback {again} --yes{force}{within}");
                let change = self.with_timer(change, &program);
                let back = format!("{program} rollback {id} --yes >/dev/null && ");
                vec![self.out_of_sight(&back, &script(this, &change))]
            }
            (When::After, _) if self.cut == Cut::Before => {
                let timer = match self.starts_timer() {
                    true => format!("{ARM} && "),
                    false => String::new(),
                };
                vec![self.out_of_sight(&timer, &self.after.join("; "))]
            }
            (When::After, _) if self.starts_timer() => {
                vec![Line::in_sight(match self.after.as_slice() {
                    [] => ARM.to_owned(),
                    [one] => format!("{ARM} && {one}"),
                    all => format!("{ARM} && {{ {}; }}", all.join("; ")),
                })]
            }
            // they wait for one another
            (When::After, _) if self.condition.is_some() => {
                vec![Line::in_sight(self.after.join("; "))]
            }
            (When::After, _) => self.after.iter().map(Line::in_sight).collect(),
        }
    }

    /// Returns a change between what stops and what starts, with the timer started behind it: if that fails, nothing would take the
    /// change back, and so it is taken back at once.
    fn with_timer(&self, change: String, program: &str) -> String {
        match self.starts_timer() {
            true => format!(
                "{change} && {{ {{ {ARM}; }} || {program} rollback --unconfirmed --yes --force; }}"
            ),
            false => change,
        }
    }

    /// Returns a line that goes on when the session that it is typed in is lost.
    fn out_of_sight(&self, first: &str, script: &str) -> Line {
        // a unit that failed blocks the next of its name
        let unit = format!("\"kvmnet-{}-$(date +%s)\"", self.unit);
        // systemd takes `$$` for `$`, and `${NAME}` for a variable (systemd.service(5))
        let script = script.replace("$$", "$$$$").replace("${", "$${");
        let script = single_quoted(&script);
        Line {
            command: format!("{first}systemd-run --unit={unit} sh -c {script}"),
            outcome: Some(format!("journalctl -u 'kvmnet-{}-*'", self.unit)),
        }
    }
}

impl Line {
    fn in_sight(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            outcome: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run {
            command: "bridge add br0 --port ens33".to_owned(),
            forced: false,
        }
    }

    fn owned(all: &[&str]) -> Vec<String> {
        all.iter().map(|one| (*one).to_owned()).collect()
    }

    fn around(before: &[&str], after: &[&str]) -> NextSteps {
        NextSteps::around("it", owned(before), owned(after), "br0", &run())
    }

    fn after(commands: &[&str]) -> NextSteps {
        NextSteps::after("it", owned(commands), "br0", &run())
    }

    const STOP: &str = "systemctl stop network";
    const START: &str = "systemctl start network";
    const RESTART: &str = "systemctl restart network";
    const RELOAD: &str = "systemctl reload-or-restart libvirtd";

    #[test]
    fn a_script_runs_the_change_once_between_what_stops_and_what_starts() {
        let network = around(&[STOP], &[START]);
        let reload = after(&["nmcli connection reload", "nmcli connection up a"]);
        let fallen = around(&["stop"], &["start"]).or_else("restart");
        for (steps, text) in [
            (vec![], "kvmnet x"),
            (
                vec![network, after(&[RELOAD])],
                "systemctl stop network; kvmnet x; systemctl start network; systemctl reload-or-restart libvirtd",
            ),
            (
                vec![after(&[RELOAD])],
                "kvmnet x && systemctl reload-or-restart libvirtd",
            ),
            (
                vec![reload],
                "kvmnet x && { nmcli connection reload; nmcli connection up a; }",
            ),
            (
                vec![fallen],
                "stop; if kvmnet x; then start; else restart; fi",
            ),
        ] {
            assert_eq!(script(&steps, "kvmnet x"), text);
        }
    }

    #[test]
    fn one_line_makes_the_change_and_goes_on_without_its_session() {
        const CHANGE: &str = "/opt/kvmnet bridge add br0 --port ens33 --yes";
        const RUN: &str = "systemd-run --unit=\"kvmnet-br0-$(date +%s)\" sh -c";
        let restart = || after(&[RESTART]).cut_by_last();
        for (steps, line) in [
            (
                vec![restart()],
                format!("{CHANGE} && systemctl restart network"),
            ),
            (
                vec![restart(), after(&[RELOAD])],
                format!("{CHANGE} && {RUN} 'systemctl restart network; {RELOAD}'"),
            ),
            (
                vec![after(&["reload", "up"]).cut_by_any()],
                format!("{CHANGE} && {RUN} 'reload; up'"),
            ),
            (
                vec![after(&["reload"]).cut_by_any()],
                format!("{CHANGE} && reload"),
            ),
            (
                vec![around(&[STOP], &[START]), after(&[RELOAD])],
                format!("{RUN} '{STOP}; {CHANGE}; {START}; {RELOAD}'"),
            ),
        ] {
            let found = in_one_go(&steps, "/opt/kvmnet").unwrap();
            assert_eq!(found.command, line);
            assert_eq!(found.outcome.is_some(), line.contains("systemd-run"));
        }
        assert_eq!(in_one_go(&[], "kvmnet"), None);
    }

    #[test]
    fn the_timer_is_started_before_what_it_may_bring_back_or_nothing_is_changed() {
        let timer = "systemctl daemon-reload && systemctl restart kvmnet-revert.timer";
        for (step, line) in [
            (
                after(&[RESTART]).cut_by_last(),
                format!("kvmnet bridge add br0 --port ens33 --yes && {timer} && {RESTART}"),
            ),
            (
                around(&[STOP], &[START]),
                format!(
                    "systemd-run --unit=\"kvmnet-br0-$(date +%s)\" sh -c '{STOP}; kvmnet bridge add br0 --port ens33 --yes && \
                     {{ {{ {timer}; }} || kvmnet rollback --unconfirmed --yes --force; }}; {START}'"
                ),
            ),
        ] {
            let mut steps = vec![step, after(&[])];
            arm(&mut steps, 600, &run());
            assert_eq!(in_one_go(&steps[..1], "kvmnet").unwrap().command, line);
            assert!(!steps[1].starts_timer());
        }
        let mut none = Vec::new();
        arm(&mut none, 600, &run());
        assert_eq!(
            none[0].commands(Timing::After(1), "kvmnet")[0].command,
            timer
        );
    }

    #[test]
    fn what_was_done_is_done_again_by_its_number() {
        let lines = around(&[STOP], &[START]).commands(Timing::After(7), "kvmnet");
        assert_eq!(
            lines[0].command,
            "kvmnet rollback 7 --yes >/dev/null && systemd-run --unit=\"kvmnet-br0-$(date +%s)\" sh -c \
             'systemctl stop network; kvmnet rollback 8 --yes; systemctl start network'"
        );
        let lines = after(&["a", "b"]).commands(Timing::After(7), "kvmnet");
        assert_eq!(lines.len(), 2);
        let odd = NextSteps::after("it", owned(&["a$$b ${c} $(d)", "e"]), "a$(b)", &run());
        let odd = odd.cut_by_any().commands(Timing::Before, "kvmnet");
        assert_eq!(
            odd[0].command,
            "systemd-run --unit=\"kvmnet-a__b_-$(date +%s)\" sh -c 'a$$$$b $${c} $(d); e'"
        );
        let odd = around(&["echo 'a'"], &[]).commands(Timing::Before, "/opt/my kvmnet");
        assert!(
            odd[0].command.ends_with(
                "sh -c 'echo '\\''a'\\''; \"/opt/my kvmnet\" bridge add br0 --port ens33 --yes'"
            ),
            "{odd:?}"
        );
    }
}
