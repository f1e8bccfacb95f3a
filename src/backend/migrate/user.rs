//! `NM_USER_*` keys as `[user]`.
//!
//! Source: `nm_utils_env_var_decode_name()`: a name is written in capitals; `_` and a capital is that capital, `__` a dot, `_`
//! and three octal digits any other character.

use super::made::Made;
use super::source::Source;

const START: &str = "NM_USER_";

/// Writes `[user]`.
pub(super) fn write(source: &Source<'_>, made: &mut Made) {
    for key in source.begin_with(START) {
        let name = decoded(&key[START.len()..]);
        // NetworkManager takes names with a dot alone
        if let (Some(name), Some(value)) = (name.filter(|name| name.contains('.')), source.any(key))
        {
            made.set("user", escaped(&name), value, source.line(key));
        }
    }
}

fn decoded(name: &str) -> Option<String> {
    let (mut found, mut rest) = (String::new(), name);
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            'A'..='Z' => found.push(c.to_ascii_lowercase()),
            '0'..='9' => found.push(c),
            '_' => {
                let next = rest.chars().next()?;
                match next {
                    '_' => found.push('.'),
                    'A'..='Z' => found.push(next),
                    '0'..='7' => {
                        let number = u8::from_str_radix(rest.get(..3)?, 8).ok()?;
                        found.push(char::from(number));
                        rest = &rest[2..];
                    }
                    _ => return None,
                }
                rest = &rest[1..];
            }
            _ => return None,
        }
    }
    Some(found)
}

/// Returns a name as a keyfile writes it: what cannot stand in one is a backslash and two digits.
fn escaped(name: &str) -> String {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '=' | '[' | ']' | '\\');
    let one = |c: char| match fits(c) {
        true => c.to_string(),
        false => format!("\\{:02X}", u32::from(c)),
    };
    name.chars().map(one).collect()
}
