//! One case: why somebody is asked, its orders, what was done about it, and cases like it.

mod parts;

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::state::CaseBody;
use super::super::target::{Target, order_place};
use super::super::theme::Role;
use super::super::update::cases_saw;
use super::super::words;
use super::flags::severity;
use super::{Item, Scene};
use crate::domain::{CaseSubject, Subject};
use crate::engine::api::{CaseDetail, CaseState, FlaggedRow, PastOf, SimilarCase};

/// Sections, in the order of the cursor.
const ORDERS: usize = 0;
const LIKE: usize = 1;
const ABOUT: usize = 2;

/// Below this height why and what it is like are all that is shown.
const WHOLE_FROM: u16 = 16;
/// From this width on, two columns.
const TWO_FROM: u16 = 76;
/// Cells of the column at the right.
const RIGHT: u16 = 30;

/// Its orders, cases like it, and what it is about: the customer, the SKU, the feed.
pub fn items(detail: &CaseDetail) -> Vec<Item> {
    let item = |section, target| Item { section, target };
    let order = |flagged: &FlaggedRow| {
        let row = &flagged.order;
        Target {
            key: row.key.number.to_string(),
            subject: Some(Subject::Order(row.key.clone())),
            goal: Some(Goal::to(order_place(&row.key))),
            saw: format!("{}; {}", Target::from(row).saw, cases_saw(&detail.row)),
            ..Target::default()
        }
    };
    let like = |one: &SimilarCase| Target {
        key: one.case.to_string(),
        goal: Some(Goal::to(Place::Case(one.case))),
        saw: format!("case {}: {}", one.case, one.what),
        ..Target::default()
    };
    let orders = detail.orders.iter().map(|flagged| item(ORDERS, order(flagged)));
    let similar = detail.similar.iter().map(|one| item(LIKE, like(one)));
    let about = about(detail).into_iter().map(|(key, goal)| {
        item(ABOUT, Target { saw: key.clone(), key, goal: Some(goal), ..Target::default() })
    });
    orders.chain(similar).chain(about).collect()
}

/// What can be looked into: the words for it and where it is shown.
fn about(detail: &CaseDetail) -> Vec<(String, Goal)> {
    let mut about = Vec::new();
    if let Some(within) = detail.row.within {
        about.push((format!("case {within}"), Goal::to(Place::Case(within))));
    }
    if let Some(account) = detail.account {
        let goal = Goal::to(Place::Past(PastOf::Account(account)));
        about.push((format!("account {account}"), goal));
    } else if let Some(customer) = &detail.customer {
        let goal = Goal::to(Place::Past(PastOf::Customer(customer.clone())));
        about.push((format!("customer {customer}"), goal));
    }
    let of_subject = match &detail.subject {
        Some(CaseSubject::Sku(sku, _)) => Some(sku),
        _ => None,
    };
    if let Some(sku) = detail.sku.as_ref().or(of_subject) {
        about.push((format!("SKU {sku}"), Goal::to(Place::Sku(sku.clone()))));
    }
    match &detail.subject {
        Some(CaseSubject::Feed(feed)) => {
            about.push((format!("feed {feed}"), Goal::to(Place::Feeds)));
        }
        Some(CaseSubject::Site(site)) => {
            let goal = Goal { place: Place::Stock, filter: format!("site:{site}") };
            about.push((format!("site {site}"), goal));
        }
        Some(CaseSubject::Sku(..)) | None => {}
    }
    about
}

/// Draws the case; in little room what decides: why, and how others like it ended.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &CaseDetail, case: &CaseBody) {
    let (width, height) = (canvas.width(), canvas.height());
    let left = if width >= TWO_FROM { width - RIGHT - 2 } else { width };
    let why = parts::why_lines(detail, left);
    if height < WHOLE_FROM {
        canvas.rule(0);
        canvas.line(2, 0, &format!(" {} ", detail.row.case), Role::Title);
        let below = height.saturating_sub(1);
        parts::why(&mut canvas.part(0, 1, left, below), &why);
        if left < width {
            parts::like(&mut canvas.part(left + 2, 1, RIGHT, below), scene, detail);
        }
        return;
    }
    let mut y = head(canvas, scene, detail) + 1;
    let room = height.saturating_sub(y);
    let beside = if left < width { lines_of(detail.similar.len().max(1)) } else { 0 };
    let lines = lines_of(why.len()).max(beside).min(room / 2);
    parts::why(&mut canvas.part(0, y, left, lines), &why);
    if left < width {
        parts::like(&mut canvas.part(left + 2, y, RIGHT, lines), scene, detail);
    }
    y += lines + 1;
    let like = if left < width { 0 } else { lines_of(detail.similar.len().max(1)).min(6) };
    let done = lines_of(detail.history.len().max(1)).min((height / 4).max(3));
    // About takes a line, and blank lines stand between the parts.
    let below = done + 1 + like + u16::from(like > 0);
    if !detail.orders.is_empty() {
        let most = height.saturating_sub(y + below + 1).max(2);
        let lines = lines_of(detail.orders.len()).min(most);
        parts::orders(&mut canvas.part(0, y, width, lines), scene, detail, case);
        y += lines + 1;
    }
    if like > 0 {
        parts::like(&mut canvas.part(0, y, width, like), scene, detail);
        y += like + 1;
    }
    parts::about(&mut canvas.part(0, y, width, 1), scene, detail);
    let room = height.saturating_sub(y + 1);
    parts::history(&mut canvas.part(0, y + 1, width, room), scene, detail);
}

/// Lines of so many things and their head.
fn lines_of(things: usize) -> u16 {
    u16::try_from(things).unwrap_or(u16::MAX).saturating_add(1)
}

/// What it is, how bad, whose; returns the lines used.
fn head(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &CaseDetail) -> u16 {
    let (row, glyphs) = (&detail.row, scene.glyphs());
    let x = canvas.line(1, 0, &row.case.to_string(), Role::Title) + 2;
    let (word, role) = severity(row.severity, glyphs);
    let x = canvas.line(x, 0, &format!("{word} {:.0} %", 100.0 * row.severity), role) + 2;
    let state = match (row.state, row.within) {
        (CaseState::Open, _) => String::new(),
        (CaseState::Over, _) => "over, nobody decided".to_owned(),
        (CaseState::Joined, Some(within)) => format!("its orders stand in case {within}"),
        (state, _) => state.word().to_owned(),
    };
    canvas.line(x, 0, &state, Role::Accent);
    let stake = format!("{} at stake", words::price(row.at_stake, glyphs));
    canvas.right(canvas.width().saturating_sub(1), 0, 26, &stake, Role::Title);
    canvas.text(1, 1, canvas.width().saturating_sub(2), &row.what, Role::Text);
    let others = others(scene, detail);
    let role = if others.is_some() { Role::Accent } else { Role::Muted };
    let facts: Vec<String> = others.into_iter().chain(facts(scene, detail)).collect();
    let lines = words::wrap_facts(&facts, usize::from(canvas.width().saturating_sub(2)));
    for (y, line) in (2..4).zip(&lines) {
        canvas.line(1, y, line, role);
    }
    2 + u16::try_from(lines.len().min(2)).unwrap_or(2)
}

/// Who else looks at it now.
fn others(scene: &Scene<'_>, detail: &CaseDetail) -> Option<String> {
    let mine = scene.state.user.as_str();
    let viewers = detail.row.viewers.iter().map(|user| &**user);
    let others: Vec<&str> = viewers.filter(|user| *user != mine).collect();
    match others.as_slice() {
        [] => None,
        [one] => Some(format!("{one} looks at it too")),
        many => Some(format!("{} look at it too", many.join(", "))),
    }
}

fn facts(scene: &Scene<'_>, detail: &CaseDetail) -> Vec<String> {
    let row = &detail.row;
    let stamp = |at| words::stamp(at, scene.state.now, &scene.state.zone).trim().to_owned();
    let mut facts = vec![format!("since {}", stamp(row.since))];
    if row.latest > row.since {
        facts.push(format!("latest {}", stamp(row.latest)));
    }
    facts.push(row.assigned.as_ref().map_or("nobody's".into(), |user| format!("{user}'s")));
    facts.extend(row.snoozed_until.map(|until| format!("put off until {}", stamp(until))));
    if row.under_way > 0 {
        let orders = words::plural(row.under_way.into(), "order", "orders");
        facts.push(format!("the store was told of {orders} and has not answered yet"));
    }
    facts
}
