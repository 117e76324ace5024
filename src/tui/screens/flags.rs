//! The queue of cases: the worst first, what each is about, what is at stake, whose it is.

use super::super::canvas::Canvas;
use super::super::freshness::coarse;
use super::super::place::{Goal, Place};
use super::super::state::{Queue, State};
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::{Glyphs, Role};
use super::super::update::cases_saw;
use super::super::widgets::table::{self, Cell, Column, left, right};
use super::super::words;
use super::Scene;
use crate::domain::{CaseAct, Severity};
use crate::engine::api::{CaseDeed, CaseRow, CaseState, Cases, FlagCounts, Scoring};

impl Row for CaseRow {
    fn key(&self) -> String {
        self.case.to_string()
    }
    fn target(&self) -> Target {
        Target {
            key: self.case.to_string(),
            goal: Some(Goal::to(Place::Case(self.case))),
            case: Some(Box::new(self.clone())),
            saw: cases_saw(self),
            ..Target::default()
        }
    }
}

/// `▲ high`, and how bad that is.
pub fn severity(chance: f64, glyphs: &Glyphs) -> Cell {
    let severity = Severity::of(chance);
    let (glyph, role) = match severity {
        Severity::High => (glyphs.up, Role::Bad),
        Severity::Medium => (glyphs.delayed, Role::Warn),
        Severity::Low => (glyphs.silent, Role::Text),
    };
    (format!("{glyph} {}", severity.word()), role)
}

/// What somebody did about a case, as it is told afterwards.
pub fn deed(deed: &CaseDeed) -> String {
    did(&deed.act)
}

/// The same of what was done alone.
pub fn did(act: &CaseAct) -> String {
    match act {
        CaseAct::Release => "released".into(),
        CaseAct::Hold => "held".into(),
        CaseAct::Cancel => "cancelled".into(),
        CaseAct::RefundWatch => "refunds watched".into(),
        CaseAct::Confirm => "dealt with".into(),
        CaseAct::Note(text) => format!("noted: {text}"),
        CaseAct::Assign(Some(user)) => format!("given to {user}"),
        CaseAct::Assign(None) => "given to nobody".into(),
        CaseAct::HandOver(text) => format!("handed over: {text}"),
        CaseAct::Snooze(_) => "put off".into(),
    }
}

/// Whose it is, who looks at it, or how it ended.
fn whose(row: &CaseRow) -> Cell {
    let verdict = row.last.as_ref().filter(|last| last.act.is_verdict() && !last.taken_back);
    match (row.state, verdict) {
        _ if row.under_way > 0 => ("telling the store".into(), Role::Accent),
        (CaseState::Decided, Some(last)) => (format!("{} {}", deed(last), last.who), Role::Muted),
        (CaseState::Open, _) => match (&row.assigned, row.viewers.as_slice()) {
            (Some(user), []) => (user.to_string(), Role::Text),
            (Some(user), some) => (format!("{user}, {}", looking(some)), Role::Accent),
            (None, []) => (String::new(), Role::Muted),
            (None, some) => (looking(some), Role::Accent),
        },
        // By itself, that is: nobody decided.
        (CaseState::Over, _) => ("over, undecided".into(), Role::Muted),
        (CaseState::Joined, _) => match row.within {
            Some(within) => (format!("in {within}"), Role::Muted),
            None => (row.state.word().into(), Role::Muted),
        },
        (other, _) => (other.word().into(), Role::Muted),
    }
}

/// `mei?`: somebody looks at it and has not decided.
fn looking(viewers: &[Box<str>]) -> String {
    viewers.iter().map(|user| format!("{user}?")).collect::<Vec<_>>().join(" ")
}

fn orders(row: &CaseRow) -> Cell {
    match (row.orders, row.undecided) {
        (0, _) => (String::new(), Role::Muted),
        (all, left) if all == left => (words::count(all.into()), Role::Text),
        (all, left) => (format!("{left}/{all}"), Role::Muted),
    }
}

/// The columns.
pub const COLUMNS: &[Column<CaseRow>] = &[
    left("case", "case", (6, 8), 100, |row, _| (row.case.to_string(), Role::Text)),
    left("severity", "severity", (8, 8), 98, |row, look| severity(row.severity, look.glyphs)),
    left("", "what", (22, 70), 96, |row, _| (row.what.to_string(), Role::Text)),
    left("cause", "cause", (10, 14), 20, |row, _| (row.cause.to_string(), Role::Muted)),
    right("orders", "orders", 6, 60, |row, _| orders(row)),
    right("value", "at stake", 9, 94, |row, look| {
        (words::value(row.at_stake, look.glyphs), Role::Text)
    }),
    right("age", "age", 4, 92, |row, look| (coarse(look.now.since(row.since)), Role::Muted)),
    left("who", "who", (7, 18), 80, |row, _| whose(row)),
];

/// Which cases are shown, in words.
pub const fn which_word(which: Cases) -> &'static str {
    match which {
        Cases::Queue => "what waits for somebody now",
        Cases::Waiting => {
            "all that waits, quiet hours or not, also where nothing can be stopped any more"
        }
        Cases::All => "all cases, also decided, snoozed and muted ones",
    }
}

/// A moment without the word for today, where the sentence says that it is one to come.
fn clock(state: &State, at: crate::domain::Timestamp) -> String {
    let stamp = words::stamp(at, state.now, &state.zone);
    stamp.trim().trim_start_matches("today ").to_owned()
}

/// What stands where there are no cases.
fn nothing(queue: &Queue, state: &State) -> String {
    let counts = queue.counts.as_ref();
    let scoring = counts.map(|counts| counts.scoring).unwrap_or_default();
    let spent = counts.map_or(0, |counts| counts.spent);
    let quiet = counts.and_then(|counts| counts.quiet).filter(|_| queue.which == Cases::Queue);
    match (quiet, scoring) {
        (Some((until, kept)), _) if kept > 0 => {
            let kept = words::plural(kept, "case is", "cases are");
            format!("Quiet hours until {}: {kept} kept back; o shows them.", clock(state, until))
        }
        (_, Scoring::Reading) => {
            format!("What happened so far is being read{}", state.theme.glyphs().ellipsis)
        }
        _ if spent > 0 && queue.which == Cases::Queue => {
            let spent = words::plural(spent, "case", "cases");
            format!(
                "No case waits. o shows {spent} that the network alone found and of which nothing can be \
                 stopped any more."
            )
        }
        _ => "No case waits. o shows those that are decided, snoozed or muted; D the rules that \
              raise them."
            .to_owned(),
    }
}

/// Draws the queue.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, queue: &Queue) {
    let empty = nothing(queue, scene.state);
    table::draw(canvas, &queue.table, COLUMNS, &scene.look(), &empty);
}

/// The table's state in words, with which cases are shown and what scores them.
pub fn status(queue: &Queue, state: &State, room: usize) -> String {
    let table = table::status(&queue.table, state.theme.glyphs(), room);
    let mut parts: Vec<String> = Some(table).filter(|text| !text.is_empty()).into_iter().collect();
    if let Some(counts) = &queue.counts {
        parts.extend(which_part(queue.which, counts, state));
        if counts.spent > 0 && queue.which == Cases::Queue {
            let spent = words::count(counts.spent);
            parts.push(format!("o shows {spent} more: the network's, nothing left to stop"));
        }
        if counts.snoozed > 0 && queue.which != Cases::All {
            parts.push(format!("{} snoozed", words::count(counts.snoozed)));
        }
        match counts.scoring {
            Scoring::Rules { have, need } => parts.push(format!(
                "rules alone until {} orders ({} now)",
                words::count(need),
                words::count(have)
            )),
            Scoring::Network(version) => parts.push(format!("scored by network {version}")),
            Scoring::Reading => {}
        }
    }
    while parts.len() > 1 && words::width(&parts.join("   ")) > room {
        parts.pop();
    }
    parts.join("   ")
}

fn which_part(which: Cases, counts: &FlagCounts, state: &State) -> Option<String> {
    match (which, counts.quiet) {
        (Cases::Queue, Some((until, kept))) if kept > 0 => {
            Some(format!("quiet to {}: {kept} kept back", clock(state, until)))
        }
        (Cases::Queue, _) => None,
        (Cases::Waiting, _) => Some("all that waits".into()),
        (Cases::All, _) => Some("all".into()),
    }
}

/// What the header says of cases that wait; nothing where none does.
pub fn waiting(counts: &FlagCounts) -> Option<(String, Role)> {
    let flags = words::plural(counts.open, "flag", "flags");
    match (counts.open, counts.urgent) {
        (0, _) => None,
        (_, 0) => Some((flags, Role::Warn)),
        (_, urgent) => Some((format!("{flags}, {} urgent", words::count(urgent)), Role::Bad)),
    }
}
