//! What several operations refuse, or say, in one spelling each.

use std::fmt::Display;

use super::Refusal;
use crate::host::value::MacAddress;

/// How a sentence about what does not exist begins.
const ABSENT: &str = "there is no ";
/// The most names that a sentence lists.
const LISTED: usize = 8;

/// Says that what a command names does not exist.
#[must_use]
pub fn absent(what: &str, name: &str) -> String {
    format!("{ABSENT}{what} `{}`", shown(name))
}

/// Returns whether a sentence is one of [`absent`].
#[must_use]
pub fn is_absent(sentence: &str) -> bool {
    sentence.starts_with(ABSENT)
}

/// Says which names there are: the first eight of them, and how many more.
#[must_use]
pub fn listed(names: &[&str]) -> Option<String> {
    let first = names.iter().take(LISTED);
    let first: Vec<String> = first.map(|name| format!("`{}`", shown(name))).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("there is {}", first[0])),
        2..=LISTED => Some(format!("there are {}", first.join(", "))),
        count => Some(format!(
            "there are {} and {} more",
            first.join(", "),
            count - LISTED
        )),
    }
}

/// Says who uses something: guests and networks by their names, in that order.
pub(super) fn users(guests: &[&str], networks: &[&str]) -> String {
    let of = |word: &str, names: &[&str]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        match names.len() {
            0 => None,
            1 => Some(format!("the {word} {}", quoted[0])),
            _ => Some(format!("the {word}s {}", quoted.join(", "))),
        }
    };
    let all = [of("guest", guests), of("network", networks)];
    all.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Refuses a name that the kernel gives to no interface.
///
/// Source: `sysctl_dev_name_is_allowed()` of net/ipv4/devinet.c and net/ipv6/addrconf.c, since Linux 4.16.
pub(super) fn ensure_allowed(name: &str) -> Result<(), Refusal> {
    match name {
        "all" | "default" => {
            let by = "the kernel: it stands for interfaces in net.ipv4.conf";
            Err(taken(name, by).help("choose another name"))
        }
        _ => Ok(()),
    }
}

/// Refuses a name that something else has.
pub(super) fn taken(name: &str, by: impl Display) -> Refusal {
    Refusal::new(format!("the name `{name}` is taken by {by}"))
}

/// Refuses a hardware address that something else has.
pub(super) fn mac_taken(mac: MacAddress, by: impl Display) -> Refusal {
    Refusal::new(format!("the MAC address {mac} is taken by {by}"))
        .help("omit --mac to have one generated")
}

/// Refuses a hardware address that no interface can have.
pub(super) fn ensure_can_be_mac(mac: MacAddress) -> Result<(), Refusal> {
    if mac.is_multicast() || mac.is_zero() {
        let message = format!("{mac} is not a valid MAC address of an interface");
        return Err(Refusal::new(message).help("give one such as 52:54:00:12:34:56"));
    }
    Ok(())
}

/// Refuses an interface that cannot be the port of a bridge.
pub(super) fn cannot_be_port(name: &str, because: impl Display) -> Refusal {
    Refusal::new(format!(
        "`{name}` cannot be the port of a bridge: it {because}"
    ))
}

/// Returns what names the interface of a profile.
pub(super) fn named_in(interface: &impl Display) -> String {
    format!("interface-name={interface}")
}

/// Returns a name as a message can hold it: control characters spelled out.
pub(super) fn shown(name: &str) -> String {
    let spelled = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    name.chars().map(spelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_is_known_by_its_sentence() {
        assert_eq!(absent("bridge", "br9"), "there is no bridge `br9`");
        assert_eq!(absent("network", "a\nb"), "there is no network `a\\nb`");
        assert!(is_absent(&absent("guest", "vm9")));
        assert!(!is_absent("the guest `vm9` has no interface"));
    }

    #[test]
    fn names_are_listed_up_to_eight() {
        let names: Vec<String> = (1..=10).map(|n| format!("br{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(listed(&[]), None);
        assert_eq!(listed(&names[..1]).unwrap(), "there is `br1`");
        assert_eq!(listed(&names[..2]).unwrap(), "there are `br1`, `br2`");
        assert!(listed(&names).unwrap().ends_with("`br8` and 2 more"));
    }

    #[test]
    fn users_are_named_by_kind() {
        assert_eq!(users(&["vm1"], &[]), "the guest `vm1`");
        assert_eq!(
            users(&["vm1", "vm2"], &["lan"]),
            "the guests `vm1`, `vm2` and the network `lan`"
        );
    }
}
