//! What is replayed: items, suppliers, demand, and the lead times that orders really get.

use crate::demand::Known;
use crate::plan::inventory::LotRule;
use jiff::civil::Date;
use std::collections::HashMap;
use std::ops::Range;

/// An item, as it was bought and sold.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its SKU.
    pub sku: String,
    /// Its supplier, by place.
    pub supplier: usize,
    /// Cost of a unit.
    pub unit_cost: f64,
    /// Cost of a unit that is in stock at the end of a day.
    pub hold: f64,
    /// Cost of a unit that was asked for and not there.
    pub lost: f64,
    /// The sizes in which it can be ordered.
    pub lot: LotRule,
    /// Units at the beginning of the first day.
    pub initial_stock: f64,
}

/// A supplier.
#[derive(Clone, Debug, PartialEq)]
pub struct Supplier {
    /// Its code.
    pub code: String,
    /// Mean of its lead time, days.
    pub lead_mean: f64,
    /// Standard deviation of its lead time, days.
    pub lead_sd: f64,
    /// The weekday on which it is ordered from, 0 = Monday.
    pub review_weekday: u8,
}

/// What is paid beside holding and lost sales.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// For each line of an order.
    pub line: f64,
    /// For each order to a supplier.
    pub order: f64,
    /// Share of its cost that a unit has lost by the end, in stock or on order.
    pub obsolescence: f64,
}

impl Default for Costs {
    /// Those of the policy benchmark.
    fn default() -> Self {
        Self { line: 0.80, order: 6.00, obsolescence: 0.05 }
    }
}

/// What a policy sees of demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// What was asked for, also on days on which stock ran out.
    DemandSeen,
    /// What was sold, and on which days some demand was lost: what a shop sees.
    SalesOnly,
}

/// Days between two reviews of a supplier.
pub const REVIEW_DAYS: u16 = 7;

/// What is replayed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// Items.
    pub items: Vec<Item>,
    /// Suppliers, in the order in which they are ordered from on a day.
    pub suppliers: Vec<Supplier>,
    /// The first day of demand.
    pub first: Date,
    /// Units asked for: of each item on each day from `first` on.
    pub demand: Vec<Vec<f32>>,
    /// How much of the demand of history is in `demand`, of each item on each day from `first` on; all of
    /// it where nothing is said.
    pub known: Vec<Vec<Known>>,
    /// The days that are replayed, counted from `first`. All before them is history.
    pub window: Range<usize>,
    /// Days that the goods of an order take, by supplier and day. No policy sees it.
    pub lead_days: HashMap<(usize, usize), u16>,
    /// Other costs.
    pub costs: Costs,
}

impl Replay {
    /// The date of a day.
    pub fn date(&self, day: usize) -> Date {
        let days = i64::try_from(day).unwrap_or(i64::MAX);
        let span = jiff::Span::new().try_days(days);
        span.and_then(|span| self.first.checked_add(span)).unwrap_or(Date::MAX)
    }

    /// Suppliers that are ordered from on a day.
    pub(super) fn reviewed_on(&self, day: usize) -> impl Iterator<Item = usize> + '_ {
        let weekday = self.date(day).weekday().to_monday_zero_offset();
        let due =
            move |supplier: &Supplier| i16::from(supplier.review_weekday) == i16::from(weekday);
        (0..self.suppliers.len()).filter(move |place| due(&self.suppliers[*place]))
    }

    /// The items of each supplier, by place.
    pub(super) fn by_supplier(&self) -> Vec<Vec<usize>> {
        let mut of = vec![Vec::new(); self.suppliers.len()];
        for (place, item) in self.items.iter().enumerate() {
            of[item.supplier].push(place);
        }
        of
    }

    /// What holding a unit for a day costs, with a day's share of what it has lost by the end.
    pub fn holding(&self, item: &Item) -> f64 {
        item.hold + self.costs.obsolescence * item.unit_cost / self.window.len().max(1) as f64
    }
}
