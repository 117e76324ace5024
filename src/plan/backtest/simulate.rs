//! A day after another: receipts, demand, orders, what stock costs.

use super::replay::{Replay, Track};
use crate::demand::Known;
use crate::model::ModelError;
use jiff::civil::Date;
use std::ops::ControlFlow;

/// Why a replay could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    /// The model could not forecast.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Nobody knows when an order would have come.
    #[error("nothing tells the lead time of an order to {supplier} on {date}; add a row for it")]
    NoLeadTime {
        /// The supplier.
        supplier: String,
        /// When it was ordered.
        date: Date,
    },
    /// Somebody asked for it to end.
    #[error("cancelled")]
    Cancelled,
}

/// What has been seen of demand up to the present day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Units of each item on each day from the first on: demand, or sales where no more is seen.
    pub units: Vec<Vec<f32>>,
    /// How much of that item's and day's demand is in its units.
    pub known: Vec<Vec<Known>>,
}

/// A supplier's review: the question that a policy answers.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The present day, counted from the replay's first.
    pub day: usize,
    /// The supplier, by place.
    pub supplier: usize,
    /// Its items, by place.
    pub items: &'a [usize],
    /// Of all items: the present day is the last.
    pub seen: &'a Seen,
    /// Units of each of `items` in stock and on order.
    pub positions: &'a [f64],
}

/// Says when to order, and up to what.
pub trait Policy {
    /// Order-up-to levels of the reviewed items, in units, in their order; nothing is ordered of an
    /// item whose position is not below its level.
    fn order_up_to(&mut self, review: &Review<'_>) -> Result<Vec<f64>, BacktestError>;
}

/// A line that was ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// The item, by place.
    pub item: usize,
    /// The day, counted from the replay's first.
    pub day: usize,
    /// Units.
    pub qty: f64,
}

/// What a policy would have cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Holding.
    pub holding: f64,
    /// Lost sales.
    pub lost: f64,
    /// Lines of orders.
    pub line: f64,
    /// Orders.
    pub order: f64,
    /// What is in stock or on order after the last day.
    pub terminal: f64,
    /// Units asked for.
    pub units_asked: f64,
    /// Units sold.
    pub units_sold: f64,
    /// Item-days on which some demand was lost.
    pub stockout_item_days: usize,
    /// Mean over the days of the value of the stock at their ends.
    pub avg_stock_value: f64,
    /// How many orders.
    pub orders: usize,
    /// What was ordered, in time order.
    pub placed: Vec<Placed>,
}

impl Outcome {
    /// All costs.
    pub fn total(&self) -> f64 {
        self.holding + self.lost + self.line + self.order + self.terminal
    }

    /// Units sold to units asked for; all where nobody asked.
    pub fn fill_units(&self) -> f64 {
        if self.units_asked > 0.0 { self.units_sold / self.units_asked } else { 1.0 }
    }
}

/// Plays a replay against a policy; `progress` hears the share done after each day.
pub fn simulate(
    replay: &Replay,
    track: Track,
    policy: &mut dyn Policy,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Outcome, BacktestError> {
    let mut shop = Shop::opened(replay, track);
    let by_supplier = replay.by_supplier();
    for day in replay.window.clone() {
        shop.receive(day);
        shop.sell(day);
        for supplier in replay.reviewed_on(day) {
            let items = &by_supplier[supplier];
            let positions: Vec<f64> =
                items.iter().map(|&item| shop.stock[item] + shop.on_order[item]).collect();
            let review = Review { day, supplier, items, seen: &shop.seen, positions: &positions };
            let levels = policy.order_up_to(&review)?;
            shop.order(day, supplier, items, &levels)?;
        }
        shop.close();
        let done = (day + 1 - replay.window.start) as f32 / replay.window.len() as f32;
        if progress(done).is_break() {
            return Err(BacktestError::Cancelled);
        }
    }
    Ok(shop.wound_up())
}

/// Units of each item that come on a day.
type Delivery = (usize, Vec<(usize, f64)>);

struct Shop<'a> {
    replay: &'a Replay,
    track: Track,
    stock: Vec<f64>,
    on_order: Vec<f64>,
    coming: Vec<Delivery>,
    seen: Seen,
    outcome: Outcome,
}

impl<'a> Shop<'a> {
    fn opened(replay: &'a Replay, track: Track) -> Self {
        let history = |demand: &Vec<f32>| demand[..replay.window.start.min(demand.len())].to_vec();
        let units: Vec<Vec<f32>> = replay.demand.iter().map(history).collect();
        let known = units.iter().enumerate().map(|(place, units)| {
            let told = replay.known.get(place).into_iter().flatten().copied();
            told.chain(std::iter::repeat(Known::All)).take(units.len()).collect()
        });
        let known = known.collect();
        Self {
            replay,
            track,
            stock: replay.items.iter().map(|item| item.initial_stock).collect(),
            on_order: vec![0.0; replay.items.len()],
            coming: Vec::new(),
            seen: Seen { units, known },
            outcome: Outcome::default(),
        }
    }

    fn receive(&mut self, day: usize) {
        let all = std::mem::take(&mut self.coming);
        let (today, later): (Vec<Delivery>, _) = all.into_iter().partition(|one| one.0 <= day);
        self.coming = later;
        for (item, qty) in today.into_iter().flat_map(|(_, lines)| lines) {
            self.stock[item] += qty;
            self.on_order[item] -= qty;
        }
    }

    fn sell(&mut self, day: usize) {
        for (place, item) in self.replay.items.iter().enumerate() {
            let asked = self.replay.demand[place].get(day).copied().unwrap_or(0.0);
            let demand = f64::from(asked);
            let sold = demand.min(self.stock[place]);
            let lost = demand - sold;
            self.stock[place] -= sold;
            self.outcome.lost += lost * item.lost;
            self.outcome.units_asked += demand;
            self.outcome.units_sold += sold;
            self.outcome.stockout_item_days += usize::from(lost > 0.0);
            let (units, known) = match self.track {
                Track::SalesOnly if lost > 0.0 => (sold as f32, Known::MoreThanSold),
                Track::SalesOnly | Track::DemandSeen => (asked, Known::All),
            };
            self.seen.units[place].push(units);
            self.seen.known[place].push(known);
        }
    }

    fn order(
        &mut self,
        day: usize,
        supplier: usize,
        items: &[usize],
        levels: &[f64],
    ) -> Result<(), BacktestError> {
        let mut lines = Vec::new();
        for (&place, level) in items.iter().zip(levels) {
            let item = &self.replay.items[place];
            let need = level - (self.stock[place] + self.on_order[place]);
            let qty = item.lot.order_for(need).to_f64();
            if qty > 0.0 {
                lines.push((place, qty));
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        let Some(lead) = self.replay.lead_days.get(&(supplier, day)) else {
            return Err(BacktestError::NoLeadTime {
                supplier: self.replay.suppliers[supplier].code.clone(),
                date: self.replay.date(day),
            });
        };
        self.outcome.orders += 1;
        self.outcome.order += self.replay.costs.order;
        self.outcome.line += self.replay.costs.line * lines.len() as f64;
        for &(item, qty) in &lines {
            self.on_order[item] += qty;
            self.outcome.placed.push(Placed { item, day, qty });
        }
        self.coming.push((day + usize::from(*lead), lines));
        Ok(())
    }

    fn close(&mut self) {
        for (item, stock) in self.replay.items.iter().zip(&self.stock) {
            self.outcome.holding += stock * item.hold;
            self.outcome.avg_stock_value += stock * item.unit_cost;
        }
    }

    fn wound_up(mut self) -> Outcome {
        for (place, item) in self.replay.items.iter().enumerate() {
            let units = self.stock[place] + self.on_order[place];
            self.outcome.terminal += self.replay.costs.obsolescence * item.unit_cost * units;
        }
        self.outcome.avg_stock_value /= self.replay.window.len().max(1) as f64;
        self.outcome
    }
}
