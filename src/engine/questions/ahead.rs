//! What is told of the forecast of each series: its facts are gathered under the locks, and what follows
//! from them is worked out without.

use super::stock::{Marked, Shelves, row};
use crate::demand::SeriesKey;
use crate::desk::buying::Purchasing;
use crate::domain::*;
use crate::engine::api::{
    Figures, ForecastRow, Lasts, LeadTime, Overridden, OverrideMark, StockRow,
};
use crate::engine::house::House;
use crate::insight::forecast::{
    Ahead, HIGH, MEDIAN, MOST_LEAD_DAYS, Overlay, Override, Overrides, Packed, Supply,
};
use crate::model::{LEVEL_COUNT, Quantiles};
use crate::stock::StockBook;
use std::sync::Arc;

/// What the house holds of a series that is forecast.
pub(super) struct Facts<'o> {
    pub series: SeriesKey,
    ahead: Ahead,
    /// The first day of the forecast, and whether it waits to be made anew.
    first: Day,
    old: bool,
    stock: StockRow,
    /// What there is to sell; `None`: stock is unknown.
    supply: Option<Supply>,
    /// The supplier's lead time in days, where anything can be said of it.
    lead: Option<u16>,
    /// Overrides that count within the forecast or the lead time.
    by: Vec<&'o Override>,
}

impl<'o> Facts<'o> {
    /// Of all series that are forecast, by SKU, then site; and how many of these there are, known to
    /// stock or not.
    pub fn of_all(
        house: &House,
        shelves: &Shelves,
        marked: &Marked,
        overrides: &'o Overrides,
    ) -> (Vec<Self>, usize) {
        let (first, all) = {
            let forecasts = house.forecasts.read();
            let one = |(series, ahead): (&SeriesKey, &Ahead)| {
                (series.clone(), ahead.clone(), forecasts.is_old(series, ahead))
            };
            let all: Vec<_> = forecasts.iter().map(one).collect();
            (forecasts.first_day(house.today()), all)
        };
        let purchasing = house.purchasing.read().clone();
        let (count, book) = (all.len(), house.stock.read());
        let gather = Gather { house, shelves, marked, overrides, purchasing, book: &book, first };
        let facts =
            all.into_iter().filter_map(|(series, ahead, old)| gather.facts(series, ahead, old));
        (facts.collect(), count)
    }

    /// Of one series; `None`: it is not forecast, or nothing else is known of it.
    pub fn of_one(
        house: &House,
        shelves: &Shelves,
        marked: &Marked,
        overrides: &'o Overrides,
        series: &SeriesKey,
    ) -> Option<Self> {
        let (first, ahead, old) = {
            let forecasts = house.forecasts.read();
            let ahead = forecasts.get(series)?;
            (forecasts.first_day(house.today()), ahead.clone(), forecasts.is_old(series, ahead))
        };
        let purchasing = house.purchasing.read().clone();
        let book = house.stock.read();
        let gather = Gather { house, shelves, marked, overrides, purchasing, book: &book, first };
        gather.facts(series.clone(), ahead, old)
    }

    /// The row of the series, that of the lead time with it where it is wanted; `None`: its forecast is
    /// empty.
    pub fn row(&self, lead: bool) -> Option<ForecastRow> {
        let totals = &self.ahead.totals;
        let lead = self.lead.filter(|_| lead);
        let lead = lead.map(|days| (days, totals.carried_to(usize::from(days))));
        let own = self.figures(totals, lead.as_ref())?;
        let (counts, overridden) = match self.by.is_empty() {
            true => (own, None),
            false => {
                let lead = lead.as_ref().map(|(days, totals)| (*days, self.overlaid(totals)));
                let counts = self.figures(&self.overlaid(totals), lead.as_ref())?;
                let by = self.by.iter().map(|one| OverrideMark::from(*one)).collect();
                (counts, Some(Box::new(Overridden { by, own })))
            }
        };
        let Figures { median, high, daily, lasts } = counts;
        Some(ForecastRow {
            first: self.first,
            median,
            high,
            daily,
            lasts,
            overridden,
            model: self.ahead.model.name.clone(),
            accuracy: None,
            old: self.old,
            stock: self.stock.clone(),
        })
    }

    /// Quantiles of the whole total, with overrides where they count.
    pub fn last_total(&self) -> Option<[f32; LEVEL_COUNT]> {
        let totals = &self.ahead.totals;
        let last = totals.len().checked_sub(1)?;
        Some(match self.by.is_empty() {
            true => totals.step(last),
            false => self.overlaid(totals).step(last),
        })
    }

    /// Expected units left at the end of each day by these totals; nothing where stock is unknown.
    pub fn left(&self, totals: &[[f32; LEVEL_COUNT]]) -> Vec<f32> {
        let supply = self.supply.as_ref();
        supply.map(|supply| supply.expected(&Packed::of(totals))).unwrap_or_default()
    }

    /// Totals with what people expect instead.
    fn overlaid(&self, totals: &Packed) -> Packed {
        let overlay = Overlay::of(&self.by, &self.series.site, self.first, totals);
        Packed::of(&overlay.totals(totals))
    }

    /// What totals tell, those of the lead time beside them; `None`: there are none.
    fn figures(&self, totals: &Packed, lead: Option<&(u16, Packed)>) -> Option<Figures> {
        let last = totals.step(totals.len().checked_sub(1)?);
        let lasts = |supply: &Supply| {
            let outlook = supply.outlook(totals);
            Lasts {
                until: outlook.runs_out.map(|days| self.first.plus(days as i32)),
                risk: outlook.risk,
                lead: lead.map(|(days, totals)| lead_time(supply, totals, *days)),
            }
        };
        Some(Figures {
            median: last[MEDIAN],
            high: last[HIGH],
            daily: Quantiles::mean_of(&last) / totals.len() as f32,
            lasts: self.supply.as_ref().map(lasts),
        })
    }
}

/// What sells within a lead time, by totals that reach so far, and the chance that stock does not last
/// so long.
fn lead_time(supply: &Supply, totals: &Packed, days: u16) -> LeadTime {
    let within = usize::from(days);
    let total = totals.step(within.saturating_sub(1));
    let risk = supply.risk(totals, within);
    LeadTime { days, risk, median: total[MEDIAN], high: total[HIGH] }
}

/// What facts are gathered from.
struct Gather<'a, 'o> {
    house: &'a House,
    book: &'a StockBook,
    shelves: &'a Shelves,
    marked: &'a Marked,
    overrides: &'o Overrides,
    purchasing: Arc<Purchasing>,
    first: Day,
}

impl<'o> Gather<'_, 'o> {
    fn facts(&self, series: SeriesKey, ahead: Ahead, old: bool) -> Option<Facts<'o>> {
        let (SeriesKey { sku, site }, first) = (&series, self.first);
        let position = self.book.position(sku, site)?;
        let stock = row(self.book, self.shelves, self.marked, sku, site, position);
        let supply = self.supply(&series, stock.available);
        let lead = self.lead_days(sku).filter(|_| supply.is_some());
        let reach = ahead.totals.len().max(lead.map_or(0, usize::from));
        let by = self.overrides.between(sku, site, first, first.plus(reach as i32 - 1));
        Some(Facts { ahead, first, old, stock, supply, lead, by, series })
    }

    /// The lead time of a SKU's supplier in days; `None`: there is no such time, or it is longer than
    /// anything can be said of.
    fn lead_days(&self, sku: &Sku) -> Option<u16> {
        let supplier = self.book.product_of(sku)?.supplier.as_ref()?;
        let days = self.book.supplier_of(supplier)?.lead_time_days?;
        (1..=MOST_LEAD_DAYS).contains(&days).then_some(days)
    }

    /// What there is to sell from the first day's beginning on; `None`: stock is unknown.
    fn supply(&self, series: &SeriesKey, available: Option<Qty>) -> Option<Supply> {
        let today = self.house.today();
        let mut start = available?.to_f64() as f32;
        if self.first == today {
            // What was sold today is part of what the forecast tells of today.
            start += self.shelves.today(&series.sku, &series.site);
        }
        let orders = self.book.open_purchase_orders(&series.sku).into_iter();
        let purchasing = self.house.purchasing.read().clone();
        let coming = orders.filter(|po| po.site == series.site).filter_map(|po| {
            let said = purchasing.coordination().due_of(&po.number, &series.sku);
            let due = said.or_else(|| Some(po.due_at?.day(&self.house.zone)))?;
            let units = self.book.to_come(po, &series.sku).to_f64() as f32;
            let days = usize::try_from(due.number() - self.first.number()).ok()?;
            (due >= today).then_some((days, units))
        });
        // What was accepted and has not left yet is as good as gone, and as good as on order there.
        let standing = self.purchasing.coordination();
        start -= standing.reserved(&series.sku, &series.site).to_f64() as f32;
        let leaving = standing.transfers().filter(|one| one.is_to_leave()).map(|one| &one.order);
        let here = leaving.filter(|one| one.sku == series.sku && one.to == series.site);
        let promised = here.filter_map(|one| {
            let days = usize::try_from(one.due.number() - self.first.number()).ok()?;
            Some((days, one.qty.to_f64() as f32))
        });
        Some(Supply { start, coming: coming.chain(promised).collect() })
    }
}
