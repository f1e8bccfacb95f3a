//! What a name says of an interface.

/// Returns whether the kernel or udev may have given a card this name, so that it needs no file, and is no bridge.
///
/// Source: systemd.net-naming-scheme(7), biosdevname(1).
pub(in crate::lint) fn looks_like_card(name: &str) -> bool {
    let begins = [
        "eth", "en", "em", "wl", "ww", "ib", "sl", "usb", "lan", "net", "hsi",
    ];
    let digits = name.bytes().any(|byte| byte.is_ascii_digit());
    let slot = name
        .strip_prefix('p')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    digits && (slot || begins.iter().any(|begin| name.starts_with(begin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_have_names_of_the_kernel_or_of_udev() {
        for name in [
            "eth0",
            "ens33",
            "enp3s0f1",
            "eno1",
            "em1",
            "p2p1",
            "ib0",
            "wlp2s0",
            "enx525400aabbcc",
        ] {
            assert!(looks_like_card(name), "{name}");
        }
        for name in [
            "br0", "bond0", "infra", "team0", "ovsbr0", "virbr0", "eth", "p", "lan", "internet",
        ] {
            assert!(!looks_like_card(name), "{name}");
        }
    }
}
