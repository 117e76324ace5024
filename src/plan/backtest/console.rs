//! The policy that the console's own proposals follow, on a replay.

use super::replay::{REVIEW_DAYS, Replay};
use super::simulate::{BacktestError, Policy, Review, Seen};
use crate::demand::{Frequency, uncensored};
use crate::domain::{Day, Qty, SiteId, Sku, SupplierId};
use crate::insight::forecast::Packed;
use crate::model::LEVEL_COUNT;
use crate::model::{DemandModel, ShopAt, ShopCount};
use crate::plan::level::{Interval, Levels, Stakes, levels};
use crate::plan::replenish::{
    Ahead, Calendar, Costs, ItemTerms, LeadTime, Service, Shortage, Situation, SupplierTerms,
    Unforecast, propose,
};
use jiff::civil::Date;
use statrs::function::erf::erf;
use std::f64::consts::SQRT_2;

/// A lead time of so many standard deviations beyond the mean does not happen.
const FARTHEST: f64 = 4.0;

/// Orders by forecasts of the demand network, to the levels of [`crate::plan::level`]; where a service is asked for,
/// to those of [`crate::plan::replenish`].
///
/// It holds what things cost and how suppliers deliver in general; demand it sees in reviews alone.
#[derive(Debug)]
pub struct Console<'a> {
    model: &'a DemandModel,
    first: Date,
    intervals: Vec<Interval>,
    stakes: Vec<Stakes>,
    leads: Vec<LeadTime>,
    /// What service each item is to have, and what binds buying it; empty: what is worth its cost.
    services: Vec<(Service, ItemTerms)>,
    /// What the shop told on a day, for the reviews of that day.
    shop: Option<(usize, ShopAt)>,
}

impl<'a> Console<'a> {
    /// The policy for a replay's items and suppliers.
    pub fn of(replay: &Replay, model: &'a DemandModel) -> Self {
        let interval = |supplier: &super::Supplier| {
            let lead = lead_times(supplier.lead_mean, supplier.lead_sd);
            Interval::of(&lead, usize::from(REVIEW_DAYS))
        };
        let lead = |supplier: &super::Supplier| LeadTime {
            days: lead_times(supplier.lead_mean, supplier.lead_sd),
            stated: None,
            seen: 0,
            waiting: 0,
        };
        let stakes = |item: &super::Item| Stakes {
            holding: replay.holding(item),
            lost: item.lost,
            line: replay.costs.line,
        };
        Self {
            model,
            first: replay.first,
            intervals: replay.suppliers.iter().map(interval).collect(),
            stakes: replay.items.iter().map(stakes).collect(),
            leads: replay.suppliers.iter().map(lead).collect(),
            services: Vec::new(),
            shop: None,
        }
    }

    /// The same with what service each item is to have, and what binds buying it.
    pub fn serving(self, services: Vec<(Service, ItemTerms)>) -> Self {
        Self { services, ..self }
    }

    /// The level that an item is ordered up to for the service that it is to have; 0 while no order is
    /// due, `None`: what is worth its cost.
    fn by_service(
        &self,
        review: &Review<'_>,
        item: usize,
        position: f64,
        totals: &[[f32; LEVEL_COUNT]],
    ) -> Option<f64> {
        let (service, terms) = self.services.get(item).filter(|(of, _)| *of != Service::Cost)?;
        // What is ordered at the end of a day is as if it were ordered early on the next.
        let today = Day::from_civil(self.first).plus(i32::try_from(review.day).ok()? + 1);
        let weekday = u8::try_from(today.weekday()).ok();
        let supplier = SupplierTerms {
            id: SupplierId::new(""),
            name: "".into(),
            lead: self.leads.get(review.supplier).cloned(),
            calendar: Calendar { review_weekday: weekday, closures: Vec::new() },
            min_order: None,
        };
        let at = Situation {
            sku: Sku::new(""),
            site: SiteId::new(""),
            today,
            on_hand: Some(Qty::milli((position.max(0.0) * 1_000.0) as i64)),
            committed: Qty::ZERO,
            sold: Qty::ZERO,
            batches: Vec::new(),
            coming: Vec::new(),
            ahead: Some(Ahead { first: today, totals: Packed::of(totals), age_days: 0 }),
            unforecast: Unforecast::NotYet,
            item: terms.clone(),
            supplier: Some(supplier),
            service: *service,
            shortage: Shortage::default(),
            costs: Costs::default(),
            one_offs: Vec::new(),
            new_for: None,
        };
        let line = propose(&at).ok()?;
        let is_due = position < line.reorder_point.to_f64();
        Some(if is_due { line.order_up_to.to_f64() } else { 0.0 })
    }

    fn shop(&mut self, day: usize, seen: &Seen) -> &ShopAt {
        let first = self.first;
        let fresh = self.shop.take().filter(|(of, _)| *of == day);
        &self
            .shop
            .insert(fresh.unwrap_or_else(|| {
                let mut count = ShopCount::new(day + 1);
                seen.units.iter().for_each(|units| count.add(&since_first_sale(units)));
                (day, count.at(first, Frequency::Day))
            }))
            .1
    }
}

impl Policy for Console<'_> {
    fn order_up_to(&mut self, review: &Review<'_>) -> Result<Vec<f64>, BacktestError> {
        let shop = self.shop(review.day, review.seen);
        let (mut windows, mut of) = (Vec::new(), Vec::new());
        for (place, &item) in review.items.iter().enumerate() {
            let demand = demand_of(review.seen, item);
            if let Some(window) = shop.window_of(&since_first_sale(&demand)) {
                windows.push(window);
                of.push(place);
            }
        }
        let interval = &self.intervals[review.supplier];
        let forecasts = self.model.over(&windows, interval.reach())?;
        let mut aims = vec![0.0; review.items.len()];
        for (place, forecast) in of.into_iter().zip(forecasts) {
            let (item, position) = (review.items[place], review.positions[place]);
            let served = self.by_service(review, item, position, &forecast.totals);
            aims[place] = served.unwrap_or_else(|| {
                aim(levels(&forecast.totals, interval, self.stakes[item]), position)
            });
        }
        Ok(aims)
    }
}

/// The level that a review answers with: 0 while an order is not due.
fn aim(at: Levels, position: f64) -> f64 {
    if at.lacking(position) > 0.0 { at.order_up_to } else { 0.0 }
}

/// Demand of an item as it is expected to have been, given what was sold.
fn demand_of(seen: &Seen, item: usize) -> Vec<f32> {
    uncensored(&seen.units[item], &seen.known[item])
}

/// The days before an item's first sale are no days without demand: it was not on offer.
fn since_first_sale(units: &[f32]) -> Vec<f32> {
    let first = units.iter().position(|units| *units > 0.0).unwrap_or(units.len());
    let mut known = vec![f32::NAN; first];
    known.extend_from_slice(&units[first..]);
    known
}

/// A normal lead time in whole days, 1 or more, with the chance of each.
pub fn lead_times(mean: f64, sd: f64) -> Vec<(u16, f64)> {
    let nearest = mean.round().clamp(1.0, f64::from(u16::MAX)) as u16;
    if sd.is_nan() || sd <= 0.0 {
        return vec![(nearest, 1.0)];
    }
    let below = |days: f64| 0.5 * (1.0 + erf((days - mean) / (sd * SQRT_2)));
    let longest = (mean + FARTHEST * sd).ceil().clamp(1.0, f64::from(u16::MAX)) as u16;
    let chance = |days: u16| {
        let from = if days == 1 { 0.0 } else { below(f64::from(days) - 0.5) };
        (days, below(f64::from(days) + 0.5) - from)
    };
    let mut all: Vec<(u16, f64)> = (1..=longest).map(chance).collect();
    all.retain(|(_, chance)| *chance > 1e-4);
    let sum: f64 = all.iter().map(|(_, chance)| chance).sum();
    if sum <= 0.0 {
        return vec![(nearest, 1.0)];
    }
    all.iter_mut().for_each(|(_, chance)| *chance /= sum);
    all
}
