//! The help layer: all commands of the table, those that work now in full strength, and the keys of
//! what lies over a screen.

use super::super::canvas::Canvas;
use super::super::commands::{COMMANDS, Group, LAYER_KEYS, keys_shown};
use super::super::state::State;
use super::super::theme::Role;
use super::super::update::available;

enum Line {
    Head(&'static str),
    Entry { keys: String, name: &'static str, doc: &'static str, on: bool },
    Blank,
}

fn lines(state: &State) -> Vec<Line> {
    let screen = state.screen();
    let mut lines = Vec::new();
    for group in Group::ALL {
        lines.push(Line::Head(group.title()));
        // What works here first, then what works elsewhere.
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            COMMANDS.iter().filter(|c| c.group == group).partition(|c| c.on.contains(&screen));
        for c in here.into_iter().chain(elsewhere) {
            let keys = match keys_shown(c) {
                keys if keys.is_empty() => format!(":{}", c.name),
                keys => keys,
            };
            lines.push(Line::Entry { keys, name: c.name, doc: c.doc, on: available(state, c) });
        }
        lines.push(Line::Blank);
    }
    for (title, keys) in LAYER_KEYS {
        lines.push(Line::Head(title));
        for (keys, doc) in *keys {
            let keys = (*keys).to_owned();
            lines.push(Line::Entry { keys, name: "", doc, on: true });
        }
        lines.push(Line::Blank);
    }
    lines.pop();
    lines
}

fn room(state: &State) -> usize {
    usize::from(state.size.1.saturating_sub(5)).max(1)
}

/// The lowest line that help can be scrolled to.
pub fn last_top(state: &State) -> usize {
    lines(state).len().saturating_sub(room(state))
}

/// Draws help from line `top`.
pub fn draw(canvas: &mut Canvas<'_>, state: &State, top: usize) {
    canvas.clear();
    let width = canvas.width();
    let title = format!("Keys on {}", state.screen().title());
    canvas.head(1, 0, &title, "j k scroll, any other key closes; : runs any command by name");
    let lines = lines(state);
    for (y, line) in (1..canvas.height()).zip(lines.iter().skip(top)) {
        match line {
            Line::Head(title) => {
                canvas.line(1, y, title, Role::Header);
            }
            Line::Entry { keys, name, doc, on } => {
                let (key, text) =
                    if *on { (Role::Key, Role::Text) } else { (Role::Muted, Role::Muted) };
                canvas.text(2, y, 20, keys, key);
                canvas.text(23, y, 13, name, Role::Muted);
                canvas.text(37, y, width.saturating_sub(37), doc, text);
            }
            Line::Blank => {}
        }
    }
    let below = lines.len().saturating_sub(top + usize::from(canvas.height()) - 1);
    if below > 0 {
        let more = format!("{below} more below");
        canvas.right(width.saturating_sub(1), 0, 16, &more, Role::Accent);
    }
}
