//! Every address that a file of libvirt's names, wherever it stands in it.

use std::net::IpAddr;

use crate::doc::xml::XmlDoc;

/// Returns the addresses that a text names outside of comments, with their lines; none of a text that cannot be parsed.
#[must_use]
pub fn addresses_in(text: &str) -> Vec<(u32, IpAddr)> {
    let Ok(doc) = XmlDoc::parse(text) else {
        return Vec::new();
    };
    let in_comment = |offset: usize| doc.comments().iter().any(|span| span.contains(&offset));
    let address = |(offset, word): (usize, &str)| {
        let ip = word.parse::<IpAddr>().ok()?;
        (!in_comment(offset)).then(|| (doc.line(offset), ip))
    };
    words(text).filter_map(address).collect()
}

/// Returns what may be addresses, with their offsets.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    text.split(move |c| !part(c))
        .filter(|word| word.len() > 2)
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}
