//! The ends of logical lines: a line end inside quotes is part of a value, and none of them.

use super::ShellDoc;

/// Returns `text` with `end` behind every logical line, the last one too.
#[must_use]
pub fn with_line_ends(text: &str, end: &str) -> String {
    if end == "\n" && ends_plainly(text) {
        let whole = text.is_empty() || text.ends_with('\n');
        return format!("{text}{}", if whole { "" } else { end });
    }
    let doc = ShellDoc::parse(text);
    let lines = doc.lines().iter();
    lines
        .flat_map(|line| [&text[line.text.clone()], end])
        .collect()
}

/// Returns whether no line of `text` has another end than LF, so that it need not be parsed. A here-document ends with the
/// end of its last line, and what a backslash goes on with is no line yet: both get an end of their own.
fn ends_plainly(text: &str) -> bool {
    let goes_on = text.trim_end_matches('\n').ends_with('\\');
    !text.contains('\r') && !text.contains("<<") && !goes_on
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
            ("", "\n", ""),
            ("\nA='b\nc'\n\nB=c", "\n", "\nA='b\nc'\n\nB=c\n"),
            ("A=b \\\n", "\n", "A=b \\\n\n"),
            ("cat <<E\nA=b\nE\n", "\n", "cat <<E\nA=b\nE\n\n"),
        ] {
            assert_eq!(with_line_ends(text, end), whole, "{text:?}");
        }
    }
}
