//! Where open orders ship from.

use crate::domain::{Allocation, Country, Currency, Day, OrderKey, Qty, SiteId, Timestamp};
use crate::plan::shipping::{Need, ShipChoice};
use serde::{Deserialize, Serialize};

/// An order that needs a choice, or of which somebody chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AllocationRow {
    /// Feed and number.
    pub key: OrderKey,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Where it goes.
    pub country: Option<Country>,
    /// Its zone; empty: it has none.
    pub zone: Box<str>,
    /// Where the shop ships it from unless somebody decides otherwise.
    pub site: SiteId,
    /// Units that are to ship.
    pub units: Qty,
    /// The shipping method, in the shop's words.
    pub method: Option<Box<str>>,
    /// The day by which it was promised.
    pub promise: Option<Day>,
    /// 1 (high) to 3 (low).
    pub priority: Option<i64>,
    /// What it was promised, and which sites are past their cut-off, in words.
    pub service: Box<str>,
    /// The currency of all costs.
    pub currency: Currency,
    /// Why somebody has to look at it; empty: somebody has.
    pub needs: Vec<Need>,
    /// What happens when nobody decides.
    pub now: Option<ShipChoice>,
    /// What is proposed.
    pub proposal: Option<ShipChoice>,
    /// Other ways to ship it, the cheapest first.
    pub others: Vec<ShipChoice>,
    /// What speaks against accepting the proposal unseen; `None`: nothing is in doubt.
    pub doubt: Option<Box<str>>,
    /// What somebody should know of it, with what can be done.
    pub notes: Vec<Box<str>>,
    /// What was decided, where that stands or the shop refused it.
    pub decided: Option<DecidedShip>,
}

impl DecidedShip {
    /// Why it came to nothing, where somebody has to look at the order again.
    pub fn trouble(&self) -> Option<String> {
        let refused = self.refused.as_ref().map(|why| format!("the shop refused: {why}"));
        refused.or_else(|| self.fails.as_ref().map(|why| format!("cannot ship: {why}")))
    }
}

impl AllocationRow {
    /// Whether a decision about it stands, and can ship.
    pub fn is_settled(&self) -> bool {
        self.decided.as_ref().is_some_and(|one| one.refused.is_none() && one.fails.is_none())
    }
    /// What the proposal saves against doing nothing, in minor units.
    pub fn saves(&self) -> Option<i64> {
        Some(self.now.as_ref()?.cost.total() - self.proposal.as_ref()?.cost.total())
    }
    /// How much of that is the price of units that would wait and their part of a package: sales and not
    /// what is earned by them.
    pub fn saves_waiting(&self) -> Option<i64> {
        Some(self.now.as_ref()?.cost.short - self.proposal.as_ref()?.cost.short)
    }
    /// The decision that accepts the proposal, where nothing of it is in doubt: it can be taken with many
    /// others.
    pub fn clear(&self) -> Option<Allocation> {
        if self.doubt.is_some() || self.decided.is_some() {
            return None;
        }
        let proposal = self.proposal.as_ref().filter(|one| !one.ships.is_empty())?;
        Some(Allocation {
            order: self.key.clone(),
            home: self.site.clone(),
            ships: proposal.ships.clone(),
            waits: Vec::new(),
            proposed: true,
        })
    }
}

/// What somebody decided about an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecidedShip {
    /// The journal entry.
    pub entry: u64,
    /// Who.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: Box<str>,
    /// Whether the order waits for stock.
    pub holds: bool,
    /// Why the shop refused it, if it did.
    pub refused: Option<Box<str>>,
    /// Why it cannot ship so by now although it stands, if it cannot.
    pub fails: Option<Box<str>>,
    /// What stands between it and the shop, if anything does.
    pub waits_for: Option<Box<str>>,
}

/// How all open orders are allocated together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AllocationAbout {
    /// When that was computed, in domain time; `None`: it has not been yet.
    pub at: Option<Timestamp>,
    /// Open orders, and their lines, that were allocated together.
    pub orders: [u64; 2],
    /// What shipping them as proposed costs, in minor units.
    pub cost: i64,
    /// What it costs at least, whoever allocates them.
    pub bound: i64,
    /// What it costs when each ships from where the shop put it.
    pub shop_way: i64,
    /// By how much less units that wait count as proposed, of what lies between the two.
    pub waiting: i64,
    /// How long it took to gather, price and allocate them, in milliseconds.
    pub took_ms: u64,
    /// Whether there was time to finish.
    pub cut_short: bool,
    /// The decisions that accept all proposals of which nothing is in doubt.
    pub clear: Vec<Allocation>,
    /// Why nothing is allocated, with the mend.
    pub trouble: Option<Box<str>>,
}

impl AllocationAbout {
    /// By how much the cost may lie above the best one, as a share.
    pub fn gap(&self) -> f64 {
        match self.cost > 0 {
            true => ((self.cost - self.bound) as f64 / self.cost as f64).max(0.0),
            false => 0.0,
        }
    }
}
