//! Static routes of `route-*` and `route6-*` files as `routeN` of a keyfile.
//!
//! Source: `parse_route_line()` and `read_one_ip4_route()` in nms-ifcfg-rh-reader.c, ifup-routes, ip-route(8).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::comments::comment_of;
use super::loss::{Loss, Weight};
use super::made::{Line, Made};
use super::route_words::{Bad, File, Route, read_options};
use super::source::Source;
use crate::backend::ifcfg::{Reader, address_v4};
use crate::doc::shell::ShellDoc;
use crate::host::value::IpNet;

/// Writes the routes of a file.
pub(super) fn write(file: &File<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    let group = if file.v6 { "ipv6" } else { "ipv4" };
    let mut number = 1
        + (1..)
            .take_while(|n| made.get(group, &format!("route{n}")).is_some())
            .count();
    let mut add = |route: Route, from: Line, losses: &mut Vec<Loss>| {
        for words in &route.lost {
            losses.push(lost(
                file,
                from.1,
                words,
                "an option that keyfiles have no word for",
                Weight::Light,
            ));
        }
        made.raw(group, format!("route{number}"), route.text(), [from]);
        if !route.options.is_empty() {
            let options = route
                .options
                .iter()
                .map(|(key, value)| format!("{key}={value}"));
            let options: Vec<String> = options.collect();
            made.raw(
                group,
                format!("route{number}_options"),
                options.join(","),
                [from],
            );
        }
        number += 1;
    };
    if is_assigned(file) {
        for (line, route) in assigned(file) {
            match route {
                Ok(route) => add(route, (file.number, line), losses),
                Err(bad) => losses.push(refused(file, line, "the route", bad)),
            }
        }
        return;
    }
    for (line, at) in file.text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(comment) = comment_of(line) {
            let meant = "a comment that ip(8) takes for an argument, so that the line has no effect today; from now on it has";
            losses.push(lost(file, at, comment, meant, Weight::Light));
        }
        match parsed(line, file) {
            Ok(route) => add(route, (file.number, at), losses),
            Err(bad) => losses.push(refused(file, at, line, bad)),
        }
    }
}

fn lost(file: &File<'_>, line: u32, what: &str, meant: &str, weight: Weight) -> Loss {
    Loss {
        at: file.path.clone(),
        line: Some(line),
        what: what.to_owned(),
        meant: meant.to_owned(),
        instead: None,
        weight,
    }
}

/// Says why a route is in no keyfile: what NetworkManager passes over is not in force.
fn refused(file: &File<'_>, line: u32, what: &str, bad: Bad) -> Loss {
    let weight = match file.reader {
        Reader::NetworkManager => Weight::Idle,
        Reader::NetworkScripts | Reader::Unknown => bad.weight,
    };
    lost(file, line, what, &bad.why, weight)
}

impl Route {
    /// Returns destination, gateway and metric.
    fn text(&self) -> String {
        let none = if self.to.addr().is_ipv4() {
            "0.0.0.0"
        } else {
            "::"
        };
        let via = self.via.map(|via| via.to_string());
        match (via, self.metric) {
            (None, None) => self.to.to_string(),
            (Some(via), None) => format!("{},{via}", self.to),
            (via, Some(metric)) => {
                format!(
                    "{},{},{metric}",
                    self.to,
                    via.unwrap_or_else(|| none.to_owned())
                )
            }
        }
    }
}

/// One line `ADDRESSn=` makes the whole file of this form.
fn is_assigned(file: &File<'_>) -> bool {
    !file.v6
        && file.text.lines().any(|line| {
            let rest = line.trim_start().strip_prefix("ADDRESS");
            let name = rest
                .and_then(|rest| rest.split_once('='))
                .map(|(name, _)| name);
            name.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

fn assigned(file: &File<'_>) -> Vec<(u32, Result<Route, Bad>)> {
    let doc = ShellDoc::parse(file.text);
    let source = Source::of(file.path, &doc, file.reader, file.number);
    let mut found = Vec::new();
    for index in 0.. {
        let key = |name: &str| format!("{name}{index}");
        let (Some(address), Some((_, line))) =
            (source.text(&key("ADDRESS")), source.line(&key("ADDRESS")))
        else {
            break;
        };
        let text = |name: &str| source.text(&key(name));
        let net = address_v4(address, None, text("NETMASK"));
        let by_prefix = || address_v4(address, text("PREFIX"), None);
        let net = match text("NETMASK") {
            Some(_) => net,
            None => by_prefix().filter(|_| text("PREFIX").is_some()),
        };
        let no_mask = || Bad::from("a route whose mask is missing or not valid".to_owned());
        let route = net.ok_or_else(no_mask);
        let route = route.and_then(|to| {
            let via = text("GATEWAY").map(str::parse).transpose();
            let via = via.map_err(|_| "a route whose gateway is not valid".to_owned())?;
            let mut route = Route {
                to,
                via: via.filter(|via: &IpAddr| !via.is_unspecified()),
                metric: text("METRIC")
                    .filter(|_| file.reader != Reader::NetworkScripts)
                    .and_then(|metric| metric.parse().ok()),
                options: BTreeMap::new(),
                lost: Vec::new(),
            };
            read_options(text("OPTIONS").unwrap_or_default(), &mut route, file)?;
            Ok(route)
        });
        found.push((line, route));
    }
    found
}

/// Returns the route that a line of arguments of `ip route` names.
fn parsed(line: &str, file: &File<'_>) -> Result<Route, Bad> {
    let any: IpNet = if file.v6 { "::/0" } else { "0.0.0.0/0" }
        .parse()
        .map_err(|_| String::new())?;
    let mut route = Route {
        to: any,
        via: None,
        metric: None,
        options: BTreeMap::new(),
        lost: Vec::new(),
    };
    let found = read_options(line, &mut route, file)?;
    route.to = found.ok_or_else(|| "a route without a destination".to_owned())?;
    Ok(route)
}
