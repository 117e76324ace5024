//! What the first screen is asked for.

use super::*;

/// The overview's figures, each with the moment it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Domain time at which these figures were true.
    pub at: Timestamp,
    /// Wall time at which they were made; older than the owner: the last known from before.
    pub made: Timestamp,
    /// Whether anything was added up at all; if not, every figure below is unknown, and not 0.
    pub counted: bool,
    /// The zone in which "today" is meant.
    pub zone: Box<str>,
    /// Orders placed today.
    pub orders_today: u64,
    /// Lines of them.
    pub lines_today: u64,
    /// Value of them in the store's main currency.
    pub value_today: Option<Money>,
    /// Orders usually placed by this hour: the mean of the same weekday in the last eight weeks;
    /// `None` with less than two such weeks.
    pub usual_by_now: Option<f64>,
    /// How many such weeks that mean is taken over.
    pub usual_weeks: u32,
    /// Orders placed today by hour of the day.
    pub today_by_hour: [u32; 24],
    /// Orders per hour of a usual such day.
    pub usual_by_hour: [f32; 24],
    /// Orders that are paid and have not left.
    pub to_ship: u64,
    /// Of those, the ones placed more than [`LATE_AFTER`] ago.
    pub late: u64,
    /// Orders held.
    pub held: u64,
    /// SKU-sites with less available than nothing.
    pub short: u64,
    /// SKU-sites whose stock is known; if none is, what is short and what runs out is unknown too.
    #[serde(default)]
    pub stocked: u64,
    /// SKU-sites that will run out before their next delivery could come, soonest first.
    pub running_out: Vec<RunningOut>,
    /// How many such there are in all.
    pub at_risk: u64,
    /// Shorts, failed feeds and quarantined records that nobody has acknowledged, and what orders to
    /// suppliers wait for.
    pub waiting: Vec<Waiting>,
    /// Units of demand per day, the last 56 days, oldest first, today last.
    pub units_by_day: Vec<f32>,
    /// Feeds.
    pub feeds: Vec<FeedStatus>,
    /// The newest journal entries, newest first, at most eight.
    pub journal: Vec<JournalRow>,
    /// Orders in all.
    pub orders_total: u64,
    /// Pinned subjects, newest first.
    pub pinned: Vec<Subject>,
    /// What is in trouble until somebody mends it, one sentence each, with the mend.
    #[serde(default)]
    pub trouble: Vec<Box<str>>,
    /// Cases that are worth a look; `None`: nobody has looked yet.
    #[serde(default)]
    pub flags: Option<FlagCounts>,
}

/// A SKU-site that is about to run out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunningOut {
    /// What.
    pub sku: Sku,
    /// Its name.
    pub name: Box<str>,
    /// Where.
    pub site: SiteId,
    /// Days that the available stock lasts at the recent rate.
    pub days: f32,
    /// Days until the next delivery is due; `None`: none is on order.
    pub next_delivery_days: Option<f32>,
    /// Units available: on-hand less promised.
    pub available: Qty,
    /// Mean units sold a day over the last 28 days.
    pub daily: f32,
    /// The supplier's stated lead time in days, where it is known.
    pub lead_days: Option<f32>,
}

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// What it is, a few words.
    pub what: Box<str>,
    /// How many.
    pub count: u64,
    /// What to look at.
    pub go: WaitingPlace,
}

/// Where a person sees what waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitingPlace {
    /// The allocation table with a filter.
    Allocation(String),
    /// The orders screen with a filter.
    Orders(String),
    /// The stock screen with a filter.
    Stock(String),
    /// The reorder table with a filter.
    Reorders(String),
    /// The purchase orders' screen with a filter.
    Purchases(String),
    /// The flags screen with a filter.
    Flags(String),
    /// The feeds screen.
    Feeds,
    /// The quarantine.
    Quarantine,
}
