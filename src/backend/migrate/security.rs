//! `[802-1x]`: how the host proves who it is.
//!
//! Source: `fill_8021x()` and the readers of its methods in nms-ifcfg-rh-reader.c (run).

use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::lost_key;
use super::own::Own;
use super::plain::{self, Row};
use super::source::Source;
use super::turn::{I32, NotValid, flags, number, text, words, yes_is_true};
use super::{Cannot, refused};

const GROUP: &str = "802-1x";

/// What is read for a method.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Eap {
    /// A name and a password.
    Password,
    /// Certificates.
    Tls,
    /// A tunnel, and a method in it.
    Peap,
    /// The same.
    Ttls,
    /// The same, with a credential of its own.
    Fast,
}

/// The methods; of those of wired networks alone a wireless one takes none.
const METHODS: &[(&str, Eap, bool)] = &[
    ("chap", Eap::Password, true),
    ("fast", Eap::Fast, false),
    ("leap", Eap::Password, false),
    ("md5", Eap::Password, true),
    ("mschap", Eap::Password, true),
    ("mschapv2", Eap::Password, true),
    ("pap", Eap::Password, true),
    ("peap", Eap::Peap, false),
    ("pwd", Eap::Password, false),
    ("tls", Eap::Tls, false),
    ("ttls", Eap::Ttls, false),
];

/// The certificates, each with what it becomes; those of the method in a tunnel have keys of their own.
struct Certificates {
    authority: (&'static str, &'static str),
    key: (&'static str, &'static str),
    client: (&'static str, &'static str),
}

const OUTER: Certificates = Certificates {
    authority: ("IEEE_8021X_CA_CERT", "ca-cert"),
    key: ("IEEE_8021X_PRIVATE_KEY", "private-key"),
    client: ("IEEE_8021X_CLIENT_CERT", "client-cert"),
};

const INNER: Certificates = Certificates {
    authority: ("IEEE_8021X_INNER_CA_CERT", "phase2-ca-cert"),
    key: ("IEEE_8021X_INNER_PRIVATE_KEY", "phase2-private-key"),
    client: ("IEEE_8021X_INNER_CLIENT_CERT", "phase2-client-cert"),
};

/// What is read whatever the method is.
const ROWS: &[Row] = &[
    Row(
        "IEEE_8021X_ALTSUBJECT_MATCHES",
        GROUP,
        "altsubject-matches",
        words,
    ),
    Row(
        "IEEE_8021X_AUTH_TIMEOUT",
        GROUP,
        "auth-timeout",
        number::<0, I32, 0>,
    ),
    Row("IEEE_8021X_CA_PATH", GROUP, "ca-path", text),
    Row("IEEE_8021X_DOMAIN_MATCH", GROUP, "domain-match", text),
    Row(
        "IEEE_8021X_DOMAIN_SUFFIX_MATCH",
        GROUP,
        "domain-suffix-match",
        text,
    ),
    Row("IEEE_8021X_OPENSSL_CIPHERS", GROUP, "openssl-ciphers", text),
    Row("IEEE_8021X_OPTIONAL", GROUP, "optional", yes_is_true),
    Row(
        "IEEE_8021X_PHASE1_AUTH_FLAGS",
        GROUP,
        "phase1-auth-flags",
        auth_flags,
    ),
    Row(
        "IEEE_8021X_PHASE2_ALTSUBJECT_MATCHES",
        GROUP,
        "phase2-altsubject-matches",
        words,
    ),
    Row("IEEE_8021X_PHASE2_CA_PATH", GROUP, "phase2-ca-path", text),
    Row(
        "IEEE_8021X_PHASE2_DOMAIN_MATCH",
        GROUP,
        "phase2-domain-match",
        text,
    ),
    Row(
        "IEEE_8021X_PHASE2_DOMAIN_SUFFIX_MATCH",
        GROUP,
        "phase2-domain-suffix-match",
        text,
    ),
    Row(
        "IEEE_8021X_PHASE2_SUBJECT_MATCH",
        GROUP,
        "phase2-subject-match",
        text,
    ),
    Row("IEEE_8021X_SUBJECT_MATCH", GROUP, "subject-match", text),
    Row(
        "IEEE_8021X_SYSTEM_CA_CERTS",
        GROUP,
        "system-ca-certs",
        yes_is_true,
    ),
];

fn auth_flags(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let names = [
        ("none", 0),
        ("tls-1-0-disable", 0x1),
        ("tls-1-1-disable", 0x2),
        ("tls-1-2-disable", 0x4),
        ("tls-disable-time-checks", 0x8),
        ("tls-1-3-disable", 0x10),
        ("tls-1-0-enable", 0x20),
        ("tls-1-1-enable", 0x40),
        ("tls-1-2-enable", 0x80),
        ("tls-1-3-enable", 0x100),
    ];
    flags(source, key, &names)
}

/// Writes `[802-1x]` of a wired network whose file asks for it.
///
/// # Errors
/// NetworkManager refuses the file.
pub(super) fn wired(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) -> Result<(), Cannot> {
    match own.source.text("KEY_MGMT") {
        Some("IEEE8021X") => write(own, false, made, losses),
        Some(_) => Err(refused(&own.source, "KEY_MGMT")),
        None => Ok(()),
    }
}

/// Writes `[802-1x]`.
///
/// # Errors
/// NetworkManager refuses the file.
pub(super) fn write(
    own: &Own<'_>,
    wireless: bool,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    const KEY: &str = "IEEE_8021X_EAP_METHODS";
    let source = &own.source;
    let mut named = Vec::new();
    for word in source.text(KEY).unwrap_or("").split_ascii_whitespace() {
        let word = word.to_ascii_lowercase();
        let method = METHODS.iter().find(|(name, ..)| *name == word);
        match method.filter(|(_, _, is_wired)| !(wireless && *is_wired)) {
            Some((name, method, _)) => {
                read(own, *method, made)?;
                named.push(*name);
            }
            None => {
                let meant = "a method that NetworkManager passes over";
                losses.push(lost_key(source, KEY, meant, Weight::Light));
            }
        }
    }
    if named.is_empty() {
        return Err(refused(source, KEY));
    }
    made.list(GROUP, "eap", named, source.line(KEY));
    plain::ensure(ROWS, source, made)?;
    secret(own, "IEEE_8021X_PIN", "pin", made);
    Ok(())
}

/// Writes what a method reads.
fn read(own: &Own<'_>, method: Eap, made: &mut Made) -> Result<(), Cannot> {
    let source = &own.source;
    match method {
        Eap::Password => return password(own, made),
        Eap::Tls => return certificates(own, &OUTER, made),
        Eap::Peap => {
            certificate(own, OUTER.authority, made);
            peap(source, made)?;
        }
        Eap::Ttls => certificate(own, OUTER.authority, made),
        Eap::Fast => fast(own, made)?,
    }
    set(
        source,
        "IEEE_8021X_ANON_IDENTITY",
        "anonymous-identity",
        made,
    );
    inner(own, made)
}

fn set(source: &Source<'_>, key: &str, name: &'static str, made: &mut Made) {
    if let Some(text) = source.text(key) {
        made.set(GROUP, name, text, source.line(key));
    }
}

fn secret(own: &Own<'_>, key: &str, name: &str, made: &mut Made) {
    own.secret(key, (GROUP, name), own.keyed(key), made);
}

fn password(own: &Own<'_>, made: &mut Made) -> Result<(), Cannot> {
    const RAW: &str = "IEEE_8021X_PASSWORD_RAW";
    const NAME: &str = "IEEE_8021X_IDENTITY";
    let name = own.source.text(NAME);
    let name = name.ok_or_else(|| refused(&own.source, NAME))?;
    made.set(GROUP, "identity", name, own.source.line(NAME));
    secret(own, "IEEE_8021X_PASSWORD", "password", made);
    let found = own.keyed(RAW);
    let bytes = found.map(|(text, line)| (bytes(text), line));
    let found = match bytes {
        Some((None, _)) if own.kept_by(RAW) == 0 => return Err(refused(&own.source, RAW)),
        Some((bytes, line)) => bytes.map(|bytes| (bytes, line)),
        None => None,
    };
    let found = found.as_ref().map(|(bytes, line)| (bytes.as_str(), *line));
    own.secret(RAW, (GROUP, "password-raw"), found, made);
    Ok(())
}

/// Returns bytes in hexadecimal as a keyfile writes them.
fn bytes(text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x").unwrap_or(text).replace(':', "");
    let digits: Vec<u32> = digits
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(format!("{};", high * 16 + low)),
        _ => None,
    });
    pairs.collect()
}

/// Writes a certificate and the password of what keeps it. A path that is relative is beside the file.
fn certificate(own: &Own<'_>, (key, name): (&str, &'static str), made: &mut Made) {
    if let Some(text) = own.source.text(key) {
        let line = own.source.line(key);
        made.set(GROUP, name, beside(&own.source, text), line);
    }
    secret(
        own,
        &format!("{key}_PASSWORD"),
        &format!("{name}-password"),
        made,
    );
}

/// Returns where a file is: of a relative path the last part counts.
fn beside(source: &Source<'_>, text: &str) -> String {
    if text.starts_with('/') || text.starts_with("pkcs11:") {
        return text.to_owned();
    }
    let name = text.rsplit('/').next().unwrap_or(text);
    format!("{}/{name}", source.path.folder())
}

fn certificates(own: &Own<'_>, of: &Certificates, made: &mut Made) -> Result<(), Cannot> {
    set(&own.source, "IEEE_8021X_IDENTITY", "identity", made);
    for pair in [of.authority, of.key, of.client] {
        certificate(own, pair, made);
    }
    let (key, name) = of.key;
    let path = made.get(GROUP, name).map(str::to_owned);
    let path = path.ok_or_else(|| refused(&own.source, key))?;
    // without its certificate a key counts where it is a PKCS #12 file, which holds both: any other NetworkManager refuses
    if made.get(GROUP, of.client.1).is_none() {
        made.raw(GROUP, of.client.1, path, own.source.line(key));
    }
    Ok(())
}

fn peap(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    const VERSION: &str = "IEEE_8021X_PEAP_VERSION";
    const LABEL: &str = "IEEE_8021X_PEAP_FORCE_NEW_LABEL";
    match source.text(VERSION) {
        Some(version @ ("0" | "1")) => {
            made.set(GROUP, "phase1-peapver", version, source.line(VERSION));
        }
        Some(_) => return Err(refused(source, VERSION)),
        None => {}
    }
    if source.boolean(LABEL) == Some(true) {
        made.set(GROUP, "phase1-peaplabel", "1", source.line(LABEL));
    }
    Ok(())
}

fn fast(own: &Own<'_>, made: &mut Made) -> Result<(), Cannot> {
    const FILE: &str = "IEEE_8021X_PAC_FILE";
    const PROVISIONING: &str = "IEEE_8021X_FAST_PROVISIONING";
    let source = &own.source;
    let file = source.text(FILE);
    if let Some(path) = file {
        made.set(GROUP, "pac-file", beside(source, path), source.line(FILE));
    }
    let words = source.text(PROVISIONING).unwrap_or("");
    let has = |word: &str| words.split_ascii_whitespace().any(|other| other == word);
    let number = u32::from(has("allow-unauth")) + 2 * u32::from(has("allow-auth"));
    if file.is_none() && number == 0 {
        return Err(refused(source, FILE));
    }
    let line = source.line(PROVISIONING);
    made.set(GROUP, "phase1-fast-provisioning", number.to_string(), line);
    Ok(())
}

/// Writes the method in the tunnel: the first one of either kind.
fn inner(own: &Own<'_>, made: &mut Made) -> Result<(), Cannot> {
    const KEY: &str = "IEEE_8021X_INNER_AUTH_METHODS";
    const PLAIN: &[&str] = &[
        "chap", "gtc", "md5", "mschap", "mschapv2", "otp", "pap", "tls",
    ];
    const EAP: &[&str] = &["gtc", "md5", "mschapv2", "otp", "tls"];
    let source = &own.source;
    let methods = source.text(KEY).unwrap_or("").to_ascii_lowercase();
    for word in methods.split_ascii_whitespace() {
        let (word, name, known) = match word.strip_prefix("eap-") {
            Some(word) => (word, "phase2-autheap", EAP),
            None => (word, "phase2-auth", PLAIN),
        };
        if !known.contains(&word) {
            return Err(refused(source, KEY));
        }
        if made.get(GROUP, name).is_some() {
            continue;
        }
        match word {
            "tls" => certificates(own, &INNER, made)?,
            _ => password(own, made)?,
        }
        made.set(GROUP, name, word, source.line(KEY));
    }
    // NetworkManager takes a method of either kind, and not both
    let names = ["phase2-auth", "phase2-autheap"].into_iter();
    match names.filter(|name| made.get(GROUP, name).is_some()).count() {
        1 => Ok(()),
        _ => Err(refused(source, KEY)),
    }
}
