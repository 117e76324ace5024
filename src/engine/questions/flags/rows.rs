//! Cases as rows: how each stands, how grave it is and what is at stake.

use crate::desk::triage::{Deed, Mute, Triage};
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::flags::{ASKED, Book, KeptFlag, KeptRaised, KeptReason};
use crate::engine::house::House;
use crate::insight::anomaly::Raised;
use crate::orders::{OrderIndex, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A case that nobody decided on is over after so long: nobody will.
const FORGOTTEN: Span = Span::days(14);
/// Days after which a case grows no more urgent.
const URGENT_DAYS: f64 = 7.0;
/// What orders count for in urgency where nothing is at stake: below all for which something is.
const NOTHING: f64 = 0.001;

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
        let open: Vec<&CaseRow> =
            self.rows.iter().filter(|row| row.state == CaseState::Open).collect();
        let count = |is: &dyn Fn(&&&CaseRow) -> bool| open.iter().filter(is).count() as u64;
        let urgent = count(&|row| row.severity >= self.urgent);
        let stakes = open.iter().filter(|row| row.at_stake.currency == self.currency);
        let minor = stakes.map(|row| row.at_stake.minor).fold(0, i64::saturating_add);
        FlagCounts {
            open: open.len() as u64,
            urgent,
            unassigned: count(&|row| row.assigned.is_none()),
            snoozed: self.rows.iter().filter(|row| row.state == CaseState::Snoozed).count() as u64,
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

/// The orders of a case that are asked about.
pub struct Orders<'a> {
    /// All of them.
    pub all: Vec<(Row, &'a KeptFlag)>,
    /// Those that wait for somebody.
    pub waiting: Vec<(Row, &'a KeptFlag)>,
    /// Of these, the ones that can be stopped still, or whose goods come back.
    at_stake: Vec<&'a KeptFlag>,
    /// Those that nobody has decided on.
    pub undecided: usize,
    /// Of these, the ones that can be stopped still.
    stoppable: usize,
    /// Those that somebody had held and that have not left.
    held: usize,
    /// Whether any of these is muted.
    pub muted: bool,
}

impl<'a> Orders<'a> {
    /// The order that is likeliest wrong: among those that wait, if any does.
    pub fn worst(&self) -> Option<(Row, &'a KeptFlag)> {
        let of = if self.waiting.is_empty() { &self.all } else { &self.waiting };
        let worst = of
            .iter()
            .max_by(|(a, one), (b, other)| one.score.total_cmp(&other.score).then(b.cmp(a)));
        worst.copied()
    }

    /// What was at stake where somebody has decided on all of it; else what can be stopped still.
    fn at_stake(&self, currency: Currency) -> Money {
        let all = || self.all.iter().map(|(_, flag)| *flag).collect();
        let of: Vec<&KeptFlag> = if self.undecided == 0 { all() } else { self.at_stake.clone() };
        let alike = of.iter().filter(|flag| flag.cost.currency == currency);
        let minor = alike.map(|flag| flag.cost.minor).fold(0, i64::saturating_add);
        Money { minor, currency }
    }
}

impl<'a> View<'a> {
    /// All cases.
    pub fn rows(&self) -> Vec<CaseRow> {
        let orders = self.book.cases().filter_map(|(case, flags)| self.of_orders(case, flags));
        let others = self.book.all_raised().map(|(case, raised)| self.of_raised(case, raised));
        orders.chain(others).collect()
    }

    /// One case.
    pub fn row(&self, case: CaseId) -> Option<CaseRow> {
        match self.book.raised(case) {
            Some(raised) => Some(self.of_raised(case, raised)),
            None => {
                let flags = self.book.of_case(case);
                let flags = flags.iter().map(|(row, flag)| (*row, &**flag)).collect();
                self.of_orders(case, flags)
            }
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

    /// The orders of a case that are asked about.
    pub fn orders<'f>(&self, flags: Vec<(Row, &'f KeptFlag)>) -> Orders<'f> {
        let all: Vec<(Row, &KeptFlag)> =
            flags.into_iter().filter(|(_, flag)| flag.score >= ASKED).collect();
        let mut orders = Orders {
            all,
            waiting: Vec::new(),
            at_stake: Vec::new(),
            undecided: 0,
            stoppable: 0,
            held: 0,
            muted: false,
        };
        for &(row, flag) in &orders.all {
            let now = self.index.brief(row);
            let stops = now.as_ref().is_some_and(|order| order.status.is_promised());
            if let Some(verdict) = self.triage.verdict(&flag.order) {
                orders.held += usize::from(stops && verdict.act == CaseAct::Hold);
                continue;
            }
            orders.undecided += 1;
            orders.stoppable += usize::from(stops);
            if self.is_muted(flag) {
                orders.muted = true;
            } else if !self.is_over(row, flag) {
                orders.waiting.push((row, flag));
                if stops || now.is_some_and(|order| order.kind == OrderKind::Return) {
                    orders.at_stake.push(flag);
                }
            }
        }
        orders
    }

    /// Whether nobody needs to decide on an order any more: it was called off, or is long gone.
    fn is_over(&self, row: Row, flag: &KeptFlag) -> bool {
        let status = self.index.brief(row).map(|order| order.status);
        let called_off = matches!(
            status,
            None | Some(
                OrderStatus::Cancelled
                    | OrderStatus::Failed
                    | OrderStatus::Refunded
                    | OrderStatus::Gone
            )
        );
        called_off || self.now.since(flag.at) > FORGOTTEN
    }

    fn of_orders(&self, case: CaseId, flags: Vec<(Row, &KeptFlag)>) -> Option<CaseRow> {
        let orders = self.orders(flags);
        let (_, worst) = orders.worst()?;
        let snoozed = self.triage.snoozed(case).filter(|until| *until > self.now);
        let state = match (orders.waiting.is_empty(), orders.undecided, snoozed) {
            (false, _, None) => CaseState::Open,
            (false, _, Some(_)) => CaseState::Snoozed,
            (true, 0, _) => CaseState::Decided,
            (true, ..) if orders.muted => CaseState::Muted,
            (true, ..) => CaseState::Over,
        };
        let since = orders.all.iter().map(|(_, flag)| flag.at).min()?;
        let latest = orders.all.iter().map(|(_, flag)| flag.at).max()?;
        let at_stake = orders.at_stake(worst.cost.currency);
        let severity = f64::from(worst.score);
        let under_way =
            orders.all.iter().filter(|(_, flag)| self.triage.to_tell(&flag.order).is_some());
        Some(CaseRow {
            case,
            state,
            what: self.what(&orders.all).into(),
            cause: worst.reasons.first().map_or_else(|| "network".into(), |of| of.rule.clone()),
            reason: worst.reasons.first().map_or_else(Box::default, |of| of.text.clone()),
            severity,
            at_stake,
            since,
            latest,
            urgency: match at_stake.minor {
                0 => NOTHING * severity,
                _ => self.urgency(severity, at_stake, since),
            },
            orders: orders.all.len() as u32,
            undecided: orders.undecided as u32,
            stoppable: orders.stoppable as u32,
            held: orders.held as u32,
            under_way: under_way.count() as u32,
            assigned: self.triage.assigned(case).map(Into::into),
            snoozed_until: snoozed,
            viewers: self.viewers.get(&case).cloned().unwrap_or_default(),
            last: self.triage.of_case(case).next_back().map(deed),
        })
    }

    fn of_raised(&self, case: CaseId, known: &KeptRaised) -> CaseRow {
        let raised = &known.raised;
        let silent = !self.triage.is_on(&raised.rule)
            || self.mutes.iter().any(|mute| {
                *mute.rule == *raised.rule
                    && match (&mute.of, &raised.subject) {
                        (MuteOf::Everything, _) => true,
                        (MuteOf::Sku(of), CaseSubject::Sku(sku, _)) => of == sku,
                        (MuteOf::Feed(of), CaseSubject::Feed(feed)) => of == feed,
                        _ => false,
                    }
            });
        let snoozed = self.triage.snoozed(case).filter(|until| *until > self.now);
        let state = match () {
            () if self.triage.verdict_of_case(case).is_some() => CaseState::Decided,
            () if known.over.is_some() => CaseState::Over,
            () if silent => CaseState::Muted,
            () if snoozed.is_some() => CaseState::Snoozed,
            () => CaseState::Open,
        };
        CaseRow {
            case,
            state,
            what: subject(raised).into(),
            cause: raised.rule.clone(),
            reason: raised.reasons.first().cloned().unwrap_or_default(),
            severity: raised.severity,
            at_stake: raised.at_stake,
            since: raised.since,
            latest: known.over.unwrap_or(self.now),
            urgency: self.urgency(raised.severity, raised.at_stake, raised.since),
            orders: 0,
            undecided: 0,
            stoppable: 0,
            held: 0,
            under_way: 0,
            assigned: self.triage.assigned(case).map(Into::into),
            snoozed_until: snoozed,
            viewers: self.viewers.get(&case).cloned().unwrap_or_default(),
            last: self.triage.of_case(case).next_back().map(deed),
        }
    }

    /// Severity x value x age: what waits for a day counts twice, up to a week.
    fn urgency(&self, severity: f64, at_stake: Money, since: Timestamp) -> f64 {
        let days = self.now.since(since).as_seconds() as f64 / 86_400.0;
        severity * major(at_stake).max(1.0) * (1.0 + days.clamp(0.0, URGENT_DAYS))
    }

    /// What orders have in common, in a few words.
    fn what(&self, orders: &[(Row, &KeptFlag)]) -> String {
        if let [(_, only)] = orders {
            return format!("order {}", only.order);
        }
        let customers: BTreeSet<Option<&CustomerRef>> =
            orders.iter().map(|(_, flag)| flag.customer.as_ref()).collect();
        let first = |flag: &KeptFlag| flag.reasons.first().and_then(|reason| reason.sku.clone());
        let skus: BTreeSet<Option<Sku>> = orders.iter().map(|(_, flag)| first(flag)).collect();
        let whose = match (customers.len(), skus.iter().next()) {
            (1, _) if customers.contains(&None) => "guests".to_owned(),
            (1, _) => "one customer".to_owned(),
            (_, Some(Some(sku))) if skus.len() == 1 => format!("SKU {sku}"),
            (n, _) => format!("{n} customers"),
        };
        let times = || orders.iter().map(|(_, flag)| flag.at);
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
