//! Plain tables: aligned columns without frames, which the eye and `awk` both can read.

use super::screen;

/// How wide a table may be that has a line for each row; the indentation of `show` is taken off.
const WIDTH: usize = 78;

/// Returns rows as lines of aligned columns, those of `right` to the right.
pub(super) fn table<const N: usize>(rows: &[[String; N]], right: &[usize]) -> Vec<String> {
    let rows: Vec<&[String]> = rows.iter().map(<[String; N]>::as_slice).collect();
    aligned(&rows, right)
}

/// Returns rows as lines, or where these would be too long as two lines each: columns from `split` on go to the second.
pub(super) fn folded<const N: usize>(
    rows: &[[String; N]],
    right: &[usize],
    split: usize,
) -> Vec<String> {
    let wide = table(rows, right);
    if wide.iter().all(|line| line.chars().count() <= WIDTH) {
        return wide;
    }
    let (first, second): (Vec<&[String]>, Vec<&[String]>) =
        rows.iter().map(|row| row.split_at(split)).unzip();
    let behind: Vec<usize> = right.iter().filter_map(|n| n.checked_sub(split)).collect();
    let (first, second) = (aligned(&first, right), aligned(&second, &behind));
    first
        .into_iter()
        .zip(second)
        .flat_map(|(first, second)| [first, format!("  {second}")])
        .collect()
}

fn aligned(rows: &[&[String]], right: &[usize]) -> Vec<String> {
    let shown = |cell: &String| screen::one_line(cell);
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(shown).collect())
        .collect();
    let columns = rows.first().map_or(0, |row| row.len());
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let cell = |(column, cell): (usize, &String)| {
        let width = widths[column];
        match right.contains(&column) {
            true => format!("{cell:>width$}"),
            false => format!("{cell:width$}"),
        }
    };
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_is_too_wide() {
        let row = |name: &str, n: &str| {
            [
                name.to_owned(),
                "x".repeat(30),
                "y".to_owned(),
                n.to_owned(),
            ]
        };
        let rows = [row("a", "1"), row("b", "22")];
        assert_eq!(folded(&rows, &[3], 2).len(), 2);
        let wide = [row(&"a".repeat(50), "1"), row("b", "22")];
        let lines = folded(&wide, &[3], 2);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1], "  y   1");
        assert_eq!(lines[3], "  y  22");
    }
}
