//! What is on order against when it is needed: lines to be brought sooner, later, or not at all.
//!
//! Lines of a SKU for a site are looked at in the order in which they are due. What is there before one is
//! what is on hand and free, and the lines due before it.
//!
//! - Sooner: where the chance to run out before it is due is a fifth or more, and nine courses of demand of
//!   ten last to no more than two days before that day. It is wanted by the day to which they last.
//! - Not at all: where nineteen of twenty last for half a year, or to the last day on which it is sold,
//!   without it, nothing of it has come, and the order stands far enough from its day.
//! - Later: where nineteen of twenty last for two weeks beyond its day, or where it would not fit into the
//!   building. It is wanted three days before they end.

use super::need::{LOOK_AHEAD, Need, free};
use crate::domain::{Ask, Day, Money, PoNumber, Qty, SiteId, Sku, UnitPrice};
use crate::plan::replenish::Situation;
use serde::{Deserialize, Serialize};

/// A chance to run out that is worth asking a supplier for, 0 to 1.
const RISKY: f64 = 0.2;
/// The level at which goods are wanted in time.
const IN_TIME: f64 = 0.9;
/// The level at which goods are not needed yet.
const NOT_YET: f64 = 0.95;
/// Less than so many days sooner is not worth asking for.
const LEAST_SOONER: i32 = 2;
/// Less than so many days later is not worth asking for.
const LEAST_LATER: i32 = 14;
/// Goods are to be there so many days before they are needed.
const BEFORE: i32 = 3;
/// A line that is due so soon is on its way.
const ON_ITS_WAY: i32 = 3;
/// Goods that are late are taken to come within so many days.
const LATE: i32 = 7;

/// A line that is on order.
#[derive(Clone, Debug, PartialEq)]
pub struct Inbound {
    /// By which order.
    pub po: PoNumber,
    /// Which of its lines, from 1.
    pub line: u32,
    /// Units still to come.
    pub qty: Qty,
    /// When they are due; `None`: nobody has said.
    pub due: Option<Day>,
    /// Cost of one unit.
    pub cost: Option<UnitPrice>,
    /// Whether some of the line has come already.
    pub has_come: bool,
}

/// Why a line is to come otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is needed before it is due.
    RunsOut,
    /// It was due, and has not come.
    Late,
    /// It is needed long after it is due.
    NotYet,
    /// There is no room for it when it is due.
    NoRoom {
        /// The most units that the site may hold.
        most: Qty,
    },
    /// It is not needed within half a year.
    Never,
    /// It is sold no more before it would be needed.
    Ends {
        /// The last day on which it is sold.
        last: Day,
    },
}

/// A proposal about a line that is on order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundProposal {
    /// What.
    pub sku: Sku,
    /// Where it goes.
    pub site: SiteId,
    /// By which order.
    pub po: PoNumber,
    /// Which of its lines, from 1.
    pub line: u32,
    /// Units still to come.
    pub qty: Qty,
    /// When they are due.
    pub due: Day,
    /// What the supplier is to be asked.
    pub ask: Ask,
    /// Why.
    pub why: Why,
    /// Units that are there before it comes, as finely as they are counted.
    pub has: Qty,
    /// The day on which half of the courses of demand have used that up; `None`: not within half a year.
    pub runs_out: Option<Day>,
    /// The chance to run out before it comes, as it is due, 0 to 1.
    pub risk_now: f64,
    /// The same if the supplier does what it is asked.
    pub risk_then: f64,
    /// Units that are expected not to be short by it.
    pub short_saved: f64,
    /// Money that is not bound, for as many days as follow; `None`: the cost is not known, or none is freed.
    pub frees: Option<Money>,
    /// Days for which it is not; half a year where the goods do not come at all.
    pub frees_days: i32,
    /// What it is worth in major units of the item's currency: what is not lost with units that are not
    /// short, and what holding the goods would cost. What the supplier wants for it is not known.
    pub worth: f64,
}

/// Proposals about the lines of a SKU that are on order for a site, in the order in which they are due.
/// Nothing is said of lines without a day, nor where stock or forecast are not known.
pub fn inbound(at: &Situation, lines: &[Inbound]) -> Vec<InboundProposal> {
    let known = crate::plan::replenish::obstacle(at).is_none();
    let Some((ahead, mut has)) = at.ahead.as_ref().zip(free(at)).filter(|_| known) else {
        return Vec::new();
    };
    let need = Need::of(ahead);
    let mut dated: Vec<(Day, &Inbound)> =
        lines.iter().filter_map(|line| Some((line.due?, line))).collect();
    dated.sort_by_key(|(due, line)| (*due, &line.po, line.line));
    let mut found = Vec::new();
    for (due, line) in dated.into_iter().filter(|(_, line)| line.qty.is_positive()) {
        let look = Look { at, need: &need, line, due, has };
        found.extend(look.sooner().or_else(|| look.never()).or_else(|| look.later()));
        has += line.qty;
    }
    found
}

/// A line, and what is there before it.
struct Look<'a> {
    at: &'a Situation,
    need: &'a Need<'a>,
    line: &'a Inbound,
    due: Day,
    has: Qty,
}

impl Look<'_> {
    fn units(&self) -> f64 {
        self.has.to_f64()
    }

    /// The day on which it is taken to come.
    fn comes(&self) -> Day {
        match self.due < self.at.today {
            true => self.at.today.plus(LATE),
            false => self.due,
        }
    }

    fn sooner(&self) -> Option<InboundProposal> {
        let comes = self.comes();
        let risk = self.need.risk(self.units(), self.need.days_before(comes));
        let lasts_to = self.need.exceeds(self.units(), IN_TIME)?;
        let by = lasts_to.max(self.at.today.plus(1));
        let days = comes.number() - by.number();
        if risk < RISKY || days < LEAST_SOONER {
            return None;
        }
        let why = if self.due < self.at.today { Why::Late } else { Why::RunsOut };
        Some(self.proposal(Ask::Expedite { by }, why, by))
    }

    fn never(&self) -> Option<InboundProposal> {
        let half_year = self.at.today.plus(i32::try_from(LOOK_AHEAD).unwrap_or(i32::MAX));
        let ends = self.at.item.ends.filter(|last| *last < half_year);
        let until = ends.map_or(half_year, |last| last.plus(1));
        let lasts = match self.need.exceeds(self.units(), NOT_YET) {
            Some(day) => day >= until,
            None => true,
        };
        let is_on_its_way = self.due <= self.at.today.plus(ON_ITS_WAY);
        if !lasts || self.line.has_come || is_on_its_way {
            return None;
        }
        let why = ends.map_or(Why::Never, |last| Why::Ends { last });
        Some(self.proposal(Ask::Cancel, why, half_year))
    }

    fn later(&self) -> Option<InboundProposal> {
        if self.due <= self.at.today.plus(ON_ITS_WAY) {
            return None;
        }
        let farthest = self.at.today.plus(i32::try_from(LOOK_AHEAD).unwrap_or(i32::MAX));
        let needed = self.need.exceeds(self.units(), NOT_YET).unwrap_or(farthest);
        let until = needed.plus(-BEFORE);
        if until.number() - self.due.number() >= LEAST_LATER {
            return Some(self.proposal(Ask::Defer { until }, Why::NotYet, until));
        }
        let most = self.at.item.most?;
        let room = self.fits_from(most)?.min(until);
        let days = room.number() - self.due.number();
        let why = Why::NoRoom { most };
        (days >= LEAST_SOONER).then(|| self.proposal(Ask::Defer { until: room }, why, room))
    }

    /// The first day on which it is expected to fit into a site that holds at most so many units; `None`: it
    /// fits when it is due, or never will.
    fn fits_from(&self, most: Qty) -> Option<Day> {
        let sold = (self.has + self.line.qty - most).to_f64();
        let until_due = self.need.days_before(self.due);
        let by_due = self.need.within(until_due).map_or(0.0, |demand| demand.mean());
        if sold <= by_due || self.line.qty > most {
            return None;
        }
        let days = (until_due + 1..=LOOK_AHEAD)
            .find(|days| self.need.within(*days).is_some_and(|demand| demand.mean() >= sold))?;
        Some(self.due.plus(i32::try_from(days - until_due).ok()?))
    }

    /// What it means if it comes on another day than that on which it is due.
    fn proposal(&self, ask: Ask, why: Why, then: Day) -> InboundProposal {
        let (need, has, comes) = (self.need, self.units(), self.comes());
        let days = [comes, then].map(|day| need.days_before(day));
        let [risk_now, risk_then] = days.map(|days| need.risk(has, days));
        let saved = need.short(has, days[0]) - need.short(has, days[1]);
        let frees_days = (then.number() - self.due.number()).max(0);
        let value =
            self.line.cost.filter(|cost| cost.e4 >= 0).map(|cost| cost.times(self.line.qty));
        let (holding, lost, _) = self.at.costs.stakes(&self.at.item);
        let short_saved = saved.clamp(0.0, self.line.qty.to_f64());
        let held = holding * self.line.qty.to_f64() * f64::from(frees_days);
        InboundProposal {
            sku: self.at.sku.clone(),
            site: self.at.site.clone(),
            po: self.line.po.clone(),
            line: self.line.line,
            qty: self.line.qty,
            due: self.due,
            ask,
            why,
            has: self.at.as_counted(self.has),
            runs_out: need.exceeds(has, 0.5),
            risk_now,
            risk_then,
            short_saved,
            frees: value.filter(|_| frees_days > 0),
            frees_days,
            worth: short_saved * lost + held,
        }
    }
}
