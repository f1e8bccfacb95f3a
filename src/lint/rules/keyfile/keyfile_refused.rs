//! A keyfile that NetworkManager refuses for what it says.

use std::net::IpAddr;

use uuid::Uuid;

use super::document::Keyfile;
use crate::host::value::{InterfaceName, IpNet};
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::KEYFILES;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A keyfile that NetworkManager refuses because of a line that is wrong or missing.",
    why: "The interface has no profile, and only the log says so. One wrong line is enough for the whole file.",
    example: "
[connection]
id=br0
type=bridge
interface-name=br0

[ipv4]
method=manual                 and no address",
    remedy: "Correct the line that is shown; nmcli --offline connection modify <FILE says what NetworkManager makes of it.",
    source: "nm_keyfile_read() in NetworkManager's nm-keyfile.c, verify() of its settings (each case run with 1.42)",
    check: Check::Files(check),
    fix: None,
};

const METHODS: &[&str] = &[
    "auto",
    "dhcp",
    "disabled",
    "ignore",
    "link-local",
    "manual",
    "shared",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = unparsed(sight);
    for keyfile in sight.keyfiles.iter().filter(|keyfile| keyfile.is_profile()) {
        if let Some((why, place)) = malformed(keyfile).or_else(|| wrong(keyfile)) {
            found.push(finding(keyfile.path, &why, place));
        }
    }
    found
}

fn finding(path: &HostPath, why: &str, place: Place) -> Finding {
    let message = format!("NetworkManager refuses `{}`: {why}", path.name());
    RULE.finding(path.as_str(), message)
        .at(place)
        .help("correct this, then: nmcli connection reload")
}

/// Files that are no text of this kind at all.
fn unparsed(sight: &Sight<'_>) -> Vec<Finding> {
    let names = sight.tree.names(&HostPath::literal(KEYFILES));
    let lost = names.filter(|(name, path)| {
        let profile = name.ends_with(".nmconnection") && !name.starts_with('.');
        profile && sight.tree.file(path).is_some()
    });
    lost.filter(|(_, path)| !sight.keyfiles.iter().any(|keyfile| keyfile.path == *path))
        .map(|(_, path)| finding(path, "it is not a keyfile", Place::line(path, 1)))
        .collect()
}

/// GKeyFile takes groups, entries, comments and nothing else.
fn malformed(keyfile: &Keyfile<'_>) -> Option<(String, Place)> {
    if keyfile.text.starts_with('\u{feff}') {
        return Some((
            "it begins with a byte order mark".to_owned(),
            Place::line(keyfile.path, 1),
        ));
    }
    let mut grouped = false;
    for (line, number) in keyfile.text.lines().zip(1..) {
        let line = line.trim();
        let why = match line.chars().next() {
            None | Some('#') => continue,
            Some('[') if line.ends_with(']') => {
                grouped = true;
                continue;
            }
            Some(_) if !grouped => "text before the first group",
            Some(_) if !line.contains('=') => "a line that is neither a group nor an entry",
            Some(_) => continue,
        };
        return Some((why.to_owned(), Place::line(keyfile.path, number)));
    }
    None
}

fn wrong(keyfile: &Keyfile<'_>) -> Option<(String, Place)> {
    let at = |section: &str, key: &str| keyfile.place_of(section, key);
    let Some(kind) = keyfile.get("connection", "type") else {
        let place = at("connection", "id");
        return Some(("it has no type".to_owned(), place));
    };
    let uuid = keyfile.ini.get_from(Some("connection"), "uuid");
    if let Some(uuid) = uuid.filter(|uuid| Uuid::try_parse(uuid).is_err()) {
        return Some((
            format!("`{uuid}` is not a valid UUID"),
            at("connection", "uuid"),
        ));
    }
    let name = keyfile.get("connection", "interface-name");
    if let Some(Err(error)) = name.map(InterfaceName::parse) {
        return Some((error.to_string(), at("connection", "interface-name")));
    }
    let own = |group: &str| keyfile.ini.section(Some(group)).is_some();
    if matches!(kind, "bridge" | "vlan") && !own(kind) {
        let why = format!("a {kind} without the group [{kind}]");
        return Some((why, at("connection", "type")));
    }
    ["ipv4", "ipv6"]
        .into_iter()
        .find_map(|family| wrong_addressing(keyfile, family))
}

fn wrong_addressing(keyfile: &Keyfile<'_>, family: &str) -> Option<(String, Place)> {
    let method = keyfile.get(family, "method")?;
    let place = keyfile.place_of(family, "method");
    if !METHODS.contains(&method) {
        return Some((format!("it does not know the method `{method}`"), place));
    }
    let section = keyfile.ini.section(Some(family))?;
    let addressed = section.iter().any(|(key, value)| {
        let key = key.trim_end_matches(|c: char| c.is_ascii_digit());
        let first = value.split([',', ';']).next().unwrap_or("").trim();
        let address = first.parse::<IpNet>().is_ok() || first.parse::<IpAddr>().is_ok();
        matches!(key, "address" | "addresses") && address
    });
    match method {
        "manual" if !addressed => Some((format!("{family} is manual, but has no address"), place)),
        "disabled" if addressed => {
            Some((format!("{family} is disabled, but has an address"), place))
        }
        _ => None,
    }
}
