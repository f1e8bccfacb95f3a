//! Bytes as hexadecimal text, in plans and journals.

use serde::{Deserialize, Serialize};

/// Bytes that are written as hexadecimal text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex(pub Vec<u8>);

impl From<Hex> for String {
    fn from(Hex(bytes): Hex) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
        let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
        bytes.iter().flat_map(pair).collect()
    }
}

impl TryFrom<String> for Hex {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let pair = |pair: &[u8; 2]| Some((value(pair[0])? << 4) | value(pair[1])?);
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs.iter().map(pair).collect();
        bytes
            .filter(|_| rest.is_empty())
            .map(Self)
            .ok_or("it is not hexadecimal text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = String::from(Hex(bytes.clone()));
        assert_eq!(Hex::try_from(text), Ok(Hex(bytes)));
        for bad in ["0", "zz", "0G", "+1", "é"] {
            assert!(Hex::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
