//! The palette: what it offers for what is typed, and running a line.

use super::super::commands::{COMMANDS, Id, by_name, keys_shown};
use super::super::event::Effect;
use super::super::place::Screen;
use super::super::state::{Body, State};
use super::complete::{completions, fields};
use crate::engine::api::GroupBy;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Something the palette offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The line that it completes to.
    pub line: String,
    /// How it is shown.
    pub shown: String,
    /// What it does.
    pub doc: String,
    /// Its keys.
    pub keys: String,
    /// Whether something has to be typed behind it.
    pub needs_more: bool,
}

/// What fits what is typed, best first.
pub fn suggestions(state: &State, typed: &str) -> Vec<Suggestion> {
    match typed.trim_start().split_once(' ') {
        Some((name, rest)) => arguments(state, name, rest.trim_start()),
        None => names(state, typed.trim()),
    }
}

fn names(state: &State, typed: &str) -> Vec<Suggestion> {
    let mut found: Vec<(u32, Suggestion)> = Vec::new();
    let mut matcher = Matcher::new(Config::DEFAULT);
    let usable = |c: &&super::Command| {
        let anywhere = matches!(c.id, Id::Order | Id::Sku);
        (anywhere || super::available(state, c)) && !is_bare_move(c.id)
    };
    for command in COMMANDS.iter().filter(usable) {
        let named = command.aliases.iter().chain([&command.name]);
        let best = named.filter_map(|name| by_word(&mut matcher, typed, name)).max();
        let words = score(&mut matcher, typed, command.doc).map(|s| s / 4);
        let Some(score) = best.or(words) else { continue };
        let space = if command.args.is_empty() { "" } else { " " };
        let alias = command.aliases.iter().find(|alias| {
            !typed.is_empty() && alias.starts_with(typed) && !command.name.starts_with(typed)
        });
        let alias = alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
        found.push((
            score,
            Suggestion {
                line: format!("{}{space}", command.name),
                shown: format!("{}{alias}{space}{}", command.name, command.args),
                doc: command.doc.to_owned(),
                keys: keys_shown(command),
                needs_more: !command.args.is_empty() && !command.args.starts_with('['),
            },
        ));
    }
    if !typed.is_empty() {
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    found.into_iter().map(|(_, suggestion)| suggestion).collect()
}

/// Moving the cursor from the palette helps nobody.
fn is_bare_move(id: Id) -> bool {
    matches!(
        id,
        Id::Up
            | Id::Down
            | Id::Left
            | Id::Right
            | Id::PageUp
            | Id::PageDown
            | Id::Palette
            | Id::Open
            | Id::Back
    )
}

fn arguments(state: &State, name: &str, typed: &str) -> Vec<Suggestion> {
    let Some(command) = by_name(name) else { return Vec::new() };
    let choices: Vec<(String, String)> = match command.id {
        Id::Theme => state.themes.names().map(|n| (n.to_owned(), String::new())).collect(),
        Id::Sort => super::super::screens::sort_columns(state.screen())
            .into_iter()
            .map(|(name, _)| (name.to_owned(), String::new()))
            .collect(),
        Id::Sku => known(state, |body| match body {
            Body::Stock(table) => {
                table.rows.iter().map(|r| (r.sku.to_string(), r.name.to_string())).collect()
            }
            Body::Forecast(table) => table
                .rows
                .iter()
                .map(|r| (r.stock.sku.to_string(), r.stock.name.to_string()))
                .collect(),
            Body::Overview(panel) => panel
                .data
                .iter()
                .flat_map(|o| &o.running_out)
                .map(|r| (r.sku.to_string(), r.name.to_string()))
                .collect(),
            _ => Vec::new(),
        }),
        Id::Order => known(state, |body| match body {
            Body::Orders(table) => table
                .rows
                .iter()
                .map(|r| (r.key.number.to_string(), r.status.word().to_owned()))
                .collect(),
            _ => Vec::new(),
        }),
        Id::By => {
            let words = GroupBy::ALL.map(GroupBy::word).into_iter().chain(["sku"]);
            words.map(|word| (word.to_owned(), String::new())).collect()
        }
        Id::Go(screen) => return filters(command.name, screen, typed),
        Id::Filter => return filters(command.name, state.screen(), typed),
        _ => Vec::new(),
    };
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut found: Vec<_> = choices
        .into_iter()
        .filter_map(|(value, doc)| {
            let score = score(&mut matcher, typed, &value)?;
            let line = format!("{} {value}", command.name);
            let suggestion = Suggestion {
                shown: line.clone(),
                line,
                doc,
                keys: String::new(),
                needs_more: false,
            };
            Some((score, suggestion))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, suggestion)| suggestion).collect()
}

/// Filters for a screen's table, in the order of its fields.
fn filters(command: &str, screen: Screen, typed: &str) -> Vec<Suggestion> {
    let found = fields(screen).map(|fields| completions(fields, typed)).unwrap_or_default();
    let suggestion = |(filter, term): (String, String)| Suggestion {
        line: format!("{command} {filter}"),
        shown: format!("{command} {filter}"),
        doc: if term.ends_with(':') { "a value follows".into() } else { String::new() },
        keys: String::new(),
        needs_more: term.ends_with(':'),
    };
    found.into_iter().map(suggestion).collect()
}

fn known(state: &State, read: impl Fn(&Body) -> Vec<(String, String)>) -> Vec<(String, String)> {
    let pages = state.pages.iter().chain(state.parked.values().flatten());
    let mut all: Vec<_> = pages.flat_map(|page| read(&page.body)).collect();
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// How well a command's name or alias fits: the name as it is, then its beginning, then letters.
fn by_word(matcher: &mut Matcher, typed: &str, name: &str) -> Option<u32> {
    let extra = match name {
        name if name == typed => 2_000,
        name if name.starts_with(typed) => 1_000,
        _ => 0,
    };
    score(matcher, typed, name).map(|score| score + extra)
}

fn score(matcher: &mut Matcher, typed: &str, text: &str) -> Option<u32> {
    if typed.is_empty() {
        return Some(0);
    }
    let pattern = Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    pattern.score(Utf32Str::new(text, &mut Vec::new()), matcher)
}

/// Runs a line. What is typed counts when its first word is a command's name; else the chosen
/// suggestion does.
pub fn run(state: &mut State, typed: &str, chosen: Option<&str>) -> Result<Vec<Effect>, String> {
    let typed = typed.trim();
    let (name, args) = typed.split_once(' ').unwrap_or((typed, ""));
    let line = match (by_name(name), chosen) {
        (Some(_), _) | (None, None) => (name, args),
        (None, Some(chosen)) => {
            let chosen = chosen.trim();
            chosen.split_once(' ').unwrap_or((chosen, ""))
        }
    };
    let command = super::runnable(state, line.0)?;
    state.layers.clear();
    if command.id == Id::Quit {
        // Who writes it out means it: no second press.
        return Ok(vec![Effect::Quit]);
    }
    super::run(state, command, line.1.trim()).inspect_err(|_| state.touch())
}
