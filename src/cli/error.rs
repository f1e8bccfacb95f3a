//! What goes wrong, once, for all commands: one message, where, and what to do; and the only place that knows exit statuses.

use std::process::ExitCode;

use crate::tree::HostPath;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Refused or declined: nothing was written.
    Refused,
    /// The command line is wrong, or a file could not be read or written.
    Failed,
    /// With `--exit-code`: there are changes.
    Changes,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::Failed => 2,
            Exit::Changes => 4,
        })
    }
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// File and line (0: the file as a whole).
    Line(HostPath, u32),
    /// In a finding, as it is printed.
    Finding(String),
}

/// An error as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CliError {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) at: Option<At>,
    /// The text of that line, or the difference that matters.
    pub(super) excerpt: Vec<String>,
    pub(super) help: Vec<String>,
}

impl CliError {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            at: None,
            excerpt: Vec::new(),
            help: Vec::new(),
        }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(super) fn at(mut self, path: &HostPath, line: u32) -> Self {
        self.at = Some(At::Line(path.clone(), line));
        self
    }

    pub(super) fn excerpt(mut self, lines: Vec<String>) -> Self {
        self.excerpt = lines;
        self
    }

    pub(super) fn finding(mut self, text: String) -> Self {
        self.at = Some(At::Finding(text));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}
