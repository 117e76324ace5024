//! Forms and questions, drawn over the lower part of the screen so that the row they are about
//! stays in sight.

use super::super::canvas::Canvas;
use super::super::layers::{Confirm, Form, LineEdit, Stage};
use super::super::theme::Role;
use super::super::words;

/// What stands below the fields: what is wrong, or what will be recorded.
fn said(form: &Form, width: u16) -> (Vec<String>, Role) {
    if form.stage == Stage::Fill && form.error.is_none() && !form.means.is_empty() {
        let room = usize::from(width.saturating_sub(6));
        let lines = form.means.iter().flat_map(|line| words::wrap(line, room));
        return (lines.collect(), Role::Accent);
    }
    let (text, role) = match (&form.stage, &form.error) {
        (_, Some(error)) => (error.as_str(), Role::Bad),
        (Stage::Check(sentence), None) => (sentence.as_str(), Role::Accent),
        (Stage::Sent, None) => ("Recording", Role::Muted),
        (Stage::Fill, None) => ("", Role::Muted),
    };
    (words::wrap(text, usize::from(width.saturating_sub(6))), role)
}

/// Lines that a form wants.
pub fn form_height(form: &Form, width: u16) -> u16 {
    let lines = form.fields.len() + said(form, width).0.len() + 2;
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// Draws the line that is edited, scrolled so that the cursor is in sight; returns the column after
/// what is shown, and the cursor's.
pub fn edited(canvas: &mut Canvas<'_>, x: u16, y: u16, cells: u16, line: &LineEdit) -> (u16, u16) {
    // One cell is left for the cursor behind the text.
    let room = cells.min(canvas.width().saturating_sub(x)).saturating_sub(1);
    let (text, before) = line.seen(usize::from(room), canvas.glyphs().ellipsis);
    let end = canvas.text(x, y, room, &text, Role::Input);
    let at = x + u16::try_from(before).unwrap_or(u16::MAX).min(room);
    (end, at.min(canvas.width().saturating_sub(1)))
}

/// Draws a form; returns where the cursor stands. Where not all fits, the field that is filled in
/// and what will be recorded do.
pub fn form(canvas: &mut Canvas<'_>, form: &Form) -> Option<(u16, u16)> {
    canvas.clear();
    canvas.rule(0);
    let title = format!(" {} ", form.intent.title());
    canvas.line(2, 0, &title, Role::Title);
    let (said, role) = said(form, canvas.width());
    let below = u16::try_from(said.len()).unwrap_or(1) + 1;
    let room = usize::from(canvas.height().saturating_sub(1 + below));
    let top = if form.at < room { 0 } else { form.at + 1 - room.max(1) };
    let names = form.fields.iter().map(|f| words::width(f.name)).max().unwrap_or(0);
    let start = u16::try_from(names).unwrap_or(0) + 5;
    let filling = form.stage == Stage::Fill;
    let mut cursor = None;
    let mut y = 1;
    for (at, field) in form.fields.iter().enumerate().skip(top).take(room) {
        let here = filling && at == form.at;
        canvas.text(3, y, start.saturating_sub(4), field.name, Role::Muted);
        let width = canvas.width();
        if here {
            canvas.text(1, y, 1, canvas.glyphs().select, Role::Accent);
            let (_, x) = edited(canvas, start, y, width, &field.line);
            cursor = Some((x, y));
        }
        if field.line.text().is_empty() {
            canvas.line(start, y, field.hint, Role::Hint);
        } else if !here {
            canvas.line(start, y, field.line.text(), Role::Input);
        }
        y += 1;
    }
    for line in &said {
        canvas.line(3, y, line, role);
        y += 1;
    }
    let keys = match form.stage {
        Stage::Fill if form.intent.is_filled_in() => {
            "Enter shows what will be recorded   Tab field   Esc leaves"
        }
        Stage::Fill => "Enter next, then shows what will be recorded   Tab field   Esc leaves",
        Stage::Check(_) => "Enter records   Esc goes back to the fields",
        Stage::Sent => "Esc closes; it is recorded all the same",
    };
    canvas.line(3, y, keys, Role::Hint);
    cursor
}

/// Lines that a question wants.
pub fn confirm_height(confirm: &Confirm, width: u16) -> u16 {
    let lines = words::wrap(&confirm.sentence, usize::from(width.saturating_sub(6)));
    u16::try_from(lines.len()).unwrap_or(1) + 3
}

/// Draws a question.
pub fn confirm(canvas: &mut Canvas<'_>, confirm: &Confirm) {
    canvas.clear();
    canvas.rule(0);
    let lines = words::wrap(&confirm.sentence, usize::from(canvas.width().saturating_sub(6)));
    let mut y = 1;
    for line in &lines {
        canvas.line(3, y, line, Role::Accent);
        y += 1;
    }
    canvas.line(3, y, "Enter does it   Esc leaves it", Role::Hint);
}
