//! Coordination: what is on order against need, and what own sites can send each other.

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::table::{Row, Table};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{self, Cell, Column, Look, left, right};
use super::super::words;
use super::Scene;
use super::forecast::{alarm, chance};
use crate::domain::{Ask, Measure, Reply, Subject};
use crate::engine::api::{CoordinationRow, CoordinationState as State, Figured};

impl Row for CoordinationRow {
    fn key(&self) -> String {
        self.key.to_string()
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

impl From<&CoordinationRow> for Target {
    fn from(row: &CoordinationRow) -> Target {
        let decided = |what: &str| Some(Err(what.to_owned()));
        let measure = match (&row.measure, row.state) {
            (Some(measure), State::Proposed | State::Quiet) if row.own => {
                Some(Ok(Box::new(measure.clone())))
            }
            (Some(_), State::Proposed | State::Quiet) => {
                decided("another system placed the order; have it changed there")
            }
            (Some(_), State::Accepted) => decided("it is accepted; u takes it back"),
            (Some(_), State::Asked) => decided("the supplier was asked and has not answered"),
            (Some(_), State::Answered(_)) => decided("the supplier has answered"),
            (Some(_), State::UnderWay) => decided("the goods are on their way"),
            (_, State::Unknown) | (None, _) => decided(&row.why),
        };
        let place = match &row.po {
            Some(po) => Place::Purchase(po.clone()),
            None => Place::Sku(row.sku.clone()),
        };
        let told = row.measure.as_ref().map_or_else(|| "unknown".to_owned(), Measure::to_string);
        Target {
            key: row.key.to_string(),
            subject: Some(Subject::Sku(row.sku.clone())),
            sku: Some(row.sku.clone()),
            site: Some(row.site.clone()),
            goal: Some(Goal::to(place)),
            measure,
            saw: format!("{told}: {}; {}", row.why, row.effect),
            ..Target::default()
        }
    }
}

/// What it is, and how pressing.
fn kind(row: &CoordinationRow) -> Cell {
    let word = row.measure.as_ref().map_or("unknown", Measure::word);
    let role = match &row.measure {
        _ if row.state == State::Quiet => Role::Muted,
        None => Role::Warn,
        Some(Measure::Line(line)) => match line.ask {
            Ask::Expedite { .. } => Role::Bad,
            Ask::Defer { .. } | Ask::Cancel => Role::Text,
        },
        Some(Measure::Transfer(_)) => Role::Accent,
    };
    (word.to_owned(), role)
}

fn state(row: &CoordinationRow) -> Cell {
    let role = match row.state {
        State::Proposed if row.own => Role::Accent,
        State::Proposed | State::Quiet => Role::Muted,
        State::Accepted | State::UnderWay | State::Answered(Reply::Yes) => Role::Good,
        State::Asked | State::Answered(Reply::Partly) | State::Unknown => Role::Warn,
        State::Answered(Reply::No) => Role::Bad,
    };
    (row.state.word().to_owned(), role)
}

/// The day that is asked for, or on which a transfer is there.
fn wanted(row: &CoordinationRow, look: &Look<'_>) -> Cell {
    let day = match &row.measure {
        Some(Measure::Line(line)) => line.ask.day(),
        Some(Measure::Transfer(goods)) => Some(goods.due),
        None => None,
    };
    match day {
        Some(day) => (words::date(day), Role::Text),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }
}

fn due(row: &CoordinationRow, look: &Look<'_>) -> Cell {
    let today = look.now.day(look.zone);
    match row.due.filter(|_| !matches!(row.measure, Some(Measure::Transfer(_)))) {
        Some(due) if due < today => (words::date(due), Role::Bad),
        Some(due) => (words::date(due), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }
}

fn risk(row: &CoordinationRow, look: &Look<'_>, then: bool) -> Cell {
    let risks = match row.figures.as_deref() {
        Some(Figured::Line(line)) => Some((line.risk_now, line.risk_then)),
        Some(Figured::Transfer(goods)) => Some((goods.risk_now, goods.risk_then)),
        None => None,
    };
    match risks {
        Some((_, after)) if then => (chance(after as f32), Role::Muted),
        Some((now, _)) => (chance(now as f32), alarm(now as f32)),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }
}

/// Lines below the table: why, what it would mean, and what was said of it, of the selected row.
pub const BELOW: u16 = 6;

/// Draws the table and, below it, the selected row whole.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rows: &Table<CoordinationRow>) {
    let empty = "Nothing to coordinate: what is on order fits what is needed, and no site can send another \
                 what would be bought. E shows what is expected to be ordered.";
    let (width, height) = (canvas.width(), canvas.height());
    let upper = u16::try_from(rows.height).unwrap_or(u16::MAX).saturating_add(1).min(height);
    table::draw(&mut canvas.part(0, 0, width, upper), rows, COLUMNS, &scene.look(), empty);
    let Some(row) = rows.selected().filter(|_| height >= upper + BELOW) else { return };
    let mut canvas = canvas.part(0, upper, width, BELOW);
    canvas.rule(0);
    let title = match &row.measure {
        Some(measure) => format!(" {measure} "),
        None => format!(" {} × {} for {} ", row.qty, row.sku, row.site),
    };
    canvas.line(2, 0, &title, Role::Title);
    let room = usize::from(width.saturating_sub(4));
    let facts = [(&row.why, Role::Text), (&row.effect, Role::Accent), (&row.note, Role::Muted)];
    let lines = facts.into_iter().filter(|(text, _)| !text.is_empty());
    let lines = lines
        .flat_map(|(text, role)| words::wrap(text, room).into_iter().map(move |line| (line, role)));
    for (y, (line, role)) in (1..BELOW).zip(lines) {
        canvas.line(3, y, &line, role);
    }
}

/// The columns.
pub const COLUMNS: &[Column<CoordinationRow>] = &[
    left("kind", "what", (8, 8), 100, |row, _| kind(row)),
    left("sku", "SKU", (8, 16), 99, |row, _| (row.sku.to_string(), Role::Text)),
    left("", "name", (10, 36), 50, |row, _| (row.name.to_string(), Role::Text)),
    left("from", "from", (8, 22), 90, |row, _| {
        let name = if row.from_name.is_empty() { &row.from } else { &row.from_name };
        (name.to_string(), Role::Muted)
    }),
    left("site", "to", (7, 12), 92, |row, _| (row.site.to_string(), Role::Text)),
    right("qty", "units", 6, 95, |row, _| (words::qty(row.qty), Role::Text)),
    left("due", "due", (6, 7), 93, due),
    left("", "wanted", (6, 7), 96, wanted),
    left("state", "state", (8, 8), 94, |row, _| state(row)),
    right("worth", "worth", 7, 65, |row, look| match row.worth() {
        Some(worth) if row.can_be_decided() => (words::rough(worth), Role::Text),
        Some(worth) => (words::rough(worth), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    right("", "risk", 5, 60, |row, look| risk(row, look, false)),
    right("", "then", 5, 55, |row, look| risk(row, look, true)),
    left("", "order", (9, 14), 40, |row, look| match &row.po {
        Some(po) => (po.to_string(), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    // Of what nobody can judge, why.
    left("", "what it would mean", (16, 74), 45, |row, _| {
        let text = if row.measure.is_none() { &row.why } else { &row.effect };
        (text.to_string(), Role::Muted)
    }),
];
