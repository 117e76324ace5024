//! Drawing a paged table: columns that give way when it is narrow and grow when it is wide.

use super::super::canvas::Canvas;
use super::super::freshness::Freshness;
use super::super::state::Pulse;
use super::super::table::{Row, Scroll, Table};
use super::super::theme::{Glyphs, Role};
use super::super::words;
use crate::domain::{FeedId, Timestamp, Zone};

/// What a cell is drawn with.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Cells that the column has.
    pub cells: u16,
    /// Glyphs.
    pub glyphs: &'a Glyphs,
    /// The zone of moments.
    pub zone: &'a Zone,
    /// Domain time.
    pub now: Timestamp,
    /// Wall time.
    pub wall: Timestamp,
    /// The feeds that figures come from.
    pub pulse: &'a Pulse,
    /// Who looks.
    pub user: &'a str,
}

impl Look<'_> {
    /// How fresh what a feed told is.
    pub fn fresh(&self, feed: &FeedId) -> Freshness {
        self.pulse.fresh(feed, self.wall)
    }
}

/// A cell: its text and what it means.
pub type Cell = (String, Role);

/// A column of a table of `T`.
pub struct Column<T: 'static> {
    /// Its name to the owner, by which it is sorted; empty: it cannot be.
    pub name: &'static str,
    /// Whether sorting by it begins with the largest.
    pub largest_first: bool,
    /// Its head.
    pub title: &'static str,
    /// Cells it needs.
    pub least: u16,
    /// Cells in which its texts are seldom cut: names and sentences need more than they can do with.
    pub good: u16,
    /// Cells it can use.
    pub most: u16,
    /// Whether it is aligned right.
    pub right: bool,
    /// The smallest is left out first.
    pub keep: u8,
    /// Its cell of a row.
    pub cell: fn(&T, &Look<'_>) -> Cell,
}

/// A column of figures, by which sorting begins with the largest.
pub const fn right<T>(
    name: &'static str,
    title: &'static str,
    least: u16,
    keep: u8,
    cell: fn(&T, &Look<'_>) -> Cell,
) -> Column<T> {
    let most = least + 3;
    Column { name, largest_first: true, title, least, good: least, most, right: true, keep, cell }
}

/// A column of words, as wide as the least to the most of its cells.
pub const fn left<T>(
    name: &'static str,
    title: &'static str,
    (least, most): (u16, u16),
    keep: u8,
    cell: fn(&T, &Look<'_>) -> Cell,
) -> Column<T> {
    let good = if most >= NAMES && least < READABLE { READABLE } else { least };
    Column { name, largest_first: false, title, least, good, most, right: false, keep, cell }
}

/// Cells between columns.
const GAP: u16 = 2;
/// Cells for cursor and mark.
const MARGIN: u16 = 3;

/// Columns of this `keep` and below are shown only where the others have the room to be read.
const BESIDE: u8 = 30;
/// Columns that can use so many cells hold names or sentences.
const NAMES: u16 = 30;
/// Cells in which a name can be told from others.
const READABLE: u16 = 24;

/// Which columns are shown and how wide, in a table of `width` cells.
pub fn fit<T>(columns: &[Column<T>], width: u16) -> Vec<(usize, u16)> {
    let mut shown: Vec<(usize, u16)> =
        columns.iter().enumerate().map(|(index, c)| (index, c.least)).collect();
    let room = width.saturating_sub(MARGIN);
    let needed = |shown: &[(usize, u16)]| {
        shown.iter().map(|(_, cells)| cells + GAP).sum::<u16>().saturating_sub(GAP)
    };
    while shown.len() > 1 && needed(&shown) > room {
        let least = (0..shown.len()).min_by_key(|at| columns[shown[*at].0].keep).unwrap_or(0);
        shown.remove(least);
    }
    let good = |shown: &[(usize, u16)]| {
        let cells = shown.iter().map(|(index, _)| columns[*index].good + GAP).sum::<u16>();
        cells.saturating_sub(GAP)
    };
    while good(&shown) > room {
        let beside = (0..shown.len()).filter(|at| columns[shown[*at].0].keep <= BESIDE);
        let Some(least) = beside.min_by_key(|at| columns[shown[*at].0].keep) else { break };
        if shown.len() == 1 {
            break;
        }
        shown.remove(least);
    }
    let spare = room.saturating_sub(needed(&shown));
    let spare = grow(&mut shown, spare, |index| columns[index].good);
    grow(&mut shown, spare, |index| columns[index].most);
    shown
}

/// Gives each column cells in turn up to its limit; returns what is left.
fn grow(shown: &mut [(usize, u16)], mut spare: u16, limit: impl Fn(usize) -> u16) -> u16 {
    while spare > 0 {
        let before = spare;
        for (index, cells) in shown.iter_mut() {
            if spare > 0 && *cells < limit(*index) {
                *cells += 1;
                spare -= 1;
            }
        }
        if spare == before {
            break;
        }
    }
    spare
}

/// Draws the head and the visible rows.
pub fn draw<T: Row>(
    canvas: &mut Canvas<'_>,
    table: &Table<T>,
    columns: &[Column<T>],
    look: &Look<'_>,
    empty: &str,
) {
    let shown = fit(columns, canvas.width());
    head(canvas, table, columns, &shown);
    let glyphs = canvas.glyphs();
    for y in 1..canvas.height() {
        let index = table.top + usize::from(y - 1);
        if index >= table.total {
            break;
        }
        let selected = index == table.cursor;
        let Some(row) = table.row(index) else {
            // Not here yet: its question is under way.
            canvas.line(MARGIN, y, glyphs.ellipsis, Role::Muted);
            continue;
        };
        let marked = !table.marks.is_empty() && table.marks.contains_key(&row.key());
        let mut x = MARGIN;
        for (column, cells) in &shown {
            let column = &columns[*column];
            let (text, role) = (column.cell)(row, &Look { cells: *cells, ..*look });
            if column.right {
                canvas.right(x + cells, y, *cells, &text, role);
            } else {
                canvas.text(x, y, *cells, &text, role);
            }
            x += cells + GAP;
        }
        // Only the margin and the first column: colouring whole rows anew costs a slow line
        // twice as many bytes, and a meaning in colour would be lost under the cursor.
        let named = MARGIN + shown.first().map_or(0, |(_, cells)| *cells);
        if marked {
            canvas.highlight_cells(0, y, named, Role::Marked);
        }
        if selected {
            canvas.highlight_cells(0, y, named, Role::Selected);
            canvas.text(0, y, 1, glyphs.select, Role::Selected);
        }
        if !table.marks.is_empty() {
            let sign = if marked { glyphs.marked } else { glyphs.unmarked };
            canvas.text(1, y, 1, sign, if selected { Role::Selected } else { Role::Muted });
        }
    }
    if table.total == 0 {
        let text = match (&table.error, table.loaded) {
            (Some(error), _) => error.clone(),
            (None, false) => format!("Loading{}", glyphs.ellipsis),
            (None, true) if table.filter.is_empty() => empty.to_owned(),
            (None, true) => format!("Nothing matches {}. Esc takes the filter off.", table.filter),
        };
        for (y, line) in
            (2..).zip(words::wrap(&text, usize::from(canvas.width() - MARGIN.min(canvas.width()))))
        {
            canvas.line(MARGIN, y, &line, Role::Muted);
        }
    }
}

fn head<T: Row>(
    canvas: &mut Canvas<'_>,
    table: &Table<T>,
    columns: &[Column<T>],
    shown: &[(usize, u16)],
) {
    canvas.highlight(0, Role::Header);
    let mut x = MARGIN;
    for (index, cells) in shown {
        let column = &columns[*index];
        let sorted = !column.name.is_empty() && table.sort.as_deref() == Some(column.name);
        let mark = if table.descending { "v" } else { "^" };
        let mark = if words::ascii(canvas.glyphs()) {
            mark
        } else if table.descending {
            "▾"
        } else {
            "▴"
        };
        let title =
            if sorted { format!("{}{mark}", column.title) } else { column.title.to_owned() };
        if column.right {
            canvas.right(x + cells, 0, *cells + 1, &title, Role::Header);
        } else {
            canvas.text(x, 0, *cells + 1, &title, Role::Header);
        }
        x += cells + GAP;
    }
}

/// The table's state in words, in at most `room` cells: rows shown, filter, order, marks. What does
/// not fit is left out, the least important first.
pub fn status<T: Row>(table: &Table<T>, glyphs: &Glyphs, room: usize) -> String {
    let last = (table.top + table.height).min(table.total);
    let mut parts: Vec<(u8, String)> = Vec::new();
    if table.total > 0 {
        let rows = format!(
            "{}{}{} of {}",
            words::count(table.top as u64 + 1),
            glyphs.dash,
            words::count(last as u64),
            words::count(table.total as u64)
        );
        parts.push((5, rows));
    }
    if !table.filter.is_empty() {
        let all = words::count(table.unfiltered as u64);
        parts.push((3, format!("filter {} (of {all})", table.filter)));
    }
    if let Some(sort) = &table.sort {
        parts.push((1, format!("by {sort}, {}", order(sort, table.descending))));
    }
    if !table.marks.is_empty() {
        parts.push((6, marked(table)));
    }
    if table.is_ranging() {
        parts.push((2, "v ends the range".into()));
    }
    if let (Some(error), true) = (&table.error, table.total > 0) {
        parts.push((4, error.clone()));
    }
    let joined = |parts: &[(u8, String)]| {
        parts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("   ")
    };
    while parts.len() > 1 && words::width(&joined(&parts)) > room {
        let least = (0..parts.len()).min_by_key(|at| parts[*at].0).unwrap_or(0);
        parts.remove(least);
    }
    joined(&parts)
}

/// What comes first in a column that is sorted, in words that fit what it holds.
fn order(column: &str, descending: bool) -> &'static str {
    let (ascending, descended) = match column {
        "sku" | "site" | "name" | "category" | "supplier" | "customer" | "country" | "user"
        | "verb" | "feed" | "reason" | "place" => ("A to Z", "Z to A"),
        "placed" | "at" => ("oldest first", "newest first"),
        "due" => ("soonest first", "soonest last"),
        "state" => ("drafts first", "drafts last"),
        "po" => ("smallest first", "largest first"),
        "status" => ("pending first", "pending last"),
        _ => ("smallest first", "largest first"),
    };
    if descending { descended } else { ascending }
}

/// How many rows are marked, and whether a range lacks some.
fn marked<T: Row>(table: &Table<T>) -> String {
    match table.incomplete() {
        None => format!("{} marked", words::count(table.marks.len() as u64)),
        Some((seen, all)) => {
            let (seen, all) = (words::count(seen as u64), words::count(all as u64));
            let mend = if table.is_filling() { "fetching" } else { "narrow with /" };
            format!("{seen} of {all} marked; {mend}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(least: u16, most: u16, keep: u8) -> Column<()> {
        Column {
            name: "",
            largest_first: false,
            title: "",
            least,
            good: if most >= NAMES { least.max(READABLE) } else { least },
            most,
            right: false,
            keep,
            cell: |(), _| (String::new(), Role::Text),
        }
    }

    #[test]
    fn the_least_important_column_gives_way_first_and_room_is_used() {
        let columns = [column(6, 6, 90), column(10, 40, 40), column(8, 12, 50)];
        assert_eq!(fit(&columns, 80), [(0, 6), (1, 40), (2, 12)]);
        assert_eq!(fit(&columns, 31), [(0, 6), (1, 10), (2, 8)]);
        assert_eq!(fit(&columns, 30), [(0, 6), (2, 12)]);
        assert_eq!(fit(&columns, 3), [(0, 6)]);
        assert_eq!(fit(&columns, 0), [(0, 6)]);
    }

    #[test]
    fn what_matters_little_does_not_crowd_names() {
        let columns = [column(6, 6, 90), column(11, 40, 60), column(10, 18, 20)];
        assert_eq!(fit(&columns, 40), [(0, 6), (1, 29)]);
        assert_eq!(fit(&columns, 60), [(0, 6), (1, 31), (2, 16)]);
    }
}
