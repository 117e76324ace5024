//! What raises flags: rules, mutes, and the network that learns from decisions.

use super::rows::{Cases, with_view};
use crate::desk::triage::Triage;
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::flags::ASKED;
use crate::engine::house::House;
use crate::insight::anomaly::RAISING;
use crate::insight::anomaly::rules::RULES;
use std::collections::{BTreeMap, HashMap};

/// How long back it is counted how often a rule spoke.
const COUNTED: Span = Span::days(28);
/// Weeks of precision that are told.
const WEEKS: usize = 26;

/// All rules.
pub fn rules(house: &House) -> Vec<RuleRow> {
    let triage = house.triage.read().clone();
    let now = house.clock.now();
    let cases = Cases::of(house).rows;
    let mut right: HashMap<&str, (u64, u64)> = HashMap::new();
    for row in &cases {
        if let Some(wrong) = ended(&triage, row) {
            let of = right.entry(&row.cause).or_default();
            of.0 += u64::from(wrong);
            of.1 += 1;
        }
    }
    let (spoke, tests) = with_view(house, |view| {
        let mut spoke: HashMap<Box<str>, u64> = HashMap::new();
        let late = view.book.flags().filter(|(_, flag)| flag.at >= now - COUNTED);
        for (_, flag) in late.filter(|(_, flag)| flag.score >= ASKED) {
            for reason in &flag.reasons {
                *spoke.entry(reason.rule.clone()).or_default() += 1;
            }
        }
        for (_, known) in view.book.all_raised().filter(|(_, known)| known.at >= now - COUNTED) {
            *spoke.entry(known.raised.rule.clone()).or_default() += 1;
        }
        (spoke, view.book.tests.clone())
    });
    let mutes = |rule: &str| {
        triage.mutes().filter(|mute| mute.is_on(now) && *mute.rule == *rule).count() as u64
    };
    let row = |rule: &str, kind, about: &str, (usual, unit): (f64, &str)| RuleRow {
        rule: rule.into(),
        kind,
        about: about.into(),
        on: triage.is_on(rule),
        threshold: triage.threshold(rule).map_or(usual, Threshold::strength),
        usual,
        unit: unit.into(),
        spoke: spoke.get(rule).copied().unwrap_or(0),
        right: right.get(rule).copied().unwrap_or_default(),
        mutes: mutes(rule),
        test: tests.get(rule).cloned(),
    };
    let of_orders = RULES
        .iter()
        .map(|rule| row(rule.name, CaseKind::Order, rule.about, (rule.usual(), rule.unit)));
    let raising = RAISING
        .iter()
        .map(|rule| row(rule.name, rule.kind, rule.about, (rule.threshold, rule.unit)));
    of_orders.chain(raising).collect()
}

/// Whether a case that somebody decided on was wrong: any of its orders was.
fn ended(triage: &Triage, row: &CaseRow) -> Option<bool> {
    let endings = triage.endings(row.case).into_iter().filter_map(|(act, _)| act.is_wrong());
    endings.reduce(|one, other| one || other).filter(|_| row.state == CaseState::Decided)
}

/// All mutes, newest first.
pub fn mutes(house: &House) -> Vec<MuteRow> {
    let triage = house.triage.read().clone();
    let now = house.clock.now();
    let row = |mute: &crate::desk::triage::Mute| MuteRow {
        entry: mute.entry,
        who: mute.who.clone(),
        at: mute.at,
        rule: mute.rule.clone(),
        of: mute.of.clone(),
        until: mute.until,
        reason: mute.reason.clone(),
        on: mute.is_on(now),
    };
    triage.mutes().rev().map(row).collect()
}

/// How the network learns.
pub fn learning(house: &House) -> FlagLearning {
    let triage = house.triage.read().clone();
    let labels = triage.labels();
    let wrong = labels.iter().filter(|(_, wrong, _)| *wrong).count() as u64;
    let cases = Cases::of(house).rows;
    let mut weeks: BTreeMap<Day, FlagWeek> = BTreeMap::new();
    let of_orders =
        |row: &&CaseRow| row.case.kind == CaseKind::Order && row.state != CaseState::Joined;
    for row in cases.iter().filter(of_orders) {
        let day = row.since.day(&house.zone);
        let monday = day.plus(-(day.weekday() as i32));
        let week =
            weeks.entry(monday).or_insert(FlagWeek { monday, raised: 0, wrong: 0, right: 0 });
        week.raised += 1;
        match ended(&triage, row) {
            Some(true) => week.wrong += 1,
            Some(false) => week.right += 1,
            None => {}
        }
    }
    let in_use = house.flag_version();
    let book = house.flags.book.read();
    let versions = book.versions.iter().rev().map(|(version, kept)| FlagVersion {
        version: *version,
        in_use: *version == in_use,
        made: kept.made,
        orders: kept.orders,
        decisions: kept.decisions,
        better: kept.better,
    });
    let before = triage.model().map(|(_, before)| before);
    FlagLearning {
        scoring: book.scoring,
        versions: versions.collect(),
        before: before.filter(|before| *before == 0 || book.versions.contains_key(before)),
        decided: (wrong, labels.len() as u64 - wrong),
        last: book.learnt.clone().filter(|last| last.holds(labels.len())).map(|last| last.said),
        weeks: weeks
            .into_values()
            .rev()
            .take(WEEKS)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect(),
    }
}
