//! Forms and questions, drawn over the lower part of the screen so that the row they are about
//! stays in sight.

use super::super::canvas::Canvas;
use super::super::layers::{Confirm, Form, Stage};
use super::super::theme::Role;
use super::super::words;

/// Lines that a form wants.
pub fn form_height(form: &Form) -> u16 {
    u16::try_from(form.fields.len()).unwrap_or(0) + 4
}

/// Draws a form; returns where the cursor stands.
pub fn form(canvas: &mut Canvas<'_>, form: &Form) -> Option<(u16, u16)> {
    canvas.clear();
    canvas.rule(0);
    let title = format!(" {} ", form.intent.title());
    canvas.line(2, 0, &title, Role::Title);
    let names = form.fields.iter().map(|f| words::width(f.name)).max().unwrap_or(0);
    let start = u16::try_from(names).unwrap_or(0) + 5;
    let filling = form.stage == Stage::Fill;
    let mut cursor = None;
    for (y, (at, field)) in (1..).zip(form.fields.iter().enumerate()) {
        let here = filling && at == form.at;
        if here {
            canvas.text(1, y, 1, canvas.glyphs().select, Role::Accent);
        }
        canvas.text(3, y, start.saturating_sub(4), field.name, Role::Muted);
        if field.line.text().is_empty() {
            canvas.line(start, y, field.hint, Role::Hint);
        } else {
            canvas.line(start, y, field.line.text(), Role::Input);
        }
        if here {
            let before = u16::try_from(words::width(field.line.before())).unwrap_or(0);
            let x = (start + before).min(canvas.width().saturating_sub(1));
            cursor = Some((x, y));
        }
    }
    let y = u16::try_from(form.fields.len()).unwrap_or(0) + 1;
    match (&form.stage, &form.error) {
        (_, Some(error)) => {
            canvas.line(3, y, error, Role::Bad);
        }
        (Stage::Check(sentence), None) => {
            canvas.line(3, y, sentence, Role::Accent);
        }
        (Stage::Sent, None) => {
            canvas.line(3, y, "Recording", Role::Muted);
        }
        (Stage::Fill, None) => {}
    }
    let keys = match form.stage {
        Stage::Fill => "Enter next, then shows what will be recorded   Tab field   Esc leaves",
        Stage::Check(_) => "Enter records   Esc goes back to the fields",
        Stage::Sent => "Esc closes; it is recorded all the same",
    };
    canvas.line(3, y + 1, keys, Role::Hint);
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
