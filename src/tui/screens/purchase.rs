//! One purchase order: its lines from proposal to arrival, who approved them, who took it, its
//! journal.

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::purchases::{named, state, units, waits, worth};
use super::{Item, Scene};
use crate::domain::{Qty, Subject};
use crate::engine::api::{PurchaseDetail, PurchaseLine};
use std::collections::BTreeMap;

/// Its lines.
pub fn items(detail: &PurchaseDetail) -> Vec<Item> {
    let item = |line: &PurchaseLine| Item {
        section: 0,
        target: Target {
            key: line.sku.to_string(),
            subject: Some(Subject::Sku(line.sku.clone())),
            sku: Some(line.sku.clone()),
            site: Some(detail.row.site.clone()),
            goal: Some(Goal::to(Place::Sku(line.sku.clone()))),
            saw: format!(
                "{}: {} of {} × {} arrived; {}",
                named(&detail.row),
                line.arrived,
                line.qty,
                line.sku,
                Target::from(&detail.row).saw
            ),
            ..Target::default()
        },
    };
    detail.lines.iter().map(item).collect()
}

/// How many are still to come of a line: of what was confirmed, else of what was ordered.
pub fn to_come(line: &PurchaseLine) -> Qty {
    (line.confirmed.unwrap_or(line.qty) - line.arrived).at_least_zero()
}

/// Draws the order.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &PurchaseDetail) {
    let y = head(canvas, scene, detail);
    let (width, room) = (canvas.width(), canvas.height().saturating_sub(y));
    let wanted = u16::try_from(detail.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let below = u16::try_from(2 * detail.journal.len() + 1).unwrap_or(u16::MAX).min(room / 2);
    let lines = wanted.min(room.saturating_sub(below));
    draw_lines(&mut canvas.part(0, y, width, lines), scene, detail);
    let mut canvas = canvas.part(0, y + lines, width, room.saturating_sub(lines));
    if detail.row.own || detail.row.transfer {
        super::order::journal(&mut canvas, scene, &detail.journal);
    }
}

/// What is said above the lines; returns how many rows that took.
fn head(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &PurchaseDetail) -> u16 {
    let row = &detail.row;
    let x = canvas.line(1, 0, &named(row), Role::Title) + 2;
    let (word, role) = state(row);
    canvas.line(x, 0, &word, role);
    let (total, role) = match row.total.exact() {
        Some(money) => (words::price(money, scene.glyphs()), Role::Title),
        None => worth(&row.total, scene.glyphs()),
    };
    canvas.right(canvas.width().saturating_sub(1), 0, 18, &total, role);
    let room = usize::from(canvas.width().saturating_sub(2));
    let mut y = 1;
    let low = canvas.height() < ROOMY;
    for (text, role) in facts(scene, detail) {
        let lines = words::wrap(&text, room);
        for line in lines.iter().take(if low { 2 } else { 4 }) {
            canvas.line(1, y, line, role);
            y += 1;
        }
    }
    y + 1
}

/// Rows from which long facts are told whole.
const ROOMY: u16 = 30;

fn facts(scene: &Scene<'_>, detail: &PurchaseDetail) -> Vec<(String, Role)> {
    let row = &detail.row;
    let (now, zone) = (scene.state.now, &scene.state.zone);
    let today = now.day(zone);
    let stamp = |at| words::stamp(at, now, zone).trim().to_owned();
    let name = &row.supplier_name;
    let whose = match &row.number {
        Some(_) => format!("{} for {}, ", format!("{} {name}", row.supplier).trim(), row.site),
        // A draft's title names supplier and site.
        None if name.is_empty() => String::new(),
        None => format!("{name}, "),
    };
    let since = if row.number.is_some() { "placed" } else { "approved" };
    let since = format!("{since} {}", stamp(row.at));
    let mut facts = vec![(format!("{whose}{} units, {since}", units(row).0), Role::Text)];
    if let Some(due) = row.due {
        let role = if row.late { Role::Bad } else { Role::Muted };
        let late = match row.late {
            true => format!(", {} d late", today.number() - due.number()),
            false => String::new(),
        };
        let asked = detail.asked.filter(|asked| *asked != due).map_or(String::new(), |asked| {
            format!("; {} was asked for", words::date_seen(asked, today))
        });
        facts.push((format!("due {}{late}{asked}", words::date_seen(due, today)), role));
    }
    let below = detail.least.zip(row.total.exact()).filter(|(least, total)| {
        row.number.is_none() && total.currency == least.currency && total.minor < least.minor
    });
    if let Some((least, _)) = below {
        let least = words::price(least, scene.glyphs());
        facts.push((format!("below the supplier's minimum of {least}"), Role::Warn));
    }
    let approved = approved(&detail.lines);
    if !approved.is_empty() {
        facts.push((approved, Role::Muted));
    }
    match &detail.sent {
        Some((target, reference, at)) => {
            let name = reference.as_ref().map_or(String::new(), |name| format!(" as {name}"));
            facts.push((format!("taken by {target}{name}, {}", stamp(*at)), Role::Muted));
        }
        None if row.own => facts.push(("no target has taken it".into(), Role::Muted)),
        None => facts.push(("a feed told of it".into(), Role::Muted)),
    }
    let stated = detail.stated.map_or("none stated".into(), |days| format!("{days} d stated"));
    facts.push((
        match detail.took {
            Some((days, orders)) => format!(
                "lead time {days} d in the middle of {}, {stated}",
                words::plural(orders as u64, "order", "orders")
            ),
            None => format!("lead time {stated}; none of its orders has arrived yet"),
        },
        Role::Muted,
    ));
    let damaged = damaged(&detail.lines);
    if !damaged.is_empty() {
        facts.push((damaged, Role::Warn));
    }
    if detail.troubles.is_empty() {
        let (text, role) = waits(row);
        if !text.is_empty() {
            facts.push((format!("waits: {text}"), role));
        }
    }
    facts.extend(detail.troubles.iter().map(|text| (text.to_string(), Role::Bad)));
    facts
}

/// `came damaged and off again: 2 × 85123A`; empty: nothing did.
fn damaged(lines: &[PurchaseLine]) -> String {
    let lines = lines.iter().filter(|line| line.damaged.is_positive());
    let lines = lines.map(|line| format!("{} × {}", words::qty(line.damaged), line.sku));
    match lines.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        some => format!("came damaged and off again: {some}"),
    }
}

/// `approved by mei (entries 41, 42), signed by jo`.
fn approved(lines: &[PurchaseLine]) -> String {
    let mut first: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (entry, who) in lines.iter().filter_map(|line| line.approved.as_ref()) {
        first.entry(who).or_default().push(entry.to_string());
    }
    let by = first.into_iter().map(|(who, entries)| {
        let word = if entries.len() == 1 { "entry" } else { "entries" };
        format!("{who} ({word} {})", entries.join(", "))
    });
    let by = by.collect::<Vec<_>>().join(", ");
    let mut second: Vec<&str> = lines.iter().filter_map(|line| line.second.as_deref()).collect();
    second.sort_unstable();
    second.dedup();
    match (by.is_empty(), second.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("approved by {by}"),
        (false, false) => format!("approved by {by}, signed by {}", second.join(", ")),
    }
}

fn draw_lines(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &PurchaseDetail) {
    let width = canvas.width();
    let today = scene.state.now.day(&scene.state.zone);
    let end = width.saturating_sub(1);
    // From the right: due, each, arrived, confirmed, ordered, proposed; the least needed go first.
    let due = (width >= 90).then_some(end);
    let cost = due.map(|end| end - 9).unwrap_or(end);
    let cost = (width >= 78).then_some(cost);
    let arrived = cost.map(|end| end - 10).unwrap_or(end);
    let (confirmed, ordered) = (arrived.saturating_sub(9), arrived.saturating_sub(19));
    let proposed = arrived.saturating_sub(28);
    canvas.highlight(0, Role::Header);
    canvas.line(3, 0, "SKU", Role::Header);
    let room = proposed.saturating_sub(14 + 9);
    canvas.text(14, 0, room, "name", Role::Header);
    let heads = [
        (Some(proposed), "proposed"),
        (Some(ordered), "ordered"),
        (Some(confirmed), "confirmed"),
        (Some(arrived), "arrived"),
        (cost, "each"),
        (due, "due"),
    ];
    for (end, title) in heads.iter().filter_map(|(end, title)| end.map(|end| (end, *title))) {
        canvas.right(end, 0, 9, title, Role::Header);
    }
    let fit = usize::from(canvas.height().saturating_sub(1));
    let top = super::window(detail.lines.len(), fit, scene.cursor);
    for (y, (at, line)) in (1..).zip(detail.lines.iter().enumerate().skip(top).take(fit)) {
        canvas.text(3, y, 10, line.sku.as_str(), Role::Text);
        canvas.text(14, y, room, &line.name, Role::Muted);
        canvas.right(proposed, y, 8, &words::known(line.suggested, scene.glyphs()), Role::Muted);
        let edited = line.suggested.is_some_and(|suggested| suggested != line.qty);
        let role = if edited { Role::Accent } else { Role::Text };
        canvas.right(ordered, y, 8, &words::qty(line.qty), role);
        let other = line.confirmed.is_some_and(|confirmed| confirmed != line.qty);
        let role = if other { Role::Warn } else { Role::Text };
        canvas.right(confirmed, y, 8, &words::known(line.confirmed, scene.glyphs()), role);
        let role = match line.arrived {
            none if none.is_zero() => Role::Muted,
            _ if to_come(line).is_zero() => Role::Good,
            _ => Role::Warn,
        };
        canvas.right(arrived, y, 8, &words::qty(line.arrived), role);
        if let Some(end) = cost {
            let each = line.cost.map_or(scene.glyphs().dash.into(), |cost| cost.to_string());
            canvas.right(end, y, 9, &each, Role::Muted);
        }
        if let (Some(end), Some(day)) = (due, line.due) {
            let late = day < today && !to_come(line).is_zero() && detail.row.state.is_open();
            let role = if late { Role::Bad } else { Role::Muted };
            canvas.right(end, y, 8, &words::date(day), role);
        }
        if scene.is_at(at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}
