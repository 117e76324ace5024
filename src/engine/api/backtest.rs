//! What a replay of the store's own past tells: whether the console's proposals would have worked.

use crate::domain::{Currency, Day, Timestamp};
use serde::{Deserialize, Serialize};

/// All that is known of replays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Backtests {
    /// The work number of the one that runs.
    pub run: Option<u64>,
    /// The last one that came to its end.
    #[serde(default)]
    pub last: Option<Backtest>,
    /// Why the newest came to nothing, one sentence; `None`: it did not.
    #[serde(default)]
    pub why_not: Option<Box<str>>,
}

/// A replay of the store's past against several policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// When it ended, in domain time.
    pub at: Timestamp,
    /// The first and the last day that were replayed.
    pub window: (Day, Day),
    /// Days of history before them.
    pub history: u32,
    /// SKUs and sites that were replayed.
    pub items: u64,
    /// Suppliers that they come from.
    pub suppliers: u64,
    /// Why others were not, and how many.
    pub left_out: Vec<(Box<str>, u64)>,
    /// Days of an item on which its stock had really run out: what was asked for is an estimate.
    pub estimated: u64,
    /// Items whose cost or price nobody has told.
    pub unpriced: u64,
    /// Lead time of an order, in days, the mean over items; and of how many deliveries in all it is known.
    pub lead: (f64, u64),
    /// Whether histories were being read yet, so that a part of the past was missing.
    #[serde(default)]
    pub reading: bool,
    /// The model that forecast.
    pub model: Box<str>,
    /// What money is in.
    pub currency: Currency,
    /// What things were taken to cost.
    pub costs: BacktestCosts,
    /// What came of each policy, the console's first.
    pub policies: Vec<PolicyFigures>,
}

impl Backtest {
    /// Weeks that were replayed.
    pub fn weeks(&self) -> u32 {
        u32::try_from((self.window.1.number() - self.window.0.number() + 1) / 7).unwrap_or(0)
    }

    /// What it rests on, a sentence each.
    pub fn assumed(&self) -> Vec<String> {
        let (lead, deliveries) = self.lead;
        let BacktestCosts { holding_a_year, lost_share, line } = self.costs;
        let currency = self.currency.code();
        let mut all = vec![
            format!(
                "{} weeks, {} to {}, after {} days of history; {} SKUs at sites, {} suppliers",
                self.weeks(),
                self.window.0,
                self.window.1,
                self.history,
                self.items,
                self.suppliers
            ),
            format!(
                "a review saw what had been sold by then and no more; forecasts by {}, which \
                 had learnt none of these days",
                self.model
            ),
            "bulk orders count as ordinary demand, for every policy alike; today's proposals take one that is \
             not going to come again for a usual order"
                .to_owned(),
            "at the beginning there was stock for the lead time and two weeks at the rate of the eight weeks \
             before, for every policy alike"
                .to_owned(),
            format!(
                "suppliers are reviewed weekly, on their day or on Mondays; an order takes as long as \
                 their delivery ordered nearest to it ({deliveries} known before), or as stated; {lead:.1} \
                 days on average"
            ),
            format!(
                "holding costs {:.0} % of the cost a year, a lost sale {:.0} % of its margin, an order \
                 line {line:.2} {currency}; prices, packs and suppliers are today's",
                100.0 * holding_a_year,
                100.0 * lost_share
            ),
            "what is not there when it is asked for is lost; packs and minima of items hold, not least order \
             values, budgets, shut-downs or service levels of your own"
                .to_owned(),
        ];
        if self.unpriced > 0 {
            all.push(format!(
                "{} SKUs at sites have no cost or no price, and are taken to have the usual margin",
                self.unpriced
            ));
        }
        if self.estimated > 0 {
            all.push(format!(
                "on {} item-days stock had run out, and what was asked for is estimated from what was \
                 sold; what was out for over four weeks counts as not on offer",
                self.estimated
            ));
        }
        if self.reading {
            all.insert(
                0,
                "histories were still being read: what was played is the part that was known by then; \
                 replay again when all of it is"
                    .to_owned(),
            );
        }
        let left = self.left_out.iter().map(|(why, count)| format!("{count} left out: {why}"));
        all.extend(left);
        all
    }
}

/// What things were taken to cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BacktestCosts {
    /// Share of a unit's cost that a year of holding it costs.
    pub holding_a_year: f64,
    /// Share of the margin that a lost sale costs.
    pub lost_share: f64,
    /// Of a line of an order, in major units.
    pub line: f64,
}

/// What came of a policy. Money is in major units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyFigures {
    /// Its name, as on the command line.
    pub policy: Box<str>,
    /// Units sold to units asked for, 0 to 1.
    pub fill: f64,
    /// Units asked for in vain.
    pub units_lost: f64,
    /// Days of an item on which some demand was lost.
    pub stockout_days: u64,
    /// Mean over the days of the value of the stock, at cost.
    pub stock_value: f64,
    /// Cost of holding.
    pub holding: f64,
    /// Cost of lost sales.
    pub lost: f64,
    /// Cost of order lines.
    pub line: f64,
    /// Orders.
    pub orders: u64,
    /// Lines of them.
    pub lines: u64,
}

impl PolicyFigures {
    /// All costs.
    pub fn total(&self) -> f64 {
        self.holding + self.lost + self.line
    }
}
