//! Plain tables: aligned columns without frames, which the eye and `awk` both can read.
//!
//! On a terminal a table keeps to its width: lists are cut short and counted, rows are folded. Anywhere else each row is one
//! line, whatever its length, and no column holds a space.

use super::text::one_line;

/// How wide a cut list is.
const LIST: usize = 20;

/// What stands in a column.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// One value, "" where there is none.
    Text(String),
    /// Several words that belong together: joined by `-` where no column may hold a space.
    Phrase(String),
    /// Names that are told in other words on a terminal.
    Names(String, Vec<String>),
    /// Several values, on a terminal one below the other.
    Lines(Vec<String>),
    /// Several values, on a terminal as many as there is room for.
    List(Vec<String>),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn maybe(text: Option<impl Into<String>>) -> Self {
        Self::Text(text.map_or_else(String::new, Into::into))
    }

    pub(super) fn yes_no(value: Option<bool>) -> Self {
        let word = |value| if value { "yes" } else { "no" };
        Self::maybe(value.map(word))
    }

    pub(super) fn list<S: ToString>(values: impl IntoIterator<Item = S>) -> Self {
        Self::List(values.into_iter().map(|value| value.to_string()).collect())
    }

    pub(super) fn lines_of<S: ToString>(values: impl IntoIterator<Item = S>) -> Self {
        Self::Lines(values.into_iter().map(|value| value.to_string()).collect())
    }

    /// Returns the cell as one word.
    fn word(&self) -> String {
        match self {
            Self::Text(text) => word(text),
            Self::Phrase(text) => word(&text.replace(' ', "-")),
            Self::Names(text, names) if names.is_empty() || text.is_empty() => {
                word(&text.replace(' ', "-"))
            }
            Self::Lines(values) | Self::List(values) if values.is_empty() => "-".to_owned(),
            Self::Lines(values) | Self::List(values) | Self::Names(_, values) => {
                let words: Vec<String> = values.iter().map(|value| word(value)).collect();
                words.join(",")
            }
        }
    }

    /// Returns the lines of the cell on a terminal, its list cut to `width` columns.
    fn shown(&self, width: usize) -> Vec<String> {
        match self {
            Self::Text(text) | Self::Phrase(text) | Self::Names(text, _) => {
                vec![dash(&one_line(text))]
            }
            Self::Lines(values) if values.is_empty() => vec![dash("")],
            Self::Lines(values) => values.iter().map(|value| one_line(value)).collect(),
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(|value| one_line(value)).collect();
                vec![list(&values, width)]
            }
        }
    }
}

fn dash(text: &str) -> String {
    match text.is_empty() {
        true => "-".to_owned(),
        false => text.to_owned(),
    }
}

/// Returns a text as one word: what parts words or values is escaped, and so are backslashes, so that it can be told apart.
pub(super) fn word(text: &str) -> String {
    if text.is_empty() {
        return dash("");
    }
    let mut word = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => word.push_str("\\x20"),
            ',' => word.push_str("\\x2c"),
            '\\' => word.push_str("\\\\"),
            c if c.is_whitespace() => word.extend(c.escape_default()),
            c => word.push(c),
        }
    }
    one_line(&word)
}

/// Returns a list that takes `width` columns at most: what does not fit is counted.
fn list(values: &[String], width: usize) -> String {
    if values.is_empty() {
        return "-".to_owned();
    }
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        let rest = values.len() - index;
        let more = format!(" +{rest}");
        let gap = usize::from(index > 0);
        let room = text.chars().count() + gap + value.chars().count();
        let needed = if rest > 1 { room + more.len() } else { room };
        if index > 0 && needed > width {
            return text + &more;
        }
        if index > 0 {
            text.push(' ');
        }
        text.push_str(value);
    }
    text
}

/// A heading and rows.
pub(super) struct Table<const N: usize> {
    pub(super) heading: [&'static str; N],
    pub(super) rows: Vec<[Cell; N]>,
    /// The columns that stand to the right.
    pub(super) right: &'static [usize],
    /// The first column of the second line, where rows are folded.
    pub(super) split: usize,
}

impl<const N: usize> Table<N> {
    /// Returns the lines of the table for a terminal of this width, or for something that is none.
    pub(super) fn lines(&self, width: Option<usize>) -> Vec<String> {
        let Some(width) = width else {
            let heading = self.heading.map(str::to_owned).to_vec();
            let rows = self
                .rows
                .iter()
                .map(|row| row.iter().map(Cell::word).collect());
            let rows: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
            return aligned(&rows, self.right);
        };
        let fits = |lines: &Vec<String>| lines.iter().all(|line| line.chars().count() <= width);
        let whole = aligned(&self.shown(usize::MAX, 0..N), self.right);
        if fits(&whole) {
            return whole;
        }
        let cut = aligned(&self.shown(LIST, 0..N), self.right);
        if fits(&cut) {
            return cut;
        }
        self.folded(width)
    }

    /// Returns the cells of some columns on a terminal, those of one row below each other.
    fn shown(&self, list: usize, columns: std::ops::Range<usize>) -> Vec<Vec<String>> {
        let heading = self.heading[columns.clone()]
            .iter()
            .map(|word| (*word).to_owned());
        let mut lines = vec![heading.collect()];
        for row in &self.rows {
            lines.extend(of_row(&row[columns.clone()], list));
        }
        lines
    }

    /// Returns two lines for each row, or more.
    fn folded(&self, width: usize) -> Vec<String> {
        let behind: Vec<usize> = self
            .right
            .iter()
            .filter_map(|n| n.checked_sub(self.split))
            .collect();
        let count =
            |row: &[Cell; N], columns: std::ops::Range<usize>| of_row(&row[columns], LIST).len();
        let list = (width / 3).max(LIST);
        let mut first = aligned(&self.shown(list, 0..self.split), self.right).into_iter();
        let mut second = aligned(&self.shown(list, self.split..N), &behind).into_iter();
        let mut lines = Vec::new();
        let counts = self
            .rows
            .iter()
            .map(|row| (count(row, 0..self.split), count(row, self.split..N)));
        for (above, below) in std::iter::once((1, 1)).chain(counts) {
            lines.extend(first.by_ref().take(above));
            lines.extend(second.by_ref().take(below).map(|line| format!("  {line}")));
        }
        lines
    }
}

fn of_row(cells: &[Cell], list: usize) -> Vec<Vec<String>> {
    let cells: Vec<Vec<String>> = cells.iter().map(|cell| cell.shown(list)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(1);
    let line = |number: usize| {
        let of = |cell: &Vec<String>| cell.get(number).cloned().unwrap_or_default();
        cells.iter().map(of).collect()
    };
    (0..height).map(line).collect()
}

/// The widest that a column is made for the sake of one cell: a longer one pushes the rest of its row aside.
const WIDEST: usize = 120;

/// Returns rows as lines of aligned columns, those of `right` to the right; nothing in them is escaped.
fn aligned(rows: &[Vec<String>], right: &[usize]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let length = |cell: &String| cell.chars().count();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| length(&row[column]));
        cells.filter(|length| *length <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let cell = |(column, cell): (usize, &String)| {
        let gap = " ".repeat(widths[column].saturating_sub(length(cell)));
        match right.contains(&column) {
            true => gap + cell,
            false => cell.clone() + &gap,
        }
    };
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Returns rows as lines of aligned columns, those of `right` to the right.
pub(super) fn plain<const N: usize>(rows: &[[String; N]], right: &[usize]) -> Vec<String> {
    let shown = |cell: &String| one_line(cell);
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(shown).collect())
        .collect();
    aligned(&rows, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, values: usize) -> Table<3> {
        Table {
            heading: ["NAME", "ADDRESSES", "GUESTS"],
            rows: vec![[
                Cell::text(name),
                Cell::lines_of(["10.0.0.1/24", "10.0.1.1/24"]),
                Cell::list((0..values).map(|n| format!("g{n}"))),
            ]],
            right: &[],
            split: 2,
        }
    }

    #[test]
    fn a_row_for_a_pipe_is_one_line_of_words() {
        let lines = table("Win 2022, a\\b", 30).lines(None);
        assert_eq!(lines.len(), 2);
        let words: Vec<&str> = lines[1].split_ascii_whitespace().collect();
        assert_eq!(
            words[..2],
            ["Win\\x202022\\x2c\\x20a\\\\b", "10.0.0.1/24,10.0.1.1/24"]
        );
        assert_eq!(words[2].split(',').count(), 30);
        assert_eq!(
            table("", 0).lines(None)[1].split_ascii_whitespace().last(),
            Some("-")
        );
    }

    #[test]
    fn a_long_cell_pushes_its_own_row_aside() {
        let mut long = table("a", 30_000);
        long.rows.extend(table("b", 1).rows);
        for width in [None, Some(80)] {
            let lines = long.lines(width);
            let others: usize = lines[2..].iter().map(String::len).sum();
            assert!(others < 1000, "{others}");
        }
    }

    #[test]
    fn a_terminal_has_its_own_width() {
        let lines = table("a", 30).lines(Some(200));
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].ends_with("g29"), "{lines:?}");
        let lines = table("a", 30).lines(Some(60));
        assert!(lines[1].ends_with("+25"), "{lines:?}");
        assert_eq!(lines[2].trim(), "10.0.1.1/24");
        let lines = table(&"a".repeat(40), 30).lines(Some(60));
        assert_eq!(lines.len(), 2 + 3, "{lines:?}");
        assert!(lines[4].starts_with("  g0 g1"), "{lines:?}");
    }
}
