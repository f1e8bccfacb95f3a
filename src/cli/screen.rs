//! The two outputs, and how text reaches them: colour where it is wanted, control characters escaped on a terminal.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufWriter, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::error::{self, At, CliError};
use super::site::Site;
use super::text::{json_escaped, one_line, printable, printable_bytes};
use crate::change::ChangeSet;
use crate::diff::{self, Kind, Line, Place, Section};
use crate::secret::{self, Secrets};

/// Where a command talks: results to `out`, talk to `err`.
pub(super) struct Screen<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) err: &'a mut dyn Write,
    /// Whether results are coloured.
    pub(super) colored: bool,
    /// Whether talk is coloured.
    pub(super) colored_err: bool,
    /// Whether results go to a terminal: then nothing from a file may control it.
    pub(super) terminal: bool,
    /// How many columns a row may have; without a terminal, or with `--wide`, as many as it takes.
    pub(super) width: Option<usize>,
    /// Which machine the tree belongs to.
    pub(super) site: Site,
    /// Whether more is said than what matters.
    pub(super) verbose: bool,
    /// Whether patches show secrets.
    pub(super) secrets: Secrets,
}

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const MAGENTA: Style = AnsiColor::Magenta.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();

impl Screen<'_> {
    /// Prints a line of the result.
    pub(super) fn line(&mut self, text: &str) -> Result<(), CliError> {
        let text = if self.terminal {
            printable(text)
        } else {
            text.to_owned()
        };
        let written = self
            .out
            .write_all((text + "\n").as_bytes())
            .and_then(|()| self.out.flush());
        written.map_err(|error| closed(&error))
    }

    /// Prints a line of the result, its commands as they are typed here.
    pub(super) fn say(&mut self, text: &str) -> Result<(), CliError> {
        let text = self.site.typed(text).into_owned();
        self.line(&text)
    }

    /// Prints the bytes of a file: as they are, but on a terminal as text.
    pub(super) fn file(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        match self.terminal {
            true => self.raw(printable_bytes(bytes).as_bytes()),
            false => self.raw(bytes),
        }
    }

    /// Prints a line of the result in the colour of what becomes of what it tells.
    pub(super) fn marked(&mut self, mark: &str, text: &str) -> Result<(), CliError> {
        let style = match mark {
            "new" => GREEN,
            "gone" => RED,
            "changed" => YELLOW,
            "moved" => MAGENTA,
            _ => return self.line(text),
        };
        let mut bytes = Vec::new();
        self.piece(&mut bytes, style, format!("{text}\n").as_bytes());
        self.raw(&bytes)
    }

    /// Prints bytes of the result as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.out
            .write_all(bytes)
            .and_then(|()| self.out.flush())
            .map_err(|error| closed(&error))
    }

    /// Prints a value as JSON, piece by piece: of a large host it may be long.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let mut out = BufWriter::new(&mut *self.out);
        let written = match self.terminal {
            true => serde_json::to_string_pretty(value)
                .map_err(io::Error::from)
                .and_then(|text| out.write_all(json_escaped(&text).as_bytes())),
            false => serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from),
        };
        written
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .map_err(|error| closed(&error))
    }

    /// Prints the patch of a change, secrets masked unless they are asked for.
    pub(super) fn changes(&mut self, set: &ChangeSet) -> Result<(), CliError> {
        let (shown, masked) = self.shown(set);
        let sections = diff::sections(&shown);
        self.patch(&sections)?;
        let count = match seen_masked(&sections, set, masked) {
            0 => return Ok(()),
            1 => "1 secret is".to_owned(),
            many => format!("{many} secrets are"),
        };
        self.talk(&format!(
            "warning: {count} masked in this patch, which `git apply` cannot use; print it with --show-secrets"
        ));
        Ok(())
    }

    /// Prints the patch of a change as talk, secrets masked: it is not the result.
    pub(super) fn changes_aside(&mut self, set: &ChangeSet) {
        let (shown, _) = self.shown(set);
        let patch = diff::patch(&shown);
        let text = String::from_utf8_lossy(&patch);
        for line in text.lines() {
            self.talk(line);
        }
    }

    /// Returns what is shown of a change, and how many secrets are masked.
    pub(super) fn shown<'s>(&self, set: &'s ChangeSet) -> (Cow<'s, ChangeSet>, usize) {
        match self.secrets {
            Secrets::Masked => secret::masked(set),
            Secrets::Shown => (Cow::Borrowed(set), 0),
        }
    }

    /// Prints a patch; on a terminal its bytes are made printable.
    fn patch(&mut self, sections: &[Section<'_>]) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        let moved = match self.colored {
            true => diff::moved(sections),
            false => BTreeMap::new(),
        };
        let place = |section, line| Place { section, line };
        let lines = sections.iter().enumerate().flat_map(|(n, section)| {
            let lines = section.lines.iter().enumerate();
            lines.map(move |(at, line)| (place(n, at), line))
        });
        for (at, line) in lines {
            let style = match line.kind {
                Kind::Removed | Kind::Added if moved.contains_key(&at) => MAGENTA,
                Kind::Removed => RED,
                Kind::Added => GREEN,
                Kind::Hunk => CYAN,
                Kind::Header => BOLD,
                Kind::Context | Kind::NoNewline => Style::new(),
            };
            for piece in &line.pieces {
                let style = if piece.emphasised {
                    style.bold().invert()
                } else {
                    style
                };
                self.piece(&mut bytes, style, &piece.text);
            }
        }
        self.raw(&bytes)
    }

    fn piece(&self, bytes: &mut Vec<u8>, style: Style, text: &[u8]) {
        let shown = match self.terminal {
            true => printable_bytes(text).into_bytes(),
            false => text.to_vec(),
        };
        let (body, end) = match shown.strip_suffix(b"\n") {
            Some(body) => (body, "\n"),
            None => (shown.as_slice(), ""),
        };
        if self.colored && style != Style::new() && !body.is_empty() {
            bytes.extend(format!("{style}").into_bytes());
            bytes.extend_from_slice(body);
            bytes.extend(format!("{style:#}").into_bytes());
        } else {
            bytes.extend_from_slice(body);
        }
        bytes.extend_from_slice(end.as_bytes());
    }

    /// Prints a line of talk; a closed standard error is nobody's fault.
    pub(super) fn talk(&mut self, text: &str) {
        let line = format!("{}\n", self.site.typed(&one_line(text)));
        self.tell(&line);
    }

    /// Prints a whole message at once, so that nothing of another process comes between its lines.
    fn tell(&mut self, text: &str) {
        let _ = self
            .err
            .write_all(text.as_bytes())
            .and_then(|()| self.err.flush());
    }

    /// Returns the word that introduces a warning, coloured for results.
    pub(super) fn warning(&self) -> String {
        paint(
            self.colored,
            AnsiColor::Yellow.on_default().bold(),
            "warning",
        )
    }

    /// Prints an error: what, where, why, what to do.
    pub(super) fn error(&mut self, error: &CliError) {
        let red = AnsiColor::Red.on_default().bold();
        let word = paint(self.colored_err, red, "error");
        let message = one_line(&error.message);
        let mut lines = vec![format!("{word}: {}", self.site.typed(&message))];
        match &error.at {
            Some(At::Line(path, line)) => {
                let place = path.with_line(*line);
                let excerpt = if error.excerpt.len() == 1 {
                    format!("   {}", error.excerpt[0])
                } else {
                    String::new()
                };
                lines.push(printable(&format!("  --> {place}{excerpt}")));
            }
            // made printable when it was rendered
            Some(At::Findings(findings)) => lines.push(findings.0.clone()),
            None => {}
        }
        if error.excerpt.len() > 1 || error.at.is_none() {
            let excerpt = error.excerpt.iter();
            lines.extend(excerpt.map(|line| printable(&format!("   |  {line}"))));
        }
        let cyan = AnsiColor::Cyan.on_default().bold();
        let word = paint(self.colored_err, cyan, "help");
        let help = error.help.iter().map(|help| printable(help));
        lines.extend(help.map(|help| format!("{word}: {}", self.site.typed(&help))));
        self.tell(&(lines.join("\n") + "\n"));
    }
}

/// Returns how many secrets are masked in the patch of a change, of which so many are masked in its files: of the others it
/// shows nothing.
pub(super) fn seen_masked(shown: &[Section<'_>], set: &ChangeSet, masked: usize) -> usize {
    match masked {
        0 => 0,
        _ => differing(shown, &diff::lines(set)),
    }
}

/// Returns how many lines of a patch are not those of the patch that hides nothing.
fn differing(shown: &[Section<'_>], whole: &[Line<'_>]) -> usize {
    let text = |line: &Line<'_>| -> Vec<u8> {
        line.pieces
            .iter()
            .flat_map(|piece| piece.text.iter().copied())
            .collect()
    };
    let whole: HashSet<Vec<u8>> = whole.iter().map(text).collect();
    let shown = shown.iter().flat_map(|section| &section.lines);
    shown.filter(|line| !whole.contains(&text(line))).count()
}

fn paint(colored: bool, style: Style, word: &str) -> String {
    if colored {
        format!("{style}{word}{style:#}")
    } else {
        word.to_owned()
    }
}

fn closed(error: &io::Error) -> CliError {
    let failed = CliError::failed(format!("cannot write to standard output: {error}"));
    if error.kind() == io::ErrorKind::BrokenPipe {
        return CliError {
            kind: error::ErrorKind::Closed,
            ..failed
        };
    }
    failed
}
