//! Files that say of profiles just what NetworkManager has of them already, in its other format: a migration, and its rollback.
//!
//! Source: run, with 1.42 and both of its plugins, of a card with addresses and routes, one with DHCP, a bridge with its port and a file
//! without a UUID, there and back: `nmcli connection reload` alone keeps every connection active, with its addresses and routes, and
//! has it from the new file.

use super::service::Written;
use super::steps::{NextSteps, Run};
use crate::host::profile::Profile;
use crate::layout::{self, About};
use crate::plan::migrate::is_said;
use crate::readers::Program;

/// What is to be known of the steps.
const REMARK: &str = "now or with the next boot: no connection goes down";

/// Returns the commands, if nothing is said but what was said before.
pub(super) fn steps(
    written: Written<'_>,
    (old, new): (&[&Profile], &[&Profile]),
    unit: &str,
    run: &Run,
) -> Option<NextSteps> {
    let Written { tree, set } = written;
    let all = |profiles: &[&Profile], of_nm: bool| {
        let mut profiles = profiles.iter();
        profiles.all(|profile| profile.home.backend.is_of_network_manager() == of_nm)
    };
    let after = || set.apply_to(tree);
    let is_same = match (all(old, true), all(new, true)) {
        (true, false) if all(new, false) => is_said(tree, old, &after(), new),
        (false, true) if all(old, false) => is_said(&after(), new, tree, old),
        (_, _) => false,
    };
    if !is_same {
        return None;
    }
    let mut changes = set.iter();
    let conf = changes.any(|change| {
        let kind = layout::kind_of(change.path.as_str());
        kind.is_some_and(|kind| kind.about == About::Unmanaged)
    });
    Some(reload(conf, unit, run))
}

/// Returns the commands that have NetworkManager read its profiles, and with `conf` what it leaves alone: `reload` reads no
/// configuration of its own anew (run).
pub(in crate::plan) fn reload(conf: bool, unit: &str, run: &Run) -> NextSteps {
    let conf = conf.then_some("nmcli general reload conf");
    let commands = conf.into_iter().chain(["nmcli connection reload"]);
    let commands = commands.map(str::to_owned).collect();
    NextSteps::after(Program::NetworkManager.name(), commands, unit, run).with_remark(REMARK)
}
