//! One supplier: how its orders came against what it states, lane by lane, and the orders themselves.

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::target::Target;
use super::super::theme::{Glyphs, Role};
use super::super::words;
use super::{Item, Scene};
use crate::engine::api::{ExpectedLead, LaneCard, SupplierCard};
use crate::insight::scorecard::{PastOrder, Score};

/// From this share on a supplier keeps its word.
const GOOD: f64 = 0.9;
/// Below this share it does not.
const BAD: f64 = 0.7;

/// Its orders.
pub fn items(card: &SupplierCard) -> Vec<Item> {
    let item = |order: &PastOrder| Item {
        section: 0,
        target: Target {
            key: order.number.to_string(),
            site: Some(order.site.clone()),
            goal: Some(Goal::to(Place::Purchase(order.number.clone()))),
            ..Target::default()
        },
    };
    card.orders.iter().map(item).collect()
}

/// Draws the scorecard.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, card: &SupplierCard) {
    let (width, height) = (canvas.width(), canvas.height());
    let mut y = head(canvas, card);
    if card.lanes.len() > 1 {
        let lanes = u16::try_from(card.lanes.len() + 1).unwrap_or(u16::MAX);
        let room = lanes.min(height.saturating_sub(y) / 2);
        draw_lanes(&mut canvas.part(0, y, width, room), scene.glyphs(), &card.lanes);
        y += room + 1;
    }
    let mut orders = canvas.part(0, y, width, height.saturating_sub(y));
    if card.orders.is_empty() {
        orders.line(1, 0, "Nothing has been ordered from it yet.", Role::Muted);
    } else {
        draw_orders(&mut orders, scene, card);
    }
}

/// What is said of all its orders; returns how many rows that took.
fn head(canvas: &mut Canvas<'_>, card: &SupplierCard) -> u16 {
    let x = canvas.line(1, 0, card.supplier.as_str(), Role::Title) + 2;
    let room = canvas.width().saturating_sub(x + 1);
    canvas.text(x, 0, room, &card.name, Role::Text);
    let score = &card.score;
    let mut y = 1;
    for facts in [kept(score), off(score), lead(card)] {
        let mut x = 1;
        for (text, role) in facts {
            if usize::from(x) + words::width(&text) > usize::from(canvas.width()) {
                (x, y) = (1, y + 1);
            }
            x = canvas.line(x, y, &text, role) + 3;
        }
        y += 1;
    }
    y + 1
}

type Fact = (String, Role);

/// How often it kept its word.
fn kept(score: &Score) -> Vec<Fact> {
    let share = |what: &str, share: Option<f64>| match share {
        Some(share) => (format!("{what} {}", percent(share)), of_share(share)),
        None => (format!("{what} unknown"), Role::Muted),
    };
    let orders = words::plural(score.done.into(), "order", "orders");
    let mut open = format!("of {orders} that are over; {} open", score.open);
    let role = if score.overdue > 0 { Role::Bad } else { Role::Muted };
    if score.overdue > 0 {
        open += &format!(", {} of them overdue", score.overdue);
    }
    vec![
        share("on time", score.on_time),
        share("in full", score.in_full),
        share("both", score.on_time_in_full),
        (open, role),
    ]
}

/// How far it was off.
fn off(score: &Score) -> Vec<Fact> {
    let Some(bias) = score.bias else {
        return vec![("nothing that had a day to come by has come yet".into(), Role::Muted)];
    };
    let side = if bias < 0.0 { "early" } else { "late" };
    let role = if bias >= 1.0 { Role::Warn } else { Role::Text };
    let mut facts = vec![(format!("{:.1} d {side} on average", bias.abs()), role)];
    if let Some(spread) = score.spread {
        facts.push((format!("give or take {spread:.1} d"), Role::Muted));
    }
    facts.push(match score.trend {
        Some(trend) if trend.abs() < 0.5 => ("as half a year ago".into(), Role::Muted),
        Some(trend) if trend < 0.0 => {
            (format!("{:.1} d sooner than half a year ago", -trend), Role::Good)
        }
        Some(trend) => (format!("{trend:.1} d later than half a year ago"), Role::Warn),
        None => ("too few orders to tell a trend".into(), Role::Muted),
    });
    facts
}

/// What it states, what it took, what is expected.
fn lead(card: &SupplierCard) -> Vec<Fact> {
    let stated = match card.stated {
        Some(days) => (format!("states {days} d"), Role::Text),
        None => ("states no lead time".into(), Role::Warn),
    };
    let took = card.score.took.map(|days| (format!("took {days:.1} d"), Role::Text));
    let expected = card.expected.map(|lead| {
        let mut text = format!("expected: {}", span(lead));
        if lead.waiting > 0 {
            text += &format!(", with {} overdue", lead.waiting);
        }
        let over = card.stated.is_some_and(|stated| lead.mean > f64::from(stated) + 1.0);
        (text, if over { Role::Warn } else { Role::Text })
    });
    [Some(stated), took, expected].into_iter().flatten().collect()
}

/// `12 d (8 to 19)`.
fn span(lead: ExpectedLead) -> String {
    format!("{:.0} d ({} to {})", lead.mean, lead.low, lead.high)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn of_share(share: f64) -> Role {
    match share {
        share if share >= GOOD => Role::Good,
        share if share >= BAD => Role::Warn,
        _ => Role::Bad,
    }
}

/// Columns of lanes: title and width; the last ones go first where there is no room.
const LANES: [(&str, u16); 7] = [
    ("on time", 8),
    ("in full", 8),
    ("off", 8),
    ("spread", 7),
    ("expected", 15),
    ("orders", 7),
    ("overdue", 8),
];

fn draw_lanes(canvas: &mut Canvas<'_>, glyphs: &Glyphs, lanes: &[LaneCard]) {
    canvas.highlight(0, Role::Header);
    canvas.line(3, 0, "site", Role::Header);
    let width = canvas.width();
    let mut ends = Vec::new();
    let mut end = 16;
    for (title, cells) in LANES {
        end += cells + 1;
        if end < width {
            canvas.right(end, 0, cells, title, Role::Header);
            ends.push(end);
        }
    }
    let rows = usize::from(canvas.height().saturating_sub(1));
    for (y, lane) in (1..).zip(lanes.iter().take(rows)) {
        canvas.text(3, y, 13, lane.site.as_str(), Role::Text);
        let score = &lane.score;
        let share = |share: Option<f64>| match share {
            Some(share) => (percent(share), of_share(share)),
            None => (glyphs.dash.into(), Role::Muted),
        };
        let days = |days: Option<f64>, sign: bool| match days {
            Some(days) if sign => (format!("{days:+.1} d"), Role::Text),
            Some(days) => (format!("{days:.1} d"), Role::Muted),
            None => (glyphs.dash.into(), Role::Muted),
        };
        let overdue = match score.overdue {
            0 => (String::new(), Role::Muted),
            some => (some.to_string(), Role::Bad),
        };
        let cells = [
            share(score.on_time),
            share(score.in_full),
            days(score.bias, true),
            days(score.spread, false),
            (lane.expected.map_or_else(|| glyphs.dash.into(), span), Role::Text),
            (words::count(u64::from(score.done + score.open)), Role::Muted),
            overdue,
        ];
        for ((end, (text, role)), (_, cells)) in ends.iter().zip(cells).zip(LANES) {
            canvas.right(*end, y, cells, &text, role);
        }
    }
}

/// Columns of orders: title and width; the last ones go first where there is no room.
const ORDERS: [(&str, u16); 7] = [
    ("ordered", 9),
    ("due", 9),
    ("came", 9),
    ("off", 7),
    ("arrived", 15),
    ("took", 6),
    ("site", 10),
];

fn draw_orders(canvas: &mut Canvas<'_>, scene: &Scene<'_>, card: &SupplierCard) {
    let glyphs = scene.glyphs();
    let today = scene.state.now.day(&scene.state.zone);
    canvas.highlight(0, Role::Header);
    canvas.line(3, 0, "order", Role::Header);
    let width = canvas.width();
    let mut ends = Vec::new();
    let mut end = 14;
    for (title, cells) in ORDERS {
        end += cells + 1;
        if end < width {
            canvas.right(end, 0, cells, title, Role::Header);
            ends.push(end);
        }
    }
    let fit = usize::from(canvas.height().saturating_sub(1));
    let top = super::window(card.orders.len(), fit, scene.cursor);
    for (y, (at, order)) in (1..).zip(card.orders.iter().enumerate().skip(top).take(fit)) {
        canvas.text(3, y, 11, order.number.as_str(), Role::Text);
        let dash = || (glyphs.dash.to_owned(), Role::Muted);
        let slip = order
            .slip()
            .map(|slip| (format!("{slip:+} d"), if slip > 0 { Role::Warn } else { Role::Good }));
        let came = match order.came {
            Some(came) => (words::date(came), Role::Text),
            None if order.overdue(today) => ("overdue".into(), Role::Bad),
            None if order.open => ("open".into(), Role::Muted),
            None => ("never".into(), Role::Bad),
        };
        let short = !order.open && order.arrived < order.units;
        let arrived = format!("{} of {}", words::qty(order.arrived), words::qty(order.units));
        let cells = [
            (words::date(order.ordered), Role::Muted),
            order.due.map_or_else(dash, |due| (words::date(due), Role::Muted)),
            came,
            slip.unwrap_or_else(dash),
            (arrived, if short { Role::Bad } else { Role::Text }),
            order.took().map_or_else(dash, |days| (format!("{days} d"), Role::Muted)),
            (order.site.to_string(), Role::Muted),
        ];
        for ((end, (text, role)), (_, cells)) in ends.iter().zip(cells).zip(ORDERS) {
            canvas.right(*end, y, cells, &text, role);
        }
        if scene.is_at(at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, glyphs.select, Role::Selected);
        }
    }
}
