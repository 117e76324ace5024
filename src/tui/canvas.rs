//! Drawing text into a part of the frame by cells: cut, aligned, never outside.

use super::theme::{Glyphs, Role, Theme};
use super::words::{fit, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A part of the frame. Coordinates are relative to its corner; what lies outside is not drawn.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    /// Styles and glyphs.
    pub theme: &'a Theme,
}

impl<'a> Canvas<'a> {
    /// On a buffer, within `area`.
    pub fn new(buffer: &'a mut Buffer, area: Rect, theme: &'a Theme) -> Self {
        let area = area.intersection(buffer.area);
        Canvas { buffer, area, theme }
    }
    /// A part of this canvas; parts outside are cut off.
    pub fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Canvas<'_> {
        let x = self.area.x.saturating_add(x.min(self.area.width));
        let y = self.area.y.saturating_add(y.min(self.area.height));
        let area = Rect { x, y, width, height }.intersection(self.area);
        Canvas { buffer: self.buffer, area, theme: self.theme }
    }
    /// Columns.
    pub fn width(&self) -> u16 {
        self.area.width
    }
    /// Rows.
    pub fn height(&self) -> u16 {
        self.area.height
    }
    /// The glyphs.
    pub fn glyphs(&self) -> &'a Glyphs {
        self.theme.glyphs()
    }
    /// Writes text at a place, cut to `cells`; returns the column after it.
    pub fn text(&mut self, x: u16, y: u16, cells: u16, text: &str, role: Role) -> u16 {
        self.styled(x, y, cells, text, self.theme.style(role))
    }
    /// Writes text to the end of the line.
    pub fn line(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        self.text(x, y, self.area.width, text, role)
    }
    /// Writes text that ends before column `end`; cut from its end if it is longer than `cells`.
    pub fn right(&mut self, end: u16, y: u16, cells: u16, text: &str, role: Role) -> u16 {
        let text = fit(text, usize::from(cells.min(end)), self.glyphs().ellipsis);
        let start = end.saturating_sub(u16::try_from(width(&text)).unwrap_or(u16::MAX));
        self.text(start, y, cells, &text, role);
        start
    }
    fn styled(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let room = cells.min(self.area.width.saturating_sub(x));
        if room == 0 || y >= self.area.height {
            return x;
        }
        let text = fit(text, usize::from(room), self.glyphs().ellipsis);
        let (at_x, at_y) = (self.area.x + x, self.area.y + y);
        let (end, _) = self.buffer.set_stringn(at_x, at_y, text, usize::from(room), style);
        end.saturating_sub(self.area.x)
    }
    /// Fills a line with a rule.
    pub fn rule(&mut self, y: u16) {
        let rule = self.glyphs().rule.repeat(usize::from(self.area.width));
        self.line(0, y, &rule, Role::Rule);
    }
    /// Draws a vertical rule in column `x`.
    pub fn vertical(&mut self, x: u16) {
        for y in 0..self.area.height {
            self.text(x, y, 1, self.glyphs().vertical, Role::Rule);
        }
    }
    /// Gives a whole line a meaning, over what is written there.
    pub fn highlight(&mut self, y: u16, role: Role) {
        let width = self.area.width;
        self.highlight_cells(0, y, width, role);
    }
    /// Gives some cells of a line a meaning, over what is written there. What stands on a ground of
    /// its own (an alarm) keeps it: on the ground of a row its letters could not be read.
    pub fn highlight_cells(&mut self, x: u16, y: u16, cells: u16, role: Role) {
        let x = self.area.x.saturating_add(x);
        let y = self.area.y.saturating_add(y);
        let area = Rect { x, y, width: cells, height: 1 }.intersection(self.area);
        let style = self.theme.style(role);
        let alarm = self.theme.style(Role::Critical).bg;
        for x in area.left()..area.right() {
            if let Some(cell) = self.buffer.cell_mut((x, area.y))
                && (alarm.is_none() || alarm != Some(cell.bg))
                && area.height > 0
            {
                cell.set_style(style);
            }
        }
    }
    /// Blanks the canvas.
    pub fn clear(&mut self) {
        for y in self.area.top()..self.area.bottom() {
            for x in self.area.left()..self.area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(self.theme.style(Role::Text));
                }
            }
        }
    }
    /// A section head with a figure or words behind it.
    pub fn head(&mut self, x: u16, y: u16, title: &str, rest: &str) {
        let end = self.line(x, y, title, Role::Title);
        if !rest.is_empty() {
            self.line(end + 2, y, rest, Role::Muted);
        }
    }
}
