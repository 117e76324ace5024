//! What was sold and what is expected, on one axis of time: bars, then a fan of bands around the
//! median, with the days on which the shop is closed or the item sold out; below it the stock that is expected to be left.

use super::super::canvas::Canvas;
use super::super::state::Zoom;
use super::super::theme::Role;
use super::chart::{Bar, LABEL, block, dates, scale};
use super::sparkline::bar;
use crate::domain::Day;
use crate::model::{LEVEL_COUNT, at_level};

/// What is drawn.
pub struct Fan<'a> {
    /// The first day of the forecast.
    pub first: Day,
    /// Units sold a day, up to the day before.
    pub sold: &'a [f32],
    /// Whether there was nothing to sell throughout each of these days.
    pub sold_out: &'a [bool],
    /// Whether the shop is open, for the days of `sold` and then those of the forecast.
    pub open: &'a [bool],
    /// Quantiles of each day of the forecast.
    pub days: &'a [[f32; LEVEL_COUNT]],
    /// The model's own median of each day where a person changed it, NaN elsewhere; may be empty.
    pub own: &'a [f32],
    /// Expected units left at the end of each day; empty where that is unknown.
    pub left: &'a [f32],
}

/// Cells from which on a day is two of them.
const ROOMY: usize = 130;
/// Lines from which on the stock left is shown.
const WITH_STOCK: u16 = 6;
/// The bands, the widest first: 95, 80 and 50 days of a hundred lie within them.
const BANDS: [(f32, f32); 3] = [(0.025, 0.975), (0.1, 0.9), (0.25, 0.75)];

/// The scale against the highest that the widest band reaches.
const HEADROOM: f32 = 1.1;

/// Draws as much of the past as there is room for beside the forecast.
pub fn draw(canvas: &mut Canvas<'_>, fan: &Fan<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let cells = usize::from(width.saturating_sub(LABEL + 2));
    if cells < fan.days.len() + 7 || height < 3 {
        return;
    }
    let wide = if cells >= ROOMY { 2 } else { 1 };
    let past = (cells / wide - fan.days.len()).min(fan.sold.len());
    let shown = Shown { fan, wide, past, start: LABEL + 1 };
    let rows = height - 1 - u16::from(!fan.left.is_empty() && height >= WITH_STOCK);
    let most = shown.most();
    scale(canvas, most, rows);
    shown.bars(canvas, most, rows);
    shown.bands(canvas, most, rows);
    shown.closed(canvas, rows);
    shown.sold_out(canvas, rows);
    let day = |at: usize| fan.first.plus(at as i32 - past as i32);
    let days = (0..past + fan.days.len()).map(|at| Bar { from: day(at), value: 0.0, whole: true });
    dates(canvas, &days.collect::<Vec<_>>(), shown.start, rows, wide, Zoom::Days);
    if rows + 1 < height {
        shown.stock(canvas, rows + 1);
    }
}

/// A fan and where its days stand.
struct Shown<'a> {
    fan: &'a Fan<'a>,
    /// Cells of a day.
    wide: usize,
    /// Days of the past that are shown.
    past: usize,
    /// The column of the first of them.
    start: u16,
}

impl Shown<'_> {
    fn sold(&self) -> &[f32] {
        &self.fan.sold[self.fan.sold.len() - self.past..]
    }

    /// The column of a day, counted from the first that is shown.
    fn column(&self, day: usize) -> u16 {
        self.start + (day * self.wide) as u16
    }

    /// The top of the scale: above what was sold and the widest band, which is never cut.
    fn most(&self) -> f32 {
        let ahead = self.fan.days.iter().map(|day| HEADROOM * at_level(day, BANDS[0].1));
        self.sold().iter().copied().chain(ahead).fold(1.0, f32::max)
    }

    fn bars(&self, canvas: &mut Canvas<'_>, most: f32, rows: u16) {
        for row in 0..rows {
            let marks =
                self.sold().iter().map(|units| block(canvas.glyphs(), units / most, row, rows));
            let line: String = marks.map(|mark| mark.repeat(self.wide)).collect();
            canvas.line(self.start, row, &line, Role::Chart);
        }
    }

    fn bands(&self, canvas: &mut Canvas<'_>, most: f32, rows: u16) {
        let glyphs = canvas.glyphs();
        for (at, quantiles) in self.fan.days.iter().enumerate() {
            let day = Bands::of(quantiles);
            let x = self.column(self.past + at);
            let own = self.fan.own.get(at).copied().unwrap_or(f32::NAN);
            for row in 0..rows {
                let from = most * f32::from(rows - 1 - row) / f32::from(rows);
                let height = most / f32::from(rows);
                let mark = match glyphs.braille {
                    true => day.dots(from, height),
                    false => match day.depth(from, from + height) {
                        0 => " ".into(),
                        depth => glyphs.shade[depth - 1].into(),
                    },
                };
                let role = if day.is_median(from, height) { Role::Accent } else { Role::Band };
                let (mark, role) = match own > from && own <= from + height {
                    true => (glyphs.rule.to_owned(), Role::Warn),
                    false => (mark, role),
                };
                canvas.line(x, row, &mark.repeat(self.wide), role);
            }
        }
    }

    /// A dot on the ground where the shop is closed.
    fn closed(&self, canvas: &mut Canvas<'_>, rows: u16) {
        let dot = canvas.glyphs().dot;
        let open = &self.fan.open[self.fan.sold.len() - self.past..];
        let nothing = |day: usize| match day.checked_sub(self.past) {
            None => self.sold()[day] <= 0.0,
            Some(ahead) => self.fan.days[ahead][LEVEL_COUNT - 1] <= 0.0,
        };
        for (day, _) in open.iter().enumerate().filter(|(day, open)| !**open && nothing(*day)) {
            canvas.text(self.column(day), rows - 1, 1, dot, Role::Muted);
        }
    }

    /// A cross on the ground where there was nothing to sell: that day tells nothing of demand.
    fn sold_out(&self, canvas: &mut Canvas<'_>, rows: u16) {
        let first = self.fan.sold_out.len().saturating_sub(self.past);
        for (day, _) in self.fan.sold_out[first..].iter().enumerate().filter(|(_, out)| **out) {
            canvas.text(self.column(day), rows - 1, 1, canvas.glyphs().times, Role::Bad);
        }
    }

    fn stock(&self, canvas: &mut Canvas<'_>, y: u16) {
        let glyphs = canvas.glyphs();
        let most = self.fan.left.iter().copied().fold(0.0, f32::max);
        let x = self.column(self.past);
        canvas.right(
            x.saturating_sub(1),
            y,
            x - self.start,
            "stock expected to be left",
            Role::Muted,
        );
        for (at, left) in self.fan.left.iter().enumerate() {
            let (mark, role) = match *left {
                left if left <= 0.0 => (glyphs.times, Role::Bad),
                left => (bar(left, most, glyphs), Role::Good),
            };
            canvas.line(x + (at * self.wide) as u16, y, &mark.repeat(self.wide), role);
        }
    }
}

/// A day's bands, the widest first, and its median.
struct Bands {
    bands: [(f32, f32); 3],
    median: f32,
}

/// Dots of a braille cell from the ground up: left and right column.
const DOTS: [(u32, u32); 4] = [(0x40, 0x80), (0x04, 0x20), (0x02, 0x10), (0x01, 0x08)];

impl Bands {
    fn of(quantiles: &[f32; LEVEL_COUNT]) -> Self {
        let band = |(low, high)| (at_level(quantiles, low), at_level(quantiles, high));
        Bands { bands: BANDS.map(band), median: at_level(quantiles, 0.5) }
    }

    /// How many bands reach into these values.
    fn depth(&self, from: f32, to: f32) -> usize {
        self.bands.iter().filter(|(low, high)| *high > from && *low < to).count()
    }

    fn is_median(&self, from: f32, height: f32) -> bool {
        self.median > from && self.median <= from + height
    }

    /// A cell of these values: the likelier a value, the more of its dots.
    fn dots(&self, from: f32, height: f32) -> String {
        let mut bits = 0;
        for (dot, (left, right)) in DOTS.iter().enumerate() {
            let low = from + height * dot as f32 / 4.0;
            bits |= match self.depth(low, low + height / 4.0) {
                0 => 0,
                1 if dot % 2 == 0 => *left,
                1 => 0,
                2 if dot % 2 == 0 => *left,
                2 => *right,
                _ => left | right,
            };
        }
        match bits {
            0 => " ".into(),
            bits => char::from_u32(0x2800 | bits).unwrap_or(' ').into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_band_lies_within_the_scale() {
        let day: [f32; LEVEL_COUNT] = crate::model::LEVELS.map(|level| 100.0 * level);
        let fan = Fan {
            first: Day::parse("2026-11-23").unwrap(),
            sold: &[3.0],
            sold_out: &[false],
            open: &[true, true],
            days: &[day],
            own: &[],
            left: &[],
        };
        let most = Shown { fan: &fan, wide: 1, past: 1, start: 0 }.most();
        assert!(most > 97.5 && most < 115.0, "{most}");
    }

    #[test]
    fn the_likelier_a_value_the_more_of_its_dots() {
        // From 0 to 100 evenly: half of all days lie between 25 and 75.
        let day: [f32; LEVEL_COUNT] = crate::model::LEVELS.map(|level| 100.0 * level);
        let bands = Bands::of(&day);
        let dots = |from| {
            bands.dots(from, 4.0).chars().next().map_or(0, |c| match c {
                ' ' => 0,
                c => (c as u32 & 0xff).count_ones(),
            })
        };
        assert_eq!([dots(4.0), dots(15.0), dots(50.0), dots(82.0), dots(120.0)], [2, 4, 8, 4, 0]);
        assert!(bands.is_median(48.0, 4.0) && !bands.is_median(44.0, 4.0));
        let closed = Bands::of(&[0.0; LEVEL_COUNT]);
        assert_eq!(closed.dots(0.0, 4.0), " ");
        assert!(!closed.is_median(0.0, 4.0));
    }
}
