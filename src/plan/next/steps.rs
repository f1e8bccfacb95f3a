//! Commands for a user to run, and how.

/// Commands under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextSteps {
    /// Which program they are for, and how they are to be run.
    pub heading: String,
    pub(super) how: Order,
}

/// How commands are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// One after another, once the files are written.
    InTurn(Vec<String>),
    /// As one command, with the change as a part of it.
    AsOne(AsOne),
}

/// Commands around a change that may cut off the session they are typed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AsOne {
    /// What is stopped or brought up around the change.
    pub(super) stop: Vec<String>,
    pub(super) start: Vec<String>,
    /// What starts things with the old files, where the change fails and `start` would not.
    pub(super) otherwise: Option<&'static str>,
    /// Whether the files must change in between.
    pub(super) swap_between: bool,
    pub(super) unit: String,
    pub(super) run: Run,
}

/// The change as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its words, without the program's name.
    pub command: String,
    /// Whether refusals that may be forced were: when it is done again, they are too.
    pub forced: bool,
}

/// When the commands are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Before anything is written: the change is part of the commands.
    Before,
    /// After the transaction of this number was applied.
    After(u64),
}

impl NextSteps {
    /// Returns commands that are run one after another.
    pub(in crate::plan) fn in_turn(heading: String, commands: Vec<String>) -> Self {
        Self {
            heading,
            how: Order::InTurn(commands),
        }
    }

    /// Returns commands around the change: the old files are there while things stop, the new ones while they start.
    pub(in crate::plan) fn around(
        heading: &str,
        stop: Vec<String>,
        start: Vec<String>,
        unit: &str,
        run: &Run,
    ) -> Self {
        Self {
            heading: heading.to_owned(),
            how: Order::AsOne(AsOne {
                stop,
                start,
                otherwise: None,
                swap_between: true,
                unit: unit.to_owned(),
                run: run.clone(),
            }),
        }
    }

    /// Returns the commands with one that is run where the change fails.
    pub(in crate::plan) fn or_else(mut self, otherwise: &'static str) -> Self {
        if let Order::AsOne(as_one) = &mut self.how {
            as_one.otherwise = Some(otherwise);
        }
        self
    }

    /// Returns the commands, one a line.
    #[must_use]
    pub fn commands(&self, timing: Timing) -> Vec<String> {
        match &self.how {
            Order::InTurn(commands) => commands.clone(),
            Order::AsOne(steps) => vec![steps.command_line(timing)],
        }
    }
}

/// Returns the text of a shell script that runs `change`, a complete command, with all `steps` around it: what stops before it, the
/// change once, what follows it.
///
/// What was stopped is started again even where the change fails; without anything to stop, nothing follows a change that fails.
#[must_use]
pub fn script(steps: &[NextSteps], change: &str) -> String {
    let (mut stop, mut start, mut otherwise) = (String::new(), Vec::new(), None);
    for step in steps {
        match &step.how {
            Order::InTurn(commands) => start.extend(commands.iter().map(String::as_str)),
            Order::AsOne(as_one) => {
                let down = as_one.stop.iter().map(String::as_str);
                match as_one.swap_between {
                    true => stop.extend(down.map(|step| format!("{step}; "))),
                    false => start.extend(down),
                }
                start.extend(as_one.start.iter().map(String::as_str));
                otherwise = otherwise.or(as_one.otherwise);
            }
        }
    }
    let start = start.join("; ");
    match (stop.is_empty(), start.is_empty(), otherwise) {
        (_, true, _) => format!("{stop}{change}"),
        (_, false, Some(otherwise)) => {
            format!("{stop}{change} && {{ {start}; }} || {otherwise}")
        }
        (false, false, None) => format!("{stop}{change}; {start}"),
        (true, false, None) => format!("{change} && {{ {start}; }}"),
    }
}

impl NextSteps {
    /// Returns the command that tells how it went, where the steps run out of sight.
    #[must_use]
    pub fn outcome(&self) -> Option<String> {
        match &self.how {
            Order::AsOne(steps) => Some(format!("journalctl -u 'kvmnet-{}-*'", steps.unit)),
            Order::InTurn(_) => None,
        }
    }
}

impl AsOne {
    /// Returns the change, and what is started behind it.
    fn then(&self, change: &str, start: &str) -> String {
        match self.otherwise {
            Some(otherwise) => format!("{change} && {{ {start}; }} || {otherwise}"),
            None => format!("{change}; {start}"),
        }
    }

    fn command_line(&self, timing: Timing) -> String {
        let stop: String = self.stop.iter().map(|step| format!("{step}; ")).collect();
        let start = self.start.join("; ");
        let down_and_up: Vec<&str> = self
            .stop
            .iter()
            .chain(&self.start)
            .map(String::as_str)
            .collect();
        let down_and_up = down_and_up.join("; ");
        let change = format!("kvmnet {} --yes", self.run.command);
        let steps = match timing {
            Timing::Before if self.swap_between => format!("{stop}{}", self.then(&change, &start)),
            Timing::Before => format!("{change}; {down_and_up}"),
            // nothing is stopped with the old files
            Timing::After(_) if self.stop.is_empty() => start,
            // the old files must be in place when the network stops: take the change back, stop, and do it again
            Timing::After(id) if self.swap_between => {
                let force = if self.run.forced { " --force" } else { "" };
                let again = self.then(&format!("kvmnet rollback --yes{force}"), &start);
                format!("kvmnet rollback {id} --yes && {{ {stop}{again}; }}")
            }
            Timing::After(_) => down_and_up,
        };
        let script = steps.replace('\'', "'\\''");
        // a unit that failed blocks the next of its name
        let unit = format!("kvmnet-{}-$(date +%s)", self.unit);
        format!("systemd-run --unit={unit} sh -c '{script}'")
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

    fn around(stop: &[&str], start: &[&str]) -> NextSteps {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        NextSteps::around("it", owned(stop), owned(start), "br0", &run())
    }

    #[test]
    fn a_script_runs_the_change_once_between_what_stops_and_what_starts() {
        let network = around(&["systemctl stop network"], &["systemctl start network"]);
        let libvirt = NextSteps::in_turn(
            "libvirt".to_owned(),
            vec!["systemctl reload-or-restart libvirtd".to_owned()],
        );
        let reload = around(&[], &["nmcli connection reload", "nmcli connection up a"]);
        let fallen = around(&["stop"], &["start"]).or_else("restart");
        for (steps, script_text) in [
            (vec![], "kvmnet x"),
            (
                vec![network.clone(), libvirt.clone()],
                "systemctl stop network; kvmnet x; systemctl start network; systemctl reload-or-restart libvirtd",
            ),
            (
                vec![libvirt],
                "kvmnet x && { systemctl reload-or-restart libvirtd; }",
            ),
            (
                vec![reload],
                "kvmnet x && { nmcli connection reload; nmcli connection up a; }",
            ),
            (vec![fallen], "stop; kvmnet x && { start; } || restart"),
        ] {
            assert_eq!(script(&steps, "kvmnet x"), script_text);
        }
    }
}
