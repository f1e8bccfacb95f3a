//! Values of options as other programs have them.

use std::net::{IpAddr, Ipv4Addr};

use super::Answer;
use super::answer::finished;
use super::line::{Given, Line};
use super::options::with_mask;

/// Modes of networks that other programs have, why kvmnet does not, and what may be meant.
const MODES: &[(&[&str], &str, &[&str])] = &[
    (
        &["private"],
        "in libvirt that is a kind of macvtap, which kvmnet does not make",
        &["isolated"],
    ),
    (&["internal", "none", "isolate"], "", &["isolated"]),
    (
        &["macvtap", "passthrough", "vepa", "hostdev", "direct"],
        "kvmnet makes no networks that give guests a card without a bridge; it connects them through one of the host",
        &["bridge"],
    ),
    (&["masquerade", "default", "user"], "", &["nat"]),
    (
        &["dhcp", "static"],
        "a network of libvirt has a mode, and DHCP by itself",
        &["nat", "isolated"],
    ),
];

/// Answers a value, `wrong`, that the option `about` does not take.
pub(super) fn answer(line: &Line, about: &str, wrong: &str) -> Option<Answer> {
    let name = about.split(' ').next().unwrap_or_default();
    let given = line.options.iter().find(|given| same(&given.name, name))?;
    let value = given.value.as_deref().unwrap_or_default();
    match name {
        "--mode" => mode(line, given),
        "--subnet" | "--address" => masked(line).or_else(|| prefix(line, given, wrong)),
        "--dhcp" => dhcp(line, given, value),
        "--interface" => guest(line),
        "--explain" | "--only" | "--skip" | "--fix" => Some(Answer {
            message: Some(format!("there is no rule `{wrong}`")),
            help: vec!["list the rules: kvmnet check --list".to_owned()],
        }),
        _ => None,
    }
}

/// Returns whether an option as it was typed is one that clap names.
fn same(typed: &str, name: &str) -> bool {
    const ALIASES: &[(&str, &[&str])] = &[
        ("--mode", &["--forward"]),
        ("--subnet", &["--cidr"]),
        ("--address", &["--ip"]),
        ("--dhcp", &["--dhcp-range"]),
        ("--interface", &["--iface", "--nic"]),
    ];
    let known = |(option, aliases): &(&str, &[&str])| *option == name && aliases.contains(&typed);
    typed == name || ALIASES.iter().any(known)
}

fn mode(line: &Line, given: &Given) -> Option<Answer> {
    let value = given.value.as_deref()?.to_ascii_lowercase();
    let mut modes = MODES.iter();
    let (_, why, modes) = modes.find(|(typed, ..)| typed.contains(&value.as_str()))?;
    let mut found = Answer {
        message: (!why.is_empty()).then(|| format!("there is no mode `{value}`: {why}")),
        help: Vec::new(),
    };
    for mode in *modes {
        found.help.extend(with(line, given, Some(mode)));
    }
    (!found.help.is_empty()).then_some(found)
}

/// Answers an address whose netmask is the next word, or another option.
pub(super) fn masked(line: &Line) -> Option<Answer> {
    let is_mask = |word: &String| {
        let mask = word.parse::<Ipv4Addr>().ok();
        mask.is_some_and(|mask| mask.octets()[0] == 255)
    };
    let at = line.words.iter().position(is_mask);
    let names = ["--netmask", "--mask", "--prefix"];
    let mask = match at {
        Some(at) => line.words[at].clone(),
        None => line.value(&names)?.to_owned(),
    };
    let mut line = line.clone();
    if let Some(at) = at {
        line.words.remove(at);
    }
    line.options
        .retain(|given| !names.contains(&given.name.as_str()));
    let mut options = line.options.iter().cloned();
    let (given, whole) = options.find_map(|given| {
        let whole = with_mask(given.value.as_deref()?, &mask)?;
        Some((given, whole))
    })?;
    answered(with(&line, &given, Some(&whole)))
}

/// Answers an address without the length of its prefix: which one it is, only the user knows.
fn prefix(line: &Line, given: &Given, value: &str) -> Option<Answer> {
    let address: IpAddr = value.parse().ok()?;
    let length = if address.is_ipv4() { 24 } else { 64 };
    // it may be one of several
    let all = given.value.as_deref()?.split(',');
    let all = all.map(|part| match part == value {
        true => format!("{address}/{length}"),
        false => part.to_owned(),
    });
    let all: Vec<String> = all.collect();
    let help = with(line, given, Some(&all.join(",")));
    let help = help.into_iter();
    answered(
        help.map(|command| format!("if it is a /{length}: {command}"))
            .collect(),
    )
}

/// Answers ranges without their network, and what turns DHCP on and off elsewhere.
fn dhcp(line: &Line, given: &Given, value: &str) -> Option<Answer> {
    match value.to_ascii_lowercase().as_str() {
        "" | "on" | "yes" | "true" | "1" => {
            return Some(Answer {
                message: Some("--dhcp needs a range of addresses: without it DHCP runs, with a range that fits".to_owned()),
                help: with(line, given, None),
            });
        }
        "off" | "no" | "none" | "false" | "0" => {
            let mut line = line.clone();
            line.options.retain(|other| other != given);
            line.options.push(Given {
                name: "--no-dhcp".to_owned(),
                value: None,
            });
            return answered(finished(line).iter().map(Line::command).collect());
        }
        _ => {}
    }
    let (first, last) = value.split_once(['-', ','])?;
    let (first, last) = (first.trim(), last.trim());
    let subnet = line.value(&["--subnet", "--cidr"]).unwrap_or_default();
    let base = match first.parse::<Ipv4Addr>() {
        Ok(address) => address,
        Err(_) => subnet.split('/').next()?.parse().ok()?,
    };
    let [a, b, c, _] = base.octets();
    let whole = |end: &str| match end.parse::<u8>() {
        Ok(octet) => Some(Ipv4Addr::new(a, b, c, octet)),
        Err(_) => end.parse().ok(),
    };
    let range = format!("{}-{}", whole(first)?, whole(last)?);
    answered(with(line, given, Some(&range)))
}

/// Answers what is none of a guest's interfaces.
fn guest(line: &Line) -> Option<Answer> {
    let guest = line.words.get(2)?;
    let list = Line {
        words: ["show", "guests", guest].map(str::to_owned).to_vec(),
        options: Vec::new(),
    };
    let lists = finished(list).into_iter();
    answered(
        lists
            .map(|list| format!("see its interfaces: {}", list.command()))
            .collect(),
    )
}

/// Returns the commands with another value of an option, or without it.
fn with(line: &Line, given: &Given, value: Option<&str>) -> Vec<String> {
    let mut line = line.clone();
    match value {
        Some(value) => {
            let mut options = line.options.iter_mut();
            if let Some(own) = options.find(|other| *other == given) {
                own.value = Some(value.to_owned());
            }
        }
        None => line.options.retain(|other| other != given),
    }
    finished(line).iter().map(Line::command).collect()
}

fn answered(help: Vec<String>) -> Option<Answer> {
    (!help.is_empty()).then_some(Answer {
        message: None,
        help,
    })
}
