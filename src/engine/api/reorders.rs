//! What is proposed to be ordered.

use super::StockRow;
use crate::domain::{Day, Money, Qty, Timestamp, Total};
use crate::plan::coordinate::TransferProposal;
use crate::plan::replenish::{Blocked, Class, Confidence, Proposal};
use serde::{Deserialize, Serialize};

/// A row of the reorder table: one SKU at one site that is to be ordered, or that cannot be
/// planned until somebody mends something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReorderRow {
    /// The position.
    pub stock: StockRow,
    /// The supplier's name.
    pub supplier_name: Option<Box<str>>,
    /// The class of the SKU at that site.
    pub class: Class,
    /// How sure its forecast is, beside those of the other lines that are to be ordered.
    pub confidence: Confidence,
    /// What is proposed, or why nothing is.
    pub plan: Plan,
    /// What the supplier's order lacks to its least value: it rather waits for more lines.
    pub waits_for: Option<Money>,
    /// The order that it would be a part of; `None`: no supplier is known.
    pub order: Option<OrderSoFar>,
    /// The last sale, where it is known.
    pub last_sale: Option<Day>,
    /// The approval that is no order yet, if there is one.
    pub approved: Option<ApprovedLine>,
    /// What another own site could send instead, before it is bought.
    pub transfers: Vec<TransferProposal>,
    /// What was decided about it last time.
    pub last_time: Option<LastTime>,
    /// Where its numbers come from.
    pub sources: Sources,
    /// Who looks at it now.
    pub viewers: Vec<Box<str>>,
}

/// Where the numbers of a proposal come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// The model that forecasts it, and the last day of demand that it was told; `None`: none does.
    pub forecast: Option<(Box<str>, Day)>,
    /// Journal entries by which people expect something else in the days that it is planned for.
    pub expected_by: Vec<u64>,
    /// What the lead time is taken from.
    pub lead: Option<LeadSource>,
}

/// What a lead time is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadSource {
    /// Days that the supplier states.
    pub stated: Option<u16>,
    /// Its deliveries.
    pub deliveries: u32,
    /// Its orders that are overdue and have not come.
    pub waiting: u32,
}

/// An order to a supplier for a site, of what is proposed for it and what is approved already.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderSoFar {
    /// Lines that are proposed or approved.
    pub lines: u32,
    /// What they cost.
    pub total: Total,
    /// What of that is approved and not placed yet.
    pub approved: Total,
    /// The least value that the supplier takes.
    pub least: Option<Money>,
}

impl OrderSoFar {
    /// What is missing to the supplier's minimum when lines of these values are approved too; less than
    /// nothing where more than it is reached. `None`: there is no minimum, or what the lines cost is not
    /// known in its currency.
    pub fn missing(&self, more: impl IntoIterator<Item = Option<Money>>) -> Option<Money> {
        let least = self.least?;
        let mut sum = self.approved.clone();
        more.into_iter().for_each(|value| sum.add(value));
        let sum = sum.exact().filter(|sum| sum.currency == least.currency)?;
        Some(Money { minor: least.minor - sum.minor, ..least })
    }
}

/// A line that was approved and is no order yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovedLine {
    /// The journal entry.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// How many.
    pub qty: Qty,
}

/// What was decided about a proposal before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastTime {
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: Box<str>,
    /// Whether it keeps the proposal quiet still.
    pub quiet: bool,
}

/// What is proposed, or what stands against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Plan {
    /// An order line.
    Proposed(Box<Proposal>),
    /// Somebody has to mend something first.
    Blocked(Blocked),
}

impl Plan {
    /// The line, where there is one.
    pub fn proposal(&self) -> Option<&Proposal> {
        match self {
            Plan::Proposed(proposal) => Some(proposal),
            Plan::Blocked(_) => None,
        }
    }
}
