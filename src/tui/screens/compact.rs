//! A terminal too small for a screen: where one is, what is selected, what was said.

use super::super::canvas::Canvas;
use super::super::freshness::badge;
use super::super::layers::Layer;
use super::super::state::{Body, State};
use super::super::theme::Role;
use super::super::words;

/// Draws a few lines of text.
pub fn draw(canvas: &mut Canvas<'_>, state: &State) {
    let (width, height) = (canvas.width(), canvas.height());
    let glyph = state.worst_feed().map(|feed| {
        let (glyph, _, role) = badge(feed, state.pulse.told, state.wall, canvas.glyphs());
        (glyph, role)
    });
    let place = state.page().place.crumb();
    canvas.line(0, 0, &place, Role::Title);
    if let (Some((glyph, role)), true) = (glyph, words::width(&place) + 2 <= usize::from(width)) {
        canvas.right(width, 0, 1, glyph, role);
    }
    let mut y = 1;
    let last = if height >= 4 { height - 1 } else { height };
    for (text, role) in lines(state) {
        for line in words::wrap(&text, usize::from(width)) {
            if y < last {
                canvas.line(0, y, &line, role);
                y += 1;
            }
        }
    }
    if height >= 4 {
        match &state.notice {
            Some(notice) => canvas.line(0, last, &notice.text, notice.role),
            None => canvas.line(0, last, "enlarge to see more", Role::Hint),
        };
    }
}

fn lines(state: &State) -> Vec<(String, Role)> {
    match state.layers.last() {
        Some(Layer::Filter(filter)) => {
            return vec![(format!("/{}", filter.line.text()), Role::Input)];
        }
        Some(Layer::Palette(line)) => return vec![(format!(":{}", line.line.text()), Role::Input)],
        Some(Layer::Confirm(question)) => {
            return vec![(format!("{} Enter/Esc", question.sentence), Role::Accent)];
        }
        Some(Layer::Form(form)) => {
            let field = form.fields.get(form.at);
            let text = field.map(|f| format!("{}: {}", f.name, f.line.text()));
            return vec![
                (form.intent.title(), Role::Accent),
                (text.unwrap_or_default(), Role::Input),
            ];
        }
        Some(Layer::Revealed(revealed)) => {
            let line = |(kind, text): (String, &str)| (format!("{kind}: {text}"), Role::Text);
            return revealed.lines().into_iter().map(line).collect();
        }
        Some(Layer::Help(_)) | None => {}
    }
    let page = state.page();
    if let Some(table) = page.table() {
        let at = match table.total() {
            0 => "nothing to show".to_owned(),
            total => format!(
                "{} of {}",
                words::count(table.cursor() as u64 + 1),
                words::count(total as u64)
            ),
        };
        let target = table.target();
        let row = target.map(|t| if t.saw.is_empty() { t.key } else { t.saw }).unwrap_or_default();
        return vec![(row, Role::Text), (at, Role::Muted)];
    }
    let mut lines = Vec::new();
    if let Body::Overview(panel) = &page.body {
        match &panel.data {
            Some(o) => lines.push((
                format!(
                    "{} orders, {} to ship, {} late, {} short",
                    o.orders_today, o.to_ship, o.late, o.short
                ),
                Role::Text,
            )),
            None => lines.push(("loading".into(), Role::Muted)),
        }
    }
    if let Some(target) = state.target() {
        lines.push((target.saw, Role::Text));
    }
    lines
}
