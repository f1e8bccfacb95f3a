//! The entries of keyfiles that are only looked into: those of systemd, and of NetworkManager's own configuration.

/// One key with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its line, counted from 1.
    pub line: u32,
    /// The section that it stands in, "" before the first.
    pub section: &'a str,
    /// The key.
    pub key: &'a str,
    /// The value, with its escapes.
    pub value: &'a str,
}

/// Returns the entries of `text` in order; lines of any other kind are passed over.
#[must_use]
pub fn entries(text: &str) -> Vec<Entry<'_>> {
    let (mut section, mut found) = ("", Vec::new());
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        let heading = line.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
        section = heading.unwrap_or(section);
        if let Some((key, value)) = line.split_once('=')
            && heading.is_none()
            && !line.starts_with('#')
        {
            let (key, value) = (key.trim_end(), value.trim_start());
            found.push(Entry {
                line: number,
                section,
                key,
                value,
            });
        }
    }
    found
}
