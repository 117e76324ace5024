//! Flags: the queue of cases, one case, and what raises them.

mod detail;
mod parts;
mod past;
mod raising;
mod rows;

pub use detail::case;
#[cfg(test)]
pub(in crate::engine) use detail::similar;
pub use parts::seen as case_seen;
pub use past::past;
pub use raising::{learning, mutes, rules};
pub use rows::Cases as CaseRows;

use super::{asked, page};
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::house::House;
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the queue can be filtered by.
pub static FLAGS: Fields = Fields {
    fields: &[
        Field::text("case", Bare::Value),
        Field::text("kind", Bare::No),
        Field::text("cause", Bare::Part),
        Field::phrase("subject", &["what"], Bare::Fuzzy),
        Field::phrase("reason", &[], Bare::Part),
        Field { name: "who", aliases: &["assigned"], kind: FieldKind::Text, bare: Bare::No },
        Field::text("state", Bare::No),
        Field::number("orders", &[]),
        Field::number("severity", &[]),
        Field::number("value", &[]),
        Field::number("age", &["hours"]),
    ],
    flags: &["mine", "unassigned", "snoozed", "decided", "muted", "open", "urgent"],
};

/// The columns that the queue sorts by.
const COLUMNS: [&str; 11] = [
    "case", "kind", "cause", "severity", "value", "since", "age", "latest", "orders", "who",
    "urgency",
];

/// A page of cases.
pub fn cases(house: &House, wanted: &CasesAsked) -> Result<CasesPage, Refusal> {
    let filter = asked(house, &wanted.page, &FLAGS, &COLUMNS)?;
    let all = CaseRows::of(house);
    let counts = all.counts();
    let now = house.clock.now();
    let quiet = counts.quiet.is_some();
    let (me, urgent) = (&*wanted.me, house.flags.urgent());
    let is_asked = |row: &&CaseRow| match wanted.which {
        Cases::All => true,
        Cases::Waiting => row.state == CaseState::Open,
        Cases::Queue => {
            row.state == CaseState::Open && !row.is_spent() && (!quiet || row.severity >= urgent)
        }
    };
    let mut matcher = Matcher::new(&filter);
    let of: Vec<&CaseRow> = all.rows.iter().filter(is_asked).collect();
    let unfiltered = of.len();
    let matches = |row: &&CaseRow| matcher.matches(&Shown { row, me, now, urgent });
    let mut rows: Vec<&CaseRow> = of.into_iter().filter(matches).collect();
    if let Some(column) = wanted.page.sort.as_deref() {
        rows.sort_by(|a, b| {
            let order = match column {
                "case" => a.case.cmp(&b.case),
                "kind" => a.case.kind.cmp(&b.case.kind),
                "cause" => a.cause.cmp(&b.cause),
                "severity" => a.severity.total_cmp(&b.severity),
                "value" => a.at_stake.minor.cmp(&b.at_stake.minor),
                "since" => a.since.cmp(&b.since),
                "age" => b.since.cmp(&a.since),
                "who" => a.assigned.cmp(&b.assigned),
                "latest" => a.latest.cmp(&b.latest),
                "orders" => a.orders.cmp(&b.orders),
                _ => a.urgency.total_cmp(&b.urgency),
            };
            if wanted.page.descending { order.reverse() } else { order }
        });
    }
    let rows = page(&rows, unfiltered, &wanted.page, |row| Some((*row).clone()));
    Ok(CasesPage { rows, counts })
}

/// What happened to cases since a moment.
pub fn handover(house: &House, since: Timestamp) -> Handover {
    let rows = CaseRows::of(house).rows;
    let triage = house.triage.read().clone();
    let by_case: BTreeMap<CaseId, &CaseRow> = rows.iter().map(|row| (row.case, row)).collect();
    let mut by: BTreeMap<Box<str>, u64> = BTreeMap::new();
    let mut decided = Vec::new();
    for deed in triage.deeds_since(since) {
        if let Some(row) = by_case.get(&deed.case) {
            *by.entry(deed.who.clone()).or_default() += u64::from(deed.taken_back.is_none());
            decided.push(((*row).clone(), rows::deed(deed)));
        }
    }
    let raised = |row: &&CaseRow| row.since >= since;
    let open = |row: &&CaseRow| matches!(row.state, CaseState::Open | CaseState::Snoozed);
    Handover {
        since,
        until: house.clock.now(),
        opened: rows.iter().filter(raised).cloned().collect(),
        decided,
        open: rows.iter().filter(open).cloned().collect(),
        lapsed: rows
            .iter()
            .filter(|row| row.over.is_some_and(|over| over >= since))
            .cloned()
            .collect(),
        by: by.into_iter().collect(),
        rules: triage
            .about_rules_since(since)
            .map(|deed| RuleDecided {
                entry: deed.entry,
                who: deed.who.clone(),
                at: deed.at,
                what: deed.what.clone(),
            })
            .collect(),
    }
}

/// A row as filters see it.
struct Shown<'a> {
    row: &'a CaseRow,
    me: &'a str,
    now: Timestamp,
    urgent: f64,
}

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.row;
        Some(match field {
            "case" => Cow::Owned(row.case.to_string()),
            "kind" => Cow::Borrowed(row.case.kind.word()),
            "cause" => Cow::Borrowed(&*row.cause),
            "subject" => Cow::Borrowed(&*row.what),
            "reason" => Cow::Borrowed(&*row.reason),
            "who" => Cow::Borrowed(row.assigned.as_deref()?),
            "state" => Cow::Borrowed(row.state.word()),
            _ => return None,
        })
    }
    fn number(&self, field: &str) -> Option<f64> {
        let row = self.row;
        Some(match field {
            "orders" => f64::from(row.orders),
            "severity" => row.severity,
            "value" => rows::major(row.at_stake),
            "age" => self.now.since(row.since).as_seconds() as f64 / 3_600.0,
            _ => return None,
        })
    }
    fn flag(&self, flag: &str) -> bool {
        let row = self.row;
        match flag {
            "mine" => row.assigned.as_deref() == Some(self.me),
            "unassigned" => row.assigned.is_none(),
            "snoozed" => row.state == CaseState::Snoozed,
            "decided" => row.state == CaseState::Decided,
            "muted" => row.state == CaseState::Muted,
            "open" => row.state == CaseState::Open,
            "urgent" => row.severity >= self.urgent,
            _ => false,
        }
    }
}
