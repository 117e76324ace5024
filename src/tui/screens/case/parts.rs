//! The parts of a case's screen.

use super::super::super::canvas::Canvas;
use super::super::super::freshness::coarse;
use super::super::super::state::CaseBody;
use super::super::super::theme::Role;
use super::super::super::words;
use super::super::flags::{deed, did, severity};
use super::super::{Scene, window};
use crate::domain::CaseAct;
use crate::engine::api::{CaseDetail, FlaggedRow, SimilarCase};

/// From this width on, what a case like it was about stands beside how it ended.
const WIDE: u16 = 60;

/// The reasons in lines of the room that they have.
pub fn why_lines(detail: &CaseDetail, width: u16) -> Vec<(String, Role)> {
    let room = usize::from(width.saturating_sub(4));
    let mut lines = Vec::new();
    for reason in &detail.reasons {
        let role = if reason.muted { Role::Muted } else { Role::Text };
        let muted = if reason.muted { "; muted" } else { "" };
        let text = format!("{}{muted}", reason.text);
        lines.extend(words::wrap(&text, room).into_iter().map(|line| (line, role)));
    }
    lines
}

/// Why somebody is asked.
pub fn why(canvas: &mut Canvas<'_>, lines: &[(String, Role)]) {
    canvas.head(1, 0, "WHY", "");
    for (y, (line, role)) in (1..canvas.height()).zip(lines) {
        canvas.line(3, y, line, *role);
    }
}

/// Decided cases that are like it, and how they ended.
pub fn like(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &CaseDetail) {
    if canvas.height() == 0 {
        return;
    }
    canvas.head(1, 0, "LIKE IT", "");
    if detail.similar.is_empty() {
        canvas.line(3, 1, "none was decided yet", Role::Muted);
    }
    let first = detail.orders.len();
    for (y, (at, one)) in (1..canvas.height()).zip(detail.similar.iter().enumerate()) {
        let text = match canvas.width() >= WIDE {
            true => format!("{}  {}: {}, {}", one.case, one.cause, ended(one), one.ended.who),
            false => format!("{} {}: {}", one.case, one.cause, ended(one)),
        };
        let wrong = one.endings.iter().filter_map(|(act, _)| act.is_wrong());
        let role = match wrong.reduce(|one, other| one || other) {
            Some(false) => Role::Good,
            Some(true) => Role::Warn,
            None => Role::Muted,
        };
        let x = canvas.line(3, y, &text, role);
        if canvas.width() >= WIDE {
            canvas.line(x + 2, y, &one.what, Role::Muted);
        }
        if scene.is_at(first + at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}

/// `5 cancelled, 1 released`; one word alone where all of it ended alike.
fn ended(one: &SimilarCase) -> String {
    match one.endings.as_slice() {
        [] => deed(&one.ended),
        [(only, _)] => did(only),
        many => {
            let part = |(act, orders): &(CaseAct, u32)| format!("{orders} {}", did(act));
            many.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The orders of the case, those that a decision would go to told in the head.
pub fn orders(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &CaseDetail, case: &CaseBody) {
    let row = &detail.row;
    let shown = detail.orders.len() as u64;
    let more = match u64::from(row.orders).saturating_sub(shown) {
        0 => String::new(),
        _ => format!(", the worst {} here", words::count(shown)),
    };
    let goes = match case.marks.len() {
        0 => "decisions go to all of these".to_owned(),
        n => format!("decisions go to the {n} marked"),
    };
    let (left, all) = (words::count(row.undecided.into()), words::count(row.orders.into()));
    canvas.head(1, 0, "ORDERS", &format!("{left} of {all} undecided{more}; {goes}"));
    let glyphs = scene.glyphs();
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.filter(|at| *at < detail.orders.len());
    let top = window(detail.orders.len(), fit, cursor);
    for (y, (at, flagged)) in (1..).zip(detail.orders.iter().enumerate().skip(top).take(fit)) {
        order(canvas, scene, y, flagged);
        if !case.marks.is_empty() {
            let marked = case.marks.contains(&flagged.order.key);
            let sign = if marked { glyphs.marked } else { glyphs.unmarked };
            canvas.text(2, y, 1, sign, if marked { Role::Marked } else { Role::Muted });
        }
        if scene.is_at(at) {
            canvas.highlight_cells(0, y, 16, Role::Selected);
            canvas.text(1, y, 1, glyphs.select, Role::Selected);
        }
    }
}

fn order(canvas: &mut Canvas<'_>, scene: &Scene<'_>, y: u16, flagged: &FlaggedRow) {
    let order = &flagged.order;
    let open = flagged.verdict.is_none();
    let role = if open { Role::Text } else { Role::Muted };
    canvas.text(4, y, 12, order.key.number.as_str(), role);
    let (word, worst) = severity(flagged.score, scene.glyphs());
    canvas.text(17, y, 8, &word, if open { worst } else { Role::Muted });
    canvas.right(35, y, 9, &words::value(order.total, scene.glyphs()), role);
    canvas.text(37, y, 9, order.status.word(), role);
    let decided = flagged.verdict.as_ref().map(|made| format!("{}, {}", deed(made), made.who));
    let told = flagged.told.as_ref().map(|told| told.to_string()).or(decided);
    let (text, role) = match (told, flagged.reasons.first()) {
        (Some(told), _) => (told, Role::Accent),
        (None, Some(reason)) => (reason.text.to_string(), Role::Muted),
        (None, None) => (String::new(), Role::Muted),
    };
    canvas.text(47, y, canvas.width().saturating_sub(48), &text, role);
}

/// What can be looked into.
pub fn about(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &CaseDetail) {
    let first = detail.orders.len() + detail.similar.len();
    let mut x = canvas.line(1, 0, "ABOUT", Role::Title) + 1;
    for (at, (text, _)) in super::about(detail).iter().enumerate() {
        let role = if scene.is_at(first + at) { Role::Selected } else { Role::Text };
        x = canvas.line(x, 0, &format!(" {text} "), role) + 1;
    }
}

/// All that was done, the newest first.
pub fn history(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &CaseDetail) {
    canvas.head(1, 0, "DONE SO FAR", if detail.history.is_empty() { "nothing" } else { "" });
    let (now, width) = (scene.state.now, canvas.width());
    for (y, one) in (1..canvas.height()).zip(detail.history.iter().rev()) {
        canvas.right(7, y, 4, &coarse(now.since(one.at)), Role::Muted);
        let orders = match one.orders {
            0 => String::new(),
            n => format!(" ({})", words::plural(n.into(), "order", "orders")),
        };
        let back = if one.taken_back { ", taken back" } else { "" };
        let text = format!("{} {}{orders}{back}", one.who, deed(one));
        let role = if one.taken_back { Role::Muted } else { Role::Text };
        canvas.text(8, y, width.saturating_sub(9), &text, role);
    }
}
