//! The palette: suggestions above, the line that is typed below.

use super::super::canvas::Canvas;
use super::super::layers::Palette;
use super::super::state::State;
use super::super::theme::Role;
use super::super::update::suggestions;

/// Suggestions shown at most.
const SHOWN: usize = 10;

/// Lines that the palette wants, its rule and its input line included.
pub fn height(state: &State, palette: &Palette) -> u16 {
    let found = suggestions(state, palette.line.text()).len().min(SHOWN);
    u16::try_from(found).unwrap_or(0) + 2
}

/// Draws the palette; returns where the cursor stands.
pub fn draw(canvas: &mut Canvas<'_>, state: &State, palette: &Palette) -> (u16, u16) {
    canvas.clear();
    canvas.rule(0);
    let found = suggestions(state, palette.line.text());
    let (width, height) = (canvas.width(), canvas.height());
    let rows = usize::from(height.saturating_sub(2));
    let top = (palette.chosen + 1).saturating_sub(rows.max(1));
    for (y, (index, suggestion)) in (1..).zip(found.iter().enumerate().skip(top).take(rows)) {
        canvas.text(3, y, 24, &suggestion.shown, Role::Text);
        let keys = 12.min(width / 5);
        let doc = width.saturating_sub(29 + keys + 1);
        canvas.text(29, y, doc, &suggestion.doc, Role::Muted);
        canvas.right(width.saturating_sub(1), y, keys, &suggestion.keys, Role::Key);
        if index == palette.chosen {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, canvas.glyphs().select, Role::Selected);
        }
    }
    let y = height.saturating_sub(1);
    let end = canvas.line(1, y, ":", Role::Key);
    let taken = if palette.error.is_some() || width > 60 { 42 } else { 0 };
    let room = width.saturating_sub(end + taken).max(width / 3);
    let (after, x) = super::form::edited(canvas, end, y, room, &palette.line);
    match &palette.error {
        Some(error) => {
            canvas.line(after + 2, y, error, Role::Bad);
        }
        None if width > 60 => {
            let hint = "Tab completes  Enter runs  Esc closes";
            canvas.right(width.saturating_sub(1), y, 40, hint, Role::Hint);
        }
        None => {}
    }
    (x, y)
}
