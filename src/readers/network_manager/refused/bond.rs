//! The options of a bond. One that is not known, or has no valid value, is dropped.

use super::Refusal;
use super::address::is_of;
use super::reading::{Reading, not_of_kernel};

/// The modes of bonds, in the order of their numbers. Source: bonding.rst of the kernel.
pub(crate) const MODES: &[&str] = &[
    "balance-rr",
    "active-backup",
    "balance-xor",
    "broadcast",
    "802.3ad",
    "balance-tlb",
    "balance-alb",
];
/// What hashes packets, in the order of their numbers.
const HASHES: &[&str] = &[
    "layer2",
    "layer3+4",
    "layer2+3",
    "encap2+3",
    "encap3+4",
    "vlan+srcmac",
];
const RATES: &[&str] = &["slow", "fast"];

/// The highest number of an option that has no other bound.
const ANY: u64 = i32::MAX as u64;

/// Options as far as one may contradict the other.
struct Options<'d> {
    file: &'d Reading<'d>,
}

impl Options<'_> {
    /// Returns the number of an option, 0 to `most`.
    fn number(&self, key: &str, most: u64) -> Option<u64> {
        let text = self.file.text("bond", key)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok();
        number.filter(|number| digits && *number <= most)
    }

    /// Returns which of the words an option says, or its number.
    fn word(&self, key: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.file.text("bond", key)?;
        let most = words.len() as u64 - 1;
        let at = self
            .number(key, most)
            .and_then(|at| usize::try_from(at).ok());
        let at = at.or_else(|| words.iter().position(|word| *word == text));
        at.and_then(|at| words.get(at).copied())
    }

    /// Returns whether the targets of ARP, or of its like in IPv6, are valid.
    fn has_targets(&self, key: &str, v6: bool) -> bool {
        let text = self.file.text("bond", key);
        let text = text.unwrap_or_default();
        let items = text.split(',').map(str::trim);
        let mut items = items.filter(|item| !item.is_empty()).peekable();
        items.peek().is_some() && items.all(|item| is_of(item, v6))
    }

    fn has_primary(&self) -> bool {
        let name = self.file.text("bond", "primary");
        name.is_some_and(|name| not_of_kernel(&name).is_none())
    }
}

/// Whether an option is wrong, the option, and what is wrong with it.
type Case = (bool, &'static str, &'static str);

/// Source: verify() in nm-setting-bond.c.
pub(super) fn refused(file: &Reading<'_>, _: Option<&str>) -> Option<Refusal> {
    let options = Options { file };
    let cases = options.of_mode().into_iter().chain(options.of_times());
    let mut wrong = cases.filter(|(wrong, ..)| *wrong);
    let (_, key, why) = wrong.next()?;
    file.refusal("bond", key, format!("{key} of the bond {why}"))
}

impl Options<'_> {
    /// Returns whether an option is a number above 0.
    fn is_on(&self, key: &str) -> bool {
        self.number(key, ANY).is_some_and(|number| number > 0)
    }

    /// What goes with some modes only.
    fn of_mode(&self) -> [Case; 5] {
        let mode = self.word("mode", MODES).unwrap_or("balance-rr");
        let other = "does not go with this mode";
        let adapts = ["balance-tlb", "balance-alb"].contains(&mode);
        let backs_up = adapts || mode == "active-backup";
        let fast = self.word("lacp_rate", RATES) == Some("fast");
        let slb = self.number("balance-slb", 1) == Some(1);
        let hash = self.word("xmit_hash_policy", HASHES);
        let other_hash = hash.is_some_and(|hash| hash != "vlan+srcmac");
        [
            (adapts && self.is_on("arp_interval"), "arp_interval", other),
            (!backs_up && self.has_primary(), "primary", other),
            (fast && mode != "802.3ad", "lacp_rate", other),
            (slb && mode != "balance-xor", "balance-slb", other),
            (
                slb && other_hash,
                "xmit_hash_policy",
                "does not go with balance-slb",
            ),
        ]
    }

    /// What needs another option beside it.
    fn of_times(&self) -> [Case; 7] {
        let miimon = self.number("miimon", ANY).unwrap_or(100);
        let without = |key| miimon == 0 && self.is_on(key);
        let delay = self.number("peer_notif_delay", ANY).unwrap_or(0);
        let arp = self.is_on("arp_interval");
        let odd = !arp && delay.checked_rem(miimon).is_some_and(|rest| rest > 0);
        let targets = self.has_targets("arp_ip_target", false);
        // from version 1.44 on these will do
        let any = targets || self.has_targets("ns_ip6_target", true);
        let [arps, advertisements] =
            ["num_grat_arp", "num_unsol_na"].map(|key| self.number(key, 255));
        let differ = arps.is_some() && advertisements.is_some() && arps != advertisements;
        let multiple = "must be a multiple of miimon";
        [
            (without("updelay"), "updelay", "needs miimon"),
            (without("downdelay"), "downdelay", "needs miimon"),
            (
                without("peer_notif_delay"),
                "peer_notif_delay",
                "needs miimon",
            ),
            (odd, "peer_notif_delay", multiple),
            (arp && !any, "arp_interval", "needs arp_ip_target"),
            (!arp && targets, "arp_ip_target", "needs arp_interval"),
            (differ, "num_unsol_na", "is not what num_grat_arp says"),
        ]
    }
}
