//! The past of a customer or a SKU as flags see it: what is usual, and what was flagged.

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::flags::severity;
use super::{Item, Scene};
use crate::domain::CaseId;
use crate::engine::api::{FlagPast, OrderOfPast, PastOf};

/// Its orders, then the cases among them.
pub fn items(past: &FlagPast) -> Vec<Item> {
    let orders = past.newest.iter().map(|one| Item { section: 0, target: (&one.order).into() });
    let cases = cases(past).into_iter().map(|case| Item {
        section: 1,
        target: Target {
            key: case.to_string(),
            goal: Some(Goal::to(Place::Case(case))),
            saw: format!("case {case}"),
            ..Target::default()
        },
    });
    orders.chain(cases).collect()
}

fn cases(past: &FlagPast) -> Vec<CaseId> {
    let mut cases: Vec<CaseId> = past.newest.iter().filter_map(|one| one.case).collect();
    cases.dedup();
    cases
}

/// Draws what is usual, then the newest orders, then the cases among them.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, past: &FlagPast) {
    let (width, height) = (canvas.width(), canvas.height());
    let title = match &past.of {
        PastOf::Customer(customer) => format!("CUSTOMER {customer}"),
        PastOf::Account(account) => format!("ACCOUNT {account}, under all its names"),
        PastOf::Sku(sku) => format!("SKU {sku}"),
    };
    canvas.head(1, 0, &title, "");
    let mut y = 1;
    let room = usize::from(width.saturating_sub(4));
    for line in words::wrap_facts(&usual(scene, past), room).iter().take(3) {
        canvas.line(3, y, line, Role::Text);
        y += 1;
    }
    let cases = cases(past);
    let below = if cases.is_empty() { 0 } else { 2 };
    let lines = height.saturating_sub(y + 1 + below);
    orders(&mut canvas.part(0, y + 1, width, lines), scene, past);
    if !cases.is_empty() {
        let y = height.saturating_sub(1);
        let mut x = canvas.line(1, y, "CASES", Role::Title) + 1;
        for (at, case) in cases.iter().enumerate() {
            let selected = scene.is_at(past.newest.len() + at);
            let role = if selected { Role::Selected } else { Role::Text };
            x = canvas.line(x, y, &format!(" {case} "), role) + 1;
        }
    }
}

/// What is usual of them.
fn usual(scene: &Scene<'_>, past: &FlagPast) -> Vec<String> {
    let stamp = |at| words::stamp(at, scene.state.now, &scene.state.zone).trim().to_owned();
    let mut facts = vec![words::plural(past.orders, "order", "orders")];
    facts.extend(past.first.map(|at| format!("the first {}", stamp(at))));
    facts.extend(past.value.map(|value| format!("{} in all", words::value(value, scene.glyphs()))));
    if past.orders > 0 {
        let (middle, large) = past.usual_units;
        let one = if matches!(past.of, PastOf::Sku(_)) { "a line" } else { "an order" };
        let (middle, large) = (words::rough(middle), words::rough(large));
        facts.push(format!("{middle} units {one} in the middle, {large} in the largest tenth"));
    }
    facts.extend(past.usual_price.map(|price| format!("{price} each in the middle")));
    facts
}

fn orders(canvas: &mut Canvas<'_>, scene: &Scene<'_>, past: &FlagPast) {
    let glyphs = scene.glyphs();
    canvas.head(1, 0, "NEWEST ORDERS", if past.newest.is_empty() { "none" } else { "" });
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.filter(|at| *at < past.newest.len());
    let top = super::window(past.newest.len(), fit, cursor);
    let rows = past.newest.iter().enumerate().skip(top).take(fit);
    for (y, (at, OrderOfPast { order, units, score, case })) in (1..).zip(rows) {
        let when = words::brief(order.placed_at, scene.state.now, &scene.state.zone);
        canvas.text(3, y, 8, when.trim(), Role::Muted);
        canvas.text(12, y, 12, order.key.number.as_str(), Role::Text);
        canvas.right(34, y, 9, &words::value(order.total, glyphs), Role::Text);
        canvas.right(42, y, 7, &words::qty(*units), Role::Muted);
        canvas.text(44, y, 10, order.status.word(), Role::Text);
        if let Some(score) = score {
            let (word, role) = severity(*score, glyphs);
            canvas.text(56, y, 9, &word, role);
        }
        if let Some(case) = case {
            canvas.text(66, y, 12, &case.to_string(), Role::Accent);
        }
        if scene.is_at(at) {
            canvas.highlight_cells(0, y, 25, Role::Selected);
            canvas.text(1, y, 1, glyphs.select, Role::Selected);
        }
    }
}
