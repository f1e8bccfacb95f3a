//! Values as libvirt and the C library read them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How a number is written, and how large it may be.
#[derive(Clone, Copy)]
pub(super) struct Number {
    base: u32,
    most: u64,
    /// Whether `-1` is taken for the largest number (`virStrToLong_ui()`).
    wraps: bool,
}

impl Number {
    /// `virStrToLong_uip()` to the base 10.
    pub(super) const INT: Self = Self {
        base: 10,
        most: u32::MAX as u64,
        wraps: false,
    };
    /// `virStrToLong_ui()` to the base 10, which takes `-1` as well.
    pub(super) const INT_OR_MINUS: Self = Self {
        wraps: true,
        ..Self::INT
    };
    /// `virStrToLong_ullp()` and `virStrToLong_ulp()` to the base 10.
    pub(super) const LONG: Self = Self {
        most: u64::MAX,
        ..Self::INT
    };
    /// `virStrToLong_uip()` to the base 0: also hexadecimal and octal.
    pub(super) const ANY_BASE: Self = Self {
        base: 0,
        ..Self::INT
    };
    /// `virStrToLong_ullp()` to the base 16, with or without `0x`.
    pub(super) const HEXADECIMAL: Self = Self {
        base: 16,
        ..Self::LONG
    };
    /// `virStrToLong_ullp()` to the base 0.
    pub(super) const ANY_BASE_LONG: Self = Self {
        base: 0,
        ..Self::LONG
    };
    /// `virStrToLong_ui()` to the base 0.
    pub(super) const ANY_BASE_OR_MINUS: Self = Self {
        wraps: true,
        ..Self::ANY_BASE
    };

    /// Returns the number that `text` is, as `strtoul()` reads it and nothing may follow.
    pub(super) fn read(self, text: &str) -> Option<u64> {
        let blank = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];
        let text = text.trim_start_matches(blank);
        let (minus, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (base, digits) = self.digits(digits);
        let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(base));
        let value = u64::from_str_radix(digits, base).ok().filter(|_| all)?;
        match minus {
            false => (value <= self.most).then_some(value),
            true if !self.wraps || value > self.most => None,
            true => Some(value.wrapping_neg() & self.most),
        }
    }

    fn digits(self, text: &str) -> (u32, &str) {
        let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        match hexadecimal.filter(|_| self.base != 10) {
            Some(digits) => (16, digits),
            None if self.base != 0 => (self.base, text),
            None if text.starts_with('0') => (8, text),
            None => (10, text),
        }
    }
}

/// Returns the signed number that `text` is (`virStrToLong_i()` to the base 10).
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value: i64 = text.parse().ok().filter(|_| plain)?;
    i32::try_from(value).ok().map(i64::from)
}

/// Which addresses are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Any.
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Returns the address that `text` is: `virSocketAddrParse()`, that is `getaddrinfo()` with `AI_NUMERICHOST`, which takes
/// what `inet_aton()` and `inet_pton()` take.
pub(super) fn address(text: &str, family: Family) -> Option<IpAddr> {
    if let Some(v4) = aton(text) {
        return (family != Family::V6).then_some(IpAddr::V4(v4));
    }
    let (plain, scope) = match text.split_once('%') {
        Some((plain, scope)) => (plain, Some(scope)),
        None => (text, None),
    };
    let v6: Ipv6Addr = plain.parse().ok().filter(|_| scope != Some(""))?;
    match family {
        Family::V4 => v6.to_ipv4_mapped().map(IpAddr::V4),
        Family::Any | Family::V6 => Some(IpAddr::V6(v6)),
    }
}

/// `inet_aton()`: one to four numbers to any base, the last of which fills what is left.
fn aton(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = text.splitn(5, '.').collect();
    let (last, before) = parts.split_last().filter(|_| parts.len() <= 4)?;
    let number = |part: &str| {
        let digit = part.starts_with(|c: char| c.is_ascii_digit());
        Number::ANY_BASE.read(part).filter(|_| digit)
    };
    let mut value: u64 = 0;
    for part in before {
        value = value << 8 | number(part).filter(|byte| *byte <= 0xff)?;
    }
    let bits = 8 * (4 - before.len() as u64);
    let last = number(last).filter(|last| *last < 1 << bits)?;
    u32::try_from(value << bits | last).ok().map(Ipv4Addr::from)
}

/// Returns the bytes of the hardware address that `text` is (`virMacAddrParse()`).
pub(super) fn mac(text: &str) -> Option<[u8; 6]> {
    let mut bytes = [0; 6];
    let mut rest = text;
    for (index, byte) in bytes.iter_mut().enumerate() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_hexdigit())
                .len();
        let (own, behind) = rest.split_at(digits);
        *byte = u8::from_str_radix(own, 16)
            .ok()
            .filter(|_| own.len() <= 2)?;
        rest = match index {
            5 if behind.chars().next().is_none_or(|c| c <= ' ') => return Some(bytes),
            _ => behind.strip_prefix(':')?,
        };
    }
    None
}

/// Returns whether `text` is a UUID for `virUUIDParse()`: dashes and spaces between the pairs of digits, white space around.
pub(super) fn is_uuid(text: &str) -> bool {
    let blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    let mut rest = text.trim_start_matches(blank).bytes().peekable();
    let mut pairs = 0;
    while pairs < 16 {
        if rest.next_if(|byte| matches!(byte, b'-' | b' ')).is_some() {
            continue;
        }
        for _ in 0..2 {
            if rest.next_if(u8::is_ascii_hexdigit).is_none() {
                return false;
            }
        }
        pairs += 1;
    }
    rest.all(|byte| blank(char::from(byte)))
}

/// Returns the prefix length of a netmask, `None` where its ones are not in front.
pub(super) fn length_of(mask: Ipv4Addr) -> Option<u8> {
    ipnet::ip_mask_to_prefix(IpAddr::V4(mask)).ok()
}

/// Returns `address` with only its first `length` bits (`virSocketAddrMaskByPrefix()`).
pub(super) fn masked(address: IpAddr, length: u8) -> Option<IpAddr> {
    let net = ipnet::IpNet::new(address, length).ok()?;
    Some(net.network())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_strtoul() {
        let int = |text| Number::INT.read(text);
        assert_eq!(int("12"), Some(12));
        assert_eq!(int(" +12"), Some(12));
        assert_eq!(int("4294967295"), Some(4_294_967_295));
        for none in [
            "",
            " ",
            "4294967296",
            "-1",
            "12 ",
            "0x10",
            "1.5",
            "+-1",
            "- 1",
            "ten",
            "１",
        ] {
            assert_eq!(int(none), None, "{none}");
        }
        assert_eq!(Number::INT_OR_MINUS.read("-1"), Some(4_294_967_295));
        assert_eq!(Number::INT_OR_MINUS.read("-4294967296"), None);
        assert_eq!(Number::LONG.read("18446744073709551615"), Some(u64::MAX));
        assert_eq!(Number::LONG.read("18446744073709551616"), None);
        let any = |text| Number::ANY_BASE.read(text);
        assert_eq!(
            (any("0x1F"), any("017"), any("0")),
            (Some(31), Some(15), Some(0))
        );
        assert_eq!((any("0x"), any("08"), any("1f")), (None, None, None));
        let hexadecimal = |text| Number::HEXADECIMAL.read(text);
        assert_eq!(
            (hexadecimal("1f"), hexadecimal("0x1f"), hexadecimal("g")),
            (Some(31), Some(31), None)
        );
    }

    #[test]
    fn integers_may_be_negative() {
        assert_eq!((integer("-5"), integer("+5")), (Some(-5), Some(5)));
        assert_eq!((integer("2147483648"), integer("")), (None, None));
    }

    #[test]
    fn addresses_are_those_of_getaddrinfo() {
        let any = |text| address(text, Family::Any).map(|address| address.to_string());
        let is = |text, value: &str| assert_eq!(any(text).as_deref(), Some(value), "{text}");
        is("192.168.1.1", "192.168.1.1");
        is("192.168.1", "192.168.0.1");
        is("010.0.0.1", "8.0.0.1");
        is("0x7f000001", "127.0.0.1");
        is("fe80::1%eth0", "fe80::1");
        is("::ffff:1.2.3.4", "::ffff:1.2.3.4");
        for none in [
            "",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.4 ",
            " 1.2.3.4",
            "1.2.3.",
            "1::2::3",
            "1.2.3.4/24",
            "fe80::1%",
            "host",
        ] {
            assert_eq!(any(none), None, "{none}");
        }
        assert_eq!(address("::1", Family::V4), None);
        assert_eq!(address("1.2.3.4", Family::V6), None);
        assert_eq!(
            address("::ffff:1.2.3.4", Family::V4),
            Some("1.2.3.4".parse().unwrap())
        );
    }

    #[test]
    fn macs_and_uuids() {
        for good in ["52:54:00:12:34:56", "52:54:0:1:2:3", "52:54:00:12:34:56 x"] {
            assert!(mac(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "525400123456",
            "52-54-00-12-34-56",
            "52:54:00:12:34",
            "52:54:00:12:34:567",
            "52:54:00:12:34:5g",
            "52:54:00:12:34:56:",
            " 52:54:00:12:34:56",
            "+2:54:00:12:34:56",
        ] {
            assert!(mac(bad).is_none(), "{bad}");
        }
        let digits = "0123456789abcdef0123456789ABCDEF";
        assert!(is_uuid(digits) && is_uuid(&format!(" {digits}\n")));
        assert!(is_uuid("01234567-89ab-cdef-0123-456789abcdef"));
        for bad in [
            "",
            "0123",
            "0123456789abcdef0123456789abcdefa",
            "0-123456789abcdef0123456789abcdef",
            "zz",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }
}
