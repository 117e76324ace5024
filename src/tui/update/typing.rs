//! Keys and pasted text that go to the topmost layer.

use super::super::event::Effect;
use super::super::layers::{Confirm, FilterLine, Form, Layer, Palette, Stage};
use super::super::state::State;
use super::super::table::Scroll;
use super::super::theme::{Glyphs, Role};
use super::{complete, desk, forms, palette, quit, reorders, what_if};
use crate::domain::Decision;
use crate::engine::api::Action;
use crossterm::event::{KeyCode, KeyEvent};

/// What becomes of a layer after a key.
enum Next {
    /// It stays.
    Stay,
    /// It is taken off.
    Close,
}

/// Takes a key for the topmost layer.
pub fn key(state: &mut State, key: &KeyEvent, chord: &str) -> Vec<Effect> {
    let Some(layer) = state.layers.pop() else { return Vec::new() };
    if chord == "ctrl-c" {
        let armed = std::mem::take(&mut state.quit_armed);
        cancelled(state, layer);
        return if armed { vec![Effect::Quit] } else { quit_hint(state) };
    }
    let depth = state.layers.len();
    let (layer, next, effects) = match layer {
        Layer::Filter(mut filter) => {
            let mut next = Next::Stay;
            filter.refused = None;
            match key.code {
                // A filter that is refused is to be mended or left, not kept.
                KeyCode::Enter if state.page().table().is_some_and(Scroll::is_refused) => {}
                KeyCode::Enter => {
                    match complete::whole(state, state.screen(), filter.line.text()) {
                        Ok(()) => next = Next::Close,
                        Err(sentence) => filter.refused = Some(sentence),
                    }
                }
                KeyCode::Esc => {
                    follow(state, "");
                    next = Next::Close;
                }
                KeyCode::Backspace if filter.line.text().is_empty() => next = Next::Close,
                KeyCode::Down => super::navigate::move_by(state, 1),
                KeyCode::Up => super::navigate::move_by(state, -1),
                KeyCode::PageDown => super::navigate::page(state, 1),
                KeyCode::PageUp => super::navigate::page(state, -1),
                KeyCode::Tab => {
                    complete_filter(state, &mut filter);
                    follow(state, filter.line.text());
                }
                _ => {
                    filter.completing = None;
                    if filter.line.key(key) {
                        follow(state, filter.line.text());
                    }
                }
            }
            let closed = matches!(next, Next::Close);
            let effects = if closed { vec![state.bookmark()] } else { Vec::new() };
            (Layer::Filter(filter), next, effects)
        }
        Layer::Palette(mut line) => {
            let (next, effects) = palette_key(state, &mut line, key);
            (Layer::Palette(line), next, effects)
        }
        Layer::Help(top) => {
            let (top, next) = scrolled(top, chord);
            let most = super::super::widgets::help::last_top(state);
            (Layer::Help(top.min(most)), next, Vec::new())
        }
        Layer::Why(mut why) => {
            let (top, next) = scrolled(why.top, chord);
            why.top = top.min(why.lines.len().saturating_sub(1));
            (Layer::Why(why), next, Vec::new())
        }
        Layer::Form(mut form) => {
            let (next, effects) = form_key(state, &mut form, key, chord);
            (Layer::Form(form), next, effects)
        }
        Layer::Revealed(revealed) => (Layer::Revealed(revealed), Next::Close, Vec::new()),
        Layer::Confirm(question) => {
            let (next, effects) = confirm_key(state, &question, chord);
            (Layer::Confirm(question), next, effects)
        }
    };
    // What the key ran may have cleared the layers (it went to another page).
    let mut effects = effects;
    let filled = matches!(layer, Layer::Form(_));
    if matches!(next, Next::Stay) && state.layers.len() >= depth {
        state.layers.insert(depth, layer);
    }
    if filled {
        // What was typed is not to be typed again if the owner is lost.
        effects.extend(state.moved());
        effects.extend(what_if::preview(state));
    }
    effects
}

/// What a key does to text that is only read: it scrolls, any other closes.
fn scrolled(top: usize, chord: &str) -> (usize, Next) {
    match chord {
        "down" | "j" => (top + 1, Next::Stay),
        "up" | "k" => (top.saturating_sub(1), Next::Stay),
        "pgdn" | "space" | "ctrl-f" | "ctrl-d" => (top + 10, Next::Stay),
        "pgup" | "ctrl-b" | "ctrl-u" => (top.saturating_sub(10), Next::Stay),
        "g" | "home" => (0, Next::Stay),
        "G" | "end" => (usize::MAX, Next::Stay),
        _ => (top, Next::Close),
    }
}

/// Completes the term that is typed; pressed again it goes on to the next that fits.
fn complete_filter(state: &State, filter: &mut FilterLine) {
    let Some(fields) = super::complete::fields(state.screen()) else { return };
    let (typed, at) = match filter.completing.take() {
        Some((typed, at)) => (typed, at + 1),
        None => (filter.line.text().to_owned(), 0),
    };
    let found = super::completions(fields, &typed);
    let Some((whole, _)) = found.get(at % found.len().max(1)) else { return };
    filter.line.set(whole);
    // With only one there is nothing to go on to: the next Tab completes what stands there then.
    filter.completing = (found.len() > 1).then_some((typed, at));
}

/// Takes pasted text for the topmost layer; without one it means nothing.
pub fn paste(state: &mut State, text: &str) {
    let Some(mut layer) = state.layers.pop() else {
        state.notify(Role::Notice, "Nothing takes text here; / filters and : runs a command.");
        return;
    };
    match &mut layer {
        Layer::Filter(filter) => {
            filter.line.insert(text);
            follow(state, filter.line.text());
        }
        Layer::Palette(palette) => palette.line.insert(text),
        Layer::Form(form) if form.stage == Stage::Fill => {
            if let Some(field) = form.fields.get_mut(form.at) {
                field.line.insert(text);
            }
        }
        _ => {}
    }
    state.layers.push(layer);
    state.touch();
}

fn follow(state: &mut State, filter: &str) {
    if let Some(table) = state.page_mut().table_mut() {
        table.set_filter(filter.trim());
    }
    state.touch();
}

fn cancelled(state: &mut State, layer: Layer) {
    if let Layer::Filter(filter) = layer {
        follow(state, &filter.before);
    }
}

fn quit_hint(state: &mut State) -> Vec<Effect> {
    let effects = quit(state, false);
    state.quit_armed = true;
    if effects.is_empty() {
        return effects;
    }
    // The layer was on top of the first page: the press closed it, the next one quits.
    state.notify(Role::Notice, "Press q or Ctrl-C again to quit. Esc goes back.");
    Vec::new()
}

fn palette_key(state: &mut State, line: &mut Palette, key: &KeyEvent) -> (Next, Vec<Effect>) {
    let found = palette::suggestions(state, line.line.text());
    match key.code {
        KeyCode::Esc => return (Next::Close, Vec::new()),
        KeyCode::Backspace if line.line.text().is_empty() => return (Next::Close, Vec::new()),
        KeyCode::Up => line.chosen = line.chosen.saturating_sub(1),
        KeyCode::Down => line.chosen = (line.chosen + 1).min(found.len().saturating_sub(1)),
        KeyCode::Tab => {
            if let Some(suggestion) = found.get(line.chosen) {
                line.line.set(&suggestion.line);
                line.chosen = 0;
            }
        }
        KeyCode::Enter => {
            let chosen = found.get(line.chosen).map(|s| s.line.clone());
            return match palette::run(state, line.line.text(), chosen.as_deref()) {
                Ok(effects) => (Next::Close, effects),
                Err(sentence) => {
                    line.error = Some(sentence);
                    (Next::Stay, Vec::new())
                }
            };
        }
        _ => {
            if line.line.key(key) {
                line.chosen = 0;
                line.error = None;
            }
        }
    }
    (Next::Stay, Vec::new())
}

fn form_key(
    state: &mut State,
    form: &mut Form,
    key: &KeyEvent,
    chord: &str,
) -> (Next, Vec<Effect>) {
    let glyphs = state.theme.glyphs();
    match (&form.stage, chord) {
        (Stage::Check(_), "esc") => form.stage = Stage::Fill,
        (_, "esc") => return (Next::Close, Vec::new()),
        (Stage::Sent, _) => {}
        (Stage::Check(_), "enter") => match forms::check(form, glyphs) {
            Ok((_, actions)) => {
                form.stage = Stage::Sent;
                return (Next::Stay, desk::act(state, actions, form.intent.done()));
            }
            Err((at, error)) => wrong(form, at, error),
        },
        (Stage::Check(_), _) => {}
        (Stage::Fill, "tab" | "down") => {
            form.at = (form.at + 1) % form.fields.len().max(1);
        }
        (Stage::Fill, "shift-tab" | "up") => {
            let fields = form.fields.len().max(1);
            form.at = (form.at + fields - 1) % fields;
        }
        (Stage::Fill, "enter")
            if form.at + 1 < form.fields.len() && !form.intent.is_filled_in() =>
        {
            leave_field(form, glyphs);
        }
        (Stage::Fill, "enter") => match forms::check(form, glyphs) {
            Ok((sentence, _)) => match reorders::to_be_typed(form, glyphs) {
                Some(typed) => *form = typed,
                None => {
                    form.error = None;
                    form.stage = Stage::Check(sentence);
                }
            },
            Err((at, error)) => wrong(form, at, error),
        },
        (Stage::Fill, _) => {
            if let Some(field) = form.fields.get_mut(form.at)
                && field.line.key(key)
            {
                form.error = None;
            }
        }
    }
    (Next::Stay, Vec::new())
}

/// Goes on from a field that is not the last: not while it is wrong. Where all that follow are filled
/// in, as after mending one, the next wrong one is gone to, or the check.
fn leave_field(form: &mut Form, glyphs: &Glyphs) {
    let rest = form.fields.get(form.at + 1..).unwrap_or_default();
    let is_filled = rest.iter().all(|field| !field.line.text().trim().is_empty());
    match forms::check(form, glyphs) {
        Err((at, error)) if at == form.at || is_filled => wrong(form, at, error),
        Ok((sentence, _)) if is_filled => {
            form.error = None;
            form.stage = Stage::Check(sentence);
        }
        _ => {
            form.at += 1;
            form.error = None;
        }
    }
}

fn wrong(form: &mut Form, at: usize, error: String) {
    form.at = at;
    form.error = Some(error);
    form.stage = Stage::Fill;
}

/// Whether a question is about a verdict on cases.
fn is_verdict(question: &Confirm) -> bool {
    let about_case =
        |action: &Action| matches!(action, Action::Decide { decision: Decision::Flag { .. }, .. });
    question.actions.iter().any(about_case)
}

fn confirm_key(state: &mut State, question: &Confirm, chord: &str) -> (Next, Vec<Effect>) {
    match chord {
        "enter" | "y" => {
            if let Some(why) = super::triage::overtaken(state).filter(|_| is_verdict(question)) {
                state.notify(Role::Bad, why);
                return (Next::Close, vec![Effect::Bell]);
            }
            (Next::Close, desk::act(state, question.actions.clone(), question.done))
        }
        "esc" | "n" | "q" => (Next::Close, Vec::new()),
        _ => (Next::Stay, Vec::new()),
    }
}
