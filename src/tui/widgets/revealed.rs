//! What was revealed of somebody, drawn over the lower part of the screen until a key is pressed.

use super::super::canvas::Canvas;
use super::super::theme::Role;
use super::super::words;
use crate::engine::api::Revealed;

/// Columns that the kind of a text takes.
const KIND: u16 = 16;

fn wrapped(revealed: &Revealed, width: u16) -> Vec<(String, String)> {
    let room = usize::from(width.saturating_sub(KIND + 6)).max(1);
    let mut lines = Vec::new();
    for (kind, text) in revealed.lines() {
        for (at, line) in words::wrap(&text, room).into_iter().enumerate() {
            lines.push((if at == 0 { kind.clone() } else { String::new() }, line));
        }
    }
    if lines.is_empty() {
        lines.push((String::new(), "Nothing is kept.".into()));
    }
    lines
}

/// Lines that it wants.
pub fn height(revealed: &Revealed, width: u16) -> u16 {
    u16::try_from(wrapped(revealed, width).len()).unwrap_or(u16::MAX - 3) + 3
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, revealed: &Revealed) {
    canvas.clear();
    canvas.rule(0);
    canvas.line(2, 0, &format!(" Known of {} ", revealed.whose), Role::Title);
    let last = canvas.height().saturating_sub(1);
    for (y, (kind, text)) in (1..last).zip(wrapped(revealed, canvas.width())) {
        canvas.text(3, y, KIND, &kind, Role::Muted);
        canvas.line(4 + KIND, y, &text, Role::Text);
    }
    canvas.line(3, last, "Any key closes; it is kept nowhere", Role::Hint);
}
