//! Draws frames and returns the bytes that bring the terminal from the last one to the next.

use super::encode::encode;
use super::grid::Grid;
use super::{Caps, sequence};
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use std::convert::Infallible;
use std::io::Write;

/// Largest screen that is drawn; a larger terminal shows it in its corner.
const LARGEST: Size = Size { width: 1_000, height: 500 };

/// One terminal's picture.
pub struct Painter {
    terminal: Terminal<Paper>,
    caps: Caps,
    /// What the terminal shows; `None`: unknown, the next frame is painted whole.
    shown: Option<Grid>,
    cursor: Option<Position>,
}

impl Painter {
    /// A painter for a terminal of this size, of which nothing is known.
    pub fn new(size: Size, caps: Caps) -> Self {
        Painter { terminal: terminal(size), caps, shown: None, cursor: None }
    }

    /// The terminal's capabilities.
    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// The size that is drawn.
    pub fn size(&self) -> Size {
        self.terminal.backend().size
    }

    /// Follows the terminal to a new size; the next frame is painted whole.
    pub fn resize(&mut self, size: Size) {
        self.terminal = terminal(size);
        self.shown = None;
    }

    /// Forgets what the terminal shows: the next frame is painted whole.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// Draws a frame; the bytes that show it, or `None` where nothing changed.
    pub fn paint(&mut self, draw: impl FnOnce(&mut Frame)) -> Option<Vec<u8>> {
        let Ok(frame) = self.terminal.draw(draw);
        let (grid, whole) = (Grid::of(frame.buffer, &self.caps), self.shown.is_none());
        let cursor = self.terminal.backend().cursor;
        if self.caps.dumb {
            return self.paint_plain(grid);
        }
        let blank = || Grid::blank(grid.width(), self.terminal.backend().size.height);
        let shown = self.shown.take().unwrap_or_else(blank);
        let body = encode(&shown, &grid, self.caps.erase_paints);
        let moved = cursor != self.cursor || (cursor.is_some() && !body.is_empty());
        self.shown = Some(grid);
        let was_visible = self.cursor.is_some();
        self.cursor = cursor;
        if body.is_empty() && !whole && !moved {
            return None;
        }
        let mut out = Vec::with_capacity(body.len() + 48);
        if self.caps.sync {
            out.extend_from_slice(sequence::BEGIN);
        }
        if (was_visible && !body.is_empty()) || whole {
            out.extend_from_slice(sequence::HIDE_CURSOR);
        }
        if whole {
            out.extend_from_slice(b"\x1b[0m\x1b[H\x1b[2J");
        }
        out.extend_from_slice(&body);
        match cursor {
            Some(Position { x, y }) => {
                let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
                out.extend_from_slice(sequence::SHOW_CURSOR);
            }
            None if was_visible && body.is_empty() => {
                out.extend_from_slice(sequence::HIDE_CURSOR);
            }
            None => {}
        }
        if self.caps.sync {
            out.extend_from_slice(sequence::END);
        }
        Some(out)
    }

    /// On a terminal that knows no sequences the whole frame is printed as lines, when it changed.
    fn paint_plain(&mut self, grid: Grid) -> Option<Vec<u8>> {
        if self.shown.as_ref() == Some(&grid) {
            return None;
        }
        let mut out = b"\r\n".to_vec();
        for row in grid.rows() {
            let line: String = row
                .iter()
                .map(|slot| match slot.glyph {
                    super::Glyph::Narrow(c) if c.is_ascii() => c,
                    _ => '?',
                })
                .collect();
            out.extend_from_slice(line.trim_end().as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        self.shown = Some(grid);
        Some(out)
    }
}

/// Draws one frame of this size outside any terminal.
pub fn frame_of(size: Size, draw: impl FnOnce(&mut Frame)) -> Buffer {
    let mut terminal = terminal(size);
    let Ok(frame) = terminal.draw(draw);
    frame.buffer.clone()
}

fn terminal(size: Size) -> Terminal<Paper> {
    let size =
        Size { width: size.width.min(LARGEST.width), height: size.height.min(LARGEST.height) };
    let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
    let paper = Paper { size, cursor: None };
    let Ok(terminal) = Terminal::with_options(paper, TerminalOptions { viewport });
    terminal
}

/// What ratatui draws on: it only remembers where the cursor should be, since the painter compares
/// frames itself.
struct Paper {
    size: Size,
    cursor: Option<Position>,
}

impl Backend for Paper {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, _: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        Ok(())
    }
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor = None;
        Ok(())
    }
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor.get_or_insert_default();
        Ok(())
    }
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or_default())
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = Some(position.into());
        Ok(())
    }
    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        Ok(())
    }
    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }
    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
