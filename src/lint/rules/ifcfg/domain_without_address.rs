//! A DOMAIN in a file without addresses.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::host::layer3::Method;
use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "domain-without-address",
    severity: Severity::Error,
    readers: NM,
    finds: "A `DOMAIN` in an ifcfg file without an address, as in that of a port.",
    why: "NetworkManager refuses the whole file (`ipv6.dns-search: this property is not allowed for 'method=ignore'`), and the bridge\nor bond has no port. It takes DOMAIN for a setting of IPv6 where there is no IPv4.",
    example: "
DEVICE=ens33
BRIDGE=br0
DOMAIN=example.test",
    remedy: "Move it to the file that has the address, that of the bridge.",
    source: "check_dns_search_domains() in NetworkManager's nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles();
    let read = read.filter(|script| script.reader == Reader::NetworkManager);
    read.filter_map(finding).collect()
}

fn finding(script: &Script<'_>) -> Option<Finding> {
    script.value("DOMAIN")?;
    let method = script.value("BOOTPROTO").unwrap_or("");
    let v4 = script.reader.method(method, false) != Method::Manual
        || ["IPADDR", "IPADDR0", "IPADDR1", "IPADDR2"]
            .iter()
            .any(|key| script.get(key).is_some());
    let on = script
        .value("IPV6INIT")
        .is_some_and(|word| script.reader.is_yes("IPV6INIT", word));
    if v4 || on {
        return None;
    }
    let device = script.device();
    let message =
        format!("NetworkManager refuses the file of `{device}`: it has DOMAIN and no address");
    let above = ["BRIDGE", "MASTER", "TEAM_MASTER"]
        .iter()
        .find_map(|key| script.value(key));
    let help = match above {
        Some(above) => format!("move the line to the file of {above}"),
        None => "delete the line".to_owned(),
    };
    let found = RULE.finding(format!("interface {device}"), message);
    Some(found.at(script.place_of("DOMAIN")).help(help))
}
