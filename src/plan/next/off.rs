//! Guests that must be off before something is touched, or read their files anew.

use super::steps::{NextSteps, Run};
use crate::backend::shell_word;
use crate::host::Host;
use crate::op;
use crate::plan::live::domain;

/// As long a guest may take to shut down, in seconds.
const PATIENCE: u32 = 600;

/// A guest that runs, and must be off for a while.
pub(super) struct Off {
    name: String,
    /// How virsh is told which one it is.
    word: String,
    /// Whether it has a file, and so can be started again.
    stays: bool,
}

/// Returns the guests that run with a macvtap on what joins or leaves a bridge.
pub(super) fn guests(host: &Host, after: &Host) -> Vec<Off> {
    let names = op::running_on(host, &op::other_roles(host, after));
    let of = |name: &String| {
        let guest = host.guests().find(|guest| guest.name == *name);
        Off {
            name: name.clone(),
            word: guest.map_or_else(|| shell_word(name), domain),
            stays: guest.is_some(),
        }
    };
    names.iter().map(of).collect()
}

impl Off {
    /// Returns the name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn shut_down(&self) -> String {
        format!("virsh shutdown {}", self.word)
    }

    fn is_off(&self) -> String {
        let word = &self.word;
        match self.stays {
            true => format!("[ \"$(LC_ALL=C virsh domstate {word})\" = 'shut off' ]"),
            false => format!("! virsh domstate {word} >/dev/null 2>&1"),
        }
    }
}

/// Puts around `steps` what shuts guests down before what they keep busy is touched, and starts them again.
pub(super) fn around(
    guests: &[Off],
    steps: Vec<NextSteps>,
    unit: &str,
    run: &Run,
) -> Vec<NextSteps> {
    if guests.is_empty() {
        return steps;
    }
    let all: Vec<String> = guests.iter().map(Off::is_off).collect();
    let all = all.join(" && ");
    let commands = guests.iter().map(Off::shut_down).chain([wait(&all)]);
    let told = |guest: &Off| match guest.stays {
        true => format!("guest {}", guest.name),
        false => format!("guest {} (gone for good: it has no file)", guest.name),
    };
    let first = NextSteps::after("libvirt", commands.collect(), unit, run)
        .interrupting(guests.iter().map(told).collect())
        .going_on_if(all);
    let again = guests.iter().filter(|guest| guest.stays);
    let again: Vec<String> = again
        .map(|guest| format!("virsh start {}", guest.word))
        .collect();
    let last = NextSteps::after("libvirt", again, unit, run).in_any_case();
    let last = (!last.is_empty()).then_some(last);
    let steps = std::iter::once(first).chain(steps);
    steps.chain(last).collect()
}

/// Returns the command by which a guest reads its file anew.
pub(super) fn off_and_on(word: &str) -> String {
    let guest = Off {
        name: String::new(),
        word: word.to_owned(),
        stays: true,
    };
    let (shut_down, wait) = (guest.shut_down(), wait(&guest.is_off()));
    format!("{shut_down} && {wait}; virsh start {word}")
}

/// Returns a command that waits until a condition holds, but not for ever.
fn wait(condition: &str) -> String {
    format!("n=0; until {condition} || [ $((n=n+1)) -gt {PATIENCE} ]; do sleep 1; done")
}

#[cfg(test)]
mod tests {
    use super::super::steps::{arm, in_one_go};
    use super::*;

    fn off(name: &str, stays: bool) -> Off {
        Off {
            name: name.to_owned(),
            word: name.to_owned(),
            stays,
        }
    }

    /// All are told first; without them being off nothing is changed; those that can be are started in any case.
    #[test]
    fn the_change_waits_for_guests_and_these_come_back() {
        let run = Run {
            command: "bridge add br0 --port ens33 --force".to_owned(),
            forced: true,
        };
        let restart = vec!["systemctl restart network".to_owned()];
        let own = NextSteps::after("network-scripts", restart, "br0", &run).cut_by_last();
        let guests = [off("a", true), off("t", false)];
        let mut steps = around(&guests, vec![own], "br0", &run);
        arm(&mut steps, 600, &run);
        let line = in_one_go(&steps, "kvmnet").unwrap().command;
        let both = "[ \"$(LC_ALL=C virsh domstate a)\" = '\\''shut off'\\'' ] && ! virsh domstate t >/dev/null 2>&1";
        let expected = format!(
            "'virsh shutdown a; virsh shutdown t; n=0; until {both} || [ $((n=n+1)) -gt 600 ]; do sleep 1; done; \
             if {both}; then kvmnet bridge add br0 --port ens33 --force --yes && systemctl daemon-reload && \
             systemctl restart kvmnet-revert.timer && systemctl restart network; fi; virsh start a'"
        );
        assert!(line.ends_with(&expected), "{line}\n{expected}");
    }
}
