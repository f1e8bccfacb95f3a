//! What a word means to bash, and how a value is written so that sourcing it can run nothing.
//!
//! Source: bash(1), QUOTING; NetworkManager's shvar.c reads the same subset.

/// The value of an assignment, as bash has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The text after quotes are removed.
    Literal(String),
    /// Bash would expand something (`$X`, `$(…)`, backquotes, `~`, an array): the text is carried, never evaluated.
    Shell,
}

impl Value {
    /// Returns the text, `None` where only a shell knows it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Shell => None,
        }
    }
}

/// How a value is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// `value`
    Bare,
    /// `'value'`
    Single,
    /// `"value"`
    Double,
}

impl Quotes {
    /// Returns how the whole word `raw` is quoted; mixed forms count as double.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        match raw.as_bytes() {
            [b'\'', .., b'\''] if raw.matches('\'').count() == 2 => Self::Single,
            _ if raw.contains(['"', '\'', '\\', '$']) => Self::Double,
            _ => Self::Bare,
        }
    }
}

/// Returns the value of the word `raw`.
#[must_use]
pub fn read(raw: &str) -> Value {
    if raw.starts_with('(') {
        return Value::Shell;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"./:_,-=".contains(&byte);
    if raw.bytes().all(plain) {
        return Value::Literal(raw.to_owned());
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    // a tilde is expanded at the start of the value, and after an unquoted colon
    let mut tilde_expands = true;
    while let Some(c) = chars.next() {
        let continues = c == '\\' && matches!(chars.peek(), Some('\n' | '\r'));
        let known = match c {
            '~' => {
                text.push(c);
                !tilde_expands
            }
            '\'' => {
                text.extend(chars.by_ref().take_while(|c| *c != '\''));
                true
            }
            '"' => double(&mut chars, &mut text),
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi_c(&mut chars, &mut text)
            }
            '$' => literal_dollar(chars.peek().copied(), &mut text),
            '`' => false,
            '\\' => {
                escaped(chars.next(), &mut chars, &mut text);
                true
            }
            _ => {
                text.push(c);
                true
            }
        };
        if !known {
            return Value::Shell;
        }
        tilde_expands = c == ':' || (tilde_expands && continues);
    }
    Value::Literal(text)
}

/// Returns whether `raw` holds an opening brace outside of quotes; in `$'…'` any counts.
pub(super) fn has_brace(raw: &str) -> bool {
    let mut quote = None;
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '{') => return true,
            (None | Some('"'), '\\') => drop(chars.next()),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            _ => {}
        }
    }
    raw.contains("$'") && raw.contains('{')
}

fn escaped(
    next: Option<char>,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    text: &mut String,
) {
    match next {
        Some('\n') => {}
        None => text.push('\\'), // the last byte of a file
        Some('\r') if chars.peek() == Some(&'\n') => {
            chars.next();
        }
        Some(c) => text.push(c),
    }
}

/// A `$` stands for itself where no name, bracket or quote follows.
fn literal_dollar(next: Option<char>, text: &mut String) -> bool {
    let expands = next.is_some_and(|c| c.is_ascii_alphanumeric() || "_{([\"@*#?-$!".contains(c));
    text.push('$');
    !expands
}

/// Reads the inside of double quotes; the cursor stands behind the opening one.
fn double(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, text: &mut String) -> bool {
    while let Some(c) = chars.next() {
        match c {
            '"' => return true,
            '`' => return false,
            '$' if chars.peek() == Some(&'"') => text.push('$'),
            '$' if !literal_dollar(chars.peek().copied(), text) => return false,
            '$' => {}
            '\\' => match chars.next() {
                Some(quoted @ ('$' | '`' | '"' | '\\')) => text.push(quoted),
                Some('\n') | None => {}
                Some(other) => text.extend(['\\', other]),
            },
            _ => text.push(c),
        }
    }
    false
}

/// Reads the inside of `$'…'`; what is not one of the common escapes is left to the shell.
fn ansi_c(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, text: &mut String) -> bool {
    while let Some(c) = chars.next() {
        match c {
            '\'' => return true,
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('a') => text.push('\u{7}'),
                Some('b') => text.push('\u{8}'),
                Some('e' | 'E') => text.push('\u{1b}'),
                Some(quoted @ ('\\' | '\'' | '"' | '?')) => text.push(quoted),
                Some('x') => match number(chars, 16, 2) {
                    Some(c) if c.is_ascii() && c != '\0' => text.push(c),
                    _ => return false,
                },
                // beyond ASCII bash asks the locale
                Some('u') => match number(chars, 16, 4) {
                    Some(c) if c.is_ascii() && c != '\0' => text.push(c),
                    _ => return false,
                },
                _ => return false,
            },
            _ => text.push(c),
        }
    }
    false
}

fn number(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    radix: u32,
    most: usize,
) -> Option<char> {
    let mut value = None;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else {
            break;
        };
        value = Some(value.unwrap_or(0) * radix + digit);
        chars.next();
    }
    char::from_u32(value?)
}

/// Returns `value` as one shell word, in the quotes asked for where they fit, else in safer ones.
#[must_use]
pub fn write(value: &str, quotes: Quotes) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,-=".contains(c);
    if value.chars().any(|c| c.is_ascii_control()) {
        return write_ansi_c(value);
    }
    match quotes {
        Quotes::Bare if !value.is_empty() && value.chars().all(plain) => value.to_owned(),
        Quotes::Bare if value.is_empty() => String::new(),
        Quotes::Single if !value.contains('\'') => format!("'{value}'"),
        Quotes::Bare | Quotes::Single | Quotes::Double => {
            let mut word = String::from('"');
            for c in value.chars() {
                if matches!(c, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(c);
            }
            word + "\""
        }
    }
}

fn write_ansi_c(value: &str) -> String {
    let mut word = String::from("$'");
    for c in value.chars() {
        match c {
            '\n' => word.push_str("\\n"),
            '\t' => word.push_str("\\t"),
            '\r' => word.push_str("\\r"),
            '\\' | '\'' => word.extend(['\\', c]),
            c if c.is_ascii_control() => word.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => word.push(c),
        }
    }
    word + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_as_bash_does() {
        let cases = [
            ("dhcp", Some("dhcp")),
            ("\"a b\"", Some("a b")),
            ("'a \"$x\" b'", Some("a \"$x\" b")),
            ("a'b c'\"d\"", Some("ab cd")),
            ("ab#c", Some("ab#c")),
            ("a\\ b", Some("a b")),
            ("\"it\\'s\"", Some("it\\'s")),
            ("$'a\\tb\\x41\\u0042ä'", Some("a\tbABä")),
            ("$'\\u00e4'", None),
            ("\"5$\"", Some("5$")),
            ("\"a\\\nb\"", Some("ab")),
            ("", Some("")),
            ("$X", None),
            ("\"${X}\"", None),
            ("`cmd`", None),
            ("\"$(cmd)\"", None),
            ("~root", None),
            ("a\\", Some("a\\")),
            ("a:~", None),
            ("'a b':~", None),
            ("a~:", Some("a~:")),
            ("\"a:\"~", Some("a:~")),
            ("(a b)", None),
        ];
        for (raw, value) in cases {
            assert_eq!(read(raw).literal(), value, "{raw}");
        }
    }

    #[test]
    fn keeps_quotes_where_they_fit() {
        assert_eq!(write("br0", Quotes::Double), "\"br0\"");
        assert_eq!(write("br0", Quotes::Bare), "br0");
        assert_eq!(write("a b", Quotes::Bare), "\"a b\"");
        assert_eq!(write("it's", Quotes::Single), "\"it's\"");
        assert_eq!(
            write("$(rm -rf /)`x`", Quotes::Bare),
            "\"\\$(rm -rf /)\\`x\\`\""
        );
        assert_eq!(write("a\nb", Quotes::Double), "$'a\\nb'");
    }
}
