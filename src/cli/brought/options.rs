//! Options that other programs have, and where an option may stand.

use std::net::IpAddr;

use super::Answer;
use super::answer::finished;
use super::line::{Given, Line, command, definition, has};
use crate::cli::words::masked;

/// What an option of another program is here.
#[derive(Clone, Copy, Debug)]
enum Means {
    /// The word behind the command.
    First,
    /// The last word.
    Last,
    /// This option.
    Is(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// The length of the prefix of what this option gives.
    Mask(&'static str),
    /// The host's own address in the subnet.
    Gateway,
    /// This command, whatever else was typed.
    Command(&'static str),
}

/// Options, the commands for which that holds, and what they are.
const ROWS: &[(&[&str], &[&str], Means)] = &[
    (&["--version", "-V"], &[""], Means::Command("--version")),
    (&["--diff"], &[""], Means::Is("--dry-run")),
    (
        &[
            "--simulate",
            "--noop",
            "--no-act",
            "--what-if",
            "--preview",
            "--plan",
        ],
        &[""],
        Means::Is("--dry-run"),
    ),
    (
        &[
            "-Y",
            "--auto-approve",
            "--noconfirm",
            "--non-interactive",
            "--no-confirm",
        ],
        &[""],
        Means::Is("--yes"),
    ),
    (&["-o", "--output", "--save"], &[""], Means::Is("--out")),
    (
        &["--all"],
        &["show"],
        Means::Nothing("all are shown anyway"),
    ),
    // what hangs on what is drawn as a whole
    (&["--tree"], &["show"], Means::Command("show --tree")),
    (&["--svg"], &["show"], Means::Command("show --svg FILE")),
    (&["--html"], &["show"], Means::Command("show --html FILE")),
    (
        &["--config", "--persistent"],
        &[""],
        Means::Nothing("kvmnet edits files, which is what is asked for"),
    ),
    (
        &["--name", "--bridge", "--br", "--master"],
        &["bridge"],
        Means::First,
    ),
    (
        &["--name", "--network", "--net"],
        &["network"],
        Means::First,
    ),
    (
        &["--name", "--guest", "--vm", "--domain"],
        &["guest"],
        Means::First,
    ),
    (&["--dev", "--ifname"], &["bridge add"], Means::Is("--port")),
    (
        &[
            "--port",
            "--ports",
            "--iface",
            "--interface",
            "--nic",
            "--dev",
            "--ifname",
        ],
        &["bridge add-port", "bridge remove-port"],
        Means::Last,
    ),
    (
        &["--addr", "--cidr"],
        &["bridge add"],
        Means::Is("--address"),
    ),
    (
        &["--addr", "--address", "--ip"],
        &["network"],
        Means::Is("--subnet"),
    ),
    (
        &["--netmask", "--mask", "--prefix"],
        &["bridge add"],
        Means::Mask("--address"),
    ),
    (
        &["--netmask", "--mask", "--prefix"],
        &["network"],
        Means::Mask("--subnet"),
    ),
    (&["--gateway", "--gw"], &["network"], Means::Gateway),
    (&["--type"], &["network"], Means::Is("--mode")),
    (&["--range"], &["network"], Means::Is("--dhcp")),
    (
        &["--disable"],
        &["network set"],
        Means::Is("--no-autostart"),
    ),
    (&["--dev", "--ifname"], &["guest"], Means::Is("--interface")),
];

/// Answers a line with an option that its command does not have, or not where it stands.
pub(super) fn answer(line: &Line) -> Option<Answer> {
    let mut mended = line.clone();
    let mut whys = Vec::new();
    for given in &line.options {
        let (names, command) = command(definition(), &mended.words);
        if has(command, &given.name) {
            continue;
        }
        let means = meaning(&given.name, &names.join(" "))?;
        mended.options.retain(|other| other != given);
        match means {
            Means::Command(words) => {
                return Some(Answer {
                    message: None,
                    help: vec![format!("kvmnet {words}")],
                });
            }
            Means::Nothing(why) => whys.push(format!("{} has no place here: {why}", given.name)),
            Means::First | Means::Last | Means::Is(_) | Means::Mask(_) | Means::Gateway => {
                apply(means, given, names.len(), &mut mended)?;
            }
        }
    }
    if mended == *line {
        return None;
    }
    let help: Vec<String> = finished(mended).iter().map(Line::command).collect();
    (!help.is_empty()).then(|| Answer {
        message: whys.into_iter().next(),
        help,
    })
}

/// Returns what an option is for the command with these names.
fn meaning(name: &str, names: &str) -> Option<Means> {
    let within = |command: &&str| {
        let rest = names.strip_prefix(*command);
        rest.is_some_and(|rest| command.is_empty() || rest.is_empty() || rest.starts_with(' '))
    };
    let mut rows = ROWS.iter();
    let found =
        rows.find(|(known, commands, _)| known.contains(&name) && commands.iter().any(within));
    found.map(|(_, _, means)| *means)
}

/// Puts what an option means into a line whose command has so many words.
fn apply(means: Means, given: &Given, at: usize, line: &mut Line) -> Option<()> {
    match means {
        Means::First => line.words.insert(at, given.value.clone()?),
        Means::Last => line.words.extend(
            given
                .value
                .iter()
                .flat_map(|v| v.split(','))
                .map(str::to_owned),
        ),
        Means::Is(name) => {
            let mut options = line.options.iter();
            if !options.any(|other| other.name == name) {
                line.options.push(Given {
                    name: name.to_owned(),
                    value: given.value.clone(),
                });
            }
        }
        Means::Mask(of) => {
            let mask = given.value.as_deref()?;
            let other = address(line, of)?;
            other.value = Some(with_mask(other.value.as_deref()?, mask)?);
        }
        Means::Gateway => {
            let gateway: IpAddr = given.value.as_deref()?.parse().ok()?;
            let other = address(line, "--subnet")?;
            let net: ipnet::IpNet = other.value.as_deref()?.parse().ok()?;
            let whole = net.contains(&gateway) && net.addr() == net.network();
            other.value = Some(format!(
                "{}/{}",
                whole.then_some(gateway)?,
                net.prefix_len()
            ));
        }
        Means::Nothing(_) | Means::Command(_) => {}
    }
    Some(())
}

/// Returns the option that gives an address, under whichever of its names.
fn address<'l>(line: &'l mut Line, option: &str) -> Option<&'l mut Given> {
    let names = [option, "--address", "--ip", "--addr", "--cidr"];
    let mut options = line.options.iter_mut();
    options.find(|given| names.contains(&given.name.as_str()))
}

/// Returns an address with the length of a netmask, or with a length.
pub(super) fn with_mask(address: &str, mask: &str) -> Option<String> {
    let bare: IpAddr = address.parse().ok()?;
    let net = match mask.trim_start_matches('/').parse::<u8>() {
        Ok(length) => ipnet::IpNet::new(bare, length).ok()?,
        Err(_) => masked(&format!("{address}/{mask}"))?,
    };
    Some(net.to_string())
}
