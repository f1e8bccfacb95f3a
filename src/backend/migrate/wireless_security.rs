//! `[wifi-security]`: WPA, WEP and LEAP.
//!
//! Source: `make_wireless_security_setting()` in nms-ifcfg-rh-reader.c (run).

use super::made::Made;
use super::own::Own;
use super::plain::{self, Row};
use super::source::Source;
use super::turn::{NotValid, choice, flags};
use super::{Cannot, Loss, refused, security};

const GROUP: &str = "wifi-security";

/// What is read of WPA whatever the key is.
const ROWS: &[Row] = &[
    Row("FILS", GROUP, "fils", protection),
    Row("PMF", GROUP, "pmf", protection),
    Row("WPS_METHOD", GROUP, "wps-method", wps),
];

fn protection(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [
        ("default", 0),
        ("disable", 1),
        ("optional", 2),
        ("required", 3),
    ];
    let found = choice(source, key, &words)?;
    Ok(found.filter(|number| number != "0"))
}

fn wps(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let names = [
        ("default", 0),
        ("disabled", 1),
        ("auto", 2),
        ("pbc", 4),
        ("pin", 8),
    ];
    let found = flags(source, key, &names)?;
    let number: u32 = found.as_deref().unwrap_or("0").parse().unwrap_or(0);
    // it is off, or not; and there is one way or the other, if one is named
    let is_odd = (number & 1 == 1 && number != 1) || number & 12 == 12;
    match is_odd {
        true => Err(NotValid),
        false => Ok(found),
    }
}

/// Writes `[wifi-security]`, where the network is secured at all.
///
/// # Errors
/// NetworkManager refuses the file.
pub(super) fn write(
    own: &Own<'_>,
    is_adhoc: bool,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    let source = &own.source;
    let word = source.text("KEY_MGMT").unwrap_or("");
    let mode = source
        .text("SECURITYMODE")
        .unwrap_or("")
        .to_ascii_lowercase();
    let line = source.line("KEY_MGMT");
    match word {
        "IEEE8021X" if mode == "leap" && !is_adhoc => return leap(own, made),
        "WPA-PSK" | "SAE" => pass_phrase(own, made)?,
        "OWE" | "WPA-EAP" | "WPA-EAP-SUITE-B-192" | "IEEE8021X" if is_adhoc => {
            return Err(refused(source, "KEY_MGMT"));
        }
        "OWE" => {}
        "WPA-EAP" | "WPA-EAP-SUITE-B-192" | "IEEE8021X" => {
            security::write(own, true, made, losses)?;
        }
        _ => return wep(own, &mode, made),
    }
    made.set(GROUP, "key-mgmt", word.to_ascii_lowercase(), line);
    if !matches!(word, "WPA-EAP-SUITE-B-192" | "IEEE8021X") {
        ciphers(source, "CIPHER_PAIRWISE", "pairwise", made);
        ciphers(source, "CIPHER_GROUP", "group", made);
    }
    protocols(source, is_adhoc, made);
    plain::ensure(ROWS, source, made)?;
    // key management of the same name has no frames to protect
    if word == "IEEE8021X" && matches!(made.get(GROUP, "pmf"), Some("2" | "3")) {
        return Err(refused(source, "PMF"));
    }
    if mode == "open" {
        made.set(GROUP, "auth-alg", "open", source.line("SECURITYMODE"));
    }
    Ok(())
}

fn leap(own: &Own<'_>, made: &mut Made) -> Result<(), Cannot> {
    const NAME: &str = "IEEE_8021X_IDENTITY";
    const PASSWORD: &str = "IEEE_8021X_PASSWORD";
    let source = &own.source;
    let name = source.text(NAME).ok_or_else(|| refused(source, NAME))?;
    made.set(GROUP, "leap-username", name, source.line(NAME));
    let found = own.keyed(PASSWORD);
    own.secret(PASSWORD, (GROUP, "leap-password"), found, made);
    made.set(GROUP, "key-mgmt", "ieee8021x", source.line("KEY_MGMT"));
    made.set(GROUP, "auth-alg", "leap", source.line("SECURITYMODE"));
    Ok(())
}

/// Writes the key: 64 hexadecimal digits, or the 8 to 63 characters that it is made from.
fn pass_phrase(own: &Own<'_>, made: &mut Made) -> Result<(), Cannot> {
    const KEY: &str = "WPA_PSK";
    let found = own.keyed_beside(KEY);
    let is_valid = |text: &str| match text.len() {
        8..=63 => true,
        64 => text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        _ => false,
    };
    if own.kept_by(KEY) == 0 && found.is_some_and(|(text, _)| !is_valid(text)) {
        return Err(refused(&own.source, KEY));
    }
    own.secret(KEY, (GROUP, "psk"), found, made);
    Ok(())
}

/// Writes the ciphers that are known: a group may have those of WEP, too.
fn ciphers(source: &Source<'_>, key: &str, name: &'static str, made: &mut Made) {
    let words = source.text(key).unwrap_or("").split_ascii_whitespace();
    let known = words.filter_map(|word| match word {
        "CCMP" => Some("ccmp"),
        "TKIP" => Some("tkip"),
        "WEP104" if name == "group" => Some("wep104"),
        "WEP40" if name == "group" => Some("wep40"),
        _ => None,
    });
    let known: Vec<&str> = known.collect();
    if !known.is_empty() {
        made.list(GROUP, name, known, source.line(key));
    }
}

fn protocols(source: &Source<'_>, is_adhoc: bool, made: &mut Made) {
    let keys = [("WPA_ALLOW_WPA", "wpa"), ("WPA_ALLOW_WPA2", "rsn")];
    // a word that is neither yes nor no is a yes here
    let allowed = |key: &str| source.text(key).is_some() && source.boolean(key) != Some(false);
    let mut protocols: Vec<&str> = Vec::new();
    for (key, name) in keys {
        if allowed(key) {
            protocols.push(name);
        }
    }
    if is_adhoc {
        protocols = vec!["rsn"];
    }
    let line = keys.iter().find_map(|(key, _)| source.line(key));
    if !protocols.is_empty() {
        made.list(GROUP, "proto", protocols, line);
    }
}

/// Writes the keys of WEP; without any the network is open.
fn wep(own: &Own<'_>, mode: &str, made: &mut Made) -> Result<(), Cannot> {
    const DEFAULT: &str = "DEFAULTKEY";
    const FLAGS: &str = "WEP_KEY";
    let source = &own.source;
    let default = match source.text(DEFAULT) {
        Some(_) => {
            let number = source.number(DEFAULT, 1, 4);
            Some(number.ok_or_else(|| refused(source, DEFAULT))? - 1)
        }
        None => None,
    };
    let flags = own.kept_by(FLAGS);
    let is_known = match flags {
        0 => keys(own, default.unwrap_or(0), made)?,
        _ => {
            own.secret(FLAGS, (GROUP, "wep-key"), None, made);
            true
        }
    };
    let algorithm = match mode {
        "" => None,
        "open" => Some("open"),
        "restricted" => Some("shared"),
        _ => return Err(refused(source, "SECURITYMODE")),
    };
    if !is_known && default.is_none() {
        made.drop_group(GROUP);
        return match algorithm {
            Some("shared") => Err(refused(source, "SECURITYMODE")),
            Some(_) | None => Ok(()),
        };
    }
    if let Some(algorithm) = algorithm {
        made.set(GROUP, "auth-alg", algorithm, source.line("SECURITYMODE"));
    }
    if let Some(number @ 1..) = default {
        made.set(
            GROUP,
            "wep-tx-keyidx",
            number.to_string(),
            source.line(DEFAULT),
        );
    }
    made.set(GROUP, "key-mgmt", "none", source.line("KEY_MGMT"));
    Ok(())
}

/// Writes the keys of WEP, those of the file of secrets last, and returns whether there are any.
fn keys(own: &Own<'_>, default: i64, made: &mut Made) -> Result<bool, Cannot> {
    let source = &own.source;
    let (plain, phrases) = match source.text("KEY_TYPE") {
        None => (true, true),
        Some("key") => (true, false),
        Some("passphrase") => (false, true),
        Some(_) => return Err(refused(source, "KEY_TYPE")),
    };
    let mut named: Vec<(String, i64, bool)> = Vec::new();
    if plain {
        named.extend((1..=4).map(|number| (format!("KEY{number}"), number - 1, false)));
        named.push(("KEY".to_owned(), default, false));
    }
    if phrases {
        named.extend((1..=4).map(|number| (format!("KEY_PASSPHRASE{number}"), number - 1, true)));
    }
    let mut any = false;
    for file in [Some(source), own.keys.as_ref()].into_iter().flatten() {
        for (key, number, is_phrase) in &named {
            let Some(text) = file.text(key) else {
                continue;
            };
            let text = key_of_wep(text, *is_phrase).ok_or_else(|| refused(file, key))?;
            made.secret(GROUP, format!("wep-key{number}"), text, file.line(key));
            any = true;
        }
    }
    let number = match (plain, phrases) {
        (true, false) => "1",
        (false, true) => "2",
        (true, true) | (false, false) => return Ok(any),
    };
    made.set(GROUP, "wep-key-type", number, source.line("KEY_TYPE"));
    Ok(any)
}

/// Returns a key as NetworkManager takes it: 10 or 26 hexadecimal digits, or 5 or 13 characters behind `s:`.
fn key_of_wep(text: &str, is_phrase: bool) -> Option<&str> {
    if is_phrase {
        return (text.len() < 64).then_some(text);
    }
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (text.strip_prefix("s:"), text.len()) {
        (None, 10 | 26) if is_hexadecimal => Some(text),
        (Some(rest), 7 | 15) if rest.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) => {
            Some(rest)
        }
        (Some(_) | None, _) => None,
    }
}
