//! What an ifcfg file has ethtool do: `[ethtool]`, and the part of `[ethernet]` that is about the link.
//!
//! Source: `parse_ethtool_options()` in nms-ifcfg-rh-reader.c and `nms_ifcfg_rh_utils_get_ethtool_by_name()` (run); ethtool(8).

use super::loss::{Loss, Weight};
use super::made::Made;
use super::source::Source;
use crate::backend::ifcfg::Reader;
use crate::host::value::MacAddress;

/// What ethtool is told about the card itself.
#[derive(Default)]
struct Link {
    wake: Option<u32>,
    password: Option<String>,
    auto: Option<bool>,
    speed: Option<u32>,
    duplex: Option<&'static str>,
}

/// The bit of `wake-on-lan` that nothing touches it.
const WAKE_IGNORE: u32 = 0x8000;

/// Writes `[ethtool]`, and what of `[ethernet]` is about the link.
pub(super) fn write(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    const KEY: &str = "ETHTOOL_OPTS";
    let mut link = Link::default();
    let mut lost = Vec::new();
    match source.any(KEY) {
        Some("") => link.wake = Some(WAKE_IGNORE),
        Some(options) => {
            for part in options.split(';') {
                option(part, &mut link, made, source, &mut lost);
            }
        }
        None => {}
    }
    if source.text("ETHTOOL_WAKE_ON_LAN") == Some("ignore") {
        link.wake = Some(WAKE_IGNORE);
    }
    let line = source
        .line(KEY)
        .or_else(|| source.line("ETHTOOL_WAKE_ON_LAN"));
    let mut set = |name: &str, value: String| made.set("ethernet", name, value, line);
    if let Some(wake) = link.wake {
        set("wake-on-lan", wake.to_string());
    }
    // a password is for magic packets alone
    if let Some(password) = link.password.filter(|_| link.wake.unwrap_or(0) & 0x40 != 0) {
        set("wake-on-lan-password", password);
    }
    if link.auto == Some(true) {
        set("auto-negotiate", "true".to_owned());
    }
    // NetworkManager takes the two together, or none: verify() in nm-setting-wired.c
    match (link.speed, link.duplex) {
        (Some(speed), Some(duplex)) => {
            set("speed", speed.to_string());
            set("duplex", duplex.to_owned());
        }
        (Some(_), None) => lost.push("speed without duplex".to_owned()),
        (None, Some(_)) => lost.push("duplex without speed".to_owned()),
        (None, None) => {}
    }
    losses.extend(lost.into_iter().map(|what| Loss {
        at: source.path.clone(),
        line: line.map(|(_, line)| line),
        meant: format!("`{what}` of ethtool"),
        what: KEY.to_owned(),
        instead: Some(format!(
            "a dispatcher script that runs `ethtool`, for `{what}`"
        )),
        weight: Weight::Light,
    }));
}

/// What ethtool's options for a part of the card are called, and which part it is.
const PARTS: &[(&[&str], Part)] = &[
    (&["-K", "--features", "--offload"], Part::Feature),
    (&["-A", "--pause"], Part::Pause),
    (&["-G", "--set-ring"], Part::Ring),
    (&["-C", "--coalesce"], Part::Coalesce),
];

/// A part of the card.
#[derive(Clone, Copy)]
enum Part {
    Feature,
    Pause,
    Ring,
    Coalesce,
}

impl Part {
    /// Returns the key that a word of ethtool becomes.
    fn key(self, word: &str, reader: Reader) -> Option<String> {
        let listed = |names: &[&str], start: &str| {
            let known = names.contains(&word);
            known.then(|| format!("{start}-{word}"))
        };
        match self {
            Self::Feature => {
                let renamed = RENAMED.iter().find(|(kernel, _)| *kernel == word);
                let renamed = renamed.map(|(_, name)| format!("feature-{name}"));
                renamed.or_else(|| listed(FEATURES, "feature"))
            }
            // NetworkManager's words for it are not those of ethtool
            Self::Pause if reader == Reader::NetworkScripts => {
                listed(&["autoneg", "rx", "tx"], "pause")
            }
            Self::Pause => {
                let known = ["pause-autoneg", "pause-rx", "pause-tx"].contains(&word);
                known.then(|| word.to_owned())
            }
            Self::Ring => listed(&["rx", "rx-jumbo", "rx-mini", "tx"], "ring"),
            Self::Coalesce => listed(COALESCE, "coalesce"),
        }
    }

    /// Returns the value of a key that a value of ethtool becomes.
    fn value(self, word: &str) -> Option<String> {
        let switch = match word {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        };
        match self {
            Self::Feature | Self::Pause => switch.map(|on| on.to_string()),
            Self::Ring | Self::Coalesce => {
                let number: Option<u32> = word.parse().ok();
                let number = number.or_else(|| switch.map(u32::from));
                number.map(|number| number.to_string())
            }
        }
    }
}

/// Features that have another name in the kernel than in ethtool and keyfiles.
const RENAMED: &[(&str, &str)] = &[
    ("rx-checksum", "rx"),
    ("rx-gro", "gro"),
    ("rx-hashing", "rxhash"),
    ("rx-lro", "lro"),
    ("rx-ntuple-filter", "ntuple"),
    ("rx-vlan-hw-parse", "rxvlan"),
    ("tx-generic-segmentation", "gso"),
    ("tx-vlan-hw-insert", "txvlan"),
];

/// Features that keyfiles have, too.
const FEATURES: &[&str] = &[
    "esp-hw-offload",
    "esp-tx-csum-hw-offload",
    "fcoe-mtu",
    "gro",
    "gso",
    "highdma",
    "hw-tc-offload",
    "l2-fwd-offload",
    "loopback",
    "lro",
    "macsec-hw-offload",
    "ntuple",
    "rx",
    "rx-all",
    "rx-fcs",
    "rx-gro-hw",
    "rx-gro-list",
    "rx-udp-gro-forwarding",
    "rx-udp_tunnel-port-offload",
    "rx-vlan-filter",
    "rx-vlan-stag-filter",
    "rx-vlan-stag-hw-parse",
    "rxhash",
    "rxvlan",
    "sg",
    "tls-hw-record",
    "tls-hw-rx-offload",
    "tls-hw-tx-offload",
    "tso",
    "tx",
    "tx-checksum-fcoe-crc",
    "tx-checksum-ip-generic",
    "tx-checksum-ipv4",
    "tx-checksum-ipv6",
    "tx-checksum-sctp",
    "tx-esp-segmentation",
    "tx-fcoe-segmentation",
    "tx-gre-csum-segmentation",
    "tx-gre-segmentation",
    "tx-gso-list",
    "tx-gso-partial",
    "tx-gso-robust",
    "tx-ipxip4-segmentation",
    "tx-ipxip6-segmentation",
    "tx-nocache-copy",
    "tx-scatter-gather",
    "tx-scatter-gather-fraglist",
    "tx-sctp-segmentation",
    "tx-tcp-ecn-segmentation",
    "tx-tcp-mangleid-segmentation",
    "tx-tcp-segmentation",
    "tx-tcp6-segmentation",
    "tx-tunnel-remcsum-segmentation",
    "tx-udp-segmentation",
    "tx-udp_tnl-csum-segmentation",
    "tx-udp_tnl-segmentation",
    "tx-vlan-stag-hw-insert",
    "txvlan",
];

/// What of coalescing keyfiles have, too.
const COALESCE: &[&str] = &[
    "adaptive-rx",
    "adaptive-tx",
    "pkt-rate-high",
    "pkt-rate-low",
    "rx-frames",
    "rx-frames-high",
    "rx-frames-irq",
    "rx-frames-low",
    "rx-usecs",
    "rx-usecs-high",
    "rx-usecs-irq",
    "rx-usecs-low",
    "sample-interval",
    "stats-block-usecs",
    "tx-frames",
    "tx-frames-high",
    "tx-frames-irq",
    "tx-frames-low",
    "tx-usecs",
    "tx-usecs-high",
    "tx-usecs-irq",
    "tx-usecs-low",
];

fn option(
    part: &str,
    link: &mut Link,
    made: &mut Made,
    source: &Source<'_>,
    lost: &mut Vec<String>,
) {
    let words: Vec<&str> = part.split_ascii_whitespace().collect();
    let Some(first) = words.first() else {
        return;
    };
    if let Some((_, part)) = PARTS.iter().find(|(names, _)| names.contains(first)) {
        return of_part(&words, *part, made, source, lost);
    }
    // `-s` and the interface may stand before
    let rest = match *first {
        "-s" | "--change" => words.get(2..).unwrap_or_default(),
        _ => &words[..],
    };
    let mut words = rest.iter().copied();
    while let Some(name) = words.next() {
        if !OF_LINK.contains(&name) {
            lost.push(name.to_owned());
            continue;
        }
        let Some(value) = words.next() else {
            lost.push(name.to_owned());
            break;
        };
        match (name, value) {
            ("autoneg", "on") => link.auto = Some(true),
            ("autoneg", "off") => link.auto = Some(false),
            ("speed", number) if number.parse::<u32>().is_ok() => link.speed = number.parse().ok(),
            ("duplex", "half") => link.duplex = Some("half"),
            ("duplex", "full") => link.duplex = Some("full"),
            ("wol", letters) => link.wake = Some(wake(letters)),
            ("sopass", address) => {
                let found = MacAddress::parse(address);
                link.password = found.map(|found| found.to_string().to_ascii_uppercase());
            }
            (_, _) => lost.push(format!("{name} {value}")),
        }
    }
}

/// Writes what ethtool is told about a part of the card.
fn of_part(
    words: &[&str],
    part: Part,
    made: &mut Made,
    source: &Source<'_>,
    lost: &mut Vec<String>,
) {
    let line = source.line("ETHTOOL_OPTS");
    if words.len() > 1 {
        made.group("ethtool");
    }
    // the second word is the interface
    for pair in words.get(2..).unwrap_or_default().chunks(2) {
        let found = match pair {
            [word, value] => part.key(word, source.reader).zip(part.value(value)),
            _ => None,
        };
        match found {
            Some((key, value)) => made.set("ethtool", key, value, line),
            None => lost.push(format!("{} … {}", words[0], pair.join(" "))),
        }
    }
}

/// Words of `ethtool -s` that keyfiles have, too; each has a value.
const OF_LINK: &[&str] = &["autoneg", "speed", "duplex", "wol", "sopass"];

/// Returns the bits of ethtool's letters; `d` takes all before it back.
fn wake(letters: &str) -> u32 {
    letters.chars().fold(0, |flags, letter| match letter {
        'p' => flags | 0x02,
        'u' => flags | 0x04,
        'm' => flags | 0x08,
        'b' => flags | 0x10,
        'a' => flags | 0x20,
        'g' => flags | 0x40,
        'd' => 0,
        _ => flags,
    })
}
