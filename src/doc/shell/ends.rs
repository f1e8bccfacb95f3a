//! The ends of logical lines: a line end inside quotes is part of a value, and none of them.

use super::ShellDoc;

/// Returns `text` with `end` behind every logical line, the last one too.
#[must_use]
pub fn with_line_ends(text: &str, end: &str) -> String {
    let doc = ShellDoc::parse(text);
    let lines = doc.lines().iter();
    lines
        .flat_map(|line| [&text[line.text.clone()], end])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_line_ends() {
        for (text, end, whole) in [
            ("A=b\r\nB=c", "\n", "A=b\nB=c\n"),
            ("A='b\nc'\nB=c\n", "\r\n", "A='b\nc'\r\nB=c\r\n"),
            ("A=\"b\r\nc\"\r\n", "\n", "A=\"b\r\nc\"\n"),
            ("# c\r\n\r\nA=b", "\n", "# c\n\nA=b\n"),
        ] {
            assert_eq!(with_line_ends(text, end), whole, "{text:?}");
        }
    }
}
