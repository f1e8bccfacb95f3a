//! A host as a page, for `show --html`: its picture, and its tables.

use camino::Utf8Path;
use handlebars::Handlebars;
use serde::Serialize;

use super::facts::{self, Whose};
use super::policy::{policy, styles};
use super::{PAGE, STYLE, USUAL, markup};
use crate::cli::error::CliError;
use crate::cli::named_file;
use crate::cli::screen::Screen;
use crate::root::Root;

/// The template.
const TEMPLATE: &str = include_str!("../../../templates/page/host.hbs");

/// As many rows of a table are on the page, unless all are asked for.
const MOST_ROWS: usize = 100;

/// A table of a host.
#[derive(Serialize)]
pub(in crate::cli) struct Table {
    name: &'static str,
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many rows are not shown.
    more: usize,
}

impl Table {
    /// Returns the table that was printed as these lines for something that is no terminal: there each cell is one word.
    pub(in crate::cli) fn of(name: &'static str, lines: &[String], all: bool) -> Self {
        let cells = |line: &String| line.split_ascii_whitespace().map(spoken).collect();
        let most = if all { usize::MAX } else { MOST_ROWS };
        let (heading, rows): (Vec<String>, Vec<Vec<String>>) = match lines {
            // that there is nothing
            [] | [_] => (Vec::new(), Vec::new()),
            [heading, rows @ ..] => (cells(heading), rows.iter().take(most).map(cells).collect()),
        };
        let says = |at: usize| {
            rows.iter()
                .any(|row: &Vec<String>| row.get(at).is_some_and(|cell| cell != "-"))
        };
        let kept: Vec<usize> = (0..heading.len())
            .filter(|at| *at == 0 || says(*at))
            .collect();
        let only = |row: &Vec<String>| kept.iter().filter_map(|at| row.get(*at).cloned()).collect();
        Self {
            name,
            heading: only(&heading),
            rows: rows.iter().map(only).collect(),
            more: lines.len().saturating_sub(1).saturating_sub(most),
        }
    }
}

/// Returns a cell as it was before blanks and commas in it were escaped.
fn spoken(word: &str) -> String {
    let whole = word.replace(',', ", ");
    whole
        .replace("\\x20", " ")
        .replace("\\x2c", ",")
        .replace("\\\\", "\\")
}

/// What the template makes a page of.
#[derive(Serialize)]
struct Page<'p> {
    style: &'static str,
    policy: String,
    version: &'static str,
    whose: Whose,
    picture: &'p str,
    tables: &'p [Table],
    warnings: &'p [String],
}

/// Writes the page of a host; `picture` is an `<svg>` element, which is put into it as it is.
pub(in crate::cli) fn write(
    screen: &Screen<'_>,
    root: &Root,
    file: &Utf8Path,
    (picture, tables, warnings): (&str, &[Table], &[String]),
) -> Result<(), CliError> {
    let page = Page {
        style: STYLE,
        policy: policy(std::iter::once(STYLE).chain(styles(picture))),
        version: env!("CARGO_PKG_VERSION"),
        whose: facts::whose(screen, root),
        picture,
        tables,
        warnings,
    };
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(markup::escaped);
    let text = engine
        .render_template(TEMPLATE, &page)
        .map_err(|error| CliError::failed(format!("cannot write the page to {file}: {error}")))?;
    named_file::write(root, file, &PAGE, &text, USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_cells_and_says_how_many_rows_are_left_out() {
        let mut lines = vec!["NAME  GUESTS".to_owned(), "a\\x20b  c,d\\\\".to_owned()];
        let table = Table::of("x", &lines, false);
        assert_eq!(table.rows, [["a b", "c, d\\"]]);
        lines.extend((0..200).map(|n| format!("n{n}  -")));
        assert_eq!(Table::of("x", &lines, false).more, 101);
        assert_eq!(Table::of("x", &lines, true).more, 0);
        assert!(
            Table::of("x", &["There are no guests.".to_owned()], false)
                .heading
                .is_empty()
        );
    }
}
