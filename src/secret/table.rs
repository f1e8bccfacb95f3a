//! Which names are secrets.

/// Properties that NetworkManager marks as secrets (`NM_SETTING_PARAM_SECRET`), with their setting.
///
/// Source: NetworkManager, src/libnm-core-impl/nm-setting-SETTING.c; of WireGuard's peers nm-keyfile.c.
pub(super) const KEYFILE: &[(&str, &[&str])] = &[
    (
        "802-1x",
        &[
            "ca-cert-password",
            "client-cert-password",
            "password",
            "password-raw",
            "phase2-ca-cert-password",
            "phase2-client-cert-password",
            "phase2-private-key-password",
            "pin",
            "private-key-password",
        ],
    ),
    (
        "802-11-wireless-security",
        &[
            "leap-password",
            "psk",
            "wep-key0",
            "wep-key1",
            "wep-key2",
            "wep-key3",
        ],
    ),
    ("adsl", &["password"]),
    ("cdma", &["password"]),
    ("gsm", &["initial-eps-bearer-password", "password", "pin"]),
    ("macsec", &["mka-cak"]),
    ("pppoe", &["password"]),
    ("wifi-p2p", &["wps-pin"]),
    ("wireguard", &["preshared-key", "private-key"]),
];

/// The sections in which every key is a secret, but for its flags.
pub(super) const SECRETS_ONLY: &[&str] = &["vpn-secrets"];

/// Variables of ifcfg and keys files.
///
/// Source: NetworkManager, src/core/settings/plugins/ifcfg-rh (reader, writer, utils); initscripts, sysconfig.txt (`KEY`),
/// ifup-ipsec (`IKE_PSK`, `KEY_AH_IN` and the like).
pub(super) const IFCFG: &[&str] = &[
    "IEEE_8021X_CA_CERT_PASSWORD",
    "IEEE_8021X_CLIENT_CERT_PASSWORD",
    "IEEE_8021X_INNER_CA_CERT_PASSWORD",
    "IEEE_8021X_INNER_CLIENT_CERT_PASSWORD",
    "IEEE_8021X_INNER_PRIVATE_KEY_PASSWORD",
    "IEEE_8021X_PASSWORD",
    "IEEE_8021X_PASSWORD_RAW",
    "IEEE_8021X_PIN",
    "IEEE_8021X_PRIVATE_KEY_PASSWORD",
    "IKE_PSK",
    "KEY",
    "KEY_AH_IN",
    "KEY_AH_OUT",
    "KEY_ESP_IN",
    "KEY_ESP_OUT",
    "KEY_PASSPHRASE1",
    "KEY_PASSPHRASE2",
    "KEY_PASSPHRASE3",
    "KEY_PASSPHRASE4",
    "MKA_CAK",
    "WPA_PSK",
];

/// Variables that sound like secrets, and are none: names of files, and the half of an address.
///
/// Source: nms-ifcfg-rh-reader.c, `eap_tls_reader()` and `make_ip6_setting()`.
const NO_SECRETS: &[&str] = &[
    "IEEE_8021X_INNER_PRIVATE_KEY",
    "IEEE_8021X_PRIVATE_KEY",
    "IPV6_TOKEN",
];

/// Returns whether a part of a name, between `_` and without a number, says that it is a secret; PWD alone is the shell's.
fn has_secret_part(upper: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    let mut parts = upper.split('_').map(|part| part.trim_end_matches(digits));
    parts.any(|part| matches!(part, "PASS" | "TOKEN" | "PWD")) && upper != "PWD"
}

/// Returns whether a shell variable is a secret; names of scripts that only sound like it are, too.
pub(super) fn is_shell_secret(name: &str) -> bool {
    let numbered = name
        .strip_prefix("KEY")
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    // what site scripts call theirs
    let words = [
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET",
        "PSK",
        "PRESHARED",
        "PRIVATEKEY",
        "PRIVATE_KEY",
        "WEP_KEY",
        "API_KEY",
        "APIKEY",
        "ACCESS_KEY",
        "CREDENTIAL",
    ];
    let ends = ["_PIN", "_CAK"];
    let upper = name.to_ascii_uppercase();
    let sounds = ends.iter().any(|end| upper.ends_with(end))
        || words.iter().any(|word| upper.contains(word))
        || has_secret_part(&upper);
    // a certificate's place is none: IEEE_8021X_PRIVATE_KEY names a file
    let file = NO_SECRETS.contains(&name) || upper.ends_with("_FLAGS");
    numbered || IFCFG.contains(&name) || (sounds && !file)
}

/// Returns whether `key` of the section `section` is a secret; where the section is not known, whether it is one of any.
pub(super) fn is_keyfile_secret(section: Option<&str>, key: &str, value: &str) -> bool {
    if key.ends_with("-flags") {
        return false;
    }
    if section.is_some_and(|section| SECRETS_ONLY.contains(&section)) {
        return true;
    }
    // the half of an address
    if key == "token" && section == Some("ipv6") {
        return false;
    }
    // of IEEE 802.1X it is a certificate's place, or the certificate itself
    if key.ends_with("private-key") && section == Some("802-1x") {
        return value.trim_start().starts_with("data:");
    }
    let words = [
        "pass",
        "password",
        "passwd",
        "token",
        "psk",
        "secret",
        "pin",
        "private-key",
        "preshared-key",
    ];
    KEYFILE.iter().any(|(_, keys)| keys.contains(&key))
        || words.iter().any(|word| {
            key.strip_suffix(word)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('-'))
        })
}
