//! The reorder table: what is proposed to be ordered, from whom, and what stands against it.

use super::super::canvas::Canvas;
use super::super::table::{Row, Table};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{self, Cell, Column, Look, left, right};
use super::super::words;
use super::Scene;
use super::forecast::{alarm, chance};
use super::purchases::worth;
use super::stock::available;
use crate::engine::api::{OrderSoFar, Plan, ReorderRow};
use crate::plan::coordinate::TransferProposal;
use crate::plan::replenish::{Confidence, Proposal};

impl Row for ReorderRow {
    fn key(&self) -> String {
        format!("{}@{}", self.stock.sku, self.stock.site)
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// How sure the forecast is, beside those of the other lines.
pub const fn sureness(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "sure",
        Confidence::Medium => "fair",
        Confidence::Low => "unsure",
    }
}

fn of<T>(row: &ReorderRow, look: &Look<'_>, tell: impl FnOnce(&Proposal) -> T) -> Result<T, Cell> {
    row.plan.proposal().map(tell).ok_or_else(|| (look.glyphs.dash.to_owned(), Role::Muted))
}

fn qty(row: &ReorderRow, _: &Look<'_>) -> Cell {
    if let Some(approved) = &row.approved {
        return (words::qty(approved.qty), Role::Good);
    }
    match &row.plan {
        Plan::Proposed(line) if row.waits_for.is_some() || is_quiet(row) => {
            (words::qty(line.qty), Role::Muted)
        }
        Plan::Proposed(line) => (words::qty(line.qty), Role::Accent),
        Plan::Blocked(_) => ("blocked".into(), Role::Warn),
    }
}

fn value(row: &ReorderRow, look: &Look<'_>) -> Cell {
    let told = of(row, look, |line| {
        let value = match &row.approved {
            Some(approved) => line.cost.map(|cost| cost.times(approved.qty)),
            None => line.with.value,
        };
        match value {
            Some(value) => (words::value(value, look.glyphs), Role::Text),
            None => ("no cost".into(), Role::Warn),
        }
    });
    told.unwrap_or_else(|dash| dash)
}

/// Whether stock lasts until the order comes: `out now`, `6 d short`, `3 d to spare`.
fn urgency(row: &ReorderRow, look: &Look<'_>) -> Cell {
    let told = of(row, look, |line| {
        if !line.position.is_positive() {
            return ("out now".to_owned(), Role::Critical);
        }
        match line.slack_days() {
            Some(days @ ..0) => (format!("{} d short", -days), Role::Bad),
            Some(0) => ("just so".into(), Role::Warn),
            Some(days) => (format!("{days} d spare"), Role::Text),
            None => ("lasts".into(), Role::Muted),
        }
    });
    told.unwrap_or_else(|dash| dash)
}

/// Whether somebody turned it down or put it off, and that counts still.
fn is_quiet(row: &ReorderRow) -> bool {
    row.last_time.as_ref().is_some_and(|last| last.quiet)
}

/// Who else looks at a line now: `mei?`.
pub fn others<'r>(row: &'r ReorderRow, me: &str) -> Vec<&'r str> {
    row.viewers.iter().map(|user| &**user).filter(|user| *user != me).collect()
}

/// Who else looks at it, and what is to be known of it.
fn note(row: &ReorderRow, look: &Look<'_>) -> Cell {
    let (text, role) = known(row, look);
    let looking: Vec<String> =
        others(row, look.user).iter().map(|user| format!("{user}?")).collect();
    match (looking.is_empty(), text.is_empty()) {
        (true, _) => (text, role),
        (false, true) => (looking.join(" "), Role::Accent),
        (false, false) => (format!("{}, {text}", looking.join(" ")), Role::Accent),
    }
}

fn known(row: &ReorderRow, look: &Look<'_>) -> Cell {
    if let Some(approved) = &row.approved {
        return (
            format!("approved by {}, entry {}; u undoes", approved.who, approved.entry),
            Role::Good,
        );
    }
    match &row.plan {
        Plan::Blocked(blocked) => (blocked.to_string(), Role::Warn),
        Plan::Proposed(line) => {
            if let Some(lacking) = row.waits_for {
                let lacking = words::price(lacking, look.glyphs);
                return (format!("waits: {lacking} below the supplier's minimum"), Role::Muted);
            }
            let last = row.last_time.as_ref().map(|last| {
                let day = words::date(last.at.day(look.zone));
                format!("{} {day}: {}", last.who, last.what)
            });
            if let Some(last) = last.as_ref().filter(|_| is_quiet(row)) {
                return (last.clone(), Role::Muted);
            }
            let mut parts: Vec<String> =
                line.notes.iter().map(|note| note.in_short(words::date)).collect();
            let role = match (parts.is_empty(), row.transfers.is_empty()) {
                (false, _) => Role::Warn,
                (true, false) => Role::Accent,
                (true, true) => Role::Muted,
            };
            if !row.transfers.is_empty() {
                let from = |one: &TransferProposal| {
                    format!("{} can send {} by {}", one.from, one.qty, words::date(one.arrives))
                };
                let told = row.transfers.iter().map(from).collect::<Vec<_>>().join(", ");
                parts.push(format!("{told}: C"));
            }
            parts.extend(last);
            (parts.join("; "), role)
        }
    }
}

/// Lines below the table: the order of the selected line against its supplier's minimum, when the line comes
/// and what it is worth having, and what else is to be known of it.
pub const BELOW: u16 = 3;

/// Draws the table and what is to be known of the selected line.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rows: &Table<ReorderRow>, empty: &str) {
    let (width, height) = (canvas.width(), canvas.height());
    let upper = u16::try_from(rows.height).unwrap_or(u16::MAX).saturating_add(1).min(height);
    table::draw(&mut canvas.part(0, 0, width, upper), rows, COLUMNS, &scene.look(), empty);
    let Some(row) = rows.selected().filter(|_| height >= upper + BELOW) else { return };
    let mut canvas = canvas.part(0, upper, width, BELOW);
    canvas.rule(0);
    let look = scene.look();
    let (told, role) = order(row, &look);
    canvas.line(2, 0, &format!(" {told} "), role);
    let room = usize::from(width.saturating_sub(4));
    let Some(line) = row.plan.proposal() else {
        let (text, role) = note(row, &look);
        for (y, line) in (1..BELOW).zip(words::wrap(&text, room)) {
            canvas.line(3, y, &line, role);
        }
        return;
    };
    let when = if line.order <= look.now.day(look.zone) {
        "ordered today".to_owned()
    } else {
        format!("to be ordered {}", words::date(line.order))
    };
    let percent = |risk: f64| chance(risk as f32);
    let mut facts = vec![
        format!("comes {}", words::date(line.due)),
        format!("short before it comes {}, {}", percent(line.risk_before), after(line)),
        when,
    ];
    if row.confidence == Confidence::Low {
        facts.push("unsure forecast".into());
    }
    let told = words::wrap_facts(&facts, room);
    canvas.line(3, 1, told.first().map_or("", String::as_str), Role::Text);
    let (text, role) = match note(row, &look) {
        (text, role) if !text.is_empty() => (text, role),
        _ => (told.get(1).cloned().unwrap_or_default(), Role::Text),
    };
    canvas.line(3, 2, &text, role);
}

/// The chances that stock does not last until the order after this one comes; what is approved already counts as
/// coming.
fn after(line: &Proposal) -> String {
    let percent = |risk: f64| chance(risk as f32);
    let (with, without) = (percent(line.with.risk), percent(line.without.risk));
    match (line.approved().is_positive(), line.qty.is_positive()) {
        (false, _) => format!("then {with}, without it {without}"),
        (true, false) => format!("then {without} with what is approved"),
        (true, true) => {
            let qty = words::qty(line.qty);
            format!("then {without} with what is approved, {with} with {qty} more")
        }
    }
}

/// The order that a line is a part of: `Nordlys for BRISTOL: 5 lines, £ 6,412, £ 1,984 of it approved; at
/// least £ 2,000`.
fn order(row: &ReorderRow, look: &Look<'_>) -> Cell {
    let name = row.supplier_name.as_deref();
    let known = name.or(row.stock.supplier.as_ref().map(|id| id.as_str()));
    let whose = format!("{} for {}", known.unwrap_or("nobody"), row.stock.site);
    let Some(OrderSoFar { lines, total, approved, least }) = &row.order else {
        return (whose, Role::Title);
    };
    let whose = words::fit(&whose, 36, look.glyphs.ellipsis).into_owned();
    let mut told = match lines {
        0 => format!("{whose}: nothing to be ordered"),
        lines => {
            let lines = words::plural((*lines).into(), "line", "lines");
            format!("{whose}: {lines}, {}", worth(total, look.glyphs).0)
        }
    };
    if !approved.known.is_empty() {
        told.push_str(&format!(", {} of it approved", worth(approved, look.glyphs).0));
    }
    let Some(least) = least else { return (told, Role::Title) };
    told.push_str(&format!("; at least {}", words::value(*least, look.glyphs)));
    let reached = total.exact().is_some_and(|total| total.minor >= least.minor);
    (told, if reached || *lines == 0 { Role::Title } else { Role::Warn })
}

/// The columns.
pub const COLUMNS: &[Column<ReorderRow>] = &[
    Column {
        good: 16,
        ..left("supplier", "supplier", (9, 30), 86, |row, _| {
            let name = row.supplier_name.as_deref();
            let known = name.or(row.stock.supplier.as_ref().map(|id| id.as_str()));
            (known.unwrap_or("unknown").to_owned(), Role::Muted)
        })
    },
    Column {
        good: 14,
        ..left("sku", "SKU", (8, 16), 100, |row, _| (row.stock.sku.to_string(), Role::Text))
    },
    // What may stand twice in a table is told apart by its site.
    left("site", "site", (7, 12), 94, |row, _| (row.stock.site.to_string(), Role::Text)),
    left("name", "name", (10, 36), 72, |row, _| (row.stock.name.to_string(), Role::Text)),
    right("qty", "order", 7, 98, qty),
    right("value", "value", 9, 92, value),
    Column { largest_first: false, ..right("slack", "stock is", 10, 95, urgency) },
    right("risk", "risk", 5, 29, |row, look| {
        let told = of(row, look, |line| {
            let risk = line.without.risk as f32;
            (chance(risk), alarm(risk))
        });
        told.unwrap_or_else(|dash| dash)
    }),
    right("", "then", 5, 25, |row, look| {
        let told = of(row, look, |line| (chance(line.with.risk as f32), Role::Muted));
        told.unwrap_or_else(|dash| dash)
    }),
    right("", "available", 9, 28, |row, look| available(&row.stock, look)),
    right("", "coming", 6, 27, |row, _| (words::qty(row.stock.on_order), Role::Muted)),
    left("", "comes", (7, 9), 30, |row, look| {
        let told = of(row, look, |line| (words::date(line.due), Role::Text));
        told.unwrap_or_else(|dash| dash)
    }),
    left("", "order on", (8, 9), 24, |row, look| {
        let today = look.now.day(look.zone);
        let told = of(row, look, |line| {
            let text = if line.order <= today { "today".into() } else { words::date(line.order) };
            (text, Role::Muted)
        });
        told.unwrap_or_else(|dash| dash)
    }),
    left("", "sure", (6, 6), 23, |row, look| {
        let told = of(row, look, |_| (sureness(row.confidence).to_owned(), Role::Muted));
        told.unwrap_or_else(|dash| dash)
    }),
    left("class", "class", (5, 5), 22, |row, _| (row.class.to_string(), Role::Muted)),
    Column { good: 16, ..left("", "note", (16, 74), 71, note) },
];
