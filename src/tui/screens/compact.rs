//! A terminal too small for a screen: where one is, what is selected, what was said.

use super::super::canvas::Canvas;
use super::super::freshness::badge;
use super::super::layers::{Form, Layer, LineEdit, Stage, Why, WhyLine};
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
    // What is typed or asked needs every line there is.
    let asking = !state.layers.is_empty();
    if asking {
        canvas.clear();
    }
    let mut y = u16::from(!asking);
    let last = if height >= 4 && !asking { height - 1 } else { height };
    for (text, role) in lines(state) {
        for line in words::wrap(&text, usize::from(width)) {
            if y < last {
                canvas.line(0, y, &line, role);
                y += 1;
            }
        }
    }
    if height >= 4 && !asking {
        match &state.notice {
            Some(notice) => canvas.line(0, last, &notice.text, notice.role),
            None => canvas.line(0, last, "enlarge to see more", Role::Hint),
        };
    }
}

/// A line that is typed, scrolled to its cursor.
fn typed(prompt: &str, line: &LineEdit, state: &State) -> (String, Role) {
    let room = usize::from(state.size.0).saturating_sub(prompt.len() + 1);
    let (text, _) = line.seen(room, state.theme.glyphs().ellipsis);
    (format!("{prompt}{text}"), Role::Input)
}

/// What is confirmed comes first: it must not be agreed to unseen.
fn form_lines(form: &Form) -> Vec<(String, Role)> {
    if let Stage::Check(sentence) = &form.stage {
        return vec![(format!("Enter/Esc: {sentence}"), Role::Accent)];
    }
    let error = form.error.iter().map(|error| (error.clone(), Role::Bad));
    let field = form.fields.get(form.at).map(|field| {
        let text = format!("{}: {}", field.name, field.line.text());
        (text, Role::Input)
    });
    error.chain(field).chain([(form.intent.title(), Role::Accent)]).collect()
}

fn why_lines(why: &Why) -> Vec<(String, Role)> {
    let text = |line: &WhyLine| match line {
        WhyLine::Step(what, figure, _) => (format!("{what} {figure}"), Role::Text),
        WhyLine::Note(text) | WhyLine::Exact(text) => (text.clone(), Role::Muted),
    };
    why.lines.iter().skip(why.top).map(text).collect()
}

fn lines(state: &State) -> Vec<(String, Role)> {
    match state.layers.last() {
        Some(Layer::Filter(filter)) => return vec![typed("/", &filter.line, state)],
        Some(Layer::Palette(line)) => {
            let error = line.error.iter().map(|error| (error.clone(), Role::Bad));
            return std::iter::once(typed(":", &line.line, state)).chain(error).collect();
        }
        Some(Layer::Confirm(question)) => {
            return vec![(format!("Enter/Esc: {}", question.sentence), Role::Accent)];
        }
        Some(Layer::Why(why)) => return why_lines(why),
        Some(Layer::Form(form)) => return form_lines(form),
        Some(Layer::Help(_)) => {
            let text = "Too small for help; enlarge, or read docs/KEYS.md. Esc closes.";
            return vec![(text.to_owned(), Role::Hint)];
        }
        Some(Layer::Revealed(revealed)) => {
            let lines = revealed.lines().into_iter();
            return lines.map(|(kind, text)| (format!("{kind}: {text}"), Role::Text)).collect();
        }
        None => {}
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
            Some(o) if !o.counted => lines.push(("counting".into(), Role::Muted)),
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
