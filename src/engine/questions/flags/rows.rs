//! Cases as rows: how each stands, how grave it is and what is at stake.

use super::parts::{Orders, Part, Told};
use crate::desk::triage::{Deed, Mute, Triage};
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::flags::{Book, KeptFlag, KeptRaised, KeptReason};
use crate::engine::house::House;
use crate::insight::anomaly::Raised;
use crate::orders::OrderIndex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Days after which a case grows no more urgent.
const URGENT_DAYS: f64 = 7.0;
/// What orders count for in urgency where nothing is at stake: below all for which something is.
const NOTHING: f64 = 0.001;

/// What a row says of its case.
struct Said {
    state: CaseState,
    what: String,
    cause: Box<str>,
    reason: Box<str>,
    severity: f64,
    at_stake: Money,
    since: Timestamp,
    latest: Timestamp,
    over: Option<Timestamp>,
}

/// What rows are made from.
pub struct View<'a> {
    /// What was decided.
    pub triage: &'a Triage,
    /// All orders.
    pub index: &'a OrderIndex,
    /// What is flagged.
    pub book: &'a Book,
    /// Domain time.
    pub now: Timestamp,
    /// Mutes in force.
    pub mutes: Vec<&'a Mute>,
    /// Orders that feeds told wrongly.
    pub told: Told<'a>,
    /// Who looks at which case.
    pub viewers: BTreeMap<CaseId, Vec<Box<str>>>,
}

/// All cases, the most urgent first.
pub struct Cases {
    /// Their rows.
    pub rows: Vec<CaseRow>,
    scoring: Scoring,
    urgent: f64,
    quiet: Option<Timestamp>,
    currency: Currency,
}

impl Cases {
    /// As of now.
    pub fn of(house: &House) -> Self {
        let mut rows = with_view(house, |view| view.rows());
        rows.sort_by(|a, b| b.urgency.total_cmp(&a.urgency).then(a.case.cmp(&b.case)));
        Cases {
            rows,
            scoring: house.flags.book.read().scoring,
            urgent: house.flags.urgent(),
            quiet: house.quiet_until(),
            currency: house.currency,
        }
    }

    /// Counts of them.
    pub fn counts(&self) -> FlagCounts {
        let (spent, open): (Vec<&CaseRow>, Vec<&CaseRow>) = self
            .rows
            .iter()
            .filter(|row| row.state == CaseState::Open)
            .partition(|row| row.is_spent());
        let count = |is: &dyn Fn(&&&CaseRow) -> bool| open.iter().filter(is).count() as u64;
        let urgent = count(&|row| row.severity >= self.urgent);
        let stakes = open.iter().filter(|row| row.at_stake.currency == self.currency);
        let minor = stakes.map(|row| row.at_stake.minor).fold(0, i64::saturating_add);
        FlagCounts {
            open: open.len() as u64,
            urgent,
            unassigned: count(&|row| row.assigned.is_none()),
            snoozed: self.rows.iter().filter(|row| row.state == CaseState::Snoozed).count() as u64,
            spent: spent.len() as u64,
            orders: open.iter().map(|row| u64::from(row.undecided)).sum(),
            at_stake: (!open.is_empty()).then_some(Money { minor, currency: self.currency }),
            quiet: self.quiet.map(|until| (until, open.len() as u64 - urgent)),
            scoring: self.scoring,
        }
    }
}

/// Asks something of a view of the house as it is now.
pub fn with_view<T>(house: &House, ask: impl FnOnce(&View<'_>) -> T) -> T {
    let triage: Arc<Triage> = house.triage.read().clone();
    let now = house.clock.now();
    let viewers = house.presence.of_cases();
    let index = house.orders.read();
    let book = house.flags.book.read();
    ask(&View {
        triage: &triage,
        index: &index,
        book: &book,
        now,
        mutes: triage.mutes().filter(|mute| mute.is_on(now)).collect(),
        told: Told::of(&book, |rule, subject| triage.is_silent_of(rule, subject, now)),
        viewers,
    })
}

/// A decision as rows show it.
pub fn deed(deed: &Deed) -> CaseDeed {
    CaseDeed {
        entry: deed.entry,
        who: deed.who.clone(),
        at: deed.at,
        act: deed.act.clone(),
        orders: deed.orders.len() as u32,
        taken_back: deed.taken_back.is_some(),
    }
}

/// An amount in major units.
pub fn major(amount: Money) -> f64 {
    amount.minor as f64 / 10f64.powi(amount.currency.exponent() as i32)
}

/// What a case that is not about orders is about. Of a feed, whose name says little, what is wrong with it
/// too.
fn subject(raised: &Raised) -> String {
    let why = raised.reasons.first().map(|reason| match reason.split_once(": ") {
        Some((_, why)) => why,
        None => &**reason,
    });
    match (raised.kind, why) {
        (CaseKind::Feed, Some(why)) => format!("{}: {why}", raised.subject),
        _ => raised.subject.to_string(),
    }
}

impl<'a> View<'a> {
    /// All cases.
    pub fn rows(&self) -> Vec<CaseRow> {
        let orders = self
            .book
            .cases()
            .filter_map(|(case, flags)| self.of_orders(case, self.flagged(flags.into_iter())));
        let others = self.book.all_raised();
        let others = others.map(|(case, known)| {
            let orders = self.listed(case, known);
            self.of_raised(case, known, &orders)
        });
        orders.chain(others).collect()
    }

    /// One case.
    pub fn row(&self, case: CaseId) -> Option<CaseRow> {
        match self.book.raised(case) {
            Some(known) => {
                let orders = self.orders(case, self.parts(case));
                Some(self.of_raised(case, known, &orders))
            }
            None => self.of_orders(case, self.parts(case)),
        }
    }

    /// Whether a rule is silent about an order.
    pub fn is_silent(&self, rule: &str, sku: Option<&Sku>, flag: &KeptFlag) -> bool {
        self.mutes.iter().any(|mute| {
            *mute.rule == *rule
                && match &mute.of {
                    MuteOf::Customer(customer) => flag.customer.as_ref() == Some(customer),
                    MuteOf::Sku(of) => sku == Some(of),
                    MuteOf::Feed(feed) => flag.order.feed == *feed,
                    MuteOf::Everything => true,
                }
        })
    }

    /// Whether nothing that speaks of an order is left: all of its reasons are muted.
    pub fn is_muted(&self, flag: &KeptFlag) -> bool {
        let is_silent =
            |reason: &KeptReason| self.is_silent(&reason.rule, reason.sku.as_ref(), flag);
        !self.mutes.is_empty() && !flag.reasons.is_empty() && flag.reasons.iter().all(is_silent)
    }

    fn of_orders(&self, case: CaseId, parts: Vec<Part<'a>>) -> Option<CaseRow> {
        let orders = self.orders(case, parts);
        let worst = orders.worst()?;
        let (since, latest) = orders.span()?;
        let snoozed = self.triage.snoozed(case).filter(|until| *until > self.now);
        let nothing = orders.undecided == 0 && orders.all.iter().all(|part| !self.is_decided(part));
        let state = match (orders.waiting.is_empty(), snoozed) {
            (false, None) => CaseState::Open,
            (false, Some(_)) => CaseState::Snoozed,
            (true, _) if orders.within.is_some() && nothing => CaseState::Joined,
            (true, _) if orders.undecided == 0 => CaseState::Decided,
            (true, _) if orders.muted => CaseState::Muted,
            (true, _) => CaseState::Over,
        };
        let first = worst.flag.and_then(|flag| flag.reasons.first());
        let said = Said {
            state,
            what: self.what(&orders.all),
            cause: first.map_or_else(|| "network".into(), |of| of.rule.clone()),
            reason: first.map_or_else(Box::default, |of| of.text.clone()),
            severity: worst.score,
            at_stake: orders.at_stake(worst.cost.currency),
            since,
            latest,
            over: orders.over,
        };
        Some(self.shown(case, said, &orders))
    }

    fn is_decided(&self, part: &Part<'_>) -> bool {
        self.triage.verdict(part.order).is_some()
    }

    fn of_raised(&self, case: CaseId, known: &KeptRaised, orders: &Orders<'_>) -> CaseRow {
        let raised = &known.raised;
        let silent = self.triage.is_silent_of(&raised.rule, &raised.subject, self.now);
        let snoozed = self.triage.snoozed(case).filter(|until| *until > self.now);
        let state = match () {
            () if self.is_done(case, orders) => CaseState::Decided,
            () if known.over.is_some() && orders.waiting.is_empty() => CaseState::Over,
            () if silent => CaseState::Muted,
            () if snoozed.is_some() => CaseState::Snoozed,
            () => CaseState::Open,
        };
        let said = Said {
            state,
            what: subject(raised),
            cause: raised.rule.clone(),
            reason: raised.reasons.first().cloned().unwrap_or_default(),
            severity: raised.severity,
            at_stake: match orders.count {
                0 => raised.at_stake,
                _ => orders.at_stake(raised.at_stake.currency),
            },
            since: raised.since,
            latest: known.over.unwrap_or(self.now),
            over: known.over.max(orders.over),
        };
        self.shown(case, said, orders)
    }

    /// Whether somebody decided on a case that is not about flagged orders. One that goes on is asked about
    /// again when half as many orders again have come since; where it was decided on before its orders were
    /// named, nobody knows how many have.
    fn is_done(&self, case: CaseId, orders: &Orders<'_>) -> bool {
        let all = orders.count;
        let Some(deed) = self.triage.verdict_of_case(case) else {
            return all > 0 && orders.undecided == 0;
        };
        match deed.act {
            _ if deed.orders.is_empty() => true,
            CaseAct::Hold | CaseAct::Cancel => orders.undecided == 0,
            _ => orders.undecided.saturating_mul(3) <= all,
        }
    }

    fn shown(&self, case: CaseId, said: Said, orders: &Orders<'_>) -> CaseRow {
        let told = |part: &&Part<'_>| self.triage.to_tell(part.order).is_some();
        let urgency = match (said.at_stake.minor, orders.count) {
            (0, 1..) => NOTHING * said.severity,
            _ => self.urgency(said.severity, said.at_stake, said.since),
        };
        CaseRow {
            case,
            state: said.state,
            what: said.what.into(),
            cause: said.cause,
            reason: said.reason,
            severity: said.severity,
            at_stake: said.at_stake,
            since: said.since,
            latest: said.latest,
            over: said.over.filter(|_| said.state == CaseState::Over),
            urgency,
            orders: orders.count,
            undecided: orders.undecided,
            stoppable: orders.stoppable,
            held: orders.held,
            under_way: orders.all.iter().filter(told).count() as u32,
            within: orders.within,
            assigned: self.triage.assigned(case).map(Into::into),
            snoozed_until: self.triage.snoozed(case).filter(|until| *until > self.now),
            viewers: self.viewers.get(&case).cloned().unwrap_or_default(),
            last: self.triage.of_case(case).next_back().map(deed),
        }
    }

    /// Severity x value x age: what waits for a day counts twice, up to a week.
    fn urgency(&self, severity: f64, at_stake: Money, since: Timestamp) -> f64 {
        let days = self.now.since(since).as_seconds() as f64 / 86_400.0;
        severity * major(at_stake).max(1.0) * (1.0 + days.clamp(0.0, URGENT_DAYS))
    }

    /// What flagged orders have in common, in a few words.
    fn what(&self, orders: &[Part<'_>]) -> String {
        if let [only] = orders {
            return format!("order {}", only.order);
        }
        let flags = || orders.iter().filter_map(|part| part.flag);
        let customers: BTreeSet<Option<&CustomerRef>> =
            flags().map(|flag| flag.customer.as_ref()).collect();
        let first = |flag: &KeptFlag| flag.reasons.first().and_then(|reason| reason.sku.clone());
        let skus: BTreeSet<Option<Sku>> = flags().map(first).collect();
        let whose = match (customers.len(), skus.iter().next()) {
            (1, _) if customers.contains(&None) => "guests".to_owned(),
            (1, _) => "one customer".to_owned(),
            (_, Some(Some(sku))) if skus.len() == 1 => format!("SKU {sku}"),
            (n, _) => format!("{n} customers"),
        };
        let times = || orders.iter().map(|part| part.at);
        let span = times().max().zip(times().min()).map(|(last, first)| last.since(first));
        let seconds = span.map_or(0, Span::as_seconds);
        let long = match seconds {
            0..120 => "within 2 minutes".to_owned(),
            120..7_200 => format!("{} minutes", seconds / 60),
            7_200..172_800 => format!("{} hours", seconds / 3_600),
            _ => format!("{} days", seconds / 86_400),
        };
        format!("{} orders, {whose}, {long}", orders.len())
    }
}
