//! The ledger: turns changes of orders into corrections of daily figures.

use super::bucket::{Bucket, BucketKey, Buckets, day_of, place};
use super::reversal::{Match, ReturnKey, Returns, SaleLine, SameDay};
use crate::domain::{Day, Order, OrderKey, OrderKind, Qty, SiteId, Sku, Zone};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Bound;

/// One series: a SKU at a site. Sorts by SKU, then site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
}

/// First and last day on which a series has demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesSpan {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// One change of an order: the version known so far and the version that replaces it.
#[derive(Clone, Copy, Debug)]
pub struct OrderChange<'a> {
    /// What was known; `None`: the order is new.
    pub old: Option<&'a Order>,
    /// What is known now; `None`: the order is forgotten altogether.
    pub new: Option<&'a Order>,
}

/// Days of one series that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesChange {
    /// Which series.
    pub series: SeriesKey,
    /// The days and by how much, by day, none of them zero.
    pub days: Vec<(Day, Qty)>,
    /// The span as it is now, if that changed; `Some(None)`: the series has no demand any more.
    pub span: Option<Option<SeriesSpan>>,
}

/// What a call has changed beside the buckets, so that it can be written and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemandChange {
    /// The series that changed, in order.
    pub series: Vec<SeriesChange>,
    /// Return lines whose number changed, with the number now (0: delete), in order.
    pub returns: Vec<(ReturnKey, u32)>,
    /// The store's last day, if that changed.
    pub last_day: Option<Day>,
}

/// The daily figures' ledger. The figures themselves lie in [`Buckets`].
#[derive(Debug, Default)]
pub struct Ledger {
    spans: BTreeMap<SeriesKey, SeriesSpan>,
    returns: Returns,
    zones: FxHashMap<SiteId, Zone>,
    default_zone: Zone,
    last_day: Option<Day>,
}

/// A correction of one day of one series, borrowed from an order.
type Correction<'a> = ((&'a Sku, &'a SiteId), Day, Qty);

/// What a change does to one kind of line that may be reversed.
#[derive(Clone, Copy, Default)]
struct Reversal {
    returns: i64,
    sales_before: u32,
    sales_after: u32,
}

impl Ledger {
    /// A ledger for sites in this zone, unless [`Ledger::set_zone`] says otherwise.
    pub fn new(default_zone: Zone) -> Self {
        Ledger { default_zone, ..Ledger::default() }
    }

    /// Takes in what was kept of an earlier ledger: spans, numbers of return lines, last day.
    pub fn load(
        &mut self,
        spans: impl IntoIterator<Item = (SeriesKey, SeriesSpan)>,
        returns: impl IntoIterator<Item = (ReturnKey, u32)>,
        last_day: Option<Day>,
    ) {
        self.spans.extend(spans);
        for (key, count) in returns {
            let ReturnKey { customer, series, day, qty } = &key;
            let (sku, site) = (&series.sku, &series.site);
            self.returns.set(&Match { customer, sku, site, day: *day, qty: *qty }, count);
        }
        self.last_day = self.last_day.max(last_day);
    }

    /// Says in which zone a site is. `true`: the site has demand already, counted in another zone;
    /// then the ledger has to be made anew from all orders, with empty buckets.
    #[must_use = "figures counted in another zone have to be made anew"]
    pub fn set_zone(&mut self, site: SiteId, zone: Zone) -> bool {
        let differs = *self.zone(&site) != zone;
        let counted = differs && self.spans.keys().any(|series| series.site == site);
        self.zones.insert(site, zone);
        counted
    }

    /// The zone that decides what a day is at a site.
    pub fn zone(&self, site: &SiteId) -> &Zone {
        self.zones.get(site).unwrap_or(&self.default_zone)
    }

    /// The last day on which any document was placed, as far as was ever told.
    pub fn last_day(&self) -> Option<Day> {
        self.last_day
    }

    /// First and last day with demand of a series; `None`: it has none.
    pub fn span(&self, series: &SeriesKey) -> Option<SeriesSpan> {
        self.spans.get(series).copied()
    }

    /// All series that have demand, by SKU, then site.
    pub fn series_list(
        &self,
    ) -> impl DoubleEndedIterator<Item = (&SeriesKey, SeriesSpan)> + ExactSizeIterator {
        self.spans.iter().map(|(series, span)| (series, *span))
    }

    /// The series that come after one, by SKU, then site; all of them after none.
    pub fn series_after(
        &self,
        after: Option<&SeriesKey>,
    ) -> impl Iterator<Item = (&SeriesKey, SeriesSpan)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self.spans.range((start, Bound::Unbounded));
        rest.map(|(series, span)| (series, *span))
    }

    /// The series of a SKU, by site.
    pub fn series_of<'a>(
        &'a self,
        sku: &Sku,
    ) -> impl Iterator<Item = (&'a SeriesKey, SeriesSpan)> + use<'a> {
        let start = SeriesKey { sku: sku.clone(), site: SiteId::new("") };
        let sku = sku.clone();
        let rest = self.spans.range(start..).take_while(move |(series, _)| series.sku == sku);
        rest.map(|(series, span)| (series, *span))
    }

    /// Applies one change of one order; see [`Ledger::apply_page`].
    pub fn apply<B: Buckets, S: SameDay<Error = B::Error>>(
        &mut self,
        buckets: &mut B,
        old: Option<&Order>,
        new: Option<&Order>,
        same_day: &S,
    ) -> Result<DemandChange, B::Error> {
        self.apply_page(buckets, &[OrderChange { old, new }], same_day)
    }

    /// Applies the changes of a page in one go: each bucket is read and written once. The same
    /// order may be in it several times, one version after the other.
    ///
    /// On an error the buckets may be half written, and are to be thrown away with the page; the
    /// ledger itself is then as it was.
    pub fn apply_page<B: Buckets, S: SameDay<Error = B::Error>>(
        &mut self,
        buckets: &mut B,
        changes: &[OrderChange<'_>],
        same_day: &S,
    ) -> Result<DemandChange, B::Error> {
        let page = Folded::new(changes);
        let last_day = page.versions().filter_map(|(sign, order)| (sign > 0).then_some(order));
        let last_day = last_day.map(|order| self.day(order)).max().max(self.last_day);

        let mut corrections = Vec::new();
        let reversals = self.collect(&page, &mut corrections);
        let mut returns = Vec::new();
        for (kind, reversal) in &reversals {
            let before = self.returns.count(kind);
            let after = i64::from(before) + reversal.returns;
            let after = u32::try_from(after.max(0)).unwrap_or(u32::MAX);
            if before != after {
                returns.push((*kind, after));
            }
            let others = match (before, after) {
                (0, 0) => continue,
                _ => same_day.sales(&self.sale_line(kind, &|key| page.holds(key)))?,
            };
            let taken_back = |sales: u32, returns: u32| i64::from((others + sales).min(returns));
            let more =
                taken_back(reversal.sales_after, after) - taken_back(reversal.sales_before, before);
            let delta = Qty::milli(kind.qty.as_milli().saturating_mul(-more));
            corrections.push(((kind.sku, kind.site), kind.day, delta));
        }

        let series = self.correct(buckets, corrections)?;
        for change in &series {
            match change.span {
                Some(Some(span)) => drop(self.spans.insert(change.series.clone(), span)),
                Some(None) => drop(self.spans.remove(&change.series)),
                None => {}
            }
        }
        for (kind, count) in &returns {
            self.returns.set(kind, *count);
        }
        let mut returns: Vec<_> = returns.into_iter().map(|(kind, n)| (kind.key(), n)).collect();
        returns.sort_unstable();
        let last_day_changed = last_day != self.last_day;
        self.last_day = last_day;
        Ok(DemandChange { series, returns, last_day: last_day.filter(|_| last_day_changed) })
    }

    /// Units per day of a series from one day to another, both included, zeros too; nothing if
    /// `to` is before `from`.
    pub fn series<B: Buckets>(
        &self,
        buckets: &B,
        series: &SeriesKey,
        from: Day,
        to: Day,
    ) -> Result<Vec<Qty>, B::Error> {
        let length = i64::from(to.number()) - i64::from(from.number()) + 1;
        let mut units = vec![Qty::ZERO; usize::try_from(length).unwrap_or(0)];
        let Some(span) = self.spans.get(series) else { return Ok(units) };
        let (first, last) = (from.max(span.first), to.min(span.last));
        if last < first {
            return Ok(units);
        }
        for bucket in place(first).0..=place(last).0 {
            let key = BucketKey { series: series.clone(), bucket };
            for (offset, qty) in buckets.get(&key)?.iter().flat_map(Bucket::days) {
                let index = day_of(bucket, offset).number() - from.number();
                if let Some(day) = usize::try_from(index).ok().and_then(|i| units.get_mut(i)) {
                    *day = qty;
                }
            }
        }
        Ok(units)
    }

    fn day(&self, order: &Order) -> Day {
        order.placed_at.day(self.zone(&order.site))
    }

    fn sale_line<'a>(
        &'a self,
        kind: &Match<'a>,
        own: &'a dyn Fn(&OrderKey) -> bool,
    ) -> SaleLine<'a> {
        let Match { customer, sku, site, day, qty } = *kind;
        SaleLine { customer, sku, site, day, qty, zone: self.zone(site), own }
    }

    /// Corrections by the demand lines alone, and what happens to the lines that may be reversed:
    /// those of the return lines that change, and the sales for which there are return lines.
    fn collect<'a>(
        &self,
        page: &Folded<'a>,
        corrections: &mut Vec<Correction<'a>>,
    ) -> FxHashMap<Match<'a>, Reversal> {
        let mut reversals: FxHashMap<Match<'a>, Reversal> = FxHashMap::default();
        for (sign, order) in page.versions() {
            for kind in return_lines(order, self.day(order)) {
                reversals.entry(kind).or_default().returns += sign;
            }
        }
        for (sign, order) in page.versions() {
            let day = self.day(order);
            for line in order.demand_lines() {
                let qty = line.standing();
                let signed = if sign < 0 { -qty } else { qty };
                corrections.push(((&line.sku, &order.site), day, signed));
                let Some(customer) = &order.customer else { continue };
                let kind = Match { customer, sku: &line.sku, site: &order.site, day, qty };
                if reversals.contains_key(&kind) || self.returns.count(&kind) > 0 {
                    let reversal = reversals.entry(kind).or_default();
                    let sales = if sign < 0 {
                        &mut reversal.sales_before
                    } else {
                        &mut reversal.sales_after
                    };
                    *sales += 1;
                }
            }
        }
        reversals
    }

    /// Writes corrections into the buckets; what changed of each series.
    fn correct<B: Buckets>(
        &self,
        buckets: &mut B,
        mut corrections: Vec<Correction<'_>>,
    ) -> Result<Vec<SeriesChange>, B::Error> {
        corrections.sort_unstable_by_key(|(series, day, _)| (*series, *day));
        let mut changes = Vec::new();
        for of_series in corrections.chunk_by(|a, b| a.0 == b.0) {
            let Some(&((sku, site), _, _)) = of_series.first() else { continue };
            let days: Vec<(Day, Qty)> = of_series
                .chunk_by(|a, b| a.1 == b.1)
                .filter_map(|day| Some((day.first()?.1, day.iter().map(|(_, _, qty)| *qty).sum())))
                .filter(|(_, qty): &(Day, Qty)| !qty.is_zero())
                .collect();
            if days.is_empty() {
                continue;
            }
            let series = SeriesKey { sku: sku.clone(), site: site.clone() };
            for of_bucket in days.chunk_by(|a, b| place(a.0).0 == place(b.0).0) {
                let Some((first, _)) = of_bucket.first() else { continue };
                let key = BucketKey { series: series.clone(), bucket: place(*first).0 };
                let mut bucket = buckets.get(&key)?.unwrap_or_default();
                for (day, delta) in of_bucket {
                    bucket.add(place(*day).1, *delta);
                }
                buckets.put(&key, Some(&bucket).filter(|bucket| !bucket.is_empty()))?;
            }
            let span = self.new_span(buckets, &series, &days)?;
            changes.push(SeriesChange { series, days, span });
        }
        Ok(changes)
    }

    /// The span of a series after these days changed, if it is another one.
    fn new_span<B: Buckets>(
        &self,
        buckets: &B,
        series: &SeriesKey,
        days: &[(Day, Qty)],
    ) -> Result<Option<Option<SeriesSpan>>, B::Error> {
        let known = self.spans.get(series).copied();
        let (Some((low, _)), Some((high, _))) = (days.first(), days.last()) else {
            return Ok(None);
        };
        // Days beyond what a bucket can hold are kept on the nearest day that it can.
        let kept = |day: Day| day_of(place(day).0, place(day).1);
        let (low, high) = (kept(*low), kept(*high));
        let outer = match known {
            Some(span) => SeriesSpan { first: span.first.min(low), last: span.last.max(high) },
            None => SeriesSpan { first: low, last: high },
        };
        // Ends that were touched may have become empty; then the next day with demand is the end.
        let forth = place(outer.first).0..=place(outer.last).0;
        let first = if low > outer.first {
            Some(outer.first)
        } else {
            find(buckets, series, forth.clone(), |bucket| bucket.days().next())?
        };
        let last = if high < outer.last {
            Some(outer.last)
        } else {
            find(buckets, series, forth.rev(), |bucket| bucket.days().next_back())?
        };
        let span = first.zip(last).map(|(first, last)| SeriesSpan { first, last });
        Ok((span != known).then_some(span))
    }
}

/// The first day that `pick` finds in a run of buckets.
fn find<B: Buckets>(
    buckets: &B,
    series: &SeriesKey,
    run: impl Iterator<Item = u16>,
    pick: impl Fn(&Bucket) -> Option<(u8, Qty)>,
) -> Result<Option<Day>, B::Error> {
    for bucket in run {
        let key = BucketKey { series: series.clone(), bucket };
        let found = buckets.get(&key)?;
        if let Some((offset, _)) = found.as_ref().and_then(&pick) {
            return Ok(Some(day_of(bucket, offset)));
        }
    }
    Ok(None)
}

/// The lines of a document by which a known customer takes sales of the same day back.
fn return_lines(order: &Order, day: Day) -> impl Iterator<Item = Match<'_>> {
    let counts = order.kind == OrderKind::Return && order.status.is_demand();
    let customer = order.customer.as_ref().filter(|_| counts);
    customer.into_iter().flat_map(move |customer| {
        order.product_lines().filter(|line| line.standing().is_negative()).map(move |line| Match {
            customer,
            sku: &line.sku,
            site: &order.site,
            day,
            qty: -line.standing(),
        })
    })
}

/// A page with the versions of each order folded into one change from its first to its last.
struct Folded<'a> {
    changes: FxHashMap<&'a OrderKey, OrderChange<'a>>,
}

impl<'a> Folded<'a> {
    fn new(changes: &[OrderChange<'a>]) -> Self {
        let mut folded: FxHashMap<&'a OrderKey, OrderChange<'a>> = FxHashMap::default();
        for change in changes {
            if let Some(order) = change.new.or(change.old) {
                folded.entry(&order.key).or_insert(*change).new = change.new;
            }
        }
        Folded { changes: folded }
    }
    fn holds(&self, key: &OrderKey) -> bool {
        self.changes.contains_key(key)
    }
    /// Every version with its sign: -1 goes, +1 comes.
    fn versions(&self) -> impl Iterator<Item = (i64, &'a Order)> + '_ {
        self.changes.values().flat_map(|change| {
            [(-1, change.old), (1, change.new)]
                .into_iter()
                .filter_map(|(sign, order)| Some((sign, order?)))
        })
    }
}
