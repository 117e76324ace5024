//! What is known of a SKU at a site when somebody asks whether to order it.

use super::distribution::Distribution;
use super::shortage::Shortage;
use super::terms::{Costs, HIGHEST_SERVICE, ItemTerms, LOWEST_SERVICE, Service, SupplierTerms};
use crate::demand::OneOff;
use crate::domain::{Day, PoNumber, Qty, SiteId, Sku};
use crate::insight::forecast::Packed;
use crate::model::Quantiles;

/// Goods that are on their way, or that somebody has decided to order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// By which purchase order; `None`: approved, and not placed yet.
    pub po: Option<PoNumber>,
    /// When they are due.
    pub due: Option<Day>,
    /// Units still to come.
    pub qty: Qty,
}

/// Units on the shelf that can be sold until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The last day.
    pub until: Day,
    /// Units.
    pub qty: Qty,
}

/// The forecast that a plan goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct Ahead {
    /// The first day that it tells of.
    pub first: Day,
    /// Quantiles of the total from that day to each, people's overrides in them.
    pub totals: Packed,
    /// Days since it should have been made anew, or by which what it knows is behind; 0: it is current.
    pub age_days: u16,
}

/// Why nothing is forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unforecast {
    /// It is not made yet.
    #[default]
    NotYet,
    /// It never sold.
    NeverSold,
    /// It last sold on this day, which is too long ago.
    SoldLast(Day),
}

/// All that a proposal follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// The day on which it is asked.
    pub today: Day,
    /// Units in the building; `None`: nobody knows.
    pub on_hand: Option<Qty>,
    /// Units promised to open orders: more than there are, they are back-orders.
    pub committed: Qty,
    /// Units sold since the forecast's first day began, which it tells of too.
    pub sold: Qty,
    /// What of it spoils, the soonest first, as far as it is known when it came.
    pub batches: Vec<Batch>,
    /// What is on its way.
    pub coming: Vec<Coming>,
    /// What will sell; `None`: there is no forecast.
    pub ahead: Option<Ahead>,
    /// Why no model forecasts it, where none does: then only people may have said what will sell.
    pub unforecast: Unforecast,
    /// What the item's buying is bound by.
    pub item: ItemTerms,
    /// Who supplies it; `None`: nobody has said.
    pub supplier: Option<SupplierTerms>,
    /// What service is wanted.
    pub service: Service,
    /// What runs short at this store where so much is planned to.
    pub shortage: Shortage,
    /// What stock costs.
    pub costs: Costs,
    /// Bulk orders that the forecast was not told as demand.
    pub one_offs: Vec<OneOff>,
    /// Days since it sold first, where that is not long ago and others have sold for longer.
    pub new_for: Option<u16>,
}

impl Situation {
    /// Whether somebody has approved an order of it that is not placed yet.
    pub fn is_approved(&self) -> bool {
        self.coming.iter().any(|one| one.po.is_none())
    }
    /// The share of demand that is planned to run short, where that is another one by a tenth than the fill
    /// rate that is asked for leaves.
    pub(super) fn planned_short(&self) -> Option<f64> {
        let Service::Fill(share) = self.service else { return None };
        let share = share.clamp(LOWEST_SERVICE, HIGHEST_SERVICE);
        let planned = self.shortage.planned((1.0 - share) / share) * share;
        let left = 1.0 - share;
        Some(planned).filter(|planned| (planned - left).abs() > 0.1 * left)
    }

    /// A quantity that was computed, as finely as the SKU is counted: whole units where its stock is whole.
    pub(in crate::plan) fn as_counted(&self, qty: Qty) -> Qty {
        let whole = |qty: Qty| qty.as_milli() % 1_000 == 0;
        match self.on_hand.is_none_or(whole) && whole(self.committed) {
            true => Qty::units((qty.to_f64()).round() as i64),
            false => qty,
        }
    }

    /// The same bought from somebody else, of whom nobody knows what it costs.
    pub fn bought_from(mut self, supplier: SupplierTerms) -> Self {
        if self.supplier.replace(supplier).is_some() {
            (self.item.cost, self.item.breaks) = (None, Vec::new());
        }
        self
    }
}

/// The time that an order placed now has to cover: until the next one has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// The day on which it is ordered.
    pub order: Day,
    /// The day on which the next order can be placed.
    pub next: Day,
    /// Days by which an order could be placed before `next`, where nothing keeps it: none where the supplier
    /// has its weekday, else all but one.
    pub spare: usize,
    /// Days from the forecast's first day to the end of each interval, and their chances.
    pub ends: Vec<(usize, f64)>,
    /// The day on which this order comes, half of the time at the latest.
    pub due: Day,
}

impl Interval {
    /// The interval of a situation whose supplier and lead time are known.
    pub(in crate::plan) fn of(today: Day, first: Day, supplier: &SupplierTerms) -> Option<Self> {
        let lead = supplier.lead.as_ref()?;
        let calendar = &supplier.calendar;
        let order = calendar.order_day(today);
        let next = calendar.next_after(order);
        let end = |lead: u16| {
            let days = calendar.arrival(next, lead).number() - first.number();
            usize::try_from(days).unwrap_or(0).max(1)
        };
        let ends = lead.days.iter().map(|(days, chance)| (end(*days), *chance)).collect();
        let due = calendar.arrival(order, lead.quantile(0.5));
        let spare = next.number() - calendar.soonest_after(order).number();
        let spare = usize::try_from(spare).unwrap_or(0);
        Some(Self { order, next, spare, ends, due })
    }

    /// The time until this order itself comes, in which it serves nobody yet. Where goods come before the
    /// forecast's first day is over, that day.
    pub(super) fn until_due(&self) -> Self {
        self.shorter_by(self.review_days() as usize)
    }

    /// The time until goods come that are ordered the next time that it can be done: what a reorder point
    /// has to last for.
    pub(super) fn until_soonest(&self) -> Self {
        self.shorter_by(self.spare)
    }

    fn shorter_by(&self, less: usize) -> Self {
        let end = |(days, chance): &(usize, f64)| (days.saturating_sub(less).max(1), *chance);
        Self { ends: self.ends.iter().map(end).collect(), ..self.clone() }
    }

    /// Its length on average, in days.
    pub fn mean_days(&self) -> f64 {
        self.ends.iter().map(|(days, chance)| *days as f64 * chance).sum()
    }

    /// Days between two orders.
    pub fn review_days(&self) -> f64 {
        f64::from(self.next.number() - self.order.number()).max(1.0)
    }
}

impl Ahead {
    /// Takes demand for so many times what is forecast.
    pub(super) fn uplift(&mut self, factor: f64) {
        if factor != 1.0 {
            let times = |units: f32| units * factor as f32;
            let steps: Vec<_> = self.totals.steps().iter().map(|step| step.map(times)).collect();
            self.totals = Packed::of(&steps);
        }
    }

    /// Demand over the first so many days.
    pub fn within(&self, days: usize) -> Distribution {
        let days = days.max(1);
        let totals = self.totals.carried_to(days);
        Distribution::of_quantiles(&totals.step(days - 1))
    }

    /// Demand over an interval whose end is uncertain.
    pub fn over(&self, interval: &Interval) -> Distribution {
        let longest = interval.ends.iter().map(|(days, _)| *days).max().unwrap_or(1).max(1);
        let totals = self.totals.carried_to(longest);
        let part = |(days, chance): &(usize, f64)| {
            (*chance, Distribution::of_quantiles(&totals.step(days.max(&1) - 1)))
        };
        Distribution::mixture(&interval.ends.iter().map(part).collect::<Vec<_>>())
    }

    /// The first day at whose end the expected total has used up so many units; `None`: not within
    /// a year. Beyond what is forecast the last four weeks go on.
    pub fn lasts_until(&self, units: f64) -> Option<Day> {
        const YEAR: i32 = 366;
        let mean = |day: usize| f64::from(Quantiles::mean_of(&self.totals.step(day)));
        let known = self.totals.len();
        let last = known.checked_sub(1)?;
        let total = mean(last);
        if total >= units {
            // Totals only grow.
            let (mut low, mut high) = (0, last);
            while low < high {
                let middle = (low + high) / 2;
                if mean(middle) >= units { high = middle } else { low = middle + 1 }
            }
            return Some(self.first.plus(low as i32));
        }
        let weeks = known.min(28);
        let before = if known > weeks { mean(last - weeks) } else { 0.0 };
        let daily = (total - before) / weeks as f64;
        let days = known as f64 + ((units - total) / daily).ceil() - 1.0;
        (days.is_finite() && days < f64::from(YEAR)).then(|| self.first.plus(days as i32))
    }
}
