//! What was decided about proposals before, and how long that counts.

use super::book::Purchasing;
use super::rules::Rules;
use crate::domain::{Day, Qty, Review, SiteId, Sku, Timestamp};

/// A proposal that was turned down is another one when so many percent of what was proposed then are …
const ANOTHER_PERCENT: i64 = 150;
/// … or when it runs out by more days earlier than was expected then.
const EARLIER_DAYS: i32 = 3;
/// What was approved for an order day is decided for it until so many percent of it are proposed again.
const AGAIN_PERCENT: i64 = 50;

/// Something that was decided about a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The journal entry.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: PastWhat,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

/// What can be decided about a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastWhat {
    /// It was approved, with this quantity in place of the proposed one.
    Approved {
        /// How many.
        qty: Qty,
        /// How many were proposed; `None`: the line was written by hand.
        suggested: Option<Qty>,
        /// The order day that is decided by it; `None`: no day is known, or its order came to an end.
        review: Option<Review>,
    },
    /// It was turned down.
    Rejected {
        /// How many were proposed.
        suggested: Qty,
        /// The day on which it was expected to run out then, where that is known.
        runs_out: Option<Day>,
        /// The first day on which it may be proposed again; `None`: when it is another one.
        until: Option<Day>,
        /// Why.
        reason: String,
    },
    /// It was put off.
    Snoozed {
        /// How many were proposed.
        suggested: Qty,
        /// The first day on which it is proposed again.
        until: Day,
    },
}

/// A line as it is proposed now, to be held against what was decided about it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// Today.
    pub today: Day,
    /// How many are proposed.
    pub qty: Qty,
    /// The day on which it is expected to run out without them.
    pub runs_out: Option<Day>,
    /// Whether it is expected to run out before the goods that come first.
    pub short: bool,
}

impl Past {
    /// Whether it keeps what is proposed now quiet. What was turned down until it is another proposal is so when
    /// half as many again are proposed, or it runs short earlier. What a person approved for an order day is
    /// decided until the next one, unless much more is proposed by now, or it would run out before what is
    /// coming and was not to when it was approved. What the program approved it goes on looking after.
    pub fn silences(&self, now: &Again) -> bool {
        match &self.what {
            _ if self.withdrawn => false,
            PastWhat::Approved { review: Some(review), .. } if *self.who != *Rules::AUTOMATIC => {
                now.today < review.next
                    && now.qty < self.what.much_more()
                    && (review.short || !now.short)
            }
            PastWhat::Approved { .. } => false,
            PastWhat::Snoozed { until, .. } => now.today < *until,
            PastWhat::Rejected { until: Some(until), .. } => now.today < *until,
            PastWhat::Rejected { runs_out: expected, until: None, .. } => {
                let earlier = now
                    .runs_out
                    .zip(*expected)
                    .is_some_and(|(now, expected)| now.number() + EARLIER_DAYS < expected.number());
                now.qty < self.what.much_more() && !earlier
            }
        }
    }
}

impl PastWhat {
    /// From how many units on a proposal is another one than what was decided: half as many again as were turned
    /// down, or left out of what was approved, and half as many as were approved.
    fn much_more(&self) -> Qty {
        let percent = |of: Qty, percent| of.as_milli().saturating_mul(percent) / 100;
        Qty::milli(match self {
            PastWhat::Approved { qty, suggested, .. } => {
                let left_out = (suggested.unwrap_or(*qty) - *qty).at_least_zero();
                percent(left_out, ANOTHER_PERCENT).max(percent(*qty, AGAIN_PERCENT)).max(1)
            }
            PastWhat::Rejected { suggested, .. } | PastWhat::Snoozed { suggested, .. } => {
                percent(*suggested, ANOTHER_PERCENT).max(1)
            }
        })
    }
}

impl Purchasing {
    /// What was decided last about proposals of a SKU for a site, and was not taken back.
    pub fn last_word(&self, sku: &Sku, site: &SiteId) -> Option<&Past> {
        self.remembered(sku, site).iter().rev().find(|one| !one.withdrawn)
    }
}

/// An order that came to an end decides nothing any more.
pub(super) fn no_longer_decided(past: &mut [Past], approval: u64) {
    for one in past.iter_mut().filter(|one| one.entry == approval) {
        if let PastWhat::Approved { review, .. } = &mut one.what {
            *review = None;
        }
    }
}
