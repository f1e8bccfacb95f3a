//! Text for troff, in the macros of man(7): escaped, and filled to lines that `mandoc -T lint` has nothing to say of.
//!
//! In running text what stands between backticks is bold.

use std::fmt::Write;

/// The most columns of a line of running text.
const WIDTH: usize = 76;

/// A page that is being written.
pub(super) struct Roff(String);

impl Roff {
    /// Begins a page, whose first line is `mark`.
    pub(super) fn new(mark: &str, title: &str, section: u8, date: &str, source: &str) -> Self {
        let title = code(&title.to_uppercase());
        Self(format!(
            "{mark}\n.TH {title} {section} {date} \"{source}\" \"System Manager's Manual\"\n"
        ))
    }

    pub(super) fn section(&mut self, heading: &str) {
        let _ = writeln!(self.0, ".SH {}", code(heading));
    }

    pub(super) fn subsection(&mut self, heading: &str) {
        let _ = writeln!(self.0, ".SS {}", code(heading));
    }

    /// Adds text, behind a heading or a term.
    pub(super) fn text(&mut self, text: &str) {
        self.fill(&marked_up(text));
    }

    /// Adds a paragraph to a section that has one.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.0.push_str(".PP\n");
        self.text(text);
    }

    /// Adds what is escaped already, in lines that are no longer than they should be.
    pub(super) fn fill(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
                self.line(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            // troff sets the space between sentences where a line ends
            if word.ends_with(['.', '?', '!']) {
                self.line(&line);
                line.clear();
            }
        }
        self.line(&line);
    }

    /// Adds a term, which is escaped already, and what it means.
    pub(super) fn term(&mut self, term: &str, meaning: &str) {
        self.0.push_str(".TP\n");
        self.line(term);
        self.text(meaning);
    }

    pub(super) fn line_break(&mut self) {
        self.0.push_str(".br\n");
    }

    /// Adds lines as they are.
    pub(super) fn lines(&mut self, text: &str) {
        self.0.push_str(".PP\n.RS 4\n.EX\n");
        for line in text.lines() {
            match line.is_empty() {
                true => self.0.push_str("\\&\n"),
                false => self.line(&code(line)),
            }
        }
        self.0.push_str(".EE\n.RE\n");
    }

    fn line(&mut self, line: &str) {
        if line.starts_with(['.', '\'']) {
            self.0.push_str("\\&");
        }
        if !line.is_empty() {
            let _ = writeln!(self.0, "{line}");
        }
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Escapes text of which each byte counts, so that it can be copied from the page.
pub(super) fn code(text: &str) -> String {
    escaped(text, "\\-")
}

pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", code(text))
}

pub(super) fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", code(text))
}

/// Escapes running text that stands in the middle of a line: without a capital, but in names such as DHCP.
pub(super) fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().unwrap_or_default();
    match letters.clone().next().is_some_and(char::is_uppercase) {
        true => marked_up(text),
        false => marked_up(&format!("{}{}", first.to_lowercase(), letters.as_str())),
    }
}

/// Escapes running text, and makes bold what stands between backticks.
fn marked_up(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let part = |(nr, part): (usize, &str)| match nr % 2 {
        1 => bold(part),
        _ => escaped(part, "-"),
    };
    parts.map(part).collect()
}

fn escaped(text: &str, hyphen: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\e"),
            // of an option, it is none of prose
            '-' if before == ' ' || before == '-' => escaped.push_str("\\-"),
            '-' => escaped.push_str(hyphen),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '^' => escaped.push_str("\\(ha"),
            '~' => escaped.push_str("\\(ti"),
            '"' => escaped.push_str("\\(dq"),
            '\n' | '\t' => escaped.push(' '),
            c if c.is_ascii() => escaped.push(c),
            c => {
                let _ = write!(escaped, "\\[u{:04X}]", u32::from(c));
            }
        }
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_a_request() {
        let mut roff = Roff::new(".\\\" x", "kvmnet", 8, "2026-11-30", "kvmnet 1");
        roff.text(".so /etc/passwd");
        roff.lines("'x' \\fB -- ^~`\n\n.TH");
        let text = roff.into_text();
        let expected = "\\&.so /etc/passwd\n.PP\n.RS 4\n.EX\n\\(aqx\\(aq \\efB \\-\\- \\(ha\\(ti\\(ga\n\\&\n\\&.TH\n.EE\n.RE\n";
        assert_eq!(
            text.lines().skip(2).collect::<Vec<_>>().join("\n") + "\n",
            expected
        );
    }

    #[test]
    fn text_is_filled_and_marked_up() {
        let mut roff = Roff(String::new());
        roff.text("Run `kvmnet status --diff` first. It is layer-3 … so");
        let expected = "Run \\fBkvmnet status \\-\\-diff\\fR first.\nIt is layer-3 \\[u2026] so\n";
        assert_eq!(roff.into_text(), expected);
    }
}
