//! A bar chart of a history, newest at the right, with its scale and its dates.

use super::super::canvas::Canvas;
use super::super::state::Zoom;
use super::super::theme::{Glyphs, Role};
use super::super::words;
use crate::domain::Day;

/// One bar: the first day of its period and the sum over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// First day.
    pub from: Day,
    /// Sum of the period.
    pub value: f32,
    /// Whether the period is over.
    pub whole: bool,
}

/// Daily figures as bars of the zoom's periods; weeks begin on Monday.
pub fn bars(first: Day, daily: &[f32], zoom: Zoom) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    let mut period = None;
    for (day, value) in (0..).map(|n| first.plus(n)).zip(daily) {
        let key = match zoom {
            Zoom::Days => i64::from(day.number()),
            Zoom::Weeks => i64::from((day.number() + 3).div_euclid(7)),
            Zoom::Months => {
                let date = day.civil();
                i64::from(date.year()) * 12 + i64::from(date.month())
            }
        };
        match bars.last_mut() {
            Some(bar) if period == Some(key) => bar.value += value,
            _ => bars.push(Bar { from: day, value: *value, whole: true }),
        }
        period = Some(key);
    }
    if let Some(last) = bars.last_mut() {
        last.whole = false;
    }
    bars
}

/// Cells of the scale at the left.
pub(super) const LABEL: u16 = 6;

/// The scale of a chart of `rows` lines.
pub(super) fn scale(canvas: &mut Canvas<'_>, most: f32, rows: u16) {
    let label = LABEL;
    canvas.right(label - 1, 0, label - 1, &words::rough(f64::from(most)), Role::Muted);
    if rows > 4 {
        let half = words::rough(f64::from(most) / 2.0);
        canvas.right(label - 1, rows / 2, label - 1, &half, Role::Muted);
    }
    canvas.right(label - 1, rows - 1, label - 1, "0", Role::Muted);
    canvas.part(label - 1, 0, 1, rows).vertical(0);
}

/// Draws as many of the newest bars as fit; the scale stands left, dates below.
pub fn draw(canvas: &mut Canvas<'_>, bars: &[Bar], zoom: Zoom) {
    let (width, height) = (canvas.width(), canvas.height());
    if width < 12 || height < 3 || bars.is_empty() {
        return;
    }
    let (label, rows) = (LABEL, height - 1);
    let cells = usize::from(width - label - 1);
    // Braille has two marks a cell: with it a long history fits where blocks would cut it.
    let braille = canvas.glyphs().braille && bars.len() > cells;
    let fit = if braille { cells * 2 } else { cells };
    let shown = bars.get(bars.len().saturating_sub(fit)..).unwrap_or_default();
    let wide = if braille { 1 } else { (cells / shown.len().max(1)).clamp(1, 3) };
    let most = shown.iter().map(|bar| bar.value).fold(0.0_f32, f32::max).max(1.0);
    scale(canvas, most, rows);
    let start = label + 1;
    for row in 0..rows {
        let line = if braille {
            braille_line(shown, most, row, rows)
        } else {
            block_line(canvas, shown, most, row, rows, wide)
        };
        canvas.text(start, row, width - start, &line, Role::Chart);
    }
    dates(canvas, shown, start, rows, if braille { 0 } else { wide }, zoom);
}

fn block_line(
    canvas: &Canvas<'_>,
    bars: &[Bar],
    most: f32,
    row: u16,
    rows: u16,
    wide: usize,
) -> String {
    bars.iter()
        .map(|bar| {
            let mark = block(canvas.glyphs(), bar.value / most, row, rows);
            if wide >= 3 { format!("{} ", mark.repeat(2)) } else { mark.repeat(wide) }
        })
        .collect()
}

/// What stands in a line of a bar that is `share` of the chart's height.
pub(super) fn block(glyphs: &Glyphs, share: f32, row: u16, rows: u16) -> &'static str {
    let levels = glyphs.spark.len().max(1);
    let below = usize::from(rows - 1 - row) * levels;
    let level = (share.max(0.0) * (levels * usize::from(rows)) as f32).ceil();
    let level = (level as usize).saturating_sub(below).min(levels);
    if level == 0 { " " } else { glyphs.spark.get(level - 1).copied().unwrap_or("#") }
}

/// Dots of a braille cell from the bottom up, left and right column.
const LEFT: [u32; 5] = [0, 0x40, 0x44, 0x46, 0x47];
const RIGHT: [u32; 5] = [0, 0x80, 0xa0, 0xb0, 0xb8];

fn braille_line(bars: &[Bar], most: f32, row: u16, rows: u16) -> String {
    let below = usize::from(rows - 1 - row) * 4;
    let dots = |bar: &Bar| {
        let level = (bar.value.max(0.0) / most * (4 * usize::from(rows)) as f32).ceil() as usize;
        level.saturating_sub(below).min(4)
    };
    bars.chunks(2)
        .map(|pair| {
            let left = pair.first().map_or(0, dots);
            let right = pair.get(1).map_or(0, dots);
            match LEFT[left] | RIGHT[right] {
                0 => ' ',
                bits => char::from_u32(0x2800 | bits).unwrap_or(' '),
            }
        })
        .collect()
}

/// The dates below a chart whose bars are `wide` cells each; 0: half a cell.
pub(super) fn dates(
    canvas: &mut Canvas<'_>,
    bars: &[Bar],
    start: u16,
    y: u16,
    wide: usize,
    zoom: Zoom,
) {
    let last = bars.last().map_or(Day::from_number(0), |bar| bar.from);
    let text = |bar: &Bar| match zoom {
        Zoom::Months => bar.from.civil().strftime("%b %Y").to_string(),
        _ => words::date_seen(bar.from, last),
    };
    let column = |index: usize| match wide {
        0 => index / 2,
        wide => index * wide,
    };
    let mut free = 0;
    for (index, bar) in bars.iter().enumerate() {
        let date = bar.from.civil();
        let tick = match zoom {
            Zoom::Days => bar.from.weekday() == 0,
            Zoom::Weeks => date.day() <= 7,
            Zoom::Months => date.month() % 3 == 1 || bars.len() <= 12,
        };
        let at = column(index);
        let label = text(bar);
        let fits = usize::from(start) + at + words::width(&label) <= usize::from(canvas.width());
        if tick && at >= free && fits {
            canvas.line(start + at as u16, y, &label, Role::Muted);
            free = at + words::width(&label) + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let first = Day::parse("2026-10-30").unwrap();
        let daily = vec![1.0; 10];
        let weeks = bars(first, &daily, Zoom::Weeks);
        assert_eq!(weeks.iter().map(|b| b.value).collect::<Vec<_>>(), [3.0, 7.0]);
        let months = bars(first, &daily, Zoom::Months);
        assert_eq!(months.iter().map(|b| b.value).collect::<Vec<_>>(), [2.0, 8.0]);
        assert!(!months[1].whole && months[0].whole);
    }

    #[test]
    fn braille_counts_dots_from_the_ground() {
        let bar = |value| Bar { from: Day::from_number(0), value, whole: true };
        let all = [bar(8.0), bar(4.0), bar(0.0), bar(1.0)];
        assert_eq!(braille_line(&all, 8.0, 1, 2), "⣿⢀");
        assert_eq!(braille_line(&all, 8.0, 0, 2), "⡇ ");
    }
}
