//! What the kernel command line lets the initramfs do with interfaces, before any file of the host is read.
//!
//! Only names are taken from it. Sources: dracut.cmdline(7); `ip_to_var()`, parse-ip-opts.sh and parse-bridge.sh of dracut's
//! network modules; the Boot Loader Specification (`options`), grubenv (`kernelopts`), kernel-install(8) (/etc/kernel/cmdline).

use super::At;
use crate::tree::{HostPath, Pick, Picker, Tree};

/// Where boot loaders have their entries.
const ENTRIES: &str = "/boot/loader/entries";
/// What is in force at the next boot, then what entries are made of.
const FILES: &[&str] = &[
    "/boot/grub2/grubenv",
    "/boot/grub/grubenv",
    "/etc/kernel/cmdline",
    "/etc/default/grub",
];

/// The most words of a command line that are looked at: the kernel's has 2048 bytes (`COMMAND_LINE_SIZE` on x86).
const MOST_WORDS: usize = 512;
/// The most lines of all files that are looked at; hosts have a handful of kernels.
const MOST_LINES: usize = 64;

/// What the initramfs is asked to configure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The interface of this name.
    Name(String),
    /// The card with this hardware address, in lower case with colons.
    Mac(String),
    /// Every card that there is.
    Any,
}

/// A word of a command line that lets the initramfs configure an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What.
    pub asked: Asked,
    /// The word.
    pub word: String,
    /// Where.
    pub at: At,
    /// The bridge that the same command line makes over it.
    pub over: Option<String>,
    /// Whether the same command line makes a bridge of that name.
    pub made: bool,
}

/// Returns the folders that are listed.
pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    vec![(HostPath::literal(ENTRIES), |name| {
        match name.ends_with(".conf") {
            true => Pick::Read,
            false => Pick::Skip,
        }
    })]
}

/// Returns the files that are read.
pub(super) fn files() -> Vec<HostPath> {
    FILES.iter().map(|path| HostPath::literal(path)).collect()
}

/// Returns what the command lines of the tree ask for, those in force first.
pub(super) fn find(tree: &Tree) -> Vec<Ask> {
    let entries = HostPath::literal(ENTRIES);
    let entries = tree.names(&entries).map(|(_, path)| path.clone());
    let mut asks = Vec::new();
    let mut lines = 0;
    for path in entries.chain(files()) {
        let Some(file) = tree.file(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&file.bytes);
        for (line, number) in text.lines().zip(1..) {
            let Some(words) = command_line(&path, line) else {
                continue;
            };
            lines += 1;
            if lines > MOST_LINES {
                return asks;
            }
            let at = At {
                path: path.clone(),
                line: Some(number),
            };
            asks.extend(asked(words, &at));
        }
    }
    asks
}

/// Returns the part of a line that is a kernel command line.
fn command_line<'t>(path: &HostPath, line: &'t str) -> Option<&'t str> {
    let line = line.trim_start();
    if line.starts_with('#') {
        return None;
    }
    match path.as_str() {
        "/etc/kernel/cmdline" => Some(line),
        "/etc/default/grub" => {
            let (key, value) = line.split_once('=')?;
            let key = key
                .strip_prefix("export ")
                .unwrap_or(key)
                .trim_end_matches('+');
            let known = matches!(key, "GRUB_CMDLINE_LINUX" | "GRUB_CMDLINE_LINUX_DEFAULT");
            known.then_some(value)
        }
        path if path.starts_with(ENTRIES) => {
            let rest = line.strip_prefix("options")?;
            rest.starts_with(char::is_whitespace).then_some(rest)
        }
        _ => line.strip_prefix("kernelopts="),
    }
}

fn asked(text: &str, at: &At) -> Vec<Ask> {
    let words = text.split(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .collect();
    let mut bridges: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut wanted: Vec<(Asked, &str)> = Vec::new();
    let off = words.contains(&"rd.bootif=0");
    let no_network = words.contains(&"rd.neednet=0");
    for word in &words {
        if let Some(value) = word.strip_prefix("bridge=") {
            let (name, ports) = value.split_once(':').unwrap_or((value, ""));
            bridges.push((name, ports.split(',').collect()));
        } else if let Some(value) = word.strip_prefix("ip=") {
            wanted.extend(device(value).map(|asked| (asked, *word)));
        } else if let Some(value) = word.strip_prefix("BOOTIF=").filter(|_| !off) {
            wanted.extend(mac(value).map(|mac| (Asked::Mac(mac), *word)));
        } else if let Some(value) = word.strip_prefix("bootdev=") {
            wanted.push((Asked::Name(value.to_owned()), word));
        }
    }
    // without `ip=` the address that the boot server saw is of no use
    let addresses = words.iter().any(|word| word.starts_with("ip="));
    let needed = words
        .iter()
        .any(|word| matches!(*word, "rd.neednet" | "rd.neednet=1"));
    if no_network || !(addresses || needed) {
        return Vec::new();
    }
    let ask = |(asked, word): (Asked, &str)| {
        let name = match &asked {
            Asked::Name(name) => name.as_str(),
            Asked::Mac(_) | Asked::Any => "",
        };
        let over = bridges.iter().find(|(_, ports)| ports.contains(&name));
        Ask {
            over: over.map(|(bridge, _)| (*bridge).to_owned()),
            made: bridges.iter().any(|(bridge, _)| *bridge == name),
            word: word.to_owned(),
            at: at.clone(),
            asked,
        }
    };
    wanted.into_iter().map(ask).collect()
}

/// Returns the interface that the value of `ip=` configures; `None` where it configures none that is known.
fn device(value: &str) -> Option<Asked> {
    let parts = parts(value);
    let is_method = |part: &str| {
        let mut words = part.split(',');
        words.all(|word| METHODS.contains(&word))
    };
    let named = |name: &str| match name {
        "" => Asked::Any,
        name => Asked::Name(name.to_owned()),
    };
    match parts.as_slice() {
        ["ibft" | "none" | "off" | ""] | [] => None,
        [method] if is_method(method) => Some(Asked::Any),
        // an address alone goes with `ksdevice=`
        [_] => None,
        [name, method, ..] if is_method(method) => Some(named(name)),
        [_, _, _, _, _, name, rest @ ..] => {
            let ibft = rest.first() == Some(&"ibft");
            (!ibft).then(|| named(name))
        }
        _ => None,
    }
}

/// The words by which an interface gets its addresses.
const METHODS: &[&str] = &[
    "any",
    "auto",
    "auto6",
    "dhcp",
    "dhcp4",
    "dhcp6",
    "either6",
    "link-local",
    "link6",
    "on",
    "single-dhcp",
];

/// Splits at colons; an IPv6 address in brackets is one part.
fn parts(value: &str) -> Vec<&str> {
    let (mut parts, mut start, mut within) = (Vec::new(), 0, false);
    for (at, c) in value.char_indices() {
        match c {
            '[' => within = true,
            ']' => within = false,
            ':' if !within => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    parts
}

/// Returns the hardware address in `BOOTIF=01-52-54-00-12-34-56`: behind the type of the hardware, by dashes.
fn mac(value: &str) -> Option<String> {
    let spelled = value.replace('-', ":").to_ascii_lowercase();
    let bytes: Vec<&str> = spelled.split(':').collect();
    let last = bytes.len().checked_sub(6)?;
    let hex = |byte: &&str| byte.len() == 2 && byte.bytes().all(|b| b.is_ascii_hexdigit());
    let own = &bytes[last..];
    (last <= 1 && own.iter().all(hex)).then(|| own.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let path = HostPath::literal("/etc/kernel/cmdline");
        let found = asked(text, &At::file(path)).into_iter();
        found
            .map(|ask| {
                let asked = match ask.asked {
                    Asked::Name(name) => name,
                    Asked::Mac(mac) => mac,
                    Asked::Any => "*".to_owned(),
                };
                let over = ask.over.map(|over| format!("<{over}"));
                asked + &over.unwrap_or_default() + if ask.made { "!" } else { "" }
            })
            .collect()
    }

    #[test]
    fn every_spelling_of_ip_names_its_interface() {
        for (word, name) in [
            ("ip=dhcp", "*"),
            ("ip=on", "*"),
            ("ip=dhcp,dhcp6", "*"),
            ("ip=ens33:dhcp", "ens33"),
            ("ip=ens33:auto6:9000", "ens33"),
            ("ip=ens33:dhcp:1500:52:54:00:12:34:56", "ens33"),
            (
                "ip=192.168.1.5::192.168.1.1:255.255.255.0:h:ens33:none",
                "ens33",
            ),
            (
                "ip=192.168.1.5::192.168.1.1:255.255.255.0::ens33:off:1500",
                "ens33",
            ),
            ("ip=192.168.1.5::192.168.1.1:255.255.255.0:::none", "*"),
            ("ip=[2001:db8::5]::[2001:db8::1]:64:h:ens33:none", "ens33"),
            ("ip=:::::ens33:dhcp", "ens33"),
            (
                "rd.neednet=1 BOOTIF=01-52-54-00-12-34-5A",
                "52:54:00:12:34:5a",
            ),
            ("ip=ens33:dhcp bridge=br0:ens33,ens34", "ens33<br0"),
            ("ip=br0:dhcp bridge=br0:ens33", "br0!"),
        ] {
            assert_eq!(names(word), [name], "{word}");
        }
        for none in [
            "ip=ibft",
            "ip=none",
            "ip=192.168.1.5",
            "ip=:::::ens33:ibft",
            "BOOTIF=01-52-54-00-12-34-56",
            "rd.neednet=1 BOOTIF=rubbish",
            "rd.neednet=1 rd.bootif=0 BOOTIF=01-52-54-00-12-34-56",
            "rd.neednet=0 ip=ens33:dhcp",
            "zip=ens33:dhcp",
            "ip=",
        ] {
            assert!(names(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn each_file_has_its_own_form() {
        let of = |path: &'static str, line| command_line(&HostPath::literal(path), line);
        let grub = "/etc/default/grub";
        assert_eq!(of(grub, "GRUB_CMDLINE_LINUX=\"ip=a\""), Some("\"ip=a\""));
        assert_eq!(of(grub, "#GRUB_CMDLINE_LINUX=\"ip=a\""), None);
        assert_eq!(of(grub, "GRUB_TERMINAL=\"ip=a\""), None);
        let entry = "/boot/loader/entries/x.conf";
        assert_eq!(of(entry, "options ip=a"), Some(" ip=a"));
        assert_eq!(of(entry, "title ip=a"), None);
        assert_eq!(of("/boot/grub2/grubenv", "kernelopts=ip=a"), Some("ip=a"));
        assert_eq!(of("/boot/grub2/grubenv", "saved_entry=x"), None);
        assert_eq!(of("/etc/kernel/cmdline", "ip=a"), Some("ip=a"));
    }
}
