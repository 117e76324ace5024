//! The help layer: the commands of this screen, those that work now in full strength, the keys of what
//! lies over a screen, and at the end what works elsewhere.

use super::super::canvas::Canvas;
use super::super::commands::{COMMANDS, Command, Group, LAYER_KEYS, keys_shown};
use super::super::state::State;
use super::super::theme::Role;
use super::super::update::available;
use super::super::words;

enum Line {
    Head(&'static str),
    Entry { keys: String, name: &'static str, doc: String, on: bool },
    Blank,
}

fn lines(state: &State) -> Vec<Line> {
    let screen = state.screen();
    let mut lines = Vec::new();
    let mut groups = Group::ALL;
    let own = |c: &Command| c.is_of_few_screens() && available(state, c);
    // What is decided or begun here alone is what a person comes here for.
    groups.sort_by_key(|group| !COMMANDS.iter().any(|c| c.group == *group && own(c)));
    // What nobody may do here is not offered.
    let offered = |c: &&Command| !(c.changes && state.read_only);
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        COMMANDS.iter().filter(offered).partition(|c| c.on.contains(&screen));
    let show = |lines: &mut Vec<Line>, c: &Command| {
        let keys = match keys_shown(c) {
            keys if keys.is_empty() => format!(":{}", c.name),
            keys => keys,
        };
        entry(lines, state, keys, c.name, c.doc, available(state, c));
    };
    for group in groups {
        let mut here: Vec<_> = here.iter().filter(|c| c.group == group).collect();
        here.sort_by_key(|c| !c.is_of_few_screens());
        if here.is_empty() {
            continue;
        }
        lines.push(Line::Head(group.title()));
        here.into_iter().for_each(|c| show(&mut lines, c));
        lines.push(Line::Blank);
    }
    for (title, keys) in LAYER_KEYS {
        lines.push(Line::Head(title));
        for (keys, doc) in *keys {
            entry(&mut lines, state, (*keys).to_owned(), "", doc, true);
        }
        lines.push(Line::Blank);
    }
    // The same keys mean something else there.
    lines.push(Line::Head("On other screens"));
    elsewhere.into_iter().for_each(|c| show(&mut lines, c));
    lines
}

/// Columns from which commands' names stand beside their keys.
const NAMED_FROM: u16 = 100;

/// Where what a key does begins.
const fn doc_at(width: u16) -> u16 {
    if width >= NAMED_FROM { 37 } else { 23 }
}

/// A key and what it does, on as many lines as that takes.
fn entry(
    lines: &mut Vec<Line>,
    state: &State,
    mut keys: String,
    mut name: &'static str,
    doc: &str,
    on: bool,
) {
    let width = state.size.0;
    for doc in words::wrap(doc, usize::from(width.saturating_sub(doc_at(width) + 1))) {
        lines.push(Line::Entry { keys: std::mem::take(&mut keys), name, doc, on });
        name = "";
    }
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
    let read_only = if state.read_only { ", read-only: no deciding" } else { "" };
    let title = format!("Keys on {}{read_only}", state.screen().title());
    let lines = lines(state);
    let below = lines.len().saturating_sub(top + usize::from(canvas.height()) - 1);
    let more = if below > 0 { format!("{below} more below") } else { String::new() };
    let room = usize::from(width).saturating_sub(words::width(&title) + words::width(&more) + 6);
    let how = words::fitting(
        room,
        [
            "j k scroll, any other key closes; : runs any command by name",
            "j k scroll, Esc closes",
            "",
        ],
    );
    canvas.head(1, 0, &title, how);
    for (y, line) in (1..canvas.height()).zip(lines.iter().skip(top)) {
        match line {
            Line::Head(title) => {
                canvas.line(1, y, title, Role::Header);
            }
            Line::Entry { keys, name, doc, on } => {
                let (key, text) =
                    if *on { (Role::Key, Role::Text) } else { (Role::Muted, Role::Muted) };
                canvas.text(2, y, 20, keys, key);
                if width >= NAMED_FROM {
                    canvas.text(23, y, 13, name, Role::Muted);
                }
                let at = doc_at(width);
                canvas.text(at, y, width.saturating_sub(at), doc, text);
            }
            Line::Blank => {}
        }
    }
    if below > 0 {
        canvas.right(width.saturating_sub(1), 0, 16, &more, Role::Accent);
    }
}
