//! A frame as a terminal of given capabilities will show it: the unit of comparison.
//!
//! Colours are reduced and glyphs replaced *before* two frames are compared, so that a difference
//! which the terminal cannot show costs no bytes.

use super::{Caps, Depth, ascii::stand_in, color::reduce};
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::style::{Color, Modifier};

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// One character of one column.
    Narrow(char),
    /// A character or cluster of several columns, or one of several code points.
    Cluster(Box<str>, u16),
    /// The column is covered by the wide glyph to its left.
    Covered,
}

/// How a glyph is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pen {
    /// Foreground.
    pub fg: Color,
    /// Background.
    pub bg: Color,
    /// Attributes.
    pub attrs: Modifier,
}

impl Pen {
    /// Whether a blank drawn with this pen shows nothing but its background.
    pub fn is_bare(self) -> bool {
        !self.attrs.intersects(Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT)
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// What.
    pub glyph: Glyph,
    /// How.
    pub pen: Pen,
}

impl Slot {
    /// An empty column.
    pub const BLANK: Slot = Slot {
        glyph: Glyph::Narrow(' '),
        pen: Pen { fg: Color::Reset, bg: Color::Reset, attrs: Modifier::empty() },
    };

    /// Whether the column shows nothing but this background.
    pub fn is_blank(&self) -> bool {
        self.glyph == Glyph::Narrow(' ') && self.pen.is_bare()
    }
}

/// A frame as the terminal shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    width: u16,
    slots: Vec<Slot>,
}

impl Grid {
    /// A blank screen.
    pub fn blank(width: u16, height: u16) -> Self {
        let slots = vec![Slot::BLANK; usize::from(width) * usize::from(height)];
        Grid { width, slots }
    }

    /// A frame as a terminal of these capabilities shows it.
    pub fn of(buffer: &Buffer, caps: &Caps) -> Self {
        let width = buffer.area.width;
        let mut slots = Vec::with_capacity(buffer.content.len());
        for row in buffer.content.chunks(usize::from(width.max(1))) {
            push_row(&mut slots, row, caps);
        }
        Grid { width, slots }
    }

    /// Columns.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Rows, top first.
    pub fn rows(&self) -> impl Iterator<Item = &[Slot]> {
        self.slots.chunks(usize::from(self.width.max(1)))
    }
}

fn push_row(slots: &mut Vec<Slot>, row: &[Cell], caps: &Caps) {
    let mut pens = Pens { depth: caps.colors, raw: Pen::default(), reduced: Pen::default() };
    // How many columns the glyph to the left still takes, and what stands in them.
    let mut rest: (u16, Slot) = (0, Slot::BLANK);
    for (x, cell) in row.iter().enumerate() {
        if rest.0 > 0 {
            rest.0 -= 1;
            slots.push(rest.1.clone());
            continue;
        }
        let pen = pens.of(cell);
        let symbol = cell.symbol();
        let width = columns(symbol);
        let fits = usize::from(width) <= row.len() - x;
        let slot = match simple(symbol) {
            Some(c) if width <= 1 && (caps.unicode || c.is_ascii()) => narrow(c, pen),
            _ if !fits || width == 0 => narrow(' ', pen),
            _ if !caps.unicode => narrow(stand_in(symbol), pen),
            _ => Slot { glyph: Glyph::Cluster(symbol.into(), width), pen },
        };
        rest = match &slot.glyph {
            _ if width <= 1 || !fits => (0, Slot::BLANK),
            Glyph::Cluster(..) => (width - 1, Slot { glyph: Glyph::Covered, pen: Pen::default() }),
            _ => (width - 1, slot.clone()),
        };
        slots.push(slot);
    }
}

/// The last pen that was reduced: neighbours mostly share theirs.
struct Pens {
    depth: Depth,
    raw: Pen,
    reduced: Pen,
}

impl Pens {
    fn of(&mut self, cell: &Cell) -> Pen {
        let raw = Pen { fg: cell.fg, bg: cell.bg, attrs: cell.modifier };
        if raw != self.raw {
            self.raw = raw;
            self.reduced = Pen {
                fg: reduce(raw.fg, self.depth),
                bg: reduce(raw.bg, self.depth),
                attrs: raw.attrs,
            };
        }
        self.reduced
    }
}

/// A narrow glyph; a blank that shows only its background forgets the rest of its pen.
fn narrow(c: char, pen: Pen) -> Slot {
    let bare = c == ' ' && pen.is_bare();
    let pen = if bare { Pen { bg: pen.bg, ..Pen::default() } } else { pen };
    Slot { glyph: Glyph::Narrow(c), pen }
}

/// The symbol's character, if it is only one and not a control.
fn simple(symbol: &str) -> Option<char> {
    let mut chars = symbol.chars();
    let first = chars.next().filter(|c| !c.is_control())?;
    chars.next().is_none().then_some(first)
}

/// Columns that a symbol takes; 0 for one that must not reach a terminal.
fn columns(symbol: &str) -> u16 {
    match symbol.as_bytes() {
        [b' '..=b'~'] => 1,
        _ if symbol.chars().any(char::is_control) => 0,
        _ => symbol.cell_width(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn row(text: &str, caps: &Caps) -> Vec<Glyph> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, text, Style::default());
        Grid::of(&buffer, caps).rows().flatten().map(|s| s.glyph.clone()).collect()
    }

    #[test]
    fn ascii_keeps_every_width() {
        let ascii = Caps { unicode: false, ..Caps::FULL };
        let text: String = row("a日é▲b", &ascii)
            .iter()
            .map(|g| match g {
                Glyph::Narrow(c) => *c,
                _ => '!',
            })
            .collect();
        assert_eq!(text, "a??e^b  ");
    }

    #[test]
    fn wide_glyphs_cover_their_columns() {
        let full = row("日👩‍👩‍👧x", &Caps::FULL);
        assert_eq!(full[0], Glyph::Cluster("日".into(), 2));
        assert_eq!(full[1], Glyph::Covered);
        assert!(matches!(&full[2], Glyph::Cluster(s, 2) if &**s == "👩‍👩‍👧"));
        assert_eq!(full[4], Glyph::Narrow('x'));
    }

    #[test]
    fn what_the_terminal_cannot_show_makes_no_difference() {
        let caps = Caps { colors: Depth::None, ..Caps::FULL };
        let grid = |color| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
            buffer.set_string(0, 0, "text", Style::default().fg(color).bg(Color::Blue));
            Grid::of(&buffer, &caps)
        };
        assert_eq!(grid(Color::Red), grid(Color::Rgb(1, 2, 3)));
    }

    #[test]
    fn a_control_character_never_reaches_the_terminal() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
        buffer[(0, 0)].set_symbol("\u{1b}[2J");
        let grid = Grid::of(&buffer, &Caps::FULL);
        assert_eq!(grid.rows().next().unwrap()[0], Slot::BLANK);
    }
}
