//! What the detection knows of the store's orders, and what it says of those that arrive.

use super::kept::{
    FlagModelParts, FlagVersions, KeptFlag, KeptReason, OrderFlags, RaisedCases, RaisedOrders,
};
use super::order::{seen, wall};
use super::{FlagError, RECENT};
use crate::domain::{
    self, CaseId, CaseKind, Currency, Money, OrderKey, Sku, Span, Timestamp, Zone,
};
use crate::engine::api::Scoring;
use crate::engine::house::House;
use crate::engine::stored::StoredOrder;
use crate::engine::tables::{self, Mark};
use crate::insight::anomaly::cases::LINKED;
use crate::insight::anomaly::kept::Kept;
use crate::insight::anomaly::models::{LEAST, Models};
use crate::insight::anomaly::rule_book::RuleBook;
use crate::insight::anomaly::{Flag, Order, Recalled, Watch};
use crate::orders::Row;
use crate::store::Store;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Weak};

/// Orders of the past that are remembered at most, the latest.
pub const REMEMBERED: usize = 150_000;
/// Orders that are read at once, and that are scored at once.
const AT_ONCE: usize = 512;
/// Orders that come so much later than others placed after them are not in order any more; so many of
/// them, and the past is read anew in the order of time.
const LATE: (i64, usize) = (86_400, 50);
/// Flags are kept for this long.
const KEPT_FOR: Span = Span::days(400);
/// Orders that a network needs, about: half of a short past is warm-up.
pub const NEEDED: u64 = 2 * LEAST as u64;

/// How the past is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// What was said stays said.
    Recalled,
    /// What was placed from a moment on is scored again.
    Rescored(Timestamp),
}

/// Scores orders as they arrive.
pub struct Scorer {
    watch: Watch,
    zone: Zone,
    /// Rows below were taken in.
    next: Row,
    /// Number of the case for each of the detection's.
    cases: FxHashMap<u64, u64>,
    version: u32,
    /// The latest time of an order.
    last: i64,
    again: Option<Reading>,
    pruned: Option<Timestamp>,
}

/// An order, its row, and how the detection sees it.
struct Arrived {
    row: Row,
    order: domain::Order,
    seen: Order,
}

/// The numbers of a version.
pub fn models_of(store: &Store, version: u32) -> Result<Option<Models>, FlagError> {
    let Some(kept) = store.get::<FlagVersions>(&version)? else { return Ok(None) };
    let mut bytes = Vec::new();
    for part in 0..kept.parts {
        let part = store.get::<FlagModelParts>(&(version, part))?;
        bytes.extend(part.ok_or(FlagError::Damaged(version))?);
    }
    let kept: Kept = postcard::from_bytes(&bytes).map_err(|_| FlagError::Damaged(version))?;
    Ok(Some(Models::from_kept(&kept)?))
}

impl House {
    /// The version of the network that is to score; 0: rules alone.
    pub fn flag_version(&self) -> u32 {
        let wanted = self.triage.read().model().map(|(version, _)| version);
        let book = self.flags.book.read();
        wanted.filter(|version| book.versions.contains_key(version)).unwrap_or(0)
    }

    /// Whether an order is the rest of an earlier one: what was decided to ship from another site, or to wait,
    /// its shop makes an order of its own, with the same customer and moment. Nobody ordered that.
    pub(super) fn is_part(&self, row: Row, order: &domain::Order) -> bool {
        let decided = self.allocator.decided();
        let index = self.orders.read();
        let splits = |key: &OrderKey| {
            decided
                .last_of(key)
                .and_then(|choice| choice.allocation())
                .is_some_and(|one| one.ships.len() > 1 || !one.waits.is_empty())
        };
        // Orders are known by the second.
        let second = order.placed_at.as_millis().div_euclid(1_000) * 1_000;
        let at = Timestamp::from_millis(second);
        index.placed_between(at, at + Span::seconds(1)).any(|other| {
            other < row
                && index.row(other).is_some_and(|one| {
                    one.key.feed == order.key.feed
                        && one.customer == order.customer
                        && splits(&one.key)
                })
        })
    }

    /// An order as the detection sees it, with its note and the list prices of now.
    pub fn seen_for_flags(&self, store: &Store, order: &domain::Order) -> Option<Order> {
        let note = self.note_for_flags(store, order);
        let stock = self.stock.read();
        let list = |sku: &Sku| stock.product_of(sku).and_then(|product| product.price);
        seen(order, note, &list, &self.zone)
    }

    /// The rules as they are switched and set.
    pub fn rule_book(&self) -> RuleBook {
        let mut rules = RuleBook::default();
        let triage = self.triage.read().clone();
        for rule in triage.off() {
            rules.switch(rule, false);
        }
        for (rule, from) in triage.thresholds() {
            rules.set(rule, from.strength() as f32);
        }
        rules
    }
}

impl Scorer {
    /// Reads what happened so far. Ends early when it is `stale`.
    pub fn read(
        weak: &Weak<House>,
        how: Reading,
        stale: &dyn Fn() -> bool,
    ) -> Result<Self, FlagError> {
        let house = weak.upgrade().ok_or(FlagError::Ended)?;
        let store = house.store().ok_or(FlagError::Ended)?;
        house.read_flags(&store, how)?;
        let work = house.works.begin_aside("reading past orders for flags");
        let now = house.clock.now();
        let mut scorer = Scorer {
            watch: Watch::new(Arc::new(Models::rules_alone())),
            zone: house.zone.clone(),
            next: 0,
            cases: FxHashMap::default(),
            version: 0,
            last: i64::MIN,
            again: None,
            pruned: None,
        };
        scorer.score_with(&house, &store)?;
        let taken = store.get::<tables::Marks>(&(Mark::FlagsScored as u32))?;
        let taken = taken.and_then(|taken| Row::try_from(taken).ok()).unwrap_or(0);
        let rows: Vec<Row> = {
            let index = house.orders.read();
            let end = Timestamp::from_millis(i64::MAX);
            let all: Vec<Row> = index.placed_between(Timestamp::from_millis(0), end).collect();
            scorer.next = all.iter().max().map_or(0, |row| row + 1);
            all[all.len().saturating_sub(REMEMBERED)..].to_vec()
        };
        let total = rows.len() as u64;
        drop((house, store));
        for (number, part) in rows.chunks(AT_ONCE).enumerate() {
            // Held for a moment only: neither is to be kept from closing.
            let house = weak.upgrade().ok_or(FlagError::Ended)?;
            let store = house.store().ok_or(FlagError::Ended)?;
            if stale() || work.cancelled() {
                return Err(FlagError::Ended);
            }
            let done = (number * AT_ONCE) as u64;
            let what = "reading past orders for flags".into();
            work.at(domain::Progress { what, done, total: Some(total) });
            let orders = scorer.orders(&house, &store, part)?;
            scorer.take(&house, &store, orders, |one| match how {
                Reading::Rescored(since) => {
                    let known = house.flags.book.read().flag(one.row).is_some();
                    one.order.placed_at >= since && !known
                }
                Reading::Recalled => one.row >= taken && one.order.placed_at >= now - RECENT,
            })?;
        }
        let house = weak.upgrade().ok_or(FlagError::Ended)?;
        scorer.mark(&house.store().ok_or(FlagError::Ended)?)?;
        house.flags.book.write().scoring = scorer.scoring(total);
        house.changed();
        Ok(scorer)
    }

    /// How the past has to be read anew, if it has to.
    pub fn is_to_be_read(&self) -> Option<Reading> {
        self.again
    }

    fn scoring(&self, have: u64) -> Scoring {
        match self.version {
            0 => Scoring::Rules { have, need: NEEDED },
            version => Scoring::Network(version),
        }
    }

    /// Scores with the version that is to score, and by the rules as they are switched.
    fn score_with(&mut self, house: &House, store: &Store) -> Result<(), FlagError> {
        let mut version = house.flag_version();
        let models = match models_of(store, version) {
            Ok(Some(models)) => Arc::new(models),
            Ok(None) => Arc::new(Models::rules_alone()),
            Err(error @ (FlagError::Damaged(_) | FlagError::Model(_))) => {
                tracing::warn!(%error, version, "flags: a network cannot be used");
                house.forget_flag_version(store, version)?;
                Arc::new(Models::rules_alone())
            }
            Err(error) => return Err(error),
        };
        if models.are_rules_alone() {
            version = 0;
        }
        self.version = version;
        self.watch.read_with(models.clone());
        self.watch.go_by(house.rule_book());
        house.flags.book.write().models = (version > 0).then_some(models);
        Ok(())
    }

    /// Rules were switched or set, or another version is to score. The first network scores what rules alone
    /// had looked at again.
    pub fn go_by(&mut self, weak: &Weak<House>) -> Result<(), FlagError> {
        let house = weak.upgrade().ok_or(FlagError::Ended)?;
        let store = house.store().ok_or(FlagError::Ended)?;
        let before = self.version;
        if house.flag_version() == before {
            self.watch.go_by(house.rule_book());
            return Ok(());
        }
        self.score_with(&house, &store)?;
        let have = house.orders.read().len() as u64;
        house.flags.book.write().scoring = self.scoring(have);
        let seen = {
            let book = house.flags.book.read();
            book.flags().any(|(_, flag)| flag.seen.0 > 0)
        };
        if before == 0 && self.version > 0 && !seen {
            self.again = Some(Reading::Rescored(house.clock.now() - RECENT));
        }
        house.changed();
        Ok(())
    }

    /// Takes in the orders that arrived since it last did.
    pub fn arrived(&mut self, weak: &Weak<House>) -> Result<(), FlagError> {
        let house = weak.upgrade().ok_or(FlagError::Ended)?;
        let store = house.store().ok_or(FlagError::Ended)?;
        let mut rows: Vec<(Timestamp, Row)> = {
            let index = house.orders.read();
            (self.next..).map_while(|row| Some((index.placed_at(row)?, row))).collect()
        };
        let late = |at: Timestamp| wall(at, &self.zone) < self.last.saturating_sub(LATE.0);
        if rows.iter().filter(|(at, _)| late(*at)).count() > LATE.1 {
            self.again = Some(Reading::Recalled);
            return Ok(());
        }
        let Some(next) = rows.iter().map(|(_, row)| row + 1).max() else { return Ok(()) };
        rows.sort_unstable();
        let now = house.clock.now();
        for part in rows.chunks(AT_ONCE) {
            let rows: Vec<Row> = part.iter().map(|(_, row)| *row).collect();
            let orders = self.orders(&house, &store, &rows)?;
            self.take(&house, &store, orders, |one| one.order.placed_at >= now - RECENT)?;
        }
        self.next = next;
        self.mark(&store)?;
        let have = house.orders.read().len() as u64;
        house.flags.book.write().scoring = self.scoring(have);
        Ok(())
    }

    fn mark(&self, store: &Store) -> Result<(), FlagError> {
        let mut write = store.write();
        write.put::<tables::Marks>(&(Mark::FlagsScored as u32), &i64::from(self.next))?;
        Ok(write.commit()?)
    }

    /// Orders by row, in the order of the rows given; those placed at one moment by their keys, so that
    /// it does not matter which was told of first.
    fn orders(
        &self,
        house: &House,
        store: &Store,
        rows: &[Row],
    ) -> Result<Vec<Arrived>, FlagError> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let stored = store.get::<tables::Orders>(row)?.map(StoredOrder::into_order);
            let Some(order) = stored else { continue };
            if house.is_part(*row, &order) {
                continue;
            }
            if let Some(seen) = house.seen_for_flags(store, &order) {
                found.push(Arrived { row: *row, order, seen });
            }
        }
        let by = |one: &Arrived| (one.order.placed_at, one.order.key.clone());
        found.sort_by_cached_key(by);
        Ok(found)
    }

    /// Takes orders in, in this order: those that are to be scored are, what was said before is
    /// recalled, the others are learnt.
    fn take(
        &mut self,
        house: &House,
        store: &Store,
        orders: Vec<Arrived>,
        is_news: impl Fn(&Arrived) -> bool,
    ) -> Result<(), FlagError> {
        let mut news: Vec<Arrived> = Vec::new();
        for mut one in orders {
            self.last = self.last.max(one.seen.at);
            one.seen.at = self.last;
            if is_news(&one) {
                news.push(one);
                continue;
            }
            self.score(house, store, std::mem::take(&mut news))?;
            let said = house.flags.book.read().flag(one.row).cloned();
            match said {
                Some(flag) => self.recall(&one.seen, &flag),
                None => self.watch.learn(&one.seen),
            }
        }
        self.score(house, store, news)
    }

    fn recall(&mut self, order: &Order, flag: &KeptFlag) {
        let (cause, line, cost) = flag.found;
        let line = line.map(usize::from);
        let said = Recalled { cause, score: f64::from(flag.score), line, cost };
        let number = self.watch.recall(order, said);
        self.cases.entry(number).or_insert(flag.case);
    }

    fn score(&mut self, house: &House, store: &Store, news: Vec<Arrived>) -> Result<(), FlagError> {
        if news.is_empty() {
            return Ok(());
        }
        let (orders, seen): (Vec<(Row, domain::Order)>, Vec<Order>) =
            news.into_iter().map(|one| ((one.row, one.order), one.seen)).unzip();
        let flags = self.watch.orders(&seen)?;
        let mut write = store.write();
        let mut kept = Vec::new();
        for ((row, order), flag) in orders.iter().zip(flags) {
            if flag.score >= LINKED {
                let case = *self.cases.entry(flag.case).or_insert(u64::from(*row) + 1);
                let flag = self.kept(order, flag, case);
                write.put::<OrderFlags>(row, &flag)?;
                kept.push((*row, flag));
            }
        }
        write.commit()?;
        if !kept.is_empty() {
            let mut book = house.flags.book.write();
            kept.into_iter().for_each(|(row, flag)| book.put(row, flag));
            drop(book);
            house.changed();
        }
        Ok(())
    }

    fn kept(&self, order: &domain::Order, flag: Flag, case: u64) -> KeptFlag {
        let currency = order.total.currency;
        let first = flag.reasons.first();
        let line = first.and_then(|reason| u16::try_from(reason.line?).ok());
        let products: Vec<&domain::OrderLine> = order.product_lines().collect();
        let reasons = flag.reasons.iter().map(|reason| KeptReason {
            rule: reason.rule.into(),
            text: reason.text.as_str().into(),
            cost: money(reason.cost, currency),
            sku: reason.line.and_then(|line| Some(products.get(line)?.sku.clone())),
            weight: reason.weight,
        });
        KeptFlag {
            order: order.key.clone(),
            customer: order.customer.clone(),
            at: order.placed_at,
            case,
            score: flag.score as f32,
            found: (flag.cause, line, flag.cost),
            reasons: reasons.collect(),
            cost: money(flag.cost, currency),
            seen: (self.version, flag.row),
        }
    }

    /// Forgets, once a day, what is too old.
    pub fn prune(&mut self, house: &House) -> Result<(), FlagError> {
        let now = house.clock.now();
        if self.pruned.is_some_and(|last| now.since(last) < Span::days(1)) {
            return Ok(());
        }
        self.pruned = Some(now);
        let store = house.store().ok_or(FlagError::Ended)?;
        let old: Vec<Row> = {
            let book = house.flags.book.read();
            let old = book.flags().filter(|(_, flag)| flag.at < now - KEPT_FOR);
            old.map(|(row, _)| row).collect()
        };
        let mut write = store.write();
        old.iter().for_each(|row| write.delete::<OrderFlags>(row));
        write.commit()?;
        let mut book = house.flags.book.write();
        old.into_iter().for_each(|row| drop(book.remove(row)));
        Ok(())
    }
}

/// An amount in a currency; what cannot be counted is nothing.
pub fn money(amount: f64, currency: Currency) -> Money {
    let minor = amount * 10f64.powi(currency.exponent() as i32);
    Money { minor: if minor.is_finite() { minor.round() as i64 } else { 0 }, currency }
}

impl House {
    /// Reads what was said so far into memory; what is to be said again is forgotten.
    fn read_flags(&self, store: &Store, how: Reading) -> Result<(), FlagError> {
        let mut flags = Vec::new();
        let mut write = store.write();
        let triage = self.triage.read().clone();
        for record in store.scan::<OrderFlags>(..) {
            let (row, flag) = record?;
            match how {
                // What somebody decided on stays as they saw it.
                Reading::Rescored(since)
                    if flag.at >= since && triage.verdict(&flag.order).is_none() =>
                {
                    write.delete::<OrderFlags>(&row);
                }
                _ if self.is_flagged_still(row, &flag.order) => flags.push((row, flag)),
                // The orders were numbered anew since.
                _ => write.delete::<OrderFlags>(&row),
            }
        }
        write.commit()?;
        let mut raised = Vec::new();
        for record in store.scan::<RaisedCases>(..) {
            let ((kind, number), mut one) = record?;
            if let Some(told) = store.get::<RaisedOrders>(&(kind.clone(), number))? {
                one.raised.told = told;
            }
            let kind = CaseKind::ALL.into_iter().find(|known| known.word() == &*kind);
            raised.extend(kind.map(|kind| (CaseId { kind, number }, one)));
        }
        let mut versions = std::collections::BTreeMap::new();
        for record in store.scan::<FlagVersions>(..) {
            let (version, kept) = record?;
            versions.insert(version, kept);
        }
        let mut book = self.flags.book.write();
        book.clear();
        flags.into_iter().for_each(|(row, flag)| book.put(row, flag));
        raised.into_iter().for_each(|(case, one)| book.put_raised(case, one));
        book.versions = versions;
        book.scoring = Scoring::Reading;
        Ok(())
    }

    fn is_flagged_still(&self, row: Row, order: &OrderKey) -> bool {
        self.orders.read().find(order) == Some(row)
    }
}
