//! One order: what was ordered and whether it is there, when what happened, who else it is.

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::orders::{flags, state_word, status_role};
use super::{Item, Scene};
use crate::domain::{LineClass, OrderKind, Qty, Subject};
use crate::engine::api::{JournalRow, OrderDetail, OrderRow};

/// Lines (section 0), then the customer's other orders (1).
pub fn items(detail: &OrderDetail) -> Vec<Item> {
    let order = line_order(detail);
    let lines = order.iter().filter_map(|at| detail.order.lines.get(*at)).map(|line| Item {
        section: 0,
        target: Target {
            key: line.sku.to_string(),
            subject: Some(Subject::Sku(line.sku.clone())),
            sku: Some(line.sku.clone()),
            site: Some(detail.order.site.clone()),
            goal: (line.class == LineClass::Product)
                .then(|| Goal::to(Place::Sku(line.sku.clone()))),
            saw: format!("{} of {} in order {}", line.qty, line.sku, detail.order.key),
            ..Target::default()
        },
    });
    let others =
        detail.customer_orders.iter().map(|row| Item { section: 1, target: Target::from(row) });
    lines.chain(others).collect()
}

/// The order's lines as they are shown, by their places in it: short ones first, since they are what
/// it waits for.
pub fn line_order(detail: &OrderDetail) -> Vec<usize> {
    let mut order: Vec<usize> = (0..detail.order.lines.len()).collect();
    order.sort_by_key(|at| !is_short(detail, *at));
    order
}

/// Whether a line waits for units that are not there.
fn is_short(detail: &OrderDetail, at: usize) -> bool {
    let order = &detail.order;
    let waits = order.kind == OrderKind::Sale && order.status.is_promised();
    let product = order.lines.get(at).is_some_and(|line| line.class == LineClass::Product);
    let available = detail.lines.get(at).and_then(|known| known.available);
    waits && product && available.is_some_and(Qty::is_negative)
}

/// Draws the order.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &OrderDetail) {
    let y = head(canvas, scene, detail);
    let height = canvas.height();
    let room = height.saturating_sub(y);
    let side = canvas.width() >= 110;
    // What stands below the lines leaves them the rows that it does not need.
    let below = if side { 0 } else { about_lines(detail, canvas.width()).min(room / 2).min(9) };
    let wanted = u16::try_from(detail.order.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let lines = wanted.min(room.saturating_sub(below));
    let main = if side { canvas.width() * 3 / 5 } else { canvas.width() };
    draw_lines(&mut canvas.part(0, y, main, if side { room } else { lines }), scene, detail);
    if side {
        let width = canvas.width() - main - 3;
        canvas.part(main + 1, y, 1, room).vertical(0);
        about(&mut canvas.part(main + 3, y, width, room), scene, detail);
    } else {
        let width = canvas.width();
        about(&mut canvas.part(0, y + lines, width, room.saturating_sub(lines)), scene, detail);
    }
}

fn head(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &OrderDetail) -> u16 {
    let order = &detail.order;
    let (zone, now) = (&scene.state.zone, scene.state.now);
    let x = canvas.line(1, 0, order.key.number.as_str(), Role::Title) + 2;
    let x = canvas.line(x, 0, &state_word(&detail.row), status_role(order.status)) + 2;
    let role = if detail.row.short { Role::Bad } else { Role::Accent };
    canvas.line(x, 0, &flags(&detail.row), role);
    let total = words::price(order.total, scene.glyphs());
    canvas.right(canvas.width().saturating_sub(1), 0, 18, &total, Role::Title);
    let mut when = format!("placed {}", words::stamp(order.placed_at, now, zone).trim());
    if let Some(at) = order.shipped_at {
        when.push_str(&format!(", left {}", words::stamp(at, now, zone).trim()));
    }
    when.push_str(&format!(", changed {}", words::stamp(order.updated_at, now, zone).trim()));
    when.push_str(&format!(", heard {}", words::stamp(detail.heard_at, now, zone).trim()));
    let room = usize::from(canvas.width().saturating_sub(2));
    // A low screen has its lines for the order's own.
    let most = if canvas.height() >= ROOMY { 3 } else { 1 };
    let mut y = 1;
    let mut say = |canvas: &mut Canvas<'_>, text: &str, role| {
        if most == 1 {
            canvas.line(1, y, text, role);
            y += 1;
        }
        for line in words::wrap(text, room).iter().take(if most == 1 { 0 } else { most }) {
            canvas.line(1, y, line, role);
            y += 1;
        }
    };
    say(canvas, &when, Role::Muted);
    let customer = order.customer.as_ref().map_or("unknown", |c| c.as_str());
    let to = order.country.as_ref().map(|c| format!(" to {c}")).unwrap_or_default();
    let others = match detail.customer_orders.len() {
        0 => "no other orders".to_owned(),
        20 => "20 or more other orders".into(),
        n => words::plural(n as u64, "other order", "other orders"),
    };
    let service = &order.aside.service;
    let promised = service.promised.map(|day| format!("promised {}", words::date(day)));
    let method = service.method.as_ref().map(ToString::to_string);
    let ships = [method, promised].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let ships = if ships.is_empty() { ships } else { format!("   {ships}") };
    let (site, feed) = (&order.site, &order.key.feed);
    let who = format!("customer {customer} ({others})   from {site}{to}{ships}   by {feed}");
    say(canvas, &who, Role::Muted);
    if order.aside.noted {
        say(canvas, "the customer wrote a note; :reveal shows it", Role::Accent);
    }
    y + 1
}

/// Lines from which facts that are too long are wrapped instead of cut.
const ROOMY: u16 = 30;

fn draw_lines(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &OrderDetail) {
    let width = canvas.width();
    let dates = width >= 60;
    let end = width.saturating_sub(1);
    let (price, have, qty) = (end, end.saturating_sub(11), end.saturating_sub(22));
    let (price, have, qty) = if dates { (price, have, qty) } else { (end, end, end - 11.min(end)) };
    canvas.highlight(0, Role::Header);
    canvas.line(3, 0, "SKU", Role::Header);
    canvas.line(14, 0, "name", Role::Header);
    canvas.right(qty, 0, 8, "units", Role::Header);
    canvas.right(have, 0, 10, "available", Role::Header);
    if dates {
        canvas.right(price, 0, 9, "each", Role::Header);
    }
    let lines = &detail.order.lines;
    let room = usize::from(canvas.height().saturating_sub(1));
    // What is hidden is told on a row of its own, where there are some.
    let telling = usize::from(lines.len() > room && room > 2);
    let fit = room - telling;
    let cursor = scene.cursor.filter(|at| *at < lines.len());
    let top = super::window(
        lines.len(),
        fit,
        cursor.or(scene.cursor.map(|_| lines.len() - 1.min(lines.len()))),
    );
    let shown = line_order(detail);
    for (y, (index, at)) in (1..).zip(shown.iter().enumerate().skip(top).take(fit)) {
        let Some(line) = lines.get(*at) else { continue };
        let known = detail.lines.get(*at);
        canvas.text(3, y, 10, line.sku.as_str(), Role::Text);
        let name = known.map_or("", |known| &known.name);
        canvas.text(14, y, qty.saturating_sub(22), name, Role::Text);
        let units = if line.cancelled.is_zero() {
            words::qty(line.qty)
        } else {
            format!("{} of {}", words::qty(line.standing()), words::qty(line.qty))
        };
        canvas.right(qty, y, 12, &units, Role::Text);
        if line.class == LineClass::Product {
            let (text, role) = match known.and_then(|known| known.available) {
                Some(qty) if is_short(detail, *at) => {
                    (format!("short {}", words::qty(qty.abs())), Role::Bad)
                }
                Some(qty) => (words::qty(qty), Role::Text),
                None => (words::known(None, scene.glyphs()), Role::Muted),
            };
            canvas.right(have, y, 10, &text, role);
        }
        if dates {
            canvas.right(price, y, 9, &line.price.to_string(), Role::Muted);
        }
        if scene.is_at(index) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
    if telling > 0 {
        let more = match (top, lines.len().saturating_sub(top + fit)) {
            (0, below) => format!("{below} more below"),
            (above, 0) => format!("{above} more above"),
            (above, below) => format!("{above} more above, {below} below"),
        };
        canvas.text(3, canvas.height() - 1, width.saturating_sub(3), &more, Role::Accent);
    }
}

/// Rows that fit what stands below the lines; an entry of the journal may take two.
fn about_lines(detail: &OrderDetail, width: u16) -> u16 {
    let orders = match detail.customer_orders.len() {
        0 => 0,
        n => n + 1,
    };
    let journal = 1 + 2 * detail.journal.len();
    let rows = if width >= ABREAST { orders.max(journal) } else { orders + journal };
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// Columns from which the customer's orders and the journal stand abreast.
const ABREAST: u16 = 76;

fn about(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &OrderDetail) {
    let (width, height) = (canvas.width(), canvas.height());
    let wide = width >= ABREAST;
    let (half, second, lines) = if wide {
        (width / 2, 0, height)
    } else {
        let first = u16::try_from(detail.customer_orders.len()).unwrap_or(u16::MAX);
        let first = first.saturating_add(2).min(height / 2);
        (width, first, first)
    };
    let orders = &detail.customer_orders;
    if !orders.is_empty() {
        let mut canvas = canvas.part(0, 0, half.saturating_sub(1), lines);
        customer_orders(&mut canvas, scene, orders, detail.order.lines.len());
    }
    let x = if wide && !orders.is_empty() { half } else { 0 };
    let y = if orders.is_empty() { 0 } else { second };
    let mut canvas = canvas.part(x, y, width - x, height.saturating_sub(y));
    journal(&mut canvas, scene, &detail.journal);
}

fn customer_orders(canvas: &mut Canvas<'_>, scene: &Scene<'_>, orders: &[OrderRow], first: usize) {
    canvas.head(1, 0, "SAME CUSTOMER", "");
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.and_then(|at| at.checked_sub(first));
    let top = super::window(orders.len(), fit, cursor);
    let end = canvas.width().saturating_sub(1);
    let when = |row: &OrderRow| words::brief(row.placed_at, scene.state.now, &scene.state.zone);
    let dated = orders.iter().map(|row| words::width(&when(row))).max().unwrap_or(0) as u16;
    for (y, (index, row)) in (1..).zip(orders.iter().enumerate().skip(top).take(fit)) {
        canvas.text(3, y, 9, row.key.number.as_str(), Role::Text);
        canvas.right(13 + dated, y, dated, &when(row), Role::Muted);
        let total = canvas.right(end, y, 10, &words::amount(row.total), Role::Text);
        let x = 14 + dated;
        let room = total.saturating_sub(x + 1);
        canvas.text(x, y, room, &state_word(row), status_role(row.status));
        if scene.is_at(first + index) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}

/// Journal entries about something, newest first; long notes are wrapped.
pub fn journal(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rows: &[JournalRow]) {
    canvas.head(1, 0, "JOURNAL", if rows.is_empty() { "nothing yet; n writes a note" } else { "" });
    let room = usize::from(canvas.width().saturating_sub(4));
    let mut y = 1;
    for row in rows {
        let when = words::stamp(row.entry.at, scene.state.now, &scene.state.zone);
        let user = &row.entry.actor.user;
        let what = match &row.entry.decision {
            crate::domain::Decision::Note { text, .. } => format!("“{text}”"),
            other => format!("{} {}", other.verb(), other.summary()),
        };
        let undone = row.undone_by.map(|seq| format!(" (undone by {seq})")).unwrap_or_default();
        let text = format!("{} {user}: {what}{undone}", when.trim());
        let role = if row.undone_by.is_some() { Role::Muted } else { Role::Text };
        for (n, line) in words::wrap(&text, room).iter().enumerate() {
            if y >= canvas.height() {
                return;
            }
            canvas.line(if n == 0 { 2 } else { 4 }, y, line, role);
            y += 1;
        }
    }
}
