//! The name of a wireless network.

/// Returns the bytes of the name that `value` of ESSID is: digits of hexadecimal bytes behind `0x`, else itself.
///
/// Source: `make_wireless_setting()` in nms-ifcfg-rh-reader.c (run).
pub(in crate::backend) fn ssid(value: &str) -> Vec<u8> {
    hexadecimal(value).unwrap_or_else(|| value.as_bytes().to_vec())
}

fn hexadecimal(value: &str) -> Option<Vec<u8>> {
    let digits = value.strip_prefix("0x").filter(|rest| !rest.is_empty())?;
    let digits: Vec<u32> = digits
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_names() {
        for (value, expected) in [
            ("blah", &b"blah"[..]),
            ("0x626c", b"bl"),
            ("0x626", b"0x626"),
            ("0x", b"0x"),
            ("0x62xx", b"0x62xx"),
            ("0xff00", &[0xff, 0]),
        ] {
            assert_eq!(ssid(value), expected, "{value}");
        }
    }
}
