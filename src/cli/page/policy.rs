//! What a page may load: nothing, but the styles that are written in it.

use sha2::{Digest, Sha256};

/// Returns a content security policy for a page with these texts of `<style>` elements.
///
/// Source: Content Security Policy Level 3, 6.7.3.3 (a hash is that of the text of the element); what `default-src` does not
/// cover is forbidden by name.
pub(super) fn policy<'s>(styles: impl IntoIterator<Item = &'s str>) -> String {
    let hashes = styles.into_iter().map(|style| {
        let hash = base64(&Sha256::digest(style.as_bytes()));
        format!(" 'sha256-{hash}'")
    });
    let hashes: String = hashes.collect();
    format!("default-src 'none'; style-src{hashes}; base-uri 'none'; form-action 'none'")
}

/// Returns the texts of the `<style>` elements in markup of our own.
pub(super) fn styles(markup: &str) -> impl Iterator<Item = &str> {
    let elements = markup.split("<style").skip(1);
    elements.filter_map(|element| {
        let (_, rest) = element.split_once('>')?;
        Some(rest.split_once("</style>")?.0)
    })
}

/// The digits of Base64, RFC 4648, 4.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place)) & 63;
            text.push(match place <= three.len() {
                true => char::from(DIGITS[digit as usize]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648, 10.
    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn each_style_is_allowed_by_its_hash() {
        let markup = "<svg><style>a{}</style></svg><style media=\"print\">b{}</style>";
        let found: Vec<&str> = styles(markup).collect();
        assert_eq!(found, ["a{}", "b{}"]);
        // the hash of no bytes, as everybody knows it
        assert_eq!(
            policy([""]),
            "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; base-uri 'none'; form-action 'none'"
        );
        assert_eq!(policy(found).matches("'sha256-").count(), 2);
    }
}
