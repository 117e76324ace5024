//! Rows of cells, printed as a table, as JSON or as CSV from one definition.

use super::args::Format;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number, already written exactly as it is to be shown.
    Number(String),
    /// Yes or no.
    Flag(bool),
    /// Unknown.
    Unknown,
}

impl Cell {
    /// Text.
    pub fn text(value: impl ToString) -> Self {
        Cell::Text(value.to_string())
    }
    /// A number.
    pub fn number(value: impl ToString) -> Self {
        Cell::Number(value.to_string())
    }
    /// A value, or unknown.
    pub fn or_unknown<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Self {
        value.map_or(Cell::Unknown, cell)
    }
    fn plain(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::Number(text) => text,
            Cell::Flag(true) => "yes",
            Cell::Flag(false) => "no",
            Cell::Unknown => "",
        }
    }
    fn json(&self) -> serde_json::Value {
        match self {
            Cell::Text(text) => text.as_str().into(),
            Cell::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
            }
            Cell::Flag(flag) => (*flag).into(),
            Cell::Unknown => serde_json::Value::Null,
        }
    }
}

/// Rows under named columns.
pub struct Grid {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// A grid without rows.
    pub fn new(columns: &[&'static str]) -> Self {
        Grid { columns: columns.to_vec(), rows: Vec::new() }
    }
    /// Rows in it.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// Adds a row; it has a cell for every column.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }
    /// Prints all of it.
    pub fn print(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        self.print_part(format, true, out)?;
        Grid::print_end(format, out)
    }
    /// Prints it as one of many parts of the same columns. Parts after the first have a row at least
    /// or print nothing.
    pub fn print_part(&self, format: Format, first: bool, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Table => self.table(out),
            Format::Json => self.json(first, out),
            Format::Csv => self.csv(first, out),
        }
    }
    /// Prints what follows the last part.
    pub fn print_end(format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Json => writeln!(out, "\n]"),
            Format::Table | Format::Csv => Ok(()),
        }
    }
    /// Adds the rows of another part.
    pub fn extend(&mut self, part: Grid) {
        self.rows.extend(part.rows);
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = |text: &str| UnicodeWidthStr::width(text);
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|c| {
                let cells = self.rows.iter().map(|row| width(row[c].plain()));
                cells.max().unwrap_or(0).max(width(self.columns[c]))
            })
            .collect();
        let numeric: Vec<bool> = (0..self.columns.len())
            .map(|c| self.rows.iter().any(|row| matches!(row[c], Cell::Number(_))))
            .collect();
        let mut line = |texts: Vec<&str>| -> io::Result<()> {
            let mut text = String::new();
            for (c, cell) in texts.iter().enumerate() {
                let pad = " ".repeat(widths[c] - width(cell));
                if c > 0 {
                    text.push_str("  ");
                }
                let (before, after) =
                    if numeric[c] { (pad.as_str(), "") } else { ("", pad.as_str()) };
                text.push_str(before);
                text.push_str(cell);
                text.push_str(after);
            }
            writeln!(out, "{}", text.trim_end())
        };
        line(self.columns.clone())?;
        for row in &self.rows {
            line(row.iter().map(Cell::plain).collect())?;
        }
        Ok(())
    }

    fn json(&self, first: bool, out: &mut dyn Write) -> io::Result<()> {
        for (r, row) in self.rows.iter().enumerate() {
            let fields: Vec<String> = (self.columns.iter().zip(row))
                .map(|(name, cell)| format!("{}: {}", serde_json::Value::from(*name), cell.json()))
                .collect();
            let before = if first && r == 0 { "[" } else { "," };
            write!(out, "{before}\n  {{{}}}", fields.join(", "))?;
        }
        if first && self.rows.is_empty() {
            write!(out, "[")?;
        }
        Ok(())
    }

    fn csv(&self, first: bool, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        if first {
            writer.write_record(&self.columns).map_err(why)?;
        }
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::plain)).map_err(why)?;
        }
        writer.flush()
    }
}

/// What went wrong with the output itself: the plain conversion would lose that nobody reads on.
fn why(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(format: Format) -> String {
        let mut grid = Grid::new(&["sku", "on_hand", "pinned"]);
        grid.push(vec![Cell::text("日本\"x"), Cell::number("2.50"), Cell::Flag(true)]);
        grid.push(vec![Cell::text("b"), Cell::Unknown, Cell::Flag(false)]);
        let mut out = Vec::new();
        grid.print(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_reader_that_went_away_is_known_as_such_in_every_format() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut grid = Grid::new(&["sku"]);
        (0..5_000).for_each(|n| grid.push(vec![Cell::number(n)]));
        for format in [Format::Table, Format::Json, Format::Csv] {
            let error = grid.print(format, &mut Gone).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format:?}");
        }
    }

    #[test]
    fn the_three_formats_hold_the_same_values() {
        assert_eq!(
            print(Format::Table),
            "sku     on_hand  pinned\n日本\"x     2.50  yes\nb                no\n"
        );
        assert_eq!(print(Format::Csv), "sku,on_hand,pinned\n\"日本\"\"x\",2.50,yes\nb,,no\n");
        let json: serde_json::Value = serde_json::from_str(&print(Format::Json)).unwrap();
        assert_eq!(json[0]["on_hand"], 2.5);
        assert_eq!(json[1]["on_hand"], serde_json::Value::Null);
    }
}
