//! What is known of a series' demand: days throughout which there was nothing to sell are missing, days
//! during a part of which there was nothing are filled up, and bulk orders that are not going to come again
//! count as usual ones.

use super::house::House;
use super::questions::Read;
use super::tables;
use crate::demand::{Ledger, OneOff, SeriesKey, one_offs};
use crate::domain::{Day, Order, OrderKind, OrderStatus, Qty, SiteId, Sku, Timestamp};
use crate::insight::forecast::{Forecasts, Reach};
use crate::store::{Store, StoreError};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Days of orders that are looked through for bulk orders.
const ONE_OFF_DAYS: i32 = 182;

/// Bulk orders of each series, as of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OneOffs {
    day: Option<Day>,
    of: BTreeMap<SeriesKey, Vec<OneOff>>,
}

impl OneOffs {
    /// Those of a series, by day.
    pub fn of(&self, series: &SeriesKey) -> &[OneOff] {
        self.of.get(series).map_or(&[], Vec::as_slice)
    }
}

impl House {
    /// Bulk orders as of today, looked for once a day, and anew when an earlier day has other orders.
    pub fn one_offs(&self) -> Arc<OneOffs> {
        let today = self.today();
        let known = self.bulk.read().clone();
        if known.day == Some(today) {
            return known;
        }
        let found = Arc::new(OneOffs { day: Some(today), of: self.look_for_one_offs(today) });
        *self.bulk.write() = found.clone();
        found
    }

    fn look_for_one_offs(&self, today: Day) -> BTreeMap<SeriesKey, Vec<OneOff>> {
        let (from, to) = (today.plus(-ONE_OFF_DAYS).start(&self.zone), today.start(&self.zone));
        let (index, ledger) = (self.orders.read(), self.demand.read());
        let mut lines: HashMap<(&str, &str), Vec<(Day, Qty)>> = HashMap::new();
        for row in index.placed_between(from, to) {
            let brief = index.brief(row).filter(|one| one.kind == OrderKind::Sale);
            let Some(brief) = brief.filter(|one| stands(one.status)) else { continue };
            let site = index.site(row);
            let day = brief.placed_at.day(ledger.zone(&SiteId::new(site)));
            for (sku, units) in index.lines(row) {
                lines.entry((sku, site)).or_default().push((day, units));
            }
        }
        let found = lines.into_iter().filter_map(|((sku, site), lines)| {
            let found = one_offs(&lines);
            let series = SeriesKey { sku: Sku::new(sku), site: SiteId::new(site) };
            (!found.is_empty()).then_some((series, found))
        });
        found.collect()
    }
}

fn stands(status: OrderStatus) -> bool {
    !matches!(status, OrderStatus::Cancelled | OrderStatus::Gone)
}

/// Whether a change of an order may make bulk orders of an earlier day others than they were.
pub(super) fn is_of_the_past(before: Option<&Order>, now: &Order, today: Timestamp) -> bool {
    let same = before.is_some_and(|before| {
        stands(before.status) == stands(now.status) && before.lines == now.lines
    });
    now.placed_at < today && !same
}

/// Units a day of a series, as models see them (see [`Reach::history`] and [`Reach::complete`]).
pub fn known_history(
    ledger: &Ledger,
    store: &Store,
    one_offs: &OneOffs,
    series: &SeriesKey,
    reach: Reach,
) -> Result<Vec<f32>, StoreError> {
    let mut history = reach.history(ledger, &Read(store), series)?;
    for one in one_offs.of(series) {
        let at = usize::try_from(one.day.number() - reach.first.number());
        if let Some(units) = at.ok().and_then(|at| history.get_mut(at)) {
            *units = (*units - one.beyond.to_f64() as f32).max(0.0);
        }
    }
    if let Some(outs) = store.get::<tables::SoldOut>(&Forecasts::key(series))? {
        reach.complete(&mut history, &outs, ledger.zone(&series.site));
    }
    Ok(history)
}

/// Marks the days of a series throughout which there was nothing to sell as missing.
pub fn censor(
    ledger: &Ledger,
    store: &Store,
    series: &SeriesKey,
    reach: Reach,
    units: &mut [f32],
) -> Result<(), StoreError> {
    if let Some(outs) = store.get::<tables::SoldOut>(&Forecasts::key(series))? {
        reach.censor(units, &outs, ledger.zone(&series.site));
    }
    Ok(())
}
