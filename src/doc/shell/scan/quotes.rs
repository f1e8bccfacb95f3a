//! Passing over what is quoted, and over brackets with all that is nested in them.
//!
//! Source: bash(1), QUOTING and EXPANSION.

use super::Scanner;

impl Scanner<'_> {
    /// Skips to behind the single quote that closes the one at the cursor.
    pub(super) fn single(&mut self, escapes: bool) {
        let open = self.at;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\'' => return,
                b'\\' if escapes => self.at = (self.at + 1).min(self.bytes.len()),
                _ => {}
            }
        }
        self.unclosed(open, '\'');
    }

    pub(super) fn double(&mut self, depth: usize) {
        let open = self.at;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.at = (self.at + 2).min(self.bytes.len()),
                b'$' | b'`' => self.expansion(depth),
                _ => self.at += 1,
            }
        }
        self.unclosed(open, '"');
    }

    fn backquote(&mut self) {
        let open = self.at;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at = (self.at + if byte == b'\\' { 2 } else { 1 }).min(self.bytes.len());
            if byte == b'`' {
                return;
            }
        }
        self.unclosed(open, '`');
    }

    /// Skips what begins with `$` or a backquote at the cursor.
    pub(super) fn expansion(&mut self, depth: usize) {
        match (self.peek(0), self.peek(1)) {
            (Some(b'`'), _) => self.backquote(),
            (Some(b'$'), Some(b'(')) => {
                self.at += 1;
                self.bracket(b'(', b')', depth + 1);
            }
            (Some(b'$'), Some(b'{')) => {
                self.at += 1;
                self.bracket(b'{', b'}', depth + 1);
            }
            _ => self.at += 1,
        }
    }

    /// Skips a bracket with all that is nested in it. Nesting beyond 64 is taken for unclosed: nobody writes it.
    pub(super) fn bracket(&mut self, open: u8, close: u8, depth: usize) {
        let start = self.at;
        let mut nested = 0usize;
        while let Some(byte) = self.peek(0) {
            if depth > 64 {
                break;
            }
            match byte {
                b'\\' => self.at = (self.at + 2).min(self.bytes.len()),
                b'\'' => self.single(false),
                b'"' => self.double(depth + 1),
                b'$' | b'`' => self.expansion(depth + 1),
                _ => {
                    self.at += 1;
                    nested += usize::from(byte == open);
                    if byte == close {
                        nested -= 1;
                        if nested == 0 {
                            return;
                        }
                    }
                }
            }
        }
        self.unclosed(start, char::from(open));
    }

    /// Skips a backslash with what it quotes, CR LF counting as one line end.
    pub(super) fn escape(&mut self) {
        let quoted = match (self.peek(1), self.peek(2)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (None, _) => 0,
            _ => 1,
        };
        self.at += 1 + quoted;
    }
}
