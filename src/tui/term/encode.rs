//! Two grids in, the bytes that turn one into the other out.
//!
//! A run of changed columns is written with as few cursor moves and attribute changes as will do:
//! relative moves where they are shorter, attributes only where they differ from the last, the end
//! of a row erased instead of overwritten. After a glyph on whose width terminals disagree, and at
//! the right margin, where the cursor hangs between two rows, the next move is absolute.

use super::grid::{Glyph, Grid, Pen, Slot};
use ratatui::style::{Color, Modifier};
use std::io::Write;
use unicode_width::UnicodeWidthChar;

/// Unchanged columns that are cheaper to write again than to jump over.
const GAP: usize = 4;
/// A row that takes more bytes than this may be shorter erased and written anew.
const WORTH_ERASING: usize = 24;
/// A blank tail shorter than this is cheaper written than erased.
const TAIL: usize = 5;

/// Writes what differs; nothing when nothing does.
pub fn encode(from: &Grid, to: &Grid, erase_paints: bool) -> Vec<u8> {
    let mut out = Encoder { out: Vec::new(), pen: Pen::default(), cursor: None, erase_paints };
    for (y, (old, new)) in from.rows().zip(to.rows()).enumerate() {
        out.row(y, old, new);
    }
    if out.pen != Pen::default() {
        out.set_pen(Pen::default());
    }
    out.out
}

struct Encoder {
    out: Vec<u8>,
    /// The terminal's attributes. A frame starts and ends with the default ones.
    pen: Pen,
    /// Where the terminal's cursor is, if that is certain: (column, row).
    cursor: Option<(usize, usize)>,
    erase_paints: bool,
}

impl Encoder {
    /// Writes one row whichever way is shorter: column by column, or erased and written anew.
    fn row(&mut self, y: usize, old: &[Slot], new: &[Slot]) {
        let Some(first) = (0..new.len()).find(|&i| differs(old, new, i)) else { return };
        let before = (self.out.len(), self.pen, self.cursor);
        self.columns(y, first, old, new);
        let plain = self.out.len() - before.0;
        let Some(ground) = self.ground(new).filter(|_| plain > WORTH_ERASING) else { return };
        let after = (self.out.split_off(before.0), self.pen, self.cursor);
        (self.pen, self.cursor) = (before.1, before.2);
        self.erased(y, first, ground, new);
        if self.out.len() - before.0 >= plain {
            self.out.truncate(before.0);
            self.out.extend_from_slice(&after.0);
            (self.pen, self.cursor) = (after.1, after.2);
        }
    }

    /// Writes the changed columns; a long blank tail is erased.
    fn columns(&mut self, y: usize, first: usize, old: &[Slot], new: &[Slot]) {
        let tail = self.ground(new).map_or(new.len(), |blank| {
            new.iter().rposition(|s| s != blank).map_or(0, |i| i + 1).max(first)
        });
        let changed = (tail..new.len()).filter(|&i| differs(old, new, i)).count();
        let erase = changed >= TAIL;
        let end = if erase { tail } else { new.len() };
        self.runs(y, first, end, old, new);
        if erase && let Some(blank) = new.get(tail) {
            self.erase(tail, y, blank.pen);
        }
    }

    /// Erases from the first changed column on and writes what is not blank.
    fn erased(&mut self, y: usize, first: usize, ground: &Slot, new: &[Slot]) {
        self.erase(first, y, ground.pen);
        let blank = vec![ground.clone(); new.len()];
        self.runs(y, first, new.len(), &blank, new);
    }

    fn erase(&mut self, x: usize, y: usize, pen: Pen) {
        self.go(x, y);
        self.set_pen(pen);
        self.put(b"\x1b[K");
    }

    /// The blank that the row ends with, if this terminal can erase to it.
    fn ground<'a>(&self, row: &'a [Slot]) -> Option<&'a Slot> {
        row.last().filter(|s| s.is_blank() && (s.pen.bg == Color::Reset || self.erase_paints))
    }

    fn runs(&mut self, y: usize, first: usize, end: usize, old: &[Slot], new: &[Slot]) {
        let mut x = first;
        // Up to here a terminal that draws a cluster too wide has overwritten what stood there.
        let mut doubtful = 0;
        while let Some(start) = (x..end).find(|&i| i < doubtful || differs(old, new, i)) {
            x = self.run(y, start, end, old, new, &mut doubtful);
        }
    }

    /// Writes from the first changed column on until a gap that is worth a jump.
    fn run(
        &mut self,
        y: usize,
        start: usize,
        end: usize,
        old: &[Slot],
        new: &[Slot],
        doubtful: &mut usize,
    ) -> usize {
        let mut x = start;
        while let Some(slot) = new.get(x).filter(|_| x < end) {
            let stale = |i: usize, doubtful: usize| i < doubtful || differs(old, new, i);
            if !stale(x, *doubtful) {
                let next = (x..end.min(x + GAP)).find(|&i| stale(i, *doubtful));
                let gap = next.and_then(|n| new.get(x..n));
                if !gap.is_some_and(|gap| gap.iter().all(|s| self.is_cheap(s))) {
                    break;
                }
            }
            *doubtful = (*doubtful).max(x + naive_width(&slot.glyph));
            x += self.glyph(x, y, slot, new.len());
        }
        x
    }

    fn is_cheap(&self, slot: &Slot) -> bool {
        let ascii = matches!(&slot.glyph, Glyph::Narrow(c) if c.is_ascii());
        ascii && (slot.pen == self.pen || self.pen_serves(slot))
    }

    /// Whether the current pen draws this blank as well as its own would.
    fn pen_serves(&self, slot: &Slot) -> bool {
        slot.is_blank() && slot.pen.bg == self.pen.bg && self.pen.is_bare()
    }

    /// Writes one glyph; says how many columns it took.
    fn glyph(&mut self, x: usize, y: usize, slot: &Slot, width: usize) -> usize {
        let (columns, certain) = match &slot.glyph {
            Glyph::Narrow(c) => (1, is_certain(*c)),
            Glyph::Cluster(_, columns) => (usize::from(*columns).max(1), false),
            Glyph::Covered => return 1,
        };
        self.go(x, y);
        if !self.pen_serves(slot) {
            self.set_pen(slot.pen);
        }
        match &slot.glyph {
            Glyph::Narrow(c) => self.put(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Glyph::Cluster(text, _) => self.put(text.as_bytes()),
            Glyph::Covered => {}
        }
        let next = x + columns;
        self.cursor = (certain && next < width).then_some((next, y));
        columns
    }

    fn go(&mut self, x: usize, y: usize) {
        let absolute = match (x, y) {
            (0, 0) => "\x1b[H".to_owned(),
            (0, _) => format!("\x1b[{}H", y + 1),
            _ => format!("\x1b[{};{}H", y + 1, x + 1),
        };
        let relative = match self.cursor {
            Some(at) if at == (x, y) => return,
            Some((cx, cy)) if cy == y && x > cx => Some(counted(x - cx, 'C')),
            Some((cx, cy)) if cy == y && x == 0 && cx > 0 => Some("\r".to_owned()),
            Some((cx, cy)) if cy == y && cx > x => Some(counted(cx - x, 'D')),
            Some((_, cy)) if x == 0 && y == cy + 1 => Some("\r\n".to_owned()),
            Some((cx, cy)) if cx == x && y > cy => Some(counted(y - cy, 'B')),
            _ => None,
        };
        let shorter = relative.filter(|r| r.len() < absolute.len()).unwrap_or(absolute);
        self.put(shorter.as_bytes());
        self.cursor = Some((x, y));
    }

    fn set_pen(&mut self, to: Pen) {
        if to == self.pen {
            return;
        }
        let mut codes = Codes::default();
        if !to.attrs.contains(self.pen.attrs) || to == Pen::default() {
            // Taking an attribute away: resetting all is the one way every terminal knows.
            codes.push("");
            self.pen = Pen::default();
        }
        for (attr, code) in ATTRS {
            if to.attrs.contains(attr) && !self.pen.attrs.contains(attr) {
                codes.push(code);
            }
        }
        if to.fg != self.pen.fg {
            codes.color(to.fg, 30);
        }
        if to.bg != self.pen.bg {
            codes.color(to.bg, 40);
        }
        self.pen = to;
        let _ = write!(self.out, "\x1b[{}m", codes.text);
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

const ATTRS: [(Modifier, &str); 9] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::RAPID_BLINK, "6"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// Parameters of one attribute sequence.
#[derive(Default)]
struct Codes {
    text: String,
    any: bool,
}

impl Codes {
    fn push(&mut self, code: &str) {
        if self.any {
            self.text.push(';');
        }
        self.any = true;
        self.text.push_str(code);
    }

    /// `base` is 30 for the foreground, 40 for the background.
    fn color(&mut self, color: Color, base: u8) {
        let index = match color {
            Color::Reset => return self.push(&(base + 9).to_string()),
            Color::Rgb(r, g, b) => return self.push(&format!("{};2;{r};{g};{b}", base + 8)),
            Color::Indexed(i) => return self.push(&format!("{};5;{i}", base + 8)),
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 60,
            Color::LightRed => 61,
            Color::LightGreen => 62,
            Color::LightYellow => 63,
            Color::LightBlue => 64,
            Color::LightMagenta => 65,
            Color::LightCyan => 66,
            Color::White => 67,
        };
        self.push(&(base + index).to_string());
    }
}

fn differs(old: &[Slot], new: &[Slot], i: usize) -> bool {
    old.get(i) != new.get(i)
}

/// Columns that a terminal takes which draws each character of a cluster by itself.
fn naive_width(glyph: &Glyph) -> usize {
    match glyph {
        Glyph::Cluster(text, _) => text.chars().map(|c| c.width().unwrap_or(0)).sum(),
        _ => 0,
    }
}

fn counted(n: usize, letter: char) -> String {
    if n == 1 { format!("\x1b[{letter}") } else { format!("\x1b[{n}{letter}") }
}

/// Whether all terminals agree on the character's width: ASCII, Latin, and the line, block and
/// braille glyphs that views use. (Emoji, CJK and ambiguous symbols get an absolute move after.)
fn is_certain(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{17f}' | '─'..='╿' | '▀'..='▟' | '⠀'..='⣿')
}

#[cfg(test)]
mod tests {
    use super::super::{Caps, Depth};
    use super::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn grid(rows: &[(&str, Style)]) -> Grid {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, rows.len() as u16));
        for (y, (text, style)) in rows.iter().enumerate() {
            buffer.set_string(0, y as u16, text, *style);
        }
        Grid::of(&buffer, &Caps { colors: Depth::C256, ..Caps::FULL })
    }

    fn text(from: &[(&str, Style)], to: &[(&str, Style)]) -> String {
        String::from_utf8(encode(&grid(from), &grid(to), true)).unwrap()
    }

    #[test]
    fn only_what_differs_is_written() {
        let plain = Style::default();
        assert_eq!(text(&[("same", plain)], &[("same", plain)]), "");
        assert_eq!(text(&[("age 12m", plain)], &[("age 13m", plain)]), "\x1b[1;6H3");
        let (from, to) = ([("a", plain), ("b", plain)], [("x", plain), ("y", plain)]);
        assert_eq!(text(&from, &to), "\x1b[Hx\r\ny");
    }

    #[test]
    fn attributes_are_set_once_and_given_back() {
        let bold = Style::default().fg(Color::Indexed(40)).add_modifier(Modifier::BOLD);
        let changed = text(&[("", bold)], &[("go now", bold)]);
        assert_eq!(changed, "\x1b[H\x1b[1;38;5;40mgo now\x1b[m");
    }

    #[test]
    fn a_blank_tail_is_erased() {
        let plain = Style::default();
        let long = "a long line that will be gone";
        // The second cell is blank in both, so that the third is the first to differ.
        assert_eq!(text(&[(long, plain)], &[("a", plain)]), "\x1b[1;3H\x1b[K");
    }

    #[test]
    fn after_a_doubtful_glyph_the_next_move_is_absolute() {
        let plain = Style::default();
        let changed = text(&[("", plain)], &[("日x", plain)]);
        assert_eq!(changed, "\x1b[H日\x1b[1;3Hx");
    }
}
