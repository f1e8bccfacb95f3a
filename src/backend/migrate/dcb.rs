//! `[dcb]`: Data Center Bridging, which NetworkManager alone reads.
//!
//! Source: `make_dcb_setting()` in nms-ifcfg-rh-reader.c (run), `verify()` in nm-setting-dcb.c.

use super::loss::Weight;
use super::made::{Line, Made};
use super::options::lost_key;
use super::source::Source;
use super::{Cannot, Loss, refused};

const GROUP: &str = "dcb";

/// What the keys of a list of eight begin with, and what is in each.
enum Items {
    /// A digit, 0 or 1.
    Switches,
    /// A digit from 0 to 7.
    Digits,
    /// A digit from 0 to 7, or `f`, which stands for 15.
    Groups,
    /// Numbers from 0 to 100, between commas.
    Percents,
    /// Such numbers whose sum is 100.
    Shares,
}

/// The lists: their key, the one that they become, what is in them, and the flags that they need.
const LISTS: &[(&str, &str, Items, &str)] = &[
    (
        "DCB_PFC_UP",
        "priority-flow-control",
        Items::Switches,
        "DCB_PFC",
    ),
    ("DCB_PG_ID", "priority-group-id", Items::Groups, "DCB_PG"),
    (
        "DCB_PG_PCT",
        "priority-group-bandwidth",
        Items::Shares,
        "DCB_PG",
    ),
    (
        "DCB_PG_UPPCT",
        "priority-bandwidth",
        Items::Percents,
        "DCB_PG",
    ),
    (
        "DCB_PG_STRICT",
        "priority-strict-bandwidth",
        Items::Switches,
        "DCB_PG",
    ),
    (
        "DCB_PG_UP2TC",
        "priority-traffic-class",
        Items::Digits,
        "DCB_PG",
    ),
];

/// What has flags: the start of its keys, and the key that the flags become.
const FLAGS: &[(&str, &str)] = &[
    ("DCB_APP_FCOE", "app-fcoe-flags"),
    ("DCB_APP_ISCSI", "app-iscsi-flags"),
    ("DCB_APP_FIP", "app-fip-flags"),
    ("DCB_PFC", "priority-flow-control-flags"),
    ("DCB_PG", "priority-group-flags"),
];

/// Applications, which have a priority.
const APPS: &[(&str, &str)] = &[
    ("DCB_APP_FCOE", "app-fcoe-priority"),
    ("DCB_APP_ISCSI", "app-iscsi-priority"),
    ("DCB_APP_FIP", "app-fip-priority"),
];

/// Writes `[dcb]`.
///
/// # Errors
/// NetworkManager refuses the file.
pub(super) fn write(
    source: &Source<'_>,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    if source.boolean("DCB") != Some(true) {
        return Ok(());
    }
    made.group(GROUP);
    for (start, name) in FLAGS {
        let (flags, line) = flags(source, start);
        // what is not enabled can be told to nobody
        if flags > 0 && flags & 1 == 0 {
            return Err(refused(source, &format!("{start}_ENABLE")));
        }
        if flags != 0 {
            made.set(GROUP, *name, flags.to_string(), line);
        }
    }
    for (start, name) in APPS {
        priority(source, start, name, made)?;
    }
    const MODE: &str = "DCB_APP_FCOE_MODE";
    match source.text(MODE) {
        Some(mode @ ("fabric" | "vn2vn")) => {
            made.set(GROUP, "app-fcoe-mode", mode, source.line(MODE));
        }
        Some(_) => return Err(refused(source, MODE)),
        None => {}
    }
    for (key, name, items, start) in LISTS {
        list(source, (key, name, items, start), made, losses)?;
    }
    Ok(())
}

/// Returns the flags: 1 enables, 2 tells the other side, 4 takes what the other side tells.
fn flags(source: &Source<'_>, start: &str) -> (u32, Option<Line>) {
    let bits = [("ENABLE", 1), ("ADVERTISE", 2), ("WILLING", 4)];
    let (mut flags, mut line) = (0, None);
    for (name, bit) in bits {
        let key = format!("{start}_{name}");
        if source.boolean(&key) == Some(true) {
            flags |= bit;
            line = line.or_else(|| source.line(&key));
        }
    }
    (flags, line)
}

fn priority(
    source: &Source<'_>,
    start: &str,
    name: &'static str,
    made: &mut Made,
) -> Result<(), Cannot> {
    let key = format!("{start}_PRIORITY");
    if source.text(&key).is_none() {
        return Ok(());
    }
    let number = source.number(&key, 0, 7);
    let enabled = flags(source, start).0 & 1 == 1;
    let number = number.filter(|_| enabled);
    let number = number.ok_or_else(|| refused(source, &key))?;
    made.set(GROUP, name, number.to_string(), source.line(&key));
    Ok(())
}

fn list(
    source: &Source<'_>,
    (key, name, items, start): (&str, &'static str, &Items, &str),
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    let enabled = flags(source, start).0 & 1 == 1;
    let numbers = match source.text(key) {
        Some(text) if enabled => numbers(text, items).ok_or_else(|| refused(source, key))?,
        Some(_) => {
            let meant = "nothing, since it is not enabled";
            losses.push(lost_key(source, key, meant, Weight::Idle));
            vec![0; 8]
        }
        // all eight are written as soon as there is the group
        None => vec![0; 8],
    };
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    let line = source.line(key);
    made.list(GROUP, name, numbers.iter().map(String::as_str), line);
    Ok(())
}

/// Returns the eight numbers of a list.
fn numbers(text: &str, items: &Items) -> Option<Vec<u32>> {
    let digits = |most: u32, hex: bool| -> Option<Vec<u32>> {
        let digit = |c: char| match c {
            'f' | 'F' if hex => Some(15),
            c => c.to_digit(10).filter(|digit| *digit <= most),
        };
        text.chars().map(digit).collect()
    };
    let numbers = match items {
        Items::Switches => digits(1, false),
        Items::Digits => digits(7, false),
        Items::Groups => digits(7, true),
        Items::Percents | Items::Shares => {
            let number = |word: &str| word.trim().parse().ok().filter(|number| *number <= 100);
            text.split(',').map(number).collect()
        }
    };
    let adds_up =
        |numbers: &Vec<u32>| !matches!(items, Items::Shares) || numbers.iter().sum::<u32>() == 100;
    numbers.filter(|numbers| numbers.len() == 8).filter(adds_up)
}
