//! A proposal: how much to order, why exactly that much, and what it means.

use super::terms::Service;
use crate::demand::OneOff;
use crate::domain::{
    Currency, Day, Money, PoNumber, Qty, Review, SiteId, Sku, Suggestion, SupplierId, UnitPrice,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a line cannot be ordered until somebody mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Blocked {
    /// Nobody is known to supply it.
    #[error("no supplier is known; name one in the items' file")]
    NoSupplier,
    /// The supplier's goods take nobody knows how long.
    #[error("{supplier} has no lead time; state one in the suppliers' file")]
    NoLeadTime {
        /// Which.
        supplier: SupplierId,
    },
    /// A pack of nothing.
    #[error("its pack is {pack}; correct it in the items' file")]
    BadPack {
        /// The pack.
        pack: Qty,
    },
    /// A minimum of less than nothing.
    #[error("its minimum is {moq}; correct it in the items' file")]
    BadMoq {
        /// The minimum.
        moq: Qty,
    },
    /// A cost of less than nothing.
    #[error("its cost is {cost} {}; correct it in the items' file", cost.currency.code())]
    BadCost {
        /// The cost of a unit, or that from a break on.
        cost: UnitPrice,
    },
    /// Costs in two currencies.
    #[error("its cost is in {one} and in {other}; give it in one")]
    TwoCurrencies {
        /// One.
        one: Box<str>,
        /// The other.
        other: Box<str>,
    },
    /// Nobody knows what is there.
    #[error("nobody knows what is on the shelf; count it (`c` on its row in Stock)")]
    UnknownStock,
    /// Less than nothing is there.
    #[error("{on_hand} on the shelf cannot be; count it (`c` on its row in Stock)")]
    NegativeStock {
        /// What is said to be there.
        on_hand: Qty,
    },
    /// It never sold.
    #[error("no forecast: it has never sold; say what you expect (`o` on its SKU's page)")]
    NeverSold,
    /// It has not sold for too long.
    #[error("no forecast: it last sold on {last}; say what you expect (`o` on its SKU's page)")]
    NotSoldLately {
        /// The last day on which it did.
        last: Day,
    },
    /// There is no forecast.
    #[error("no forecast: it has not sold within 180 days, or is not forecast yet")]
    NoForecast,
    /// The forecast is old.
    #[error(
        "its forecast is {days} days old, and what sold since is not known: look at Feeds and Models, or import \
         newer orders"
    )]
    StaleForecast {
        /// Days since it should have been made anew.
        days: u16,
    },
}

/// Where a number of the derivation comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Demand expected until the next order has come.
    Demand {
        /// Days, on average.
        days: f64,
        /// Days of lead time, on average.
        lead: f64,
        /// Their standard deviation.
        lead_sd: f64,
        /// Days until the next order after this one.
        review: f64,
    },
    /// Held against demand or lead time beyond expectation.
    Safety {
        /// The chance that it is enough, 0 to 1.
        service: f64,
        /// What was asked for.
        wanted: Service,
        /// The share of demand that is planned to run short for it, where the store's own weeks say
        /// another one than what was asked leaves.
        planned: Option<f64>,
    },
    /// Cheaper to buy now than to order again soon.
    Cycle,
    /// New, so that no more is held than is expected to sell.
    New {
        /// Within so many days.
        days: u32,
    },
    /// No more than sells within its life.
    ShelfLife {
        /// Days.
        days: u16,
    },
    /// No more than sells until it ends.
    Ending {
        /// The last day on which it is sold.
        last: Day,
    },
    /// No less than is to be there.
    Least {
        /// Units.
        least: Qty,
    },
    /// No more than the site may hold.
    Storage {
        /// Units.
        most: Qty,
    },
    /// On the shelf already.
    OnHand,
    /// Spoils before it is expected to sell.
    Spoils {
        /// The last day on which the last of it can be sold.
        until: Day,
    },
    /// Promised to customers out of it.
    Committed,
    /// Sold already of what the forecast expects.
    Sold,
    /// On its way.
    OnOrder {
        /// By which orders.
        by: Vec<OnItsWay>,
    },
    /// Approved before and not placed yet.
    Approved,
    /// There is no need to order yet.
    NotYet {
        /// The reorder point.
        point: Qty,
    },
    /// The least that is sold at once.
    Moq {
        /// Units.
        moq: Qty,
    },
    /// Whole packs.
    Pack {
        /// Units in one.
        pack: Qty,
    },
    /// To a lower price.
    Break {
        /// From which quantity.
        from: Qty,
        /// The cost of one unit then.
        cost: UnitPrice,
    },
    /// To reach the supplier's least order value.
    Minimum {
        /// The value.
        least: Money,
    },
    /// What a person would order instead.
    Person,
    /// Other lines are more urgent, and money or room is short.
    Capped {
        /// What is short.
        by: Cap,
    },
}

/// What one purchase order brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnItsWay {
    /// Its number.
    pub po: PoNumber,
    /// When it is due; `None`: nobody has said.
    pub due: Option<Day>,
    /// Units still to come.
    pub qty: Qty,
}

/// What keeps a line from being ordered in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// The budget.
    Budget,
    /// Room at the site.
    Storage,
}

/// One line of the derivation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Units that it adds (takes off when negative); all steps add up to the quantity.
    pub units: Qty,
    /// What it is.
    pub source: Source,
}

/// What is to be known of a proposal beside its derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The forecast is not of today.
    OldForecast {
        /// Days since it should have been made anew.
        days: u16,
    },
    /// No model forecasts it: what people expect is all that is known.
    PeopleAlone,
    /// It has not sold for long.
    NewItem {
        /// Days since it sold first.
        days: u16,
    },
    /// Its price is in another currency than its cost, so that what a lost sale costs is not known.
    OtherPrice {
        /// The currency of what a customer pays.
        price: Currency,
        /// That of what it costs.
        cost: Currency,
    },
    /// The supplier's minimum is in another currency than the item's cost, so that nobody looks whether
    /// it is reached.
    OtherMinimum {
        /// The least order value.
        least: Money,
        /// The currency of what it costs.
        cost: Currency,
    },
    /// It is expected to run out before what is on order comes.
    RunsShort {
        /// The day on which what is there is expected to be used up.
        out: Day,
        /// The day on which the next goods come.
        comes: Day,
    },
    /// Most of the level is safety stock.
    MostlySafety {
        /// Units expected until the next order's goods come.
        expected: Qty,
        /// Units held beyond.
        safety: Qty,
    },
    /// Pack, minimum or price break make it a multiple of what is needed, for longer than a year.
    FarMoreThanNeeded {
        /// What is needed.
        need: Qty,
    },
}

impl Blocked {
    /// Whether all that stands against ordering is that nobody knows what will sell: a person may order it
    /// all the same.
    pub const fn is_unforecast(&self) -> bool {
        matches!(self, Self::NeverSold | Self::NotSoldLately { .. } | Self::NoForecast)
    }
}

impl Note {
    /// The same in a few words, for a list; `date` writes a day.
    pub fn in_short(&self, date: impl Fn(Day) -> String) -> String {
        match self {
            Self::OldForecast { days } => format!("forecast {days} d old"),
            Self::PeopleAlone => "by people's word alone".into(),
            Self::NewItem { days } => format!("new: {days} d"),
            Self::RunsShort { out, comes } => format!("out {}, next {}", date(*out), date(*comes)),
            Self::MostlySafety { expected, .. } => format!("mostly safety: {expected} expected"),
            Self::FarMoreThanNeeded { need } => format!("over a year's: {need} would do"),
            Self::OtherPrice { price, .. } => format!("sold in {}", price.code()),
            Self::OtherMinimum { least, .. } => {
                format!("minimum {least} {} not looked at", least.currency.code())
            }
        }
    }

    /// Whether it says that the item has not sold for long.
    pub const fn is_of_new_item(&self) -> bool {
        matches!(self, Self::NewItem { .. })
    }
}

/// More than so many times the need are far more than it, where they last for longer than a year.
const FAR_MORE: i64 = 2;

impl fmt::Display for Note {
    /// A sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OldForecast { days: 1 } => {
                f.write_str("Its forecast is a day old: what sold since is not known here yet.")
            }
            Self::OldForecast { days } => {
                write!(f, "Its forecast is {days} days old: what sold since is not known here yet.")
            }
            Self::PeopleAlone => f.write_str(
                "It has not sold lately, so that no model forecasts it: what people expect is all that it \
                 goes by, and nothing is expected beyond their days but more of the same.",
            ),
            Self::NewItem { days } => write!(
                f,
                "It is new here: what it will sell is guessed from {}, and from what sells beside it. \
                 `o` says what you expect instead.",
                match days {
                    1 => "a day".to_string(),
                    days => format!("{days} days"),
                }
            ),
            Self::RunsShort { out, comes } => write!(
                f,
                "It is expected to run out on {out}, and what is on order comes on {comes}: this order cannot \
                 help that; ask whether the other one can come sooner (`C`)."
            ),
            Self::MostlySafety { expected, safety } => write!(
                f,
                "{expected} are expected to sell until the next order's goods come; {safety} more are held, \
                 since it sells unevenly: most weeks little, now and then much."
            ),
            Self::FarMoreThanNeeded { need } if need.is_zero() => f.write_str(
                "None is needed yet: what the order's minimum makes of it is enough for more than a year.",
            ),
            Self::FarMoreThanNeeded { need } => write!(
                f,
                "Only {need} would do: pack, minimum or price break make it enough for more than a year."
            ),
            Self::OtherPrice { price, cost } => write!(
                f,
                "It is bought in {} and sold in {}: its margin is taken for the usual one.",
                cost.code(),
                price.code()
            ),
            Self::OtherMinimum { least, cost } => write!(
                f,
                "Its supplier takes no order below {least} {}, and it costs {}: nobody looks whether that \
                 is reached.",
                least.currency.code(),
                cost.code()
            ),
        }
    }
}

/// What a quantity would mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The chance that something is short before the next order has come, 0 to 1.
    pub risk: f64,
    /// Units expected to be short by then.
    pub short: f64,
    /// The day on which it is expected to be used up; `None`: not within a year.
    pub lasts_until: Option<Day>,
    /// What it costs; `None`: the cost of a unit is not known.
    pub value: Option<Money>,
}

/// The chances with which a proposal tells demand, 0 to 1.
pub const LIKELY: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.99];

/// What to order of a SKU for a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// From whom.
    pub supplier: SupplierId,
    /// How much; nothing: no order is needed yet.
    pub qty: Qty,
    /// Below it an order is due.
    pub reorder_point: Qty,
    /// What there is to be after it, on hand and on order.
    pub order_up_to: Qty,
    /// On hand and on order less what is promised, as of the forecast's first day.
    pub position: Qty,
    /// The day on which it is to be ordered.
    pub order: Day,
    /// The day for which the order after it is planned.
    pub next: Day,
    /// Whether the supplier can be ordered from on any day before that.
    pub any_day: bool,
    /// The day on which it should come.
    pub due: Day,
    /// Cost of one unit at this quantity.
    pub cost: Option<UnitPrice>,
    /// Lead time on average, in days.
    pub lead_days: f64,
    /// The day on which what is there and coming is expected to be used up without it.
    pub runs_out: Option<Day>,
    /// The chance that it runs out before the order comes, 0 to 1, which the order cannot help.
    pub risk_before: f64,
    /// Whether it is expected to run out before the goods that come first, on order already or by this order.
    pub runs_short: bool,
    /// What not ordering would mean.
    pub without: Effect,
    /// What ordering it means.
    pub with: Effect,
    /// Units of demand until the next order has come that are not exceeded with the chances of [`LIKELY`].
    pub likely: [f64; LIKELY.len()],
    /// How far apart the outcomes lie within which demand is expected eight times of ten, as a multiple of
    /// its mean.
    pub spread: f64,
    /// Bulk orders of the last half year that were not taken for demand.
    pub one_offs: Vec<OneOff>,
    /// What else is to be known.
    pub notes: Vec<Note>,
    /// The derivation; its units add up to `qty`.
    pub why: Vec<Step>,
}

impl Proposal {
    /// Days between running out and the order's coming: the smaller, the more urgent; `None`: it
    /// does not run out within a year.
    pub fn slack_days(&self) -> Option<i32> {
        Some(self.runs_out?.number() - self.due.number())
    }

    /// Whether it is of an item that has not sold for long.
    pub fn is_of_new_item(&self) -> bool {
        self.notes.iter().any(Note::is_of_new_item)
    }

    /// Whether what can be bought is far more than is needed.
    pub fn is_far_more(&self) -> bool {
        self.notes.iter().any(|note| matches!(note, Note::FarMoreThanNeeded { .. }))
    }

    /// Notes that it is far more than is needed, where it is as it stands now.
    pub(super) fn note_far_more(&mut self) {
        self.notes.retain(|note| !matches!(note, Note::FarMoreThanNeeded { .. }));
        let lots = self.why.iter().filter(|step| {
            use Source::{Break, Minimum, Moq, Pack};
            matches!(step.source, Moq { .. } | Pack { .. } | Break { .. } | Minimum { .. })
        });
        let lots: Qty = lots.map(|step| step.units).sum();
        let need = (self.qty - lots).at_least_zero();
        let most = Qty::milli(need.as_milli().saturating_mul(FAR_MORE));
        let is_by_lots = lots.is_positive() && self.qty > most;
        if is_by_lots && self.with.lasts_until.is_none() {
            self.notes.push(Note::FarMoreThanNeeded { need });
        }
    }

    /// A checksum of what a person decides about: quantity, supplier, cost, days and what is there. The
    /// same proposal has the same.
    pub fn checksum(&self) -> u32 {
        let mut hash = crc32fast::Hasher::new();
        for text in [self.sku.as_str(), self.site.as_str(), self.supplier.as_str()] {
            hash.update(text.as_bytes());
            hash.update(&[0]);
        }
        for number in [self.qty.as_milli(), self.position.as_milli()] {
            hash.update(&number.to_le_bytes());
        }
        hash.update(&self.cost.map_or(i64::MIN, |cost| cost.e4).to_le_bytes());
        hash.update(&self.due.number().to_le_bytes());
        hash.finalize()
    }

    /// How many units are approved and not placed yet, which count as coming.
    pub fn approved(&self) -> Qty {
        let approved = self.why.iter().filter(|step| step.source == Source::Approved);
        -approved.map(|step| step.units).sum::<Qty>()
    }

    /// The order day that it is made for.
    pub fn review(&self) -> Review {
        Review { order: self.order, next: self.next, short: self.runs_short }
    }

    /// The proposal as the journal keeps it with what a person decides of it.
    pub fn suggestion(&self) -> Suggestion {
        Suggestion {
            qty: self.qty,
            supplier: Some(self.supplier.clone()),
            due: Some(self.due),
            checksum: self.checksum(),
            review: Some(self.review()),
        }
    }

    /// Adds a step that changes the quantity.
    pub(super) fn change(&mut self, units: Qty, source: Source) {
        if !units.is_zero() {
            self.qty += units;
            self.why.push(Step { units, source });
        }
    }
}
