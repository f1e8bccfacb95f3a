//! A zone of firewalld whose file cannot be read as XML.

use super::at;
use crate::backend::references::is_zone;
use crate::host::{Broken, Cause};
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "zone-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A firewalld zone whose file is not well-formed.",
    why: "firewalld passes the file over and says so in its log alone: the zone is missing, or is as the package brings it, and
interfaces that it names are in the default zone.",
    example: "
/etc/firewalld/zones/public.xml
  <zone>
    <service name='ssh'>
  </zone>",
    remedy: "Correct the file at the place that is shown: firewall-cmd --check-config tells more.",
    source: "_loader() in firewalld's core/fw.py, zone_reader() in core/io/zone.py",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let broken = meaning.host.broken.iter();
    let zones = broken.filter(|broken| broken.cause == Cause::Fault && is_zone(&broken.path));
    zones.map(finding).collect()
}

fn finding(broken: &Broken) -> Finding {
    let message = format!("firewalld does not load this zone: {}", broken.why);
    let finding = at(RULE.finding(broken.path.as_str(), message), broken);
    finding.help("correct this place")
}
