//! The words of a command: where one begins and ends, and what the command does with those that come.

use super::super::table::is_shell_secret;
use super::super::text::{name_before, run};
use super::{Kind, Scan};

/// What a command is known to do with its words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Begins,
    /// Its words are assignments.
    Declares,
    Read,
    /// `read` with a secret's name: what it reads is one.
    ReadsSecret,
    Printf,
    /// `printf -v`: a name comes.
    PrintfTo,
    /// `printf -v` with a secret's name.
    PrintfSecret,
    Other,
}

impl Scan<'_> {
    /// Marks where a word begins, and whether that is `NAME=` of a secret.
    pub(super) fn begin(&mut self) {
        let at = self.at;
        let top = self.top();
        if matches!(top.kind, Kind::Command(_)) && top.start.is_none() {
            top.start = Some(at);
            top.word = top.command == Command::PrintfSecret;
        }
    }

    /// Ends the word that is open: what it is tells what comes.
    pub(super) fn end_word(&mut self) {
        let at = self.at;
        let top = self.open.last_mut().expect("the text itself stays open");
        top.word = false;
        let Some(start) = top.start.take() else {
            return;
        };
        let word = str::from_utf8(&self.text[start..at]).unwrap_or("");
        let secret = is_shell_secret(word.trim_matches(['"', '\'']));
        top.command = match (top.command, word) {
            (Command::Begins, "declare" | "env" | "export" | "local" | "readonly" | "typeset") => {
                Command::Declares
            }
            // a command follows these
            (
                Command::Begins,
                "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{",
            ) => Command::Begins,
            (Command::Begins, "read") => Command::Read,
            (Command::Begins, "printf") => Command::Printf,
            (Command::Begins, word) if word.contains('=') => Command::Begins,
            (Command::Read | Command::ReadsSecret, _) if secret => Command::ReadsSecret,
            (Command::Printf, "-v") => Command::PrintfTo,
            (Command::PrintfTo, _) if secret => Command::PrintfSecret,
            (Command::Begins | Command::PrintfTo, _) => Command::Other,
            (known, _) => known,
        };
    }

    pub(super) fn end_command(&mut self) {
        self.end_word();
        self.top().command = Command::Begins;
    }

    /// At `=` of a word: what stands before it may be the name of a secret, an element of it, or `NAME+`.
    pub(super) fn assigned(&mut self) {
        self.begin();
        let start = self.top().start.unwrap_or(self.at);
        let name = name_before(&self.text[start..self.at]);
        self.literal(1);
        let top = self.top();
        if !name || top.word {
            return;
        }
        if matches!(top.command, Command::Begins | Command::Declares) {
            top.word = true;
            return;
        }
        // an argument, which `eval` and the like look at once more
        let end = run(self.text, self.at, self.text.len(), b"");
        self.mask(self.at..end);
    }
}
