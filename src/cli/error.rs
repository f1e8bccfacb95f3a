//! What goes wrong, once, for all commands: one message, where, and what to do; and the only place that knows exit statuses.

use std::process::ExitCode;

use serde_json::json;

use super::site::Site;
use super::{difference, findings, losses};
use crate::backend::migrate::Loss;
use crate::lint::Diagnosis;
use crate::root::RootError;
use crate::transaction::{STATE, TransactionError};
use crate::tree::HostPath;

/// The way out of any history that cannot be read or trusted.
pub(super) const WAY_OUT: &str = "kvmnet recover --distrust-history";

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
    /// A file and its line; without one, the file as a whole.
    Line(HostPath, Option<u32>),
    /// In findings, as they are printed and as they are.
    Findings(Box<(String, Vec<Diagnosis>)>),
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
    pub(super) kind: ErrorKind,
    pub(super) lost: Option<Box<Lost>>,
}

/// All that a migration would lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost(pub(super) Vec<Loss>);

/// What kind of error it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// It will not be done.
    Refused,
    /// The command line is wrong.
    Usage,
    /// Something could not be read or written.
    Io,
    /// Nobody reads the output any more.
    Closed,
}

impl ErrorKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Usage => "usage",
            Self::Io | Self::Closed => "io",
        }
    }
}

impl CliError {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            at: None,
            excerpt: Vec::new(),
            help: Vec::new(),
            lost: None,
            kind: match exit {
                Exit::Done | Exit::Refused | Exit::Changes => ErrorKind::Refused,
                Exit::Failed => ErrorKind::Io,
            },
        }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Usage,
            ..Self::failed(message)
        }
    }

    /// Returns the object that `--json` prints.
    pub(super) fn json(&self, site: &Site) -> serde_json::Value {
        let at = match &self.at {
            Some(At::Line(path, line)) => Some((path, *line)),
            Some(At::Findings(_)) | None => None,
        };
        let help: Vec<_> = self.help.iter().map(|help| site.typed(help)).collect();
        let findings = match &self.at {
            Some(At::Findings(findings)) => findings.1.as_slice(),
            Some(At::Line(..)) | None => &[],
        };
        let findings = findings.iter().map(|d| findings::json(d, site));
        let findings: Vec<_> = findings.collect();
        let losses = self.lost.iter().flat_map(|lost| &lost.0);
        let losses: Vec<_> = losses.map(losses::json).collect();
        json!({
            "schema": 1,
            "error": {
                "kind": self.kind.word(),
                "message": site.typed(&self.message),
                "at": at.map(|(path, line)| json!({
                    "path": path.as_str(),
                    "line": line,
                })),
                "help": help,
                "findings": findings,
                "losses": losses,
            },
        })
    }

    pub(super) fn at(mut self, path: &HostPath, line: impl Into<Option<u32>>) -> Self {
        self.at = Some(At::Line(path.clone(), line.into()));
        self
    }

    pub(super) fn excerpt(mut self, lines: Vec<String>) -> Self {
        self.excerpt = lines;
        self
    }

    pub(super) fn findings(mut self, text: String, findings: Vec<Diagnosis>) -> Self {
        self.at = Some(At::Findings(Box::new((text, findings))));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl From<RootError> for CliError {
    fn from(error: RootError) -> Self {
        let no_root = matches!(
            error,
            RootError::NoSuchRoot { .. } | RootError::RootNoFolder { .. }
        );
        let denied =
            matches!(error, RootError::Io { source, .. } if source == rustix::io::Errno::ACCESS);
        let failed = Self::failed(error.to_string());
        if let RootError::TooMuch { folder, root, .. } = &error {
            let folder = root.join(folder.relative());
            let quoted = folder.as_str().replace('\'', r"'\''");
            return failed.help(format!(
                "find what is large: du -a '{quoted}' | sort -n | tail"
            ));
        }
        match (no_root, denied) {
            (true, _) => failed.help("give the folder that contains the tree's etc: --root DIR"),
            (false, true) => failed.help("run it as root"),
            (false, false) => failed,
        }
    }
}

impl From<TransactionError> for CliError {
    fn from(error: TransactionError) -> Self {
        let message = error.to_string();
        match error {
            TransactionError::Locked { .. } => {
                Self::refused(message).help("wait until it has finished, and try again")
            }
            TransactionError::Changed {
                path,
                expected,
                found,
            } => Self::refused(format!("{path} was edited since"))
                .at(&path, None)
                .excerpt(difference::between(
                    &path,
                    expected.as_ref(),
                    found.as_ref(),
                )),
            TransactionError::TakenBack(cause)
                if matches!(*cause, TransactionError::Changed { .. }) =>
            {
                let mut error = Self::from(*cause);
                error.message += " the change began; everything else is as it was before";
                error
            }
            TransactionError::Pending(_) => Self::refused(message).help("kvmnet recover"),
            TransactionError::Unknown(_) => {
                Self::refused(message).help("list the transactions: kvmnet history")
            }
            TransactionError::Forgotten(_) => Self::refused(message)
                .help("what it replaced is in /var/lib/kvmnet/originals, unless it was pruned"),
            TransactionError::Stuck { .. } => Self::failed(message).help("kvmnet recover"),
            TransactionError::Io { source, .. } if source == rustix::io::Errno::ACCESS => {
                Self::failed(message).help("run it as root")
            }
            TransactionError::Root(error) => error.into(),
            TransactionError::Journal { .. } => {
                Self::failed(message).help(format!("continue without the history: {}", WAY_OUT))
            }
            TransactionError::Distrusted { why, .. } => {
                let mut refused = Self::refused(message);
                if why.contains("belongs to") || why.contains("is writable by others") {
                    let me = rustix::process::geteuid().as_raw();
                    refused = refused.help(format!(
                        "if it is yours: chown -hR {me} {STATE} && chmod -R go-w {STATE}"
                    ));
                }
                refused.help(format!("set it aside and continue without it: {}", WAY_OUT))
            }
            TransactionError::TooMuch { .. } => {
                Self::refused(message).help("change less at once, such as one rule or file")
            }
            TransactionError::Io { .. } | TransactionError::TakenBack(_) => Self::failed(message),
        }
    }
}
